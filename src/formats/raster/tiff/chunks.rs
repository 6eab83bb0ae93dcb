//! Strips and tiles: unpacked, and laid side by side as the samples of a page.
//!
//! The `tiff` crate reads the directories; the samples are unpacked here, because of what
//! foreign encoders write it does not read bit-reversed data, palettes, subsampled YCbCr,
//! fax in tiles and several kinds of tiles (tests/judges/scans.py).

use std::io::Read;

use flate2::read::ZlibDecoder;
use weezl::{BitOrder, decode::Decoder as LzwDecoder};

use super::directory::{
    DEFLATE, Directory, GROUP_3, GROUP_4, JPEG, LZW, OLD_DEFLATE, PACK_BITS, PLAIN, RLE, RLE_WORDS,
    YCBCR,
};
use super::{fax, jpeg_strip};
use crate::formats::raster::pixels::unpacked;
use crate::formats::raster::{Pixels, RasterFault, check_size};

/// FillOrder 2: the first pixel is the lowest bit of a byte.
const LOWEST_BIT_FIRST: u16 = 2;
/// Predictor 2: each sample is the difference to the one before it.
const DIFFERENCES: u16 = 2;
/// Colours, alpha, and a few more that some writers add.
const MOST_SAMPLES: u16 = 8;

/// The samples of a page, one byte each, one pixel after the other; palette indices and
/// grey of few bits as they are, of 16 bits the higher eight.
pub(super) fn samples(
    bytes: &[u8],
    page: &Directory,
    max_pixels: u64,
) -> Result<Vec<u8>, RasterFault> {
    page.check_kind()?;
    let grid = Grid::of(page, max_pixels)?;
    let mut canvas = Canvas::new(page);
    for index in 0..grid.chunks {
        let place = grid.place(index, page);
        let data = page.chunk(bytes, index)?;
        let little_endian = bytes.starts_with(b"II");
        let samples = match page.compression {
            JPEG => jpeg_samples(data, &place, page, max_pixels)?,
            RLE | RLE_WORDS | GROUP_3 | GROUP_4 => {
                fax::samples(&bits_in_order(data, page), page, place.width_px, place.rows)?
            }
            _ => unpacked_chunk(&bits_in_order(data, page), &place, page, little_endian)?,
        };
        canvas.put(&samples, &place);
    }
    Ok(canvas.samples)
}

/// How the page is cut.
struct Grid {
    width_px: u32,
    height_px: u32,
    across: usize,
    a_plane: usize,
    chunks: usize,
}

/// Where one chunk lies on the page.
struct Place {
    x_px: u32,
    y_px: u32,
    width_px: u32,
    /// Rows stored: of a tile all, even those below the page's edge.
    rows: u32,
    /// First channel, and how many.
    channel: usize,
    channels: usize,
}

impl Grid {
    fn of(page: &Directory, max_pixels: u64) -> Result<Self, RasterFault> {
        let (width_px, height_px) = match page.tiled {
            true => page.tile_px,
            false => (page.width_px, page.rows_per_strip.min(page.height_px)),
        };
        check_size(width_px, height_px, max_pixels)?;
        let across = page.width_px.div_ceil(width_px) as usize;
        let a_plane = across * page.height_px.div_ceil(height_px) as usize;
        let chunks = a_plane * page.planes();
        match page.offsets.len() < chunks {
            true => Err(RasterFault::Truncated),
            false => Ok(Self {
                width_px,
                height_px,
                across,
                a_plane,
                chunks,
            }),
        }
    }

    fn place(&self, index: usize, page: &Directory) -> Place {
        let (plane, within) = (index / self.a_plane, index % self.a_plane);
        let y_px = (within / self.across) as u32 * self.height_px;
        let rows = match page.tiled {
            true => self.height_px,
            false => self.height_px.min(page.height_px - y_px),
        };
        Place {
            x_px: (within % self.across) as u32 * self.width_px,
            y_px,
            width_px: self.width_px,
            rows,
            channel: plane,
            channels: usize::from(page.samples) / page.planes(),
        }
    }
}

struct Canvas {
    samples: Vec<u8>,
    width: usize,
    height: usize,
    channels: usize,
}

impl Canvas {
    fn new(page: &Directory) -> Self {
        let (width, height) = (page.width_px as usize, page.height_px as usize);
        let channels = usize::from(page.samples);
        Self {
            samples: vec![0; width * height * channels],
            width,
            height,
            channels,
        }
    }

    /// Lays a chunk down; what sticks out over the page's edges is cut.
    fn put(&mut self, samples: &[u8], place: &Place) {
        let row_samples = place.width_px as usize * place.channels;
        let (left, top) = (place.x_px as usize, place.y_px as usize);
        let width = (self.width - left).min(place.width_px as usize);
        for (row, y) in samples.chunks_exact(row_samples).zip(top..self.height) {
            let start = (y * self.width + left) * self.channels;
            let out = &mut self.samples[start..start + width * self.channels];
            if place.channels == self.channels {
                out.copy_from_slice(&row[..width * place.channels]);
                continue;
            }
            let pixels = out.chunks_exact_mut(self.channels);
            for (pixel, sample) in pixels.zip(row.chunks_exact(place.channels)) {
                pixel[place.channel..place.channel + place.channels].copy_from_slice(sample);
            }
        }
    }
}

impl Directory {
    fn planes(&self) -> usize {
        match self.planar {
            2 => usize::from(self.samples),
            _ => 1,
        }
    }

    /// Refuses what is no picture of integers of up to 16 bits.
    fn check_kind(&self) -> Result<(), RasterFault> {
        let unsupported = |detail: String| Err(RasterFault::Unsupported { detail });
        // 1 unsigned integers, 4 undefined (TIFF 6.0, section 19).
        if !matches!(self.sample_format, 1 | 4) {
            return unsupported("samples that are no whole numbers".to_owned());
        }
        if !matches!(self.bits, 1 | 2 | 4 | 8 | 16) || !self.bits_alike {
            return unsupported(format!("samples of {} bits", self.bits));
        }
        if self.samples == 0 || self.samples > MOST_SAMPLES {
            return unsupported(format!("{} samples a pixel", self.samples));
        }
        // A row of several channels in pieces of bytes: no scanner writes it.
        if self.bits < 8 && self.samples > 1 && self.planes() == 1 {
            return unsupported(format!("{} samples of {} bits", self.samples, self.bits));
        }
        Ok(())
    }
}

fn bits_in_order<'a>(data: &'a [u8], page: &Directory) -> std::borrow::Cow<'a, [u8]> {
    match page.fill_order {
        LOWEST_BIT_FIRST => data.iter().map(|b| b.reverse_bits()).collect(),
        _ => data.into(),
    }
}

fn unpacked_chunk(
    data: &[u8],
    place: &Place,
    page: &Directory,
    little_endian: bool,
) -> Result<Vec<u8>, RasterFault> {
    let (across, down) = page.subsampling;
    if page.photometric == YCBCR && page.planes() == 1 && (across, down) != (1, 1) {
        let (width, rows) = (place.width_px.div_ceil(across), place.rows.div_ceil(down));
        let unit = across * down + 2;
        let units = unpack(
            data,
            page,
            u64::from(width) * u64::from(rows) * u64::from(unit),
        )?;
        return Ok(spread(&units, place, (across as usize, down as usize)));
    }
    let row_samples = place.width_px as usize * place.channels;
    let row_bytes = (row_samples * usize::from(page.bits)).div_ceil(8);
    let mut rows = unpack(data, page, row_bytes as u64 * u64::from(place.rows))?;
    match page.predictor {
        0 | 1 => {}
        DIFFERENCES if page.bits >= 8 => {
            for row in rows.chunks_exact_mut(row_bytes) {
                add_differences(row, place.channels, page.bits, little_endian);
            }
        }
        other => return Err(RasterFault::unsupported(format!("predictor {other}"))),
    }
    match page.bits {
        8 => Ok(rows),
        16 => {
            let high = usize::from(little_endian);
            Ok(rows.chunks_exact(2).map(|sample| sample[high]).collect())
        }
        bits => unpacked(&rows, row_samples as u32, place.rows, bits as u8),
    }
}

/// Exactly so many bytes out of a chunk; a chunk that holds fewer was cut off.
fn unpack(data: &[u8], page: &Directory, length: u64) -> Result<Vec<u8>, RasterFault> {
    let length = usize::try_from(length).map_err(|_| RasterFault::Truncated)?;
    match page.compression {
        PLAIN => {
            let plain = data.get(..length).map(<[u8]>::to_vec);
            plain.ok_or(RasterFault::Truncated)
        }
        LZW => lzw(data, length),
        DEFLATE | OLD_DEFLATE => {
            let mut out = vec![0; length];
            let read = ZlibDecoder::new(data).read_exact(&mut out);
            read.map(|()| out).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => RasterFault::Truncated,
                _ => RasterFault::corrupt(error),
            })
        }
        PACK_BITS => pack_bits(data, length).ok_or(RasterFault::Truncated),
        6 => Err(RasterFault::unsupported(
            "JPEG of the TIFF 6.0 kind (compression 6)",
        )),
        other => Err(RasterFault::unsupported(format!(
            "TIFF compression {other}"
        ))),
    }
}

fn lzw(data: &[u8], length: usize) -> Result<Vec<u8>, RasterFault> {
    let mut out = vec![0; length];
    let mut decoder = LzwDecoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let (mut read, mut filled) = (0, 0);
    while filled < length {
        let step = decoder.decode_bytes(&data[read..], &mut out[filled..]);
        step.status.map_err(RasterFault::corrupt)?;
        if step.consumed_in == 0 && step.consumed_out == 0 {
            return Err(RasterFault::Truncated);
        }
        read += step.consumed_in;
        filled += step.consumed_out;
    }
    Ok(out)
}

/// Runs of literal and of repeated bytes (TIFF 6.0, section 9); `None` where they end early.
fn pack_bits(data: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(length);
    let mut rest = data;
    while out.len() < length {
        let (&control, after) = rest.split_first()?;
        let count = usize::from(control.cast_signed().unsigned_abs());
        match control {
            0..=127 => {
                let (literal, after) = after.split_at_checked(count + 1)?;
                out.extend_from_slice(literal);
                rest = after;
            }
            128 => rest = after,
            129.. => {
                let (&repeated, after) = after.split_first()?;
                out.resize(out.len() + count + 1, repeated);
                rest = after;
            }
        }
    }
    out.truncate(length);
    Some(out)
}

/// Undoes predictor 2 along one row (TIFF 6.0, section 14).
fn add_differences(row: &mut [u8], channels: usize, bits: u16, little_endian: bool) {
    if bits == 8 {
        for at in channels..row.len() {
            row[at] = row[at].wrapping_add(row[at - channels]);
        }
        return;
    }
    let read = |bytes: [u8; 2]| match little_endian {
        true => u16::from_le_bytes(bytes),
        false => u16::from_be_bytes(bytes),
    };
    let write = |sample: u16| match little_endian {
        true => sample.to_le_bytes(),
        false => sample.to_be_bytes(),
    };
    let step = channels * 2;
    for at in (step..row.len().saturating_sub(1)).step_by(2) {
        let before = read([row[at - step], row[at - step + 1]]);
        let sum = read([row[at], row[at + 1]]).wrapping_add(before);
        row[at..at + 2].copy_from_slice(&write(sum));
    }
}

/// Data units of a block's brightnesses and one pair of colours (section 21) as three
/// samples a pixel.
fn spread(units: &[u8], place: &Place, (across, down): (usize, usize)) -> Vec<u8> {
    let (width, rows) = (place.width_px as usize, place.rows as usize);
    let block = across * down;
    let mut out = vec![0; width * rows * 3];
    let a_row = width.div_ceil(across);
    for (index, unit) in units.chunks_exact(block + 2).enumerate() {
        let (left, top) = (index % a_row * across, index / a_row * down);
        for (at, &brightness) in unit[..block].iter().enumerate() {
            let (x, y) = (left + at % across, top + at / across);
            if x < width && y < rows {
                let pixel = (y * width + x) * 3;
                out[pixel..pixel + 3].copy_from_slice(&[brightness, unit[block], unit[block + 1]]);
            }
        }
    }
    out
}

/// The samples of a chunk that is a JPEG, its colours turned to RGB.
fn jpeg_samples(
    data: &[u8],
    place: &Place,
    page: &Directory,
    max_pixels: u64,
) -> Result<Vec<u8>, RasterFault> {
    let decoded = jpeg_strip::decode_chunk(data, page, max_pixels)?;
    let pixels = decoded.raster.pixels;
    let (width_px, height_px) = pixels.size();
    // A last strip may be as high as the others; the page ends where it ends.
    if width_px != place.width_px || height_px < place.rows {
        return Err(RasterFault::corrupt(
            "a JPEG of another size than its strip",
        ));
    }
    match (pixels, place.channels) {
        (Pixels::Bilevel(image) | Pixels::Gray(image), 1) => Ok(image.into_raw()),
        (Pixels::Color(image), 3) => Ok(image.into_raw()),
        _ => Err(RasterFault::unsupported(
            "a JPEG of other channels than its page",
        )),
    }
}
