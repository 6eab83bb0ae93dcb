//! Digests and signature schemes that signatures of PDF files, certificates, revocation lists
//! and OCSP answers use, as far as ring can check them.
//!
//! RFC 5754 (SHA-2 in CMS), RFC 8017 and RFC 4055 (RSA, PSS), RFC 5753 (ECDSA). Whether what can
//! be checked is also allowed is another question: [`super::allowed`].

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use der::Sequence;
use ring::digest;
use ring::signature::{self as rings, UnparsedPublicKey, VerificationAlgorithm};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::flaw::Flaw;
use crate::verify::algorithms;
use crate::verify::cades::CmsFlaw;

/// A digest algorithm that ring computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The digest of this name; a flaw where it cannot be computed.
    pub fn named(oid: ObjectIdentifier) -> Result<Self, Flaw> {
        match oid {
            rfc5912::ID_SHA_1 => Ok(Self::Sha1),
            rfc5912::ID_SHA_256 => Ok(Self::Sha256),
            rfc5912::ID_SHA_384 => Ok(Self::Sha384),
            rfc5912::ID_SHA_512 => Ok(Self::Sha512),
            rfc5912::ID_MD_5 => Err(Flaw::Weak("MD5".to_owned())),
            other => Err(Flaw::Unjudged(CmsFlaw::DigestAlgorithm(other).to_string())),
        }
    }

    /// As the table of allowed algorithms calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// For bytes that come piece by piece.
    pub fn context(self) -> digest::Context {
        digest::Context::new(match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        })
    }

    /// The digest of these parts, one behind the other.
    pub fn of(self, parts: &[&[u8]]) -> digest::Digest {
        let mut context = self.context();
        parts.iter().for_each(|part| context.update(part));
        context.finish()
    }
}

/// How one signature is checked.
#[derive(Clone, Copy)]
pub struct Scheme {
    /// As the table of allowed algorithms calls it.
    pub name: &'static str,
    /// The digest inside the signature.
    pub hash: Hash,
    verifier: &'static dyn VerificationAlgorithm,
}

impl Scheme {
    /// The scheme of this name for this key; `hash` is the digest where the name leaves it open.
    pub fn of(
        key: &SubjectPublicKeyInfoOwned,
        named: &AlgorithmIdentifierOwned,
        hash: Option<Hash>,
    ) -> Result<Self, Flaw> {
        let unknown = || Flaw::Unjudged(CmsFlaw::SignatureAlgorithm(named.oid).to_string());
        match key.algorithm.oid {
            rfc5912::RSA_ENCRYPTION | rfc5912::ID_RSASSA_PSS => {
                let bits = algorithms::rsa_bits(key.subject_public_key.raw_bytes());
                let bits = bits.ok_or_else(|| Flaw::Format("malformed public key".to_owned()))?;
                rsa(named, hash, bits).ok_or_else(unknown)
            }
            rfc5912::ID_EC_PUBLIC_KEY => ecdsa(key, named).ok_or_else(unknown),
            other => Err(Flaw::Unjudged(format!("key algorithm {other}"))),
        }
    }

    /// True where the signature over the message holds under this key.
    pub fn holds(&self, key: &SubjectPublicKeyInfoOwned, message: &[u8], value: &[u8]) -> bool {
        UnparsedPublicKey::new(self.verifier, key.subject_public_key.raw_bytes())
            .verify(message, value)
            .is_ok()
    }
}

/// Family and bits of a key: `("RSA", 2048)`, `("P-256", 256)`.
pub fn key_size(key: &SubjectPublicKeyInfoOwned) -> (String, u32) {
    match key.algorithm.oid {
        rfc5912::RSA_ENCRYPTION | rfc5912::ID_RSASSA_PSS => {
            let bits = algorithms::rsa_bits(key.subject_public_key.raw_bytes());
            ("RSA".to_owned(), bits.unwrap_or(0) as u32)
        }
        rfc5912::ID_EC_PUBLIC_KEY => match curve(key) {
            Some(rfc5912::SECP_256_R_1) => ("P-256".to_owned(), 256),
            Some(rfc5912::SECP_384_R_1) => ("P-384".to_owned(), 384),
            Some(rfc5912::SECP_521_R_1) => ("P-521".to_owned(), 521),
            Some(other) => (other.to_string(), 0),
            None => ("elliptic curve".to_owned(), 0),
        },
        other => (other.to_string(), 0),
    }
}

fn rsa(named: &AlgorithmIdentifierOwned, hash: Option<Hash>, bits: usize) -> Option<Scheme> {
    let hash = match named.oid {
        rfc5912::RSA_ENCRYPTION => hash?,
        rfc5912::SHA_1_WITH_RSA_ENCRYPTION => Hash::Sha1,
        rfc5912::SHA_256_WITH_RSA_ENCRYPTION => Hash::Sha256,
        rfc5912::SHA_384_WITH_RSA_ENCRYPTION => Hash::Sha384,
        rfc5912::SHA_512_WITH_RSA_ENCRYPTION => Hash::Sha512,
        rfc5912::ID_RSASSA_PSS => return pss(named),
        _ => return None,
    };
    // Short keys are checked as well, so that "intact" says what it says; the table refuses them.
    let verifier: &dyn VerificationAlgorithm = match (hash, bits >= 2048) {
        (Hash::Sha1, true) => &rings::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (Hash::Sha1, false) => &rings::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (Hash::Sha256, true) => &rings::RSA_PKCS1_2048_8192_SHA256,
        (Hash::Sha256, false) => &rings::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (Hash::Sha384, _) => &rings::RSA_PKCS1_2048_8192_SHA384,
        (Hash::Sha512, true) => &rings::RSA_PKCS1_2048_8192_SHA512,
        (Hash::Sha512, false) => &rings::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    };
    Some(Scheme {
        name: "RSA PKCS#1 v1.5",
        hash,
        verifier,
    })
}

/// RSASSA-PSS-params (RFC 4055, 3.1).
#[derive(Sequence)]
struct PssParams {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_bytes: Option<u16>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer: Option<u8>,
}

/// One digest throughout and a salt as long as it, which is what signers use and ring checks.
fn pss(named: &AlgorithmIdentifierOwned) -> Option<Scheme> {
    let params: PssParams = named.parameters.as_ref()?.decode_as().ok()?;
    let hash = Hash::named(params.hash?.oid).ok()?;
    let mask: AlgorithmIdentifierOwned = params.mask?.parameters?.decode_as().ok()?;
    let verifier: &dyn VerificationAlgorithm = match (hash, params.salt_bytes.unwrap_or(20)) {
        (Hash::Sha256, 32) => &rings::RSA_PSS_2048_8192_SHA256,
        (Hash::Sha384, 48) => &rings::RSA_PSS_2048_8192_SHA384,
        (Hash::Sha512, 64) => &rings::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    };
    let same = Hash::named(mask.oid).is_ok_and(|mask| mask == hash);
    let plain = same && params.trailer.is_none_or(|kind| kind == 1);
    plain.then_some(Scheme {
        name: "RSASSA-PSS",
        hash,
        verifier,
    })
}

fn curve(key: &SubjectPublicKeyInfoOwned) -> Option<ObjectIdentifier> {
    key.algorithm.parameters.as_ref()?.decode_as().ok()
}

fn ecdsa(key: &SubjectPublicKeyInfoOwned, named: &AlgorithmIdentifierOwned) -> Option<Scheme> {
    let (hash, verifier): (_, &dyn VerificationAlgorithm) = match (curve(key)?, named.oid) {
        (rfc5912::SECP_256_R_1, rfc5912::ECDSA_WITH_SHA_256) => {
            (Hash::Sha256, &rings::ECDSA_P256_SHA256_ASN1)
        }
        (rfc5912::SECP_256_R_1, rfc5912::ECDSA_WITH_SHA_384) => {
            (Hash::Sha384, &rings::ECDSA_P256_SHA384_ASN1)
        }
        (rfc5912::SECP_384_R_1, rfc5912::ECDSA_WITH_SHA_256) => {
            (Hash::Sha256, &rings::ECDSA_P384_SHA256_ASN1)
        }
        (rfc5912::SECP_384_R_1, rfc5912::ECDSA_WITH_SHA_384) => {
            (Hash::Sha384, &rings::ECDSA_P384_SHA384_ASN1)
        }
        _ => return None,
    };
    Some(Scheme {
        name: "ECDSA",
        hash,
        verifier,
    })
}
