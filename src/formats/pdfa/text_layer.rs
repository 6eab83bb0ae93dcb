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
use super::shapes::IMAGE;
use super::sheet::{Matrix, Sheet, rounded};
use super::type_size::{ink_ascent, level, median};
use crate::model::{PageText, Point, Word};

/// Sizes of type, in units, that a line may have.
const SIZE_UNITS: std::ops::RangeInclusive<f64> = 1.0..=1000.0;
/// Codes of one string: 32767 bytes at most (ISO 19005-2, 6.1.13).
const MAX_STRING_BYTES: usize = 32_000;
/// Share of the font size that stays free before the next word. poppler's raw
/// order glues words with less than 0.15 between them.
const MIN_GAP: f64 = 0.17;
/// Share of its ink's width that a word keeps where it makes room for that gap.
const MIN_WORD_SHARE: f64 = 0.5;
/// Least advance of a character, in font sizes. poppler takes characters with
/// less than 0.1 between them for one character struck twice.
const MIN_ADVANCE: f64 = 0.12;
/// Least width of a word in units: what no box shows is still to be found.
const MIN_WIDTH_UNITS: f64 = 0.25;
/// Wider gaps within a line are bridged: poppler parts columns from 0.7 on and gives the pieces of a line in any order…
const WIDEST_GAP: f64 = 0.6;
/// …to this gap, where no wider gap was to be bridged than this, as between cells, unless a leader runs there.
const BRIDGED_GAP: f64 = 0.3;
const BRIDGED_FROM: f64 = 2.0;
/// How far the base lines of a line may drift from end to end, in font sizes. From half a size on poppler parts a
/// line: a full one at 1°, which put 800 errors into the 1,627 characters of a page tilted by 1.9°.
const MAX_DRIFT: f64 = 0.4;
/// From this slope on, 1.7 degrees, the lines of a page are set level as one: brought each to its own middle, a short one
/// would stand beside the words of its neighbour. Measured in docs/benchmarks.md ("Pages that lie askew").
const ASKEW: f64 = 0.03;
/// So near to that slope, and for so large a share of their length, must they run.
const ALIKE: f64 = 0.015;
const AGREEING: f64 = 0.8;
/// A smaller part of the line's size is no measure for it: the other words would be taken too far from their ink.
const LEAST_SIZE: f64 = 0.75;
/// How far a word may stand above its ink, in font sizes, so that its font's reach still covers the descenders…
const RAISED: f64 = 0.15;
/// …and by how much lower the whole line is set instead, for the reach above is larger.
const LOWERED: f64 = 0.1;
/// Pixels of the sheet that a word beyond it is given.
const LEAST_PX: u32 = 4;

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
    let mut lines: Vec<Line> = text.lines().map(|words| Line::of(words, sheet)).collect();
    let sizes = sizes(&lines);
    set_level(&mut lines);
    let mut operations = Vec::new();
    for (line, size) in lines.iter_mut().zip(sizes) {
        line.part(size);
        line.bridge(size);
        line.level(size);
        operations.push(Operation::new("BT", vec![]));
        operations.push(Operation::new("Tr", vec![3.into()]));
        line.write(size, demand, &mut operations)?;
        operations.push(Operation::new("ET", vec![]));
    }
    Ok(operations)
}

/// Turns the slope of a page that lies much askew out of its lines, those of one direction about one common column.
fn set_level(lines: &mut [Line<'_>]) {
    for quarter_turns in 0..4 {
        let is_own = |line: &&Line| line.quarter_turns == quarter_turns;
        let own: Vec<&Line> = lines.iter().filter(is_own).collect();
        let Some(slope) = common_slope(&own).filter(|slope| slope.abs() >= ASKEW) else {
            continue;
        };
        let column = middle_column(&own);
        let own = lines.iter_mut().filter(|line| is_own(&&**line));
        for word in own.flat_map(|line| &mut line.words) {
            word.lowered = slope * (word.middle() - column);
            word.lay_level();
        }
    }
}

/// The slope that most of the length of these lines has; none where cards on a page lie each in its own way.
fn common_slope(lines: &[&Line<'_>]) -> Option<f64> {
    let runs = || lines.iter().map(|line| line.run);
    let run: f64 = runs().map(|run| run.0).sum();
    let slope = runs().map(|run| run.1).sum::<f64>() / run;
    let agreeing = runs().filter(|(run, rise)| (rise - slope * run).abs() <= ALIKE * run);
    let agreeing: f64 = agreeing.map(|run| run.0).sum();
    (run > 0.0 && agreeing >= AGREEING * run).then_some(slope)
}

/// The column in the middle of the words.
fn middle_column(lines: &[&Line<'_>]) -> f64 {
    let words = || lines.iter().flat_map(|line| &line.words);
    let width = |word: &Placed| word.right - word.left;
    let moment: f64 = words().map(|word| width(word) * word.middle()).sum();
    let all: f64 = words().map(width).sum();
    moment / all.max(MIN_WIDTH_UNITS)
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
///
/// Each word stands on its own base line but level in this frame, however the
/// line slopes: poppler breaks a word whose base line drifts by half a unit,
/// which 1° does over 10 mm. Where the line slopes much, its words stand nearer
/// to a common level than their ink, and the reach of their fonts covers it. On a
/// page much askew they stand level altogether, in order and away from their ink.
struct Line<'a> {
    /// Quarter turns, counter-clockwise, from the flat frame to the sheet.
    quarter_turns: u8,
    /// From its beginning to its end in the flat frame, summed over the base lines of its words.
    run: (f64, f64),
    block: u32,
    words: Vec<Placed<'a>>,
}

/// A word in the flat frame, in units, y up.
struct Placed<'a> {
    text: &'a str,
    left: f64,
    right: f64,
    /// How far its last letter reaches, over a wide gap or a leader; `right` elsewhere.
    reach: f64,
    top: f64,
    bottom: f64,
    /// Base line of the ink at the word's middle.
    base: f64,
    /// Whether a leader runs on to the next word.
    leads_on: bool,
    /// How much lower than that the word is set.
    lowered: f64,
    /// Rise of the base line from the middle to its higher end.
    rise: f64,
}

impl<'a> Line<'a> {
    fn of(words: &'a [Word], sheet: &Sheet) -> Self {
        let run = words.iter().fold((0.0, 0.0), |(x, y), word| {
            let (start_x, start_y) = on_sheet(word.baseline_start, sheet);
            let (end_x, end_y) = on_sheet(word.baseline_end, sheet);
            (x + end_x - start_x, y + end_y - start_y)
        });
        // Comparisons with NaN are false, which leaves the line level.
        let quarter_turns = match run {
            (x, y) if y > x.abs() => 1,
            (x, y) if -y > x.abs() => 3,
            (x, _) if x < 0.0 => 2,
            _ => 0,
        };
        let (flat_x, flat_y) = turned(run, 4 - quarter_turns);
        let slope = if flat_x > 0.0 { flat_y / flat_x } else { 0.0 };
        let place = |word| Placed::of(word, sheet, 4 - quarter_turns, slope);
        Self {
            quarter_turns,
            run: (flat_x, flat_y),
            block: words.first().map_or(0, |word| word.block),
            words: words.iter().map(place).collect(),
        }
    }

    /// The size that most of its words speak for.
    fn own_size(&self) -> Option<f64> {
        let of_word = |word: &Placed| Some(word.ascent() / ink_ascent(word.text)?);
        median(self.words.iter().filter_map(of_word).collect()).filter(|size| *size > 0.0)
    }

    fn tallest(&self) -> f64 {
        let heights = self.words.iter().map(|word| word.top - word.bottom);
        heights.fold(0.0, f64::max)
    }

    /// Makes room between words whose boxes touch: the left one gives way first.
    fn part(&mut self, size: f64) {
        for index in 1..self.words.len() {
            let (before, after) = self.words.split_at_mut(index);
            let (word, next) = (&mut before[index - 1], &mut after[0]);
            let gap = MIN_GAP * size.max(word.least_size());
            let lacking = (gap - (next.left - word.right)).max(0.0);
            let given = lacking.min(word.spare_width());
            word.right -= given;
            next.left += (lacking - given).min(next.spare_width());
        }
    }

    /// Lets words reach over wide gaps to the next: only so does poppler keep question and answer of a form together.
    fn bridge(&mut self, size: f64) {
        for index in 1..self.words.len() {
            let next_left = self.words[index].left;
            let word = &mut self.words[index - 1];
            let gap = (next_left - word.right) / size;
            let is_of_line = gap <= BRIDGED_FROM || word.leads_on;
            word.reach = match gap > WIDEST_GAP && is_of_line {
                true => next_left - BRIDGED_GAP * size,
                false => word.right,
            };
        }
    }

    /// Brings the words of a line whose base lines drift much nearer to a common level.
    ///
    /// The base lines themselves tell how much: pieces of one row that were found apart each lie more level than the row.
    fn level(&mut self, size: f64) {
        let bases = || self.words.iter().map(Placed::set_base);
        let (lowest, highest) = (
            bases().fold(f64::MAX, f64::min),
            bases().fold(f64::MIN, f64::max),
        );
        let (drift, middle) = (highest - lowest, (lowest + highest) / 2.0);
        // poppler goes by the size of a line's first word, and a lone sign may be set small.
        let sizes = self.words.iter().map(Placed::widest_size);
        let most = MAX_DRIFT * sizes.fold(size, f64::min).max(LEAST_SIZE * size);
        if drift <= most {
            return;
        }
        let share = 1.0 - most / drift;
        let all = (share * drift / 2.0 - RAISED * size).clamp(0.0, LOWERED * size);
        for word in &mut self.words {
            word.lowered += share * (word.set_base() - middle) + all;
        }
    }

    fn write(
        &self,
        size: f64,
        demand: &mut Demand,
        operations: &mut Vec<Operation>,
    ) -> Result<(), PdfaFault> {
        let mut font = None;
        for (index, word) in self.words.iter().enumerate() {
            let next = self.words.get(index + 1);
            let width = (word.right - word.left).max(MIN_WIDTH_UNITS);
            let (reach, size) = word.font(size, width);
            demand.reaches.insert(reach);
            if font != Some((reach, size)) {
                font = Some((reach, size));
                let name = Object::Name(reach.name().into_bytes());
                operations.push(Operation::new("Tf", vec![name, real(size)]));
            }
            operations.push(Operation::new("Tm", self.matrix(word)));
            let more = (word.reach - word.right).max(0.0);
            show_reaching(word.text, width, more, size, demand, operations)?;
            if let Some(next) = next {
                let free = next.left - word.left - width - more;
                show(" ", free.max(MIN_ADVANCE * size), size, demand, operations)?;
            }
        }
        Ok(())
    }

    /// Where a word begins and how it lies.
    fn matrix(&self, word: &Placed) -> Vec<Object> {
        let (cos, sin) = turned((1.0, 0.0), self.quarter_turns);
        let (x, y) = turned((word.left, word.set_base()), self.quarter_turns);
        [cos, sin, -sin, cos, x, y].map(real).to_vec()
    }
}

/// Shows a text stretched over a width, its last letter over so much more.
fn show_reaching(
    text: &str,
    width: f64,
    more: f64,
    size: f64,
    demand: &mut Demand,
    operations: &mut Vec<Operation>,
) -> Result<(), PdfaFault> {
    if more <= 0.0 {
        return show(text, width, size, demand, operations);
    }
    let of_letter = width / text.chars().count().max(1) as f64;
    let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
    let (before, last) = text.split_at(last);
    if !before.is_empty() {
        show(before, width - of_letter, size, demand, operations)?;
    }
    show(last, of_letter + more, size, demand, operations)
}

/// Shows a text stretched over a width.
fn show(
    text: &str,
    width: f64,
    size: f64,
    demand: &mut Demand,
    operations: &mut Vec<Operation>,
) -> Result<(), PdfaFault> {
    let codes = demand.letters.encode(text)?;
    let natural = (codes.len() / 2) as f64 * size * f64::from(ADVANCE_MILLI) / 1000.0;
    operations.push(Operation::new("Tz", vec![real(width / natural * 100.0)]));
    for part in codes.chunks(MAX_STRING_BYTES) {
        let string = Object::String(part.to_vec(), StringFormat::Hexadecimal);
        operations.push(Operation::new("Tj", vec![string]));
    }
    Ok(())
}

impl<'a> Placed<'a> {
    fn of(word: &'a Word, sheet: &Sheet, quarter_turns: u8, slope: f64) -> Self {
        // What lies beyond the sheet is brought inside: extractors leave it out otherwise.
        let (bounds, last) = (&word.bounds, |side_px: u32| {
            side_px.saturating_sub(LEAST_PX)
        });
        let x_px = bounds.x_px.min(last(sheet.width_px));
        let y_px = bounds.y_px.min(last(sheet.height_px));
        let right_px = bounds.right_px().min(sheet.width_px).max(x_px);
        let bottom_px = bounds.bottom_px().min(sheet.height_px).max(y_px + 1);
        let corner = |x_px: u32, y_px: u32| {
            let units = sheet.units(f64::from(x_px), f64::from(y_px));
            turned(units, quarter_turns)
        };
        let (one, other) = (corner(x_px, y_px), corner(right_px, bottom_px));
        let (left, right) = (one.0.min(other.0), one.0.max(other.0));
        let (bottom, top) = (one.1.min(other.1), one.1.max(other.1));
        let start = turned(on_sheet(word.baseline_start, sheet), quarter_turns);
        let base = start.1 + slope * ((left + right) / 2.0 - start.0);
        // A base line outside the box is that of other words: a dash floats above it,
        // a wrongly read line runs anywhere.
        let inside = (bottom..=top).contains(&base);
        Self {
            text: &word.text,
            left,
            right,
            reach: right,
            leads_on: word.leads_on,
            top,
            bottom,
            base: if inside { base } else { bottom },
            lowered: 0.0,
            rise: slope.abs() * (right - left) / 2.0,
        }
    }

    /// How far the letters rise above their own base line.
    fn ascent(&self) -> f64 {
        self.top - self.base - self.rise
    }

    /// Takes the slope out of its box. A long word's box is several lines high on a page much askew, and in type of that size
    /// poppler takes it for a column of its own.
    fn lay_level(&mut self) {
        self.top = (self.top - self.rise).max(self.base);
        self.bottom = (self.bottom + self.rise).min(self.base);
        self.rise = 0.0;
    }

    fn middle(&self) -> f64 {
        (self.left + self.right) / 2.0
    }

    /// The level that it is set at.
    fn set_base(&self) -> f64 {
        self.base - self.lowered
    }

    /// The width it can give away.
    fn spare_width(&self) -> f64 {
        (self.right - self.left) * (1.0 - MIN_WORD_SHARE)
    }

    /// The size of type from which on some variant covers the ink.
    fn least_size(&self) -> f64 {
        Reach::least_size(self.top - self.base, self.base - self.bottom)
    }

    /// The size of type up to which its characters keep apart.
    fn widest_size(&self) -> f64 {
        let width = self.right - self.left;
        widest_size(self.text, width.max(MIN_WIDTH_UNITS))
    }

    /// Variant and size: that of the line where a variant covers the ink, a
    /// larger one for taller ink, a smaller one for letters that stand too close.
    fn font(&self, size: f64, width: f64) -> (Reach, f64) {
        let base = self.set_base();
        let (above, below) = (self.top - base, base - self.bottom);
        let widest = widest_size(self.text, width);
        let size = size.max(self.least_size()).min(widest);
        (Reach::covering(above / size, below / size), size)
    }
}

fn widest_size(text: &str, width: f64) -> f64 {
    width / (MIN_ADVANCE * text.chars().count() as f64)
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
pub(super) fn content(image_matrix: Matrix, text: Vec<Operation>) -> Vec<u8> {
    let mut operations = vec![
        Operation::new("q", vec![]),
        Operation::new("cm", image_matrix.map(real).to_vec()),
        Operation::new("Do", vec![Object::Name(IMAGE.into())]),
        Operation::new("Q", vec![]),
    ];
    operations.extend(text);
    Content { operations }
        .encode()
        .expect("a Vec takes every byte")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, PxBox};

    /// A page with one line of twelve words, 160 mm wide, that sinks by 1.5 degrees; 13 pt at 300 dpi.
    fn sinking_line() -> PageText {
        sinking_by(1.5)
    }

    fn sinking_by(degrees: f32) -> PageText {
        let slope = degrees.to_radians().tan();
        let word = |n: u32| {
            let x_px = 300 + n * 158;
            let base_px = 1000.0 + slope * (x_px as f32 - 300.0);
            let end_px = base_px + slope * 130.0;
            Word {
                text: "Ngày".to_owned(),
                bounds: PxBox {
                    x_px,
                    y_px: (base_px - 36.0) as u32,
                    w_px: 130,
                    h_px: (36.0 + end_px - base_px + 11.0) as u32,
                },
                baseline_start: Point {
                    x_px: x_px as f32,
                    y_px: base_px,
                },
                baseline_end: Point {
                    x_px: (x_px + 130) as f32,
                    y_px: end_px,
                },
                confidence: Confidence::from_pct(95),
                block: 0,
                line: 0,
                leads_on: false,
            }
        };
        PageText {
            width_px: 2480,
            height_px: 3508,
            dpi: 300,
            symbols: Vec::new(),
            words: (0..12).map(word).collect(),
        }
    }

    fn numbers(operation: &Operation) -> Vec<f64> {
        let numbers = operation
            .operands
            .iter()
            .filter_map(|value| value.as_float().ok());
        numbers.map(f64::from).collect()
    }

    /// A page of A4 at 300 dpi.
    const A4: Sheet = Sheet {
        width_units: 595.2,
        height_units: 841.92,
        user_unit: 1,
        width_px: 2480,
        height_px: 3508,
    };

    #[test]
    fn a_line_that_sinks_much_stays_one_line_and_covers_its_ink() {
        let text = sinking_line();
        let written = operations(&text, &A4, &mut Demand::default()).expect("words");
        let sizes = written.iter().filter(|one| one.operator == "Tf");
        let fonts: Vec<(Reach, f64)> = sizes
            .map(|font| {
                let name = font.operands[0].as_name().expect("a name");
                (Reach::named(name).expect("a variant"), numbers(font)[0])
            })
            .collect();
        let size = fonts[0].1;
        assert!(
            fonts.iter().all(|font| font.1 == size),
            "one size for the line: {fonts:?}"
        );
        let bases: Vec<f64> = written
            .iter()
            .filter(|one| one.operator == "Tm")
            .map(|one| numbers(one)[5])
            .collect();
        let lowest = bases.iter().copied().fold(f64::MAX, f64::min);
        let highest = bases.iter().copied().fold(f64::MIN, f64::max);
        assert_eq!(bases.len(), 12);
        assert!(highest - lowest <= (MAX_DRIFT + 0.01) * size, "{bases:?}");
        assert!(
            highest - lowest >= 0.3 * size,
            "as near to its ink as may be"
        );
        // Each word's font reaches over nine tenths of the height of its ink.
        let mut font = fonts[0].0;
        let mut words = text.words.iter();
        for operation in &written {
            match operation.operator.as_str() {
                "Tf" => {
                    font = Reach::named(operation.operands[0].as_name().expect("a name"))
                        .expect("a variant")
                }
                "Tm" => {
                    let word = words.next().expect("a word for each place");
                    let base = numbers(operation)[5];
                    let (ascent, descent) = font.in_sizes();
                    let (_, top) = A4.units(0.0, f64::from(word.bounds.y_px));
                    let (_, bottom) = A4.units(0.0, f64::from(word.bounds.bottom_px()));
                    let covered = top.min(base + ascent * size) - bottom.max(base - descent * size);
                    assert!(
                        covered >= 0.8 * (top - bottom),
                        "{covered} of {}",
                        top - bottom
                    );
                }
                _ => {}
            }
        }
    }

    #[test]
    fn lines_of_a_page_much_askew_are_set_level_as_far_apart_as_they_are() {
        let mut text = sinking_by(4.0);
        // Below the line the last two words of its paragraph, 60 px lower.
        let last: Vec<Word> = text.words[..2]
            .iter()
            .cloned()
            .map(|mut word| {
                word.bounds.y_px += 60;
                word.baseline_start.y_px += 60.0;
                word.baseline_end.y_px += 60.0;
                word.line = 1;
                word
            })
            .collect();
        text.words.extend(last);
        let written = operations(&text, &A4, &mut Demand::default()).expect("words");
        let places = written.iter().filter(|one| one.operator == "Tm");
        let bases: Vec<f64> = places.map(|one| numbers(one)[5]).collect();
        let (long, short) = bases.split_at(12);
        let apart = 60.0 * 72.0 / 300.0;
        for base in long {
            assert!((base - long[0]).abs() < 0.5, "{long:?}");
        }
        for base in short {
            assert!((long[0] - base - apart).abs() < 0.5, "{long:?} {short:?}");
        }
    }

    #[test]
    fn pieces_of_a_row_that_each_lie_level_are_brought_to_one_level() {
        let mut text = sinking_line();
        for word in &mut text.words {
            word.baseline_end.y_px = word.baseline_start.y_px;
        }
        // The first stands so close that it is set somewhat smaller: poppler goes by its size.
        text.words[0].bounds.w_px = 21;
        let written = operations(&text, &A4, &mut Demand::default()).expect("words");
        let sizes = written.iter().filter(|one| one.operator == "Tf");
        let least = sizes.map(|font| numbers(font)[0]).fold(f64::MAX, f64::min);
        let places = written.iter().filter(|one| one.operator == "Tm");
        let bases: Vec<f64> = places.map(|one| numbers(one)[5]).collect();
        let lowest = bases.iter().copied().fold(f64::MAX, f64::min);
        let highest = bases.iter().copied().fold(f64::MIN, f64::max);
        assert!(highest - lowest <= (MAX_DRIFT + 0.01) * least, "{bases:?}");
        assert!(least < 12.0, "{least}");
    }

    /// Where each string of a line begins and how far it is stretched, in units, of words at these columns, the first
    /// of which a leader follows or not.
    fn stretches(columns: &[std::ops::Range<u32>], leads_on: bool) -> Vec<f64> {
        let mut text = sinking_line();
        let words = columns.iter().zip(text.words.iter_mut());
        let mut words: Vec<Word> = words
            .map(|(columns, word)| {
                let (x_px, w_px) = (columns.start, columns.end - columns.start);
                word.bounds = PxBox {
                    x_px,
                    y_px: 960,
                    w_px,
                    h_px: 50,
                };
                let point = |x_px: u32| Point {
                    x_px: x_px as f32,
                    y_px: 1000.0,
                };
                (word.baseline_start, word.baseline_end) = (point(x_px), point(columns.end));
                word.clone()
            })
            .collect();
        words[0].leads_on = leads_on;
        text.words = words;
        let written = operations(&text, &A4, &mut Demand::default()).expect("words");
        let stretched = written.iter().filter(|one| one.operator == "Tz");
        stretched.map(|one| numbers(one)[0]).collect()
    }

    #[test]
    fn a_word_reaches_over_a_leader_with_its_last_letter_and_over_no_other_wide_gap() {
        let form = [300..430, 1400..1530];
        // `Ngày`, the space, `Ngày`; where it reaches over: `Ngà`, `y`, the space, `Ngày`.
        let plain = stretches(&form, false);
        assert_eq!(plain.len(), 3);
        let led = stretches(&form, true);
        assert_eq!(led.len(), 4);
        assert!(
            (led[0] - plain[0]).abs() < 0.01,
            "the other letters stay on their ink"
        );
        assert!(
            led[1] > 20.0 * led[0] && led[2] < plain[1] / 20.0,
            "{led:?}"
        );
        assert_eq!(
            stretches(&[300..430, 500..630], false).len(),
            4,
            "a wide gap of a line"
        );
        assert_eq!(
            stretches(&[300..430, 445..575], true).len(),
            3,
            "a usual gap"
        );
    }

    #[test]
    fn a_long_word_of_a_page_much_askew_is_set_no_larger_than_its_neighbours() {
        let mut text = sinking_by(2.6);
        let slope = 2.6_f32.to_radians().tan();
        let last = text.words.last_mut().expect("twelve words");
        let longer = 8 * last.bounds.w_px;
        last.text = "https://thuyloi.example.vn/du-lieu".to_owned();
        last.bounds.x_px -= longer;
        last.bounds.w_px += longer;
        let rise = (longer as f32 * slope) as u32;
        last.bounds.y_px -= rise;
        last.bounds.h_px += rise;
        last.baseline_start.x_px -= longer as f32;
        last.baseline_start.y_px -= longer as f32 * slope;
        text.words.drain(3..11);
        let written = operations(&text, &A4, &mut Demand::default()).expect("words");
        let fonts = written.iter().filter(|one| one.operator == "Tf");
        let sizes: Vec<f64> = fonts.map(|font| numbers(font)[0]).collect();
        let largest = sizes.iter().copied().fold(0.0, f64::max);
        let least = sizes.iter().copied().fold(f64::MAX, f64::min);
        assert!(largest < 1.1 * least, "sizes of one line: {sizes:?}");
    }
}
