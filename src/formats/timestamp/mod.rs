//! Time stamps (RFC 3161): the request, and the token with every check a client must make.
//!
//! `request` is what is asked, `reply` what came back and whether it answers that, `token` the signed
//! statement inside, `fault` what went wrong. Who carries the bytes is somebody else's business:
//! [`Timestamper`] has the one over HTTP in `stages::seal` and those of the tests.

mod fault;
#[cfg(test)]
pub(crate) mod fictional;
mod reply;
mod request;
mod statement;
#[cfg(test)]
mod tests;
mod token;

use time::OffsetDateTime;

use crate::formats::foreign_signature::Hash;
use crate::model::Digest;

pub use fault::{Mismatch, TimestampFault};
pub use request::{Nonce, Request};
pub use token::Carried;

/// Longest reply that is read: tokens with a chain of certificates take 3 to 8 KiB.
pub const MAX_REPLY_BYTES: usize = 64 << 10;

/// Stamps digests with the time. Two implementations: an authority over HTTP, and those of the tests.
pub trait Timestamper: Send + Sync {
    /// A token over this SHA-256 that passed every check of RFC 3161.
    fn stamp(&self, imprint: &Digest) -> Result<Token, TimestampFault> {
        self.stamp_over(&Imprint::from(*imprint))
    }

    /// The same over a digest by any hash that we rely on.
    fn stamp_over(&self, imprint: &Imprint) -> Result<Token, TimestampFault>;
}

/// MessageImprint (RFC 3161, 2.4.1): what an authority is asked to stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imprint {
    hash: Hash,
    octets: Vec<u8>,
}

impl Imprint {
    /// The digest of these bytes.
    pub fn of(hash: Hash, bytes: &[u8]) -> Self {
        let octets = hash.digest(bytes).as_ref().to_vec();
        Self { hash, octets }
    }

    /// By which hash it was made.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The digest.
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets
    }
}

impl From<Digest> for Imprint {
    fn from(digest: Digest) -> Self {
        Self {
            hash: Hash::Sha256,
            octets: digest.as_bytes().to_vec(),
        }
    }
}

/// A time-stamp token that was checked against what was asked ([`Request::accept`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    der: Vec<u8>,
    at: OffsetDateTime,
    signer_der: Vec<u8>,
    certificates_der: Vec<Vec<u8>>,
}

impl Token {
    /// The token, a CMS ContentInfo, byte for byte as it came.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The token's bytes, given away.
    pub fn into_der(self) -> Vec<u8> {
        self.der
    }

    /// The time the authority says (genTime).
    pub fn at(&self) -> OffsetDateTime {
        self.at
    }

    /// The authority's certificate in DER.
    pub fn signer_der(&self) -> &[u8] {
        &self.signer_der
    }

    /// All certificates the token carries in DER, the authority's among them.
    pub fn certificates_der(&self) -> &[Vec<u8>] {
        &self.certificates_der
    }
}
