//! What stands in a package, looked at without owning it.

use std::path::{Path, PathBuf};

use super::store::{read_record, set_aside_name};
use crate::model::manifest::DossierRecord;
use crate::model::{Digest, DossierCode};

/// A package as whoever does not write to it sees it.
pub struct Shelf {
    out: PathBuf,
}

impl Shelf {
    /// The package in this folder, which may be missing.
    pub fn at(out: &Path) -> Self {
        Self {
            out: out.to_owned(),
        }
    }

    /// The record of this dossier where it is already packaged from equal inputs, plan and
    /// software, and its files stand there in the length that the record says.
    pub fn already_done(&self, code: &DossierCode, content_key: Digest) -> Option<DossierRecord> {
        let folder = self.out.join("dossiers").join(code.as_str());
        // A record that cannot be read is no proof of work done: the dossier is done anew.
        let record = read_record(&folder.join("record.json")).ok()?;
        let same = record.content_key == Some(content_key);
        (same && has_its_files(&folder, &record)).then_some(record)
    }

    /// The record of this folder where it was set aside with equal inputs, plan and software.
    pub fn already_set_aside(&self, folder: &str, content_key: Digest) -> Option<DossierRecord> {
        let path = self.out.join("set-aside").join(set_aside_name(folder));
        let record = read_record(&path).ok()?;
        (record.content_key == Some(content_key)).then_some(record)
    }

    /// True where the package tells of this dossier, from whatever scans.
    pub fn knows(&self, folder: &str, code: &str) -> bool {
        let code: Option<DossierCode> = code.parse().ok();
        let packaged =
            code.is_some_and(|code| self.out.join("dossiers").join(code.as_str()).exists());
        packaged
            || self
                .out
                .join("set-aside")
                .join(set_aside_name(folder))
                .exists()
    }
}

fn has_its_files(folder: &Path, record: &DossierRecord) -> bool {
    let documents = record.documents.iter();
    let documents = documents.map(|document| (&document.file, document.bytes));
    let kept =
        |source: &crate::model::manifest::Source| source.kept.clone().map(|at| (at, source.bytes));
    let stands = |name: &str, bytes: u64| {
        let found = folder.join(name).symlink_metadata();
        found.is_ok_and(|found| found.is_file() && found.len() == bytes)
    };
    documents
        .into_iter()
        .all(|(name, bytes)| stands(name, bytes))
        && record
            .sources
            .iter()
            .filter_map(kept)
            .all(|(name, bytes)| stands(&name, bytes))
}
