//! See `sohoa::fuzzing::model_file`.
#![no_main]

sohoa_fuzz::target!(model_file);
