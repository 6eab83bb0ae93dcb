//! Keys that sign: what a key file, a PKCS#11 token and a program elsewhere have in common.

use ring::digest;
use serde::{Deserialize, Serialize};

/// Makes raw signatures with one key: a key file, a PKCS#11 token, or what a program elsewhere signed.
pub trait Signer: Send + Sync {
    /// The algorithm, fixed for the key.
    fn algorithm(&self) -> SignatureAlgorithm;
    /// The signer's certificate in DER.
    fn certificate_der(&self) -> &[u8];
    /// The certificates above it in DER, issuer first; may be empty.
    fn chain_der(&self) -> &[Vec<u8>];
    /// Signs the message (the algorithm hashes it); ECDSA values as DER `SEQUENCE {r, s}`.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault>;
    /// A whole SignedData (ContentInfo in DER) made elsewhere over content of this digest, where there is
    /// one; whoever takes it checks it.
    fn signed_elsewhere(&self, _content_digest: &[u8]) -> Option<Vec<u8>> {
        None
    }
    /// How many bytes such a SignedData may be longer than ours.
    fn more_room_bytes(&self) -> usize {
        0
    }
    /// True where a signature waits for a device or the network: threads that read pages have
    /// better things to do.
    fn makes_wait(&self) -> bool {
        false
    }
}

/// Algorithms we sign with (TT 15/2025: RSA ≥ 2048, ECDSA ≥ 256, SHA-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSA with PKCS#1 v1.5 padding over SHA-256.
    RsaPkcs1Sha256,
    /// RSA with PSS padding over SHA-256, MGF1 over SHA-256 and a salt of 32 bytes (RFC 4055, 3.1).
    RsaPssSha256,
    /// ECDSA on P-256 over SHA-256.
    EcdsaP256Sha256,
    /// ECDSA on P-384 over SHA-384.
    EcdsaP384Sha384,
}

impl SignatureAlgorithm {
    /// The hash it is made over, which is also that of the signed content (RFC 8933, 3).
    pub fn hash(self) -> HashAlgorithm {
        match self {
            Self::EcdsaP384Sha384 => HashAlgorithm::Sha384,
            _ => HashAlgorithm::Sha256,
        }
    }
}

/// Hashes of signed content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
}

impl HashAlgorithm {
    /// The digest of these parts, one behind the other.
    pub fn digest(self, parts: &[&[u8]]) -> digest::Digest {
        let mut context = digest::Context::new(match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
        });
        parts.iter().for_each(|part| context.update(part));
        context.finish()
    }
}

/// How an RSA key pads what it signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RsaPadding {
    /// PKCS#1 v1.5, which every reader knows.
    #[default]
    Pkcs1,
    /// PSS.
    Pss,
}

impl RsaPadding {
    /// The algorithm of an RSA key that pads so.
    pub fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::Pkcs1 => SignatureAlgorithm::RsaPkcs1Sha256,
            Self::Pss => SignatureAlgorithm::RsaPssSha256,
        }
    }
}

/// Why a key did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerFault {
    /// The key's own library refused the operation.
    #[error("the key refused to sign")]
    Refused,
    /// The token was pulled out, or failed, and did not come back in time.
    #[error("the token did not come back in time")]
    Lost,
    /// Who signs elsewhere has not signed this.
    #[error("nobody has signed this elsewhere")]
    Unanswered,
    /// The token came back and does not take the PIN any more.
    #[error("the token does not take the PIN any more")]
    PinRefused,
}
