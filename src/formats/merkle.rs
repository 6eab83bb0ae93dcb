//! The Merkle tree of RFC 6962, section 2.1, over SHA-256, as a stream: leaves in, root out.
//!
//! Memory is one digest a level, so a batch of millions of pages costs less
//! than a kilobyte.

use crate::model::{Digest, Digester};

/// The hash of a leaf: `SHA-256(0x00 ‖ data)`.
pub fn leaf_hash(data: &[u8]) -> Digest {
    let mut digester = Digester::new();
    digester.update(&[0x00]);
    digester.update(data);
    digester.finish()
}

/// The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut digester = Digester::new();
    digester.update(&[0x01]);
    digester.update(left.as_bytes());
    digester.update(right.as_bytes());
    digester.finish()
}

/// A tree in the making: keeps the roots of the perfect subtrees seen so far.
#[derive(Default)]
pub struct TreeBuilder {
    /// Roots of perfect subtrees with their number of leaves, largest first.
    subtrees: Vec<(u64, Digest)>,
    leaves: u64,
}

impl TreeBuilder {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next leaf.
    pub fn push(&mut self, data: &[u8]) {
        self.leaves += 1;
        let mut size = 1;
        let mut root = leaf_hash(data);
        while let Some((left_size, left)) = self.subtrees.pop_if(|(last, _)| *last == size) {
            root = node_hash(&left, &root);
            size += left_size;
        }
        self.subtrees.push((size, root));
    }

    /// How many leaves were added.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The root over all leaves; of an empty tree, the digest of nothing (RFC 6962, 2.1).
    pub fn root(&self) -> Digest {
        let roots = self.subtrees.iter().rev().map(|(_, root)| *root);
        roots
            .reduce(|right, left| node_hash(&left, &right))
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
