//! Whose lock a lock file is: the name that a process writes into it, and whether the file is still it.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A lock file that this process holds and has written its name into; given back when dropped.
///
/// Closing the file would not do: a child process that another thread starts meanwhile has a copy of it until it
/// becomes another program, and with the copy it holds the lock.
pub struct Lock(pub(crate) File);

/// Why a lock was not taken.
pub enum LockRefusal {
    /// Another process holds it: what it wrote into it.
    Held(String),
    /// The file cannot be opened, locked or written.
    Io(io::Error),
}

impl Lock {
    /// Takes the lock at once or not at all.
    pub fn take(path: &Path) -> Result<Self, LockRefusal> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(LockRefusal::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let owner = fs::read_to_string(path).unwrap_or_default();
                return Err(LockRefusal::Held(owner.trim().to_owned()));
            }
            Err(TryLockError::Error(cause)) => return Err(LockRefusal::Io(cause)),
        }
        if !is_the_file_at(path, &file) {
            // Who held it before us ended between our opening and our locking.
            return Self::take(path);
        }
        let owner = format!("{}\n", this_process());
        file.set_len(0)
            .and_then(|()| file.write_all(owner.as_bytes()))
            .map_err(LockRefusal::Io)?;
        Ok(Self(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What cannot be unlocked is when its last copy is closed.
        let _ = self.0.unlock();
    }
}

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
