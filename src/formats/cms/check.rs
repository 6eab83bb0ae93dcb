//! Reads a finished SignedData back and holds it against what it should say.
//!
//! Decoding goes through the `cms` crate's own types, not through the ones that
//! wrote it, so that a fault of the writer shows here.

use cms::cert::CertificateChoices;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
};
use der::asn1::OctetStringRef;
use der::{Any, Decode, Encode};

use super::algorithm;
use super::attributes::SigningCertificateV2;
use crate::formats::signer::SignatureAlgorithm;
use crate::formats::x509::Certificate;
use crate::model::Digest;

/// CMSAlgorithmProtection (RFC 6211, 2), which many programs add and which takes nothing away.
const ALGORITHM_PROTECTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.52");

/// Why a SignedData made elsewhere has another form than a signature in a PDF of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormFlaw {
    /// It is no SignedData, or not in DER to the last bit.
    #[error("it is no SignedData in DER")]
    NotDer,
    /// The signed content stands inside.
    #[error("the signed content stands inside it")]
    NotDetached,
    /// It has no signer or several.
    #[error("it does not have exactly one signer")]
    Signers,
    /// A version does not follow from how the signer is named (RFC 5652, 5.1 and 5.3).
    #[error("its version is not that of what it holds")]
    Version,
    /// It has a signed attribute that a PAdES baseline signature may not have, such as signing-time
    /// (ETSI EN 319 142-1, 6.3).
    #[error("its signed attribute {0} has no place in a PAdES baseline signature")]
    Attribute(ObjectIdentifier),
    /// It has unsigned attributes or revocation lists.
    #[error("it has unsigned attributes or revocation lists")]
    Unsigned,
}

/// Confirms the form of a SignedData made elsewhere: nothing in it that the auditor would not take.
pub fn check_form(content_info: &[u8]) -> Result<(), FormFlaw> {
    let signed_data = decode(content_info).ok_or(FormFlaw::NotDer)?;
    if !is_exact(content_info, &signed_data) {
        return Err(FormFlaw::NotDer);
    }
    let content = &signed_data.encap_content_info;
    if content.econtent.is_some() || content.econtent_type != ID_DATA {
        return Err(FormFlaw::NotDetached);
    }
    let [signer] = signed_data.signer_infos.0.as_slice() else {
        return Err(FormFlaw::Signers);
    };
    let version = match signer.sid {
        SignerIdentifier::IssuerAndSerialNumber(_) => CmsVersion::V1,
        SignerIdentifier::SubjectKeyIdentifier(_) => CmsVersion::V3,
    };
    if (signed_data.version, signer.version) != (version, version) {
        return Err(FormFlaw::Version);
    }
    if signed_data.crls.is_some() || signer.unsigned_attrs.is_some() {
        return Err(FormFlaw::Unsigned);
    }
    let known = [
        ID_CONTENT_TYPE,
        ID_MESSAGE_DIGEST,
        ID_AA_SIGNING_CERTIFICATE_V_2,
        ALGORITHM_PROTECTION,
    ];
    let mut attributes = signer.signed_attrs.iter().flat_map(|set| set.iter());
    match attributes.find(|attribute| !known.contains(&attribute.oid)) {
        Some(foreign) => Err(FormFlaw::Attribute(foreign.oid)),
        None => Ok(()),
    }
}

/// True where encoding anew gives the same bytes.
fn is_exact(content_info: &[u8], signed_data: &SignedData) -> bool {
    let again = Any::encode_from(signed_data).and_then(|content| {
        let content_type = ID_SIGNED_DATA;
        ContentInfo {
            content_type,
            content,
        }
        .to_der()
    });
    again.is_ok_and(|again| again == content_info)
}

/// What of a SignedData is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It is no SignedData in DER.
    #[error("it is no SignedData in DER")]
    Unreadable,
    /// It has no signer or several.
    #[error("it does not have exactly one signer")]
    Signers,
    /// The signer's certificate is not inside, or signing-certificate-v2 names another.
    #[error("it does not carry the signer's certificate")]
    Certificate,
    /// The content type is not id-data.
    #[error("its content type is not id-data")]
    ContentType,
    /// Its algorithms are not ones we sign with, or do not belong together.
    #[error("its algorithms are not among ours")]
    Algorithm,
    /// The message digest is another one.
    #[error("its message digest is not that of the signed bytes")]
    MessageDigest,
    /// The signature is not that of the certificate's key over the attributes.
    #[error("its signature does not verify")]
    Signature,
}

/// Confirms that `content_info` is this certificate's signature over the message in these parts.
pub fn check_detached(
    content_info: &[u8],
    message: &[&[u8]],
    certificate_der: &[u8],
) -> Result<(), Mismatch> {
    let signed_data = decode(content_info).ok_or(Mismatch::Unreadable)?;
    let [signer] = signed_data.signer_infos.0.as_slice() else {
        return Err(Mismatch::Signers);
    };
    let certificate = Certificate::read(certificate_der).map_err(|_| Mismatch::Certificate)?;
    if !carries(&signed_data, &certificate) || !names(signer, &certificate.digest()) {
        return Err(Mismatch::Certificate);
    }
    let content_type = attribute(signer, ID_CONTENT_TYPE);
    if content_type.and_then(|value| value.decode_as().ok()) != Some(ID_DATA) {
        return Err(Mismatch::ContentType);
    }
    let algorithm = algorithm::named(&signer.digest_alg, &signer.signature_algorithm);
    let algorithm = algorithm.ok_or(Mismatch::Algorithm)?;
    let message_digest = algorithm.hash().digest(message);
    if octets(attribute(signer, ID_MESSAGE_DIGEST)) != Some(message_digest.as_ref()) {
        return Err(Mismatch::MessageDigest);
    }
    let verified = verifies(signer, algorithm, &certificate);
    verified.ok_or(Mismatch::Signature)
}

fn decode(content_info: &[u8]) -> Option<SignedData> {
    let outer = ContentInfo::from_der(content_info).ok()?;
    if outer.content_type != ID_SIGNED_DATA {
        return None;
    }
    outer.content.decode_as().ok()
}

/// True where the certificate is among those inside. Compared as decoded, since
/// encoding anew need not give the bytes back; the bytes' own hash is held
/// against signing-certificate-v2.
fn carries(signed_data: &SignedData, certificate: &Certificate<'_>) -> bool {
    let mut inside = signed_data.certificates.iter().flat_map(|set| set.0.iter());
    inside.any(|choice| {
        matches!(choice, CertificateChoices::Certificate(one) if one == certificate.decoded())
    })
}

fn attribute(signer: &SignerInfo, oid: ObjectIdentifier) -> Option<&Any> {
    let attributes = signer.signed_attrs.as_ref()?;
    let attribute = attributes.iter().find(|attribute| attribute.oid == oid)?;
    attribute.values.get(0)
}

fn octets(value: Option<&Any>) -> Option<&[u8]> {
    let octets = value?.decode_as::<OctetStringRef<'_>>().ok()?;
    Some(octets.as_bytes())
}

/// True where signing-certificate-v2 holds exactly this certificate's hash.
fn names(signer: &SignerInfo, certificate: &Digest) -> bool {
    let value = attribute(signer, ID_AA_SIGNING_CERTIFICATE_V_2);
    let Some(ess) = value.and_then(|any| any.decode_as::<SigningCertificateV2<'_>>().ok()) else {
        return false;
    };
    let [id] = ess.certificates.as_slice() else {
        return false;
    };
    id.certificate_hash.as_bytes() == certificate.as_bytes()
}

fn verifies(
    signer: &SignerInfo,
    algorithm: SignatureAlgorithm,
    certificate: &Certificate<'_>,
) -> Option<()> {
    let attributes = signer.signed_attrs.as_ref()?.to_der().ok()?;
    let key = certificate.public_key().ok()?;
    key.verifies(algorithm, &attributes, signer.signature.as_bytes())
        .then_some(())
}
