//! See `sohoa::fuzzing::register`.
#![no_main]

sohoa_fuzz::target!(register);
