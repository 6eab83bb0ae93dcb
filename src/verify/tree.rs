//! The auditor's own Merkle tree (RFC 6962, section 2.1) over the claims of the manifest.
//!
//! It shares nothing with the writer's: here the tree is a binary counter, slot
//! *k* holding the root of a perfect subtree of 2^k leaves. The leaves are built
//! from what the manifest says; each of those digests is held against the bytes
//! elsewhere, so a true root over true claims is a true root over the bytes.

use ring::digest::{Context, SHA256};

use crate::model::manifest::{DossierRecord, Fate, PageRecord};
use crate::model::{Digest, DossierCode};

/// A tree that is fed leaf by leaf.
#[derive(Default)]
pub struct Tree {
    slots: Vec<Option<[u8; 32]>>,
    leaves: u64,
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0u8; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

impl Tree {
    /// Adds one leaf: a carry in the binary counter.
    pub fn add(&mut self, leaf: &str) {
        self.leaves += 1;
        let mut carry = sha256(&[&[0], leaf.as_bytes()]);
        for slot in &mut self.slots {
            match slot.take() {
                Some(left) => carry = sha256(&[&[1], &left, &carry]),
                None => {
                    *slot = Some(carry);
                    return;
                }
            }
        }
        self.slots.push(Some(carry));
    }

    /// Leaves added.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The root: the subtrees joined from the smallest (rightmost) up.
    pub fn root(&self) -> Digest {
        let mut subtrees = self.slots.iter().flatten();
        let Some(smallest) = subtrees.next() else {
            return Digest::from_bytes(sha256(&[]));
        };
        let root = subtrees.fold(*smallest, |right, left| sha256(&[&[1], left, &right]));
        Digest::from_bytes(root)
    }

    /// Adds the leaves of one packaged dossier: containers, sources, pages, documents.
    pub fn add_dossier(&mut self, code: &DossierCode, record: &DossierRecord) {
        for (number, container) in (1..).zip(&record.containers) {
            let number: u64 = number;
            let leaf = format!("sohoa.v1 container {code} {number} {}", container.sha256);
            self.add(&leaf);
        }
        for (number, source) in (1..).zip(&record.sources) {
            let number: u64 = number;
            self.add(&format!("sohoa.v1 scan {code} {number} {}", source.sha256));
        }
        for page in &record.pages {
            self.add(&page_leaf(code, page));
        }
        for document in &record.documents {
            let (n, sha256) = (document.n, document.sha256);
            self.add(&format!("sohoa.v1 file {code} {n} {sha256}"));
            if let Some(text) = &document.text {
                self.add(&format!("sohoa.v1 text {code} {n} {}", text.sha256));
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

    /// RFC 6962, 2.1, word for word: split at the largest power of two below n.
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

    #[test]
    fn the_counter_gives_the_root_of_the_definition() {
        for count in 0..70u32 {
            let leaves: Vec<String> = (0..count).map(|n| n.to_string()).collect();
            let mut tree = Tree::default();
            leaves.iter().for_each(|leaf| tree.add(leaf));
            let root = Digest::from_bytes(by_definition(&leaves));
            assert_eq!(tree.root(), root, "{count} leaves");
            assert_eq!(tree.leaves(), u64::from(count));
        }
    }
}
