//! The allow-list: RSA from 2048 bits with PKCS#1 v1.5 and ECDSA on P-256, both over SHA-256.
//!
//! TT 15/2025/TT-BKHCN asks for at least this; everything else (SHA-1, MD5,
//! `none`, HMAC, other curves) is refused by not being listed.

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5912, rfc8410};
use der::asn1::UintRef;
use der::{Decode, Sequence};
use ring::signature::{self, UnparsedPublicKey};
use spki::SubjectPublicKeyInfoOwned;

/// A public key of an allowed kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA of 2048 to 8192 bits.
    Rsa,
    /// ECDSA on P-256.
    EcdsaP256,
}

/// How an ECDSA value is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EcdsaForm {
    /// `SEQUENCE {r, s}` (CMS).
    Der,
    /// r and s of 32 bytes each (JWS, RFC 7518, 3.4).
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
    /// Another curve than P-256.
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

/// The signature algorithms that CMS may name for such a key (RFC 3370, 3.2; RFC 5754, 3.3).
pub fn cms_names(kind: KeyKind) -> &'static [ObjectIdentifier] {
    match kind {
        KeyKind::Rsa => &[
            rfc5912::RSA_ENCRYPTION,
            rfc5912::SHA_256_WITH_RSA_ENCRYPTION,
        ],
        KeyKind::EcdsaP256 => &[rfc5912::ECDSA_WITH_SHA_256],
    }
}

/// True where the signature over the message holds under this key.
pub fn holds(
    key: &SubjectPublicKeyInfoOwned,
    kind: KeyKind,
    form: EcdsaForm,
    message: &[u8],
    value: &[u8],
) -> bool {
    let algorithm: &dyn signature::VerificationAlgorithm = match (kind, form) {
        (KeyKind::Rsa, _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (KeyKind::EcdsaP256, EcdsaForm::Der) => &signature::ECDSA_P256_SHA256_ASN1,
        (KeyKind::EcdsaP256, EcdsaForm::Fixed) => &signature::ECDSA_P256_SHA256_FIXED,
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
        key.algorithm.parameters = Some(Any::encode_from(&rfc5912::SECP_384_R_1).expect("encodes"));
        assert!(matches!(key_kind(&key), Err(KeyFlaw::Curve(_))));
        key.algorithm.oid = rfc5912::ID_DSA;
        assert_eq!(key_kind(&key), Err(KeyFlaw::Kind(rfc5912::ID_DSA)));
    }
}
