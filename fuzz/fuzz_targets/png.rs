//! See `sohoa::fuzzing::png`.
#![no_main]

sohoa_fuzz::target!(png);
