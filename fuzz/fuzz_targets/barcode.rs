//! See `sohoa::fuzzing::barcode`.
#![no_main]

sohoa_fuzz::target!(barcode);
