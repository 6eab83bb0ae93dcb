//! See `sohoa::fuzzing::log_proof`.
#![no_main]

sohoa_fuzz::target!(log_proof);
