//! The value of a foreign signature: CMS SignedData of any of the kinds that PDF knows.
//!
//! ISO 32000-2, 12.8.3 and ETSI EN 319 142-1. Only integrity is asked for: the digest of
//! the covered bytes is the signed one, and the signature over it holds under the key of
//! the certificate that it names.

use cms::signed_data::SignerInfo;
use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5911, rfc5912};
use der::asn1::{AnyRef, OctetString};
use der::{Decode, Encode, Reader, Sequence, SliceReader};
use ring::digest;
use ring::signature::{self as rings, UnparsedPublicKey, VerificationAlgorithm};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::Remark;
use crate::verify::algorithms::{self, KeyFlaw};
use crate::verify::cades::{
    self, CmsFlaw, SIGNING_CERTIFICATE_V2, SignedData, SigningCertificateV2,
};
use crate::verify::certificate::Cert;
use crate::verify::finding::Code;
use crate::verify::limits;

/// id-ct-TSTInfo (RFC 3161, 2.4.2).
const TIME_STAMP_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// A signature value as far as it could be judged.
#[derive(Debug, Default)]
pub struct Value {
    pub signer: Option<Cert>,
    pub enclosed: Vec<Cert>,
    pub remarks: Vec<Remark>,
}

/// Examines a value over the covered parts; `kind` is its `/SubFilter`.
pub fn examine(der: &[u8], parts: &[&[u8]], kind: &[u8]) -> Value {
    let mut value = Value::default();
    if der.len() > limits::CMS_BYTES {
        value
            .remarks
            .push(Remark::unknown("signature value too long"));
        return value;
    }
    let Some((data, exact)) = cades::decoded(der) else {
        value.remarks.push(Remark::unknown(CmsFlaw::NotDer));
        return value;
    };
    value.enclosed = cades::certificates(&data);
    let [info] = data.signer_infos.as_slice() else {
        let flaw = CmsFlaw::Signers(data.signer_infos.len());
        value.remarks.push(Remark::unknown(flaw));
        return value;
    };
    let signer = value
        .enclosed
        .iter()
        .find(|c| cades::is_named_by(c, &info.sid));
    value.signer = signer.cloned();
    match signed_content(&data, parts, kind, &mut value.remarks) {
        Ok(content) => judge(info, &content, exact, &mut value),
        Err(remark) => value.remarks.push(remark),
    }
    value
}

/// What the signer's digest is made over: the covered parts, or a content inside that binds them.
fn signed_content<'a>(
    data: &'a SignedData,
    parts: &[&'a [u8]],
    kind: &[u8],
    remarks: &mut Vec<Remark>,
) -> Result<Vec<&'a [u8]>, Remark> {
    let inside = data
        .content
        .econtent
        .as_ref()
        .map(|content| content.value());
    match (kind, inside) {
        (b"adbe.pkcs7.detached" | b"ETSI.CAdES.detached", None) => Ok(parts.to_vec()),
        (b"adbe.pkcs7.sha1", Some(inside)) => {
            remarks.push(Remark::new(Code::KeptWeak, "SHA-1"));
            same(inside, Hash::Sha1.of(parts).as_ref()).map(|()| vec![inside])
        }
        (b"ETSI.RFC3161", Some(inside)) if data.content.econtent_type == TIME_STAMP_INFO => {
            let imprint = imprint(inside).ok_or_else(|| Remark::unknown("malformed time stamp"))?;
            let hash = Hash::named(imprint.algorithm.oid)?;
            hash.remark_if_weak(remarks);
            same(imprint.digest.as_bytes(), hash.of(parts).as_ref()).map(|()| vec![inside])
        }
        (b"adbe.pkcs7.detached" | b"ETSI.CAdES.detached", Some(_)) => {
            Err(Remark::unknown(CmsFlaw::NotDetached))
        }
        _ => {
            let kind = String::from_utf8_lossy(kind).into_owned();
            Err(Remark::unknown(format!("signature of the kind {kind:?}")))
        }
    }
}

fn same(said: &[u8], found: &[u8]) -> Result<(), Remark> {
    match said == found {
        true => Ok(()),
        false => Err(Remark::broken(CmsFlaw::DigestDiffers)),
    }
}

/// MessageImprint (RFC 3161, 2.4.1).
#[derive(Sequence)]
struct Imprint {
    algorithm: AlgorithmIdentifierOwned,
    digest: OctetString,
}

/// The third field of TSTInfo, behind version and policy; what follows is not looked at.
fn imprint(info: &[u8]) -> Option<Imprint> {
    let fields = AnyRef::from_der(info).ok()?;
    let mut fields = SliceReader::new(fields.value()).ok()?;
    let _version: u8 = fields.decode().ok()?;
    let _policy: ObjectIdentifier = fields.decode().ok()?;
    fields.decode().ok()
}

fn judge(info: &SignerInfo, content: &[&[u8]], exact: bool, value: &mut Value) {
    let hash = match Hash::named(info.digest_alg.oid) {
        Ok(hash) => hash,
        Err(remark) => return value.remarks.push(remark),
    };
    hash.remark_if_weak(&mut value.remarks);
    let message = match &info.signed_attrs {
        None => content.concat(),
        Some(set) => {
            let said = cades::single::<OctetString>(info, &rfc5911::ID_MESSAGE_DIGEST);
            let said = said.ok_or_else(|| Remark::unknown(CmsFlaw::Attribute("message-digest")));
            let fits = said.and_then(|said| same(said.as_bytes(), hash.of(content).as_ref()));
            if let Err(remark) = fits {
                return value.remarks.push(remark);
            }
            set.to_der().unwrap_or_default()
        }
    };
    let Some(signer) = &value.signer else {
        return value.remarks.push(Remark::unknown(CmsFlaw::NoCertificate));
    };
    if names_another(info, signer) {
        value
            .remarks
            .push(Remark::broken(CmsFlaw::OtherCertificate));
    }
    let key = &signer.body.tbs_certificate.subject_public_key_info;
    let algorithm = match algorithm(key, &info.signature_algorithm, hash) {
        Ok(algorithm) => algorithm,
        Err(remark) => return value.remarks.push(remark),
    };
    let public = UnparsedPublicKey::new(algorithm, key.subject_public_key.raw_bytes());
    if public.verify(&message, info.signature.as_bytes()).is_err() {
        // Attributes that came out of order may have been signed so; we only see them in order.
        value.remarks.push(match exact {
            true => Remark::broken(CmsFlaw::ValueWrong),
            false => Remark::unknown(CmsFlaw::NotDer),
        });
    }
}

/// True where signing-certificate-v2 says by SHA-256 that another certificate signed.
fn names_another(info: &SignerInfo, signer: &Cert) -> bool {
    let named = cades::single::<SigningCertificateV2>(info, &SIGNING_CERTIFICATE_V2);
    named.is_some_and(|named| {
        named
            .digest_of_signer()
            .is_some_and(|said| said != signer.digest().as_bytes())
    })
}

/// A digest algorithm that signatures of PDF files use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn named(oid: ObjectIdentifier) -> Result<Self, Remark> {
        match oid {
            rfc5912::ID_SHA_1 => Ok(Self::Sha1),
            rfc5912::ID_SHA_256 => Ok(Self::Sha256),
            rfc5912::ID_SHA_384 => Ok(Self::Sha384),
            rfc5912::ID_SHA_512 => Ok(Self::Sha512),
            other => Err(Remark::unknown(CmsFlaw::DigestAlgorithm(other))),
        }
    }

    fn remark_if_weak(self, remarks: &mut Vec<Remark>) {
        if self == Self::Sha1 {
            remarks.push(Remark::new(Code::KeptWeak, "SHA-1"));
        }
    }

    fn of(self, parts: &[&[u8]]) -> digest::Digest {
        let mut context = digest::Context::new(match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        });
        parts.iter().for_each(|part| context.update(part));
        context.finish()
    }
}

/// RSASSA-PSS-params (RFC 4055, 3.1).
#[derive(Sequence)]
struct PssParams {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_bytes: Option<u8>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer: Option<u8>,
}

/// How such a value is checked; a remark where it cannot be, or is too weak to be.
fn algorithm(
    key: &SubjectPublicKeyInfoOwned,
    named: &AlgorithmIdentifierOwned,
    hash: Hash,
) -> Result<&'static dyn VerificationAlgorithm, Remark> {
    let unknown = || Remark::unknown(CmsFlaw::SignatureAlgorithm(named.oid));
    match key.algorithm.oid {
        rfc5912::RSA_ENCRYPTION | rfc5912::ID_RSASSA_PSS => {
            algorithms::rsa_kind(key.subject_public_key.raw_bytes()).map_err(
                |flaw| match flaw {
                    KeyFlaw::RsaSize { bits } if bits < 2048 => Remark::new(Code::KeptWeak, flaw),
                    other => Remark::unknown(other),
                },
            )?;
            rsa(named, hash).ok_or_else(unknown)
        }
        rfc5912::ID_EC_PUBLIC_KEY => ecdsa(key, named).ok_or_else(unknown),
        other => Err(Remark::unknown(KeyFlaw::Kind(other))),
    }
}

fn rsa(named: &AlgorithmIdentifierOwned, hash: Hash) -> Option<&'static dyn VerificationAlgorithm> {
    let hash = match named.oid {
        rfc5912::RSA_ENCRYPTION => hash,
        rfc5912::SHA_1_WITH_RSA_ENCRYPTION => Hash::Sha1,
        rfc5912::SHA_256_WITH_RSA_ENCRYPTION => Hash::Sha256,
        rfc5912::SHA_384_WITH_RSA_ENCRYPTION => Hash::Sha384,
        rfc5912::SHA_512_WITH_RSA_ENCRYPTION => Hash::Sha512,
        rfc5912::ID_RSASSA_PSS => return pss(named),
        _ => return None,
    };
    Some(match hash {
        Hash::Sha1 => &rings::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => &rings::RSA_PKCS1_2048_8192_SHA256,
        Hash::Sha384 => &rings::RSA_PKCS1_2048_8192_SHA384,
        Hash::Sha512 => &rings::RSA_PKCS1_2048_8192_SHA512,
    })
}

/// One digest throughout and a salt as long as it, which is what signers use and ring checks.
fn pss(named: &AlgorithmIdentifierOwned) -> Option<&'static dyn VerificationAlgorithm> {
    let params: PssParams = named.parameters.as_ref()?.decode_as().ok()?;
    let hash = Hash::named(params.hash?.oid).ok()?;
    let mask: AlgorithmIdentifierOwned = params.mask?.parameters?.decode_as().ok()?;
    let salt_bytes = params.salt_bytes.unwrap_or(20);
    let algorithm: &dyn VerificationAlgorithm = match (hash, salt_bytes) {
        (Hash::Sha256, 32) => &rings::RSA_PSS_2048_8192_SHA256,
        (Hash::Sha384, 48) => &rings::RSA_PSS_2048_8192_SHA384,
        (Hash::Sha512, 64) => &rings::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    };
    let plain = Hash::named(mask.oid) == Ok(hash) && params.trailer.is_none_or(|kind| kind == 1);
    plain.then_some(algorithm)
}

fn ecdsa(
    key: &SubjectPublicKeyInfoOwned,
    named: &AlgorithmIdentifierOwned,
) -> Option<&'static dyn VerificationAlgorithm> {
    let curve: ObjectIdentifier = key.algorithm.parameters.as_ref()?.decode_as().ok()?;
    Some(match (curve, named.oid) {
        (rfc5912::SECP_256_R_1, rfc5912::ECDSA_WITH_SHA_256) => &rings::ECDSA_P256_SHA256_ASN1,
        (rfc5912::SECP_256_R_1, rfc5912::ECDSA_WITH_SHA_384) => &rings::ECDSA_P256_SHA384_ASN1,
        (rfc5912::SECP_384_R_1, rfc5912::ECDSA_WITH_SHA_256) => &rings::ECDSA_P384_SHA256_ASN1,
        (rfc5912::SECP_384_R_1, rfc5912::ECDSA_WITH_SHA_384) => &rings::ECDSA_P384_SHA384_ASN1,
        _ => return None,
    })
}
