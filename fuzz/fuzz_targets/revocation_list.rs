//! See `sohoa::fuzzing::revocation_list`.
#![no_main]

sohoa_fuzz::target!(revocation_list);
