//! Ctrl-C and SIGTERM: the first lets open pages be finished, the second ends the program.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use super::say::by;
use crate::messages::Language;
use crate::run::{Stop, StopReason};

/// Turns signals into the asking to end, for as long as the program lives.
///
/// A second signal of any kind ends it at once: what stands in the package is whole in
/// any case, and reading processes end by themselves when their pipe closes.
pub fn obey(stop: &Arc<Stop>, language: Language) -> io::Result<()> {
    // A file larger than allowed (`ulimit -f`) is then an error of writing, which is told, and not the end.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let stop = Arc::clone(stop);
    let listen = move || {
        let mut first = true;
        for signal in signals.forever() {
            if !first {
                low_level::exit(128 + signal);
            }
            first = false;
            stop.ask(match signal {
                SIGINT => StopReason::Interrupt,
                _ => StopReason::Terminate,
            });
            let told = by(
                language,
                "Đang dừng: làm nốt các trang đang mở. Nhấn lần nữa để dừng ngay.",
                "Stopping: open pages are being finished. Once more stops at once.",
            );
            // Standard error may be closed; there is nobody left to tell.
            let _ = writeln!(io::stderr(), "{told}");
        }
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(listen)
        .map(drop)
}
