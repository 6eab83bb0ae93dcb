//! What a file is, by its first bytes; the name's ending is not asked.

use serde::{Deserialize, Serialize};

use crate::formats::raster::webp_bmp;

/// The kinds of files that are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// TIFF or BigTIFF.
    Tiff,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// JPEG 2000: a JP2 file or a bare codestream.
    Jpeg2000,
    /// WebP or Windows bitmap.
    Other(webp_bmp::Format),
    /// PDF.
    Pdf,
}

/// Readers look for a PDF's header in the first 1024 bytes (ISO 32000-1, annex H).
const PDF_HEADER_WITHIN: usize = 1024;

impl Kind {
    /// The kind by the file's first bytes; `None` for anything that is no scan.
    pub fn of(start: &[u8]) -> Option<Kind> {
        match start {
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Kind::Tiff),
            [0xFF, 0xD8, 0xFF, ..] => Some(Kind::Jpeg),
            [
                0,
                0,
                0,
                12,
                b'j',
                b'P',
                b' ',
                b' ',
                b'\r',
                b'\n',
                0x87,
                b'\n',
                ..,
            ]
            | [0xFF, 0x4F, 0xFF, 0x51, ..] => Some(Kind::Jpeg2000),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Kind::Png),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Kind::Other(webp_bmp::Format::WebP)),
            // The two reserved fields are zero; without them any text starting "BM" would do.
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(Kind::Other(webp_bmp::Format::Bmp)),
            _ => {
                let start = &start[..start.len().min(PDF_HEADER_WITHIN)];
                let is_pdf = start.windows(5).any(|window| window == b"%PDF-");
                is_pdf.then_some(Kind::Pdf)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_not_names() {
        assert_eq!(Kind::of(b"II*\0\x08\0\0\0"), Some(Kind::Tiff));
        assert_eq!(Kind::of(b"MM\0*\0\0\0\x08"), Some(Kind::Tiff));
        assert_eq!(Kind::of(b"\xFF\xD8\xFF\xE0"), Some(Kind::Jpeg));
        assert_eq!(Kind::of(b"\0\0\0\x0CjP  \r\n\x87\n"), Some(Kind::Jpeg2000));
        assert_eq!(Kind::of(b"\xFF\x4F\xFF\x51"), Some(Kind::Jpeg2000));
        assert_eq!(Kind::of(b"\xEF\xBB\xBF%PDF-1.7\n"), Some(Kind::Pdf));
        for text in [
            &b""[..],
            b"BM is how this letter starts",
            b"II. Noi dung",
            b"MZ",
        ] {
            assert_eq!(Kind::of(text), None);
        }
    }
}
