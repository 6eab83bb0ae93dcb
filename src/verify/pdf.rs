//! One PDF file opened for the audit: its revisions from the raw bytes, its objects by lopdf.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, Stream};

use super::limits;
use super::revisions::{self, Revision, RevisionFlaw};

/// A PDF file that could be opened.
pub struct Pdf<'a> {
    /// The file's bytes.
    pub file: &'a [u8],
    /// Its revisions, oldest first, or why they cannot be told though the file opens.
    pub revisions: Result<Vec<Revision>, RevisionFlaw>,
    /// Its objects.
    pub document: Document,
}

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum PdfFlaw {
    /// Its revisions are not laid out as ours are.
    #[error(transparent)]
    Revisions(#[from] RevisionFlaw),
    /// It has more objects than the budget.
    #[error("more than {} objects", limits::PDF_OBJECTS)]
    TooManyObjects,
    /// Its objects cannot be read.
    #[error("{0}")]
    Objects(String),
    /// The reader of PDF objects gave up in a way it should not.
    #[error("the reader of PDF objects broke down")]
    Panicked,
}

/// Runs code that walks hostile PDF objects; a panic inside lopdf becomes `None`.
///
/// lopdf is fuzzed, but it is large and the bytes are anybody's: one broken file
/// must not end the audit of all others. It holds no state between calls, so
/// unwinding leaves nothing half-done.
pub fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

impl<'a> Pdf<'a> {
    /// Opens a file; nothing is repaired on the way.
    pub fn open(file: &'a [u8]) -> Result<Self, PdfFlaw> {
        let revisions = revisions::read(file);
        match &revisions {
            // Bytes behind the end: worth looking at the rest all the same.
            Err(RevisionFlaw::NoEnd) => {}
            Err(flaw) => return Err((*flaw).into()),
            Ok(all) => {
                let objects: usize = all.iter().map(|revision| revision.entries.len()).sum();
                if objects > limits::PDF_OBJECTS {
                    return Err(PdfFlaw::TooManyObjects);
                }
            }
        }
        let document = load(file, None)?;
        Ok(Self {
            file,
            revisions,
            document,
        })
    }

    /// The objects of the first revision alone, streams left out.
    pub fn first_revision(&self) -> Result<Document, PdfFlaw> {
        let end = match &self.revisions {
            Ok(all) => all.first().map_or(0, |revision| revision.end),
            Err(flaw) => return Err((*flaw).into()),
        };
        load(
            self.file.get(..end).unwrap_or_default(),
            Some(without_streams),
        )
    }

    /// The catalog.
    pub fn catalog(&self) -> Option<&Dictionary> {
        self.document.catalog().ok()
    }

    /// An entry of a dictionary, references followed.
    pub fn entry<'d>(&'d self, dictionary: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
        let object = dictionary.get(key).ok()?;
        self.document
            .dereference(object)
            .ok()
            .map(|(_, object)| object)
    }

    /// The pages in order, at most one more than the budget.
    pub fn pages(&self) -> Vec<ObjectId> {
        self.document
            .page_iter()
            .take(limits::PAGES as usize + 1)
            .collect()
    }

    /// What a stream holds after its filters, within the budget.
    pub fn inflated(&self, stream: &Stream) -> Option<Vec<u8>> {
        stream
            .get_plain_content_with_limit(limits::INFLATED_BYTES)
            .ok()
    }
}

fn load(file: &[u8], filter: Option<lopdf::FilterFunc>) -> Result<Document, PdfFlaw> {
    let options = LoadOptions {
        filter,
        strict: true,
        max_decompressed_size: Some(limits::INFLATED_BYTES),
        ..LoadOptions::default()
    };
    contained(|| Document::load_mem_with_options(file, options))
        .ok_or(PdfFlaw::Panicked)?
        .map_err(|fault| PdfFlaw::Objects(fault.to_string()))
}

/// Keeps a copy because lopdf goes on to store the object it lent.
fn without_streams(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    let is_stream = matches!(object, Object::Stream(_));
    (!is_stream).then(|| (id, object.clone()))
}
