//! What lies in a folder of the drop, on the disk or in an archive, under the names that are shown.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::IntakeFault;
use super::listing::Lying;
use super::names;
use super::unpack::{Out, Unpacking};

/// What lies directly in a folder, sorted by name.
pub(super) type Branch = Vec<(String, Node)>;

/// One thing that lies in a folder.
pub(super) enum Node {
    /// A folder of the disk, not read yet.
    Folder(PathBuf),
    /// A folder of an archive.
    Inside(Branch),
    /// A file of the disk.
    File(PathBuf),
    /// What is neither, or cannot be taken in.
    Refused(IntakeFault),
}

/// Reads a folder of the disk; `within` is its name below the drop.
pub(super) fn read(folder: &Path, within: &str) -> io::Result<Branch> {
    let mut found = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    // By the bytes where two names show as one: the order must not hang on the disk's.
    found.sort_by_cached_key(|entry| (names::shown(&entry.file_name()), entry.file_name()));
    let nodes = found.into_iter().map(|entry| {
        let name = names::shown(&entry.file_name());
        let file = names::join(within, &name);
        let node = match entry.file_type() {
            Err(error) => Node::Refused(IntakeFault::unreadable(&file, &error)),
            Ok(kind) if kind.is_symlink() => Node::Refused(IntakeFault::SymbolicLink { file }),
            Ok(kind) if kind.is_dir() => Node::Folder(entry.path()),
            Ok(kind) if kind.is_file() => Node::File(entry.path()),
            Ok(_) => Node::Refused(IntakeFault::NotAFile { file }),
        };
        (name, node)
    });
    Ok(nodes.collect())
}

/// The members of an archive as the folders that their paths speak of.
pub(super) fn of_members(members: Vec<Unpacking>) -> Branch {
    let members = members
        .into_iter()
        .map(|member| (member.parts.into_iter(), member.what));
    grow(members.collect())
}

fn grow(members: Vec<(std::vec::IntoIter<String>, Out)>) -> Branch {
    let mut branch = Branch::new();
    let mut folders: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (mut parts, out) in members {
        let Some(name) = parts.next() else { continue };
        match out {
            Out::File(path) if parts.len() == 0 => branch.push((name, Node::File(path))),
            Out::Refused(fault) if parts.len() == 0 => branch.push((name, Node::Refused(fault))),
            out => folders.entry(name).or_default().push((parts, out)),
        }
    }
    let folders = folders
        .into_iter()
        .map(|(name, inner)| (name, Node::Inside(grow(inner))));
    branch.extend(folders);
    branch.sort_by(|(l, _), (r, _)| l.cmp(r));
    branch
}

/// All files below a folder of an archive, by their names below it.
pub(super) fn files_below(branch: Branch) -> Vec<Lying> {
    let mut files = Vec::new();
    for (name, node) in branch {
        let path = match node {
            Node::Folder(path) | Node::File(path) => Ok(path),
            Node::Refused(fault) => Err(fault),
            Node::Inside(inner) => {
                let inner = files_below(inner).into_iter().map(|lying| Lying {
                    name: names::join(&name, &lying.name),
                    ..lying
                });
                files.extend(inner);
                continue;
            }
        };
        files.push(Lying { name, path });
    }
    files
}
