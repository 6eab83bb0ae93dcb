//! See `sohoa::fuzzing::receiving`.
#![no_main]

sohoa_fuzz::target!(receiving);
