//! Which token and which key: the plan's `[seal.token]`.

use std::path::PathBuf;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};

use super::TokenFault;

/// Which token and which key sign. Never a PIN: plans are copied about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenOptions {
    /// The PKCS#11 module that the token's maker supplies; empty for none.
    pub module: PathBuf,
    /// The token's label; empty where there is only one token.
    pub token: String,
    /// The slot's number, where labels do not tell tokens apart.
    pub slot: Option<u64>,
    /// The key's label, or its number in hexadecimal digits; empty where there is only one.
    pub key: String,
    /// A PEM file with certificates that the token does not hold; empty for none.
    pub certificates: PathBuf,
    /// Seconds within which a token that was pulled out may come back.
    pub wait_s: u64,
}

impl Default for TokenOptions {
    fn default() -> Self {
        Self {
            module: PathBuf::new(),
            token: String::new(),
            slot: None,
            key: String::new(),
            certificates: PathBuf::new(),
            wait_s: 120,
        }
    }
}

impl TokenOptions {
    /// True where the plan names a module.
    pub fn is_configured(&self) -> bool {
        !self.module.as_os_str().is_empty()
    }

    /// The certificates in the plan's file.
    pub(super) fn read_certificates(&self) -> Result<Vec<Vec<u8>>, TokenFault> {
        if self.certificates.as_os_str().is_empty() {
            return Ok(Vec::new());
        }
        let unreadable = |cause: String| TokenFault::Certificates {
            file: self.certificates.clone(),
            cause,
        };
        let bytes = std::fs::read(&self.certificates);
        let bytes = bytes.map_err(|error| unreadable(error.to_string()))?;
        let ders = CertificateDer::pem_slice_iter(&bytes);
        let ders: Result<Vec<Vec<u8>>, _> = ders.map(|der| der.map(|der| der.to_vec())).collect();
        ders.map_err(|error| unreadable(error.to_string()))
    }
}
