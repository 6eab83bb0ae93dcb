//! Page images: decoded for reading, encoded for keeping.
//!
//! Every decoder here takes whole files from strangers. Three rules hold in all of
//! them: sizes are checked against `max_pixels` before anything is allocated; a file
//! that ends early is a fault, never a page with a grey foot; and what comes out as
//! [`Decoded::original`] shows exactly the pixels of [`Decoded::raster`].

mod dpi;
mod encode;
mod exif;
mod fault;
pub mod jpeg;
pub mod jpeg2000;
mod pixels;
pub mod png;
mod scale;
mod steps;
pub mod tiff;
pub mod webp_bmp;

pub use encode::encode_lossless;
pub use fault::RasterFault;
pub(crate) use fault::check_size;
pub use pixels::colour_at;
pub(crate) use pixels::{color as color_pixels, gray as gray_pixels};
pub use scale::{Filter, block_means, scale};

use image::{GrayImage, RgbImage};
use serde::{Deserialize, Serialize};

use crate::model::Orientation;

/// One decoded page image, as stored (not yet turned upright).
#[derive(Clone, Debug)]
pub struct Raster {
    /// The pixels.
    pub pixels: Pixels,
    /// Resolution by the file's own word; absent where it says none or nonsense.
    pub dpi: Option<Dpi>,
    /// How to turn it upright, by the file's own word.
    pub orientation: Orientation,
}

/// What a decoder makes of one page.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The pixels.
    pub raster: Raster,
    /// The file's own bytes where a PDF can carry them as they are.
    pub original: Option<EncodedImage>,
}

impl Decoded {
    /// The image as a PDF will carry it: the file's own bytes, else a lossless encoding.
    pub fn into_page(self) -> Result<(Raster, EncodedImage), RasterFault> {
        let image = match self.original {
            Some(original) => original,
            None => encode_lossless(&self.raster.pixels)?,
        };
        Ok((self.raster, image))
    }
}

/// Pixels by what they can show.
#[derive(Clone, Debug)]
pub enum Pixels {
    /// Black (0) and white (255) only.
    Bilevel(GrayImage),
    /// 8-bit grey, 0 black.
    Gray(GrayImage),
    /// 8-bit sRGB.
    Color(RgbImage),
}

/// Dots per inch along each axis of the stored image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dpi {
    /// Across the stored image.
    pub x: f32,
    /// Down the stored image.
    pub y: f32,
}

/// An image in the very bytes that a PDF image stream carries (ISO 32000-1, 8.9.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncodedImage {
    /// Width of the stored image in pixels.
    pub width_px: u32,
    /// Height of the stored image in pixels.
    pub height_px: u32,
    /// How the bytes are coded.
    pub coding: Coding,
    /// What the samples mean.
    pub space: Space,
    /// The stream's bytes; they never travel as text.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// The filter of an image stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Coding {
    /// DCTDecode, the scanner's own bytes; `color_transform` 0 where three components are RGB already.
    Jpeg {
        /// Value for `/ColorTransform`; absent to leave the default.
        color_transform: Option<u8>,
    },
    /// JPXDecode, the scanner's own bytes: a JP2 file of one sRGB or grey image of 8 bits.
    Jpeg2000,
    /// CCITTFaxDecode, `/K -1`, `/BlackIs1 false` (a 0 bit is black).
    CcittG4,
    /// FlateDecode with PNG predictors (`/Predictor 15`).
    FlatePng,
}

/// The colour space of an encoded image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Space {
    /// One bit a pixel, DeviceGray.
    Bilevel,
    /// Eight bits a pixel, DeviceGray.
    Gray,
    /// Three times eight bits a pixel, sRGB as DeviceRGB under the output intent.
    Rgb,
}
