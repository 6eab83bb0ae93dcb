//! See `sohoa::fuzzing::type_table`.
#![no_main]

sohoa_fuzz::target!(type_table);
