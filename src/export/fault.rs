//! Why an export was not made: what is wrong with one dossier's fields, and what stops all of it.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Coded, Params, Retry};
use crate::verify::Finding;
use crate::verify::delivery::Ended;

/// Why a dossier cannot be passed on in the form that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldFault {
    /// A value is longer than the receiver takes. Nothing is ever cut off.
    #[error("{field} of {place} has {length} characters, at most {limit} are taken")]
    TooLong {
        /// The receiver's name of the field.
        field: String,
        /// The dossier's code, or the document's file.
        place: String,
        /// Characters it has.
        length: usize,
        /// Characters the receiver takes.
        limit: usize,
    },
    /// A value that the receiver must have is not known.
    #[error("{field} of {place} is not known")]
    Missing {
        /// The receiver's name of the field.
        field: String,
        /// The dossier's code, or the document's file.
        place: String,
        /// Where it could come from: labels, fields, the profile.
        from: String,
    },
    /// A template for names asks for something that is not known.
    #[error("the name of {place} needs {{{placeholder}}}")]
    NoName {
        /// The document's file.
        place: String,
        /// What is missing.
        placeholder: String,
    },
    /// Two documents of a dossier would have one name.
    #[error("two documents of {place} would be named {name}")]
    SameName {
        /// The dossier's code.
        place: String,
        /// The name.
        name: String,
    },
    /// A character stands in a value that the form cannot hold (XML 1.0, section 2.2).
    #[error("{field} of {place} holds a control character")]
    Unwritable {
        /// The receiver's name of the field.
        field: String,
        /// The dossier's code, or the document's file.
        place: String,
    },
    /// The text of a document cannot be read back from its file.
    #[error("the words of {place} cannot be read back")]
    NoWords {
        /// The document's file.
        place: String,
    },
}

impl Coded for FieldFault {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "EXP-010",
            Self::Missing { .. } => "EXP-011",
            Self::NoName { .. } => "EXP-012",
            Self::SameName { .. } => "EXP-013",
            Self::Unwritable { .. } => "EXP-014",
            Self::NoWords { .. } => "EXP-015",
        }
    }

    fn params(&self) -> Params {
        let mut params = match self {
            Self::TooLong {
                field,
                length,
                limit,
                ..
            } => Params::from([
                ("field", field.clone()),
                ("length", length.to_string()),
                ("limit", limit.to_string()),
            ]),
            Self::Missing { field, from, .. } => {
                Params::from([("field", field.clone()), ("from", from.clone())])
            }
            Self::NoName { placeholder, .. } => {
                Params::from([("placeholder", placeholder.clone())])
            }
            Self::SameName { name, .. } => Params::from([("name", name.clone())]),
            Self::Unwritable { field, .. } => Params::from([("field", field.clone())]),
            Self::NoWords { .. } => Params::new(),
        };
        params.insert("place", self.place().to_owned());
        params
    }

    fn retry(&self) -> Retry {
        Retry::AfterPerson
    }
}

impl FieldFault {
    /// The dossier or document it is about.
    pub fn place(&self) -> &str {
        match self {
            Self::TooLong { place, .. }
            | Self::Missing { place, .. }
            | Self::NoName { place, .. }
            | Self::SameName { place, .. }
            | Self::Unwritable { place, .. }
            | Self::NoWords { place } => place,
        }
    }
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// The package does not hold; what was found stands beside it.
    #[error("the package does not hold: {} findings", .0.len())]
    NotSound(Vec<Finding>),
    /// The package is not signed, and nobody said that this is wanted.
    #[error("the package is not signed")]
    Unsigned,
    /// Fields of dossiers do not fit; the first of them, and how many there are.
    #[error("{count} fields do not fit")]
    Unfit {
        /// The faults, at most [`super::FAULTS_KEPT`].
        faults: Vec<FieldFault>,
        /// All of them.
        count: u64,
    },
    /// Something stands at the place of the export already.
    #[error("{} exists", path.display())]
    Exists {
        /// The place.
        path: PathBuf,
    },
    /// The export cannot be written.
    #[error("{}: {cause}", path.display())]
    Unwritable {
        /// What was being written.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
    /// The profile cannot be used.
    #[error("{cause}")]
    Profile {
        /// The parser's words, with line and column.
        cause: String,
    },
    /// A template for names or addresses is none.
    #[error("{template}: {cause}")]
    Template {
        /// The template.
        template: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A sheet has fewer rows than the delivery needs.
    #[error("a sheet has at most {limit} rows")]
    TooManyRows {
        /// Rows of a sheet (ECMA-376: 1 048 576), one of them the headers.
        limit: u32,
    },
    /// The spreadsheet library refused.
    #[error("{0}")]
    Workbook(String),
}

impl Coded for ExportFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NotSound(_) => "EXP-001",
            Self::Unsigned => "EXP-002",
            Self::Unfit { .. } => "EXP-003",
            Self::Exists { .. } => "EXP-004",
            Self::Unwritable { .. } => "EXP-005",
            Self::Profile { .. } => "EXP-006",
            Self::Template { .. } => "EXP-007",
            Self::TooManyRows { .. } => "EXP-008",
            Self::Workbook(_) => "EXP-009",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NotSound(findings) => Params::from([("count", findings.len().to_string())]),
            Self::Unsigned => Params::new(),
            Self::Unfit { count, .. } => Params::from([("count", count.to_string())]),
            Self::Exists { path } => Params::from([("path", path.display().to_string())]),
            Self::Unwritable { path, cause } => Params::from([
                ("path", path.display().to_string()),
                ("cause", cause.to_string()),
            ]),
            Self::Profile { cause } => Params::from([("cause", cause.clone())]),
            Self::Template { template, cause } => {
                Params::from([("template", template.clone()), ("cause", cause.clone())])
            }
            Self::TooManyRows { limit } => Params::from([("limit", limit.to_string())]),
            Self::Workbook(cause) => Params::from([("cause", cause.clone())]),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Unwritable { .. } => Retry::Later,
            _ => Retry::AfterPerson,
        }
    }
}

impl ExportFault {
    /// Wraps what the system said while something was written.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Unwritable { path, cause }
    }
}

impl From<Finding> for ExportFault {
    fn from(finding: Finding) -> Self {
        Self::NotSound(vec![finding])
    }
}

impl From<Ended<ExportFault>> for ExportFault {
    fn from(ended: Ended<ExportFault>) -> Self {
        match ended {
            Ended::Unfit(finding) => (*finding).into(),
            Ended::Reader(fault) => fault,
        }
    }
}

/// Why one dossier was not added to an export.
pub(super) enum Refused {
    /// Its fields do not fit; nothing of it was written.
    Fields(Vec<FieldFault>),
    /// All of the export stops.
    Whole(ExportFault),
}

impl From<ExportFault> for Refused {
    fn from(fault: ExportFault) -> Self {
        Self::Whole(fault)
    }
}

impl From<FieldFault> for Refused {
    fn from(fault: FieldFault) -> Self {
        Self::Fields(vec![fault])
    }
}
