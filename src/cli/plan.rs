//! `sohoa plan`: the default plan, which is its own documentation.

use super::{Exit, say};
use crate::messages::Language;
use crate::run::plan::DEFAULT_TOML;

/// Prints the default plan.
pub fn run(language: Language) -> Exit {
    say::result(DEFAULT_TOML, Exit::Done, language)
}
