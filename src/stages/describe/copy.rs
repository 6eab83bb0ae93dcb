//! The mark of a copy (Nghị định 30/2020, Điều 25 and Phụ lục I, phần II): `SAO Y`, `TRÍCH SAO`, `SAO LỤC`, with
//! the copying office, a number of its own (`Số: 15/SY-UBND`), date and signature below the copied paper.
//!
//! It belongs to the paper above it: it opens no document, and its number, date and signer are not the paper's.

use crate::formats::vietnamese::Pattern;
use crate::model::document::Field;

use super::case::field;
use super::layout::{Layout, Line, mean_confidence_pct};
use super::marks::{CopyForm, Marks};
use super::notation::is_number_line;
use super::regime::is_regime_line;

/// One letter in so many may be misread.
const LETTERS_AN_EDIT: usize = 6;
/// The copying office stands beside the form, at most so many letter heights higher …
const BESIDE_HEIGHTS: u32 = 2;
/// … and over its number, in two lines.
const OVER_NUMBER_HEIGHTS: u32 = 4;

/// A mark of a copy on a page.
pub struct CopyMark<'m> {
    /// How it was copied, as printed in capitals.
    pub form: &'m str,
    /// The number of its line.
    line: usize,
}

/// The upmost mark of a copy on a page: engines may give its left column first, in which the number is the lowest line.
pub fn find<'m>(layout: &Layout, marks: &'m Marks) -> Option<CopyMark<'m>> {
    let lines = layout.lines.iter().enumerate();
    let found = lines.filter_map(|(line, own)| {
        let form = marks.copies.iter().find(|form| says(own, form))?;
        Some(CopyMark {
            form: &form.form,
            line,
        })
    });
    found.min_by_key(|mark| layout.lines[mark.line].bounds.y_px)
}

/// The form itself, alone in its line, or a number with its sign (`Số: 15/SY-UBND`).
fn says(line: &Line, form: &CopyForm) -> bool {
    let letters = line.folded.letters();
    let near = |own: &Pattern| own.distance(letters) <= (own.len() / LETTERS_AN_EDIT) as u32;
    let signed = || {
        let text = line.text();
        let sign = text.split_once('/').map(|(_, rest)| rest.trim_start());
        sign.is_some_and(|rest| rest.starts_with(&format!("{}-", form.sign)))
    };
    line.in_capitals() && form.printed.iter().any(near) || is_number_line(line) && signed()
}

/// True where nothing but the mark and what belongs to it stands on the page.
pub fn fills_page(layout: &Layout, marks: &Marks) -> bool {
    find(layout, marks).is_some_and(|mark| {
        let top_px = top_px(layout, &mark);
        !has_head(layout, marks)
            && layout
                .lines
                .iter()
                .all(|line| line.bounds.bottom_px() >= top_px)
    })
}

/// Takes the mark and all below it off a page: what is left is the copied paper. A mark over a paper (a stamp at
/// its head) takes nothing with it.
pub fn take_off(layout: &mut Layout, marks: &Marks) {
    let Some(mark) = find(layout, marks) else {
        return;
    };
    let top_px = top_px(layout, &mark);
    let below = |line: &Line| line.bounds.y_px >= top_px;
    if !layout
        .lines
        .iter()
        .any(|line| below(line) && is_regime_line(line, marks))
    {
        layout.lines.retain(|line| !below(line));
    }
}

fn top_px(layout: &Layout, mark: &CopyMark) -> u32 {
    let line = &layout.lines[mark.line];
    let heights = match is_number_line(line) {
        true => OVER_NUMBER_HEIGHTS,
        false => BESIDE_HEIGHTS,
    };
    line.bounds.y_px.saturating_sub(heights * line.height_px)
}

fn has_head(layout: &Layout, marks: &Marks) -> bool {
    layout.lines.iter().any(|line| is_regime_line(line, marks))
}

/// Field `hinh_thuc_sao`: on whichever page of the paper the mark stands.
pub fn form_field(pages: &[Layout], marks: &Marks) -> Option<Field> {
    pages.iter().find_map(|layout| {
        let mark = find(layout, marks)?;
        let words = layout.lines[mark.line].words;
        let sure_pct = mean_confidence_pct(words);
        let evidence = layout.evidence(words)?;
        Some(field(
            mark.form.to_owned(),
            sure_pct,
            0,
            evidence,
            "nd30.hinh_thuc_sao",
        ))
    })
}
