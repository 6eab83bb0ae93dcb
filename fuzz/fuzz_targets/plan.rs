//! See `sohoa::fuzzing::plan`.
#![no_main]

sohoa_fuzz::target!(plan);
