//! An object that can be read in two ways: an entry of a dictionary told twice, an object that stands
//! twice in one stream of objects.
//!
//! ISO 32000-2, 7.3.7 leaves open which of two equal keys counts, and viewers differ: a page whose
//! `/Contents` is told twice is the signed one to our reader and another one to theirs. So whatever
//! a later revision says must have one reading.

use std::collections::{BTreeSet, HashSet};

use lopdf::xref::XrefEntry;
use lopdf::{Document, Object};
use memchr::memmem;

/// Dictionaries inside each other that are followed; the reader of objects gives up earlier.
const MOST_DEPTH: usize = 256;

/// What one stream of objects may unpack to here.
const OBJECT_STREAM_BYTES: usize = 32 << 20;

/// Why something behind `end`, where the signed revision ends, can be read in two ways.
pub fn first(file: &[u8], end: usize, before: &Document, now: &Document) -> Option<String> {
    let entries = now.reference_table.entries.iter();
    let moved = entries.filter(|(number, entry)| {
        let old = before.reference_table.get(**number);
        !old.is_some_and(|old| is_same(old, entry))
    });
    let mut starts = tables(file, end);
    for (number, entry) in moved {
        match entry {
            XrefEntry::Normal { offset, .. } => {
                starts.insert(*offset as usize);
            }
            XrefEntry::Compressed { container, index } => {
                let object = in_stream(now, *container, *number, usize::from(*index));
                if object.is_none_or(|object| tells_twice(&object)) {
                    return Some(format!("object {number} can be read in two ways"));
                }
            }
            XrefEntry::Free | XrefEntry::UnusableFree => {}
        }
    }
    let ends = ends(now, &starts);
    let found = starts.iter().find(|start| {
        let next = ends.range(*start + 1..).next();
        let object = file.get(**start..next.map_or(file.len(), |next| *next));
        object.is_some_and(tells_twice)
    });
    found.map(|start| format!("what stands at byte {start} can be read in two ways"))
}

/// Where something may begin: no object reaches over the next one, so every byte is looked at once.
fn ends(now: &Document, starts: &BTreeSet<usize>) -> BTreeSet<usize> {
    let entries = now.reference_table.entries.values();
    let offsets = entries.filter_map(|entry| match entry {
        XrefEntry::Normal { offset, .. } => Some(*offset as usize),
        _ => None,
    });
    offsets.chain(starts.iter().copied()).collect()
}

/// Where the trailers and the cross-reference streams behind the signed revision begin.
fn tables(file: &[u8], end: usize) -> BTreeSet<usize> {
    let behind = file.get(end..).unwrap_or_default();
    let trailers = memmem::find_iter(behind, b"trailer").map(|at| end + at + b"trailer".len());
    let named = memmem::find_iter(behind, b"startxref").filter_map(|at| {
        let text = behind[at + b"startxref".len()..].trim_ascii_start();
        let digits = text
            .iter()
            .take(10)
            .take_while(|byte| byte.is_ascii_digit());
        let digits = std::str::from_utf8(&text[..digits.count()]).ok()?;
        digits.parse().ok()
    });
    trailers.chain(named.filter(|at| *at >= end)).collect()
}

/// True for two entries of one place in the file.
fn is_same(old: &XrefEntry, new: &XrefEntry) -> bool {
    let place = |entry: &XrefEntry| match entry {
        XrefEntry::Normal { offset, .. } => Some((*offset, None)),
        XrefEntry::Compressed { container, index } => Some((*container, Some(*index))),
        XrefEntry::Free | XrefEntry::UnusableFree => None,
    };
    place(old) == place(new)
}

/// The bytes of an object inside a stream of objects (7.5.7); `None` where its place is not the one
/// that the table names, or it has more than one.
fn in_stream(document: &Document, container: u32, number: u32, index: usize) -> Option<Vec<u8>> {
    let stream = document.get_object((container, 0)).ok()?.as_stream().ok()?;
    let plain = stream
        .get_plain_content_with_limit(OBJECT_STREAM_BYTES)
        .ok()?;
    let first = stream.dict.get(b"First").and_then(Object::as_i64).ok()?;
    let first = usize::try_from(first).ok()?;
    let head = std::str::from_utf8(plain.get(..first)?).ok()?;
    let head: Option<Vec<usize>> = head
        .split_ascii_whitespace()
        .map(|text| text.parse().ok())
        .collect();
    let head = head?;
    let pairs: Vec<&[usize]> = head.chunks_exact(2).collect();
    let places = pairs.iter().enumerate();
    let mut places = places.filter(|(_, pair)| pair[0] == number as usize);
    let (at, pair) = places.next()?;
    if at != index || places.next().is_some() {
        return None;
    }
    let starts = pairs.iter().map(|pair| pair[1]);
    let end = starts.filter(|start| *start > pair[1]).min();
    let end = end.map_or(plain.len(), |end| first.saturating_add(end));
    plain
        .get(first.checked_add(pair[1])?..end)
        .map(<[u8]>::to_vec)
}

/// Keywords that end what can be told twice.
const ENDS: [&[u8]; 3] = [b"stream", b"endobj", b"startxref"];

/// One dictionary or array that is open.
enum Open {
    Array,
    Dictionary {
        keys: HashSet<Vec<u8>>,
        value_is_due: bool,
    },
}

/// True where a dictionary of the object has two entries of one name, however they are written.
fn tells_twice(object: &[u8]) -> bool {
    let mut open: Vec<Open> = Vec::new();
    let mut rest = object;
    while let Some((token, behind)) = next(rest) {
        rest = behind;
        match token {
            Token::Opens(one) if open.len() < MOST_DEPTH => open.push(one),
            Token::Opens(_) => return true,
            Token::Closes => {
                open.pop();
                value_is_there(&mut open);
            }
            Token::Name(name) => {
                if is_told(&mut open, name) {
                    return true;
                }
            }
            Token::Ends if open.is_empty() => return false,
            Token::Ends => value_is_there(&mut open),
            Token::Other => value_is_there(&mut open),
        }
    }
    false
}

fn value_is_there(open: &mut [Open]) {
    if let Some(Open::Dictionary { value_is_due, .. }) = open.last_mut() {
        *value_is_due = false;
    }
}

/// Takes in a name, as key or as value; true for a key that stands there already.
fn is_told(open: &mut [Open], name: Vec<u8>) -> bool {
    let Some(Open::Dictionary { keys, value_is_due }) = open.last_mut() else {
        return false;
    };
    let is_key = !std::mem::replace(value_is_due, !*value_is_due);
    if !is_key {
        return false;
    }
    !keys.insert(name)
}

enum Token {
    Opens(Open),
    Closes,
    Name(Vec<u8>),
    /// A keyword behind which nothing of the object stands but a stream's bytes.
    Ends,
    Other,
}

/// The next token (7.2 and 7.3) and what follows it.
fn next(text: &[u8]) -> Option<(Token, &[u8])> {
    let text = skip(text)?;
    let (token, length) = match text {
        [b'<', b'<', ..] => {
            let one = Open::Dictionary {
                keys: HashSet::new(),
                value_is_due: false,
            };
            (Token::Opens(one), 2)
        }
        [b'>', b'>', ..] => (Token::Closes, 2),
        [b'[', ..] => (Token::Opens(Open::Array), 1),
        [b']', ..] => (Token::Closes, 1),
        [b'(', ..] => (Token::Other, string_length(text)),
        [b'<', ..] => (Token::Other, until(text, b">") + 1),
        [b'/', name @ ..] => {
            let length = word_length(name);
            (Token::Name(plain(&name[..length])), length + 1)
        }
        _ => match word_length(text).max(1) {
            length if ENDS.contains(&&text[..length]) => (Token::Ends, length),
            length => (Token::Other, length),
        },
    };
    Some((token, text.get(length..).unwrap_or_default()))
}

/// What follows white space and comments; `None` at the end.
fn skip(mut text: &[u8]) -> Option<&[u8]> {
    loop {
        let start = text.iter().position(|byte| !is_space(*byte))?;
        text = &text[start..];
        if text[0] != b'%' {
            return Some(text);
        }
        text = &text[until(text, b"\r\n")..];
    }
}

fn until(text: &[u8], ends: &[u8]) -> usize {
    let found = text.iter().position(|byte| ends.contains(byte));
    found.unwrap_or(text.len())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn word_length(text: &[u8]) -> usize {
    let ends = |byte: &u8| is_space(*byte) || b"()<>[]{}/%".contains(byte);
    text.iter().position(ends).unwrap_or(text.len())
}

/// The length of a string in parentheses, which may hold others (7.3.4.2).
fn string_length(text: &[u8]) -> usize {
    let (mut depth, mut is_escaped) = (0usize, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'(' => depth += 1,
            b')' if depth == 1 => return at + 1,
            b')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// A name without its `#xx` (7.3.5).
fn plain(name: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut plain = Vec::with_capacity(name.len());
    let mut at = 0;
    while let Some(byte) = name.get(at) {
        let pair = (digit(name.get(at + 1)), digit(name.get(at + 2)));
        match (byte, pair) {
            (b'#', (Some(high), Some(low))) => {
                plain.push((high << 4 | low) as u8);
                at += 3;
            }
            _ => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_entry_told_twice_is_found_however_it_is_written() {
        for object in [
            "3 0 obj <</Contents 42 0 R/Contents 5 0 R>>",
            "3 0 obj\n<< /Contents 42 0 R /Cont#65nts 5 0 R >>",
            "<</A[1 2]/B(x)/A 1>>",
            "<</A/B/B/A/A 1>>",
            "<</A<</K 1/K 2>>>>",
            "[<</K<41>/K null>>]",
            "<</K(a\\)/J)%/X\n/K 1>>",
            "<</K(endobj)/L stream/K 1>>",
        ] {
            assert!(tells_twice(object.as_bytes()), "{object}");
        }
    }

    #[test]
    fn what_stands_once_in_each_dictionary_is_told_once() {
        for object in [
            "3 0 obj <</Type/Page/Parent 2 0 R/Kids[3 0 R]/Rect[0 0 9 9]>>",
            "<</A/A/B/B>>",
            "<</A(/A 1 /A 2)/B<41>/C%/A\n true>>",
            "<</A<</K 1>>/B<</K 2>>>>",
            "<</Length 9>>\nstream\n<</K 1/K 2>>",
            "(unfinished",
            "<",
            "",
        ] {
            assert!(!tells_twice(object.as_bytes()), "{object}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200),
                                  text in "[<>\\[\\]()/%#A-C0-9 \\\\]{0,80}") {
            tells_twice(&bytes);
            tells_twice(text.as_bytes());
        }
    }
}
