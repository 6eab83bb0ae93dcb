//! One signature of a file: what was found about it, and what follows.

use lopdf::Document;
use time::OffsetDateTime;

use super::changes;
use super::facts::{
    Change, Level, Permission, ProvenBy, RevocationFacts, RevocationState, SignatureKind,
    SignatureReport, SignerFacts, TimestampReport,
};
use super::flaw::Flaw;
use super::indication::{Indication, SubIndication};
use super::path::Purpose;
use super::places::{self, CoverFlaw, Place};
use super::stamp;
use super::standing::{self, Court, Reason};
use super::value::{self, Form, Value};
use crate::verify::claimed_time;
use crate::verify::finding::{self, Code, Finding, Findings};
use crate::verify::report::{Chain, Verdict};

/// A signature as far as it can be told without trust and time.
pub struct Found {
    /// What it is for.
    pub kind: SignatureKind,
    /// DocMDP, where it sets one.
    pub certified: Option<i64>,
    /// Where the covered bytes end; 0 where that cannot be told.
    pub covered_end: usize,
    /// What was changed behind it.
    pub changes: Vec<Change>,
    /// A document time stamp over validation data.
    pub covers_proofs: bool,
    field: Option<String>,
    sub_filter: String,
    claimed_time: Option<OffsetDateTime>,
    /// The value; absent where none can be read.
    value: Option<Value>,
    tokens: Vec<Value>,
    /// What is wrong with how it stands in the file.
    cover: Option<CoverFlaw>,
    zero_padded: bool,
}

impl Found {
    /// Its value and those of the time stamps inside it.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.value.iter().chain(&self.tokens)
    }
}

/// Examines one signature.
pub fn examine(file: &[u8], document: &Document, place: &Place<'_>) -> Found {
    let entry = |key: &[u8]| place.dictionary.get_deref(key, document).ok();
    let sub_filter = entry(b"SubFilter").and_then(|name| name.as_name().ok());
    let sub_filter = sub_filter.unwrap_or_default();
    let rules = places::rules(document, place.dictionary);
    let field = place
        .field
        .and_then(|field| field.get_deref(b"T", document).ok());
    let claimed = entry(b"M").and_then(|text| text.as_str().ok());
    let mut found = Found {
        kind: match (sub_filter, rules.certified) {
            (b"ETSI.RFC3161", _) => SignatureKind::DocumentTimestamp,
            (_, Some(_)) => SignatureKind::Certification,
            (_, None) => SignatureKind::Approval,
        },
        certified: rules.certified,
        covered_end: 0,
        changes: Vec::new(),
        covers_proofs: false,
        field: field.and_then(|name| Some(text(name.as_str().ok()?))),
        sub_filter: String::from_utf8_lossy(sub_filter).into_owned(),
        claimed_time: claimed.and_then(claimed_time::from_any_pdf),
        value: None,
        tokens: Vec::new(),
        cover: None,
        zero_padded: true,
    };
    match places::covered(file, document, place) {
        Err(flaw) => found.cover = Some(flaw),
        Ok(covered) => {
            found.covered_end = covered.end;
            found.zero_padded = covered.zero_padded;
            found.changes = changes::behind(file, document, covered.end, &rules);
            if found.kind == SignatureKind::DocumentTimestamp {
                found.covers_proofs = covers_proofs(&file[..covered.end]);
            }
            read_value(&mut found, &covered.value, &covered.parts(file), sub_filter);
        }
    }
    found
}

fn read_value(found: &mut Found, der: &[u8], parts: &[&[u8]], sub_filter: &[u8]) {
    let Some(form) = Form::of(sub_filter) else {
        let flaw = format!("signature of the kind {:?}", found.sub_filter);
        found.value = Some(Value {
            flaws: vec![Flaw::Unjudged(flaw)],
            ..Value::default()
        });
        return;
    };
    let value = value::examine(der, parts, form);
    let tokens = value.time_stamps.iter();
    found.tokens = tokens
        .map(|token| value::examine(token, &[&value.signature], Form::TimeStamp))
        .collect();
    // The dictionary's own word first: it is what people are shown (ISO 32000-2, table 255).
    found.claimed_time = found.claimed_time.or(value.claimed_time);
    found.value = Some(value);
}

/// True where validation data already stood in the file when it was stamped.
fn covers_proofs(seen: &[u8]) -> bool {
    let document = places::open(seen).ok();
    let catalog = document
        .as_ref()
        .and_then(|document| document.catalog().ok());
    catalog.is_some_and(|catalog| catalog.has(b"DSS"))
}

/// A text string: UTF-16 with its mark, or bytes that are mostly ASCII (7.9.2.2).
fn text(bytes: &[u8]) -> String {
    match bytes.strip_prefix(&[0xFE, 0xFF]) {
        Some(units) => {
            let units = units.chunks_exact(2);
            let units: Vec<u16> = units
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .collect();
            String::from_utf16_lossy(&units)
        }
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// What stands around a signature in its file.
pub struct Around {
    /// The earliest time that a document time stamp around it proves.
    pub proven: Option<OffsetDateTime>,
    /// An intact document time stamp lies over it and over validation data.
    pub stamped: bool,
    /// The time at which the batch's evidence record proves that it existed.
    pub recorded: Option<OffsetDateTime>,
    /// Length of the file.
    pub length_bytes: usize,
}

impl Around {
    /// Every time that is proven from outside, with what proves it.
    fn proofs(&self) -> impl Iterator<Item = (OffsetDateTime, ProvenBy)> {
        let outer = self.proven.map(|at| (at, ProvenBy::DocumentTimestamp));
        let record = self.recorded.map(|at| (at, ProvenBy::EvidenceRecord));
        outer.into_iter().chain(record)
    }

    /// The earliest time at which a time stamp inside is proven to have existed. A record whose
    /// authority's clock is behind the time stamp's is no word against either.
    fn of_stamp(&self, stamp: &Value) -> Option<OffsetDateTime> {
        let record = self.recorded.filter(|at| stamp.stamped_time <= Some(*at));
        self.proven.into_iter().chain(record).min()
    }
}

/// Judges one signature.
pub fn judge(n: u32, found: &Found, around: &Around, court: &Court<'_>) -> SignatureReport {
    let none = Value::default();
    let value = found.value.as_ref().unwrap_or(&none);
    let is_stamp = found.kind == SignatureKind::DocumentTimestamp;
    let mut reasons = form_reasons(found, value);
    let broken = |reasons: &[Reason]| reasons.iter().any(|r| r.sub.is_some());
    let mut intact = value.holds && !broken(&reasons);
    reasons.extend(change_reasons(&found.changes));
    let mut timestamps: Vec<TimestampReport> = Vec::new();
    let stamps = match is_stamp {
        true => std::slice::from_ref(value),
        false => found.tokens.as_slice(),
    };
    for stamp in stamps {
        let (report, of_stamp) = stamp::judge(stamp, around.of_stamp(stamp), court);
        intact &= report.intact || !is_stamp;
        timestamps.push(report);
        reasons.extend(of_stamp);
    }
    let own = timestamps
        .iter()
        .filter(|stamp| stamp.proves_time && !is_stamp);
    let own = own.filter_map(|stamp| Some((stamp.time?, ProvenBy::SignatureTimestamp)));
    let (proven, proven_by) = own.chain(around.proofs()).min_by_key(|(at, _)| *at).unzip();
    let judged_at = proven.unwrap_or(court.now);
    let signer = match is_stamp {
        true => timestamps[0].authority.clone(),
        false => standing::facts(value, Purpose::Sign, judged_at, court),
    };
    if !is_stamp {
        let claimed = found.claimed_time;
        reasons.extend(standing::weak(value, &signer));
        reasons.extend(standing::reasons(
            &signer,
            judged_at,
            proven.is_some(),
            claimed,
        ));
        reasons.extend(time_reasons(found, proven, court.now));
    }
    if court.trust.roots() == 0 {
        let sub = SubIndication::NoCertificateChainFound;
        reasons.push(Reason::new(Code::NoTrustRoots, sub, ""));
    }
    if !is_sure(is_stamp, intact, &signer, &timestamps) {
        // Told only where no reason says more: nothing is valid for want of a reason.
        let open = reasons.iter().any(|reason| reason.sub.is_some());
        let detail = "not everything about it could be judged";
        let reason = Reason::new(Code::SignatureUnjudged, SubIndication::Generic, detail);
        reasons.extend((!open).then_some(reason));
    }
    let level = level(found, value, intact, &timestamps, around, &signer);
    let (verdict, sub_indication, reasons) = weigh(n, reasons);
    SignatureReport {
        n,
        kind: found.kind,
        field: found.field.clone(),
        sub_filter: found.sub_filter.clone(),
        verdict,
        indication: match (verdict, sub_indication) {
            (_, Some(sub)) => sub.indication(),
            (Verdict::Valid, None) => Indication::TotalPassed,
            (_, None) => Indication::Indeterminate,
        },
        sub_indication,
        level,
        intact,
        covered_bytes: found.covered_end as u64,
        covers_whole_file: found.covered_end == around.length_bytes,
        changes: found.changes.clone(),
        claimed_time: found.claimed_time,
        proven_time: proven,
        proven_by,
        judged_at,
        signer,
        timestamps,
        reasons,
    }
}

/// True where everything that a valid signature needs was found, each by itself.
fn is_sure(
    is_stamp: bool,
    intact: bool,
    signer: &SignerFacts,
    timestamps: &[TimestampReport],
) -> bool {
    let known = |one: &RevocationFacts| one.state != RevocationState::Unknown;
    let signer_is_sure = signer.path.state == Chain::Trusted
        && signer.valid_at_judged_time
        && signer.key_usage_ok
        && signer.algorithms.allowed
        && signer.revocation.iter().all(known);
    let stamps_are_sure = timestamps.iter().all(|stamp| stamp.proves_time);
    intact && stamps_are_sure && (is_stamp || signer_is_sure)
}

/// What is wrong with the place and the value of a signature.
fn form_reasons(found: &Found, value: &Value) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let Some(flaw) = &found.cover {
        let code = match flaw {
            CoverFlaw::NoValue => Code::SignatureBroken,
            _ => Code::SignatureNotWhole,
        };
        reasons.push(Reason::new(code, SubIndication::FormatFailure, flaw));
    }
    if !found.zero_padded {
        let detail = "the signature value is followed by other bytes than zeros";
        let sub = SubIndication::FormatFailure;
        reasons.push(Reason::new(Code::SignatureBroken, sub, detail));
    }
    // A document time stamp's own flaws are told as those of a time stamp.
    let own = match found.kind {
        SignatureKind::DocumentTimestamp => &[],
        _ => value.flaws.as_slice(),
    };
    reasons.extend(own.iter().filter_map(flaw_reason));
    let names_its_certificate = value.certificate_named || !value.holds;
    if found.sub_filter == "ETSI.CAdES.detached" && !names_its_certificate {
        let detail = "no signed attribute names the signer's certificate";
        let sub = SubIndication::SigConstraintsFailure;
        if !own.contains(&Flaw::OtherCertificate) {
            reasons.push(Reason::new(Code::SignatureUnjudged, sub, detail));
        }
    }
    reasons
}

fn flaw_reason(flaw: &Flaw) -> Option<Reason> {
    let (code, sub) = match flaw {
        // The table of algorithms says it.
        Flaw::Weak(_) => return None,
        Flaw::Format(_) => (Code::SignatureBroken, SubIndication::FormatFailure),
        Flaw::Digest => (Code::SignatureBroken, SubIndication::HashFailure),
        Flaw::Value => (Code::SignatureBroken, SubIndication::SigCryptoFailure),
        Flaw::OtherCertificate => (Code::SignatureBroken, SubIndication::SigCryptoFailure),
        Flaw::NoCertificate => (
            Code::SignatureUnjudged,
            SubIndication::NoSigningCertificateFound,
        ),
        Flaw::Unjudged(_) => (Code::SignatureUnjudged, SubIndication::Generic),
    };
    Some(Reason::new(code, sub, flaw))
}

fn change_reasons(changes: &[Change]) -> impl Iterator<Item = Reason> {
    changes.iter().map(|change| match change.permission {
        Permission::Allowed => Reason::new(Code::ProofsAdded, None, &change.detail),
        Permission::Unjudged => {
            let sub = SubIndication::SigConstraintsFailure;
            Reason::new(Code::ChangeUnjudged, sub, &change.detail)
        }
        Permission::Forbidden => {
            let sub = SubIndication::SigConstraintsFailure;
            Reason::new(Code::ForeignChange, sub, &change.detail)
        }
    })
}

/// What the times say of each other.
fn time_reasons(found: &Found, proven: Option<OffsetDateTime>, now: OffsetDateTime) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if proven.is_none() {
        reasons.push(Reason::new(Code::TimeSelfReported, None, ""));
    }
    if proven.is_none() && found.claimed_time.is_none() {
        let detail = "no time of signing is claimed or proven";
        let sub = SubIndication::SigConstraintsFailure;
        reasons.push(Reason::new(Code::SignatureUnjudged, sub, detail));
    }
    if let Some(claimed) = found.claimed_time.filter(|claimed| *claimed > now) {
        let mut reason = Reason::new(Code::TimeInFuture, SubIndication::Generic, "");
        reason.params.push(("claimed", claimed.to_string()));
        reason.params.push(("at", now.to_string()));
        reasons.push(reason);
    }
    reasons
}

/// The form that it has, each level holding the one below.
fn level(
    found: &Found,
    value: &Value,
    intact: bool,
    timestamps: &[TimestampReport],
    around: &Around,
    signer: &SignerFacts,
) -> Option<Level> {
    if !intact || found.kind == SignatureKind::DocumentTimestamp {
        return None;
    }
    let is_pades = found.sub_filter == "ETSI.CAdES.detached" && value.certificate_named;
    let stamped = timestamps.iter().any(|stamp| stamp.intact) || around.proven.is_some();
    let inside = timestamps.iter().filter(|stamp| stamp.intact);
    let mut signers = std::iter::once(signer).chain(inside.map(|stamp| &stamp.authority));
    let complete = signers.all(stamp::carries_its_proofs);
    Some(match (is_pades, stamped, complete, around.stamped) {
        (false, ..) => Level::Cms,
        (true, false, ..) => Level::BaselineB,
        (true, true, false, _) => Level::BaselineT,
        (true, true, true, false) => Level::BaselineLt,
        (true, true, true, true) => Level::BaselineLta,
    })
}

/// A reason in words.
pub fn told(reason: Reason, place: finding::Place) -> Finding {
    let mut finding = Finding::new(reason.code, place);
    for (name, value) in reason.params {
        finding = finding.with(name, value);
    }
    match reason.code {
        Code::TimeSelfReported | Code::NoTrustRoots => finding.with("count", 1),
        _ => finding,
    }
}

/// The bottom line that the reasons ask for, and the reasons ranked.
fn weigh(n: u32, reasons: Vec<Reason>) -> (Verdict, Option<SubIndication>, Vec<Finding>) {
    let mut findings = Findings::default();
    let sub = reasons.iter().filter_map(|reason| reason.sub).min();
    for reason in reasons {
        findings.add(told(reason, finding::Place::signature("", n)));
    }
    let verdict = Verdict::from_worst(findings.worst());
    let (reasons, _) = findings.ranked();
    (verdict, sub, reasons)
}
