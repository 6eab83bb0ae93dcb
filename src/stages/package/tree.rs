//! `OUT/tree`: the batch's two hash trees as files, so that a proof needs no second look at the batch.
//!
//! A file a tree and level (`rfc9162.0`, `rfc4998.1` …), raw digests end to end
//! (docs/manifest.md, "Evidence"). They repeat what the manifest says and are written anew with it.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::evidence::Leaf;
use super::{PackageFault, durable};
use crate::formats::merkle::{Join, Levels, Stored, TreeBuilder, leaf_hash};
use crate::model::Digest;

/// The folder of the trees in a package.
pub const TREE: &str = "tree";

/// Bytes of a digest.
const DIGEST_BYTES: u64 = 32;

/// The files of one tree: `tree/rfc9162.` and the level.
pub fn level_file(join: Join, level: usize) -> String {
    match join {
        Join::Rfc9162 => format!("rfc9162.{level}"),
        Join::Rfc4998 => format!("rfc4998.{level}"),
    }
}

/// Both trees in the making, in a folder that nobody reads yet.
pub struct TreeFiles {
    rfc9162: LevelFiles,
    rfc4998: LevelFiles,
}

impl TreeFiles {
    /// Begins in this folder, which is made anew.
    pub fn begin(folder: &Path) -> Result<Self, PackageFault> {
        durable::remove(folder)?;
        durable::create_folder(folder)?;
        Ok(Self {
            rfc9162: LevelFiles::begin(folder, Join::Rfc9162),
            rfc4998: LevelFiles::begin(folder, Join::Rfc4998),
        })
    }

    /// Adds a leaf to both.
    pub fn push(&mut self, leaf: &Leaf) -> Result<(), PackageFault> {
        self.rfc9162.push(leaf_hash(leaf.line.as_bytes()))?;
        self.rfc4998.push(leaf.object)
    }

    /// Forces all to the disk; gives the tree of RFC 9162.
    pub fn finish(self) -> Result<TreeBuilder, PackageFault> {
        let folder = self.rfc9162.folder.clone();
        let tree = self.rfc9162.finish()?;
        self.rfc4998.finish()?;
        durable::sync_folder(&folder)?;
        Ok(tree)
    }
}

struct LevelFiles {
    folder: PathBuf,
    join: Join,
    levels: Levels,
    whole: TreeBuilder,
    files: Vec<(PathBuf, BufWriter<File>)>,
}

impl LevelFiles {
    fn begin(folder: &Path, join: Join) -> Self {
        Self {
            folder: folder.to_owned(),
            join,
            levels: Levels::joined_by(join),
            whole: TreeBuilder::joined_by(join),
            files: Vec::new(),
        }
    }

    fn push(&mut self, leaf: Digest) -> Result<(), PackageFault> {
        self.whole.push_hash(leaf);
        let (folder, join, files) = (&self.folder, self.join, &mut self.files);
        self.levels.push(leaf, &mut |level, node: Digest| {
            if files.len() == level {
                let path = folder.join(level_file(join, level));
                let file = File::create(&path).map_err(PackageFault::at(&path))?;
                files.push((path, BufWriter::new(file)));
            }
            let (path, file) = &mut files[level];
            file.write_all(node.as_bytes())
                .map_err(PackageFault::at(path))
        })
    }

    fn finish(self) -> Result<TreeBuilder, PackageFault> {
        for (path, file) in self.files {
            let flushed = file.into_inner().map_err(io::IntoInnerError::into_error);
            flushed
                .and_then(|file| file.sync_all())
                .map_err(PackageFault::at(&path))?;
        }
        Ok(self.whole)
    }
}

/// A tree of a package as its files hold it.
pub struct StoredLevels {
    folder: PathBuf,
    join: Join,
}

impl StoredLevels {
    /// Of the package in this folder.
    pub fn of(out: &Path, join: Join) -> Self {
        Self {
            folder: out.join(TREE),
            join,
        }
    }

    /// The number of the leaf with this hash, looked for from the first on.
    pub fn position(&self, leaf: &Digest) -> io::Result<Option<u64>> {
        let mut file = File::open(self.folder.join(level_file(self.join, 0)))?;
        let mut part = vec![0; 8192 * DIGEST_BYTES as usize];
        let mut before = 0;
        loop {
            let read = read_up_to(&mut file, &mut part)?;
            let mut leaves = part[..read].chunks_exact(DIGEST_BYTES as usize);
            let found = leaves.position(|stored| stored == leaf.as_bytes());
            match found {
                Some(at) => return Ok(Some(before + at as u64)),
                None if read < part.len() => return Ok(None),
                None => before += read as u64 / DIGEST_BYTES,
            }
        }
    }
}

fn read_up_to(file: &mut File, part: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < part.len() {
        match file.read(&mut part[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

impl Stored for StoredLevels {
    fn digests(&self, level: u32, from: u64, count: u64) -> io::Result<Vec<Digest>> {
        let name = level_file(self.join, level as usize);
        let mut file = File::open(self.folder.join(name))?;
        file.seek(SeekFrom::Start(from * DIGEST_BYTES))?;
        let mut bytes = vec![0; (count * DIGEST_BYTES) as usize];
        file.read_exact(&mut bytes)?;
        let digests = bytes.chunks_exact(DIGEST_BYTES as usize);
        let digests = digests.map(|raw| raw.try_into().map(Digest::from_bytes));
        Ok(digests.map(|d| d.expect("32 bytes a chunk")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::merkle::StoredTree;
    use crate::stages::package::evidence::Subject;

    fn leaf(number: u64) -> Leaf {
        let line = format!("sohoa.v1 file H10.12-261120-0001 {number}");
        Leaf {
            subject: Subject::File(number as u32),
            object: Digest::of(line.as_bytes()),
            line,
            bytes: Some(1),
        }
    }

    #[test]
    fn the_files_give_leaves_back_by_their_hash_and_lead_to_the_root() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut files = TreeFiles::begin(&folder.path().join(TREE)).expect("begins");
        let mut whole = TreeBuilder::joined_by(Join::Rfc4998);
        // More than one reading holds.
        let leaves = 8192 + 700;
        for number in 0..leaves {
            files.push(&leaf(number)).expect("writes");
            whole.push_hash(leaf(number).object);
        }
        let rfc9162 = files.finish().expect("ends");
        for (join, root) in [
            (Join::Rfc9162, rfc9162.root()),
            (Join::Rfc4998, whole.root()),
        ] {
            let stored = StoredLevels::of(folder.path(), join);
            let tree = StoredTree {
                stored: &stored,
                join,
                leaves,
            };
            assert_eq!(tree.root().expect("stored"), root);
        }
        let stored = StoredLevels::of(folder.path(), Join::Rfc4998);
        for number in [0, 1, 8191, 8192, leaves - 1] {
            let at = stored.position(&leaf(number).object).expect("reads");
            assert_eq!(at, Some(number));
        }
        let foreign = stored.position(&Digest::of(b"foreign")).expect("reads");
        assert_eq!(foreign, None);
    }
}
