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
    offices: Vec<String>,
    posts: Vec<String>,
    date_leads: Vec<String>,
    body_starts: Vec<String>,
    signer_titles: Vec<String>,
    copy: Vec<CopySheet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CopySheet {
    form: String,
    sign: String,
    printed: Vec<String>,
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
    /// Names of offices in their right spelling, the longest first.
    pub offices: Vec<Phrase>,
    /// Posts of persons in their right spelling, the longest first.
    pub posts: Vec<Phrase>,
    /// What may stand before a date instead of a place, folded.
    pub date_leads: Vec<String>,
    /// What a trích yếu never begins with, folded.
    pub body_starts: Vec<String>,
    /// How the title over a signature begins, folded.
    pub signer_titles: Vec<String>,
    /// Ways of copying a paper.
    pub copies: Vec<CopyForm>,
}

/// A way of copying a paper (hình thức sao).
#[derive(Debug)]
pub struct CopyForm {
    /// Its name in capitals.
    pub form: String,
    /// How the notation of a copy begins.
    pub sign: String,
    /// As it is printed.
    pub printed: Vec<Pattern>,
}

impl CopyForm {
    fn of(sheet: CopySheet) -> Self {
        let pattern =
            |words: &String| Pattern::new(&fold(words)).expect("marks have 1 to 64 letters");
        Self {
            printed: sheet.printed.iter().map(pattern).collect(),
            form: sheet.form,
            sign: sheet.sign,
        }
    }
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
            offices: phrases(sheet.offices),
            posts: phrases(sheet.posts),
            date_leads: folded(sheet.date_leads),
            body_starts: folded(sheet.body_starts),
            signer_titles: folded(sheet.signer_titles),
            copies: sheet.copy.into_iter().map(CopyForm::of).collect(),
        }
    }
}

/// Words in their right spelling.
#[derive(Debug)]
pub struct Phrase {
    pattern: Pattern,
    words: String,
}

fn phrases(words: Vec<String>) -> Vec<Phrase> {
    let phrase = |words: String| Phrase {
        pattern: Pattern::new(&fold(&words)).expect("phrases have 1 to 64 letters"),
        words,
    };
    let mut phrases: Vec<Phrase> = words.into_iter().map(phrase).collect();
    phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.pattern.len()));
    phrases
}

/// Letters of a phrase from which on one of them may be misread.
const LETTERS_AN_EDIT: usize = 14;

/// The text with every phrase of the table spelled as the table does, and how many were respelled:
/// marks that a recogniser lost (`HANH CHINH`) fold alike, and so nothing else is changed.
pub fn spelled(text: &str, phrases: &[Phrase]) -> (String, u32) {
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let mut respelled = 0;
    for phrase in phrases {
        let folded = Folded::of(words.iter().map(String::as_str));
        let max_edits = u32::from(phrase.pattern.len() >= LETTERS_AN_EDIT);
        let Some(hit) = phrase.pattern.find(folded.letters(), max_edits) else {
            continue;
        };
        let whole = (hit.start == 0 || folded.ends_word(hit.start)) && folded.ends_word(hit.end);
        let taken = folded.words_in(hit.start..hit.end);
        if whole && words[taken.clone()].join(" ") != phrase.words {
            respelled += 1;
            words.splice(taken, phrase.words.split(' ').map(str::to_owned));
        }
    }
    (words.join(" "), respelled)
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
    fn lost_marks_of_an_office_are_put_back_and_its_place_stays() {
        let offices = Marks::embedded().offices;
        let spell = |text| spelled(text, &offices);
        let right = "ỦY BAN NHÂN DÂN XÃ TẤN LỌC".to_owned();
        assert_eq!(spell("UY BAN NHẦN DÂN XÃ TẤN LỌC"), (right.clone(), 1));
        assert_eq!(spell(&right), (right.clone(), 0));
        let right = "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG".to_owned();
        assert_eq!(spell("TRUNG TÂM PHỤC VỤ HÀANH CHINH CÔNG"), (right, 1));
    }

    #[test]
    fn a_mark_counts_only_as_whole_words() {
        let marks = ["SO".to_owned()];
        assert!(begins_with_any(&Folded::of(["SỞ", "Y", "TẾ"]), &marks));
        assert!(!begins_with_any(&Folded::of(["SONG", "HỒNG"]), &marks));
    }
}
