//! See `sohoa::fuzzing::ocsp_answer`.
#![no_main]

sohoa_fuzz::target!(ocsp_answer);
