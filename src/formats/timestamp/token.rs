//! The token: SignedData (RFC 5652) over a statement, and all that must hold of it (RFC 3161, 2.3, 2.4.2).

use cms::signed_data::{SignerIdentifier, SignerInfo};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::ID_KP_TIME_STAMPING;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
};
use const_oid::db::rfc5912::ID_SHA_256;
use der::asn1::{OctetStringRef, SetOfVec};
use der::{Any, AnyRef, Decode, Encode, Reader, Sequence, SliceReader, Tag, Tagged};
use ring::digest;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectKeyIdentifier};

use super::statement::Statement;
use super::{Mismatch, Request, TimestampFault, Token};
use crate::formats::foreign_signature::{Hash, made_by};
use crate::formats::x509::Certificate;

/// id-ct-TSTInfo (RFC 3161, 2.4.2).
pub(super) const ID_CT_TST_INFO: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// id-aa-signingCertificate (RFC 2634, 5.4.1), which names the certificate by its SHA-1.
const ID_AA_SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");

/// ContentInfo (RFC 5652, 3), borrowed.
#[derive(Sequence)]
pub(super) struct ContentInfo<'a> {
    pub(super) content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(super) content: SignedData<'a>,
}

/// SignedData (RFC 5652, 5.1). Certificates keep their bytes, hence not the `cms` crate's type.
#[derive(Sequence)]
pub(super) struct SignedData<'a> {
    pub(super) version: u8,
    pub(super) digest_algorithms: SetOfVec<AnyRef<'a>>,
    pub(super) content: EncapsulatedContent<'a>,
    #[asn1(
        context_specific = "0",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    pub(super) certificates: Option<SetOfVec<AnyRef<'a>>>,
    #[asn1(
        context_specific = "1",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    pub(super) crls: Option<SetOfVec<AnyRef<'a>>>,
    pub(super) signer_infos: SetOfVec<SignerInfo>,
}

/// EncapsulatedContentInfo (RFC 5652, 5.2) with its content inside.
#[derive(Sequence)]
pub(super) struct EncapsulatedContent<'a> {
    pub(super) content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(super) content: OctetStringRef<'a>,
}

/// The token, where it answers the request and its own signature holds.
pub(super) fn check(der: &[u8], request: &Request) -> Result<Token, TimestampFault> {
    let outer = ContentInfo::from_der(der).map_err(|_| TimestampFault::Unreadable)?;
    let signed = outer.content;
    if outer.content_type != ID_SIGNED_DATA || signed.content.content_type != ID_CT_TST_INFO {
        return Err(TimestampFault::Unreadable);
    }
    let content = signed.content.content.as_bytes();
    let statement = Statement::read(content).ok_or(TimestampFault::Unreadable)?;
    let [signer] = signed.signer_infos.as_slice() else {
        return Err(Mismatch::Signers.into());
    };
    let certificates_der = certificates(&signed);
    let mut certificates = certificates_der.iter().map(|der| Certificate::read(der));
    let certificate = certificates.find_map(|one| one.ok().filter(|one| is_of(signer, one)));
    let certificate = certificate.ok_or(Mismatch::CertificateMissing)?;
    may_stamp(&certificate, &statement)?;
    signed_by(signer, &certificate, content)?;
    answers(&statement, request)?;
    Ok(Token {
        der: der.to_vec(),
        at: statement.at,
        signer_der: certificate.der().to_vec(),
        certificates_der: certificates_der.clone(),
    })
}

/// The certificates of a token that was checked when it came.
pub struct Carried {
    /// The authority's own.
    pub signer_der: Vec<u8>,
    /// All of them.
    pub certificates_der: Vec<Vec<u8>>,
}

impl Carried {
    /// Reads them; `None` where the bytes are no token or the authority's certificate is missing.
    pub fn by(token_der: &[u8]) -> Option<Self> {
        let outer = ContentInfo::from_der(token_der).ok()?;
        let certificates_der = certificates(&outer.content);
        let signer = outer.content.signer_infos.get(0)?;
        let mut all = certificates_der.iter();
        let own = all.find(|der| Certificate::read(der).is_ok_and(|one| is_of(signer, &one)))?;
        Some(Self {
            signer_der: own.clone(),
            certificates_der,
        })
    }
}

/// True word for word to what was asked (RFC 3161, 2.4.2).
fn answers(statement: &Statement<'_>, request: &Request) -> Result<(), TimestampFault> {
    if statement.version != 1 {
        return Err(TimestampFault::Unreadable);
    }
    let nonce = statement.nonce.map(|nonce| nonce.as_bytes());
    if nonce != Some(request.nonce.as_bytes()) {
        return Err(Mismatch::Nonce.into());
    }
    let imprint = &statement.imprint;
    if imprint.hash_algorithm.oid != request.imprint.hash().oid()
        || imprint.hashed_message.as_bytes() != request.imprint.as_bytes()
    {
        return Err(Mismatch::Imprint.into());
    }
    match request.policy {
        Some(policy) if policy != statement.policy => Err(Mismatch::Policy.into()),
        _ => Ok(()),
    }
}

/// The X.509 certificates inside, as they came: DER of a value is its only encoding.
fn certificates(signed: &SignedData<'_>) -> Vec<Vec<u8>> {
    let all = signed.certificates.iter().flat_map(|set| set.iter());
    let x509 = all.filter(|one| one.tag() == Tag::Sequence);
    x509.filter_map(|one| one.to_der().ok()).collect()
}

/// True where the signer names this certificate.
fn is_of(signer: &SignerInfo, certificate: &Certificate<'_>) -> bool {
    let tbs = &certificate.decoded().tbs_certificate;
    match &signer.sid {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.issuer == tbs.issuer && named.serial_number == tbs.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => {
            matches!(tbs.get::<SubjectKeyIdentifier>(), Ok(Some((_, own))) if own == *named)
        }
    }
}

/// Certified for time stamps and nothing else, as a critical term (RFC 3161, 2.3), at that time.
fn may_stamp(
    certificate: &Certificate<'_>,
    statement: &Statement<'_>,
) -> Result<(), TimestampFault> {
    let tbs = &certificate.decoded().tbs_certificate;
    let Ok(Some((true, usage))) = tbs.get::<ExtendedKeyUsage>() else {
        return Err(Mismatch::Purpose.into());
    };
    if usage.0 != [ID_KP_TIME_STAMPING] || !certificate.may_sign() {
        return Err(Mismatch::Purpose.into());
    }
    let validity = certificate.validity().ok_or(TimestampFault::Unreadable)?;
    match validity.not_before <= statement.at && statement.at <= validity.not_after {
        true => Ok(()),
        false => Err(Mismatch::OutOfValidity.into()),
    }
}

/// The signed attributes are those of this content and certificate, and the signature is over them.
fn signed_by(
    signer: &SignerInfo,
    certificate: &Certificate<'_>,
    content: &[u8],
) -> Result<(), TimestampFault> {
    let hash = Hash::of(signer.digest_alg.oid).ok_or(Mismatch::Algorithm)?;
    let content_type = attribute(signer, ID_CONTENT_TYPE);
    if content_type.and_then(|value| value.decode_as().ok()) != Some(ID_CT_TST_INFO) {
        return Err(Mismatch::ContentType.into());
    }
    let digest = attribute(signer, ID_MESSAGE_DIGEST);
    let digest = digest.and_then(|value| value.decode_as::<OctetStringRef<'_>>().ok());
    if digest.map(|octets| octets.as_bytes()) != Some(hash.digest(content).as_ref()) {
        return Err(Mismatch::MessageDigest.into());
    }
    if !names(signer, certificate) {
        return Err(Mismatch::SigningCertificate.into());
    }
    let attributes = signer.signed_attrs.as_ref().ok_or(Mismatch::Signature)?;
    let attributes = attributes
        .to_der()
        .map_err(|_| TimestampFault::Unreadable)?;
    let key = &certificate
        .decoded()
        .tbs_certificate
        .subject_public_key_info;
    let (algorithm, signature) = (&signer.signature_algorithm, signer.signature.as_bytes());
    match made_by(key, algorithm, Some(hash), &attributes, signature) {
        true => Ok(()),
        false => Err(Mismatch::Signature.into()),
    }
}

fn attribute(signer: &SignerInfo, oid: ObjectIdentifier) -> Option<&Any> {
    let mut attributes = signer.signed_attrs.as_ref()?.iter();
    let attribute = attributes.find(|attribute| attribute.oid == oid)?;
    attribute.values.get(0)
}

/// True where signing-certificate, in whichever version it stands, names this certificate first.
/// SHA-1 may stand in the old version: it only tells which of the certificates inside is meant.
fn names(signer: &SignerInfo, certificate: &Certificate<'_>) -> bool {
    let old = attribute(signer, ID_AA_SIGNING_CERTIFICATE).map(|value| {
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate.der());
        first_id(value).is_ok_and(|(_, hash)| hash == digest.as_ref())
    });
    let new = attribute(signer, ID_AA_SIGNING_CERTIFICATE_V_2).map(|value| {
        let (algorithm, named) = first_id(value).ok()?;
        let hash = Hash::of(algorithm.unwrap_or(ID_SHA_256))?;
        (hash.digest(certificate.der()).as_ref() == named).then_some(())
    });
    let new = new.map(|agrees| agrees.is_some());
    (old.is_some() || new.is_some()) && old.unwrap_or(true) && new.unwrap_or(true)
}

/// Hash algorithm and hash of the first ESSCertID (RFC 2634, 5.4.1) or ESSCertIDv2 (RFC 5035, 4).
fn first_id(value: &Any) -> der::Result<(Option<ObjectIdentifier>, &[u8])> {
    let ids = AnyRef::decode(&mut SliceReader::new(value.value())?)?;
    let id = AnyRef::decode(&mut SliceReader::new(ids.value())?)?;
    let mut fields = SliceReader::new(id.value())?;
    let algorithm = match fields.peek_tag()? {
        Tag::Sequence => Some(AlgorithmIdentifierOwned::decode(&mut fields)?.oid),
        _ => None,
    };
    Ok((algorithm, OctetStringRef::decode(&mut fields)?.as_bytes()))
}
