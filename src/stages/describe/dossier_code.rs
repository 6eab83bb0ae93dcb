//! Mã hồ sơ anywhere on the pages (DOMAIN section 3).
//!
//! A misread character is put right only where the grammar leaves one choice: O
//! in a place for digits is 0, I and l are 1, a comma between units is a dot.
//! S or B in such a place could be two digits: only where one of them makes the
//! day impossible does the other stand.

use std::sync::LazyLock;

use regex::Regex;

use crate::formats::vietnamese::fold;
use crate::model::document::{Evidence, Field};
use crate::model::{DossierCode, Word};

use super::case::{Case, field};
use super::fields::only_reading;
use super::layout::{Layout, Line, mean_confidence_pct, text_of};

static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^((?:[0-9OoIlSB|]{3}[.,][0-9OoIlSB|]{2}[.,][0-9OoIlSB|]{2}[.,])?)([A-Z])",
        r"([0-9OoIlSB|]{2}(?:[.,][0-9OoIlSB|]{1,3}){0,4}-[0-9OoIlSB|]{6}-[0-9OoIlSB|]{4,7})$"
    ))
    .expect("the pattern is a constant and compiles")
});

/// A code takes no more words than this, however the recogniser tore it.
const MAX_WORDS: usize = 5;
/// What an unlabelled code in running text may be worth at most: it may name another dossier.
const UNLABELLED_PCT: u8 = 60;

struct Found {
    code: DossierCode,
    repaired: u32,
    sure_pct: u8,
    evidence: Evidence,
    labelled: bool,
}

/// Field `ma_ho_so`: the first code under the label *Mã hồ sơ*, else the only code there is.
pub fn dossier_code(case: &Case) -> Option<Field> {
    let mut found: Vec<Found> = case.pages.iter().flat_map(codes_on).collect();
    if let Some(labelled) = found.iter().position(|code| code.labelled) {
        return Some(as_field(found.swap_remove(labelled), "ma_ho_so.nhan"));
    }
    let first = found.first()?.code.clone();
    let only = found.iter().all(|other| other.code == first);
    only.then(|| {
        let mut best = found.swap_remove(0);
        best.sure_pct = best.sure_pct.min(UNLABELLED_PCT);
        as_field(best, "ma_ho_so.duy_nhat")
    })
}

fn as_field(found: Found, rule: &str) -> Field {
    let value = found.code.to_string();
    field(value, found.sure_pct, found.repaired, found.evidence, rule)
}

fn codes_on(layout: &Layout) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, line) in layout.lines.iter().enumerate() {
        for at in 0..line.words.len() {
            if let Some((code, repaired, words)) = code_at(&line.words[at..]) {
                found.extend(layout.evidence(words).map(|evidence| Found {
                    code,
                    repaired,
                    sure_pct: mean_confidence_pct(words),
                    evidence,
                    labelled: is_labelled(layout, number, line, at),
                }));
            }
        }
    }
    found
}

/// The shortest run of words from the first on that makes a code.
fn code_at(words: &[Word]) -> Option<(DossierCode, u32, &[Word])> {
    let first = &words[0].text;
    let start = first.rfind(':').map_or(0, |colon| colon + 1);
    if !first[start..].contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut read = String::new();
    for (at, word) in words.iter().take(MAX_WORDS).enumerate() {
        read.extend(
            word.text[if at == 0 { start } else { 0 }..]
                .chars()
                .map(one_dash),
        );
        let bare = read.trim_matches(|c: char| !c.is_alphanumeric());
        if let Some((code, repaired)) = repaired_code(bare) {
            return Some((code, repaired, &words[..=at]));
        }
    }
    None
}

fn one_dash(c: char) -> char {
    match c {
        '–' | '—' | '−' | '‐' | '‑' | '_' | '~' => '-',
        other => other,
    }
}

fn repaired_code(read: &str) -> Option<(DossierCode, u32)> {
    let parts = SHAPE.captures(read)?;
    let commas = read.matches(',').count() as u32;
    let (prefix, unit) = (parts[1].replace(',', "."), &parts[2]);
    let digits = format!("{prefix} {}", parts[3].replace(',', "."));
    let fits = |digits: &str| digits.replace(' ', unit).parse().ok();
    let (code, repaired) = only_reading(&digits, fits)?;
    Some((code, repaired + commas))
}

/// *Mã hồ sơ*, *Mã số hồ sơ* or *Số hồ sơ* right before the code, or alone on the line above.
fn is_labelled(layout: &Layout, number: usize, line: &Line, at: usize) -> bool {
    let glued = line.words[at].text.rsplit_once(':');
    let before = text_of(&line.words[at.saturating_sub(4)..at]) + glued.map_or("", |parts| parts.0);
    let above = number.checked_sub(1).map(|above| &layout.lines[above]);
    is_label(&fold(&before))
        || (at == 0 && above.is_some_and(|above| is_label(above.folded.letters())))
}

fn is_label(folded: &str) -> bool {
    ["MAHOSO", "MASOHOSO", "SOHOSO", "MAHS"]
        .iter()
        .any(|label| folded.ends_with(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_grammar_proves_is_repaired() {
        let read = |text| repaired_code(text).map(|(code, n)| (code.to_string(), n));
        let right = "000.00.12.H10-221013-0001";
        assert_eq!(read(right), Some((right.into(), 0)));
        assert_eq!(read("OOO.00,12.H10-22l013-000I"), Some((right.into(), 6)));
        assert_eq!(read("000.00.12.H10-221013-000S"), None);
        // A day 88 does not exist; 83, 58 and 53 do not either.
        assert_eq!(
            read("H10.12-2210B1-0001"),
            Some(("H10.12-221031-0001".into(), 1))
        );
        assert_eq!(read("000.00.12.410-221013-0001"), None);
        // Putting the month right would be a guess.
        assert_eq!(read("H10.12-221313-0001"), None);
    }

    proptest::proptest! {
        #[test]
        fn a_valid_code_is_never_changed_and_a_repaired_one_is_valid(
            code in r"[A-Z][0-9]{2}(\.[0-9]{1,3}){0,3}-2[0-5](0[1-9]|1[0-2])([01][1-9]|2[0-8])-[0-9]{4,7}",
            at in 0usize..40,
            letter in "[OIlSB|o]",
        ) {
            proptest::prop_assert_eq!(repaired_code(&code).map(|(own, n)| (own.to_string(), n)), Some((code.clone(), 0)));
            let at = at % code.len();
            let mut misread = code.clone();
            misread.replace_range(at..=at, &letter);
            if let Some((repaired, _)) = repaired_code(&misread) {
                proptest::prop_assert!(repaired.to_string().parse::<DossierCode>().is_ok());
            }
        }
    }
}
