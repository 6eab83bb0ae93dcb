//! Our own checker: is this file, byte for byte, one that [`super::write`] could have written?
//!
//! It is stricter than the standard on purpose. PDF/A allows much that a scan
//! never needs, and every allowed thing is a place to hide something; here each
//! object is reached, known and spelled in one way, or it is a violation. That
//! what we write is PDF/A-2u is proven by veraPDF in tests/judges, not here.

mod catalog;
mod fonts;
mod layout;
mod pages;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Range;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use layout::Layout;

/// A content stream, map or packet longer than this unpacked is no work of ours.
const MAX_UNPACKED_BYTES: usize = 256 << 20;

/// A PDF file that our own checker found to conform to PDF/A-2u.
#[derive(Clone, Debug)]
pub struct ConformantPdf {
    bytes: Vec<u8>,
    pages: Vec<PageFound>,
}

/// One page as it stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageContent<'a> {
    /// The raw (still filtered) bytes of the image stream.
    pub image: &'a [u8],
    /// The words, joined by spaces, the lines by line feeds.
    pub text: &'a str,
}

impl ConformantPdf {
    /// The file's bytes, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The pages in order, as read back from the bytes.
    pub fn pages(&self) -> impl ExactSizeIterator<Item = PageContent<'_>> {
        self.pages.iter().map(|page| PageContent {
            image: &self.bytes[page.image.clone()],
            text: &page.text,
        })
    }
}

#[derive(Clone, Debug)]
struct PageFound {
    /// Where the image's bytes lie.
    image: Range<usize>,
    text: String,
}

/// One thing that keeps a file from being PDF/A-2u as we write it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("object {}: {what} (ISO 19005-2, {clause})", .object.map_or("-".to_owned(), |n| n.to_string()))]
pub struct Violation {
    /// The clause of ISO 19005-2 that asks for it, or stands nearest.
    pub clause: &'static str,
    /// The object's number, where one is at fault.
    pub object: Option<u32>,
    /// What is wrong, in English; holds names of PDF keys but no text of the page.
    pub what: String,
}

/// Checks a file whole; gives everything found, not only the first.
pub fn check(bytes: Vec<u8>) -> Result<ConformantPdf, Vec<Violation>> {
    match pages_of(&bytes) {
        Ok(pages) => Ok(ConformantPdf { bytes, pages }),
        Err(violations) => Err(violations),
    }
}

fn pages_of(bytes: &[u8]) -> Result<Vec<PageFound>, Vec<Violation>> {
    let layout = Layout::read(bytes).map_err(|violation| vec![violation])?;
    let document = layout::load(bytes).map_err(|violation| vec![violation])?;
    let mut audit = Audit {
        document: &document,
        bytes,
        layout: &layout,
        reached: BTreeSet::new(),
        violations: Vec::new(),
    };
    layout::spelling(&mut audit);
    let pages = catalog::catalog(&mut audit);
    audit.report_unreached();
    match audit.violations.is_empty() {
        true => Ok(pages),
        false => Err(audit.violations),
    }
}

/// A check under way: what was reached and what was found.
struct Audit<'a> {
    document: &'a Document,
    bytes: &'a [u8],
    layout: &'a Layout,
    reached: BTreeSet<u32>,
    violations: Vec<Violation>,
}

impl<'a> Audit<'a> {
    fn report(&mut self, clause: &'static str, object: Option<ObjectId>, what: impl Into<String>) {
        self.violations.push(Violation {
            clause,
            object: object.map(|id| id.0),
            what: what.into(),
        });
    }

    /// The reference under a key, and what it leads to; reports where there is none.
    fn follow(&mut self, from: &Dictionary, key: &str) -> Option<(ObjectId, &'a Object)> {
        let id = from.get(key.as_bytes()).and_then(Object::as_reference);
        let id = id.ok();
        let Some((id, target)) = id.and_then(|id| Some((id, self.document.objects.get(&id)?)))
        else {
            self.report("6.1.9", id, format!("/{key} leads to no object"));
            return None;
        };
        self.reached.insert(id.0);
        Some((id, target))
    }

    /// A dictionary under a key.
    fn dictionary(&mut self, from: &Dictionary, key: &str) -> Option<(ObjectId, &'a Dictionary)> {
        let (id, target) = self.follow(from, key)?;
        match target.as_dict() {
            Ok(dictionary) => Some((id, dictionary)),
            Err(_) => {
                self.report("6.1.9", Some(id), format!("/{key} is no dictionary"));
                None
            }
        }
    }

    /// A stream under a key.
    fn stream(&mut self, from: &Dictionary, key: &str) -> Option<(ObjectId, &'a Stream)> {
        let (id, target) = self.follow(from, key)?;
        match target.as_stream() {
            Ok(stream) => Some((id, stream)),
            Err(_) => {
                self.report("6.1.9", Some(id), format!("/{key} is no stream"));
                None
            }
        }
    }

    /// A deflated stream under a key, unpacked; besides `/Filter` it has just these entries.
    fn deflated(
        &mut self,
        from: &Dictionary,
        key: &str,
        entries: Dictionary,
    ) -> Option<(ObjectId, Vec<u8>)> {
        let (id, stream) = self.stream(from, key)?;
        let mut expected = entries;
        expected.set("Filter", "FlateDecode");
        self.compare_stream("6.1.7", id, stream, expected);
        match stream.decompressed_content_with_limit(MAX_UNPACKED_BYTES) {
            Ok(content) => Some((id, content)),
            Err(_) => {
                self.report("6.1.7", Some(id), "the stream cannot be unpacked");
                None
            }
        }
    }

    /// Compares a stream's dictionary, its `/Length` apart (that is part of its spelling).
    fn compare_stream(
        &mut self,
        clause: &'static str,
        id: ObjectId,
        found: &Stream,
        mut expected: Dictionary,
    ) {
        if let Ok(length) = found.dict.get(b"Length") {
            expected.set("Length", length.clone());
        }
        self.compare(clause, Some(id), &found.dict, &expected);
    }

    /// Reports each entry of a dictionary that is not the expected one.
    fn compare(
        &mut self,
        clause: &'static str,
        object: Option<ObjectId>,
        found: &Dictionary,
        expected: &Dictionary,
    ) {
        for (key, value) in expected {
            match found.get(key) {
                Ok(same) if same == value => {}
                Ok(_) => self.report(clause, object, format!("/{} has another value", name(key))),
                Err(_) => self.report(clause, object, format!("/{} is missing", name(key))),
            }
        }
        for (key, _) in found.iter().filter(|(key, _)| !expected.has(key)) {
            let clause = clause_against(key).unwrap_or(clause);
            self.report(clause, object, format!("/{} has no place here", name(key)));
        }
    }

    /// Objects that nothing leads to may hold anything.
    fn report_unreached(&mut self) {
        let unreached = self.document.objects.keys();
        let unreached: Vec<_> = unreached
            .filter(|id| !self.reached.contains(&id.0))
            .copied()
            .collect();
        for id in unreached {
            self.report("6.1.9", Some(id), "nothing leads to this object");
        }
    }
}

/// A key of a possibly hostile file, fit to be printed.
fn name(key: &[u8]) -> String {
    let shown = key.iter().take(40).map(|byte| char::from(*byte));
    shown
        .map(|c| if c.is_ascii_graphic() { c } else { '?' })
        .collect()
}

/// The clause that speaks against a key, wherever it stands.
fn clause_against(key: &[u8]) -> Option<&'static str> {
    Some(match key {
        b"Encrypt" => "6.1.3",
        b"F" | b"FFilter" | b"FDecodeParms" => "6.1.7",
        b"Perms" | b"Legal" => "6.1.12",
        b"TR" | b"TR2" | b"HT" | b"HTP" => "6.2.5",
        b"Interpolate" | b"Alternates" | b"OPI" => "6.2.8.1",
        b"SMask" | b"Mask" | b"Group" => "6.2.10",
        b"Annots" => "6.3",
        b"AcroForm" | b"XFA" => "6.4.1",
        b"A" | b"OpenAction" | b"JavaScript" | b"URI" => "6.5.1",
        b"AA" => "6.5.2",
        b"EF" | b"EmbeddedFiles" | b"AF" => "6.8",
        b"OCProperties" | b"OC" => "6.9",
        b"Names" | b"PresSteps" | b"AlternatePresentations" => "6.10",
        b"Requirements" => "6.11",
        _ => return None,
    })
}
