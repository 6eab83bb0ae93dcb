//! See `sohoa::fuzzing::vietnamese`.
#![no_main]

sohoa_fuzz::target!(vietnamese);
