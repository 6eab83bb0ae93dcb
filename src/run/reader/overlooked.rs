//! Pages of which little or nothing was read: whether ink stands where no word was found.
//!
//! Measured on 276 drawn pages (docs/benchmarks.md, "Pages without lines"): beside their words they bear at most 2.3 times
//! as much dark ink as the words themselves, a poster whose letters are too large for the line finder 40 times as much. What
//! shines through from the other side is never dark once the page is cleaned: 11 such backs have not one dark pixel.

use crate::model::{Confidence, PageText, Point};
use crate::stages::clean::CleanPage;

/// Darker is ink; what shines through stays above.
const DARK_BELOW: u8 = 140;
/// The edges of a page, as a share of its height and width, bear holes, staples and the scanner's lid.
const EDGE_Y: f32 = 0.04;
const EDGE_X: f32 = 0.08;
/// Side of a cell of the page that a word covers or does not, in pixels of the page.
const CELL_PX: u32 = 8;
/// Below it a page's words are guesses, here as where pages are cut.
const GUESSED_BELOW: Confidence = Confidence::from_pct(45);
/// A drawing has more ink than a third of a square centimetre.
const DRAWN_CM2: f32 = 0.33;
/// A page is overlooked that has more ink beside its words than so many square centimetres…
const UNREAD_CM2: f32 = 3.2;
/// …and than so many times that of its words.
const UNREAD_TIMES: usize = 4;

/// Dark pixels of the picture that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ink {
    /// Where a word was read.
    read_px: usize,
    /// Elsewhere.
    unread_px: usize,
    px_a_cm2: u32,
}

impl Ink {
    /// Counts the dark pixels of a page with these words.
    pub(super) fn of(page: &CleanPage, text: &PageText) -> Self {
        let words = Covered::by_words_of(page, text);
        let picture = &page.reading;
        let edge = |side: u32, share: f32| (side as f32 * share) as u32;
        let (edge_x, edge_y) = (
            edge(picture.width(), EDGE_X),
            edge(picture.height(), EDGE_Y),
        );
        let px_a_cm = page.reading_dpi as f32 / 2.54;
        let mut ink = Self {
            px_a_cm2: (px_a_cm * px_a_cm) as u32,
            ..Self::default()
        };
        for y in edge_y..picture.height() - edge_y {
            let start = (y * picture.width()) as usize;
            let row = &picture.as_raw()[start..start + picture.width() as usize];
            for x in edge_x..picture.width() - edge_x {
                if row[x as usize] < DARK_BELOW {
                    match words.hold(page, x, y) {
                        true => ink.read_px += 1,
                        false => ink.unread_px += 1,
                    }
                }
            }
        }
        ink
    }

    /// True where most of what is on the page was not found.
    pub(super) fn is_mostly_unread(&self) -> bool {
        self.unread_px > UNREAD_TIMES * self.read_px
            && self.unread_px as f32 > UNREAD_CM2 * self.px_a_cm2 as f32
    }

    /// True where something is drawn or written on the page.
    pub(super) fn is_drawn(&self) -> bool {
        (self.read_px + self.unread_px) as f32 > DRAWN_CM2 * self.px_a_cm2 as f32
    }
}

/// True for a page on which something is drawn, and no word was read but by guessing.
pub(super) fn is_textless(page: &CleanPage, text: &PageText) -> bool {
    (text.words.is_empty() || text.confidence() < GUESSED_BELOW) && Ink::of(page, text).is_drawn()
}

/// Which cells of a page its words cover.
struct Covered {
    cells: Vec<bool>,
    columns: u32,
}

impl Covered {
    fn by_words_of(page: &CleanPage, text: &PageText) -> Self {
        let columns = page.width_px / CELL_PX + 1;
        let rows = page.height_px / CELL_PX + 1;
        let mut cells = vec![false; (columns * rows) as usize];
        for word in &text.words {
            let bounds = word.bounds;
            for row in bounds.y_px / CELL_PX..=(bounds.bottom_px() / CELL_PX).min(rows - 1) {
                let (from, to) = (bounds.x_px / CELL_PX, bounds.right_px() / CELL_PX);
                let start = row * columns;
                cells[(start + from) as usize..=(start + to.min(columns - 1)) as usize].fill(true);
            }
        }
        Self { cells, columns }
    }

    /// True where a word covers what this pixel of the picture shows.
    fn hold(&self, page: &CleanPage, x: u32, y: u32) -> bool {
        let at = page.to_page.map(Point {
            x_px: x as f32 + 0.5,
            y_px: y as f32 + 0.5,
        });
        // `as` takes what lies beyond the page's edge to its first cell.
        let (column, row) = (at.x_px as u32 / CELL_PX, at.y_px as u32 / CELL_PX);
        let cell = row * self.columns + column;
        column < self.columns && self.cells.get(cell as usize) == Some(&true)
    }
}

#[cfg(test)]
mod tests {
    use image::GrayImage;

    use super::*;
    use crate::formats::raster::{Pixels, Raster};
    use crate::model::{Orientation, PxBox, Word};
    use crate::stages::clean::{Options, clean};

    /// A page at 200 dpi with bars of this darkness as of one line of huge letters, ten square centimetres in all.
    fn page(value: u8) -> CleanPage {
        let mut pixels = GrayImage::from_pixel(1654, 2339, image::Luma([250]));
        for bar in 0..10 {
            for y in 0..200 {
                for x in 0..31 {
                    pixels.put_pixel(300 + bar * 90 + x, 700 + y, image::Luma([value]));
                }
            }
        }
        let raster = Raster {
            pixels: Pixels::Gray(pixels),
            dpi: None,
            orientation: Orientation::UPRIGHT,
        };
        let options = Options {
            find_blank: false,
            turn_sideways: false,
            ..Options::default()
        };
        clean(&raster, &options)
    }

    fn word(bounds: PxBox, pct: u8) -> PageText {
        let point = Point {
            x_px: bounds.x_px as f32,
            y_px: bounds.bottom_px() as f32,
        };
        let word = Word {
            text: "THÔNG".to_owned(),
            bounds,
            baseline_start: point,
            baseline_end: point,
            confidence: Confidence::from_pct(pct),
            block: 0,
            line: 0,
            leads_on: false,
        };
        PageText {
            words: vec![word],
            ..PageText::default()
        }
    }

    /// Around the first bar, and around all of them.
    const ONE: PxBox = PxBox {
        x_px: 296,
        y_px: 696,
        w_px: 40,
        h_px: 208,
    };
    const ALL: PxBox = PxBox { w_px: 860, ..ONE };

    #[test]
    fn ink_beside_the_words_is_overlooked_and_ink_below_them_is_not() {
        let page = page(30);
        let one = Ink::of(&page, &word(ONE, 90));
        assert!(one.is_mostly_unread(), "{one:?}");
        let all = Ink::of(&page, &word(ALL, 90));
        assert!(!all.is_mostly_unread() && all.unread_px == 0, "{all:?}");
    }

    #[test]
    fn guesses_on_a_drawing_are_no_text() {
        let page = page(30);
        assert!(is_textless(&page, &PageText::default()));
        assert!(is_textless(&page, &word(ALL, 30)));
        assert!(!is_textless(&page, &word(ALL, 90)));
    }

    #[test]
    fn what_shines_through_is_nothing_drawn() {
        assert!(!is_textless(&page(225), &PageText::default()));
    }
}
