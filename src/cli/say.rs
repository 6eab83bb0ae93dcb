//! How a fault is told at the terminal: what happened, what to do, the code.

use std::io::{IsTerminal, Write};

use crate::messages::{self, Language};
use crate::model::Coded;
use crate::model::manifest::{Reason, Wording};

/// Prints a fault to standard error.
pub fn fault(fault: &dyn Coded, place: &str, language: Language) {
    reason(&messages::reason(fault, place), language);
}

/// Prints a reason to standard error.
pub fn reason(reason: &Reason, language: Language) {
    // Standard error may be closed; there is nobody left to tell.
    let _ = std::io::stderr().write_all(told(reason, language).as_bytes());
}

/// A reason as text: the sentence with its code, then the remedy behind an arrow.
pub fn told(reason: &Reason, language: Language) -> String {
    let Wording { what, remedy } = in_language(reason, language);
    format!("[{}] {what}\n    → {remedy}\n", reason.code)
}

fn in_language(reason: &Reason, language: Language) -> &Wording {
    match language {
        Language::Vi => &reason.vi,
        Language::En => &reason.en,
    }
}

/// One of two texts, by language.
pub fn by<'a>(language: Language, vietnamese: &'a str, english: &'a str) -> &'a str {
    match language {
        Language::Vi => vietnamese,
        Language::En => english,
    }
}

/// True where a person watches standard error.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
