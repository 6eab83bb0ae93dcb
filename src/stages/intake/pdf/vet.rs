//! Images of a PDF checked before any is decoded: for the sizes their own codings claim, and
//! that they are there to their end. Renderers paint what they have of a cut image, and a
//! page with a grey foot must not pass for the page.

use lopdf::{Dictionary, Document, Object, Stream};

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::colour::channels;
use super::{PdfFault, RasterFault, jbig2};
use crate::formats::raster::{check_size, jpeg, jpeg2000};

/// JPEG 2000: start of codestream followed by the size marker (ITU-T T.800, A.4.1, A.5.1).
const SOC_SIZ: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
/// Checks an image XObject; other streams pass. The stream has at most an image's filter left.
pub(super) fn vet_image(
    document: &Document,
    stream: &Stream,
    max_pixels: u64,
) -> Result<(), PdfFault> {
    let dict = &stream.dict;
    let subtype = dict.get(b"Subtype").and_then(Object::as_name);
    if !matches!(subtype, Ok(b"Image")) {
        return Ok(());
    }
    let (width_px, height_px) = (
        side(document, dict, b"Width")?,
        side(document, dict, b"Height")?,
    );
    check_size(width_px, height_px, max_pixels)?;
    match dict.get(b"Filter").and_then(Object::as_name) {
        Ok(b"CCITTFaxDecode") => vet_fax(stream, height_px, max_pixels),
        Ok(b"JPXDecode") => vet_jpx(&stream.content, max_pixels),
        Ok(b"JBIG2Decode") => jbig2::vet(document, stream, max_pixels),
        Ok(b"DCTDecode") => {
            jpeg::inspect(&stream.content, max_pixels)?;
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(_) => vet_plain(document, stream, width_px, height_px),
    }
}

fn side(document: &Document, dict: &Dictionary, key: &[u8]) -> Result<u32, PdfFault> {
    let value = dict.get_deref(key, document).and_then(Object::as_i64);
    let value = value.map_err(PdfFault::corrupt)?;
    u32::try_from(value).map_err(PdfFault::corrupt)
}

/// Unpacked samples must be there to the last row: readers paint what is missing.
fn vet_plain(
    document: &Document,
    stream: &Stream,
    width_px: u32,
    height_px: u32,
) -> Result<(), PdfFault> {
    let is_mask = stream.dict.get(b"ImageMask").and_then(Object::as_bool);
    let number = |key: &[u8]| {
        stream
            .dict
            .get_deref(key, document)
            .and_then(Object::as_i64)
    };
    let (bits, channels) = match is_mask {
        Ok(true) => (1, Some(1)),
        _ => (
            number(b"BitsPerComponent").unwrap_or(8),
            channels(document, &stream.dict),
        ),
    };
    let (Some(channels), Ok(bits)) = (channels, u64::try_from(bits)) else {
        return Ok(());
    };
    let row_bytes = (u64::from(width_px) * channels * bits.min(16)).div_ceil(8);
    match row_bytes * u64::from(height_px) <= stream.content.len() as u64 {
        true => Ok(()),
        false => Err(RasterFault::Truncated.into()),
    }
}

/// Counts the rows of a fax-coded image: a decoder that stops inside one was cut off.
fn vet_fax(stream: &Stream, rows: u32, max_pixels: u64) -> Result<(), PdfFault> {
    let params = stream
        .dict
        .get(b"DecodeParms")
        .and_then(Object::as_dict)
        .ok();
    let number = |key: &[u8]| params.and_then(|p| p.get(key).and_then(Object::as_i64).ok());
    let flag = |key: &[u8]| params.and_then(|p| p.get(key).and_then(Object::as_bool).ok());
    // ISO 32000-1, table 11, and its defaults.
    let columns = u32::try_from(number(b"Columns").unwrap_or(1728)).map_err(PdfFault::corrupt)?;
    check_size(columns, rows, max_pixels)?;
    let mut context = DecoderContext::new(DecodeSettings {
        columns,
        rows,
        end_of_block: flag(b"EndOfBlock").unwrap_or(true),
        end_of_line: flag(b"EndOfLine").unwrap_or(false),
        rows_are_byte_aligned: flag(b"EncodedByteAlign").unwrap_or(false),
        encoding: match number(b"K").unwrap_or(0) {
            ..0 => EncodingMode::Group4,
            0 => EncodingMode::Group3_1D,
            1.. => EncodingMode::Group3_2D,
        },
        strict: false,
    });
    let mut found = RowCount(0);
    let outcome = hayro_ccitt::decode(&stream.content, &mut found, &mut context);
    match outcome.is_err() && found.0 < rows {
        true => Err(RasterFault::Truncated.into()),
        false => Ok(()),
    }
}

struct RowCount(u32);

impl Decoder for RowCount {
    fn push_row(&mut self, _: &[u32]) {
        self.0 += 1;
    }
}

fn vet_jpx(content: &[u8], max_pixels: u64) -> Result<(), PdfFault> {
    // Every codestream in the data is looked at, since a reader may take any.
    let starts = content
        .windows(4)
        .enumerate()
        .filter(|(_, w)| *w == SOC_SIZ);
    for (at, _) in starts {
        // Lsiz, Rsiz, Xsiz, Ysiz, XOsiz, YOsiz.
        let number = |i: usize| be_u32(content, at + 8 + 4 * i);
        let (Some(x), Some(y), Some(x0), Some(y0)) = (number(0), number(1), number(2), number(3))
        else {
            return Err(RasterFault::Truncated.into());
        };
        check_size(x.saturating_sub(x0), y.saturating_sub(y0), max_pixels)?;
    }
    jpeg2000::walk(content, max_pixels)?;
    Ok(())
}

pub(super) fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let raw = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_be_bytes(raw))
}
