//! `sohoa plan`: the default plan, which is its own documentation.

use std::io::Write;

use super::Exit;
use crate::run::plan::DEFAULT_TOML;

/// Prints the default plan.
pub fn run() -> Exit {
    match std::io::stdout().write_all(DEFAULT_TOML.as_bytes()) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Internal,
    }
}
