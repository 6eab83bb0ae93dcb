//! See `sohoa::fuzzing::legacy_name`.
#![no_main]

sohoa_fuzz::target!(legacy_name);
