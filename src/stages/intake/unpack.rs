//! An archive of the drop unpacked into scratch files, its members under the names they show.
//!
//! Only regular files are written, under numbers; a member's own path is looked at, cleaned
//! and shown, and never made. What is wrong with one member of a ZIP is that member's
//! fault; what is wrong with the archive as a whole leaves nothing of it, because no file
//! of a dossier that lies in it can then be known to be all there.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::contain::{Escape, contain_moving};
use super::scratch::ScratchFolder;
use super::survey::open;
use super::{IntakeFault, Options, names};
use crate::formats::containers::{
    self, ContainerFault, Content, Kind, Limits, Member, Progress, START_BYTES, What,
};
use crate::model::manifest::Container;
use crate::model::{Digest, Digester};

/// What came out of an archive.
pub(super) struct Unpacked {
    /// The archive itself.
    pub container: Container,
    /// Its members in the order they stand in it, or why there are none.
    pub members: Result<Vec<Unpacking>, IntakeFault>,
    /// Holds the files; they go with it.
    pub scratch: Arc<ScratchFolder>,
    /// Bytes that came out.
    pub bytes: u64,
}

/// One member.
pub(super) struct Unpacking {
    /// The parts of its path, as they are shown.
    pub parts: Vec<String>,
    /// What came out.
    pub what: Out,
}

/// What came out for a member.
#[derive(Clone)]
pub(super) enum Out {
    /// A folder.
    Folder,
    /// A file.
    File(PathBuf),
    /// Nothing, because of this.
    Refused(IntakeFault),
}

/// The kind of archive a file is; `None` where it is none.
pub(super) fn kind_of(path: &Path) -> io::Result<Option<Kind>> {
    let (file, meta) = open(path)?;
    if !meta.is_file() {
        return Ok(None);
    }
    let mut start = Vec::with_capacity(START_BYTES);
    file.take(START_BYTES as u64).read_to_end(&mut start)?;
    Ok(Kind::of(&start))
}

/// An archive's name without the ending that says what it is: `hộp 1.tar.gz` → `hộp 1`.
pub(super) fn stem(name: &str) -> &str {
    let packed = [".gz", ".zst", ".zip", ".7z", ".tgz", ".tzst", ".tar"];
    let once = packed.iter().find_map(|ending| without(name, ending));
    let once = once.unwrap_or(name);
    without(once, ".tar").unwrap_or(once)
}

/// True for a part of an archive that was cut into several files: `hộp 1.7z.001`, `.z01`, `.part2.rar`, `.r00`.
///
/// The name alone tells: only the first part begins as an archive does.
pub(super) fn is_part(name: &str) -> bool {
    let name = name.to_lowercase();
    let Some((before, ending)) = name.rsplit_once('.') else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let counted = |letter: char| {
        ending
            .strip_prefix(letter)
            .is_some_and(|n| n.len() == 2 && digits(n))
    };
    let numbered = before
        .rsplit_once(".part")
        .is_some_and(|(_, number)| digits(number));
    let is_archive = before.ends_with(".rar") || stem(before) != before;
    counted('z')
        || counted('r')
        || (ending == "rar" && numbered)
        || (ending.len() == 3 && digits(ending) && is_archive)
}

fn without<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len())?;
    let (stem, end) = name.split_at_checked(at)?;
    end.eq_ignore_ascii_case(ending).then_some(stem)
}

/// Unpacks the archive at `path`, named `name` below the drop, into a folder below `scratch`.
///
/// An error is one that no archive is to blame for: the scratch folder cannot be written,
/// or the archive cannot be read.
pub(super) fn unpack(
    path: &Path,
    name: &str,
    kind: Kind,
    budget_bytes: u64,
    options: &Options,
    scratch: &Path,
) -> Result<Unpacked, IntakeFault> {
    let unreadable = |error: io::Error| IntakeFault::unreadable(name, &error);
    let (mut archive, _) = open(path).map_err(unreadable)?;
    let (sha256, bytes) = hash(&mut archive).map_err(unreadable)?;
    archive.rewind().map_err(unreadable)?;
    let folder = ScratchFolder::new(scratch).map_err(|e| IntakeFault::scratch(name, &e))?;
    let folder = Arc::new(folder);
    let unpacker = Unpacker {
        name: name.to_owned(),
        kind,
        max_parts: options.max_path_parts as usize,
        max_path_bytes: options.max_path_bytes as usize,
        scratch: Arc::clone(&folder),
        seen: HashSet::new(),
        members: Vec::new(),
        bytes: 0,
    };
    let limits = Limits {
        max_bytes: options.max_archive_bytes.min(budget_bytes),
        max_members: options.max_archive_members.into(),
        max_ratio: options.max_archive_ratio.into(),
    };
    let (members, bytes_out) = match run(unpacker, archive, limits, options) {
        Ok(unpacker) => (Ok(unpacker.members), unpacker.bytes),
        Err(fault) if fault.stops_the_run() => return Err(fault),
        Err(fault) => (Err(fault), 0),
    };
    Ok(Unpacked {
        container: Container {
            name: name.to_owned(),
            sha256,
            bytes,
        },
        members,
        scratch: folder,
        bytes: bytes_out,
    })
}

/// Unpacks in a thread that is given up when it panics or stands still.
fn run(
    mut unpacker: Unpacker,
    archive: File,
    limits: Limits,
    options: &Options,
) -> Result<Unpacker, IntakeFault> {
    let name = unpacker.name.clone();
    let progress = Arc::new(Progress::default());
    let (seen, limit_ms) = (Arc::clone(&progress), options.max_decode_ms);
    let outcome = contain_moving(
        limit_ms,
        || seen.steps(),
        move || {
            let (kind, mut take) = (
                unpacker.kind,
                |member: Member, content: &mut Content<'_>| unpacker.take(member, content),
            );
            let unpacked = containers::unpack(kind, archive, &limits, progress, &mut take);
            unpacked.map(|()| unpacker)
        },
    );
    match outcome {
        Ok(Ok(unpacker)) => Ok(unpacker),
        Ok(Err(fault)) => Err(IntakeFault::from_container(&name, fault)),
        Err(escape) => {
            if escape == Escape::TimedOut {
                seen.cancel();
            }
            Err(IntakeFault::from_escape(&name, escape, limit_ms))
        }
    }
}

struct Unpacker {
    /// Of the archive, below the drop.
    name: String,
    kind: Kind,
    max_parts: usize,
    max_path_bytes: usize,
    scratch: Arc<ScratchFolder>,
    /// Paths of members so far, as bytes.
    seen: HashSet<Vec<u8>>,
    members: Vec<Unpacking>,
    bytes: u64,
}

impl Unpacker {
    fn take(&mut self, member: Member, content: &mut Content<'_>) -> Result<(), ContainerFault> {
        let path = self.path(&member.name)?;
        if path.is_empty() {
            // `./`, the folder that was packed.
            return Ok(());
        }
        let is_folder = matches!(member.what, What::Folder);
        if !self.seen.insert(path.join(&b'/')) && !is_folder {
            return Err(ContainerFault::Damaged(
                "two members of one name".to_owned(),
            ));
        }
        let parts: Vec<String> = path.into_iter().map(names::shown_bytes).collect();
        let file = format!("{}/{}", self.name, parts.join("/"));
        let what = match member.what {
            What::Folder => Out::Folder,
            What::Refused(fault) => Out::Refused(IntakeFault::from_container(&file, fault)),
            What::File => match self.pour(content) {
                Ok(path) => Out::File(path),
                Err(fault @ ContainerFault::Damaged(_)) if self.kind.members_stand_alone() => {
                    Out::Refused(IntakeFault::from_container(&file, fault))
                }
                Err(fault) => return Err(fault),
            },
        };
        self.members.push(Unpacking { parts, what });
        Ok(())
    }

    fn pour(&mut self, content: &mut Content<'_>) -> Result<PathBuf, ContainerFault> {
        let (mut file, path) = self.scratch.file().map_err(ContainerFault::Sink)?;
        self.bytes += content.pour(&mut file)?;
        Ok(path)
    }

    /// The parts of a member's path; a fault where it is none that lies below the archive.
    ///
    /// Old Windows programs write `\` between the parts, against APPNOTE 4.4.17.
    fn path<'a>(&self, name: &'a [u8]) -> Result<Vec<&'a [u8]>, ContainerFault> {
        let drive = matches!(name, [letter, b':', ..] if letter.is_ascii_alphabetic());
        if drive || matches!(name, [] | [b'/' | b'\\', ..]) || name.contains(&0) {
            return Err(ContainerFault::PathLeadsOut);
        }
        let parts = name
            .split(|b| matches!(b, b'/' | b'\\'))
            .filter(|part| !part.is_empty() && *part != b".");
        let parts: Vec<&[u8]> = parts.collect();
        if parts.contains(&&b".."[..]) {
            return Err(ContainerFault::PathLeadsOut);
        }
        if name.len() > self.max_path_bytes || parts.len() > self.max_parts {
            return Err(ContainerFault::PathTooLong);
        }
        Ok(parts)
    }
}

fn hash(file: &mut File) -> io::Result<(Digest, u64)> {
    let mut digester = Digester::new();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let length = match file.read(&mut buffer) {
            Ok(0) => return Ok((digester.finish(), bytes)),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digester.update(&buffer[..length]);
        bytes += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_archives_are_known_by_their_names() {
        for part in [
            "hộp 1.zip.001",
            "H10.12-221013-0001.7Z.012",
            "a.tar.gz.003",
            "a.rar.002",
            "a.z01",
            "a.part1.rar",
            "a.PART12.RAR",
            "a.r00",
        ] {
            assert!(is_part(part), "{part}");
        }
        for whole in [
            "a.zip",
            "a.rar",
            "trang.001",
            "trang 1.z1",
            "a.part.rar",
            "a.part1.jpg",
            "ảnh.zip.jpg",
            "001",
            "",
        ] {
            assert!(!is_part(whole), "{whole}");
        }
    }

    #[test]
    fn the_ending_of_an_archive_is_not_part_of_its_name() {
        for (name, expected) in [
            ("H10.12-221013-0001.zip", "H10.12-221013-0001"),
            ("H10.12-221013-0001.TAR.GZ", "H10.12-221013-0001"),
            ("H10.12-221013-0001.tar.zst", "H10.12-221013-0001"),
            ("hộp 1.7z", "hộp 1"),
            ("H10.12-221013-0001", "H10.12-221013-0001"),
            ("ồ", "ồ"),
            ("", ""),
        ] {
            assert_eq!(stem(name), expected);
        }
    }
}
