//! JPEG 2000: JP2 files and bare codestreams, decoded for reading.
//!
//! Plain JP2 files keep their own bytes in the PDF: they are lossy more often than not,
//! and a lossless copy of a lossy page is some ten times its size. Plain is what ISO 19005-2,
//! 6.2.8.3 allows and every reader shows alike: one enumerated colour space, sRGB or grey,
//! 8 bits a sample, no palette, no alpha, no subsampling. All else is encoded anew.

mod boxes;
mod structure;

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};

use self::boxes::Colour;
pub(crate) use self::structure::{Structure, walk};
use super::fault::check_size;
use super::pixels::{color, flattened, gray, rgb_of_inks};
use super::{Coding, Decoded, EncodedImage, Pixels, Raster, RasterFault, Space};
use crate::model::Orientation;

/// Numbers of enumerated colour spaces (T.800, table I.10; T.801, table M.25).
const CMYK: u32 = 12;
const SRGB: u32 = 16;
const GREY: u32 = 17;
const SYCC: u32 = 18;

/// Checks boxes, markers and size without decoding, and gives the pixels.
pub fn inspect(bytes: &[u8], max_pixels: u64) -> Result<u64, RasterFault> {
    let structure = walk(bytes, max_pixels)?;
    structure.check_colour()?;
    check_size(structure.width_px, structure.height_px, max_pixels)
}

/// Decodes a JP2 file or a bare codestream; see-through pixels show white paper.
pub fn decode(bytes: &[u8], max_pixels: u64) -> Result<Decoded, RasterFault> {
    let structure = walk(bytes, max_pixels)?;
    structure.check_colour()?;
    let pixels = pixels(bytes, &structure)?.narrowed();
    let size_px = (structure.width_px, structure.height_px);
    Ok(Decoded {
        original: pass_through(bytes, &structure, &pixels),
        raster: Raster {
            pixels,
            dpi: structure.boxes.as_ref().and_then(|b| b.dpi(size_px)),
            orientation: Orientation::UPRIGHT,
        },
    })
}

fn pixels(bytes: &[u8], structure: &Structure) -> Result<Pixels, RasterFault> {
    let image = Image::new(bytes, &DecodeSettings::default()).map_err(RasterFault::corrupt)?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(RasterFault::corrupt)?;
    let (width_px, height_px) = (structure.width_px, structure.height_px);
    let all = decoded.components().len();
    let mut samples = decoded.data_u8();
    if image.has_alpha() {
        samples = flattened(&samples, all);
    }
    let is_ink = matches!(image.color_space(), ColorSpace::CMYK);
    match all - usize::from(image.has_alpha()) {
        1 => gray(width_px, height_px, samples),
        3 => color(width_px, height_px, samples),
        4 if is_ink => color(width_px, height_px, rgb_of_inks(&samples)),
        channels => {
            let detail = format!("JPEG 2000 of {channels} colour channels");
            Err(RasterFault::Unsupported { detail })
        }
    }
}

impl Structure {
    /// Refuses colour spaces in which the numbers would be taken for other colours.
    fn check_colour(&self) -> Result<(), RasterFault> {
        match self.boxes.as_ref().and_then(|boxes| boxes.colours.first()) {
            Some(Colour::Enumerated(number)) if !matches!(*number, CMYK | SRGB | GREY | SYCC) => {
                let detail = format!("JPEG 2000 colour space {number}");
                Err(RasterFault::Unsupported { detail })
            }
            _ => Ok(()),
        }
    }

    /// The space in which any PDF reader shows the file's samples; `None` where it is not plain.
    pub(crate) fn plain_space(&self) -> Option<Space> {
        let boxes = self.boxes.as_ref()?;
        let plain = |c: &structure::Component| c.bits == 8 && !c.signed && c.step_px == (1, 1);
        if boxes.palette || boxes.channels_defined || !self.components.iter().all(plain) {
            return None;
        }
        match (boxes.colours.as_slice(), self.components.len()) {
            ([Colour::Enumerated(GREY)], 1) => Some(Space::Gray),
            ([Colour::Enumerated(SRGB)], 3) => Some(Space::Rgb),
            _ => None,
        }
    }
}

/// The file's own bytes where a PDF can carry them; black and white is smaller as fax.
fn pass_through(bytes: &[u8], structure: &Structure, pixels: &Pixels) -> Option<EncodedImage> {
    let space = structure.plain_space()?;
    (!matches!(pixels, Pixels::Bilevel(_))).then(|| EncodedImage {
        width_px: structure.width_px,
        height_px: structure.height_px,
        coding: Coding::Jpeg2000,
        space,
        bytes: bytes.to_vec(),
    })
}

#[cfg(test)]
mod tests;
