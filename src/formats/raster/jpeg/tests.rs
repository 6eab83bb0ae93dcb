//! What the JPEG reader promises, on files made here.

use super::*;
use crate::formats::raster::exif::tests::block;
use image::codecs::jpeg::{JpegEncoder, PixelDensity, PixelDensityUnit};
use image::{ExtendedColorType, GrayImage, RgbImage};
use proptest::prelude::*;

const MAX: u64 = 1_000_000;

fn rgb_file(width_px: u32, height_px: u32) -> Vec<u8> {
    let image = RgbImage::from_fn(width_px, height_px, |x, y| {
        image::Rgb([(x * 5) as u8, (y * 7) as u8, 90])
    });
    let mut out = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut out, 92);
    encoder.set_pixel_density(PixelDensity {
        density: (300, 300),
        unit: PixelDensityUnit::Inches,
    });
    encoder
        .encode(image.as_raw(), width_px, height_px, ExtendedColorType::Rgb8)
        .expect("encodes");
    out
}

fn gray_file() -> Vec<u8> {
    let image = GrayImage::from_fn(33, 17, |x, y| image::Luma([(x * 7 + y) as u8]));
    let mut out = Vec::new();
    JpegEncoder::new(&mut out)
        .encode(image.as_raw(), 33, 17, ExtendedColorType::L8)
        .expect("encodes");
    out
}

/// Puts a segment right after the start marker and takes the JFIF header out.
fn with_segment(file: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let jfif = usize::from(u16::from_be_bytes([file[4], file[5]])) + 4;
    let mut out = vec![0xFF, 0xD8, 0xFF, marker];
    out.extend((body.len() as u16 + 2).to_be_bytes());
    out.extend(body);
    out.extend(&file[jfif..]);
    out
}

#[test]
fn colour_is_decoded_and_its_bytes_are_kept() {
    let file = rgb_file(60, 40);
    let decoded = decode(&file, MAX, None).expect("a sound file");
    let Pixels::Color(image) = &decoded.raster.pixels else {
        panic!("three components are colour")
    };
    assert!((i16::from(image.get_pixel(20, 10)[0]) - 100).abs() < 12);
    assert_eq!(decoded.raster.dpi, Some(Dpi { x: 300.0, y: 300.0 }));
    let original = decoded.original.expect("colour passes through");
    assert_eq!(original.bytes, file);
    assert_eq!(
        original.coding,
        Coding::Jpeg {
            color_transform: None
        }
    );
    assert_eq!((original.width_px, original.height_px), (60, 40));
}

#[test]
fn grey_stays_grey() {
    let decoded = decode(&gray_file(), MAX, None).expect("a sound file");
    assert!(matches!(decoded.raster.pixels, Pixels::Gray(_)));
    assert_eq!(decoded.original.map(|o| o.space), Some(Space::Gray));
}

#[test]
fn bytes_after_the_end_marker_are_left_out() {
    let mut file = rgb_file(20, 20);
    let whole = file.len();
    file.extend(b"appended by some camera");
    let decoded = decode(&file, MAX, None).expect("a sound file");
    assert_eq!(decoded.original.map(|o| o.bytes.len()), Some(whole));
}

#[test]
fn exif_tells_orientation_and_resolution() {
    let mut body = b"Exif\0\0".to_vec();
    body.extend(block(6, 200));
    let file = with_segment(&rgb_file(60, 40), 0xE1, &body);
    let raster = decode(&file, MAX, None).expect("a sound file").raster;
    assert_eq!(raster.orientation.quarter_turns, 1);
    assert_eq!(raster.dpi, Some(Dpi { x: 200.0, y: 200.0 }));
}

#[test]
fn adobes_flag_and_the_surrounding_file_say_what_three_components_are() {
    let adobe = |transform: u8| {
        let mut body = b"Adobe\0\x64\0\0\0\0".to_vec();
        body.push(transform);
        with_segment(&rgb_file(60, 40), 0xEE, &body)
    };
    let transform = |file: &[u8], told| {
        let original = decode(file, MAX, told).expect("a sound file").original;
        match original.expect("passes through").coding {
            Coding::Jpeg { color_transform } => color_transform,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(transform(&adobe(0), None), Some(0));
    assert_eq!(transform(&adobe(0), Some(1)), Some(0), "Adobe's flag wins");
    assert_eq!(transform(&adobe(1), Some(0)), None);
    let bare = with_segment(&rgb_file(60, 40), 0xEC, b"x");
    assert_eq!(transform(&bare, None), None);
    assert_eq!(transform(&bare, Some(0)), Some(0));
}

#[test]
fn rgb_components_are_not_converted() {
    let mut body = b"Adobe\0\x64\0\0\0\0".to_vec();
    body.push(0);
    let as_rgb = decode(&with_segment(&rgb_file(60, 40), 0xEE, &body), MAX, None);
    let as_ycc = decode(&rgb_file(60, 40), MAX, None);
    let raw = |d: Result<Decoded, RasterFault>| match d.expect("sound").raster.pixels {
        Pixels::Color(image) => image,
        _ => panic!("colour"),
    };
    let (mut unconverted, converted) = (raw(as_rgb), raw(as_ycc));
    rgb_of_ycbcr(&mut unconverted);
    let pairs = unconverted.as_raw().iter().zip(converted.as_raw());
    let worst = pairs.map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(2), "own conversion is off by {worst:?}");
}

#[test]
fn every_cut_of_a_file_is_a_fault() {
    let file = rgb_file(60, 40);
    for length in 0..file.len() - 2 {
        let cut = decode(&file[..length], MAX, None);
        assert!(cut.is_err(), "cut to {length} bytes");
    }
    let half = &file[..file.len() / 2];
    assert_eq!(decode(half, MAX, None).err(), Some(RasterFault::Truncated));
}

#[test]
fn an_end_marker_that_alone_is_missing_is_put_there() {
    for file in [rgb_file(60, 40), gray_file()] {
        let scan = &file[..file.len() - 2];
        for end in [&[][..], &[0xFF], &[0xFF, 0xFF]] {
            let open = decode(&[scan, end].concat(), MAX, None).expect("a whole page");
            let kept = open.original.expect("passes through").bytes;
            assert_eq!(kept, file, "the PDF's image has its end marker");
        }
    }
}

#[test]
fn a_cut_file_filled_up_with_zeros_is_a_fault() {
    let file = rgb_file(200, 200);
    let whole = file.len() - 2;
    for kept in [whole / 2, whole - 300, whole - 18, whole] {
        for zeros in [8, 4_000, 100_000] {
            let filled = [&file[..kept], &vec![0; zeros]].concat();
            let found = decode(&filled, MAX, None).err();
            assert_eq!(found, Some(RasterFault::Truncated), "{kept} and {zeros}");
            let looked_at = inspect(&filled, MAX);
            assert_eq!(looked_at, Err(RasterFault::Truncated), "{kept} and {zeros}");
        }
    }
}

#[test]
fn a_jpeg_ls_file_is_called_so() {
    let file = [0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0, 9, 0, 9, 1, 1, 0x11, 0];
    let fault = Some(RasterFault::unsupported("JPEG-LS"));
    assert_eq!(decode(&file, MAX, None).err(), fault);
}

#[test]
fn a_cut_file_with_an_end_marker_put_on_is_a_fault() {
    let file = rgb_file(200, 200);
    let mut cut = file[..file.len() * 2 / 3].to_vec();
    if cut.last() == Some(&0xFF) {
        cut.pop();
    }
    cut.extend([0xFF, 0xD9]);
    assert!(decode(&cut, MAX, None).is_err());
}

#[test]
fn a_frame_of_too_many_pixels_is_refused_before_decoding() {
    let mut file = gray_file();
    let frame = file
        .windows(2)
        .position(|w| w == [0xFF, 0xC0])
        .expect("a baseline frame");
    file[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
    let fault = decode(&file, MAX, None).err();
    assert!(
        matches!(fault, Some(RasterFault::TooLarge { .. })),
        "{fault:?}"
    );
}

#[test]
fn colours_finer_than_the_brightness_are_refused() {
    // The decoder gives other pixels for them without a word.
    let mut file = rgb_file(40, 30);
    let frame = file.windows(2).position(|w| w == [0xFF, 0xC0]);
    let first = frame.expect("a baseline frame") + 10;
    for (factors, is_read) in [([0x22, 0x11, 0x11], true), ([0x11, 0x21, 0x11], false)] {
        for (component, factor) in factors.into_iter().enumerate() {
            file[first + 3 * component + 1] = factor;
        }
        let found = inspect(&file, MAX);
        let refused = matches!(found, Err(RasterFault::Unsupported { .. }));
        assert_eq!(!refused, is_read, "{found:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn damaged_files_end_in_pixels_or_a_fault(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
    ) {
        let mut file = rgb_file(40, 30);
        for (at, value) in flips {
            let at = at.index(file.len());
            file[at] = value;
        }
        let decoded = std::panic::catch_unwind(|| decode(&file, MAX, None));
        // A panic of the decoder is contained one level up (stages::intake::contain).
        if let Ok(Ok(decoded)) = decoded {
            let original = decoded.original.map(|o| (o.width_px, o.height_px));
            prop_assert!(original.is_none_or(|size| size == decoded.raster.pixels.size()));
        }
    }
}
