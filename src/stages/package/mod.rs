//! Package: where finished work is put down, whole or not at all.
//!
//! Everything is first written below `OUT/.work`, forced to the disk and then
//! renamed, so that a name outside `.work` never stands for half a file
//! (docs/manifest.md, "Layout").

mod batch;
mod draft;
mod duplicates;
pub(crate) mod durable;
mod evidence;
pub mod owner;
mod rework;
mod shelf;
mod store;
mod tree;

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::{Coded, Params, Retry};

pub use batch::{HEADER, KeptCounts, LISTS, MANIFEST, ManifestSums, RECORD, SIGNATURE};
pub use draft::{Draft, document_name, text_name};
pub use evidence::{Leaf, Subject, evidence_leaves};
pub use shelf::Shelf;
pub use store::Store;
pub use tree::{StoredLevels, TREE};

/// What goes into the package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Keep a byte copy of every scan beside the documents made of it.
    pub keep_scans: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { keep_scans: true }
    }
}

/// Why the package could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PackageFault {
    /// The disk is full.
    #[error("no space left for {}", path.display())]
    Full {
        /// What was being written.
        path: PathBuf,
    },
    /// The place cannot be read or written.
    #[error("{}: {cause}", path.display())]
    Unusable {
        /// What was being read or written.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
    /// Another run works on the same package.
    #[error("locked by {owner}")]
    Locked {
        /// Process and host of the other run, as it wrote them down.
        owner: String,
    },
    /// A scan's bytes are not those that were hashed when it was taken in.
    #[error("{name} changed while it was being read")]
    ScanChanged {
        /// The scan below its dossier.
        name: String,
    },
    /// A scan that was taken in can no longer be read.
    #[error("{name}: {cause}")]
    ScanUnreadable {
        /// The scan below its dossier.
        name: String,
        /// The system's words.
        cause: io::Error,
    },
    /// A record in the package is not ours or is damaged.
    #[error("{}: {cause}", path.display())]
    BadRecord {
        /// The record's file.
        path: PathBuf,
        /// What the parser says.
        cause: String,
    },
}

impl PackageFault {
    /// The fault for a failed reading or writing at this place.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Unusable { path, cause },
        }
    }

    /// True where going on with other dossiers makes no sense.
    pub fn stops_the_run(&self) -> bool {
        !matches!(self, Self::ScanChanged { .. } | Self::ScanUnreadable { .. })
    }
}

impl Coded for PackageFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "PKG-001",
            Self::Unusable { .. } => "PKG-002",
            Self::Locked { .. } => "PKG-003",
            Self::ScanChanged { .. } => "PKG-004",
            Self::BadRecord { .. } => "PKG-005",
            Self::ScanUnreadable { .. } => "PKG-006",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Full { path } => Params::from([("path", path.display().to_string())]),
            Self::Unusable { path, cause } => Params::from([
                ("path", path.display().to_string()),
                ("cause", cause.to_string()),
            ]),
            Self::Locked { owner } => Params::from([("owner", owner.clone())]),
            Self::ScanChanged { name } => Params::from([("name", name.clone())]),
            Self::ScanUnreadable { name, cause } => Params::from([
                ("name", name.clone()),
                // The kind only: the text of an error may hold a path of this machine.
                ("cause", cause.kind().to_string()),
            ]),
            Self::BadRecord { path, cause } => Params::from([
                ("path", path.display().to_string()),
                ("cause", cause.clone()),
            ]),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Full { .. } | Self::Unusable { .. } | Self::BadRecord { .. } => {
                Retry::AfterPerson
            }
            Self::Locked { .. } | Self::ScanChanged { .. } | Self::ScanUnreadable { .. } => {
                Retry::Later
            }
        }
    }
}
