//! PNG: every colour type and depth to 8-bit pixels; plain files keep their own IDAT.

use std::io::Cursor;

use png::{BitDepth, ColorType, DecodingError, Info, Limits, Transformations};

use super::exif::Exif;
use super::fault::check_size;
use super::pixels::{color, flattened, gray};
use super::{Coding, Decoded, Dpi, EncodedImage, Pixels, Raster, RasterFault, Space};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Checks a PNG's chunks and size without decoding it, and gives its pixels.
pub fn inspect(bytes: &[u8], max_pixels: u64) -> Result<u64, RasterFault> {
    let mut pixels = 0;
    let mut has_data = false;
    let mut ended = false;
    for chunk in chunks(bytes) {
        let (name, body) = chunk?;
        match name {
            b"IHDR" => {
                let side = |at: usize| {
                    let raw = body.get(at..at + 4).ok_or(RasterFault::Truncated)?;
                    Ok(u32::from_be_bytes([raw[0], raw[1], raw[2], raw[3]]))
                };
                pixels = check_size(side(0)?, side(4)?, max_pixels)?;
            }
            b"IDAT" => has_data = true,
            b"IEND" => ended = true,
            // An animation (APNG): one frame is a still picture.
            b"acTL" if body.get(..4) > Some(&[0, 0, 0, 1]) => {
                return Err(RasterFault::SeveralPictures);
            }
            _ => {}
        }
    }
    match has_data && ended {
        true => Ok(pixels),
        false => Err(RasterFault::Truncated),
    }
}

/// Decodes a PNG file; see-through pixels show white paper.
pub fn decode(bytes: &[u8], max_pixels: u64) -> Result<Decoded, RasterFault> {
    inspect(bytes, max_pixels)?;
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    // Without text chunks nothing but rows is stored; 8 bytes a pixel is RGBA of 16 bits.
    decoder.set_ignore_text_chunk(true);
    decoder.set_limits(Limits {
        bytes: usize::try_from(max_pixels.saturating_mul(8)).unwrap_or(usize::MAX),
    });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(fault)?;
    let (width_px, height_px) = reader.info().size();
    check_size(width_px, height_px, max_pixels)?;
    let length = reader.output_buffer_size().ok_or(RasterFault::Truncated)?;
    let mut samples = vec![0; length];
    let frame = reader.next_frame(&mut samples).map_err(fault)?;
    reader.finish().map_err(fault)?;
    let pixels = match frame.color_type {
        ColorType::Grayscale => gray(width_px, height_px, samples)?,
        ColorType::GrayscaleAlpha => gray(width_px, height_px, flattened(&samples, 2))?,
        ColorType::Rgb => color(width_px, height_px, samples)?,
        ColorType::Rgba => color(width_px, height_px, flattened(&samples, 4))?,
        // EXPAND turns palettes into RGB.
        ColorType::Indexed => return Err(RasterFault::unsupported("an unexpanded palette")),
    };
    let pixels = pixels.narrowed();
    Ok(Decoded {
        original: pass_through(bytes, reader.info(), &pixels),
        raster: Raster {
            dpi: dpi(reader.info()),
            orientation: exif(reader.info()).orientation(),
            pixels,
        },
    })
}

fn exif(info: &Info) -> Exif {
    let block = info.exif_metadata.as_deref();
    block.map(Exif::read).unwrap_or_default()
}

fn dpi(info: &Info) -> Option<Dpi> {
    let stated = info.pixel_dims.and_then(|dims| match dims.unit {
        png::Unit::Meter => Dpi::from_per_metre(dims.xppu.into(), dims.yppu.into(), info.size()),
        png::Unit::Unspecified => None,
    });
    stated.or_else(|| exif(info).dpi(info.size()))
}

fn fault(error: DecodingError) -> RasterFault {
    match error {
        DecodingError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            RasterFault::Truncated
        }
        other => RasterFault::corrupt(other),
    }
}

/// The file's own compressed rows, where they mean the same in a PDF: 8-bit grey or RGB,
/// not interlaced, nothing see-through, and no simpler kind of pixels to be had.
fn pass_through(bytes: &[u8], info: &Info, pixels: &Pixels) -> Option<EncodedImage> {
    let space = match (info.color_type, pixels) {
        (ColorType::Grayscale, Pixels::Gray(_)) => Space::Gray,
        (ColorType::Rgb, Pixels::Color(_)) => Space::Rgb,
        _ => return None,
    };
    if info.bit_depth != BitDepth::Eight || info.interlaced || info.trns.is_some() {
        return None;
    }
    Some(EncodedImage {
        width_px: info.width,
        height_px: info.height,
        coding: Coding::FlatePng,
        space,
        bytes: joined_idat(bytes)?,
    })
}

/// The bodies of all IDAT chunks of a PNG file, joined: one zlib stream.
pub(crate) fn joined_idat(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for chunk in chunks(bytes) {
        let (name, body) = chunk.ok()?;
        if name == b"IDAT" {
            out.extend_from_slice(body);
        }
    }
    Some(out)
}

/// The chunks up to and including IEND, each with its name and body.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = Result<(&[u8; 4], &[u8]), RasterFault>> {
    let mut rest = bytes.strip_prefix(SIGNATURE);
    std::iter::from_fn(move || {
        let now = rest.take()?;
        let Some((chunk, after)) = split_chunk(now) else {
            return Some(Err(RasterFault::Truncated));
        };
        // Bytes after IEND are no part of the image.
        rest = (chunk.0 != b"IEND").then_some(after);
        Some(Ok(chunk))
    })
}

type Chunk<'a> = (&'a [u8; 4], &'a [u8]);

fn split_chunk(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (name, rest) = rest.split_first_chunk::<4>()?;
    let (body, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    let (_crc, rest) = rest.split_first_chunk::<4>()?;
    Some(((name, body), rest))
}

/// The samples of joined IDAT data, for tests of the encoder: a PDF reader's way through it.
#[cfg(test)]
pub(crate) fn unpacked_idat(idat: &[u8], row_bytes: usize, channels: usize) -> Vec<u8> {
    use lopdf::dictionary;
    let params = dictionary! {
        "Predictor" => 15, "Columns" => (row_bytes / channels) as i64, "Colors" => channels as i64,
    };
    let dict = dictionary! { "Filter" => "FlateDecode", "DecodeParms" => params };
    let stream = lopdf::Stream::new(dict, idat.to_vec());
    stream.decompressed_content().expect("own Flate is sound")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAX: u64 = 1_000_000;

    fn file(kind: ColorType, depth: BitDepth, width_px: u32, rows: &[u8]) -> Vec<u8> {
        let bits = depth as usize * kind.samples();
        let height_px = rows.len() / (width_px as usize * bits).div_ceil(8);
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width_px, height_px as u32);
        encoder.set_color(kind);
        encoder.set_depth(depth);
        if kind == ColorType::Indexed {
            encoder.set_palette(vec![250, 0, 0, 0, 250, 0]);
        }
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: 11811,
            yppu: 11811,
            unit: png::Unit::Meter,
        }));
        let mut writer = encoder.write_header().expect("a sound header");
        writer.write_image_data(rows).expect("encodes");
        writer.finish().expect("ends");
        out
    }

    #[test]
    fn plain_grey_keeps_its_own_bytes() {
        let rows = [9, 200, 31, 77, 5, 66];
        let file = file(ColorType::Grayscale, BitDepth::Eight, 3, &rows);
        let decoded = decode(&file, MAX).expect("a sound file");
        assert_eq!(decoded.raster.dpi, Some(Dpi { x: 300.0, y: 300.0 }));
        let original = decoded.original.expect("passes through");
        assert_eq!(unpacked_idat(&original.bytes, 3, 1), rows);
    }

    #[test]
    fn one_bit_and_sixteen_bit_become_eight() {
        let one = file(ColorType::Grayscale, BitDepth::One, 9, &[0xF0, 0x80]);
        let decoded = decode(&one, MAX).expect("a sound file");
        let Pixels::Bilevel(image) = decoded.raster.pixels else {
            panic!("one bit is bilevel")
        };
        assert_eq!(image.into_raw(), [255, 255, 255, 255, 0, 0, 0, 0, 255]);
        let sixteen = file(ColorType::Grayscale, BitDepth::Sixteen, 1, &[0x12, 0x34]);
        let decoded = decode(&sixteen, MAX).expect("a sound file");
        assert!(decoded.original.is_none());
        let Pixels::Gray(image) = decoded.raster.pixels else {
            panic!("grey")
        };
        assert_eq!(image.into_raw(), [0x12]);
    }

    #[test]
    fn palettes_and_alpha_become_colour_on_white() {
        let indexed = file(ColorType::Indexed, BitDepth::Eight, 2, &[0, 1]);
        let Pixels::Color(image) = decode(&indexed, MAX).expect("sound").raster.pixels else {
            panic!("colour")
        };
        assert_eq!(image.into_raw(), [250, 0, 0, 0, 250, 0]);
        let alpha = file(
            ColorType::Rgba,
            BitDepth::Eight,
            2,
            &[9, 8, 7, 0, 9, 8, 7, 255],
        );
        let decoded = decode(&alpha, MAX).expect("sound");
        assert!(decoded.original.is_none(), "alpha cannot pass through");
        let Pixels::Color(image) = decoded.raster.pixels else {
            panic!("colour")
        };
        assert_eq!(image.into_raw(), [255, 255, 255, 9, 8, 7]);
    }

    #[test]
    fn of_an_animation_no_picture_is_lost() {
        let still = file(ColorType::Grayscale, BitDepth::Eight, 3, &[9, 200, 31]);
        for (frames, is_read) in [(1u32, true), (2, false), (300, false)] {
            let mut control = b"acTL".to_vec();
            control.extend([frames, 0].map(u32::to_be_bytes).concat());
            let mut crc = flate2::Crc::new();
            crc.update(&control);
            let after_header = 8 + 25;
            let mut file = still[..after_header].to_vec();
            file.extend([&[0, 0, 0, 8][..], &control, &crc.sum().to_be_bytes()].concat());
            file.extend(&still[after_header..]);
            let several = inspect(&file, MAX) == Err(RasterFault::SeveralPictures);
            assert_eq!(!several, is_read, "{frames}");
        }
    }

    #[test]
    fn every_cut_of_a_file_is_a_fault() {
        let rows: Vec<u8> = (0..300u32).map(|i| (i * 91 % 251) as u8).collect();
        let file = file(ColorType::Rgb, BitDepth::Eight, 10, &rows);
        for length in 0..file.len() {
            assert!(decode(&file[..length], MAX).is_err(), "cut to {length}");
        }
    }

    #[test]
    fn a_header_of_too_many_pixels_is_refused() {
        let mut file = file(ColorType::Grayscale, BitDepth::Eight, 1, &[1]);
        file[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        let fault = decode(&file, MAX).err();
        assert!(
            matches!(fault, Some(RasterFault::TooLarge { .. })),
            "{fault:?}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn damaged_files_end_in_pixels_or_a_fault(
            flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
        ) {
            let rows: Vec<u8> = (0..300u32).map(|i| (i * 91 % 251) as u8).collect();
            let mut file = file(ColorType::Rgb, BitDepth::Eight, 10, &rows);
            for (at, value) in flips {
                let at = at.index(file.len());
                file[at] = value;
            }
            let _ = decode(&file, MAX);
        }
    }
}
