//! The file to be signed: where its cross-reference data lie, its catalog and first page.

use lopdf::xref::XrefType;
use lopdf::{Dictionary, Document, FilterFunc, LoadOptions, Object, ObjectId};

use super::objects::Objects;

/// No stream that must be inflated to find the catalog is larger than this in an honest file.
const MAX_INFLATED_BYTES: usize = 64 << 20;

/// Why a file cannot take a signature.
#[derive(Debug, thiserror::Error)]
pub enum BaseFault {
    /// It is no PDF file that can be read.
    #[error("the file cannot be read as PDF")]
    Unreadable(#[source] lopdf::Error),
    /// Its cross-reference data are damaged; an update would rest on sand.
    #[error("the file's cross-reference data are damaged")]
    Damaged,
    /// It is encrypted.
    #[error("the file is encrypted")]
    Encrypted,
    /// An object every file has is missing or of the wrong kind.
    #[error("the file has no usable {0}")]
    Missing(&'static str),
}

/// A file as far as signing needs it: all objects but the streams.
pub(super) struct Base<'a> {
    bytes: &'a [u8],
    reading: Reading<'a>,
    root_id: ObjectId,
    first_page_id: ObjectId,
}

/// How its objects are read.
enum Reading<'a> {
    /// One by one, where the file is plain enough.
    Single(Objects<'a>),
    /// All at once.
    Whole(Box<Document>),
}

impl<'a> Base<'a> {
    /// Reads the file; page images and fonts are not kept.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, BaseFault> {
        match Self::read_singly(bytes) {
            Some(base) => Ok(base),
            None => Self::read_keeping(bytes, without_streams),
        }
    }

    /// Reads the file where its tables are plain and lead to a catalog and a page.
    fn read_singly(bytes: &'a [u8]) -> Option<Self> {
        let objects = Objects::open(bytes)?;
        let trailer = objects.trailer();
        let root_id = trailer.get(b"Root").and_then(Object::as_reference).ok()?;
        let first_page_id = objects.first_page(root_id)?;
        let is_plain = bytes.starts_with(b"%PDF-") && !trailer.has(b"Encrypt");
        is_plain.then_some(Self {
            bytes,
            reading: Reading::Single(objects),
            root_id,
            first_page_id,
        })
    }

    /// Reads the file with what its pages draw, but not with what they draw it with.
    pub(super) fn read_with_contents(bytes: &'a [u8]) -> Result<Self, BaseFault> {
        Self::read_keeping(bytes, without_typed_streams)
    }

    /// Reads the file with the streams of its validation data.
    pub(super) fn read_with_evidence(bytes: &'a [u8]) -> Result<Self, BaseFault> {
        Self::read_keeping(bytes, without_typed_streams)
    }

    fn read_keeping(bytes: &'a [u8], keep: FilterFunc) -> Result<Self, BaseFault> {
        let document = load(bytes, keep).map_err(BaseFault::Unreadable)?;
        if document.trailer.has(b"Encrypt") {
            return Err(BaseFault::Encrypted);
        }
        // lopdf counts offsets from the header; bytes before it would shift ours.
        if document.xref_recovery.is_some() || !bytes.starts_with(b"%PDF-") {
            return Err(BaseFault::Damaged);
        }
        let root = document.trailer.get(b"Root");
        let root_id = root
            .and_then(Object::as_reference)
            .map_err(|_| BaseFault::Missing("catalog"))?;
        let first_page_id = document
            .page_iter()
            .next()
            .ok_or(BaseFault::Missing("page"))?;
        Ok(Self {
            bytes,
            reading: Reading::Whole(Box::new(document)),
            root_id,
            first_page_id,
        })
    }

    /// The file's bytes.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The catalog's number.
    pub(super) fn root_id(&self) -> ObjectId {
        self.root_id
    }

    /// The first page's number.
    pub(super) fn first_page_id(&self) -> ObjectId {
        self.first_page_id
    }

    /// The catalog.
    pub(super) fn catalog(&self) -> Result<&Dictionary, BaseFault> {
        let catalog = self.dictionary(self.root_id);
        catalog.ok_or(BaseFault::Missing("catalog"))
    }

    /// The first page.
    pub(super) fn first_page(&self) -> Result<&Dictionary, BaseFault> {
        let page = self.dictionary(self.first_page_id);
        page.ok_or(BaseFault::Missing("page"))
    }

    fn dictionary(&self, id: ObjectId) -> Option<&Dictionary> {
        match &self.reading {
            Reading::Single(objects) => objects.resolved(objects.get(id)?)?.as_dict().ok(),
            Reading::Whole(document) => document.get_dictionary(id).ok(),
        }
    }

    /// What the first page draws; nothing where that is not one stream.
    pub(super) fn first_page_content(&self) -> Result<Vec<u8>, BaseFault> {
        let contents = self.first_page()?.get(b"Contents").ok();
        let stream = contents.and_then(|contents| self.resolved(contents)?.as_stream().ok());
        let drawn = stream.map(|stream| stream.get_plain_content_with_limit(MAX_INFLATED_BYTES));
        match drawn {
            None => Ok(Vec::new()),
            Some(drawn) => drawn.map_err(|_| BaseFault::Missing("page content")),
        }
    }

    /// The first page's own box.
    pub(super) fn first_page_box(&self) -> Result<[f64; 4], BaseFault> {
        let sides = self.first_page()?.get(b"MediaBox").ok();
        let sides = sides.and_then(|sides| self.resolved(sides)?.as_array().ok());
        let sides = sides.and_then(|sides| {
            let numbers = sides.iter().map(|side| side.as_float().ok().map(f64::from));
            numbers.collect::<Option<Vec<f64>>>()?.try_into().ok()
        });
        sides.ok_or(BaseFault::Missing("MediaBox"))
    }

    /// How many points a unit of the first page has (ISO 32000-1, table 30).
    pub(super) fn first_page_unit(&self) -> Result<f64, BaseFault> {
        let unit = self.first_page()?.get(b"UserUnit").ok();
        let unit = unit.and_then(|unit| unit.as_float().ok());
        Ok(unit.map_or(1.0, f64::from))
    }

    /// What an object is after following references.
    pub(super) fn resolved<'o>(&'o self, object: &'o Object) -> Option<&'o Object> {
        match &self.reading {
            Reading::Single(objects) => objects.resolved(object),
            Reading::Whole(document) => document.dereference(object).ok().map(|found| found.1),
        }
    }

    /// The newest trailer.
    pub(super) fn trailer(&self) -> &Dictionary {
        match &self.reading {
            Reading::Single(objects) => objects.trailer(),
            Reading::Whole(document) => &document.trailer,
        }
    }

    /// Where the newest cross-reference section begins.
    pub(super) fn startxref(&self) -> usize {
        match &self.reading {
            Reading::Single(objects) => objects.startxref(),
            Reading::Whole(document) => document.xref_start,
        }
    }

    /// True where that section is a stream (ISO 32000-1, 7.5.8) and not a table.
    pub(super) fn has_xref_stream(&self) -> bool {
        match &self.reading {
            Reading::Single(_) => false,
            Reading::Whole(document) => matches!(
                document.reference_table.cross_reference_type,
                XrefType::CrossReferenceStream
            ),
        }
    }

    /// The first object number that no revision of the file uses.
    pub(super) fn next_free_number(&self) -> u32 {
        let highest = match &self.reading {
            Reading::Single(objects) => objects.highest_number(),
            Reading::Whole(document) => document.max_id.max(document.reference_table.max_id()),
        };
        highest.saturating_add(1)
    }

    /// Number of cross-reference sections, one a revision.
    pub(super) fn sections(&self) -> usize {
        match &self.reading {
            Reading::Single(objects) => objects.sections(),
            Reading::Whole(document) => document.xref_section_count,
        }
    }

    /// The permanent half of `/ID`; empty where the file has none.
    pub(super) fn permanent_id(&self) -> &[u8] {
        let ids = self.trailer().get(b"ID").and_then(Object::as_array);
        let first = ids.ok().and_then(|ids| ids.first());
        first.and_then(|id| id.as_str().ok()).unwrap_or_default()
    }
}

fn load(bytes: &[u8], keep: FilterFunc) -> lopdf::Result<Document> {
    let options = LoadOptions {
        filter: Some(keep),
        max_decompressed_size: Some(MAX_INFLATED_BYTES),
        ..LoadOptions::default()
    };
    Document::load_mem_with_options(bytes, options)
}

/// Keeps what pages draw, certificates, revocation lists and answers: streams that say of what kind
/// they are and fonts are none of them.
fn without_typed_streams(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    match object {
        Object::Stream(stream)
            if !stream.dict.has(b"Type")
                && !stream.dict.has(b"Subtype")
                && !stream.dict.has(b"Length1") =>
        {
            Some((id, object.clone()))
        }
        other => without_streams(id, other),
    }
}

/// Keeps what a signature touches. Object streams stay: others are unpacked from them.
fn without_streams(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    match object {
        Object::Stream(stream) if !stream.dict.has_type(b"ObjStm") => None,
        // A copy: lopdf goes on with the original, but for members of an object stream.
        other => Some((id, other.clone())),
    }
}
