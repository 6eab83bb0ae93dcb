//! See `sohoa::fuzzing::cms_signature`.
#![no_main]

sohoa_fuzz::target!(cms_signature);
