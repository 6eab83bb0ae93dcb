//! What the promises share: the fixtures, the test keys, the program itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sohoa::model::Digest;
use sohoa::model::manifest::{BatchHeader, DossierRecord};
use walkdir::WalkDir;

use crate::keys::{pki, trust_switches};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder below fixtures/.
pub fn fixture(name: &str) -> PathBuf {
    root().join("fixtures").join(name)
}

/// The program, deaf to the settings of whoever runs the tests. `SOHOA_PROGRAM` names another build of it: what
/// is measured is what is shipped, though the test beside it is not optimised.
pub fn sohoa() -> Command {
    let built = || env!("CARGO_BIN_EXE_sohoa").into();
    let mut command = Command::new(std::env::var_os("SOHOA_PROGRAM").unwrap_or_else(built));
    for name in [
        "SOHOA_LANG",
        "SOHOA_PLAN",
        "SOHOA_JOBS",
        "SOHOA_LANES",
        "SOHOA_KEY_PASSWORD",
    ] {
        command.env_remove(name);
    }
    command
}

/// `sohoa run`, signed with the RSA test key, at a fixed time.
pub fn run(drop: &Path, out: &Path) -> Command {
    let mut command = sohoa();
    command.arg("run").arg(drop).arg("--out").arg(out);
    command.arg("--key").arg(pki().join("rsa2048.p12"));
    command
        .arg("--password-file")
        .arg(pki().join("rsa2048.pass"));
    // Most drops of the tests hold pages that no archivist could name (tests/suite/review.rs).
    command.args(["--exit-zero-on", "review"]);
    // 2025-11-01T00:00:00Z, later than every fixture's code.
    command.env("SOURCE_DATE_EPOCH", "1761955200");
    command
}

/// `sohoa verify` against the test root and the lists below it.
pub fn verify(out: &Path) -> Command {
    let mut command = sohoa();
    command.arg("verify").arg(out).args(trust_switches());
    command
}

/// Runs a command and gives its output; the exit code must be the expected one.
pub fn expect_exit(command: &mut Command, code: i32) -> Output {
    let output = command.output().expect("the program starts");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(
        output.status.code(),
        Some(code),
        "{command:?}\n{}\n{}",
        said(&output.stdout),
        said(&output.stderr)
    );
    output
}

/// Copies fixture dossiers (all of them, or those named) into a fresh drop folder.
pub fn drop_of(folder: &str, names: &[&str], drop: &Path) {
    for entry in fs::read_dir(fixture(folder)).expect("the fixtures") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        if names.is_empty() || names.contains(&name.as_str()) {
            copy(&entry.path(), &drop.join(name));
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from) {
        let entry = entry.expect("an entry");
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("a folder");
        } else {
            fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// Every file of a package with its digest: all but the lock and the history of the runs.
pub fn tree(folder: &Path) -> BTreeMap<String, Digest> {
    let history = folder.join("runs");
    let files = WalkDir::new(folder)
        .into_iter()
        .filter_entry(move |entry| entry.path() != history)
        .map(|entry| entry.expect("an entry"));
    let files = files.filter(|entry| entry.file_type().is_file() && entry.file_name() != ".lock");
    let digest = |entry: walkdir::DirEntry| {
        let name = entry
            .path()
            .strip_prefix(folder)
            .expect("below")
            .display()
            .to_string();
        (name, Digest::of(&fs::read(entry.path()).expect("a file")))
    };
    files.map(digest).collect()
}

/// The manifest of a package.
pub fn manifest(out: &Path) -> Vec<DossierRecord> {
    let text = fs::read_to_string(out.join("manifest.jsonl")).expect("a manifest");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a record"))
        .collect()
}

/// The header of a package.
pub fn header(out: &Path) -> BatchHeader {
    serde_json::from_slice(&fs::read(out.join("batch.json")).expect("a header")).expect("a header")
}
