//! An answer of an OCSP responder (RFC 6960): who signed it, whom it speaks of, what it says.
//!
//! A responder may answer where it is the issuer itself, or where the issuer certified it for
//! that (id-kp-OCSPSigning) and said that it need not be looked up (ocsp-nocheck), RFC 6960,
//! 4.2.2.2. A nonce is not asked for: answers are kept with the file, not fetched.

use const_oid::db::rfc5280::ID_KP_OCSP_SIGNING;
use const_oid::db::rfc6960::{ID_PKIX_OCSP_ARCHIVE_CUTOFF, ID_PKIX_OCSP_NOCHECK};
use der::asn1::GeneralizedTime;
use der::{Decode, Encode};
use time::OffsetDateTime;
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_ocsp::{
    BasicOcspResponse, CertStatus, OcspResponse, OcspResponseStatus, ResponderId, SingleResponse,
};

use super::crl::{Entry, moment, seconds};
use super::crypto::Hash;
use super::path::Issuer;
use super::signed::Signed;
use crate::model::Digest;
use crate::verify::certificate::Cert;

/// An answer that was read.
#[derive(Debug)]
pub struct Answer {
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// When it was signed.
    pub produced_at: OffsetDateTime,
    responder: ResponderId,
    says: Vec<SingleResponse>,
    certs: Vec<Cert>,
    signed: Signed,
}

/// What an answer says of one certificate.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// When what it says was known to be so.
    pub this_update: OffsetDateTime,
    /// When newer word was promised.
    pub next_update: Option<OffsetDateTime>,
    /// Since when and why it is revoked; `None` where it is good.
    pub revoked: Option<Entry>,
    /// Certificates that ended since then are still known.
    keeps_since: Option<OffsetDateTime>,
}

impl Said {
    /// True where a certificate that ended then would still be known.
    pub fn keeps(&self, ended: OffsetDateTime) -> bool {
        ended >= self.this_update || self.keeps_since.is_some_and(|since| since <= ended)
    }
}

impl Answer {
    /// Reads an `OCSPResponse` or the `BasicOCSPResponse` inside it; `None` where it is neither.
    pub fn read(der: &[u8]) -> Option<Self> {
        let outer = OcspResponse::from_der(der).ok();
        let inner = match &outer {
            Some(outer) if outer.response_status == OcspResponseStatus::Successful => {
                outer.response_bytes.as_ref()?.response.as_bytes()
            }
            Some(_) => return None,
            None => der,
        };
        let basic = BasicOcspResponse::from_der(inner).ok()?;
        let certs = basic.certs.unwrap_or_default();
        let certs = certs
            .iter()
            .filter_map(|one| Cert::from_der(&one.to_der().ok()?));
        let data = basic.tbs_response_data;
        Some(Self {
            sha256: Digest::of(der),
            produced_at: seconds(data.produced_at.0.to_unix_duration().as_secs())?,
            responder: data.responder_id,
            says: data.responses,
            certs: certs.take(8).collect(),
            signed: Signed::read(inner)?,
        })
    }

    /// The certificates it brought.
    pub fn certs(&self) -> &[Cert] {
        &self.certs
    }

    /// What it says of a certificate; why nothing, where it may not or does not.
    pub fn said(&self, cert: &Cert, issuer: &Issuer<'_>) -> Result<Said, &'static str> {
        let mut says = self.says.iter();
        let found = says.find(|one| is_about(one, cert, issuer));
        let found = found.ok_or("an answer about another certificate")?;
        self.authorised(issuer)?;
        let time = |time: &x509_ocsp::OcspGeneralizedTime| {
            seconds(time.0.to_unix_duration().as_secs()).ok_or("a time that cannot be read")
        };
        let revoked = match &found.cert_status {
            CertStatus::Good(_) => None,
            CertStatus::Revoked(info) => Some(Entry {
                since: time(&info.revocation_time)?,
                reason: info.revocation_reason,
            }),
            CertStatus::Unknown(_) => return Err("the responder does not know the certificate"),
        };
        let extensions = found.single_extensions.iter().flatten();
        let cutoff = extensions
            .into_iter()
            .find(|one| one.extn_id == ID_PKIX_OCSP_ARCHIVE_CUTOFF)
            .and_then(|one| GeneralizedTime::from_der(one.extn_value.as_bytes()).ok());
        Ok(Said {
            this_update: time(&found.this_update)?,
            next_update: found.next_update.as_ref().map(time).transpose()?,
            revoked,
            keeps_since: cutoff.and_then(|time| seconds(time.to_unix_duration().as_secs())),
        })
    }

    /// The issuer signed the answer, or somebody whom it certified for that.
    fn authorised(&self, issuer: &Issuer<'_>) -> Result<(), &'static str> {
        if self.is_responder(issuer.cert) {
            return match self.signed.holds_under(issuer.key()) {
                true => Ok(()),
                false => Err("the answer's signature does not hold"),
            };
        }
        let mut certs = self.certs.iter();
        let responder = certs.find(|cert| self.is_responder(cert));
        let responder = responder.ok_or("the responder's certificate is not enclosed")?;
        let body = &responder.body.tbs_certificate;
        let certified = body.issuer == *issuer.name()
            && Signed::read(&responder.der).is_some_and(|one| one.holds_under(issuer.key()));
        let purposes = body.get::<ExtendedKeyUsage>();
        let named = purposes.is_ok_and(|found| {
            found.is_some_and(|(_, found)| found.0.contains(&ID_KP_OCSP_SIGNING))
        });
        let mut extensions = body.extensions.iter().flatten();
        let need_not_be_looked_up = extensions.any(|one| one.extn_id == ID_PKIX_OCSP_NOCHECK);
        let (from, to) = (
            moment(body.validity.not_before),
            moment(body.validity.not_after),
        );
        let valid = from.is_some_and(|from| from <= self.produced_at)
            && to.is_some_and(|to| self.produced_at <= to);
        match () {
            () if !certified => Err("the responder is not certified by the issuer"),
            () if !named => Err("the responder was not certified for answering"),
            () if !valid => Err("the responder's certificate was not valid then"),
            () if !need_not_be_looked_up => Err("whether the responder is revoked is not known"),
            () if !self.signed.holds_under(&body.subject_public_key_info) => {
                Err("the answer's signature does not hold")
            }
            () => Ok(()),
        }
    }

    fn is_responder(&self, cert: &Cert) -> bool {
        let body = &cert.body.tbs_certificate;
        match &self.responder {
            ResponderId::ByName(name) => *name == body.subject,
            // Always SHA-1 (RFC 6960, 4.2.1): it names and proves nothing.
            ResponderId::ByKey(digest) => {
                let key = body.subject_public_key_info.subject_public_key.raw_bytes();
                digest.as_bytes() == Hash::Sha1.of(&[key]).as_ref()
            }
        }
    }
}

/// True where an answer is about this certificate of this issuer (RFC 6960, 4.1.1).
fn is_about(answer: &SingleResponse, cert: &Cert, issuer: &Issuer<'_>) -> bool {
    let id = &answer.cert_id;
    let Ok(hash) = Hash::named(id.hash_algorithm.oid) else {
        return false;
    };
    let name = issuer.name().to_der().unwrap_or_default();
    let key = issuer.key().subject_public_key.raw_bytes();
    id.serial_number == cert.body.tbs_certificate.serial_number
        && id.issuer_name_hash.as_bytes() == hash.of(&[&name]).as_ref()
        && id.issuer_key_hash.as_bytes() == hash.of(&[key]).as_ref()
}
