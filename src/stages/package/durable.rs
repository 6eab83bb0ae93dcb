//! Writing so that a power cut leaves the old file or the new one, never half of either.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::PackageFault;

/// Creates a file with these bytes and forces them to the disk.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), PackageFault> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(PackageFault::at(path))
}

/// Creates a file, lets its content be written part by part and forces it to the disk.
pub fn write_parts<T>(
    path: &Path,
    write: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), PackageFault>) -> Result<T, PackageFault>,
) -> Result<T, PackageFault> {
    let mut file = BufWriter::new(File::create(path).map_err(PackageFault::at(path))?);
    let written = write(&mut |part| file.write_all(part).map_err(PackageFault::at(path)))?;
    let file = file
        .into_inner()
        .map_err(|error| PackageFault::at(path)(error.into_error()))?;
    file.sync_all().map_err(PackageFault::at(path))?;
    Ok(written)
}

/// Renames within one file system and forces the new name to the disk.
pub fn rename(from: &Path, to: &Path) -> Result<(), PackageFault> {
    fs::rename(from, to).map_err(PackageFault::at(to))?;
    sync_folder(to.parent().unwrap_or(Path::new(".")))
}

/// Puts the folder `from` in the place of `to`; what stood there ends up at `from`.
pub fn exchange(from: &Path, to: &Path) -> Result<(), PackageFault> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE)
        .map_err(|errno| PackageFault::at(to)(errno.into()))?;
    sync_folder(to.parent().unwrap_or(Path::new(".")))
}

/// Forces the names in a folder to the disk.
pub fn sync_folder(folder: &Path) -> Result<(), PackageFault> {
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(PackageFault::at(folder))
}

/// Creates a folder and those above it.
pub fn create_folder(folder: &Path) -> Result<(), PackageFault> {
    fs::create_dir_all(folder).map_err(PackageFault::at(folder))
}

/// Removes a file or a folder with all it holds, where it exists.
pub fn remove(path: &Path) -> Result<(), PackageFault> {
    let removed = match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.map_err(PackageFault::at(path))
}
