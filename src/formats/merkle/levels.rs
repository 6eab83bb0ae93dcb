//! What of a growing tree has to be kept, so that a proof costs a few short readings.
//!
//! Level 0 is the leaves, level *k* the roots of all full subtrees of 256^k leaves, each in
//! order: the "full tiles" of C2SP tlog-tiles laid end to end. All above level 0 adds 0.4 %.

use super::{Join, TreeBuilder};
use crate::model::Digest;

/// Nodes of one level under one node of the next.
pub const FANOUT: u64 = 256;

/// The levels of a tree in the making; in memory stand 256 digests a level at most.
pub struct Levels {
    join: Join,
    /// The nodes of each level that no full node above them covers yet.
    open: Vec<Vec<Digest>>,
}

impl Levels {
    /// Of a tree without leaves.
    pub fn joined_by(join: Join) -> Self {
        Self {
            join,
            open: Vec::new(),
        }
    }

    /// Adds the next leaf by its hash and gives `put` every node that is complete with it,
    /// with its level.
    pub fn push<E>(
        &mut self,
        leaf: Digest,
        put: &mut dyn FnMut(usize, Digest) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut node = leaf;
        for level in 0.. {
            put(level, node)?;
            if self.open.len() == level {
                self.open.push(Vec::new());
            }
            let open = &mut self.open[level];
            open.push(node);
            if (open.len() as u64) < FANOUT {
                break;
            }
            node = root_of(self.join, open);
            open.clear();
        }
        Ok(())
    }
}

fn root_of(join: Join, nodes: &[Digest]) -> Digest {
    let mut tree = TreeBuilder::joined_by(join);
    nodes.iter().for_each(|node| tree.push_hash(*node));
    tree.root()
}
