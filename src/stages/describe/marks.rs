//! The words that mark the parts of a paper, read from `marks.toml` and folded once.

use serde::Deserialize;

use crate::formats::vietnamese::{Folded, Pattern, fold};

const EMBEDDED: &str = include_str!("marks.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    version: String,
    regime: Vec<String>,
    organ_starts: Vec<String>,
    organs: Vec<String>,
    date_leads: Vec<String>,
    body_starts: Vec<String>,
    signer_titles: Vec<String>,
}

/// The marks, ready for matching.
#[derive(Debug)]
pub struct Marks {
    /// The version of the data.
    pub version: String,
    /// Header lines of a first page.
    pub regime: Vec<Pattern>,
    /// How the name of an organ begins, folded.
    pub organ_starts: Vec<String>,
    /// Organs in a notation: folded, and in their right spelling.
    pub organs: Vec<(String, String)>,
    /// What may stand before a date instead of a place, folded.
    pub date_leads: Vec<String>,
    /// What a trích yếu never begins with, folded.
    pub body_starts: Vec<String>,
    /// How the title over a signature begins, folded.
    pub signer_titles: Vec<String>,
}

impl Marks {
    /// The marks that come with the program.
    pub fn embedded() -> Self {
        let sheet: Sheet = toml::from_str(EMBEDDED).expect("a test parses the embedded marks");
        let folded = |words: Vec<String>| words.iter().map(|word| fold(word)).collect();
        Self {
            version: sheet.version,
            regime: sheet
                .regime
                .iter()
                .map(|line| Pattern::new(&fold(line)).expect("header lines have 1 to 64 letters"))
                .collect(),
            organ_starts: folded(sheet.organ_starts),
            organs: sheet.organs.into_iter().map(|o| (fold(&o), o)).collect(),
            date_leads: folded(sheet.date_leads),
            body_starts: folded(sheet.body_starts),
            signer_titles: folded(sheet.signer_titles),
        }
    }
}

/// True where the text begins with one of these marks and a word ends with the mark.
pub fn begins_with_any(folded: &Folded, marks: &[String]) -> bool {
    marks
        .iter()
        .any(|mark| folded.letters().starts_with(mark) && folded.ends_word(mark.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_marks_load_and_none_is_empty() {
        let marks = Marks::embedded();
        for list in [
            &marks.organ_starts,
            &marks.body_starts,
            &marks.date_leads,
            &marks.signer_titles,
        ] {
            assert!(!list.is_empty() && list.iter().all(|mark| !mark.is_empty()));
        }
    }

    #[test]
    fn a_mark_counts_only_as_whole_words() {
        let marks = ["SO".to_owned()];
        assert!(begins_with_any(&Folded::of(["SỞ", "Y", "TẾ"]), &marks));
        assert!(!begins_with_any(&Folded::of(["SONG", "HỒNG"]), &marks));
    }
}
