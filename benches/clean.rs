//! How long it takes to make a page ready for reading: A4 in colour at 300 dpi, and blank.

use divan::Bencher;
use image::{Rgb, RgbImage};
use sohoa::formats::raster::{Dpi, Pixels, Raster};
use sohoa::model::Orientation;
use sohoa::stages::clean::{Options, clean};

fn main() {
    divan::main();
}

/// A sheet of paper, shaded where asked, with so many lines of letter-like strokes.
fn sheet(lines: u32, shaded: bool) -> Raster {
    let page = RgbImage::from_fn(2480, 3508, |x, y| {
        let light = if shaded {
            1.0 - 0.3 * x as f32 / 2480.0
        } else {
            1.0
        };
        let (line, in_line) = (y / 80, y % 80);
        let stroke = x % 28 < 5 || in_line > 25;
        let written = line >= 4 && line < 4 + lines && in_line < 30 && (300..2200).contains(&x);
        let paper = if written && stroke && x % 180 < 150 {
            45.0
        } else {
            246.0
        };
        Rgb([paper * light, paper * light, paper * 0.97 * light].map(|v| v as u8))
    });
    Raster {
        pixels: Pixels::Color(page),
        dpi: Some(Dpi { x: 300.0, y: 300.0 }),
        orientation: Orientation::UPRIGHT,
    }
}

#[divan::bench]
fn blank_page(bencher: Bencher) {
    let raster = sheet(0, false);
    assert!(clean(&raster, &Options::default()).blank);
    bencher.bench(|| clean(&raster, &Options::default()));
}

#[divan::bench]
fn page_of_text(bencher: Bencher) {
    let raster = sheet(36, false);
    bencher.bench(|| clean(&raster, &Options::default()));
}

#[divan::bench]
fn page_of_text_on_uneven_paper(bencher: Bencher) {
    let raster = sheet(36, true);
    bencher.bench(|| clean(&raster, &Options::default()));
}
