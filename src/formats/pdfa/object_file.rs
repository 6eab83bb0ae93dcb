//! A PDF file in the making: objects written one by one, their offsets kept for the table.
//!
//! `lopdf::Document` would hold every image once in its tree and once in the
//! saved bytes; here an image is dropped as soon as it is written. Objects and
//! their spelling are lopdf's.

use std::io::Write;

use lopdf::{Dictionary, Object, ObjectId, Stream, Writer};

/// Version and the binary mark (ISO 19005-2, 6.1.2).
pub(super) const HEADER: &[u8] = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";

/// Writing to a `Vec` cannot fail.
const INFALLIBLE: &str = "a Vec takes every byte";

/// The bytes so far and where each object begins.
pub(in crate::formats) struct ObjectFile {
    bytes: Vec<u8>,
    /// Offset of object `n` at `n - 1`; 0 (where the header stands) until it is written.
    offsets: Vec<usize>,
}

impl ObjectFile {
    /// A file that holds its header.
    pub fn new() -> Self {
        Self {
            bytes: HEADER.to_vec(),
            offsets: Vec::new(),
        }
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Takes the next object number, to be written later.
    pub fn reserve(&mut self) -> ObjectId {
        self.offsets.push(0);
        (self.offsets.len() as u32, 0)
    }

    /// Writes an object under a number taken before (line ends: ISO 19005-2, 6.1.9).
    pub fn put(&mut self, id: ObjectId, object: impl Into<Object>) {
        self.offsets[id.0 as usize - 1] = self.bytes.len();
        writeln!(self.bytes, "{} 0 obj", id.0).expect(INFALLIBLE);
        Writer::write_object(&mut self.bytes, &object.into()).expect(INFALLIBLE);
        self.bytes.extend_from_slice(b"\nendobj\n");
    }

    /// Writes an object under a new number.
    pub fn add(&mut self, object: impl Into<Object>) -> ObjectId {
        let id = self.reserve();
        self.put(id, object);
        id
    }

    /// Writes a stream whose bytes stay as they are.
    pub fn add_stream(&mut self, dict: Dictionary, content: Vec<u8>) -> ObjectId {
        self.add(Stream::new(dict, content))
    }

    /// Writes a stream deflated.
    pub fn add_deflated(&mut self, dict: Dictionary, content: &[u8]) -> ObjectId {
        self.add(deflated(dict, content))
    }

    /// Closes the file with its table and trailer (ISO 32000-1, 7.5.4 and 7.5.5).
    pub fn finish(mut self, mut trailer: Dictionary) -> Vec<u8> {
        let table_at = self.bytes.len();
        let size = self.offsets.len() + 1;
        writeln!(self.bytes, "xref\n0 {size}\n0000000000 65535 f ").expect(INFALLIBLE);
        for offset in &self.offsets {
            assert_ne!(*offset, 0, "every reserved object is written");
            writeln!(self.bytes, "{offset:010} 00000 n ").expect(INFALLIBLE);
        }
        trailer.set("Size", size as i64);
        self.bytes.extend_from_slice(b"trailer\n");
        Writer::write_object(&mut self.bytes, &trailer.into()).expect(INFALLIBLE);
        writeln!(self.bytes, "\nstartxref\n{table_at}\n%%EOF").expect(INFALLIBLE);
        self.bytes.shrink_to_fit();
        self.bytes
    }
}

/// A stream that holds these bytes deflated.
pub(in crate::formats) fn deflated(mut dict: Dictionary, content: &[u8]) -> Stream {
    dict.set("Filter", "FlateDecode");
    Stream::new(dict, deflate(content))
}

/// The bytes in zlib's form, always by the same encoder and level.
fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(9));
    encoder.write_all(bytes).expect(INFALLIBLE);
    encoder.finish().expect(INFALLIBLE)
}
