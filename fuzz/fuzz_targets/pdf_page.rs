//! See `sohoa::fuzzing::pdf_page`.
#![no_main]

sohoa_fuzz::target!(pdf_page);
