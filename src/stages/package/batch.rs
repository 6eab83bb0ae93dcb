//! The batch: the manifest of all dossiers, its counts, the Merkle tree over its evidence.

use std::fs;

use serde::Serialize;

use super::duplicates::Scans;
use super::store::read_record;
use super::{PackageFault, Store, durable};
use crate::formats::merkle::TreeBuilder;
use crate::model::Digester;
use crate::model::manifest::{
    BatchHeader, DossierCounts, DossierRecord, Fate, KeptVerdict, ManifestSeal, MerkleSeal,
    Outcome, PageCounts, SealRecord,
};

const MANIFEST: &str = "manifest.jsonl";
const HEADER: &str = "batch.json";
const SIGNATURE: &str = "batch.jws";

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

/// The evidence of one packaged dossier, in the order of the tree (docs/manifest.md, "Evidence").
pub fn evidence_leaves(record: &DossierRecord) -> Vec<String> {
    let Some(code) = record
        .dossier
        .as_ref()
        .filter(|_| record.outcome == Outcome::Packaged)
    else {
        return Vec::new();
    };
    let containers = record.containers.iter().enumerate();
    let containers = containers
        .map(|(n, container)| format!("sohoa.v1 container {code} {} {}", n + 1, container.sha256));
    let scans = record.sources.iter().enumerate();
    let scans =
        scans.map(|(n, source)| format!("sohoa.v1 scan {code} {} {}", n + 1, source.sha256));
    let pages = record.pages.iter().map(|page| {
        let place = page.published.as_ref().map_or("- - - -".to_owned(), |at| {
            let image = at.image_sha256.map_or("-".to_owned(), |d| d.to_string());
            format!("{} {} {image} {}", at.document, at.page, at.text_sha256)
        });
        let (source, index, fate) = (page.source, page.source_page, fate_word(page.fate));
        format!("sohoa.v1 page {code} {source} {index} {fate} {place}")
    });
    let files = record.documents.iter().flat_map(|document| {
        let file = format!("sohoa.v1 file {code} {} {}", document.n, document.sha256);
        let text = document.text.as_ref();
        let text = text.map(|text| format!("sohoa.v1 text {code} {} {}", document.n, text.sha256));
        std::iter::once(file).chain(text)
    });
    containers.chain(scans).chain(pages).chain(files).collect()
}

fn fate_word(fate: Fate) -> &'static str {
    match fate {
        Fate::Published => "published",
        Fate::Blank => "blank",
        Fate::Separator => "separator",
        Fate::Rejected => "rejected",
    }
}

impl Store {
    /// Writes the manifest of everything in the package below `.work` and adds it up; the list of
    /// duplicates beside it goes to its place.
    ///
    /// One record is in memory at a time, so the size of the batch does not matter; of each
    /// scan 40 bytes stay until all are known.
    pub fn write_manifest(&self) -> Result<ManifestSums, PackageFault> {
        let records = self.record_files()?;
        let mut sums = Adding::default();
        durable::write_parts(&self.work().join(MANIFEST), |put| {
            for (number, path) in (0..).zip(&records) {
                let record = read_record(path)?;
                let line = line(&record);
                put(&line)?;
                sums.add(&record, &line);
                sums.scans.take(number, &record);
            }
            Ok(())
        })?;
        let duplicates = self.write_duplicates(&records, std::mem::take(&mut sums.scans))?;
        Ok(sums.finish(duplicates))
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
        durable::sync_folder(&self.out)?;
        for name in [MANIFEST, HEADER] {
            durable::rename(&self.work().join(name), &self.out.join(name))?;
        }
        if signature.is_some() {
            durable::rename(&self.work().join(SIGNATURE), &self.out.join(SIGNATURE))?;
        }
        Ok(())
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
    tree: TreeBuilder,
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
        evidence_leaves(record)
            .iter()
            .for_each(|leaf| self.tree.push(leaf.as_bytes()));
    }

    fn finish(self, duplicates: u64) -> ManifestSums {
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
                root: self.tree.root(),
                leaves: self.tree.leaves(),
            },
        }
    }
}
