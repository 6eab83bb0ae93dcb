//! Reading is measured by the same rules in the program and in scripts/bench, and `sohoa evaluate` tells it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sohoa::evaluate::reading::{ReadingScore, score_page};
use sohoa::formats::raster::Dpi;
use sohoa::model::{Confidence, Digest, Orientation, PageText, Point, PxBox, Word};
use sohoa::run::reader::PageFound;

use crate::support::{drop_of, expect_exit, fixture, root, sohoa};

fn load(path: &Path) -> Value {
    let bytes = fs::read(path).expect("a file of JSON");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn number(value: &Value) -> u32 {
    value.as_f64().expect("a number") as u32
}

/// What Tesseract read of a page of the fixtures.
fn recorded(name: &str) -> PageText {
    let words = load(&fixture("words").join(name));
    let words = words.as_array().expect("words").iter();
    let words = words.map(|word| {
        let bounds = PxBox {
            x_px: number(&word["x_px"]),
            y_px: number(&word["y_px"]),
            w_px: number(&word["w_px"]),
            h_px: number(&word["h_px"]),
        };
        let (block, par) = (number(&word["block"]), number(&word["par"]));
        // Tesseract numbers the lines of each paragraph anew.
        let line = (block * 100 + par) * 100 + number(&word["line"]);
        let confidence = Confidence::from_pct(number(&word["confidence_pct"]) as u8);
        word_of(
            word["text"].as_str().expect("text"),
            bounds,
            line,
            confidence,
        )
    });
    page(words.collect())
}

fn word_of(text: &str, bounds: PxBox, line: u32, confidence: Confidence) -> Word {
    let foot = |x_px: u32| Point {
        x_px: x_px as f32,
        y_px: (bounds.y_px + bounds.h_px) as f32,
    };
    Word {
        text: text.to_owned(),
        bounds,
        baseline_start: foot(bounds.x_px),
        baseline_end: foot(bounds.x_px + bounds.w_px),
        confidence,
        block: line,
        line,
        leads_on: false,
    }
}

fn page(words: Vec<Word>) -> PageText {
    PageText {
        width_px: 1654,
        height_px: 2339,
        dpi: 200,
        words,
        symbols: Vec::new(),
    }
}

/// These lines as a reader without fault would give them.
fn faultless(lines: &str) -> PageText {
    let mut words = Vec::new();
    for (line, n) in lines.lines().zip(0_u32..) {
        for (word, place) in line.split_whitespace().zip(0_u32..) {
            let bounds = PxBox {
                x_px: 60 + place * 90,
                y_px: 60 + n * 36,
                w_px: 80,
                h_px: 24,
            };
            words.push(word_of(word, bounds, n, Confidence::from_pct(90)));
        }
    }
    page(words)
}

/// The true text of a page of the fixtures.
fn true_text(code: &str, file: &str) -> String {
    let truth = load(&fixture("truth").join(format!("{code}.json")));
    let documents = truth["documents"].as_array().expect("documents").iter();
    let mut pages = documents.flat_map(|document| document["pages"].as_array().expect("pages"));
    let page = pages.find(|page| page["file"] == file);
    let text = &page.expect("the page stands in its truth")["text"];
    text.as_str().expect("text").to_owned()
}

/// The recorded pages with their true text, each as read and once spoilt: last lines first, every fourth line lost,
/// letters lost of every fifth word, marks and rubbish put in.
fn cases() -> Vec<(String, PageText)> {
    let index = load(&fixture("words").join("index.json"));
    let recordings = index.as_array().expect("recordings").iter();
    let cases = recordings.map(|one| {
        let of = |key: &str| one[key].as_str().expect("a name");
        (true_text(of("ma_ho_so"), of("file")), recorded(of("words")))
    });
    cases
        .flat_map(|(text, read)| [(text.clone(), spoilt(&read)), (text, read)])
        .chain([table_with_short_cells()])
        .collect()
}

/// Cells that other cells and lines begin with, in another order and with a letter wrong here and there.
fn table_with_short_cells() -> (String, PageText) {
    let text = "1\n2\n12\nBÊN ỦY QUYỀN\nBÊN ỦY QUYỀN: Ông Lê Văn Bình\n20/11/2023\n-\n0,1\nm²";
    let read = "18\nBÊN ỦY QUYỀN: Ông Lê Văn Bỉnh\n28/11/2023\n2\n0,l m²\n1\nBÊN ỦY QUYỀN\n-";
    (text.to_owned(), faultless(read))
}

fn spoilt(read: &PageText) -> PageText {
    let lines: Vec<&[Word]> = read.lines().collect();
    let kept = lines.iter().rev().enumerate();
    let kept = kept.filter(|(n, _)| n % 4 != 3);
    let mut words: Vec<Word> = kept.flat_map(|(_, line)| line.to_vec()).collect();
    for (n, word) in words.iter_mut().enumerate() {
        match n % 5 {
            1 => word.text = word.text.chars().skip(1).chain(['ẫ']).collect(),
            3 => word.text += "…. |“",
            _ => {}
        }
    }
    page(words)
}

/// What scripts/benchlib/scoring.py says of the same pages.
fn scored_by_python(cases: &[(String, PageText)]) -> Vec<Value> {
    const SCRIPT: &str = "import json, sys\n\
        sys.path.insert(0, sys.argv[1])\n\
        from benchlib.scoring import score_page\n\
        cases = json.load(sys.stdin)\n\
        print(json.dumps([vars(score_page(text.splitlines(), read)) for text, read in cases]))";
    let python = std::env::var_os("SOHOA_PYTHON")
        .map_or_else(|| root().join("scripts/.venv/bin/python"), PathBuf::from);
    let mut scorer = Command::new(python)
        .args(["-c", SCRIPT])
        .arg(root().join("scripts"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python: scripts/test makes scripts/.venv");
    let cases: Vec<Value> = cases
        .iter()
        .map(|(text, read)| json!([text, read.plain()]))
        .collect();
    let mut input = scorer.stdin.take().expect("asked for above");
    let sent = input.write_all(Value::from(cases).to_string().as_bytes());
    sent.expect("the scorer listens");
    drop(input);
    let output = scorer.wait_with_output().expect("the scorer ends");
    serde_json::from_slice(&output.stdout).expect("a score for each page")
}

fn as_python_says(score: &ReadingScore) -> Value {
    json!({
        "truth_chars": score.truth_chars, "errors": score.errors,
        "errors_without_marks": score.errors_without_marks, "lines": score.lines,
        "lines_missed": score.lines_missed, "invented_chars": score.invented_chars,
    })
}

#[test]
fn the_program_and_the_benchmark_score_every_recorded_page_alike() {
    let cases = cases();
    let theirs = scored_by_python(&cases);
    assert_eq!((cases.len(), theirs.len()), (17, 17));
    let mut missed = 0;
    for ((text, read), theirs) in cases.iter().zip(&theirs) {
        let ours = score_page(text.lines(), read);
        missed += ours.lines_missed;
        assert_eq!(
            &as_python_says(&ours),
            theirs,
            "{}",
            text.lines().next().unwrap_or("")
        );
    }
    assert!(missed > 30, "the spoilt pages have lost lines: {missed}");
}

const CODE: &str = "H10.21-240905-0019";

/// Keeps what was read on a page where `sohoa evaluate --words` looks for it.
fn keep(folder: &Path, file: &str, text: PageText) {
    let scan = fs::read(fixture("dossiers").join(CODE).join(file)).expect("a scan");
    let found = PageFound {
        blank: text.words.is_empty(),
        marks: Vec::new(),
        text,
        secrecy: None,
        sketch: None,
        from_text_layer: false,
        read_otherwise: false,
        textless: false,
        dpi_estimated: false,
        orientation: Orientation::UPRIGHT,
        stored_dpi: Dpi { x: 200.0, y: 200.0 },
        image: None,
    };
    let json = serde_json::to_vec(&found).expect("words have only string keys");
    let name = format!("{}-0.json", Digest::of(&scan));
    fs::write(folder.join(name), json).expect("a file of words");
}

/// A truth of three pages by "fax", of which one was read without fault, one badly, and one taken for blank.
fn three_pages(folder: &Path) -> (PathBuf, PathBuf) {
    let (set, words) = (folder.join("set"), folder.join("words"));
    fs::create_dir_all(set.join("truth")).expect("a folder");
    fs::create_dir_all(&words).expect("a folder");
    drop_of("dossiers", &[CODE], &set.join("dossiers"));
    let name = format!("{CODE}.json");
    let mut truth = load(&fixture("truth").join(&name));
    truth["profile"] = json!("fax");
    fs::write(set.join("truth").join(name), truth.to_string()).expect("a truth");
    keep(&words, "1.png", faultless(&true_text(CODE, "1.png")));
    keep(&words, "2.png", spoilt(&recorded("07_giay_uy_quyen.json")));
    keep(&words, "3.png", page(Vec::new()));
    (set, words)
}

fn evaluate(set: &Path, words: &Path) -> Command {
    let mut command = sohoa();
    command.args(["evaluate", "--words"]).arg(words).arg(set);
    command.env("SOURCE_DATE_EPOCH", "1761955200");
    command
}

#[test]
fn evaluate_tells_reading_by_type_and_profile_and_a_page_taken_for_blank_has_lost_its_lines() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (set, words) = three_pages(folder.path());
    let report = folder.path().join("report.html");
    let mut command = evaluate(&set, &words);
    let output = expect_exit(command.arg("--json").arg("--report").arg(&report), 0);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let types = &json["reading"]["types"];
    assert_eq!(types["to_khai"]["figures"]["cer"], 0.0);
    assert_eq!(types["to_khai"]["figures"]["word_calibration_error"], 0.1);
    let lost = &types["phieu_gui"];
    assert_eq!(lost["lines_missed"], lost["lines"]);
    assert_eq!(lost["figures"]["wer"], 1.0);
    let as_read = score_page(
        true_text(CODE, "2.png").lines(),
        &spoilt(&recorded("07_giay_uy_quyen.json")),
    );
    assert!(as_read.errors > 0);
    assert_eq!(types["giay_uy_quyen"]["errors"], as_read.errors);
    assert_eq!(json["reading"]["profiles"]["fax"], json["reading"]["all"]);
    assert_eq!(json["reading"]["all"]["pages"], 3);
    // Nothing was read in this call, so that nothing is said of its cost.
    assert!(json["reading_cost"].is_null());
    let html = fs::read_to_string(&report).expect("a report");
    assert!(html.contains("scan profiles") && html.contains(">phieu_gui</text>"));
}

#[test]
fn the_terminal_has_a_row_for_each_type_in_both_languages_and_says_where_the_truth_has_no_text() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (set, words) = three_pages(folder.path());
    let told = |language: &str| {
        let mut command = evaluate(&set, &words);
        let output = expect_exit(command.args(["--lang", language]), 0);
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let row = |text: &str, name: &str| {
        let mut lines = text.lines();
        let line = lines.find(|line| line.trim_start().starts_with(name));
        line.expect("a row").to_owned()
    };
    let (vi, en) = (told("vi"), told("en"));
    assert!(row(&vi, "đọc chữ").contains("sót dòng"));
    assert!(row(&en, "reading").contains("missed"));
    assert!(row(&vi, "phieu_gui").contains("100,00 %"));
    assert!(row(&en, "phieu_gui").contains("100.00 %"));
    assert!(row(&en, "to_khai").contains("0.00 %"));
    assert!(!en.contains("CPU"));

    let truth = set.join("truth").join(format!("{CODE}.json"));
    let without_text = fs::read_to_string(&truth).expect("the truth");
    fs::write(&truth, without_text.replace("\"text\":", "\"other\":")).expect("a truth");
    assert!(told("vi").contains("không đo được việc đọc"));
}
