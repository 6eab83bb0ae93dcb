//! Page images for the judges in every coding that a page may have.

use std::io::Write;

use sohoa::formats::raster::{Coding, EncodedImage, Space};

/// CCITT G4 of what is dark.
pub fn g4(width_px: u32, height_px: u32, dark: impl Fn(u32, u32) -> bool) -> EncodedImage {
    let mut encoder = fax::encoder::Encoder::new(fax::VecWriter::new());
    for y in 0..height_px {
        let line = (0..width_px).map(|x| match dark(x, y) {
            true => fax::Color::Black,
            false => fax::Color::White,
        });
        encoder
            .encode_line(line, width_px)
            .expect("a Vec takes every bit");
    }
    let bytes = encoder.finish().expect("a Vec takes every bit").finish();
    EncodedImage {
        width_px,
        height_px,
        coding: Coding::CcittG4,
        space: Space::Bilevel,
        bytes,
    }
}

/// A baseline JPEG.
pub fn jpeg(
    pixels: &[u8],
    width_px: u32,
    height_px: u32,
    color: image::ExtendedColorType,
) -> EncodedImage {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut bytes)
        .encode(pixels, width_px, height_px, color)
        .expect("it encodes");
    let space = match color {
        image::ExtendedColorType::L8 => Space::Gray,
        _ => Space::Rgb,
    };
    let coding = Coding::Jpeg {
        color_transform: None,
    };
    EncodedImage {
        width_px,
        height_px,
        coding,
        space,
        bytes,
    }
}

/// 64 × 64 grey pixels as a progressive JPEG of one scan: 64 blocks, all differences zero.
pub fn progressive_jpeg() -> EncodedImage {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
    bytes.extend([16; 64]);
    bytes.extend([0xFF, 0xC2, 0, 11, 8, 0, 64, 0, 64, 1, 1, 0x11, 0]);
    // One code of one bit, `0`, for the difference category 0.
    bytes.extend([0xFF, 0xC4, 0, 20, 0, 1]);
    bytes.extend([0; 16]);
    bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0]);
    bytes.extend([0; 8]);
    bytes.extend([0xFF, 0xD9]);
    EncodedImage {
        width_px: 64,
        height_px: 64,
        coding: Coding::Jpeg {
            color_transform: None,
        },
        space: Space::Gray,
        bytes,
    }
}

/// Deflated samples with PNG predictors.
pub fn flate(samples: &[u8], width_px: u32, height_px: u32, space: Space) -> EncodedImage {
    let row_bytes = match space {
        Space::Bilevel => width_px.div_ceil(8),
        Space::Gray => width_px,
        Space::Rgb => 3 * width_px,
    } as usize;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut samples = samples.iter().copied().chain(std::iter::repeat(0));
    for _ in 0..height_px {
        // Predictor 0: none in this row.
        let row: Vec<u8> = std::iter::once(0)
            .chain(samples.by_ref().take(row_bytes))
            .collect();
        encoder.write_all(&row).expect("a Vec takes every byte");
    }
    let bytes = encoder.finish().expect("a Vec takes every byte");
    EncodedImage {
        width_px,
        height_px,
        coding: Coding::FlatePng,
        space,
        bytes,
    }
}
