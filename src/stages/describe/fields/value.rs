//! Where the value of a label stands: behind it, in the next column, or on the line below.

use std::ops::Range;

use crate::model::Word;
use crate::model::document::{Evidence, Field};

use super::super::case::{Case, field};
use super::super::layout::{Layout, Line, mean_confidence_pct};
use super::labels::{Hit, Hits};

/// A line that ends this near to the right edge of the text goes on below, as a share of its width.
const FULL_LINE: f32 = 0.2;
/// A value stands at most this many letter heights below a label that stands alone.
const BELOW_HEIGHTS: f32 = 2.0;

/// A form in front of the rules: its pages and the labels on them.
pub struct Form<'c> {
    /// The document.
    pub case: &'c Case<'c>,
    /// Its labels.
    pub hits: Hits<'c>,
}

/// Words that may hold a value, as one text.
#[derive(Clone, Debug)]
pub struct Run<'c> {
    page: usize,
    words: Vec<&'c Word>,
    /// The words joined by spaces; the first may be cut where a label is glued to it.
    pub text: String,
    /// For each word the place in the text behind it.
    ends: Vec<usize>,
}

/// A value read from a run.
#[derive(Debug)]
pub struct Reading<'c> {
    /// The value in its normal form.
    pub value: String,
    /// Letters put right.
    pub repaired: u32,
    /// Index of its page.
    pub page: usize,
    /// Number of the label's line on that page.
    pub line: usize,
    /// Its words.
    pub words: Vec<&'c Word>,
}

/// What a grammar says of a run: the value, the bytes of the text it takes, letters put right.
pub type Parsed = Option<(String, Range<usize>, u32)>;

impl<'c> Run<'c> {
    fn new(page: usize) -> Self {
        Self {
            page,
            words: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
        }
    }

    fn push(&mut self, word: &'c Word, from_bytes: usize) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        // The strokes of fractions are what a tall slash is often read as.
        let read = word.text[from_bytes..].chars();
        self.text
            .extend(read.map(|c| if matches!(c, '⁄' | '∕') { '/' } else { c }));
        self.words.push(word);
        self.ends.push(self.text.len());
    }

    fn extend(&mut self, words: &'c [Word]) {
        for word in words {
            self.push(word, 0);
        }
    }

    /// The words that these bytes of the text belong to.
    pub fn words(&self, bytes: Range<usize>) -> Vec<&'c Word> {
        let first = self.ends.partition_point(|end| *end <= bytes.start);
        let last = self.ends.partition_point(|end| *end < bytes.end);
        let last = (last + 1).min(self.words.len());
        self.words[first.min(last)..last].to_vec()
    }
}

impl<'c> Form<'c> {
    /// The first reading of each label of this field, nearest place first, in reading order.
    pub fn readings(&self, id: &str, parse: impl Fn(&Run) -> Parsed) -> Vec<Reading<'c>> {
        let hits = self.hits.of(id);
        hits.filter_map(|hit| self.reading(hit, &parse)).collect()
    }

    /// Like [`Form::readings`], for values that may be broken at the end of a line: one that fills
    /// its line to the end is read together with the line below.
    pub fn whole_readings(&self, id: &str, parse: impl Fn(&Run) -> Parsed) -> Vec<Reading<'c>> {
        let whole = |run: &Run| {
            let parsed = parse(run)?;
            (parsed.1.end < run.text.len()).then_some(parsed)
        };
        let hits = self.hits.of(id);
        let readings = hits.filter_map(|hit| {
            let mut runs = self.runs(hit);
            let row = Self::read(runs.first()?, hit, whole);
            row.or_else(|| Self::read(&runs.pop()?, hit, &parse))
                .or_else(|| self.reading(hit, &parse))
        });
        readings.collect()
    }

    /// What stands for this label.
    pub fn reading(&self, hit: &Hit, parse: impl Fn(&Run) -> Parsed) -> Option<Reading<'c>> {
        let runs = self.runs(hit);
        runs.iter().find_map(|run| Self::read(run, hit, &parse))
    }

    fn read(run: &Run<'c>, hit: &Hit, parse: impl Fn(&Run) -> Parsed) -> Option<Reading<'c>> {
        let (value, bytes, repaired) = parse(run)?;
        Some(Reading {
            value,
            repaired,
            page: run.page,
            line: hit.line,
            words: run.words(bytes),
        })
    }

    /// The places of a label's value, the likeliest first.
    pub fn runs(&self, hit: &Hit) -> Vec<Run<'c>> {
        let layout = &self.case.pages[hit.page];
        let row = self.row(hit, layout);
        let wrapped = self.line_below(hit, layout).map(|below| {
            let mut wrapped = row.clone();
            wrapped.extend(below.words);
            wrapped
        });
        [row].into_iter().chain(wrapped).collect()
    }

    /// The rest of the label's line up to the next label, and what stands beside it.
    fn row(&self, hit: &Hit, layout: &Layout<'c>) -> Run<'c> {
        let line = &layout.lines[hit.line];
        let mut run = Run::new(hit.page);
        let end = self.hits.next_label(hit, line);
        for (at, word) in line.words.iter().enumerate().take(end).skip(hit.behind) {
            let from_bytes = if at == hit.behind { hit.glued_bytes } else { 0 };
            run.push(word, from_bytes);
        }
        if end == line.words.len() {
            for (number, beside) in beside(layout, line) {
                if self.hits.begins(hit.page, number) {
                    break;
                }
                run.extend(beside.words);
            }
        }
        run
    }

    /// The line that goes on below: where the label's line is full, or the label stands alone.
    fn line_below(&self, hit: &Hit, layout: &Layout<'c>) -> Option<&'c Line<'c>> {
        let layout: &'c Layout<'c> = &self.case.pages[layout.page as usize - 1];
        let line = &layout.lines[hit.line];
        let edge_px = layout.right_px as f32
            - FULL_LINE * layout.right_px.saturating_sub(layout.left_px) as f32;
        let full = line.bounds.right_px() as f32 >= edge_px;
        let alone = hit.behind >= line.words.len() && hit.glued_bytes == 0;
        if !full && !alone {
            return None;
        }
        // A full line goes on at the left margin, where a part of it after a gap does not reach.
        let follows = |below: &Line| {
            let gap_px = below.bounds.y_px as f32 - line.bounds.bottom_px() as f32;
            let lower = below.bounds.y_px > line.bounds.y_px + line.bounds.h_px / 2;
            let near = gap_px <= BELOW_HEIGHTS * line.height_px as f32;
            let starts_left = below.bounds.x_px <= line.bounds.x_px;
            line.is_followed_by(below, BELOW_HEIGHTS) || (full && lower && near && starts_left)
        };
        let lines = layout.lines.iter().enumerate();
        let below = lines.filter(|(_, below)| follows(below));
        let (number, nearest) = below.min_by_key(|(_, below)| below.bounds.y_px)?;
        (!self.hits.begins(hit.page, number)).then_some(nearest)
    }
}

/// The parts of the same row further right, from left to right.
fn beside<'l, 'c>(layout: &'l Layout<'c>, line: &Line) -> Vec<(usize, &'l Line<'c>)> {
    let middle_px = |line: &Line| line.bounds.y_px + line.bounds.h_px / 2;
    let numbered = layout.lines.iter().enumerate();
    let mut right: Vec<_> = numbered
        .filter(|(_, other)| {
            other.bounds.x_px >= line.bounds.right_px()
                && middle_px(other).abs_diff(middle_px(line)) * 2 < line.height_px
        })
        .collect();
    right.sort_by_key(|(_, other)| other.bounds.x_px);
    right
}

/// The words of a text with the places where they begin.
pub fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(' ').map(move |word| {
        let start = at;
        at += word.len() + 1;
        (start, word)
    })
}

/// The first reading as a field; other values stand beside it as alternatives.
pub fn as_field(case: &Case, readings: &[Reading], rule: &str) -> Option<Field> {
    let first = readings.first()?;
    let mut found = field_of(case, first, rule)?;
    for other in &readings[1..] {
        if other.value != found.value && !found.alternatives.contains(&other.value) {
            found.alternatives.push(other.value.clone());
        }
    }
    Some(found)
}

fn field_of(case: &Case, reading: &Reading, rule: &str) -> Option<Field> {
    let sure_pct = mean_confidence_pct(reading.words.iter().copied());
    let value = reading.value.clone();
    Some(field(
        value,
        sure_pct,
        reading.repaired,
        evidence_of(case, reading)?,
        rule,
    ))
}

/// Where a reading stands.
pub fn evidence_of(case: &Case, reading: &Reading) -> Option<Evidence> {
    case.pages[reading.page].evidence(reading.words.iter().copied())
}
