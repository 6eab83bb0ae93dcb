//! Trích yếu: under the heading (ô 5a), or after `V/v` under the number (ô 5b).

use std::sync::LazyLock;

use regex::Regex;

use crate::formats::vietnamese::compose;
use crate::model::document::Field;
use crate::model::{PxBox, Word};

use super::case::{Case, field};
use super::layout::{Layout, Line, mean_confidence_pct, text_of, without_noise};
use super::marks::begins_with_any;

/// Lines a trích yếu takes at most.
const MAX_LINES: usize = 5;
/// A wider gap than this many letter heights ends it.
const MAX_GAP_HEIGHTS: f32 = 1.7;
/// How far a subject's middle may stand from its heading's, as a share of the page's width.
/// A first line of text, indented by 1 to 1.27 cm (NĐ 30) and full, stands 2.4 to 3 % off.
const OFF_HEADING: f32 = 0.02;
/// `V/v` as recognisers give it.
static RE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\W{0,2}[Vv]\s?[/⁄∕\\|lIíìi1.]\s?[vV][.:,]?\s").expect("the pattern compiles")
});

/// How a list item, a number line or a remark begins.
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[-+(]|[0-9]{1,2}[.)]|[IVX]{1,4}[.)]|[Ss][ốoôó]\s?:)")
        .expect("the pattern compiles")
});

/// The number of the line that begins with `V/v`, at the left of the upper half.
pub fn find_re_line(layout: &Layout) -> Option<usize> {
    let is_re = |line: &Line| RE.is_match(&line.text()) && layout.across(line) < 0.5;
    let mut lines = layout.lines.iter();
    lines.position(|line| layout.down(line) < 0.5 && is_re(line))
}

/// Field `trich_yeu`.
pub fn subject(case: &Case) -> Option<Field> {
    match case.heading {
        Some(heading) if !heading.row.has_subject => None,
        Some(_) => under_heading(case),
        None => after_re(case),
    }
}

fn under_heading(case: &Case) -> Option<Field> {
    let (layout, heading) = (case.first(), case.heading?);
    let mut words: Vec<&Word> = heading.rest.clone();
    let last = *heading.lines.last()?;
    let center_px = layout.lines[last].center_x_px();
    let aside_px = (OFF_HEADING * layout.width_px as f32) as u32;
    let keeps_on = |upper: &Line, line: &Line| {
        upper.is_followed_by(line, MAX_GAP_HEIGHTS)
            && line.center_x_px().abs_diff(center_px) <= aside_px
            // After small letters, capitals name who decides (CHỦ TỊCH …).
            && (upper.in_capitals() || !line.in_capitals())
            && !begins_with_any(&line.folded, &case.marks.body_starts)
            && !begins_an_item(line)
            && !stands_between_others(layout, line)
    };
    words.extend(run_below(layout, last, keeps_on));
    as_field(layout, &words, "nd30.trich_yeu")
}

fn after_re(case: &Case) -> Option<Field> {
    let layout = case.first();
    let start = find_re_line(layout)?;
    let line = &layout.lines[start];
    let text = line.text();
    let label_end = RE.find(&text)?.end();
    let label_words = text[..label_end].split_whitespace().count();
    let mut words: Vec<&Word> = line.words[label_words..].iter().collect();
    let keeps_on = |upper: &Line, line: &Line| {
        upper.is_followed_by(line, 1.2)
            && layout.across(line) < 0.5
            && !begins_with_any(&line.folded, &case.marks.body_starts)
    };
    words.extend(run_below(layout, start, keeps_on));
    let read = as_field(layout, &words, "nd30.v_v")?;
    Some(Field {
        value: format!("V/v {}", read.value),
        ..read
    })
}

/// The words of the lines that follow one under the other as long as the test holds.
fn run_below<'a>(
    layout: &Layout<'a>,
    from: usize,
    keeps_on: impl Fn(&Line, &Line) -> bool,
) -> Vec<&'a Word> {
    let mut words = Vec::new();
    let mut upper = &layout.lines[from];
    let mut taken = 0;
    for line in &layout.lines[from + 1..] {
        let below = line.bounds.y_px > upper.bounds.y_px + upper.bounds.h_px / 2;
        // The other column of the header may be read in between.
        if !below || !touches(upper, line) {
            continue;
        }
        if taken == MAX_LINES || !keeps_on(upper, line) {
            break;
        }
        words.extend(without_noise(line.words));
        upper = line;
        taken += 1;
    }
    words
}

fn touches(upper: &Line, line: &Line) -> bool {
    upper.bounds.x_px < line.bounds.right_px() && line.bounds.x_px < upper.bounds.right_px()
}

/// Whether lines stand left and right of one: it is a cell of a table. On one side alone it may be a stamp (ĐẾN …).
fn stands_between_others(layout: &Layout, line: &Line) -> bool {
    let own = line.bounds;
    let is_level = |other: &&Line| {
        let middle_px = other.bounds.y_px + other.bounds.h_px / 2;
        (own.y_px..own.bottom_px()).contains(&middle_px)
    };
    let mut level = layout
        .lines
        .iter()
        .filter(is_level)
        .map(|other| other.bounds);
    let is_left = |other: PxBox| other.right_px() <= own.x_px;
    level.clone().any(is_left) && level.any(|other| other.x_px >= own.right_px())
}

/// `Số: …`, `1. …`, `- …`, `(Liên …`: never a trích yếu.
fn begins_an_item(line: &Line) -> bool {
    ITEM.is_match(&line.words[0].text) || ITEM.is_match(&line.text())
}

fn as_field(layout: &Layout, words: &[&Word], rule: &str) -> Option<Field> {
    let evidence = layout.evidence(words.iter().copied())?;
    let value = compose(&text_of(words.iter().copied())).trim().to_owned();
    let sure_pct = mean_confidence_pct(words.iter().copied());
    (value.chars().any(char::is_alphabetic)).then(|| field(value, sure_pct, 0, evidence, rule))
}
