//! The skeleton of a JPEG 2000 file: its boxes and markers, walked without decoding.
//!
//! Decoders forgive a codestream that ends early and paint what they have. An archive must
//! not, so the walk demands every tile and every tile-part (ITU-T T.800, Annex A). It also
//! refuses what would cost a decoder memory beyond the pixels: very many components, or
//! code-blocks and precincts of a few pixels each.

use std::collections::HashMap;

use super::boxes::Boxes;
use crate::formats::raster::{RasterFault, check_size};

const SOC: u16 = 0xFF4F;
const SIZ: u16 = 0xFF51;
const COD: u16 = 0xFF52;
const COC: u16 = 0xFF53;
const SOT: u16 = 0xFF90;
const SOD: u16 = 0xFF93;
const EOC: u16 = 0xFFD9;
/// Markers without a segment (T.800, table A.1).
const BARE: std::ops::RangeInclusive<u16> = 0xFF30..=0xFF3F;
/// Marker, length, tile, length of the part, number of the part, number of parts.
const SOT_BYTES: usize = 12;
/// CMYK and an alpha channel.
const MOST_COMPONENTS: usize = 5;
/// Code-blocks or precincts of one image. A page of 120 million pixels in three colours has
/// a tenth of this at the common 64 × 64.
const MOST_BLOCKS: u64 = 1_000_000;

/// What the headers of a whole file say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Structure {
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
    pub(super) components: Vec<Component>,
    /// What the boxes around the codestream say; absent where the file is a bare codestream.
    pub(super) boxes: Option<Boxes>,
}

/// One component as the size marker describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) bits: u8,
    pub(super) signed: bool,
    /// Pixels of the page along x and y for each sample.
    pub(super) step_px: (u8, u8),
}

/// Walks a JP2 file or a bare codestream to the end of its image.
pub(crate) fn walk(bytes: &[u8], max_pixels: u64) -> Result<Structure, RasterFault> {
    let boxes = Boxes::read(bytes)?;
    let codestream = boxes
        .as_ref()
        .map_or(0..bytes.len(), |b| b.codestream.clone());
    let mut walk = Walk {
        bytes: &bytes[codestream],
        at: 0,
        smallest_block: u64::MAX,
    };
    let size = walk.main_header(max_pixels)?;
    walk.tiles(size.tiles)?;
    let (width_px, height_px) = size.size_px;
    let samples = u64::from(width_px) * u64::from(height_px) * size.components.len() as u64;
    if samples / walk.smallest_block > MOST_BLOCKS {
        return Err(RasterFault::unsupported("JPEG 2000 cut into tiny blocks"));
    }
    Ok(Structure {
        width_px,
        height_px,
        components: size.components,
        boxes,
    })
}

struct Size {
    size_px: (u32, u32),
    components: Vec<Component>,
    tiles: u64,
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Samples in the smallest code-block or precinct announced.
    smallest_block: u64,
}

impl<'a> Walk<'a> {
    fn number(&self, at: usize, length: usize) -> Result<u64, RasterFault> {
        let raw = at
            .checked_add(length)
            .and_then(|end| self.bytes.get(at..end));
        let raw = raw.ok_or(RasterFault::Truncated)?;
        Ok(raw
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn marker(&mut self) -> Result<u16, RasterFault> {
        let marker = self.number(self.at, 2)? as u16;
        self.at += 2;
        Ok(marker)
    }

    /// The body of the marker segment here; the walk stands behind it afterwards.
    fn segment(&mut self) -> Result<&'a [u8], RasterFault> {
        let length = self.number(self.at, 2)? as usize;
        let body = self.bytes.get(self.at + 2..self.at + length.max(2));
        self.at += length;
        match length {
            0 | 1 => Err(RasterFault::corrupt("a JPEG 2000 segment without length")),
            _ => body.ok_or(RasterFault::Truncated),
        }
    }

    fn main_header(&mut self, max_pixels: u64) -> Result<Size, RasterFault> {
        if self.marker()? != SOC || self.marker()? != SIZ {
            return Err(RasterFault::corrupt("no JPEG 2000 start and size markers"));
        }
        let size = Size::read(self.segment()?)?;
        check_size(size.size_px.0, size.size_px.1, max_pixels)?;
        self.header_segments(SOT)?;
        self.at -= 2;
        Ok(size)
    }

    /// Takes the segments of a header up to the marker that ends it.
    fn header_segments(&mut self, end: u16) -> Result<(), RasterFault> {
        loop {
            match self.marker()? {
                marker if marker == end => return Ok(()),
                marker if BARE.contains(&marker) => {}
                // Scod, SGcod (four bytes), then what the component segment has too.
                COD => {
                    let body = self.segment()?;
                    let precincts = body.first().is_some_and(|style| style & 1 != 0);
                    self.note_blocks(body.get(5..), precincts)?;
                }
                // Ccoc (one byte, since there are fewer than 257 components), Scoc.
                COC => {
                    let body = self.segment()?;
                    let precincts = body.get(1).is_some_and(|style| style & 1 != 0);
                    self.note_blocks(body.get(2..), precincts)?;
                }
                0xFF00.. => {
                    self.segment()?;
                }
                _ => {
                    return Err(RasterFault::corrupt(
                        "no JPEG 2000 marker where one must be",
                    ));
                }
            }
        }
    }

    /// Levels, code-block width and height, style, transform, then the precincts (A.6.1).
    fn note_blocks(&mut self, body: Option<&[u8]>, precincts: bool) -> Result<(), RasterFault> {
        let [_, width, height, _, _, sizes @ ..] = body.unwrap_or_default() else {
            return Err(RasterFault::Truncated);
        };
        let exponent = u32::from(width & 15) + u32::from(height & 15) + 4;
        self.smallest_block = self.smallest_block.min(1 << exponent);
        if precincts {
            let smallest = sizes.iter().map(|size| (size & 15) + (size >> 4)).min();
            let exponent = smallest.ok_or(RasterFault::Truncated)?;
            self.smallest_block = self.smallest_block.min(1 << exponent);
        }
        Ok(())
    }

    /// Walks the tile-parts: each there to its end, each tile with all the parts it says.
    fn tiles(&mut self, tiles: u64) -> Result<(), RasterFault> {
        // Parts seen and parts announced, by tile.
        let mut seen: HashMap<u64, (u64, u64)> = HashMap::new();
        while self.at < self.bytes.len() {
            match self.marker()? {
                SOT => {}
                EOC => break,
                _ => return Err(RasterFault::corrupt("no tile where one must be")),
            }
            let start = self.at - 2;
            let (tile, length) = (self.number(start + 4, 2)?, self.number(start + 6, 4)?);
            let announced = self.number(start + 11, 1)?;
            let parts = seen.entry(tile).or_default();
            *parts = (parts.0 + 1, parts.1.max(announced));
            self.at = start + SOT_BYTES;
            self.header_segments(SOD)?;
            self.at = match length {
                // Up to the end marker, which must then be there (A.4.2).
                0 => self.last_end_marker()?,
                length => start.saturating_add(length as usize),
            };
            if self.at > self.bytes.len() {
                return Err(RasterFault::Truncated);
            }
        }
        let complete = seen.len() as u64 >= tiles && seen.values().all(|(has, all)| has >= all);
        complete.then_some(()).ok_or(RasterFault::Truncated)
    }

    fn last_end_marker(&self) -> Result<usize, RasterFault> {
        let data = &self.bytes[self.at..];
        let found = data.windows(2).rposition(|pair| pair == EOC.to_be_bytes());
        found.map(|at| self.at + at).ok_or(RasterFault::Truncated)
    }
}

impl Size {
    /// The body of the size marker segment (A.5.1).
    fn read(body: &[u8]) -> Result<Self, RasterFault> {
        let number = |index: usize| {
            let raw = body.get(2 + index * 4..6 + index * 4);
            let raw = raw.and_then(|raw| raw.try_into().ok());
            raw.map(u32::from_be_bytes).ok_or(RasterFault::Truncated)
        };
        let side = |index: usize| Ok(number(index)?.saturating_sub(number(index + 2)?));
        let tiles = |index: usize| -> Result<u64, RasterFault> {
            let span = number(index)?.saturating_sub(number(index + 6)?);
            let tile = number(index + 4)?;
            let none = || RasterFault::corrupt("a tile of no size");
            let count = (tile > 0).then(|| span.div_ceil(tile)).ok_or_else(none)?;
            Ok(u64::from(count))
        };
        let components: Vec<_> = body.get(36..).unwrap_or_default().chunks_exact(3).collect();
        if components.is_empty() || components.len() > MOST_COMPONENTS {
            let detail = format!("JPEG 2000 of {} components", components.len());
            return Err(RasterFault::Unsupported { detail });
        }
        let component = |raw: &&[u8]| Component {
            bits: (raw[0] & 0x7F) + 1,
            signed: raw[0] & 0x80 != 0,
            step_px: (raw[1], raw[2]),
        };
        Ok(Self {
            size_px: (side(0)?, side(1)?),
            components: components.iter().map(component).collect(),
            tiles: tiles(0)? * tiles(1)?,
        })
    }
}
