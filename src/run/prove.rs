//! The proof of one file or page of a package, made from its record and its trees alone.
//!
//! Neither the manifest nor the files are read: a proof among a million pages takes some short
//! readings of `OUT/tree`. Only a file that lies elsewhere (a copy on a stick) is looked for by
//! its digest in the manifest.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Component, Path, PathBuf};

use crate::formats::merkle::{Join, StoredTree, leaf_hash};
use crate::formats::proof::Proof;
use crate::formats::tlog;
use crate::model::manifest::{BatchHeader, DossierRecord};
use crate::model::{Coded, Digest, Digester, DossierCode, Params, Retry};
use crate::stages::package::{Leaf, PackageFault, Shelf, StoredLevels, Subject, evidence_leaves};

/// Name of the receipt of the province's log in a package.
pub const RECEIPT: &str = "batch.tlog-proof";

/// Why something could not be proven.
#[derive(Debug, thiserror::Error)]
pub enum ProveFault {
    /// The package has no such file.
    #[error("{} is not in the package", path.display())]
    NotInPackage {
        /// What was asked for.
        path: PathBuf,
    },
    /// The file has no such page, or none that the package tells of.
    #[error("{} has no page {page}", path.display())]
    NoSuchPage {
        /// The file.
        path: PathBuf,
        /// The page, from 1.
        page: u32,
    },
    /// The package has no trees, or others than its header says.
    #[error("{} has no tree for its header", path.display())]
    NoTree {
        /// The package.
        path: PathBuf,
    },
    /// The package is not in a log, or was changed since it was.
    #[error("{} has no receipt for its header", path.display())]
    NotLogged {
        /// The package.
        path: PathBuf,
    },
    /// The package cannot be read.
    #[error(transparent)]
    Package(#[from] PackageFault),
}

impl Coded for ProveFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NotInPackage { .. } => "EVD-001",
            Self::NoSuchPage { .. } => "EVD-002",
            Self::NoTree { .. } => "EVD-003",
            Self::NotLogged { .. } => "EVD-004",
            Self::Package(fault) => fault.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NotInPackage { path } | Self::NoTree { path } | Self::NotLogged { path } => {
                Params::from([("path", path.display().to_string())])
            }
            Self::NoSuchPage { path, page } => Params::from([
                ("path", path.display().to_string()),
                ("page", page.to_string()),
            ]),
            Self::Package(fault) => fault.params(),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Package(fault) => fault.retry(),
            _ => Retry::AfterPerson,
        }
    }
}

/// Proves a file of the package, or one of its pages (from 1).
pub fn prove(out: &Path, path: &Path, page: Option<u32>) -> Result<Proof, ProveFault> {
    let (header, batch) = header_of(out)?;
    let leaf = leaf_of(out, path, page)?;
    let no_tree = || ProveFault::NoTree {
        path: out.to_owned(),
    };
    let stored = StoredLevels::of(out, Join::Rfc9162);
    let tree = StoredTree {
        stored: &stored,
        join: Join::Rfc9162,
        leaves: header.merkle.leaves,
    };
    let found = stored.position(&leaf_hash(leaf.line.as_bytes()));
    let index = found.ok().flatten().ok_or_else(no_tree)?;
    // Trees of a run that was killed before it wrote the header are not this header's.
    if tree.root().ok() != Some(header.merkle.root) {
        return Err(no_tree());
    }
    Ok(Proof {
        batch,
        leaf: leaf.line,
        bytes: leaf.bytes,
        index,
        leaves: header.merkle.leaves,
        path: tree.inclusion(index).map_err(|_| no_tree())?,
    })
}

/// The proof as one that leads to the province's log: the package's receipt, the proof in it.
pub fn in_log(out: &Path, proof: &Proof) -> Result<String, ProveFault> {
    let receipt = fs::read_to_string(out.join(RECEIPT)).ok();
    let whole = receipt.and_then(|receipt| tlog::with_extra(&receipt, &proof.to_bytes()));
    whole.ok_or_else(|| ProveFault::NotLogged {
        path: out.to_owned(),
    })
}

/// The header of a package and its digest.
pub fn header_of(out: &Path) -> Result<(BatchHeader, Digest), PackageFault> {
    let path = out.join("batch.json");
    let bytes = fs::read(&path).map_err(PackageFault::at(&path))?;
    let header = serde_json::from_slice(&bytes);
    let header = header.map_err(|error: serde_json::Error| PackageFault::BadRecord {
        path,
        cause: error.to_string(),
    })?;
    Ok((header, Digest::of(&bytes)))
}

fn leaf_of(out: &Path, path: &Path, page: Option<u32>) -> Result<Leaf, ProveFault> {
    let (record, subject) = match place_in(out, path) {
        Some((code, name)) => {
            let record = Shelf::at(out).record(&code)?;
            let subject = subject_named(&record, &name);
            (Some(record), subject)
        }
        None => match find_by_digest(out, path)? {
            Some((record, subject)) => (Some(record), Some(subject)),
            None => (None, None),
        },
    };
    let found = record.zip(subject).ok_or_else(|| ProveFault::NotInPackage {
        path: path.to_owned(),
    });
    let (record, subject) = found?;
    let mut leaves = evidence_leaves(&record).into_iter();
    let leaf = leaves.find(|leaf| match page {
        None => leaf.subject == subject,
        Some(page) => is_page_of(leaf.subject, subject, page),
    });
    leaf.ok_or_else(|| match page {
        None => ProveFault::NotInPackage {
            path: path.to_owned(),
        },
        Some(page) => ProveFault::NoSuchPage {
            path: path.to_owned(),
            page,
        },
    })
}

fn is_page_of(leaf: Subject, file: Subject, page: u32) -> bool {
    let Subject::Page {
        source,
        source_page,
        published,
    } = leaf
    else {
        return false;
    };
    match file {
        Subject::File(n) => published == Some((n, page)),
        Subject::Scan(n) => u64::from(source) == n && source_page == page,
        _ => false,
    }
}

/// The dossier and the name below its folder, where the path leads into the package: as it
/// stands, or taken below OUT.
fn place_in(out: &Path, path: &Path) -> Option<(DossierCode, String)> {
    let root = fs::canonicalize(out).ok()?;
    let whole = [path.to_owned(), out.join(path)];
    let below = whole.iter().find_map(|path| {
        let path = fs::canonicalize(path).ok()?;
        Some(path.strip_prefix(&root).ok()?.to_owned())
    })?;
    let mut parts = below.components().map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    if parts.next()?? != "dossiers" {
        return None;
    }
    let code = parts.next()??.parse().ok()?;
    let name: Option<Vec<&str>> = parts.collect();
    Some((code, name?.join("/")))
}

fn subject_named(record: &DossierRecord, name: &str) -> Option<Subject> {
    for document in &record.documents {
        if document.file == name {
            return Some(Subject::File(document.n));
        }
        if document.text.as_ref().is_some_and(|text| text.file == name) {
            return Some(Subject::Text(document.n));
        }
    }
    let kept = |source: &crate::model::manifest::Source| source.kept.as_deref() == Some(name);
    let number = record.sources.iter().position(kept)?;
    Some(Subject::Scan(number as u64 + 1))
}

/// Looks for a file that lies elsewhere by its digest: the first in the order of the manifest.
fn find_by_digest(
    out: &Path,
    path: &Path,
) -> Result<Option<(DossierRecord, Subject)>, PackageFault> {
    let digest = digest_of(path).map_err(PackageFault::at(path))?;
    let manifest = out.join("manifest.jsonl");
    let file = File::open(&manifest).map_err(PackageFault::at(&manifest))?;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(PackageFault::at(&manifest))?;
        let record = serde_json::from_str(&line);
        let record: DossierRecord = record.map_err(|error| PackageFault::BadRecord {
            path: manifest.clone(),
            cause: error.to_string(),
        })?;
        let mut leaves = evidence_leaves(&record).into_iter();
        let found = leaves.find(|leaf| leaf.bytes.is_some() && leaf.object == digest);
        if let Some(leaf) = found {
            return Ok(Some((record, leaf.subject)));
        }
    }
    Ok(None)
}

fn digest_of(path: &Path) -> io::Result<Digest> {
    let mut reader = BufReader::with_capacity(256 << 10, File::open(path)?);
    let mut digester = Digester::new();
    loop {
        let part = reader.fill_buf()?;
        if part.is_empty() {
            return Ok(digester.finish());
        }
        digester.update(part);
        let read = part.len();
        reader.consume(read);
    }
}
