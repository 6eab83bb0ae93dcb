//! A page as the mark readers see it: grey, square pixels, at the resolution they ask for.

use std::borrow::Cow;

use image::GrayImage;

use crate::formats::raster::{Dpi, FilterType, Raster, scale};

/// Paper that goes through a scanner, in inches: from a card to beyond A3. What a file says
/// of its resolution is believed only where it makes such a paper.
const LEAST_SIDE_IN: f32 = 2.0;
const MOST_SIDE_IN: f32 = 17.0;

/// The longer side of A4, which a page of unknown resolution is taken for.
const A4_LONG_SIDE_IN: f32 = 11.69;

/// A page in grey with its resolution.
pub struct Picture<'a> {
    luma: Cow<'a, GrayImage>,
    dpi: Dpi,
}

impl<'a> Picture<'a> {
    /// The page in grey.
    pub fn of(raster: &'a Raster) -> Self {
        let luma = raster.pixels.luma();
        let (width_px, height_px) = luma.dimensions();
        let plausible = |dpi: &Dpi| {
            let sides = [width_px as f32 / dpi.x, height_px as f32 / dpi.y];
            sides
                .iter()
                .all(|side| (LEAST_SIDE_IN..MOST_SIDE_IN).contains(side))
        };
        let of_a4 = width_px.max(height_px) as f32 / A4_LONG_SIDE_IN;
        let dpi = raster
            .dpi
            .filter(plausible)
            .unwrap_or(Dpi { x: of_a4, y: of_a4 });
        Self { luma, dpi }
    }

    /// True where the page has more than this resolution along either side.
    pub fn is_sharper_than(&self, dpi: f32) -> bool {
        self.dpi.x.max(self.dpi.y) > dpi * 1.1
    }

    /// The page with square pixels at this resolution, or at its own where that is less.
    ///
    /// Fax pages have half as many rows as columns to the inch; no reader takes those.
    pub fn at(&self, dpi: f32) -> Cow<'_, GrayImage> {
        let dpi = dpi.min(self.dpi.x.max(self.dpi.y));
        let (width_px, height_px) = self.luma.dimensions();
        let side = |px: u32, own_dpi: f32| ((px as f32 * dpi / own_dpi).round() as u32).max(1);
        let (new_w, new_h) = (side(width_px, self.dpi.x), side(height_px, self.dpi.y));
        if (new_w, new_h) == (width_px, height_px) {
            return Cow::Borrowed(&self.luma);
        }
        Cow::Owned(scale(&self.luma, new_w, new_h, FilterType::Bilinear))
    }
}
