//! A signature's time stamp: the unsigned attribute signature-time-stamp (ETSI EN 319 122-1, 5.3;
//! RFC 3161, appendix A), put into a SignedData of ours after it was made.
//!
//! Everything else keeps its bytes: what the writer's own types read they write again as it was.

use cms::content_info::ContentInfo;
use const_oid::ObjectIdentifier;
use der::asn1::SetOfVec;
use der::{Any, Decode, Encode};
use x509_cert::attr::{Attribute, Attributes};

use super::SignedData;

/// id-aa-timeStampToken (RFC 3161, appendix A).
const ID_AA_TIME_STAMP_TOKEN: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");

/// The signature value of the one signer: what a signature-time-stamp is over.
pub fn signature_of(content_info: &[u8]) -> der::Result<Vec<u8>> {
    let outer = ContentInfo::from_der(content_info)?;
    let signed_data: SignedData<'_> = outer.content.decode_as()?;
    let signer = signed_data.signer_infos.get(0);
    let signer = signer.ok_or(der::ErrorKind::Failed)?;
    Ok(signer.signature.as_bytes().to_vec())
}

/// The certificates inside, in DER.
pub fn certificates_of(content_info: &[u8]) -> der::Result<Vec<Vec<u8>>> {
    let outer = ContentInfo::from_der(content_info)?;
    let signed_data: SignedData<'_> = outer.content.decode_as()?;
    let all = signed_data.certificates.iter();
    all.map(Encode::to_der).collect()
}

/// The same SignedData with this time-stamp token beside the signature.
pub fn with_timestamp(content_info: &[u8], token_der: &[u8]) -> der::Result<Vec<u8>> {
    let outer = ContentInfo::from_der(content_info)?;
    let mut signed_data: SignedData<'_> = outer.content.decode_as()?;
    let mut signers = std::mem::take(&mut signed_data.signer_infos).into_vec();
    for signer in &mut signers {
        signer.unsigned_attributes = Some(Attributes::try_from([Attribute {
            oid: ID_AA_TIME_STAMP_TOKEN,
            values: SetOfVec::try_from([Any::from_der(token_der)?])?,
        }])?);
    }
    signed_data.signer_infos = SetOfVec::try_from(signers)?;
    let stamped = ContentInfo {
        content_type: outer.content_type,
        content: Any::encode_from(&signed_data)?,
    };
    stamped.to_der()
}
