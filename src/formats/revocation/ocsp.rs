//! OCSP (RFC 6960): asking for one certificate, and what of an answer holds.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::ID_KP_OCSP_SIGNING;
use const_oid::db::rfc5912::ID_SHA_256;
use const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK;
use der::asn1::{Null, OctetString};
use der::{Any, Decode, Encode};
use ring::digest;
use spki::AlgorithmIdentifierOwned;
use time::OffsetDateTime;
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspRequest, OcspResponse, OcspResponseStatus, Request,
    ResponderId, SingleResponse, TbsRequest,
};

use super::{Standing, has_begun, issued_by, moment, signed_part};
use crate::formats::foreign_signature::made_by;
use crate::formats::x509::Certificate;

/// id-sha1, which every responder knows for naming a certificate.
const ID_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");

/// id-pkix-ocsp-basic (RFC 6960, 4.2.1).
const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");

/// A request for this certificate of this issuer, in DER. Without a nonce: public responders sign their
/// answers beforehand (RFC 5019), and a stale answer is found by its times.
pub fn request_der(certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> Option<Vec<u8>> {
    // SHA-1 here only names the issuer (RFC 5019, 2.1.1): nothing rests on it.
    let request = OcspRequest {
        tbs_request: TbsRequest {
            request_list: vec![Request {
                req_cert: name_of(certificate, issuer, ID_SHA_1)?,
                single_request_extensions: None,
            }],
            ..TbsRequest::default()
        },
        optional_signature: None,
    };
    request.to_der().ok()
}

fn name_of(
    certificate: &Certificate<'_>,
    issuer: &Certificate<'_>,
    hash: ObjectIdentifier,
) -> Option<CertId> {
    let algorithm = match hash {
        ID_SHA_1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        ID_SHA_256 => &digest::SHA256,
        _ => return None,
    };
    let octets = |bytes: &[u8]| OctetString::new(digest::digest(algorithm, bytes).as_ref()).ok();
    let key = &issuer.decoded().tbs_certificate.subject_public_key_info;
    Some(CertId {
        hash_algorithm: AlgorithmIdentifierOwned {
            oid: hash,
            parameters: Some(Any::encode_from(&Null).ok()?),
        },
        issuer_name_hash: octets(issuer.subject_der())?,
        issuer_key_hash: octets(key.subject_public_key.as_bytes()?)?,
        serial_number: certificate.decoded().tbs_certificate.serial_number.clone(),
    })
}

/// A successful answer as it came.
#[derive(Clone, Debug)]
pub struct OcspAnswer {
    der: Vec<u8>,
    basic_der: Vec<u8>,
    basic: BasicOcspResponse,
}

impl OcspAnswer {
    /// Reads an answer in DER; `None` where the bytes are none or it is no success.
    pub fn read(der: Vec<u8>) -> Option<Self> {
        let outer = OcspResponse::from_der(&der).ok()?;
        let inner = outer
            .response_bytes
            .filter(|inner| inner.response_type == BASIC)?;
        if outer.response_status != OcspResponseStatus::Successful {
            return None;
        }
        let basic_der = inner.response.as_bytes().to_vec();
        let basic = BasicOcspResponse::from_der(&basic_der).ok()?;
        Some(Self {
            der,
            basic_der,
            basic,
        })
    }

    /// The answer's bytes, an OCSPResponse.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What it says of this certificate at this time.
    pub fn standing(
        &self,
        certificate: &Certificate<'_>,
        issuer: &Certificate<'_>,
        at: OffsetDateTime,
    ) -> Standing {
        let answers = self.basic.tbs_response_data.responses.iter();
        let answer = answers
            .filter(|one| is_current(one, at))
            .find(|one| is_about(one, certificate, issuer));
        let Some(answer) = answer.filter(|_| self.is_signed(issuer, at)) else {
            return Standing::Silent;
        };
        match &answer.cert_status {
            CertStatus::Good(_) => Standing::Good,
            CertStatus::Revoked(info) => {
                let since = moment(info.revocation_time.0.to_unix_duration().as_secs());
                since.map_or(Standing::Silent, Standing::Revoked)
            }
            CertStatus::Unknown(_) => Standing::Silent,
        }
    }

    /// Signed by the issuer itself, or by one that the issuer certified for it (RFC 6960, 4.2.2.2).
    fn is_signed(&self, issuer: &Certificate<'_>, at: OffsetDateTime) -> bool {
        if self.is_named(issuer) && self.made_with(issuer) {
            return true;
        }
        let carried = self.basic.certs.iter().flatten();
        let ders = carried.filter_map(|one| one.to_der().ok());
        ders.into_iter().any(|der| {
            Certificate::read(&der).is_ok_and(|responder| {
                may_answer(&responder, issuer, at)
                    && self.is_named(&responder)
                    && self.made_with(&responder)
            })
        })
    }

    fn is_named(&self, responder: &Certificate<'_>) -> bool {
        let tbs = &responder.decoded().tbs_certificate;
        match &self.basic.tbs_response_data.responder_id {
            ResponderId::ByName(name) => *name == tbs.subject,
            ResponderId::ByKey(hash) => {
                let bits = tbs.subject_public_key_info.subject_public_key.as_bytes();
                bits.is_some_and(|bits| {
                    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bits);
                    hash.as_bytes() == digest.as_ref()
                })
            }
        }
    }

    fn made_with(&self, responder: &Certificate<'_>) -> bool {
        let key = &responder.decoded().tbs_certificate.subject_public_key_info;
        let signature = self.basic.signature.as_bytes().unwrap_or_default();
        let algorithm = &self.basic.signature_algorithm;
        signed_part(&self.basic_der)
            .is_some_and(|part| made_by(key, algorithm, None, part, signature))
    }
}

/// Certified by the issuer for answering, and not itself to be looked up (RFC 6960, 4.2.2.2.1): whoever
/// reads the file later has nobody to ask whether the responder was revoked.
fn may_answer(responder: &Certificate<'_>, issuer: &Certificate<'_>, at: OffsetDateTime) -> bool {
    let body = &responder.decoded().tbs_certificate;
    let usage = body.get::<ExtendedKeyUsage>();
    let for_ocsp = matches!(usage, Ok(Some((_, usage))) if usage.0.contains(&ID_KP_OCSP_SIGNING));
    let mut extensions = body.extensions.iter().flatten();
    let need_not_be_looked_up = extensions.any(|one| one.extn_id == ID_PKIX_OCSP_NOCHECK);
    let held = responder.validity();
    let held = held.is_some_and(|held| held.not_before <= at && at <= held.not_after);
    for_ocsp && need_not_be_looked_up && held && issued_by(responder, issuer)
}

fn is_about(
    answer: &SingleResponse,
    certificate: &Certificate<'_>,
    issuer: &Certificate<'_>,
) -> bool {
    let named = &answer.cert_id;
    let own = name_of(certificate, issuer, named.hash_algorithm.oid);
    own.is_some_and(|own| {
        own.issuer_name_hash == named.issuer_name_hash
            && own.issuer_key_hash == named.issuer_key_hash
            && own.serial_number == named.serial_number
    })
}

/// Known before and replaced after this time; an answer that names no end is held for current,
/// as it was made for this question (RFC 6960, 4.2.2.1).
fn is_current(answer: &SingleResponse, at: OffsetDateTime) -> bool {
    let time = |time: &x509_ocsp::OcspGeneralizedTime| moment(time.0.to_unix_duration().as_secs());
    let begun = time(&answer.this_update).is_some_and(|from| has_begun(from, at));
    let next = answer.next_update.as_ref().map(time);
    begun && next.is_none_or(|next| next.is_some_and(|until| at <= until))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use const_oid::db::rfc5912::ECDSA_WITH_SHA_256;
    use der::asn1::{BitString, GeneralizedTime};
    use rcgen::{CustomExtension, ExtendedKeyUsagePurpose, KeyUsagePurpose};
    use time::macros::datetime;
    use x509_ocsp::{OcspGeneralizedTime, ResponseData, RevokedInfo, Version};

    use super::*;
    use crate::formats::fictional_signer::{Authority, FictionalSigner};
    use crate::formats::signer::Signer;

    const AT: OffsetDateTime = datetime!(2026-11-21 08:30:00 +7);
    const DAY_S: i64 = 86_400;

    fn responder(authority: &Authority, purpose: ExtendedKeyUsagePurpose) -> FictionalSigner {
        authority.signer(|params| {
            params.extended_key_usages = vec![purpose];
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            let no_check = [1, 3, 6, 1, 5, 5, 7, 48, 1, 5]; // its value is NULL
            let no_check = CustomExtension::from_oid_content(&no_check, vec![5, 0]);
            params.custom_extensions = vec![no_check];
        })
    }

    /// One that would have to be looked up itself.
    fn doubtful_responder(authority: &Authority) -> FictionalSigner {
        authority.signer(|params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        })
    }

    fn time(at: OffsetDateTime) -> OcspGeneralizedTime {
        let seconds = Duration::from_secs(at.unix_timestamp() as u64);
        OcspGeneralizedTime(GeneralizedTime::from_unix_duration(seconds).expect("in range"))
    }

    /// An answer about this certificate, made at that time and good for a day.
    fn answer(
        (certificate, issuer): (&[u8], &[u8]),
        responder: &FictionalSigner,
        status: CertStatus,
        made: OffsetDateTime,
    ) -> Vec<u8> {
        let certificate = Certificate::read(certificate).expect("reads");
        let issuer = Certificate::read(issuer).expect("reads");
        let own = x509_cert::Certificate::from_der(&responder.certificate_der).expect("reads");
        let tbs = ResponseData {
            version: Version::V1,
            responder_id: ResponderId::ByName(own.tbs_certificate.subject.clone()),
            produced_at: time(made),
            responses: vec![SingleResponse {
                cert_id: name_of(&certificate, &issuer, ID_SHA_1).expect("SHA-1 names"),
                cert_status: status,
                this_update: time(made),
                next_update: Some(time(made + time::Duration::seconds(DAY_S))),
                single_extensions: None,
            }],
            response_extensions: None,
        };
        let signature = responder
            .sign(&tbs.to_der().expect("encodes"))
            .expect("signs");
        let basic = BasicOcspResponse {
            tbs_response_data: tbs,
            signature_algorithm: AlgorithmIdentifierOwned {
                oid: ECDSA_WITH_SHA_256,
                parameters: None,
            },
            signature: BitString::from_bytes(&signature).expect("short"),
            certs: Some(vec![own]),
        };
        let response = OcspResponse::successful(basic).expect("encodes");
        response.to_der().expect("encodes")
    }

    fn standing(der: Vec<u8>, certificate: &[u8], issuer: &[u8]) -> Standing {
        let certificate = Certificate::read(certificate).expect("reads");
        let issuer = Certificate::read(issuer).expect("reads");
        let answer = OcspAnswer::read(der).expect("is an answer");
        answer.standing(&certificate, &issuer, AT)
    }

    #[test]
    fn good_and_revoked_are_told_by_a_responder_that_the_issuer_certified() {
        let root = Authority::root();
        let signer = root.signer(|_| {}).certificate_der;
        let certified = responder(&root, ExtendedKeyUsagePurpose::OcspSigning);
        let about = (signer.as_slice(), root.der.as_slice());
        let good = answer(about, &certified, CertStatus::good(), AT);
        assert_eq!(standing(good, &signer, &root.der), Standing::Good);
        // Made when it was asked for, a little after the signature's time was taken.
        let later = AT + time::Duration::minutes(1);
        let live = answer(about, &certified, CertStatus::good(), later);
        assert_eq!(standing(live, &signer, &root.der), Standing::Good);
        let since = datetime!(2026-10-01 0:00 UTC);
        let revoked = CertStatus::revoked(RevokedInfo {
            revocation_time: time(since),
            revocation_reason: None,
        });
        let revoked = answer(about, &certified, revoked, AT);
        assert_eq!(
            standing(revoked, &signer, &root.der),
            Standing::Revoked(since)
        );
    }

    #[test]
    fn answers_of_strangers_about_others_out_of_date_or_spoilt_say_nothing() {
        let root = Authority::root();
        let (signer, other) = (root.signer(|_| {}), root.signer(|_| {}));
        let signer = signer.certificate_der;
        let about = (signer.as_slice(), root.der.as_slice());
        let certified = responder(&root, ExtendedKeyUsagePurpose::OcspSigning);
        let stranger = responder(&Authority::root(), ExtendedKeyUsagePurpose::OcspSigning);
        let for_another_purpose = responder(&root, ExtendedKeyUsagePurpose::EmailProtection);
        let good = CertStatus::good;
        let of_another = (other.certificate_der.as_slice(), root.der.as_slice());
        let mut spoilt = answer(about, &certified, good(), AT);
        let producing = spoilt
            .windows(4)
            .position(|at| at == b"2026")
            .expect("a time");
        spoilt[producing + 13] ^= 1; // a second of producedAt, which is signed
        for silent in [
            answer(about, &stranger, good(), AT),
            answer(about, &for_another_purpose, good(), AT),
            answer(about, &doubtful_responder(&root), good(), AT),
            answer(of_another, &certified, good(), AT),
            answer(about, &certified, CertStatus::unknown(), AT),
            answer(about, &certified, good(), AT - time::Duration::days(2)),
            answer(about, &certified, good(), AT + time::Duration::hours(1)),
            spoilt,
        ] {
            assert_eq!(standing(silent, &signer, &root.der), Standing::Silent);
        }
    }

    #[test]
    fn a_request_names_the_certificate_and_rubbish_is_no_answer() {
        let root = Authority::root();
        let signer = root.signer(|_| {}).certificate_der;
        let certificate = Certificate::read(&signer).expect("reads");
        let issuer = Certificate::read(&root.der).expect("reads");
        let der = request_der(&certificate, &issuer).expect("names it");
        let request = OcspRequest::from_der(&der).expect("is one");
        let named = &request.tbs_request.request_list[0].req_cert.serial_number;
        assert_eq!(*named, certificate.decoded().tbs_certificate.serial_number);
        assert!(OcspAnswer::read(b"<html>".to_vec()).is_none());
        let later = OcspResponse::try_later().to_der().expect("encodes");
        assert!(OcspAnswer::read(later).is_none());
    }
}
