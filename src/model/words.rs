//! What a recogniser read on one page.

use serde::{Deserialize, Serialize};

use super::{Confidence, Point, PxBox};

/// One word as read: text in NFC, its place on the upright page, how sure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The characters, Unicode NFC, no white space inside.
    pub text: String,
    /// The box around the ink, in pixels of the upright page.
    pub bounds: PxBox,
    /// The left end of the baseline, in pixels of the upright page.
    pub baseline_start: Point,
    /// The right end of the baseline, in pixels of the upright page.
    pub baseline_end: Point,
    /// How sure the recogniser is of the text.
    pub confidence: Confidence,
    /// Block (paragraph group, column, cell) on the page, from 0 in reading order.
    pub block: u32,
    /// Line on the page, from 0 in reading order; unique over all blocks.
    pub line: u32,
    /// True where a dotted leader runs on from it to the next word of its line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leads_on: bool,
}

/// The word that stands for an empty box of a form.
pub const EMPTY_BOX: char = '☐';
/// For a box with anything in it: a cross, a hook or a blot.
pub const TICKED_BOX: char = '☒';

/// The words of one page in reading order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    /// Width of the upright page in pixels.
    pub width_px: u32,
    /// Height of the upright page in pixels.
    pub height_px: u32,
    /// Resolution of the upright page in dots per inch (the smaller, where the axes differ).
    pub dpi: u32,
    /// The words in reading order.
    pub words: Vec<Word>,
    /// The QR codes on it that are none of ours: a citizen card's, a portal's address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<Symbol>,
}

/// A QR code as it stands on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// What it says.
    pub text: String,
    /// The box around it, in pixels of the upright page.
    pub bounds: PxBox,
}

impl PageText {
    /// The words of each line, lines in reading order.
    pub fn lines(&self) -> impl Iterator<Item = &[Word]> {
        self.words.chunk_by(|left, right| left.line == right.line)
    }

    /// The page's text: words joined by one space, lines by one line feed, nothing at the end.
    ///
    /// This is the text whose digest stands in the page's evidence (docs/manifest.md).
    pub fn plain(&self) -> String {
        let lines = self.lines().map(|line| {
            line.iter()
                .map(|word| word.text.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Mean confidence weighted by word length; zero for a page without words.
    pub fn confidence(&self) -> Confidence {
        let letters: usize = self.words.iter().map(|w| w.text.chars().count()).sum();
        let weighed = self
            .words
            .iter()
            .map(|w| w.text.chars().count() * usize::from(w.confidence.pct()));
        let mean = weighed.sum::<usize>().checked_div(letters).unwrap_or(0);
        Confidence::from_pct(mean as u8)
    }
}
