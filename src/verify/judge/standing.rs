//! One signer's certificate: the way to a root, its dates, its purpose, its revocation.

use time::OffsetDateTime;

use super::allowed;
use super::crl::moment;
use super::facts::{CertificateFacts, PathFacts, RevocationState, SignerFacts};
use super::flaw::Flaw;
use super::indication::SubIndication;
use super::path::{self, Path, Purpose, Way};
use super::revocation::{self, Material};
use super::value::Value;
use crate::verify::certificate::Cert;
use crate::verify::finding::Code;
use crate::verify::report::Chain;
use crate::verify::trust::Trust;

/// What certificates are judged by.
pub struct Court<'a> {
    /// Roots, and certificates lent.
    pub trust: &'a Trust,
    /// Certificates found in the file.
    pub pool: &'a [Cert],
    /// Lists and answers, given and embedded.
    pub material: &'a Material,
    /// The time of the audit.
    pub now: OffsetDateTime,
}

/// One reason, before it is put into words.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Which.
    pub code: Code,
    /// The same in the words of ETSI EN 319 102-1.
    pub sub: Option<SubIndication>,
    /// The particulars, by the names that the words use.
    pub params: Vec<(&'static str, String)>,
}

impl Reason {
    /// A reason with its technical words.
    pub fn new(code: Code, sub: impl Into<Option<SubIndication>>, detail: impl ToString) -> Self {
        Self {
            code,
            sub: sub.into(),
            params: vec![("detail", detail.to_string())],
        }
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }
}

/// The facts about the signer of a value, judged at a time.
pub fn facts(
    value: &Value,
    purpose: Purpose,
    judged_at: OffsetDateTime,
    court: &Court<'_>,
) -> SignerFacts {
    let mut facts = SignerFacts {
        algorithms: allowed::judge(&value.used, judged_at),
        certificate_named: value.certificate_named,
        ..SignerFacts::default()
    };
    let Some(signer) = &value.signer else {
        return facts;
    };
    let known = court.trust.known();
    let certificate = (*known.said(signer, || certificate_facts(signer))).clone();
    if let Some(certificate) = &certificate {
        let dates = certificate.not_before..=certificate.not_after;
        facts.valid_at_judged_time = dates.contains(&judged_at);
    }
    facts.key_usage_ok = match purpose {
        Purpose::Sign => path::may_sign(signer),
        Purpose::Stamp => path::may_stamp(signer),
    };
    if court.trust.roots() > 0 {
        // Dates that do not hold are a fact of their own; the path is judged inside them, so
        // that it does not read as missing for the same reason.
        let at = certificate.as_ref().map_or(judged_at, |certificate| {
            let last = certificate.not_after.max(certificate.not_before);
            judged_at.clamp(certificate.not_before, last)
        });
        let at_s = u64::try_from(at.unix_timestamp()).unwrap_or(0);
        let way = known.way(signer, court.pool, at_s, purpose, || {
            let found = path::find(signer, court.pool, court.trust, at_s, purpose);
            found.map(|path| told(path, signer))
        });
        match &*way {
            Ok(way) => follow(way, signer, judged_at, court, &mut facts),
            Err(why) => {
                facts.path.state = Chain::Untrusted;
                facts.path.why_not = Some(why.clone());
            }
        }
    }
    facts.certificate = certificate;
    facts
}

/// A path with what is said of it.
fn told(path: Path, signer: &Cert) -> Way {
    let links = path.links(signer);
    let names = links.iter().map(|(cert, _)| cert.subject()).collect();
    let facts = PathFacts {
        state: Chain::Trusted,
        between: path.between.iter().filter_map(certificate_facts).collect(),
        root: Some(path.root.subject()),
        why_not: None,
    };
    Way { path, facts, names }
}

fn follow(
    way: &Way,
    signer: &Cert,
    judged_at: OffsetDateTime,
    court: &Court<'_>,
    facts: &mut SignerFacts,
) {
    facts.path = way.facts.clone();
    let links = way.path.links(signer);
    let each = links.iter().zip(&way.names).map(|((cert, issuer), name)| {
        revocation::of((cert, name), issuer, court.material, judged_at, court.now)
    });
    facts.revocation = each.collect();
}

/// What a certificate says of itself; `None` where its dates cannot be read.
pub fn certificate_facts(cert: &Cert) -> Option<CertificateFacts> {
    let body = &cert.body.tbs_certificate;
    let serial = body.serial_number.as_bytes().iter();
    Some(CertificateFacts {
        subject: cert.subject(),
        issuer: body.issuer.to_string(),
        serial: serial.map(|byte| format!("{byte:02x}")).collect(),
        sha256: cert.digest(),
        not_before: moment(body.validity.not_before)?,
        not_after: moment(body.validity.not_after)?,
    })
}

/// Everything about a signer that keeps a signature from being valid. `proven` is true where a
/// time stamp proves the judged time; `claimed` is the signer's own word.
pub fn reasons(
    facts: &SignerFacts,
    judged_at: OffsetDateTime,
    proven: bool,
    claimed: Option<OffsetDateTime>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let Some(certificate) = &facts.certificate else {
        return reasons; // told where the value was examined
    };
    let signer = &certificate.subject;
    let dates = certificate.not_before..=certificate.not_after;
    if facts.path.state == Chain::Untrusted {
        let why = facts.path.why_not.as_deref().unwrap_or_default();
        let sub = SubIndication::NoCertificateChainFound;
        reasons.push(Reason::new(Code::SignerUnknown, sub, why).with("signer", signer));
    }
    if !facts.key_usage_ok {
        let sub = SubIndication::ChainConstraintsFailure;
        reasons.push(Reason::new(Code::KeyUsageWrong, sub, "").with("signer", signer));
    }
    if let Some(why) = &facts.algorithms.why_not {
        let sub = match proven {
            true => SubIndication::CryptoConstraintsFailure,
            false => SubIndication::CryptoConstraintsFailureNoPoe,
        };
        reasons.push(Reason::new(Code::AlgorithmNotAllowed, sub, why));
    }
    if !facts.valid_at_judged_time {
        let early = judged_at < certificate.not_before;
        let (code, sub) = match early && proven {
            true => (Code::CertificateOutOfTime, SubIndication::NotYetValid),
            false => (Code::DatesUnproven, SubIndication::OutOfBoundsNoPoe),
        };
        let reason = Reason::new(code, sub, "").with("signer", signer);
        reasons.push(reason.with("at", judged_at));
    }
    let proven_inside = proven && facts.valid_at_judged_time;
    if let Some(claimed) = claimed.filter(|claimed| !proven_inside && !dates.contains(claimed)) {
        // No proof speaks against the claim, and the certificate did not hold then.
        let sub = SubIndication::SigConstraintsFailure;
        let reason = Reason::new(Code::CertificateOutOfTime, sub, "").with("signer", signer);
        reasons.push(reason.with("at", claimed));
    }
    reasons.extend(revocation_reasons(facts, judged_at, claimed));
    reasons
}

/// Weak algorithms that the facts do not name, such as that of a digest inside.
pub fn weak<'v>(value: &'v Value, facts: &'v SignerFacts) -> impl Iterator<Item = Reason> + 'v {
    let told = facts.algorithms.why_not.as_deref().unwrap_or_default();
    value.flaws.iter().filter_map(move |flaw| match flaw {
        Flaw::Weak(name) if !told.contains(name.as_str()) => {
            let sub = SubIndication::CryptoConstraintsFailureNoPoe;
            Some(Reason::new(Code::AlgorithmNotAllowed, sub, name))
        }
        _ => None,
    })
}

fn revocation_reasons(
    facts: &SignerFacts,
    judged_at: OffsetDateTime,
    claimed: Option<OffsetDateTime>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (depth, one) in facts.revocation.iter().enumerate() {
        let since = one.revoked_at.unwrap_or(judged_at);
        let reason = match one.state {
            RevocationState::Good => continue,
            // Proven to be older than the revocation.
            RevocationState::Revoked if judged_at < since => continue,
            RevocationState::Revoked => {
                let sub = match depth {
                    0 => SubIndication::RevokedNoPoe,
                    _ => SubIndication::RevokedCaNoPoe,
                };
                // Who claims to have signed earlier may be right, and cannot prove it.
                let code = match claimed.is_some_and(|claimed| claimed < since) {
                    true => Code::RevokedUnproven,
                    false => Code::CertificateRevoked,
                };
                Reason::new(code, sub, "").with("since", since)
            }
            RevocationState::Unknown => {
                let why = one.why_unknown.as_deref().unwrap_or_default();
                Reason::new(Code::RevocationUnknown, SubIndication::TryLater, why)
            }
        };
        reasons.push(reason.with("signer", &one.certificate));
    }
    reasons
}
