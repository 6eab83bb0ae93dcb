//! What every fault can say of itself: a stable code, its particulars, whether to try again.
//!
//! Words for people lie in `messages`, keyed by the code; a fault only carries
//! the values that are filled into them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Named values for a message, e.g. `file` → `trang 2.jpg`.
pub type Params = BTreeMap<&'static str, String>;

/// When the same work may succeed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Never: the input must change.
    #[default]
    Never,
    /// Later, by itself: the network or the disk may come back.
    Later,
    /// After a person did something: a password, a token, a package.
    AfterPerson,
}

/// A fault with a stable code that messages, logs and exit codes hang on.
pub trait Coded: std::error::Error {
    /// The stable code, such as `INT-004`; listed in docs/codes.md.
    fn code(&self) -> &'static str;

    /// The values for the message's placeholders.
    fn params(&self) -> Params {
        Params::new()
    }

    /// Whether trying again can help.
    fn retry(&self) -> Retry {
        Retry::Never
    }
}
