//! The files of a log: hash tiles and bundles of entries (c2sp.org/tlog-tiles).
//!
//! `tile/<level>/<number>` holds 256 digests, `tile/entries/<number>` 256 entries; the last of
//! each is partial and bears its width: `tile/0/000.p/5`. A partial file is never changed, a
//! wider one is written beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::fault::LogFault;
use crate::formats::merkle::{FANOUT, Join, Stored, TreeBuilder};
use crate::model::Digest;
use crate::stages::package::durable;

const DIGEST_BYTES: usize = 32;

/// The files of a log of so many entries.
pub struct Tiles {
    folder: PathBuf,
    size: u64,
}

impl Tiles {
    /// Of the log in this folder.
    pub fn of(folder: &Path, size: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            size,
        }
    }

    /// Adds an entry behind the last: bundle, tile and every tile above that it completes a node of.
    pub fn append(&self, entry: &[u8], leaf: Digest) -> Result<(), LogFault> {
        let length = u16::try_from(entry.len()).expect("an entry of ours is a short line");
        let entry = [&length.to_be_bytes(), entry].concat();
        self.grow("entries", self.size, &entry)?;
        let (mut node, mut before) = (leaf, self.size);
        for level in 0.. {
            let tile = self.grow(&level.to_string(), before, node.as_bytes())?;
            if !(before + 1).is_multiple_of(FANOUT) {
                break;
            }
            node = root_of(&tile);
            before /= FANOUT;
        }
        Ok(())
    }

    /// Writes the file that holds number `before` anew with one more behind it; gives its bytes.
    fn grow(&self, level: &str, before: u64, more: &[u8]) -> Result<Vec<u8>, LogFault> {
        let (number, width) = (before / FANOUT, before % FANOUT);
        let mut bytes = Vec::new();
        if width > 0 {
            let path = self.path(level, number, width);
            bytes = fs::read(&path).map_err(LogFault::at(&path))?;
        }
        bytes.extend_from_slice(more);
        let path = self.path(level, number, width + 1);
        let above = path.parent().unwrap_or(&self.folder);
        let fresh = !above.exists();
        durable::create_folder(above)?;
        super::put(&path, &bytes)?;
        // New folders on the way: their names have to be on the disk before the checkpoint is.
        let ours = |folder: &&Path| fresh && folder.starts_with(&self.folder);
        for folder in above.ancestors().take_while(ours) {
            durable::sync_folder(folder)?;
        }
        Ok(bytes)
    }

    /// Takes away the partial files of what is full now; what cannot be taken away harms nobody.
    pub fn tidy(&self) {
        let mut full = self.size;
        for level in std::iter::once("entries".to_owned()).chain((0..8).map(|l: u32| l.to_string()))
        {
            if level != "entries" && level != "0" {
                full /= FANOUT;
            }
            if full > 0 && full.is_multiple_of(FANOUT) {
                let number = full / FANOUT - 1;
                let _ = fs::remove_dir_all(partials(&self.path(&level, number, FANOUT)));
            }
        }
    }

    /// The number of the entry with this hash.
    pub fn position(&self, leaf: &Digest) -> io::Result<Option<u64>> {
        let mut from = 0;
        while from < self.size {
            let count = FANOUT.min(self.size - from);
            let found = self.digests(0, from, count)?;
            if let Some(at) = found.iter().position(|stored| stored == leaf) {
                return Ok(Some(from + at as u64));
            }
            from += count;
        }
        Ok(None)
    }

    fn path(&self, level: &str, number: u64, width: u64) -> PathBuf {
        let full = self.folder.join("tile").join(level).join(name_of(number));
        if width == FANOUT {
            full
        } else {
            partials(&full).join(width.to_string())
        }
    }
}

fn partials(full: &Path) -> PathBuf {
    full.with_added_extension("p")
}

/// 1234067 → `x001/x234/067`.
fn name_of(number: u64) -> String {
    let mut name = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        name = format!("x{:03}/{name}", rest % 1000);
        rest /= 1000;
    }
    name
}

fn root_of(tile: &[u8]) -> Digest {
    let mut tree = TreeBuilder::joined_by(Join::Rfc9162);
    digests_of(tile)
        .into_iter()
        .for_each(|node| tree.push_hash(node));
    tree.root()
}

fn digests_of(bytes: &[u8]) -> Vec<Digest> {
    let raw = bytes.chunks_exact(DIGEST_BYTES);
    let digests = raw.map(|raw| raw.try_into().map(Digest::from_bytes));
    digests
        .map(|digest| digest.expect("32 bytes a chunk"))
        .collect()
}

impl Stored for Tiles {
    fn digests(&self, level: u32, from: u64, count: u64) -> io::Result<Vec<Digest>> {
        let (number, first) = (from / FANOUT, (from % FANOUT) as usize);
        let nodes = self.size >> (8 * level);
        let width = nodes.saturating_sub(number * FANOUT).min(FANOUT);
        let bytes = fs::read(self.path(&level.to_string(), number, width))?;
        if bytes.len() != width as usize * DIGEST_BYTES {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let digests = digests_of(&bytes);
        let asked = digests.get(first..first + count as usize);
        Ok(asked.ok_or(io::ErrorKind::UnexpectedEof)?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_the_specification_does() {
        let named = [
            (0, "000"),
            (999, "999"),
            (1000, "x001/000"),
            (1_234_067, "x001/x234/067"),
        ];
        for (number, name) in named {
            assert_eq!(name_of(number), name);
        }
    }
}
