//! One signer's certificate: may it sign, was it valid then, does it lead to a trusted root.

use der::Decode;
use rustls_pki_types::{CertificateDer, UnixTime};
use time::OffsetDateTime;
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage};

use super::limits;
use super::report::Chain;
use super::trust::Trust;
use crate::model::Digest;

/// A certificate: the bytes it came in, and what they say.
#[derive(Clone, Debug)]
pub struct Cert {
    /// The bytes, which digests and paths are made over.
    pub der: Vec<u8>,
    /// What they say.
    pub body: Certificate,
}

impl Cert {
    /// Reads a certificate; `None` where the bytes are none, or more than one.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let body = Certificate::from_der(der).ok()?;
        let der = der.to_vec();
        Some(Self { der, body })
    }

    /// SHA-256 of its bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.der)
    }

    /// The subject as RFC 4514 text.
    pub fn subject(&self) -> String {
        self.body.tbs_certificate.subject.to_string()
    }
}

/// What was found out about a signer's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether a path leads to a trusted root.
    pub chain: Chain,
    /// Whether the claimed time lies within the certificate's own dates.
    pub valid_at_claimed_time: bool,
    /// Whether it may sign documents.
    pub key_usage_ok: bool,
}

/// Judges a signer's certificate at the claimed time; `beside` are the
/// certificates that came with the signature.
pub fn judge(signer: &Cert, beside: &[Cert], trust: &Trust, claimed: OffsetDateTime) -> Standing {
    let (not_before_s, not_after_s) = dates(&signer.body);
    let claimed_s = u64::try_from(claimed.unix_timestamp()).unwrap_or(0);
    // An expired certificate is its own finding; the path is judged inside its
    // dates, so that it does not read as untrusted for the same reason.
    let path_time_s = claimed_s.clamp(not_before_s, not_after_s.max(not_before_s));
    Standing {
        chain: chain(signer, beside, trust, path_time_s),
        valid_at_claimed_time: (not_before_s..=not_after_s).contains(&claimed_s),
        key_usage_ok: may_sign(&signer.body),
    }
}

fn dates(certificate: &Certificate) -> (u64, u64) {
    let validity = &certificate.tbs_certificate.validity;
    let seconds = |time: &x509_cert::time::Time| time.to_unix_duration().as_secs();
    (seconds(&validity.not_before), seconds(&validity.not_after))
}

/// True where keyUsage names digitalSignature or nonRepudiation (RFC 5280, 4.2.1.3).
/// A certificate without keyUsage says nothing, and is not one of a Vietnamese CA.
pub(super) fn may_sign(certificate: &Certificate) -> bool {
    matches!(
        certificate.tbs_certificate.get::<KeyUsage>(),
        Ok(Some((_, usage))) if usage.digital_signature() || usage.non_repudiation()
    )
}

fn chain(signer: &Cert, beside: &[Cert], trust: &Trust, at_s: u64) -> Chain {
    if trust.anchors().is_empty() {
        return Chain::NotChecked;
    }
    let beside = beside.iter().take(limits::CHAIN_CERTIFICATES);
    let mut between: Vec<CertificateDer<'_>> = beside
        .map(|cert| CertificateDer::from(cert.der.as_slice()))
        .collect();
    between.extend(trust.chain().iter().cloned());
    match path_holds(
        &CertificateDer::from(signer.der.as_slice()),
        &between,
        trust,
        at_s,
    ) {
        Ok(()) => Chain::Trusted,
        Err(_) => Chain::Untrusted,
    }
}

fn path_holds(
    signer: &CertificateDer<'_>,
    between: &[CertificateDer<'_>],
    trust: &Trust,
    at_s: u64,
) -> Result<(), webpki::Error> {
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at_s));
    EndEntityCert::try_from(signer)?
        .verify_for_usage(
            PATH_ALGORITHMS,
            trust.anchors(),
            between,
            time,
            SignsDocuments,
            None,
            None,
        )
        .map(|_| ())
}

/// What certificate authorities may sign certificates with: SHA-2 only, RSA from 2048 bits.
const PATH_ALGORITHMS: &[&dyn rustls_pki_types::SignatureVerificationAlgorithm] = &[
    webpki::ring::RSA_PKCS1_2048_8192_SHA256,
    webpki::ring::RSA_PKCS1_2048_8192_SHA384,
    webpki::ring::RSA_PKCS1_2048_8192_SHA512,
    webpki::ring::ECDSA_P256_SHA256,
    webpki::ring::ECDSA_P256_SHA384,
    webpki::ring::ECDSA_P384_SHA256,
    webpki::ring::ECDSA_P384_SHA384,
];

/// Extended key usage that lets a certificate sign documents: none at all, or one
/// of those that CAs issue to people and agencies for it.
pub(super) struct SignsDocuments;

impl SignsDocuments {
    /// True where the certificate's own extended key usage, if any, names one of them.
    pub(super) fn allows(certificate: &Certificate) -> bool {
        match certificate.tbs_certificate.get::<ExtendedKeyUsage>() {
            Ok(None) => true,
            Ok(Some((_, purposes))) => purposes.0.iter().any(|purpose| {
                let arcs: Vec<usize> = purpose.arcs().map(|arc| arc as usize).collect();
                SIGNING_PURPOSES.contains(&arcs.as_slice())
            }),
            Err(_) => false,
        }
    }
}

impl ExtendedKeyUsageValidator for SignsDocuments {
    fn validate(&self, iter: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut empty = true;
        for purpose in iter {
            let purpose: Vec<usize> = purpose?.to_decoded_oid();
            if SIGNING_PURPOSES
                .iter()
                .any(|allowed| allowed.iter().eq(&purpose))
            {
                return Ok(());
            }
            empty = false;
        }
        if empty {
            Ok(())
        } else {
            Err(webpki::Error::UnknownIssuer)
        }
    }
}

/// clientAuth, emailProtection, documentSigning (RFC 9336), Microsoft document
/// signing, Adobe authentic documents trust, anyExtendedKeyUsage.
const SIGNING_PURPOSES: &[&[usize]] = &[
    &[1, 3, 6, 1, 5, 5, 7, 3, 2],
    &[1, 3, 6, 1, 5, 5, 7, 3, 4],
    &[1, 3, 6, 1, 5, 5, 7, 3, 36],
    &[1, 3, 6, 1, 4, 1, 311, 10, 3, 12],
    &[1, 2, 840, 113583, 1, 1, 5],
    &[2, 5, 29, 37, 0],
];
