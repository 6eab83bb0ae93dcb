//! Cells of a table in which the writing runs up or down the page, as in the heads of narrow columns.
//!
//! The finder takes their letters for as many short lines, or for none. Which way a cell is written only its reading tells:
//! here are those that may be.

use super::ink::{Ink, Kind};
use super::shapes::Shape;
use super::{Bounds, Found, around};

/// A cell is at least so wide and at most so wide and high, in inches…
const LEAST_IN: f32 = 0.1;
const WIDEST_IN: i32 = 1;
const HIGHEST_IN: i32 = 5;
/// …and so many times higher than wide, as is the ink in it.
const HIGHER: f32 = 1.3;
/// A word that runs up the page has at least so many letters.
const LEAST_LETTERS: usize = 3;
/// Rules that run down are looked for in so many rows an inch.
const ROWS_AN_INCH: usize = 8;
/// Letters are at least so large, in inches; points and tones are smaller.
const LETTER_IN: f32 = 0.04;

/// A ruled cell higher than wide with higher than wide ink in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TallCell {
    /// The paper between its rules, in pixels of the picture.
    pub inside: Bounds,
    /// How many pieces of ink as large as letters stand in it.
    pub letters: usize,
}

impl Found {
    /// The cells in which the writing may run up or down.
    pub fn tall_cells(&self, dpi: u32) -> Vec<TallCell> {
        if !is_ruled(&self.ink, dpi as usize) {
            return Vec::new();
        }
        let least_px = (LETTER_IN * dpi as f32) as i32;
        let is_letter = |shape: &&Shape| shape.width().max(shape.height()) >= least_px;
        let mut cells: Vec<(Cell, Vec<&Shape>)> = Vec::new();
        for letter in self.shapes.all.iter().filter(is_letter) {
            match cells.iter_mut().find(|(cell, _)| cell.holds(letter)) {
                Some((_, letters)) => letters.push(letter),
                None => {
                    let cell = Cell::around(&self.ink, letter, dpi as i32);
                    cells.extend(cell.map(|cell| (cell, vec![letter])));
                }
            }
        }
        let is_filled = |letters: &[&Shape]| {
            let ink = around(letters.iter().copied());
            letters.len() >= LEAST_LETTERS && ink.h_px as f32 >= HIGHER * ink.w_px as f32
        };
        let filled = cells.iter().filter(|(_, letters)| is_filled(letters));
        let tall = filled.map(|(cell, letters)| TallCell {
            inside: cell.bounds(),
            letters: letters.len(),
        });
        tall.collect()
    }
}

/// Whether ruled lines run down the page at all; the shortest is longer than the rows looked at are apart.
fn is_ruled(ink: &Ink, dpi: usize) -> bool {
    let rows = ink.kinds.chunks_exact(ink.width_px.max(1));
    let mut rows = rows.step_by((dpi / ROWS_AN_INCH).max(1));
    rows.any(|row| row.contains(&Kind::RuleDown))
}

/// The paper between four ruled lines.
#[derive(Clone, Copy)]
struct Cell {
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

impl Cell {
    /// The cell that a shape stands in; none where no rules are near on all sides, or it is no tall one.
    fn around(ink: &Ink, shape: &Shape, dpi: i32) -> Option<Cell> {
        // A rule may be worn: it is met in one of three places.
        let is_beside = |x: i32| {
            let rows = [
                shape.top,
                i32::midpoint(shape.top, shape.bottom),
                shape.bottom,
            ];
            rows.iter()
                .any(|y| ink.at(x.into(), (*y).into()) == Kind::RuleDown)
        };
        let mut left = (shape.left - WIDEST_IN * dpi..shape.left).rev();
        let left = left.find(|x| is_beside(*x))?;
        let right = (shape.right..left + WIDEST_IN * dpi).find(|x| is_beside(*x))?;
        let is_over = |y: i32| {
            let columns = [
                shape.left,
                i32::midpoint(shape.left, shape.right),
                shape.right,
            ];
            columns
                .iter()
                .any(|x| ink.at((*x).into(), y.into()) == Kind::RuleAcross)
        };
        let mut top = (shape.top - HIGHEST_IN * dpi..shape.top).rev();
        let top = top.find(|y| is_over(*y))?;
        let bottom = (shape.bottom..top + HIGHEST_IN * dpi).find(|y| is_over(*y))?;
        let (width, height) = ((right - left) as f32, (bottom - top) as f32);
        let is_tall = width >= LEAST_IN * dpi as f32 && height >= HIGHER * width;
        is_tall.then_some(Cell {
            left: left + 1,
            top: top + 1,
            right,
            bottom,
        })
    }

    fn holds(&self, shape: &Shape) -> bool {
        let inside = |from: i32, to: i32, low: i32, high: i32| low <= from && to <= high;
        inside(shape.left, shape.right, self.left, self.right)
            && inside(shape.top, shape.bottom, self.top, self.bottom)
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            x_px: self.left as u32,
            y_px: self.top as u32,
            w_px: (self.right - self.left) as u32,
            h_px: (self.bottom - self.top) as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::super::find_lines;
    use super::*;

    /// A table of two cells, 60 wide and this high, with arches in the left one that run up it, or across it.
    fn table(height: u32, upward: bool) -> Vec<TallCell> {
        let mut page = GrayImage::from_pixel(400, 400, Luma([245]));
        let mut block = |x: u32, y: u32, w: u32, h: u32| {
            (y..y + h).for_each(|y| (x..x + w).for_each(|x| page.put_pixel(x, y, Luma([30]))));
        };
        for x in [100, 160, 220] {
            block(x, 100, 2, height + 2);
        }
        for y in [100, 100 + height] {
            block(100, y, 122, 2);
        }
        for n in 0..6 {
            if upward {
                let y = 115 + 15 * n;
                block(120, y, 18, 3);
                block(120, y + 9, 18, 3);
                block(120, y, 3, 12);
            } else {
                let (x, y) = (110 + 15 * (n % 3), 115 + 24 * (n / 3));
                block(x, y, 12, 3);
                block(x, y, 3, 18);
                block(x + 9, y, 3, 18);
            }
        }
        find_lines(&page, 200).tall_cells(200)
    }

    #[test]
    fn a_tall_cell_with_letters_one_over_the_other_is_found() {
        let inside = Bounds {
            x_px: 102,
            y_px: 102,
            w_px: 58,
            h_px: 118,
        };
        assert_eq!(table(120, true), [TallCell { inside, letters: 6 }]);
    }

    #[test]
    fn a_tall_cell_with_two_short_lines_is_none() {
        assert_eq!(table(120, false), []);
    }

    #[test]
    fn letters_without_rules_around_stand_in_no_cell() {
        let page = GrayImage::from_fn(300, 300, |x, y| {
            let is_letter = (100..118).contains(&x) && y > 60 && y < 240 && y % 15 < 12;
            Luma([if is_letter { 30 } else { 245 }])
        });
        assert_eq!(find_lines(&page, 200).tall_cells(200), []);
    }
}
