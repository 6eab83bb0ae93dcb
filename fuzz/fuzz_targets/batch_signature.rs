//! See `sohoa::fuzzing::batch_signature`.
#![no_main]

sohoa_fuzz::target!(batch_signature);
