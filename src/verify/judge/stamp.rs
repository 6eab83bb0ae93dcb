//! A time stamp (RFC 3161): over these very bytes, by an authority that may stamp, and so a
//! proof that they existed at its time.

use time::OffsetDateTime;

use super::facts::{SignerFacts, TimestampReport};
use super::flaw::Flaw;
use super::indication::{Indication, SubIndication};
use super::path::Purpose;
use super::standing::{self, Court, Reason};
use super::value::Value;
use crate::verify::finding::{Code, Severity};
use crate::verify::report::Chain;

/// Judges a time stamp; `proven` is the earliest time at which something around it proves it.
pub fn judge(
    value: &Value,
    proven: Option<OffsetDateTime>,
    court: &Court<'_>,
) -> (TimestampReport, Vec<Reason>) {
    let judged_at = proven.unwrap_or(court.now);
    let authority = standing::facts(value, Purpose::Stamp, judged_at, court);
    let mut reasons = flaws(value);
    let intact = value.stamped_time.is_some() && value.holds && reasons.is_empty();
    reasons.extend(standing::weak(value, &authority).map(as_stamp));
    let claimed = value.stamped_time;
    let of_authority = standing::reasons(&authority, judged_at, proven.is_some(), claimed);
    reasons.extend(of_authority.into_iter().map(as_stamp));
    if let (Some(time), Some(certificate)) = (value.stamped_time, &authority.certificate) {
        let dates = certificate.not_before..=certificate.not_after;
        if !dates.contains(&time) {
            let detail = "stamped outside the dates of the authority's certificate";
            let sub = SubIndication::OutOfBoundsNoPoe;
            reasons.push(Reason::new(Code::TimestampUnproven, sub, detail));
        }
        if time > court.now {
            let detail = format!("stamped in the future: {time}");
            let sub = SubIndication::TimestampOrderFailure;
            reasons.push(Reason::new(Code::TimestampUnproven, sub, detail));
        }
        if proven.is_some_and(|proven| time > proven) {
            let detail = "stamped later than a time stamp around it";
            let sub = SubIndication::TimestampOrderFailure;
            reasons.push(Reason::new(Code::TimestampUnproven, sub, detail));
        }
    }
    let trusted = authority.path.state == Chain::Trusted;
    let open = reasons.iter().any(|r| r.code.severity() > Severity::Note);
    let sub_indication = reasons.iter().filter_map(|reason| reason.sub).min();
    let proves_time = intact && trusted && !open;
    let report = TimestampReport {
        time: value.stamped_time,
        intact,
        proves_time,
        indication: match proves_time {
            true => Indication::TotalPassed,
            false => sub_indication.map_or(Indication::Indeterminate, SubIndication::indication),
        },
        sub_indication,
        judged_at,
        authority,
    };
    (report, reasons)
}

fn flaws(value: &Value) -> Vec<Reason> {
    let each = value.flaws.iter().filter_map(|flaw| {
        let (code, sub) = match flaw {
            // The table of algorithms says it.
            Flaw::Weak(_) => return None,
            Flaw::Format(_) => (Code::TimestampBroken, SubIndication::FormatFailure),
            Flaw::Digest => (Code::TimestampBroken, SubIndication::HashFailure),
            Flaw::Value | Flaw::OtherCertificate => {
                (Code::TimestampBroken, SubIndication::SigCryptoFailure)
            }
            Flaw::NoCertificate => (
                Code::TimestampUnproven,
                SubIndication::NoSigningCertificateFound,
            ),
            Flaw::Unjudged(_) => (Code::TimestampUnproven, SubIndication::Generic),
        };
        Some(Reason::new(code, sub, flaw))
    });
    each.collect()
}

/// What speaks against an authority leaves the time unproven; it does not break the document.
fn as_stamp(reason: Reason) -> Reason {
    let told: Vec<&str> = reason
        .params
        .iter()
        .map(|(_, value)| value.as_str())
        .collect();
    let what = match reason.code {
        Code::SignerUnknown => "the authority leads to no trusted root",
        Code::KeyUsageWrong => "the authority was not certified for stamping the time",
        Code::AlgorithmNotAllowed => "an algorithm that is not allowed",
        Code::DatesUnproven | Code::CertificateOutOfTime => {
            "the authority's certificate is not valid at the judged time"
        }
        Code::RevocationUnknown => "whether the authority is revoked is not known",
        _ => "the authority was revoked",
    };
    let told: Vec<&str> = told.into_iter().filter(|text| !text.is_empty()).collect();
    let detail = format!("{what}: {}", told.join(", "));
    Reason::new(Code::TimestampUnproven, reason.sub, detail)
}

/// True where every certificate of a path below the root has its word in the file itself.
pub fn carries_its_proofs(facts: &SignerFacts) -> bool {
    facts.path.state == Chain::Trusted && facts.revocation.iter().all(|one| one.in_the_file)
}
