//! See `sohoa::fuzzing::archival_package`.
#![no_main]

sohoa_fuzz::target!(archival_package);
