//! Small frames in the upper half of a page: the boxes of stamps, `MẬT`, `HỎA TỐC`.
//!
//! Recognisers take a box for a picture and pass over what stands in it (measured: two of two
//! boxed `MẬT` on pages of 200 dpi). So frames are looked for here, and read by themselves.

use image::GrayImage;

use crate::model::PxBox;

/// Darker than this is ink; faded red is some 130 grey.
const INK: u8 = 160;
/// A side of a worn stamp has gaps of at most this.
const MAX_GAP_MM: f32 = 0.5;
/// A line thicker than this is no frame's.
const MAX_THICK_MM: f32 = 2.0;
/// How far the ends of two sides may stand apart.
const MAX_OFF_MM: f32 = 2.5;
/// Sides of a stamp: `MẬT` is some 14 by 6 mm, `HỎA TỐC HẸN GIỜ` up to 60 by 20.
const WIDTH_MM: std::ops::RangeInclusive<f32> = 9.0..=75.0;
const HEIGHT_MM: std::ops::RangeInclusive<f32> = 4.5..=25.0;
/// Share of its rows in which an upright side has ink.
const LEAST_OF_A_SIDE: f32 = 0.7;
/// More frames are a form's.
const MAX_FRAMES: usize = 8;

/// A level line of ink.
#[derive(Clone, Copy, Debug)]
struct Bar {
    left_px: u32,
    right_px: u32,
    top_px: u32,
    bottom_px: u32,
}

/// The insides of small frames in the upper half, from top to bottom; lines run level.
pub fn frames(page: &GrayImage, dpi: u32) -> Vec<PxBox> {
    let mm = dpi as f32 / 25.4;
    let bars = bars(page, mm);
    let mut found = Vec::new();
    for (at, top) in bars.iter().enumerate() {
        let below = bars[at + 1..].iter();
        let frame = below
            .filter(|bottom| are_opposite(top, bottom, mm))
            .find(|bottom| has_sides(page, top, bottom, mm));
        found.extend(frame.and_then(|bottom| inside(top, bottom)));
    }
    // A side broken by noise makes a second, smaller frame of the same box.
    let whole = |frame: &&PxBox| {
        !found
            .iter()
            .any(|other| frame.overlaps(other) && other.w_px > frame.w_px)
    };
    found
        .iter()
        .filter(whole)
        .take(MAX_FRAMES)
        .copied()
        .collect()
}

/// Level lines as long as a stamp is wide. The lines of a table run on and are longer.
fn bars(page: &GrayImage, mm: f32) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for y in 0..page.height() / 2 {
        for (left_px, right_px) in runs(page, y, mm) {
            let goes_on = |bar: &&mut Bar| {
                y - bar.bottom_px <= 2
                    && bar.left_px.abs_diff(left_px) as f32 <= MAX_OFF_MM * mm
                    && bar.right_px.abs_diff(right_px) as f32 <= MAX_OFF_MM * mm
            };
            match bars.iter_mut().rev().find(goes_on) {
                Some(bar) => {
                    bar.bottom_px = y;
                    bar.left_px = bar.left_px.min(left_px);
                    bar.right_px = bar.right_px.max(right_px);
                }
                None => bars.push(Bar {
                    left_px,
                    right_px,
                    top_px: y,
                    bottom_px: y,
                }),
            }
        }
    }
    bars.retain(|bar| ((bar.bottom_px - bar.top_px) as f32) < MAX_THICK_MM * mm);
    bars
}

/// Runs of ink in one row, small gaps closed: left and right end of each that may be a side.
fn runs(page: &GrayImage, y: u32, mm: f32) -> Vec<(u32, u32)> {
    let width_px = page.width();
    let start = (y * width_px) as usize;
    let row = &page.as_raw()[start..start + width_px as usize];
    let max_gap_px = (MAX_GAP_MM * mm) as u32;
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for (x, _) in (0u32..).zip(row).filter(|(_, value)| **value < INK) {
        match runs.last_mut() {
            Some((_, right)) if x - *right <= max_gap_px + 1 => *right = x,
            _ => runs.push((x, x)),
        }
    }
    runs.retain(|(left, right)| WIDTH_MM.contains(&((right - left) as f32 / mm)));
    runs
}

fn are_opposite(top: &Bar, bottom: &Bar, mm: f32) -> bool {
    let height_px = bottom.top_px.saturating_sub(top.bottom_px);
    HEIGHT_MM.contains(&(height_px as f32 / mm))
        && top.left_px.abs_diff(bottom.left_px) as f32 <= MAX_OFF_MM * mm
        && top.right_px.abs_diff(bottom.right_px) as f32 <= MAX_OFF_MM * mm
        && (top.right_px - top.left_px) > height_px
}

/// True where ink joins the ends of both lines.
fn has_sides(page: &GrayImage, top: &Bar, bottom: &Bar, mm: f32) -> bool {
    let reach_px = (MAX_OFF_MM * mm / 2.0) as u32;
    let rows = top.bottom_px + 1..bottom.top_px;
    let has_side = |x_px: u32| {
        let right_px = (x_px + reach_px).min(page.width() - 1);
        let columns = x_px.saturating_sub(reach_px)..=right_px;
        let inked = rows.clone().filter(|&y| {
            let mut columns = columns.clone();
            columns.any(|x| page.get_pixel(x, y).0[0] < INK)
        });
        inked.count() as f32 >= LEAST_OF_A_SIDE * rows.len() as f32
    };
    has_side(top.left_px) && has_side(top.right_px)
}

/// What lies inside of the lines.
fn inside(top: &Bar, bottom: &Bar) -> Option<PxBox> {
    let thick_px = (top.bottom_px - top.top_px).max(bottom.bottom_px - bottom.top_px) + 2;
    let left_px = top.left_px.max(bottom.left_px) + thick_px;
    let right_px = top.right_px.min(bottom.right_px).checked_sub(thick_px)?;
    let (y_px, end_px) = (top.bottom_px + 2, bottom.top_px.checked_sub(1)?);
    Some(PxBox {
        x_px: left_px,
        y_px,
        w_px: right_px.checked_sub(left_px)?,
        h_px: end_px.checked_sub(y_px)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    const DPI: u32 = 200;

    fn page() -> GrayImage {
        GrayImage::from_pixel(1654, 2339, Luma([230]))
    }

    fn line(page: &mut GrayImage, x: std::ops::Range<u32>, y: std::ops::Range<u32>) {
        for y in y {
            for x in x.clone() {
                page.put_pixel(x, y, Luma([100]));
            }
        }
    }

    fn frame(page: &mut GrayImage, x: u32, y: u32, w: u32, h: u32) {
        line(page, x..x + w, y..y + 3);
        line(page, x..x + w, y + h - 3..y + h);
        line(page, x..x + 3, y..y + h);
        line(page, x + w - 3..x + w, y..y + h);
    }

    #[test]
    fn a_box_of_a_stamp_is_found_with_its_inside() {
        let mut page = page();
        frame(&mut page, 450, 360, 135, 58);
        // A gap worn into its upper side.
        for y in 360..363 {
            for x in 500..503 {
                page.put_pixel(x, y, Luma([230]));
            }
        }
        let found = frames(&page, DPI);
        assert_eq!(found.len(), 1);
        let inside = found[0];
        assert!((450..460).contains(&inside.x_px) && (575..585).contains(&inside.right_px()));
        assert!((362..368).contains(&inside.y_px) && (410..418).contains(&inside.bottom_px()));
    }

    #[test]
    fn tables_underlines_and_the_lower_half_are_no_frames() {
        let mut table = page();
        for row in 0..4 {
            line(&mut table, 200..1400, 300 + 60 * row..303 + 60 * row);
        }
        for column in 0..9 {
            line(&mut table, 200 + 150 * column..203 + 150 * column, 300..480);
        }
        assert_eq!(frames(&table, DPI), []);
        let mut lines = page();
        line(&mut lines, 450..580, 270..273);
        line(&mut lines, 450..580, 330..333);
        assert_eq!(frames(&lines, DPI), []);
        let mut low = page();
        frame(&mut low, 450, 1500, 135, 58);
        assert_eq!(frames(&low, DPI), []);
    }
}
