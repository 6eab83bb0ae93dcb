//! The auditor's own hash trees (RFC 9162, section 2.1, and RFC 4998) over the claims of the manifest.
//!
//! It shares nothing with the writer's: here a tree is a binary counter, slot
//! *k* holding the root of a perfect subtree of 2^k leaves. The leaves are built
//! from what the manifest says; each of those digests is held against the bytes
//! elsewhere, so a true root over true claims is a true root over the bytes.

use std::collections::BTreeMap;

use ring::digest::{Context, SHA256};

use crate::model::manifest::{DossierRecord, Fate, PageRecord};
use crate::model::{Digest, Digester, DossierCode};

/// How two nodes become one: RFC 9162, 2.1.1, or RFC 4998, 4.2.
type Join = fn(&[u8; 32], &[u8; 32]) -> [u8; 32];

fn in_order(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    sha256(&[&[1], left, right])
}

/// RFC 4998, 4.2, step 3: binary ascending, without prefix.
fn ascending(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    sha256(&[left.min(right), left.max(right)])
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0u8; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// Heights between two levels that are kept as a file: 256 nodes of one lie under one of the next.
const HEIGHTS_A_LEVEL: usize = 8;

/// A hash tree that is fed leaf by leaf.
pub(super) struct Counter {
    join: Join,
    slots: Vec<Option<[u8; 32]>>,
    leaves: u64,
    /// Every eighth height as its file should hold it.
    levels: Vec<Digester>,
}

impl Counter {
    /// A tree of RFC 9162, whose leaves are added by their hashes.
    pub(super) fn rfc9162() -> Self {
        Self::joined_by(in_order)
    }

    fn joined_by(join: Join) -> Self {
        Self {
            join,
            slots: Vec::new(),
            leaves: 0,
            levels: Vec::new(),
        }
    }

    /// Adds one leaf: a carry in the binary counter.
    pub(super) fn add(&mut self, leaf: [u8; 32]) {
        self.leaves += 1;
        let mut carry = leaf;
        for height in 0.. {
            self.note(height, &carry);
            if self.slots.len() == height {
                self.slots.push(None);
            }
            match self.slots[height].take() {
                Some(left) => carry = (self.join)(&left, &carry),
                None => {
                    self.slots[height] = Some(carry);
                    return;
                }
            }
        }
    }

    fn note(&mut self, height: usize, node: &[u8; 32]) {
        if height.is_multiple_of(HEIGHTS_A_LEVEL) {
            let level = height / HEIGHTS_A_LEVEL;
            if self.levels.len() == level {
                self.levels.push(Digester::new());
            }
            self.levels[level].update(node);
        }
    }

    /// The root: the subtrees joined from the smallest (rightmost) up.
    pub(super) fn root(&self) -> Digest {
        let mut subtrees = self.slots.iter().flatten();
        let Some(smallest) = subtrees.next() else {
            return Digest::from_bytes(sha256(&[]));
        };
        let root = subtrees.fold(*smallest, |right, left| (self.join)(left, &right));
        Digest::from_bytes(root)
    }
}

/// The two trees of a batch.
pub struct Tree {
    rfc9162: Counter,
    rfc4998: Counter,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            rfc9162: Counter::rfc9162(),
            rfc4998: Counter::joined_by(ascending),
        }
    }
}

impl Tree {
    /// Adds a file by its line, which ends in the file's digest.
    fn add_file(&mut self, line: &str, digest: &Digest) {
        self.rfc9162.add(sha256(&[&[0], line.as_bytes()]));
        self.rfc4998.add(*digest.as_bytes());
    }

    /// Adds a page: where a file's digest would stand, that of its line does.
    fn add_page(&mut self, line: &str) {
        self.add_file(line, &Digest::from_bytes(sha256(&[line.as_bytes()])));
    }

    /// Leaves added.
    pub fn leaves(&self) -> u64 {
        self.rfc9162.leaves
    }

    /// The root that the header names.
    pub fn root(&self) -> Digest {
        self.rfc9162.root()
    }

    /// The root of the tree of RFC 4998, which a time stamp covers together with the header.
    pub fn record_root(&self) -> Digest {
        self.rfc4998.root()
    }

    /// The files of the folder `tree` by name, with their digests.
    pub fn files(self) -> BTreeMap<String, Digest> {
        let named = [("rfc9162", self.rfc9162), ("rfc4998", self.rfc4998)];
        let files = named.into_iter().flat_map(|(name, counter)| {
            let levels = counter.levels.into_iter().enumerate();
            levels.map(move |(level, digester)| (format!("{name}.{level}"), digester.finish()))
        });
        files.collect()
    }

    /// Adds the leaves of one packaged dossier: containers, sources, pages, documents.
    pub fn add_dossier(&mut self, code: &DossierCode, record: &DossierRecord) {
        for (number, container) in (1..).zip(&record.containers) {
            let number: u64 = number;
            let leaf = format!("sohoa.v1 container {code} {number} {}", container.sha256);
            self.add_file(&leaf, &container.sha256);
        }
        for (number, source) in (1..).zip(&record.sources) {
            let number: u64 = number;
            let leaf = format!("sohoa.v1 scan {code} {number} {}", source.sha256);
            self.add_file(&leaf, &source.sha256);
        }
        for page in &record.pages {
            self.add_page(&page_leaf(code, page));
        }
        for document in &record.documents {
            let (n, sha256) = (document.n, document.sha256);
            self.add_file(&format!("sohoa.v1 file {code} {n} {sha256}"), &sha256);
            if let Some(text) = &document.text {
                let leaf = format!("sohoa.v1 text {code} {n} {}", text.sha256);
                self.add_file(&leaf, &text.sha256);
            }
        }
    }
}

fn page_leaf(code: &DossierCode, page: &PageRecord) -> String {
    let fate = match page.fate {
        Fate::Published => "published",
        Fate::Blank => "blank",
        Fate::Separator => "separator",
        Fate::Rejected => "rejected",
    };
    let place = page.published.as_ref().map_or_else(
        || "- - - -".to_owned(),
        |p| {
            let image = p.image_sha256.map_or("-".to_owned(), |d| d.to_string());
            format!("{} {} {image} {}", p.document, p.page, p.text_sha256)
        },
    );
    let (source, source_page) = (page.source, page.source_page);
    format!("sohoa.v1 page {code} {source} {source_page} {fate} {place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9162, 2.1.1, word for word: split at the largest power of two below n.
    fn by_definition(leaves: &[String]) -> [u8; 32] {
        match leaves {
            [] => sha256(&[]),
            [leaf] => sha256(&[&[0], leaf.as_bytes()]),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                sha256(&[&[1], &by_definition(left), &by_definition(right)])
            }
        }
    }

    /// The same shape, joined as RFC 4998 asks.
    fn record_by_definition(leaves: &[String]) -> [u8; 32] {
        match leaves {
            [] => sha256(&[]),
            [leaf] => sha256(&[leaf.as_bytes()]),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                let mut pair = [record_by_definition(left), record_by_definition(right)];
                pair.sort_unstable();
                sha256(&[&pair[0], &pair[1]])
            }
        }
    }

    #[test]
    fn the_counter_gives_the_roots_of_the_definitions() {
        for count in 0..70u32 {
            let leaves: Vec<String> = (0..count).map(|n| n.to_string()).collect();
            let mut tree = Tree::default();
            leaves.iter().for_each(|leaf| tree.add_page(leaf));
            let root = Digest::from_bytes(by_definition(&leaves));
            assert_eq!(tree.root(), root, "{count} leaves");
            let root = Digest::from_bytes(record_by_definition(&leaves));
            assert_eq!(tree.record_root(), root, "{count} leaves");
            assert_eq!(tree.leaves(), u64::from(count));
        }
    }

    #[test]
    fn the_levels_are_the_leaves_and_every_full_subtree_of_256() {
        let leaves: Vec<String> = (0..600).map(|n: u32| n.to_string()).collect();
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.add_page(leaf));
        let files = tree.files();
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["rfc4998.0", "rfc4998.1", "rfc9162.0", "rfc9162.1"]);
        let full = [&leaves[..256], &leaves[256..512]].map(by_definition);
        assert_eq!(files["rfc9162.1"], Digest::of(full.concat().as_slice()));
        let bottom: Vec<u8> = leaves
            .iter()
            .flat_map(|leaf| sha256(&[leaf.as_bytes()]))
            .collect();
        assert_eq!(files["rfc4998.0"], Digest::of(&bottom));
    }
}
