//! Where archives are unpacked to: folders of our own naming that go when nobody needs them.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers folders through all archives of the process.
static FOLDERS: AtomicU64 = AtomicU64::new(0);

/// One archive's folder; removed with all it holds when it is dropped.
#[derive(Debug)]
pub struct ScratchFolder {
    path: PathBuf,
    files: AtomicU64,
}

impl ScratchFolder {
    /// A fresh folder below `root`, which is made where it does not stand.
    pub(super) fn new(root: &Path) -> io::Result<Self> {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = root.join(number.to_string());
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)?;
        Ok(Self {
            path,
            files: AtomicU64::new(0),
        })
    }

    /// A new file that only this user reads, and its path.
    pub(super) fn file(&self) -> io::Result<(File, PathBuf)> {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let path = self.path.join(number.to_string());
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok((file, path))
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // A leftover is harmless: the next run empties `.work` before it begins.
        let _ = fs::remove_dir_all(&self.path);
    }
}
