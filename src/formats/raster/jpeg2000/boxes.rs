//! The boxes of a JP2 file (ITU-T T.800, Annex I): where the codestream lies, what its
//! components mean, and how finely the page was scanned.

use std::ops::Range;

use crate::formats::raster::{Dpi, RasterFault};

const SIGNATURE: &[u8] = b"\0\0\0\x0CjP  \r\n\x87\n";

/// What the boxes around a codestream say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Boxes {
    /// Where the one codestream lies in the file.
    pub(super) codestream: Range<usize>,
    /// Colour specifications, in the order found.
    pub(super) colours: Vec<Colour>,
    /// True where samples are indices into a palette.
    pub(super) palette: bool,
    /// True where a box says what each channel is for (alpha, or another order).
    pub(super) channels_defined: bool,
    /// Dots per metre across and down, of the scanner.
    captured_per_m: Option<(f64, f64)>,
    /// Dots per metre across and down, wished for display.
    displayed_per_m: Option<(f64, f64)>,
}

/// One colour specification (I.5.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// A number of table I.10 (T.800) or M.25 (T.801).
    Enumerated(u32),
    /// An ICC profile.
    Profile,
    /// A method that nobody but its vendor knows.
    Other,
}

impl Boxes {
    /// Reads the boxes; `None` where the file is a bare codestream.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, RasterFault> {
        if !bytes.starts_with(SIGNATURE) {
            return Ok(None);
        }
        let mut boxes = Boxes::default();
        let mut codestreams = 0;
        for entry in within(bytes, 0..bytes.len()) {
            let (name, body) = entry?;
            match &name {
                b"jp2h" => boxes.take_header(bytes, body)?,
                b"jp2c" => {
                    codestreams += 1;
                    boxes.codestream = body;
                }
                _ => {}
            }
        }
        match codestreams {
            0 => Err(RasterFault::Truncated),
            1 => Ok(Some(boxes)),
            // Layers or frames of JPX and Motion JPEG 2000; which one is the page is not said.
            _ => Err(RasterFault::unsupported("JPEG 2000 of several images")),
        }
    }

    fn take_header(&mut self, bytes: &[u8], within_box: Range<usize>) -> Result<(), RasterFault> {
        for entry in within(bytes, within_box) {
            let (name, body) = entry?;
            match &name {
                b"colr" => self.colours.push(Colour::read(&bytes[body])),
                b"pclr" => self.palette = true,
                b"cdef" => self.channels_defined = true,
                b"res " => self.take_resolutions(bytes, body)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn take_resolutions(
        &mut self,
        bytes: &[u8],
        within_box: Range<usize>,
    ) -> Result<(), RasterFault> {
        for entry in within(bytes, within_box) {
            let (name, body) = entry?;
            match &name {
                b"resc" => self.captured_per_m = per_metre(&bytes[body]),
                b"resd" => self.displayed_per_m = per_metre(&bytes[body]),
                _ => {}
            }
        }
        Ok(())
    }

    /// The scanner's resolution, else the one for display, where a scanner could have made it.
    pub(super) fn dpi(&self, size_px: (u32, u32)) -> Option<Dpi> {
        let believed = |stated: Option<(f64, f64)>| {
            let (x, y) = stated?;
            Dpi::from_per_metre(x, y, size_px)
        };
        believed(self.captured_per_m).or_else(|| believed(self.displayed_per_m))
    }
}

impl Colour {
    fn read(body: &[u8]) -> Self {
        match body {
            [1, _, _, a, b, c, d, ..] => Self::Enumerated(u32::from_be_bytes([*a, *b, *c, *d])),
            [2 | 3, ..] => Self::Profile,
            _ => Self::Other,
        }
    }
}

/// Vertical, then horizontal: numerators and denominators, then the exponents (I.5.3.7.1).
fn per_metre(body: &[u8]) -> Option<(f64, f64)> {
    let [n1, n0, d1, d0, m1, m0, e1, e0, down, across, ..] = *body else {
        return None;
    };
    let ratio = |high: u8, low: u8| f64::from(u16::from_be_bytes([high, low]));
    let power = |exponent: u8| 10f64.powi(i32::from(exponent.cast_signed()));
    let y = ratio(n1, n0) / ratio(d1, d0) * power(down);
    let x = ratio(m1, m0) / ratio(e1, e0) * power(across);
    Some((x, y))
}

type Found = Result<([u8; 4], Range<usize>), RasterFault>;

/// The boxes of a part of the file: name and where the content lies (I.4).
fn within(bytes: &[u8], part: Range<usize>) -> impl Iterator<Item = Found> + '_ {
    let mut at = part.start;
    std::iter::from_fn(move || {
        if at >= part.end {
            return None;
        }
        let found = one_box(&bytes[..part.end], at).ok_or(RasterFault::Truncated);
        at = found.as_ref().map_or(part.end, |(_, body)| body.end);
        Some(found)
    })
}

fn one_box(bytes: &[u8], at: usize) -> Option<([u8; 4], Range<usize>)> {
    let head = bytes.get(at..at.checked_add(8)?)?;
    let name = head[4..].try_into().ok()?;
    let (start, length) = match u32::from_be_bytes(head[..4].try_into().ok()?) {
        // To the end of the file.
        0 => (at + 8, bytes.len() - at),
        1 => {
            let long = bytes.get(at + 8..at + 16)?.try_into().ok()?;
            (at + 16, usize::try_from(u64::from_be_bytes(long)).ok()?)
        }
        length => (at + 8, length as usize),
    };
    let end = at.checked_add(length)?;
    (start <= end && end <= bytes.len()).then_some((name, start..end))
}
