//! See `sohoa::fuzzing::log_note`.
#![no_main]

sohoa_fuzz::target!(log_note);
