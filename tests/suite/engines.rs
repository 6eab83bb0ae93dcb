//! Engines that are named beside our own: one that cannot be had is told at once, pages read before are given back.

use std::fs;
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use sohoa::model::{Coded, Confidence, Digest, PageText, Point, PxBox, Word};
use sohoa::run::Plan;
use sohoa::run::reader::{Effort, InProcess, PageFound, PageReader, PageTask, ReadFault};
use sohoa::stages::intake::{self, Entry, ScanFile};
use sohoa::stages::recognize::{EngineIdentity, Picture, RecognizeFault, Recognizer, Recorded};

use crate::support::{expect_exit, fixture, run};

#[test]
fn an_engine_that_cannot_be_had_is_told_before_anything_is_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let model = folder.path().join("none.onnx").display().to_string();
    let without_onnx = if cfg!(feature = "onnx") {
        "OCR-022"
    } else {
        "OCR-021"
    };
    for (engine, exit, told) in [
        ("recorded:/nonexistent", 13, "OCR-010"),
        (model.as_str(), 13, without_onnx),
        ("tesserakt", 2, "recorded:"),
    ] {
        let output = expect_exit(
            run(&fixture("dossiers"), &out).args(["--engine", engine]),
            exit,
        );
        let words = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(words.contains(told), "{engine}: {words}");
        assert!(!out.exists());
    }
}

/// Reads one sure word on pages that lie the other way up, and nothing else.
struct ReadsTurned;

impl Recognizer for ReadsTurned {
    fn identity(&self) -> EngineIdentity {
        EngineIdentity {
            name: "turned".to_owned(),
            model: Digest::of(b"turned"),
        }
    }

    fn read(&self, picture: &Picture<'_>) -> Result<PageText, RecognizeFault> {
        let point = Point {
            x_px: 300.0,
            y_px: 800.0,
        };
        let word = Word {
            text: "THÔNG".to_owned(),
            bounds: PxBox {
                x_px: 300,
                y_px: 700,
                w_px: 400,
                h_px: 100,
            },
            baseline_start: point,
            baseline_end: point,
            confidence: Confidence::from_pct(90),
            block: 0,
            line: 0,
            leads_on: false,
        };
        let words = match picture.orientation.quarter_turns {
            2 => vec![word],
            _ => Vec::new(),
        };
        Ok(PageText {
            width_px: picture.page_width_px,
            height_px: picture.page_height_px,
            dpi: picture.page_dpi,
            words,
            symbols: Vec::new(),
        })
    }
}

/// A page with some black bars, as a scan that is taken in.
fn scan(folder: &Path) -> ScanFile {
    let mut page = GrayImage::from_pixel(1654, 2339, Luma([250]));
    for bar in 0..6 {
        for (x, y) in (0..90).flat_map(|x| (0..400).map(move |y| (x, y))) {
            page.put_pixel(300 + bar * 180 + x, 700 + y, Luma([20]));
        }
    }
    let drop = folder.join("drop");
    fs::create_dir(&drop).expect("a folder");
    page.save(drop.join("1.png")).expect("a page");
    let plan = Plan::default();
    let entry = Entry::folder("drop", &drop);
    let mut survey = intake::survey(&entry, &plan.intake, folder).expect("nothing to unpack");
    survey.open_files(&entry, &plan.intake);
    survey.files.remove(0)
}

fn read(engine: &dyn Recognizer, scan: &ScanFile, spool: PathBuf) -> Result<PageFound, ReadFault> {
    let plan = Plan::default();
    let task = PageTask {
        scan,
        index: 0,
        spool: &spool,
        effort: Effort::Full,
    };
    let reader = InProcess {
        engine,
        plan: &plan,
    };
    reader.read_page(&task)
}

#[test]
fn a_page_read_before_is_given_back_as_it_was_read_and_turned() {
    let folder = tempfile::tempdir().expect("a folder");
    let scan = scan(folder.path());
    let spool = || folder.path().join("spool");
    let found = read(&ReadsTurned, &scan, spool()).expect("read");
    assert_eq!(
        (found.text.plain(), found.orientation.quarter_turns),
        ("THÔNG".to_owned(), 2)
    );
    let recordings = folder.path().join("words");
    fs::create_dir(&recordings).expect("a folder");
    let recorded = Recorded::open(&recordings).expect("a folder");
    let Err(ReadFault::Recognize(fault)) = read(&recorded, &scan, spool()) else {
        panic!("read without a recording");
    };
    assert_eq!(fault.code(), "OCR-006");
    let name = format!("{}-0.json", scan.sha256);
    let kept = serde_json::to_vec(&found).expect("JSON");
    fs::write(recordings.join(name), kept).expect("written");
    assert_eq!(read(&recorded, &scan, spool()).expect("read"), found);
}
