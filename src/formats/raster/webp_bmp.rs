//! WebP and BMP, through the `image` crate: rare in drop folders, but scanners' "save
//! as" dialogs and phones offer them.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use serde::{Deserialize, Serialize};

use super::exif::Exif;
use super::fault::check_size;
use super::pixels::{color, flattened, gray};
use super::{Decoded, Dpi, Pixels, Raster, RasterFault};

/// Which of the two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// WebP, lossy or lossless; no animation.
    WebP,
    /// Windows bitmap.
    Bmp,
}

/// Checks the header's size without decoding, and gives its pixels.
pub fn inspect(bytes: &[u8], format: Format, max_pixels: u64) -> Result<u64, RasterFault> {
    if format == Format::WebP && frames(bytes) > 1 {
        return Err(RasterFault::SeveralPictures);
    }
    decoder(bytes, format, max_pixels, |decoder| {
        let (width_px, height_px) = decoder.dimensions();
        Ok(u64::from(width_px) * u64::from(height_px))
    })
}

/// Decodes the picture; see-through pixels show white paper.
pub fn decode(bytes: &[u8], format: Format, max_pixels: u64) -> Result<Decoded, RasterFault> {
    decoder(bytes, format, max_pixels, |mut decoder| {
        let exif = decoder.exif_metadata().ok().flatten();
        let exif = exif.as_deref().map(Exif::read).unwrap_or_default();
        let image = DynamicImage::from_decoder(decoder).map_err(fault)?;
        let pixels = pixels(image, format)?.narrowed();
        let dpi = match format {
            Format::Bmp => bmp_dpi(bytes, pixels.size()),
            Format::WebP => exif.dpi(pixels.size()),
        };
        Ok(Decoded {
            raster: Raster {
                pixels,
                dpi,
                orientation: exif.orientation(),
            },
            original: None,
        })
    })
}

fn decoder<T>(
    bytes: &[u8],
    format: Format,
    max_pixels: u64,
    then: impl FnOnce(Box<dyn ImageDecoder + '_>) -> Result<T, RasterFault>,
) -> Result<T, RasterFault> {
    let format = match format {
        Format::WebP => ImageFormat::WebP,
        Format::Bmp => ImageFormat::Bmp,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    // RGBA of the pixels and as much again for the decoder's own planes.
    limits.max_alloc = Some(max_pixels.saturating_mul(8));
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(fault)?;
    let (width_px, height_px) = decoder.dimensions();
    check_size(width_px, height_px, max_pixels)?;
    then(Box::new(decoder))
}

fn pixels(image: DynamicImage, format: Format) -> Result<Pixels, RasterFault> {
    let (width_px, height_px) = (image.width(), image.height());
    match image {
        DynamicImage::ImageLuma8(grey) => gray(width_px, height_px, grey.into_raw()),
        DynamicImage::ImageRgb8(rgb) => color(width_px, height_px, rgb.into_raw()),
        other => {
            let mut rgba = other.into_rgba8().into_raw();
            if format == Format::Bmp {
                fill_unused_alpha(&mut rgba);
            }
            color(width_px, height_px, flattened(&rgba, 4))
        }
    }
}

/// Programs that write 32 bits a pixel often leave the fourth byte zero and mean nothing by it:
/// the page would be white paper all over.
fn fill_unused_alpha(rgba: &mut [u8]) {
    let (pixels, _) = rgba.as_chunks_mut::<4>();
    if pixels.iter().all(|pixel| pixel[3] == 0) {
        pixels.iter_mut().for_each(|pixel| pixel[3] = 255);
    }
}

/// Frames of an animated WebP; none of a still one (RFC 9649, 2.7.1.1).
fn frames(bytes: &[u8]) -> usize {
    let mut rest = bytes.get(12..).unwrap_or_default();
    let mut frames = 0;
    while let Some(length) = le_u32(rest, 4) {
        frames += usize::from(rest.starts_with(b"ANMF"));
        // A chunk of odd length is filled up to an even one.
        let after = u64::from(length).next_multiple_of(2) + 8;
        rest = usize::try_from(after)
            .ok()
            .and_then(|after| rest.get(after..))
            .unwrap_or_default();
    }
    frames
}

/// `biXPelsPerMeter` and `biYPelsPerMeter` of the information header.
fn bmp_dpi(bytes: &[u8], size_px: (u32, u32)) -> Option<Dpi> {
    let header_bytes = le_u32(bytes, 14)?;
    // The older 12-byte header carries no resolution.
    if header_bytes < 40 {
        return None;
    }
    let per_metre = |at: usize| le_u32(bytes, at).map(f64::from);
    Dpi::from_per_metre(per_metre(38)?, per_metre(42)?, size_px)
}

fn le_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let raw = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(raw))
}

fn fault(error: ImageError) -> RasterFault {
    match error {
        ImageError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            RasterFault::Truncated
        }
        ImageError::Unsupported(what) => RasterFault::unsupported(what),
        other => RasterFault::corrupt(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;
    use proptest::prelude::*;

    const MAX: u64 = 1_000_000;

    fn file(format: ImageFormat) -> Vec<u8> {
        let image = RgbImage::from_fn(21, 13, |x, y| {
            image::Rgb([(x * 9) as u8, (y * 11) as u8, 3])
        });
        let mut out = Cursor::new(Vec::new());
        image.write_to(&mut out, format).expect("encodes");
        out.into_inner()
    }

    #[test]
    fn both_give_back_their_pixels() {
        for (format, kind) in [
            (ImageFormat::WebP, Format::WebP),
            (ImageFormat::Bmp, Format::Bmp),
        ] {
            let decoded = decode(&file(format), kind, MAX).expect("a sound file");
            let Pixels::Color(image) = decoded.raster.pixels else {
                panic!("colour")
            };
            assert_eq!(image.get_pixel(4, 5).0, [36, 55, 3], "{kind:?}");
        }
    }

    #[test]
    fn a_bitmap_whose_alpha_is_nowhere_set_is_no_white_page() {
        let bitmap = |alpha: u8| {
            let image = image::RgbaImage::from_pixel(3, 2, image::Rgba([9, 99, 199, alpha]));
            let mut out = Cursor::new(Vec::new());
            let written = image.write_to(&mut out, ImageFormat::Bmp);
            written.expect("encodes");
            decode(&out.into_inner(), Format::Bmp, MAX).expect("a sound file")
        };
        for alpha in [0, 255] {
            let Pixels::Color(image) = bitmap(alpha).raster.pixels else {
                panic!("colour")
            };
            assert_eq!(image.get_pixel(1, 1).0, [9, 99, 199]);
        }
    }

    #[test]
    fn of_an_animation_no_picture_is_lost() {
        let still = file(ImageFormat::WebP);
        let chunk = |name: &[u8; 4], body: &[u8]| {
            let length = (body.len() as u32).to_le_bytes();
            [&name[..], &length, body, &[0][..body.len() % 2]].concat()
        };
        // A frame: its place, size and time, then the chunk of a still picture.
        let frame = chunk(b"ANMF", &[&[0; 16][..], &still[12..]].concat());
        let animation = |frames: usize| {
            let head = chunk(b"VP8X", &[2, 0, 0, 0, 20, 0, 0, 12, 0, 0]);
            let body = [
                &b"WEBP"[..],
                &head,
                &chunk(b"ANIM", &[0; 6]),
                &frame.repeat(frames),
            ];
            chunk(b"RIFF", &body.concat())
        };
        let several =
            |file: &[u8]| inspect(file, Format::WebP, MAX) == Err(RasterFault::SeveralPictures);
        assert!(several(&animation(2)) && several(&animation(30)));
        assert!(!several(&animation(1)) && !several(&still));
    }

    #[test]
    fn too_many_pixels_are_refused() {
        let mut bmp = file(ImageFormat::Bmp);
        bmp[18..26].copy_from_slice(&[0, 0, 1, 0, 0, 0, 1, 0]);
        assert!(inspect(&bmp, Format::Bmp, MAX).is_err());
    }

    #[test]
    fn a_cut_file_is_a_fault() {
        for (format, kind) in [
            (ImageFormat::WebP, Format::WebP),
            (ImageFormat::Bmp, Format::Bmp),
        ] {
            let whole = file(format);
            for length in [0, 1, 10, 30, whole.len() / 2, whole.len() - 3] {
                assert!(
                    decode(&whole[..length], kind, MAX).is_err(),
                    "{kind:?} {length}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn damaged_files_end_in_pixels_or_a_fault(
            webp in any::<bool>(),
            flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
        ) {
            let (format, kind) = match webp {
                true => (ImageFormat::WebP, Format::WebP),
                false => (ImageFormat::Bmp, Format::Bmp),
            };
            let mut file = file(format);
            for (at, value) in flips {
                let at = at.index(file.len());
                file[at] = value;
            }
            let _ = std::panic::catch_unwind(|| decode(&file, kind, MAX));
        }
    }
}
