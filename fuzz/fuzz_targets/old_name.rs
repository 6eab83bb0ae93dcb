//! See `sohoa::fuzzing::old_name`.
#![no_main]

sohoa_fuzz::target!(old_name);
