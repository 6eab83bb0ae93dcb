//! Why a database cannot be used.

use crate::formats::tls::TlsFault;
use crate::model::{Coded, Params, Retry};

/// Why a database cannot be used; nothing of an open transaction stays.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// It cannot be opened or reached.
    #[error("{db} cannot be opened: {cause}")]
    Unreachable {
        /// The database, without a password.
        db: String,
        /// The driver's words.
        cause: String,
    },
    /// What the address asks for might travel in the clear to another machine.
    #[error("{db} is another machine and would be spoken to in the clear")]
    InTheClear {
        /// The database, without a password.
        db: String,
    },
    /// The server is not to be trusted, or has no TLS.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// It did not do what it was told.
    #[error("the database refused: {0}")]
    Refused(String),
    /// Its tables are those of another version of this program.
    #[error("tables of version {found}, not {expected}")]
    OtherVersion {
        /// The version found.
        found: i64,
        /// The one this program knows.
        expected: i64,
    },
    /// It holds what this program never writes.
    #[error("{column}: {value}")]
    Foreign {
        /// Which column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
}

impl Coded for StoreFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "IMP-001",
            Self::InTheClear { .. } => "IMP-011",
            Self::Tls(fault) => fault.code(),
            Self::Refused(_) => "IMP-002",
            Self::OtherVersion { .. } => "IMP-003",
            Self::Foreign { .. } => "IMP-004",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Unreachable { db, cause } => {
                Params::from([("db", db.clone()), ("cause", cause.clone())])
            }
            Self::InTheClear { db } => Params::from([("db", db.clone())]),
            Self::Tls(fault) => fault.params(),
            Self::Refused(cause) => Params::from([("cause", cause.clone())]),
            Self::OtherVersion { found, expected } => Params::from([
                ("found", found.to_string()),
                ("expected", expected.to_string()),
            ]),
            Self::Foreign { column, value } => {
                Params::from([("column", (*column).to_owned()), ("value", value.clone())])
            }
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Unreachable { .. } | Self::Refused(_) => Retry::Later,
            Self::Tls(fault) => fault.retry(),
            Self::InTheClear { .. } | Self::OtherVersion { .. } | Self::Foreign { .. } => {
                Retry::AfterPerson
            }
        }
    }
}
