//! See `sohoa::fuzzing::pdfa_check`.
#![no_main]

sohoa_fuzz::target!(pdfa_check);
