//! The line reader against libtesseract with the same model: the same text, line by line.

use std::path::Path;

use image::GrayImage;
use rayon::prelude::*;
use sohoa_lines::lstm::{LineReader, ReadLine};
use sohoa_tesseract::Engine;

use crate::line_pictures::{TESSDATA, images, sample};

const LINES: usize = 1_000;

/// What libtesseract reads in each line, taken as one line and as it is.
fn read_by_libtesseract(lines: &[GrayImage]) -> Vec<String> {
    let mut engine = Engine::open(Path::new(TESSDATA), "vie").expect("tesseract-ocr-vie");
    engine.take_pictures_for_lines();
    let read = |line: &GrayImage| {
        engine
            .set_picture(line.as_raw(), line.width(), line.height())
            .expect("a picture");
        engine.text().expect("a line is read")
    };
    lines.iter().map(read).collect()
}

fn in_words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn a_thousand_lines_are_read_as_libtesseract_reads_them() {
    let model = std::fs::read(format!("{TESSDATA}/vie.traineddata")).expect("tesseract-ocr-vie");
    let reader = LineReader::new(&model).expect("Debian's model");
    let lines = sample(LINES);
    let parts = lines.par_chunks(LINES / 8).map(|lines| {
        let ours = reader.read_lines(&images(lines));
        let theirs = read_by_libtesseract(lines);
        let differ = |(ours, theirs): (&ReadLine, &String)| {
            let ours = ours.text();
            let same = in_words(&ours) == in_words(theirs);
            (!same).then(|| format!("{ours:?} not {theirs:?}"))
        };
        ours.iter()
            .zip(&theirs)
            .filter_map(differ)
            .collect::<Vec<_>>()
    });
    let differences: Vec<String> = parts.flatten().collect();
    // Where two outputs are as likely to the last bit, the exponential of this machine's C library
    // may choose another.
    assert!(
        differences.len() * 200 <= LINES,
        "{} of {LINES}: {differences:#?}",
        differences.len()
    );
}
