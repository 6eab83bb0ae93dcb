//! How the judges are called, and where they are.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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

fn jar() -> String {
    let default = root().join("scripts/.tools/verapdf/greenfield-apps-1.28.2.jar");
    std::env::var("SOHOA_VERAPDF_JAR").unwrap_or_else(|_| default.display().to_string())
}

/// One verdict a file, `PASS` or `FAIL` first; one start of Java for all.
pub fn verapdf(paths: &[PathBuf]) -> Vec<(PathBuf, String)> {
    let jar = jar();
    let main = "org.verapdf.apps.GreenfieldCliWrapper";
    let mut arguments = vec!["-cp", &jar, main, "-f", "2u", "--format", "text", "-v"];
    arguments.extend(
        paths
            .iter()
            .map(|path| path.to_str().expect("temporary paths are UTF-8")),
    );
    let output = run("java", &arguments);
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    let verdict = |path: &PathBuf| {
        let shown = path.to_str().expect("temporary paths are UTF-8");
        let line = report.lines().find(|line| {
            let judged = line.starts_with("PASS") || line.starts_with("FAIL");
            judged && line.contains(shown)
        });
        // veraPDF only warns of a file that it cannot open (encrypted, broken).
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let unopened = || {
            format!(
                "not opened: {}",
                errors
                    .lines()
                    .find(|l| l.contains(shown))
                    .unwrap_or(&report)
            )
        };
        line.map(str::to_owned).unwrap_or_else(unopened)
    };
    paths
        .iter()
        .map(|path| (path.clone(), verdict(path)))
        .collect()
}
