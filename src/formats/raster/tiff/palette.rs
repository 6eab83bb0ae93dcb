//! Palette pages: the `tiff` crate refuses them, but reads grey of the same depth.
//!
//! Indices and grey samples are stored alike; only tag 262 differs. So the page is
//! shown to the decoder with that one tag changed, and the grey it gives back are the
//! indices.

use std::io::{Cursor, Read, Seek, SeekFrom};

use tiff::decoder::DecodingResult;

use super::directory::Directory;
use super::{fault, open};
use crate::formats::raster::pixels::{color, unpacked};
use crate::formats::raster::{Pixels, RasterFault};

const PHOTOMETRIC_TAG: u16 = 262;
const BLACK_IS_ZERO: u16 = 1;

/// Decodes the page in directory `number`, which starts at byte `directory_at`.
pub(super) fn decode(
    bytes: &[u8],
    number: u32,
    directory_at: u64,
    page: &Directory,
    max_pixels: u64,
) -> Result<Pixels, RasterFault> {
    let (patch_at, patch) = photometric_patch(bytes, directory_at)
        .ok_or_else(|| RasterFault::corrupt("a directory without its photometric tag"))?;
    let patched = Patched {
        inner: Cursor::new(bytes),
        patch_at,
        patch,
    };
    let mut decoder = open(patched, max_pixels)?;
    decoder.seek_to_image(number as usize).map_err(fault)?;
    let indices = match (page.bits, decoder.read_image().map_err(fault)?) {
        (8, DecodingResult::U8(indices)) => indices,
        (bits @ (1 | 2 | 4), DecodingResult::U8(packed)) => {
            unpacked(&packed, page.width_px, page.height_px, bits as u8)?
        }
        (bits, _) => return Err(RasterFault::unsupported(format!("a {bits}-bit palette"))),
    };
    color(
        page.width_px,
        page.height_px,
        looked_up(&indices, &page.color_map)?,
    )
}

/// The colour map holds all reds, then all greens, then all blues, 16 bits each
/// (TIFF 6.0, section 5).
fn looked_up(indices: &[u8], map: &[u16]) -> Result<Vec<u8>, RasterFault> {
    let entries = map.len() / 3;
    // Some writers fill only the low byte; then no entry is above 255.
    let shift = if map.iter().all(|&v| v < 256) { 0 } else { 8 };
    let mut out = Vec::with_capacity(indices.len() * 3);
    for &index in indices {
        let index = usize::from(index);
        if index >= entries {
            return Err(RasterFault::corrupt("a colour outside the palette"));
        }
        out.extend((0..3).map(|channel| (map[channel * entries + index] >> shift) as u8));
    }
    Ok(out)
}

/// Where the directory's photometric value lies, and two bytes that say grey.
fn photometric_patch(bytes: &[u8], directory_at: u64) -> Option<(u64, [u8; 2])> {
    let little_endian = bytes.starts_with(b"II");
    let number = |at: usize| -> Option<u16> {
        let raw = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match little_endian {
            true => u16::from_le_bytes(raw),
            false => u16::from_be_bytes(raw),
        })
    };
    let at = usize::try_from(directory_at).ok()?;
    // BigTIFF (version 43) has an 8-byte count and 20-byte entries.
    let (count_bytes, entry_bytes, value_at) = match number(2)? {
        43 => (8, 20, 12),
        _ => (2, 12, 8),
    };
    let first = at.checked_add(count_bytes)?;
    let entry = (0..usize::from(u16::MAX))
        .map(|i| first + i * entry_bytes)
        .take_while(|&entry| entry < bytes.len())
        .find(|&entry| number(entry) == Some(PHOTOMETRIC_TAG))?;
    let patch = match little_endian {
        true => BLACK_IS_ZERO.to_le_bytes(),
        false => BLACK_IS_ZERO.to_be_bytes(),
    };
    Some(((entry + value_at) as u64, patch))
}

/// A file with two of its bytes changed, without copying it.
struct Patched<'a> {
    inner: Cursor<&'a [u8]>,
    patch_at: u64,
    patch: [u8; 2],
}

impl Read for Patched<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let start = self.inner.position();
        let length = self.inner.read(out)?;
        for (at, value) in (self.patch_at..).zip(self.patch) {
            if (start..start + length as u64).contains(&at) {
                out[(at - start) as usize] = value;
            }
        }
        Ok(length)
    }
}

impl Seek for Patched<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}
