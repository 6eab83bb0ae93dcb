//! The roots an auditor trusts, and the certificates lent for building a path to them.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor};

/// Trusted roots and helpful certificates. Without roots no certificate can be judged.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    anchors: Vec<TrustAnchor<'static>>,
    chain: Vec<CertificateDer<'static>>,
}

/// Why trust data could not be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TrustFault {
    /// The text is not PEM.
    #[error("the {role} cannot be read as PEM")]
    NotPem {
        /// Which file: `roots` or `chain`.
        role: &'static str,
    },
    /// A PEM text without certificates.
    #[error("no certificate stands among the {role}")]
    NoCertificate {
        /// Which file: `roots` or `chain`.
        role: &'static str,
    },
    /// A root is no X.509 certificate of version 3.
    #[error("certificate {number} of the roots cannot be read")]
    BadRoot {
        /// Which one, from 1.
        number: usize,
    },
}

impl crate::model::Coded for TrustFault {
    fn code(&self) -> &'static str {
        match self {
            TrustFault::NotPem { .. } => "TRU-001",
            TrustFault::NoCertificate { .. } => "TRU-002",
            TrustFault::BadRoot { .. } => "TRU-003",
        }
    }

    fn params(&self) -> crate::model::Params {
        match self {
            TrustFault::NotPem { role } | TrustFault::NoCertificate { role } => {
                [("role", (*role).to_owned())].into()
            }
            TrustFault::BadRoot { number } => [("number", number.to_string())].into(),
        }
    }
}

impl Trust {
    /// No roots: every signature stays indeterminate at best.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads roots, and certificates between them and the signers (may be empty), from PEM.
    pub fn from_pem(roots: &[u8], chain: &[u8]) -> Result<Self, TrustFault> {
        let mut anchors = Vec::new();
        for (number, der) in (1..).zip(certificates(roots, "roots")?) {
            let anchor = webpki::anchor_from_trusted_cert(&der)
                .map_err(|_| TrustFault::BadRoot { number })?;
            anchors.push(anchor.to_owned());
        }
        let chain = if chain.trim_ascii().is_empty() {
            Vec::new()
        } else {
            certificates(chain, "chain")?
        };
        Ok(Self { anchors, chain })
    }

    /// How many roots are trusted.
    pub fn roots(&self) -> usize {
        self.anchors.len()
    }

    pub(super) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.anchors
    }

    pub(super) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }
}

fn certificates(
    pem: &[u8],
    role: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TrustFault> {
    let all = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| TrustFault::NotPem { role })?;
    if all.is_empty() {
        return Err(TrustFault::NoCertificate { role });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused_with_the_reason() {
        let refused = |pem: &str| Trust::from_pem(pem.as_bytes(), b"").err();
        let none = TrustFault::NoCertificate { role: "roots" };
        assert_eq!(refused(""), Some(none));
        let open = "-----BEGIN CERTIFICATE-----\nAAAA\n";
        assert_eq!(refused(open), Some(TrustFault::NotPem { role: "roots" }));
        let no_der = format!("{open}-----END CERTIFICATE-----\n");
        assert_eq!(refused(&no_der), Some(TrustFault::BadRoot { number: 1 }));
    }
}
