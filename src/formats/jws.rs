//! JSON Web Signatures in the compact form (RFC 7515).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use der::asn1::UintRef;
use der::{Decode, Sequence};
use serde::Serialize;

use crate::formats::cms::path_without_root;
use crate::formats::signer::{SignatureAlgorithm, Signer, SignerFault};
use crate::formats::x509::{Certificate, CertificateFault};

/// Bytes of each of the two numbers of an ES256 signature (RFC 7518, 3.4).
const P256_NUMBER_BYTES: usize = 32;

/// The same for ES384.
const P384_NUMBER_BYTES: usize = 48;

/// Why no JWS was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsFault {
    /// A certificate of the signer cannot be used.
    #[error("a certificate of the signer cannot be used")]
    Certificate(#[from] CertificateFault),
    /// The key did not sign.
    #[error("the key did not sign")]
    Signer(#[from] SignerFault),
    /// The signature is not the certificate's, or not of its algorithm's shape.
    #[error("the signature does not verify with the certificate's key")]
    Signature,
}

/// The protected header; its members are written in this order.
#[derive(Serialize)]
struct Header {
    alg: &'static str,
    typ: &'static str,
    /// Certificates in DER, base64 (not base64url), the signer's first (RFC 7515, 4.1.6).
    x5c: Vec<String>,
}

/// `SEQUENCE {r, s}` of an ECDSA signature (RFC 3279, 2.2.3).
#[derive(Sequence)]
struct EcdsaSignature<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// Signs the payload; `x5c` holds the signer's certificate and its path without the root.
pub fn sign(payload: &[u8], signer: &dyn Signer) -> Result<String, JwsFault> {
    let certificate = Certificate::read(signer.certificate_der())?;
    let key = certificate.public_key()?;
    let signing_input = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header(signer)?),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let signature = signer.sign(signing_input.as_bytes())?;
    let algorithm = signer.algorithm();
    if !key.verifies(algorithm, signing_input.as_bytes(), &signature) {
        return Err(JwsFault::Signature);
    }
    let signature = match algorithm {
        SignatureAlgorithm::EcdsaP256Sha256 => raw_ecdsa(&signature, P256_NUMBER_BYTES)?,
        SignatureAlgorithm::EcdsaP384Sha384 => raw_ecdsa(&signature, P384_NUMBER_BYTES)?,
        _ => signature,
    };
    Ok(format!(
        "{signing_input}.{}",
        URL_SAFE_NO_PAD.encode(signature)
    ))
}

fn header(signer: &dyn Signer) -> Result<Vec<u8>, JwsFault> {
    let path = path_without_root(signer)?;
    let certificates = std::iter::once(signer.certificate_der()).chain(path);
    let header = Header {
        alg: match signer.algorithm() {
            SignatureAlgorithm::RsaPkcs1Sha256 => "RS256",
            SignatureAlgorithm::RsaPssSha256 => "PS256",
            SignatureAlgorithm::EcdsaP256Sha256 => "ES256",
            SignatureAlgorithm::EcdsaP384Sha384 => "ES384",
        },
        typ: "JOSE",
        x5c: certificates.map(|der| STANDARD.encode(der)).collect(),
    };
    Ok(serde_json::to_vec(&header).expect("strings alone always serialize"))
}

/// `r` and `s` in so many bytes each, big endian, from their DER.
fn raw_ecdsa(der: &[u8], number_bytes: usize) -> Result<Vec<u8>, JwsFault> {
    let EcdsaSignature { r, s } = EcdsaSignature::from_der(der).map_err(|_| JwsFault::Signature)?;
    let mut raw = vec![0; 2 * number_bytes];
    for (half, number) in raw.chunks_exact_mut(number_bytes).zip([r, s]) {
        let bytes = number.as_bytes();
        let start = half
            .len()
            .checked_sub(bytes.len())
            .ok_or(JwsFault::Signature)?;
        half[start..].copy_from_slice(bytes);
    }
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::fictional_signer::{Authority, LyingSigner};

    fn part(token: &str, number: usize) -> Vec<u8> {
        let part = token.split('.').nth(number).expect("three parts");
        URL_SAFE_NO_PAD
            .decode(part)
            .expect("base64url without padding")
    }

    #[test]
    fn a_token_holds_the_very_payload_and_the_certificates_without_the_root() {
        let root = Authority::root();
        let mut signer = root.below("Cấp chứng thư thử").signer(|_| {});
        signer.chain_der.push(root.der);
        let token = sign(b"{\n}\n", &signer).expect("signs");
        assert_eq!(token.split('.').count(), 3);
        assert_eq!(part(&token, 1), b"{\n}\n");
        let header = String::from_utf8(part(&token, 0)).expect("text");
        let x5c = [&signer.certificate_der, &signer.chain_der[0]].map(|der| STANDARD.encode(der));
        let expected = format!(
            r#"{{"alg":"ES256","typ":"JOSE","x5c":["{}","{}"]}}"#,
            x5c[0], x5c[1]
        );
        assert_eq!(header, expected);
        assert_eq!(part(&token, 2).len(), 64);
    }

    #[test]
    fn short_numbers_of_a_signature_are_padded_and_long_ones_refused() {
        // r = 1, s = 0x80 (a zero before it in DER)
        let raw = raw_ecdsa(&[0x30, 7, 2, 1, 1, 2, 2, 0, 0x80], 32).expect("is well formed");
        assert_eq!((raw.len(), raw[31], raw[63]), (64, 1, 0x80));
        assert_eq!(raw.iter().filter(|byte| **byte != 0).count(), 2);
        let long = [&[0x30, 38, 2, 33][..], &[1; 33], &[2, 1, 1]].concat();
        assert_eq!(raw_ecdsa(&long, 32), Err(JwsFault::Signature));
        assert_eq!(raw_ecdsa(b"no DER", 32), Err(JwsFault::Signature));
    }

    #[test]
    fn a_signature_over_something_else_makes_no_token() {
        let certified = Authority::root().signer(|_| {});
        let answer = certified.sign(b"something else");
        let liar = LyingSigner { certified, answer };
        assert_eq!(sign(b"{}", &liar), Err(JwsFault::Signature));
    }
}
