//! PAdES baseline signatures (ETSI EN 319 142-1) as incremental updates.
//!
//! `base` reads the file to be signed (`objects` only what is asked of it), `form` says which of its objects change,
//! `revision` writes them behind the untouched bytes, `dictionary` is the
//! signature dictionary with its two gaps, `mark` is what people see of it on page 1,
//! `reread` checks the finished file.
//! What makes a signature last comes behind it: `stamp` (B-T), `evidence` (B-LT) and
//! `document_timestamp` (B-LTA), each in the gap or in a revision of its own.

mod base;
mod dictionary;
mod document_timestamp;
mod evidence;
mod form;
#[cfg(test)]
mod levels_tests;
mod mark;
mod objects;
mod reread;
mod revision;
mod stamp;
#[cfg(test)]
mod tests;

use time::OffsetDateTime;

use crate::formats::cms::{CmsFault, Signatory};
use crate::formats::pdfa::ConformantPdf;
use crate::formats::timestamp::TimestampFault;
use crate::model::{Digest, Digester};

pub use crate::formats::signer::{SignatureAlgorithm, Signer, SignerFault};
pub use base::BaseFault;
pub use document_timestamp::with_document_timestamp;
pub use evidence::{ValidationData, with_validation_data};
pub use mark::Mark;
pub use reread::{Newest, RereadFault, newest};
pub use stamp::{TOKEN_ROOM_BYTES, stamp};
#[cfg(test)]
pub(crate) use tests::signed_sample;

use base::Base;
use dictionary::SignatureDictionary;
use revision::Revision;

/// What the signer says of the signature; all of it is claimed, none of it proven.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The time, written into `/M` in the zone it carries.
    pub at: OffsetDateTime,
    /// Why it was signed (`/Reason`).
    pub reason: Option<String>,
    /// Where it was signed (`/Location`).
    pub location: Option<String>,
}

/// A PDF file with a signature that our own reader checked after it was made.
#[derive(Clone, Debug)]
pub struct SignedPdf {
    bytes: Vec<u8>,
}

impl SignedPdf {
    /// The file's bytes; those of the unsigned file are their exact beginning.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file's bytes, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Why a file could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum PadesFault {
    /// The file to be signed cannot take a signature.
    #[error("the file cannot take a signature")]
    Base(#[from] BaseFault),
    /// The signature could not be made.
    #[error("the signature could not be made")]
    Cms(#[from] CmsFault),
    /// The signature is longer than the space kept for it.
    #[error("the signature takes {needed_bytes} bytes where {reserved_bytes} were kept")]
    TooLong {
        /// Bytes of the signature.
        needed_bytes: usize,
        /// Bytes kept for it.
        reserved_bytes: usize,
    },
    /// No time stamp was to be had.
    #[error("no time stamp was to be had")]
    Timestamp(#[from] TimestampFault),
    /// The finished file did not stand up to our own reading.
    #[error("the signed file did not stand up to reading it again")]
    Reread(#[from] RereadFault),
}

/// Signs at level B-B with an invisible field on the first page.
pub fn sign(
    pdf: &ConformantPdf,
    signer: &dyn Signer,
    claim: &Claim,
) -> Result<SignedPdf, PadesFault> {
    sign_bytes(pdf.bytes(), signer, claim, 0)
}

/// Signs at level B-B and leaves room behind the signature, for a time stamp.
pub fn sign_with_room(
    pdf: &ConformantPdf,
    signer: &dyn Signer,
    claim: &Claim,
    room_bytes: usize,
) -> Result<SignedPdf, PadesFault> {
    sign_bytes(pdf.bytes(), signer, claim, room_bytes)
}

/// Signs at level B-B with a field on the first page that shows the mark, and leaves room behind
/// the signature.
pub fn sign_marked(
    pdf: &ConformantPdf,
    signer: &dyn Signer,
    claim: &Claim,
    mark: &Mark,
    room_bytes: usize,
) -> Result<SignedPdf, PadesFault> {
    let base = Base::read_with_contents(pdf.bytes())?;
    sign_over(&base, signer, claim, Some(mark), room_bytes)
}

fn sign_bytes(
    unsigned: &[u8],
    signer: &dyn Signer,
    claim: &Claim,
    room_bytes: usize,
) -> Result<SignedPdf, PadesFault> {
    sign_over(&Base::read(unsigned)?, signer, claim, None, room_bytes)
}

fn sign_over(
    base: &Base<'_>,
    signer: &dyn Signer,
    claim: &Claim,
    mark: Option<&Mark>,
    room_bytes: usize,
) -> Result<SignedPdf, PadesFault> {
    let signatory = Signatory::of(signer)?;
    let own_bytes = signatory.max_signed_data_bytes()?;
    let reserved_bytes = own_bytes + signer.more_room_bytes() + room_bytes;
    let dictionary = SignatureDictionary {
        name: signatory.certificate().common_name(),
        claim,
        reserved_bytes,
    };

    let mut revision = Revision::after(base, reserved_bytes);
    let signature_id = revision.new_id();
    let mark = mark.map(|mark| mark::write(mark, base, &mut revision));
    let mark = mark.transpose()?;
    for (id, object) in
        form::with_signature(base, &mut revision, signature_id, form::SIGNATURE, mark)?
    {
        revision.write(id, &object);
    }
    let gaps = dictionary.write(&mut revision, signature_id);
    let identity = revision_identity(base, &signatory, claim);
    let mut bytes = revision.finish(base, &identity);

    gaps.fill_byte_range(&mut bytes);
    let signed_data = signatory.sign_detached(&around(&bytes, &gaps.contents))?;
    gaps.fill_contents(&mut bytes, &signed_data)?;
    reread::confirm(&bytes, base, signer.certificate_der())?;
    Ok(SignedPdf { bytes })
}

/// The file without the gap: what is signed.
fn around<'b>(bytes: &'b [u8], gap: &std::ops::Range<usize>) -> [&'b [u8]; 2] {
    [&bytes[..gap.start], &bytes[gap.end..]]
}

/// SHA-256 of the file without the gap.
fn digest_around(bytes: &[u8], gap: &std::ops::Range<usize>) -> Digest {
    let mut digester = Digester::new();
    around(bytes, gap)
        .iter()
        .for_each(|part| digester.update(part));
    digester.finish()
}

/// The second half of `/ID` (ISO 32000-1, 14.4): the same file, signer and time give the same.
fn revision_identity(base: &Base<'_>, signatory: &Signatory<'_>, claim: &Claim) -> [u8; 16] {
    let certificate = signatory.certificate().digest();
    let at = claim.at.unix_timestamp().to_be_bytes();
    identity(base, &[certificate.as_bytes(), &at])
}

/// The second half of `/ID` after a revision that is decided by the file before it and these parts.
fn identity(base: &Base<'_>, parts: &[&[u8]]) -> [u8; 16] {
    let mut digester = Digester::new();
    digester.update(base.permanent_id());
    digester.update(&(base.bytes().len() as u64).to_be_bytes());
    parts.iter().for_each(|part| digester.update(part));
    let digest = digester.finish();
    *digest
        .as_bytes()
        .first_chunk()
        .expect("a SHA-256 has more than 16 bytes")
}
