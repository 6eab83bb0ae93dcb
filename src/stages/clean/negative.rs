//! Negatives: whole pages of light letters on a dark ground, as microfilm has them, or a fax program that took white for black.

use image::{GrayImage, imageops};

/// The page is looked at in so many cells along each side, each by so many samples along each side.
const CELLS: u32 = 32;
const SAMPLES: u32 = 8;
/// Darker is ground, lighter is letters.
const DARK_BELOW: u8 = 96;
const LIGHT_FROM: u8 = 160;
/// Nearly all cells of a negative are dark in the most part: a sheet on a black lid is light where it lies.
const DARK_CELLS: f32 = 0.9;
/// And so many have something light on them: a black sheet has not.
const WRITTEN_CELLS: f32 = 0.04;
/// Of the cells that have something light so many are dark in the most part: those of a card on a black lid are not.
const DARK_OF_WRITTEN: f32 = 0.75;

/// True for a page of light letters on a dark ground.
pub fn is_negative(luma: &GrayImage) -> bool {
    let (mut dark, mut written, mut both) = (0_u32, 0_u32, 0_u32);
    for cell in 0..CELLS * CELLS {
        let (is_dark, is_written) = look_at(luma, cell % CELLS, cell / CELLS);
        dark += u32::from(is_dark);
        written += u32::from(is_written);
        both += u32::from(is_dark && is_written);
    }
    let of = |part: f32, whole: u32| part * whole as f32;
    let all = CELLS * CELLS;
    dark as f32 >= of(DARK_CELLS, all)
        && written as f32 >= of(WRITTEN_CELLS, all)
        && both as f32 >= of(DARK_OF_WRITTEN, written)
}

/// The page with dark letters on a light ground.
pub fn positive(negative: &GrayImage) -> GrayImage {
    let mut positive = negative.clone();
    imageops::invert(&mut positive);
    positive
}

/// Whether a cell is dark in the most part, and whether anything light is on it.
fn look_at(luma: &GrayImage, column: u32, row: u32) -> (bool, bool) {
    let (mut dark, mut light) = (0, 0);
    for sample in 0..SAMPLES * SAMPLES {
        let place = |cell: u32, step: u32, side: u32| {
            let steps = u64::from(CELLS * SAMPLES);
            (u64::from(cell * SAMPLES + step) * u64::from(side) / steps) as u32
        };
        let x = place(column, sample % SAMPLES, luma.width());
        let y = place(row, sample / SAMPLES, luma.height());
        let value = luma.get_pixel(x, y).0[0];
        dark += u32::from(value < DARK_BELOW);
        light += u32::from(value >= LIGHT_FROM);
    }
    (2 * dark > SAMPLES * SAMPLES, light > 0)
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// A page with lines of strokes, and black beyond the part of it that is the sheet.
    fn page(paper: u8, ink: u8, sheet: f32) -> GrayImage {
        GrayImage::from_fn(840, 1188, |x, y| {
            let stroke = x % 12 < 3 && y % 40 < 12 && (60..780).contains(&x);
            let on_sheet = (x as f32) < 840.0 * sheet && (y as f32) < 1188.0 * sheet;
            match (on_sheet, stroke) {
                (false, _) => Luma([12]),
                (true, true) => Luma([ink]),
                (true, false) => Luma([paper]),
            }
        })
    }

    #[test]
    fn light_letters_on_black_are_a_negative_and_turned_round_are_none() {
        let negative = page(10, 240, 1.0);
        assert!(is_negative(&negative));
        assert!(!is_negative(&positive(&negative)));
    }

    #[test]
    fn a_black_sheet_and_a_card_on_a_black_lid_are_no_negatives() {
        assert!(!is_negative(&page(12, 12, 1.0)));
        assert!(!is_negative(&page(250, 30, 0.3)));
        assert!(!is_negative(&GrayImage::new(1, 1)));
    }
}
