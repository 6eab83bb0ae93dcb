//! A scanner's own bytes against their PDF dictionary: a JPEG's frame header (ITU-T T.81,
//! B.2.2), a JP2 file's boxes (ITU-T T.800, Annex I).

use super::shapes::samples;
use crate::formats::raster::{Coding, Space, jpeg2000};

/// True where the bytes are what an image dictionary of this coding, size and space says;
/// always for the codings that are written here and not taken over.
pub(super) fn agrees(bytes: &[u8], coding: Coding, size_px: (u32, u32), space: Space) -> bool {
    match coding {
        Coding::Jpeg { .. } => {
            frame(bytes).is_some_and(|frame| frame.agrees(size_px.0, size_px.1, space))
        }
        // Of a plain space only: one colour specification, channels alike in depth, and
        // three or one of them (ISO 19005-2, 6.2.8.3).
        Coding::Jpeg2000 => jpeg2000::walk(bytes, u64::MAX).is_ok_and(|said| {
            said.plain_space() == Some(space) && (said.width_px, said.height_px) == size_px
        }),
        Coding::CcittG4 | Coding::FlatePng => true,
    }
}

/// What the frame header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Pixels a line.
    pub width_px: u32,
    /// Lines.
    pub height_px: u32,
    /// Components a pixel.
    pub components: u8,
}

impl Frame {
    /// True where an image dictionary of this size and space tells the same.
    pub fn agrees(&self, width_px: u32, height_px: u32, space: Space) -> bool {
        let (components, bits) = samples(space);
        let said = (self.width_px, self.height_px, self.components);
        said == (width_px, height_px, components) && bits == 8
    }
}

/// Reads the frame header; none where this is no JPEG that DCTDecode takes
/// (Huffman-coded, sequential or progressive, eight bits: ISO 32000-1, 7.4.8).
pub(super) fn frame(bytes: &[u8]) -> Option<Frame> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    loop {
        // Any number of fill bytes may stand before a marker (T.81, B.1.1.2).
        let marker_at = rest.iter().position(|byte| *byte != 0xFF)?;
        if marker_at == 0 {
            return None;
        }
        let marker = rest[marker_at];
        rest = &rest[marker_at + 1..];
        if marker == 0x01 || (0xD0..=0xD7).contains(&marker) {
            continue;
        }
        let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        let segment = rest.get(2..length)?;
        match marker {
            0xC0..=0xC2 => return frame_of(segment),
            // DHT, JPG extension and DAC share the range of the frame markers.
            0xC4 | 0xCC => {}
            0xC3..=0xCF | 0xD9 | 0xDA => return None,
            _ => {}
        }
        rest = &rest[length..];
    }
}

fn frame_of(segment: &[u8]) -> Option<Frame> {
    let [8, h1, h0, w1, w0, components, ..] = *segment else {
        return None;
    };
    Some(Frame {
        width_px: u32::from(u16::from_be_bytes([w1, w0])),
        height_px: u32::from(u16::from_be_bytes([h1, h0])),
        components,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use proptest::prelude::*;

    fn grey_jpeg() -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new(&mut bytes)
            .encode(&[128; 12], 4, 3, image::ExtendedColorType::L8)
            .expect("a tiny image encodes");
        bytes
    }

    #[test]
    fn the_frame_of_a_real_jpeg_is_read() {
        let frame = frame(&grey_jpeg()).expect("a JPEG");
        assert_eq!(
            (frame.width_px, frame.height_px, frame.components),
            (4, 3, 1)
        );
    }

    #[test]
    fn twelve_bits_and_arithmetic_coding_are_refused() {
        let mut twelve = grey_jpeg();
        let sof = twelve
            .windows(2)
            .position(|pair| pair == [0xFF, 0xC0])
            .expect("a frame");
        twelve[sof + 4] = 12;
        assert_eq!(frame(&twelve), None);
        let mut arithmetic = grey_jpeg();
        arithmetic[sof + 1] = 0xC9;
        assert_eq!(frame(&arithmetic), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = bytes;
            frame(&bytes);
            bytes.splice(0..0, [0xFF, 0xD8, 0xFF]);
            frame(&bytes);
        }

        #[test]
        fn no_cut_makes_the_reader_panic(cut in 0usize..400) {
            let whole = grey_jpeg();
            frame(&whole[..cut.min(whole.len())]);
        }
    }
}
