//! Poppler reads back what `encode_lossless` writes, pixel for pixel.

use std::path::Path;
use std::process::Command;

use lopdf::{Document, Object, Stream, dictionary};
use sohoa::formats::raster::{Coding, EncodedImage, Pixels, Space, encode_lossless};

/// A PDF whose only page shows the image; the dictionary says what `Coding` promises.
fn pdf_of(image: &EncodedImage, path: &Path) {
    let (space, bits, colors) = match image.space {
        Space::Bilevel => ("DeviceGray", 1, 1),
        Space::Gray => ("DeviceGray", 8, 1),
        Space::Rgb => ("DeviceRGB", 8, 3),
    };
    let (columns, rows) = (i64::from(image.width_px), i64::from(image.height_px));
    let (filter, params) = match image.coding {
        Coding::CcittG4 => (
            "CCITTFaxDecode",
            dictionary! { "K" => -1, "Columns" => columns, "Rows" => rows, "BlackIs1" => false },
        ),
        Coding::FlatePng => (
            "FlateDecode",
            dictionary! { "Predictor" => 15, "Columns" => columns, "Colors" => colors },
        ),
        Coding::Jpeg { .. } | Coding::Jpeg2000 => panic!("not written by encode_lossless"),
    };
    let dict = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => columns, "Height" => rows,
        "ColorSpace" => space, "BitsPerComponent" => bits,
        "Filter" => filter, "DecodeParms" => params,
    };
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let image = document.add_object(Stream::new(dict, image.bytes.clone()));
    let content = b"q 200 0 0 200 0 0 cm /Im Do Q".to_vec();
    let content = document.add_object(Stream::new(dictionary! {}, content));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 200.into(), 200.into()],
        "Resources" => dictionary! { "XObject" => dictionary! { "Im" => image } },
    });
    let kids: Vec<Object> = vec![page.into()];
    let node = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 1 };
    document.objects.insert(pages, node.into());
    let root = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", root);
    document.save(path).expect("a temporary file");
}

/// The page's image as poppler decodes it, as RGB.
fn read_by_poppler(image: &EncodedImage) -> image::RgbImage {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pdf = folder.path().join("page.pdf");
    pdf_of(image, &pdf);
    let status = Command::new("pdfimages")
        .arg("-png")
        .args([&pdf, &folder.path().join("out")])
        .status()
        .expect("pdfimages of Debian's poppler-utils is installed");
    assert!(status.success());
    let out = folder.path().join("out-000.png");
    image::open(out).expect("poppler wrote a PNG").into_rgb8()
}

fn as_rgb(pixels: &Pixels) -> image::RgbImage {
    match pixels {
        Pixels::Bilevel(gray) | Pixels::Gray(gray) => {
            image::DynamicImage::ImageLuma8(gray.clone()).into_rgb8()
        }
        Pixels::Color(rgb) => rgb.clone(),
    }
}

/// Ink-like blobs with single pixels, long runs and a width that is no multiple of eight.
fn ink(x: u32, y: u32) -> bool {
    let blob = (x / 13 + y / 7).is_multiple_of(5) && (x * y) % 11 != 3;
    let rule = y == 40 || x == 500;
    blob || rule || (x * 31 + y * 17).is_multiple_of(97)
}

#[test]
fn poppler_reads_back_every_pixel_of_a_lossless_image() {
    let size = (1001, 203);
    let shade = |x: u32, y: u32| (x * 7 + y * 3) as u8;
    let bilevel = image::GrayImage::from_fn(size.0, size.1, |x, y| {
        image::Luma([if ink(x, y) { 0 } else { 255 }])
    });
    let gray = image::GrayImage::from_fn(size.0, size.1, |x, y| image::Luma([shade(x, y)]));
    let color = image::RgbImage::from_fn(size.0, size.1, |x, y| {
        image::Rgb([shade(x, y), shade(y, x), 77])
    });
    let cases = [
        (Pixels::Bilevel(bilevel), Coding::CcittG4),
        (Pixels::Gray(gray), Coding::FlatePng),
        (Pixels::Color(color), Coding::FlatePng),
    ];
    for (pixels, coding) in cases {
        let encoded = encode_lossless(&pixels).expect("encodes");
        assert_eq!(encoded.coding, coding);
        let read = read_by_poppler(&encoded);
        assert!(read == as_rgb(&pixels), "{coding:?} came back changed");
    }
}
