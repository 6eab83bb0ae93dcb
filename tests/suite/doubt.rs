//! Pages on which our own engine finds no text: another engine is asked, and what still has none is told.

use std::path::Path;

use image::{GrayImage, Luma, imageops};
use sohoa::model::{Affine, Confidence, Digest, Orientation, PageText, Point, PxBox, Word};
use sohoa::run::Plan;
use sohoa::run::reader::{Effort, InProcess, PageFound, PageReader, PageTask};
use sohoa::stages::intake::{self, Entry};
use sohoa::stages::recognize::{
    Engine, EngineIdentity, Options, PageKey, Picture, RecognizeFault, Recognizer,
};

use crate::support::fixture;

/// Finds nothing itself; beside it stands an engine that reads one word this surely, or runs out of time.
struct Blind {
    other: Result<u8, RecognizeFault>,
}

impl Recognizer for Blind {
    fn identity(&self) -> EngineIdentity {
        EngineIdentity {
            name: "blind".to_owned(),
            model: Digest::of(b"blind"),
        }
    }

    fn read(&self, _: &Picture<'_>) -> Result<PageText, RecognizeFault> {
        Ok(PageText::default())
    }

    fn read_otherwise(&self, _: &Picture<'_>) -> Option<Result<PageText, RecognizeFault>> {
        let text = |pct| PageText {
            words: vec![word(pct)],
            ..PageText::default()
        };
        Some(self.other.clone().map(text))
    }
}

fn word(pct: u8) -> Word {
    let point = Point {
        x_px: 300.0,
        y_px: 800.0,
    };
    Word {
        text: "THÔNG".to_owned(),
        bounds: PxBox {
            x_px: 300,
            y_px: 700,
            w_px: 400,
            h_px: 100,
        },
        baseline_start: point,
        baseline_end: point,
        confidence: Confidence::from_pct(pct),
        block: 0,
        line: 0,
        leads_on: false,
    }
}

/// What is found on a page with some black bars, far larger than letters, in a PNG of 200 dpi.
fn read_drawing(engine: &Blind, folder: &Path) -> PageFound {
    let mut page = GrayImage::from_pixel(1654, 2339, Luma([250]));
    for bar in 0..6 {
        for (x, y) in (0..90).flat_map(|x| (0..400).map(move |y| (x, y))) {
            page.put_pixel(300 + bar * 180 + x, 700 + y, Luma([20]));
        }
    }
    let drop = folder.join("drop");
    std::fs::create_dir(&drop).expect("a folder");
    page.save(drop.join("1.png")).expect("a page");
    let plan = Plan::default();
    let entry = Entry::folder("drop", &drop);
    let mut survey = intake::survey(&entry, &plan.intake, folder).expect("nothing to unpack");
    survey.open_files(&entry, &plan.intake);
    let reader = InProcess {
        engine,
        plan: &plan,
    };
    let task = PageTask {
        scan: &survey.files[0],
        index: 0,
        spool: &folder.join("spool"),
        effort: Effort::Full,
    };
    reader.read_page(&task).expect("a page is read")
}

#[test]
fn a_page_without_lines_is_read_by_the_other_engine_where_that_is_sure() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = read_drawing(&Blind { other: Ok(90) }, folder.path());
    assert!(found.read_otherwise && !found.textless);
    assert_eq!(found.text.plain(), "THÔNG");
}

#[test]
fn a_drawing_that_no_engine_reads_surely_has_no_text() {
    for other in [Ok(50), Err(RecognizeFault::OutOfTime { max_page_ms: 1 })] {
        let folder = tempfile::tempdir().expect("a folder");
        let found = read_drawing(&Blind { other }, folder.path());
        assert!(!found.read_otherwise && found.textless && !found.blank);
        assert!(found.text.words.is_empty());
    }
}

#[test]
fn light_letters_on_a_dark_ground_are_read_by_tesseract() {
    let page = "dossiers/H10.12-221013-0001/trang 1.jpg";
    let page = image::open(fixture(page)).expect("a fixture").to_luma8();
    let mut head = imageops::crop_imm(&page, 0, 0, page.width(), page.height() / 7).to_image();
    imageops::invert(&mut head);
    let engine = Engine::open(&Options::default()).expect("tesseract-ocr-vie");
    let picture = Picture {
        key: PageKey {
            scan: Digest::of(b""),
            index: 0,
        },
        pixels: &head,
        colors: None,
        dpi: 200,
        to_page: Affine::IDENTITY,
        page_width_px: head.width(),
        page_height_px: head.height(),
        page_dpi: 200,
        orientation: Orientation::UPRIGHT,
        max_ms: 60_000,
    };
    let read = engine.read_otherwise(&picture).expect("built with `ocr`");
    let text = read.expect("a page is read").plain();
    assert!(text.contains("CỘNG HÒA"), "{text}");
}
