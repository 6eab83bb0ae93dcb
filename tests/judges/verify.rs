//! The auditor against strangers: an independent reader in Python, and pyHanko.
//!
//! They need the test PKI (`SOHOA_PKI`, else made by scripts/make_test_pki) and
//! `SOHOA_PYTHON`. A missing judge fails the test.

mod package;

use std::fs;
use std::path::Path;

use serde_json::Value;
use sohoa::model::manifest::SealRecord;
use sohoa::stages::seal::{Options, seal};
use sohoa::verify::{self, Report, Trust, Verdict};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::keys::pki;
use crate::pades::specimens::{PSS, key};
use crate::tools::{python, root, run};
use package::{document_path, scan_path, unsigned};

const SIGNED_AT: OffsetDateTime = datetime!(2026-11-21 08:30:00 +7);
const AT: OffsetDateTime = datetime!(2026-11-21 10:00:00 +7);

#[test]
fn packages_signed_with_every_good_key_are_valid() {
    for name in ["rsa2048", "rsa3072", PSS, "ecdsa_p256", "ecdsa_p384"] {
        let out = tempfile::tempdir().expect("a folder");
        let report = audited(out.path(), name, |file| file);
        assert_eq!(
            report.verdict,
            Verdict::Valid,
            "{name}: {:?}",
            report.findings
        );
        assert!(
            problems(out.path()).is_empty(),
            "{name}: {:?}",
            problems(out.path())
        );
    }
}

#[test]
fn what_a_reader_in_python_finds_wrong_the_auditor_finds_too() {
    let (document, scan) = (document_path(), scan_path());
    // A byte so far behind a mark in a file is changed.
    let tamperings: [(&str, &str, &[u8], usize); 6] = [
        ("an image's byte", &document, b"/Subtype/Image", 400),
        ("a scan's byte", &scan, b"two", 0),
        ("a page's digest", "manifest.jsonl", b"image_sha256\":\"", 9),
        ("a fate", "manifest.jsonl", b"\"fate\":\"b", 0),
        ("the root", "batch.json", b"\"root\": \"", 9),
        ("the batch's signature", "batch.jws", b".", 300),
    ];
    for (name, path, mark, behind) in tamperings {
        let out = tempfile::tempdir().expect("a folder");
        audited(out.path(), "rsa2048", |file| file);
        let path = out.path().join(path);
        let mut bytes = fs::read(&path).expect("is there");
        let at = find(&bytes, mark) + mark.len() + behind;
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        fs::write(&path, bytes).expect("writes");
        let report = verify::package(out.path(), &trust(), AT, &|_| {});
        assert_eq!(report.verdict, Verdict::Invalid, "{name}");
        assert!(
            judge(out.path()).is_none_or(|problems| !problems.is_empty()),
            "{name}"
        );
    }
}

#[test]
fn what_pyhanko_rejects_the_auditor_rejects() {
    let tamperings: [(&str, Tamper); 2] = [
        ("a byte of the image", |mut file| {
            let at = find(&file, b"/Subtype/Image") + 400;
            file[at] ^= 1;
            file
        }),
        ("a byte of the metadata", |mut file| {
            let at = find(&file, b"<pdfaid:part>") - 2;
            file[at] ^= 1;
            file
        }),
    ];
    for (name, tamper) in tamperings {
        let out = tempfile::tempdir().expect("a folder");
        let report = audited(out.path(), "rsa2048", tamper);
        assert_eq!(
            pyhanko(&out.path().join(document_path()))["bottom_line"],
            false,
            "{name}"
        );
        assert_eq!(report.files[0].verdict, Verdict::Invalid, "{name}");
        assert!(
            !report.files[0].signature.as_ref().expect("signed").intact,
            "{name}"
        );
    }
}

/// pyHanko alone is too soft here (measured): it passes a file with bytes of ours behind the
/// signature value, and one with a comment behind the last revision.
#[test]
fn bytes_in_the_padding_of_the_signature_are_found() {
    // An ECDSA value is up to two bytes shorter than its place, three times in four.
    for _ in 0..64 {
        let mut padded = false;
        let out = tempfile::tempdir().expect("a folder");
        let report = audited(out.path(), "ecdsa_p256", |mut file| {
            let start = find(&file, b"/Contents<");
            let end = start + find(&file[start..], b">");
            padded = file[..end].ends_with(b"00");
            file[end - 1] = b'7';
            file
        });
        if padded {
            assert!(has(&report, "V05"), "{:?}", report.findings);
            assert_eq!(report.verdict, Verdict::Invalid);
            return;
        }
    }
    panic!("sixty-four signatures without padding");
}

#[test]
fn a_comment_behind_the_last_revision_is_found() {
    let out = tempfile::tempdir().expect("a folder");
    let report = audited(out.path(), "rsa2048", |mut file| {
        file.extend_from_slice(b"% more\n");
        file
    });
    assert!(has(&report, "V30"), "{:?}", report.findings);
    assert_eq!(report.verdict, Verdict::Invalid);
}

fn has(report: &Report, code: &str) -> bool {
    report
        .findings
        .iter()
        .any(|finding| finding.code.id() == code)
}

#[test]
fn a_root_of_the_same_name_is_not_the_root() {
    let out = tempfile::tempdir().expect("a folder");
    audited(out.path(), "rsa2048", |file| file);
    let lookalike = fs::read(pki().join("lookalike_root.pem")).expect("is made");
    let trust = Trust::from_pem(&lookalike, b"").expect("PEM");
    let report = verify::package(out.path(), &trust, AT, &|_| {});
    let codes: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.code.id())
        .collect();
    assert_eq!(codes, ["V07", "V07", "V10"]);
}

/// A change to a file's bytes.
type Tamper = fn(Vec<u8>) -> Vec<u8>;

/// A package around the document signed by this key and changed, and what the auditor says of it.
fn audited(out: &Path, key: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Report {
    let key = self::key(key);
    let sealed = seal(&unsigned(), &key, &Options::default(), SIGNED_AT).expect("seals");
    let record: SealRecord = sealed.record;
    package::write(out, &change(sealed.pdf.into_bytes()), &record, &key);
    verify::package(out, &trust(), AT, &|_| {})
}

fn trust() -> Trust {
    let read = |name: &str| fs::read(pki().join(name)).expect("is made");
    let root = Trust::from_pem(&read("root.pem"), b"").expect("PEM");
    let lists = ["root.crl.pem", "issuing.crl.pem"].map(read);
    root.with_crls(lists).expect("lists")
}

fn find(file: &[u8], needle: &[u8]) -> usize {
    file.windows(needle.len())
        .position(|window| window == needle)
        .expect("stands there")
}

fn problems(out: &Path) -> Vec<Value> {
    judge(out).expect("Python reads the package")
}

/// What Python finds wrong; absent where it could not even read the package.
fn judge(out: &Path) -> Option<Vec<Value>> {
    let output = run(
        python(),
        &[root().join("tests/judges/evidence.py"), out.to_owned()],
    );
    let found = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!found.contains("ModuleNotFoundError"), "{found}");
    output
        .status
        .success()
        .then(|| serde_json::from_slice(&output.stdout).expect("JSON"))
}

fn pyhanko(file: &Path) -> Value {
    let script = root().join("tests/judges/signatures.py");
    let arguments = [
        script,
        "pdf".into(),
        pki().join("root.pem"),
        file.to_owned(),
    ];
    let output = run(python(), &arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let verdicts: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    verdicts[0][0].clone()
}
