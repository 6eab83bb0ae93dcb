//! See `sohoa::fuzzing::signed_pdf`.
#![no_main]

sohoa_fuzz::target!(signed_pdf);
