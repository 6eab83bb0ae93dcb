//! Why a log could not be kept.

use std::io;
use std::path::{Path, PathBuf};

use crate::formats::tlog::LogKeyFault;
use crate::model::{Coded, Params, Retry};
use crate::stages::package::PackageFault;

/// Why the log could not be opened, added to or proven.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// There is no log in this folder.
    #[error("no log in {}", path.display())]
    NoLog {
        /// The folder.
        path: PathBuf,
    },
    /// There is one already.
    #[error("{} exists", path.display())]
    Exists {
        /// Its checkpoint.
        path: PathBuf,
    },
    /// Another process adds to it.
    #[error("locked by {owner}")]
    Locked {
        /// Process and host, as it wrote them down.
        owner: String,
    },
    /// The checkpoint was not written with this key.
    #[error("{} was signed by another key", path.display())]
    OtherKey {
        /// The checkpoint.
        path: PathBuf,
    },
    /// Its files do not lead to what its checkpoint says.
    #[error("{}: {what}", path.display())]
    Damaged {
        /// The log.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// The key or the log's name cannot be used.
    #[error(transparent)]
    Key(#[from] LogKeyFault),
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] PackageFault),
}

impl LogFault {
    /// The fault for a failed reading or writing at this place.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let at = PackageFault::at(path);
        move |cause| Self::Disk(at(cause))
    }
}

impl Coded for LogFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoLog { .. } => "LOG-001",
            Self::Exists { .. } => "LOG-002",
            Self::Locked { .. } => "LOG-003",
            Self::OtherKey { .. } => "LOG-004",
            Self::Damaged { .. } => "LOG-005",
            Self::Key(_) => "LOG-006",
            Self::Disk(fault) => fault.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoLog { path } | Self::Exists { path } | Self::OtherKey { path } => {
                Params::from([("path", path.display().to_string())])
            }
            Self::Locked { owner } => Params::from([("owner", owner.clone())]),
            Self::Damaged { path, what } => {
                Params::from([("path", path.display().to_string()), ("what", what.clone())])
            }
            Self::Key(fault) => Params::from([("cause", fault.to_string())]),
            Self::Disk(fault) => fault.params(),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Locked { .. } => Retry::Later,
            Self::Disk(fault) => fault.retry(),
            _ => Retry::AfterPerson,
        }
    }
}
