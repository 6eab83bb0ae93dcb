//! What stands in a package, looked at without owning it.

use std::path::{Path, PathBuf};

use super::PackageFault;
use super::store::{read_record, set_aside_name};
use crate::model::manifest::{DossierRecord, SealRecord};
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

    /// Where a packaged dossier stands.
    pub(super) fn place_of(&self, code: &DossierCode) -> PathBuf {
        self.out.join("dossiers").join(code.as_str())
    }

    /// Where the record of a folder stands that was set aside.
    pub(super) fn set_aside_file(&self, folder: &str) -> PathBuf {
        self.out.join("set-aside").join(set_aside_name(folder))
    }

    /// The record of a packaged dossier.
    pub fn record(&self, code: &DossierCode) -> Result<DossierRecord, PackageFault> {
        read_record(&self.place_of(code).join("record.json"))
    }

    /// The record of this dossier where it is already packaged from equal inputs, plan and
    /// software, and its files stand there in the length that the record says.
    pub fn already_done(&self, code: &DossierCode, content_key: Digest) -> Option<DossierRecord> {
        let folder = self.place_of(code);
        // A record that cannot be read is no proof of work done: the dossier is done anew.
        let record = read_record(&folder.join("record.json")).ok()?;
        let same = record.content_key == Some(content_key);
        (same && has_its_files(&folder, &record)).then_some(record)
    }

    /// The record of this folder where it was set aside with equal inputs, plan and software.
    pub fn already_set_aside(&self, folder: &str, content_key: Digest) -> Option<DossierRecord> {
        let record = read_record(&self.set_aside_file(folder)).ok()?;
        (record.content_key == Some(content_key)).then_some(record)
    }

    /// True where the package tells of this dossier, from whatever scans.
    pub fn knows(&self, folder: &str, code: &str) -> bool {
        let code: Option<DossierCode> = code.parse().ok();
        code.is_some_and(|code| self.place_of(&code).exists())
            || self.set_aside_file(folder).exists()
    }
}

fn has_its_files(folder: &Path, record: &DossierRecord) -> bool {
    let has = |name: &str, may_have: &dyn Fn(u64) -> bool| {
        let found = folder.join(name).symlink_metadata();
        found.is_ok_and(|found| found.is_file() && may_have(found.len()))
    };
    let documents = record.documents.iter().all(|document| match document.seal {
        // `renew` appends to what we signed; what lies before its time stamps stays as recorded.
        SealRecord::Signed { .. } => has(&document.file, &|bytes| bytes >= document.bytes),
        _ => has(&document.file, &|bytes| bytes == document.bytes),
    });
    let mut sources = record.sources.iter();
    documents
        && sources.all(|source| match &source.kept {
            Some(kept) => has(kept, &|bytes| bytes == source.bytes),
            None => true,
        })
}
