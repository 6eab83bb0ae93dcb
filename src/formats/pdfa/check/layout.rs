//! The file as a run of bytes: header, objects back to back, table, trailer, nothing else.
//!
//! Two programs that read a PDF differently are how a signed page shows one
//! thing here and another there. So every byte must be where, and every object
//! spelled as, we write it: no gaps, no comments, no double keys, no second
//! section.

use std::ops::Range;

use lopdf::{Document, LoadOptions, Object, ObjectId, Stream, Writer};

use super::super::object_file::HEADER;
use super::{Audit, MAX_UNPACKED_BYTES, Violation};

const END: &[u8] = b"\n%%EOF\n";
const START: &[u8] = b"\nstartxref\n";
const ENTRY_BYTES: usize = 20;
const OBJECT_END: &[u8] = b"\nendobj\n";
const STREAM_END: &[u8] = b"\nendstream\nendobj\n";

/// Where each object and the trailer lie.
pub(super) struct Layout {
    /// From `n 0 obj` to the end of `endobj`, object 1 first.
    objects: Vec<Range<usize>>,
    /// The trailer's dictionary.
    trailer: Range<usize>,
}

impl Layout {
    /// Reads the table from the file's end (ISO 19005-2, 6.1.2 to 6.1.4).
    pub fn read(bytes: &[u8]) -> Result<Self, Violation> {
        if !bytes.starts_with(HEADER) {
            return Err(violation(
                "6.1.2",
                "the file does not begin with our header",
            ));
        }
        let body = bytes.strip_suffix(END);
        let body = body.ok_or(violation("6.1.3", "the file does not end with %%EOF"))?;
        let table = table(body).ok_or(violation("6.1.4", "no cross-reference table of ours"))?;
        let objects = regions(bytes, &table);
        let objects = objects.ok_or(violation("6.1.9", "objects do not stand back to back"))?;
        Ok(Self {
            objects,
            trailer: table.trailer,
        })
    }
}

fn violation(clause: &'static str, what: &str) -> Violation {
    Violation {
        clause,
        object: None,
        what: what.to_owned(),
    }
}

struct Table {
    at: usize,
    offsets: Vec<usize>,
    trailer: Range<usize>,
}

/// Reads table and trailer of a file without its end; numbers have one spelling.
fn table(body: &[u8]) -> Option<Table> {
    let start = body.len().checked_sub(START.len() + 11).unwrap_or_default();
    let found = body[start..]
        .windows(START.len())
        .rposition(|window| window == START)?;
    let trailer_end = start + found;
    let (at, rest) = number(&body[trailer_end + START.len()..])?;
    let table = body.get(at..trailer_end)?.strip_prefix(b"xref\n0 ")?;
    let (size, table) = number(table)?;
    let table = table.strip_prefix(b"\n").filter(|_| rest.is_empty())?;
    let entries = table.get(..size.checked_mul(ENTRY_BYTES)?)?;
    let mut entries = entries.chunks(ENTRY_BYTES);
    if entries.next()? != b"0000000000 65535 f \n" {
        return None;
    }
    let offsets = entries.map(offset).collect::<Option<Vec<_>>>()?;
    let trailer = table[size * ENTRY_BYTES..].strip_prefix(b"trailer\n")?;
    Some(Table {
        at,
        offsets,
        trailer: trailer_end - trailer.len()..trailer_end,
    })
}

/// A whole number without leading zeros, and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit());
    let (digits, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    let digits = std::str::from_utf8(digits).ok()?;
    let number: usize = digits.parse().ok()?;
    (number.to_string() == digits).then_some((number, rest))
}

fn offset(entry: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(entry.get(..10)?).ok()?;
    let offset = digits.parse().ok()?;
    (format!("{offset:010} 00000 n \n").as_bytes() == entry).then_some(offset)
}

/// The regions of all objects, where they fill the file from header to table.
fn regions(bytes: &[u8], table: &Table) -> Option<Vec<Range<usize>>> {
    let mut order: Vec<usize> = (0..table.offsets.len()).collect();
    order.sort_by_key(|index| table.offsets[*index]);
    let mut regions = vec![0..0; order.len()];
    let mut end = HEADER.len();
    for (place, index) in order.iter().enumerate() {
        let start = table.offsets[*index];
        let next = order.get(place + 1).map(|index| table.offsets[*index]);
        let region = start..next.unwrap_or(table.at);
        let object = bytes.get(region.clone()).filter(|_| start == end)?;
        let head = format!("{} 0 obj\n", index + 1);
        if !object.starts_with(head.as_bytes()) || !object.ends_with(OBJECT_END) {
            return None;
        }
        end = region.end;
        regions[*index] = region;
    }
    (end == table.at).then_some(regions)
}

/// Parses the objects, without repair; of images only the dictionary is kept.
pub(super) fn load(bytes: &[u8]) -> Result<Document, Violation> {
    let options = LoadOptions {
        strict: true,
        filter: Some(without_image_bytes),
        max_decompressed_size: Some(MAX_UNPACKED_BYTES),
        ..LoadOptions::default()
    };
    Document::load_mem_with_options(bytes, options)
        .map_err(|_| violation("6.1.9", "the objects cannot be parsed"))
}

/// One byte stays: an empty stream is read again by lopdf.
fn without_image_bytes(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    if let Object::Stream(stream) = object
        && is_image(stream)
    {
        stream.content = stream.content.first().copied().into_iter().collect();
    }
    // lopdf keeps the object that was changed in place and only asks whether to.
    Some((id, Object::Null))
}

fn is_image(stream: &Stream) -> bool {
    let subtype = stream.dict.get(b"Subtype").and_then(Object::as_name);
    subtype.is_ok_and(|name| name == b"Image")
}

/// Writes every object and the trailer again and compares with what stands there.
pub(super) fn spelling(audit: &mut Audit<'_>) {
    let layout = audit.layout;
    for (index, region) in layout.objects.iter().enumerate() {
        let id = (index as u32 + 1, 0);
        let Some(object) = audit.document.objects.get(&id) else {
            audit.report("6.1.9", Some(id), "the object cannot be parsed");
            continue;
        };
        if !is_spelled(id, object, &audit.bytes[region.clone()]) {
            audit.report("6.1.9", Some(id), "spelled otherwise than we write");
        }
    }
    let trailer = Object::Dictionary(audit.document.trailer.clone());
    if written(&trailer) != audit.bytes[layout.trailer.clone()] {
        audit.report("6.1.3", None, "trailer spelled otherwise than we write");
    }
    if audit.document.objects.len() != layout.objects.len() {
        audit.report("6.1.9", None, "objects inside other objects");
    }
}

fn is_spelled(id: ObjectId, object: &Object, region: &[u8]) -> bool {
    let head = object_head(id, object);
    let Some(rest) = region.strip_prefix(head.as_slice()) else {
        return false;
    };
    match object {
        Object::Stream(stream) => {
            let length = rest.strip_suffix(STREAM_END).map(<[u8]>::len);
            let said = stream.dict.get(b"Length").and_then(Object::as_i64);
            length.and_then(|length| i64::try_from(length).ok()) == said.ok()
        }
        _ => rest == OBJECT_END,
    }
}

/// Everything before the content of a stream, or before the end of another object.
fn object_head(id: ObjectId, object: &Object) -> Vec<u8> {
    let mut head = format!("{} 0 obj\n", id.0).into_bytes();
    match object {
        Object::Stream(stream) => {
            head.extend(written(&Object::Dictionary(stream.dict.clone())));
            head.extend_from_slice(b"stream\n");
        }
        other => head.extend(written(other)),
    }
    head
}

fn written(object: &Object) -> Vec<u8> {
    let mut bytes = Vec::new();
    Writer::write_object(&mut bytes, object).expect("a Vec takes every byte");
    bytes
}

/// Where a stream's bytes lie; only of objects that [`spelling`] found right.
pub(super) fn content_range(audit: &Audit<'_>, id: ObjectId) -> Option<Range<usize>> {
    let object = audit.document.objects.get(&id)?;
    let region = audit.layout.objects.get(id.0.checked_sub(1)? as usize)?;
    let (start, end) = (object_head(id, object).len(), STREAM_END.len());
    let range = region.start + start..region.end.checked_sub(end)?;
    (range.start <= range.end).then_some(range)
}
