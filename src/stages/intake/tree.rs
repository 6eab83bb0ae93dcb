//! What lies in a folder of the drop, on the disk or in an archive, with names as they are shown.

use std::io;
use std::path::{Path, PathBuf};

use super::IntakeFault;
use super::names;

/// What lies directly in a folder, by the name that is shown, in an order of its own.
pub(super) type Branch = Vec<(String, Node)>;

/// One thing that lies in a folder.
pub(super) enum Node {
    /// A folder of the disk.
    Folder(PathBuf),
    /// A file of the disk.
    File(PathBuf),
    /// What is neither, or cannot be taken in.
    Refused(IntakeFault),
}

/// Reads a folder of the disk; `within` is its name below the drop.
pub(super) fn read(folder: &Path, within: &str) -> io::Result<Branch> {
    let mut branch = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = names::shown(&entry.file_name());
        let path = entry.path();
        let file = names::join(within, &name);
        let node = match entry.file_type() {
            Err(error) => Node::Refused(IntakeFault::unreadable(&file, &error)),
            Ok(kind) if kind.is_symlink() => Node::Refused(IntakeFault::SymbolicLink { file }),
            Ok(kind) if kind.is_dir() => Node::Folder(path),
            Ok(kind) if kind.is_file() => Node::File(path),
            Ok(_) => Node::Refused(IntakeFault::NotAFile { file }),
        };
        branch.push((name, node));
    }
    Ok(branch)
}
