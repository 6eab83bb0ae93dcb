//! TimeStampReq (RFC 3161, 2.4.1): a digest, a nonce, the authority's certificate asked for.

use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::{Int, OctetString};
use spki::AlgorithmIdentifierOwned;
use x509_tsp::{MessageImprint, TimeStampReq, TspVersion};

use super::{Imprint, TimestampFault, Token, reply, token};

/// What makes a reply belong to its request; a positive INTEGER of eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce([u8; 8]);

impl Nonce {
    /// The nonce of these random bytes, of which 62 bits count.
    pub fn from_random(mut bytes: [u8; 8]) -> Self {
        // 0100_0000 in front: positive, and in DER always eight bytes.
        bytes[0] = bytes[0] & 0x3f | 0x40;
        Self(bytes)
    }

    /// The INTEGER's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What an authority is asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// The digest to be stamped.
    pub imprint: Imprint,
    /// What the reply must repeat.
    pub nonce: Nonce,
    /// The policy wanted; any where absent.
    pub policy: Option<ObjectIdentifier>,
}

impl Request {
    /// The request in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let fits = "a digest and a nonce fit into DER";
        let request = TimeStampReq {
            version: TspVersion::V1,
            message_imprint: MessageImprint {
                hash_algorithm: AlgorithmIdentifierOwned {
                    oid: self.imprint.hash().oid(),
                    parameters: None,
                },
                hashed_message: OctetString::new(self.imprint.as_bytes()).expect(fits),
            },
            req_policy: self.policy,
            nonce: Some(Int::new(self.nonce.as_bytes()).expect(fits)),
            cert_req: true,
            extensions: None,
        };
        request.to_der().expect(fits)
    }

    /// The token in a reply, where it answers this request and holds by itself.
    pub fn accept(&self, reply: &[u8]) -> Result<Token, TimestampFault> {
        token::check(reply::token_of(reply)?, self)
    }
}
