//! Round red seals, washed out of the brightness that a page is read from: an office strikes its seal over the title and
//! the name of who signs, and what is printed there is to be read.
//!
//! Only a disc of red ink as large as a seal is washed: red print, frames and stamps with words in them stay. In black
//! and white and in grey the colour is lost; what can be done then is done where lines are found.

use std::f32::consts::TAU;
use std::ops::Range;

use image::{GrayImage, RgbImage};

use super::red::redness;
use super::resolution::Resolution;
use crate::formats::raster::Pixels;

/// The red of a seal's ink is brighter than its green and blue by so much; colour fringes of a scanner are below. At the
/// edge of a stroke, half as much.
const RED: u8 = 40;
/// Fewer red cells of a square millimetre than this are no seal: a ring alone has a hundred.
const LEAST_CELLS: usize = 60;
/// Cells so far apart are of one seal: rings and letters have gaps.
const APART: usize = 4;
/// Across, in millimetres: seals of offices 36 (30 to 42 with what is smudged), small ones 25.
const ACROSS_MM: std::ops::RangeInclusive<usize> = 22..=46;
/// A seal is at most so much longer one way than the other.
const LONGER: f32 = 1.25;
/// All but so much of it lies in the circle…
const OUTSIDE: f32 = 0.06;
/// …and its ring runs in such a share of so many directions.
const RING: f32 = 0.7;
const DIRECTIONS: usize = 32;
/// Red ink whose red is as bright as this share of the paper's has no print under it; at the other share it has.
const BARE: f32 = 0.75;
const PRINTED: f32 = 0.5;

/// The brightness of a page without its round red seals; none where it has none.
pub fn washed(pixels: &Pixels, luma: &GrayImage, resolution: &Resolution) -> Option<GrayImage> {
    let Pixels::Color(colours) = pixels else {
        return None;
    };
    let cells = Cells::of(colours, resolution)?;
    let seals = cells.seals();
    if seals.is_empty() {
        return None;
    }
    let mut washed = luma.clone();
    for seal in &seals {
        seal.wash(colours, &cells, &mut washed);
    }
    Some(washed)
}

/// Square millimetres of the stored image, red or not.
struct Cells {
    columns: usize,
    rows: usize,
    /// Pixels a cell has across and down.
    across_px: f32,
    down_px: f32,
    is_red: Vec<bool>,
}

/// A seal in cells.
struct Seal {
    x: f32,
    y: f32,
    radius: f32,
}

impl Cells {
    /// None where hardly anything is red.
    fn of(colours: &RgbImage, resolution: &Resolution) -> Option<Cells> {
        let (across_px, down_px) = (resolution.dpi.x / 25.4, resolution.dpi.y / 25.4);
        let count = |side_px: u32, cell_px: f32| (side_px as f32 / cell_px) as usize;
        let (columns, rows) = (
            count(colours.width(), across_px),
            count(colours.height(), down_px),
        );
        let is_red_at = |column: usize, row: usize, (right, down): (f32, f32)| {
            let x = ((column as f32 + right) * across_px) as u32;
            let y = ((row as f32 + down) * down_px) as u32;
            redness(colours.get_pixel(x, y).0) >= RED
        };
        let all = || (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
        let red = all().filter(|(column, row)| is_red_at(*column, *row, (0.5, 0.5)));
        if red.take(LEAST_CELLS / 2).count() < LEAST_CELLS / 2 {
            return None;
        }
        let corners = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
        let is_red =
            all().map(|(column, row)| corners.iter().any(|at| is_red_at(column, row, *at)));
        Some(Cells {
            columns,
            rows,
            across_px,
            down_px,
            is_red: is_red.collect(),
        })
    }

    fn seals(&self) -> Vec<Seal> {
        let mut taken = vec![false; self.is_red.len()];
        let mut seals = Vec::new();
        for start in 0..self.is_red.len() {
            if self.is_red[start] && !taken[start] {
                seals.extend(self.seal_of(&self.joined(start, &mut taken)));
            }
        }
        seals
    }

    /// The red cells that hang together with this one.
    fn joined(&self, start: usize, taken: &mut [bool]) -> Vec<(usize, usize)> {
        let mut joined = Vec::new();
        let mut open = vec![start];
        taken[start] = true;
        while let Some(cell) = open.pop() {
            let (column, row) = (cell % self.columns, cell / self.columns);
            joined.push((column, row));
            for near_row in row.saturating_sub(APART)..(row + APART + 1).min(self.rows) {
                for near in column.saturating_sub(APART)..(column + APART + 1).min(self.columns) {
                    let near = near_row * self.columns + near;
                    if self.is_red[near] && !taken[near] {
                        taken[near] = true;
                        open.push(near);
                    }
                }
            }
        }
        joined
    }

    fn seal_of(&self, cells: &[(usize, usize)]) -> Option<Seal> {
        if cells.len() < LEAST_CELLS {
            return None;
        }
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
        for &(column, row) in cells {
            (left, right) = (left.min(column), right.max(column + 1));
            (top, bottom) = (top.min(row), bottom.max(row + 1));
        }
        let (across, down) = (right - left, bottom - top);
        let round = across.max(down) as f32 <= LONGER * across.min(down) as f32;
        if !round || !ACROSS_MM.contains(&across) || !ACROSS_MM.contains(&down) {
            return None;
        }
        let seal = Seal {
            x: (left + right) as f32 / 2.0,
            y: (top + bottom) as f32 / 2.0,
            radius: across.max(down) as f32 / 2.0,
        };
        (seal.holds(cells) && seal.has_ring(cells)).then_some(seal)
    }
}

impl Seal {
    /// How far a cell lies from the middle, in radii, and in which direction.
    fn place(&self, (column, row): (usize, usize)) -> (f32, f32) {
        let (right, down) = (column as f32 + 0.5 - self.x, row as f32 + 0.5 - self.y);
        (right.hypot(down) / self.radius, down.atan2(right))
    }

    fn holds(&self, cells: &[(usize, usize)]) -> bool {
        let outside = cells.iter().filter(|cell| self.place(**cell).0 > 1.05);
        outside.count() as f32 <= OUTSIDE * cells.len() as f32
    }

    fn has_ring(&self, cells: &[(usize, usize)]) -> bool {
        let mut seen = [false; DIRECTIONS];
        for (away, direction) in cells.iter().map(|cell| self.place(*cell)) {
            if away > 0.8 {
                let part = direction.rem_euclid(TAU) / TAU * DIRECTIONS as f32;
                seen[part as usize % DIRECTIONS] = true;
            }
        }
        seen.iter().filter(|seen| **seen).count() as f32 >= RING * DIRECTIONS as f32
    }

    /// Makes paper of the red ink within the seal that has no print under it. A signature stays: half of one would be
    /// taken for letters.
    fn wash(&self, colours: &RgbImage, cells: &Cells, luma: &mut GrayImage) {
        let reach = 1.06 * self.radius;
        let span = |middle: f32, cell_px: f32, side_px: u32| {
            let from = ((middle - reach) * cell_px).max(0.0) as u32;
            from..(((middle + reach) * cell_px) as u32).min(side_px)
        };
        let (columns, rows) = (
            span(self.x, cells.across_px, luma.width()),
            span(self.y, cells.down_px, luma.height()),
        );
        let paper = Paper::of(colours, luma, &columns, &rows);
        for y in rows {
            for x in columns.clone() {
                let (right, down) = (
                    x as f32 / cells.across_px - self.x,
                    y as f32 / cells.down_px - self.y,
                );
                if right.hypot(down) <= reach {
                    let value = &mut luma.get_pixel_mut(x, y).0[0];
                    *value = paper.without_red(*value, colours.get_pixel(x, y).0);
                }
            }
        }
    }
}

/// The paper around a seal.
struct Paper {
    luma: f32,
    red: f32,
    redness: u8,
}

/// Every so many pixels one tells what the paper is like.
const PAPER_STEP: usize = 5;

impl Paper {
    /// The brighter part of what stands there.
    fn of(colours: &RgbImage, luma: &GrayImage, columns: &Range<u32>, rows: &Range<u32>) -> Paper {
        let rows = rows.clone().step_by(PAPER_STEP);
        let places = rows.flat_map(|y| columns.clone().step_by(PAPER_STEP).map(move |x| (x, y)));
        let tone = |(x, y)| {
            let colour = colours.get_pixel(x, y).0;
            (luma.get_pixel(x, y).0[0], colour[0], redness(colour))
        };
        let mut tones: Vec<(u8, u8, u8)> = places.map(tone).collect();
        tones.sort_unstable();
        let (luma, red, redness) =
            tones
                .get(tones.len() * 4 / 5)
                .copied()
                .unwrap_or((u8::MAX, u8::MAX, 0));
        Paper {
            luma: f32::from(luma),
            red: f32::from(red).max(1.0),
            redness,
        }
    }

    /// How bright a pixel is without red ink.
    fn without_red(&self, luma: u8, colour: [u8; 3]) -> u8 {
        if redness(colour) < RED.saturating_add(self.redness) / 2 {
            return luma;
        }
        let share = f32::from(colour[0]) / self.red;
        let bare = ((share - PRINTED) / (BARE - PRINTED)).clamp(0.0, 1.0);
        (f32::from(luma) * (1.0 - bare) + self.luma * bare) as u8
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::formats::raster::Dpi;

    const DPI: f32 = 150.0;
    const MIDDLE: (u32, u32) = (700, 900);
    /// 36 mm across.
    const RADIUS_PX: f32 = 106.0;
    const PAPER: Rgb<u8> = Rgb([232, 222, 196]);
    const RED_INK: Rgb<u8> = Rgb([196, 62, 70]);
    const BLUE_INK: Rgb<u8> = Rgb([58, 66, 150]);
    const PRINT: Rgb<u8> = Rgb([48, 44, 42]);

    fn away_px(x: u32, y: u32) -> f32 {
        (x as f32 - MIDDLE.0 as f32).hypot(y as f32 - MIDDLE.1 as f32)
    }

    /// Yellowish paper with a seal of two rings, a stroke of a pen and a line of print that both cross, and a red bar elsewhere.
    fn page() -> RgbImage {
        RgbImage::from_fn(1240, 1754, |x, y| {
            let ring = |radius: f32| (away_px(x, y) - radius).abs() < 2.5;
            match (x, y) {
                (500..900, 960..975) if x % 13 < 8 => PRINT,
                (200..500, 200..230) => RED_INK,
                (690..700, 780..1100) => BLUE_INK,
                _ if ring(RADIUS_PX) || ring(0.7 * RADIUS_PX) => RED_INK,
                _ => PAPER,
            }
        })
    }

    fn washed_page(page: RgbImage) -> Option<GrayImage> {
        let resolution = Resolution {
            dpi: Dpi { x: DPI, y: DPI },
            estimated: false,
        };
        let pixels = Pixels::Color(page);
        let luma = pixels.luma().into_owned();
        washed(&pixels, &luma, &resolution)
    }

    #[test]
    fn a_seal_is_washed_off_the_print_that_it_was_struck_over() {
        let luma = washed_page(page()).expect("a seal");
        let at = |x: u32, y: u32| luma.get_pixel(x, y).0[0];
        let paper = at(1000, 1500);
        let on_ring = at(MIDDLE.0 - RADIUS_PX as u32, MIDDLE.1);
        assert!(
            on_ring.abs_diff(paper) < 8,
            "the ring: {on_ring} of {paper}"
        );
        assert!(at(695, 850) < 100 && at(695, 1095) < 100, "the pen");
        for x in (500..900).filter(|x| x % 13 < 8) {
            assert!(at(x, 970) < 80, "the print at {x}");
        }
        assert!(at(300, 215) < 130, "red print elsewhere");
    }

    #[test]
    fn red_that_is_no_disc_stays() {
        let bar = RgbImage::from_fn(1240, 1754, |x, y| match (x, y) {
            (400..600, 400..600) if !(420..580).contains(&x) || !(420..580).contains(&y) => RED_INK,
            _ => PAPER,
        });
        assert!(washed_page(bar).is_none(), "a frame is no seal");
        let crescent = RgbImage::from_fn(1240, 1754, |x, y| {
            let ring = (away_px(x, y) - RADIUS_PX).abs() < 2.5 && x > MIDDLE.0;
            if ring { RED_INK } else { PAPER }
        });
        assert!(washed_page(crescent).is_none(), "half a ring is no seal");
        let grey = RgbImage::from_pixel(1240, 1754, PAPER);
        assert!(washed_page(grey).is_none());
    }
}
