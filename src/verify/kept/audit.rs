//! A kept document of the package: its recorded state against its bytes, its trust, its text.

use super::{Examined, ForeignSignature, Remark, examine};
use crate::model::Digest;
use crate::model::manifest::{DocumentRecord, PublishedPage};
use crate::verify::finding::{Code, Finding, Findings, Place};
use crate::verify::judge::{self, Existence, PdfReport, SignatureKind, SignatureReport};
use crate::verify::report::SignatureFacts;
use crate::verify::seal::{self, Yardstick};

/// Judges the signatures of a kept document; the facts are those of the outermost signature.
pub fn audit(
    bytes: &[u8],
    document: &DocumentRecord,
    (by, existed): (&Yardstick<'_>, Option<Existence>),
    path: &str,
    findings: &mut Findings,
) -> Option<SignatureFacts> {
    let place = Place::file(path);
    let examined = examine(bytes);
    let found = examined.record();
    if found != document.seal {
        let told = |seal| serde_json::to_string(seal).unwrap_or_default();
        let finding = Finding::new(Code::KeptStateDiffers, place.clone());
        findings.add(
            finding
                .with("said", told(&document.seal))
                .with("found", told(&found)),
        );
    }
    for remark in examined.remarks() {
        findings.add(said(remark, &place));
    }
    let report = judge::judge(bytes, by.trust, by.at, existed);
    let mut facts = None;
    for signature in examined.signatures.iter().filter(|one| !one.is_time_stamp) {
        let mut known = facts_of(signature, &examined, bytes.len());
        seal::check_future(known.claimed_time, by.at, &place, findings);
        if let Some(judged) = judged(&report, signature) {
            known.signer = signature.signer.as_ref().map(|signer| signer.subject());
            known.proven_time = judged.proven_time;
            known.proven_by = judged.proven_by;
            known.know(&judged.signer);
            for doubt in doubts(judged) {
                findings.add(said(&Remark::unknown(doubt), &place));
            }
        }
        facts = Some(known);
    }
    facts
}

/// What the judge of any PDF says of the same signature.
fn judged<'r>(report: &'r PdfReport, of: &ForeignSignature) -> Option<&'r SignatureReport> {
    let signatures = report.signatures.iter();
    let mut signatures = signatures.filter(|one| one.kind != SignatureKind::DocumentTimestamp);
    signatures.find(|one| one.covered_bytes == of.covered_end as u64)
}

fn said(remark: &Remark, place: &Place) -> Finding {
    Finding::new(remark.code, place.clone()).with("detail", &remark.detail)
}

/// What can be told of a signature without trust.
fn facts_of(
    signature: &ForeignSignature,
    examined: &Examined,
    length_bytes: usize,
) -> SignatureFacts {
    let has = |code| signature.remarks.iter().any(|remark| remark.code == code);
    let alone = examined.remarks.is_empty();
    SignatureFacts {
        intact: alone && !has(Code::KeptBroken) && !has(Code::KeptUnknown) && !has(Code::KeptWeak),
        covers_whole_file: signature.covered_end == length_bytes,
        algorithm_allowed: signature.signer.is_some() && !has(Code::KeptWeak),
        claimed_time: signature.claimed_time,
        ..SignatureFacts::default()
    }
}

/// Whom to believe is not the package's word: what speaks against a signer is a doubt.
fn doubts(judged: &SignatureReport) -> Vec<String> {
    let signer = judged.signer.certificate.as_ref();
    let signer = signer.map_or("-", |certificate| &certificate.subject);
    let mut doubts = Vec::new();
    for reason in &judged.reasons {
        let doubt = match reason.code {
            Code::SignerUnknown => "no path to a trusted root",
            Code::CertificateOutOfTime => "certificate not valid at the claimed time",
            Code::DatesUnproven => "certificate not valid at the time that is proven",
            Code::KeyUsageWrong => "certificate may not be used for signing",
            Code::CertificateRevoked | Code::RevokedUnproven => "certificate revoked",
            Code::RevocationUnknown => "whether a certificate is revoked is not known",
            _ => continue,
        };
        doubts.push(format!("{signer}: {doubt}"));
    }
    doubts.dedup();
    doubts
}

/// Holds the text beside a kept document against the digests of its pages; returns how many fit.
pub fn check_text(
    text: &[u8],
    pages: &[&PublishedPage],
    path: &str,
    findings: &mut Findings,
) -> u64 {
    let texts: Vec<&[u8]> = text.split(|byte| *byte == b'\x0c').collect();
    if texts.len() != pages.len() {
        let finding = Finding::new(Code::PageCountDiffers, Place::file(path));
        findings.add(finding.with("said", pages.len()).with("found", texts.len()));
    }
    let mut same = 0;
    for (text, page) in texts.iter().zip(pages) {
        let found = Digest::of(text);
        if found == page.text_sha256 {
            same += 1;
        } else {
            let finding = Finding::new(Code::PageTextDiffers, Place::page(path, page.page));
            findings.add(finding.with("said", page.text_sha256).with("found", found));
        }
    }
    same
}
