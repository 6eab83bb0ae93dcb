//! Clean: from the page image as stored to one that is easy to read; blank pages told apart.
//!
//! The archived image is never changed: what is made here is only for reading.

use image::GrayImage;
use serde::{Deserialize, Serialize};

use crate::formats::raster::Raster;
use crate::model::{Affine, Orientation};

/// What clean may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {}

impl Default for Options {
    fn default() -> Self {
        Self {}
    }
}

/// A page made ready for reading.
pub struct CleanPage {
    /// The picture to read: upright as far as known, skew taken out, dark ink on white.
    pub reading: GrayImage,
    /// Resolution of `reading`.
    pub reading_dpi: u32,
    /// From pixels of `reading` to pixels of the upright page.
    pub to_page: Affine,
    /// From the stored image to the upright page.
    pub orientation: Orientation,
    /// Width of the upright page in pixels.
    pub width_px: u32,
    /// Height of the upright page in pixels.
    pub height_px: u32,
    /// Resolution of the upright page (the smaller, where the axes differ).
    pub dpi: u32,
    /// True where the file said no resolution and it was estimated from the page's size.
    pub dpi_estimated: bool,
    /// True where nothing is written on the page.
    pub blank: bool,
}

/// Makes a page ready for reading.
pub fn clean(_raster: &Raster, _options: &Options) -> CleanPage {
    todo!()
}

impl CleanPage {
    /// The same page turned by 180°, for pages that read badly as they are.
    pub fn upside_down(&self) -> CleanPage {
        todo!()
    }
}
