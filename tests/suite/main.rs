//! The promises of sohoa, a file each, in one binary.

#[path = "../keys/mod.rs"]
mod keys;

mod command_line;
mod description;
mod documentation;
mod hostile;
mod interruption;
mod recognition;
mod reproducibility;
mod signed_sources;
mod support;
