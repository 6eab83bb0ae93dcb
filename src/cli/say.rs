//! How a fault is told at the terminal: what happened, what to do, the code.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use super::Exit;
use super::usage::UsageFault;
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

/// Prints a line to standard output. Its reader may have gone (`| head`) or its disk be full: the
/// work itself goes on, and the exit code tells of it.
pub fn line(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints what a verb was asked for and gives its exit code.
///
/// A reader that has gone (`| head`) has seen what it wanted. Where the text cannot be written, a
/// report that ends early must not pass for a whole one.
pub fn result(text: &str, exit: Exit, language: Language) -> Exit {
    let mut out = std::io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => {
            UsageFault::unwritable(Path::new("stdout"), &cause).tell(language)
        }
        _ => exit,
    }
}

/// Prints a line to standard error.
pub fn remark(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
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

/// Columns of a terminal that nobody widened.
const COLUMNS: usize = 80;

/// A text in lines of at most 80 columns, the first behind `first`, the others behind `rest`. A word that
/// is longer stays whole, so that a path can be copied.
pub fn folded(text: &str, first: &str, rest: &str) -> String {
    // Our texts are NFC: a letter with its marks is one character and one column.
    let columns = |text: &str| text.chars().count();
    let mut lines = first.to_owned();
    let mut used = columns(first);
    let mut is_begun = false;
    for word in text.split_whitespace() {
        let wanted = columns(word) + usize::from(is_begun);
        if is_begun && used + wanted > COLUMNS {
            lines += "\n";
            lines += rest;
            (used, is_begun) = (columns(rest), false);
        }
        if is_begun {
            lines.push(' ');
            used += 1;
        }
        lines += word;
        used += columns(word);
        is_begun = true;
    }
    lines + "\n"
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_folded_at_80_columns_and_no_word_is_cut() {
        let words = "Thời điểm ký do người ký tự khai, không có dấu thời gian tin cậy.";
        let path = "/một/đường/dẫn".repeat(8);
        let text = folded(
            &format!("{words} {words} {path} {words}"),
            "    → ",
            "      ",
        );
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("    → Thời") && lines[1].starts_with("      "));
        let wide: Vec<&&str> = lines
            .iter()
            .filter(|line| line.chars().count() > 80)
            .collect();
        assert_eq!(wide.len(), 1);
        assert_eq!(wide[0].trim_start(), path);
        let again: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(again.len(), 1 + 3 * words.split(' ').count() + 1);
        assert_eq!(folded("", "  ", "  "), "  \n");
    }
}
