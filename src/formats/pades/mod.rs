//! PAdES baseline signatures (ETSI EN 319 142-1) as incremental updates.

use time::OffsetDateTime;

use crate::formats::pdfa::ConformantPdf;

/// Makes raw signatures with one key. Two implementations: key file, and (later) PKCS#11 token.
pub trait Signer: Send + Sync {
    /// The algorithm, fixed for the key.
    fn algorithm(&self) -> SignatureAlgorithm;
    /// The signer's certificate in DER.
    fn certificate_der(&self) -> &[u8];
    /// The certificates above it in DER, issuer first; may be empty.
    fn chain_der(&self) -> &[Vec<u8>];
    /// Signs the message (the algorithm hashes it); ECDSA values as DER `SEQUENCE {r, s}`.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault>;
}

/// Algorithms we sign with (TT 15/2025: RSA ≥ 2048, ECDSA ≥ 256, SHA-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSA with PKCS#1 v1.5 padding over SHA-256.
    RsaPkcs1Sha256,
    /// ECDSA on P-256 over SHA-256.
    EcdsaP256Sha256,
}

/// Why a key did not sign.
#[derive(Debug, thiserror::Error)]
pub enum SignerFault {}

/// A PDF file with a signature that our own reader checked after it was made.
#[derive(Clone, Debug)]
pub struct SignedPdf {
    bytes: Vec<u8>,
}

impl SignedPdf {
    /// The file's bytes; those of the unsigned file are their exact beginning.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why a file could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum PadesFault {}

/// Signs at level B-B; `claimed_at` becomes `/M`.
pub fn sign(
    _pdf: &ConformantPdf,
    _signer: &dyn Signer,
    _claimed_at: OffsetDateTime,
) -> Result<SignedPdf, PadesFault> {
    todo!()
}
