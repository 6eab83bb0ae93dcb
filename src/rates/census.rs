//! What the verified manifests hold besides numerators: types, sureness, what was set aside or waits, and why.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::Digest;
use crate::model::manifest::{DossierRecord, Outcome, Wording};

/// Examples kept of each reason.
const EXAMPLES: usize = 6;
/// Sureness in steps of ten percent; 100 has a step of its own.
pub const STEPS: usize = 11;

/// The census of all deliveries of one count.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Lines of manifests.
    pub dossiers: u64,
    /// Of them packaged.
    pub packaged: u64,
    /// Documents.
    pub documents: u64,
    /// Pages in them.
    pub pages: u64,
    /// Documents by the name of their type.
    pub types: BTreeMap<String, u64>,
    /// Documents by how sure their type is, in steps of ten percent.
    pub sureness: [u64; STEPS],
    /// Why dossiers were set aside, by code.
    pub set_aside: BTreeMap<String, Reasons>,
    /// Why documents wait for a person, by code.
    pub review: BTreeMap<String, Reasons>,
}

/// One reason, as often as it was given.
#[derive(Clone, Debug, Default)]
pub struct Reasons {
    /// Dossiers that have it.
    pub dossiers: u64,
    /// What the first of them was told.
    pub words: Option<Wording>,
    /// The first of them.
    pub examples: Vec<Example>,
}

/// A dossier to look at.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its name below the drop.
    pub folder: String,
    /// Its first scan, where the package keeps it: path, digest, length.
    pub scan: Option<(PathBuf, Digest, u64)>,
}

impl Census {
    /// Takes one line of a manifest in the delivery `out`.
    pub fn take(&mut self, record: &DossierRecord, out: &std::path::Path) {
        self.dossiers += 1;
        self.packaged += u64::from(record.outcome == Outcome::Packaged);
        for document in &record.documents {
            self.documents += 1;
            self.pages += u64::from(document.pages);
            let kind = &document.description.kind;
            *self.types.entry(kind.title.clone()).or_default() += 1;
            self.sureness[usize::from(kind.confidence.pct()) / 10] += 1;
        }
        let example = Example {
            folder: record.folder.clone(),
            scan: first_scan(record, out),
        };
        add(&mut self.set_aside, &record.reasons, &example);
        add(&mut self.review, &record.review, &example);
    }
}

/// The first scan of the package's own copy. Scans of a dossier set aside stay in the drop, which is not the package's.
fn first_scan(record: &DossierRecord, out: &std::path::Path) -> Option<(PathBuf, Digest, u64)> {
    let code = record.dossier.as_ref()?;
    let source = record.sources.iter().find(|source| source.kept.is_some())?;
    let path = out.join("dossiers").join(code.as_str());
    let path = path.join(source.kept.as_ref()?);
    Some((path, source.sha256, source.bytes))
}

fn add(
    all: &mut BTreeMap<String, Reasons>,
    given: &[crate::model::manifest::Reason],
    example: &Example,
) {
    let mut codes: Vec<&str> = given.iter().map(|reason| reason.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        let reasons = all.entry(code.to_owned()).or_default();
        reasons.dossiers += 1;
        if reasons.words.is_none() {
            let first = given.iter().find(|reason| reason.code == code);
            reasons.words = first.map(|reason| reason.vi.clone());
        }
        if reasons.examples.len() < EXAMPLES {
            reasons.examples.push(example.clone());
        }
    }
}
