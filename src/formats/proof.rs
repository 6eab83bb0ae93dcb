//! The proof of one page or file: a head of text lines and the path as raw digests (docs/evidence.md).
//!
//! Raw, because 20 digests in hexadecimal or base64 do not fit into the kilobyte that a proof may
//! have; the head is text, so that `head -5` shows what is proven.

use crate::model::Digest;

/// The first line; a later version has another.
pub const FIRST_LINE: &str = "sohoa.proof.v1";

/// What a proof says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// SHA-256 of the batch's `batch.json`.
    pub batch: Digest,
    /// The line of the leaf (docs/manifest.md, "Evidence").
    pub leaf: String,
    /// Length of the file that the leaf is about; absent for pages. A hint, not proven: the digest
    /// over so many bytes is.
    pub bytes: Option<u64>,
    /// Number of the leaf, from 0.
    pub index: u64,
    /// Leaves of the tree.
    pub leaves: u64,
    /// The siblings on the way to the root, the leaf's own first (RFC 9162, 2.1.3).
    pub path: Vec<Digest>,
}

impl Proof {
    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (batch, leaf) = (&self.batch, &self.leaf);
        let bytes = self.bytes.map_or(String::new(), |n| format!("bytes {n}\n"));
        let (index, leaves, steps) = (self.index, self.leaves, self.path.len());
        let head = format!(
            "{FIRST_LINE}\nbatch {batch}\nleaf {leaf}\n{bytes}index {index} of {leaves}\npath {steps}\n"
        );
        let path = self.path.iter().flat_map(|digest| *digest.as_bytes());
        head.into_bytes().into_iter().chain(path).collect()
    }
}
