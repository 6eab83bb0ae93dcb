//! See `sohoa::fuzzing::proof`.
#![no_main]

sohoa_fuzz::target!(proof);
