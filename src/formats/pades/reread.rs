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
use crate::formats::timestamp::Token;

/// `/SubFilter` of a CAdES signature.
const CADES: &[u8] = b"ETSI.CAdES.detached";

/// `/SubFilter` of a document time stamp.
const TIMESTAMP: &[u8] = b"ETSI.RFC3161";

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
    let after = updated(signed, unsigned)?;
    let signature = newest_dictionary(&after).filter(|found| has_kind(found, CADES));
    let signature = signature.ok_or(RereadFault::NoSignature)?;
    let (gap, signed_data) = value(signature, signed)?;
    check_detached(signed_data, &around(signed, &gap), certificate_der)?;
    Ok(())
}

/// Confirms that `stamped` is the file before with this document time stamp over the whole.
pub(super) fn confirm_timestamp(
    stamped: &[u8],
    before: &Base<'_>,
    token: &Token,
) -> Result<(), RereadFault> {
    let after = updated(stamped, before)?;
    let stamp = newest_dictionary(&after).filter(|found| has_kind(found, TIMESTAMP));
    let (_, written) = value(stamp.ok_or(RereadFault::NoSignature)?, stamped)?;
    match written == token.der() {
        true => Ok(()),
        false => Err(RereadFault::Contents),
    }
}

/// Confirms that `after` is the file before with validation data and the same newest signature.
pub(super) fn confirm_evidence(bytes: &[u8], before: &Base<'_>) -> Result<(), RereadFault> {
    let after = updated(bytes, before)?;
    let store = after.catalog()?.get(b"DSS").ok();
    let store = store.and_then(|store| after.resolved(store)?.as_dict().ok());
    let same = newest_string(&after)? == newest_string(before)?;
    match same && store.is_some() {
        true => Ok(()),
        false => Err(RereadFault::NotAnUpdate),
    }
}

/// The file read again, where it is the one before with one revision more.
fn updated<'b>(bytes: &'b [u8], before: &Base<'_>) -> Result<Base<'b>, RereadFault> {
    let after = Base::read(bytes)?;
    match bytes.starts_with(before.bytes()) && after.sections() == before.sections() + 1 {
        true => Ok(after),
        false => Err(RereadFault::NotAnUpdate),
    }
}

/// The newest signature or time stamp of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Newest {
    /// A signature, its ContentInfo.
    Signature(Vec<u8>),
    /// A document time stamp, its token.
    Timestamp(Vec<u8>),
}

/// What the last field of the file's form holds.
pub fn newest(file: &[u8]) -> Result<Newest, RereadFault> {
    let base = Base::read(file)?;
    let dictionary = newest_dictionary(&base).ok_or(RereadFault::NoSignature)?;
    let (_, string) = newest_string(&base)?;
    let value = one_value(string).ok_or(RereadFault::Contents)?.to_vec();
    Ok(match has_kind(dictionary, TIMESTAMP) {
        true => Newest::Timestamp(value),
        false => Newest::Signature(value),
    })
}

/// The gap and the DER value of the newest signature, which must cover the whole file.
pub(super) fn newest_value<'b>(
    file: &'b Base<'_>,
) -> Result<(Range<usize>, &'b [u8]), RereadFault> {
    let dictionary = newest_dictionary(file).ok_or(RereadFault::NoSignature)?;
    value(dictionary, file.bytes())
}

/// The kind and the whole `/Contents` of the newest signature or time stamp, padding among it.
pub(super) fn newest_string<'b>(file: &'b Base<'_>) -> Result<(&'b [u8], &'b [u8]), RereadFault> {
    let found = newest_dictionary(file).ok_or(RereadFault::NoSignature)?;
    let string = found.get(b"Contents").and_then(Object::as_str);
    let kind = found.get(b"SubFilter").and_then(Object::as_name);
    Ok((
        kind.map_err(|_| RereadFault::NoSignature)?,
        string.map_err(|_| RereadFault::Contents)?,
    ))
}

fn value<'b>(
    signature: &'b Dictionary,
    file: &[u8],
) -> Result<(Range<usize>, &'b [u8]), RereadFault> {
    let gap = gap(signature, file).ok_or(RereadFault::ByteRange)?;
    let value = contents(signature, &file[gap.clone()]).ok_or(RereadFault::Contents)?;
    Ok((gap, value))
}

fn has_kind(signature: &Dictionary, kind: &[u8]) -> bool {
    let named = signature.get(b"SubFilter").and_then(Object::as_name);
    named.is_ok_and(|named| named == kind)
}

/// The value of the form's last field, where it is a signature or a time stamp.
fn newest_dictionary<'b>(file: &'b Base<'_>) -> Option<&'b Dictionary> {
    let entry = |dictionary: &'b Dictionary, key: &[u8]| file.resolved(dictionary.get(key).ok()?);
    let form = entry(file.catalog().ok()?, b"AcroForm")?.as_dict().ok()?;
    let fields = entry(form, b"Fields")?.as_array().ok()?;
    let field = file.resolved(fields.last()?)?.as_dict().ok()?;
    let signature = entry(field, b"V")?.as_dict().ok()?;
    (has_kind(signature, CADES) || has_kind(signature, TIMESTAMP)).then_some(signature)
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
    one_value(contents).filter(|_| same)
}

/// The one DER value that only zeros follow.
fn one_value(contents: &[u8]) -> Option<&[u8]> {
    let header = Header::decode(&mut SliceReader::new(contents).ok()?).ok()?;
    let value_bytes = (header.encoded_len().ok()? + header.length).ok()?;
    let (value, padding) = contents.split_at_checked(usize::try_from(value_bytes).ok()?)?;
    padding.iter().all(|byte| *byte == 0).then_some(value)
}

fn hex(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)
}
