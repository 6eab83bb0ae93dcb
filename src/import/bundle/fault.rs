//! Why a bundle cannot be made or taken.

use std::io;
use std::path::Path;

use crate::formats::containers::ContainerFault;
use crate::import::ImportFault;
use crate::model::{Coded, Params, Retry};

/// Why a bundle cannot be made or taken.
#[derive(Debug, thiserror::Error)]
pub enum BundleFault {
    /// A file does not begin as a part does.
    #[error("{path} is no part of a bundle")]
    NoPart {
        /// The file.
        path: String,
    },
    /// Parts are missing.
    #[error("of bundle {bundle} these parts are missing: {parts}")]
    Missing {
        /// The bundle's number, as its files are named.
        bundle: String,
        /// The parts' numbers; `…` where the last one, and so the end, is missing.
        parts: String,
    },
    /// A part was cut off or damaged.
    #[error("{path} was cut off or damaged")]
    Damaged {
        /// The file.
        path: String,
    },
    /// What comes out is no delivery.
    #[error("bundle {bundle} holds {name}")]
    NoDelivery {
        /// The bundle's number.
        bundle: String,
        /// The name of what belongs in none.
        name: String,
    },
    /// It does not unpack, or to more than the limits allow.
    #[error("bundle {bundle}: {cause}")]
    Unpackable {
        /// The bundle's number.
        bundle: String,
        /// Why.
        cause: ContainerFault,
    },
    /// A file cannot be read or written.
    #[error("{path}: {cause}")]
    Disk {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// The package to be packed is not one that a run has ended.
    #[error("{path} is not a whole package")]
    NotWhole {
        /// The package.
        path: String,
    },
    /// A part is to be smaller than a part can be.
    #[error("a part needs at least {least_bytes} bytes")]
    PartTooSmall {
        /// The least.
        least_bytes: u64,
    },
}

impl BundleFault {
    /// A file that cannot be read or written.
    pub(super) fn disk(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |cause| Self::Disk {
            path: path.display().to_string(),
            cause: cause.to_string(),
        }
    }
}

impl From<ImportFault> for BundleFault {
    fn from(fault: ImportFault) -> Self {
        match fault {
            ImportFault::Unreadable { path, cause } => Self::Disk { path, cause },
            // The manifest is not the one that the header names.
            other => Self::NotWhole {
                path: other.to_string(),
            },
        }
    }
}

impl Coded for BundleFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoPart { .. } => "PCK-001",
            Self::Missing { .. } => "PCK-002",
            Self::Damaged { .. } => "PCK-003",
            Self::NoDelivery { .. } => "PCK-004",
            Self::Unpackable { .. } => "PCK-005",
            Self::Disk { .. } => "PCK-006",
            Self::NotWhole { .. } => "PCK-007",
            Self::PartTooSmall { .. } => "PCK-008",
        }
    }

    fn params(&self) -> Params {
        let of = |values: &[(&'static str, &str)]| {
            let values = values.iter();
            Params::from_iter(values.map(|(name, value)| (*name, (*value).to_owned())))
        };
        match self {
            Self::NoPart { path } | Self::Damaged { path } | Self::NotWhole { path } => {
                of(&[("path", path)])
            }
            Self::Missing { bundle, parts } => of(&[("bundle", bundle), ("parts", parts)]),
            Self::NoDelivery { bundle, name } => of(&[("bundle", bundle), ("name", name)]),
            Self::Unpackable { bundle, cause } => {
                of(&[("bundle", bundle), ("cause", &cause.to_string())])
            }
            Self::Disk { path, cause } => of(&[("path", path), ("cause", cause)]),
            Self::PartTooSmall { least_bytes } => of(&[("bytes", &least_bytes.to_string())]),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Disk { .. } | Self::Missing { .. } | Self::Damaged { .. } => Retry::Later,
            _ => Retry::AfterPerson,
        }
    }
}
