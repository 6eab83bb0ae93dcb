//! All files of a batch by another hash: what a renewed evidence record covers beside the chains
//! before it (docs/evidence.md, "Another hash").
//!
//! When SHA-256 ends, the digests of the manifest prove nothing any more; these do, because the new time
//! stamp was made while they still did (RFC 4998, 5.2).

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

use super::batch_signature::SIGNATURE;
use super::dossier::{self, MANIFEST};
use super::finding::{Code, Finding, Findings, Place};
use super::folder::{Folder, Unopened};
use super::header::HEADER;
use super::judge::crypto::Hash;
use super::limits;
use crate::model::manifest::DossierRecord;

/// The names that lists have.
pub const LISTS: [&str; 2] = ["batch.sha384", "batch.sha512"];

/// A list that is the one that its record covers.
pub struct List {
    name: &'static str,
    hash: Hash,
    sums: HashMap<String, String>,
}

impl List {
    /// Reads the list of a package; `None` where it is not the one of this digest, or no list.
    pub fn read(folder: &Folder, hash: Hash, digest: &[u8]) -> Result<Option<Self>, Finding> {
        let name = match hash {
            Hash::Sha384 => LISTS[0],
            Hash::Sha512 => LISTS[1],
            Hash::Sha1 | Hash::Sha256 => return Ok(None),
        };
        let file = folder.file(name);
        let file = file.map_err(|why| dossier::unopened(name, why))?;
        let bytes = file.read(limits::LIST_BYTES);
        let bytes = bytes.map_err(|fault| dossier::unreadable(name, &fault))?;
        let bytes = bytes.ok_or_else(|| dossier::over_budget(name, limits::LIST_BYTES))?;
        if hash.of(&[&bytes]).as_ref() != digest {
            return Ok(None);
        }
        let text = String::from_utf8(bytes).ok();
        let sums = text.and_then(|text| sums(&text));
        Ok(sums.map(|sums| Self { name, hash, sums }))
    }

    /// What is wrong with a file of these bytes.
    pub fn flaw(&self, path: &str, bytes: &[u8]) -> Option<Finding> {
        self.compare(path, &hexadecimal(self.hash.of(&[bytes]).as_ref()))
    }

    /// The same for a file that is read as a stream.
    pub fn check(&self, folder: &Folder, path: &str, findings: &mut Findings) {
        let file = match folder.file(path) {
            Ok(file) => file,
            Err(why) => return findings.add(dossier::unopened(path, why)),
        };
        match self.digest(file.into_reader()) {
            Ok(found) => {
                let flaw = self.compare(path, &found);
                flaw.into_iter().for_each(|flaw| findings.add(flaw));
            }
            Err(fault) => findings.add(dossier::unreadable(path, &fault)),
        }
    }

    fn digest(&self, mut reader: impl Read) -> io::Result<String> {
        let mut context = self.hash.context();
        let mut buffer = vec![0u8; 256 * 1024];
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(hexadecimal(context.finish().as_ref())),
                count => context.update(&buffer[..count]),
            }
        }
    }

    fn compare(&self, path: &str, found: &str) -> Option<Finding> {
        let said = self.sums.get(path).map_or("-", String::as_str);
        (said != found).then(|| {
            let finding = Finding::new(Code::ListDiffers, Place::file(path));
            let finding = finding.with("list", self.name);
            finding.with("said", said).with("found", found)
        })
    }

    /// Checks header, signature and manifest, and that the list names these and `files` more.
    pub fn check_top(&self, folder: &Folder, files: u64, findings: &mut Findings) {
        let mut named = files;
        for path in [HEADER, SIGNATURE, MANIFEST] {
            if path == SIGNATURE && matches!(folder.file(path), Err(Unopened::Missing)) {
                continue; // told where it is judged
            }
            named += 1;
            self.check(folder, path, findings);
        }
        if named != self.sums.len() as u64 {
            let finding = Finding::new(Code::ListDiffers, Place::file(self.name));
            let finding = finding
                .with("list", self.name)
                .with("said", self.sums.len());
            findings.add(finding.with("found", named));
        }
    }
}

/// Files of a dossier that a list names: kept scans, each once, documents and texts.
pub fn files_of(record: &DossierRecord) -> u64 {
    let kept = record
        .sources
        .iter()
        .filter_map(|source| source.kept.as_deref());
    let kept: HashSet<&str> = kept.collect();
    let texts = record.documents.iter().filter(|one| one.text.is_some());
    (kept.len() + record.documents.len() + texts.count()) as u64
}

/// The lines of `sha512sum`: digest, two spaces, path. `None` where a line is another or a path stands twice.
fn sums(text: &str) -> Option<HashMap<String, String>> {
    let mut sums = HashMap::new();
    for line in text.strip_suffix('\n')?.split('\n') {
        let (sum, path) = line.split_once("  ")?;
        if sums.insert(path.to_owned(), sum.to_owned()).is_some() {
            return None;
        }
    }
    Some(sums)
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_lines_of_digest_and_path_each_path_once() {
        let read = sums("ab  a b.pdf\ncd  c\n").expect("a list");
        assert_eq!((read["a b.pdf"].as_str(), read.len()), ("ab", 2));
        for wrong in ["", "ab  a", "ab a\n", "ab  a\nab  a\n", "ab  a\n\n"] {
            assert!(sums(wrong).is_none(), "{wrong:?}");
        }
    }
}
