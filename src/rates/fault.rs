//! What keeps rates from being counted at all.

use time::Date;

use crate::model::{Coded, Params, Retry};

/// Why nothing could be counted.
#[derive(Debug, thiserror::Error)]
pub enum RatesFault {
    /// The register cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words, or the reader's.
        cause: String,
    },
    /// The register's first row does not name a column that must be there.
    #[error("{path}: no column {columns}")]
    NoColumn {
        /// The file.
        path: String,
        /// The names that were looked for.
        columns: String,
    },
    /// A table of units, formulas, columns or campaigns is not what it should be.
    #[error("{path}: {cause}")]
    BadData {
        /// The file.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// There is no formula of this id.
    #[error("no formula {id}")]
    UnknownFormula {
        /// The id.
        id: String,
        /// All ids.
        known: String,
    },
    /// The formula is not in use on the period's last day.
    #[error("formula {id} is not in use on {day}")]
    FormulaNotInUse {
        /// The id.
        id: String,
        /// The day.
        day: Date,
    },
    /// There is no campaign of this id.
    #[error("no campaign {id}")]
    UnknownCampaign {
        /// The id.
        id: String,
        /// All ids.
        known: String,
    },
    /// A delivery is not what its signature and digests say: nothing of it is counted.
    #[error("{path} does not verify: {codes}")]
    NotVerified {
        /// The delivery.
        path: String,
        /// What the auditor found.
        codes: String,
    },
    /// A delivery cannot be judged without more (trusted roots, a signature), and nobody said that this is fine.
    #[error("{path} cannot be judged: {codes}")]
    InDoubt {
        /// The delivery.
        path: String,
        /// What the auditor found.
        codes: String,
    },
    /// A delivery's manifest changed after it was verified.
    #[error("{path} changed after it was verified")]
    Changed {
        /// The delivery.
        path: String,
    },
    /// The file beside which register and papers are set for counting cannot be written.
    #[error("scratch: {cause}")]
    Scratch {
        /// The system's words.
        cause: String,
    },
    /// The register has no row at all.
    #[error("{path}: no row")]
    Empty {
        /// The file.
        path: String,
    },
    /// Neither a period nor a campaign with days.
    #[error("no period")]
    NoPeriod,
    /// Neither a register nor a database with one.
    #[error("no register")]
    NoRegister,
}

impl Coded for RatesFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "RAT-001",
            Self::NoColumn { .. } => "RAT-002",
            Self::BadData { .. } => "RAT-003",
            Self::UnknownFormula { .. } => "RAT-004",
            Self::FormulaNotInUse { .. } => "RAT-005",
            Self::UnknownCampaign { .. } => "RAT-006",
            Self::NotVerified { .. } => "RAT-007",
            Self::InDoubt { .. } => "RAT-008",
            Self::Changed { .. } => "RAT-009",
            Self::Scratch { .. } => "RAT-010",
            Self::Empty { .. } => "RAT-011",
            Self::NoPeriod => "RAT-012",
            Self::NoRegister => "RAT-013",
        }
    }

    fn params(&self) -> Params {
        let text = |value: &String| value.clone();
        match self {
            Self::Unreadable { path, cause } | Self::BadData { path, cause } => {
                Params::from([("path", text(path)), ("cause", text(cause))])
            }
            Self::NoColumn { path, columns } => {
                Params::from([("path", text(path)), ("columns", text(columns))])
            }
            Self::UnknownFormula { id, known } | Self::UnknownCampaign { id, known } => {
                Params::from([("id", text(id)), ("known", text(known))])
            }
            Self::FormulaNotInUse { id, day } => {
                Params::from([("id", text(id)), ("day", day.to_string())])
            }
            Self::NotVerified { path, codes } | Self::InDoubt { path, codes } => {
                Params::from([("path", text(path)), ("codes", text(codes))])
            }
            Self::Changed { path } | Self::Empty { path } => Params::from([("path", text(path))]),
            Self::NoPeriod | Self::NoRegister => Params::new(),
            Self::Scratch { cause } => Params::from([("cause", text(cause))]),
        }
    }

    fn retry(&self) -> Retry {
        Retry::AfterPerson
    }
}
