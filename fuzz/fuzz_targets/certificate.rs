//! See `sohoa::fuzzing::certificate`.
#![no_main]

sohoa_fuzz::target!(certificate);
