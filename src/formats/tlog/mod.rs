//! Transparency logs as C2SP writes them: signed notes, checkpoints, proofs in text.
//!
//! c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-proof and, for consistency, the
//! request of c2sp.org/tlog-witness. Signatures are Ed25519 (RFC 8032), the algorithm that every
//! reader of these formats knows, with a key of the log's own: what a log signs is its size and
//! root, never a document, so it needs no certificate and no token.

mod key;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::Digest;

pub use key::{LogKey, LogKeyFault, is_origin};

/// The first line of a proof.
const PROOF: &str = "c2sp.org/tlog-proof@v1";

/// The head of a log: what it says of its size and root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// Entries in it.
    pub size: u64,
    /// The root over them (RFC 9162, 2.1.1).
    pub root: Digest,
}

impl Checkpoint {
    /// The note's text, with its last line feed.
    pub fn text(&self) -> String {
        let root = STANDARD.encode(self.root.as_bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Signs it: the whole note.
    pub fn signed(&self, key: &LogKey) -> String {
        key.sign_note(&self.text())
    }

    /// Reads the text of a note that this log itself wrote and signed.
    ///
    /// Signatures are the auditor's to check; a writer only asks whether the note is what its
    /// own key gives ([`LogKey::wrote`]).
    pub fn read(note: &str) -> Option<Self> {
        let (text, _) = note.split_once("\n\n")?;
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root: [u8; 32] = STANDARD.decode(root).ok()?.try_into().ok()?;
        Some(Self {
            origin: origin.to_owned(),
            size: size.parse().ok()?,
            root: Digest::from_bytes(root),
        })
    }
}

/// A proof that an entry is in the log (c2sp.org/tlog-proof); `extra` is for whoever needs more
/// to find the entry's bytes.
pub fn inclusion(extra: Option<&[u8]>, index: u64, path: &[Digest], checkpoint: &str) -> String {
    let extra = extra.map_or(String::new(), |extra| {
        format!("extra {}\n", STANDARD.encode(extra))
    });
    format!(
        "{PROOF}\n{extra}index {index}\n{}\n{checkpoint}",
        lines(path)
    )
}

/// A proof without extra data, with it.
pub fn with_extra(proof: &str, extra: &[u8]) -> Option<String> {
    let rest = proof.strip_prefix(PROOF)?.strip_prefix("\nindex ")?;
    Some(format!(
        "{PROOF}\nextra {}\nindex {rest}",
        STANDARD.encode(extra)
    ))
}

/// A proof that the log of `old` entries was only added to (the request of c2sp.org/tlog-witness).
pub fn consistency(old: u64, path: &[Digest], checkpoint: &str) -> String {
    format!("old {old}\n{}\n{checkpoint}", lines(path))
}

fn lines(path: &[Digest]) -> String {
    let line = |digest: &Digest| STANDARD.encode(digest.as_bytes()) + "\n";
    path.iter().map(line).collect()
}
