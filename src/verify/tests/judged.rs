//! Any signed PDF: what the judge says of a file by roots, lists and time.

use time::{Duration, OffsetDateTime};

use super::pdf_surgery as surgery;
use super::sample::{self, AT, CLAIMED, FIRST, pem, pki, root};
use super::words::assert_fills;
use crate::verify::certificate::Cert;
use crate::verify::judge::{Indication, Level, PdfReport, RevocationState, SubIndication};
use crate::verify::{self, Chain, Trust, Verdict};

/// A sound file of one page that somebody signed.
fn signed() -> Vec<u8> {
    sample::signed(&sample::document(FIRST, 1).0, &pki().signer, CLAIMED)
}

/// The test's root with its list and one of the issuing authority.
fn trust_with(issuing: Vec<u8>) -> Trust {
    let root = pki().root.revocation_list(CLAIMED, None);
    self::root().with_crls([root, issuing]).expect("lists")
}

fn informed() -> Trust {
    trust_with(pki().issuing.revocation_list(CLAIMED, None))
}

fn revoked_at(since: OffsetDateTime, issued: OffsetDateTime) -> Trust {
    let signer = Cert::from_der(&pki().signer.certificate_der).expect("a certificate");
    let serial = signer.body.tbs_certificate.serial_number.as_bytes();
    trust_with(pki().issuing.revocation_list(issued, Some((serial, since))))
}

fn judged(file: &[u8], trust: &Trust, at: OffsetDateTime) -> PdfReport {
    let report = verify::pdf(file, trust, at);
    report.reasons.iter().for_each(assert_fills);
    report
}

/// Verdict, codes and sub-indication of a file with one signature.
fn told(report: &PdfReport) -> (Verdict, Vec<&'static str>, Option<SubIndication>) {
    let codes = report.reasons.iter().map(|reason| reason.code.id());
    let [signature] = report.signatures.as_slice() else {
        panic!("{report:#?}");
    };
    (report.verdict, codes.collect(), signature.sub_indication)
}

#[test]
fn a_signature_by_a_known_and_unrevoked_signer_is_valid() {
    let report = judged(&signed(), &informed(), AT);
    assert_eq!(
        told(&report),
        (Verdict::Valid, vec!["V10"], None),
        "{report:#?}"
    );
    let one = &report.signatures[0];
    assert_eq!(
        (one.indication, one.level),
        (Indication::TotalPassed, Some(Level::BaselineB))
    );
    assert!(one.intact && one.covers_whole_file && one.changes.is_empty());
    assert_eq!((one.claimed_time, one.proven_time), (Some(CLAIMED), None));
    let signer = &one.signer;
    assert_eq!(signer.path.state, Chain::Trusted);
    assert_eq!((signer.path.between.len(), signer.revocation.len()), (1, 2));
    assert!(signer.certificate_named && signer.key_usage_ok && signer.valid_at_judged_time);
    assert!(signer.algorithms.allowed, "{:?}", signer.algorithms);
    assert!(
        signer
            .revocation
            .iter()
            .all(|one| one.state == RevocationState::Good)
    );
}

#[test]
fn without_word_of_revocation_nothing_is_valid() {
    let try_later = Some(SubIndication::TryLater);
    let report = judged(&signed(), &root(), AT);
    let expected = (Verdict::Indeterminate, vec!["V49", "V49", "V10"], try_later);
    assert_eq!(told(&report), expected);
    let day = Duration::days(1);
    let forged = pki().root.revocation_list(CLAIMED, None);
    let elsewhere = crate::formats::fictional_signer::Authority::root();
    for (name, list, at) in [
        ("another authority's", forged, AT),
        ("a stranger's", elsewhere.revocation_list(CLAIMED, None), AT),
        (
            "an old one",
            pki().issuing.revocation_list(CLAIMED - 60 * day, None),
            AT,
        ),
        (
            "one from the future",
            pki().issuing.revocation_list(AT + 2 * day, None),
            AT,
        ),
    ] {
        let report = judged(&signed(), &trust_with(list), at);
        let expected = (Verdict::Indeterminate, vec!["V49", "V10"], try_later);
        assert_eq!(told(&report), expected, "{name}");
    }
}

#[test]
fn a_revoked_signer_is_told_apart_by_when() {
    let day = Duration::days(1);
    let no_proof = Some(SubIndication::RevokedNoPoe);
    let before = judged(&signed(), &revoked_at(CLAIMED - day, CLAIMED), AT);
    assert_eq!(
        told(&before),
        (Verdict::Invalid, vec!["V08", "V10"], no_proof)
    );
    let since = CLAIMED + day;
    let after = judged(&signed(), &revoked_at(since, since), since + day);
    assert_eq!(
        told(&after),
        (Verdict::Indeterminate, vec!["V48", "V10"], no_proof)
    );
    assert_eq!(
        after.signatures[0].signer.revocation[0].revoked_at,
        Some(since)
    );
}

#[test]
fn who_is_unknown_stays_undecided() {
    let no_chain = Some(SubIndication::NoCertificateChainFound);
    let report = judged(&signed(), &Trust::none(), AT);
    assert_eq!(
        told(&report),
        (Verdict::Indeterminate, vec!["V38", "V10"], no_chain)
    );
    let stranger = crate::formats::fictional_signer::Authority::root();
    let trust = Trust::from_pem(pem(&stranger.der).as_bytes(), b"").expect("a root");
    let report = judged(&signed(), &trust, AT);
    assert_eq!(
        told(&report),
        (Verdict::Indeterminate, vec!["V50", "V10"], no_chain)
    );
}

#[test]
fn a_certificate_that_ended_needs_a_proof_of_time() {
    let signer = pki().issuing.signer(|params| params.not_after = AT);
    let file = sample::signed(&sample::document(FIRST, 1).0, &signer, CLAIMED);
    let report = judged(&file, &informed(), AT + Duration::days(1));
    let (verdict, codes, sub) = told(&report);
    assert_eq!(
        (verdict, sub),
        (
            Verdict::Indeterminate,
            Some(SubIndication::OutOfBoundsNoPoe)
        )
    );
    assert!(codes.contains(&"V51"), "{codes:?}");
}

#[test]
fn what_was_changed_is_invalid_and_told_by_kind() {
    let file = signed();
    let mut flipped = file.clone();
    flipped[surgery::find(&file, b"stream") + 30] ^= 1;
    let failed = Some(SubIndication::HashFailure);
    let report = judged(&flipped, &informed(), AT);
    assert_eq!(
        told(&report),
        (Verdict::Invalid, vec!["V05", "V10"], failed)
    );
    assert_eq!(report.signatures[0].indication, Indication::TotalFailed);
    let (page, contents) = surgery::first_page(&file);
    let stream = "<</Length 0>>\nstream\n\nendstream";
    for (number, body) in [
        (contents, stream),
        (page, "<</Type/Page/MediaBox[0 0 9 9]>>"),
    ] {
        let report = judged(
            &surgery::with_revision(&file, &[(number, body)]),
            &informed(),
            AT,
        );
        assert_eq!(
            (report.verdict, told(&report).1[0]),
            (Verdict::Invalid, "V30")
        );
        assert!(
            report.signatures[0].intact,
            "the covered bytes are as they were"
        );
    }
}

#[test]
fn bytes_behind_the_last_revision_are_never_valid() {
    for (more, verdict) in [
        ("junk", Verdict::Indeterminate),
        ("900 0 obj\n<</Type/Catalog>>\nendobj\n", Verdict::Invalid),
    ] {
        let file = [signed(), more.as_bytes().to_vec()].concat();
        let report = judged(&file, &informed(), AT);
        assert!(report.verdict >= verdict, "{more}: {report:#?}");
    }
}

#[test]
fn forged_ranges_and_values_are_invalid() {
    let file = signed();
    let gap = surgery::contents(&file);
    let mut padded = file.clone();
    // One in sixty-four signatures fills the gap to its end and closes with a 1 of its own.
    let last = &mut padded[gap.end - 2];
    *last = if *last == b'1' { b'2' } else { b'1' };
    let zeros = surgery::with_value(&file, &[]);
    let no_range = surgery::replaced(&file, b"/ByteRange", b"/ByteRanga");
    let no_value = surgery::replaced(&file, b"/Contents<", b"/Contentz<");
    for (name, bytes) in [
        ("other bytes than zeros behind the value", padded),
        ("a value of zeros", zeros),
        ("no ByteRange", no_range),
        ("no Contents", no_value),
    ] {
        let report = judged(&bytes, &informed(), AT);
        assert_eq!(
            report.verdict,
            Verdict::Invalid,
            "{name}: {:#?}",
            report.reasons
        );
    }
}

#[test]
fn what_is_no_signed_pdf_is_never_valid() {
    for (bytes, code) in [
        (surgery::first_revision(&signed()), "V56"),
        (b"hello".to_vec(), "V36"),
        (b"%PDF-1.7\nnot at all".to_vec(), "V57"),
        (Vec::new(), "V36"),
    ] {
        let report = judged(&bytes, &informed(), AT);
        assert_ne!(report.verdict, Verdict::Valid);
        assert_eq!(report.reasons[0].code.id(), code);
    }
}

#[test]
fn a_later_signature_that_cannot_be_read_does_not_vanish() {
    // Object 900 is named by the table and holds no object that can be read.
    let file = surgery::with_revision(&signed(), &[(900, "<</Contents<0x>>>")]);
    let report = judged(&file, &informed(), AT);
    let codes: Vec<_> = report.reasons.iter().map(|r| r.code.id()).collect();
    assert_eq!(
        (report.verdict, &codes[..2]),
        (Verdict::Invalid, &["V30", "V57"][..])
    );
    assert_eq!(report.signatures.len(), 1, "the first one is still told");
}
