//! The province's log audited: recomputed from its entries, held against its signed head, against
//! heads that were seen before and against packages that were delivered (docs/evidence.md).
//!
//! The tree is made anew from every entry, so that a log cut short, forked or rewritten shows
//! against any head that somebody kept: the root of its first *n* entries is then another.

mod note;
mod proof;
mod tiles;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::finding::{Code, Finding, Findings, Place};
use super::folder::{Folder, Unopened};
use super::proof::sha256;
use super::report::Verdict;
use super::{dossier, header, limits};
use crate::model::Digest;
use crate::model::manifest::BatchHeader;

pub use note::{Head, LogPublicKey, NoteFlaw};
pub use proof::{LogProof, LogProofFlaw};

const CHECKPOINT: &str = "checkpoint";
/// The proof that a package was logged, kept in it.
pub const RECEIPT: &str = "batch.tlog-proof";

/// What a log is held against.
pub struct Witnesses<'w> {
    /// The log's key; without it nobody knows whose log it is.
    pub key: Option<&'w LogPublicKey>,
    /// Heads seen before, each with the name of its file.
    pub heads: &'w [(String, String)],
    /// Packages that should be in it.
    pub packages: &'w [PathBuf],
}

/// The outcome.
#[derive(Debug)]
pub struct LogReport {
    /// The bottom line.
    pub verdict: Verdict,
    /// The log's head, where it can be read.
    pub head: Option<Head>,
    /// For each package in the log its folder and the number of its entry, from 0.
    pub entries: BTreeMap<String, u64>,
    /// Everything found, the worst first.
    pub findings: Vec<Finding>,
}

/// Audits the log in a folder. Always ends in a report: what cannot be read is a finding.
pub fn audit(folder: &Path, by: &Witnesses<'_>) -> LogReport {
    let mut findings = Findings::default();
    let mut asked = Asked::of(by, &mut findings);
    let head = match Folder::open(folder) {
        Ok(folder) => audit_folder(&folder, by, &mut asked, &mut findings),
        Err(why) => {
            findings.add(dossier::unopened(".", why));
            None
        }
    };
    if by.key.is_none() {
        findings.add(Finding::new(Code::LogKeyMissing, Place::file(CHECKPOINT)));
    }
    LogReport {
        verdict: Verdict::from_worst(findings.worst()),
        head,
        entries: asked.found,
        findings: findings.ranked().0,
    }
}

fn audit_folder(
    folder: &Folder,
    by: &Witnesses<'_>,
    asked: &mut Asked,
    findings: &mut Findings,
) -> Option<Head> {
    let note = text(folder, CHECKPOINT, limits::CHECKPOINT_BYTES, findings)?;
    let head = match Head::read(&note, by.key) {
        Ok(head) => head,
        Err(flaw) => {
            findings.add(broken(CHECKPOINT, flaw));
            return None;
        }
    };
    if head.size > limits::LOG_ENTRIES {
        findings.add(dossier::over_budget(CHECKPOINT, limits::LOG_ENTRIES));
        return Some(head);
    }
    let root = tiles::read(folder, head.size, findings, &mut |index, entry, root| {
        asked.hear(index, entry, root);
    });
    if root.is_some_and(|root| root != head.root) {
        findings.add(broken(CHECKPOINT, "root"));
    }
    if root.is_some() {
        asked.judge(&head, findings);
    }
    Some(head)
}

/// What has to be found in the log, and what was.
#[derive(Default)]
struct Asked {
    /// Heads by their size; each with where it comes from and its root.
    heads: HashMap<u64, Vec<(String, Digest)>>,
    origins: Vec<(String, String)>,
    /// Packages by the hash of their entry.
    wanted: HashMap<Digest, String>,
    found: BTreeMap<String, u64>,
    /// Heads whose root is not the log's.
    forked: Vec<(String, u64)>,
}

impl Asked {
    fn of(by: &Witnesses<'_>, findings: &mut Findings) -> Self {
        let mut asked = Self::default();
        for (name, note) in by.heads {
            match Head::read(note, by.key) {
                Ok(head) => asked.add_head(name, head),
                Err(flaw) => findings.add(broken(name, flaw)),
            }
        }
        for package in by.packages {
            asked.add_package(package, by.key, findings);
        }
        asked
    }

    fn add_head(&mut self, name: &str, head: Head) {
        self.origins.push((name.to_owned(), head.origin));
        let same_size = self.heads.entry(head.size).or_default();
        same_size.push((name.to_owned(), head.root));
    }

    fn add_package(&mut self, path: &Path, key: Option<&LogPublicKey>, findings: &mut Findings) {
        let name = path.display().to_string();
        let read = Folder::open(path).map_err(|why| dossier::unopened(&name, why));
        let entry = read.and_then(|folder| {
            let bytes = header::bytes(&folder, findings);
            let entry = bytes.as_deref().and_then(entry_of);
            let place = Place::file(format!("{name}/{}", header::HEADER));
            let invalid = || Finding::new(Code::HeaderInvalid, place).with("detail", "json");
            Ok((folder, entry.ok_or_else(invalid)?))
        });
        match entry {
            Ok((folder, entry)) => {
                if let Some(receipt) = receipt(&folder, &name, &entry, key, findings) {
                    self.add_head(&format!("{name}/{RECEIPT}"), receipt.head);
                }
                self.wanted.insert(sha256(&[entry.as_bytes()]), name);
            }
            Err(finding) => findings.add(finding),
        }
    }

    /// Hears of an entry and of the root over it and all before.
    fn hear(&mut self, index: u64, entry: &[u8], root: &dyn Fn() -> Digest) {
        if let Some(name) = self.wanted.remove(&sha256(&[entry])) {
            self.found.insert(name, index);
        }
        for (name, said) in self.heads.remove(&(index + 1)).unwrap_or_default() {
            if said != root() {
                self.forked.push((name, index + 1));
            }
        }
    }

    fn judge(&mut self, head: &Head, findings: &mut Findings) {
        // The head of an empty log says nothing about what came later.
        let empty = self.heads.remove(&0).unwrap_or_default();
        let empty = empty.into_iter().filter(|(_, root)| *root != sha256(&[]));
        self.forked.extend(empty.map(|(name, _)| (name, 0)));
        for (name, size) in std::mem::take(&mut self.forked) {
            let finding = Finding::new(Code::LogForked, Place::file(name));
            findings.add(finding.with("size", size));
        }
        for (size, heads) in self.heads.drain() {
            for (name, _) in heads {
                let finding = Finding::new(Code::LogShorter, Place::file(name));
                findings.add(finding.with("said", size).with("found", head.size));
            }
        }
        for (name, origin) in self.origins.drain(..).filter(|(_, o)| *o != head.origin) {
            findings.add(broken(&name, NoteFlaw::OtherLog).with("origin", origin));
        }
        for name in self.wanted.drain().map(|(_, name)| name) {
            findings.add(Finding::new(Code::BatchNotLogged, Place::file(name)));
        }
    }
}

/// The line that a log has of a batch, by the bytes of its header.
pub fn entry_of(header: &[u8]) -> Option<String> {
    let digest = sha256(&[header]);
    let header: BatchHeader = serde_json::from_slice(header).ok()?;
    let merkle = header.merkle;
    Some(format!(
        "sohoa.v1 batch {digest} {} {}",
        merkle.root, merkle.leaves
    ))
}

/// The receipt of a package, where it has one and it is for this entry.
pub(super) fn receipt(
    folder: &Folder,
    name: &str,
    entry: &str,
    key: Option<&LogPublicKey>,
    findings: &mut Findings,
) -> Option<LogProof> {
    let file = match folder.file(RECEIPT) {
        Err(Unopened::Missing) => return None,
        file => file.map_err(|why| dossier::unopened(RECEIPT, why)),
    };
    let place = match name {
        "" => RECEIPT.to_owned(),
        name => format!("{name}/{RECEIPT}"),
    };
    let proof = file.and_then(|file| {
        let bytes = file.read(limits::LOG_PROOF_BYTES).ok().flatten();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or_else(|| broken(&place, "not text"))?;
        let proof = LogProof::read(&text, key).map_err(|flaw| broken(&place, flaw))?;
        proof.proves(entry).map_err(|flaw| broken(&place, flaw))?;
        Ok(proof)
    });
    proof.map_err(|finding| findings.add(finding)).ok()
}

fn text(folder: &Folder, path: &str, limit: u64, findings: &mut Findings) -> Option<String> {
    let file = folder
        .file(path)
        .map_err(|why| dossier::unopened(path, why));
    let text = file.and_then(|file| {
        let bytes = file
            .read(limit)
            .map_err(|fault| dossier::unreadable(path, &fault))?;
        let bytes = bytes.ok_or_else(|| dossier::over_budget(path, limit))?;
        String::from_utf8(bytes).map_err(|_| broken(path, "not text"))
    });
    text.map_err(|finding| findings.add(finding)).ok()
}

fn broken(path: &str, detail: impl ToString) -> Finding {
    Finding::new(Code::LogBroken, Place::file(path)).with("detail", detail)
}
