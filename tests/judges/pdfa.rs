//! Foreign judges of our PDF/A-2u files: veraPDF, qpdf, poppler, MuPDF.
//!
//! `SOHOA_VERAPDF_JAR` says where veraPDF lies (scripts/lib/fetch_verapdf gets
//! it). A missing judge fails the test.

mod controls;
mod images;
mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use sohoa::formats::pdfa::{check, writable};
use sohoa::model::{PageText, PxBox};

use crate::tools::{run, verapdf};
use samples::Sample;

#[test]
fn verapdf_finds_every_file_to_be_pdfa_2u() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths: Vec<PathBuf> = samples::all()
        .iter()
        .map(|sample| saved(sample, folder.path()))
        .collect();
    for (path, verdict) in verapdf(&paths) {
        assert!(verdict.starts_with("PASS"), "{}: {verdict}", path.display());
    }
}

#[test]
fn verapdf_and_our_checker_refuse_the_same_bad_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let controls = controls::all();
    let paths: Vec<PathBuf> = controls
        .iter()
        .map(|(name, bytes)| {
            let path = folder.path().join(format!("{name}.pdf"));
            fs::write(&path, bytes).expect("the file is written");
            path
        })
        .collect();
    for (path, verdict) in verapdf(&paths) {
        assert!(
            !verdict.starts_with("PASS"),
            "{}: {verdict}",
            path.display()
        );
    }
    for (name, bytes) in controls {
        assert!(check(bytes).is_err(), "our checker passes {name}");
    }
}

#[test]
fn qpdf_finds_no_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    for sample in samples::all() {
        let path = saved(sample, folder.path());
        let output = run("qpdf", &["--check", text_of(&path)]);
        let report = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}: {report}", sample.name);
        assert!(!report.contains("WARNING"), "{}: {report}", sample.name);
    }
}

#[test]
fn every_orientation_is_shown_upright() {
    let folder = tempfile::tempdir().expect("a folder");
    let turned = samples::all()
        .iter()
        .filter(|sample| sample.name.starts_with("exif_"));
    let mut count = 0;
    for sample in turned {
        let path = saved(sample, folder.path());
        let output = run("pdftoppm", &["-r", "72", "-gray", text_of(&path)]);
        let [width, height, pixels @ ..] = &pgm(&output.stdout)[..] else {
            panic!("{}: no picture", sample.name);
        };
        assert_eq!((*width, *height), (200, 300), "{}", sample.name);
        let dark = |x: usize, y: usize| pixels[y * 200 + x] < 128;
        // The bar at the top, the square below its left end, nothing elsewhere.
        let seen = [
            (5, 5),
            (190, 5),
            (5, 50),
            (50, 50),
            (190, 50),
            (5, 290),
            (190, 290),
        ];
        let seen = seen.map(|(x, y)| dark(x, y));
        assert_eq!(
            seen,
            [true, true, true, false, false, false, false],
            "{}",
            sample.name
        );
        count += 1;
    }
    assert_eq!(count, 8);
}

#[test]
fn poppler_reads_the_words_in_order_and_line_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    for sample in samples::all() {
        let path = saved(sample, folder.path());
        let output = run("pdftotext", &["-raw", text_of(&path), "-"]);
        let pages = String::from_utf8(output.stdout).expect("UTF-8");
        compare(
            sample,
            "pdftotext -raw",
            pages.split('\u{c}'),
            same_lines(&sample.name),
        );
    }
}

#[test]
fn mupdf_reads_the_words_in_order_and_line_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    for sample in samples::all() {
        let path = saved(sample, folder.path());
        let output = run(
            "mutool",
            &["draw", "-q", "-F", "txt", "-o", "-", text_of(&path)],
        );
        let pages = String::from_utf8(output.stdout).expect("UTF-8");
        compare(
            sample,
            "mutool",
            pages.split('\u{c}'),
            same_lines(&sample.name),
        );
    }
}

#[test]
fn no_word_is_lost_or_glued_where_poppler_orders_by_place() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in samples::recorded() {
        let sample = sample_named(&name);
        let path = saved(sample, folder.path());
        let output = run("pdftotext", &[text_of(&path), "-"]);
        let page = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(sorted_words(&page), sorted_words(&text.plain()), "{name}");
    }
}

/// The measure of TECH Part III: boxes overlap by 0.8, ink covered by 0.95.
#[test]
fn marked_words_lie_on_their_ink() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in samples::recorded() {
        let path = saved(sample_named(&name), folder.path());
        let output = run("pdftotext", &["-raw", "-bbox", text_of(&path), "-"]);
        let boxes = boxes(&String::from_utf8(output.stdout).expect("UTF-8"), &text);
        assert_eq!(boxes.len(), text.words.len(), "{name}");
        let pairs = text.words.iter().map(|word| &word.bounds).zip(&boxes);
        let (overlaps, covers): (Vec<f64>, Vec<f64>) = pairs.map(overlap_and_cover).unzip();
        assert!(
            mean(&overlaps) >= 0.85,
            "{name}: overlap {:.3}",
            mean(&overlaps)
        );
        assert!(mean(&covers) >= 0.97, "{name}: cover {:.3}", mean(&covers));
        let close = overlaps.iter().filter(|overlap| **overlap >= 0.8).count();
        let share = close as f64 / overlaps.len() as f64;
        assert!(
            share >= 0.9,
            "{name}: {share:.3} of the words overlap by 0.8"
        );
    }
}

/// Compares what an extractor gave with the words that were written: their
/// order always, the lines where the sample is of plain horizontal lines.
fn compare<'a>(sample: &Sample, judge: &str, pages: impl Iterator<Item = &'a str>, by_line: bool) {
    let mut pages = pages;
    for (text, n) in sample.texts.iter().zip(1..) {
        let found = pages.next().unwrap_or_default();
        let wanted = writable(text).plain();
        let place = format!("{judge} {} page {n}", sample.name);
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        let (found_words, wanted_words) = (words(found), words(&wanted));
        for (found, wanted) in found_words.iter().zip(&wanted_words) {
            let lengths = (found.chars().count(), wanted.chars().count());
            assert!(
                found == wanted,
                "{place}: words differ, of lengths {lengths:?}"
            );
        }
        assert_eq!(found_words.len(), wanted_words.len(), "{place}");
        let lines = |text: &str| -> Vec<String> {
            let lines = text.lines().map(|line| line.trim_end().to_owned());
            lines.filter(|line| !line.is_empty()).collect()
        };
        if by_line {
            assert_eq!(lines(found), lines(&wanted), "{place}");
        }
    }
}

/// Lines that run upwards or lie in one another have no agreed shape as plain text.
fn same_lines(name: &str) -> bool {
    !matches!(name, "hostile_words" | "four_directions" | "rare_letters")
}

fn sample_named(name: &str) -> &'static Sample {
    let mut samples = samples::all().iter();
    samples
        .find(|sample| sample.name == name)
        .expect("a sample")
}

fn sorted_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    words.sort();
    words
}

/// Word boxes of `pdftotext -bbox` in pixels: left, top, right, bottom.
fn boxes(html: &str, text: &PageText) -> Vec<[f64; 4]> {
    let number = |line: &str, key: &str| -> f64 {
        let value = line.split(&format!("{key}=\"")).nth(1).expect(key);
        value.split('"').next().expect(key).parse().expect(key)
    };
    let page = html
        .lines()
        .find(|line| line.contains("<page "))
        .expect("a page");
    let across = f64::from(text.width_px) / number(page, "width");
    let down = f64::from(text.height_px) / number(page, "height");
    let words = html.lines().filter(|line| line.contains("<word "));
    let sides = words.map(|line| {
        [
            number(line, "xMin") * across,
            number(line, "yMin") * down,
            number(line, "xMax") * across,
            number(line, "yMax") * down,
        ]
    });
    sides.collect()
}

/// Intersection over union, and the share of the ink's box that is covered.
fn overlap_and_cover((ink, [left, top, right, bottom]): (&PxBox, &[f64; 4])) -> (f64, f64) {
    let (x, y) = (f64::from(ink.x_px), f64::from(ink.y_px));
    let (ink_right, ink_bottom) = (f64::from(ink.right_px()), f64::from(ink.bottom_px()));
    let wide = (right.min(ink_right) - left.max(x)).max(0.0);
    let high = (bottom.min(ink_bottom) - top.max(y)).max(0.0);
    let (common, ink) = (wide * high, (ink_right - x) * (ink_bottom - y));
    let union = (right - left) * (bottom - top) + ink - common;
    (common / union, common / ink)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Width, height and pixels of a binary PGM.
fn pgm(bytes: &[u8]) -> Vec<usize> {
    let mut parts = bytes.splitn(4, |byte| byte.is_ascii_whitespace());
    assert_eq!(parts.next(), Some(&b"P5"[..]));
    let mut number = || {
        let digits = parts.next().expect("a number");
        std::str::from_utf8(digits)
            .expect("ASCII")
            .parse::<usize>()
            .expect("a number")
    };
    let mut picture = vec![number(), number()];
    let pixels = parts.next().expect("pixels");
    // After the greatest value and one line end.
    let start = pixels
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a header")
        + 1;
    picture.extend(pixels[start..].iter().map(|byte| usize::from(*byte)));
    picture
}

fn saved(sample: &Sample, folder: &Path) -> PathBuf {
    let path = folder.join(format!("{}.pdf", sample.name));
    fs::write(&path, sample.pdf.bytes()).expect("the file is written");
    path
}

fn text_of(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}
