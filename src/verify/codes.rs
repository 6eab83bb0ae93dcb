//! Which dossiers a batch has, for telling a code that stands twice and a folder that no line names.
//!
//! Of each code 16 bytes of its SHA-256 are kept: a million dossiers take some 40 MB so, whatever their codes look like.
//! Two codes with the same 16 bytes would be told as one that stands twice; whoever looks for such a pair (2^64 tries)
//! has only made a package that does not verify.

use std::collections::HashSet;

use crate::model::Digest;

const KEPT_BYTES: usize = 16;

/// The codes of the packaged dossiers.
#[derive(Default)]
pub struct Codes(HashSet<[u8; KEPT_BYTES]>);

impl Codes {
    /// Takes one; false where it stood there already.
    pub fn insert(&mut self, code: &str) -> bool {
        self.0.insert(short(code))
    }

    /// Whether it was taken.
    pub fn contains(&self, code: &str) -> bool {
        self.0.contains(&short(code))
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn short(code: &str) -> [u8; KEPT_BYTES] {
    let digest = Digest::of(code.as_bytes());
    let (kept, _) = digest.as_bytes().split_at(KEPT_BYTES);
    kept.try_into().expect("as long as that")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_new_once() {
        let mut codes = Codes::default();
        assert!(codes.is_empty() && codes.insert("H10.12-261120-0001"));
        assert!(!codes.insert("H10.12-261120-0001"));
        assert!(codes.insert("H10.12-261120-0002"));
        assert!(codes.contains("H10.12-261120-0001") && !codes.contains("H10.12-261120-0003"));
    }
}
