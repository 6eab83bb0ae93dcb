//! TIFF 6.0 and BigTIFF: several pages a file, each coded in its own way.
//!
//! Directories come through the `tiff` crate. Strips and tiles are unpacked here (`chunks`,
//! `fax`); a page that is one JPEG is taken whole, so that its bytes can be kept (`jpeg_strip`).

mod chunks;
mod directory;
mod fax;
mod jpeg_strip;
mod samples;

use std::io::Cursor;

use ::tiff::decoder::{Decoder, Limits};
use ::tiff::{TiffError, TiffFormatError};

use self::directory::Directory;
use super::fault::check_size;
use super::{Decoded, RasterFault};

#[cfg(test)]
pub(crate) use self::fax::rows_of_g4 as fax_rows;

/// NewSubfileType bits 0 and 2: a smaller copy of another page, the mask of one
/// (TIFF 6.0, section 8).
const NO_PAGE: u32 = 1 | 4;

/// Finds the directories that are pages, checking each one's size and data ranges.
///
/// Returns their numbers in the chain from 0, and the pixels of the largest. Thumbnails and
/// masks are no pages. A chain that bites its own tail is a fault (the `tiff` crate sees cycles).
pub fn inspect(
    bytes: &[u8],
    max_pixels: u64,
    max_pages: u32,
) -> Result<(Vec<u32>, u64), RasterFault> {
    let mut decoder = open(Cursor::new(bytes), max_pixels)?;
    let mut largest = 0;
    let mut pages = Vec::new();
    let mut copies = Vec::new();
    for number in 0u32.. {
        if number >= max_pages {
            return Err(RasterFault::TooManyPages { limit: max_pages });
        }
        let directory = Directory::read(&mut decoder)?;
        largest = largest.max(check_size(
            directory.width_px,
            directory.height_px,
            max_pixels,
        )?);
        directory.check_ranges(bytes.len() as u64)?;
        match directory.subfile & NO_PAGE {
            0 => pages.push(number),
            _ => copies.push(number),
        }
        if !decoder.more_images() {
            break;
        }
        decoder.next_image().map_err(fault)?;
    }
    // A file of nothing but "copies" is a scanner that sets the bit wrongly.
    Ok((if pages.is_empty() { copies } else { pages }, largest))
}

/// Decodes the page in directory `number` (as found by [`inspect`]).
pub fn decode(bytes: &[u8], number: u32, max_pixels: u64) -> Result<Decoded, RasterFault> {
    let mut decoder = open(Cursor::new(bytes), max_pixels)?;
    decoder
        .seek_to_image(number as usize)
        .map_err(|e| match e {
            TiffError::FormatError(TiffFormatError::ImageFileDirectoryNotFound) => {
                RasterFault::NoSuchPage
            }
            other => fault(other),
        })?;
    let directory = Directory::read(&mut decoder)?;
    check_size(directory.width_px, directory.height_px, max_pixels)?;
    directory.check_ranges(bytes.len() as u64)?;
    let whole = match directory.compression {
        directory::JPEG => jpeg_strip::decode(bytes, &directory, max_pixels)?,
        _ => None,
    };
    let mut decoded = match whole {
        Some(whole) => whole,
        None => directory.plain(samples::decode(bytes, &directory, max_pixels)?),
    };
    // The directory's word on resolution and orientation counts, also over a JPEG's own.
    decoded.raster.dpi = directory.dpi().or(decoded.raster.dpi);
    decoded.raster.orientation = directory.orientation();
    Ok(decoded)
}

/// Opens a TIFF under limits: the largest page at 16 bits a sample, and tags of a size that
/// the strip tables of such a page need.
fn open<R: std::io::Read + std::io::Seek>(
    reader: R,
    max_pixels: u64,
) -> Result<Decoder<R>, RasterFault> {
    let mut limits = Limits::default();
    let largest = usize::try_from(max_pixels.saturating_mul(8)).unwrap_or(usize::MAX);
    limits.decoding_buffer_size = largest;
    limits.intermediate_buffer_size = largest;
    Decoder::new(reader)
        .map(|decoder| decoder.with_limits(limits))
        .map_err(fault)
}

fn fault(error: TiffError) -> RasterFault {
    match error {
        TiffError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            RasterFault::Truncated
        }
        TiffError::UnsupportedError(what) => RasterFault::unsupported(what),
        other => RasterFault::corrupt(other),
    }
}

#[cfg(test)]
mod tests;
