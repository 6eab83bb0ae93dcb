//! See `sohoa::fuzzing::document`.
#![no_main]

sohoa_fuzz::target!(document);
