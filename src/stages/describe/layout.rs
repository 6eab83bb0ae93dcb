//! Layout of a page: its words as lines of their own, with place, size and folded text.
//!
//! A recogniser often gives the two columns of an administrative header as one
//! line (`Số: 30/QĐ-UBND      Hà Nội, ngày …`). Lines are therefore parted at
//! wide gaps, and every rule works on the parts.

use crate::formats::vietnamese::{Folded, fold};
use crate::model::document::Evidence;
use crate::model::{PageText, PxBox, Symbol, Word};

/// A gap wider than this many letter heights parts a line. Measured: the gap between
/// the header's columns is at least 2.6 heights of a capital, justified text stays below 1.5.
const PARTING_GAP_HEIGHTS: u32 = 2;

/// Words standing in one row without a wide gap.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The words, left to right.
    pub words: &'a [Word],
    /// Their text folded.
    pub folded: Folded,
    /// The box around them.
    pub bounds: PxBox,
    /// Median height of its words.
    pub height_px: u32,
    capitals: bool,
}

impl<'a> Line<'a> {
    fn new(words: &'a [Word]) -> Option<Self> {
        let bounds = around(words)?;
        Some(Self {
            words,
            folded: Folded::of(words.iter().map(|word| word.text.as_str())),
            bounds,
            height_px: median(words.iter().map(|word| word.bounds.h_px)),
            capitals: in_capitals(words),
        })
    }

    /// The words joined by spaces, as read.
    pub fn text(&self) -> String {
        text_of(self.words)
    }

    /// The x of its middle.
    pub fn center_x_px(&self) -> u32 {
        self.bounds.x_px + self.bounds.w_px / 2
    }

    /// True where at least seven of ten letters of these words are capitals.
    pub fn in_capitals(&self) -> bool {
        self.capitals
    }

    /// True where the line below touches this one's width and follows at most
    /// `gap_heights` letter heights further down.
    pub fn is_followed_by(&self, below: &Line, gap_heights: f32) -> bool {
        let middle_px = self.bounds.y_px + self.bounds.h_px / 2;
        let gap_px = below.bounds.y_px as f32 - self.bounds.bottom_px() as f32;
        let beside = below.bounds.x_px >= self.bounds.right_px()
            || self.bounds.x_px >= below.bounds.right_px();
        !beside
            && below.bounds.y_px > middle_px
            && gap_px <= gap_heights * self.height_px.max(below.height_px) as f32
    }
}

/// One page as lines.
#[derive(Debug)]
pub struct Layout<'a> {
    /// Page of the document, from 1.
    pub page: u32,
    /// Width of the page.
    pub width_px: u32,
    /// Height of the page.
    pub height_px: u32,
    /// The lines in the recogniser's reading order.
    pub lines: Vec<Line<'a>>,
    /// Left edge of the running text (of all ink where there is none).
    pub left_px: u32,
    /// Right edge of the running text (of all ink where there is none).
    pub right_px: u32,
    /// Median letter height of all lines.
    pub letter_px: u32,
    /// The QR codes on it.
    pub symbols: &'a [Symbol],
}

impl<'a> Layout<'a> {
    /// Lays out a page; `page` is its number in the document, from 1.
    pub fn of(page: u32, text: &'a PageText) -> Self {
        let lines: Vec<Line> = text
            .lines()
            .flat_map(|line| line.chunk_by(stand_together))
            .filter_map(Line::new)
            .collect();
        let (left_px, right_px) = text_edges(&lines, text.width_px);
        Self {
            page,
            width_px: text.width_px,
            height_px: text.height_px,
            letter_px: median(lines.iter().map(|line| line.height_px)),
            left_px,
            right_px,
            symbols: &text.symbols,
            lines,
        }
    }

    /// Where the line's middle stands between the edges of the text: 0 left, 1 right.
    pub fn across(&self, line: &Line) -> f32 {
        self.across_px(line.center_x_px())
    }

    /// Where an x stands between the edges of the text: 0 left, 1 right.
    pub fn across_px(&self, x_px: u32) -> f32 {
        let width_px = self.right_px.saturating_sub(self.left_px).max(1);
        (x_px as f32 - self.left_px as f32) / width_px as f32
    }

    /// Where the line's middle stands on the page: 0 top, 1 bottom.
    pub fn down(&self, line: &Line) -> f32 {
        (line.bounds.y_px + line.bounds.h_px / 2) as f32 / self.height_px.max(1) as f32
    }

    /// The evidence for something read from these words; none for no words.
    pub fn evidence<'w>(&self, words: impl IntoIterator<Item = &'w Word>) -> Option<Evidence> {
        let words: Vec<&Word> = words.into_iter().collect();
        Some(Evidence {
            page: self.page,
            bounds: around(words.iter().copied())?,
            read: text_of(words),
        })
    }
}

/// These words without the noise before and behind them (marks without a letter or digit).
pub fn without_noise(words: &[Word]) -> &[Word] {
    let says_something = |word: &Word| !fold(&word.text).is_empty();
    let Some(first) = words.iter().position(says_something) else {
        return &[];
    };
    let last = words.iter().rposition(says_something).unwrap_or(first);
    &words[first..=last]
}

/// The words joined by spaces, as read.
pub fn text_of<'w>(words: impl IntoIterator<Item = &'w Word>) -> String {
    let texts: Vec<&str> = words.into_iter().map(|word| word.text.as_str()).collect();
    texts.join(" ")
}

/// True where at least seven of ten letters are capitals (and there is a letter).
pub fn in_capitals<'w>(words: impl IntoIterator<Item = &'w Word>) -> bool {
    let (mut capitals, mut all) = (0, 0);
    for word in words {
        for letter in word.text.chars().filter(|c| c.is_alphabetic()) {
            all += 1;
            capitals += usize::from(letter.is_uppercase());
        }
    }
    all > 0 && capitals * 10 >= all * 7
}

/// Mean confidence of these words in percent, weighted by their length.
pub fn mean_confidence_pct<'w>(words: impl IntoIterator<Item = &'w Word>) -> u8 {
    let (mut letters, mut sum) = (0, 0);
    for word in words {
        let length = word.text.chars().count();
        letters += length;
        sum += length * usize::from(word.confidence.pct());
    }
    sum.checked_div(letters).unwrap_or(0) as u8
}

fn stand_together(left: &Word, right: &Word) -> bool {
    let gap_px = right.bounds.x_px.saturating_sub(left.bounds.right_px());
    gap_px <= PARTING_GAP_HEIGHTS * left.bounds.h_px.max(right.bounds.h_px)
}

/// The box around these words; none for no words.
pub fn around<'w>(words: impl IntoIterator<Item = &'w Word>) -> Option<PxBox> {
    words
        .into_iter()
        .map(|word| word.bounds)
        .reduce(|all, one| all.union(&one))
}

/// Edges of the running text: those of the lines wider than half the page, without the
/// outermost tenth (noise at the paper's edge). Indented lines may be the most, so no median.
fn text_edges(lines: &[Line], page_width_px: u32) -> (u32, u32) {
    let wide = |line: &&Line| line.bounds.w_px > page_width_px / 2;
    let boxes: Vec<PxBox> = lines.iter().filter(wide).map(|line| line.bounds).collect();
    // Under three lines say nothing of the margins.
    if boxes.len() >= 3 {
        let tenth = boxes.len() / 10;
        let mut lefts: Vec<u32> = boxes.iter().map(|bounds| bounds.x_px).collect();
        let mut rights: Vec<u32> = boxes.iter().map(|bounds| bounds.right_px()).collect();
        lefts.sort_unstable();
        rights.sort_unstable();
        return (lefts[tenth], rights[boxes.len() - 1 - tenth]);
    }
    let ink = lines
        .iter()
        .map(|line| line.bounds)
        .reduce(|all, one| all.union(&one));
    ink.map_or((0, page_width_px), |ink| (ink.x_px, ink.right_px()))
}

fn median(values: impl Iterator<Item = u32>) -> u32 {
    let mut sorted: Vec<u32> = values.collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}
