//! Fax-coded strips: RLE, Group 3 and Group 4 (ITU-T T.4, T.6; TIFF 6.0, sections 10 and 11).

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::directory::{Directory, GROUP_3, GROUP_4, RLE, WHITE_IS_ZERO};
use crate::formats::raster::pixels::gray;
use crate::formats::raster::{Pixels, RasterFault};

/// T4Options bit 0: two-dimensional coding.
const TWO_DIMENSIONAL: u32 = 1;
/// FillOrder 2: the first pixel is the lowest bit of a byte.
const LOWEST_BIT_FIRST: u16 = 2;

/// Decodes a fax-coded page into 0 and 255.
pub(super) fn decode(bytes: &[u8], page: &Directory) -> Result<Pixels, RasterFault> {
    if page.tiled || page.bits != 1 || page.samples != 1 {
        return Err(RasterFault::unsupported(
            "fax coding in tiles or of more than one bit",
        ));
    }
    let mut rows = Rows::new(page.width_px, page.height_px);
    let mut left_px = page.height_px;
    for index in 0..page.offsets.len() {
        let strip_px = left_px.min(page.rows_per_strip);
        let data = page.chunk(bytes, index)?;
        match page.fill_order {
            LOWEST_BIT_FIRST => {
                let turned: Vec<u8> = data.iter().map(|b| b.reverse_bits()).collect();
                rows.decode(&turned, settings(page, strip_px))?;
            }
            _ => rows.decode(data, settings(page, strip_px))?,
        }
        left_px -= strip_px;
    }
    let mut samples = rows.finish()?;
    // "White" runs are 0 bits; where 0 means black, the fax's white is the page's black.
    if page.photometric != WHITE_IS_ZERO {
        samples.iter_mut().for_each(|v| *v = !*v);
    }
    gray(page.width_px, page.height_px, samples)
}

fn settings(page: &Directory, rows: u32) -> DecodeSettings {
    let encoding = match (page.compression, page.t4_options & TWO_DIMENSIONAL) {
        (GROUP_4, _) => EncodingMode::Group4,
        (GROUP_3, TWO_DIMENSIONAL) => EncodingMode::Group3_2D,
        _ => EncodingMode::Group3_1D,
    };
    DecodeSettings {
        columns: page.width_px,
        rows,
        end_of_block: page.compression != RLE,
        end_of_line: false,
        rows_are_byte_aligned: page.compression == RLE,
        encoding,
        strict: true,
    }
}

/// Decodes one Group 4 block to 0 (black) and 255: the way back from `encode_lossless`.
#[cfg(test)]
pub(crate) fn rows_of_g4(
    data: &[u8],
    width_px: u32,
    height_px: u32,
) -> Result<Vec<u8>, RasterFault> {
    let page = Directory {
        width_px,
        height_px,
        compression: GROUP_4,
        ..Directory::default()
    };
    let mut rows = Rows::new(width_px, height_px);
    rows.decode(data, settings(&page, height_px))?;
    rows.finish()
}

/// The page's rows as they come, one byte a pixel.
struct Rows {
    samples: Vec<u8>,
    width: usize,
    filled: usize,
}

impl Rows {
    fn new(width_px: u32, height_px: u32) -> Self {
        let width = width_px as usize;
        Self {
            samples: vec![255; width * height_px as usize],
            width,
            filled: 0,
        }
    }

    fn decode(&mut self, data: &[u8], settings: DecodeSettings) -> Result<(), RasterFault> {
        let expected = self.filled + self.width * settings.rows as usize;
        let mut context = DecoderContext::new(settings);
        let outcome = hayro_ccitt::decode(data, self, &mut context);
        // Data that ran out and data that make no sense differ only by where they end.
        match (outcome, self.filled == expected) {
            (Ok(_), true) => Ok(()),
            (Ok(_), false) => Err(RasterFault::Truncated),
            (Err(error), _) => Err(RasterFault::corrupt(error)),
        }
    }

    fn finish(self) -> Result<Vec<u8>, RasterFault> {
        match self.filled == self.samples.len() {
            true => Ok(self.samples),
            false => Err(RasterFault::Truncated),
        }
    }
}

impl Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        // A decoder that brings more rows than it was asked for is cut off.
        let Some(row) = self.samples.get_mut(self.filled..self.filled + self.width) else {
            return;
        };
        for span in changes.chunks(2) {
            let start = span[0] as usize;
            let end = span.get(1).map_or(self.width, |&end| end as usize);
            if let Some(black) = row.get_mut(start..end) {
                black.fill(0);
            }
        }
        self.filled += self.width;
    }
}
