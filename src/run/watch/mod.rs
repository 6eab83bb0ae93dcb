//! A hot folder: what lies in the drop is taken when it is whole, and by one run only.
//!
//! An item (a folder at the top of the drop, or the files there that begin with the same
//! code) is left alone until nothing in it changed for a while and every file has its end
//! ([`settle`]). It is then claimed by a rename into `.sohoa-nhan` ([`claim`]), where the
//! run takes it in, and put away when it ended: `.sohoa-xong` for what stands in the
//! package, `.sohoa-de-rieng` for what was set aside. No scan is ever deleted. One
//! watcher holds the drop at a time ([`hold`]).

mod claim;
mod hold;
mod settle;
mod whole;

use serde::{Deserialize, Serialize};

pub use claim::{CLAIMED, Claims, DONE, SET_ASIDE};
pub use hold::{Hold, holder};
pub use settle::{Item, Settling};

use crate::model::{Coded, Params, Retry};
use std::io;
use std::path::{Path, PathBuf};

/// How a watched drop is taken in; changes when, never what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatchOptions {
    /// An item is taken when nothing in it changed for so many seconds.
    pub settle_s: u64,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self { settle_s: 30 }
    }
}

/// Why a drop cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchFault {
    /// Another watcher holds it.
    #[error("held by {owner}")]
    Held {
        /// Process, machine and time, as it wrote them down.
        owner: String,
    },
    /// It cannot be listed, or nothing can be moved in it.
    #[error("{}: {cause}", path.display())]
    Unusable {
        /// What was being read or moved.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
}

impl WatchFault {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Unusable { path, cause }
    }
}

impl Coded for WatchFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Held { .. } => "RUN-014",
            Self::Unusable { .. } => "RUN-015",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Held { owner } => Params::from([("owner", owner.clone())]),
            Self::Unusable { path, cause } => Params::from([
                ("path", path.display().to_string()),
                ("cause", cause.to_string()),
            ]),
        }
    }

    fn retry(&self) -> Retry {
        Retry::Later
    }
}
