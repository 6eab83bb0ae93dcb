//! A page in black and white for the search for symbols of squares, with a threshold for each place.
//!
//! The way is that of zxing's own `HybridBinarizer`: blocks of eight pixels have a threshold halfway between their
//! darkest and their brightest where these lie apart, and what stands around evens them out. There it takes one pixel
//! after the other and most of the time of a search that finds nothing, as most do; here rows at once.

use image::GrayImage;

/// Side of a block.
const BLOCK_PX: usize = 8;
/// A block whose grey reaches less far has no threshold of its own.
const LEAST_CONTRAST: u8 = 24;
/// Blocks to each side whose thresholds are mixed in.
const REACH: usize = 2;

/// The page with 0 for black and 255 for white; none where nothing on it stands out, or where it is too small for
/// a symbol.
pub fn black_and_white(luma: &GrayImage) -> Option<GrayImage> {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let least_px = BLOCK_PX * (2 * REACH + 1);
    if width < least_px || height < least_px {
        return None;
    }
    let columns = width.div_ceil(BLOCK_PX);
    let own = of_blocks(luma, columns);
    let smooth = fill_gaps(smooth(&own, columns))?;
    let mut sharp = vec![0; width * height];
    let mut thresholds = vec![0; width];
    for (row, smooth) in smooth.chunks_exact(columns).enumerate() {
        for (column, threshold) in smooth.iter().enumerate() {
            thresholds[block(column, width)].fill(*threshold);
        }
        for y in block(row, height) {
            let pixels = y * width..(y + 1) * width;
            let new = sharp[pixels.clone()].iter_mut();
            for ((new, value), threshold) in new.zip(&luma.as_raw()[pixels]).zip(&thresholds) {
                *new = if value <= threshold { 0 } else { 255 };
            }
        }
    }
    GrayImage::from_raw(luma.width(), luma.height(), sharp)
}

/// Where the block of this number lies; the last one ends where the page does, over a part of the one before.
fn block(number: usize, side_px: usize) -> std::ops::Range<usize> {
    let start = (number * BLOCK_PX).min(side_px - BLOCK_PX);
    start..start + BLOCK_PX
}

/// The threshold of each block, row by row; 0 where its grey hardly changes.
fn of_blocks(luma: &GrayImage, columns: usize) -> Vec<u8> {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let mut own = Vec::with_capacity(columns * height.div_ceil(BLOCK_PX));
    let (mut least, mut most) = (vec![0; width], vec![0; width]);
    for row in 0..height.div_ceil(BLOCK_PX) {
        least.fill(u8::MAX);
        most.fill(0);
        for y in block(row, height) {
            let values = &luma.as_raw()[y * width..(y + 1) * width];
            for ((least, most), value) in least.iter_mut().zip(&mut most).zip(values) {
                *least = (*least).min(*value);
                *most = (*most).max(*value);
            }
        }
        own.extend((0..columns).map(|column| {
            let at = block(column, width);
            let least = least[at.clone()].iter().fold(u8::MAX, |a, b| a.min(*b));
            let most = most[at].iter().fold(0, |a, b| a.max(*b));
            match most - least > LEAST_CONTRAST {
                true => least.midpoint(most),
                false => 0,
            }
        }));
    }
    own
}

/// Each block's threshold as the mean of those around it that have one, its own counted three times; the ones at the
/// edge of the page take those around the nearest block that has all its neighbours. 0 where there is none.
fn smooth(own: &[u8], columns: usize) -> Vec<u8> {
    let rows = own.len() / columns;
    let inside = |place: usize, places: usize| place.clamp(REACH, places - REACH - 1);
    // Sum in the upper half, how many in the lower: 27 values of a byte fit.
    let counted = |value: &u8| u32::from(*value) << 16 | u32::from(*value > 0);
    let counted: Vec<u32> = own.iter().map(counted).collect();
    let along: Vec<u32> = counted
        .chunks_exact(columns)
        .flat_map(|row| {
            (0..columns).map(move |column| {
                let middle = inside(column, columns);
                row[middle - REACH..=middle + REACH].iter().sum::<u32>()
            })
        })
        .collect();
    let mean = |(place, counted): (usize, &u32)| {
        let (row, column) = (inside(place / columns, rows), place % columns);
        let around = (row - REACH..=row + REACH).map(|row| along[row * columns + column]);
        let sum = around.sum::<u32>() + 2 * counted;
        (sum >> 16).checked_div(sum & 0xffff).unwrap_or(0) as u8
    };
    counted.iter().enumerate().map(mean).collect()
}

/// Blocks far from all contrast get the threshold of the next one that has one; none where no block has.
fn fill_gaps(mut thresholds: Vec<u8>) -> Option<Vec<u8>> {
    let mut next = thresholds.iter().copied().rfind(|value| *value > 0)?;
    for threshold in thresholds.iter_mut().rev() {
        if *threshold == 0 {
            *threshold = next;
        }
        next = *threshold;
    }
    Some(thresholds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    #[test]
    fn dark_squares_are_told_from_paper_where_the_light_falls_off() {
        let light = |x: u32| 250 - (x * 200 / 400) as u8;
        let is_dark = |x: u32, y: u32| (x / 6 + y / 6).is_multiple_of(2);
        let page = GrayImage::from_fn(403, 261, |x, y| {
            Luma([if is_dark(x, y) {
                light(x) / 3
            } else {
                light(x)
            }])
        });
        let sharp = black_and_white(&page).expect("it has contrast");
        for (x, y, pixel) in sharp.enumerate_pixels() {
            assert_eq!(pixel.0[0] == 0, is_dark(x, y), "at {x},{y}");
        }
    }

    #[test]
    fn an_even_page_and_a_strip_have_no_symbols() {
        let even = GrayImage::from_pixel(300, 300, Luma([200]));
        assert_eq!(black_and_white(&even), None);
        for (width, height) in [(0, 0), (1, 2000), (2000, 39), (39, 2000)] {
            assert_eq!(black_and_white(&GrayImage::new(width, height)), None);
        }
    }

    #[test]
    fn paper_far_from_a_symbol_stays_white() {
        let page = GrayImage::from_fn(900, 900, |x, y| {
            let in_symbol = (600..700).contains(&x) && (500..600).contains(&y);
            Luma([if in_symbol && (x / 5 + y / 5).is_multiple_of(2) {
                40
            } else {
                220
            }])
        });
        let sharp = black_and_white(&page).expect("it has contrast");
        let black = sharp.iter().filter(|value| **value == 0).count();
        assert_eq!(black, 100 * 100 / 2);
    }
}
