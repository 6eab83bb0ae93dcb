//! Wrong usage that clap cannot see, and what cannot be read although it was named.

use std::io;
use std::path::{Path, PathBuf};

use super::{Exit, say};
use crate::messages::Language;
use crate::model::{Coded, Params};

/// Wrong usage that clap cannot see.
#[derive(Debug, thiserror::Error)]
pub enum UsageFault {
    /// Neither a key nor `--unsigned`.
    #[error("no key")]
    NoKey,
    /// A token is named and no module to reach it.
    #[error("no PKCS#11 module")]
    NoModule,
    /// A named file cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// One of drop and package lies in the other.
    #[error("{path} is nested")]
    Nested {
        /// The package.
        path: String,
    },
    /// There is no package to tell of.
    #[error("no package at {path}")]
    NoPackage {
        /// Where it should be.
        path: String,
    },
    /// No package and no PDF at the named places.
    #[error("nothing to verify at {path}")]
    NothingToVerify {
        /// The places.
        path: String,
    },
    /// The drop holds no dossier, as a network drive that is not mounted.
    #[error("nothing to do in {path}")]
    EmptyDrop {
        /// The drop.
        path: String,
    },
    /// A log or metrics file cannot be written.
    #[error("{path}: {cause}")]
    Unwritable {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
}

impl UsageFault {
    /// Tells it and gives the exit code.
    pub fn tell(&self, language: Language) -> Exit {
        say::fault(self, "", language);
        match self {
            Self::Unwritable { .. } => Exit::StoreNotWritable,
            Self::NoPackage { .. } | Self::NothingToVerify { .. } => Exit::SourceUnreadable,
            _ => Exit::Usage,
        }
    }

    /// A file that cannot be written.
    pub fn unwritable(path: &Path, cause: &io::Error) -> Self {
        Self::Unwritable {
            path: path.display().to_string(),
            cause: cause.to_string(),
        }
    }
}

impl Coded for UsageFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "RUN-005",
            Self::NoModule => "TOK-015",
            Self::Unreadable { .. } => "RUN-006",
            Self::Nested { .. } => "RUN-007",
            Self::NoPackage { .. } => "RUN-012",
            Self::Unwritable { .. } => "RUN-013",
            Self::NothingToVerify { .. } => "RUN-045",
            Self::EmptyDrop { .. } => "RUN-046",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoKey | Self::NoModule => Params::new(),
            Self::Unreadable { path, cause } | Self::Unwritable { path, cause } => {
                Params::from([("path", path.clone()), ("cause", cause.clone())])
            }
            Self::Nested { path }
            | Self::NoPackage { path }
            | Self::NothingToVerify { path }
            | Self::EmptyDrop { path } => Params::from([("path", path.clone())]),
        }
    }
}

/// Tells that a file named on the command line cannot be read.
pub fn unreadable(file: &Path, cause: &io::Error, language: Language) -> Exit {
    let path = file.display().to_string();
    let cause = cause.to_string();
    UsageFault::Unreadable { path, cause }.tell(language)
}

/// A package inside its own source would be taken in by the next run.
pub fn refuse_nested(drop: &Path, out: &Path, language: Language) -> Result<(), Exit> {
    let (from, to) = (absolute(drop), absolute(out));
    if from.starts_with(&to) || to.starts_with(&from) {
        let path = to.display().to_string();
        return Err(UsageFault::Nested { path }.tell(language));
    }
    Ok(())
}

/// The path without links as far as it exists.
fn absolute(path: &Path) -> PathBuf {
    let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let known = path
        .ancestors()
        .find_map(|part| Some((part, part.canonicalize().ok()?)));
    let (part, known) = known.unwrap_or((path, path.to_owned()));
    known.join(path.strip_prefix(part).unwrap_or(Path::new("")))
}
