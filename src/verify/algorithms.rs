//! The allow-list: RSA from 2048 bits with PKCS#1 v1.5 or PSS over SHA-256, ECDSA on P-256 over
//! SHA-256 and on P-384 over SHA-384.
//!
//! TT 15/2025/TT-BKHCN asks for at least this; everything else (SHA-1, MD5,
//! `none`, HMAC, other curves) is refused by not being listed.

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5912, rfc8410};
use der::asn1::UintRef;
use der::{Decode, Sequence};
use ring::signature::{self, UnparsedPublicKey};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// A public key of an allowed kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA of 2048 to 8192 bits.
    Rsa,
    /// ECDSA on P-256.
    EcdsaP256,
    /// ECDSA on P-384.
    EcdsaP384,
}

/// A way to sign that is allowed: key, padding and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// RSA, PKCS#1 v1.5, SHA-256.
    RsaPkcs1,
    /// RSA, PSS, SHA-256 throughout, a salt of 32 bytes.
    RsaPss,
    /// ECDSA, P-256, SHA-256.
    EcdsaP256,
    /// ECDSA, P-384, SHA-384.
    EcdsaP384,
}

impl Scheme {
    /// The kind of key it is for.
    pub fn kind(self) -> KeyKind {
        match self {
            Self::RsaPkcs1 | Self::RsaPss => KeyKind::Rsa,
            Self::EcdsaP256 => KeyKind::EcdsaP256,
            Self::EcdsaP384 => KeyKind::EcdsaP384,
        }
    }

    /// The digest it is made over, which must be the content's too (RFC 8933, 3).
    pub fn digest(self) -> ObjectIdentifier {
        match self {
            Self::EcdsaP384 => rfc5912::ID_SHA_384,
            _ => rfc5912::ID_SHA_256,
        }
    }
}

/// How an ECDSA value is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EcdsaForm {
    /// `SEQUENCE {r, s}` (CMS).
    Der,
    /// r and s of one width (JWS, RFC 7518, 3.4).
    Fixed,
}

/// Why a key is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFlaw {
    /// RSA below 2048 or above 8192 bits.
    #[error("RSA key of {bits} bits")]
    RsaSize {
        /// Bits of the modulus.
        bits: usize,
    },
    /// Another curve than P-256 and P-384.
    #[error("elliptic curve {0}")]
    Curve(String),
    /// Another kind of key.
    #[error("key algorithm {0}")]
    Kind(ObjectIdentifier),
    /// The key cannot be decoded.
    #[error("malformed public key")]
    Malformed,
}

#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

/// The kind of a key, if it is allowed.
pub fn key_kind(key: &SubjectPublicKeyInfoOwned) -> Result<KeyKind, KeyFlaw> {
    match key.algorithm.oid {
        rfc5912::RSA_ENCRYPTION => rsa_kind(key.subject_public_key.raw_bytes()),
        rfc5912::ID_EC_PUBLIC_KEY => {
            let curve = key.algorithm.parameters.as_ref();
            match curve
                .and_then(|any| any.decode_as().ok())
                .ok_or(KeyFlaw::Malformed)?
            {
                rfc5912::SECP_256_R_1 => Ok(KeyKind::EcdsaP256),
                rfc5912::SECP_384_R_1 => Ok(KeyKind::EcdsaP384),
                other => Err(KeyFlaw::Curve(ObjectIdentifier::to_string(&other))),
            }
        }
        rfc8410::ID_ED_25519 => Err(KeyFlaw::Curve("Ed25519".to_owned())),
        other => Err(KeyFlaw::Kind(other)),
    }
}

/// RSA of an allowed size; `bits_of_key` is its RSAPublicKey in DER (RFC 8017, A.1.1).
pub fn rsa_kind(bits_of_key: &[u8]) -> Result<KeyKind, KeyFlaw> {
    let bits = rsa_bits(bits_of_key).ok_or(KeyFlaw::Malformed)?;
    match (2048..=8192).contains(&bits) {
        true => Ok(KeyKind::Rsa),
        false => Err(KeyFlaw::RsaSize { bits }),
    }
}

/// Bits of the modulus of an RSAPublicKey in DER; `None` where it is none, or has no exponent.
pub fn rsa_bits(bits_of_key: &[u8]) -> Option<usize> {
    let key = RsaPublicKey::from_der(bits_of_key).ok()?;
    let modulus = key.modulus.as_bytes();
    let leading = modulus
        .first()
        .map_or(8, |byte| byte.leading_zeros() as usize);
    let bits = (modulus.len() * 8).saturating_sub(leading);
    (!key.public_exponent.as_bytes().is_empty()).then_some(bits)
}

/// The scheme that CMS names so (RFC 3370, 3.2; RFC 5754, 3.3; RFC 4055, 3.1).
pub fn cms_scheme(named: &AlgorithmIdentifierOwned) -> Option<Scheme> {
    match named.oid {
        rfc5912::RSA_ENCRYPTION | rfc5912::SHA_256_WITH_RSA_ENCRYPTION => Some(Scheme::RsaPkcs1),
        rfc5912::ID_RSASSA_PSS => is_our_pss(named).then_some(Scheme::RsaPss),
        rfc5912::ECDSA_WITH_SHA_256 => Some(Scheme::EcdsaP256),
        rfc5912::ECDSA_WITH_SHA_384 => Some(Scheme::EcdsaP384),
        _ => None,
    }
}

/// The digest of these parts by the algorithm of this name, where it is allowed.
pub fn digest_of(parts: &[&[u8]], algorithm: ObjectIdentifier) -> Option<ring::digest::Digest> {
    let mut context = ring::digest::Context::new(match algorithm {
        rfc5912::ID_SHA_256 => &ring::digest::SHA256,
        rfc5912::ID_SHA_384 => &ring::digest::SHA384,
        _ => return None,
    });
    parts.iter().for_each(|part| context.update(part));
    Some(context.finish())
}

/// RSASSA-PSS-params (RFC 4055, 3.1); every one of them has a weak default.
#[derive(Sequence)]
struct PssParams {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    hash: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    mask: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    salt_bytes: u8,
}

/// True for SHA-256, MGF1 over SHA-256 and a salt of 32 bytes.
fn is_our_pss(named: &AlgorithmIdentifierOwned) -> bool {
    let params = named.parameters.as_ref();
    let params = params.and_then(|any| any.decode_as::<PssParams>().ok());
    params.is_some_and(|params| {
        let inner = params.mask.parameters.as_ref();
        let inner = inner.and_then(|any| any.decode_as::<AlgorithmIdentifierOwned>().ok());
        params.hash.oid == rfc5912::ID_SHA_256
            && params.mask.oid == rfc5912::ID_MGF_1
            && inner.is_some_and(|inner| inner.oid == rfc5912::ID_SHA_256)
            && params.salt_bytes == 32
    })
}

/// True where the signature over the message holds under this key.
pub fn holds(
    key: &SubjectPublicKeyInfoOwned,
    scheme: Scheme,
    form: EcdsaForm,
    message: &[u8],
    value: &[u8],
) -> bool {
    let algorithm: &dyn signature::VerificationAlgorithm = match (scheme, form) {
        (Scheme::RsaPkcs1, _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (Scheme::RsaPss, _) => &signature::RSA_PSS_2048_8192_SHA256,
        (Scheme::EcdsaP256, EcdsaForm::Der) => &signature::ECDSA_P256_SHA256_ASN1,
        (Scheme::EcdsaP256, EcdsaForm::Fixed) => &signature::ECDSA_P256_SHA256_FIXED,
        (Scheme::EcdsaP384, EcdsaForm::Der) => &signature::ECDSA_P384_SHA384_ASN1,
        (Scheme::EcdsaP384, EcdsaForm::Fixed) => &signature::ECDSA_P384_SHA384_FIXED,
    };
    UnparsedPublicKey::new(algorithm, key.subject_public_key.raw_bytes())
        .verify(message, value)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Encode;
    use der::asn1::{Any, BitString};

    fn rsa_of(bits: usize) -> SubjectPublicKeyInfoOwned {
        let mut modulus = vec![0xFF; bits / 8];
        modulus[0] = 0x80;
        let key = RsaPublicKey {
            modulus: UintRef::new(&modulus).expect("a number"),
            public_exponent: UintRef::new(&[1, 0, 1]).expect("a number"),
        };
        SubjectPublicKeyInfoOwned {
            algorithm: spki::AlgorithmIdentifierOwned {
                oid: rfc5912::RSA_ENCRYPTION,
                parameters: Some(Any::null()),
            },
            subject_public_key: BitString::from_bytes(&key.to_der().expect("encodes"))
                .expect("bits"),
        }
    }

    #[test]
    fn rsa_counts_from_2048_bits() {
        assert_eq!(
            key_kind(&rsa_of(1024)),
            Err(KeyFlaw::RsaSize { bits: 1024 })
        );
        assert_eq!(
            key_kind(&rsa_of(2040)),
            Err(KeyFlaw::RsaSize { bits: 2040 })
        );
        assert_eq!(key_kind(&rsa_of(2048)), Ok(KeyKind::Rsa));
    }

    #[test]
    fn other_curves_and_kinds_are_refused() {
        let mut key = rsa_of(2048);
        key.algorithm.oid = rfc5912::ID_EC_PUBLIC_KEY;
        key.algorithm.parameters = Some(Any::encode_from(&rfc5912::SECP_521_R_1).expect("encodes"));
        assert!(matches!(key_kind(&key), Err(KeyFlaw::Curve(_))));
        key.algorithm.oid = rfc5912::ID_DSA;
        assert_eq!(key_kind(&key), Err(KeyFlaw::Kind(rfc5912::ID_DSA)));
    }

    /// `AlgorithmIdentifier` of RSASSA-PSS with these hashes and this salt.
    fn pss(hash: ObjectIdentifier, mask: ObjectIdentifier, salt_bytes: u8) -> Option<Scheme> {
        let plain = |oid| AlgorithmIdentifierOwned {
            oid,
            parameters: None,
        };
        let params = PssParams {
            hash: plain(hash),
            mask: AlgorithmIdentifierOwned {
                oid: rfc5912::ID_MGF_1,
                parameters: Some(Any::encode_from(&plain(mask)).expect("encodes")),
            },
            salt_bytes,
        };
        cms_scheme(&AlgorithmIdentifierOwned {
            oid: rfc5912::ID_RSASSA_PSS,
            parameters: Some(Any::encode_from(&params).expect("encodes")),
        })
    }

    #[test]
    fn pss_counts_with_sha_256_throughout_and_a_salt_as_long() {
        let (good, weak) = (rfc5912::ID_SHA_256, rfc5912::ID_SHA_1);
        assert_eq!(pss(good, good, 32), Some(Scheme::RsaPss));
        assert_eq!(pss(weak, good, 32), None);
        assert_eq!(pss(good, weak, 32), None);
        assert_eq!(pss(good, good, 20), None);
        let bare = AlgorithmIdentifierOwned {
            oid: rfc5912::ID_RSASSA_PSS,
            parameters: None,
        };
        assert_eq!(cms_scheme(&bare), None);
    }
}
