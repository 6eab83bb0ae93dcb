//! The signature value inside a PDF: CMS SignedData in the form of CAdES B-B.
//!
//! RFC 5652 (CMS), RFC 5035 (signing-certificate-v2), ETSI EN 319 122-1 and, for
//! what a PDF may not have, ETSI EN 319 142-1 clause 6.3. The profile is that of
//! our own writer: one signer, three signed attributes, nothing unsigned but a time stamp.

use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{EncapsulatedContentInfo, SignerIdentifier, SignerInfo};
use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5911, rfc5912};
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use spki::AlgorithmIdentifierOwned;
use x509_cert::attr::Attribute;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use super::algorithms::{self, EcdsaForm, KeyFlaw};
use super::certificate::Cert;

/// id-aa-signingCertificateV2 (RFC 5035, 3).
pub(super) const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// id-aa-signatureTimeStampToken (RFC 3161, appendix A).
const SIGNATURE_TIME_STAMP: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");

/// id-aa-CMSAlgorithmProtect (RFC 6211, 2).
pub(super) const ALGORITHM_PROTECTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.52");

/// What is wrong with a signature value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CmsFlaw {
    /// Not CMS SignedData in DER to the last bit.
    #[error("not SignedData in DER")]
    NotDer,
    /// The signed content stands inside; in a PDF it must be outside.
    #[error("content is not detached")]
    NotDetached,
    /// Not exactly one signer.
    #[error("{0} signers")]
    Signers(usize),
    /// A version that does not follow from what the value holds.
    #[error("version is not that of what it holds")]
    Version,
    /// The signer's certificate is not among those enclosed.
    #[error("signer's certificate is not enclosed")]
    NoCertificate,
    /// The digest algorithm is not allowed, or not that of the signature.
    #[error("digest algorithm {0}")]
    DigestAlgorithm(ObjectIdentifier),
    /// The signature algorithm is not allowed, or not that of the key.
    #[error("signature algorithm {0}")]
    SignatureAlgorithm(ObjectIdentifier),
    /// The key is not allowed.
    #[error(transparent)]
    Key(#[from] KeyFlaw),
    /// A needed signed attribute is missing, doubled or malformed.
    #[error("signed attribute {0} is missing or malformed")]
    Attribute(&'static str),
    /// A signed attribute that the profile has no place for.
    #[error("signed attribute {0} has no place here")]
    ForeignAttribute(ObjectIdentifier),
    /// Unsigned attributes or revocation lists, which level B-B has none of.
    #[error("unsigned content inside the signature")]
    UnsignedContent,
    /// The covered bytes have another digest.
    #[error("digest of the covered bytes differs")]
    DigestDiffers,
    /// signing-certificate-v2 names another certificate.
    #[error("signing-certificate-v2 names another certificate")]
    OtherCertificate,
    /// The signature value does not hold over the signed attributes.
    #[error("signature value does not hold")]
    ValueWrong,
}

impl CmsFlaw {
    /// True where the flaw is one of algorithm or key size.
    pub fn is_of_algorithm(&self) -> bool {
        use CmsFlaw::{DigestAlgorithm, Key, SignatureAlgorithm};
        matches!(self, DigestAlgorithm(_) | SignatureAlgorithm(_) | Key(_))
    }
}

/// What a signature value says, and everything wrong with it.
#[derive(Debug, Default)]
pub struct Examined {
    /// The signer's certificate.
    pub signer: Option<Cert>,
    /// All certificates enclosed.
    pub enclosed: Vec<Cert>,
    /// A time stamp lies inside; whether it holds is not asked here.
    pub stamped: bool,
    /// Everything wrong with it.
    pub flaws: Vec<CmsFlaw>,
}

/// SignedData (RFC 5652, 5.1). Certificates are kept as they came, hence not the
/// `cms` crate's type, which would give them back encoded anew.
#[derive(Sequence)]
pub(super) struct SignedData {
    /// 1: plain data, X.509 certificates, signers named by issuer.
    version: u8,
    digest_algorithms: SetOfVec<AlgorithmIdentifierOwned>,
    pub(super) content: EncapsulatedContentInfo,
    #[asn1(
        context_specific = "0",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    certificates: Option<SetOfVec<Any>>,
    #[asn1(
        context_specific = "1",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    pub(super) crls: Option<SetOfVec<Any>>,
    pub(super) signer_infos: SetOfVec<SignerInfo>,
}

/// ESSCertIDv2 (RFC 5035, 4), as far as it is looked at.
#[derive(Sequence)]
struct EssCertIdV2 {
    /// SHA-256 where it is left out.
    #[asn1(optional = "true")]
    hash_algorithm: Option<AlgorithmIdentifierOwned>,
    cert_hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<Any>,
}

#[derive(Sequence)]
pub(super) struct SigningCertificateV2 {
    certs: Vec<EssCertIdV2>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

impl SigningCertificateV2 {
    /// Digest algorithm and digest of the signer's certificate (RFC 5035, 4: the first entry names it).
    pub(super) fn first(&self) -> Option<(ObjectIdentifier, &[u8])> {
        let first = self.certs.first()?;
        let hash = first.hash_algorithm.as_ref();
        let hash = hash.map_or(rfc5912::ID_SHA_256, |hash| hash.oid);
        Some((hash, first.cert_hash.as_bytes()))
    }
}

/// Examines a signature value (without padding) over these parts of a file.
pub fn examine(der: &[u8], covered: &[&[u8]]) -> Examined {
    let Some(data) = signed_data(der) else {
        return Examined {
            flaws: vec![CmsFlaw::NotDer],
            ..Examined::default()
        };
    };
    let mut found = Examined {
        enclosed: certificates(&data),
        ..Examined::default()
    };
    found.flaws.extend(envelope_flaws(&data));
    let [info] = data.signer_infos.as_slice() else {
        found.flaws.push(CmsFlaw::Signers(data.signer_infos.len()));
        return found;
    };
    found.flaws.extend(version_flaw(&data, info));
    found.stamped = is_stamped(info);
    found.signer = found
        .enclosed
        .iter()
        .find(|c| is_named_by(c, &info.sid))
        .cloned();
    found
        .flaws
        .extend(attribute_flaws(info, covered, found.signer.as_ref()));
    match &found.signer {
        Some(signer) => found.flaws.extend(value_flaws(info, signer)),
        None => found.flaws.push(CmsFlaw::NoCertificate),
    }
    found
}

/// Decodes, and insists that encoding again gives the same bytes: a value that
/// can be read two ways is not one our writer made.
fn signed_data(der: &[u8]) -> Option<SignedData> {
    decoded(der).and_then(|(data, exact)| exact.then_some(data))
}

/// Decodes; `true` where encoding again gives the same bytes.
pub(super) fn decoded(der: &[u8]) -> Option<(SignedData, bool)> {
    let outer = ContentInfo::from_der(der).ok()?;
    if outer.content_type != rfc5911::ID_SIGNED_DATA {
        return None;
    }
    let data: SignedData = outer.content.decode_as().ok()?;
    let again = ContentInfo {
        content_type: rfc5911::ID_SIGNED_DATA,
        content: Any::encode_from(&data).ok()?,
    };
    let exact = again.to_der().ok()? == der;
    Some((data, exact))
}

pub(super) fn certificates(data: &SignedData) -> Vec<Cert> {
    let enclosed = data.certificates.iter().flat_map(|set| set.iter());
    enclosed
        .filter_map(|any| Cert::from_der(&any.to_der().ok()?))
        .collect()
}

/// How many X.509 certificates are said to be enclosed; attribute certificates have tags of
/// their own (RFC 5652, 10.2.2).
pub(super) fn certificates_told(data: &SignedData) -> usize {
    let enclosed = data.certificates.iter().flat_map(|set| set.iter());
    enclosed.filter(|any| any.tag() == Tag::Sequence).count()
}

/// True where the value says beforehand that this digest is used (RFC 5652, 5.1).
pub(super) fn lists_digest(data: &SignedData, digest: &ObjectIdentifier) -> bool {
    data.digest_algorithms.iter().any(|one| one.oid == *digest)
}

fn envelope_flaws(data: &SignedData) -> Vec<CmsFlaw> {
    let mut flaws = Vec::new();
    if data.content.econtent.is_some() || data.content.econtent_type != rfc5911::ID_DATA {
        flaws.push(CmsFlaw::NotDetached);
    }
    let foreign = data
        .digest_algorithms
        .iter()
        .find(|a| ![rfc5912::ID_SHA_256, rfc5912::ID_SHA_384].contains(&a.oid));
    flaws.extend(foreign.map(|a| CmsFlaw::DigestAlgorithm(a.oid)));
    if data.crls.is_some() {
        flaws.push(CmsFlaw::UnsignedContent);
    }
    flaws
}

/// The versions follow from how the signer is named (RFC 5652, 5.1 and 5.3). Nothing signs them, so
/// another one would be a byte that anybody may change.
fn version_flaw(data: &SignedData, info: &SignerInfo) -> Option<CmsFlaw> {
    let expected = match info.sid {
        SignerIdentifier::IssuerAndSerialNumber(_) => (1, CmsVersion::V1),
        SignerIdentifier::SubjectKeyIdentifier(_) => (3, CmsVersion::V3),
    };
    ((data.version, info.version) != expected).then_some(CmsFlaw::Version)
}

pub(super) fn is_named_by(certificate: &Cert, id: &SignerIdentifier) -> bool {
    let body = &certificate.body.tbs_certificate;
    match id {
        SignerIdentifier::IssuerAndSerialNumber(name) => {
            body.issuer == name.issuer && body.serial_number == name.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(wanted) => matches!(
            body.get::<SubjectKeyIdentifier>(),
            Ok(Some((_, found))) if found == *wanted
        ),
    }
}

fn attribute_flaws(info: &SignerInfo, covered: &[&[u8]], signer: Option<&Cert>) -> Vec<CmsFlaw> {
    let mut flaws = Vec::new();
    let covered = algorithms::digest_of(covered, info.digest_alg.oid);
    match single::<ObjectIdentifier>(info, &rfc5911::ID_CONTENT_TYPE) {
        Some(rfc5911::ID_DATA) => {}
        _ => flaws.push(CmsFlaw::Attribute("content-type")),
    }
    match single::<OctetString>(info, &rfc5911::ID_MESSAGE_DIGEST) {
        // An algorithm that is not allowed is told where the value is judged.
        Some(said) if covered.is_none_or(|found| found.as_ref() == said.as_bytes()) => {}
        Some(_) => flaws.push(CmsFlaw::DigestDiffers),
        None => flaws.push(CmsFlaw::Attribute("message-digest")),
    }
    match single::<SigningCertificateV2>(info, &SIGNING_CERTIFICATE_V2) {
        Some(named) if signer.is_none_or(|signer| names(&named, signer)) => {}
        Some(_) => flaws.push(CmsFlaw::OtherCertificate),
        None => flaws.push(CmsFlaw::Attribute("signing-certificate-v2")),
    }
    let known = [
        rfc5911::ID_CONTENT_TYPE,
        rfc5911::ID_MESSAGE_DIGEST,
        SIGNING_CERTIFICATE_V2,
        // Programs that sign for us elsewhere add it; what it says is the judge's business.
        ALGORITHM_PROTECTION,
    ];
    let foreign = attributes(info)
        .map(|a| a.oid)
        .filter(|oid| !known.contains(oid));
    flaws.extend(foreign.map(CmsFlaw::ForeignAttribute));
    if info.unsigned_attrs.is_some() && !is_stamped(info) {
        flaws.push(CmsFlaw::UnsignedContent);
    }
    flaws
}

/// True where the one thing unsigned is one time stamp over the signature (EN 319 122-1, 5.3).
fn is_stamped(info: &SignerInfo) -> bool {
    let unsigned = info.unsigned_attrs.as_ref().map(SetOfVec::as_slice);
    matches!(unsigned, Some([one]) if one.oid == SIGNATURE_TIME_STAMP && one.values.len() == 1)
}

fn attributes(info: &SignerInfo) -> impl Iterator<Item = &Attribute> {
    info.signed_attrs.iter().flat_map(|set| set.iter())
}

/// The one value of the one attribute of this type; `None` where it is missing,
/// doubled, has more values than one or another shape.
pub(super) fn single<'a, T>(info: &'a SignerInfo, oid: &ObjectIdentifier) -> Option<T>
where
    T: der::DecodeValue<'a> + der::FixedTag,
{
    let mut of_type = attributes(info).filter(|attribute| attribute.oid == *oid);
    let (attribute, None) = (of_type.next()?, of_type.next()) else {
        return None;
    };
    match attribute.values.as_slice() {
        [value] => value.decode_as().ok(),
        _ => None,
    }
}

/// True where the attribute's first certificate is this one.
fn names(attribute: &SigningCertificateV2, signer: &Cert) -> bool {
    attribute.first() == Some((rfc5912::ID_SHA_256, signer.digest().as_bytes()))
}

fn value_flaws(info: &SignerInfo, signer: &Cert) -> Vec<CmsFlaw> {
    let key = &signer.body.tbs_certificate.subject_public_key_info;
    let mut flaws = Vec::new();
    let kind = match algorithms::key_kind(key) {
        Ok(kind) => kind,
        Err(flaw) => {
            flaws.push(flaw.into());
            return flaws;
        }
    };
    let scheme = algorithms::cms_scheme(&info.signature_algorithm);
    let Some(scheme) = scheme.filter(|scheme| scheme.kind() == kind) else {
        flaws.push(CmsFlaw::SignatureAlgorithm(info.signature_algorithm.oid));
        return flaws;
    };
    if info.digest_alg.oid != scheme.digest() {
        flaws.push(CmsFlaw::DigestAlgorithm(info.digest_alg.oid));
    }
    // RFC 5652, 5.4: what is signed is the DER of the attributes as a SET OF.
    let message = info.signed_attrs.as_ref().and_then(|set| set.to_der().ok());
    let value = info.signature.as_bytes();
    let holds = message.is_some_and(|m| algorithms::holds(key, scheme, EcdsaForm::Der, &m, value));
    if !holds {
        flaws.push(CmsFlaw::ValueWrong);
    }
    flaws
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::cms::Signatory;
    use crate::formats::fictional_signer::{Authority, FictionalSigner};
    use crate::formats::signer::Signer;
    use std::sync::LazyLock;

    static SIGNER: LazyLock<FictionalSigner> =
        LazyLock::new(|| Authority::root().below("Thử").signer(|_| {}));

    const COVERED: [&[u8]; 2] = [b"the", b" file"];

    /// A good signature value with `change` done to it.
    fn changed(change: impl FnOnce(&mut SignedData)) -> Vec<u8> {
        let signatory = Signatory::of(&*SIGNER).expect("a signer");
        let der = signatory.sign_detached(&COVERED).expect("signs");
        let mut data = signed_data(&der).expect("good");
        change(&mut data);
        let outer = ContentInfo {
            content_type: rfc5911::ID_SIGNED_DATA,
            content: Any::encode_from(&data).expect("encodes"),
        };
        outer.to_der().expect("encodes")
    }

    fn info(data: &SignedData) -> SignerInfo {
        data.signer_infos.get(0).expect("one").clone()
    }

    fn put(data: &mut SignedData, infos: impl IntoIterator<Item = SignerInfo>) {
        let infos: Vec<SignerInfo> = infos.into_iter().collect();
        data.signer_infos = SetOfVec::try_from(infos).expect("a set");
    }

    /// Changes the signed attributes and signs them again, as the key's owner could.
    fn resigned(change: impl FnOnce(&mut Vec<Attribute>)) -> Vec<u8> {
        changed(|data| {
            let mut info = info(data);
            let mut attributes: Vec<Attribute> = attributes(&info).cloned().collect();
            change(&mut attributes);
            let set = SetOfVec::try_from(attributes).expect("a set");
            let value = SIGNER.sign(&set.to_der().expect("encodes")).expect("signs");
            info.signed_attrs = Some(set);
            info.signature = OctetString::new(value).expect("short");
            put(data, [info]);
        })
    }

    fn flaws(der: &[u8]) -> Vec<CmsFlaw> {
        examine(der, &COVERED).flaws
    }

    fn algorithm(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned {
            oid,
            parameters: None,
        }
    }

    fn attribute(oid: ObjectIdentifier, value: Any) -> Attribute {
        let values = SetOfVec::try_from([value]).expect("a set");
        Attribute { oid, values }
    }

    #[test]
    fn a_version_that_does_not_follow_from_the_signers_name_is_a_flaw() {
        let outer = changed(|data| data.version = 2);
        assert_eq!(examine(&outer, &COVERED).flaws, [CmsFlaw::Version]);
        let inner = changed(|data| {
            let mut info = info(data);
            info.version = CmsVersion::V3;
            put(data, [info]);
        });
        assert_eq!(examine(&inner, &COVERED).flaws, [CmsFlaw::Version]);
    }

    #[test]
    fn a_good_signature_has_no_flaws() {
        let found = examine(&changed(|_| {}), &COVERED);
        assert_eq!(found.flaws, []);
        let signer = found.signer.expect("named");
        assert_eq!(signer.der, SIGNER.certificate_der);
        assert_eq!(found.enclosed.len(), 2);
    }

    #[test]
    fn a_signature_of_p384_is_made_over_sha_384_throughout() {
        let signer = Authority::root().signer_with(&rcgen::PKCS_ECDSA_P384_SHA384, |_| {});
        let signatory = Signatory::of(&signer).expect("a signer");
        let der = signatory.sign_detached(&COVERED).expect("signs");
        assert_eq!(flaws(&der), []);
        let mut data = signed_data(&der).expect("good");
        let digest_alg = algorithm(rfc5912::ID_SHA_256);
        let info = SignerInfo {
            digest_alg,
            ..info(&data)
        };
        put(&mut data, [info]);
        let outer = ContentInfo {
            content_type: rfc5911::ID_SIGNED_DATA,
            content: Any::encode_from(&data).expect("encodes"),
        };
        let lying = outer.to_der().expect("encodes");
        let expected = [
            CmsFlaw::DigestDiffers,
            CmsFlaw::DigestAlgorithm(rfc5912::ID_SHA_256),
        ];
        assert_eq!(flaws(&lying), expected);
    }

    #[test]
    fn weak_algorithms_are_refused_wherever_they_stand() {
        for weak in [rfc5912::ID_SHA_1, rfc5912::ID_MD_5] {
            let in_signer = changed(|data| {
                let digest_alg = algorithm(weak);
                let info = SignerInfo {
                    digest_alg,
                    ..info(data)
                };
                put(data, [info]);
            });
            assert_eq!(flaws(&in_signer), [CmsFlaw::DigestAlgorithm(weak)]);
            let in_envelope = changed(|data| {
                data.digest_algorithms = SetOfVec::try_from([algorithm(weak)]).expect("a set");
            });
            assert_eq!(flaws(&in_envelope), [CmsFlaw::DigestAlgorithm(weak)]);
        }
        for weak in [
            rfc5912::SHA_1_WITH_RSA_ENCRYPTION,
            rfc5912::SHA_256_WITH_RSA_ENCRYPTION,
        ] {
            let value = changed(|data| {
                let signature_algorithm = algorithm(weak);
                let info = SignerInfo {
                    signature_algorithm,
                    ..info(data)
                };
                put(data, [info]);
            });
            assert_eq!(flaws(&value), [CmsFlaw::SignatureAlgorithm(weak)]);
        }
    }

    #[test]
    fn the_form_is_that_of_one_detached_signature() {
        let two = changed(|data| {
            let other = SignerInfo {
                digest_alg: algorithm(rfc5912::ID_SHA_1),
                ..info(data)
            };
            let infos = [info(data), other];
            put(data, infos);
        });
        assert_eq!(flaws(&two), [CmsFlaw::Signers(2)]);
        let none = changed(|data| put(data, []));
        assert_eq!(flaws(&none), [CmsFlaw::Signers(0)]);
        let inside = changed(|data| {
            let octets = OctetString::new(b"the file".as_slice()).expect("short");
            data.content.econtent = Some(Any::encode_from(&octets).expect("encodes"));
        });
        assert_eq!(flaws(&inside), [CmsFlaw::NotDetached]);
        let bare = changed(|data| data.certificates = None);
        assert_eq!(flaws(&bare), [CmsFlaw::NoCertificate]);
        let more = changed(|data| {
            let unsigned = attribute(rfc5911::ID_SIGNING_TIME, Any::null());
            let unsigned_attrs = Some(SetOfVec::try_from([unsigned]).expect("a set"));
            let info = SignerInfo {
                unsigned_attrs,
                ..info(data)
            };
            put(data, [info]);
        });
        assert_eq!(flaws(&more), [CmsFlaw::UnsignedContent]);
        let mut trailing = changed(|_| {});
        trailing.push(0);
        assert_eq!(flaws(&trailing), [CmsFlaw::NotDer]);
    }

    #[test]
    fn the_signed_attributes_are_the_three_and_true() {
        let without = |oid: ObjectIdentifier| resigned(|all| all.retain(|a| a.oid != oid));
        let missing = [
            (rfc5911::ID_CONTENT_TYPE, "content-type"),
            (rfc5911::ID_MESSAGE_DIGEST, "message-digest"),
            (SIGNING_CERTIFICATE_V2, "signing-certificate-v2"),
        ];
        for (oid, name) in missing {
            assert_eq!(flaws(&without(oid)), [CmsFlaw::Attribute(name)]);
        }
        let more = resigned(|all| all.push(attribute(rfc5911::ID_SIGNING_TIME, Any::null())));
        assert_eq!(
            flaws(&more),
            [CmsFlaw::ForeignAttribute(rfc5911::ID_SIGNING_TIME)]
        );
        let other = resigned(|all| {
            let cert_hash = OctetString::new([7; 32].as_slice()).expect("short");
            let cert = EssCertIdV2 {
                hash_algorithm: None,
                cert_hash,
                issuer_serial: None,
            };
            let named = SigningCertificateV2 {
                certs: vec![cert],
                policies: None,
            };
            all.retain(|a| a.oid != SIGNING_CERTIFICATE_V2);
            all.push(attribute(
                SIGNING_CERTIFICATE_V2,
                Any::encode_from(&named).expect("encodes"),
            ));
        });
        assert_eq!(flaws(&other), [CmsFlaw::OtherCertificate]);
        let elsewhere = examine(&changed(|_| {}), &[b"another file"]);
        assert_eq!(elsewhere.flaws, [CmsFlaw::DigestDiffers]);
    }

    #[test]
    fn a_value_over_other_attributes_does_not_hold() {
        let value = changed(|data| {
            let mut info = info(data);
            let kept = attributes(&info).filter(|a| a.oid != SIGNING_CERTIFICATE_V2);
            let kept: Vec<Attribute> = kept.cloned().collect();
            info.signed_attrs = Some(SetOfVec::try_from(kept).expect("a set"));
            put(data, [info]);
        });
        let missing = CmsFlaw::Attribute("signing-certificate-v2");
        assert_eq!(flaws(&value), [missing, CmsFlaw::ValueWrong]);
    }
}
