//! One private key, ready to sign, and the certificate it belongs to.

use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1};
use der::asn1::{ObjectIdentifier, OctetStringRef, UintRef};
use der::{AnyRef, Decode, Encode, SliceReader};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::SealFault;
use crate::formats::signer::{RsaPadding, SignatureAlgorithm, SignerFault};
use crate::formats::x509::{Certificate, PublicKey, RsaPublicKey};

/// TT 15/2025/TT-BKHCN, annex I.
const MIN_RSA_BITS: usize = 2048;

/// What ring signs with.
const MAX_RSA_BITS: usize = 4096;

/// A private key that ring took.
pub(super) enum SigningKey {
    /// RSA.
    Rsa(Box<RsaKeyPair>),
    /// ECDSA on P-256.
    P256(Box<EcdsaKeyPair>),
    /// ECDSA on P-384.
    P384(Box<EcdsaKeyPair>),
}

impl SigningKey {
    /// The algorithm this key signs with; `padding` is that of an RSA key.
    pub(super) fn algorithm(&self, padding: RsaPadding) -> SignatureAlgorithm {
        match self {
            Self::Rsa(_) => padding.algorithm(),
            Self::P256(_) => SignatureAlgorithm::EcdsaP256Sha256,
            Self::P384(_) => SignatureAlgorithm::EcdsaP384Sha384,
        }
    }

    /// Signs the message.
    pub(super) fn sign(&self, padding: RsaPadding, message: &[u8]) -> Result<Vec<u8>, SignerFault> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let padding: &dyn RsaEncoding = match padding {
                    RsaPadding::Pkcs1 => &RSA_PKCS1_SHA256,
                    RsaPadding::Pss => &RSA_PSS_SHA256,
                };
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(padding, &random, message, &mut signature)
                    .map_err(|_| SignerFault::Refused)?;
                Ok(signature)
            }
            Self::P256(key) | Self::P384(key) => {
                let signature = key.sign(&random, message);
                let signature = signature.map_err(|_| SignerFault::Refused)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

/// A curve whose keys we take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
}

impl Curve {
    fn named(oid: ObjectIdentifier) -> Option<Self> {
        match oid {
            SECP_256_R_1 => Some(Self::P256),
            SECP_384_R_1 => Some(Self::P384),
            _ => None,
        }
    }

    fn scalar_bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
        }
    }

    fn ready(self, key: EcdsaKeyPair) -> SigningKey {
        match self {
            Self::P256 => SigningKey::P256(Box::new(key)),
            Self::P384 => SigningKey::P384(Box::new(key)),
        }
    }
}

/// The private half as it stands in the file, its kind known.
pub(super) enum PrivateKey {
    /// RSA with the public half that PKCS#1 keeps beside it.
    Rsa {
        /// `RSAPrivateKey` in DER.
        der: Zeroizing<Vec<u8>>,
        /// Its public half.
        public: PublicKey,
    },
    /// The private number of a key on a curve. The public half, which many writers
    /// leave out (Java does), is taken from the certificate.
    Ec {
        /// The curve.
        curve: Curve,
        /// As many bytes as the curve's numbers have, big endian.
        scalar: Zeroizing<Vec<u8>>,
    },
}

impl PrivateKey {
    /// Reads PKCS#8 (RFC 5958) as far as the key itself; attributes are of no interest.
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, SealFault> {
        let (algorithm, key) = opened(der).map_err(|_| SealFault::DamagedKey)?;
        match algorithm.oid {
            RSA_ENCRYPTION => Self::rsa(key),
            ID_EC_PUBLIC_KEY => {
                let curve = algorithm.parameters;
                let curve = curve.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
                let curve = curve.and_then(Curve::named);
                let curve = curve.ok_or(SealFault::UnsupportedKey)?;
                let scalar = ec_scalar(key, curve).ok_or(SealFault::DamagedKey)?;
                Ok(Self::Ec { curve, scalar })
            }
            _ => Err(SealFault::UnsupportedKey),
        }
    }

    fn rsa(der: &[u8]) -> Result<Self, SealFault> {
        let public = rsa_public_half(der).map_err(|_| SealFault::DamagedKey)?;
        Ok(Self::Rsa {
            der: Zeroizing::new(der.to_vec()),
            public: PublicKey::rsa(&public)?,
        })
    }

    /// The key ready to sign, where the certificate is its own; `None` where it is another's.
    pub(super) fn paired_with(
        &self,
        certificate: &Certificate<'_>,
    ) -> Result<Option<SigningKey>, SealFault> {
        match (self, certificate.public_key()) {
            (Self::Rsa { der, public }, Ok(certified)) if *public == certified => {
                rsa_key(der, public).map(Some)
            }
            (
                Self::Ec {
                    curve: Curve::P256,
                    scalar,
                },
                Ok(PublicKey::P256 { point }),
            ) => Ok(ec_key(Curve::P256, scalar, &point)),
            (
                Self::Ec {
                    curve: Curve::P384,
                    scalar,
                },
                Ok(PublicKey::P384 { point }),
            ) => Ok(ec_key(Curve::P384, scalar, &point)),
            _ => Ok(None),
        }
    }
}

/// The algorithm and the octets of `PrivateKeyInfo`.
fn opened(der: &[u8]) -> der::Result<(AlgorithmIdentifierRef<'_>, &[u8])> {
    let outer = AnyRef::from_der(der)?;
    let mut fields = SliceReader::new(outer.value())?;
    u8::decode(&mut fields)?; // version
    let algorithm = AlgorithmIdentifierRef::decode(&mut fields)?;
    let key = OctetStringRef::decode(&mut fields)?;
    Ok((algorithm, key.as_bytes()))
}

/// `RSAPublicKey` in DER from the first fields of `RSAPrivateKey` (RFC 8017, A.1.2).
fn rsa_public_half(der: &[u8]) -> der::Result<Vec<u8>> {
    let outer = AnyRef::from_der(der)?;
    let mut fields = SliceReader::new(outer.value())?;
    u8::decode(&mut fields)?; // version
    let public = RsaPublicKey {
        modulus: UintRef::decode(&mut fields)?,
        public_exponent: UintRef::decode(&mut fields)?,
    };
    public.to_der()
}

/// The private number of `ECPrivateKey` (RFC 5915), padded on the left to its full width.
fn ec_scalar(der: &[u8], curve: Curve) -> Option<Zeroizing<Vec<u8>>> {
    let outer = AnyRef::from_der(der).ok()?;
    let mut fields = SliceReader::new(outer.value()).ok()?;
    u8::decode(&mut fields).ok()?; // version
    let number = OctetStringRef::decode(&mut fields).ok()?.as_bytes();
    let mut scalar = Zeroizing::new(vec![0; curve.scalar_bytes()]);
    let start = scalar.len().checked_sub(number.len())?;
    scalar[start..].copy_from_slice(number);
    Some(scalar)
}

/// ring compares the two halves and refuses those of different keys.
fn ec_key(curve: Curve, scalar: &[u8], point: &[u8]) -> Option<SigningKey> {
    let (signing, random) = (curve.signing(), SystemRandom::new());
    let key = EcdsaKeyPair::from_private_key_and_public_key(signing, scalar, point, &random);
    key.ok().map(|key| curve.ready(key))
}

fn rsa_key(der: &[u8], public: &PublicKey) -> Result<SigningKey, SealFault> {
    match public {
        PublicKey::Rsa { modulus_bits, .. } if *modulus_bits < MIN_RSA_BITS => {
            Err(SealFault::ShortRsaKey {
                bits: *modulus_bits,
            })
        }
        PublicKey::Rsa { modulus_bits, .. } if *modulus_bits > MAX_RSA_BITS => {
            Err(SealFault::UnsupportedKey)
        }
        _ => {
            let key = RsaKeyPair::from_der(der).map_err(|_| SealFault::DamagedKey)?;
            Ok(SigningKey::Rsa(Box::new(key)))
        }
    }
}
