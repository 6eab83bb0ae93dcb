//! Every parser that reads a stranger's bytes, one at a time: `SOHOA_FUZZ_TARGET` says which.
//!
//! One program, not one a parser: each would be linked anew with everything sohoa is made of.
//!
//! The program runs foreign decoders contained: a panic of theirs is caught and becomes
//! a fault of the file (`intake/contain.rs`, `verify/pdf.rs`). So a panic inside a crate
//! from the registry is let pass here as well, and every other one ends the fuzzer. An
//! abort, a stack overflow, a hang and too much memory count wherever they happen.
#![no_main]

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sohoa::fuzzing;

/// By the name that `scripts/fuzz` and `SOHOA_FUZZ_TARGET` know it by; `scripts/fuzz` reads the names from here.
const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("archival_package", fuzzing::archival_package),
    ("archive", fuzzing::archive),
    ("barcode", fuzzing::barcode),
    ("batch_header", fuzzing::batch_header),
    ("batch_signature", fuzzing::batch_signature),
    ("certificate", fuzzing::certificate),
    ("cms_signature", fuzzing::cms_signature),
    ("corrections", fuzzing::corrections),
    ("description", fuzzing::description),
    ("document", fuzzing::document),
    ("dossier_code", fuzzing::dossier_code),
    ("evidence_record", fuzzing::evidence_record),
    ("exif", fuzzing::exif),
    ("jpeg", fuzzing::jpeg),
    ("legacy_name", fuzzing::legacy_name),
    ("line_model", fuzzing::line_model),
    ("log_key", fuzzing::log_key),
    ("log_note", fuzzing::log_note),
    ("log_proof", fuzzing::log_proof),
    ("manifest_line", fuzzing::manifest_line),
    ("model_file", fuzzing::model_file),
    ("ocsp_answer", fuzzing::ocsp_answer),
    ("pdf_page", fuzzing::pdf_page),
    ("pdfa_check", fuzzing::pdfa_check),
    ("plan", fuzzing::plan),
    ("png", fuzzing::png),
    ("proof", fuzzing::proof),
    ("receiving", fuzzing::receiving),
    ("register", fuzzing::register),
    ("revocation_list", fuzzing::revocation_list),
    ("sheet_list", fuzzing::sheet_list),
    ("signed_pdf", fuzzing::signed_pdf),
    ("tiff", fuzzing::tiff),
    ("time_stamp", fuzzing::time_stamp),
    ("timestamp_reply", fuzzing::timestamp_reply),
    ("type_table", fuzzing::type_table),
    ("vietnamese", fuzzing::vietnamese),
    ("webp_bmp", fuzzing::webp_bmp),
];

static PARSER: LazyLock<fn(&[u8])> = LazyLock::new(parser_asked_for);

fuzz_target!(init: begin(), |bytes: &[u8]| {
    // A panic that the hook let pass ends here.
    let _ = catch_unwind(AssertUnwindSafe(|| PARSER(bytes)));
});

/// Before the first input, so that a name nobody knows is said at once.
fn begin() {
    LazyLock::force(&PARSER);
    let_contained_panics_pass();
}

fn parser_asked_for() -> fn(&[u8]) {
    let asked = std::env::var("SOHOA_FUZZ_TARGET").unwrap_or_default();
    match TARGETS.iter().find(|(name, _)| *name == asked) {
        Some((_, parser)) => *parser,
        None => {
            let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            eprintln!("SOHOA_FUZZ_TARGET is none of: {}", names.join(" "));
            std::process::exit(2);
        }
    }
}

/// Replaces libFuzzer's hook, which aborts at every panic.
fn let_contained_panics_pass() {
    let abort_at_once = take_hook();
    set_hook(Box::new(move |panic| {
        let file = panic.location().map_or("", |place| place.file());
        if !file.contains("/registry/src/") {
            abort_at_once(panic);
        }
    }));
}
