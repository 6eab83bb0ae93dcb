//! Keys that sign: what a key file and (later) a PKCS#11 token have in common.

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerFault {
    /// The key's own library refused the operation.
    #[error("the key refused to sign")]
    Refused,
}
