//! The revisions of a PDF file, read from the raw bytes by the auditor's own reader.
//!
//! ISO 32000-1, 7.5: a file is a body, a cross-reference table, a trailer, then
//! for each update the same again, each pointing back to the one before. Our
//! writer uses classic tables only, one at the end of each revision, so every
//! other layout (streams, hybrids, gaps at the end) is itself a flaw.

use std::collections::BTreeMap;

/// One revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Offset of the first byte after its `%%EOF` line.
    pub end: usize,
    /// Object number → offset of `n g obj`; `None` where the entry is free.
    pub entries: BTreeMap<u32, Option<usize>>,
    /// Where its cross-reference table starts.
    table: usize,
}

/// Why the revisions cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevisionFlaw {
    /// The file does not end with `startxref`, an offset and `%%EOF`.
    #[error("bytes after the last end-of-file mark, or none")]
    NoEnd,
    /// No classic cross-reference table stands where it should.
    #[error("no cross-reference table at byte {0}")]
    NoTable(usize),
    /// A table or trailer is malformed.
    #[error("malformed cross-reference table at byte {0}")]
    Malformed(usize),
    /// The chain of tables does not lead strictly backwards, or is too long.
    #[error("cross-reference tables form no chain")]
    NoChain,
    /// An object lies outside the revision that its table belongs to.
    #[error("object {0} lies outside its revision")]
    Astray(u32),
}

/// More revisions than this are not followed: two is all that our writer makes.
const MOST_REVISIONS: usize = 16;

/// The revisions of a file, oldest first.
pub fn read(file: &[u8]) -> Result<Vec<Revision>, RevisionFlaw> {
    let mut newest_first: Vec<Revision> = Vec::new();
    let mut next = Some(last_table(file)?);
    while let Some(table) = next {
        let later = newest_first.last().map(|revision| revision.table);
        if later.is_some_and(|later| table >= later) || newest_first.len() == MOST_REVISIONS {
            return Err(RevisionFlaw::NoChain);
        }
        let (revision, previous) = read_one(file, table)?;
        newest_first.push(revision);
        next = previous;
    }
    newest_first.reverse();
    check_places(file, &newest_first)?;
    Ok(newest_first)
}

/// Every object must lie in its own revision's body, and the last revision must end the file.
fn check_places(file: &[u8], revisions: &[Revision]) -> Result<(), RevisionFlaw> {
    let mut start = 0;
    for revision in revisions {
        for (number, offset) in &revision.entries {
            let inside = offset.is_none_or(|offset| (start..revision.table).contains(&offset));
            if !inside {
                return Err(RevisionFlaw::Astray(*number));
            }
        }
        if revision.end <= start {
            return Err(RevisionFlaw::NoChain);
        }
        start = revision.end;
    }
    if start == file.len() {
        Ok(())
    } else {
        Err(RevisionFlaw::NoEnd)
    }
}

/// The offset that the last `startxref` names.
fn last_table(file: &[u8]) -> Result<usize, RevisionFlaw> {
    // The tail of a file: keyword, at most ten digits, mark and line ends.
    let tail_start = file.len().saturating_sub(64);
    let tail = &file[tail_start..];
    let keyword = b"startxref";
    let at = tail
        .windows(keyword.len())
        .rposition(|window| window == keyword);
    let mut cursor = Cursor {
        file,
        at: tail_start + at.ok_or(RevisionFlaw::NoEnd)?,
    };
    cursor
        .tail()
        .filter(|(_, end)| *end == file.len())
        .map(|(table, _)| table)
        .ok_or(RevisionFlaw::NoEnd)
}

/// Reads the table at this offset with its trailer; also the offset of the table before.
fn read_one(file: &[u8], table: usize) -> Result<(Revision, Option<usize>), RevisionFlaw> {
    let malformed = RevisionFlaw::Malformed(table);
    let mut cursor = Cursor { file, at: table };
    if !cursor.word(b"xref") {
        return Err(RevisionFlaw::NoTable(table));
    }
    let mut entries = BTreeMap::new();
    while !cursor.word(b"trailer") {
        cursor.subsection(&mut entries).ok_or(malformed)?;
    }
    let dictionary = cursor.until(b"startxref").ok_or(malformed)?;
    let previous = previous_table(dictionary).ok_or(malformed)?;
    let (said, end) = cursor.tail().ok_or(malformed)?;
    if said != table {
        return Err(malformed);
    }
    Ok((
        Revision {
            end,
            entries,
            table,
        },
        previous,
    ))
}

/// The value of `/Prev`: `Some(None)` where there is none, `None` where the
/// trailer is not one we would write (two of them, or an `/XRefStm` beside).
fn previous_table(dictionary: &[u8]) -> Option<Option<usize>> {
    let places = |key: &[u8]| -> Vec<usize> {
        let windows = dictionary.windows(key.len()).enumerate();
        windows
            .filter(|(_, window)| *window == key)
            .map(|(at, _)| at)
            .collect()
    };
    if !places(b"/XRefStm").is_empty() {
        return None;
    }
    match places(b"/Prev").as_slice() {
        [] => Some(None),
        [at] => {
            let mut cursor = Cursor {
                file: dictionary,
                at: at + b"/Prev".len(),
            };
            cursor.number().map(Some)
        }
        _ => None,
    }
}

/// A reading place in the raw bytes. Methods answer `None` or `false` on anything unexpected.
struct Cursor<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        self.file.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let space = |byte: &&u8| matches!(byte, b' ' | b'\r' | b'\n' | b'\t');
        self.at += self.rest().iter().take_while(space).count();
    }

    /// Takes this word if it stands next.
    fn word(&mut self, word: &[u8]) -> bool {
        let before = self.at;
        self.skip_space();
        let found = self.rest().starts_with(word);
        self.at = if found { self.at + word.len() } else { before };
        found
    }

    fn number(&mut self) -> Option<usize> {
        self.skip_space();
        let digits = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        // Ten digits: the width of an offset in a cross-reference table.
        let text = self
            .rest()
            .get(..digits)
            .filter(|text| (1..=10).contains(&text.len()))?;
        self.at += digits;
        std::str::from_utf8(text).ok()?.parse().ok()
    }

    /// The bytes up to this keyword, which is left to be read next.
    fn until(&mut self, keyword: &[u8]) -> Option<&'a [u8]> {
        let length = self
            .rest()
            .windows(keyword.len())
            .position(|w| w == keyword)?;
        let bytes = &self.rest()[..length];
        self.at += length;
        Some(bytes)
    }

    /// One subsection: `first count`, then that many entries (7.5.4).
    fn subsection(&mut self, entries: &mut BTreeMap<u32, Option<usize>>) -> Option<()> {
        let (first, count) = (self.number()?, self.number()?);
        // An entry is 20 bytes long, so a count beyond the file is a lie.
        if count > self.rest().len() / 18 {
            return None;
        }
        for number in first..first.checked_add(count)? {
            let (offset, _generation) = (self.number()?, self.number()?);
            let place = match (self.word(b"n"), self.word(b"f")) {
                (true, false) => Some(offset),
                (false, true) => None,
                _ => return None,
            };
            if entries.insert(u32::try_from(number).ok()?, place).is_some() {
                return None;
            }
        }
        Some(())
    }

    /// `startxref`, the offset and `%%EOF` with one line end or none; the offset
    /// and where the next byte would stand.
    fn tail(&mut self) -> Option<(usize, usize)> {
        if !self.word(b"startxref") {
            return None;
        }
        let table = self.number()?;
        if !self.word(b"%%EOF") {
            return None;
        }
        let line_end = match self.rest() {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        Some((table, self.at + line_end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A first revision of one object, and its table's offset.
    fn first() -> (Vec<u8>, usize) {
        let mut file = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n".to_vec();
        let table = file.len();
        file.extend_from_slice(b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n");
        file.extend_from_slice(b"trailer\n<</Size 2/Root 1 0 R>>\n");
        file.extend_from_slice(format!("startxref\n{table}\n%%EOF\n").as_bytes());
        (file, table)
    }

    fn second() -> Vec<u8> {
        let (mut file, previous) = first();
        let object = file.len();
        file.extend_from_slice(b"2 0 obj\n<<>>\nendobj\n");
        let table = file.len();
        file.extend_from_slice(format!("xref\n2 1\n{object:010} 00000 n \n").as_bytes());
        let trailer = format!("trailer\n<</Size 3/Root 1 0 R/Prev {previous}>>\n");
        file.extend_from_slice(trailer.as_bytes());
        file.extend_from_slice(format!("startxref\n{table}\n%%EOF\n").as_bytes());
        file
    }

    #[test]
    fn revisions_are_told_oldest_first() {
        let (one, _) = first();
        let revisions = read(&second()).expect("reads");
        assert_eq!(revisions.len(), 2);
        assert_eq!(revisions[0].end, one.len());
        assert_eq!(revisions[1].entries, [(2, Some(one.len()))].into());
    }

    #[test]
    fn bytes_after_the_end_are_a_flaw() {
        for more in ["x", "\n\n", "%%EOF\n"] {
            let mut file = second();
            file.extend_from_slice(more.as_bytes());
            assert_eq!(read(&file), Err(RevisionFlaw::NoEnd), "{more:?}");
        }
    }

    #[test]
    fn an_object_of_the_second_revision_may_not_lie_in_the_first() {
        let file = String::from_utf8(second()).expect("ASCII");
        let (one, _) = first();
        let moved = file.replace(&format!("{:010}", one.len()), "0000000009");
        assert_eq!(read(moved.as_bytes()), Err(RevisionFlaw::Astray(2)));
    }

    #[test]
    fn a_chain_that_turns_in_a_circle_ends() {
        let file = String::from_utf8(second()).expect("ASCII");
        let (_, previous) = first();
        let table = file.rfind("xref\n2 1").expect("there");
        let circle = file.replace(&format!("/Prev {previous}"), &format!("/Prev {table}"));
        assert!(read(circle.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(flips in prop::collection::vec((0usize..600, any::<u8>()), 0..8),
                                  cut in 0usize..600) {
            let mut file = second();
            for (at, byte) in flips {
                let length = file.len();
                file[at % length] = byte;
            }
            file.truncate(cut.max(1));
            let _ = read(&file);
        }
    }
}
