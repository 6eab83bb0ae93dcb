//! Quyền hạn, chức vụ and người ký (ô 7 of Nghị định 30/2020): at the foot of the last page.

use crate::formats::vietnamese::{compose, fold};
use crate::model::Word;
use crate::model::document::Field;

use super::case::{Case, field};
use super::layout::{Layout, Line, mean_confidence_pct, text_of, without_noise};
use super::marks::begins_with_any;

/// How far below its title a name may stand, as a share of the page's height.
const REACH: f32 = 0.2;
/// How far a name's middle may stand from its title's, as a share of the text's width.
const ASIDE: f32 = 0.15;
/// Stamps and strokes lie over names: never quite sure.
const AT_MOST_PCT: u8 = 90;

/// In whose place one signs, as it opens a line: `KT. CHỦ TỊCH`.
const POWERS: [&str; 5] = ["TM", "KT", "TL", "TUQ", "Q"];
/// Lines of one title follow each other within this many letter heights.
const TITLE_GAP_HEIGHTS: f32 = 1.5;
/// Whoever signs so holds no office.
const NO_OFFICE: [&str; 4] = ["NGUOI", "BEN", "DAIDIEN", "CHUHO"];

/// Fields `nguoi_ky`, `chuc_vu` and `quyen_han` of the last signature.
pub fn signature(case: &Case) -> Vec<(&'static str, Field)> {
    let layout = case.last();
    let is_title = |line: &&Line| {
        layout.across(line) > 0.5
            && layout.down(line) > 0.25
            && begins_with_any(&line.folded, &case.marks.signer_titles)
    };
    let Some(title) = layout.lines.iter().rev().find(is_title) else {
        return Vec::new();
    };
    let found = [
        ("nguoi_ky", signer(layout, title)),
        ("chuc_vu", office(layout, title)),
        ("quyen_han", powers(layout, title)),
    ];
    let found = found.into_iter();
    found.filter_map(|(id, field)| Some((id, field?))).collect()
}

fn signer(layout: &Layout, title: &Line) -> Option<Field> {
    let name = layout
        .lines
        .iter()
        .filter(|line| is_name(line.words) && stands_under(layout, title, line))
        .max_by_key(|line| line.bounds.y_px)?;
    as_field(layout, name.words, "nd30.nguoi_ky")
}

/// The lowest line of the title without the power before it: `PHÓ CHỦ TỊCH`.
fn office(layout: &Layout, title: &Line) -> Option<Field> {
    let powers = title.words.iter().take_while(|word| is_power(word)).count();
    let letters = title.folded.letters();
    let holds = title.in_capitals() && !NO_OFFICE.iter().any(|own| letters.starts_with(own));
    // `TM. ỦY BAN NHÂN DÂN` names in whose place, not what the signer is.
    let of_another = title
        .words
        .first()
        .is_some_and(|word| fold(&word.text) == "TM");
    let words = without_noise(&title.words[powers..]);
    (holds && !of_another).then(|| as_field(layout, words, "nd30.chuc_vu"))?
}

/// The powers of the title's lines from the top: `TM. KT.`.
fn powers(layout: &Layout, title: &Line) -> Option<Field> {
    let mut block = vec![title];
    let mut upper = title;
    while let Some(line) = line_above(layout, upper) {
        block.insert(0, line);
        upper = line;
    }
    let firsts = block.iter().filter_map(|line| line.words.first());
    let words: Vec<&Word> = firsts.filter(|word| is_power(word)).collect();
    let evidence = layout.evidence(words.iter().copied())?;
    let sure_pct = mean_confidence_pct(words.iter().copied());
    let value: Vec<String> = words.iter().map(|word| fold(&word.text) + ".").collect();
    Some(field(
        value.join(" "),
        sure_pct,
        0,
        evidence,
        "nd30.quyen_han",
    ))
}

/// The line of capitals right above in the same column.
fn line_above<'l, 'a>(layout: &'l Layout<'a>, line: &Line) -> Option<&'l Line<'a>> {
    let above = layout.lines.iter().filter(|above| {
        above.in_capitals()
            && above.is_followed_by(line, TITLE_GAP_HEIGHTS)
            && (layout.across(above) - layout.across(line)).abs() < ASIDE
    });
    above.max_by_key(|above| above.bounds.y_px)
}

fn is_power(word: &Word) -> bool {
    POWERS.contains(&fold(&word.text).as_str()) && word.text.ends_with(['.', ',', ':', ';'])
}

fn as_field(layout: &Layout, words: &[Word], rule: &str) -> Option<Field> {
    let evidence = layout.evidence(words)?;
    let value = compose(&text_of(words)).into_owned();
    let value = value
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_owned();
    let sure_pct = mean_confidence_pct(words).min(AT_MOST_PCT);
    (!value.is_empty()).then(|| field(value, sure_pct, 0, evidence, rule))
}

fn stands_under(layout: &Layout, title: &Line, line: &Line) -> bool {
    let down = layout.down(line) - layout.down(title);
    down > 0.01 && down < REACH && (layout.across(line) - layout.across(title)).abs() < ASIDE
}

/// Two to five words, letters only, each a capital and then small letters.
fn is_name(words: &[Word]) -> bool {
    (2..=5).contains(&words.len()) && words.iter().all(|word| is_name_word(&word.text))
}

fn is_name_word(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.clone().count() <= 6
        && letters.all(|c| c.is_alphabetic() && c.is_lowercase())
}
