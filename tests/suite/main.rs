//! The promises of sohoa, a file each, in one binary.

#[path = "../keys/mod.rs"]
mod keys;
#[path = "../line_pictures/mod.rs"]
mod line_pictures;

mod chance;
mod command_line;
mod corpus;
mod description;
mod documentation;
mod doubt;
mod drop;
mod engines;
mod evaluation;
mod evidence;
mod failing_disk;
mod faults;
mod hostile;
mod hot_folder;
mod interruption;
mod isolation;
mod lines;
mod memory;
mod night;
mod reading;
mod recognition;
mod records;
mod rehearsal;
mod reproducibility;
mod review;
mod secrecy;
mod signed_sources;
mod streams;
mod support;
mod training;
mod two_runs;
