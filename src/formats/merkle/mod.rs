//! Hash trees over SHA-256: RFC 9162 (the tree of Certificate Transparency) and RFC 4998.
//!
//! Both have the same shape here, the one that RFC 9162, 2.1.1, asks for: the left subtree is
//! the largest perfect one. They differ in how two nodes become one:
//!
//! - RFC 9162, 2.1 (word for word RFC 6962, 2.1): `H(0x00 ‖ data)` for a leaf, `H(0x01 ‖ left ‖
//!   right)` for a node. A leaf can never be passed off as a node.
//! - RFC 4998, 4.2: a leaf is the digest of the file itself, a node the digest of its children
//!   in binary ascending order, without prefix ([`Join::Rfc4998`]).
//!
//! [`TreeBuilder`] takes leaves and gives the root in memory of one digest a level. [`Levels`]
//! gives out besides what has to be kept so that [`StoredTree`] finds any proof with a few
//! short readings, whatever the number of leaves.

mod levels;
mod stored;

use crate::model::{Digest, Digester};

pub use levels::{FANOUT, Levels};
pub use stored::{Stored, StoredTree};

/// The hash of a leaf of RFC 9162: `SHA-256(0x00 ‖ data)`.
pub fn leaf_hash(data: &[u8]) -> Digest {
    let mut digester = Digester::new();
    digester.update(&[0x00]);
    digester.update(data);
    digester.finish()
}

/// The hash of an inner node of RFC 9162: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Join::Rfc9162.of(left, right)
}

/// How two nodes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// RFC 9162, 2.1.1: prefix 0x01, left before right.
    Rfc9162,
    /// RFC 4998, 4.2, step 3: no prefix, the smaller before the greater.
    Rfc4998,
}

impl Join {
    /// The node above these two.
    pub fn of(self, left: &Digest, right: &Digest) -> Digest {
        let mut digester = Digester::new();
        let (first, second) = match self {
            Join::Rfc9162 => {
                digester.update(&[0x01]);
                (left, right)
            }
            Join::Rfc4998 => (left.min(right), left.max(right)),
        };
        digester.update(first.as_bytes());
        digester.update(second.as_bytes());
        digester.finish()
    }
}

/// A tree in the making: keeps the roots of the perfect subtrees seen so far.
pub struct TreeBuilder {
    join: Join,
    /// Roots of perfect subtrees with their number of leaves, largest first.
    subtrees: Vec<(u64, Digest)>,
    leaves: u64,
}

impl Default for TreeBuilder {
    fn default() -> Self {
        Self::joined_by(Join::Rfc9162)
    }
}

impl TreeBuilder {
    /// A tree of RFC 9162 without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// A tree without leaves.
    pub fn joined_by(join: Join) -> Self {
        Self {
            join,
            subtrees: Vec::new(),
            leaves: 0,
        }
    }

    /// Adds the next leaf of RFC 9162.
    pub fn push(&mut self, data: &[u8]) {
        self.push_hash(leaf_hash(data));
    }

    /// Adds the next leaf by its hash.
    pub fn push_hash(&mut self, leaf: Digest) {
        self.leaves += 1;
        let mut size = 1;
        let mut root = leaf;
        while let Some((left_size, left)) = self.subtrees.pop_if(|(last, _)| *last == size) {
            root = self.join.of(&left, &root);
            size += left_size;
        }
        self.subtrees.push((size, root));
    }

    /// How many leaves were added.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The root over all leaves; of an empty tree, the digest of nothing (RFC 9162, 2.1.1).
    pub fn root(&self) -> Digest {
        let roots = self.subtrees.iter().rev().map(|(_, root)| *root);
        roots
            .reduce(|right, left| self.join.of(&left, &right))
            .unwrap_or_else(|| Digest::of(b""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, word for word, to judge the stream by.
    fn root_by_definition(leaves: &[Vec<u8>]) -> Digest {
        match leaves {
            [] => Digest::of(b""),
            [leaf] => leaf_hash(leaf),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                node_hash(&root_by_definition(left), &root_by_definition(right))
            }
        }
    }

    #[test]
    fn the_stream_gives_the_root_of_the_definition() {
        for count in 0..70u32 {
            let leaves: Vec<Vec<u8>> = (0..count).map(|n| n.to_be_bytes().to_vec()).collect();
            let mut tree = TreeBuilder::new();
            leaves.iter().for_each(|leaf| tree.push(leaf));
            assert_eq!(tree.root(), root_by_definition(&leaves), "{count} leaves");
            assert_eq!(tree.leaves(), u64::from(count));
        }
    }

    #[test]
    fn the_known_vector_of_certificate_transparency_holds() {
        // Test vectors of the reference implementation of RFC 6962 (certificate-transparency).
        let leaves: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let mut tree = TreeBuilder::new();
        leaves.iter().for_each(|leaf| tree.push(leaf));
        let root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
        assert_eq!(tree.root().to_string(), root);
    }
}
