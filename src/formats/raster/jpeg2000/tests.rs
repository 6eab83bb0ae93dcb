//! What JPEG 2000 intake promises, on files of 24 × 16 pixels that OpenJPEG 2.5.0 wrote
//! (`opj_compress -n 2`, `tiles.j2k` also with `-t 10,10`). Red is 10 x, green 15 y, blue
//! 6 (x + y); grey is 7 x + 5 y. Many more kinds: tests/judges/scans.py.

use proptest::prelude::*;

use super::*;

const MAX: u64 = 1_000_000;
const COLOUR: &[u8] = include_bytes!("samples/colour.jp2");
const GREY_FILE: &[u8] = include_bytes!("samples/grey.jp2");
const BARE: &[u8] = include_bytes!("samples/bare.j2k");
const TILES: &[u8] = include_bytes!("samples/tiles.j2k");

fn drawn_grey() -> Vec<u8> {
    let rows = (0..16u32).flat_map(|y| (0..24).map(move |x| (7 * x + 5 * y) as u8));
    rows.collect()
}

fn drawn_colour() -> Vec<u8> {
    let pixel = |x: u32, y: u32| [10 * x, 15 * y, 6 * (x + y)].map(|v| v as u8);
    let rows = (0..16u32).flat_map(|y| (0..24).flat_map(move |x| pixel(x, y)));
    rows.collect()
}

fn samples(decoded: &Decoded) -> Vec<u8> {
    match &decoded.raster.pixels {
        Pixels::Bilevel(image) | Pixels::Gray(image) => image.as_raw().clone(),
        Pixels::Color(image) => image.as_raw().clone(),
    }
}

/// The grey file with other bytes in place of some.
fn with(old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = GREY_FILE.windows(old.len()).position(|part| part == old);
    let at = at.expect("the file holds it");
    [&GREY_FILE[..at], new, &GREY_FILE[at + old.len()..]].concat()
}

#[test]
fn lossless_files_come_out_exactly() {
    for (file, expected) in [
        (COLOUR, drawn_colour()),
        (GREY_FILE, drawn_grey()),
        (BARE, drawn_grey()),
        (TILES, drawn_colour()),
    ] {
        assert_eq!(samples(&decode(file, MAX).expect("a sound file")), expected);
    }
}

#[test]
fn plain_files_keep_their_bytes_and_bare_codestreams_cannot() {
    for (file, space) in [(COLOUR, Space::Rgb), (GREY_FILE, Space::Gray)] {
        let original = decode(file, MAX).expect("sound").original.expect("plain");
        assert_eq!((original.coding, original.space), (Coding::Jpeg2000, space));
        assert_eq!(original.bytes, file);
    }
    assert!(decode(BARE, MAX).expect("sound").original.is_none());
}

#[test]
fn a_resolution_box_is_believed() {
    // 118.11 dots a centimetre, as 11811 / 1 × 10^0 a metre, down and across.
    let numbers = [0x2E, 0x23, 0, 1, 0x2E, 0x23, 0, 1, 0, 0];
    let inner = [&18u32.to_be_bytes()[..], b"resc", &numbers].concat();
    let outer = [&26u32.to_be_bytes()[..], b"res ", &inner].concat();
    let colour = b"colr\x01\0\0\0\0\0\x11";
    let file = with(colour, &[&colour[..], &outer].concat());
    let header = file
        .windows(4)
        .position(|name| name == b"jp2h")
        .expect("there");
    let mut file = file;
    let length = u32::from_be_bytes(file[header - 4..header].try_into().expect("four")) + 26;
    file[header - 4..header].copy_from_slice(&length.to_be_bytes());
    let dpi = decode(&file, MAX)
        .expect("sound")
        .raster
        .dpi
        .expect("stated");
    assert_eq!((dpi.x, dpi.y), (300.0, 300.0));
}

#[test]
fn other_colour_spaces_are_said_or_encoded_anew() {
    // Number 14 is CIELab: taken for grey or RGB it would be a wrong page.
    let lab = with(b"colr\x01\0\0\0\0\0\x11", b"colr\x01\0\0\0\0\0\x0E");
    let fault = decode(&lab, MAX).err();
    assert!(
        matches!(fault, Some(RasterFault::Unsupported { .. })),
        "{fault:?}"
    );
}

#[test]
fn every_cut_of_a_file_is_a_fault() {
    for file in [COLOUR, GREY_FILE, TILES] {
        // Without its end marker a codestream still holds all of its tiles.
        for length in 0..file.len() - 2 {
            assert!(decode(&file[..length], MAX).is_err(), "cut to {length}");
        }
    }
}

#[test]
fn sizes_components_and_blocks_that_cost_memory_are_refused() {
    let size = BARE
        .windows(2)
        .position(|m| m == [0xFF, 0x51])
        .expect("there");
    let mut large = BARE.to_vec();
    large[size + 6..size + 14].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let fault = decode(&large, MAX).err();
    assert!(
        matches!(fault, Some(RasterFault::TooLarge { .. })),
        "{fault:?}"
    );
    // 16,384 components, each as large as the page once decoded.
    let mut many = BARE.to_vec();
    many[size + 38..size + 40].copy_from_slice(&[0x40, 0]);
    many.splice(size + 41..size + 41, [7, 1, 1].repeat(16_383));
    let length = (38 + 3 * 16_384u32) as u16;
    many[size + 2..size + 4].copy_from_slice(&length.to_be_bytes());
    let fault = decode(&many, MAX).err();
    assert!(
        matches!(fault, Some(RasterFault::Unsupported { .. })),
        "{fault:?}"
    );
    // Code-blocks of 4 × 4 on a page of 10,000 × 10,000.
    let mut tiny = BARE.to_vec();
    let sides = [10_000u32, 10_000, 0, 0, 10_000, 10_000]
        .map(u32::to_be_bytes)
        .concat();
    tiny[size + 6..size + 30].copy_from_slice(&sides);
    let style = tiny
        .windows(2)
        .position(|m| m == [0xFF, 0x52])
        .expect("there");
    tiny[style + 10..style + 12].copy_from_slice(&[0, 0]);
    let fault = decode(&tiny, 1 << 30).err();
    assert!(
        matches!(fault, Some(RasterFault::Unsupported { .. })),
        "{fault:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damaged_files_end_in_pixels_or_a_fault(
        which in 0usize..4,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut file = [COLOUR, GREY_FILE, BARE, TILES][which].to_vec();
        for (at, value) in flips {
            let at = at.index(file.len());
            file[at] = value;
        }
        // A panic of the decoder is contained one level up (stages::intake::contain).
        let _ = std::panic::catch_unwind(|| decode(&file, MAX).map(|_| ()));
    }
}
