//! One page's directory: the tags that decide how to decode it.

use std::io::{Read, Seek};

use tiff::decoder::Decoder;
use tiff::decoder::ifd::Value;
use tiff::tags::Tag;

use super::fault;
use crate::formats::raster::dpi::PER_CM;
use crate::formats::raster::{Decoded, Dpi, Pixels, Raster, RasterFault};
use crate::model::Orientation;

/// Compression 1: none.
pub(super) const PLAIN: u16 = 1;
/// Compression 2: modified Huffman, rows at bytes.
pub(super) const RLE: u16 = 2;
/// Compression 32771: the same, rows at words of two bytes.
pub(super) const RLE_WORDS: u16 = 32771;
/// Compression 3: Group 3, one- or two-dimensional.
pub(super) const GROUP_3: u16 = 3;
/// Compression 4: Group 4.
pub(super) const GROUP_4: u16 = 4;
/// Compression 5.
pub(super) const LZW: u16 = 5;
/// Compression 7: JPEG after Technical Note 2.
pub(super) const JPEG: u16 = 7;
/// Compression 8, as Adobe registered it.
pub(super) const DEFLATE: u16 = 8;
/// Compression 32946, the same before it was registered.
pub(super) const OLD_DEFLATE: u16 = 32946;
/// Compression 32773.
pub(super) const PACK_BITS: u16 = 32773;
/// Photometric interpretation 0: 0 is white.
pub(super) const WHITE_IS_ZERO: u16 = 0;
/// Photometric interpretation 1: 0 is black.
pub(super) const BLACK_IS_ZERO: u16 = 1;
/// Photometric interpretation 2: RGB.
pub(super) const RGB: u16 = 2;
/// Photometric interpretation 3: indices into a palette.
pub(super) const PALETTE: u16 = 3;
/// Photometric interpretation 5: inks, 0 for none.
pub(super) const CMYK: u16 = 5;
/// Photometric interpretation 6: YCbCr.
pub(super) const YCBCR: u16 = 6;

/// The tags of one page.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    pub(super) width_px: u32,
    pub(super) height_px: u32,
    pub(super) subfile: u32,
    pub(super) compression: u16,
    pub(super) photometric: u16,
    pub(super) bits: u16,
    /// True where all samples of a pixel have as many bits.
    pub(super) bits_alike: bool,
    /// 1 whole numbers, 3 floating point.
    pub(super) sample_format: u16,
    pub(super) predictor: u16,
    /// Pixels that share a pair of colours, across and down.
    pub(super) subsampling: (u32, u32),
    pub(super) samples: u16,
    pub(super) planar: u16,
    /// Kind of the first extra sample: 1 premultiplied alpha, 2 alpha.
    pub(super) extra: Option<u16>,
    pub(super) fill_order: u16,
    pub(super) t4_options: u32,
    pub(super) rows_per_strip: u32,
    pub(super) tiled: bool,
    pub(super) tile_px: (u32, u32),
    pub(super) offsets: Vec<u64>,
    pub(super) counts: Vec<u64>,
    pub(super) color_map: Vec<u16>,
    pub(super) jpeg_tables: Vec<u8>,
    pub(super) orientation: u32,
    pub(super) resolution: Option<(f64, f64, u16)>,
}

impl Directory {
    /// Reads the tags of the page the decoder stands on.
    pub(super) fn read<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<Self, RasterFault> {
        let (width_px, height_px) = decoder.dimensions().map_err(fault)?;
        let mut tags = Tags(decoder);
        let tiled = !tags.list::<u64>(Tag::TileOffsets)?.is_empty();
        let (offsets, counts) = match tiled {
            true => (Tag::TileOffsets, Tag::TileByteCounts),
            false => (Tag::StripOffsets, Tag::StripByteCounts),
        };
        let extra: Vec<u16> = tags.list(Tag::ExtraSamples)?;
        let bits: Vec<u16> = tags.list(Tag::BitsPerSample)?;
        let formats: Vec<u16> = tags.list(Tag::SampleFormat)?;
        let shared: Vec<u32> = tags.list(Tag::ChromaSubsampling)?;
        Ok(Self {
            width_px,
            height_px,
            subfile: tags.one(Tag::NewSubfileType, 0)?,
            compression: tags.one(Tag::Compression, 1)?,
            photometric: tags.one(Tag::PhotometricInterpretation, u16::MAX)?,
            bits: bits.first().copied().unwrap_or(1),
            bits_alike: bits.windows(2).all(|pair| pair[0] == pair[1]),
            sample_format: formats.first().copied().unwrap_or(1),
            predictor: tags.one(Tag::Predictor, 1)?,
            subsampling: match shared.as_slice() {
                [across @ (1 | 2 | 4), down @ (1 | 2 | 4), ..] => (*across, *down),
                // The standard's default (section 21).
                _ => (2, 2),
            },
            samples: tags.one(Tag::SamplesPerPixel, 1)?,
            planar: tags.one(Tag::PlanarConfiguration, 1)?,
            extra: extra.first().copied(),
            fill_order: tags.one(Tag::FillOrder, 1)?,
            t4_options: tags.one(Tag::Unknown(292), 0)?,
            rows_per_strip: tags.one(Tag::RowsPerStrip, height_px)?,
            tiled,
            tile_px: (tags.one(Tag::TileWidth, 0)?, tags.one(Tag::TileLength, 0)?),
            offsets: tags.list(offsets)?,
            counts: tags.list(counts)?,
            color_map: tags.list(Tag::ColorMap)?,
            jpeg_tables: tags.bytes(Tag::JPEGTables)?,
            orientation: tags.one(Tag::Orientation, 1)?,
            resolution: tags.resolution()?,
        })
    }

    /// A file that was cut off is missing the strips its tables still name.
    pub(super) fn check_ranges(&self, file_bytes: u64) -> Result<(), RasterFault> {
        let ends = self.offsets.iter().zip(&self.counts);
        let inside = |(offset, count): (&u64, &u64)| {
            offset
                .checked_add(*count)
                .is_some_and(|end| end <= file_bytes)
        };
        match self.offsets.len() == self.counts.len() && ends.clone().all(inside) {
            true => Ok(()),
            false => Err(RasterFault::Truncated),
        }
    }

    /// The bytes of strip or tile `index`; [`Directory::check_ranges`] has passed.
    pub(super) fn chunk<'a>(&self, bytes: &'a [u8], index: usize) -> Result<&'a [u8], RasterFault> {
        let range = self.offsets.get(index).zip(self.counts.get(index));
        let (&offset, &count) = range.ok_or(RasterFault::Truncated)?;
        let start = usize::try_from(offset).map_err(|_| RasterFault::Truncated)?;
        let length = usize::try_from(count).map_err(|_| RasterFault::Truncated)?;
        start
            .checked_add(length)
            .and_then(|end| bytes.get(start..end))
            .ok_or(RasterFault::Truncated)
    }

    pub(super) fn orientation(&self) -> Orientation {
        Orientation::from_exif(self.orientation)
    }

    /// The stated resolution. Unit 1 ("no absolute unit") states none; the default is inches.
    pub(super) fn dpi(&self) -> Option<Dpi> {
        let (x, y, unit) = self.resolution?;
        let per_inch = match unit {
            2 => 1.0,
            3 => PER_CM,
            _ => return None,
        };
        Dpi::plausible(x * per_inch, y * per_inch, (self.width_px, self.height_px))
    }

    /// Pixels that keep nothing of their coding.
    pub(super) fn plain(&self, pixels: Pixels) -> Decoded {
        Decoded {
            raster: Raster {
                pixels: pixels.narrowed(),
                dpi: None,
                orientation: Orientation::UPRIGHT,
            },
            original: None,
        }
    }
}

struct Tags<'d, R: Read + Seek>(&'d mut Decoder<R>);

impl<R: Read + Seek> Tags<'_, R> {
    fn one<T: TryFrom<u64>>(&mut self, tag: Tag, default: T) -> Result<T, RasterFault> {
        let value = self.0.find_tag_unsigned(tag).map_err(fault)?;
        Ok(value.unwrap_or(default))
    }

    fn list<T: TryFrom<u64>>(&mut self, tag: Tag) -> Result<Vec<T>, RasterFault> {
        let values = self.0.find_tag_unsigned_vec(tag).map_err(fault)?;
        Ok(values.unwrap_or_default())
    }

    fn bytes(&mut self, tag: Tag) -> Result<Vec<u8>, RasterFault> {
        match self.0.find_tag(tag).map_err(fault)? {
            Some(value) => value.into_u8_vec().map_err(fault),
            None => Ok(Vec::new()),
        }
    }

    fn resolution(&mut self) -> Result<Option<(f64, f64, u16)>, RasterFault> {
        // A resolution that cannot be read is no reason to lose the page.
        let mut ratio = |tag| self.0.find_tag(tag).ok().flatten().and_then(as_number);
        let (x, y) = (ratio(Tag::XResolution), ratio(Tag::YResolution));
        let unit = self.one(Tag::ResolutionUnit, 2)?;
        Ok(x.zip(y).map(|(x, y)| (x, y, unit)))
    }
}

/// The value of a tag that should be a ratio; some writers put a plain number.
fn as_number(value: Value) -> Option<f64> {
    match value {
        // A zero below the line gives infinity or NaN, which no resolution is.
        Value::Rational(above, below) => Some(f64::from(above) / f64::from(below)),
        Value::Float(number) => Some(f64::from(number)),
        Value::Double(number) => Some(number),
        whole => whole.into_u32().ok().map(f64::from),
    }
}
