//! `sohoa read-pages`: the hidden verb of the child processes of `sohoa run`.

use std::io::{BufReader, stdin, stdout};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Exit, doctor};
use crate::run::reader;

/// Arguments of `sohoa read-pages`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Most memory for this process, in bytes
    #[arg(long)]
    memory_bytes: u64,
}

/// Serves the parent on standard input and output until it is gone.
pub fn run(arguments: &Arguments) -> Exit {
    // What the run itself may have is not to be exceeded (`ulimit -v`).
    let most = getrlimit(Resource::As).maximum.unwrap_or(u64::MAX);
    let limit = Some(arguments.memory_bytes.min(most));
    let limit = Rlimit {
        current: limit,
        maximum: limit,
    };
    if setrlimit(Resource::As, limit).is_err() || outlive_the_signals_of_the_run().is_err() {
        return Exit::Internal;
    }
    match reader::serve(
        BufReader::new(stdin()),
        stdout().lock(),
        doctor::open_engine,
    ) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::MissingTool,
    }
}

/// systemd sends SIGTERM to all processes of a unit; the page in work is to be finished. A file larger than
/// allowed (`ulimit -f`) is no fault of the page's: writing it fails, and the run is told.
fn outlive_the_signals_of_the_run() -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
    let noted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGXFSZ] {
        signal_hook::flag::register(signal, Arc::clone(&noted))?;
    }
    Ok(())
}
