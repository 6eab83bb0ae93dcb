//! Judges the signatures of any PDF by anyone: separate facts, the words of ETSI EN 319 102-1,
//! and one bottom line that follows from ranked reasons.
//!
//! The way of one file: [`places`] finds the signatures and what they cover, [`value`] checks
//! each value, [`changes`] tells what was changed behind it, [`embedded`] gathers the validation
//! data. Then, from the outermost signature inwards, [`stamp`] judges the time stamps, which
//! prove that what they cover existed at a time, and [`standing`] judges each signer at the
//! earliest time that is proven (ETSI EN 319 102-1, 5.5 and 5.6, in the form that one file with
//! given roots, lists and answers needs). Nothing is fetched; what is not known is not valid.

mod allowed;
pub(in crate::verify) mod changes;
mod crl;
pub(in crate::verify) mod crypto;
mod embedded;
mod facts;
pub(in crate::verify) mod flaw;
mod indication;
mod known;
mod ocsp;
mod path;
pub(in crate::verify) mod places;
mod reach;
mod revocation;
mod signature;
mod signed;
mod stamp;
mod standing;
mod twice;
pub(in crate::verify) mod value;

pub use allowed::digest_ends;
pub(in crate::verify) use allowed::digest_holds;
pub(in crate::verify) use crl::List;
pub use facts::{
    AlgorithmFacts, CertificateFacts, Change, ChangeKind, Existence, Level, Origin, PathFacts,
    PdfReport, Permission, ProvenBy, RevocationFacts, RevocationSource, RevocationSourceKind,
    RevocationState, SignatureKind, SignatureReport, SignerFacts, TimestampReport,
};
pub use indication::{Indication, SubIndication};
pub(in crate::verify) use known::Known;
pub(in crate::verify) use ocsp::Answer;

use std::sync::Arc;

use lopdf::Document;
use time::OffsetDateTime;

use super::certificate::Cert;
use super::finding::{Code, Finding, Findings, Place};
use super::pdf::contained;
use super::report::Verdict;
use super::trust::Trust;
use embedded::Embedded;
use path::Purpose;
use signature::Found;
use standing::Court;
use value::Value;

/// More signatures than this are not examined: each is held against a revision of its own.
pub(in crate::verify) const MOST_SIGNATURES: usize = 32;

/// Judges every signature of a file at this time; `existed` is what is proven beside the file.
pub(super) fn judge(
    bytes: &[u8],
    trust: &Trust,
    at: OffsetDateTime,
    existed: Option<Existence>,
) -> PdfReport {
    contained(|| look(bytes, trust, at, existed)).unwrap_or_else(|| {
        let detail = "the reader of PDF objects broke down";
        told(Vec::new(), vec![unjudged(detail)], trust, at)
    })
}

fn look(bytes: &[u8], trust: &Trust, at: OffsetDateTime, existed: Option<Existence>) -> PdfReport {
    let document = match places::open(bytes) {
        Ok(document) => document,
        Err(why) => {
            let finding = match bytes.starts_with(b"%PDF-") {
                true => unjudged(&why),
                false => finding(Code::PdfUnreadable).with("detail", why),
            };
            return told(Vec::new(), vec![finding], trust, at);
        }
    };
    let mut findings = Vec::new();
    if document.xref_recovery.is_some() {
        findings.push(unjudged(
            "the tables that say where objects lie are damaged",
        ));
    }
    if let Some(number) = places::unreadable_object(bytes, &document) {
        findings.push(unjudged(&format!("object {number} cannot be read")));
    }
    let places = places::all(&document);
    if places.is_empty() {
        findings.push(finding(Code::NoSignature));
    }
    if places.len() > MOST_SIGNATURES {
        findings.push(unjudged(&format!("{} signatures", places.len())));
        return told(Vec::new(), findings, trust, at);
    }
    let mut found: Vec<Found> = places
        .iter()
        .map(|place| signature::examine(bytes, &document, place))
        .collect();
    found.sort_by_key(|one| one.covered_end);
    let stamp = |one: &Found| one.kind == SignatureKind::DocumentTimestamp;
    // A file that nobody signed is not signed because its time was stamped.
    if !found.is_empty() && found.iter().all(stamp) {
        findings.push(finding(Code::NoSignature));
    }
    check_order(&mut found);
    let (pool, material) = evidence(&document, &found, trust);
    let court = Court {
        trust,
        pool: &pool,
        material: &material,
        now: at,
    };
    let signatures = judge_all(bytes.len(), &found, existed, &court);
    told(signatures, findings, trust, at)
}

/// From the outermost inwards: what an outer time stamp proves helps to judge what it covers.
fn judge_all(
    length_bytes: usize,
    found: &[Found],
    existed: Option<Existence>,
    court: &Court<'_>,
) -> Vec<SignatureReport> {
    let mut outer: Option<OffsetDateTime> = None;
    let mut stamped_around = false;
    let mut reports = Vec::new();
    for (at_place, one) in found.iter().enumerate().rev() {
        let n = at_place as u32 + 1;
        let around = signature::Around {
            proven: outer,
            stamped: stamped_around,
            recorded: existed.filter(|e| holds(e, one)).map(|e| e.at),
            length_bytes,
        };
        let report = signature::judge(n, one, &around, court);
        if report.kind == SignatureKind::DocumentTimestamp {
            stamped_around |= report.intact && one.covers_proofs;
            if report.timestamps.iter().all(|stamp| stamp.proves_time) {
                outer = [
                    outer,
                    report.timestamps.first().and_then(|stamp| stamp.time),
                ]
                .into_iter()
                .flatten()
                .min();
            }
        }
        reports.push(report);
    }
    reports.reverse();
    reports
}

/// True where the whole signature stands in the beginning that is proven: what it covers lies
/// around it (ISO 32000-2, 12.8.1), so that ends behind it.
fn holds(existed: &Existence, one: &Found) -> bool {
    (1..=existed.bytes).contains(&one.covered_end)
}

/// What is known of a signer outside of a PDF, and what speaks against him; `beside` are the
/// certificates that came with the signature. Judged at the time at which it is proven to have
/// existed, else at that of the audit.
pub(in crate::verify) fn signer(
    cert: &Cert,
    beside: &[Cert],
    trust: &Trust,
    claimed: Option<OffsetDateTime>,
    (proven, at): (Option<OffsetDateTime>, OffsetDateTime),
) -> (SignerFacts, Vec<Finding>) {
    let value = Value {
        signer: Some(cert.clone()),
        ..Value::default()
    };
    let material = given(trust, revocation::Material::default());
    let court = Court {
        trust,
        pool: beside,
        material: &material,
        now: at,
    };
    let judged_at = proven.unwrap_or(at);
    let facts = standing::facts(&value, Purpose::Sign, judged_at, &court);
    let reasons = standing::reasons(&facts, judged_at, proven.is_some(), claimed);
    let reasons = reasons.into_iter();
    let reasons = reasons.map(|reason| signature::told(reason, Place::default()));
    (facts, reasons.collect())
}

/// Judges a row of time stamps, each with the bytes it is over: every one covers those before it,
/// so the last is judged first and proves the time of the one before.
pub(in crate::verify) fn time_stamps(
    row: &[(Vec<u8>, Vec<u8>)],
    trust: &Trust,
    at: OffsetDateTime,
) -> (Vec<TimestampReport>, Vec<Finding>) {
    let examined = row.iter().map(|(token, covered)| {
        value::examine(token, &[covered.as_slice()], value::Form::TimeStamp)
    });
    let examined: Vec<Value> = examined.collect();
    let mut embedded = Embedded::default();
    for value in &examined {
        embedded.certs.extend_from_slice(&value.enclosed);
        embedded.add(value.crls.clone(), value.ocsp.clone());
    }
    let material = given(trust, embedded.material);
    let court = Court {
        trust,
        pool: &embedded.certs,
        material: &material,
        now: at,
    };
    let (mut proven, mut reports, mut findings) = (None, Vec::new(), Vec::new());
    for value in examined.iter().rev() {
        let (report, reasons) = stamp::judge(value, proven, &court);
        if report.proves_time {
            proven = report.time;
        }
        let reasons = reasons.into_iter();
        findings.extend(reasons.map(|reason| signature::told(reason, Place::default())));
        reports.push(report);
    }
    reports.reverse();
    (reports, findings)
}

/// The material with the lists and answers that were given.
fn given(trust: &Trust, mut material: revocation::Material) -> revocation::Material {
    let lists = trust.crls().iter().map(Arc::clone);
    let lists = lists.map(|list| (list, Origin::Given));
    material.lists.extend(lists);
    let answers = trust.ocsp().iter().map(Arc::clone);
    let answers = answers.map(|answer| (answer, Origin::Given));
    material.answers.extend(answers);
    material
}

/// Certificates, lists and answers: those of the file, those inside its signatures, those given.
fn evidence(
    document: &Document,
    found: &[Found],
    trust: &Trust,
) -> (Vec<Cert>, revocation::Material) {
    let mut embedded = Embedded::of(document);
    for value in found.iter().flat_map(Found::values) {
        embedded.certs.extend_from_slice(&value.enclosed);
        embedded.add(value.crls.clone(), value.ocsp.clone());
    }
    let mut known = std::collections::HashSet::new();
    embedded.certs.retain(|cert| known.insert(cert.digest()));
    (embedded.certs, given(trust, embedded.material))
}

/// A certified file that allows no change may not be signed again (ISO 32000-2, 12.8.2.2, P 1),
/// and only the first signature can certify (12.8.2.2.1).
fn check_order(found: &mut [Found]) {
    let later_signature = |end: usize, found: &[Found]| {
        let mut all = found.iter();
        all.any(|one| one.kind != SignatureKind::DocumentTimestamp && one.covered_end > end)
    };
    for at in 0..found.len() {
        let (end, final_) = (found[at].covered_end, found[at].certified == Some(1));
        if final_ && end > 0 && later_signature(end, found) {
            let change = Change {
                permission: Permission::Forbidden,
                kind: ChangeKind::Proofs,
                detail: "signed again although certified as final".to_owned(),
            };
            found[at].changes.insert(0, change);
        }
    }
    let first = found
        .iter()
        .find(|one| one.kind != SignatureKind::DocumentTimestamp);
    let first = first.map_or(0, |one| one.covered_end);
    for one in found
        .iter_mut()
        .filter(|one| one.certified.is_some() && one.covered_end > first)
    {
        one.changes.push(Change {
            permission: Permission::Unjudged,
            kind: ChangeKind::Catalog,
            detail: "a certification that is not the first signature".to_owned(),
        });
    }
}

fn finding(code: Code) -> Finding {
    Finding::new(code, Place::default())
}

fn unjudged(detail: &str) -> Finding {
    finding(Code::SignatureUnjudged).with("detail", detail)
}

fn told(
    signatures: Vec<SignatureReport>,
    of_file: Vec<Finding>,
    trust: &Trust,
    at: OffsetDateTime,
) -> PdfReport {
    let mut findings = Findings::default();
    let each = signatures
        .iter()
        .flat_map(|one| one.reasons.iter().cloned());
    of_file
        .into_iter()
        .chain(each)
        .for_each(|one| findings.add(one));
    let verdict = Verdict::from_worst(findings.worst());
    let (reasons, reasons_left_out) = findings.ranked();
    PdfReport {
        verdict,
        at,
        trust_roots: trust.roots(),
        signatures,
        reasons,
        reasons_left_out,
    }
}
