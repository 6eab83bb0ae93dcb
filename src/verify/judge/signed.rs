//! The outer form that certificates, revocation lists and OCSP answers share: what is signed,
//! by which algorithm, and the signature (RFC 5280, 4.1.1 and 5.1.1; RFC 6960, 4.2.1).

use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Encode, Reader, SliceReader};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use time::OffsetDateTime;

use super::allowed::{self, Used};
use super::crypto::{self, Scheme};

/// Signed bytes with their signature.
#[derive(Clone, Debug)]
pub struct Signed {
    message: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    value: Vec<u8>,
}

impl Signed {
    /// Reads the outer form; whatever follows the signature is left alone.
    pub fn read(der: &[u8]) -> Option<Self> {
        let outer = AnyRef::from_der(der).ok()?;
        let mut fields = SliceReader::new(outer.value()).ok()?;
        let message: AnyRef<'_> = fields.decode().ok()?;
        let algorithm = fields.decode().ok()?;
        let value: BitStringRef<'_> = fields.decode().ok()?;
        Some(Self {
            // The same bytes: what was read is DER.
            message: message.to_der().ok()?,
            algorithm,
            value: value.as_bytes()?.to_vec(),
        })
    }

    /// True where the signature holds under this key, by an algorithm that is allowed.
    pub fn holds_under(&self, key: &SubjectPublicKeyInfoOwned) -> bool {
        let Ok(scheme) = Scheme::of(key, &self.algorithm, None) else {
            return false;
        };
        let used = Used {
            digest: Some(scheme.hash.name().to_owned()),
            signature: Some(scheme.name.to_owned()),
            key: Some(crypto::key_size(key)),
        };
        // Rows with an end are judged as if today never came: lists carry their own dates.
        let allowed = allowed::judge(&used, OffsetDateTime::UNIX_EPOCH).allowed;
        allowed && scheme.holds(key, &self.message, &self.value)
    }
}
