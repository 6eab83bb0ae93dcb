//! Signatures that others made (time stamps, revocation lists, OCSP answers): whether this key made them.
//!
//! SHA-1 and MD5 are not among the algorithms (TT 15/2025; ETSI TS 119 312): what rests on them
//! proves nothing.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_EC_PUBLIC_KEY, ID_RSASSA_PSS, ID_SHA_256,
    ID_SHA_384, ID_SHA_512, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1,
    SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use der::{Any, Decode, Encode};
use ring::digest;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// A hash that a signature may rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The hash of this identifier; `None` where we do not rely on it.
    pub fn of(oid: ObjectIdentifier) -> Option<Self> {
        match oid {
            ID_SHA_256 => Some(Self::Sha256),
            ID_SHA_384 => Some(Self::Sha384),
            ID_SHA_512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Its identifier.
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => ID_SHA_256,
            Self::Sha384 => ID_SHA_384,
            Self::Sha512 => ID_SHA_512,
        }
    }

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The hash of these bytes.
    pub fn digest(self, bytes: &[u8]) -> digest::Digest {
        digest::digest(self.algorithm(), bytes)
    }

    /// How it is computed.
    pub fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

/// True where the key made this signature over the message.
///
/// `hash` is what a CMS signer names beside an algorithm that leaves it open (`rsaEncryption`).
pub fn made_by(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    hash: Option<Hash>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Some(bits) = key.subject_public_key.as_bytes() else {
        return false;
    };
    let scheme = scheme(key, algorithm, hash);
    scheme.is_some_and(|scheme| {
        let key = UnparsedPublicKey::new(scheme, bits);
        key.verify(message, signature).is_ok()
    })
}

fn scheme(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    hash: Option<Hash>,
) -> Option<&'static dyn VerificationAlgorithm> {
    match key.algorithm.oid {
        RSA_ENCRYPTION => rsa(algorithm, hash),
        ID_EC_PUBLIC_KEY => {
            let curve = key.algorithm.parameters.as_ref()?;
            ecdsa(curve.decode_as().ok()?, algorithm.oid)
        }
        _ => None,
    }
}

fn rsa(
    algorithm: &AlgorithmIdentifierOwned,
    hash: Option<Hash>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let hash = match algorithm.oid {
        RSA_ENCRYPTION => hash?,
        SHA_256_WITH_RSA_ENCRYPTION => Hash::Sha256,
        SHA_384_WITH_RSA_ENCRYPTION => Hash::Sha384,
        SHA_512_WITH_RSA_ENCRYPTION => Hash::Sha512,
        ID_RSASSA_PSS => {
            return Some(match pss_hash(algorithm.parameters.as_ref()?)? {
                Hash::Sha256 => &RSA_PSS_2048_8192_SHA256,
                Hash::Sha384 => &RSA_PSS_2048_8192_SHA384,
                Hash::Sha512 => &RSA_PSS_2048_8192_SHA512,
            });
        }
        _ => return None,
    };
    Some(match hash {
        Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
        Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
    })
}

/// `hashAlgorithm [0]` of RSASSA-PSS-params (RFC 4055, 3.1); its default, SHA-1, is not ours. Mask
/// and salt length need no look: ring takes only those that go with the hash.
fn pss_hash(parameters: &Any) -> Option<Hash> {
    let sequence = parameters.to_der().ok()?;
    let fields = Vec::<Any>::from_der(&sequence).ok()?;
    let first = fields.first()?;
    (first.to_der().ok()?.first() == Some(&0xa0)).then_some(())?;
    Hash::of(AlgorithmIdentifierOwned::from_der(first.value()).ok()?.oid)
}

fn ecdsa(
    curve: ObjectIdentifier,
    algorithm: ObjectIdentifier,
) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (curve, algorithm) {
        (SECP_256_R_1, ECDSA_WITH_SHA_256) => &ECDSA_P256_SHA256_ASN1,
        (SECP_256_R_1, ECDSA_WITH_SHA_384) => &ECDSA_P256_SHA384_ASN1,
        (SECP_384_R_1, ECDSA_WITH_SHA_256) => &ECDSA_P384_SHA256_ASN1,
        (SECP_384_R_1, ECDSA_WITH_SHA_384) => &ECDSA_P384_SHA384_ASN1,
        _ => return None,
    })
}
