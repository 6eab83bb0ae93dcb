//! Scans that others encoded are read as others read them: sample by sample.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sohoa::formats::raster::{Pixels, Raster};
use sohoa::model::Coded;
use sohoa::stages::intake::{self, Entry, Options, ScannedPage};

use super::tools::{python, root, run, said};

/// The page as it is seen: turned upright, as RGB.
fn upright(raster: &Raster) -> image::RgbImage {
    let mut image = match &raster.pixels {
        Pixels::Bilevel(gray) | Pixels::Gray(gray) => {
            image::DynamicImage::ImageLuma8(gray.clone()).into_rgb8()
        }
        Pixels::Color(rgb) => rgb.clone(),
    };
    if raster.orientation.mirrored {
        image = image::imageops::flip_horizontal(&image);
    }
    for _ in 0..raster.orientation.quarter_turns {
        image = image::imageops::rotate90(&image);
    }
    image
}

/// What is wrong with one page, if anything.
fn judged(page: &ScannedPage, expected: &Path, case: &Value) -> Option<String> {
    let expected = image::open(expected)
        .expect("drawn by the script")
        .into_rgb8();
    let found = upright(&page.raster);
    if found.dimensions() != expected.dimensions() {
        return Some(format!(
            "{:?} not {:?}",
            found.dimensions(),
            expected.dimensions()
        ));
    }
    let both = found.as_raw().iter().zip(expected.as_raw());
    let off = both.map(|(l, r)| u64::from(l.abs_diff(*r)));
    let (sum, most) = off.fold((0, 0), |(sum, most): (u64, u64), off| {
        (sum + off, most.max(off))
    });
    let mean = sum as f64 / found.as_raw().len() as f64;
    let (mean_limit, most_limit) = (case["mean"].as_f64(), case["most"].as_u64());
    let close = mean <= mean_limit.expect("a number") && most <= most_limit.expect("a number");
    (!close).then(|| format!("off by {mean:.3} in the mean, by {most} at most"))
}

fn judge(case: &Value, folder: &Path) -> Result<(), String> {
    let name = case["name"].as_str().expect("a name");
    let options = Options::default();
    let entry = Entry::folder(name, folder.join("drop").join(name));
    let unpacked = folder.join("unpacked");
    let mut survey = intake::survey(&entry, &options, &unpacked).expect("no archive to unpack");
    survey.open_files(&entry, &options);
    let expected = case["pages"].as_array().expect("a list");
    let fault = |fault: &dyn Coded| match case["fault"].as_str() {
        Some(code) if code == fault.code() => Ok(()),
        other => Err(format!(
            "{} not {other:?}: {:?}",
            fault.code(),
            fault.params()
        )),
    };
    if let Some((_, found)) = survey.faults.first() {
        return fault(found);
    }
    let scan = &survey.files[0];
    for index in 0..scan.pages {
        let page = match scan.load_page(index, &options) {
            Ok(page) => page,
            Err(found) => return fault(&found),
        };
        let expected = expected.get(index as usize).and_then(Value::as_str);
        let expected = expected.ok_or_else(|| format!("{} pages", scan.pages))?;
        if let Some(wrong) = judged(&page, &folder.join("pages").join(expected), case) {
            return Err(wrong);
        }
        judge_words(&page, case, index)?;
    }
    match scan.pages as usize == expected.len() {
        true => Ok(()),
        false => Err(format!("{} pages", scan.pages)),
    }
}

/// Resolution and coding, where the case says them.
fn judge_words(page: &ScannedPage, case: &Value, index: u32) -> Result<(), String> {
    if let Some(dpi) = case["dpi"].get(index as usize) {
        let found = page.raster.dpi.map(|dpi| f64::from(dpi.x));
        let alike = match (dpi.as_f64(), found) {
            (Some(dpi), Some(found)) => (dpi - found).abs() < 0.5,
            (expected, found) => expected.is_none() && found.is_none(),
        };
        if !alike {
            return Err(format!("{found:?} dpi, not {dpi}"));
        }
    }
    let coding = format!("{:?}", page.image.coding);
    match case["original"].as_str() {
        Some(expected) if !coding.starts_with(expected) => Err(format!("kept as {coding}")),
        _ => Ok(()),
    }
}

/// Draws the cases of one script from what is prepared for it in its folder, and judges each;
/// all that went wrong is told at once.
pub fn judge_all(script: &str, prepare: impl Fn(&Path)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    prepare(folder.path());
    let script = root().join("tests/judges").join(script);
    let drawn = run(python(), &[script.as_path(), folder.path()]);
    assert!(drawn.status.success(), "{}", said(&drawn));
    let cases = fs::read(folder.path().join("cases.json")).expect("the script wrote it");
    let cases: Vec<Value> = serde_json::from_slice(&cases).expect("JSON");
    assert!(cases.len() > 15, "the script drew {} cases", cases.len());
    let wrong = cases.iter().filter_map(|case| {
        let wrong = judge(case, folder.path()).err()?;
        Some(format!(
            "{}: {wrong}",
            case["name"].as_str().unwrap_or_default()
        ))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn images_are_read_as_their_encoders_meant_them() {
    judge_all("scans.py", |_| ());
}

#[test]
fn pages_of_scanners_pdfs_look_as_poppler_draws_them() {
    judge_all("scanned_pdfs.py", |_| ());
}
