//! Whose lock a lock file is: the name that a process writes into it, and whether the file is still it.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The name of this machine.
pub fn host() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    host.trim().to_owned()
}

/// This process, as it is written into a lock: `pid 4711 @ machine`.
pub fn this_process() -> String {
    format!("pid {} @ {}", std::process::id(), host())
}

/// True where an opened lock is the file that stands at its path: whoever held it before may
/// have removed it between the opening and the locking.
pub fn is_the_file_at(path: &Path, opened: &File) -> bool {
    let identity = |found: io::Result<Metadata>| found.ok().map(|m| (m.dev(), m.ino()));
    identity(fs::metadata(path)) == identity(opened.metadata())
}
