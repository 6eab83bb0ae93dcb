//! See `sohoa::fuzzing::line_model`.
#![no_main]

sohoa_fuzz::target!(line_model);
