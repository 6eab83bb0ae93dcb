//! See `sohoa::fuzzing::manifest_line`.
#![no_main]

sohoa_fuzz::target!(manifest_line);
