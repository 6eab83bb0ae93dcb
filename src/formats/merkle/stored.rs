//! Roots and proofs of a tree whose levels are stored: inclusion and consistency of RFC 9162, 2.1.3
//! and 2.1.4, and the reduced hash tree of RFC 4998.

use std::io;
use std::ops::Range;

use super::levels::FANOUT;
use super::{Join, TreeBuilder};
use crate::model::Digest;

/// Leaves under one node of level *k* are 2^(8 k).
const BITS_A_LEVEL: u32 = FANOUT.trailing_zeros();

/// Where the levels of a tree lie ([`super::Levels`]).
pub trait Stored {
    /// So many digests of a level, from the given one on. Fewer than asked for is an error.
    fn digests(&self, level: u32, from: u64, count: u64) -> io::Result<Vec<Digest>>;
}

/// A tree over its stored levels.
pub struct StoredTree<'s> {
    /// Where they lie.
    pub stored: &'s dyn Stored,
    /// How nodes are joined.
    pub join: Join,
    /// Leaves of the tree; what is stored may hold more.
    pub leaves: u64,
}

impl StoredTree<'_> {
    /// The root over all leaves.
    pub fn root(&self) -> io::Result<Digest> {
        self.over(0..self.leaves)
    }

    /// The siblings on the way from a leaf to the root, the leaf's own first (RFC 9162, 2.1.3.1).
    pub fn inclusion(&self, leaf: u64) -> io::Result<Vec<Digest>> {
        if leaf >= self.leaves {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut path = Vec::new();
        let mut range = 0..self.leaves;
        while range.end - range.start > 1 {
            let (left, right) = halves(&range);
            let (own, other) = if left.contains(&leaf) {
                (left, right)
            } else {
                (right, left)
            };
            path.push(self.over(other)?);
            range = own;
        }
        path.reverse();
        Ok(path)
    }

    /// What proves that the tree of the first `old` leaves was only added to (RFC 9162, 2.1.4.1).
    pub fn consistency(&self, old: u64) -> io::Result<Vec<Digest>> {
        if old > self.leaves {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut path = Vec::new();
        if old == 0 || old == self.leaves {
            return Ok(path);
        }
        let mut range = 0..self.leaves;
        while range.end != old {
            let (left, right) = halves(&range);
            let (own, other) = if old <= left.end {
                (left, right)
            } else {
                (right, left)
            };
            path.push(self.over(other)?);
            range = own;
        }
        // The old tree as a whole needs no telling: whoever asks has its root.
        if range.start > 0 {
            path.push(self.over(range)?);
        }
        path.reverse();
        Ok(path)
    }

    /// The node over a range that begins where a subtree of its size does.
    fn over(&self, range: Range<u64>) -> io::Result<Digest> {
        let mut roots = Vec::new();
        let mut from = range.start;
        while from < range.end {
            let height = (range.end - from).ilog2();
            roots.push(self.perfect(height, from)?);
            from += 1 << height;
        }
        let joined = roots
            .into_iter()
            .rev()
            .reduce(|right, left| self.join.of(&left, &right));
        Ok(joined.unwrap_or_else(|| Digest::of(b"")))
    }

    /// The root of the perfect subtree of 2^height leaves from a leaf on.
    fn perfect(&self, height: u32, from: u64) -> io::Result<Digest> {
        let level = height / BITS_A_LEVEL;
        let below = level * BITS_A_LEVEL;
        let nodes = self
            .stored
            .digests(level, from >> below, 1 << (height - below))?;
        let mut tree = TreeBuilder::joined_by(self.join);
        nodes.into_iter().for_each(|node| tree.push_hash(node));
        Ok(tree.root())
    }
}

/// Split at the largest power of two below the length.
fn halves(range: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let length = range.end - range.start;
    let middle = range.start + length.next_power_of_two() / 2;
    (range.start..middle, middle..range.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::merkle::{Levels, leaf_hash};

    /// Levels in memory.
    #[derive(Default)]
    struct Shelf(Vec<Vec<Digest>>);

    impl Stored for Shelf {
        fn digests(&self, level: u32, from: u64, count: u64) -> io::Result<Vec<Digest>> {
            let range = from as usize..(from + count) as usize;
            let found = self
                .0
                .get(level as usize)
                .and_then(|nodes| nodes.get(range));
            Ok(found.ok_or(io::ErrorKind::UnexpectedEof)?.to_vec())
        }
    }

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    fn shelf(leaves: &[Digest], join: Join) -> Shelf {
        let mut levels = Levels::joined_by(join);
        let mut shelf = Shelf::default();
        for leaf in leaves {
            let put = &mut |level: usize, node| {
                shelf.0.resize_with(shelf.0.len().max(level + 1), Vec::new);
                shelf.0[level].push(node);
                Ok::<_, std::convert::Infallible>(())
            };
            levels.push(*leaf, put).expect("memory takes all");
        }
        shelf
    }

    fn root(leaves: &[Digest], join: Join) -> Digest {
        let mut tree = TreeBuilder::joined_by(join);
        leaves.iter().for_each(|leaf| tree.push_hash(*leaf));
        tree.root()
    }

    /// RFC 9162, 2.1.3.1: PATH(m, D[n]) word for word.
    fn path_by_definition(m: usize, leaves: &[Digest]) -> Vec<Digest> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (mut path, other) = if m < k {
            (path_by_definition(m, &leaves[..k]), &leaves[k..])
        } else {
            (path_by_definition(m - k, &leaves[k..]), &leaves[..k])
        };
        path.push(root(other, Join::Rfc9162));
        path
    }

    /// RFC 9162, 2.1.4.1: SUBPROOF(m, D[n], b) word for word.
    fn subproof_by_definition(m: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
        if m == leaves.len() {
            let own = root(leaves, Join::Rfc9162);
            return if whole { Vec::new() } else { vec![own] };
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (mut proof, other) = if m <= k {
            (subproof_by_definition(m, &leaves[..k], whole), &leaves[k..])
        } else {
            (
                subproof_by_definition(m - k, &leaves[k..], false),
                &leaves[..k],
            )
        };
        proof.push(root(other, Join::Rfc9162));
        proof
    }

    #[test]
    fn proofs_are_those_of_the_definition() {
        let all = leaves(70);
        let stored = shelf(&all, Join::Rfc9162);
        for size in 1..=70usize {
            let tree = StoredTree {
                stored: &stored,
                join: Join::Rfc9162,
                leaves: size as u64,
            };
            assert_eq!(
                tree.root().expect("stored"),
                root(&all[..size], Join::Rfc9162)
            );
            for at in 0..size {
                let path = tree.inclusion(at as u64).expect("stored");
                assert_eq!(path, path_by_definition(at, &all[..size]), "{at} of {size}");
            }
            for old in 1..=size {
                let path = tree.consistency(old as u64).expect("stored");
                let told = subproof_by_definition(old, &all[..size], true);
                assert_eq!(path, told, "{old} in {size}");
            }
        }
    }

    #[test]
    fn a_proof_through_three_levels_leads_to_the_root() {
        let count = 256 * 256 + 300;
        let all = leaves(count);
        for join in [Join::Rfc9162, Join::Rfc4998] {
            let stored = shelf(&all, join);
            assert_eq!(stored.0.len(), 3, "leaves, 256, 65 536");
            let tree = StoredTree {
                stored: &stored,
                join,
                leaves: count,
            };
            assert_eq!(tree.root().expect("stored"), root(&all, join));
            // Joined by RFC 4998 the order does not matter, so the path alone leads up.
            if join == Join::Rfc4998 {
                for at in [0, 255, 256, 65_535, 65_536, count - 1] {
                    let path = tree.inclusion(at).expect("stored");
                    let up = |node, sibling: &Digest| join.of(&node, sibling);
                    let reached = path.iter().fold(all[at as usize], up);
                    assert_eq!(reached, root(&all, join), "leaf {at}");
                }
            }
        }
    }

    #[test]
    fn what_the_tree_does_not_have_is_not_proven() {
        let stored = shelf(&leaves(5), Join::Rfc9162);
        let tree = StoredTree {
            stored: &stored,
            join: Join::Rfc9162,
            leaves: 5,
        };
        assert!(tree.inclusion(5).is_err() && tree.consistency(6).is_err());
        let longer = StoredTree { leaves: 6, ..tree };
        assert!(longer.root().is_err(), "a level cut short is told");
    }
}
