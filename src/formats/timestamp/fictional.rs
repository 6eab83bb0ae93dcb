//! An authority of nobody's, for tests: it stamps honestly, or lies about one thing.

use cms::cert::IssuerAndSerialNumber;
use cms::content_info::CmsVersion;
use cms::signed_data::{SignerIdentifier, SignerInfo};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
};
use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ID_SHA_256};
use der::asn1::{Any, Int, OctetString, OctetStringRef, SetOfVec};
use der::{AnyRef, Decode, Encode, Tag};
use rcgen::{CertificateParams, CustomExtension};
use spki::AlgorithmIdentifierOwned;
use time::OffsetDateTime;
use x509_cert::attr::Attribute;
use x509_tsp::{MessageImprint, TimeStampReq};

use super::token::{ContentInfo, EncapsulatedContent, ID_CT_TST_INFO, SignedData};
use super::{Imprint, Nonce, Request, TimestampFault, Timestamper, Token};
use crate::formats::fictional_signer::{Authority, FictionalSigner};
use crate::formats::signer::Signer;
use crate::model::Digest;

/// The one policy of this authority.
pub(crate) const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.1");

/// A time-stamping authority with its certificate.
pub(crate) struct FictionalAuthority {
    pub(crate) signer: FictionalSigner,
    pub(crate) at: OffsetDateTime,
}

/// What the authority is about to say; a test changes it to make it lie.
pub(crate) struct Saying {
    pub(crate) status: u8,
    pub(crate) token: bool,
    pub(crate) policy: ObjectIdentifier,
    pub(crate) hash: ObjectIdentifier,
    pub(crate) imprint: Vec<u8>,
    pub(crate) nonce: Option<Vec<u8>>,
    pub(crate) content_type: ObjectIdentifier,
    pub(crate) message_digest: Option<Vec<u8>>,
    pub(crate) named_certificate: Vec<u8>,
    pub(crate) carried: Vec<Vec<u8>>,
    pub(crate) spoil_signature: bool,
}

/// Terms of a time-stamping certificate: extended key usage timeStamping alone, critical.
pub(crate) fn for_stamping(params: &mut CertificateParams) {
    with_purpose(params, true, &[8]);
}

/// Extended key usage with these of id-kp, critical or not.
pub(crate) fn with_purpose(params: &mut CertificateParams, critical: bool, purposes: &[u32]) {
    let oids = purposes.iter().map(|purpose| {
        ObjectIdentifier::new(&format!("1.3.6.1.5.5.7.3.{purpose}")).expect("an identifier")
    });
    let der = oids.collect::<Vec<_>>().to_der().expect("encodes");
    let mut usage = CustomExtension::from_oid_content(&[2, 5, 29, 37], der);
    usage.set_criticality(critical);
    params.custom_extensions = vec![usage];
}

impl FictionalAuthority {
    /// An honest one below this root.
    pub(crate) fn below(root: &Authority, at: OffsetDateTime) -> Self {
        Self {
            signer: root.signer(for_stamping),
            at,
        }
    }

    /// The reply to a request, `lie` applied to what would be said.
    pub(crate) fn reply(&self, request: &[u8], lie: impl FnOnce(&mut Saying)) -> Vec<u8> {
        let request = TimeStampReq::from_der(request).expect("a request");
        let mut saying = Saying {
            status: 0,
            token: true,
            policy: POLICY,
            hash: request.message_imprint.hash_algorithm.oid,
            imprint: request.message_imprint.hashed_message.as_bytes().to_vec(),
            nonce: request.nonce.map(|nonce| nonce.as_bytes().to_vec()),
            content_type: ID_CT_TST_INFO,
            message_digest: None,
            named_certificate: self.signer.certificate_der.clone(),
            carried: vec![self.signer.certificate_der.clone()],
            spoil_signature: false,
        };
        lie(&mut saying);
        let token = saying.token.then(|| self.token(&saying));
        let status = vec![saying.status].to_der().expect("encodes");
        sequence(&[&status, &token.unwrap_or_default()])
    }

    fn token(&self, saying: &Saying) -> Vec<u8> {
        let statement = self.statement(saying);
        // As RFC 5652, 5.1, asks: the signer's digest is among those told beforehand.
        let digest = algorithm(ID_SHA_256).to_der().expect("encodes");
        let digest = AnyRef::from_der(&digest).expect("an algorithm");
        let carried = saying.carried.iter();
        let carried = carried.map(|der| AnyRef::from_der(der).expect("a certificate"));
        let signed_data = SignedData {
            version: 3,
            digest_algorithms: SetOfVec::try_from([digest]).expect("one"),
            content: EncapsulatedContent {
                content_type: ID_CT_TST_INFO,
                content: OctetStringRef::new(&statement).expect("short"),
            },
            certificates: SetOfVec::try_from(carried.collect::<Vec<_>>()).ok(),
            crls: None,
            signer_infos: SetOfVec::try_from([self.signer_info(saying, &statement)])
                .expect("one signer"),
        };
        let content_info = ContentInfo {
            content_type: ID_SIGNED_DATA,
            content: signed_data,
        };
        content_info.to_der().expect("encodes")
    }

    fn statement(&self, saying: &Saying) -> Vec<u8> {
        let imprint = MessageImprint {
            hash_algorithm: algorithm(saying.hash),
            hashed_message: OctetString::new(saying.imprint.clone()).expect("short"),
        };
        let format = time::macros::format_description!(
            "[year][month][day][hour][minute][second].[subsecond digits:3]Z"
        );
        let at = self.at.to_offset(time::UtcOffset::UTC);
        let at = at.format(&format).expect("formats");
        let nonce = saying.nonce.as_ref().map(|nonce| Int::new(nonce));
        let nonce = nonce.map(|nonce| nonce.expect("short").to_der().expect("encodes"));
        sequence(&[
            &1u8.to_der().expect("encodes"),
            &saying.policy.to_der().expect("encodes"),
            &imprint.to_der().expect("encodes"),
            &7u8.to_der().expect("encodes"),
            &Any::new(Tag::GeneralizedTime, at.as_bytes())
                .and_then(|any| any.to_der())
                .expect("encodes"),
            &nonce.unwrap_or_default(),
        ])
    }

    fn signer_info(&self, saying: &Saying, statement: &[u8]) -> SignerInfo {
        let certificate = x509_cert::Certificate::from_der(&self.signer.certificate_der);
        let tbs = certificate.expect("a certificate").tbs_certificate;
        let digest = saying.message_digest.clone();
        let digest = digest.unwrap_or_else(|| Digest::of(statement).as_bytes().to_vec());
        let named = Digest::of(&saying.named_certificate);
        let octets = |bytes: &[u8]| OctetString::new(bytes).expect("short");
        let attributes = [
            attribute(ID_CONTENT_TYPE, &saying.content_type),
            attribute(ID_MESSAGE_DIGEST, &octets(&digest)),
            // SigningCertificateV2 { SEQUENCE OF ESSCertIDv2 { certHash } }
            attribute(
                ID_AA_SIGNING_CERTIFICATE_V_2,
                &vec![vec![vec![octets(named.as_bytes())]]],
            ),
        ];
        let attributes = SetOfVec::try_from(attributes).expect("three of them");
        let message = attributes.to_der().expect("encodes");
        let mut signature = self.signer.sign(&message).expect("signs");
        if saying.spoil_signature {
            let last = signature.len() - 1;
            signature[last] ^= 1;
        }
        SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: tbs.issuer,
                serial_number: tbs.serial_number,
            }),
            digest_alg: algorithm(ID_SHA_256),
            signed_attrs: Some(attributes),
            signature_algorithm: algorithm(ECDSA_WITH_SHA_256),
            signature: octets(&signature),
            unsigned_attrs: None,
        }
    }
}

impl Timestamper for FictionalAuthority {
    fn stamp_over(&self, imprint: &Imprint) -> Result<Token, TimestampFault> {
        let request = Request {
            imprint: imprint.clone(),
            nonce: Nonce::from_random([0x11; 8]),
            policy: None,
        };
        request.accept(&self.reply(&request.to_der(), |_| {}))
    }
}

/// A line to an authority that is down.
pub(crate) struct DeadLine;

impl Timestamper for DeadLine {
    fn stamp_over(&self, _: &Imprint) -> Result<Token, TimestampFault> {
        Err(TimestampFault::NoAnswer {
            cause: "connection refused".to_owned(),
        })
    }
}

fn algorithm(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid,
        parameters: None,
    }
}

fn attribute<T: Encode + der::Tagged + der::EncodeValue>(
    oid: ObjectIdentifier,
    value: &T,
) -> Attribute {
    let value = Any::encode_from(value).expect("encodes");
    Attribute {
        oid,
        values: SetOfVec::try_from([value]).expect("one value"),
    }
}

/// A SEQUENCE of parts that are encoded already.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    let any = Any::new(Tag::Sequence, parts.concat()).expect("short");
    any.to_der().expect("encodes")
}
