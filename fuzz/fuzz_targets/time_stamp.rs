//! See `sohoa::fuzzing::time_stamp`.
#![no_main]

sohoa_fuzz::target!(time_stamp);
