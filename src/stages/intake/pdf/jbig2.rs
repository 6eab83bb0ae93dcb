//! JBIG2 images checked to their last segment, and decoded once for nothing but their faults.
//!
//! hayro draws such an image without the regions that it cannot decode: a page whose shared
//! dictionary is lost comes out as paper without its letters, and says nothing. Decoding
//! strictly beforehand takes 5 to 19 ms a page (TECH.md, part I, section 4).

use hayro_jbig2::{DecodeError, DecodeSettings, Decoder, Globals, Page};
use lopdf::{Document, Object, Stream};

use super::vet::be_u32;
use super::{PdfFault, RasterFault};
use crate::formats::raster::check_size;

/// Segment types that start with a region's size (ITU-T T.88, 7.4.1): text, halftone,
/// generic and refinement regions.
const REGIONS: [u8; 12] = [4, 6, 7, 20, 22, 23, 36, 38, 39, 40, 42, 43];
/// Page information, which starts with the page's size (T.88, 7.4.8).
const PAGE: u8 = 48;
/// End of a stripe, which holds its last row (T.88, 7.4.10).
const STRIPE_END: u8 = 50;
/// Dictionaries of a whole book take less than a megabyte.
const MAX_SHARED_BYTES: usize = 32 << 20;
const STRICT: DecodeSettings = DecodeSettings { strict: true };

/// Checks the sizes in an image's segments and those it shares, then that all can be decoded.
pub(super) fn vet(document: &Document, image: &Stream, max_pixels: u64) -> Result<(), PdfFault> {
    let shared = shared_segments(document, image)?;
    let shared = shared
        .as_deref()
        .map(|bytes| whole_segments(bytes, max_pixels));
    let shared = shared
        .transpose()?
        .map(|bytes| Globals::new(bytes, &STRICT));
    let shared = shared.transpose().map_err(undecodable)?;
    let segments = whole_segments(&image.content, max_pixels)?;
    let page = Page::new_embedded(segments, shared.as_ref(), &STRICT).map_err(undecodable)?;
    page.decode(&mut Unseen).map_err(undecodable)
}

fn undecodable(error: DecodeError) -> PdfFault {
    match error {
        DecodeError::Unsupported => RasterFault::unsupported(error).into(),
        error => PdfFault::corrupt(error),
    }
}

/// The segments that the image shares with others (ISO 32000-1, 7.4.7).
fn shared_segments(document: &Document, image: &Stream) -> Result<Option<Vec<u8>>, PdfFault> {
    let params = image.dict.get(b"DecodeParms").and_then(Object::as_dict);
    let Some(shared) = params.ok().and_then(|p| p.get(b"JBIG2Globals").ok()) else {
        return Ok(None);
    };
    let lost = |_| PdfFault::Raster(RasterFault::Truncated);
    let (_, shared) = document.dereference(shared).map_err(lost)?;
    let shared = shared.as_stream().map_err(lost)?;
    if !shared.dict.has(b"Filter") {
        return Ok(Some(shared.content.clone()));
    }
    let unpacked = shared.decompressed_content_with_limit(MAX_SHARED_BYTES);
    let unpacked = unpacked.map_err(|e| PdfFault::from_lopdf(e, MAX_SHARED_BYTES as u64));
    unpacked.map(Some)
}

/// The segments without what producers leave behind them; cut ones and huge ones are refused.
fn whole_segments(content: &[u8], max_pixels: u64) -> Result<&[u8], PdfFault> {
    let (mut at, mut page_width_px) = (0, 0);
    while let Some((kind, body, next)) = segment(content, at) {
        if next > content.len() {
            return Err(RasterFault::Truncated.into());
        }
        let number = |at| be_u32(content, at).ok_or(RasterFault::Truncated);
        if REGIONS.contains(&kind) {
            check_size(number(body)?, number(body + 4)?, max_pixels)?;
        } else if kind == PAGE {
            page_width_px = number(body)?;
            // A striped page's height is unknown at first: that of its stripes holds.
            let height_px = Some(number(body + 4)?).filter(|&height| height != u32::MAX);
            check_size(page_width_px, height_px.unwrap_or(1), max_pixels)?;
        } else if kind == STRIPE_END {
            check_size(page_width_px, number(body)?.saturating_add(1), max_pixels)?;
        }
        at = next;
    }
    // A line's end or padding may follow; anything else is the start of a segment.
    let (segments, rest) = content.split_at(at);
    match rest.iter().all(|b| matches!(b, 0 | b'\r' | b'\n' | b' ')) {
        true => Ok(segments),
        false => Err(RasterFault::Truncated.into()),
    }
}

/// The kind of the segment at `at`, where its data start and where the next one does (T.88, 7.2).
fn segment(content: &[u8], at: usize) -> Option<(u8, usize, usize)> {
    let number = be_u32(content, at)?;
    let flags = *content.get(at + 4)?;
    let count = *content.get(at + 5)?;
    let (referred, mut cursor) = match count >> 5 {
        7 => {
            let referred = (be_u32(content, at + 5)? & 0x1FFF_FFFF) as usize;
            (referred, at + 9 + (referred + 8) / 8)
        }
        few => (usize::from(few), at + 6),
    };
    let reference_bytes = match number {
        0..=256 => 1,
        257..=65536 => 2,
        _ => 4,
    };
    cursor = cursor.checked_add(referred.checked_mul(reference_bytes)?)?;
    cursor += if flags & 0x40 == 0 { 1 } else { 4 };
    let length = be_u32(content, cursor)?;
    let body = cursor + 4;
    // An unknown length runs to the end of the stream.
    let next = match length {
        u32::MAX => content.len(),
        length => body.checked_add(length as usize)?,
    };
    Some((flags & 0x3F, body, next))
}

/// Takes a decoded page and keeps nothing of it.
struct Unseen;

impl Decoder for Unseen {
    fn push_pixel(&mut self, _: bool) {}
    fn push_pixel_chunk(&mut self, _: bool, _: u32) {}
    fn next_line(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_PIXELS: u64 = 1_000_000;

    fn segment_of(kind: u8, words: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 0, 1, kind, 0, 1];
        bytes.extend((words.len() as u32 * 4).to_be_bytes());
        bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        bytes
    }

    #[test]
    fn segments_may_be_followed_by_padding_but_not_by_half_a_segment() {
        let page = segment_of(PAGE, &[100, 100]);
        let followed_by = |rest: &[u8]| {
            let content = [&page, rest].concat();
            whole_segments(&content, MAX_PIXELS).map(<[u8]>::len).ok()
        };
        assert_eq!(followed_by(b""), Some(page.len()));
        assert_eq!(followed_by(b"\r\n"), Some(page.len()));
        assert_eq!(followed_by(&segment_of(38, &[100, 100])[..9]), None);
        assert_eq!(followed_by(&segment_of(38, &[100, 100])[..14]), None);
    }

    #[test]
    fn a_striped_page_is_as_high_as_its_stripes_say() {
        let striped = |last_row| {
            let page = segment_of(PAGE, &[100, u32::MAX]);
            let content = [page, segment_of(STRIPE_END, &[last_row])].concat();
            whole_segments(&content, MAX_PIXELS).err()
        };
        let too_large = |fault| matches!(fault, PdfFault::Raster(RasterFault::TooLarge { .. }));
        assert_eq!(striped(9_999), None);
        assert!(striped(10_000).is_some_and(too_large));
        assert!(striped(u32::MAX).is_some_and(too_large));
    }
}
