//! What can be wrong with an archival package.

use crate::model::{Coded, Params};

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {wrong}")]
pub struct Flaw {
    /// The package's name and the path in it.
    pub place: String,
    /// What.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A file or folder is not there, or is no plain one.
    #[error("not there: {0}")]
    Missing(String),
    /// It cannot be read as what it should be.
    #[error("unreadable: {0}")]
    Unreadable(String),
    /// Length or digest are not those that METS says.
    #[error("length or digest differ from METS")]
    Differs,
    /// An identifier stands twice.
    #[error("ID {0} stands twice")]
    IdTwice(String),
    /// A link leads to an identifier that is not there.
    #[error("link to {0}, which is not there")]
    Dangling(String),
    /// Something that must be named in METS is not.
    #[error("METS does not name {0}")]
    NotNamed(String),
    /// A file that no METS names.
    #[error("named by no METS")]
    Extra,
    /// The identifier of the package is not its folder's name.
    #[error("OBJID {0} is not the folder's name")]
    Objid(String),
    /// It says to be neither AIP nor SIP, or its two METS disagree.
    #[error("OAISPACKAGETYPE {0}")]
    Kind(String),
    /// A fixity of PREMIS does not hold.
    #[error("the digest of {0} in PREMIS does not hold")]
    Fixity(String),
    /// A field of a description is missing, empty, too long, unknown or out of order.
    #[error("field {0}")]
    Field(String),
}

impl Flaw {
    /// What is wrong at a place.
    pub fn new(place: impl Into<String>, wrong: Wrong) -> Self {
        Self {
            place: place.into(),
            wrong,
        }
    }
}

impl Coded for Flaw {
    fn code(&self) -> &'static str {
        match self.wrong {
            Wrong::Missing(_) => "AIP-001",
            Wrong::Unreadable(_) => "AIP-002",
            Wrong::Differs => "AIP-003",
            Wrong::IdTwice(_) => "AIP-004",
            Wrong::Dangling(_) => "AIP-005",
            Wrong::NotNamed(_) => "AIP-006",
            Wrong::Extra => "AIP-007",
            Wrong::Objid(_) => "AIP-008",
            Wrong::Kind(_) => "AIP-009",
            Wrong::Fixity(_) => "AIP-010",
            Wrong::Field(_) => "AIP-011",
        }
    }

    fn params(&self) -> Params {
        let detail = match &self.wrong {
            Wrong::Differs | Wrong::Extra => String::new(),
            Wrong::Missing(detail)
            | Wrong::Unreadable(detail)
            | Wrong::IdTwice(detail)
            | Wrong::Dangling(detail)
            | Wrong::NotNamed(detail)
            | Wrong::Objid(detail)
            | Wrong::Kind(detail)
            | Wrong::Fixity(detail)
            | Wrong::Field(detail) => detail.clone(),
        };
        Params::from([("place", self.place.clone()), ("detail", detail)])
    }
}
