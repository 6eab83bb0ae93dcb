//! The batch: the manifest of all dossiers, its counts, the Merkle tree over its evidence.

use std::fs;

use serde::Serialize;

use super::duplicates::Scans;
use super::evidence::evidence_leaves;
use super::store::read_record;
use super::tree::{TREE, TreeFiles};
use super::{PackageFault, Store, durable};
use crate::formats::merkle::TreeBuilder;
use crate::model::Digester;
use crate::model::manifest::{
    BatchHeader, DossierCounts, DossierRecord, Fate, KeptVerdict, ManifestSeal, MerkleSeal,
    Outcome, PageCounts, SealRecord,
};

/// The manifest's name in a package.
pub const MANIFEST: &str = "manifest.jsonl";
/// The header's name in a package.
pub const HEADER: &str = "batch.json";
/// The signature of the header.
pub const SIGNATURE: &str = "batch.jws";
/// The receipt of the province's log: for one header only.
const RECEIPT: &str = "batch.tlog-proof";
/// The evidence record, with the time stamp of the batch: for one header only.
pub const RECORD: &str = "batch.ers";
/// The lists of all files by another hash, which a renewed hash tree of the record covers.
pub const LISTS: [&str; 2] = ["batch.sha384", "batch.sha512"];

/// What the manifest adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestSums {
    /// Name, digest and length of the manifest.
    pub manifest: ManifestSeal,
    /// Dossiers by outcome.
    pub dossiers: DossierCounts,
    /// Pages by fate.
    pub pages: PageCounts,
    /// Documents made.
    pub documents: u64,
    /// Those among them that were kept as they came.
    pub kept: KeptCounts,
    /// Pages that are most likely a sheet scanned before.
    pub scanned_twice: u64,
    /// Scans that occur more than once.
    pub duplicates: u64,
    /// Root over scans, pages and files.
    pub merkle: MerkleSeal,
}

/// Documents that were kept as they came, by the state of their signatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KeptCounts {
    /// Intact.
    pub sound: u64,
    /// A signature does not hold, or the file was changed behind it.
    pub broken: u64,
    /// Beyond judgement.
    pub unknown: u64,
}

impl KeptCounts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.sound + self.broken + self.unknown
    }

    fn count(&mut self, seal: &SealRecord) {
        match seal {
            SealRecord::Kept { verdict, .. } => match verdict {
                KeptVerdict::Sound => self.sound += 1,
                KeptVerdict::Broken => self.broken += 1,
                KeptVerdict::Unknown => self.unknown += 1,
            },
            SealRecord::Signed { .. } | SealRecord::Waiting => {}
        }
    }
}

/// A record as it stands in a file of lines: compact JSON and a line feed.
pub(super) fn line(record: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(record).expect("a record has only string keys");
    line.push(b'\n');
    line
}

impl Store {
    /// Writes the manifest of everything in the package, and its trees, below `.work` and adds
    /// it up; the list of duplicates beside it goes to its place.
    ///
    /// One record is in memory at a time, so the size of the batch does not matter; of each
    /// scan 40 bytes stay until all are known.
    pub fn write_manifest(&self) -> Result<ManifestSums, PackageFault> {
        let records = self.record_files()?;
        let mut sums = Adding::default();
        let mut trees = TreeFiles::begin(&self.work().join(TREE))?;
        durable::write_parts(&self.work().join(MANIFEST), |put| {
            for (number, path) in (0..).zip(&records) {
                let record = read_record(path)?;
                let line = line(&record);
                put(&line)?;
                sums.add(&record, &line);
                for leaf in evidence_leaves(&record) {
                    trees.push(&leaf)?;
                }
                sums.scans.take(number, &record);
            }
            Ok(())
        })?;
        let duplicates = self.write_duplicates(&records, std::mem::take(&mut sums.scans))?;
        Ok(sums.finish(duplicates, &trees.finish()?))
    }

    /// The header that stands in the package now, where it can be read.
    pub fn present_header(&self) -> Option<BatchHeader> {
        serde_json::from_slice(&fs::read(self.out.join(HEADER)).ok()?).ok()
    }

    /// True where a signature of the header stands in the package now.
    pub fn has_signature(&self) -> bool {
        self.out.join(SIGNATURE).is_file()
    }

    /// Moves manifest, header and signature to their places.
    ///
    /// The signature of the past goes first: were the run killed half way, it would stand
    /// beside a header that it is not for, and the next run would take the two for a pair.
    pub fn publish(&self, header: &[u8], signature: Option<&str>) -> Result<(), PackageFault> {
        durable::write_new(&self.work().join(HEADER), header)?;
        if let Some(signature) = signature {
            durable::write_new(&self.work().join(SIGNATURE), signature.as_bytes())?;
        }
        durable::remove(&self.out.join(SIGNATURE))?;
        durable::remove(&self.out.join(RECEIPT))?;
        for name in [&[RECORD], &LISTS[..]].concat() {
            durable::remove(&self.out.join(name))?;
        }
        durable::sync_folder(&self.out)?;
        self.publish_trees()?;
        for name in [MANIFEST, HEADER] {
            durable::rename(&self.work().join(name), &self.out.join(name))?;
        }
        if signature.is_some() {
            durable::rename(&self.work().join(SIGNATURE), &self.out.join(SIGNATURE))?;
        }
        Ok(())
    }

    /// Moves the trees to their place; what stood there before goes with `.work`.
    pub fn publish_trees(&self) -> Result<(), PackageFault> {
        let (made, place) = (self.work().join(TREE), self.out.join(TREE));
        if place.exists() {
            durable::exchange(&made, &place)
        } else {
            durable::rename(&made, &place)
        }
    }

    /// True where the package has its trees; one made by an earlier version has none.
    pub fn has_trees(&self) -> bool {
        self.out.join(TREE).is_dir()
    }
}

#[derive(Default)]
struct Adding {
    digester: Digester,
    lines: u64,
    dossiers: DossierCounts,
    pages: PageCounts,
    documents: u64,
    kept: KeptCounts,
    scanned_twice: u64,
    scans: Scans,
}

impl Adding {
    fn add(&mut self, record: &DossierRecord, line: &[u8]) {
        self.digester.update(line);
        self.lines += 1;
        self.dossiers.total += 1;
        match record.outcome {
            Outcome::Packaged => {
                self.dossiers.packaged += 1;
                self.dossiers.waiting_for_review += u64::from(!record.review.is_empty());
            }
            Outcome::SetAside => self.dossiers.set_aside += 1,
        }
        for page in &record.pages {
            self.pages.scanned += 1;
            self.scanned_twice += u64::from(page.same_sheet_as.is_some());
            match page.fate {
                Fate::Published => self.pages.published += 1,
                Fate::Blank => self.pages.blank += 1,
                Fate::Separator => self.pages.separator += 1,
                Fate::Rejected => self.pages.rejected += 1,
            }
        }
        self.documents += record.documents.len() as u64;
        record
            .documents
            .iter()
            .for_each(|document| self.kept.count(&document.seal));
    }

    fn finish(self, duplicates: u64, tree: &TreeBuilder) -> ManifestSums {
        let sha256 = self.digester.finish();
        ManifestSums {
            manifest: ManifestSeal {
                file: MANIFEST.to_owned(),
                sha256,
                lines: self.lines,
            },
            dossiers: self.dossiers,
            pages: self.pages,
            documents: self.documents,
            kept: self.kept,
            scanned_twice: self.scanned_twice,
            duplicates,
            merkle: MerkleSeal {
                root: tree.root(),
                leaves: tree.leaves(),
            },
        }
    }
}
