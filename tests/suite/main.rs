//! The promises of sohoa, a file each, in one binary.

#[path = "../keys/mod.rs"]
mod keys;

mod chance;
mod command_line;
mod corpus;
mod description;
mod documentation;
mod drop;
mod failing_disk;
mod faults;
mod hostile;
mod interruption;
mod isolation;
mod memory;
mod recognition;
mod rehearsal;
mod reproducibility;
mod streams;
mod support;
mod two_runs;
