//! Bytes from nowhere: any change is caught, and nothing makes the auditor panic.

use proptest::prelude::*;

use super::pdf_surgery as surgery;
use super::sample::{Sample, sample};
use crate::verify::Verdict;

#[test]
fn every_single_byte_of_header_and_signature_counts() {
    let out = tempfile::tempdir().expect("temp folder");
    sample().write(out.path());
    for name in ["batch.json", "batch.jws"] {
        let path = out.path().join(name);
        let whole = std::fs::read(&path).expect("reads");
        for at in (0..whole.len()).step_by(7) {
            let mut broken = whole.clone();
            broken[at] ^= 1;
            std::fs::write(&path, &broken).expect("writes");
            let report = audited(out.path());
            assert_eq!(report.verdict, Verdict::Invalid, "byte {at} of {name}");
        }
        std::fs::write(&path, &whole).expect("writes");
    }
    assert_eq!(audited(out.path()).verdict, Verdict::Valid);
}

fn audited(out: &std::path::Path) -> crate::verify::Report {
    crate::verify::package(out, &super::trust(), super::AT, &|_| {})
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_change_to_any_file_is_caught(which in any::<prop::sample::Index>(),
                                        at in any::<prop::sample::Index>(), with in 1u8..) {
        let mut package = sample();
        let written = package.files.iter().filter(|(_, bytes)| !bytes.is_empty());
        let paths: Vec<String> = written.map(|(path, _)| path.clone()).collect();
        let bytes = package.file(&paths[which.index(paths.len())]);
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        prop_assert_eq!(package.verify().verdict, Verdict::Invalid);
    }

    #[test]
    fn no_document_makes_it_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
                                  keep in any::<prop::sample::Index>(), truncate in any::<bool>()) {
        let mut package = sample();
        let mut file = package.file(&Sample::pdf()).clone();
        for (at, byte) in cuts {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if truncate {
            file.truncate(keep.index(file.len()));
        }
        // Made to fit by an insider, so that the reading gets past the digests.
        package.replace_pdf(file);
        package.verify();
    }

    #[test]
    fn no_signature_value_makes_it_panic(cuts in prop::collection::vec((0usize..1500, any::<u8>()), 1..4)) {
        let mut package = sample();
        let file = package.file(&Sample::pdf()).clone();
        let mut value = surgery::value(&file);
        let whole = value.clone();
        for (at, byte) in cuts {
            let length = value.len();
            value[at % length] = byte;
        }
        package.replace_pdf(surgery::with_value(&file, &value));
        let verdict = package.verify().verdict;
        prop_assert!(verdict == Verdict::Invalid || value == whole);
    }
}

#[test]
fn brackets_without_end_do_not_exhaust_the_stack() {
    for body in [
        "[".repeat(2_000_000),
        "<<".repeat(1_000_000),
        "(".repeat(2_000_000),
    ] {
        let mut package = sample();
        let (page, content) = surgery::first_page(package.file(&Sample::pdf()));
        for number in [page, content] {
            let file = package.file(&Sample::pdf()).clone();
            package.replace_pdf(surgery::with_revision(&file, &[(number, &body)]));
            assert_eq!(package.verify().verdict, Verdict::Invalid);
            package = sample();
        }
    }
}

#[test]
fn a_stream_that_inflates_without_end_is_not_inflated() {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..300 {
        encoder
            .write_all(&vec![b' '; 1 << 20])
            .expect("into memory");
    }
    let bomb = encoder.finish().expect("into memory");
    let mut package = sample();
    let file = package.file(&Sample::pdf()).clone();
    let (_, content) = surgery::first_page(&file);
    let mut body = format!("<</Filter/FlateDecode/Length {}>>\nstream\n", bomb.len()).into_bytes();
    body.extend_from_slice(&bomb);
    body.extend_from_slice(b"\nendstream");
    package.replace_pdf(surgery::with_raw_revision(&file, &[(content, &body)]));
    let report = package.verify();
    assert!(
        super::codes(&report).contains("V30"),
        "{:?}",
        report.findings
    );
}
