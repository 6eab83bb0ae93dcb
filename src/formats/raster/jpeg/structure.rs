//! The skeleton of a JPEG file: its markers, walked without decoding.
//!
//! Decoders forgive a file that ends early and paint the rest grey. An archive must
//! not, so the walk demands a frame, a scan and the end marker (ITU-T T.81, Annex B). The
//! end marker alone may be missing: whether the last scan is whole then only decoding tells.

use std::ops::Range;

use memchr::memchr;

use crate::formats::raster::RasterFault;

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const TEM: u8 = 0x01;
const PROGRESSIVE: u8 = 0xC2;
/// The frame of a JPEG-LS file (ITU-T T.87, C.2.2).
const JPEG_LS: u8 = 0xF7;
const RST: std::ops::RangeInclusive<u8> = 0xD0..=0xD7;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

/// What the markers of a whole JPEG file say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Structure {
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
    /// The components' identifiers in frame order.
    pub(crate) components: Vec<u8>,
    /// The unit (1 inch, 2 centimetre) and the densities of a JFIF header.
    pub(crate) jfif: Option<(u8, u16, u16)>,
    /// The transform flag of an Adobe header.
    pub(crate) adobe: Option<u8>,
    /// Where the EXIF block lies, its `Exif\0\0` left out.
    pub(crate) exif: Option<Range<usize>>,
    /// True where a camera says that previews or other views follow (CIPA DC-007).
    pub(crate) previews_follow: bool,
    /// First byte after the end marker; what follows belongs to no image.
    pub(crate) end: usize,
    /// True where the bytes end inside the last scan of a sequential frame.
    pub(crate) lacks_end_marker: bool,
}

#[derive(Default)]
struct Walk {
    frame: Option<(u32, u32, Vec<u8>)>,
    jfif: Option<(u8, u16, u16)>,
    adobe: Option<u8>,
    exif: Option<Range<usize>>,
    previews_follow: bool,
    is_sequential: bool,
    /// Components of all scans so far.
    scanned: usize,
}

/// Walks the markers to the end of the image.
pub(crate) fn walk(bytes: &[u8]) -> Result<Structure, RasterFault> {
    if !bytes.starts_with(&[0xFF, SOI]) {
        return Err(RasterFault::corrupt("no JPEG start marker"));
    }
    let mut walk = Walk::default();
    let mut at = 2;
    loop {
        let (marker, after) = next_marker(bytes, at)?;
        at = after;
        match marker {
            EOI => return walk.finish(at, false),
            TEM => continue,
            // A restart marker between segments is a leftover; decoders skip it too.
            marker if RST.contains(&marker) => continue,
            _ => {}
        }
        let segment = segment(bytes, at)?;
        at = segment.end;
        walk.take(marker, bytes, segment)?;
        if marker == SOS {
            match skip_entropy_coded(bytes, at) {
                Ok(marker) => at = marker,
                Err(_) if walk.is_at_its_last_scan() => return walk.finish(bytes.len(), true),
                Err(cut) => return Err(cut),
            }
        }
    }
}

/// The next marker's code and the first byte after it.
fn next_marker(bytes: &[u8], from: usize) -> Result<(u8, usize), RasterFault> {
    let mut at = from;
    while let Some(skipped) = memchr(0xFF, bytes.get(at..).unwrap_or_default()) {
        at += skipped + 1;
        match bytes.get(at) {
            // 0xFF may be repeated as fill (B.1.1.2); 0xFF00 is stuffing, not a marker.
            Some(0xFF | 0x00) => {}
            Some(code) => return Ok((*code, at + 1)),
            None => break,
        }
    }
    Err(RasterFault::Truncated)
}

fn segment(bytes: &[u8], at: usize) -> Result<Range<usize>, RasterFault> {
    let length = bytes.get(at..at + 2).ok_or(RasterFault::Truncated)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if length < 2 {
        return Err(RasterFault::corrupt(
            "a JPEG segment shorter than its length",
        ));
    }
    if at + length > bytes.len() {
        return Err(RasterFault::Truncated);
    }
    Ok(at + 2..at + length)
}

/// The first byte of the marker that ends the entropy-coded data.
fn skip_entropy_coded(bytes: &[u8], from: usize) -> Result<usize, RasterFault> {
    let mut at = from;
    loop {
        let (marker, after) = next_marker(bytes, at)?;
        if !RST.contains(&marker) {
            return Ok(after - 2);
        }
        at = after;
    }
}

impl Walk {
    fn take(&mut self, marker: u8, bytes: &[u8], at: Range<usize>) -> Result<(), RasterFault> {
        let body = &bytes[at.clone()];
        match marker {
            SOS => self.scanned += body.first().map_or(0, |&count| count.into()),
            0xC0..=0xC2 => {
                self.is_sequential = marker != PROGRESSIVE;
                self.take_frame(body)?;
            }
            JPEG_LS => return Err(RasterFault::unsupported("JPEG-LS")),
            // C4, C8 and CC are tables; the other C-codes are frames nobody's scanner writes.
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                let detail = format!("JPEG frame of type {marker:02X}");
                return Err(RasterFault::Unsupported { detail });
            }
            APP0 if body.starts_with(b"JFIF\0") && body.len() >= 12 => {
                let number = |i: usize| u16::from_be_bytes([body[i], body[i + 1]]);
                self.jfif = Some((body[7], number(8), number(10)));
            }
            APP1 if body.starts_with(b"Exif\0\0") && self.exif.is_none() => {
                self.exif = Some(at.start + 6..at.end);
            }
            APP2 if body.starts_with(b"MPF\0") => self.previews_follow = true,
            APP14 if body.starts_with(b"Adobe") && body.len() >= 12 => {
                self.adobe = Some(body[11]);
            }
            _ => {}
        }
        Ok(())
    }

    fn take_frame(&mut self, body: &[u8]) -> Result<(), RasterFault> {
        if self.frame.is_some() {
            return Err(RasterFault::corrupt("a JPEG with two frames"));
        }
        let [precision, h1, h0, w1, w0, count, rest @ ..] = body else {
            return Err(RasterFault::corrupt("a JPEG frame too short"));
        };
        if *precision != 8 {
            let detail = format!("JPEG of {precision} bits a sample");
            return Err(RasterFault::Unsupported { detail });
        }
        let components: Vec<u8> = rest.chunks_exact(3).map(|c| c[0]).collect();
        if components.len() != usize::from(*count) || !matches!(count, 1 | 3 | 4) {
            let detail = format!("JPEG of {count} components");
            return Err(RasterFault::Unsupported { detail });
        }
        // The decoder lays such pixels out wrongly, without a word (measured, zune-jpeg 0.5.15).
        let mut across = rest.chunks_exact(3).map(|c| c[1] >> 4);
        let brightness = across.next();
        if across.any(|colour| Some(colour) > brightness) {
            return Err(RasterFault::unsupported(
                "JPEG whose colours are finer than its brightness",
            ));
        }
        let side = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
        self.frame = Some((side(*w1, *w0), side(*h1, *h0), components));
        Ok(())
    }

    /// True where each component stands in a scan and no later one could refine it.
    fn is_at_its_last_scan(&self) -> bool {
        let components = self.frame.as_ref().map_or(0, |frame| frame.2.len());
        self.is_sequential && self.scanned == components
    }

    fn finish(self, end: usize, lacks_end_marker: bool) -> Result<Structure, RasterFault> {
        let Some((width_px, height_px, components)) = self.frame else {
            return Err(RasterFault::Truncated);
        };
        if self.scanned == 0 {
            return Err(RasterFault::Truncated);
        }
        Ok(Structure {
            width_px,
            height_px,
            components,
            jfif: self.jfif,
            adobe: self.adobe,
            exif: self.exif,
            previews_follow: self.previews_follow,
            end,
            lacks_end_marker,
        })
    }
}

impl Structure {
    /// True where three components are red, green and blue already.
    ///
    /// The order of trust is libjpeg's: Adobe's flag, then JFIF (always YCbCr), then
    /// what the surrounding file says, then the identifiers `R`, `G`, `B`.
    pub(crate) fn is_rgb(&self, told_transform: Option<u8>) -> bool {
        if self.components.len() != 3 {
            return false;
        }
        match (self.adobe, self.jfif, told_transform) {
            (Some(transform), _, _) => transform == 0,
            (None, Some(_), _) => false,
            (None, None, Some(transform)) => transform == 0,
            (None, None, None) => self.components == *b"RGB",
        }
    }
}
