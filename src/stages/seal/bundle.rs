//! What a key file holds before anybody judged it: private keys and certificates.

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error as P12Error;
use rustls_pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

use super::SealFault;
use crate::formats::x509::CertificateFault;

/// Private keys and certificates in the order of the file.
pub(super) struct Bundle {
    /// Private keys as PKCS#8 in DER, wiped when dropped.
    pub(super) keys: Vec<Zeroizing<Vec<u8>>>,
    /// Certificates in DER.
    pub(super) certificates: Vec<Vec<u8>>,
}

impl Bundle {
    /// Opens PKCS#12 (RFC 7292) with the password, or PEM, which has none.
    pub(super) fn open(bytes: &[u8], password: &str) -> Result<Self, SealFault> {
        // DER opens with the tag of a SEQUENCE; PEM is text and may begin with remarks.
        if bytes.first() == Some(&0x30) {
            Self::from_pkcs12(bytes, password)
        } else {
            Self::from_pem(bytes)
        }
    }

    /// Bags as they are: which certificate is whose is found out from the keys
    /// themselves, not from the names and numbers that writers hang on the bags.
    fn from_pkcs12(bytes: &[u8], password: &str) -> Result<Self, SealFault> {
        let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(pkcs12_fault)?;
        let keys = archive.keys.iter().map(|bag| bag.key.as_der().to_vec());
        let certificates = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec());
        Ok(Self {
            keys: keys.map(Zeroizing::new).collect(),
            certificates: certificates.collect(),
        })
    }

    fn from_pem(bytes: &[u8]) -> Result<Self, SealFault> {
        let mut bundle = Self {
            keys: Vec::new(),
            certificates: Vec::new(),
        };
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
            match section.map_err(|_| SealFault::Unreadable)? {
                (SectionKind::Certificate, der) => bundle.certificates.push(der),
                (SectionKind::PrivateKey, der) => bundle.keys.push(Zeroizing::new(der)),
                _ => {}
            }
        }
        if bundle.keys.is_empty() && bundle.certificates.is_empty() {
            return Err(SealFault::Unreadable);
        }
        Ok(bundle)
    }
}

fn pkcs12_fault(error: P12Error) -> SealFault {
    match error {
        // The last two come from files without a MAC: a wrong key leaves wrong padding.
        P12Error::MacError(_) | P12Error::UnpadError | P12Error::Pkcs5Error(_) => {
            SealFault::WrongPassword
        }
        P12Error::UnsupportedEncryptionScheme | P12Error::UnsupportedMacAlgorithm => {
            SealFault::UnsupportedEncryption
        }
        P12Error::InvalidPrivateKey => SealFault::DamagedKey,
        P12Error::X509Error(_) => SealFault::Certificate(CertificateFault::Unreadable),
        _ => SealFault::Unreadable,
    }
}
