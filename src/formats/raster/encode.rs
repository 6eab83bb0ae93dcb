//! Lossless encoding of pixels for a PDF image stream.

use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use image::GrayImage;

use super::{Coding, EncodedImage, Pixels, RasterFault, Space};

/// `fax` 0.3 computes run offsets as 16-bit integers; wider images go to Flate.
const WIDEST_FAX_PX: u32 = 32_000;

/// Encodes pixels without loss: CCITT G4 for black and white, PNG-predicted Flate else.
///
/// The pixels that come back from the bytes are the pixels that went in.
pub fn encode_lossless(pixels: &Pixels) -> Result<EncodedImage, RasterFault> {
    let (width_px, height_px) = pixels.size();
    let (coding, space, bytes) = match pixels {
        Pixels::Bilevel(image) if width_px <= WIDEST_FAX_PX => {
            (Coding::CcittG4, Space::Bilevel, ccitt_g4(image))
        }
        Pixels::Bilevel(image) | Pixels::Gray(image) => {
            let bytes = png_idat(
                image.as_raw(),
                width_px,
                height_px,
                png::ColorType::Grayscale,
            )?;
            (Coding::FlatePng, Space::Gray, bytes)
        }
        Pixels::Color(image) => {
            let bytes = png_idat(image.as_raw(), width_px, height_px, png::ColorType::Rgb)?;
            (Coding::FlatePng, Space::Rgb, bytes)
        }
    };
    Ok(EncodedImage {
        width_px,
        height_px,
        coding,
        space,
        bytes,
    })
}

/// ITU-T T.6 with the end-of-facsimile-block; anything below mid-grey counts as black.
fn ccitt_g4(image: &GrayImage) -> Vec<u8> {
    let width_px = image.width();
    let mut encoder = Encoder::new(VecWriter::new());
    for row in image.as_raw().chunks_exact(width_px.max(1) as usize) {
        let pels = row.iter().map(|&v| match v {
            0..=127 => Color::Black,
            _ => Color::White,
        });
        let Ok(()) = encoder.encode_line(pels, width_px);
    }
    let Ok(writer) = encoder.finish();
    writer.finish()
}

/// The joined IDAT data of a PNG: exactly what `/FlateDecode` with `/Predictor 15` reads
/// (ISO 32000-1, 7.4.4.4).
fn png_idat(
    samples: &[u8],
    width_px: u32,
    height_px: u32,
    color: png::ColorType,
) -> Result<Vec<u8>, RasterFault> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width_px, height_px);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header().map_err(RasterFault::corrupt)?;
    writer
        .write_image_data(samples)
        .map_err(RasterFault::corrupt)?;
    writer.finish().map_err(RasterFault::corrupt)?;
    super::png::joined_idat(&file).ok_or(RasterFault::Truncated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::raster::png::unpacked_idat;
    use crate::formats::raster::tiff::fax_rows;
    use proptest::prelude::*;

    fn bilevel(width_px: u32, bits: &[bool]) -> Pixels {
        let height_px = bits.len() as u32 / width_px;
        let samples = bits.iter().map(|&b| if b { 255 } else { 0 }).collect();
        let image = GrayImage::from_raw(width_px, height_px, samples).expect("sizes fit");
        Pixels::Bilevel(image)
    }

    fn decoded_g4(image: &EncodedImage) -> Vec<u8> {
        fax_rows(&image.bytes, image.width_px, image.height_px).expect("own G4 is sound")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn g4_gives_back_every_pixel(
            (width_px, bits) in (1u32..130).prop_flat_map(|w| {
                let pixels = (w * 7) as usize;
                (Just(w), proptest::collection::vec(any::<bool>(), pixels))
            })
        ) {
            let pixels = bilevel(width_px, &bits);
            let encoded = encode_lossless(&pixels).expect("encodes");
            prop_assert_eq!(encoded.coding, Coding::CcittG4);
            let Pixels::Bilevel(image) = pixels else { unreachable!() };
            prop_assert_eq!(decoded_g4(&encoded), image.into_raw());
        }
    }

    #[test]
    fn g4_survives_long_runs_and_wide_pages() {
        for width_px in [1728u32, 2560, 2561, 9933, 31_999] {
            let bits: Vec<bool> = (0..width_px * 5)
                .map(|i| (i / 97) % 3 == 0 || i / width_px == 2)
                .collect();
            let pixels = bilevel(width_px, &bits);
            let encoded = encode_lossless(&pixels).expect("encodes");
            let Pixels::Bilevel(image) = pixels else {
                unreachable!()
            };
            assert_eq!(decoded_g4(&encoded), image.into_raw(), "{width_px}");
        }
    }

    #[test]
    fn a_row_too_wide_for_fax_is_kept_in_flate() {
        let pixels = bilevel(40_000, &vec![true; 40_000]);
        let encoded = encode_lossless(&pixels).expect("encodes");
        assert_eq!(encoded.coding, Coding::FlatePng);
        assert_eq!(encoded.space, Space::Gray);
    }

    #[test]
    fn flate_gives_back_grey_and_colour() {
        let samples: Vec<u8> = (0..60u8).map(|i| i.wrapping_mul(37)).collect();
        for (width_px, height_px, channels) in [(6u32, 10u32, 1usize), (4, 5, 3)] {
            let pixels = match channels {
                1 => super::super::pixels::gray(width_px, height_px, samples.clone()),
                _ => super::super::pixels::color(width_px, height_px, samples.clone()),
            };
            let encoded = encode_lossless(&pixels.expect("sizes fit")).expect("encodes");
            assert_eq!(encoded.coding, Coding::FlatePng);
            let row_bytes = width_px as usize * channels;
            assert_eq!(
                unpacked_idat(&encoded.bytes, row_bytes, channels),
                samples,
                "{channels} channels"
            );
        }
    }
}
