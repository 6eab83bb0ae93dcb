//! See `sohoa::fuzzing::evidence_record`.
#![no_main]

sohoa_fuzz::target!(evidence_record);
