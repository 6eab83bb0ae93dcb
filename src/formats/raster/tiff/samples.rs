//! Samples as the `tiff` crate gives them (plain, LZW, Deflate, PackBits, JPEG strips) to pixels.

use std::io::{Read, Seek};

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};

use super::directory::Directory;
use super::fault;
use crate::formats::raster::pixels::{
    color, flattened, gray, high_bytes, rgb_of_inks, rgb_of_ycbcr, unpacked,
};
use crate::formats::raster::{Pixels, RasterFault};

/// ExtraSamples 1: colour already multiplied by alpha.
const PREMULTIPLIED: u16 = 1;
/// ExtraSamples 2: alpha beside unchanged colour.
const UNMULTIPLIED: u16 = 2;

/// Decodes the page the decoder stands on.
pub(super) fn decode<R: Read + Seek>(
    decoder: &mut Decoder<R>,
    page: &Directory,
) -> Result<Pixels, RasterFault> {
    let kind = decoder.colortype().map_err(fault)?;
    let mut result = DecodingResult::U8(Vec::new());
    decoder.read_image_to_buffer(&mut result).map_err(fault)?;
    let samples = match result {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => high_bytes(&samples),
        _ => {
            return Err(RasterFault::unsupported(
                "samples that are no 1 to 16-bit integers",
            ));
        }
    };
    let (width_px, height_px) = (page.width_px, page.height_px);
    if let ColorType::Gray(bits @ (1 | 2 | 4)) = kind {
        let values = unpacked(&samples, width_px, height_px, bits)?;
        return gray(width_px, height_px, stretched(values, bits));
    }
    let channels = usize::from(kind.num_samples());
    let pixels = width_px as usize * height_px as usize;
    if samples.len() != pixels * channels {
        return Err(RasterFault::Truncated);
    }
    let samples = match page.planar {
        2 if channels > 1 => interleaved(&samples, channels),
        _ => samples,
    };
    shown(kind, samples, page)
}

/// 8-bit interleaved samples by their colour type as pixels.
fn shown(kind: ColorType, mut samples: Vec<u8>, page: &Directory) -> Result<Pixels, RasterFault> {
    let (width_px, height_px) = (page.width_px, page.height_px);
    match kind {
        ColorType::Gray(8 | 16) => gray(width_px, height_px, samples),
        ColorType::RGB(8 | 16) => color(width_px, height_px, samples),
        ColorType::RGBA(8 | 16) => color(width_px, height_px, laid_on_white(samples, page)),
        ColorType::CMYK(8 | 16) => color(width_px, height_px, rgb_of_inks(&samples)),
        ColorType::YCbCr(8) => {
            rgb_of_ycbcr(&mut samples);
            color(width_px, height_px, samples)
        }
        // Grey with extra samples: the first is the grey.
        ColorType::Multiband {
            bit_depth: 8 | 16,
            num_samples,
        } => {
            let first = samples.iter().step_by(usize::from(num_samples).max(1));
            gray(width_px, height_px, first.copied().collect())
        }
        other => Err(RasterFault::unsupported(format!(
            "samples of kind {other:?}"
        ))),
    }
}

/// Four channels to three by what the fourth is; an unspecified fourth is no alpha.
fn laid_on_white(samples: Vec<u8>, page: &Directory) -> Vec<u8> {
    match page.extra {
        Some(UNMULTIPLIED) => flattened(&samples, 4),
        Some(PREMULTIPLIED) => {
            let pixels = samples.chunks_exact(4);
            let on_white = |p: &[u8]| [0, 1, 2].map(|i| p[i].saturating_add(255 - p[3]));
            pixels.flat_map(on_white).collect()
        }
        _ => samples
            .chunks_exact(4)
            .flat_map(|p| [p[0], p[1], p[2]])
            .collect(),
    }
}

/// One plane after the other to one pixel after the other.
fn interleaved(samples: &[u8], channels: usize) -> Vec<u8> {
    let plane = samples.len() / channels;
    (0..plane)
        .flat_map(|i| (0..channels).map(move |channel| samples[channel * plane + i]))
        .collect()
}

/// Values of 1, 2 or 4 bits spread over 0 to 255.
fn stretched(mut values: Vec<u8>, bits: u8) -> Vec<u8> {
    let factor = 255 / ((1 << bits) - 1);
    values.iter_mut().for_each(|v| *v *= factor);
    values
}
