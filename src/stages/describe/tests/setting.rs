//! Sets a page of text as a recogniser would give it: words with boxes, no engine needed.

use crate::model::{Confidence, PageText, Point, PxBox, Word};

/// A4 at 300 dpi.
pub const WIDTH_PX: u32 = 2480;
const HEIGHT_PX: u32 = 3508;
/// Margins as NĐ 30 wants them: left 30 mm, right 20 mm.
const LEFT_PX: u32 = 354;
const RIGHT_PX: u32 = 2244;
const LETTER_PX: u32 = 28;
const LINE_PX: u32 = 44;

/// Where a line stands.
#[derive(Clone, Copy)]
pub enum Place {
    /// Centred over the text.
    Middle,
    /// Centred in the left column of the header.
    LeftColumn,
    /// Centred in the right column of the header.
    RightColumn,
    /// From the left margin.
    Margin,
    /// From the left margin, indented by 12 mm.
    Indented,
    /// From so many pixels on: a cell of a table.
    At(u32),
}
use Place::*;

/// A page being set, from top to bottom.
pub struct Page {
    text: PageText,
    y_px: u32,
}

impl Page {
    /// An empty page.
    pub fn new() -> Self {
        let text = PageText {
            width_px: WIDTH_PX,
            height_px: HEIGHT_PX,
            dpi: 300,
            symbols: Vec::new(),
            words: Vec::new(),
        };
        Self { text, y_px: 240 }
    }

    /// A page with the header of an office: regime, organ, number, place and date.
    pub fn of_office(organ: &str, number: &str, date: &str) -> Self {
        Self::new()
            .beside(organ, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
            .beside("", "Độc lập - Tự do - Hạnh phúc")
            .beside(number, date)
    }

    /// Two parts of one row, as the header's columns stand: one recognised line.
    pub fn beside(mut self, left: &str, right: &str) -> Self {
        let line = self.next_line();
        self.put(left, LeftColumn, line);
        self.put(right, RightColumn, line);
        self.down(1)
    }

    /// One line.
    pub fn line(mut self, place: Place, text: &str) -> Self {
        let line = self.next_line();
        self.put(text, place, line);
        self.down(1)
    }

    /// Cells side by side, each from its pixel on.
    pub fn cells(mut self, cells: &[(u32, &str)]) -> Self {
        for (x_px, text) in cells {
            let line = self.next_line();
            self.put(text, At(*x_px), line);
        }
        self.down(1)
    }

    /// Empty lines.
    pub fn gap(self, lines: u32) -> Self {
        self.down(lines)
    }

    /// Back up by so many lines: a column beside what was set.
    pub fn up(mut self, lines: u32) -> Self {
        self.y_px -= 70 * lines;
        self
    }

    /// Running text of so many full lines.
    pub fn text(mut self, lines: u32) -> Self {
        for _ in 0..lines {
            let words = "người sử dụng đất có trách nhiệm thực hiện đúng các quy định hiện hành";
            self = self.line(Margin, words);
        }
        self
    }

    /// The page as read.
    pub fn read(self) -> PageText {
        self.text
    }

    fn next_line(&self) -> u32 {
        self.text.words.last().map_or(0, |word| word.line + 1)
    }

    fn down(mut self, lines: u32) -> Self {
        self.y_px += 70 * lines;
        self
    }

    fn put(&mut self, text: &str, place: Place, line: u32) {
        let width_px = LETTER_PX * text.chars().count() as u32;
        let centred = |middle_px: u32| middle_px.saturating_sub(width_px / 2);
        let mut x_px = match place {
            Middle => centred((LEFT_PX + RIGHT_PX) / 2),
            LeftColumn => centred(740),
            RightColumn => centred(1730),
            Margin => LEFT_PX,
            Indented => LEFT_PX + 142,
            At(x_px) => x_px,
        };
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let w_px = LETTER_PX * word.chars().count() as u32;
            let point = |x_px: u32| Point {
                x_px: x_px as f32,
                y_px: (self.y_px + LINE_PX) as f32,
            };
            self.text.words.push(Word {
                text: word.to_owned(),
                bounds: PxBox {
                    x_px,
                    y_px: self.y_px,
                    w_px: w_px - 4,
                    h_px: LINE_PX,
                },
                baseline_start: point(x_px),
                baseline_end: point(x_px + w_px),
                confidence: Confidence::from_pct(95),
                block: 0,
                line,
                leads_on: false,
            });
            x_px += w_px + LETTER_PX;
        }
    }
}
