//! How CMS names the algorithms we sign with (RFC 5754, RFC 4055).

use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_RSASSA_PSS, ID_SHA_256, ID_SHA_384, RSA_ENCRYPTION,
    SHA_256_WITH_RSA_ENCRYPTION,
};
use der::{AnyRef, Encode, Tag};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use crate::formats::signer::{HashAlgorithm, SignatureAlgorithm};

/// The inside of RSASSA-PSS-params (RFC 4055, 3.1): SHA-256, MGF1 over SHA-256, a salt of 32 bytes.
const PSS_SHA_256: [u8; 52] = [
    // [0] hashAlgorithm: SHA-256, NULL
    0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, // [1] maskGenAlgorithm: MGF1 over SHA-256, NULL
    0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30,
    0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    // [2] saltLength: 32
    0xa2, 0x03, 0x02, 0x01, 0x20,
];

/// Every algorithm we sign with.
const ALL: [SignatureAlgorithm; 4] = [
    SignatureAlgorithm::RsaPkcs1Sha256,
    SignatureAlgorithm::RsaPssSha256,
    SignatureAlgorithm::EcdsaP256Sha256,
    SignatureAlgorithm::EcdsaP384Sha384,
];

/// A digest algorithm, without parameters (RFC 5754, 2).
pub(super) fn of_hash(hash: HashAlgorithm) -> AlgorithmIdentifierRef<'static> {
    let oid = match hash {
        HashAlgorithm::Sha256 => ID_SHA_256,
        HashAlgorithm::Sha384 => ID_SHA_384,
    };
    AlgorithmIdentifierRef {
        oid,
        parameters: None,
    }
}

/// A signature algorithm with its parameters.
pub(super) fn of_signature(algorithm: SignatureAlgorithm) -> AlgorithmIdentifierRef<'static> {
    let pss = || AnyRef::new(Tag::Sequence, &PSS_SHA_256).expect("52 bytes are no long value");
    let (oid, parameters) = match algorithm {
        // must be NULL (RFC 4055, 5)
        SignatureAlgorithm::RsaPkcs1Sha256 => (SHA_256_WITH_RSA_ENCRYPTION, Some(AnyRef::NULL)),
        SignatureAlgorithm::RsaPssSha256 => (ID_RSASSA_PSS, Some(pss())),
        // must be absent (RFC 5758, 3.2)
        SignatureAlgorithm::EcdsaP256Sha256 => (ECDSA_WITH_SHA_256, None),
        SignatureAlgorithm::EcdsaP384Sha384 => (ECDSA_WITH_SHA_384, None),
    };
    AlgorithmIdentifierRef { oid, parameters }
}

/// The algorithm of a signer that names its digest and its signature so.
///
/// `rsaEncryption`, which OpenSSL writes, stands for PKCS#1 v1.5 over the digest named (RFC 3370, 3.2).
pub(super) fn named(
    digest: &AlgorithmIdentifierOwned,
    signature: &AlgorithmIdentifierOwned,
) -> Option<SignatureAlgorithm> {
    let der = signature.to_der().ok()?;
    let algorithm = match signature.oid {
        RSA_ENCRYPTION => Some(SignatureAlgorithm::RsaPkcs1Sha256),
        _ => ALL
            .into_iter()
            .find(|known| of_signature(*known).to_der().is_ok_and(|own| own == der)),
    };
    algorithm.filter(|known| of_hash(known.hash()).oid == digest.oid)
}
