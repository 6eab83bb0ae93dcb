//! A small picture of a scan's first page. The bytes are those that the package keeps, held against their digest;
//! they were a stranger's once, so they are decoded apart, and one that does not come back has no picture.

use std::io::Cursor;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::DynamicImage;
use image::codecs::jpeg::JpegEncoder;

use crate::formats::raster::{Pixels, Raster, RasterFault, jpeg, png, tiff};
use crate::model::{Digest, Orientation};
use crate::stages::intake::DECODER_THREAD_NAME;

/// Longest side of the picture.
const SIDE_PX: u32 = 160;
/// Some 4 KB each at this size (shared/UX.md, measured).
const QUALITY: u8 = 45;
/// Scans larger than this stay without a picture: the report is not worth their time.
const BYTES: u64 = 20 << 20;
const PIXELS: u64 = 40_000_000;
const PATIENCE: Duration = Duration::from_secs(5);

/// The picture as JPEG in base64.
pub fn of(scan: &Path, digest: Digest, bytes: u64) -> Option<String> {
    if bytes > BYTES {
        return None;
    }
    let kept = std::fs::read(scan).ok()?;
    if Digest::of(&kept) != digest {
        return None;
    }
    let (sender, receiver) = sync_channel(1);
    let decoding = thread::Builder::new()
        .name(DECODER_THREAD_NAME.to_owned())
        .spawn(move || sender.send(small(&kept)));
    decoding.ok()?;
    // A panic drops the sender; what takes too long is given up.
    receiver.recv_timeout(PATIENCE).ok()?
}

fn small(bytes: &[u8]) -> Option<String> {
    let raster = first_page(bytes)?.ok()?;
    let image = match raster.pixels {
        Pixels::Bilevel(image) | Pixels::Gray(image) => DynamicImage::ImageLuma8(image),
        Pixels::Color(image) => DynamicImage::ImageRgb8(image),
    };
    let small = upright(image.thumbnail(SIDE_PX, SIDE_PX), raster.orientation);
    let mut jpeg = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    small.write_with_encoder(encoder).ok()?;
    Some(STANDARD.encode(jpeg.into_inner()))
}

/// What the file's first bytes say it is; PDFs and rarer kinds have no picture.
fn first_page(bytes: &[u8]) -> Option<Result<Raster, RasterFault>> {
    let decoded = match bytes {
        [0xFF, 0xD8, ..] => jpeg::decode(bytes, PIXELS, None),
        [0x89, b'P', b'N', b'G', ..] => png::decode(bytes, PIXELS),
        [b'I', b'I', ..] | [b'M', b'M', ..] => tiff::inspect(bytes, PIXELS, 10_000)
            .and_then(|(pages, _)| tiff::decode(bytes, *pages.first().unwrap_or(&0), PIXELS)),
        _ => return None,
    };
    Some(decoded.map(|decoded| decoded.raster))
}

fn upright(image: DynamicImage, orientation: Orientation) -> DynamicImage {
    let image = match orientation.mirrored {
        true => image.fliph(),
        false => image,
    };
    match orientation.quarter_turns {
        1 => image.rotate90(),
        2 => image.rotate180(),
        3 => image.rotate270(),
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, RgbImage};

    fn scan(format: ImageFormat) -> Vec<u8> {
        let image = RgbImage::from_pixel(300, 400, image::Rgb([200, 10, 10]));
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).expect("an image");
        bytes.into_inner()
    }

    fn shown(bytes: &[u8], digest: Digest) -> Option<image::RgbImage> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("scan");
        std::fs::write(&path, bytes).expect("writes");
        let picture = STANDARD.decode(of(&path, digest, bytes.len() as u64)?);
        let picture = image::load_from_memory(&picture.expect("base64"));
        Some(picture.expect("a JPEG").into_rgb8())
    }

    #[test]
    fn scans_of_the_usual_kinds_have_a_small_picture() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Tiff] {
            let bytes = scan(format);
            let picture = shown(&bytes, Digest::of(&bytes)).expect("a picture");
            assert_eq!(picture.dimensions(), (120, 160), "{format:?}");
            let [red, green, _] = picture.get_pixel(60, 80).0;
            assert!(red > 150 && green < 60, "{format:?}");
        }
    }

    #[test]
    fn what_is_no_scan_or_another_one_has_none() {
        let bytes = scan(ImageFormat::Png);
        assert!(shown(&bytes, Digest::of(b"another")).is_none());
        for bytes in [&bytes[..bytes.len() / 2], b"%PDF-1.7", b"", b"\xFF\xD8\xFF"] {
            assert!(shown(bytes, Digest::of(bytes)).is_none());
        }
    }
}
