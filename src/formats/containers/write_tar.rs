//! TAR written as a stream: ustar (POSIX.1-2001), nothing in it but names and bytes, so the same files give the
//! same archive.

use std::io::{self, Read, Write};

const BLOCK_BYTES: usize = 512;

/// The most bytes that eleven octal digits tell.
const OCTAL_BYTES: u64 = 1 << 33;

/// Writes one file after the other.
pub struct TarWriter<W> {
    sink: W,
}

impl<W: Write> TarWriter<W> {
    /// Begins an archive.
    pub fn new(sink: W) -> Self {
        Self { sink }
    }

    /// Adds a file of exactly so many bytes. Paths have at most 255 ASCII bytes with a slash where they can
    /// be cut into 155 and 100; no others fit a ustar header.
    pub fn file(
        &mut self,
        path: &str,
        length_bytes: u64,
        content: &mut dyn Read,
    ) -> io::Result<()> {
        let header = header(path, length_bytes);
        let header =
            header.ok_or_else(|| io::Error::other(format!("{path}: too long for ustar")))?;
        self.sink.write_all(&header)?;
        let copied = io::copy(&mut content.take(length_bytes), &mut self.sink)?;
        if copied < length_bytes {
            return Err(io::Error::other(format!("{path} became shorter")));
        }
        let padding = length_bytes.next_multiple_of(BLOCK_BYTES as u64) - length_bytes;
        self.sink.write_all(&[0; BLOCK_BYTES][..padding as usize])
    }

    /// Ends the archive with two blocks of zeros and gives back what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.sink.write_all(&[0; 2 * BLOCK_BYTES])?;
        Ok(self.sink)
    }
}

/// A header of a plain file, owned by nobody, from no time.
fn header(path: &str, length_bytes: u64) -> Option<[u8; BLOCK_BYTES]> {
    let (prefix, name) = cut(path)?;
    let mut block = [0; BLOCK_BYTES];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    match length_bytes < OCTAL_BYTES {
        true => put(124, format!("{length_bytes:011o}\0").as_bytes()),
        // GNU: the highest bit says that a binary number follows.
        false => put(
            124,
            &[&[0x80, 0, 0, 0][..], &length_bytes.to_be_bytes()].concat(),
        ),
    }
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(345, prefix.as_bytes());
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Some(block)
}

/// A path in the two fields of a ustar header.
fn cut(path: &str) -> Option<(&str, &str)> {
    if !path.is_ascii() || path.is_empty() {
        return None;
    }
    if path.len() <= 100 {
        return Some(("", path));
    }
    let mut slashes = path.match_indices('/');
    let (at, _) = slashes.find(|(at, _)| path.len() - at - 1 <= 100)?;
    (at <= 155).then(|| (&path[..at], &path[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::containers::{Limits, unpack_tar_gz};

    #[test]
    fn what_is_written_is_read_again_and_by_the_tar_crate_too() {
        let long = format!("dossiers/{}/scans/{}.tif", "H".repeat(40), "a".repeat(64));
        let files = [
            ("batch.json", &b"{}"[..]),
            (&long, &[7; 513]),
            ("empty", b""),
        ];
        let mut writer = TarWriter::new(Vec::new());
        for (path, mut bytes) in files {
            let length = bytes.len() as u64;
            writer.file(path, length, &mut bytes).expect("writes");
        }
        let archive = writer.finish().expect("ends");
        let mut others = tar::Archive::new(&archive[..]);
        let read: Vec<(String, u64)> = (others.entries().expect("reads"))
            .map(|entry| {
                let entry = entry.expect("an entry");
                let path = entry.path().expect("a path").display().to_string();
                (path, entry.size())
            })
            .collect();
        let expected = files.map(|(path, bytes)| (path.to_owned(), bytes.len() as u64));
        assert_eq!(read, expected);

        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&archive).expect("packs");
        let packed = packed.finish().expect("packs");
        let limits = Limits {
            max_bytes: 1 << 20,
            max_members: 9,
            max_ratio: 1_000,
        };
        let mut ours = Vec::new();
        let length = packed.len() as u64;
        let unpacked = unpack_tar_gz(&packed[..], length, &limits, &mut |member, content| {
            let mut bytes = Vec::new();
            content.pour(&mut bytes)?;
            ours.push((String::from_utf8(member.name).expect("ASCII"), bytes));
            Ok(())
        });
        unpacked.expect("unpacks");
        let expected = files.map(|(path, bytes)| (path.to_owned(), bytes.to_vec()));
        assert_eq!(ours, expected);
    }

    #[test]
    fn a_path_that_fits_no_header_is_refused() {
        let mut writer = TarWriter::new(Vec::new());
        for path in ["", &"a".repeat(101), "hồ sơ"] {
            assert!(writer.file(path, 0, &mut io::empty()).is_err(), "{path}");
        }
    }
}
