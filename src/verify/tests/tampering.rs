//! The table of tamperings: what is done to a valid package, and the codes it must be caught under.
//!
//! "Outsider": changes bytes. "Insider": has the key, makes records, header and
//! signature fit again, and is caught by what cannot be made to fit.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::KeyUsagePurpose;
use time::macros::datetime;

use super::codes;
use super::pdf_surgery as surgery;
use super::sample::{self, AT, CLAIMED, FIRST, SECOND, Sample, pki, sample};
use super::words;
use crate::formats::fictional_signer::{Authority, FictionalSigner};
use crate::model::Digest;
use crate::model::manifest::{BatchHeader, DossierRecord, SealRecord};
use crate::verify::{Code, Severity, Verdict};

type Tampering = (&'static str, fn(&mut Sample), &'static [&'static str]);

/// Does every tampering of a table and collects those that are not caught as they should.
fn run(table: &[Tampering]) {
    let mut wrong = Vec::new();
    for (name, tamper, expected) in table {
        let mut package = sample();
        tamper(&mut package);
        let report = package.verify();
        report.findings.iter().for_each(words::assert_fills);
        let expected: BTreeSet<&str> = expected.iter().copied().collect();
        let doubts_only = expected.iter().all(|id| {
            let code = Code::ALL.iter().find(|code| code.id() == *id);
            code.expect("a known code").severity() == Severity::Doubt
        });
        let verdict = if doubts_only {
            Verdict::Indeterminate
        } else {
            Verdict::Invalid
        };
        if codes(&report) != expected || report.verdict != verdict {
            wrong.push(format!(
                "{name}: expected {expected:?} {verdict:?}, got {:#?}",
                report.findings
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn flip(package: &mut Sample, path: &str, at: usize) {
    package.file(path)[at] ^= 1;
}

/// Another hexadecimal digit: a flipped bit would often leave none.
fn other_digit(digit: &mut u8) {
    *digit = if *digit == b'1' { b'2' } else { b'1' };
}

fn scan(package: &Sample) -> String {
    let kept = package.records[0].sources[0].kept.as_ref().expect("kept");
    format!("dossiers/{FIRST}/{kept}")
}

fn record() -> String {
    format!("dossiers/{FIRST}/record.json")
}

#[test]
fn tampering_with_files_is_caught() {
    run(&[
        ("a byte of a scan", |p| flip(p, &scan(p), 3), &["V01"]),
        (
            "a scan cut short",
            |p| {
                let path = scan(p);
                p.file(&path).pop();
            },
            &["V01"],
        ),
        (
            "a scan removed",
            |p| {
                p.files.remove(&scan(p));
            },
            &["V02"],
        ),
        (
            "a document removed",
            |p| {
                p.files.remove(&Sample::pdf());
            },
            &["V02"],
        ),
        (
            "a dossier's files removed",
            |p| p.files.retain(|path, _| !path.contains(FIRST)),
            &["V02"],
        ),
        (
            "two dossiers' documents swapped",
            |p| {
                let second = format!("dossiers/{SECOND}/{SECOND}.01.pdf");
                let (a, b) = (p.files[&Sample::pdf()].clone(), p.files[&second].clone());
                p.files.insert(Sample::pdf(), b);
                p.files.insert(second, a);
            },
            &["V01", "V34", "V35"],
        ),
        (
            "a byte of a dossier's record",
            |p| flip(p, &record(), 9),
            &["V22"],
        ),
        (
            "a dossier's record removed",
            |p| {
                p.files.remove(&record());
            },
            &["V02"],
        ),
        (
            "a record set aside changed",
            |p| flip(p, "set-aside/khong-ro.json", 9),
            &["V02", "V03"],
        ),
        (
            "a record set aside removed",
            |p| {
                p.files.remove("set-aside/khong-ro.json");
            },
            &["V02"],
        ),
        (
            "the header removed",
            |p| {
                p.files.remove("batch.json");
            },
            &["V02"],
        ),
        (
            "the manifest removed",
            |p| {
                p.files.remove("manifest.jsonl");
            },
            &["V02", "V03"],
        ),
        (
            "an extra file at the top",
            |p| {
                p.files.insert("x".into(), vec![]);
            },
            &["V03"],
        ),
        (
            "an extra hidden file",
            |p| {
                p.files.insert(format!("dossiers/{FIRST}/.x"), vec![]);
            },
            &["V03"],
        ),
        (
            "an extra scan",
            |p| {
                p.files
                    .insert(format!("dossiers/{FIRST}/scans/x.tif"), vec![]);
            },
            &["V03"],
        ),
        (
            "an extra folder",
            |p| {
                p.files.insert(format!("dossiers/{FIRST}/x/y"), vec![]);
            },
            &["V03"],
        ),
        (
            "an extra dossier",
            |p| {
                p.files.insert("dossiers/H10-261120-0009/x".into(), vec![]);
            },
            &["V03"],
        ),
        (
            "an extra record set aside",
            |p| {
                p.files.insert("set-aside/x.json".into(), b"{}".to_vec());
            },
            &["V03"],
        ),
        (
            "an extra link",
            |p| {
                p.links.insert("dossiers/x".into(), "/etc".into());
            },
            &["V24"],
        ),
        (
            "a scan made a link to its like",
            |p| {
                let path = scan(p);
                let bytes = p.files.remove(&path).expect("there");
                p.files.insert("copy".into(), bytes);
                p.links.insert(path, "../../../copy".into());
            },
            &["V03", "V24"],
        ),
        (
            "a dossier's folder made a link",
            |p| {
                let (of_first, rest) = p
                    .files
                    .clone()
                    .into_iter()
                    .partition(|(path, _)| path.contains(FIRST));
                p.files = rest;
                let of_first: std::collections::BTreeMap<String, Vec<u8>> = of_first;
                p.files.extend(
                    of_first
                        .into_iter()
                        .map(|(path, b)| (path.replace("dossiers/", "moved/"), b)),
                );
                p.links
                    .insert(format!("dossiers/{FIRST}"), format!("../moved/{FIRST}"));
            },
            &["V03", "V24"],
        ),
        (
            "a lock left behind",
            |p| {
                *p.file(".lock") = b"pid 7 @ may-quet".to_vec();
            },
            &["V41"],
        ),
        (
            "work left behind",
            |p| {
                p.files.insert(".work/x".into(), vec![]);
            },
            &["V41"],
        ),
    ]);
}

/// Removes a record together with the files of its dossier.
fn drop_record(p: &mut Sample) -> DossierRecord {
    p.records.remove(0)
}

/// Changes the text of the manifest and makes header and its signature fit.
fn with_manifest(p: &mut Sample, change: impl Fn(&str) -> String) {
    let text = String::from_utf8(p.files["manifest.jsonl"].clone()).expect("UTF-8");
    let text = change(&text);
    let mut header = p.header();
    header.manifest.sha256 = Digest::of(text.as_bytes());
    header.manifest.lines = text.lines().count() as u64;
    p.files.insert("manifest.jsonl".into(), text.into_bytes());
    p.put_header(&header);
}

fn lines_of(p: &Sample) -> Vec<String> {
    let text = String::from_utf8(p.files["manifest.jsonl"].clone()).expect("UTF-8");
    text.lines().map(|line| format!("{line}\n")).collect()
}

#[test]
fn tampering_with_the_manifest_is_caught() {
    run(&[
        (
            "a digit of it",
            |p| {
                let text = String::from_utf8(p.file("manifest.jsonl").clone()).expect("UTF-8");
                let other = text.replacen("\"dpi\":100", "\"dpi\":200", 1);
                *p.file("manifest.jsonl") = other.into_bytes();
            },
            &["V17", "V22"],
        ),
        (
            "a line removed",
            |p| {
                *p.file("manifest.jsonl") = lines_of(p)[1..].concat().into_bytes();
            },
            &["V03", "V04", "V17", "V18"],
        ),
        (
            "a line removed, insider",
            |p| {
                drop_record(p);
                p.refresh();
            },
            &["V03"],
        ),
        (
            "a line removed, counts fixed, without the key",
            |p| {
                let token = p.files["batch.jws"].clone();
                drop_record(p);
                p.refresh();
                p.files.insert("batch.jws".into(), token);
            },
            &["V03", "V26"],
        ),
        (
            "a line doubled",
            |p| {
                let lines = lines_of(p);
                *p.file("manifest.jsonl") = [&lines[0], &lines[0], &lines[1], &lines[2]]
                    .map(String::as_str)
                    .concat()
                    .into_bytes();
            },
            &["V04", "V17", "V18", "V21"],
        ),
        (
            "a dossier twice under two folders, insider",
            |p| {
                let mut twin = p.records[0].clone();
                twin.folder = format!("đợt 1/{FIRST} bis");
                p.records.insert(1, twin);
                p.refresh();
            },
            &["V21", "V22"],
        ),
        (
            "a part of a stream that begins nowhere, insider",
            |p| {
                p.records[0].sources[0].first_page = Some(0);
                p.refresh();
            },
            &["V16"],
        ),
        (
            "a page of a stream in two dossiers, insider",
            |p| {
                let sha256 = p.records[0].sources[0].sha256;
                for (n, code) in [FIRST, SECOND].into_iter().enumerate() {
                    let record = &mut p.records[n];
                    record.labels.insert("stream".into(), "hộp 12".into());
                    let source = &mut record.sources[0];
                    source.sha256 = sha256;
                    source.first_page = Some(1);
                    if let Some(kept) = source.kept.take() {
                        p.files.remove(&format!("dossiers/{code}/{kept}"));
                    }
                }
                p.refresh();
            },
            &["V16"],
        ),
        (
            "lines in another order",
            |p| {
                let lines = lines_of(p);
                *p.file("manifest.jsonl") = [&lines[1], &lines[0], &lines[2]]
                    .map(String::as_str)
                    .concat()
                    .into_bytes();
            },
            &["V04", "V17", "V20"],
        ),
        (
            "lines in another order, insider",
            |p| {
                p.records.swap(0, 1);
                p.refresh();
            },
            &["V20"],
        ),
        (
            "spaces in a line, insider",
            |p| with_manifest(p, |t| t.replacen("{\"v\":1", "{ \"v\":1", 1)),
            &["V16", "V22"],
        ),
        (
            "a later version's field, insider",
            |p| with_manifest(p, |t| t.replacen("{\"v\":1", "{\"v\":1,\"new\":0", 1)),
            &["V22", "V40"],
        ),
        (
            "a field twice, insider",
            |p| with_manifest(p, |t| t.replacen("{\"v\":1", "{\"v\":1,\"v\":1", 1)),
            &["V03", "V04", "V16", "V18"],
        ),
        (
            "no line end, insider",
            |p| with_manifest(p, |t| t.trim_end().to_owned()),
            &["V16"],
        ),
        (
            "an empty line, insider",
            |p| with_manifest(p, |t| format!("{t}\n")),
            &["V16"],
        ),
        (
            "deep brackets, insider",
            |p| with_manifest(p, |t| format!("{t}{}\n", "[".repeat(1_000_000))),
            &["V16"],
        ),
        (
            "a later version, insider",
            |p| {
                p.records[0].v = 2;
                p.refresh();
            },
            &["V40"],
        ),
    ]);
}

#[test]
fn records_that_break_the_rules_are_caught() {
    run(&[
        (
            "a file name that leads outside",
            |p| {
                p.records[0].documents[0].file = "../../batch.json".into();
                p.refresh();
            },
            &["V03", "V23"],
        ),
        (
            "an absolute file name",
            |p| {
                p.records[0].documents[0].file = "/etc/passwd".into();
                p.refresh();
            },
            &["V03", "V23"],
        ),
        (
            "a file name with NUL",
            |p| {
                p.records[0].documents[0].file = "a\0b".into();
                p.refresh();
            },
            &["V03", "V23"],
        ),
        (
            "a file name of another dossier",
            |p| {
                p.records[0].documents[0].file = format!("{SECOND}.01.pdf");
                p.refresh();
            },
            &["V03", "V16"],
        ),
        (
            "a kept name that leads outside",
            |p| {
                p.records[0].sources[0].kept = Some("../../batch.json".into());
                p.refresh();
            },
            &["V03", "V23"],
        ),
        (
            "a kept name of another digest",
            |p| {
                p.records[0].sources[0].kept = Some("scans/x.tif".into());
                p.refresh();
            },
            &["V03", "V16"],
        ),
        (
            "a folder that leads outside",
            |p| {
                p.records[0].folder = "../x".into();
                p.refresh();
            },
            &["V16"],
        ),
        (
            "a folder not in NFC",
            |p| {
                p.records[0].folder = "đo\u{31b}\u{323}t 1/a".into();
                p.refresh();
            },
            &["V16"],
        ),
        (
            "packaged without a code",
            |p| {
                p.records[2].outcome = crate::model::manifest::Outcome::Packaged;
                p.files.clear();
                refresh_with_codes(p);
            },
            &["V02", "V16", "V18"],
        ),
        (
            "set aside without a reason",
            |p| {
                p.records[2].reasons.clear();
                p.refresh();
            },
            &["V16"],
        ),
        (
            "a scanned page left out",
            |p| {
                p.records[0].pages.pop();
                p.refresh();
            },
            &["V19"],
        ),
        (
            "a published page left out",
            |p| {
                p.records[0].pages.remove(1);
                p.refresh();
            },
            &["V16", "V19"],
        ),
        (
            "a page's fate without its place",
            |p| {
                p.records[0].pages[0].published = None;
                p.refresh();
            },
            &["V16"],
        ),
        (
            "a page twice in a document",
            |p| {
                p.records[0].pages[1] = p.records[0].pages[0].clone();
                p.refresh();
            },
            &["V16"],
        ),
        (
            "documents numbered from 2",
            |p| {
                p.records[0].documents[0].n = 2;
                p.refresh();
            },
            &["V03", "V16"],
        ),
        (
            "a turn of 45 degrees",
            |p| {
                p.records[0].pages[0]
                    .published
                    .as_mut()
                    .expect("published")
                    .turn_deg = 45;
                p.refresh();
            },
            &["V16"],
        ),
        (
            "a page of other pixels",
            |p| {
                p.records[0].pages[0]
                    .published
                    .as_mut()
                    .expect("published")
                    .width_px = 9;
                p.refresh();
            },
            &["V33"],
        ),
        (
            "a page of another image",
            |p| {
                p.records[0].pages[0]
                    .published
                    .as_mut()
                    .expect("published")
                    .image_sha256 = Some(Digest::of(b""));
                p.refresh();
            },
            &["V33"],
        ),
        (
            "a page of another text",
            |p| {
                p.records[0].pages[0]
                    .published
                    .as_mut()
                    .expect("published")
                    .text_sha256 = Digest::of(b"");
                p.refresh();
            },
            &["V34"],
        ),
        (
            "a thousand million pages claimed",
            |p| {
                p.records[0].documents[0].pages = u32::MAX;
                p.records[0].sources[0].pages = u32::MAX;
                p.refresh();
            },
            &["V16", "V19", "V35"],
        ),
        (
            "a scan of another digest",
            |p| {
                p.records[0].sources[0].bytes += 1;
                p.refresh();
            },
            &["V01"],
        ),
        (
            "a record that names another certificate",
            |p| {
                if let SealRecord::Signed {
                    certificate_sha256, ..
                } = &mut p.records[0].documents[0].seal
                {
                    *certificate_sha256 = Digest::of(b"");
                }
                p.refresh();
            },
            &["V29"],
        ),
        (
            "a record that names another signer",
            |p| {
                if let SealRecord::Signed { signer, .. } = &mut p.records[0].documents[0].seal {
                    *signer = "CN=Khác".into();
                }
                p.refresh();
            },
            &["V29"],
        ),
        (
            "a record of another time",
            |p| {
                if let SealRecord::Signed { claimed_at, .. } = &mut p.records[0].documents[0].seal {
                    *claimed_at = "2026-11-19T16:30:00+07:00".into();
                }
                p.refresh();
            },
            &["V29"],
        ),
        (
            "a record of another level",
            |p| {
                if let SealRecord::Signed { level, .. } = &mut p.records[0].documents[0].seal {
                    *level = "PAdES-B-LT".into();
                }
                p.refresh();
            },
            &["V29"],
        ),
        (
            "a record that says unsigned",
            |p| {
                p.records[0].documents[0].seal = SealRecord::Waiting;
                p.refresh();
            },
            &["V29"],
        ),
    ]);
}

/// A package whose header counts a dossier that has no code: files of the others only.
fn refresh_with_codes(p: &mut Sample) {
    let whole = sample();
    let mut record = p.records.remove(2);
    p.records.truncate(2);
    p.files = whole.files;
    p.files.remove("set-aside/khong-ro.json");
    p.refresh();
    record.reasons.clear();
    let line = serde_json::to_string(&record).expect("serializes");
    with_manifest(p, |text| format!("{text}{line}\n"));
    p.files.remove(&scan(p));
}

fn change_header(p: &mut Sample, change: impl Fn(&mut BatchHeader)) {
    let mut header = p.header();
    change(&mut header);
    p.put_header(&header);
}

#[test]
fn a_header_that_does_not_fit_is_caught_even_when_signed() {
    run(&[
        (
            "a byte of it",
            |p| flip(p, "batch.json", 30),
            &["V15", "V26"],
        ),
        (
            "one dossier more",
            |p| change_header(p, |h| h.dossiers.total += 1),
            &["V18"],
        ),
        (
            "one page more, balanced",
            |p| {
                change_header(p, |h| {
                    h.pages.scanned += 1;
                    h.pages.blank += 1;
                })
            },
            &["V18"],
        ),
        (
            "one page more, unbalanced",
            |p| change_header(p, |h| h.pages.scanned += 1),
            &["V18", "V19"],
        ),
        (
            "pages beyond counting",
            |p| {
                change_header(p, |h| {
                    h.pages.blank = u64::MAX;
                    h.pages.rejected = u64::MAX;
                })
            },
            &["V18", "V19"],
        ),
        (
            "another root",
            |p| change_header(p, |h| h.merkle.root = Digest::of(b"")),
            &["V04"],
        ),
        (
            "one leaf more",
            |p| change_header(p, |h| h.merkle.leaves += 1),
            &["V04"],
        ),
        (
            "another manifest",
            |p| change_header(p, |h| h.manifest.sha256 = Digest::of(b"")),
            &["V17"],
        ),
        (
            "one line more",
            |p| change_header(p, |h| h.manifest.lines += 1),
            &["V17"],
        ),
        (
            "made in the future",
            |p| change_header(p, |h| h.created = "2026-11-22T00:00:00+07:00".into()),
            &["V32"],
        ),
        (
            "made at no time",
            |p| change_header(p, |h| h.created = "yesterday".into()),
            &["V15"],
        ),
        (
            "made by another program",
            |p| change_header(p, |h| h.software.name = "other".into()),
            &["V15"],
        ),
        (
            "of a later version",
            |p| change_header(p, |h| h.v = 2),
            &["V40"],
        ),
    ]);
}

/// Replaces the header of the JWS, with the value it had.
fn with_jose(p: &mut Sample, change: impl Fn(&str) -> String) {
    let token = String::from_utf8(p.file("batch.jws").clone()).expect("ASCII");
    let (header, rest) = token.split_once('.').expect("three parts");
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).expect("base64")).expect("JSON");
    *p.file("batch.jws") =
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(change(&header))).into_bytes();
}

#[test]
fn tampering_with_the_batch_signature_is_caught() {
    run(&[
        (
            "removed",
            |p| {
                p.files.remove("batch.jws");
            },
            &["V25"],
        ),
        ("empty", |p| p.file("batch.jws").clear(), &["V26"]),
        (
            "a byte of the payload",
            |p| {
                let at = surgery::find(p.file("batch.jws"), b".") + 40;
                flip(p, "batch.jws", at);
            },
            &["V26"],
        ),
        (
            "a byte of the value",
            |p| {
                let at = p.file("batch.jws").len() - 9;
                flip(p, "batch.jws", at);
            },
            &["V26"],
        ),
        (
            "a line end behind it",
            |p| p.file("batch.jws").push(b'\n'),
            &["V26"],
        ),
        (
            "a fourth part",
            |p| p.file("batch.jws").extend_from_slice(b".e30"),
            &["V26"],
        ),
        (
            "algorithm none",
            |p| with_jose(p, |h| h.replace("ES256", "none")),
            &["V27"],
        ),
        (
            "algorithm none and nothing else",
            |p| with_jose(p, |_| r#"{"alg":"none"}"#.into()),
            &["V27"],
        ),
        (
            "algorithm HS256",
            |p| with_jose(p, |h| h.replace("ES256", "HS256")),
            &["V27"],
        ),
        (
            "algorithm RS256 over a P-256 key",
            |p| with_jose(p, |h| h.replace("ES256", "RS256")),
            &["V27"],
        ),
        (
            "a critical header",
            |p| with_jose(p, |h| h.replacen('{', r#"{"crit":["b64"],"b64":false,"#, 1)),
            &["V26"],
        ),
        (
            "no certificate",
            |p| with_jose(p, |_| r#"{"alg":"ES256","typ":"JOSE","x5c":[]}"#.into()),
            &["V26"],
        ),
        (
            "someone else's",
            |p| {
                p.signer = Some(stranger().into());
                change_header(p, |_| {});
            },
            &["V07"],
        ),
    ]);
}

/// A signer under a root that nobody trusts.
fn stranger() -> FictionalSigner {
    Authority::root().below("Lạ").signer(|_| {})
}

fn first_document() -> crate::formats::pdfa::ConformantPdf {
    sample::document(FIRST, 2).0
}

/// Signs the first document anew and makes its record say so.
fn sign_first(p: &mut Sample, signer: &FictionalSigner, at: time::OffsetDateTime) {
    p.records[0].documents[0].seal = sample::seal_record(signer, at);
    p.replace_pdf(sample::signed(&first_document(), signer, at));
}

fn pdf(p: &Sample) -> Vec<u8> {
    p.files[&Sample::pdf()].clone()
}

#[test]
fn tampering_with_a_signed_document_is_caught() {
    run(&[
        (
            "a byte of the image",
            |p| {
                let at = surgery::find(&pdf(p), b"/Subtype/Image") + 400;
                flip(p, &Sample::pdf(), at);
            },
            &["V01", "V05", "V33"],
        ),
        (
            "a byte of the signature value",
            |p| {
                let file = pdf(p);
                // The value ends with the ECDSA numbers.
                let length = surgery::value(&file)
                    .iter()
                    .rposition(|byte| *byte != 0)
                    .expect("a value");
                let at = surgery::contents(&file).start + 1 + 2 * (length - 8);
                other_digit(&mut p.file(&Sample::pdf())[at]);
            },
            &["V01", "V05"],
        ),
        (
            "a byte of the authority's certificate beside it",
            |p| {
                let issuing = &pki().issuing.der;
                let digits: String = issuing.iter().map(|byte| format!("{byte:02x}")).collect();
                let at = surgery::find(&pdf(p), digits.as_bytes()) + digits.len() - 9;
                other_digit(&mut p.file(&Sample::pdf())[at]);
            },
            &["V01", "V07"],
        ),
        (
            "cut short",
            |p| {
                let half = pdf(p).len() / 2;
                p.file(&Sample::pdf()).truncate(half);
            },
            &["V01", "V36"],
        ),
        (
            "emptied",
            |p| p.file(&Sample::pdf()).clear(),
            &["V01", "V36"],
        ),
        (
            "no PDF at all",
            |p| *p.file(&Sample::pdf()) = b"%PDF-1.7 no".to_vec(),
            &["V01", "V36"],
        ),
        (
            "bytes appended",
            |p| p.file(&Sample::pdf()).extend_from_slice(b"more"),
            &["V01", "V06", "V30"],
        ),
        (
            "a revision appended",
            |p| {
                let file = surgery::with_revision(&pdf(p), &[]);
                p.replace_pdf(file);
            },
            &["V30"],
        ),
        (
            "a page repainted by an appended revision",
            |p| {
                let (_, content) = surgery::first_page(&pdf(p));
                let body = "<</Length 16>>\nstream\n0 0 100 100 re f\nendstream";
                let file = surgery::with_revision(&pdf(p), &[(content, body)]);
                p.replace_pdf(file);
            },
            &["V30"],
        ),
        (
            "an action in an appended revision",
            |p| {
                let root = surgery::last_number(&pdf(p), b"/Root ") as u32;
                let body = "<</Type/Catalog/Pages 2 0 R/OpenAction 1 0 R>>";
                let file = surgery::with_revision(&pdf(p), &[(root, body)]);
                p.replace_pdf(file);
            },
            &["V30"],
        ),
        (
            "the signature cut off",
            |p| {
                let file = surgery::first_revision(&pdf(p));
                p.replace_pdf(file);
            },
            &["V29"],
        ),
        (
            "a ByteRange that leaves the end out",
            |p| {
                let file = pdf(p);
                let end = surgery::contents(&file).end;
                let rest = (file.len() - end).to_string();
                let less = (file.len() - end - 1).to_string();
                let (said, lie) = (
                    format!("{end} {rest}"),
                    format!("{end} {less:<width$}", width = rest.len()),
                );
                p.replace_pdf(surgery::replaced(&file, said.as_bytes(), lie.as_bytes()));
            },
            &["V05", "V06"],
        ),
        (
            "a ByteRange with a wider gap",
            |p| {
                let file = pdf(p);
                let start = surgery::contents(&file).start;
                let (said, lie) = (format!("[0 {start} "), format!("[0 {} ", start - 1));
                p.replace_pdf(surgery::replaced(&file, said.as_bytes(), lie.as_bytes()));
            },
            &["V05", "V06"],
        ),
        (
            "bytes hidden behind the value",
            |p| {
                let mut file = pdf(p);
                let at = surgery::contents(&file).end - 2;
                // A value of full length ends there, now and then in this very digit.
                other_digit(&mut file[at]);
                p.replace_pdf(file);
            },
            &["V05"],
        ),
        (
            "another kind of signature",
            |p| {
                let file =
                    surgery::replaced(&pdf(p), b"ETSI.CAdES.detached", b"adbe.pkcs7.detached");
                p.replace_pdf(file);
            },
            &["V05"],
        ),
        (
            "SHA-224 for SHA-256",
            |p| {
                let sha256 = b"608648016503040201";
                let file = surgery::replaced(&pdf(p), sha256, b"608648016503040204");
                p.replace_pdf(file);
            },
            &["V05", "V27"],
        ),
        (
            "part 3 for part 2",
            |p| {
                let file = surgery::replaced(&pdf(p), b"<pdfaid:part>2", b"<pdfaid:part>3");
                p.replace_pdf(file);
            },
            &["V05", "V12"],
        ),
    ]);
}

#[test]
fn other_signers_times_and_documents_are_caught() {
    run(&[
        (
            "signed by another than recorded",
            |p| {
                let other = pki().issuing.signer(|_| {});
                p.replace_pdf(sample::signed(&first_document(), &other, CLAIMED));
            },
            &["V29"],
        ),
        (
            "signed by a stranger",
            |p| sign_first(p, &stranger(), CLAIMED),
            &["V07"],
        ),
        (
            "signed with an expired certificate",
            |p| {
                let signer = pki()
                    .issuing
                    .signer(|c| c.not_after = datetime!(2026-11-01 0:00 UTC));
                sign_first(p, &signer, CLAIMED);
            },
            &["V11", "V49", "V51"],
        ),
        (
            "signed with a certificate of tomorrow",
            |p| {
                let signer = pki()
                    .issuing
                    .signer(|c| c.not_before = datetime!(2026-12-01 0:00 UTC));
                sign_first(p, &signer, CLAIMED);
            },
            &["V11", "V51"],
        ),
        (
            "signed with a key for encryption",
            |p| {
                let signer = pki()
                    .issuing
                    .signer(|c| c.key_usages = vec![KeyUsagePurpose::KeyEncipherment]);
                sign_first(p, &signer, CLAIMED);
            },
            &["V31"],
        ),
        (
            "signed with a server's certificate",
            |p| {
                let signer = pki().issuing.signer(|c| {
                    c.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth]
                });
                sign_first(p, &signer, CLAIMED);
            },
            &["V31"],
        ),
        (
            "signed tomorrow",
            |p| sign_first(p, &pki().signer, AT + time::Duration::DAY),
            &["V32"],
        ),
        (
            "another text under the same image",
            |p| {
                let (file, _, _) = sample::document(SECOND, 2);
                p.replace_pdf(sample::signed(&file, &pki().signer, CLAIMED));
            },
            &["V34"],
        ),
        (
            "a page less",
            |p| {
                let (file, _, _) = sample::document(FIRST, 1);
                p.replace_pdf(sample::signed(&file, &pki().signer, CLAIMED));
            },
            &["V35"],
        ),
        (
            "a page more",
            |p| {
                let (file, _, _) = sample::document(FIRST, 3);
                p.replace_pdf(sample::signed(&file, &pki().signer, CLAIMED));
            },
            &["V35"],
        ),
    ]);
}

#[test]
fn a_signer_under_another_root_is_untrusted_everywhere() {
    let other = crate::verify::Trust::from_pem(sample::pem(&Authority::root().der).as_bytes(), b"");
    let report = sample().verify_by(&other.expect("a root"), AT);
    let untrusted = report
        .findings
        .iter()
        .filter(|f| f.code == Code::ChainUntrusted);
    assert_eq!((codes(&report), untrusted.count()), (["V07"].into(), 3));
}
