//! The value of a signature by anyone: CMS SignedData of any of the kinds that PDF knows.
//!
//! RFC 5652 (CMS), RFC 5035 (which certificate signed), RFC 3161 (time stamps), ISO 32000-2,
//! 12.8.3 and ETSI EN 319 142-1. Only the value is looked at: the digest of the covered bytes
//! is the signed one, the signature over it holds under the key of the certificate that it
//! names. Whom to believe is [`super::standing`]'s question.

use cms::signed_data::SignerInfo;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911;
use der::asn1::{Any, AnyRef, OctetString};
use der::{Decode, Encode, Reader, Sequence, SliceReader, Tag, Tagged};
use spki::AlgorithmIdentifierOwned;
use time::OffsetDateTime;
use x509_cert::time::Time;

use super::allowed::Used;
use super::crl::moment;
use super::crypto::{self, Hash, Scheme};
use super::flaw::Flaw;
use crate::verify::cades::{
    self, ALGORITHM_PROTECTION, CmsFlaw, SIGNING_CERTIFICATE_V2, SignedData,
};
use crate::verify::certificate::Cert;
use crate::verify::claimed_time;
use crate::verify::limits;

/// id-ct-TSTInfo (RFC 3161, 2.4.2).
const TIME_STAMP_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// id-aa-signingCertificate (RFC 2634, 5.4).
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
/// id-aa-signatureTimeStampToken (RFC 3161, appendix A).
const SIGNATURE_TIME_STAMP: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");
/// adbe-revocationInfoArchival (ISO 32000-2, 12.8.3.3.2).
const REVOCATION_ARCHIVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113583.1.1.8");
/// id-ri-ocsp-response (RFC 5940, 2.1).
const OCSP_AMONG_CRLS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.16.2");

/// Time stamps looked at inside one signature.
const MOST_TIME_STAMPS: usize = 8;

/// A signature value as far as it could be judged.
#[derive(Debug, Default)]
pub struct Value {
    /// The signer's certificate, where it is enclosed.
    pub signer: Option<Cert>,
    /// All certificates enclosed.
    pub enclosed: Vec<Cert>,
    /// Revocation lists enclosed, in DER.
    pub crls: Vec<Vec<u8>>,
    /// OCSP answers enclosed, in DER.
    pub ocsp: Vec<Vec<u8>>,
    /// A signed attribute names the signer's certificate.
    pub certificate_named: bool,
    /// The algorithms it says to use.
    pub used: Used,
    /// The signed attribute signing-time (RFC 5652, 11.3).
    pub claimed_time: Option<OffsetDateTime>,
    /// The time of a time stamp (RFC 3161).
    pub stamped_time: Option<OffsetDateTime>,
    /// The bytes of the signature itself, which time stamps are over.
    pub signature: Vec<u8>,
    /// Time stamps over the signature, in DER.
    pub time_stamps: Vec<Vec<u8>>,
    /// The signature was checked and holds over content and attributes.
    pub holds: bool,
    /// Everything wrong with it.
    pub flaws: Vec<Flaw>,
}

/// What a signature value is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Over the covered bytes: `adbe.pkcs7.detached`, `ETSI.CAdES.detached`.
    Detached,
    /// Over the SHA-1 of the covered bytes, which stands inside: `adbe.pkcs7.sha1`.
    Sha1Inside,
    /// A time stamp, whose imprint stands inside: `ETSI.RFC3161`, and tokens.
    TimeStamp,
}

impl Form {
    /// The form that a `/SubFilter` names; `None` where it is not known.
    pub fn of(sub_filter: &[u8]) -> Option<Self> {
        match sub_filter {
            b"adbe.pkcs7.detached" | b"ETSI.CAdES.detached" => Some(Form::Detached),
            b"adbe.pkcs7.sha1" => Some(Form::Sha1Inside),
            b"ETSI.RFC3161" => Some(Form::TimeStamp),
            _ => None,
        }
    }
}

/// Examines a value over the covered parts.
pub fn examine(der: &[u8], parts: &[&[u8]], form: Form) -> Value {
    let mut value = Value::default();
    if der.len() > limits::CMS_BYTES {
        let flaw = Flaw::Unjudged("signature value too long".to_owned());
        value.flaws.push(flaw);
        return value;
    }
    let Some((data, exact)) = cades::decoded(der) else {
        value.flaws.push(Flaw::Format(CmsFlaw::NotDer.to_string()));
        return value;
    };
    value.enclosed = cades::certificates(&data);
    if value.enclosed.len() < cades::certificates_told(&data) {
        let flaw = "an enclosed certificate cannot be read";
        value.flaws.push(Flaw::Unjudged(flaw.to_owned()));
    }
    enclosed_revocation(&data, &mut value);
    let [info] = data.signer_infos.as_slice() else {
        let flaw = CmsFlaw::Signers(data.signer_infos.len());
        value.flaws.push(Flaw::Format(flaw.to_string()));
        return value;
    };
    let mut enclosed = value.enclosed.iter();
    value.signer = enclosed.find(|c| cades::is_named_by(c, &info.sid)).cloned();
    read_attributes(info, &mut value);
    match signed_content(&data, parts, form, &mut value) {
        Ok(content) => judge(&data, info, &content, exact, &mut value),
        Err(flaw) => value.flaws.push(flaw),
    }
    value
}

/// What the signer's digest is made over: the covered parts, or a content inside that binds them.
fn signed_content<'a>(
    data: &'a SignedData,
    parts: &[&'a [u8]],
    form: Form,
    value: &mut Value,
) -> Result<Vec<&'a [u8]>, Flaw> {
    let inside = data.content.econtent.as_ref();
    match (form, inside.map(|content| content.value())) {
        // Else a signature could be given out as a time stamp, or the other way round.
        (Form::Detached, None) if data.content.econtent_type != rfc5911::ID_DATA => {
            let flaw = "the signed content is said to be no plain data";
            Err(Flaw::Format(flaw.to_owned()))
        }
        (Form::Detached, None) => Ok(parts.to_vec()),
        (Form::Sha1Inside, Some(inside)) => {
            value.flaws.push(Flaw::Weak("SHA-1".to_owned()));
            same(inside, Hash::Sha1.of(parts).as_ref()).map(|()| vec![inside])
        }
        (Form::TimeStamp, Some(inside)) if data.content.econtent_type == TIME_STAMP_INFO => {
            let malformed = || Flaw::Format("malformed time stamp".to_owned());
            let stamp = Stamp::read(inside).ok_or_else(malformed)?;
            value.stamped_time = Some(stamp.time);
            let hash = Hash::named(stamp.imprint.algorithm.oid)?;
            remark_if_weak(hash, &mut value.flaws);
            let imprint = stamp.imprint.digest.as_bytes();
            same(imprint, hash.of(parts).as_ref()).map(|()| vec![inside])
        }
        (Form::Detached, Some(_)) => Err(Flaw::Format(CmsFlaw::NotDetached.to_string())),
        (Form::Sha1Inside | Form::TimeStamp, _) => {
            Err(Flaw::Format("the signed content is not inside".to_owned()))
        }
    }
}

/// MessageImprint (RFC 3161, 2.4.1).
#[derive(Sequence)]
struct Imprint {
    algorithm: AlgorithmIdentifierOwned,
    digest: OctetString,
}

/// TSTInfo (RFC 3161, 2.4.2) as far as it is looked at. Read by hand: `x509-tsp` takes no time
/// with a fraction of a second, which many authorities give.
struct Stamp {
    imprint: Imprint,
    time: OffsetDateTime,
}

impl Stamp {
    fn read(info: &[u8]) -> Option<Self> {
        let fields = AnyRef::from_der(info).ok()?;
        let mut fields = SliceReader::new(fields.value()).ok()?;
        let version: u8 = fields.decode().ok()?;
        let _policy: ObjectIdentifier = fields.decode().ok()?;
        let imprint = fields.decode().ok()?;
        let _serial: AnyRef<'_> = fields.decode().ok()?;
        let time: AnyRef<'_> = fields.decode().ok()?;
        let is_time = time.tag() == Tag::GeneralizedTime && version == 1;
        let time = claimed_time::from_generalized(time.value()).filter(|_| is_time)?;
        Some(Self { imprint, time })
    }
}

fn same(said: &[u8], found: &[u8]) -> Result<(), Flaw> {
    match said == found {
        true => Ok(()),
        false => Err(Flaw::Digest),
    }
}

fn remark_if_weak(hash: Hash, flaws: &mut Vec<Flaw>) {
    if hash == Hash::Sha1 {
        flaws.push(Flaw::Weak("SHA-1".to_owned()));
    }
}

fn judge(data: &SignedData, info: &SignerInfo, content: &[&[u8]], exact: bool, value: &mut Value) {
    let hash = match Hash::named(info.digest_alg.oid) {
        Ok(hash) => hash,
        Err(flaw) => {
            if let Flaw::Weak(name) = &flaw {
                value.used.digest = Some(name.clone());
            }
            return value.flaws.push(flaw);
        }
    };
    value.used.digest = Some(hash.name().to_owned());
    remark_if_weak(hash, &mut value.flaws);
    if !cades::lists_digest(data, &info.digest_alg.oid) {
        // RFC 5652, 5.1: readers may refuse it. EU DSS does: whoever lies once is not believed.
        let flaw = "the signer's digest is not among those of the value";
        value.flaws.push(Flaw::Format(flaw.to_owned()));
    }
    let message = match &info.signed_attrs {
        None => content.concat(),
        Some(set) => {
            if let Err(flaw) = check_attributes(data, info, hash, content) {
                return value.flaws.push(flaw);
            }
            set.to_der().unwrap_or_default()
        }
    };
    let Some(signer) = value.signer.clone() else {
        return value.flaws.push(Flaw::NoCertificate);
    };
    let named = names(info, &signer);
    value.certificate_named = named == Some(true);
    if named == Some(false) {
        value.flaws.push(Flaw::OtherCertificate);
    }
    let flaw = check_value(info, &message, hash, &signer, exact, &mut value.used);
    value.holds = matches!(flaw, None | Some(Flaw::Weak(_)));
    value.flaws.extend(flaw);
}

fn check_value(
    info: &SignerInfo,
    message: &[u8],
    hash: Hash,
    signer: &Cert,
    exact: bool,
    used: &mut Used,
) -> Option<Flaw> {
    let key = &signer.body.tbs_certificate.subject_public_key_info;
    let (family, bits) = crypto::key_size(key);
    let is_short = family == "RSA" && bits < 2048;
    used.key = Some((family, bits));
    let scheme = match Scheme::of(key, &info.signature_algorithm, Some(hash)) {
        Ok(scheme) => scheme,
        Err(flaw) => return Some(flaw),
    };
    used.signature = Some(scheme.name.to_owned());
    if scheme.hash != hash {
        // Which of two digests was signed is then open to argument.
        let flaw = "digest algorithm is not that of the signature algorithm";
        return Some(Flaw::Format(flaw.to_owned()));
    }
    if scheme.holds(key, message, info.signature.as_bytes()) {
        return is_short.then(|| Flaw::Weak(format!("RSA {bits}")));
    }
    // Attributes that came out of order may have been signed so; we only see them in order.
    Some(match exact {
        true => Flaw::Value,
        false => Flaw::Unjudged(CmsFlaw::NotDer.to_string()),
    })
}

/// The signed attributes that bind content and algorithms (RFC 5652, 11.1 and 11.2; RFC 6211).
fn check_attributes(
    data: &SignedData,
    info: &SignerInfo,
    hash: Hash,
    content: &[&[u8]],
) -> Result<(), Flaw> {
    let missing = |name| Flaw::Format(CmsFlaw::Attribute(name).to_string());
    let digest = cades::single::<OctetString>(info, &rfc5911::ID_MESSAGE_DIGEST);
    let digest = digest.ok_or_else(|| missing("message-digest"))?;
    let kind = cades::single::<ObjectIdentifier>(info, &rfc5911::ID_CONTENT_TYPE);
    if kind != Some(data.content.econtent_type) {
        return Err(missing("content-type"));
    }
    if has(info, &ALGORITHM_PROTECTION) {
        let said = cades::single::<AlgorithmProtection>(info, &ALGORITHM_PROTECTION);
        let said = said.ok_or_else(|| missing("algorithm-protection"))?;
        let same = said.digest.oid == info.digest_alg.oid
            && said
                .signature
                .is_some_and(|s| s.oid == info.signature_algorithm.oid);
        if !same {
            let flaw = "the algorithms are not those that were signed";
            return Err(Flaw::Format(flaw.to_owned()));
        }
    }
    same(digest.as_bytes(), hash.of(content).as_ref())
}

/// CMSAlgorithmProtection (RFC 6211, 2).
#[derive(Sequence)]
struct AlgorithmProtection {
    digest: AlgorithmIdentifierOwned,
    #[asn1(
        context_specific = "1",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    signature: Option<AlgorithmIdentifierOwned>,
    #[asn1(
        context_specific = "2",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    mac: Option<AlgorithmIdentifierOwned>,
}

fn has(info: &SignerInfo, oid: &ObjectIdentifier) -> bool {
    let mut attributes = info.signed_attrs.iter().flat_map(|set| set.iter());
    attributes.any(|attribute| attribute.oid == *oid)
}

/// ESSCertID (RFC 2634, 5.4.1): always by SHA-1, which names here and proves nothing.
#[derive(Sequence)]
struct EssCertId {
    cert_hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<Any>,
}

#[derive(Sequence)]
struct SigningCertificate {
    certs: Vec<EssCertId>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

/// Whether a signed attribute names this certificate; `None` where there is none.
fn names(info: &SignerInfo, signer: &Cert) -> Option<bool> {
    if has(info, &SIGNING_CERTIFICATE_V2) {
        let named = cades::single::<cades::SigningCertificateV2>(info, &SIGNING_CERTIFICATE_V2);
        let first = named.as_ref().and_then(|named| named.first());
        return Some(first.is_some_and(|(oid, said)| {
            Hash::named(oid).is_ok_and(|hash| hash.of(&[&signer.der]).as_ref() == said)
        }));
    }
    has(info, &SIGNING_CERTIFICATE).then(|| {
        let named = cades::single::<SigningCertificate>(info, &SIGNING_CERTIFICATE);
        let first = named.as_ref().and_then(|named| named.certs.first());
        let found = Hash::Sha1.of(&[&signer.der]);
        first.is_some_and(|first| first.cert_hash.as_bytes() == found.as_ref())
    })
}

fn read_attributes(info: &SignerInfo, value: &mut Value) {
    value.signature = info.signature.as_bytes().to_vec();
    let mut signed = info.signed_attrs.iter().flat_map(|set| set.iter());
    let time = signed.find(|attribute| attribute.oid == rfc5911::ID_SIGNING_TIME);
    let time = time.and_then(|time| time.values.get(0)?.to_der().ok());
    let time = time.and_then(|der| Time::from_der(&der).ok());
    value.claimed_time = time.and_then(moment);
    if let Some(archive) = cades::single::<Archive>(info, &REVOCATION_ARCHIVE) {
        let der = |any: Any| any.to_der().ok();
        let (crls, ocsp) = (archive.crls, archive.ocsp);
        value
            .crls
            .extend(crls.into_iter().flatten().filter_map(der));
        value
            .ocsp
            .extend(ocsp.into_iter().flatten().filter_map(der));
    }
    let unsigned = info.unsigned_attrs.iter().flat_map(|set| set.iter());
    let stamps = unsigned
        .filter(|attribute| attribute.oid == SIGNATURE_TIME_STAMP)
        .flat_map(|attribute| attribute.values.iter())
        .filter_map(|token| token.to_der().ok());
    value.time_stamps = stamps.take(MOST_TIME_STAMPS).collect();
}

/// RevocationInfoArchival (ISO 32000-2, 12.8.3.3.2).
#[derive(Sequence)]
struct Archive {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    crls: Option<Vec<Any>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    ocsp: Option<Vec<Any>>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    other: Option<Vec<Any>>,
}

/// OtherRevocationInfoFormat (RFC 5652, 10.2.1).
#[derive(Sequence)]
struct OtherRevocation {
    format: ObjectIdentifier,
    info: Any,
}

/// Lists and answers beside the certificates (RFC 5652, 5.1, `crls`; RFC 5940).
fn enclosed_revocation(data: &SignedData, value: &mut Value) {
    for any in data.crls.iter().flat_map(|set| set.iter()) {
        let Ok(der) = any.to_der() else { continue };
        if any.tag() == Tag::Sequence {
            value.crls.push(der);
            continue;
        }
        // [1] IMPLICIT SEQUENCE: the same content under another tag.
        let other = Any::new(Tag::Sequence, any.value());
        let other = other
            .ok()
            .and_then(|any| any.decode_as::<OtherRevocation>().ok());
        if let Some(other) = other.filter(|other| other.format == OCSP_AMONG_CRLS) {
            value.ocsp.extend(other.info.to_der().ok());
        }
    }
}
