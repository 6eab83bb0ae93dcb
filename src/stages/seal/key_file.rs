//! A signer's key in a file: PKCS#12 as certificate authorities hand it out, or PEM.

use std::fmt;

use time::OffsetDateTime;

use super::bundle::Bundle;
use super::private_key::{PrivateKey, SigningKey};
use super::{SealFault, check_valid};
use crate::formats::signer::{RsaPadding, SignatureAlgorithm, Signer, SignerFault};
use crate::formats::x509::Certificate;

/// A private key with its certificate and the certificates above it.
pub struct KeyFile {
    key: SigningKey,
    padding: RsaPadding,
    certificate_der: Vec<u8>,
    chain_der: Vec<Vec<u8>>,
}

impl KeyFile {
    /// Opens a key file and makes sure that its key may sign at this moment.
    ///
    /// `bytes` are PKCS#12 as OpenSSL 1 and 3, Java and Windows write it, or PEM
    /// with the certificates and one unencrypted PKCS#8 key. Of several keys the
    /// first that may sign is taken; where none may, the first one's fault is told.
    pub fn open(bytes: &[u8], password: &str, at: OffsetDateTime) -> Result<Self, SealFault> {
        let bundle = Bundle::open(bytes, password)?;
        let mut first_fault = None;
        for key in &bundle.keys {
            match Self::from_key(key, &bundle.certificates, at) {
                Ok(key_file) => return Ok(key_file),
                Err(fault) => first_fault = first_fault.or(Some(fault)),
            }
        }
        Err(first_fault.unwrap_or(SealFault::NoKey))
    }

    /// The same key, padding so where it is RSA.
    pub fn with_padding(self, padding: RsaPadding) -> Self {
        Self { padding, ..self }
    }

    fn from_key(
        pkcs8_der: &[u8],
        certificates: &[Vec<u8>],
        at: OffsetDateTime,
    ) -> Result<Self, SealFault> {
        let private = PrivateKey::from_pkcs8(pkcs8_der)?;
        let certificates: Vec<Certificate<'_>> = certificates
            .iter()
            .map(|der| Certificate::read(der))
            .collect::<Result<_, _>>()?;
        let (certificate, key) = own_certificate(&private, &certificates)?;
        if !certificate.may_sign() {
            return Err(SealFault::UsageForbidsSigning);
        }
        check_valid(certificate, at)?;
        Ok(Self {
            key,
            padding: RsaPadding::default(),
            certificate_der: certificate.der().to_vec(),
            chain_der: chain_above(certificate, &certificates),
        })
    }
}

/// The certificate that the key belongs to.
fn own_certificate<'c, 'd>(
    private: &PrivateKey,
    certificates: &'c [Certificate<'d>],
) -> Result<(&'c Certificate<'d>, SigningKey), SealFault> {
    for certificate in certificates {
        if let Some(key) = private.paired_with(certificate)? {
            return Ok((certificate, key));
        }
    }
    Err(SealFault::NoCertificate)
}

/// From issuer to issuer as far as the file goes; a circle of issuers ends where it closes.
pub(super) fn chain_above(certificate: &Certificate<'_>, all: &[Certificate<'_>]) -> Vec<Vec<u8>> {
    let mut chain: Vec<&Certificate<'_>> = vec![certificate];
    while let Some(last) = chain.last().filter(|last| !last.is_self_issued()) {
        let issuer = all.iter().find(|candidate| {
            candidate.subject_der() == last.issuer_der()
                && chain.iter().all(|known| known.der() != candidate.der())
        });
        match issuer {
            Some(issuer) => chain.push(issuer),
            None => break,
        }
    }
    chain[1..].iter().map(|one| one.der().to_vec()).collect()
}

impl Signer for KeyFile {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm(self.padding)
    }

    fn certificate_der(&self) -> &[u8] {
        &self.certificate_der
    }

    fn chain_der(&self) -> &[Vec<u8>] {
        &self.chain_der
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault> {
        self.key.sign(self.padding, message)
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the key nor the person's name belongs in a log.
        f.debug_struct("KeyFile")
            .field("algorithm", &self.algorithm())
            .field("certificates", &(1 + self.chain_der.len()))
            .finish_non_exhaustive()
    }
}
