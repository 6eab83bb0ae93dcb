//! CMS SignedData (RFC 5652) as CAdES baseline B-B wants it (ETSI EN 319 122-1, 6.3).
//!
//! One detached signature: no content inside, one signer, three signed
//! attributes, the certificates of the path without its self-signed root (whoever
//! trusts the root has it).

mod algorithm;
mod attributes;
mod check;
mod stamp;

use cms::content_info::ContentInfo;
use cms::signed_data::EncapsulatedContentInfo;
use const_oid::db::rfc5911::{ID_DATA, ID_SIGNED_DATA};
use der::asn1::{OctetStringRef, SetOfVec};
use der::{Any, AnyRef, Decode, Encode, Sequence, ValueOrd};
use spki::AlgorithmIdentifierRef;
use x509_cert::attr::Attributes;

use crate::formats::signer::{Signer, SignerFault};
use crate::formats::x509::{Certificate, CertificateFault};
pub use check::{FormFlaw, Mismatch, check_detached, check_form};
pub use stamp::{certificates_of, signature_of, with_timestamp};

/// Why no SignedData was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CmsFault {
    /// A certificate of the signer cannot be used.
    #[error("a certificate of the signer cannot be used")]
    Certificate(#[from] CertificateFault),
    /// The key did not sign.
    #[error("the key did not sign")]
    Signer(#[from] SignerFault),
    /// A part could not be written as DER.
    #[error("a part of the signature could not be encoded")]
    Encoding(#[from] der::Error),
}

/// SignedData (RFC 5652, 5.1). Certificates are carried as they came, hence not
/// the `cms` crate's type, which encodes them anew.
#[derive(Sequence)]
struct SignedData<'a> {
    version: u8,
    digest_algorithms: SetOfVec<AlgorithmIdentifierRef<'a>>,
    content: EncapsulatedContentInfo,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    certificates: SetOfVec<AnyRef<'a>>,
    signer_infos: SetOfVec<SignerInfo<'a>>,
}

/// SignerInfo (RFC 5652, 5.3) with the signer named by issuer and serial.
#[derive(Sequence, ValueOrd)]
struct SignerInfo<'a> {
    version: u8,
    signer: IssuerAndSerial<'a>,
    digest_algorithm: AlgorithmIdentifierRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    signed_attributes: Attributes,
    signature_algorithm: AlgorithmIdentifierRef<'a>,
    signature: OctetStringRef<'a>,
    #[asn1(
        context_specific = "1",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    unsigned_attributes: Option<Attributes>,
}

/// IssuerAndSerialNumber (RFC 5652, 10.2.4), both as they stand in the certificate.
#[derive(Sequence, ValueOrd)]
struct IssuerAndSerial<'a> {
    issuer: AnyRef<'a>,
    serial: AnyRef<'a>,
}

/// Everything of a signer that goes into its signatures.
pub struct Signatory<'a> {
    signer: &'a dyn Signer,
    certificate: Certificate<'a>,
    /// What the signature carries, read once for both times that it is written.
    certificates: SetOfVec<AnyRef<'a>>,
    max_signature_bytes: usize,
}

impl<'a> Signatory<'a> {
    /// Reads the signer's certificate and those above it.
    pub fn of(signer: &'a dyn Signer) -> Result<Self, CmsFault> {
        let certificate = Certificate::read(signer.certificate_der())?;
        Ok(Self {
            signer,
            max_signature_bytes: certificate.public_key()?.max_signature_bytes(),
            certificates: carried(signer)?,
            certificate,
        })
    }

    /// The signer's certificate.
    pub fn certificate(&self) -> &Certificate<'a> {
        &self.certificate
    }

    /// Bytes of the largest SignedData this signer can make.
    pub fn max_signed_data_bytes(&self) -> Result<usize, CmsFault> {
        let digest = self.signer.algorithm().hash().digest(&[]);
        let attributes = attributes::signed(&self.certificate, digest.as_ref())?;
        let longest = vec![0; self.max_signature_bytes];
        Ok(self.signed_data(attributes, &longest)?.len())
    }

    /// Signs the message in these parts and gives the ContentInfo in DER.
    pub fn sign_detached(&self, message: &[&[u8]]) -> Result<Vec<u8>, CmsFault> {
        let digest = self.signer.algorithm().hash().digest(message);
        if let Some(whole) = self.signer.signed_elsewhere(digest.as_ref()) {
            return Ok(whole);
        }
        let attributes = attributes::signed(&self.certificate, digest.as_ref())?;
        // What is signed is the SET OF with its own tag, not the [0] of the file (RFC 5652, 5.4).
        let signature = self.signer.sign(&attributes.to_der()?)?;
        self.signed_data(attributes, &signature)
    }

    fn signed_data(
        &self,
        signed_attributes: Attributes,
        signature: &[u8],
    ) -> Result<Vec<u8>, CmsFault> {
        let signature_algorithm = self.signer.algorithm();
        let digest_algorithm = algorithm::of_hash(signature_algorithm.hash());
        let signer_info = SignerInfo {
            version: 1, // the signer is named by issuer and serial
            signer: IssuerAndSerial {
                issuer: AnyRef::from_der(self.certificate.issuer_der())?,
                serial: AnyRef::from_der(self.certificate.serial_der())?,
            },
            digest_algorithm,
            signed_attributes,
            signature_algorithm: algorithm::of_signature(signature_algorithm),
            signature: OctetStringRef::new(signature)?,
            unsigned_attributes: None,
        };
        let signed_data = SignedData {
            version: 1, // id-data, X.509 certificates only, signers of version 1 (RFC 5652, 5.1)
            digest_algorithms: SetOfVec::try_from([digest_algorithm])?,
            content: EncapsulatedContentInfo {
                econtent_type: ID_DATA,
                econtent: None,
            },
            certificates: self.certificates.clone(),
            signer_infos: SetOfVec::try_from([signer_info])?,
        };
        let content_info = ContentInfo {
            content_type: ID_SIGNED_DATA,
            content: Any::encode_from(&signed_data)?,
        };
        Ok(content_info.to_der()?)
    }
}

/// The signer's certificate and those above it, each once, the root left out.
fn carried(signer: &dyn Signer) -> Result<SetOfVec<AnyRef<'_>>, CmsFault> {
    let mut ders = vec![signer.certificate_der()];
    for der in path_without_root(signer)? {
        if !ders.contains(&der) {
            ders.push(der);
        }
    }
    let certificates: Vec<AnyRef<'_>> = ders
        .into_iter()
        .map(AnyRef::from_der)
        .collect::<Result<_, _>>()?;
    Ok(SetOfVec::try_from(certificates)?)
}

/// The certificates above the signer's, issuer first, without a self-signed root.
pub fn path_without_root(signer: &dyn Signer) -> Result<Vec<&[u8]>, CertificateFault> {
    let mut path = Vec::new();
    for der in signer.chain_der() {
        if !Certificate::read(der)?.is_self_issued() {
            path.push(der.as_slice());
        }
    }
    Ok(path)
}
