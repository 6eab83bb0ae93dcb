//! Evidence: the two trees of a batch of a hundred thousand leaves, and proofs out of them.

use divan::Bencher;
use divan::counter::ItemsCount;
use sohoa::formats::merkle::{Join, Levels, Stored, StoredTree, TreeBuilder, leaf_hash};
use sohoa::model::Digest;

const LEAVES: u64 = 100_000;

fn main() {
    divan::main();
}

/// The levels in memory.
#[derive(Default)]
struct Shelf(Vec<Vec<Digest>>);

impl Stored for Shelf {
    fn digests(&self, level: u32, from: u64, count: u64) -> std::io::Result<Vec<Digest>> {
        Ok(self.0[level as usize][from as usize..(from + count) as usize].to_vec())
    }
}

fn leaf(number: u64) -> Digest {
    let digest = Digest::of(&number.to_be_bytes());
    leaf_hash(format!("sohoa.v1 file H10.12-221013-0001 {number} {digest}").as_bytes())
}

fn grown(join: Join) -> Shelf {
    let mut levels = Levels::joined_by(join);
    let mut shelf = Shelf::default();
    for number in 0..LEAVES {
        let put = &mut |level: usize, node| {
            shelf.0.resize_with(shelf.0.len().max(level + 1), Vec::new);
            shelf.0[level].push(node);
            Ok::<_, std::convert::Infallible>(())
        };
        levels.push(leaf(number), put).expect("memory takes all");
    }
    shelf
}

#[divan::bench]
fn the_root_of_a_batch(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(LEAVES)).bench(|| {
        let mut tree = TreeBuilder::new();
        (0..LEAVES).for_each(|number| tree.push_hash(leaf(number)));
        tree.root()
    });
}

#[divan::bench]
fn the_levels_of_a_batch(bencher: Bencher<'_, '_>) {
    let counted = bencher.counter(ItemsCount::new(LEAVES));
    counted.bench(|| grown(Join::Rfc9162).0.len());
}

#[divan::bench]
fn a_proof(bencher: Bencher<'_, '_>) {
    let shelf = grown(Join::Rfc9162);
    let tree = StoredTree {
        stored: &shelf,
        join: Join::Rfc9162,
        leaves: LEAVES,
    };
    let mut number = 0;
    bencher.bench_local(|| {
        number = (number + 7919) % LEAVES;
        tree.inclusion(number).expect("a leaf of the tree")
    });
}
