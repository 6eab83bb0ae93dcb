//! See `sohoa::fuzzing::log_key`.
#![no_main]

sohoa_fuzz::target!(log_key);
