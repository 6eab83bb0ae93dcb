//! A proof that an entry is in a log (c2sp.org/tlog-proof), read strictly.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::note::{Head, LogPublicKey, NoteFlaw};
use crate::model::Digest;
use crate::verify::limits;
use crate::verify::proof::{follow, sha256};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// What a proof says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// What whoever wrote it added; proves nothing by itself.
    pub extra: Option<Vec<u8>>,
    /// Number of the entry, from 0.
    pub index: u64,
    /// The way up, the entry's sibling first.
    pub path: Vec<Digest>,
    /// The log's head.
    pub head: Head,
}

/// Why it proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogProofFlaw {
    /// No proof, or one of a later version.
    #[error("no proof of version 1")]
    NotAProof,
    /// A line that the format does not have there.
    #[error("a line that is out of place")]
    Line,
    /// The log's head.
    #[error("checkpoint: {0}")]
    Note(#[from] NoteFlaw),
    /// The path does not lead from the entry to the head's root.
    #[error("path does not lead to the root")]
    Path,
}

impl LogProof {
    /// Reads a proof; the head's signature is checked where a key is given.
    pub fn read(text: &str, key: Option<&LogPublicKey>) -> Result<Self, LogProofFlaw> {
        let (proof, note) = text.split_once("\n\n").ok_or(LogProofFlaw::NotAProof)?;
        let mut lines = proof.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(LogProofFlaw::NotAProof);
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra.map(|line| STANDARD.decode(&line["extra ".len()..]));
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(|text| {
            let number: u64 = text.parse().ok()?;
            (number.to_string() == text).then_some(number)
        });
        let steps: Option<Vec<Digest>> = lines.map(step).collect();
        Ok(Self {
            extra: extra.transpose().map_err(|_| LogProofFlaw::Line)?,
            index: index.ok_or(LogProofFlaw::Line)?,
            path: steps
                .filter(|s| s.len() <= limits::PROOF_STEPS)
                .ok_or(LogProofFlaw::Line)?,
            head: Head::read(note, key)?,
        })
    }

    /// Holds it against the entry that it is said to be of.
    pub fn proves(&self, entry: &str) -> Result<(), LogProofFlaw> {
        let leaf = sha256(&[&[0], entry.as_bytes()]);
        let reached = follow(leaf, self.index, self.head.size, &self.path);
        match reached {
            Some(root) if root == self.head.root => Ok(()),
            _ => Err(LogProofFlaw::Path),
        }
    }
}

fn step(line: &str) -> Option<Digest> {
    let raw: [u8; 32] = STANDARD.decode(line).ok()?.try_into().ok()?;
    Some(Digest::from_bytes(raw))
}
