//! The manifest as it was verified: read a second time, and held block by block against the first.
//!
//! The auditor reads the file and is done; what enters the database is read again. So that nobody can put
//! other lines in between, a first pass must give the verified digest and keeps one digest a block, and the
//! second gives out only blocks that have theirs.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use super::ImportFault;
use crate::model::{Digest, Digester};

/// The manifest's name in a delivery.
const MANIFEST: &str = "manifest.jsonl";

/// What has one digest: 32 bytes of memory for each MiB of manifest.
const BLOCK_BYTES: u64 = 1 << 20;

/// A manifest whose bytes were seen to have the verified digest.
pub struct HeldManifest {
    file: File,
    blocks: std::vec::IntoIter<Digest>,
    block: io::Cursor<Vec<u8>>,
}

impl HeldManifest {
    /// Opens the manifest of a delivery, whose digest was verified to be this.
    pub fn open(delivery: &Path, verified: &Digest) -> Result<Self, ImportFault> {
        let path = delivery.join(MANIFEST);
        let failed = |cause| ImportFault::unreadable(&path, &cause);
        let mut file = File::open(&path).map_err(failed)?;
        let (mut whole, mut blocks) = (Digester::new(), Vec::new());
        loop {
            let block = next_block(&mut file).map_err(failed)?;
            if block.is_empty() {
                break;
            }
            whole.update(&block);
            blocks.push(Digest::of(&block));
        }
        if whole.finish() != *verified {
            return Err(ImportFault::Changed);
        }
        file.rewind().map_err(failed)?;
        Ok(Self {
            file,
            blocks: blocks.into_iter(),
            block: io::Cursor::new(Vec::new()),
        })
    }

    /// Calls `each` with every line, its end included.
    pub fn each_line(
        self,
        mut each: impl FnMut(&[u8]) -> Result<(), ImportFault>,
    ) -> Result<(), ImportFault> {
        let mut reader = BufReader::new(self);
        let mut line = Vec::new();
        loop {
            line.clear();
            match reader.read_until(b'\n', &mut line) {
                Ok(0) => return Ok(()),
                Ok(_) => each(&line)?,
                Err(fault) if fault.kind() == io::ErrorKind::InvalidData => {
                    return Err(ImportFault::Changed);
                }
                Err(fault) => return Err(ImportFault::unreadable(Path::new(MANIFEST), &fault)),
            }
        }
    }
}

fn next_block(file: &mut File) -> io::Result<Vec<u8>> {
    let mut block = Vec::with_capacity(BLOCK_BYTES as usize);
    file.take(BLOCK_BYTES).read_to_end(&mut block)?;
    Ok(block)
}

impl Read for HeldManifest {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.block.position() == self.block.get_ref().len() as u64 {
            let block = next_block(&mut self.file)?;
            let held = self.blocks.next();
            let fits = match held {
                None => block.is_empty(),
                Some(digest) => digest == Digest::of(&block),
            };
            if !fits {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.block = io::Cursor::new(block);
        }
        self.block.read(into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    fn written(text: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join(MANIFEST), text).expect("writes");
        folder
    }

    #[test]
    fn lines_come_whole_across_blocks() {
        let text: Vec<u8> = (0..400_000u32)
            .flat_map(|n| format!("{n}\n").into_bytes())
            .collect();
        assert!(text.len() as u64 > 2 * BLOCK_BYTES);
        let folder = written(&text);
        let held = HeldManifest::open(folder.path(), &Digest::of(&text)).expect("opens");
        let mut read = Vec::new();
        held.each_line(|line| {
            read.extend_from_slice(line);
            Ok(())
        })
        .expect("reads");
        assert_eq!(read, text);
    }

    #[test]
    fn other_bytes_than_the_verified_ones_are_never_given_out() {
        let text = b"one\ntwo\n";
        let folder = written(b"one\nthree\n");
        let refused = HeldManifest::open(folder.path(), &Digest::of(text)).err();
        assert!(matches!(refused, Some(ImportFault::Changed)));
        let folder = written(text);
        let held = HeldManifest::open(folder.path(), &Digest::of(text)).expect("opens");
        let file = File::options()
            .write(true)
            .open(folder.path().join(MANIFEST));
        file.expect("opens").write_at(b"T", 4).expect("writes");
        let mut lines = 0;
        let read = held.each_line(|_| {
            lines += 1;
            Ok(())
        });
        assert!(matches!(read, Err(ImportFault::Changed)) && lines == 0);
    }
}
