//! The signature dictionary (ISO 32000-1, 12.8.1; ETSI EN 319 142-1, 6.3) and its two gaps.

use std::ops::Range;

use lopdf::{ObjectId, text_string};
use time::OffsetDateTime;

use super::revision::{Revision, put};
use super::{Claim, PadesFault};

/// Room for `0 a b c` with ten digits a number, as many as a cross-reference table takes.
const BYTE_RANGE_CHARS: usize = 34;

/// A signature dictionary before it is written.
pub(super) struct SignatureDictionary<'a> {
    /// The signer's name.
    pub(super) name: Option<String>,
    /// What the signer says.
    pub(super) claim: &'a Claim,
    /// Bytes of the longest signature that must fit.
    pub(super) reserved_bytes: usize,
}

/// Where the two values stand that are known only when the file is complete.
pub(super) struct Gaps {
    byte_range: Range<usize>,
    /// The hexadecimal string of `/Contents` with its brackets: all that is not signed.
    pub(super) contents: Range<usize>,
}

impl SignatureDictionary<'_> {
    /// Writes the dictionary with blanks and zeros in its gaps.
    pub(super) fn write(&self, revision: &mut Revision, id: ObjectId) -> Gaps {
        revision.write_with(id, |bytes| {
            bytes.extend_from_slice(b"<</Type/Sig/Filter/Adobe.PPKLite");
            bytes.extend_from_slice(b"/SubFilter/ETSI.CAdES.detached");
            bytes.extend_from_slice(format!("/M({})", pdf_date(self.claim.at)).as_bytes());
            put_text(bytes, "/Name", self.name.as_deref());
            put_text(bytes, "/Reason", self.claim.reason.as_deref());
            put_text(bytes, "/Location", self.claim.location.as_deref());
            put_gaps(bytes, self.reserved_bytes)
        })
    }
}

/// Writes the dictionary of a document time stamp (ETSI EN 319 142-1, 5.4.3) with its gaps.
pub(super) fn write_document_timestamp(
    revision: &mut Revision,
    id: ObjectId,
    reserved_bytes: usize,
) -> Gaps {
    revision.write_with(id, |bytes| {
        bytes.extend_from_slice(b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite");
        bytes.extend_from_slice(b"/SubFilter/ETSI.RFC3161");
        put_gaps(bytes, reserved_bytes)
    })
}

/// `/ByteRange` and `/Contents`, blank, and the dictionary's end.
fn put_gaps(bytes: &mut Vec<u8>, reserved_bytes: usize) -> Gaps {
    bytes.extend_from_slice(b"/ByteRange[");
    let byte_range = fill(bytes, b' ', BYTE_RANGE_CHARS);
    bytes.extend_from_slice(b"]/Contents");
    let contents_start = bytes.len();
    bytes.push(b'<');
    fill(bytes, b'0', 2 * reserved_bytes);
    bytes.push(b'>');
    let contents = contents_start..bytes.len();
    bytes.extend_from_slice(b">>");
    Gaps {
        byte_range,
        contents,
    }
}

impl Gaps {
    /// Writes `/ByteRange`: from the first byte to `<`, from behind `>` to the last byte.
    pub(super) fn fill_byte_range(&self, bytes: &mut [u8]) {
        let Range { start, end } = self.contents;
        let range = format!("0 {start} {end} {}", bytes.len() - end);
        let gap = &mut bytes[self.byte_range.clone()];
        gap[..range.len()].copy_from_slice(range.as_bytes());
    }

    /// Writes the signature's hexadecimal digits; zeros stay behind a shorter one.
    pub(super) fn fill_contents(
        &self,
        bytes: &mut [u8],
        signed_data: &[u8],
    ) -> Result<(), PadesFault> {
        fill_contents(bytes, &self.contents, signed_data)
    }
}

/// Writes hexadecimal digits between these brackets; zeros stay behind a shorter value.
pub(super) fn fill_contents(
    bytes: &mut [u8],
    contents: &Range<usize>,
    value: &[u8],
) -> Result<(), PadesFault> {
    let digits = &mut bytes[contents.start + 1..contents.end - 1];
    let reserved_bytes = digits.len() / 2;
    if value.len() > reserved_bytes {
        return Err(PadesFault::TooLong {
            needed_bytes: value.len(),
            reserved_bytes,
        });
    }
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in digits.chunks_exact_mut(2).zip(value) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    Ok(())
}

fn fill(bytes: &mut Vec<u8>, with: u8, count: usize) -> Range<usize> {
    let start = bytes.len();
    bytes.resize(start + count, with);
    start..bytes.len()
}

fn put_text(bytes: &mut Vec<u8>, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        bytes.extend_from_slice(key.as_bytes());
        put(bytes, &text_string(text));
    }
}

/// `D:YYYYMMDDHHmmSS+HH'mm'` (ISO 32000-1, 7.9.4).
fn pdf_date(at: OffsetDateTime) -> String {
    let (zone_hours, zone_minutes, _) = at.offset().as_hms();
    let sign = if at.offset().is_negative() { '-' } else { '+' };
    format!(
        "D:{:04}{:02}{:02}{:02}{:02}{:02}{sign}{:02}'{:02}'",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        zone_hours.unsigned_abs(),
        zone_minutes.unsigned_abs(),
    )
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::pdf_date;

    #[test]
    fn dates_carry_their_zone() {
        let hanoi = datetime!(2026-11-21 08:05:09 +7);
        assert_eq!(pdf_date(hanoi), "D:20261121080509+07'00'");
        let west = datetime!(2026-01-02 03:04:05 -03:30);
        assert_eq!(pdf_date(west), "D:20260102030405-03'30'");
    }
}
