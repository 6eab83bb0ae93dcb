//! The signed attributes of CAdES B-B: content-type, message-digest, signing-certificate-v2.
//!
//! No signing-time: in a PDF the claimed time is `/M` of the signature
//! dictionary (ETSI EN 319 142-1, 6.3).

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST,
};
use der::asn1::{ContextSpecific, OctetStringRef, SetOfVec};
use der::{Any, AnyRef, Decode, Sequence, TagMode, TagNumber};
use x509_cert::attr::{Attribute, Attributes};

use crate::formats::x509::Certificate;

/// The attributes over a message of this digest (of the signer's hash), signed with this certificate.
pub(super) fn signed(
    certificate: &Certificate<'_>,
    message_digest: &[u8],
) -> der::Result<Attributes> {
    let digest = OctetStringRef::new(message_digest)?;
    Attributes::try_from([
        attribute(ID_CONTENT_TYPE, Any::encode_from(&ID_DATA)?)?,
        attribute(ID_MESSAGE_DIGEST, Any::encode_from(&digest)?)?,
        attribute(
            ID_AA_SIGNING_CERTIFICATE_V_2,
            signing_certificate(certificate)?,
        )?,
    ])
}

fn attribute(oid: ObjectIdentifier, value: Any) -> der::Result<Attribute> {
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from([value])?,
    })
}

/// SigningCertificateV2 (RFC 5035, 3) without policies.
#[derive(Sequence)]
pub(super) struct SigningCertificateV2<'a> {
    pub(super) certificates: Vec<EssCertIdV2<'a>>,
}

/// ESSCertIDv2 (RFC 5035, 4); its hashAlgorithm is the default, SHA-256, and DER
/// leaves out defaults.
#[derive(Sequence)]
pub(super) struct EssCertIdV2<'a> {
    pub(super) certificate_hash: OctetStringRef<'a>,
    pub(super) issuer_serial: IssuerSerial<'a>,
}

/// IssuerSerial (RFC 5035, 4): the issuer as GeneralNames of one directoryName `[4]`.
#[derive(Sequence)]
pub(super) struct IssuerSerial<'a> {
    pub(super) issuer: Vec<ContextSpecific<AnyRef<'a>>>,
    pub(super) serial: AnyRef<'a>,
}

fn signing_certificate(certificate: &Certificate<'_>) -> der::Result<Any> {
    let hash = certificate.digest();
    let directory_name = ContextSpecific {
        tag_number: TagNumber::N4,
        tag_mode: TagMode::Explicit, // Name is a CHOICE, which X.680 tags explicitly
        value: AnyRef::from_der(certificate.issuer_der())?,
    };
    Any::encode_from(&SigningCertificateV2 {
        certificates: vec![EssCertIdV2 {
            certificate_hash: OctetStringRef::new(hash.as_bytes())?,
            issuer_serial: IssuerSerial {
                issuer: vec![directory_name],
                serial: AnyRef::from_der(certificate.serial_der())?,
            },
        }],
    })
}
