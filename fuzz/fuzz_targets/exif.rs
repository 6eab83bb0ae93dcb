//! See `sohoa::fuzzing::exif`.
#![no_main]

sohoa_fuzz::target!(exif);
