//! See `sohoa::fuzzing::jpeg`.
#![no_main]

sohoa_fuzz::target!(jpeg);
