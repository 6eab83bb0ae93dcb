//! The proof of one page or file, read strictly and followed up to the root (docs/evidence.md).

use std::str::FromStr;

use ring::digest::{Context, SHA256};

use super::limits;
use crate::model::Digest;

const FIRST_LINE: &str = "sohoa.proof.v1";
const DIGEST_BYTES: usize = 32;

/// What a proof says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// SHA-256 of the batch's `batch.json`.
    pub batch: Digest,
    /// The line of the leaf.
    pub leaf: String,
    /// Length of the file; absent for pages.
    pub bytes: Option<u64>,
    /// Number of the leaf, from 0.
    pub index: u64,
    /// Leaves of the tree.
    pub leaves: u64,
    /// The way up, the leaf's sibling first.
    pub path: Vec<Digest>,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFlaw {
    /// Another first line: no proof, or one of a later version.
    #[error("no proof of version 1")]
    NotAProof,
    /// A line of the head is missing, misspelt or out of place.
    #[error("line {0} of the head")]
    Head(u32),
    /// The path is longer or shorter than the head says.
    #[error("length of the path")]
    Length,
    /// The path does not fit the tree's size (RFC 9162, 2.1.3.2).
    #[error("path does not fit the size of the tree")]
    Path,
}

impl Proof {
    /// Reads a proof; every byte must be where the format has it.
    pub fn read(bytes: &[u8]) -> Result<Self, ProofFlaw> {
        let mut head = Head {
            rest: bytes,
            line: 0,
        };
        if head.next().ok().flatten() != Some(FIRST_LINE) {
            return Err(ProofFlaw::NotAProof);
        }
        let batch = head.after("batch ")?;
        let leaf = head.text("leaf ")?.to_owned();
        let bytes = match head.rest.starts_with(b"bytes ") {
            true => Some(head.after("bytes ")?),
            false => None,
        };
        let (index, leaves) = head.two("index ", " of ")?;
        let steps: usize = head.after("path ")?;
        let path = head.rest.chunks(DIGEST_BYTES);
        if steps > limits::PROOF_STEPS || head.rest.len() != steps * DIGEST_BYTES {
            return Err(ProofFlaw::Length);
        }
        let path = path.map(|raw| raw.try_into().map(Digest::from_bytes));
        Ok(Self {
            batch,
            leaf,
            bytes,
            index,
            leaves,
            path: path
                .collect::<Result<_, _>>()
                .map_err(|_| ProofFlaw::Length)?,
        })
    }

    /// The root that the path leads to.
    pub fn root(&self) -> Result<Digest, ProofFlaw> {
        let leaf = sha256(&[&[0], self.leaf.as_bytes()]);
        follow(leaf, self.index, self.leaves, &self.path).ok_or(ProofFlaw::Path)
    }

    /// The kind of the leaf: `file`, `page`, `scan` …
    pub fn kind(&self) -> &str {
        self.leaf.split(' ').nth(1).unwrap_or_default()
    }

    /// The file's digest; absent for pages.
    pub fn file_digest(&self) -> Option<Digest> {
        let words: Vec<&str> = self.leaf.split(' ').collect();
        match words[..] {
            [
                "sohoa.v1",
                "container" | "scan" | "file" | "text",
                _,
                _,
                sha256,
            ] => sha256.parse().ok(),
            _ => None,
        }
    }
}

/// RFC 9162, 2.1.3.2, on numbers: the root, or `None` where the path does not fit.
pub(super) fn follow(leaf: Digest, index: u64, leaves: u64, path: &[Digest]) -> Option<Digest> {
    if index >= leaves {
        return None;
    }
    let (mut at, mut last) = (index, leaves - 1);
    let mut node = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        let (left, right) = if at % 2 == 1 || at == last {
            // A node without a right neighbour is carried up as it is.
            while at % 2 == 0 && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
            (sibling, &node)
        } else {
            (&node, sibling)
        };
        node = sha256(&[&[1], left.as_bytes(), right.as_bytes()]);
        (at, last) = (at / 2, last / 2);
    }
    (last == 0).then_some(node)
}

pub(super) fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0u8; DIGEST_BYTES];
    digest.copy_from_slice(context.finish().as_ref());
    Digest::from_bytes(digest)
}

/// The lines at the head of a proof.
struct Head<'p> {
    rest: &'p [u8],
    line: u32,
}

impl<'p> Head<'p> {
    fn next(&mut self) -> Result<Option<&'p str>, ProofFlaw> {
        self.line += 1;
        let few = &self.rest[..self.rest.len().min(limits::PROOF_LINE_BYTES)];
        let Some(end) = few.iter().position(|byte| *byte == b'\n') else {
            return Ok(None);
        };
        let line = std::str::from_utf8(&self.rest[..end]);
        self.rest = &self.rest[end + 1..];
        line.map(Some).map_err(|_| ProofFlaw::Head(self.line))
    }

    fn text(&mut self, name: &str) -> Result<&'p str, ProofFlaw> {
        let line = self.next()?.and_then(|line| line.strip_prefix(name));
        line.ok_or(ProofFlaw::Head(self.line))
    }

    fn after<T: FromStr + ToString>(&mut self, name: &str) -> Result<T, ProofFlaw> {
        let text = self.text(name)?;
        one_spelling(text).ok_or(ProofFlaw::Head(self.line))
    }

    fn two(&mut self, name: &str, between: &str) -> Result<(u64, u64), ProofFlaw> {
        let parts = self.text(name)?.split_once(between);
        let numbers = parts.and_then(|(a, b)| Some((one_spelling(a)?, one_spelling(b)?)));
        numbers.ok_or(ProofFlaw::Head(self.line))
    }
}

/// What parses and prints as it stands: no `+1`, no `01`.
fn one_spelling<T: FromStr + ToString>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    (value.to_string() == text).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::merkle::{Join, Levels, Stored, StoredTree, TreeBuilder, leaf_hash};
    use crate::formats::proof as written;
    use std::io;

    struct Shelf(Vec<Vec<Digest>>);

    impl Stored for Shelf {
        fn digests(&self, level: u32, from: u64, count: u64) -> io::Result<Vec<Digest>> {
            Ok(self.0[level as usize][from as usize..(from + count) as usize].to_vec())
        }
    }

    fn line(number: u64) -> String {
        format!(
            "sohoa.v1 file H10.12-261120-0001 {number} {}",
            Digest::of(b"file")
        )
    }

    /// The proof of each leaf of a tree, and the tree's root.
    fn proofs(leaves: u64) -> (Vec<written::Proof>, Digest) {
        let mut shelf = Shelf(vec![Vec::new(); 2]);
        let (mut levels, mut whole) = (Levels::joined_by(Join::Rfc9162), TreeBuilder::new());
        for number in 0..leaves {
            let leaf = leaf_hash(line(number).as_bytes());
            whole.push_hash(leaf);
            let put = &mut |level: usize, node| {
                shelf.0[level].push(node);
                Ok::<_, std::convert::Infallible>(())
            };
            levels.push(leaf, put).expect("memory");
        }
        let tree = StoredTree {
            stored: &shelf,
            join: Join::Rfc9162,
            leaves,
        };
        let proof = |index| written::Proof {
            batch: Digest::of(b"{}"),
            leaf: line(index),
            bytes: Some(4),
            index,
            leaves,
            path: tree.inclusion(index).expect("stored"),
        };
        ((0..leaves).map(proof).collect(), whole.root())
    }

    #[test]
    fn what_the_writer_writes_leads_to_the_root() {
        for leaves in (1..40).chain([255, 256, 257, 300]) {
            let (proofs, root) = proofs(leaves);
            for proof in proofs {
                let read = Proof::read(&proof.to_bytes()).expect("a proof");
                assert_eq!(read.root(), Ok(root), "{} of {leaves}", proof.index);
                assert_eq!(read.file_digest(), Some(Digest::of(b"file")));
                assert_eq!((read.kind(), read.bytes), ("file", Some(4)));
            }
        }
    }

    #[test]
    fn no_changed_bit_leads_to_the_same_root() {
        let (proofs, root) = proofs(21);
        let bytes = proofs[13].to_bytes();
        // Batch, length and size are held against the batch's header and the file: trees of
        // neighbouring sizes may have the same path.
        let hints = [&b"\nbatch "[..], b"\nbytes ", b" of "].map(|name| {
            let at = bytes
                .windows(name.len())
                .position(|w| w == name)
                .expect("named");
            let at = at + name.len();
            let end = bytes[at..]
                .iter()
                .position(|b| *b == b'\n')
                .expect("a line");
            at..at + end
        });
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                let reached = Proof::read(&changed).and_then(|proof| proof.root());
                let hint = hints.iter().any(|range| range.contains(&at));
                assert!(hint || reached != Ok(root), "bit {bit} of byte {at}");
            }
            let cut = Proof::read(&bytes[..at]).and_then(|proof| proof.root());
            assert!(cut.is_err(), "cut at {at}");
        }
        let longer = [&bytes[..], b"\0"].concat();
        assert_eq!(Proof::read(&longer), Err(ProofFlaw::Length));
    }

    #[test]
    fn a_path_that_does_not_fit_the_size_proves_nothing() {
        let (proofs, _) = proofs(21);
        let read = Proof::read(&proofs[13].to_bytes()).expect("a proof");
        for leaves in (0..200).filter(|leaves| *leaves != 21) {
            let other = Proof {
                leaves,
                ..read.clone()
            };
            let fits = other.root().is_ok();
            // A tree of another size may have a path of this length; then the root differs.
            assert!(
                !fits || other.root() != read.root() || (17..=32).contains(&leaves),
                "{leaves}"
            );
        }
        let mut longer = read.clone();
        longer.path.push(Digest::of(b""));
        assert_eq!(longer.root(), Err(ProofFlaw::Path));
        let beyond = Proof {
            index: u64::MAX,
            leaves: u64::MAX,
            ..read
        };
        assert_eq!(beyond.root(), Err(ProofFlaw::Path));
    }

    #[test]
    fn a_proof_among_a_million_leaves_is_below_one_kilobyte() {
        let proof = written::Proof {
            batch: Digest::of(b""),
            // The longest leaf: a page, of the longest code in use, late in a long file.
            leaf: format!(
                "sohoa.v1 page H49.199.99-261231-9999 999 9999 published 999 9999 {0} {0}",
                Digest::of(b"")
            ),
            bytes: None,
            index: 999_999,
            leaves: 1_000_000,
            path: vec![Digest::of(b""); 20],
        };
        let length = proof.to_bytes().len();
        assert!(length <= 1000, "{length} bytes");
    }
}
