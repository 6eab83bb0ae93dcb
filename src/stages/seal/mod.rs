//! Seal: sign the files of a dossier and the header of the batch.

mod bundle;
mod elsewhere;
mod evidence;
mod fault;
mod key_file;
mod last;
mod level;
mod mark;
mod pem;
mod private_key;
#[cfg(test)]
mod tests;
mod token;
mod tsa;
mod web;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, UtcOffset};

use crate::formats::jws;
use crate::formats::pades::{self, Claim, Mark, PadesFault, SignedPdf};
use crate::formats::pdfa::ConformantPdf;
use crate::formats::signer::{RsaPadding, Signer};
use crate::formats::x509::{Certificate, CertificateFault};
use crate::model::manifest::{SealRecord, iso_8601};

pub use elsewhere::{Answer, AnswerFault, Answered, Asked, Collector, Elsewhere};
pub use evidence::{Evidence, EvidenceFault};
pub use fault::SealFault;
pub use key_file::KeyFile;
pub use last::{renewed, seal_lasting};
pub use level::{Lasting, Level, Unreached};
pub use mark::{CopyKind, MarkOptions};
pub use token::{Opening, Token, TokenFault, TokenOptions, TokenSeen, tokens};
pub use tsa::{HttpTimestamper, Sparing};
pub use web::Patience;

/// Việt Nam keeps one time zone and no summer time.
const VIETNAM_HOURS: i8 = 7;

/// What the signatures say beside the signer's name and the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Why the files are signed (`/Reason` of the signature).
    pub reason: String,
    /// Where they are signed (`/Location`); left out where absent.
    pub location: Option<String>,
    /// How an RSA key pads.
    pub rsa_padding: RsaPadding,
    /// What is seen of a signature on page 1.
    pub mark: MarkOptions,
    /// Which token signs.
    pub token: TokenOptions,
    /// How long the signatures shall last.
    pub level: Level,
    /// Address of the time-stamping authority (RFC 3161 over HTTP or HTTPS); empty where there is none.
    pub tsa: String,
    /// PEM file of the roots that servers of https must lead to; empty for those that this computer trusts.
    pub tls_roots: PathBuf,
    /// What becomes of a file whose level cannot be reached now.
    pub if_unreached: Unreached,
    /// Files with certificates above the signers', revocation lists and OCSP answers (PEM or DER).
    pub evidence: Vec<PathBuf>,
    /// Ask over HTTP for lists and answers that no file holds.
    pub fetch: bool,
    /// How long and how often servers are asked.
    pub patience: Patience,
}

impl Options {
    /// These options with everything at its default that changes no byte of a file but through the
    /// state of the network: addresses, files and patience.
    pub fn deciding(&self) -> Self {
        Self {
            reason: self.reason.clone(),
            location: self.location.clone(),
            level: self.level,
            rsa_padding: self.rsa_padding,
            mark: self.mark.clone(),
            ..Self::default()
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            reason: "Số hóa hồ sơ, giấy tờ thủ tục hành chính".to_owned(),
            location: None,
            rsa_padding: RsaPadding::default(),
            mark: MarkOptions::default(),
            token: TokenOptions::default(),
            level: Level::default(),
            tsa: String::new(),
            tls_roots: PathBuf::new(),
            if_unreached: Unreached::default(),
            evidence: Vec::new(),
            fetch: true,
            patience: Patience::default(),
        }
    }
}

/// A signed file and what the manifest says of its signature.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The file.
    pub pdf: SignedPdf,
    /// Its line in the manifest.
    pub record: SealRecord,
}

/// Signs one file at level B-B; `at` is the claimed time and must lie in the certificate's life.
pub fn seal(
    pdf: &ConformantPdf,
    signer: &dyn Signer,
    options: &Options,
    at: OffsetDateTime,
) -> Result<Sealed, SealFault> {
    let claim = claim(options, at)?;
    let certificate = Certificate::read(signer.certificate_der())?;
    check_valid(&certificate, claim.at)?;
    let mark = options.mark.at(claim.at);
    Ok(Sealed {
        pdf: signed(
            pdf,
            signer,
            &claim,
            mark.as_ref(),
            options.level.room_bytes(),
        )?,
        record: record(&certificate, claim.at, mark.as_ref()),
    })
}

/// The file signed, with its mark where it has one and room behind the signature.
fn signed(
    pdf: &ConformantPdf,
    signer: &dyn Signer,
    claim: &Claim,
    mark: Option<&Mark>,
    room_bytes: usize,
) -> Result<SignedPdf, PadesFault> {
    match mark {
        Some(mark) => pades::sign_marked(pdf, signer, claim, mark, room_bytes),
        None => pades::sign_with_room(pdf, signer, claim, room_bytes),
    }
}

fn claim(options: &Options, at: OffsetDateTime) -> Result<Claim, SealFault> {
    Ok(Claim {
        at: vietnam_time(at)?,
        reason: Some(options.reason.clone()),
        location: options.location.clone(),
    })
}

/// Signs the bytes of `batch.json` as a compact JWS (RFC 7515).
pub fn seal_header(header_json: &[u8], signer: &dyn Signer) -> Result<String, SealFault> {
    Ok(jws::sign(header_json, signer)?)
}

fn record(certificate: &Certificate<'_>, at: OffsetDateTime, mark: Option<&Mark>) -> SealRecord {
    SealRecord::Signed {
        level: Level::BB.name().to_owned(),
        signer: certificate.subject(),
        certificate_sha256: certificate.digest(),
        claimed_at: iso_8601(at),
        mark: mark.map(Mark::text),
        wanted_level: None,
        stamped_at: None,
        archived_at: None,
    }
}

/// The same moment on a Vietnamese clock, in whole seconds: `/M` knows no smaller part.
fn vietnam_time(at: OffsetDateTime) -> Result<OffsetDateTime, SealFault> {
    let zone = UtcOffset::from_hms(VIETNAM_HOURS, 0, 0).expect("seven hours are an offset");
    let local = at.checked_to_offset(zone).filter(|at| at.year() >= 0);
    let local = local.ok_or(SealFault::TimeOutOfRange)?;
    Ok(local - Duration::nanoseconds(local.nanosecond().into()))
}

/// Refuses a certificate that does not hold at this moment.
fn check_valid(certificate: &Certificate<'_>, at: OffsetDateTime) -> Result<(), SealFault> {
    let validity = certificate.validity().ok_or(CertificateFault::Unreadable)?;
    if at < validity.not_before {
        return Err(SealFault::NotYetValid {
            from: validity.not_before,
        });
    }
    if at > validity.not_after {
        return Err(SealFault::Expired {
            until: validity.not_after,
        });
    }
    Ok(())
}
