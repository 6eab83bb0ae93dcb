//! Evidence: every page and file of a package is proven offline, by us and by strangers, and a
//! delivered package cannot be replaced unseen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;

use crate::keys::trust_switches;
use crate::support::{drop_of, expect_exit, header, manifest, root, run, sohoa, verify};

const FIRST: &str = "H10.12-221013-0001";
const SECOND: &str = "H10.12-221014-0002";

/// A package of two dossiers, made once.
struct Made {
    folder: PathBuf,
    out: PathBuf,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let folder = root().join("target/evidence-of-the-suite");
    let _ = fs::remove_dir_all(&folder);
    let (drop, out) = (folder.join("drop"), folder.join("out"));
    fs::create_dir_all(&drop).expect("a folder");
    drop_of("dossiers", &dossiers(), &drop);
    expect_exit(&mut run(&drop, &out), 0);
    Made { folder, out }
});

/// Two dossiers of the fixtures.
fn dossiers() -> Vec<&'static str> {
    vec![FIRST, SECOND]
}

fn check(proof: &Path, file: Option<&Path>) -> Command {
    let mut command = sohoa();
    command.arg("check").arg(proof).args(file);
    command.arg("--batch").arg(&MADE.out).arg("--json");
    command.args(trust_switches());
    command.args(["--at", "2025-11-02T00:00:00Z"]);
    command
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("a JSON line")
}

fn codes(output: &Output) -> Vec<String> {
    let report = json(output);
    let findings = report["findings"].as_array().expect("findings").iter();
    let worse = findings.filter(|finding| finding["severity"] != "note");
    worse
        .map(|f| f["code"].as_str().expect("a code").to_owned())
        .collect()
}

/// The first document of the package and its first kept scan.
fn document_and_scan() -> (PathBuf, PathBuf) {
    let record = manifest(&MADE.out).remove(0);
    let code = record.dossier.as_ref().expect("packaged").to_string();
    let folder = MADE.out.join("dossiers").join(code);
    let kept = record.sources[0].kept.as_ref().expect("scans are kept");
    (folder.join(&record.documents[0].file), folder.join(kept))
}

fn proven(path: &Path, page: Option<&str>, name: &str) -> PathBuf {
    let proof = MADE.folder.join(name);
    let mut command = sohoa();
    command
        .arg("prove")
        .arg(&MADE.out)
        .arg(path)
        .arg("-o")
        .arg(&proof);
    if let Some(page) = page {
        command.args(["--page", page]);
    }
    expect_exit(&mut command, 0);
    proof
}

#[test]
fn a_file_a_scan_and_a_page_are_proven_and_anything_else_is_not() {
    let (document, scan) = document_and_scan();
    let of_document = proven(&document, None, "document.proof");
    let of_scan = proven(&scan, None, "scan.proof");
    let of_page = proven(&document, Some("1"), "page.proof");
    for (proof, file) in [
        (&of_document, &document),
        (&of_scan, &scan),
        (&of_page, &document),
    ] {
        assert!(fs::metadata(proof).expect("a proof").len() <= 1000);
        let output = expect_exit(&mut check(proof, Some(file)), 0);
        assert_eq!(json(&output)["verdict"], "valid");
        assert_eq!(
            json(&output)["root"],
            header(&MADE.out).merkle.root.to_string()
        );
    }
    // A copy on a stick is found by its digest.
    let copy = MADE.folder.join("copy.pdf");
    fs::copy(&document, &copy).expect("a copy");
    let of_copy = proven(&copy, None, "copy.proof");
    assert_eq!(fs::read(of_copy).ok(), fs::read(&of_document).ok());
    // Another file, a changed one, one with something behind it.
    assert_eq!(
        codes(&expect_exit(&mut check(&of_document, Some(&scan)), 10)),
        ["V82"]
    );
    assert_eq!(
        codes(&expect_exit(&mut check(&of_page, Some(&scan)), 10)),
        ["V82"]
    );
    let bytes = fs::read(&document).expect("a document");
    fs::write(&copy, [&bytes[..], b"\n"].concat()).expect("written");
    assert_eq!(
        codes(&expect_exit(&mut check(&of_document, Some(&copy)), 11)),
        ["V83"]
    );
    fs::write(&copy, &bytes[1..]).expect("written");
    assert_eq!(
        codes(&expect_exit(&mut check(&of_document, Some(&copy)), 10)),
        ["V82"]
    );
}

#[test]
fn a_proof_of_another_batch_or_without_one_is_not_valid() {
    let (document, _) = document_and_scan();
    let proof = proven(&document, None, "batch.proof");
    let mut bytes = fs::read(&proof).expect("a proof");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let bent = MADE.folder.join("bent.proof");
    fs::write(&bent, bytes).expect("written");
    let output = expect_exit(&mut check(&bent, Some(&document)), 10);
    assert_eq!(codes(&output), ["V81"]);
    let mut alone = sohoa();
    alone.arg("check").arg(&proof).arg(&document).arg("--json");
    assert_eq!(codes(&expect_exit(&mut alone, 11)), ["V84"]);
    let mut of_nothing = sohoa();
    of_nothing
        .arg("prove")
        .arg(&MADE.out)
        .arg(root().join("Cargo.toml"));
    expect_exit(&mut of_nothing, 2);
    let mut of_no_page = sohoa();
    of_no_page
        .arg("prove")
        .arg(&MADE.out)
        .arg(&document)
        .args(["--page", "999"]);
    expect_exit(&mut of_no_page, 2);
}

#[test]
fn fifty_lines_of_python_come_to_the_same() {
    let (document, scan) = document_and_scan();
    for (file, name) in [(&document, "python.proof"), (&scan, "python-scan.proof")] {
        let proof = proven(file, None, name);
        let python = |file: &Path, batch: &Path| {
            let mut command = Command::new("python3");
            command.arg(root().join("scripts/check_proof.py"));
            command.arg(&proof).arg(file).arg(batch.join("batch.json"));
            command.output().expect("Python starts")
        };
        let output = python(file, &MADE.out);
        assert!(output.status.success(), "{output:?}");
        assert!(
            !python(&root().join("Cargo.toml"), &MADE.out)
                .status
                .success()
        );
    }
}

#[test]
fn the_trees_in_the_package_are_held_against_the_manifest() {
    let out = MADE.folder.join("bent");
    let _ = fs::remove_dir_all(&out);
    let status = Command::new("cp")
        .arg("-r")
        .arg(&MADE.out)
        .arg(&out)
        .status();
    assert!(status.expect("cp runs").success());
    expect_exit(&mut verify(&out), 0);
    let level = out.join("tree/rfc4998.0");
    let whole = fs::read(&level).expect("a level");
    fs::write(&level, &whole[1..]).expect("written");
    let output = expect_exit(verify(&out).arg("--json"), 10);
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"V04\""));
    fs::write(&level, whole).expect("written");
    fs::write(out.join("tree/rfc9162.7"), b"x").expect("written");
    let output = expect_exit(verify(&out).arg("--json"), 10);
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"V03\""));
}

#[test]
fn a_delivered_package_that_is_replaced_shows_in_the_log() {
    let folder = MADE.folder.join("logged");
    let _ = fs::remove_dir_all(&folder);
    let (drop, out, log) = (folder.join("drop"), folder.join("out"), folder.join("log"));
    fs::create_dir_all(&drop).expect("a folder");
    drop_of("dossiers", &dossiers(), &drop);
    expect_exit(&mut run(&drop, &out), 0);
    let key = folder.join("log.key");
    let ledger = |verb: &str| {
        let mut command = sohoa();
        command.arg("log").arg(verb).arg(&log);
        command
    };
    let mut init = ledger("init");
    init.args(["--origin", "so-hoa.example/nhat-ky"])
        .arg("--key")
        .arg(&key);
    expect_exit(&mut init, 0);
    expect_exit(ledger("add").arg(&out).arg("--key").arg(&key), 0);
    let public = log.join("log.vkey");
    let checked = |code| {
        let mut command = ledger("check");
        command
            .arg(&out)
            .arg("--log-key")
            .arg(&public)
            .arg("--json");
        expect_exit(&mut command, code)
    };
    assert_eq!(json(&checked(0))["entries"][out.display().to_string()], 0);
    // The receipt belongs to the package, and a page is proven up to the log by it alone.
    expect_exit(&mut verify(&out), 0);
    let record = manifest(&out).remove(0);
    let document = format!(
        "dossiers/{}/{}",
        record.dossier.expect("a code"),
        record.documents[0].file
    );
    let proof = folder.join("page.tlog-proof");
    let mut prove = sohoa();
    prove
        .arg("prove")
        .arg(&out)
        .arg(&document)
        .args(["--page", "1", "--as", "tlog", "-o"])
        .arg(&proof);
    expect_exit(&mut prove, 0);
    let mut check = sohoa();
    check
        .arg("check")
        .arg(&proof)
        .arg(out.join(&document))
        .arg("--log-key")
        .arg(&public);
    expect_exit(&mut check, 0);
    // One dossier is taken out and the package sealed anew with the very key.
    fs::remove_dir_all(out.join("dossiers").join(FIRST)).expect("removed");
    fs::remove_dir_all(drop.join(FIRST)).expect("removed");
    expect_exit(&mut run(&drop, &out), 0);
    expect_exit(&mut verify(&out), 0);
    let output = checked(10);
    assert_eq!(
        codes(&output),
        ["V89"],
        "valid by itself, and not what was delivered"
    );
}
