//! The reduced picture of a page, about 100 dots an inch, that all looking is done on.

use image::GrayImage;

use super::resolution::Resolution;
use crate::formats::raster::Pixels;

/// Text of 8 pt is still 6 px high here, and an A4 page is one million pixels.
const SKETCH_DPI: f32 = 100.0;

/// Brightness of the page, reduced by whole factors, in the place of the stored image.
pub struct Sketch {
    /// Mean brightness (ITU-R BT.601 luma) of each block of the image. Red seals are dark here:
    /// a page that bears only a stamp is not blank.
    pub luma: GrayImage,
    /// Pixels of the image a pixel of the sketch stands for, across and down.
    pub block_px: (u32, u32),
    /// Pixels of the sketch a millimetre, across and down.
    pub px_per_mm: (f32, f32),
}

/// Reduces the image in one pass; what is left over at the right and lower edge is dropped.
pub fn sketch(pixels: &Pixels, resolution: &Resolution) -> Sketch {
    let (width_px, height_px) = pixels.size();
    let block = |dpi: f32, side: u32| ((dpi / SKETCH_DPI).round() as u32).clamp(1, side.max(1));
    let block_px = (
        block(resolution.dpi.x, width_px),
        block(resolution.dpi.y, height_px),
    );
    let luma = match pixels {
        Pixels::Bilevel(image) | Pixels::Gray(image) => {
            reduce::<1>(image.as_raw(), width_px, height_px, block_px, |sum| sum[0])
        }
        Pixels::Color(image) => reduce::<3>(image.as_raw(), width_px, height_px, block_px, |sum| {
            ((77 * u64::from(sum[0]) + 150 * u64::from(sum[1]) + 29 * u64::from(sum[2])) >> 8)
                as u32
        }),
    };
    Sketch {
        luma,
        block_px,
        px_per_mm: (
            resolution.dpi.x / block_px.0 as f32 / 25.4,
            resolution.dpi.y / block_px.1 as f32 / 25.4,
        ),
    }
}

/// Means of blocks of `C` interleaved channels; `mix` makes one sum of the channels' sums.
fn reduce<const C: usize>(
    samples: &[u8],
    width_px: u32,
    height_px: u32,
    (block_w, block_h): (u32, u32),
    mix: impl Fn(&[u32; C]) -> u32,
) -> GrayImage {
    let (out_w, out_h) = (width_px / block_w, height_px / block_h);
    let row_len = width_px as usize * C;
    let mut out = Vec::with_capacity((out_w * out_h) as usize);
    let mut sums = vec![[0_u32; C]; out_w as usize];
    let count = block_w * block_h;
    for band in samples
        .chunks_exact((row_len * block_h as usize).max(1))
        .take(out_h as usize)
    {
        sums.fill([0; C]);
        for row in band.chunks_exact(row_len) {
            for (sum, block) in sums.iter_mut().zip(row.chunks_exact(block_w as usize * C)) {
                for pixel in block.chunks_exact(C) {
                    for channel in 0..C {
                        sum[channel] += u32::from(pixel[channel]);
                    }
                }
            }
        }
        out.extend(sums.iter().map(|sum| (mix(sum) / count).min(255) as u8));
    }
    GrayImage::from_raw(out_w, out_h, out).expect("one sample was written for each block")
}
