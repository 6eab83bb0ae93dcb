//! Reading with the real engines, Tesseract and our own: one thread each, what is missing is named.

use std::collections::BTreeSet;

use sohoa::model::{Affine, Coded, Digest, Orientation, PageText};
use sohoa::stages::recognize::{
    Linewise, Options, PageKey, Picture, RecognizeFault, Recognizer, Tesseract, line_images,
};
use sohoa_lines::lstm::Processor;
use unicode_normalization::is_nfc;

use crate::support::{expect_exit, fixture, run};

const PAGE: &str = "dossiers/H10.12-221013-0001/trang 1.jpg";

fn read_page(engine: &dyn Recognizer) -> PageText {
    let pixels = image::open(fixture(PAGE)).expect("a fixture").to_luma8();
    engine.read(&picture(&pixels)).expect("a page is read")
}

fn picture(pixels: &image::GrayImage) -> Picture<'_> {
    Picture {
        key: PageKey {
            scan: Digest::of(b""),
            index: 0,
        },
        pixels,
        colors: None,
        dpi: 200,
        to_page: Affine::IDENTITY,
        page_width_px: pixels.width(),
        page_height_px: pixels.height(),
        page_dpi: 200,
        orientation: Orientation::UPRIGHT,
        max_ms: 60_000,
    }
}

/// Threads of this process by their kernel numbers.
fn threads() -> BTreeSet<String> {
    let listed = std::fs::read_dir("/proc/self/task").expect("Linux");
    listed
        .map(|entry| {
            entry
                .expect("a thread")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

#[test]
fn words_are_nfc_lie_on_the_page_and_come_in_lines() {
    let text = read_page(&Tesseract::open(&Options::default()).expect("tesseract-ocr-vie"));
    assert!(text.words.len() > 50, "{} words", text.words.len());
    assert!(text.lines().count() > 10);
    are_nfc_on_the_page_in_lines(&text);
}

fn are_nfc_on_the_page_in_lines(text: &PageText) {
    for word in &text.words {
        assert!(is_nfc(&word.text) && !word.text.contains(char::is_whitespace));
        assert!(word.bounds.w_px > 0 && word.bounds.right_px() <= text.width_px);
        assert!(word.bounds.h_px > 0 && word.bounds.bottom_px() <= text.height_px);
    }
    assert!(text.words.is_sorted_by_key(|word| (word.block, word.line)));
}

/// A fifth of Tesseract's time goes into packing line images as PNG (TECH, Part II).
#[test]
fn line_images_are_not_packed_as_png() {
    let before = line_images();
    let text = read_page(&Tesseract::open(&Options::default()).expect("tesseract-ocr-vie"));
    // Other tests of this binary read pages too, so there may be more, never fewer.
    assert!(line_images() - before >= text.lines().count() as u64);
}

/// OpenMP would start three more threads a page and read eight times slower (TECH, Part I).
#[test]
fn recognition_starts_no_threads_of_its_own() {
    // SAFETY of the measure: other tests of this binary may start threads at the same
    // time, so the threads that OpenMP would own are counted in a process of their own.
    if std::env::var_os("SOHOA_TEST_COUNT_THREADS").is_none() {
        let mut alone = std::process::Command::new(std::env::current_exe().expect("this binary"));
        alone.args([
            "--exact",
            "recognition::recognition_starts_no_threads_of_its_own",
        ]);
        alone.args(["--test-threads", "1"]);
        alone
            .env("SOHOA_TEST_COUNT_THREADS", "1")
            .env_remove("OMP_THREAD_LIMIT");
        expect_exit(&mut alone, 0);
        return;
    }
    let engine = Tesseract::open(&Options::default()).expect("tesseract-ocr-vie");
    let before = threads();
    read_page(&engine);
    assert_eq!(threads(), before, "Tesseract started threads");
}

#[test]
fn a_missing_model_is_exit_code_13_with_the_package_to_install() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plan = folder.path().join("plan.toml");
    std::fs::write(&plan, "[recognize]\ntessdata = \"/nonexistent\"\n").expect("a plan");
    let out = folder.path().join("out");
    let output = expect_exit(run(&fixture("dossiers"), &out).arg("--plan").arg(&plan), 13);
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        told.contains("OCR-002") && told.contains("tesseract-ocr-vie"),
        "{told}"
    );
    assert!(!out.exists(), "nothing is begun without an engine");
}

#[test]
fn a_damaged_model_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("vie.traineddata"), b"no model").expect("a file");
    let options = Options {
        tessdata: folder.path().to_owned(),
        ..Options::default()
    };
    let fault = Tesseract::open(&options).err().expect("no model");
    assert!(matches!(fault, RecognizeFault::BadModel { .. }), "{fault}");
    assert!(fault.stops_the_run() && fault.code() == "OCR-003");
    // Our own engine says what is wrong with which file.
    let fault = Linewise::open(&options).err().expect("no model");
    assert!(fault.stops_the_run());
    assert_eq!(fault.code(), "OCR-011");
    let path = folder.path().join("vie.traineddata");
    assert_eq!(fault.params()["model"], path.display().to_string());
}

#[test]
fn a_page_that_takes_too_long_is_stopped() {
    is_stopped(&Tesseract::open(&Options::default()).expect("tesseract-ocr-vie"));
    is_stopped(&Linewise::open(&Options::default()).expect("tesseract-ocr-vie"));
}

fn is_stopped(engine: &dyn Recognizer) {
    let pixels = image::open(fixture(PAGE)).expect("a fixture").to_luma8();
    let hurried = Picture {
        max_ms: 1,
        ..picture(&pixels)
    };
    let fault = engine
        .read(&hurried)
        .expect_err("one millisecond is too short");
    assert!(
        matches!(fault, RecognizeFault::OutOfTime { max_page_ms: 1 }),
        "{fault}"
    );
    assert!(!fault.stops_the_run());
}

/// The upper part of the page, read by our own engine: unoptimised builds take a second a line.
fn read_upper_part(engine: &Linewise, share: f32) -> PageText {
    let page = image::open(fixture(PAGE)).expect("a fixture").to_luma8();
    let height = (page.height() as f32 * share) as u32;
    let part = image::imageops::crop_imm(&page, 0, 0, page.width(), height).to_image();
    let patient = Picture {
        max_ms: 600_000,
        ..picture(&part)
    };
    engine.read(&patient).expect("a page is read")
}

#[test]
fn our_own_engine_reads_the_same_on_every_processor_and_on_many_threads() {
    let options = Options::default();
    let best = Linewise::open(&options).expect("tesseract-ocr-vie");
    let text = read_upper_part(&best, 0.14);
    assert!(text.words.len() > 5, "{}", text.plain());
    let portable = Linewise::open_for(&options, Processor::Portable).expect("tesseract-ocr-vie");
    assert!(read_upper_part(&portable, 0.14) == text, "portable");
    std::thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(|| read_upper_part(&best, 0.14)));
        for thread in threads {
            assert!(thread.join().expect("no panic") == text, "two threads");
        }
    });
}

/// Against what the generator wrote on the page.
#[test]
fn our_own_engine_misses_no_line_of_a_clean_page() {
    let engine = Linewise::open(&Options::default()).expect("tesseract-ocr-vie");
    let text = read_upper_part(&engine, 0.4);
    are_nfc_on_the_page_in_lines(&text);
    let truth = std::fs::read(fixture("truth/H10.12-221013-0001.json")).expect("a truth");
    let truth: serde_json::Value = serde_json::from_slice(&truth).expect("JSON");
    let first = truth["documents"][0]["pages"][0]["text"].as_str();
    let lines = first.expect("the text of the page").lines().take(9);
    let read = text.plain();
    // Letter for letter, so one line may have a slip.
    let missed: Vec<&str> = lines.filter(|line| !read.contains(line)).collect();
    assert!(missed.len() <= 1, "{missed:?} in {read}");
}

#[test]
fn our_own_engine_reads_what_runs_up_or_down_a_narrow_cell() {
    let engine = Linewise::open(&Options::default()).expect("tesseract-ocr-vie");
    let page = image::open(fixture(PAGE)).expect("a fixture").to_luma8();
    let text = read_upper_part(&engine, 0.14);
    let words = text.lines().find(|words| (3..6).contains(&words.len()));
    let words = words.expect("a short line");
    let place = words.iter().map(|word| word.bounds);
    let place = place.reduce(|one, other| one.union(&other)).expect("words");
    let (width, height) = (place.w_px + 12, place.h_px + 12);
    let line = image::imageops::crop_imm(&page, place.x_px - 6, place.y_px - 6, width, height);
    let line = line.to_image();
    let said: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    for turned in [
        image::imageops::rotate270(&line),
        image::imageops::rotate90(&line),
    ] {
        let read = engine
            .read(&picture(&in_a_cell(&turned)))
            .expect("a page is read");
        assert_eq!(read.plain(), said.join(" "));
        assert!(
            read.words
                .iter()
                .all(|word| word.bounds.h_px > word.bounds.w_px)
        );
    }
}

/// A picture on a sheet in a cell of a table, between rules that run on.
fn in_a_cell(inside: &image::GrayImage) -> image::GrayImage {
    let (width, height) = inside.dimensions();
    let mut sheet = image::GrayImage::from_pixel(width + 400, height + 400, image::Luma([255]));
    image::imageops::replace(&mut sheet, inside, 200, 200);
    let sides = [198, 200 + width].map(|x| (x, 198, 2, height + 4));
    let ends = [198, 200 + height].map(|y| (138, y, width + 124, 2));
    for (left, top, width, height) in sides.into_iter().chain(ends) {
        for (x, y) in (left..left + width).flat_map(|x| (top..top + height).map(move |y| (x, y))) {
            sheet.put_pixel(x, y, image::Luma([20]));
        }
    }
    sheet
}
