//! See `sohoa::fuzzing::archive`.
#![no_main]

sohoa_fuzz::target!(archive);
