//! Places in the upper half of a page where a stamp may have been struck by hand, and how it lies: `TỐI MẬT` in a
//! frame, turned by up to twenty degrees, worn, over the print.
//!
//! What hangs together, is higher than a line of print and no larger than a stamp may be one. It is turned by the angle under
//! which its ink lies most in rows, and a frame with room for one row of letters is looked for. What is here no stamp
//! costs a few milliseconds of reading, for only the words of a stamp are taken.

use std::ops::Range;

use image::GrayImage;
use memchr::memchr;

use crate::model::{Affine, PxBox};

/// Darker than this is ink; a pale red is some 190 grey.
const INK: u8 = 190;
/// The picture is looked at so coarsely.
const COARSE_DPI: u32 = 100;
/// Ink hangs together over gaps of so many coarse pixels to twice as many: that of a whole stamp close to the print, and
/// that of a worn one which stands free.
const GAPS_PX: [usize; 2] = [2, 6];
/// A stamp of one piece.
const WIDTH_MM: std::ops::RangeInclusive<f32> = 8.0..=70.0;
const HEIGHT_MM: std::ops::RangeInclusive<f32> = 6.0..=32.0;
/// What is turned less lies level: frames are looked for there, and print is no stamp.
pub const LEVEL_DEG: f32 = 2.0;
/// How far a stamp is turned at most.
const TURNED_DEG: i32 = 20;
/// More places are texture.
const MOST_PLACES: usize = 40;
/// Print is darker than this; its edges are so wide.
const PRINT: u8 = 40;
const EDGE_PX: usize = 2;
/// The frame of one row of letters, levelled.
const INNER_HEIGHT_MM: std::ops::RangeInclusive<f32> = 5.5..=13.0;
const FRAME_WIDTH_MM: std::ops::RangeInclusive<f32> = 12.0..=60.0;
/// So much of either row is left, and of both sides together.
const LEAST_OF_A_ROW: f32 = 0.45;
const LEAST_OF_SIDES: f32 = 0.7;
/// How far the sides of a levelled frame run off, and how thick they are.
const OFF_MM: f32 = 0.15;
const THICK_MM: f32 = 0.9;
/// Room left around a place.
const ROOM_MM: f32 = 2.0;

/// A place where a stamp may stand.
#[derive(Clone, Debug, PartialEq)]
pub struct StampPlace {
    /// The box around it, in pixels of the picture.
    pub bounds: PxBox,
    /// How far it may be turned, the likelier first; positive where it sinks towards the right.
    pub turns_deg: Vec<f32>,
}

/// The frame of a stamp in a levelled picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StampFrame {
    /// The box between its lines.
    pub bounds: PxBox,
    /// The longest piece without a gap in that of its upper and lower line which has the shorter one.
    pub unbroken_mm: f32,
}

/// Where stamps may stand in a levelled picture.
pub fn stamp_places(page: &GrayImage, dpi: u32) -> Vec<StampPlace> {
    let step = (dpi / COARSE_DPI).max(1);
    let coarse = Coarse::of(page, step);
    let mm = dpi as f32 / step as f32 / 25.4;
    let pieces = GAPS_PX.iter().flat_map(|gap_px| coarse.pieces(*gap_px, mm));
    let place = |piece: Piece| StampPlace {
        bounds: piece.bounds(step),
        turns_deg: coarse.angles(&piece),
    };
    pieces.take(MOST_PLACES).map(place).collect()
}

/// The picture without the print: what is darker than a stamp, and its edges, made white.
pub fn without_print(page: &GrayImage) -> GrayImage {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let mut pale = page.clone();
    let rows = page.as_raw().chunks_exact(width.max(1)).enumerate();
    for (y, row) in rows {
        let mut whitened = 0;
        let dark = |from: usize| row[from..].iter().position(|value| *value < PRINT);
        while let Some(skipped) = dark(whitened) {
            let start = whitened + skipped;
            let length = row[start..]
                .iter()
                .take_while(|value| **value < PRINT)
                .count();
            let columns = start.saturating_sub(EDGE_PX)..(start + length + EDGE_PX).min(width);
            for near in y.saturating_sub(EDGE_PX)..(y + EDGE_PX + 1).min(height) {
                pale.as_mut()[near * width..][columns.clone()].fill(255);
            }
            whitened = start + length;
        }
    }
    pale
}

/// The picture of a place turned level, and its way to the picture it was taken from.
pub fn level_place(
    page: &GrayImage,
    dpi: u32,
    bounds: PxBox,
    turn_deg: f32,
) -> (GrayImage, Affine) {
    let room_px = ROOM_MM * dpi as f32 / 25.4;
    let (sin, cos) = turn_deg.to_radians().sin_cos();
    let (width, height) = (bounds.w_px as f32, bounds.h_px as f32);
    // A box around a turned rectangle is larger than the rectangle: no more than this of it is the stamp.
    let new_w = (width * cos + 2.0 * room_px).ceil().max(1.0);
    let new_h = ((height - width * sin.abs() * 0.5).max(height * 0.5) + 2.0 * room_px).ceil();
    let middle_x = bounds.x_px as f32 + width / 2.0;
    let middle_y = bounds.y_px as f32 + height / 2.0;
    let to_page = Affine {
        a: cos,
        b: sin,
        c: -sin,
        d: cos,
        e: middle_x - (cos * new_w - sin * new_h) / 2.0,
        f: middle_y - (sin * new_w + cos * new_h) / 2.0,
    };
    let level = super::resample::resample(page, new_w as u32, new_h as u32, &to_page);
    (level, to_page)
}

/// A frame with room for one row of letters, in a levelled picture; its lines are taken out of the picture.
///
/// Two thin rows of ink as far apart as a stamp is high, of like width, and something left of a side between their ends.
pub fn take_frame_out(level: &mut GrayImage, dpi: u32) -> Option<StampFrame> {
    let mm = dpi as f32 / 25.4;
    let found = Levelled::of(level).frame(mm)?;
    let thick_px = (THICK_MM * mm).ceil() as u32;
    let frame = found.bounds;
    let (right_px, bottom_px) = (frame.right_px(), frame.bottom_px());
    for (x, y, value) in level.enumerate_pixels_mut() {
        let inside = x > frame.x_px + thick_px
            && x + thick_px < right_px
            && y > frame.y_px + thick_px
            && y + thick_px < bottom_px;
        if !inside {
            value.0 = [255];
        }
    }
    Some(found)
}

/// Ink of a levelled picture.
struct Levelled {
    width: usize,
    height: usize,
    ink: Vec<bool>,
}

/// A row of a levelled picture, with what lies just beside it.
struct NearRow {
    /// First column with ink, and the first after the last.
    ends: (usize, usize),
    /// How many columns left of each have ink.
    inked_before: Vec<u32>,
}

impl NearRow {
    fn inked(&self, left: usize, right: usize) -> usize {
        (self.inked_before[right] - self.inked_before[left]) as usize
    }

    /// The most columns side by side that have ink.
    fn unbroken(&self) -> usize {
        let steps = self.inked_before.windows(2);
        let runs = steps.scan(0, |run, step| {
            *run = if step[1] > step[0] { *run + 1 } else { 0 };
            Some(*run)
        });
        runs.max().unwrap_or(0)
    }
}

impl Levelled {
    fn of(level: &GrayImage) -> Levelled {
        Levelled {
            width: level.width() as usize,
            height: level.height() as usize,
            ink: level.as_raw().iter().map(|value| *value < INK).collect(),
        }
    }

    fn frame(&self, mm: f32) -> Option<StampFrame> {
        let reach = (OFF_MM * mm).ceil() as usize;
        let rows: Vec<Option<NearRow>> =
            (0..self.height).map(|y| self.near_row(y, reach)).collect();
        let mut best: Option<(usize, PxBox)> = None;
        for (top, upper) in rows.iter().enumerate() {
            let least = top + (*INNER_HEIGHT_MM.start() * mm) as usize;
            let most = (top + (*INNER_HEIGHT_MM.end() * mm) as usize).min(self.height);
            let below = rows.iter().enumerate().take(most).skip(least);
            for (bottom, lower) in below {
                let (Some(upper), Some(lower)) = (upper, lower) else {
                    continue;
                };
                let left = upper.ends.0.min(lower.ends.0);
                let right = upper.ends.1.max(lower.ends.1);
                let (above, below) = (upper.inked(left, right), lower.inked(left, right));
                let width = right - left;
                let is_wide = FRAME_WIDTH_MM.contains(&(width as f32 / mm))
                    && width * 10 >= (bottom - top) * 15;
                if !is_wide || (above.min(below) as f32) < LEAST_OF_A_ROW * width as f32 {
                    continue;
                }
                let sides =
                    self.side(left, top..bottom, reach) + self.side(right - 1, top..bottom, reach);
                if (sides as f32) < LEAST_OF_SIDES * (bottom - top) as f32 {
                    continue;
                }
                let score = above + below + sides;
                if best.is_none_or(|(most, _)| score > most) {
                    let frame = PxBox {
                        x_px: left as u32,
                        y_px: top as u32,
                        w_px: width as u32,
                        h_px: (bottom - top) as u32,
                    };
                    best = Some((score, frame));
                }
            }
        }
        let (_, bounds) = best?;
        let ends = [bounds.y_px, bounds.bottom_px()].map(|y| rows[y as usize].as_ref());
        let unbroken = ends.into_iter().flatten().map(NearRow::unbroken).min();
        Some(StampFrame {
            bounds,
            unbroken_mm: unbroken? as f32 / mm,
        })
    }

    /// Where ink lies in a row or just beside it; none where none does.
    fn near_row(&self, y: usize, reach: usize) -> Option<NearRow> {
        let mut inked = vec![false; self.width];
        for row in y.saturating_sub(reach)..(y + reach + 1).min(self.height) {
            let row = &self.ink[row * self.width..][..self.width];
            inked
                .iter_mut()
                .zip(row)
                .for_each(|(near, ink)| *near |= ink);
        }
        let first = inked.iter().position(|ink| *ink)?;
        let last = inked.iter().rposition(|ink| *ink)?;
        let mut count = 0;
        let counts = inked.iter().map(|ink| {
            count += u32::from(*ink);
            count
        });
        Some(NearRow {
            ends: (first, last + 1),
            inked_before: std::iter::once(0).chain(counts).collect(),
        })
    }

    /// The rows that have ink at a column or just beside it.
    fn side(&self, x: usize, rows: Range<usize>, reach: usize) -> usize {
        let columns = x.saturating_sub(2 * reach)..(x + 2 * reach + 1).min(self.width);
        let inked = |y: &usize| self.ink[y * self.width..][columns.clone()].contains(&true);
        rows.filter(inked).count()
    }
}

/// Ink of the upper part of a page, coarsely.
struct Coarse {
    width: usize,
    height: usize,
    /// From the top down and from left to right.
    runs: Vec<Run>,
}

/// Inked columns of a row that lie side by side.
struct Run {
    y: usize,
    columns: Range<usize>,
}

/// Where the ones of a row stand side by side.
fn runs_of(ink: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let start = done + memchr(1, &ink[done..])?;
        done = memchr(0, &ink[start..]).map_or(ink.len(), |length| start + length);
        Some(start..done)
    })
}

/// Labels of cells without ink, and of cells that are of no piece yet.
const NO_INK: u32 = u32::MAX;
const NO_PIECE: u32 = u32::MAX - 1;

/// Ink that hangs together.
#[derive(Clone, Debug, Default)]
struct Piece {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    may_be_a_stamp: bool,
    /// Column and row.
    pixels: Vec<(u32, u32)>,
}

impl Coarse {
    fn of(page: &GrayImage, step: u32) -> Coarse {
        let width = (page.width() / step) as usize;
        let height = (page.height() / step) as usize;
        let row_px = page.width() as usize;
        let step = step as usize;
        let mut runs = Vec::new();
        let mut darkest = vec![255; row_px];
        let bands = page.as_raw().chunks_exact((row_px * step).max(1));
        for (y, rows) in bands.take(height).enumerate() {
            darkest.fill(255);
            for row in rows.chunks_exact(row_px) {
                let values = darkest.iter_mut().zip(row);
                values.for_each(|(darkest, value)| *darkest = (*darkest).min(*value));
            }
            let blocks = darkest.chunks_exact(step);
            let ink = blocks.map(|block| u8::from(block.iter().any(|value| *value < INK)));
            let ink: Vec<u8> = ink.collect();
            runs.extend(runs_of(&ink).map(|columns| Run { y, columns }));
        }
        Coarse {
            width,
            height,
            runs,
        }
    }

    /// What hangs together over such gaps and is as large as a stamp.
    fn pieces(&self, gap_px: usize, mm: f32) -> Vec<Piece> {
        let columns = self.width.div_ceil(gap_px);
        let cell = |run: &Run| run.y / gap_px * columns + run.columns.start / gap_px;
        let mut labels = vec![NO_INK; columns * self.height.div_ceil(gap_px)];
        for run in &self.runs {
            let first = cell(run);
            let last = first + (run.columns.end - 1) / gap_px - run.columns.start / gap_px;
            labels[first..=last].fill(NO_PIECE);
        }
        let mut pieces = vec![Piece::default(); label(&mut labels, columns)];
        // The cells of a run touch, so they are of one piece.
        for run in &self.runs {
            pieces[labels[cell(run)] as usize].stretch_to(run);
        }
        for piece in &mut pieces {
            piece.may_be_a_stamp = piece.is_as_large_as_a_stamp(mm);
        }
        for run in &self.runs {
            let piece = &mut pieces[labels[cell(run)] as usize];
            if piece.may_be_a_stamp {
                let pixels = run.columns.clone().map(|x| (x as u32, run.y as u32));
                piece.pixels.extend(pixels);
            }
        }
        pieces.retain(|piece| piece.may_be_a_stamp);
        pieces
    }

    /// The one or two angles under which the ink of a piece lies most in rows.
    fn angles(&self, piece: &Piece) -> Vec<f32> {
        let score = |half_deg: i32| (half_deg, self.in_rows(piece, half_deg as f32 / 2.0));
        let mut scores: Vec<(i32, f32)> = (-2 * TURNED_DEG..=2 * TURNED_DEG)
            .step_by(3)
            .map(score)
            .collect();
        let best = |scores: &[(i32, f32)], apart_from: Option<i32>| {
            let apart =
                |score: &&(i32, f32)| apart_from.is_none_or(|own| (own - score.0).abs() > 6);
            let free = scores.iter().filter(apart);
            free.max_by(|one, other| one.1.total_cmp(&other.1)).copied()
        };
        // Between the steps the rows may lie better still.
        if let Some((near, _)) = best(&scores, None) {
            scores.extend([near - 1, near + 1].map(score));
        }
        let first = best(&scores, None);
        let second = best(&scores, first.map(|first| first.0));
        let worth = |score: &(i32, f32)| first.is_none_or(|first| score.1 >= 0.6 * first.1);
        let both = first.into_iter().chain(second.filter(worth));
        both.map(|(half_deg, _)| half_deg as f32 / 2.0).collect()
    }

    fn in_rows(&self, piece: &Piece, turn_deg: f32) -> f32 {
        let (sin, cos) = turn_deg.to_radians().sin_cos();
        let reach = piece.right - piece.left + piece.bottom - piece.top + 1;
        let mut rows = vec![0_u32; 2 * reach];
        let (left, top) = (piece.left as f32, piece.top as f32);
        for (x, y) in piece.pixels.iter().step_by(2) {
            let row = (*y as f32 - top) * cos - (*x as f32 - left) * sin;
            rows[(row + reach as f32 + 0.5) as usize] += 1;
        }
        rows.iter().map(|count| (*count as f32).powi(2)).sum()
    }
}

/// Gives cells that touch, corners included, the same number; says how many pieces there are.
fn label(labels: &mut [u32], columns: usize) -> usize {
    let rows = labels.len() / columns.max(1);
    let mut count = 0;
    let mut waiting = Vec::new();
    for start in 0..labels.len() {
        if labels[start] != NO_PIECE {
            continue;
        }
        labels[start] = count;
        waiting.push(start);
        while let Some(cell) = waiting.pop() {
            for next in around(cell, columns, rows) {
                if labels[next] == NO_PIECE {
                    labels[next] = count;
                    waiting.push(next);
                }
            }
        }
        count += 1;
    }
    count as usize
}

/// A cell and those around it.
fn around(cell: usize, columns: usize, rows: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (cell % columns, cell / columns);
    let beside = x.saturating_sub(1)..(x + 2).min(columns);
    (y.saturating_sub(1)..(y + 2).min(rows))
        .flat_map(move |y| beside.clone().map(move |x| y * columns + x))
}

impl Piece {
    fn stretch_to(&mut self, run: &Run) {
        let (columns, y) = (&run.columns, run.y);
        let is_first = self.right == 0;
        self.left = if is_first {
            columns.start
        } else {
            self.left.min(columns.start)
        };
        self.top = if is_first { y } else { self.top.min(y) };
        self.right = self.right.max(columns.end);
        self.bottom = self.bottom.max(y + 1);
    }

    fn is_as_large_as_a_stamp(&self, mm: f32) -> bool {
        let (width, height) = (
            (self.right - self.left) as f32,
            (self.bottom - self.top) as f32,
        );
        WIDTH_MM.contains(&(width / mm)) && HEIGHT_MM.contains(&(height / mm))
    }

    fn bounds(&self, step: u32) -> PxBox {
        let px = |value: usize| value as u32 * step;
        PxBox {
            x_px: px(self.left),
            y_px: px(self.top),
            w_px: px(self.right - self.left),
            h_px: px(self.bottom - self.top),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    const DPI: u32 = 200;

    /// A page with lines of print, and a frame with three letters turned about its middle.
    fn page(turn_deg: f32, is_worn: bool) -> GrayImage {
        let mut page = GrayImage::from_pixel(1654, 1169, Luma([255]));
        for line in 0..12 {
            for x in (200..1400).filter(|x| x % 22 < 12 && x % 130 < 100) {
                for y in 0..16 {
                    page.put_pixel(x, 600 + line * 44 + y, Luma([20]));
                }
            }
        }
        let (sin, cos) = turn_deg.to_radians().sin_cos();
        for (x, y, value) in page.enumerate_pixels_mut() {
            let (right, down) = (x as f32 - 450.0, y as f32 - 400.0);
            let (u, v) = (right * cos + down * sin, down * cos - right * sin);
            let in_frame = u.abs() < 80.0 && v.abs() < 32.0 && !(u.abs() < 76.0 && v.abs() < 28.0);
            let in_letter = v.abs() < 14.0 && u.abs() < 50.0 && (u + 50.0) % 34.0 < 9.0;
            let lost = is_worn && ((u + 200.0) / 17.0) as i32 % 3 == 0;
            if (in_frame || in_letter) && !lost {
                *value = Luma([110]);
            }
        }
        page
    }

    fn frames_at(page: &GrayImage) -> Vec<f32> {
        let places = stamp_places(page, DPI).into_iter();
        let framed = places.filter(|place| {
            let (mut level, _) = level_place(page, DPI, place.bounds, place.turns_deg[0]);
            take_frame_out(&mut level, DPI).is_some()
        });
        framed.map(|place| place.turns_deg[0]).collect()
    }

    #[test]
    fn a_stamp_is_found_however_it_is_turned_and_worn() {
        for turn_deg in [-14.0, -7.0, 5.0, 12.0] {
            for is_worn in [false, true] {
                let found = frames_at(&page(turn_deg, is_worn));
                let near = |found: &f32| (found - turn_deg).abs() <= 1.5;
                assert!(found.iter().any(near), "{turn_deg} {is_worn}: {found:?}");
            }
        }
    }

    #[test]
    fn lines_of_print_are_no_stamp() {
        let mut page = page(0.0, false);
        for (_, y, value) in page.enumerate_pixels_mut() {
            if y < 590 {
                *value = Luma([255]);
            }
        }
        let slanted = |turn: &f32| turn.abs() >= LEVEL_DEG;
        assert!(!frames_at(&page).iter().any(slanted));
    }

    #[test]
    fn the_frame_goes_and_the_letters_stay() {
        let page = page(9.0, false);
        let bounds = PxBox {
            x_px: 365,
            y_px: 350,
            w_px: 170,
            h_px: 100,
        };
        let (mut level, to_page) = level_place(&page, DPI, bounds, 9.0);
        let found = take_frame_out(&mut level, DPI).expect("a frame");
        let frame = found.bounds;
        assert!(found.unbroken_mm > 15.0, "{found:?}");
        assert!(
            (150..170).contains(&frame.w_px) && (56..72).contains(&frame.h_px),
            "{frame:?}"
        );
        let inked = level.pixels().filter(|value| value.0[0] < INK).count();
        assert!((500..1200).contains(&inked), "{inked}");
        let middle = to_page.map(crate::model::Point {
            x_px: level.width() as f32 / 2.0,
            y_px: level.height() as f32 / 2.0,
        });
        assert!((middle.x_px - 450.0).abs() < 1.0 && (middle.y_px - 400.0).abs() < 1.0);
    }

    #[test]
    fn a_frame_of_letters_is_broken_everywhere() {
        let mut print = GrayImage::from_fn(220, 110, |x, y| {
            let is_letter = (20..180).contains(&x) && x % 8 < 5;
            let is_side = (20..24).contains(&x) || (176..180).contains(&x);
            let is_line = (16..20).contains(&y) || (80..84).contains(&y);
            let is_ink = (is_letter && is_line) || (is_side && (16..84).contains(&y));
            image::Luma([if is_ink { 60 } else { 250 }])
        });
        let frame = take_frame_out(&mut print, DPI).expect("a frame");
        assert!(frame.unbroken_mm < 2.0, "{frame:?}");
    }

    #[test]
    fn print_goes_and_what_is_paler_stays() {
        let pale = without_print(&page(9.0, false));
        assert!(pale.pixels().all(|value| value.0[0] > 40));
        assert!(pale.pixels().filter(|value| value.0[0] == 110).count() > 1500);
    }
}
