//! What the samples of a page mean: grey, colours, palette indices, inks.

use super::chunks;
use super::directory::{BLACK_IS_ZERO, CMYK, Directory, JPEG, PALETTE, RGB, WHITE_IS_ZERO, YCBCR};
use crate::formats::raster::pixels::{color, gray, on_white, rgb_of_inks, rgb_of_ycbcr};
use crate::formats::raster::{Pixels, RasterFault};

/// ExtraSamples 1: colour already multiplied by alpha.
const PREMULTIPLIED: u16 = 1;
/// ExtraSamples 2: alpha beside unchanged colour.
const UNMULTIPLIED: u16 = 2;

/// Decodes a page strip by strip or tile by tile.
pub(super) fn decode(
    bytes: &[u8],
    page: &Directory,
    max_pixels: u64,
) -> Result<Pixels, RasterFault> {
    let mut samples = chunks::samples(bytes, page, max_pixels)?;
    let (width_px, height_px) = (page.width_px, page.height_px);
    let channels = usize::from(page.samples);
    match (page.photometric, channels) {
        (WHITE_IS_ZERO | BLACK_IS_ZERO, _) => {
            // With extra samples the first is the grey, the second may be its alpha.
            let grey = samples.iter().step_by(channels).copied().collect();
            let mut grey: Vec<u8> = stretched(grey, page);
            if let (Some(kind), 2.., 8..) = (page.extra, channels, page.bits) {
                let alphas = samples.iter().skip(1).step_by(channels);
                for (sample, alpha) in grey.iter_mut().zip(alphas) {
                    *sample = shown(*sample, *alpha, kind);
                }
            }
            gray(width_px, height_px, grey)
        }
        (PALETTE, _) => {
            let indices = samples.into_iter().step_by(channels);
            color(width_px, height_px, looked_up(indices, &page.color_map)?)
        }
        (RGB, 3) => color(width_px, height_px, samples),
        (RGB, 4..) => color(width_px, height_px, laid_on_white(&samples, page)),
        (CMYK, 4..) => {
            let inks: Vec<u8> = first(&samples, channels, 4);
            color(width_px, height_px, rgb_of_inks(&inks))
        }
        (YCBCR, 3) => {
            // A JPEG's colours come as RGB already, but for planes one by one.
            if page.compression != JPEG || page.planar == 2 {
                rgb_of_ycbcr(&mut samples);
            }
            color(width_px, height_px, samples)
        }
        (photometric, channels) => Err(RasterFault::unsupported(format!(
            "{channels} samples of photometric interpretation {photometric}"
        ))),
    }
}

/// The first so many channels of each pixel.
fn first(samples: &[u8], channels: usize, kept: usize) -> Vec<u8> {
    let pixels = samples.chunks_exact(channels);
    pixels.flat_map(|pixel| &pixel[..kept]).copied().collect()
}

/// Four channels or more to three by what the fourth is.
fn laid_on_white(samples: &[u8], page: &Directory) -> Vec<u8> {
    let kind = page.extra.unwrap_or(0);
    let pixels = samples.chunks_exact(usize::from(page.samples));
    pixels
        .flat_map(|pixel| [0, 1, 2].map(|channel| shown(pixel[channel], pixel[3], kind)))
        .collect()
}

/// A sample on white paper, by the kind of the extra sample beside it; an unspecified one is no alpha.
fn shown(sample: u8, alpha: u8, kind: u16) -> u8 {
    match kind {
        UNMULTIPLIED => on_white(sample, alpha),
        PREMULTIPLIED => sample.saturating_add(255 - alpha),
        _ => sample,
    }
}

/// Values of 1, 2 or 4 bits spread over 0 to 255, and turned where 0 is white.
fn stretched(mut values: Vec<u8>, page: &Directory) -> Vec<u8> {
    let factor = match page.bits {
        bits @ 1..8 => 255 / ((1 << bits) - 1),
        _ => 1,
    };
    let turned = if page.photometric == WHITE_IS_ZERO {
        255
    } else {
        0
    };
    values.iter_mut().for_each(|v| *v = (*v * factor) ^ turned);
    values
}

/// The colour map holds all reds, then all greens, then all blues, 16 bits each
/// (TIFF 6.0, section 5).
fn looked_up(indices: impl Iterator<Item = u8>, map: &[u16]) -> Result<Vec<u8>, RasterFault> {
    let entries = map.len() / 3;
    // Some writers fill only the low byte; then no entry is above 255.
    let shift = if map.iter().all(|&v| v < 256) { 0 } else { 8 };
    let mut out = Vec::new();
    for index in indices.map(usize::from) {
        if index >= entries {
            return Err(RasterFault::corrupt("a colour outside the palette"));
        }
        out.extend((0..3).map(|channel| (map[channel * entries + index] >> shift) as u8));
    }
    Ok(out)
}
