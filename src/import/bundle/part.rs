//! The line that a part begins with.

use std::io::{BufRead, Read};

use serde::{Deserialize, Serialize};

use crate::model::Digest;

/// How the files of parts are named: `<bundle>-0001.sohoa`.
pub const EXTENSION: &str = "sohoa";

/// The longest first line; ours have some 300 bytes.
pub(super) const HEAD_BYTES: u64 = 1 << 10;

/// The version of a part's shape.
pub(super) const BUNDLE_VERSION: u32 = 1;

/// What a part says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartHead {
    /// Now 1.
    pub v: u32,
    /// Which bundle: a digest over what it holds.
    pub bundle: Digest,
    /// SHA-256 of the `batch.json` inside.
    pub batch: Digest,
    /// Which part, from 1.
    pub part: u32,
    /// Nothing comes behind it.
    pub last: bool,
    /// Where its bytes lie in the stream.
    pub offset: u64,
    /// How many bytes follow the line.
    pub bytes: u64,
    /// SHA-256 of those bytes.
    pub sha256: Digest,
}

impl PartHead {
    /// Reads the line from a part's beginning; none where it is no part.
    pub fn read(source: &mut impl BufRead) -> std::io::Result<Option<Self>> {
        let mut line = Vec::new();
        source.take(HEAD_BYTES).read_until(b'\n', &mut line)?;
        let head: Option<Self> = serde_json::from_slice(&line).ok();
        let known = |head: &Self| head.v == BUNDLE_VERSION && head.part > 0;
        Ok(head.filter(|head| line.ends_with(b"\n") && known(head)))
    }

    /// The line, its end included.
    pub(super) fn line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("numbers and digests serialize");
        line.push(b'\n');
        line
    }

    /// The name of the part's file.
    pub(super) fn file_name(&self) -> String {
        format!("{}-{:04}.{EXTENSION}", self.bundle.short(), self.part)
    }
}
