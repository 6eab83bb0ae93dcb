//! Fax-coded strips: RLE, Group 3 and Group 4 (ITU-T T.4, T.6; TIFF 6.0, sections 10 and 11).

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::directory::{Directory, GROUP_3, GROUP_4, RLE, RLE_WORDS};
use crate::formats::raster::RasterFault;

/// T4Options bit 0: two-dimensional coding.
const TWO_DIMENSIONAL: u32 = 1;

/// Decodes one strip or tile of so many rows into samples of 0 ("white" runs) and 1.
pub(super) fn samples(
    data: &[u8],
    page: &Directory,
    width_px: u32,
    rows: u32,
) -> Result<Vec<u8>, RasterFault> {
    if page.bits != 1 || page.samples != 1 {
        let detail = "fax coding of more than one bit";
        return Err(RasterFault::unsupported(detail));
    }
    let width = width_px as usize;
    let mut out = Rows {
        samples: vec![0; width * rows as usize],
        width,
        filled: 0,
    };
    let outcome = match page.compression {
        RLE_WORDS => rows_at_words(data, &mut out, settings(page, width_px, 1), rows),
        _ => {
            let mut context = DecoderContext::new(settings(page, width_px, rows));
            hayro_ccitt::decode(data, &mut out, &mut context)
        }
    };
    // Data that ran out and data that make no sense differ only by where they end.
    match (outcome, out.filled == out.samples.len()) {
        (Ok(_), true) => Ok(out.samples),
        (Ok(_), false) => Err(RasterFault::Truncated),
        (Err(error), _) => Err(RasterFault::corrupt(error)),
    }
}

/// Decodes row after row, each of which begins at a word; gives the bytes read.
fn rows_at_words(
    data: &[u8],
    out: &mut Rows,
    row: DecodeSettings,
    rows: u32,
) -> hayro_ccitt::Result<usize> {
    let mut context = DecoderContext::new(row);
    let mut at = 0;
    for _ in 0..rows {
        let rest = data.get(at..).unwrap_or_default();
        at += hayro_ccitt::decode(rest, out, &mut context)?.next_multiple_of(2);
    }
    Ok(at)
}

fn settings(page: &Directory, width_px: u32, rows: u32) -> DecodeSettings {
    let encoding = match (page.compression, page.t4_options & TWO_DIMENSIONAL) {
        (GROUP_4, _) => EncodingMode::Group4,
        (GROUP_3, TWO_DIMENSIONAL) => EncodingMode::Group3_2D,
        _ => EncodingMode::Group3_1D,
    };
    let is_rle = matches!(page.compression, RLE | RLE_WORDS);
    DecodeSettings {
        columns: width_px,
        rows,
        end_of_block: !is_rle,
        end_of_line: false,
        rows_are_byte_aligned: is_rle,
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
        compression: GROUP_4,
        bits: 1,
        samples: 1,
        ..Directory::default()
    };
    let black = samples(data, &page, width_px, height_px)?;
    Ok(black.into_iter().map(|ink| 255 * (1 - ink)).collect())
}

/// The rows as they come, one byte a pixel.
struct Rows {
    samples: Vec<u8>,
    width: usize,
    filled: usize,
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
                black.fill(1);
            }
        }
        self.filled += self.width;
    }
}
