//! The province's log: one entry a delivered batch, append-only, in a folder (docs/evidence.md).
//!
//! The folder is a static log of c2sp.org/tlog-tiles: entries, hash tiles and a signed
//! checkpoint, all plain files that any web server can show. The checkpoint's rename is the one
//! moment at which an entry is in the log: tiles written before it that it does not cover are
//! leftovers of a death, which nobody reads and the next entry overwrites. Two writers are
//! refused by a lock.

mod fault;
#[cfg(test)]
mod tests;
mod tiles;

use std::fs;
use std::path::{Path, PathBuf};

use crate::formats::merkle::{Join, StoredTree, leaf_hash};
use crate::formats::tlog::{self, Checkpoint, LogKey};
use crate::model::Digest;
use crate::stages::package::durable;
use crate::stages::package::owner::{Lock, LockRefusal};

pub use fault::LogFault;
use tiles::Tiles;

const CHECKPOINT: &str = "checkpoint";
/// The line by which others know the log's key, for whoever audits it.
const PUBLIC_KEY: &str = "log.vkey";
const LOCK: &str = ".lock";

/// What a log says of a batch: which header, which tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchEntry {
    /// SHA-256 of `batch.json`.
    pub header: Digest,
    /// Root of the batch's tree of RFC 9162.
    pub root: Digest,
    /// Leaves under it.
    pub leaves: u64,
}

impl BatchEntry {
    /// The entry as it stands in the log: an ASCII line without a line end.
    pub fn line(&self) -> String {
        format!(
            "sohoa.v1 batch {} {} {}",
            self.header, self.root, self.leaves
        )
    }
}

/// What became of a batch that was to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// Number of its entry, from 0.
    pub index: u64,
    /// Entries in the log now.
    pub size: u64,
    /// True where the log had it already.
    pub known: bool,
    /// The proof of it, to be kept with the batch (c2sp.org/tlog-proof).
    pub receipt: String,
}

/// A log that this process owns.
pub struct Log {
    folder: PathBuf,
    key: LogKey,
    checkpoint: Checkpoint,
    _lock: Lock,
}

impl Log {
    /// Begins a log without entries in a folder that has none yet.
    pub fn begin(folder: &Path, key: &LogKey) -> Result<(), LogFault> {
        durable::create_folder(folder)?;
        let _lock = take_lock(folder)?;
        let place = folder.join(CHECKPOINT);
        if place.exists() {
            return Err(LogFault::Exists { path: place });
        }
        put(
            &folder.join(PUBLIC_KEY),
            (key.public_line() + "\n").as_bytes(),
        )?;
        let empty = Checkpoint {
            origin: key.origin().to_owned(),
            size: 0,
            root: Digest::of(b""),
        };
        put(&place, empty.signed(key).as_bytes())
    }

    /// The name of the log in a folder, unproven: whoever opens it holds its key.
    pub fn origin_of(folder: &Path) -> Result<String, LogFault> {
        let note = read_checkpoint(folder)?;
        let read = Checkpoint::read(&note);
        read.map(|checkpoint| checkpoint.origin)
            .ok_or_else(|| damaged(folder, "checkpoint"))
    }

    /// Opens a log to add to it. The checkpoint must be what this key wrote, and the tiles must
    /// lead to its root: a log that is damaged is not signed again.
    pub fn open(folder: &Path, key: LogKey) -> Result<Self, LogFault> {
        let lock = take_lock(folder)?;
        let note = read_checkpoint(folder)?;
        if !key.wrote(&note) {
            let path = folder.join(CHECKPOINT);
            return Err(LogFault::OtherKey { path });
        }
        let checkpoint = Checkpoint::read(&note).ok_or_else(|| damaged(folder, "checkpoint"))?;
        let log = Self {
            folder: folder.to_owned(),
            key,
            checkpoint,
            _lock: lock,
        };
        match log.tree(&log.tiles()).root() {
            Ok(root) if root == log.checkpoint.root => Ok(log),
            Ok(_) => Err(damaged(folder, "root")),
            Err(cause) => Err(damaged(folder, &cause.kind().to_string())),
        }
    }

    /// Adds a batch, unless its very entry is there already, and gives its proof.
    pub fn add(&mut self, entry: &BatchEntry) -> Result<Added, LogFault> {
        let line = entry.line();
        let leaf = leaf_hash(line.as_bytes());
        let known = self.tiles().position(&leaf).map_err(self.at())?;
        let index = match known {
            Some(index) => index,
            None => self.append(&line, leaf)?,
        };
        Ok(Added {
            index,
            size: self.checkpoint.size,
            known: known.is_some(),
            receipt: self.receipt(index)?,
        })
    }

    /// The proof that the log of `old` entries was only added to.
    pub fn consistency(&self, old: u64) -> Result<String, LogFault> {
        let tiles = self.tiles();
        let path = self.tree(&tiles).consistency(old).map_err(self.at())?;
        let checkpoint = self.checkpoint.signed(&self.key);
        Ok(tlog::consistency(old, &path, &checkpoint))
    }

    /// The proof of an entry in the log as it is now.
    fn receipt(&self, index: u64) -> Result<String, LogFault> {
        let tiles = self.tiles();
        let path = self.tree(&tiles).inclusion(index).map_err(self.at())?;
        let checkpoint = self.checkpoint.signed(&self.key);
        Ok(tlog::inclusion(None, index, &path, &checkpoint))
    }

    fn append(&mut self, line: &str, leaf: Digest) -> Result<u64, LogFault> {
        let index = self.checkpoint.size;
        self.tiles().append(line.as_bytes(), leaf)?;
        let mut grown = Checkpoint {
            size: index + 1,
            ..self.checkpoint.clone()
        };
        let tiles = Tiles::of(&self.folder, grown.size);
        grown.root = tree(&tiles, grown.size).root().map_err(self.at())?;
        put(
            &self.folder.join(CHECKPOINT),
            grown.signed(&self.key).as_bytes(),
        )?;
        self.checkpoint = grown;
        tiles.tidy();
        Ok(index)
    }

    fn tiles(&self) -> Tiles {
        Tiles::of(&self.folder, self.checkpoint.size)
    }

    fn tree<'t>(&self, tiles: &'t Tiles) -> StoredTree<'t> {
        tree(tiles, self.checkpoint.size)
    }

    fn at(&self) -> impl Fn(std::io::Error) -> LogFault + use<> {
        let folder = self.folder.clone();
        move |cause| LogFault::at(&folder)(cause)
    }
}

fn tree(tiles: &Tiles, leaves: u64) -> StoredTree<'_> {
    StoredTree {
        stored: tiles,
        join: Join::Rfc9162,
        leaves,
    }
}

fn damaged(folder: &Path, what: &str) -> LogFault {
    LogFault::Damaged {
        path: folder.to_owned(),
        what: what.to_owned(),
    }
}

fn read_checkpoint(folder: &Path) -> Result<String, LogFault> {
    let path = folder.join(CHECKPOINT);
    match fs::read_to_string(&path) {
        Ok(note) => Ok(note),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Err(LogFault::NoLog {
            path: folder.to_owned(),
        }),
        Err(cause) => Err(LogFault::at(&path)(cause)),
    }
}

/// Writes under a name of its own, forces it to the disk, renames.
fn put(place: &Path, bytes: &[u8]) -> Result<(), LogFault> {
    let half = place.with_added_extension("new");
    durable::write_new(&half, bytes)?;
    Ok(durable::rename(&half, place)?)
}

fn take_lock(folder: &Path) -> Result<Lock, LogFault> {
    let path = folder.join(LOCK);
    Lock::take(&path).map_err(|refusal| match refusal {
        LockRefusal::Held(owner) => LogFault::Locked { owner },
        LockRefusal::Io(cause) if cause.kind() == std::io::ErrorKind::NotFound => LogFault::NoLog {
            path: folder.to_owned(),
        },
        LockRefusal::Io(cause) => LogFault::at(&path)(cause),
    })
}
