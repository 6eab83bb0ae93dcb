//! What is red on the upper half of a page, alone: a stamp over the print is read without the print.

use image::{GrayImage, Luma, RgbImage};

use super::CleanPage;
use crate::formats::raster::{Pixels, Raster, colour_at};
use crate::model::Point;

/// How far down a page stamps are looked for.
pub(super) const DEPTH: f32 = 0.5;
/// Red is brighter than green and blue by so much; colour fringes of a scanner are below.
const RED: u8 = 45;
/// So much red is full ink.
const FULL: f32 = 115.0;
/// Every so many pixels one is looked at…
const STEP_PX: usize = 8;
/// …and where fewer of these are red than a worn `MẬT` has, there is nothing.
const LEAST_RED: usize = 12;

/// The red ink of the upper half, dark on white, in the place of the picture to read; none where nothing is red.
pub fn red_layer(raster: &Raster, page: &CleanPage) -> Option<GrayImage> {
    let Pixels::Color(pixels) = &raster.pixels else {
        return None;
    };
    let mut layer = upper_half(&page.reading);
    let of_page = |x: u32, y: u32| stored(page, pixels, x, y).map_or(0, redness);
    let rows = (0..layer.height()).step_by(STEP_PX);
    let seen = rows.flat_map(|y| (0..layer.width()).step_by(STEP_PX).map(move |x| (x, y)));
    let red = seen.filter(|(x, y)| of_page(*x, *y) >= RED);
    if red.count() < LEAST_RED {
        return None;
    }
    for (x, y, value) in layer.enumerate_pixels_mut() {
        let ink = f32::from(of_page(x, y)) / FULL;
        *value = Luma([(255.0 * (1.0 - ink.min(1.0))) as u8]);
    }
    Some(layer)
}

/// The part of a page in which stamps are looked for.
pub fn upper_half(reading: &GrayImage) -> GrayImage {
    let height = ((reading.height() as f32 * DEPTH) as u32).max(1);
    let samples = reading.as_raw()[..(reading.width() * height) as usize].to_vec();
    GrayImage::from_raw(reading.width(), height, samples).expect("whole rows were taken")
}

pub(super) fn redness([red, green, blue]: [u8; 3]) -> u8 {
    red.saturating_sub(green.max(blue))
}

/// The stored pixel that the picture to read shows there; none beyond the page.
fn stored(page: &CleanPage, pixels: &RgbImage, x: u32, y: u32) -> Option<[u8; 3]> {
    let at = page.to_page.map(Point {
        x_px: x as f32 + 0.5,
        y_px: y as f32 + 0.5,
    });
    let (width, height) = (page.width_px as f32, page.height_px as f32);
    if at.x_px < 0.0 || at.y_px < 0.0 || at.x_px >= width || at.y_px >= height {
        return None;
    }
    let stored = page
        .orientation
        .to_stored(at, page.width_px, page.height_px);
    Some(colour_at(pixels, stored))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::raster::Dpi;
    use crate::model::Orientation;
    use crate::stages::clean::{Options, clean};
    use image::Rgb;

    /// A page with a red bar near the top of its upright left side, and black bars as of text.
    fn page(quarter_turns: u8) -> Raster {
        let mut upright = RgbImage::from_pixel(1240, 1754, Rgb([250, 249, 246]));
        for y in 0..40 {
            for x in 0..300 {
                upright.put_pixel(200 + x, 300 + y, Rgb([205, 40, 48]));
            }
        }
        for line in 0..20 {
            for x in (150..1000).filter(|x| x % 24 < 14) {
                for y in 0..14 {
                    upright.put_pixel(x, 500 + line * 50 + y, Rgb([30, 30, 30]));
                }
            }
        }
        // Turned the other way than the file says to turn it.
        let stored = match quarter_turns {
            1 => image::imageops::rotate270(&upright),
            2 => image::imageops::rotate180(&upright),
            3 => image::imageops::rotate90(&upright),
            _ => upright,
        };
        Raster {
            pixels: Pixels::Color(stored),
            dpi: Some(Dpi { x: 150.0, y: 150.0 }),
            orientation: Orientation {
                quarter_turns,
                ..Orientation::default()
            },
        }
    }

    #[test]
    fn red_is_found_at_its_place_however_the_page_is_stored() {
        for quarter_turns in 0..4 {
            let raster = page(quarter_turns);
            let cleaned = clean(&raster, &Options::default());
            let layer = red_layer(&raster, &cleaned).expect("a red bar");
            let scale = 200.0 / 150.0;
            let at = |x: f32, y: f32| layer.get_pixel((x * scale) as u32, (y * scale) as u32).0[0];
            assert!(at(350.0, 320.0) < 40, "{quarter_turns}");
            assert!(
                at(350.0, 360.0) > 200 && at(180.0, 320.0) > 200,
                "{quarter_turns}"
            );
            assert!(at(155.0, 505.0) > 200, "print is not red");
        }
    }

    #[test]
    fn a_page_without_red_has_no_red_layer() {
        let mut raster = page(0);
        if let Pixels::Color(pixels) = &mut raster.pixels {
            pixels
                .pixels_mut()
                .for_each(|pixel| pixel.0 = [pixel.0[1]; 3]);
        }
        let cleaned = clean(&raster, &Options::default());
        assert!(red_layer(&raster, &cleaned).is_none());
    }
}
