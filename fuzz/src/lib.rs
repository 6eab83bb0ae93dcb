//! What all targets share: which panics count.
//!
//! The program runs foreign decoders contained: a panic of theirs is caught and becomes
//! a fault of the file (`intake/contain.rs`, `verify/pdf.rs`). So a panic inside a crate
//! from the registry is let pass here as well, and every other one ends the fuzzer. An
//! abort, a stack overflow, a hang and too much memory count wherever they happen.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

pub use libfuzzer_sys::fuzz_target;

/// Defines a target that gives its bytes to the function of this name in `sohoa::fuzzing`.
#[macro_export]
macro_rules! target {
    ($parser:ident) => {
        $crate::fuzz_target!(init: $crate::let_contained_panics_pass(), |bytes: &[u8]| {
            $crate::contained(|| sohoa::fuzzing::$parser(bytes));
        });
    };
}

/// Replaces libFuzzer's hook, which aborts at every panic.
pub fn let_contained_panics_pass() {
    let abort_at_once = take_hook();
    set_hook(Box::new(move |panic| {
        let file = panic.location().map_or("", |place| place.file());
        if !file.contains("/registry/src/") {
            abort_at_once(panic);
        }
    }));
}

/// Runs a parser; a panic that the hook let pass ends here.
pub fn contained(parse: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(parse));
}
