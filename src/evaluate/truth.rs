//! What is known of a dossier's papers: files of JSON, one a dossier (fixtures/README.md, "truth/").

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::model::role::RoleId;
use crate::model::{Coded, Params, Retry};

/// The truth about one dossier. Keys that only drawing needs are passed over.
#[derive(Clone, Debug, Deserialize)]
pub struct Truth {
    /// Its code, which is the name of its folder too.
    pub ma_ho_so: String,
    /// `tune` or `heldout`, where the set has parts.
    pub part: Option<String>,
    /// How it was scanned, where the set says so.
    pub profile: Option<String>,
    /// The degree of secrecy that one of its papers is stamped with.
    pub secrecy: Option<String>,
    /// Its documents in the order of the pages.
    pub documents: Vec<TruthDocument>,
}

/// One document.
#[derive(Clone, Debug, Deserialize)]
pub struct TruthDocument {
    /// Id of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Ids that are as true: a `QUYẾT ĐỊNH Về việc giao đất` is a decision and a grant of land.
    #[serde(default)]
    pub also: Vec<String>,
    /// Its role in the dossier, where the set says so.
    pub role: Option<RoleId>,
    /// What is printed, by the ids of [`crate::model::Fields`], in normal form.
    pub fields: BTreeMap<String, String>,
    /// Its pages in order.
    pub pages: Vec<TruthPage>,
}

/// One page.
#[derive(Clone, Debug, Deserialize)]
pub struct TruthPage {
    /// File below the dossier.
    pub file: String,
    /// Page in it, from 0.
    pub index: u32,
    /// True for an empty back, which stands in no document of the program.
    pub blank: bool,
    /// Its printed lines, a line feed between any two, where the set says them …
    pub text: Option<String>,
    /// … or says them one by one.
    pub lines: Option<Vec<TruthLine>>,
}

/// One printed line.
#[derive(Clone, Debug, Deserialize)]
pub struct TruthLine {
    /// Its words.
    pub text: String,
}

/// Fields that older truths name otherwise.
const OLDER_NAMES: [(&str, &str); 1] = [("ngay", "ngay_ban_hanh")];

/// Why there is nothing to measure against.
#[derive(Debug, thiserror::Error)]
pub enum TruthFault {
    /// The folder holds no truth.
    #[error("no truth in {path}")]
    NoTruth {
        /// Where it should lie.
        path: PathBuf,
    },
    /// A file or folder cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        cause: String,
    },
    /// A file is no truth.
    #[error("{path}: {cause}")]
    NotTruth {
        /// The file.
        path: PathBuf,
        /// The parser's words, with line and column.
        cause: String,
    },
    /// There are no scans of a dossier whose truth is known.
    #[error("no scans of {dossier}")]
    NoScans {
        /// Its code.
        dossier: String,
    },
}

impl Coded for TruthFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoTruth { .. } => "EVA-001",
            Self::Unreadable { .. } => "EVA-002",
            Self::NotTruth { .. } => "EVA-003",
            Self::NoScans { .. } => "EVA-004",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoTruth { path } => Params::from([("path", path.display().to_string())]),
            Self::NoScans { dossier } => Params::from([("dossier", dossier.clone())]),
            Self::Unreadable { path, cause } | Self::NotTruth { path, cause } => Params::from([
                ("path", path.display().to_string()),
                ("cause", cause.clone()),
            ]),
        }
    }

    fn retry(&self) -> Retry {
        Retry::AfterPerson
    }
}

impl TruthPage {
    /// Its printed lines; `None` where they are not known. A blank back has none.
    pub fn true_lines(&self) -> Option<Vec<&str>> {
        match (&self.text, &self.lines) {
            _ if self.blank => Some(Vec::new()),
            (Some(text), _) => Some(text.lines().collect()),
            (None, Some(lines)) => Some(lines.iter().map(|line| line.text.as_str()).collect()),
            (None, None) => None,
        }
    }
}

impl TruthDocument {
    /// Whether a type is true of it.
    pub fn is(&self, kind: &str) -> bool {
        self.kind == kind || self.also.iter().any(|also| also == kind)
    }
}

impl Truth {
    /// All truths of a folder, `<mã hồ sơ>.json` each, in the order of their codes.
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, TruthFault> {
        let unreadable = |cause: std::io::Error| TruthFault::Unreadable {
            path: folder.to_owned(),
            cause: cause.to_string(),
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            let path = folder.to_owned();
            return Err(TruthFault::NoTruth { path });
        }
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Self, TruthFault> {
        let bytes = fs::read(path).map_err(|cause| TruthFault::Unreadable {
            path: path.to_owned(),
            cause: cause.to_string(),
        })?;
        Self::parse(&bytes).map_err(|cause| TruthFault::NotTruth {
            path: path.to_owned(),
            cause: cause.to_string(),
        })
    }

    /// Reads one truth from its JSON.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let mut truth: Self = serde_json::from_slice(json)?;
        for fields in truth.documents.iter_mut().map(|one| &mut one.fields) {
            for (older, id) in OLDER_NAMES {
                if let Some(value) = fields.remove(older) {
                    fields.insert(id.to_owned(), value);
                }
            }
        }
        Ok(truth)
    }
}
