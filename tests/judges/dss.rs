//! EU DSS, the reference validator of ETSI EN 319 102-1, as a judge: signatures and evidence records.
//!
//! `dss/Judge.java` calls it; its jars come from scripts/lib/fetch_dss. One start of Java serves
//! many files, so ask for all of them at once.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::keys::pki;
use crate::lasting;
use crate::pades::specimens::{GOOD, sealed};
use crate::tools::{root, run, said, write};

/// What DSS is asked about one file. Paths must hold neither tabs nor line ends.
#[derive(Default)]
pub struct Request {
    /// The signed PDF or the evidence record.
    pub file: PathBuf,
    /// Certificates that are trusted, PEM or DER.
    pub trust: Vec<PathBuf>,
    /// Certificates lent for building a path.
    pub cert: Vec<PathBuf>,
    /// Revocation lists given beside the file, DER.
    pub crl: Vec<PathBuf>,
    /// OCSP responses given beside the file, DER.
    pub ocsp: Vec<PathBuf>,
    /// What an evidence record is about.
    pub detached: Vec<PathBuf>,
    /// Time of the validation such as `2026-11-25T00:00:00Z`; empty is now.
    pub at: String,
}

impl Request {
    fn line(&self) -> String {
        let mut line = format!("file={}", self.file.display());
        let lists = [
            ("trust", &self.trust),
            ("cert", &self.cert),
            ("crl", &self.crl),
            ("ocsp", &self.ocsp),
            ("detached", &self.detached),
        ];
        for (key, paths) in lists {
            for path in paths {
                write!(line, "\t{key}={}", path.display()).expect("a String takes all");
            }
        }
        if !self.at.is_empty() {
            write!(line, "\tat={}", self.at).expect("a String takes all");
        }
        line + "\n"
    }
}

/// What DSS says, an object a request, in their order (its members: see `Judge.java`).
pub fn judged(requests: &[Request]) -> Vec<Value> {
    let mut child = Command::new("java")
        .arg("-cp")
        .arg(jars().join("*"))
        .arg(root().join("tests/judges/dss/Judge.java"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("java runs");
    let mut stdin = child.stdin.take().expect("piped");
    let lines: String = requests.iter().map(Request::line).collect();
    // Apart from this thread: Java answers before it has read everything.
    let asks = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("java ends");
    asks.join().expect("no panic").expect("java reads");
    assert!(output.status.success(), "{}", said(&output));
    let answers = String::from_utf8(output.stdout).expect("UTF-8");
    let answers: Vec<Value> = answers
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(answers.len(), requests.len(), "one answer a request");
    answers
}

/// What the schema of ETSI TS 119 102-2 says of a report; nothing where it conforms.
pub fn schema_says(report: &Path) -> String {
    let jars = jars().join("*").display().to_string();
    let script = root().join("tests/judges/dss/Schema.java");
    let output = run(
        "java",
        &[
            "-cp",
            &jars,
            &script.display().to_string(),
            &report.display().to_string(),
        ],
    );
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() != words.contains(": "),
        "{}",
        said(&output)
    );
    words
}

/// The folder of its jars; fetched where it is missing.
fn jars() -> PathBuf {
    let none: [&str; 0] = [];
    let output = run(root().join("scripts/lib/fetch_dss"), &none);
    assert!(output.status.success(), "{}", said(&output));
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end())
}

#[test]
fn eu_dss_passes_every_signature_of_ours_and_fails_a_changed_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files: Vec<PathBuf> = GOOD
        .iter()
        .map(|name| write(folder.path(), &format!("{name}.pdf"), &sealed(name)))
        .collect();
    let mut changed = sealed("rsa2048");
    let image = changed.windows(6).position(|at| at == b"stream");
    changed[image.expect("a stream") + 20] ^= 1;
    files.push(write(folder.path(), "changed.pdf", &changed));
    let requests: Vec<Request> = files.iter().map(|file| request(file)).collect();
    let answers = judged(&requests);
    let (changed, good) = answers.split_last().expect("answers");
    for (name, answer) in GOOD.iter().zip(good) {
        let [one] = signatures(answer) else {
            panic!("{name}: {answer}");
        };
        assert_eq!(one["indication"], "TOTAL_PASSED", "{name}: {answer}");
        assert_eq!(one["level"], "PAdES-BASELINE-B", "{name}: {answer}");
        assert_eq!(one["errors"], serde_json::json!([]), "{name}: {answer}");
    }
    let [one] = signatures(changed) else {
        panic!("{changed}");
    };
    assert_eq!(one["indication"], "TOTAL_FAILED", "{changed}");
    assert_eq!(one["sub_indication"], "HASH_FAILURE", "{changed}");
}

fn signatures(answer: &Value) -> &[Value] {
    answer["signatures"].as_array().expect("a list").as_slice()
}

/// By the root and the lists of the test PKI.
fn request(file: &Path) -> Request {
    let list = |name: &str| pki().join(name);
    Request {
        file: file.to_owned(),
        trust: vec![list("root.pem")],
        crl: vec![list("issuing.crl.der"), list("root.crl.der")],
        ..Request::default()
    }
}

#[test]
fn eu_dss_passes_every_level_of_ours_and_what_renewal_adds() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = lasting::files(folder.path());
    let levels = ["T", "LT", "LTA", "LTA", "LTA"];
    let requests = paths.iter().zip(levels).map(|(path, level)| {
        let mut asked = request(path);
        if level != "T" {
            // From LT on everything stands in the file.
            asked.crl.clear();
        }
        asked
    });
    let requests: Vec<Request> = requests.collect();
    assert_eq!(requests.len(), levels.len());
    for (level, answer) in levels.iter().zip(judged(&requests)) {
        let [one] = signatures(&answer) else {
            panic!("{level}: {answer}");
        };
        assert_eq!(one["indication"], "TOTAL_PASSED", "{answer}");
        assert_eq!(one["level"], format!("PAdES-BASELINE-{level}"), "{answer}");
        let stamps = one["timestamps"].as_array().expect("a list");
        assert!(!stamps.is_empty(), "{answer}");
        for stamp in stamps {
            assert_eq!(stamp["indication"], "PASSED", "{answer}");
        }
    }
}
