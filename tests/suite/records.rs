//! What a run writes down besides its results: the log without people in it, the figures.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::{drop_of, expect_exit, fixture, run};

const DOSSIERS: &[&str] = &["H10.12-221014-0002", "H10.33-240722-0088"];

/// Every text in a JSON value.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

/// What must never be in a log: Vietnamese words of the pages, names, numbers of citizen cards.
fn private_words() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for dossier in DOSSIERS {
        let truth = fixture("truth").join(format!("{dossier}.json"));
        let truth = fs::read_to_string(truth).expect("the truth");
        let truth: Value = serde_json::from_str(&truth).expect("JSON");
        let mut found = Vec::new();
        texts(&truth, &mut found);
        for word in found.iter().flat_map(|text| text.split_whitespace()) {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            let is_number = word.len() >= 9 && word.bytes().all(|b| b.is_ascii_digit());
            if is_number || (!word.is_ascii() && word.chars().count() > 1) {
                words.insert(word.to_owned());
            }
        }
    }
    assert!(
        words.len() > 100 && words.contains("098086582897"),
        "{words:?}"
    );
    words
}

#[test]
fn the_log_tells_every_page_and_names_nobody() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", DOSSIERS, &drop);
    // Scans are named after people, and so are folders that are no dossiers.
    let first = drop.join(DOSSIERS[0]);
    let page = fs::read_dir(&first)
        .expect("a dossier")
        .next()
        .expect("a page");
    let page = page.expect("an entry").path();
    fs::rename(&page, first.join("Nguyễn Thị Hường.jpg")).expect("renamed");
    fs::create_dir(drop.join("Lê Hữu Sơn")).expect("a folder");

    let logs = ["info", "debug"].map(|level| {
        let file = folder.path().join(level);
        let out = folder.path().join("out").join(level);
        let mut command = run(&drop, &out);
        command
            .arg("--log-file")
            .arg(&file)
            .args(["--log-level", level]);
        expect_exit(&mut command, 4);
        fs::read_to_string(file).expect("a log")
    });
    for word in private_words() {
        assert!(!logs[0].contains(&word), "{word} stands in the log");
    }
    assert!(logs[1].contains("Nguyễn Thị Hường.jpg") && logs[1].contains("Lê Hữu Sơn"));
    let count = |message: &str| {
        let lines = logs[0]
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines.filter(|line| line["message"] == message).count()
    };
    let pages: usize = DOSSIERS
        .iter()
        .map(|name| {
            fs::read_dir(fixture("dossiers").join(name))
                .expect("a dossier")
                .count()
        })
        .sum();
    assert!(count("page read") >= pages, "{}", logs[0]);
    assert_eq!((count("dossier ended"), count("run ended")), (3, 1));
    for name in DOSSIERS {
        assert!(logs[0].contains(name), "{name}");
    }
}

#[test]
fn the_figures_of_a_run_stand_in_the_metrics_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", &DOSSIERS[1..], &drop);
    fs::create_dir(drop.join("trong")).expect("a folder");
    let file = folder.path().join("sohoa.prom");
    let mut command = run(&drop, &folder.path().join("out"));
    expect_exit(command.arg("--metrics-file").arg(&file), 4);
    let text = fs::read_to_string(&file).expect("figures");
    for line in [
        "sohoa_exit_code 4",
        "sohoa_run_active 0",
        "sohoa_dossiers_total{outcome=\"waiting_for_review\"} 1",
        "sohoa_flagged_total{code=\"DSC-040\"} 1",
        "sohoa_dossiers_total{outcome=\"set_aside\"} 1",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is missing in\n{text}"
        );
    }
    assert!(
        text.contains("sohoa_cert_expiry_timestamp_seconds "),
        "{text}"
    );

    // A place that cannot be written is told before the night begins.
    let mut command = run(&drop, &folder.path().join("other"));
    command
        .arg("--metrics-file")
        .arg(folder.path().join("none/sohoa.prom"));
    let told = String::from_utf8(expect_exit(&mut command, 8).stderr).expect("UTF-8");
    assert!(told.contains("RUN-013"), "{told}");
    assert!(!folder.path().join("other").exists());
}
