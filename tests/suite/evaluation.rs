//! `sohoa evaluate` measures the fixtures' own truth, with the engine and, the second time, from kept words.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{expect_exit, fixture, root, sohoa};

fn evaluate(words: &std::path::Path) -> Command {
    let mut command = sohoa();
    command.arg("evaluate").arg(root().join("fixtures"));
    command.arg("--words").arg(words).arg("--json");
    command.env("SOURCE_DATE_EPOCH", "1761955200");
    command
}

#[test]
fn the_fixtures_measure_the_same_from_the_engine_and_from_kept_words() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let words = folder.path().join("words");
    let report = folder.path().join("report.html");
    let first = expect_exit(evaluate(&words).arg("--report").arg(&report), 0);
    let first: Value = serde_json::from_slice(&first.stdout).expect("JSON");
    let truths = fs::read_dir(fixture("truth")).expect("the truth").count();
    assert_eq!(first["groups"]["all"]["dossiers"], truths);
    let figures = &first["groups"]["all"]["figures"];
    let at_least = |id: &str, least: f64| {
        let value = figures[id].as_f64().expect("a share");
        assert!(value >= least, "{id}: {value}\n{:#}", first["errors"]);
    };
    at_least("split_f1", 0.97);
    at_least("type_right", 0.93);
    at_least("date_right", 0.95);
    at_least("code_right_or_flagged", 0.99);
    let reading = &first["reading"]["all"];
    let at_most = |id: &str, most: f64| {
        let value = reading["figures"][id].as_f64().expect("a share");
        assert!(value <= most, "{id}: {value}");
    };
    at_most("cer", 0.01);
    at_most("wer", 0.02);
    at_most("lines_missed", 0.01);
    let cost = &first["reading_cost"];
    assert_eq!(cost["pages"], reading["pages"]);
    let cpu_seconds = cost["cpu_seconds_per_page"].as_f64().expect("seconds");
    assert!(cpu_seconds > 0.0);
    // Each page was kept once, and nothing is read again: a page changed there changes the measure.
    let pages = first["groups"]["all"]["pages"].as_u64().expect("pages");
    assert!(fs::read_dir(&words).expect("words").count() as u64 >= pages);
    let second = expect_exit(&mut evaluate(&words), 0);
    let mut second: Value = serde_json::from_slice(&second.stdout).expect("JSON");
    assert!(second["reading_cost"].is_null());
    for told_by_clocks in ["pages_per_second", "reading_cost"] {
        second[told_by_clocks] = first[told_by_clocks].clone();
    }
    assert_eq!(first, second);
    let html = fs::read_to_string(&report).expect("a report");
    assert!(html.contains("<svg") && html.ends_with("</html>\n"));
}

#[test]
fn without_a_truth_nothing_is_measured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("truth")).expect("a folder");
    let mut command = sohoa();
    let output = expect_exit(command.arg("evaluate").arg(folder.path()), 7);
    assert!(String::from_utf8_lossy(&output.stderr).contains("EVA-001"));
}
