//! What reviewers corrected makes a model that the next run uses.

use std::fs;
use std::path::Path;

use sohoa::model::{Change, Confidence, Correction, PageText, Point, PxBox, Word};

use crate::support::{drop_of, expect_exit, manifest, run, sohoa};

const DOSSIER: &str = "H10.33-240722-0088";

/// A page of one line of words.
fn page(text: &str) -> PageText {
    let word = |(place, word): (u32, &str)| {
        let bounds = PxBox {
            x_px: 200 + 150 * place,
            y_px: 300,
            w_px: 120,
            h_px: 30,
        };
        let at = |x_px: u32| Point {
            x_px: x_px as f32,
            y_px: 330.0,
        };
        Word {
            text: word.to_owned(),
            baseline_start: at(bounds.x_px),
            baseline_end: at(bounds.right_px()),
            bounds,
            confidence: Confidence::from_pct(90),
            block: 0,
            line: 0,
            leads_on: false,
        }
    };
    PageText {
        width_px: 1654,
        height_px: 2339,
        dpi: 200,
        symbols: Vec::new(),
        words: (0..).zip(text.split(' ')).map(word).collect(),
    }
}

fn correction(change: Change, page: Option<PageText>) -> String {
    let correction = Correction {
        by: "can.bo.1".to_owned(),
        at: "2026-11-22T09:00:00+07:00".to_owned(),
        dossier: DOSSIER.parse().expect("a code"),
        document: 1,
        change,
        page,
    };
    correction.line()
}

fn corrections() -> String {
    let typed = Change::Type {
        old: "khong_ro".to_owned(),
        new: "cccd".to_owned(),
    };
    let field = Change::Field {
        id: "so_ky_hieu".to_owned(),
        old: None,
        new: Some("12/QĐ-UBND".to_owned()),
    };
    let words = page("Thẻ đã phai màu, chỉ còn vài chữ ở mặt sau");
    correction(typed, Some(words)) + &correction(field, None)
}

fn train(corrections: &Path, out: &Path) -> std::process::Command {
    let mut command = sohoa();
    command.args(["train", "--lang", "en"]).arg(corrections);
    command.arg("--out").arg(out);
    command
}

#[test]
fn a_trained_model_is_named_by_the_plan_and_describes_everything_anew() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("corrections.jsonl");
    fs::write(&file, corrections()).expect("corrections");
    let model = folder.path().join("model.bin");
    let told = expect_exit(&mut train(&file, &model), 0);
    let (out, err) = (
        String::from_utf8(told.stdout).expect("UTF-8"),
        String::from_utf8(told.stderr).expect("UTF-8"),
    );
    assert!(out.starts_with("1 pages learned"), "{out}");
    assert!(err.contains("1 lines teach nothing"), "{err}");

    let drop = folder.path().join("drop");
    drop_of("dossiers", &[DOSSIER], &drop);
    let package = folder.path().join("out");
    expect_exit(&mut run(&drop, &package), 0);
    let before = manifest(&package)[0].content_key;
    let plan = folder.path().join("plan.toml");
    fs::write(&plan, format!("[describe]\nmodel = {model:?}\n")).expect("a plan");
    let with_model = || {
        let mut command = run(&drop, &package);
        command.arg("--plan").arg(&plan);
        command
    };
    expect_exit(&mut with_model(), 0);
    assert_ne!(manifest(&package)[0].content_key, before);

    fs::write(&model, b"no model").expect("a file");
    let refused = expect_exit(&mut with_model(), 2);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("DSC-021"));
}

#[test]
fn a_damaged_line_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("corrections.jsonl");
    fs::write(&file, corrections() + "{\"by\":\"can.bo").expect("corrections");
    let model = folder.path().join("model.bin");
    let told = expect_exit(&mut train(&file, &model), 2);
    let err = String::from_utf8(told.stderr).expect("UTF-8");
    assert!(err.contains("DSC-023") && err.contains("Line 3"), "{err}");
    assert!(!model.exists());
}
