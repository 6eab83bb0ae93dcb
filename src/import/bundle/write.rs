//! Making a bundle: what the receiver lacks, in the order of the manifest, the same bytes for the same wish.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::BundleFault;
use super::part::{BUNDLE_VERSION, HEAD_BYTES, PartHead};
use crate::formats::containers::TarWriter;
use crate::import::receipts::Answers;
use crate::import::reconcile::each_packaged;
use crate::model::manifest::{BatchHeader, DossierRecord};
use crate::model::{Digest, Digester};

/// The smallest part: its line and something behind it.
pub const LEAST_PART_BYTES: u64 = 64 << 10;

/// Files at the top of a package that travel where they stand there; header, signature and manifest always do.
const TOP: [&str; 7] = [
    "batch.json",
    "batch.jws",
    "manifest.jsonl",
    "batch.ers",
    "batch.sha384",
    "batch.sha512",
    "batch.tlog-proof",
];

/// What is to be packed.
pub struct Packing<'p> {
    /// The package.
    pub out: &'p Path,
    /// What the receiver said so far.
    pub answers: &'p Answers,
    /// The most bytes of one part's file.
    pub part_bytes: u64,
    /// Leave the kept scans at home.
    pub without_scans: bool,
    /// The folder for the parts.
    pub into: &'p Path,
}

/// What was packed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// Dossiers in the bundle; none where the receiver lacks nothing, and then there is no bundle.
    pub dossiers: u64,
    /// Dossiers that the receiver holds already.
    pub held: u64,
    /// The parts' files, in order.
    pub parts: Vec<PathBuf>,
    /// Their bytes together.
    pub bytes: u64,
}

/// Packs what the receiver lacks.
pub fn pack(packing: &Packing<'_>) -> Result<Packed, BundleFault> {
    if packing.part_bytes < LEAST_PART_BYTES {
        return Err(BundleFault::PartTooSmall {
            least_bytes: LEAST_PART_BYTES,
        });
    }
    let batch = whole_batch(packing.out)?;
    let (bundle, mut packed) = choose(packing, &batch)?;
    if packed.dossiers == 0 {
        return Ok(packed);
    }
    fs::create_dir_all(packing.into).map_err(BundleFault::disk(packing.into))?;
    let parts = Parts::new(packing, bundle, batch);
    // A fixed time in the gzip header: none.
    let packer = GzEncoder::new(parts, Compression::default());
    let mut tar = TarWriter::new(packer);
    add_files(packing, &mut tar)?;
    let finished = tar.finish().and_then(GzEncoder::finish);
    let parts = finished.and_then(Parts::finish);
    let parts = parts.map_err(BundleFault::disk(packing.into))?;
    packed.bytes = parts.file_bytes;
    packed.parts = parts.made;
    Ok(packed)
}

/// The digest of the header of a package that a run has ended: its manifest is the one the header names.
fn whole_batch(out: &Path) -> Result<Digest, BundleFault> {
    let not_whole = || BundleFault::NotWhole {
        path: out.display().to_string(),
    };
    let path = out.join("batch.json");
    let bytes = fs::read(&path).map_err(BundleFault::disk(&path))?;
    let header: BatchHeader = serde_json::from_slice(&bytes).map_err(|_| not_whole())?;
    let path = out.join("manifest.jsonl");
    let mut digester = Digesting(Digester::new());
    let read = File::open(&path).and_then(|mut file| io::copy(&mut file, &mut digester));
    read.map_err(BundleFault::disk(&path))?;
    match digester.0.finish() == header.manifest.sha256 {
        true => Ok(Digest::of(&bytes)),
        false => Err(not_whole()),
    }
}

struct Digesting(Digester);

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bundle's name and how much goes into it. The name is a digest over all that decides its bytes.
fn choose(packing: &Packing<'_>, batch: &Digest) -> Result<(Digest, Packed), BundleFault> {
    let mut name = Digester::new();
    let mut packed = Packed::default();
    let scans = if packing.without_scans {
        "without scans"
    } else {
        "with scans"
    };
    let begin = format!(
        "sohoa.bundle.v1 {} {batch} {} {scans}\n",
        env!("CARGO_PKG_VERSION"),
        packing.part_bytes
    );
    name.update(begin.as_bytes());
    each_packaged::<BundleFault>(packing.out, &mut |record| {
        match lacks(packing, &record) {
            true => {
                name.update(format!("{}\n", record.folder).as_bytes());
                packed.dossiers += 1;
            }
            false => packed.held += 1,
        }
        Ok(())
    })?;
    Ok((name.finish(), packed))
}

fn lacks(packing: &Packing<'_>, record: &DossierRecord) -> bool {
    let key = record.content_key.as_ref();
    !key.is_some_and(|key| packing.answers.holds(key))
}

type Tar<'p> = TarWriter<GzEncoder<Parts<'p>>>;

fn add_files(packing: &Packing<'_>, tar: &mut Tar<'_>) -> Result<(), BundleFault> {
    let out = packing.out;
    for name in TOP.iter().filter(|name| out.join(name).is_file()) {
        add(tar, out, name)?;
    }
    let aside = out.join("set-aside");
    for name in names_in(&aside)? {
        add(tar, out, &format!("set-aside/{name}"))?;
    }
    each_packaged::<BundleFault>(out, &mut |record| match lacks(packing, &record) {
        true => add_dossier(packing, tar, &record),
        false => Ok(()),
    })
}

/// Names in a folder, sorted by their bytes; none where there is no folder.
fn names_in(folder: &Path) -> Result<BTreeSet<String>, BundleFault> {
    if !folder.is_dir() {
        return Ok(BTreeSet::new());
    }
    let listed = fs::read_dir(folder).and_then(|entries| {
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect::<io::Result<_>>()
    });
    listed.map_err(BundleFault::disk(folder))
}

fn add_dossier(
    packing: &Packing<'_>,
    tar: &mut Tar<'_>,
    record: &DossierRecord,
) -> Result<(), BundleFault> {
    let Some(code) = &record.dossier else {
        return Err(BundleFault::NotWhole {
            path: packing.out.display().to_string(),
        });
    };
    let mut files: BTreeSet<&str> = BTreeSet::from(["record.json"]);
    for document in &record.documents {
        files.insert(&document.file);
        files.extend(document.text.as_ref().map(|text| text.file.as_str()));
    }
    if !packing.without_scans {
        files.extend(
            record
                .sources
                .iter()
                .filter_map(|source| source.kept.as_deref()),
        );
    }
    let mut files = files.into_iter();
    files.try_for_each(|file| add(tar, packing.out, &format!("dossiers/{code}/{file}")))
}

fn add(tar: &mut Tar<'_>, out: &Path, name: &str) -> Result<(), BundleFault> {
    let path = out.join(name);
    let added = File::open(&path).and_then(|mut file| {
        let length_bytes = file.metadata()?.len();
        tar.file(name, length_bytes, &mut file)
    });
    added.map_err(BundleFault::disk(&path))
}

/// The stream, cut: one part is in memory at a time.
struct Parts<'p> {
    into: &'p Path,
    bundle: Digest,
    batch: Digest,
    room_bytes: usize,
    part: Vec<u8>,
    offset: u64,
    made: Vec<PathBuf>,
    file_bytes: u64,
}

impl<'p> Parts<'p> {
    fn new(packing: &Packing<'p>, bundle: Digest, batch: Digest) -> Self {
        Self {
            into: packing.into,
            bundle,
            batch,
            room_bytes: usize::try_from(packing.part_bytes - HEAD_BYTES).unwrap_or(usize::MAX),
            part: Vec::new(),
            offset: 0,
            made: Vec::new(),
            file_bytes: 0,
        }
    }

    fn put_down(&mut self, last: bool) -> io::Result<()> {
        let part = std::mem::take(&mut self.part);
        let head = PartHead {
            v: BUNDLE_VERSION,
            bundle: self.bundle,
            batch: self.batch,
            part: self.made.len() as u32 + 1,
            last,
            offset: self.offset,
            bytes: part.len() as u64,
            sha256: Digest::of(&part),
        };
        let path = self.into.join(head.file_name());
        let line = head.line();
        write_whole(&path, &[&line, &part])?;
        self.offset += part.len() as u64;
        self.file_bytes += (line.len() + part.len()) as u64;
        self.made.push(path);
        Ok(())
    }

    fn finish(mut self) -> io::Result<Self> {
        self.put_down(true)?;
        Ok(self)
    }
}

impl Write for Parts<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Put down only when more comes, so that the last part is known to be the last.
        if self.part.len() == self.room_bytes && !bytes.is_empty() {
            self.put_down(false)?;
        }
        let taken = bytes.len().min(self.room_bytes - self.part.len());
        self.part.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Under its final name a part is always whole.
fn write_whole(path: &Path, pieces: &[&[u8]]) -> io::Result<()> {
    let half = path.with_added_extension("half");
    let mut file = File::create(&half)?;
    pieces.iter().try_for_each(|piece| file.write_all(piece))?;
    file.sync_all()?;
    fs::rename(&half, path)
}
