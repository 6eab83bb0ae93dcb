//! See `sohoa::fuzzing::tiff`.
#![no_main]

sohoa_fuzz::target!(tiff);
