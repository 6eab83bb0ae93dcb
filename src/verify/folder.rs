//! The package's folder, opened so that nothing in it can lead outside.
//!
//! Every path is walked part by part from the folder's own descriptor and no
//! part may be a symbolic link (`O_NOFOLLOW`), so a link put in place between
//! two checks is refused as well. Pipes and devices are opened without waiting
//! and then refused.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::model::{Digest, Digester};

/// The package's folder.
pub struct Folder {
    root: OwnedFd,
}

/// Why something in the package was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// It is not there.
    #[error("missing")]
    Missing,
    /// It, or a folder above it, is a link, pipe, device or of the wrong kind.
    #[error("not a plain file or folder")]
    NotPlain,
    /// Its path has an empty part, `.`, `..` or NUL.
    #[error("unsafe path")]
    Unsafe,
    /// The disk or the permissions refused.
    #[error("{0}")]
    Unreadable(io::ErrorKind),
}

impl From<Errno> for Unopened {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT => Unopened::Missing,
            // LOOP: a link under O_NOFOLLOW. NOTDIR: a file where a folder must be.
            // NXIO, NODEV: a socket or a device without its driver.
            Errno::LOOP | Errno::NOTDIR | Errno::ISDIR | Errno::NXIO | Errno::NODEV => {
                Unopened::NotPlain
            }
            other => Unopened::Unreadable(io::Error::from(other).kind()),
        }
    }
}

/// A plain file of the package.
pub struct PlainFile {
    file: File,
    /// Its length in bytes when it was opened.
    pub length_bytes: u64,
}

/// What stands in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A link, pipe, socket or device.
    Other,
}

impl Folder {
    /// Opens the package's folder itself, which may be reached through links.
    pub fn open(path: &Path) -> Result<Self, Unopened> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
        Ok(Self { root })
    }

    /// Opens a plain file by its path below the folder, `/` between the parts.
    pub fn file(&self, path: &str) -> Result<PlainFile, Unopened> {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let above = self.folder(above)?;
        // NONBLOCK: opening a pipe must not wait for someone to write into it.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&above, safe_part(name)?, flags, Mode::empty())?;
        let file = File::from(fd);
        let about = file
            .metadata()
            .map_err(|e| Unopened::Unreadable(e.kind()))?;
        if !about.is_file() {
            return Err(Unopened::NotPlain);
        }
        let length_bytes = about.len();
        Ok(PlainFile { file, length_bytes })
    }

    /// Calls `each` with the name and kind of everything in a folder (`""` for the root).
    pub fn list(
        &self,
        path: &str,
        mut each: impl FnMut(&OsStr, EntryKind),
    ) -> Result<(), Unopened> {
        let folder = self.folder(path)?;
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." {
                each(name, kind_of(&folder, name, entry.file_type())?);
            }
        }
        Ok(())
    }

    fn folder(&self, path: &str) -> Result<OwnedFd, Unopened> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut folder = rustix::io::fcntl_dupfd_cloexec(self.root.as_fd(), 0)?;
        for part in path.split('/').filter(|_| !path.is_empty()) {
            folder = rustix::fs::openat(&folder, safe_part(part)?, flags, Mode::empty())?;
        }
        Ok(folder)
    }
}

fn safe_part(part: &str) -> Result<&str, Unopened> {
    let unsafe_part = part.is_empty() || part == "." || part == ".." || part.contains('\0');
    if unsafe_part {
        Err(Unopened::Unsafe)
    } else {
        Ok(part)
    }
}

fn kind_of(folder: &OwnedFd, name: &OsStr, listed: FileType) -> Result<EntryKind, Unopened> {
    let kind = match listed {
        // Some file systems do not tell the kind while listing.
        FileType::Unknown => {
            let about = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
            FileType::from_raw_mode(about.st_mode)
        }
        told => told,
    };
    Ok(match kind {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        _ => EntryKind::Other,
    })
}

impl PlainFile {
    /// The whole file; `None` where it is, or has grown, above the limit.
    pub fn read(self, limit_bytes: u64) -> io::Result<Option<Vec<u8>>> {
        if self.length_bytes > limit_bytes {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(self.length_bytes as usize);
        self.file.take(limit_bytes + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 <= limit_bytes).then_some(bytes))
    }

    /// Digest and length of the bytes, read as a stream.
    pub fn digest(mut self) -> io::Result<(Digest, u64)> {
        let mut digester = Digester::new();
        let mut buffer = vec![0u8; 256 * 1024];
        let mut length_bytes = 0;
        loop {
            let count = self.file.read(&mut buffer)?;
            if count == 0 {
                return Ok((digester.finish(), length_bytes));
            }
            digester.update(&buffer[..count]);
            length_bytes += count as u64;
        }
    }

    /// The file for reading in one's own way.
    pub fn into_reader(self) -> impl Read {
        self.file
    }
}

/// A name for people: bytes that are no UTF-8 show as replacement characters.
pub fn shown(name: &OsStr) -> String {
    OsString::from(name).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().expect("temp folder");
        std::fs::create_dir(dir.path().join("a")).expect("folder");
        std::fs::write(dir.path().join("a/b"), b"bytes").expect("file");
        std::fs::write(dir.path().join("outside"), b"secret").expect("file");
        let folder = Folder::open(dir.path()).expect("opens");
        (dir, folder)
    }

    #[test]
    fn a_plain_file_is_read() {
        let (_dir, folder) = package();
        let file = folder.file("a/b").expect("opens");
        assert_eq!(file.read(5).expect("reads"), Some(b"bytes".to_vec()));
        let digest = folder.file("a/b").expect("opens").digest().expect("reads");
        assert_eq!(digest, (Digest::of(b"bytes"), 5));
    }

    #[test]
    fn a_file_above_the_limit_is_not_read() {
        let (_dir, folder) = package();
        assert_eq!(
            folder.file("a/b").expect("opens").read(4).expect("reads"),
            None
        );
    }

    #[test]
    fn no_path_leads_outside() {
        let (dir, folder) = package();
        for path in [
            "../x",
            "a/../outside",
            "/etc/passwd",
            "a//b",
            "a/./b",
            "",
            "a/b\0",
        ] {
            assert_eq!(folder.file(path).err(), Some(Unopened::Unsafe), "{path}");
        }
        std::os::unix::fs::symlink("../outside", dir.path().join("a/link")).expect("link");
        std::os::unix::fs::symlink("a", dir.path().join("way")).expect("link");
        for path in ["a/link", "way/b", "outside/b"] {
            assert_eq!(folder.file(path).err(), Some(Unopened::NotPlain), "{path}");
        }
        assert_eq!(folder.file("a").err(), Some(Unopened::NotPlain));
        assert_eq!(folder.file("none").err(), Some(Unopened::Missing));
    }

    #[test]
    fn a_pipe_is_refused_without_waiting() {
        let (dir, folder) = package();
        let path = dir.path().join("pipe");
        rustix::fs::mknodat(CWD, &path, FileType::Fifo, Mode::RUSR, 0).expect("pipe");
        assert_eq!(folder.file("pipe").err(), Some(Unopened::NotPlain));
    }

    #[test]
    fn a_listing_tells_links_from_files() {
        let (dir, folder) = package();
        std::os::unix::fs::symlink("b", dir.path().join("a/link")).expect("link");
        let mut seen = Vec::new();
        folder
            .list("a", |name, kind| seen.push((shown(name), kind)))
            .expect("lists");
        seen.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [
            ("b".to_owned(), EntryKind::File),
            ("link".to_owned(), EntryKind::Other),
        ];
        assert_eq!(seen, expected);
    }
}
