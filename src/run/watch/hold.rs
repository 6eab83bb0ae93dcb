//! Who watches a drop: one watcher at a time, told by name to every other.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::WatchFault;
use crate::stages::package::owner;

/// The lock file in the drop. Its name begins with a dot, which no run takes for a dossier.
const LOCK: &str = ".sohoa-giu";

/// A drop that this process watches; given back when dropped.
pub struct Hold {
    path: PathBuf,
    _lock: File,
}

impl Hold {
    /// Takes the drop, where nobody else holds it; `since` is written down for the others.
    ///
    /// On one machine the kernel's lock decides, and a dead watcher holds nothing. A name
    /// of another machine is believed: the lock may not reach over a network share.
    pub fn take(drop: &Path, since: &str) -> Result<Self, WatchFault> {
        let path = drop.join(LOCK);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(WatchFault::at(&path))?;
        let taken = lock.try_lock();
        let mut owner = String::new();
        lock.read_to_string(&mut owner)
            .map_err(WatchFault::at(&path))?;
        let owner = owner.trim().to_owned();
        match taken {
            Err(TryLockError::WouldBlock) => return Err(WatchFault::Held { owner }),
            Err(TryLockError::Error(error)) => return Err(WatchFault::at(&path)(error)),
            Ok(()) if !owner::is_the_file_at(&path, &lock) => return Self::take(drop, since),
            Ok(()) if is_of_another_machine(&owner) => return Err(WatchFault::Held { owner }),
            Ok(()) => {}
        }
        let owner = format!("{} {since}\n", owner::this_process());
        rewrite(&mut lock, &owner).map_err(WatchFault::at(&path))?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Removed while it is held; one that stays behind is taken over by the next watcher.
        let _ = fs::remove_file(&self.path);
    }
}

/// Who watches this drop now, where anybody does.
pub fn holder(drop: &Path) -> Option<String> {
    let mut lock = File::open(drop.join(LOCK)).ok()?;
    let mut owner = String::new();
    lock.read_to_string(&mut owner).ok()?;
    let owner = owner.trim().to_owned();
    // A shared lock turns no watcher away that holds the drop already.
    let free = lock.try_lock_shared().is_ok() && !is_of_another_machine(&owner);
    (!free).then_some(owner)
}

fn rewrite(lock: &mut File, owner: &str) -> std::io::Result<()> {
    use std::io::{Seek, SeekFrom};
    lock.set_len(0)?;
    lock.seek(SeekFrom::Start(0))?;
    lock.write_all(owner.as_bytes())?;
    lock.sync_all()
}

fn is_of_another_machine(owner: &str) -> bool {
    let named = owner
        .split(" @ ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    named.is_some_and(|named| named != owner::host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_watcher_holds_a_drop_and_the_next_takes_over_what_a_dead_one_left() {
        let drop = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(holder(drop.path()), None);
        // What a watcher leaves that was killed: its name, and no lock.
        let dead = format!("pid 1 @ {} 2026\n", owner::host());
        fs::write(drop.path().join(LOCK), dead).expect("a file");
        assert_eq!(holder(drop.path()), None);
        let first = Hold::take(drop.path(), "2026").expect("taken over");
        let second = Hold::take(drop.path(), "2026");
        let me = format!("pid {} @ ", std::process::id());
        assert!(matches!(second, Err(WatchFault::Held { owner }) if owner.starts_with(&me)));
        assert!(holder(drop.path()).is_some_and(|owner| owner.starts_with(&me)));
        std::mem::drop(first);
        assert!(Hold::take(drop.path(), "2026").is_ok());
    }

    #[test]
    fn a_watcher_on_another_machine_is_believed() {
        let drop = tempfile::tempdir().expect("a temporary folder");
        fs::write(drop.path().join(LOCK), "pid 7 @ may-khac 2026\n").expect("a file");
        assert!(matches!(
            Hold::take(drop.path(), "2026"),
            Err(WatchFault::Held { .. })
        ));
        assert_eq!(
            holder(drop.path()).as_deref(),
            Some("pid 7 @ may-khac 2026")
        );
    }
}
