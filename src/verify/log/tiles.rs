//! The entries and hash tiles of a log (c2sp.org/tlog-tiles), each held against the other.

use super::broken;
use crate::model::Digest;
use crate::verify::dossier;
use crate::verify::finding::Findings;
use crate::verify::folder::Folder;
use crate::verify::proof::sha256;
use crate::verify::tree::Counter;

const WIDTH: u64 = 256;
/// A bundle holds 256 entries of at most 65 535 bytes, each with two bytes of length.
const BUNDLE_BYTES: u64 = WIDTH * (65_535 + 2);

/// Tells of an entry: its number, its bytes and the root over it and all before.
pub type Hear<'h> = dyn FnMut(u64, &[u8], &dyn Fn() -> Digest) + 'h;

/// Reads all entries and tiles; gives the root over the entries where all could be read.
pub fn read(
    folder: &Folder,
    size: u64,
    findings: &mut Findings,
    hear: &mut Hear<'_>,
) -> Option<Digest> {
    let mut tree = Counter::rfc9162();
    let mut nodes = Vec::new();
    for number in 0..size.div_ceil(WIDTH) {
        let width = WIDTH.min(size - number * WIDTH);
        let path = path("entries", number, width);
        let bytes = whole(folder, &path, BUNDLE_BYTES, findings)?;
        let Some(entries) = entries_of(&bytes).filter(|e| e.len() as u64 == width) else {
            findings.add(broken(&path, "bundle"));
            return None;
        };
        for (index, entry) in (number * WIDTH..).zip(entries) {
            let leaf = sha256(&[&[0], entry]);
            tree.add(*leaf.as_bytes());
            nodes.push(*leaf.as_bytes());
            hear(index, entry, &|| tree.root());
        }
    }
    check_levels(folder, nodes, findings);
    Some(tree.root())
}

/// Every tile of every level is what the level below gives.
fn check_levels(folder: &Folder, mut nodes: Vec<[u8; 32]>, findings: &mut Findings) {
    for level in 0.. {
        let mut above = Vec::new();
        for (number, tile) in (0..).zip(nodes.chunks(WIDTH as usize)) {
            let path = path(&level.to_string(), number, tile.len() as u64);
            let bytes = whole(folder, &path, WIDTH * 32, findings);
            if bytes.is_some_and(|bytes| bytes != tile.concat()) {
                findings.add(broken(&path, "tile"));
            }
            if tile.len() as u64 == WIDTH {
                let mut root = Counter::rfc9162();
                tile.iter().for_each(|node| root.add(*node));
                above.push(*root.root().as_bytes());
            }
        }
        if above.is_empty() {
            return;
        }
        nodes = above;
    }
}

/// Each entry has its length before it, two bytes, the greater first.
fn entries_of(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        bytes = rest;
    }
    bytes.is_empty().then_some(entries)
}

fn whole(folder: &Folder, path: &str, limit: u64, findings: &mut Findings) -> Option<Vec<u8>> {
    let file = folder
        .file(path)
        .map_err(|why| dossier::unopened(path, why));
    let bytes = file.and_then(|file| {
        let bytes = file
            .read(limit)
            .map_err(|fault| dossier::unreadable(path, &fault))?;
        bytes.ok_or_else(|| dossier::over_budget(path, limit))
    });
    bytes.map_err(|finding| findings.add(finding)).ok()
}

/// `tile/0/x001/234.p/5`.
fn path(level: &str, number: u64, width: u64) -> String {
    let digits = number.to_string();
    let digits = format!("{digits:0>width$}", width = digits.len().div_ceil(3) * 3);
    let groups: Vec<&str> = digits
        .as_bytes()
        .chunks(3)
        .map(|g| str::from_utf8(g).unwrap_or(""))
        .collect();
    let (last, above) = groups.split_last().expect("a number has digits");
    let above: String = above.iter().map(|group| format!("x{group}/")).collect();
    let partial = match width {
        WIDTH => String::new(),
        width => format!(".p/{width}"),
    };
    format!("tile/{level}/{above}{last}{partial}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_the_specification_does() {
        assert_eq!(path("0", 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(path("entries", 0, 5), "tile/entries/000.p/5");
        assert_eq!(path("1", 1000, 1), "tile/1/x001/000.p/1");
    }

    #[test]
    fn a_bundle_that_is_cut_is_none() {
        assert_eq!(entries_of(b"\0\x02ab\0\0"), Some(vec![&b"ab"[..], b""]));
        for bytes in [&b"\0"[..], b"\0\x02a", b"\0\x01ab"] {
            assert_eq!(entries_of(bytes), None);
        }
    }
}
