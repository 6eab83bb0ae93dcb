//! See `sohoa::fuzzing::corrections`.
#![no_main]

sohoa_fuzz::target!(corrections);
