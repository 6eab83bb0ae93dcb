//! What the TIFF reader promises, on files built here tag by tag.

use super::*;
use crate::formats::raster::pixels::gray;
use crate::formats::raster::{Coding, Dpi, Pixels, encode_lossless};
use ::tiff::encoder::{Compression, TiffEncoder, colortype};
use proptest::prelude::*;

const MAX: u64 = 1_000_000;
const MAX_PAGES: u32 = 20;

/// One page to be: its tags (short or long by value) and its only strip.
#[derive(Clone)]
struct Page {
    tags: Vec<(u16, Vec<u32>)>,
    strip: Vec<u8>,
}

impl Page {
    fn new(width_px: u32, height_px: u32, compression: u32, photometric: u32) -> Self {
        let tags = [
            (254, 0),
            (256, width_px),
            (257, height_px),
            (258, 1),
            (259, compression),
            (262, photometric),
        ];
        Self {
            tags: tags.map(|(tag, value)| (tag, vec![value])).to_vec(),
            strip: Vec::new(),
        }
    }

    fn with(mut self, tag: u16, values: &[u32]) -> Self {
        self.tags.retain(|(t, _)| *t != tag);
        self.tags.push((tag, values.to_vec()));
        self
    }

    fn strip(mut self, strip: Vec<u8>) -> Self {
        self.strip = strip;
        self
    }
}

/// A little-endian TIFF of these pages. Resolution is always 300 to the inch.
fn file(pages: &[Page]) -> Vec<u8> {
    let mut out = b"II*\0\0\0\0\0".to_vec();
    let mut link_at = 4;
    for page in pages {
        let strip_at = out.len() as u32;
        out.extend(&page.strip);
        let ratio_at = out.len() as u32;
        out.extend([300u32, 1].map(u32::to_le_bytes).concat());
        let page = page
            .clone()
            .with(273, &[strip_at])
            .with(279, &[page.strip.len() as u32]);
        let mut entries = Vec::new();
        for (tag, values) in &page.tags {
            // Lists (palettes) are 16-bit; a single value is as short as it can be.
            let (kind, value) = match values.as_slice() {
                [one] if *one > 0xFFFF => (4u16, *one),
                [one] => (3, *one),
                list => {
                    let at = out.len() as u32;
                    out.extend(list.iter().flat_map(|&v| (v as u16).to_le_bytes()));
                    (3, at)
                }
            };
            entries.push((*tag, kind, values.len() as u32, value));
        }
        entries.push((282, 5, 1, ratio_at));
        entries.push((283, 5, 1, ratio_at));
        entries.sort();
        let directory_at = out.len() as u32;
        out[link_at..link_at + 4].copy_from_slice(&directory_at.to_le_bytes());
        out.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            out.extend(tag.to_le_bytes());
            out.extend(kind.to_le_bytes());
            out.extend(count.to_le_bytes());
            out.extend(value.to_le_bytes());
        }
        link_at = out.len();
        out.extend([0; 4]);
    }
    out
}

fn decode_first(bytes: &[u8]) -> Decoded {
    let pages = inspect(bytes, MAX, MAX_PAGES).expect("a sound file");
    decode(bytes, pages.0[0], MAX).expect("a sound page")
}

fn samples(pixels: &Pixels) -> Vec<u8> {
    match pixels {
        Pixels::Bilevel(image) | Pixels::Gray(image) => image.as_raw().clone(),
        Pixels::Color(image) => image.as_raw().clone(),
    }
}

fn stripes(width_px: u32, height_px: u32) -> Vec<u8> {
    (0..width_px * height_px)
        .map(|i| {
            if ((i % width_px) / 9).is_multiple_of(2) && i / width_px != 3 {
                0
            } else {
                255
            }
        })
        .collect()
}

fn g4_strip(width_px: u32, height_px: u32) -> Vec<u8> {
    let pixels = gray(width_px, height_px, stripes(width_px, height_px)).expect("sizes fit");
    let encoded = encode_lossless(&pixels.narrowed()).expect("encodes");
    assert_eq!(encoded.coding, Coding::CcittG4);
    encoded.bytes
}

#[test]
fn group_4_is_read_in_both_polarities_and_bit_orders() {
    let strip = g4_strip(70, 11);
    let white_is_zero = Page::new(70, 11, 4, 0).strip(strip.clone());
    let decoded = decode_first(&file(&[white_is_zero]));
    assert!(matches!(decoded.raster.pixels, Pixels::Bilevel(_)));
    assert_eq!(samples(&decoded.raster.pixels), stripes(70, 11));
    assert_eq!(decoded.raster.dpi, Some(Dpi { x: 300.0, y: 300.0 }));

    let black_is_zero = Page::new(70, 11, 4, 1).strip(strip.clone());
    let negative: Vec<u8> = stripes(70, 11).iter().map(|v| !v).collect();
    assert_eq!(
        samples(&decode_first(&file(&[black_is_zero])).raster.pixels),
        negative
    );

    let turned = strip.iter().map(|b| b.reverse_bits()).collect();
    let low_bit_first = Page::new(70, 11, 4, 0).with(266, &[2]).strip(turned);
    assert_eq!(
        samples(&decode_first(&file(&[low_bit_first])).raster.pixels),
        stripes(70, 11)
    );
}

/// Modified Huffman codes of white 9, black 9 and their like, for a row of `stripes(72, _)`.
fn mh_row() -> String {
    // Starts black: a white run of 0 first (T.4, 4.1.1).
    let mut bits = String::from("00110101");
    for run in 0..8 {
        bits += if run % 2 == 0 { "000100" } else { "10100" };
    }
    bits
}

fn packed_bits(bits: &str) -> Vec<u8> {
    let digits: Vec<u8> = bits.bytes().map(|b| b - b'0').collect();
    let byte = |chunk: &[u8]| {
        let value = chunk.iter().fold(0u8, |value, bit| value << 1 | bit);
        value << (8 - chunk.len())
    };
    digits.chunks(8).map(byte).collect()
}

#[test]
fn rle_at_bytes_and_at_words_and_group_3_are_read() {
    let expected: Vec<u8> = (0..72 * 3)
        .map(|i| if i % 72 / 9 % 2 == 0 { 0 } else { 255 })
        .collect();
    let rle: Vec<u8> = (0..3).flat_map(|_| packed_bits(&mh_row())).collect();
    let page = Page::new(72, 3, 2, 0).strip(rle);
    assert_eq!(
        samples(&decode_first(&file(&[page])).raster.pixels),
        expected
    );

    // Seven bytes a row, filled up to eight; the last row of a strip need not be.
    let word = [packed_bits(&mh_row()), vec![0]].concat();
    let words = [word.clone(), word.clone(), packed_bits(&mh_row())].concat();
    let page = Page::new(72, 3, 32771, 0).strip(words.clone());
    assert_eq!(
        samples(&decode_first(&file(&[page])).raster.pixels),
        expected
    );
    for length in 0..words.len() {
        let page = Page::new(72, 3, 32771, 0).strip(words[..length].to_vec());
        assert!(decode(&file(&[page]), 0, MAX).is_err(), "cut to {length}");
    }

    let eol = "000000000001";
    let rows: String = (0..3).map(|_| eol.to_owned() + &mh_row()).collect();
    let page = Page::new(72, 3, 3, 0).strip(packed_bits(&rows));
    assert_eq!(
        samples(&decode_first(&file(&[page])).raster.pixels),
        expected
    );
}

#[test]
fn cut_fax_data_are_a_fault() {
    let strip = g4_strip(70, 40);
    for length in 0..strip.len() - 4 {
        let page = Page::new(70, 40, 4, 0).strip(strip[..length].to_vec());
        let bytes = file(&[page]);
        let decoded = decode(&bytes, 0, MAX);
        assert!(decoded.is_err(), "cut to {length} of {}", strip.len());
    }
}

#[test]
fn palettes_of_one_four_and_eight_bits_are_looked_up() {
    let map = |entries: usize| -> Vec<u32> {
        let mut map = vec![0; entries * 3];
        (map[1], map[entries + 1], map[2 * entries + 1]) = (0xC800, 0x6400, 0x3200);
        map
    };
    for (bits, strip) in [
        (1u32, vec![0b0100_0000]),
        (4, vec![0x01, 0x00]),
        (8, vec![0, 1, 0]),
    ] {
        let page = Page::new(3, 1, 1, 3)
            .with(258, &[bits])
            .with(320, &map(1 << bits))
            .strip(strip);
        let decoded = decode_first(&file(&[page]));
        let expected = [0, 0, 0, 200, 100, 50, 0, 0, 0];
        assert_eq!(samples(&decoded.raster.pixels), expected, "{bits} bits");
    }
}

#[test]
fn grey_of_four_bits_is_spread() {
    let page = Page::new(3, 1, 1, 1)
        .with(258, &[4])
        .strip(vec![0x0F, 0x80]);
    assert_eq!(
        samples(&decode_first(&file(&[page])).raster.pixels),
        [0, 255, 136]
    );
    let white_is_zero = Page::new(3, 1, 1, 0)
        .with(258, &[4])
        .strip(vec![0x0F, 0x80]);
    let decoded = decode_first(&file(&[white_is_zero]));
    assert_eq!(samples(&decoded.raster.pixels), [255, 0, 119]);
}

#[test]
fn what_is_see_through_beside_grey_shows_white_paper() {
    // Three pixels: grey, half covered, hidden. A hidden pixel's own value is mostly 0: black.
    for (kind, pixels) in [(2, [100, 255, 0, 128, 0, 0]), (1, [100, 255, 0, 128, 0, 0])] {
        let page = Page::new(3, 1, 1, 1)
            .with(258, &[8])
            .with(277, &[2])
            .with(338, &[kind])
            .strip(pixels.to_vec());
        let decoded = decode_first(&file(&[page]));
        assert_eq!(samples(&decoded.raster.pixels), [100, 127, 255], "{kind}");
    }
}

#[test]
fn planes_and_alpha_are_put_together() {
    let planes = Page::new(2, 1, 1, 2)
        .with(258, &[8])
        .with(277, &[3])
        .with(284, &[2])
        .strip(vec![0; 6]);
    // Three planes need three strips; one strip for them is a contradiction.
    let fault = inspect(&file(&[planes]), MAX, MAX_PAGES);
    assert!(fault.is_err());
    let alpha = Page::new(2, 1, 1, 2)
        .with(258, &[8])
        .with(277, &[4])
        .with(338, &[2])
        .strip(vec![9, 8, 7, 255, 9, 8, 7, 0]);
    let decoded = decode_first(&file(&[alpha]));
    assert_eq!(samples(&decoded.raster.pixels), [9, 8, 7, 255, 255, 255]);
}

#[test]
fn packed_samples_of_the_common_codings_are_read() {
    let colour: Vec<u8> = (0..90u8).collect();
    let codings = [
        Compression::Uncompressed,
        Compression::Lzw,
        Compression::Deflate(Default::default()),
        Compression::Packbits,
    ];
    for (number, compression) in codings.into_iter().enumerate() {
        let mut out = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut out)
            .expect("starts")
            .with_compression(compression);
        encoder
            .write_image::<colortype::RGB8>(6, 5, &colour)
            .expect("rgb");
        encoder
            .write_image::<colortype::Gray16>(1, 2, &[0x1234, 0xFF00])
            .expect("grey");
        encoder
            .write_image::<colortype::CMYK8>(1, 1, &[255, 0, 0, 0])
            .expect("cmyk");
        let bytes = out.into_inner();
        assert_eq!(
            inspect(&bytes, MAX, MAX_PAGES).map(|found| found.0),
            Ok(vec![0, 1, 2])
        );
        let page = |n| samples(&decode(&bytes, n, MAX).expect("sound").raster.pixels);
        assert_eq!(page(0), colour, "coding {number}");
        assert_eq!(page(1), [0x12, 0xFF], "coding {number}");
        assert_eq!(page(2), [0, 255, 255], "coding {number}");
        assert_eq!(decode(&bytes, 3, MAX).err(), Some(RasterFault::NoSuchPage));
    }
}

fn jpeg() -> Vec<u8> {
    let mut out = Vec::new();
    let image = image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8 * 6, y as u8 * 8, 9]));
    image::codecs::jpeg::JpegEncoder::new(&mut out)
        .encode_image(&image)
        .expect("encodes");
    out
}

#[test]
fn a_jpeg_in_one_strip_keeps_its_bytes() {
    let page = Page::new(40, 30, 7, 6)
        .with(258, &[8])
        .with(277, &[3])
        .strip(jpeg());
    let decoded = decode_first(&file(&[page]));
    assert!(matches!(decoded.raster.pixels, Pixels::Color(_)));
    let original = decoded.original.expect("passes through");
    assert_eq!(original.bytes, jpeg());
    assert_eq!(decoded.raster.dpi, Some(Dpi { x: 300.0, y: 300.0 }));
}

#[test]
fn a_cut_jpeg_strip_is_a_fault() {
    let mut strip = jpeg();
    strip.truncate(strip.len() * 3 / 4);
    let page = Page::new(40, 30, 7, 6)
        .with(258, &[8])
        .with(277, &[3])
        .strip(strip);
    assert_eq!(
        decode(&file(&[page]), 0, MAX).err(),
        Some(RasterFault::Truncated)
    );
}

#[test]
fn thumbnails_are_no_pages() {
    let page = Page::new(70, 11, 4, 0).strip(g4_strip(70, 11));
    let thumbnail = page.clone().with(254, &[1]);
    let bytes = file(&[page.clone(), thumbnail, page]);
    assert_eq!(
        inspect(&bytes, MAX, MAX_PAGES).map(|found| found.0),
        Ok(vec![0, 2])
    );
}

#[test]
fn a_chain_that_bites_its_tail_is_a_fault() {
    let page = Page::new(70, 11, 4, 0).strip(g4_strip(70, 11));
    let mut bytes = file(&[page.clone(), page]);
    let first: [u8; 4] = bytes[4..8].try_into().expect("four bytes");
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&first);
    assert!(matches!(
        inspect(&bytes, MAX, MAX_PAGES),
        Err(RasterFault::Corrupt { .. })
    ));
}

#[test]
fn the_limits_hold() {
    let page = Page::new(70, 11, 4, 0).strip(g4_strip(70, 11));
    let many = vec![page.clone(); 4];
    assert_eq!(
        inspect(&file(&many), MAX, 3),
        Err(RasterFault::TooManyPages { limit: 3 })
    );
    assert!(inspect(&file(&many), MAX, 4).is_ok());
    let huge = page.with(256, &[1_000_000]).with(257, &[1_000_000]);
    assert!(matches!(
        inspect(&file(&[huge]), MAX, 4),
        Err(RasterFault::TooLarge { .. })
    ));
}

#[test]
fn a_cut_file_is_a_fault() {
    let page = Page::new(70, 11, 4, 0).strip(g4_strip(70, 11));
    let bytes = file(&[page]);
    for length in 0..bytes.len() - 4 {
        assert!(
            inspect(&bytes[..length], MAX, 4).is_err(),
            "cut to {length}"
        );
    }
}

fn samples_of_every_kind() -> Vec<Vec<u8>> {
    let map: Vec<u32> = (0..768).map(|i| i * 85).collect();
    vec![
        file(&[Page::new(70, 11, 4, 0).strip(g4_strip(70, 11))]),
        file(&[Page::new(72, 3, 3, 0).strip(packed_bits(&mh_row().repeat(3)))]),
        file(&[Page::new(40, 30, 7, 6)
            .with(258, &[8])
            .with(277, &[3])
            .strip(jpeg())]),
        file(&[Page::new(3, 1, 1, 3)
            .with(258, &[8])
            .with(320, &map)
            .strip(vec![0, 1, 0])]),
        {
            let mut out = Cursor::new(Vec::new());
            let mut encoder = TiffEncoder::new(&mut out)
                .expect("starts")
                .with_compression(Compression::Lzw);
            let colour: Vec<u8> = (0..90u8).collect();
            encoder
                .write_image::<colortype::RGB8>(6, 5, &colour)
                .expect("rgb");
            out.into_inner()
        },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damaged_files_end_in_pixels_or_a_fault(
        kind in 0usize..5,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut bytes = samples_of_every_kind().swap_remove(kind);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        // A panic of a decoder is contained one level up (stages::intake::contain).
        let _ = std::panic::catch_unwind(|| {
            for page in inspect(&bytes, MAX, MAX_PAGES).unwrap_or_default().0 {
                let _ = decode(&bytes, page, MAX);
            }
        });
    }
}
