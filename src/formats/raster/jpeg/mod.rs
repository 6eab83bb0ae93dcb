//! JPEG: decoded strictly for reading, its own bytes kept for the PDF.

mod structure;

use std::borrow::Cow;

use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use self::structure::Structure;
use super::dpi::PER_CM;
use super::exif::Exif;
use super::fault::check_size;
use super::pixels::{color, gray, rgb_of_inks, rgb_of_ycbcr};
use super::{Coding, Decoded, Dpi, EncodedImage, Pixels, Raster, RasterFault, Space};

/// More bits than a decoder may read ahead of a whole image's last code.
const TRIPWIRE_BYTES: usize = 64;
/// Longer than a code with the bits that belong to it (T.81, F.1.2: 16 and 11).
const LAST_CODE_BYTES: usize = 4;
const END_MARKER: [u8; 2] = [0xFF, 0xD9];

/// Checks a JPEG's markers and size, and gives its pixels. Only a file without an end marker is decoded:
/// nothing else tells whether it was cut off.
pub fn inspect(bytes: &[u8], max_pixels: u64) -> Result<u64, RasterFault> {
    let structure = structure::walk(bytes)?;
    if !structure.previews_follow && another_follows(&bytes[structure.end..], &structure) {
        return Err(RasterFault::SeveralPictures);
    }
    let pixels = check_size(structure.width_px, structure.height_px, max_pixels)?;
    if structure.lacks_end_marker {
        ended(bytes, &structure, None)?;
    }
    Ok(pixels)
}

/// The number of a JPEG's components.
pub fn components(bytes: &[u8]) -> Result<usize, RasterFault> {
    Ok(structure::walk(bytes)?.components.len())
}

/// True where a whole picture of some size lies behind the first: pages joined by hand, of
/// which every program shows the first only.
fn another_follows(rest: &[u8], first: &Structure) -> bool {
    let start = rest
        .windows(3)
        .position(|window| window == [0xFF, 0xD8, 0xFF]);
    let another = start.and_then(|start| structure::walk(&rest[start..]).ok());
    let area = |s: &Structure| u64::from(s.width_px) * u64::from(s.height_px);
    another.is_some_and(|another| area(&another) * 2 >= area(first))
}

/// Decodes a JPEG file (baseline or progressive, 8 bits, 1, 3 or 4 components).
///
/// `told_transform` is what a file around it says of three components (0 RGB, 1 YCbCr):
/// TIFF's photometric interpretation or PDF's `/ColorTransform`.
pub fn decode(
    bytes: &[u8],
    max_pixels: u64,
    told_transform: Option<u8>,
) -> Result<Decoded, RasterFault> {
    let structure = structure::walk(bytes)?;
    check_size(structure.width_px, structure.height_px, max_pixels)?;
    let image = match structure.lacks_end_marker {
        true => Cow::Owned(ended(bytes, &structure, told_transform)?),
        false => Cow::Borrowed(&bytes[..structure.end]),
    };
    let pixels = pixels(&with_tripwire(&image), &structure, told_transform)?;
    let size_px = pixels.size();
    let exif = structure.exif.clone().map(|at| Exif::read(&bytes[at]));
    let exif = exif.unwrap_or_default();
    Ok(Decoded {
        original: pass_through(image.into_owned(), &structure, told_transform),
        raster: Raster {
            pixels,
            dpi: jfif_dpi(&structure, size_px).or_else(|| exif.dpi(size_px)),
            orientation: exif.orientation(),
        },
    })
}

/// The image with the end marker that alone is missing, as every program shows it.
///
/// All its blocks must be there, and its last bytes must be needed for them: a file cut off
/// and filled up with zeros by whoever copied it would show a page whose rest is grey.
fn ended(
    bytes: &[u8],
    structure: &Structure,
    told_transform: Option<u8>,
) -> Result<Vec<u8>, RasterFault> {
    let fill = bytes.iter().rev().take_while(|&&byte| byte == 0xFF).count();
    let scan = &bytes[..bytes.len() - fill];
    let shows = |scan: &[u8]| {
        let image = [scan, &END_MARKER].concat();
        pixels(&with_tripwire(&image), structure, told_transform).is_ok()
    };
    let shorter = &scan[..scan.len().saturating_sub(LAST_CODE_BYTES)];
    match shows(scan) && !shows(shorter) {
        true => Ok([scan, &END_MARKER].concat()),
        false => Err(RasterFault::Truncated),
    }
}

fn jfif_dpi(structure: &Structure, size_px: (u32, u32)) -> Option<Dpi> {
    let (unit, x, y) = structure.jfif?;
    let per_inch = match unit {
        1 => 1.0,
        2 => PER_CM,
        _ => return None,
    };
    Dpi::plausible(f64::from(x) * per_inch, f64::from(y) * per_inch, size_px)
}

/// The image with 1-bits before its end marker, which no decoder of a whole image reads.
///
/// No Huffman code consists of 1-bits only (T.81, C.2), so a scan that was cut off, with
/// an end marker put behind it, runs into an error here instead of into grey blocks.
fn with_tripwire(image: &[u8]) -> Vec<u8> {
    let (scan, end_marker) = image.split_at(image.len() - 2);
    [scan, &[0xFF, 0x00].repeat(TRIPWIRE_BYTES), end_marker].concat()
}

fn decoder(image: &[u8], out: Option<ColorSpace>) -> JpegDecoder<ZCursor<&[u8]>> {
    // Strict: data that stop inside a scan are an error instead of grey blocks.
    let mut options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    if let Some(space) = out {
        options = options.jpeg_set_out_colorspace(space);
    }
    JpegDecoder::new_with_options(ZCursor::new(image), options)
}

fn pixels(
    image: &[u8],
    structure: &Structure,
    told_transform: Option<u8>,
) -> Result<Pixels, RasterFault> {
    let (width_px, height_px) = (structure.width_px, structure.height_px);
    let mut headers = decoder(image, None);
    headers.decode_headers().map_err(fault)?;
    let stored = headers.input_colorspace().unwrap_or(ColorSpace::Unknown);
    match structure.components.len() {
        1 => gray(width_px, height_px, samples(image, ColorSpace::Luma)?),
        3 => {
            let rgb = structure.is_rgb(told_transform);
            let samples = three_components(image, stored, rgb)?;
            color(width_px, height_px, samples)
        }
        _ => color(
            width_px,
            height_px,
            four_components(image, stored, structure)?,
        ),
    }
}

/// RGB of three components, whatever the decoder takes them for.
fn three_components(
    image: &[u8],
    stored: ColorSpace,
    is_rgb: bool,
) -> Result<Vec<u8>, RasterFault> {
    // After the headers it says CMYK where Adobe's flag is 0, and means RGB.
    let taken_for_rgb = matches!(stored, ColorSpace::RGB | ColorSpace::CMYK);
    match (is_rgb, taken_for_rgb) {
        (true, true) | (false, false) => samples(image, ColorSpace::RGB),
        // Asked for what it takes the data for, it converts nothing.
        (true, false) => samples(image, ColorSpace::YCbCr),
        (false, true) => {
            let mut raw = samples(image, ColorSpace::RGB)?;
            rgb_of_ycbcr(&mut raw);
            Ok(raw)
        }
    }
}

/// RGB of CMYK or YCCK. Adobe stores the inks inverted; files without its marker do not.
fn four_components(
    image: &[u8],
    stored: ColorSpace,
    structure: &Structure,
) -> Result<Vec<u8>, RasterFault> {
    match structure.adobe {
        Some(_) => samples(image, ColorSpace::RGB),
        None => samples(image, stored).map(|inks| rgb_of_inks(&inks)),
    }
}

fn samples(image: &[u8], out: ColorSpace) -> Result<Vec<u8>, RasterFault> {
    decoder(image, Some(out)).decode().map_err(fault)
}

fn fault(error: DecodeErrors) -> RasterFault {
    match error {
        DecodeErrors::ExhaustedData => RasterFault::Truncated,
        DecodeErrors::Unsupported(scheme) => RasterFault::Unsupported {
            detail: format!("{scheme:?}"),
        },
        other => RasterFault::corrupt(format!("{other:?}")),
    }
}

/// The scanner's own bytes, where a PDF reader shows the same colours from them.
fn pass_through(
    image: Vec<u8>,
    structure: &Structure,
    told_transform: Option<u8>,
) -> Option<EncodedImage> {
    let (space, color_transform) = match structure.components.len() {
        1 => (Space::Gray, None),
        // Without Adobe's marker a PDF reader takes three components for YCbCr
        // (ISO 32000-1, table 13), so RGB has to be said.
        3 if structure.is_rgb(told_transform) => (Space::Rgb, Some(0)),
        3 => (Space::Rgb, None),
        // DeviceCMYK would need an output intent of its own (ISO 19005-2, 6.2.4.3).
        _ => return None,
    };
    Some(EncodedImage {
        width_px: structure.width_px,
        height_px: structure.height_px,
        coding: Coding::Jpeg { color_transform },
        space,
        bytes: image,
    })
}

#[cfg(test)]
mod tests;
