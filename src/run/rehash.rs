//! The list that a renewal of the hash tree is made over (RFC 4998, 5.2): every file of a batch by
//! another hash.
//!
//! It is read by `sha512sum --check` as it stands. Each file is held against its recorded SHA-256 while
//! it is read, because a file that was changed must not get a new proof. Of a file whose signature was
//! renewed the recorded beginning is listed, as everywhere in the evidence.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use ring::digest;

use super::prove;
use super::stamp::StampFault;
use crate::formats::foreign_signature::Hash;
use crate::model::manifest::{DossierRecord, Outcome};
use crate::model::{Digest, Digester};
use crate::stages::package::{HEADER, MANIFEST, PackageFault, SIGNATURE};

/// The list's name in a package.
pub fn name_of(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha256 => "batch.sha256",
        Hash::Sha384 => "batch.sha384",
        Hash::Sha512 => "batch.sha512",
    }
}

/// The list: header, its signature and the manifest, then the files of each dossier in the manifest's order.
pub fn list(out: &Path, hash: Hash) -> Result<String, StampFault> {
    let (header, digest) = prove::header_of(out)?;
    let mut list = List {
        out,
        hash,
        text: String::new(),
    };
    list.add(HEADER, None, Some(digest))?;
    if out.join(SIGNATURE).exists() {
        list.add(SIGNATURE, None, None)?;
    }
    list.add(MANIFEST, None, Some(header.manifest.sha256))?;
    let manifest = out.join(MANIFEST);
    let file = File::open(&manifest).map_err(PackageFault::at(&manifest))?;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(PackageFault::at(&manifest))?;
        let record = DossierRecord::from_line(line.as_bytes());
        let record = record.map_err(|fault| PackageFault::BadRecord {
            path: manifest.clone(),
            cause: fault.to_string(),
        })?;
        list.add_dossier(&record)?;
    }
    Ok(list.text)
}

struct List<'o> {
    out: &'o Path,
    hash: Hash,
    text: String,
}

impl List<'_> {
    fn add_dossier(&mut self, record: &DossierRecord) -> Result<(), StampFault> {
        let packaged = record.outcome == Outcome::Packaged;
        let Some(code) = record.dossier.as_ref().filter(|_| packaged) else {
            return Ok(());
        };
        let mut listed = HashSet::new();
        for source in &record.sources {
            // Equal scans are kept once.
            if let Some(kept) = source.kept.as_ref().filter(|kept| listed.insert(*kept)) {
                let path = format!("dossiers/{code}/{kept}");
                self.add(&path, Some(source.bytes), Some(source.sha256))?;
            }
        }
        for document in &record.documents {
            let path = format!("dossiers/{code}/{}", document.file);
            self.add(&path, Some(document.bytes), Some(document.sha256))?;
            if let Some(text) = &document.text {
                let path = format!("dossiers/{code}/{}", text.file);
                self.add(&path, Some(text.bytes), Some(text.sha256))?;
            }
        }
        Ok(())
    }

    /// Adds a file, or its first bytes, which must have the digest that is said.
    fn add(
        &mut self,
        path: &str,
        bytes: Option<u64>,
        said: Option<Digest>,
    ) -> Result<(), StampFault> {
        let place = self.out.join(path);
        let found = digests(&place, bytes, self.hash).map_err(PackageFault::at(&place))?;
        let (sum, found) = found;
        if said.is_some_and(|said| said != found) {
            return Err(StampFault::Altered { path: place });
        }
        self.text += &format!("{sum}  {path}\n");
        Ok(())
    }
}

/// The digest by the new hash in hexadecimal digits, and the SHA-256.
fn digests(place: &Path, bytes: Option<u64>, hash: Hash) -> io::Result<(String, Digest)> {
    let mut file = File::open(place)?.take(bytes.unwrap_or(u64::MAX));
    let (mut new, mut old) = (digest::Context::new(hash.algorithm()), Digester::new());
    let mut buffer = vec![0; 256 << 10];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            let sum = new.finish();
            let hex = sum.as_ref().iter().map(|byte| format!("{byte:02x}"));
            return Ok((hex.collect(), old.finish()));
        }
        new.update(&buffer[..count]);
        old.update(&buffer[..count]);
    }
}
