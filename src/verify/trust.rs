//! The roots an auditor trusts, the certificates lent for building a path to them, and
//! the revocation lists and answers given beside the files.

use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, TrustAnchor};

use super::certificate::Cert;
use super::judge::{Answer, Known, List};

/// Trusted roots, helpful certificates, and word of revocation. Without roots no certificate
/// can be judged.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    anchors: Vec<TrustAnchor<'static>>,
    /// The roots once more, in the order of the anchors, with all that they say.
    roots: Vec<Cert>,
    chain: Vec<CertificateDer<'static>>,
    crls: Vec<Arc<List>>,
    ocsp: Vec<Arc<Answer>>,
    /// What follows from roots and chain alone, which never change once they were read.
    known: Arc<Known>,
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
    /// A revocation list or answer that cannot be read.
    #[error("revocation file {number} ({role}) cannot be read")]
    BadRevocation {
        /// Which kind: `crl` or `ocsp`.
        role: &'static str,
        /// Which one of its kind, from 1.
        number: usize,
    },
}

impl crate::model::Coded for TrustFault {
    fn code(&self) -> &'static str {
        match self {
            TrustFault::NotPem { .. } => "TRU-001",
            TrustFault::NoCertificate { .. } => "TRU-002",
            TrustFault::BadRoot { .. } => "TRU-003",
            TrustFault::BadRevocation { .. } => "TRU-004",
        }
    }

    fn params(&self) -> crate::model::Params {
        match self {
            TrustFault::NotPem { role } | TrustFault::NoCertificate { role } => {
                [("role", (*role).to_owned())].into()
            }
            TrustFault::BadRoot { number } => [("number", number.to_string())].into(),
            TrustFault::BadRevocation { role, number } => {
                [("role", (*role).to_owned()), ("number", number.to_string())].into()
            }
        }
    }
}

impl Trust {
    /// No roots: every signature stays indeterminate at best.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads roots, and certificates between them and the signers (may be empty), from PEM, or
    /// one certificate in DER.
    pub fn from_pem(roots: &[u8], chain: &[u8]) -> Result<Self, TrustFault> {
        let (mut anchors, mut whole) = (Vec::new(), Vec::new());
        for (number, der) in (1..).zip(certificates(roots, "roots")?) {
            let anchor = webpki::anchor_from_trusted_cert(&der)
                .map_err(|_| TrustFault::BadRoot { number })?;
            anchors.push(anchor.to_owned());
            whole.push(Cert::from_der(&der).ok_or(TrustFault::BadRoot { number })?);
        }
        let chain = if chain.trim_ascii().is_empty() {
            Vec::new()
        } else {
            certificates(chain, "chain")?
        };
        Ok(Self {
            anchors,
            roots: whole,
            chain,
            ..Self::default()
        })
    }

    /// Adds revocation lists (RFC 5280, 5), each file in DER, or in PEM with one or more.
    pub fn with_crls<F: AsRef<[u8]>>(
        mut self,
        files: impl IntoIterator<Item = F>,
    ) -> Result<Self, TrustFault> {
        for (number, file) in (1..).zip(files) {
            let lists = crls(file.as_ref());
            let lists = lists.ok_or(TrustFault::BadRevocation {
                role: "crl",
                number,
            })?;
            self.crls.extend(lists.into_iter().map(Arc::new));
        }
        Ok(self)
    }

    /// Adds answers of OCSP responders (RFC 6960, 4.2.1), each file an `OCSPResponse` in DER.
    pub fn with_ocsp<F: AsRef<[u8]>>(
        mut self,
        files: impl IntoIterator<Item = F>,
    ) -> Result<Self, TrustFault> {
        for (number, file) in (1..).zip(files) {
            let bytes = file.as_ref();
            let answer = Answer::read(bytes).ok_or(TrustFault::BadRevocation {
                role: "ocsp",
                number,
            })?;
            self.ocsp.push(Arc::new(answer));
        }
        Ok(self)
    }

    /// How many roots are trusted.
    pub fn roots(&self) -> usize {
        self.anchors.len()
    }

    pub(super) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.anchors
    }

    /// How many revocation lists and answers were given.
    pub fn revocation_files(&self) -> usize {
        self.crls.len() + self.ocsp.len()
    }

    pub(super) fn crls(&self) -> &[Arc<List>] {
        &self.crls
    }

    pub(super) fn ocsp(&self) -> &[Arc<Answer>] {
        &self.ocsp
    }

    /// The roots with all that they say, in the order of the anchors.
    pub(super) fn root_certificates(&self) -> impl Iterator<Item = &Cert> {
        self.roots.iter()
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    pub(super) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }
}

/// The lists of one file; `None` where one cannot be read, or there is none.
fn crls(file: &[u8]) -> Option<Vec<List>> {
    let is_pem = file.trim_ascii_start().starts_with(b"-----");
    let lists: Vec<Vec<u8>> = match is_pem {
        false => vec![file.to_vec()],
        true => CertificateRevocationListDer::pem_slice_iter(file)
            .map(|list| list.map(|list| list.as_ref().to_vec()))
            .collect::<Result<_, _>>()
            .ok()?,
    };
    let lists: Vec<List> = lists
        .iter()
        .map(|der| List::read(der))
        .collect::<Option<_>>()?;
    (!lists.is_empty()).then_some(lists)
}

fn certificates(
    pem: &[u8],
    role: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TrustFault> {
    // A SEQUENCE (X.690, 8.9) that is a certificate from its first byte to its last: DER.
    if pem.first() == Some(&0x30)
        && webpki::EndEntityCert::try_from(&CertificateDer::from(pem)).is_ok()
    {
        return Ok(vec![CertificateDer::from(pem.to_vec())]);
    }
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
        let refused = Trust::none().with_crls([open.as_bytes()]).err();
        let (role, number) = ("crl", 1);
        assert_eq!(refused, Some(TrustFault::BadRevocation { role, number }));
        let refused = Trust::none().with_ocsp([b"0"]).err();
        let role = "ocsp";
        assert_eq!(refused, Some(TrustFault::BadRevocation { role, number }));
    }
}
