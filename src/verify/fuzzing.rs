//! The auditor's doors for the fuzzer; see `src/fuzzing.rs`.

use time::macros::datetime;

use super::finding::{Findings, Place};
use super::judge::value::{self, Form};
use super::pdf::Pdf;
use super::seal::{self, Yardstick};
use super::{
    Trust, aip, batch_signature, cades, conformance, dossier, header, judge, log, pages, proven,
    record, rules, words,
};
use crate::model::Digest;
use crate::model::manifest::SealRecord;

const AT: time::OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// A document of a package: revisions, marks of PDF/A, pages, signature.
pub fn document(bytes: &[u8]) {
    let Ok(pdf) = Pdf::open(bytes) else { return };
    let mut findings = Findings::default();
    conformance::check(&pdf, "document.pdf", &mut findings);
    pages::compare(&pdf, "document.pdf", 1, &[], &mut findings);
    let trust = Trust::none();
    let by = Yardstick {
        facts: false,
        partial: false,
        sums_only: false,
        recorded: None,
        list: None,
        trust: &trust,
        at: AT,
    };
    seal::examine(
        &pdf,
        &SealRecord::Waiting,
        &by,
        "document.pdf",
        &mut findings,
    );
    let _ = findings.ranked();
    let _ = words::words(bytes);
}

/// METS, a description or PREMIS of an archival package.
pub fn archival_package(bytes: &[u8]) {
    aip::read_all(bytes);
}

/// A line of the manifest and its rules.
pub fn manifest_line(line: &[u8]) {
    let place = Place::line(dossier::MANIFEST, 1);
    let mut findings = Findings::default();
    if let Some(record) = dossier::read(line, &place, &mut findings) {
        rules::check(&record, &place, &mut findings);
    }
}

/// `batch.json`.
pub fn batch_header(bytes: &[u8]) {
    let trust = Trust::none();
    let by = Yardstick {
        facts: false,
        partial: false,
        sums_only: false,
        recorded: None,
        list: None,
        trust: &trust,
        at: AT,
    };
    header::read(bytes, &by, &mut Findings::default());
}

/// `batch.jws`.
pub fn batch_signature(token: &[u8]) {
    batch_signature::check(token, b"{}");
}

/// A proof of a page or file, or one that leads to a log.
pub fn proof(bytes: &[u8]) {
    let trust = Trust::none();
    let against = proven::Against {
        file: None,
        batch: None,
        log_key: None,
        trust: &trust,
        at: AT,
    };
    let _ = proven::proof("fuzzed", bytes, &against);
}

/// An evidence record.
pub fn record(der: &[u8]) {
    let _ = record::follow(der, b"header", Some(Digest::of(b"signature")));
}

/// A log's proof of an entry.
pub fn log_proof(bytes: &[u8]) {
    if let Ok(proof) = log::LogProof::read(&String::from_utf8_lossy(bytes), None) {
        let _ = proof.proves("sohoa.v1 batch");
    }
}

/// A log's signed head and the line of a key.
pub fn log_note(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = log::LogPublicKey::read(&text);
    let key = log::LogPublicKey::read(
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    );
    let _ = log::Head::read(&text, key.as_ref());
}

/// The value of a signature, and the signer it names.
pub(crate) fn signature(der: &[u8], covered: &[&[u8]]) {
    let examined = cades::examine(der, covered);
    if let Some(signer) = &examined.signer {
        judge::signer(signer, &examined.enclosed, &Trust::none(), None, (None, AT));
    }
}

/// Any signed PDF: places, values, changes behind them, validation data.
pub fn signed_pdf(bytes: &[u8]) {
    super::pdf(bytes, &Trust::none(), AT);
}

/// A time stamp token over nothing.
pub fn time_stamp(der: &[u8]) {
    value::examine(der, &[], Form::TimeStamp);
}

/// A certificate revocation list.
pub fn revocation_list(der: &[u8]) {
    let _ = Trust::none().with_crls([der]);
}

/// An answer of an OCSP responder.
pub fn ocsp_answer(der: &[u8]) {
    let _ = Trust::none().with_ocsp([der]);
}
