//! Taking bundles: all parts there and whole, then unpacked into a folder of its own, which the auditor judges.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};

use super::BundleFault;
use super::part::{EXTENSION, PartHead};
use crate::formats::containers::{ContainerFault, Content, Limits, Member, What, unpack_tar_gz};
use crate::model::{Digest, Digester};

/// What one bundle may unpack to. PDFs and scans hardly pack at all, manifests some twentyfold.
const LIMITS: Limits = Limits {
    max_bytes: 256 << 30,
    max_members: 10_000_000,
    max_ratio: 250,
};

/// Parts that one bundle may have.
const MOST_PARTS: u32 = 1_000_000;

/// A bundle whose parts are all there and whole.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Which bundle.
    pub id: Digest,
    /// SHA-256 of the `batch.json` inside, as the parts say.
    pub batch: Digest,
    /// The parts' files, in order.
    parts: Vec<PathBuf>,
    bytes: u64,
}

/// The bundles in a folder, by their number; a fault names what must be sent again.
pub fn found_in(folder: &Path) -> Result<Vec<Bundle>, BundleFault> {
    let mut bundles: BTreeMap<Digest, BTreeMap<u32, (PartHead, PathBuf)>> = BTreeMap::new();
    for path in files_in(folder)? {
        let file = File::open(&path).map_err(BundleFault::disk(&path))?;
        let head = PartHead::read(&mut BufReader::new(file)).map_err(BundleFault::disk(&path))?;
        let head = head.ok_or_else(|| BundleFault::NoPart {
            path: path.display().to_string(),
        })?;
        // A part that came twice under two names is the same part.
        let parts = bundles.entry(head.bundle).or_default();
        parts.entry(head.part).or_insert((head, path));
    }
    let whole = bundles.into_iter().map(|(id, parts)| whole(id, parts));
    whole.collect()
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, BundleFault> {
    let listed = fs::read_dir(folder).and_then(|entries| {
        let paths = entries.map(|entry| Ok(entry?.path()));
        paths.collect::<io::Result<Vec<_>>>()
    });
    let mut paths = listed.map_err(BundleFault::disk(folder))?;
    paths.retain(|path| path.extension().is_some_and(|found| found == EXTENSION));
    paths.sort();
    Ok(paths)
}

/// Sees that every part is there, fits the one before, and has its digest.
fn whole(id: Digest, mut parts: BTreeMap<u32, (PartHead, PathBuf)>) -> Result<Bundle, BundleFault> {
    let last = parts
        .values()
        .find(|(head, _)| head.last)
        .map(|(head, _)| head.part);
    let end = last
        .or_else(|| parts.keys().next_back().copied())
        .unwrap_or(0)
        .min(MOST_PARTS);
    let missing: Vec<String> = (1..=end)
        .filter(|number| !parts.contains_key(number))
        .map(|number| number.to_string())
        .chain(last.is_none().then(|| "…".to_owned()))
        .collect();
    if !missing.is_empty() {
        return Err(BundleFault::Missing {
            bundle: id.short(),
            parts: missing.join(", "),
        });
    }
    parts.retain(|number, _| *number <= end);
    let batch = parts[&1].0.batch;
    let mut bytes = 0;
    for (head, path) in parts.values() {
        let fits = head.offset == bytes && head.batch == batch;
        if !fits || !has_its_bytes(head, path)? {
            return Err(BundleFault::Damaged {
                path: path.display().to_string(),
            });
        }
        bytes = bytes.saturating_add(head.bytes);
    }
    Ok(Bundle {
        id,
        batch,
        parts: parts.into_values().map(|(_, path)| path).collect(),
        bytes,
    })
}

fn has_its_bytes(head: &PartHead, path: &Path) -> Result<bool, BundleFault> {
    let failed = BundleFault::disk(path);
    let mut payload = payload(path).map_err(&failed)?;
    let (mut digester, mut piece, mut bytes) = (Digester::new(), vec![0; 1 << 16], 0u64);
    loop {
        let length = payload.read(&mut piece).map_err(&failed)?;
        if length == 0 {
            return Ok((bytes, digester.finish()) == (head.bytes, head.sha256));
        }
        digester.update(&piece[..length]);
        bytes += length as u64;
    }
}

/// What follows a part's line.
fn payload(path: &Path) -> io::Result<BufReader<File>> {
    let mut file = BufReader::new(File::open(path)?);
    PartHead::read(&mut file)?;
    Ok(file)
}

/// The parts one after the other, as one stream.
struct Stream {
    left: VecDeque<PathBuf>,
    open: Option<BufReader<File>>,
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(open) = &mut self.open {
                let length = open.read(into)?;
                if length > 0 || into.is_empty() {
                    return Ok(length);
                }
            }
            match self.left.pop_front() {
                Some(next) => self.open = Some(payload(&next)?),
                None => return Ok(0),
            }
        }
    }
}

impl Bundle {
    /// Unpacks into a folder of its own below `files`, and gives it; one that stands there is taken as it is.
    ///
    /// The folder has its name only once everything is in it.
    pub fn unpack(&self, files: &Path) -> Result<PathBuf, BundleFault> {
        let folder = files.join(format!("{}-{}", self.batch.short(), self.id.short()));
        if folder.is_dir() {
            return Ok(folder);
        }
        let half = folder.with_added_extension("half");
        if half.exists() {
            fs::remove_dir_all(&half).map_err(BundleFault::disk(&half))?;
        }
        fs::create_dir_all(&half).map_err(BundleFault::disk(&half))?;
        self.unpack_into(&half)?;
        // Everything in it is on the disk before it has its name: one call for a million files.
        let synced = File::open(&half).and_then(|opened| Ok(rustix::fs::syncfs(opened)?));
        synced.map_err(BundleFault::disk(&half))?;
        fs::rename(&half, &folder).map_err(BundleFault::disk(&folder))?;
        Ok(folder)
    }

    fn unpack_into(&self, folder: &Path) -> Result<(), BundleFault> {
        let stream = Stream {
            left: self.parts.iter().cloned().collect(),
            open: None,
        };
        let mut astray = None;
        let unpacked = unpack_tar_gz(
            stream,
            self.bytes,
            &LIMITS,
            &mut |member, content| match place(&member) {
                Some(place) => put(&folder.join(place), content),
                None => {
                    astray = Some(
                        String::from_utf8_lossy(&member.name)
                            .escape_debug()
                            .to_string(),
                    );
                    Err(ContainerFault::NotPlain)
                }
            },
        );
        match (unpacked, astray) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(name)) => Err(BundleFault::NoDelivery {
                bundle: self.id.short(),
                name,
            }),
            (Err(ContainerFault::Sink(cause)), None) => Err(BundleFault::disk(folder)(cause)),
            (Err(cause), None) => Err(BundleFault::Unpackable {
                bundle: self.id.short(),
                cause,
            }),
        }
    }
}

/// Where a member belongs: a plain file at a place where a package has files; none for anything else.
fn place(member: &Member) -> Option<&Path> {
    let path = Path::new(str::from_utf8(&member.name).ok()?);
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    // `components` passes over `.` and doubled slashes, so the parts must also spell the path.
    let parts: Vec<&str> = path.to_str()?.split('/').collect();
    let plain = path.components().all(is_plain) && path.components().count() == parts.len();
    let belongs = match parts.as_slice() {
        [name] => name.starts_with("batch.") || *name == "manifest.jsonl",
        ["set-aside", _] | ["dossiers", _, _] | ["dossiers", _, "scans", _] => true,
        _ => false,
    };
    (matches!(member.what, What::File) && plain && belongs).then_some(path)
}

/// Writes a member; a name that stands there already is refused, so nothing is ever written through.
fn put(path: &Path, content: &mut Content<'_>) -> Result<(), ContainerFault> {
    let made = || {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        File::create_new(path)
    };
    let mut file = made().map_err(ContainerFault::Sink)?;
    content.pour(&mut file)?;
    file.flush().map_err(ContainerFault::Sink)
}
