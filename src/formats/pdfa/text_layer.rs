//! The text layer: invisible words over their ink (ISO 32000-1, 9.3.6, mode 3).
//!
//! One `BT … ET` a line, one `Tm` a word. A word is stretched by `Tz` to the
//! width of its ink; the space after it is a real character, stretched to the
//! next word, so that no extractor has to guess where words end.

use std::collections::BTreeSet;

use lopdf::content::{Content, Operation};
use lopdf::{Object, StringFormat};

use super::PdfaFault;
use super::font::{ADVANCE_MILLI, Reach};
use super::letters::Letters;
use super::sheet::{Sheet, rounded};
use super::type_size::{ink_ascent, level, median};
use crate::model::{PageText, Point, Word};

/// Sizes of type, in units, that a line may have.
const SIZE_UNITS: std::ops::RangeInclusive<f64> = 1.0..=1000.0;
/// Codes of one string: 32767 bytes at most (ISO 19005-2, 6.1.13).
const MAX_STRING_BYTES: usize = 32_000;
/// Share of the font size that stays free before the next word. poppler's raw
/// order glues words with less than 0.15 between them.
const MIN_GAP: f64 = 0.17;
/// A word may be set this much narrower than its ink to leave that gap.
const MIN_WORD_SHARE: f64 = 0.9;
/// Least advance of a character, in font sizes, where a box has no width.
const MIN_ADVANCE: f64 = 0.02;

/// What the fonts of a file must offer: gathered over its pages.
#[derive(Default)]
pub(super) struct Demand {
    /// Codes in use.
    pub letters: Letters,
    /// Variants in use.
    pub reaches: BTreeSet<Reach>,
}

/// The operations that write a page's words.
pub(super) fn operations(
    text: &PageText,
    sheet: &Sheet,
    demand: &mut Demand,
) -> Result<Vec<Operation>, PdfaFault> {
    let lines: Vec<Line> = text.lines().map(|words| Line::of(words, sheet)).collect();
    let mut operations = Vec::new();
    for (line, size) in lines.iter().zip(sizes(&lines)) {
        operations.push(Operation::new("BT", vec![]));
        operations.push(Operation::new("Tr", vec![3.into()]));
        line.write(size, demand, &mut operations)?;
        operations.push(Operation::new("ET", vec![]));
    }
    Ok(operations)
}

/// The size of type of each line: its own estimate, levelled within its block.
fn sizes(lines: &[Line<'_>]) -> Vec<f64> {
    let page_size = median(lines.iter().filter_map(Line::own_size).collect());
    let mut sizes: Vec<f64> = lines
        .iter()
        .map(|line| line.own_size().or(page_size).unwrap_or(line.tallest()))
        .map(|size| size.clamp(*SIZE_UNITS.start(), *SIZE_UNITS.end()))
        .collect();
    let mut rest = sizes.as_mut_slice();
    for block in lines.chunk_by(|left, right| left.block == right.block) {
        let (of_block, others) = rest.split_at_mut(block.len());
        level(of_block);
        rest = others;
    }
    sizes
}

/// A line with its words laid flat: in a frame turned so that it runs rightwards.
struct Line<'a> {
    /// Quarter turns, counter-clockwise, from the flat frame to the sheet.
    quarter_turns: u8,
    /// Rise of the base line over its run in the flat frame; −1 to 1.
    slope: f64,
    block: u32,
    words: Vec<Placed<'a>>,
}

/// A word in the flat frame, in units, y up.
struct Placed<'a> {
    text: &'a str,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    /// Base line at the left edge.
    base: f64,
}

impl<'a> Line<'a> {
    fn of(words: &'a [Word], sheet: &Sheet) -> Self {
        let run = words.iter().fold((0.0, 0.0), |(x, y), word| {
            let (start_x, start_y) = on_sheet(word.baseline_start, sheet);
            let (end_x, end_y) = on_sheet(word.baseline_end, sheet);
            (x + end_x - start_x, y + end_y - start_y)
        });
        let (x, y): (f64, f64) = match run.0.is_finite() && run.1.is_finite() && run != (0.0, 0.0) {
            true => run,
            false => (1.0, 0.0),
        };
        let quarter_turns = match (x.abs() >= y.abs(), x > 0.0, y > 0.0) {
            (true, true, _) => 0,
            (false, _, true) => 1,
            (true, false, _) => 2,
            (false, _, false) => 3,
        };
        let (flat_x, flat_y) = turned((x, y), 4 - quarter_turns);
        let slope = flat_y / flat_x;
        Self {
            quarter_turns,
            slope,
            block: words.first().map_or(0, |word| word.block),
            words: words
                .iter()
                .map(|word| Placed::of(word, sheet, 4 - quarter_turns, slope))
                .collect(),
        }
    }

    /// The size that most of its words speak for.
    fn own_size(&self) -> Option<f64> {
        let of_word = |word: &Placed| Some(word.ascent(self.slope) / ink_ascent(word.text)?);
        median(self.words.iter().filter_map(of_word).collect()).filter(|size| *size > 0.0)
    }

    fn tallest(&self) -> f64 {
        let heights = self.words.iter().map(|word| word.top - word.bottom);
        heights.fold(0.0, f64::max)
    }

    fn write(
        &self,
        size: f64,
        demand: &mut Demand,
        operations: &mut Vec<Operation>,
    ) -> Result<(), PdfaFault> {
        let mut font = None;
        for (index, word) in self.words.iter().enumerate() {
            let (reach, size) = word.reach(size);
            demand.reaches.insert(reach);
            if font != Some((reach, size)) {
                font = Some((reach, size));
                let name = Object::Name(reach.name().into_bytes());
                operations.push(Operation::new("Tf", vec![name, real(size)]));
            }
            let next = self.words.get(index + 1);
            let (word_run, space_run) = word.runs(next, size);
            operations.push(Operation::new("Tm", self.matrix(word)));
            self.show(word.text, word_run, size, demand, operations)?;
            if next.is_some() {
                self.show(" ", space_run, size, demand, operations)?;
            }
        }
        Ok(())
    }

    /// Where a word begins and how it lies.
    fn matrix(&self, word: &Placed) -> Vec<Object> {
        let length = self.slope.hypot(1.0);
        let along = turned((1.0 / length, self.slope / length), self.quarter_turns);
        let (x, y) = turned((word.left, word.base), self.quarter_turns);
        let direction = |value: f64| Object::Real(((value * 1e5).round() / 1e5) as f32);
        vec![
            direction(along.0),
            direction(along.1),
            direction(-along.1),
            direction(along.0),
            real(x),
            real(y),
        ]
    }

    /// Shows a text over a run in the flat frame, stretched to it.
    fn show(
        &self,
        text: &str,
        run: f64,
        size: f64,
        demand: &mut Demand,
        operations: &mut Vec<Operation>,
    ) -> Result<(), PdfaFault> {
        let codes = demand.letters.encode(text)?;
        let natural = (codes.len() / 2) as f64 * size * f64::from(ADVANCE_MILLI) / 1000.0;
        let least = natural * MIN_ADVANCE * 1000.0 / f64::from(ADVANCE_MILLI);
        let stretch_pct = (run * self.slope.hypot(1.0)).max(least) / natural * 100.0;
        operations.push(Operation::new("Tz", vec![real(stretch_pct)]));
        for part in codes.chunks(MAX_STRING_BYTES) {
            let string = Object::String(part.to_vec(), StringFormat::Hexadecimal);
            operations.push(Operation::new("Tj", vec![string]));
        }
        Ok(())
    }
}

impl<'a> Placed<'a> {
    fn of(word: &'a Word, sheet: &Sheet, quarter_turns: u8, slope: f64) -> Self {
        // What lies beyond the sheet is brought to its edge: extractors leave it out otherwise.
        let clamped = |x_px: u32, y_px: u32| {
            let (x_px, y_px) = (x_px.min(sheet.width_px), y_px.min(sheet.height_px));
            let units = sheet.units(f64::from(x_px), f64::from(y_px));
            turned(units, quarter_turns)
        };
        let bounds = &word.bounds;
        let one = clamped(bounds.x_px, bounds.y_px);
        let other = clamped(bounds.right_px(), bounds.bottom_px());
        let (left, right) = (one.0.min(other.0), one.0.max(other.0));
        let (bottom, top) = (one.1.min(other.1), one.1.max(other.1));
        let start = turned(on_sheet(word.baseline_start, sheet), quarter_turns);
        let base = start.1 + slope * (left - start.0);
        // A base line that does not run through the box is no base line of this word;
        // that of a dash or a quotation mark lies somewhat below its ink.
        let height = top - bottom;
        let plausible = (bottom - height..top).contains(&base);
        Self {
            text: &word.text,
            left,
            right,
            top,
            bottom,
            base: if plausible { base } else { bottom },
        }
    }

    /// How far the ink rises above the base line, whichever end is higher.
    fn ascent(&self, slope: f64) -> f64 {
        let rise = (slope * (self.right - self.left)).max(0.0);
        self.top - self.base - rise
    }

    /// The variant that covers the word at this size, or else at the least larger one.
    fn reach(&self, size: f64) -> (Reach, f64) {
        let mut size = size;
        loop {
            let ascent = (self.top - self.base) / size;
            let descent = (self.base - self.bottom) / size;
            match Reach::covering(ascent, descent) {
                Some(reach) => return (reach, size),
                None => size *= 1.25,
            }
        }
    }

    /// How far the word and the space after it run, in units along the flat frame.
    fn runs(&self, next: Option<&Placed>, size: f64) -> (f64, f64) {
        let width = self.right - self.left;
        let Some(next) = next else {
            return (width, 0.0);
        };
        let free = next.left - self.right;
        let lacking = (MIN_GAP * size - free).clamp(0.0, width * (1.0 - MIN_WORD_SHARE));
        (width - lacking, free.max(0.0) + lacking)
    }
}

fn on_sheet(point: Point, sheet: &Sheet) -> (f64, f64) {
    sheet.units(f64::from(point.x_px), f64::from(point.y_px))
}

/// A point turned counter-clockwise about the origin.
fn turned(point: (f64, f64), quarter_turns: u8) -> (f64, f64) {
    (0..quarter_turns % 4).fold(point, |(x, y), _| (-y, x))
}

fn real(value: f64) -> Object {
    Object::Real(rounded(value) as f32)
}

/// The content stream of a page: the image, then these operations.
pub(super) fn content(
    image_matrix: [f64; 6],
    image_name: &str,
    text: Vec<Operation>,
) -> Vec<u8> {
    let mut operations = vec![
        Operation::new("q", vec![]),
        Operation::new("cm", image_matrix.map(real).to_vec()),
        Operation::new("Do", vec![Object::Name(image_name.into())]),
        Operation::new("Q", vec![]),
    ];
    operations.extend(text);
    Content { operations }
        .encode()
        .expect("a Vec takes every byte")
}
