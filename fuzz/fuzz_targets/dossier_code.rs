//! See `sohoa::fuzzing::dossier_code`.
#![no_main]

sohoa_fuzz::target!(dossier_code);
