//! Người ký (ô 7 of Nghị định 30/2020): the name under the title at the foot of the last page.

use crate::formats::vietnamese::compose;
use crate::model::Word;
use crate::model::document::Field;

use super::case::{Case, field};
use super::layout::{Layout, Line, mean_confidence_pct, text_of};
use super::marks::begins_with_any;

/// How far below its title a name may stand, as a share of the page's height.
const REACH: f32 = 0.2;
/// How far a name's middle may stand from its title's, as a share of the text's width.
const ASIDE: f32 = 0.15;
/// Stamps and strokes lie over names: never quite sure.
const AT_MOST_PCT: u8 = 90;

/// Field `nguoi_ky`.
pub fn signer(case: &Case) -> Option<Field> {
    let layout = case.last();
    let is_title = |line: &&Line| {
        layout.across(line) > 0.5
            && layout.down(line) > 0.25
            && begins_with_any(&line.folded, &case.marks.signer_titles)
    };
    let title = layout.lines.iter().rev().find(is_title)?;
    let name = layout
        .lines
        .iter()
        .filter(|line| is_name(line.words) && stands_under(layout, title, line))
        .max_by_key(|line| line.bounds.y_px)?;
    let evidence = layout.evidence(name.words)?;
    let value = compose(&text_of(name.words)).into_owned();
    let sure_pct = mean_confidence_pct(name.words).min(AT_MOST_PCT);
    Some(field(value, sure_pct, 0, evidence, "nd30.nguoi_ky"))
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
