//! See `sohoa::fuzzing::description`.
#![no_main]

sohoa_fuzz::target!(description);
