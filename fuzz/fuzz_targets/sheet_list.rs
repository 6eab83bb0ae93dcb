//! See `sohoa::fuzzing::sheet_list`.
#![no_main]

sohoa_fuzz::target!(sheet_list);
