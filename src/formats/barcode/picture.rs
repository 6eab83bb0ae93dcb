//! A page as the mark readers see it: grey, square pixels, at the resolution they ask for.

use std::borrow::Cow;

use image::GrayImage;

use crate::formats::raster::{Dpi, Filter, Raster, block_means, scale};

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
    /// The page in grey, as it lies in the file.
    pub fn of(raster: &Raster, luma: &'a GrayImage) -> Self {
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
        let luma = Cow::Borrowed(luma);
        Self { luma, dpi }
    }

    /// True where the page has more than this resolution along either side.
    pub fn is_sharper_than(&self, dpi: f32) -> bool {
        self.dpi.x.max(self.dpi.y) > dpi * 1.1
    }

    /// The page with square pixels at this resolution, or at its own where that is less.
    ///
    /// Fax pages have half as many rows as columns to the inch; no reader takes those.
    pub fn at(&self, dpi: f32) -> Picture<'_> {
        let dpi = dpi.min(self.dpi.x.max(self.dpi.y));
        let (width_px, height_px) = self.luma.dimensions();
        let side = |px: u32, own_dpi: f32| ((px as f32 * dpi / own_dpi).round() as u32).max(1);
        let size_px = (side(width_px, self.dpi.x), side(height_px, self.dpi.y));
        Picture {
            luma: scale(Cow::Borrowed(self.luma.as_ref()), size_px, Filter::Bilinear),
            dpi: Dpi { x: dpi, y: dpi },
        }
    }

    /// The same as [`Self::at`], from means of four pixels where those are what is asked for.
    pub fn halved(&self, dpi: f32) -> Picture<'_> {
        let (width_px, height_px) = self.luma.dimensions();
        let is_double = (self.dpi.x, self.dpi.y) == (2.0 * dpi, 2.0 * dpi);
        if !is_double || width_px.min(height_px) < 2 {
            return self.at(dpi);
        }
        Picture {
            luma: Cow::Owned(block_means(&self.luma, (2, 2))),
            dpi: Dpi { x: dpi, y: dpi },
        }
    }

    /// Its pixels.
    pub fn luma(&self) -> &GrayImage {
        &self.luma
    }
}
