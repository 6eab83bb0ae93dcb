//! An incremental update (ISO 32000-1, 7.5.6): objects, cross-reference data and
//! trailer behind the untouched bytes of the file.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object, ObjectId, StringFormat, Writer};

use super::base::Base;

/// Bytes an update takes beside the signature: measured 1.2 kB, catalogs with much in them more.
const USUAL_UPDATE_BYTES: usize = 4096;

/// Trailer entries that belong to one cross-reference section and not to the file.
const SECTION_KEYS: [&[u8]; 10] = [
    b"Size",
    b"Prev",
    b"XRefStm",
    b"Type",
    b"W",
    b"Index",
    b"Length",
    b"Filter",
    b"DecodeParms",
    b"DL",
];

/// A file with an update in the making.
pub(super) struct Revision {
    bytes: Vec<u8>,
    offsets: BTreeMap<ObjectId, usize>,
    next_number: u32,
}

impl Revision {
    /// Starts behind the file's last byte; `reserved_bytes` are expected in the signature.
    pub(super) fn after(base: &Base<'_>, reserved_bytes: usize) -> Self {
        let expected = base.bytes().len() + 2 * reserved_bytes + USUAL_UPDATE_BYTES;
        let mut bytes = Vec::with_capacity(expected);
        bytes.extend_from_slice(base.bytes());
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        Self {
            bytes,
            offsets: BTreeMap::new(),
            next_number: base.next_free_number(),
        }
    }

    /// A number for a new object.
    pub(super) fn new_id(&mut self) -> ObjectId {
        let id = (self.next_number, 0);
        self.next_number += 1;
        id
    }

    /// Writes one object.
    pub(super) fn write(&mut self, id: ObjectId, object: &Object) {
        self.write_with(id, |bytes| put(bytes, object));
    }

    /// Writes one object whose body `body` appends to the file's bytes.
    pub(super) fn write_with<T>(
        &mut self,
        id: ObjectId,
        body: impl FnOnce(&mut Vec<u8>) -> T,
    ) -> T {
        self.offsets.insert(id, self.bytes.len());
        self.bytes
            .extend_from_slice(format!("{} {} obj\n", id.0, id.1).as_bytes());
        let result = body(&mut self.bytes);
        self.bytes.extend_from_slice(b"\nendobj\n");
        result
    }

    /// Closes the update in the manner of the file's newest revision.
    pub(super) fn finish(mut self, base: &Base<'_>, identity: &[u8; 16]) -> Vec<u8> {
        let mut trailer = trailer_of(base, identity);
        let section_start = self.bytes.len();
        if base.has_xref_stream() {
            self.xref_stream(trailer, section_start);
        } else {
            trailer.set("Size", i64::from(self.next_number));
            self.xref_table(&trailer);
        }
        let end = format!("startxref\n{section_start}\n%%EOF\n");
        self.bytes.extend_from_slice(end.as_bytes());
        self.bytes
    }

    /// Cross-reference table and trailer (ISO 32000-1, 7.5.4); every line of it has 20 bytes.
    fn xref_table(&mut self, trailer: &Dictionary) {
        let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
        for run in runs(&self.offsets) {
            table.push_str(&format!("{} {}\n", run[0].0.0, run.len()));
            for ((_, generation), offset) in run {
                table.push_str(&format!("{offset:010} {generation:05} n \n"));
            }
        }
        table.push_str("trailer\n");
        self.bytes.extend_from_slice(table.as_bytes());
        put(&mut self.bytes, &Object::Dictionary(trailer.clone()));
        self.bytes.push(b'\n');
    }

    /// Cross-reference stream (ISO 32000-1, 7.5.8), unfiltered, itself among its entries.
    fn xref_stream(&mut self, mut dictionary: Dictionary, section_start: usize) {
        let id = self.new_id();
        self.offsets.insert(id, section_start);
        let mut index = Vec::new();
        let mut entries = Vec::new();
        for run in runs(&self.offsets) {
            index.push(Object::from(i64::from(run[0].0.0)));
            index.push(Object::from(run.len() as i64));
            for ((_, generation), offset) in run {
                entries.push(1); // type 1: in use, not compressed
                entries.extend_from_slice(&(offset as u64).to_be_bytes());
                entries.extend_from_slice(&generation.to_be_bytes());
            }
        }
        dictionary.set("Type", "XRef");
        dictionary.set("Size", i64::from(self.next_number));
        dictionary.set("W", vec![1.into(), 8.into(), 2.into()]);
        dictionary.set("Index", index);
        dictionary.set("Length", entries.len() as i64);
        self.write_with(id, |bytes| {
            put(bytes, &Object::Dictionary(dictionary));
            bytes.extend_from_slice(b"\nstream\n");
            bytes.extend_from_slice(&entries);
            bytes.extend_from_slice(b"\nendstream");
        });
    }
}

/// Appends an object as lopdf writes it.
pub(super) fn put(bytes: &mut Vec<u8>, object: &Object) {
    Writer::write_object(bytes, object).expect("a vector takes every write");
}

/// The file's trailer with `Prev` and a new second half of `ID`.
fn trailer_of(base: &Base<'_>, identity: &[u8; 16]) -> Dictionary {
    let mut trailer = base.trailer().clone();
    for key in SECTION_KEYS {
        trailer.remove(key);
    }
    let changing = Object::String(identity.to_vec(), StringFormat::Hexadecimal);
    let permanent = match base.permanent_id() {
        [] => changing.clone(),
        id => Object::String(id.to_vec(), StringFormat::Hexadecimal),
    };
    trailer.set("ID", vec![permanent, changing]);
    trailer.set("Prev", base.startxref() as i64);
    trailer
}

/// The entries in runs of consecutive object numbers.
fn runs(offsets: &BTreeMap<ObjectId, usize>) -> Vec<Vec<(ObjectId, usize)>> {
    let entries: Vec<(ObjectId, usize)> = offsets.iter().map(|(&id, &at)| (id, at)).collect();
    entries
        .chunk_by(|left, right| left.0.0 + 1 == right.0.0)
        .map(<[_]>::to_vec)
        .collect()
}
