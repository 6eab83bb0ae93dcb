//! Why a token cannot be used, with the codes of docs/codes.md.

use std::path::PathBuf;

use crate::model::{Coded, Params, Retry};

/// Why a token cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// The module is not there, or is no PKCS#11 module.
    #[error("no PKCS#11 module at {}: {cause}", module.display())]
    Module {
        /// Where it was looked for.
        module: PathBuf,
        /// The loader's words.
        cause: String,
    },
    /// The token is not there.
    #[error("no token {wanted:?} among {found}")]
    Absent {
        /// The label or slot asked for.
        wanted: String,
        /// The labels of those that are there.
        found: String,
    },
    /// Several tokens fit.
    #[error("several tokens fit: {found}")]
    Ambiguous {
        /// Their labels and slots.
        found: String,
    },
    /// The PIN is wrong; it was tried once and is not tried again.
    #[error("the token does not take the PIN")]
    WrongPin,
    /// One more wrong PIN would lock the token: not even one is tried.
    #[error("the token has one last try for its PIN")]
    LastTry,
    /// The PIN is locked.
    #[error("the token's PIN is locked")]
    Locked,
    /// The PIN was never set, has expired, or must be changed first.
    #[error("the token's PIN must be set first")]
    PinNotSet,
    /// No such key.
    #[error("no key {wanted:?} among {found}")]
    NoKey {
        /// The label or number asked for.
        wanted: String,
        /// The labels of those that are there.
        found: String,
    },
    /// Several keys fit.
    #[error("several keys fit: {found}")]
    ManyKeys {
        /// Their labels and numbers.
        found: String,
    },
    /// No certificate in the token or in the plan's file is that of the key.
    #[error("no certificate belongs to the key")]
    NoCertificate,
    /// The key wants its PIN again for each signature.
    #[error("the key asks for the PIN at each signature")]
    PinEachTime,
    /// The file of certificates cannot be read.
    #[error("certificates in {}: {cause}", file.display())]
    Certificates {
        /// The file.
        file: PathBuf,
        /// The system's or the parser's words.
        cause: String,
    },
    /// The module answered with an error of its own.
    #[error("the module says {cause}")]
    Failed {
        /// The module's words.
        cause: String,
    },
}

impl TokenFault {
    /// True where the token is only away: its files can be signed when it is back.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Module { .. } | Self::Absent { .. })
    }
}

impl Coded for TokenFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Module { .. } => "TOK-001",
            Self::Absent { .. } => "TOK-002",
            Self::Ambiguous { .. } => "TOK-003",
            Self::WrongPin => "TOK-004",
            Self::LastTry => "TOK-005",
            Self::Locked => "TOK-006",
            Self::PinNotSet => "TOK-007",
            Self::NoKey { .. } => "TOK-008",
            Self::ManyKeys { .. } => "TOK-009",
            Self::NoCertificate => "TOK-010",
            Self::PinEachTime => "TOK-011",
            Self::Certificates { .. } => "TOK-012",
            Self::Failed { .. } => "TOK-013",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Module { module, cause } => Params::from([
                ("module", module.display().to_string()),
                ("cause", cause.clone()),
            ]),
            Self::Absent { wanted, found } | Self::NoKey { wanted, found } => {
                Params::from([("wanted", wanted.clone()), ("found", found.clone())])
            }
            Self::Ambiguous { found } | Self::ManyKeys { found } => {
                Params::from([("found", found.clone())])
            }
            Self::Certificates { file, cause } => Params::from([
                ("certificates", file.display().to_string()),
                ("cause", cause.clone()),
            ]),
            Self::Failed { cause } => Params::from([("cause", cause.clone())]),
            _ => Params::new(),
        }
    }

    fn retry(&self) -> Retry {
        Retry::AfterPerson
    }
}
