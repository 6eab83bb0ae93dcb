//! Why one dossier of a sound delivery does not enter. The others do.

use super::Refused;
use crate::messages::{self, Language};
use crate::model::{Coded, Params, Retry};

/// Why a dossier does not enter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A field is longer than one-stop systems take.
    #[error("{field} of {file} has {length} characters, {limit} are taken")]
    TooLong {
        /// The column.
        field: &'static str,
        /// The document; empty where it is the dossier's own.
        file: String,
        /// Characters it has.
        length: usize,
        /// Characters that are taken.
        limit: usize,
    },
    /// The table of units has no such unit on the dossier's day.
    #[error("no unit {unit}")]
    UnknownUnit {
        /// The unit's code.
        unit: String,
    },
    /// A later delivery brought a version already.
    #[error("version {version} came with a later delivery")]
    Older {
        /// The version that stands there.
        version: i64,
    },
    /// A text holds what no database keeps, or is not composed (NFC).
    #[error("{field} of {file} is no plain text")]
    NotPlainText {
        /// The column.
        field: &'static str,
        /// The document; empty where it is the dossier's own.
        file: String,
    },
    /// Something in it could not be proven.
    #[error("{code} at {path}")]
    Doubtful {
        /// The auditor's code.
        code: &'static str,
        /// The file.
        path: String,
    },
    /// The line stands in the manifest, its files are not in this delivery.
    #[error("files not delivered")]
    NotDelivered,
    /// The line says nothing of what its content was made from.
    #[error("no content key")]
    NoContentKey,
}

impl Coded for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "IMP-020",
            Self::UnknownUnit { .. } => "IMP-021",
            Self::Older { .. } => "IMP-022",
            Self::NotPlainText { .. } => "IMP-023",
            Self::Doubtful { .. } => "IMP-024",
            Self::NotDelivered => "IMP-025",
            Self::NoContentKey => "IMP-026",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::TooLong {
                field,
                length,
                limit,
                ..
            } => Params::from([
                ("field", (*field).to_owned()),
                ("length", length.to_string()),
                ("limit", limit.to_string()),
            ]),
            Self::UnknownUnit { unit } => Params::from([("unit", unit.clone())]),
            Self::Older { version } => Params::from([("version", version.to_string())]),
            Self::NotPlainText { field, .. } => Params::from([("field", (*field).to_owned())]),
            Self::Doubtful { code, .. } => Params::from([("code", (*code).to_owned())]),
            Self::NotDelivered | Self::NoContentKey => Params::new(),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::NotDelivered => Retry::Later,
            Self::UnknownUnit { .. } | Self::Doubtful { .. } => Retry::AfterPerson,
            _ => Retry::Never,
        }
    }
}

impl Refusal {
    /// As it stands in a receipt; `folder` is the dossier's in the drop.
    pub fn told(&self, folder: &str) -> Refused {
        let place = match self {
            Self::TooLong { file, .. } | Self::NotPlainText { file, .. } if !file.is_empty() => {
                file
            }
            Self::Doubtful { path, .. } => path,
            _ => folder,
        };
        let params = self.params();
        let mut values: Vec<(&str, &str)> = (params.iter())
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        values.push(("place", place));
        Refused {
            code: self.code().to_owned(),
            place: place.to_owned(),
            what: messages::wording(Language::Vi, self.code(), &values).what,
        }
    }
}
