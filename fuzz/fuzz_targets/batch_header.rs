//! See `sohoa::fuzzing::batch_header`.
#![no_main]

sohoa_fuzz::target!(batch_header);
