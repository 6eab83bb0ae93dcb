//! How the judges are called, and where they are.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("can be written");
    path
}

pub fn run<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: &[A]) -> Output {
    let output = Command::new(program.as_ref()).args(arguments).output();
    output.unwrap_or_else(|error| panic!("{:?} does not run: {error}", program.as_ref()))
}

pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

pub fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn script() -> PathBuf {
    root().join("tests/judges/signatures.py")
}

pub fn python() -> PathBuf {
    let default = || root().join("scripts/.venv/bin/python");
    std::env::var_os("SOHOA_PYTHON").map_or_else(default, PathBuf::from)
}

pub fn jar() -> String {
    let default = root().join("scripts/.tools/verapdf/greenfield-apps-1.28.2.jar");
    std::env::var("SOHOA_VERAPDF_JAR").unwrap_or_else(|_| default.display().to_string())
}

/// The test PKI's folder, made when no script made it before.
pub fn pki() -> &'static Path {
    static PKI: OnceLock<PathBuf> = OnceLock::new();
    PKI.get_or_init(|| {
        if let Some(folder) = std::env::var_os("SOHOA_PKI") {
            return folder.into();
        }
        let folder = root().join("target/test/pki");
        let made = run(root().join("scripts/make_test_pki"), &[&folder]);
        assert!(made.status.success(), "{}", said(&made));
        folder
    })
}
