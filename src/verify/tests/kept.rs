//! Files that came signed: what their state is, and a package that keeps one.

use super::codes;
use super::pdf_surgery as surgery;
use super::sample::{self, AT, CLAIMED, FIRST, Sample, pki, sample, trust};
use crate::formats::fictional_signer::Authority;
use crate::model::Digest;
use crate::model::manifest::{KeptVerdict, SealRecord, TextFile};
use crate::verify::{Trust, Verdict, signed_pdf};

/// A sound file of one page that somebody signed.
fn signed() -> Vec<u8> {
    sample::signed(&sample::document(FIRST, 1).0, &pki().signer, CLAIMED)
}

/// Verdict, codes and number of signatures of a file.
fn state(file: &[u8]) -> (KeptVerdict, Vec<String>, u32) {
    match signed_pdf(file) {
        SealRecord::Kept {
            verdict,
            codes,
            signatures,
            ..
        } => (verdict, codes, signatures),
        other => panic!("{other:?}"),
    }
}

fn expect(file: &[u8], verdict: KeptVerdict, code: &str) {
    assert_eq!(state(file), (verdict, vec![code.to_owned()], 1));
}

#[test]
fn an_untouched_signature_is_sound_and_names_its_signer() {
    let SealRecord::Kept {
        reason,
        verdict,
        codes,
        signatures,
        signers,
    } = signed_pdf(&signed())
    else {
        panic!("not kept");
    };
    assert_eq!((reason.as_str(), signatures), ("INT-010", 1));
    assert_eq!((verdict, codes), (KeptVerdict::Sound, vec![]));
    let facts = sample().verify().files[0].signature.clone();
    assert_eq!(signers, [facts.expect("signed").signer.expect("named")]);
}

#[test]
fn a_covered_byte_that_changed_breaks_it() {
    let file = signed();
    for needle in [&b"/MediaBox"[..], b"/Reason"] {
        let mut other = file.clone();
        let at = surgery::find(&file, needle) + 1;
        other[at] ^= 0x20;
        let (verdict, found, _) = state(&other);
        assert_ne!(verdict, KeptVerdict::Sound, "{found:?}");
    }
    let image = surgery::find(&file, b"stream") + 30;
    let mut other = file.clone();
    other[image] ^= 1;
    expect(&other, KeptVerdict::Broken, "V44");
}

#[test]
fn a_page_shown_otherwise_behind_the_signature_breaks_it() {
    let file = signed();
    let (page, contents) = surgery::first_page(&file);
    let stream = "<</Length 0>>\nstream\n\nendstream";
    expect(
        &surgery::with_revision(&file, &[(contents, stream)]),
        KeptVerdict::Broken,
        "V44",
    );
    let other_page = "<</Type/Page/MediaBox[0 0 9 9]>>";
    expect(
        &surgery::with_revision(&file, &[(page, other_page)]),
        KeptVerdict::Broken,
        "V44",
    );
}

/// The catalog of a file with one more entry.
fn catalog_with(file: &[u8], entry: &str) -> (u32, String) {
    let root = surgery::last_number(file, b"/Root ");
    let head = format!("\n{root} 0 obj\n");
    let at = file
        .windows(head.len())
        .rposition(|window| window == head.as_bytes())
        .expect("the newest catalog")
        + head.len();
    let end = surgery::find(&file[at..], b"endobj");
    let body = str::from_utf8(&file[at..at + end]).expect("ASCII").trim();
    let open = body.strip_suffix(">>").expect("a dictionary");
    (root as u32, format!("{open}{entry}>>"))
}

#[test]
fn proofs_added_behind_a_signature_leave_it_sound() {
    let file = signed();
    let (root, catalog) = catalog_with(&file, "/DSS<</Type/DSS/Certs[]>>");
    let more = surgery::with_revision(&file, &[(root, &catalog), (900, "<</Type/VRI>>")]);
    expect(&more, KeptVerdict::Sound, "V46");
    let (root, catalog) = catalog_with(&file, "/OpenAction[1 0 R/Fit]");
    let acting = surgery::with_revision(&file, &[(root, &catalog)]);
    expect(&acting, KeptVerdict::Broken, "V44");
}

#[test]
fn a_content_stream_smuggled_into_the_proofs_is_a_change() {
    let file = signed();
    let (_, contents) = surgery::first_page(&file);
    let entry = format!("/DSS<</Type/DSS/Certs[{contents} 0 R]>>");
    let (root, catalog) = catalog_with(&file, &entry);
    let stream = "<</Length 0>>\nstream\n\nendstream";
    let painted = surgery::with_revision(&file, &[(root, &catalog), (contents, stream)]);
    assert_eq!(state(&painted).0, KeptVerdict::Broken);
}

#[test]
fn what_cannot_be_judged_is_unknown() {
    let file = signed();
    let mut junk = file.clone();
    junk.extend_from_slice(b"junk that is no revision");
    for (name, bytes) in [
        ("nothing", Vec::new()),
        ("no PDF", b"%PDF-1.7\nnot at all".to_vec()),
        ("unsigned", surgery::first_revision(&file)),
        ("bytes behind", junk),
        ("a value of zeros", surgery::with_value(&file, &[])),
        (
            "another kind",
            surgery::replaced(&file, b"ETSI.CAdES.detached", b"ETSI.XXXXX.detached"),
        ),
        ("a text that does not end", file[..file.len() / 2].to_vec()),
    ] {
        let (verdict, found, _) = state(&bytes);
        assert_ne!(verdict, KeptVerdict::Sound, "{name}: {found:?}");
        assert!(!found.is_empty(), "{name}");
    }
}

#[test]
fn the_gap_may_hide_nothing_but_the_value() {
    let file = signed();
    let gap = surgery::contents(&file);
    let digits = [b"/Contents".as_slice(), &file[gap.clone()]].concat();
    // The dictionary's own value moves behind the gap's twin: the gap is no longer its Contents.
    let other = surgery::replaced(&file, &digits[..12], b"/Contentz<30");
    assert_ne!(state(&other).0, KeptVerdict::Sound);
}

/// The sample with its first dossier kept: the scan is the signed file itself.
fn package() -> Sample {
    let mut package = sample();
    let file = signed();
    let text = sample::text_of(FIRST, 1);
    let record = &mut package.records[0];
    let scan = record.sources[0].kept.take().expect("kept");
    package.files.remove(&format!("dossiers/{FIRST}/{scan}"));
    let source = &mut record.sources[0];
    source.name = "đã ký.pdf".to_owned();
    (source.sha256, source.bytes, source.pages) = (Digest::of(&file), file.len() as u64, 1);
    record.pages.truncate(1);
    let page = record.pages[0].published.as_mut().expect("published");
    page.image_sha256 = None;
    let document = &mut record.documents[0];
    (document.sha256, document.bytes, document.pages) = (Digest::of(&file), file.len() as u64, 1);
    document.seal = signed_pdf(&file);
    document.text = Some(TextFile {
        file: format!("{FIRST}.01.txt"),
        sha256: Digest::of(text.as_bytes()),
        bytes: text.len() as u64,
    });
    package.files.insert(Sample::pdf(), file);
    package.files.insert(text_path(), text.into_bytes());
    package.refresh();
    package
}

fn text_path() -> String {
    format!("dossiers/{FIRST}/{FIRST}.01.txt")
}

#[test]
fn a_package_that_keeps_a_sound_file_is_valid() {
    let report = package().verify();
    assert_eq!(codes(&report), [].into(), "{:#?}", report.findings);
    assert_eq!(report.verdict, Verdict::Valid);
    let facts = report.files[0].signature.as_ref().expect("signed");
    assert!(facts.intact && facts.covers_whole_file && facts.algorithm_allowed);
    let report = package().verify_by(&Trust::none(), AT);
    assert_eq!(codes(&report), ["V38"].into());
}

#[test]
fn a_foreign_signer_whom_nobody_trusts_is_a_doubt() {
    let mut package = package();
    let stranger = Authority::root().signer(|_| {});
    let file = sample::signed(&sample::document(FIRST, 1).0, &stranger, CLAIMED);
    let source = &mut package.records[0].sources[0];
    (source.sha256, source.bytes) = (Digest::of(&file), file.len() as u64);
    package.records[0].documents[0].seal = signed_pdf(&file);
    package.replace_pdf(file);
    let report = package.verify_by(&trust(), AT);
    assert_eq!(codes(&report), ["V45"].into(), "{:#?}", report.findings);
    assert_eq!(report.verdict, Verdict::Indeterminate);
}

#[test]
fn a_file_that_came_broken_is_a_doubt_and_not_a_lie() {
    let mut package = package();
    let mut file = signed();
    let at = surgery::find(&file, b"stream") + 30;
    file[at] ^= 1;
    let source = &mut package.records[0].sources[0];
    source.sha256 = Digest::of(&file);
    package.records[0].documents[0].seal = signed_pdf(&file);
    package.replace_pdf(file);
    let report = package.verify();
    assert_eq!(codes(&report), ["V44"].into(), "{:#?}", report.findings);
    assert_eq!(report.verdict, Verdict::Indeterminate);
}

/// Name, what is done to the package, the codes that must tell it.
type Tampering = (&'static str, fn(&mut Sample), &'static [&'static str]);

#[test]
fn tampering_with_a_kept_document_is_caught() {
    let table: &[Tampering] = &[
        (
            "a byte of the file",
            |p| *p.file(&Sample::pdf()).last_mut().expect("bytes") = b' ',
            &["V01", "V43", "V44"],
        ),
        (
            "a letter of the text",
            |p| p.file(&text_path())[0] ^= 1,
            &["V01", "V34"],
        ),
        (
            "a page break more",
            |p| p.file(&text_path()).push(b'\x0c'),
            &["V01", "V35"],
        ),
        (
            "the text gone",
            |p| {
                p.files.remove(&text_path());
            },
            &["V02"],
        ),
        (
            "a text that nothing names",
            |p| {
                p.records[0].documents[0].text = None;
                p.refresh();
            },
            &["V03", "V16"],
        ),
        (
            "a better state than its own",
            |p| {
                if let SealRecord::Kept { signatures, .. } = &mut p.records[0].documents[0].seal {
                    *signatures = 2;
                }
                p.refresh();
            },
            &["V43"],
        ),
        (
            "a source that is not the file",
            |p| {
                p.records[0].sources[0].sha256 = Digest::of(b"another");
                p.refresh();
            },
            &["V16"],
        ),
        (
            "a text elsewhere",
            |p| {
                let text = p.records[0].documents[0].text.as_mut().expect("kept");
                text.file = "record.json".to_owned();
                p.refresh();
            },
            &["V03", "V16"],
        ),
    ];
    for (name, tamper, expected) in table {
        let mut package = package();
        tamper(&mut package);
        let report = package.verify();
        report.findings.iter().for_each(super::words::assert_fills);
        let expected = expected.iter().copied().collect();
        assert_eq!(codes(&report), expected, "{name}: {:#?}", report.findings);
        assert_eq!(report.verdict, Verdict::Invalid, "{name}");
    }
}
