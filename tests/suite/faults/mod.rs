//! A disk that fails, or a process that dies, at a chosen call: steers disk_faults.c.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use rustix::io::Errno;
use tempfile::NamedTempFile;

/// Every kind of call that changes the disk.
pub const WRITING: &str = "create,write,sync,rename,mkdir,truncate,copy,link";
/// Every kind of call that reads from it.
pub const READING: &str = "open,read,list";

/// What happens at the chosen call.
#[derive(Clone, Copy, Debug)]
pub enum Strike {
    /// Nothing: calls are counted.
    Never,
    /// This call (from 1) fails, and where `lasting` all later ones.
    Fails {
        at: u64,
        errno: Errno,
        lasting: bool,
    },
    /// The process dies at this call; of a write the first half is written.
    Dies { at: u64 },
    /// The disk is full after so many bytes.
    Full { room_bytes: u64 },
}

/// The calls and bytes that a command spent on the disk, readable when it has ended.
pub struct Spent(NamedTempFile);

impl Spent {
    pub fn calls(&self) -> u64 {
        self.number(0)
    }

    pub fn bytes(&self) -> u64 {
        self.number(8)
    }

    fn number(&self, at: usize) -> u64 {
        let state = fs::read(self.0.path()).expect("the counter");
        u64::from_ne_bytes(state[at..at + 8].try_into().expect("eight bytes"))
    }
}

/// Lets the command meet this strike at calls of these kinds on paths below the folder.
pub fn strike(command: &mut Command, below: &Path, calls: &str, strike: Strike) -> Spent {
    let spent = NamedTempFile::new().expect("a counter");
    fs::write(spent.path(), [0; 16]).expect("a counter at zero");
    command.env("LD_PRELOAD", &*SHIM);
    command.env("DISK_FAULT_STATE", spent.path());
    command.env("DISK_FAULT_BELOW", below);
    command.env("DISK_FAULT_CALLS", calls);
    match strike {
        Strike::Never => {
            // Bytes are counted only where room is bounded.
            command.env("DISK_FAULT_ROOM", i64::MAX.to_string());
        }
        Strike::Fails { at, errno, lasting } => {
            command.env("DISK_FAULT_AT", at.to_string());
            command.env("DISK_FAULT_WITH", errno.raw_os_error().to_string());
            if lasting {
                command.env("DISK_FAULT_LASTING", "1");
            }
        }
        Strike::Dies { at } => {
            command.env("DISK_FAULT_AT", at.to_string());
            command.env("DISK_FAULT_WITH", "kill");
        }
        Strike::Full { room_bytes } => {
            command.env("DISK_FAULT_ROOM", room_bytes.to_string());
        }
    }
    Spent(spent)
}

/// The compiled shim, made once for each test binary's run.
static SHIM: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = folder.join(format!("disk_faults.{}.so", std::process::id()));
    let source = crate::support::root().join("tests/suite/faults/disk_faults.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror"]);
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library);
    let compiled = compiler.arg(&source).arg("-ldl").output();
    let compiled = compiled.expect("cc, which builds the program as well");
    assert!(
        compiled.status.success(),
        "{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    // One name for all: a run that still has the old file mapped keeps it.
    let named = folder.join("disk_faults.so");
    fs::rename(&library, &named).expect("a place under target/");
    named
});
