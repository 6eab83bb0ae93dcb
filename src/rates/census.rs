//! What the verified manifests hold besides numerators: types, sureness, what was set aside or waits, and why.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::model::Digest;
use crate::model::manifest::{DossierRecord, Outcome, Source, Wording};

/// Examples kept of each reason.
const EXAMPLES: usize = 6;
/// Scans of one example that may be tried for a picture: of a dossier set aside the first is often the broken one.
const SCANS: usize = 3;
/// Set aside for a stamp of secrecy: nothing of such a paper is ever shown.
const SECRET: &str = "DSC-030";
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
    /// Its first scans.
    pub scans: Vec<Scan>,
}

/// A scan that a picture may be made of.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Where it lies.
    pub place: ScanPlace,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// How many they are.
    pub bytes: u64,
}

/// Where a scan lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanPlace {
    /// The package's own copy.
    Package(PathBuf),
    /// Below the drop: scans of dossiers set aside are not in the package.
    Drop(PathBuf),
}

impl Census {
    /// Takes one line of a manifest in the delivery `out`.
    pub fn take(&mut self, record: &DossierRecord, out: &Path) {
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
            scans: scans(record, out),
        };
        add(&mut self.set_aside, &record.reasons, &example);
        add(&mut self.review, &record.review, &example);
    }
}

fn scans(record: &DossierRecord, out: &Path) -> Vec<Scan> {
    let asked = || record.reasons.iter().chain(&record.review);
    if asked().next().is_none() || asked().any(|reason| reason.code == SECRET) {
        return Vec::new();
    }
    let scan = |source: &Source| {
        let place = match (record.outcome, &source.kept, &record.dossier) {
            (Outcome::SetAside, ..) => {
                ScanPlace::Drop(below(&Path::new(&record.folder).join(&source.name))?)
            }
            (Outcome::Packaged, Some(kept), Some(code)) => {
                ScanPlace::Package(out.join("dossiers").join(code.as_str()).join(kept))
            }
            (Outcome::Packaged, ..) => return None,
        };
        let (digest, bytes) = (source.sha256, source.bytes);
        Some(Scan {
            place,
            digest,
            bytes,
        })
    };
    record.sources.iter().filter_map(scan).take(SCANS).collect()
}

/// The path where it leads nowhere but down.
fn below(path: &Path) -> Option<PathBuf> {
    let is_down = |part: Component<'_>| matches!(part, Component::Normal(_));
    path.components().all(is_down).then(|| path.to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A dossier set aside for one reason, with one scan of this name.
    fn record(code: &str, name: &str) -> DossierRecord {
        let words = serde_json::json!({ "what": "a", "remedy": "b" });
        let record = serde_json::json!({
            "v": 1, "folder": "Hộp 7/H10.12-261120-0001", "dossier": "H10.12-261120-0001", "outcome": "set_aside",
            "reasons": [{ "code": code, "place": "", "retry": "never", "vi": words, "en": words }],
            "sources": [{ "name": name, "sha256": Digest::of(b""), "bytes": 9, "pages": 1, "kept": null }],
            "ignored": [], "pages": [], "documents": [],
        });
        serde_json::from_value(record).expect("a record")
    }

    fn places(code: &str, name: &str) -> Vec<ScanPlace> {
        let scans = scans(&record(code, name), Path::new("/gói"));
        scans.into_iter().map(|scan| scan.place).collect()
    }

    #[test]
    fn the_scans_of_a_dossier_set_aside_lie_in_the_drop() {
        let path = PathBuf::from("Hộp 7/H10.12-261120-0001/1.png");
        assert_eq!(places("INT-005", "1.png"), [ScanPlace::Drop(path)]);
    }

    #[test]
    fn nothing_is_shown_of_secret_papers_nor_of_what_lies_elsewhere() {
        assert_eq!(places(SECRET, "1.png"), []);
        for name in ["../1.png", "/etc/1.png", "a/../../1.png"] {
            assert_eq!(places("INT-005", name), [], "{name}");
        }
    }
}
