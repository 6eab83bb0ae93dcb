//! See `sohoa::fuzzing::webp_bmp`.
#![no_main]

sohoa_fuzz::target!(webp_bmp);
