//! What a signature covers: `/ByteRange` held against the raw bytes of the file.
//!
//! The gap it leaves must be exactly the hexadecimal string of `/Contents` in the
//! signature's own dictionary (ISO 32000-1, 12.8.1), nothing less and nothing
//! more: that shuts out signature wrapping, where the gap hides another object.

use std::ops::Range;

use super::limits;

/// Why a signature does not cover the whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoverFlaw {
    /// `/ByteRange` is no `[0 a b c]` of places in the file.
    #[error("malformed ByteRange")]
    Malformed,
    /// Bytes before the first or behind the second part.
    #[error("{0} bytes at the ends are not covered")]
    Ends(usize),
    /// The gap is not one hexadecimal string.
    #[error("the gap is not one hexadecimal string")]
    Gap,
    /// The gap is not the value of `/Contents` of this very dictionary.
    #[error("the gap is not this signature's Contents")]
    Elsewhere,
    /// The value is longer than the budget.
    #[error("signature value longer than {} bytes", limits::CMS_BYTES)]
    TooLong,
    /// `/Contents` does not begin with one DER value.
    #[error("no signature value in Contents")]
    NoValue,
    /// Behind the value stands something else than zeros.
    #[error("the signature value is followed by other bytes than zeros")]
    Padding,
}

/// The part of a file that a signature leaves out, and what stands in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Covered<'f> {
    /// The signature value, without its padding.
    pub value: Vec<u8>,
    /// Everything else in the ranges.
    pub parts: [&'f [u8]; 2],
    /// Whether only zeros stand behind the value.
    pub zero_padded: bool,
}

/// The gap between the two parts of `[0 a b c]`.
pub fn gap(file: &[u8], ranges: &[i64]) -> Result<Range<usize>, CoverFlaw> {
    let numbers: Option<Vec<usize>> = ranges.iter().map(|n| usize::try_from(*n).ok()).collect();
    let Some([start, a, b, c]) = numbers.as_deref() else {
        return Err(CoverFlaw::Malformed);
    };
    let end = b.checked_add(*c).ok_or(CoverFlaw::Malformed)?;
    if *start != 0 || a >= b || end > file.len() {
        return Err(CoverFlaw::Malformed);
    }
    Ok(*a..*b)
}

/// Everything wrong with what is covered. `object` are the raw bytes of the
/// signature dictionary's object in the file, `contents` its `/Contents`.
pub fn flaws(file: &[u8], ranges: &[i64], object: Range<usize>, contents: &[u8]) -> Vec<CoverFlaw> {
    let gap = match gap(file, ranges) {
        Ok(gap) => gap,
        Err(flaw) => return vec![flaw],
    };
    let mut flaws = Vec::new();
    let covered_end = gap.end
        + ranges
            .get(3)
            .map_or(0, |c| usize::try_from(*c).unwrap_or(0));
    if covered_end != file.len() {
        flaws.push(CoverFlaw::Ends(file.len() - covered_end));
    }
    match hex_string(&file[gap.clone()]) {
        None => flaws.push(CoverFlaw::Gap),
        Some(bytes) => {
            let inside = object.start <= gap.start && gap.end <= object.end;
            let key = file[..gap.start].trim_ascii_end().ends_with(b"/Contents");
            if !inside || !key || bytes != contents {
                flaws.push(CoverFlaw::Elsewhere);
            }
        }
    }
    flaws
}

/// The value in `/Contents` and what the ranges cover.
pub fn read<'f>(
    file: &'f [u8],
    gap: &Range<usize>,
    rest: i64,
    contents: &[u8],
) -> Result<Covered<'f>, CoverFlaw> {
    let (value, padding) = der_value(contents).ok_or(CoverFlaw::NoValue)?;
    if value.len() > limits::CMS_BYTES {
        return Err(CoverFlaw::TooLong);
    }
    let end = usize::try_from(rest)
        .ok()
        .and_then(|rest| gap.end.checked_add(rest));
    let behind = end
        .and_then(|end| file.get(gap.end..end))
        .ok_or(CoverFlaw::Malformed)?;
    Ok(Covered {
        value: value.to_vec(),
        parts: [&file[..gap.start], behind],
        zero_padded: padding.iter().all(|byte| *byte == 0),
    })
}

/// The DER value at the start, and what follows it.
pub fn der_value(contents: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, body) = match contents {
        [0x30, length @ 0..=0x7F, ..] => (2, usize::from(*length)),
        [0x30, count @ 0x81..=0x84, rest @ ..] => {
            let count = usize::from(count & 0x0F);
            let length = rest
                .get(..count)?
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (2 + count, length)
        }
        _ => return None,
    };
    contents.split_at_checked(header + body)
}

/// The bytes of `<…>`; `None` where anything but pairs of digits stands inside.
pub fn hex_string(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_prefix(b"<")?.strip_suffix(b">")?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some((digit(*high)? << 4 | digit(*low)?) as u8),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"head 7 0 obj <</Contents <3003020107000000> >> endobj tail";

    fn ranges(file: &[u8]) -> [i64; 4] {
        let start = file.iter().position(|b| *b == b'<').expect("there") + 12;
        let end = start + 18;
        [0, start as i64, end as i64, (file.len() - end) as i64]
    }

    #[test]
    fn a_gap_of_just_the_contents_covers_the_whole() {
        let ranges = ranges(FILE);
        let contents = [0x30, 3, 2, 1, 7, 0, 0, 0];
        assert_eq!(flaws(FILE, &ranges, 5..53, &contents), []);
        let gap = gap(FILE, &ranges).expect("a gap");
        let covered = read(FILE, &gap, ranges[3], &contents).expect("reads");
        assert_eq!(covered.value, [0x30, 3, 2, 1, 7]);
        assert!(covered.zero_padded);
        assert_eq!(covered.parts, [&FILE[..gap.start], &FILE[gap.end..]]);
    }

    #[test]
    fn every_other_gap_is_a_flaw() {
        let contents = [0x30, 3, 2, 1, 7, 0, 0, 0];
        let [_, a, b, c] = ranges(FILE);
        let first =
            |ranges: [i64; 4], object| flaws(FILE, &ranges, object, &contents).first().copied();
        assert_eq!(first([0, a, b, c - 1], 5..53), Some(CoverFlaw::Ends(1)));
        assert_eq!(first([0, a, b, c + 1], 5..53), Some(CoverFlaw::Malformed));
        assert_eq!(first([1, a, b, c], 5..53), Some(CoverFlaw::Malformed));
        assert_eq!(first([0, a - 1, b, c], 5..53), Some(CoverFlaw::Gap));
        assert_eq!(first([0, a, b + 2, c - 2], 5..53), Some(CoverFlaw::Gap));
        assert_eq!(first([0, b, a, c], 5..53), Some(CoverFlaw::Malformed));
        assert_eq!(
            first([0, a, i64::MAX, i64::MAX], 5..53),
            Some(CoverFlaw::Malformed)
        );
        assert_eq!(first([0, a, b, c], 0..20), Some(CoverFlaw::Elsewhere));
        let other = flaws(FILE, &[0, a, b, c], 5..53, b"other");
        assert_eq!(other, [CoverFlaw::Elsewhere]);
    }

    #[test]
    fn the_value_ends_where_its_length_says() {
        assert_eq!(
            der_value(&[0x30, 1, 9, 0, 1]),
            Some((&[0x30, 1, 9][..], &[0, 1][..]))
        );
        let long = [0x30, 0x82, 0, 1, 9, 0];
        assert_eq!(der_value(&long), Some(long.split_at(5)));
        assert_eq!(der_value(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), None);
        assert_eq!(der_value(&[]), None);
    }
}
