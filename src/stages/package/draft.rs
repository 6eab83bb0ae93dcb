//! A dossier's folder in the making, below `.work` until it is whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{PackageFault, durable};
use crate::model::manifest::DossierRecord;
use crate::model::{Digest, Digester, DossierCode};

/// A dossier's folder in the making; dropped unfinished, it leaves nothing behind.
pub struct Draft {
    folder: PathBuf,
    place: PathBuf,
    spool: PathBuf,
}

impl Draft {
    /// Opens an empty draft at `folder` that will be moved to `place`.
    pub(super) fn open(folder: PathBuf, place: PathBuf) -> Result<Self, PackageFault> {
        let spool = folder.with_added_extension("spool");
        for empty in [&folder, &spool] {
            durable::remove(empty)?;
            durable::create_folder(empty)?;
        }
        Ok(Self {
            folder,
            place,
            spool,
        })
    }

    /// Copies a scan into `scans/` under its digest and gives the copy's name in the dossier.
    ///
    /// The copy is hashed as it is written: a file that changed since it was taken in is a fault,
    /// and so is one that can no longer be read; neither is the package's.
    pub fn keep_scan(
        &self,
        scan: &Path,
        name: &str,
        sha256: Digest,
    ) -> Result<String, PackageFault> {
        let scans = self.folder.join("scans");
        durable::create_folder(&scans)?;
        let kept = format!("scans/{sha256}{}", safe_extension(name));
        self.copy(scan, &kept, name, sha256)?;
        Ok(kept)
    }

    /// Copies a scan to `file`; bytes that are not those of `sha256` are a fault.
    pub fn copy(
        &self,
        scan: &Path,
        file: &str,
        name: &str,
        sha256: Digest,
    ) -> Result<(), PackageFault> {
        let unreadable = |cause| PackageFault::ScanUnreadable {
            name: name.to_owned(),
            cause,
        };
        let source = File::open(scan).map_err(unreadable)?;
        match copied_digest(source, &self.folder.join(file), unreadable)? == sha256 {
            true => Ok(()),
            false => Err(PackageFault::ScanChanged {
                name: name.to_owned(),
            }),
        }
    }

    /// Where a file of the dossier lies while it is in the making.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Puts down one file of the dossier.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PackageFault> {
        durable::write_new(&self.folder.join(name), bytes)
    }

    /// A place for what waits on the disk only until the dossier is finished.
    pub fn spool(&self, name: &str) -> PathBuf {
        self.spool.join(name)
    }

    /// Writes the record and moves the whole folder to its place in one step.
    pub fn finish(self, record: &DossierRecord) -> Result<(), PackageFault> {
        self.write("record.json", &super::batch::line(record))?;
        let scans = self.folder.join("scans");
        if scans.is_dir() {
            durable::sync_folder(&scans)?;
        }
        durable::sync_folder(&self.folder)?;
        if self.place.exists() {
            // The older version goes down with the draft's folder when `self` is dropped.
            durable::exchange(&self.folder, &self.place)
        } else {
            durable::rename(&self.folder, &self.place)
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // A leftover is harmless: the next run empties `.work` before it begins.
        let _ = durable::remove(&self.folder);
        let _ = durable::remove(&self.spool);
    }
}

fn copied_digest(
    mut source: File,
    to: &Path,
    unreadable: impl Fn(io::Error) -> PackageFault,
) -> Result<Digest, PackageFault> {
    let mut digester = Digester::new();
    let mut buffer = vec![0; 1 << 16];
    durable::write_parts(to, |put| {
        loop {
            let length = source.read(&mut buffer).map_err(&unreadable)?;
            if length == 0 {
                return Ok(digester.finish());
            }
            digester.update(&buffer[..length]);
            put(&buffer[..length])?;
        }
    })
}

/// The extension of a scan's name where it is short and plain, with its dot; else nothing.
fn safe_extension(name: &str) -> String {
    let extension = Path::new(name)
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    let plain = extension.len() <= 5 && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain && !extension.is_empty() {
        format!(".{}", extension.to_ascii_lowercase())
    } else {
        String::new()
    }
}

/// Names of the documents: `<mã hồ sơ>.<stt>.pdf` (TT 05/2025/TT-BNV, Điều 8.1.d).
pub fn document_name(code: &DossierCode, number: u32) -> String {
    format!("{code}.{number:02}.pdf")
}

/// The name of the text beside a document that was kept as it came.
pub fn text_name(code: &DossierCode, number: u32) -> String {
    format!("{code}.{number:02}.txt")
}
