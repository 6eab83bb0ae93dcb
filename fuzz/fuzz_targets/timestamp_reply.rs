//! See `sohoa::fuzzing::timestamp_reply`.
#![no_main]

sohoa_fuzz::target!(timestamp_reply);
