//! `batch.jws`: the signature over the batch header, JWS in compact form (RFC 7515).
//!
//! The algorithm is taken from an allow-list and must be that of the key in the
//! certificate, so neither `none` nor an HMAC keyed with a public key can pass
//! (RFC 8725, 3.1); headers that ask for more than we know are refused.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use time::OffsetDateTime;

use super::algorithms::{self, EcdsaForm, KeyFlaw, Scheme};
use super::certificate::Cert;
use super::dossier;
use super::finding::{Code, Finding, Findings, Place};
use super::folder::{Folder, Unopened};
use super::limits;
use super::report::SignatureFacts;
use super::seal::{self, Yardstick};

/// The signature's name in a package.
pub const SIGNATURE: &str = "batch.jws";

/// What is wrong with a JWS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsFlaw {
    /// Not three parts of base64url.
    #[error("not three parts of base64url")]
    NotCompact,
    /// The header is not the one we write: `alg`, `typ` and `x5c`, nothing else.
    #[error("unknown header")]
    Header,
    /// The algorithm is not on the list.
    #[error("algorithm {0}")]
    Algorithm(String),
    /// The key is not allowed.
    #[error(transparent)]
    Key(#[from] KeyFlaw),
    /// The algorithm is not that of the key.
    #[error("algorithm is not that of the key")]
    OtherKey,
    /// No certificate that can be read.
    #[error("no readable certificate")]
    NoCertificate,
    /// It signs other bytes than those of `batch.json`.
    #[error("payload is not batch.json")]
    OtherPayload,
    /// The signature value does not hold.
    #[error("signature value does not hold")]
    ValueWrong,
}

impl JwsFlaw {
    fn code(&self) -> Code {
        match self {
            JwsFlaw::Algorithm(_) | JwsFlaw::Key(_) | JwsFlaw::OtherKey => {
                Code::AlgorithmNotAllowed
            }
            _ => Code::BatchSignatureBroken,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JwsHeader {
    alg: String,
    typ: String,
    x5c: Vec<String>,
}

/// Judges the batch's signature over the bytes of `batch.json`; absent where there is none.
pub fn examine(
    folder: &Folder,
    header: &[u8],
    created: Option<OffsetDateTime>,
    by: &Yardstick<'_>,
    findings: &mut Findings,
) -> Option<SignatureFacts> {
    let place = Place::file(SIGNATURE);
    let token = match folder.file(SIGNATURE) {
        Ok(file) => file.read(limits::JWS_BYTES),
        Err(Unopened::Missing) => {
            findings.add(Finding::new(Code::BatchUnsigned, place));
            return None;
        }
        Err(why) => {
            findings.add(dossier::unopened(SIGNATURE, why));
            return None;
        }
    };
    let mut facts = SignatureFacts {
        claimed_time: created,
        ..SignatureFacts::default()
    };
    match token {
        Ok(Some(token)) => judge(&token, header, &mut facts, by, findings),
        Ok(None) => findings.add(dossier::over_budget(SIGNATURE, limits::JWS_BYTES)),
        Err(fault) => findings.add(dossier::unreadable(SIGNATURE, &fault)),
    }
    Some(facts)
}

fn judge(
    token: &[u8],
    payload: &[u8],
    facts: &mut SignatureFacts,
    by: &Yardstick<'_>,
    findings: &mut Findings,
) {
    let place = Place::file(SIGNATURE);
    let (certificates, flaws) = check(token, payload);
    facts.intact = flaws.is_empty();
    facts.covers_whole_file = !flaws.contains(&JwsFlaw::OtherPayload) && facts.intact;
    let of_algorithm = |flaw: &JwsFlaw| flaw.code() == Code::AlgorithmNotAllowed;
    facts.algorithm_allowed = !certificates.is_empty() && !flaws.iter().any(of_algorithm);
    for flaw in flaws {
        findings.add(Finding::new(flaw.code(), place.clone()).with("detail", flaw));
    }
    if let Some((signer, beside)) = certificates.split_first() {
        facts.signer = Some(signer.subject());
        seal::judge_signer(signer, beside, facts, by, &place, findings);
    }
}

/// The certificates of a token, the signer's first, and everything wrong with it.
pub(super) fn check(token: &[u8], payload: &[u8]) -> (Vec<Cert>, Vec<JwsFlaw>) {
    let Some(parts) = Parts::of(token) else {
        return (Vec::new(), vec![JwsFlaw::NotCompact]);
    };
    let mut flaws = Vec::new();
    if parts.payload != payload {
        flaws.push(JwsFlaw::OtherPayload);
    }
    let header: JwsHeader = match serde_json::from_slice(&parts.header) {
        Ok(header) => header,
        Err(_) => {
            flaws.extend([unknown_header(&parts.header)]);
            return (Vec::new(), flaws);
        }
    };
    if header.typ != "JOSE" {
        flaws.push(JwsFlaw::Header);
    }
    let certificates = certificates(&header.x5c).unwrap_or_default();
    match certificates.first() {
        Some(signer) => flaws.extend(value_flaw(&parts, &header.alg, signer)),
        None => flaws.push(JwsFlaw::NoCertificate),
    }
    (certificates, flaws)
}

/// A header that is not ours; one that names a foreign algorithm says so.
fn unknown_header(header: &[u8]) -> JwsFlaw {
    let header: Option<serde_json::Value> = serde_json::from_slice(header).ok();
    let alg = header
        .as_ref()
        .and_then(|header| header.get("alg")?.as_str());
    match alg {
        Some(alg) if scheme_of(alg).is_none() => JwsFlaw::Algorithm(alg.escape_debug().to_string()),
        _ => JwsFlaw::Header,
    }
}

fn scheme_of(alg: &str) -> Option<Scheme> {
    match alg {
        "RS256" => Some(Scheme::RsaPkcs1),
        "PS256" => Some(Scheme::RsaPss),
        "ES256" => Some(Scheme::EcdsaP256),
        "ES384" => Some(Scheme::EcdsaP384),
        _ => None,
    }
}

fn certificates(x5c: &[String]) -> Option<Vec<Cert>> {
    let few = x5c.iter().take(limits::CHAIN_CERTIFICATES);
    few.map(|text| Cert::from_der(&STANDARD.decode(text).ok()?))
        .collect()
}

fn value_flaw(parts: &Parts<'_>, alg: &str, signer: &Cert) -> Option<JwsFlaw> {
    let Some(named) = scheme_of(alg) else {
        return Some(JwsFlaw::Algorithm(alg.escape_debug().to_string()));
    };
    let key = &signer.body.tbs_certificate.subject_public_key_info;
    match algorithms::key_kind(key) {
        Err(flaw) => Some(flaw.into()),
        Ok(kind) if kind != named.kind() => Some(JwsFlaw::OtherKey),
        Ok(_) => {
            let (form, value) = (EcdsaForm::Fixed, &parts.value);
            let holds = algorithms::holds(key, named, form, parts.signed, value);
            (!holds).then_some(JwsFlaw::ValueWrong)
        }
    }
}

/// The parts of a compact token (RFC 7515, 7.1).
struct Parts<'t> {
    signed: &'t [u8],
    header: Vec<u8>,
    payload: Vec<u8>,
    value: Vec<u8>,
}

impl<'t> Parts<'t> {
    fn of(token: &'t [u8]) -> Option<Self> {
        let mut parts = token.split(|byte| *byte == b'.');
        let (header, payload, value) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            signed: token.get(..header.len() + 1 + payload.len())?,
            header: URL_SAFE_NO_PAD.decode(header).ok()?,
            payload: URL_SAFE_NO_PAD.decode(payload).ok()?,
            value: URL_SAFE_NO_PAD.decode(value).ok()?,
        })
    }
}
