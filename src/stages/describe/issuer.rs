//! Cơ quan ban hành and cơ quan chủ quản (ô 2 of Nghị định 30/2020): the organs at the top left.

use crate::formats::vietnamese::compose;
use crate::model::document::Field;

use super::case::{Case, field};
use super::layout::{Layout, Line, mean_confidence_pct, text_of, without_noise};
use super::marks::{begins_with_any, spelled};
use super::notation::{Notation, is_number_line};
use super::regime::is_regime_line;

/// Down to here an issuer's name reaches.
const ZONE: f32 = 0.25;
/// The issuer's column ends here, as a share of the text's width.
const COLUMN: f32 = 0.45;
/// More digits make a number line; `SỐ` folds like `SỞ`. An organ has at most `QUẬN 12`.
const MAX_DIGITS: usize = 2;
/// Letters under which a line is noise.
const MIN_LETTERS: usize = 3;

/// Field `co_quan_ban_hanh`: of `UBND TỈNH X / SỞ Y TẾ` the lower one, with its further lines.
pub fn issuer(case: &Case, notation: Option<&Notation>) -> Option<Field> {
    let column = column(case, notation);
    let first = column.iter().rposition(begins_an_organ(case))?;
    as_field(case, &column[first..], "nd30.co_quan_ban_hanh")
}

/// Field `co_quan_chu_quan`: the organ above the issuer.
pub fn parent(case: &Case, notation: Option<&Notation>) -> Option<Field> {
    let column = column(case, notation);
    let below = column.iter().rposition(begins_an_organ(case))?;
    let first = column[..below].iter().rposition(begins_an_organ(case))?;
    as_field(case, &column[first..below], "nd30.co_quan_chu_quan")
}

fn begins_an_organ<'m>(case: &'m Case) -> impl Fn(&&Line) -> bool + 'm {
    |line| begins_with_any(&line.folded, &case.marks.organ_starts)
}

/// The lines of the header's left column, top to bottom.
fn column<'c>(case: &Case<'c>, notation: Option<&Notation>) -> Vec<&'c Line<'c>> {
    let layout = case.first();
    let below_px = lower_edge_px(case, notation);
    let mut column: Vec<&Line> = layout
        .lines
        .iter()
        .filter(|line| line.bounds.bottom_px() <= below_px && is_organ_line(layout, line))
        .filter(|line| !is_regime_line(line, case.marks))
        .collect();
    column.sort_by_key(|line| line.bounds.y_px);
    column
}

fn as_field(case: &Case, lines: &[&Line], rule: &str) -> Option<Field> {
    let words = || lines.iter().flat_map(|line| without_noise(line.words));
    let evidence = case.first().evidence(words())?;
    // Rules under a name are read as underscores.
    let value = compose(&text_of(words())).replace('_', "");
    let value = value.trim_matches(|c: char| !c.is_alphanumeric());
    let (value, respelled) = spelled(value, &case.marks.offices);
    let sure_pct = mean_confidence_pct(words());
    let mut found = field(value, sure_pct, 0, evidence, rule);
    found.repaired = respelled;
    Some(found)
}

/// The issuer stands above the number, or above the heading where there is no number.
fn lower_edge_px(case: &Case, notation: Option<&Notation>) -> u32 {
    let layout = case.first();
    let number = notation.map(|n| n.line);
    let heading = case.heading.and_then(|h| h.lines.first().copied());
    let limit_px = (ZONE * layout.height_px as f32) as u32;
    number.or(heading).map_or(limit_px, |line| {
        let line = &layout.lines[line].bounds;
        (line.y_px + line.h_px / 2).min(limit_px)
    })
}

fn is_organ_line(layout: &Layout, line: &Line) -> bool {
    layout.across(line) < COLUMN
        && line.in_capitals()
        && line.folded.letters().len() >= MIN_LETTERS
        && digits_in(line) <= MAX_DIGITS
        && !is_number_line(line)
}

fn digits_in(line: &Line) -> usize {
    let letters = line.folded.letters().bytes();
    letters.filter(u8::is_ascii_digit).count()
}
