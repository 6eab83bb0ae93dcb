//! Why an import could not be done at all.

use std::io;
use std::path::Path;

use super::StoreFault;
use crate::model::{Coded, Digest, Params, Retry};
use crate::verify::{Finding, Verdict};

/// Why an import could not be done, or a whole delivery was refused.
#[derive(Debug, thiserror::Error)]
pub enum ImportFault {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The delivery does not verify; nothing of it entered.
    #[error("the delivery does not verify")]
    Refused(RefusedDelivery),
    /// The manifest is not the verified one any more.
    #[error("the manifest was changed while it was imported")]
    Changed,
    /// A file of the delivery cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// A receipts file cannot be written.
    #[error("{path}: {cause}")]
    Unwritable {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// A line of a receipts file is none.
    #[error("line {line} of {path} is no receipt")]
    NoReceipt {
        /// The file.
        path: String,
        /// Which line, from 1.
        line: u64,
    },
}

/// A delivery that did not verify.
#[derive(Clone, Debug)]
pub struct RefusedDelivery {
    /// SHA-256 of its `batch.json`; none where there is none to read.
    pub batch: Option<Digest>,
    /// The auditor's verdict.
    pub verdict: Verdict,
    /// What speaks against it, worst first.
    pub findings: Vec<Finding>,
}

impl ImportFault {
    /// A file of a delivery that cannot be read.
    pub fn unreadable(path: &Path, cause: &io::Error) -> Self {
        Self::Unreadable {
            path: path.display().to_string(),
            cause: cause.to_string(),
        }
    }
}

impl Coded for ImportFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(fault) => fault.code(),
            Self::Refused(_) => "IMP-008",
            Self::Changed => "IMP-005",
            Self::Unreadable { .. } => "IMP-007",
            Self::Unwritable { .. } => "IMP-009",
            Self::NoReceipt { .. } => "IMP-010",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Store(fault) => fault.params(),
            Self::Refused(refused) => {
                let mut codes: Vec<&str> = (refused.findings.iter())
                    .map(|finding| finding.code.id())
                    .collect();
                codes.dedup();
                codes.truncate(10);
                Params::from([("codes", codes.join(", "))])
            }
            Self::Changed => Params::new(),
            Self::Unreadable { path, cause } | Self::Unwritable { path, cause } => {
                Params::from([("path", path.clone()), ("cause", cause.clone())])
            }
            Self::NoReceipt { path, line } => {
                Params::from([("path", path.clone()), ("line", line.to_string())])
            }
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Store(fault) => fault.retry(),
            Self::Refused(_) | Self::NoReceipt { .. } => Retry::AfterPerson,
            _ => Retry::Later,
        }
    }
}
