//! Reads a signed file back before it is called signed.
//!
//! Nothing is taken over from the writer: the signature is found from the file's
//! end, through cross-reference data, catalog, form and field.

use std::ops::Range;

use der::{Decode, Encode, Header, SliceReader};
use lopdf::{Dictionary, Object};

use super::around;
use super::base::{Base, BaseFault};
use crate::formats::cms::{Mismatch, check_detached};

/// What of a signed file is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum RereadFault {
    /// The file cannot be read any more.
    #[error("the file cannot be read any more")]
    Unreadable(#[from] BaseFault),
    /// The unsigned file is not its exact beginning, or not exactly one revision was added.
    #[error("the file is not the unsigned one with one revision added")]
    NotAnUpdate,
    /// No signature field with a signature leads from its catalog.
    #[error("no signature is found through the file's form")]
    NoSignature,
    /// `/ByteRange` does not cover everything but `/Contents`.
    #[error("the signature does not cover the whole file")]
    ByteRange,
    /// `/Contents` is not one DER value followed by zeros.
    #[error("the signature's string is not one value followed by zeros")]
    Contents,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Signature(#[from] Mismatch),
}

/// Confirms that `signed` is the unsigned file with this certificate's signature over the whole.
pub(super) fn confirm(
    signed: &[u8],
    unsigned: &Base<'_>,
    certificate_der: &[u8],
) -> Result<(), RereadFault> {
    let after = Base::read(signed)?;
    if !signed.starts_with(unsigned.bytes()) || after.sections() != unsigned.sections() + 1 {
        return Err(RereadFault::NotAnUpdate);
    }
    let signature = newest_signature(&after).ok_or(RereadFault::NoSignature)?;
    let gap = gap(signature, signed).ok_or(RereadFault::ByteRange)?;
    let signed_data = contents(signature, &signed[gap.clone()]).ok_or(RereadFault::Contents)?;
    check_detached(signed_data, &around(signed, &gap), certificate_der)?;
    Ok(())
}

/// The value of the form's last field, where it is a CAdES signature.
fn newest_signature<'b>(file: &'b Base<'_>) -> Option<&'b Dictionary> {
    let entry = |dictionary: &'b Dictionary, key: &[u8]| file.resolved(dictionary.get(key).ok()?);
    let form = entry(file.catalog().ok()?, b"AcroForm")?.as_dict().ok()?;
    let fields = entry(form, b"Fields")?.as_array().ok()?;
    let field = file.resolved(fields.last()?)?.as_dict().ok()?;
    let signature = entry(field, b"V")?.as_dict().ok()?;
    let kind = entry(signature, b"SubFilter")?.as_name().ok()?;
    (kind == b"ETSI.CAdES.detached").then_some(signature)
}

/// What `/ByteRange` leaves out, where that is one string between `<` and `>` and nothing else.
fn gap(signature: &Dictionary, file: &[u8]) -> Option<Range<usize>> {
    let numbers = signature
        .get(b"ByteRange")
        .and_then(Object::as_array)
        .ok()?;
    let numbers: Vec<usize> = numbers
        .iter()
        .map(|number| usize::try_from(number.as_i64().ok()?).ok())
        .collect::<Option<_>>()?;
    let [0, start, end, rest] = numbers[..] else {
        return None;
    };
    let string = file.get(start..end)?;
    let whole = end.checked_add(rest) == Some(file.len());
    let (first, last) = (string.first()?, string.last()?);
    (whole && string.len() >= 2 && *first == b'<' && *last == b'>').then_some(start..end)
}

/// The DER value in `/Contents`, which must be the string in the gap.
fn contents<'d>(signature: &'d Dictionary, gap: &[u8]) -> Option<&'d [u8]> {
    let contents = signature.get(b"Contents").and_then(Object::as_str).ok()?;
    let digits = &gap[1..gap.len() - 1];
    let same = digits.len() == 2 * contents.len()
        && digits
            .chunks_exact(2)
            .zip(contents)
            .all(|(pair, byte)| hex(pair) == Some(*byte));
    let header = Header::decode(&mut SliceReader::new(contents).ok()?).ok()?;
    let value_bytes = (header.encoded_len().ok()? + header.length).ok()?;
    let (value, padding) = contents.split_at_checked(usize::try_from(value_bytes).ok()?)?;
    (same && padding.iter().all(|byte| *byte == 0)).then_some(value)
}

fn hex(pair: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()
}
