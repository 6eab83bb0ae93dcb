//! One certificate: its bytes, what they say, and whether it may sign documents.

use der::Decode;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage};

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

/// True where keyUsage names digitalSignature or nonRepudiation (RFC 5280, 4.2.1.3).
/// A certificate without keyUsage says nothing, and is not one of a Vietnamese CA.
pub(super) fn may_sign(certificate: &Certificate) -> bool {
    matches!(
        certificate.tbs_certificate.get::<KeyUsage>(),
        Ok(Some((_, usage))) if usage.digital_signature() || usage.non_repudiation()
    )
}

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
