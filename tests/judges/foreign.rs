//! `sohoa verify PATH…` on files that others signed (pyHanko): exit codes, lines, the printable page, and
//! the report that the schema of ETSI TS 119 102-2 must take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::LazyLock;

use serde_json::Value;

use crate::dss;
use crate::keys::{pki, trust_switches};
use crate::tokens::sohoa;
use crate::tools::{json, python, root, run, said};

/// The specimens of `signed_specimens.py`, made once.
static MADE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let script = root().join("tests/judges/signed_specimens.py");
    json(&run(
        python(),
        &[script, pki().to_owned(), folder.path().to_owned()],
    ));
    folder
});

fn specimen(name: &str) -> PathBuf {
    MADE.path().join(name).with_extension("pdf")
}

fn verify(paths: &[PathBuf], switches: &[&str], code: i32) -> Output {
    let mut command = sohoa(&["verify", "--json"]);
    let output = command.args(paths).args(switches).output();
    let output = output.expect("the program starts");
    assert_eq!(
        output.status.code(),
        Some(code),
        "{paths:?} {}",
        said(&output)
    );
    output
}

/// Verified with the root and the lists of the test PKI.
fn trusting(paths: &[PathBuf], more: &[&str], code: i32) -> Vec<Value> {
    let switches = trust_switches();
    let switches: Vec<&str> = switches.iter().map(String::as_str).collect();
    lines(&verify(paths, &[&switches, more].concat(), code))
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// The line of a file: verdict, level and reasons.
fn line_of<'l>(lines: &'l [Value], path: &Path) -> &'l Value {
    let shown = path.display().to_string();
    let mut files = lines.iter().filter(|line| line["type"] == "file");
    files
        .find(|line| line["path"] == *shown)
        .expect("a line a file")
}

#[test]
fn each_file_has_its_line_and_the_worst_one_decides_the_exit_code() {
    let good = ["one", "two", "one_in_object_streams"].map(specimen);
    let said = trusting(&good, &[], 0);
    for path in &good {
        let line = line_of(&said, path);
        assert_eq!(line["verdict"], "valid", "{line}");
        assert_eq!(line["level"], "PAdES-B-B", "{line}");
        let one = &line["signatures"][0];
        assert!(
            one["facts"].is_object() && one["criteria"]["1.1"].is_string(),
            "{one}"
        );
    }
    let summary = said.last().expect("a summary");
    assert_eq!(
        (&summary["type"], &summary["exit_code"]),
        (&"summary".into(), &0.into())
    );
    // A note over the page is for a person; a changed byte is wrong.
    let noted = [specimen("one"), specimen("noted")];
    let line = trusting(&noted, &[], 11);
    assert_eq!(line_of(&line, &noted[1])["verdict"], "indeterminate");
    let all = [specimen("noted"), specimen("flipped"), specimen("one")];
    let line = trusting(&all, &[], 10);
    let flipped = line_of(&line, &all[1]);
    assert_eq!(flipped["verdict"], "invalid", "{flipped}");
    let reasons = flipped["reasons"].as_array().expect("a list");
    assert!(reasons.contains(&"V05".into()), "{flipped}");
}

#[test]
fn without_roots_or_without_word_of_revocation_nothing_is_valid() {
    let one = [specimen("one")];
    let root = pki().join("root.pem").display().to_string();
    for (switches, code) in [(vec![], "V38"), (vec!["--trust", root.as_str()], "V49")] {
        let said = lines(&verify(&one, &switches, 11));
        let reasons = &line_of(&said, &one[0])["reasons"];
        assert!(
            reasons.as_array().expect("a list").contains(&code.into()),
            "{reasons}"
        );
    }
}

#[test]
fn a_folder_is_walked_to_its_end_and_an_empty_one_is_never_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("a/b");
    fs::create_dir_all(&below).expect("folders");
    verify(&[folder.path().to_owned()], &[], 7);
    verify(&[folder.path().join("missing")], &[], 7);
    // Known by its first bytes, not by its name.
    let hidden = below.join("không tên");
    fs::copy(specimen("flipped"), &hidden).expect("a copy");
    let said = trusting(&[folder.path().to_owned()], &[], 10);
    assert_eq!(line_of(&said, &hidden)["verdict"], "invalid");
}

#[test]
fn the_reports_for_programs_and_for_print_are_what_they_must_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let (xml, html) = (folder.path().join("r.xml"), folder.path().join("r.html"));
    let (xml_path, html_path) = (xml.display().to_string(), html.display().to_string());
    let names = [
        "one",
        "two",
        "flipped",
        "noted",
        "sha1",
        "signed_then_stamped",
    ];
    let paths = names.map(specimen);
    let switches = ["--report-xml", &xml_path, "--report", &html_path];
    trusting(&paths, &switches, 10);
    assert_eq!(dss::schema_says(&xml), "");
    let text = fs::read_to_string(&xml).expect("is written");
    let broken = folder.path().join("broken.xml");
    fs::write(
        &broken,
        text.replacen("<ValidationTime>", "<ValidationTime>x", 1),
    )
    .expect("written");
    assert!(dss::schema_says(&broken).contains("dateTime"));
    let page = fs::read_to_string(&html).expect("is written");
    assert!(page.starts_with("<!doctype html>") && page.contains("A4"));
    for forbidden in ["<script", "http://", "https://", "<link", "<iframe"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for name in names {
        assert!(page.contains(&format!("{name}.pdf")), "{name}");
    }
}
