//! Whether a certificate was revoked: revocation lists (RFC 5280, 5) and OCSP answers (RFC 6960), read
//! as a signer needs them before it keeps them in a file. The auditor has its own reading.

mod crl;
mod ocsp;

use der::asn1::ObjectIdentifier;
use der::{AnyRef, Decode, Reader, SliceReader};
use time::{Duration, OffsetDateTime};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlDistributionPoints};

use super::foreign_signature::made_by;
use super::x509::Certificate;

pub use crl::RevocationList;
pub use ocsp::{OcspAnswer, request_der};

/// id-ad-ocsp (RFC 5280, 4.2.2.1).
const ID_AD_OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");

/// What a list or an answer says of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not revoked.
    Good,
    /// Revoked at this time.
    Revoked(OffsetDateTime),
    /// It says nothing that holds: of another issuer, out of date, unsigned, unreadable.
    Silent,
}

/// True where this key, of the issuer, signed the certificate and its names follow each other.
pub fn issued_by(certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> bool {
    let Some(tbs) = signed_part(certificate.der()) else {
        return false;
    };
    let decoded = certificate.decoded();
    let signature = decoded.signature.as_bytes().unwrap_or_default();
    let key = &issuer.decoded().tbs_certificate.subject_public_key_info;
    certificate.issuer_der() == issuer.subject_der()
        && made_by(key, &decoded.signature_algorithm, None, tbs, signature)
}

/// Where the certificate says its revocation lists are to be had over HTTP.
pub fn list_urls(certificate: &Certificate<'_>) -> Vec<String> {
    let points = certificate.decoded().tbs_certificate.get();
    let Ok(Some((_, CrlDistributionPoints(points)))) = points else {
        return Vec::new();
    };
    let names = points
        .into_iter()
        .filter_map(|point| match point.distribution_point? {
            DistributionPointName::FullName(names) => Some(names),
            DistributionPointName::NameRelativeToCRLIssuer(_) => None,
        });
    names.flatten().filter_map(http_url).collect()
}

/// Where the certificate says its OCSP responder answers over HTTP.
pub fn ocsp_urls(certificate: &Certificate<'_>) -> Vec<String> {
    let access = certificate.decoded().tbs_certificate.get();
    let Ok(Some((_, AuthorityInfoAccessSyntax(access)))) = access else {
        return Vec::new();
    };
    let responders = access
        .into_iter()
        .filter(|one| one.access_method == ID_AD_OCSP);
    responders
        .filter_map(|one| http_url(one.access_location))
        .collect()
}

fn http_url(name: GeneralName) -> Option<String> {
    let GeneralName::UniformResourceIdentifier(url) = name else {
        return None;
    };
    let url = url.to_string();
    url.starts_with("http://").then_some(url)
}

/// The first part of a SEQUENCE, with its tag: what certificates, lists and answers sign.
fn signed_part(der: &[u8]) -> Option<&[u8]> {
    let outer = AnyRef::from_der(der).ok()?;
    SliceReader::new(outer.value()).ok()?.tlv_bytes().ok()
}

/// How much later than the signature word of revocation may be dated: a responder is asked after the
/// time of signing was taken, makes its answer then, and has a clock of its own.
const LATER: Duration = Duration::minutes(10);

/// True where word of this date may speak of that time.
fn has_begun(from: OffsetDateTime, at: OffsetDateTime) -> bool {
    from <= at.saturating_add(LATER)
}

fn moment(unix_seconds: u64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(unix_seconds).ok()?).ok()
}
