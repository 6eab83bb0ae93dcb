//! The reduced picture of a page, about 100 dots an inch, that all looking is done on.

use image::GrayImage;

use super::resolution::Resolution;
use crate::formats::raster::block_means;

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

/// Reduces the page's brightness; what is left over at the right and lower edge is dropped.
pub fn sketch(luma: &GrayImage, resolution: &Resolution) -> Sketch {
    let (width_px, height_px) = luma.dimensions();
    let block = |dpi: f32, side: u32| ((dpi / SKETCH_DPI).round() as u32).clamp(1, side.max(1));
    let block_px = (
        block(resolution.dpi.x, width_px),
        block(resolution.dpi.y, height_px),
    );
    Sketch {
        luma: block_means(luma, block_px),
        block_px,
        px_per_mm: (
            resolution.dpi.x / block_px.0 as f32 / 25.4,
            resolution.dpi.y / block_px.1 as f32 / 25.4,
        ),
    }
}
