//! The whole road over all fixtures, judged by strangers before and after signing.
//!
//! The package is made by the program itself with the real Tesseract; what comes
//! out must convince veraPDF, pyHanko, qpdf, Poppler and MuPDF, file by file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use sohoa::formats::pdfa;
use sohoa::model::Digest;
use sohoa::model::manifest::{DossierRecord, PublishedPage};
use unicode_normalization::is_nfc;

use crate::keys::pki;
use crate::tools::{json, python, root, run, said, script, verapdf};

/// The fixtures' packages, made once for all judges: unsigned and signed.
struct Packages {
    unsigned: PathBuf,
    signed: PathBuf,
}

static PACKAGES: LazyLock<Packages> = LazyLock::new(|| {
    let folder = root().join("target/judged-road");
    let packages = Packages {
        unsigned: folder.join("unsigned"),
        signed: folder.join("signed"),
    };
    let key = pki().join("rsa2048.p12").display().to_string();
    let password = pki().join("rsa2048.pass").display().to_string();
    digitize(&packages.unsigned, &["--unsigned"]);
    digitize(
        &packages.signed,
        &["--key", &key, "--password-file", &password],
    );
    packages
});

fn digitize(out: &Path, switches: &[&str]) {
    // From nothing: a package of an earlier build proves nothing about this one.
    let _ = fs::remove_dir_all(out);
    let mut command = Command::new(env!("CARGO_BIN_EXE_sohoa"));
    command
        .arg("run")
        .arg(root().join("fixtures/dossiers"))
        .arg("--out")
        .arg(out)
        .args(["--exit-zero-on", "review"])
        .args(switches);
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", said(&output));
}

fn records(out: &Path) -> Vec<DossierRecord> {
    let text = fs::read_to_string(out.join("manifest.jsonl")).expect("a manifest");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a record"))
        .collect()
}

/// Every PDF of the package with the pages that the manifest puts into it.
fn files(out: &Path) -> BTreeMap<PathBuf, Vec<PublishedPage>> {
    let mut files = BTreeMap::new();
    for record in records(out) {
        let code = record
            .dossier
            .expect("every fixture is packaged")
            .to_string();
        for document in &record.documents {
            let published = record
                .pages
                .iter()
                .filter_map(|page| page.published.clone());
            let pages = published
                .filter(|page| page.document == document.n)
                .collect();
            files.insert(out.join("dossiers").join(&code).join(&document.file), pages);
        }
    }
    files
}

#[test]
fn verapdf_finds_every_file_to_be_pdfa_2u_before_and_after_signing() {
    for out in [&PACKAGES.unsigned, &PACKAGES.signed] {
        let files: Vec<PathBuf> = files(out).into_keys().collect();
        for (path, verdict) in verapdf(&files) {
            assert!(verdict.starts_with("PASS"), "{}: {verdict}", path.display());
        }
    }
}

#[test]
fn pyhanko_finds_every_signature_valid_trusted_whole_and_untouched() {
    let files = files(&PACKAGES.signed);
    let mut arguments = vec![script(), PathBuf::from("pdf"), pki().join("root.pem")];
    arguments.extend(files.keys().cloned());
    let report = json(&run(python(), &arguments));
    let judged = report.as_array().expect("a list");
    assert_eq!(judged.len(), files.len());
    for file in judged {
        let signatures = file.as_array().expect("a list");
        assert_eq!(signatures.len(), 1, "{file}");
        let signature = &signatures[0];
        for fact in [
            "bottom_line",
            "intact",
            "valid",
            "trusted",
            "padding_is_zero",
        ] {
            assert_eq!(signature[fact], Value::Bool(true), "{fact}: {file}");
        }
        assert_eq!(signature["coverage"], "ENTIRE_FILE", "{file}");
        assert_eq!(signature["modification_level"], "NONE", "{file}");
        assert_eq!(signature["subfilter"], "/ETSI.CAdES.detached", "{file}");
    }
}

#[test]
fn qpdf_finds_no_fault() {
    for file in files(&PACKAGES.signed).keys() {
        let output = run("qpdf", &[Path::new("--check"), file]);
        assert!(output.status.success(), "{}", said(&output));
    }
}

/// What stands in the files by our own strict reader, page by page.
///
/// The text's digest is that of the manifest, so these are the recogniser's words.
fn written_texts() -> BTreeMap<PathBuf, Vec<String>> {
    let mut texts = BTreeMap::new();
    for (file, pages) in files(&PACKAGES.unsigned) {
        let pdf = pdfa::check(fs::read(&file).expect("a file")).expect("conformant");
        let found: Vec<String> = pdf.pages().map(|page| page.text.to_owned()).collect();
        for (text, page) in found.iter().zip(&pages) {
            assert_eq!(
                Digest::of(text.as_bytes()),
                page.text_sha256,
                "{}",
                file.display()
            );
        }
        texts.insert(file, found);
    }
    texts
}

/// Words that both have in the same order: the longest common subsequence.
fn common_words(left: &[&str], right: &[&str]) -> usize {
    let mut row = vec![0; right.len() + 1];
    for word in left {
        let mut diagonal = 0;
        for (place, other) in right.iter().enumerate() {
            let above = row[place + 1];
            row[place + 1] = if word == other {
                diagonal + 1
            } else {
                above.max(row[place])
            };
            diagonal = above;
        }
    }
    row[right.len()]
}

/// Specks read where pen strokes cross lie over each other, and extractors run such
/// words together or part them; everything else must come out word by word.
#[test]
fn poppler_and_mupdf_give_the_recognisers_words_in_reading_order() {
    let mut words = [0usize; 2];
    for (file, pages) in written_texts() {
        let poppler = run("pdftotext", &[Path::new("-raw"), &file, Path::new("-")]);
        let mupdf = run(
            "mutool",
            &["draw", "-q", "-F", "txt", &file.display().to_string()],
        );
        for (tool, output) in [("pdftotext", poppler), ("mutool", mupdf)] {
            let text = String::from_utf8(output.stdout).expect("UTF-8");
            assert!(is_nfc(&text), "{tool} {}", file.display());
            // Both end every page with a form feed; MuPDF adds a line feed behind it.
            let texts: Vec<&str> = text
                .trim_end_matches(['\n', '\u{c}'])
                .split('\u{c}')
                .collect();
            assert_eq!(texts.len(), pages.len(), "{tool} {}", file.display());
            for (text, page) in texts.iter().zip(&pages) {
                let found: Vec<&str> = text.split_whitespace().collect();
                let written: Vec<&str> = page.split_whitespace().collect();
                let common = common_words(&written, &found);
                let missing = written.len() - common;
                assert!(
                    missing <= 4,
                    "{tool}: {missing} of {} words, {}",
                    written.len(),
                    file.display()
                );
                words[0] += written.len();
                words[1] += common;
            }
        }
    }
    let [written, common] = words;
    assert!(
        written > 10_000 && common * 1000 >= written * 998,
        "{common} of {written} words"
    );
}
