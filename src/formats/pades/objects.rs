//! The objects of a file, read one by one when they are asked for.
//!
//! Signing looks at some five of a page's hundred objects; most of the others are the fonts that its
//! words lie in. Reading them all, before the signature and again after it, was two thirds of what a
//! signature costs beside the key's own work. Only files whose cross-reference data are plain tables
//! (ISO 32000-1, 7.5.4) are read so, spelled as the standard asks to the byte; each object is
//! taken apart by `lopdf` as ever. What is spelled otherwise is not read here at all: `None`.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use lopdf::{Dictionary, Object, ObjectId, ObjectStream, Stream, dictionary};

/// Revisions of one file; each signature, time stamp and renewal makes one.
const MAX_SECTIONS: usize = 1000;

/// Steps from the page tree's root to its first page, and from a reference to what it leads to.
const MAX_STEPS: usize = 64;

/// Length of a cross-reference entry (ISO 32000-1, 7.5.4).
const ENTRY_BYTES: usize = 20;

/// A file's cross-reference data, and the objects looked at so far.
pub(super) struct Objects<'a> {
    file: &'a [u8],
    entries: BTreeMap<u32, Entry>,
    /// Where objects and sections begin, in order: no object reaches beyond the next.
    starts: Vec<usize>,
    trailer: Dictionary,
    startxref: usize,
    sections: usize,
}

/// Where an object begins and its generation; `None` where its number is free.
type Place = Option<(usize, u16)>;

struct Entry {
    place: Place,
    read: OnceCell<Option<Object>>,
}

impl<'a> Objects<'a> {
    /// Reads the tables from the newest to the first.
    pub(super) fn open(file: &'a [u8]) -> Option<Self> {
        let startxref = startxref(file)?;
        let (mut entries, mut starts) = (BTreeMap::new(), Vec::new());
        let (mut trailer, mut next, mut sections) = (None, Some(startxref), 0);
        while let Some(start) = next.filter(|_| sections < MAX_SECTIONS) {
            let section = Section::read(file, start)?;
            for (number, place) in section.entries {
                starts.extend(place.map(|(offset, _)| offset));
                let read = OnceCell::new();
                entries.entry(number).or_insert(Entry { place, read });
            }
            starts.push(start);
            sections += 1;
            trailer.get_or_insert(section.trailer);
            next = section.previous;
        }
        starts.sort_unstable();
        Some(Self {
            file,
            entries,
            starts,
            trailer: trailer.filter(|_| next.is_none())?,
            startxref,
            sections,
        })
    }

    /// The newest trailer, without the way to older ones.
    pub(super) fn trailer(&self) -> &Dictionary {
        &self.trailer
    }

    /// Where the newest section begins.
    pub(super) fn startxref(&self) -> usize {
        self.startxref
    }

    /// How many sections there are.
    pub(super) fn sections(&self) -> usize {
        self.sections
    }

    /// The highest number of the tables.
    pub(super) fn highest_number(&self) -> u32 {
        self.entries.keys().next_back().copied().unwrap_or(0)
    }

    /// An object that is no stream; `None` where it cannot be read.
    pub(super) fn get(&self, (number, generation): ObjectId) -> Option<&Object> {
        let entry = self.entries.get(&number)?;
        let (offset, said) = entry.place?;
        let read = || self.read(number, generation, offset);
        let object = entry.read.get_or_init(read);
        object.as_ref().filter(|_| said == generation)
    }

    /// What an object is after following references.
    pub(super) fn resolved<'o>(&'o self, object: &'o Object) -> Option<&'o Object> {
        let mut object = object;
        for _ in 0..MAX_STEPS {
            match object {
                Object::Reference(id) => object = self.get(*id)?,
                other => return Some(other),
            }
        }
        None
    }

    /// The first leaf of the page tree below this catalog (ISO 32000-1, 7.7.3), where it is the
    /// first of the first at each branch.
    pub(super) fn first_page(&self, root: ObjectId) -> Option<ObjectId> {
        let mut node = self.get(root)?.as_dict().ok()?.get(b"Pages").ok()?;
        for _ in 0..MAX_STEPS {
            let branch = self.resolved(node)?.as_dict().ok()?;
            match branch.get(b"Type").and_then(Object::as_name).ok()? {
                b"Page" => return node.as_reference().ok(),
                b"Pages" => {
                    let kids = self.resolved(branch.get(b"Kids").ok()?)?;
                    node = kids.as_array().ok()?.first()?;
                }
                _ => return None,
            }
        }
        None
    }

    fn read(&self, number: u32, generation: u16, offset: usize) -> Option<Object> {
        let behind = self.starts.partition_point(|start| *start <= offset);
        let end = self.starts.get(behind).copied();
        let text = self.file.get(offset..end.unwrap_or(self.file.len()))?;
        let head = format!("{number} {generation} obj");
        let body = text.strip_prefix(head.as_bytes())?;
        let body = body.trim_ascii_end().strip_suffix(b"endobj")?;
        match is_stream(body) {
            true => None,
            false => parsed(body),
        }
    }
}

/// One cross-reference section (ISO 32000-1, 7.5.4 and 7.5.5).
struct Section {
    entries: BTreeMap<u32, Place>,
    trailer: Dictionary,
    previous: Option<usize>,
}

impl Section {
    fn read(file: &[u8], start: usize) -> Option<Self> {
        let mut rest = after_line_end(file.get(start..)?.strip_prefix(b"xref")?)?;
        let mut entries = BTreeMap::new();
        while rest.first()?.is_ascii_digit() {
            let (first, behind) = number(rest)?;
            let (count, behind) = number(behind.strip_prefix(b" ")?)?;
            let length_bytes = count.checked_mul(ENTRY_BYTES)?;
            let (lines, behind) = after_line_end(behind)?.split_at_checked(length_bytes)?;
            for (index, line) in lines.chunks_exact(ENTRY_BYTES).enumerate() {
                let number = u32::try_from(first.checked_add(index)?).ok()?;
                if entries.insert(number, place(line)?).is_some() {
                    return None; // which of two lines counts is open to argument
                }
            }
            rest = behind;
        }
        let rest = rest.strip_prefix(b"trailer")?;
        let end = memchr::memmem::find(rest, b"startxref")?;
        let Some(Object::Dictionary(mut trailer)) = parsed(&rest[..end]) else {
            return None;
        };
        // An older section stands before the newer one, so that no chain of them is endless.
        let previous = match trailer.remove(b"Prev") {
            Some(offset) => Some(usize::try_from(offset.as_i64().ok()?).ok()?),
            None => None,
        };
        let is_plain = !trailer.has(b"XRefStm") && previous.is_none_or(|offset| offset < start);
        is_plain.then_some(Self {
            entries,
            trailer,
            previous,
        })
    }
}

/// The number in the file's last lines (ISO 32000-1, 7.5.5).
fn startxref(file: &[u8]) -> Option<usize> {
    let end = file.trim_ascii_end().strip_suffix(b"%%EOF")?;
    let end = end.trim_ascii_end();
    let digits = end.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let (before, digits) = end.split_at(end.len() - digits.count());
    let named = before.trim_ascii_end().ends_with(b"startxref");
    number(digits).filter(|_| named).map(|(offset, _)| offset)
}

/// `nnnnnnnnnn ggggg n`, and the line's end in two bytes.
fn place(line: &[u8]) -> Option<Place> {
    let (offset, rest) = number(line)?;
    let (generation, rest) = number(rest.strip_prefix(b" ")?)?;
    match rest {
        b" n \n" | b" n \r" | b" n\r\n" => Some(Some((offset, u16::try_from(generation).ok()?))),
        b" f \n" | b" f \r" | b" f\r\n" => Some(None),
        _ => None,
    }
}

/// The number that the bytes begin with, and what follows.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit());
    let (digits, rest) = bytes.split_at(digits.count());
    let text = std::str::from_utf8(digits).ok()?;
    Some((text.parse().ok()?, rest))
}

fn after_line_end(bytes: &[u8]) -> Option<&[u8]> {
    let windows = bytes.strip_prefix(b"\r\n");
    windows.or_else(|| bytes.strip_prefix(b"\n"))
}

/// True for a stream (ISO 32000-1, 7.3.8), whole or with its end lost.
fn is_stream(body: &[u8]) -> bool {
    let mut words = memchr::memmem::find_iter(body, b"stream");
    let opens = |at: usize| {
        let behind = body.get(at + b"stream".len());
        let behind = behind.is_some_and(u8::is_ascii_whitespace);
        behind && body[..at].trim_ascii_end().ends_with(b">>")
    };
    body.trim_ascii_end().ends_with(b"endstream") || words.any(opens)
}

/// The object that the text begins with. lopdf takes single objects only out of object streams
/// (ISO 32000-1, 7.5.7), so the text is given to it as one with a single member, number 0.
fn parsed(text: &[u8]) -> Option<Object> {
    const INDEX: &[u8] = b"0 0 ";
    let entries = dictionary! { "N" => 1, "First" => INDEX.len() as i64 };
    let stream = Stream::new(entries, [INDEX, text].concat());
    let members = ObjectStream::new(&stream).ok()?.objects;
    members.into_values().next()
}

#[cfg(test)]
mod tests {
    use lopdf::Document;
    use proptest::prelude::*;

    use super::super::tests::{plain, signed_sample};
    use super::*;
    use crate::formats::fictional_signer::Authority;

    fn signed() -> Vec<u8> {
        signed_sample(&Authority::root().signer(|_| {}))
    }

    /// Everything that is read singly is what lopdf reads whole.
    fn agree(singly: &Objects<'_>, whole: &Document) -> bool {
        let mut objects = whole.objects.iter();
        *singly.trailer() == whole.trailer
            && singly.startxref() == whole.xref_start
            && singly.sections() == whole.xref_section_count
            && objects.all(|(id, object)| singly.get(*id).is_none_or(|found| found == object))
    }

    #[test]
    fn a_file_of_ours_is_read_singly_and_as_lopdf_reads_it_whole() {
        let file = signed();
        let whole = Document::load_mem(&file).expect("reads");
        let singly = Objects::open(&file).expect("is plain");
        assert!(agree(&singly, &whole));
        assert_eq!(singly.sections(), 2);
        assert_eq!(singly.highest_number(), whole.max_id);
        for (id, object) in &whole.objects {
            let is_stream = matches!(object, Object::Stream(_));
            assert_eq!(singly.get(*id).is_some(), !is_stream, "{id:?}");
        }
        let root = whole.trailer.get(b"Root").and_then(Object::as_reference);
        let first = singly.first_page(root.expect("a catalog"));
        assert_eq!(first, whole.page_iter().next());
    }

    #[test]
    fn what_is_not_spelled_as_the_standard_asks_is_left_to_lopdf() {
        let file = plain();
        let changed = |from: &str, to: &str| {
            let at = memchr::memmem::rfind(&file, from.as_bytes()).expect(from);
            let behind = &file[at + from.len()..];
            [&file[..at], to.as_bytes(), behind].concat()
        };
        assert!(Objects::open(&file).is_some());
        for (from, to) in [
            ("%%EOF", "%%EOX"),
            ("startxref", "startxxxx"),
            (" n ", " x "),
            ("trailer", "trailes"),
            ("/Root", "/Prev 999999/Root"),
            ("/Root", "/Prev(x)/Root"),
            ("/Root", "/XRefStm 9/Root"),
        ] {
            assert!(Objects::open(&changed(from, to)).is_none(), "{to}");
        }
        let cut = &file[..file.len() / 2];
        assert!(Objects::open(cut).is_none() && Objects::open(b"").is_none());
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_never_read_otherwise_than_lopdf_reads_it(
            place in any::<prop::sample::Index>(), to in any::<u8>()
        ) {
            static FILE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(signed);
            let mut file = FILE.clone();
            let place = place.index(file.len());
            file[place] = to;
            let (Some(singly), Ok(whole)) = (Objects::open(&file), Document::load_mem(&file)) else {
                return Ok(());
            };
            // lopdf takes an object by the number at its head, so that one may stand in for another;
            // here the table's number counts (7.5.4).
            let lines = singly.entries.values().filter(|entry| entry.place.is_some());
            if whole.xref_recovery.is_none() && lines.count() == whole.objects.len() {
                prop_assert!(agree(&singly, &whole));
            }
        }
    }
}
