//! Revocation lists of the issuer itself (RFC 5280, 5). Indirect and partial lists are silent: what they
//! say of a certificate would need more than the list.

use const_oid::db::rfc5912::{ID_CE_DELTA_CRL_INDICATOR, ID_CE_ISSUING_DISTRIBUTION_POINT};
use der::{Decode, Encode};
use time::OffsetDateTime;
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::KeyUsage;

use super::{Standing, has_begun, moment, signed_part};
use crate::formats::foreign_signature::made_by;
use crate::formats::x509::Certificate;

/// A list as it came.
#[derive(Clone, Debug)]
pub struct RevocationList {
    der: Vec<u8>,
    decoded: CertificateList,
}

impl RevocationList {
    /// Reads a list in DER; `None` where the bytes are none.
    pub fn read(der: Vec<u8>) -> Option<Self> {
        let decoded = CertificateList::from_der(&der).ok()?;
        Some(Self { der, decoded })
    }

    /// The list's bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What it says of a certificate of this issuer at this time.
    pub fn standing(
        &self,
        certificate: &Certificate<'_>,
        issuer: &Certificate<'_>,
        at: OffsetDateTime,
    ) -> Standing {
        if !self.is_current(at) || !self.is_whole() || !self.is_of(issuer) {
            return Standing::Silent;
        }
        let serial = &certificate.decoded().tbs_certificate.serial_number;
        let revoked = self.decoded.tbs_cert_list.revoked_certificates.iter();
        let entry = revoked
            .flatten()
            .find(|entry| entry.serial_number == *serial);
        match entry.map(|entry| moment(entry.revocation_date.to_unix_duration().as_secs())) {
            None => Standing::Good,
            Some(Some(since)) => Standing::Revoked(since),
            Some(None) => Standing::Silent,
        }
    }

    /// Of this issuer, whose name it bears and whose key, allowed to do so, signed it.
    fn is_of(&self, issuer: &Certificate<'_>) -> bool {
        let decoded = &self.decoded;
        let tbs = &issuer.decoded().tbs_certificate;
        let may_sign = match tbs.get::<KeyUsage>() {
            Ok(None) => true,
            Ok(Some((_, usage))) => usage.crl_sign(),
            Err(_) => false,
        };
        let name = decoded.tbs_cert_list.issuer.to_der().ok();
        let signature = decoded.signature.as_bytes().unwrap_or_default();
        let key = &tbs.subject_public_key_info;
        may_sign
            && name.as_deref() == Some(issuer.subject_der())
            && signed_part(&self.der).is_some_and(|part| {
                made_by(key, &decoded.signature_algorithm, None, part, signature)
            })
    }

    /// Issued before and replaced after this time.
    fn is_current(&self, at: OffsetDateTime) -> bool {
        let list = &self.decoded.tbs_cert_list;
        let time = |time: &x509_cert::time::Time| moment(time.to_unix_duration().as_secs());
        let begun = time(&list.this_update).is_some_and(|from| has_begun(from, at));
        let next = list.next_update.as_ref().map(time);
        begun && next.is_some_and(|next| next.is_some_and(|until| at <= until))
    }

    /// Neither a delta nor a part of the whole list.
    fn is_whole(&self) -> bool {
        let extensions = self.decoded.tbs_cert_list.crl_extensions.iter().flatten();
        let partial = [ID_CE_DELTA_CRL_INDICATOR, ID_CE_ISSUING_DISTRIBUTION_POINT];
        !extensions
            .into_iter()
            .any(|one| partial.contains(&one.extn_id))
    }
}
