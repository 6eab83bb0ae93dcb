//! Whether a file has its end: what a scanner or a network copy writes last.
//!
//! Only the ends are looked at; what else may be wrong with a file is found by intake.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Readers look for the end of a PDF in its last kilobyte (ISO 32000-1, annex H note 18);
/// twice that forgives what mail gateways append.
const PDF_END_BYTES: u64 = 2_048;
/// The end record of a ZIP archive with the longest comment (APPNOTE 4.3.16).
const ZIP_END_BYTES: u64 = 22 + 65_535;
/// Scanners append thumbnails and padding behind the end of a picture.
const PICTURE_END_BYTES: u64 = 65_536;
/// Directories of one TIFF that are followed.
const MAX_DIRECTORIES: usize = 10_000;

/// True where the file's own format says that its end was written, or says nothing of it.
pub fn is_whole(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut start = [0; 32];
    let read = read_up_to(&mut file, &mut start)?;
    let start = &start[..read];
    match start {
        [0xFF, 0xD8, 0xFF, ..] => ends_with(&mut file, length, PICTURE_END_BYTES, b"\xFF\xD9"),
        [0x89, b'P', b'N', b'G', ..] => ends_with(&mut file, length, PICTURE_END_BYTES, b"IEND"),
        [b'%', b'P', b'D', b'F', ..] => ends_with(&mut file, length, PDF_END_BYTES, b"%%EOF"),
        [b'P', b'K', 3, 4, ..] => ends_with(&mut file, length, ZIP_END_BYTES, b"PK\x05\x06"),
        [b'I', b'I', 42, 0, ..] => {
            tiff_is_whole(&mut file, length, u32::from_le_bytes, u16::from_le_bytes)
        }
        [b'M', b'M', 0, 42, ..] => {
            tiff_is_whole(&mut file, length, u32::from_be_bytes, u16::from_be_bytes)
        }
        [b'R', b'I', b'F', b'F', a, b, c, d, ..] => {
            Ok(u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 8 <= length)
        }
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Ok(seven_zip_is_whole(start, length)),
        _ => Ok(length > 0),
    }
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut bytes = Vec::with_capacity(buffer.len());
    file.take(buffer.len() as u64).read_to_end(&mut bytes)?;
    buffer[..bytes.len()].copy_from_slice(&bytes);
    Ok(bytes.len())
}

/// True where the mark stands within the last so many bytes.
fn ends_with(file: &mut File, length: u64, within: u64, mark: &[u8]) -> io::Result<bool> {
    file.seek(SeekFrom::Start(length.saturating_sub(within)))?;
    let mut end = Vec::new();
    file.take(within).read_to_end(&mut end)?;
    Ok(end.windows(mark.len()).any(|part| part == mark))
}

/// Follows the chain of directories (TIFF 6.0, section 2): each must lie inside the file.
/// BigTIFF passes: its directories stand at the end as a rule, but nothing is asked of it.
fn tiff_is_whole(
    file: &mut File,
    length: u64,
    long: fn([u8; 4]) -> u32,
    short: fn([u8; 2]) -> u16,
) -> io::Result<bool> {
    let mut at = 4;
    for _ in 0..MAX_DIRECTORIES {
        let mut next = [0; 4];
        if at + 4 > length {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut next)?;
        let directory = u64::from(long(next));
        if directory == 0 {
            // The header must point somewhere; the last directory points nowhere.
            return Ok(at != 4);
        }
        let mut entries = [0; 2];
        if directory + 2 > length {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(directory))?;
        file.read_exact(&mut entries)?;
        at = directory + 2 + 12 * u64::from(short(entries));
    }
    Ok(true)
}

/// The start header names place and length of the end header (7zFormat.txt).
fn seven_zip_is_whole(start: &[u8], length: u64) -> bool {
    let number = |from: usize| {
        let bytes = start
            .get(from..from + 8)
            .and_then(|part| part.try_into().ok());
        bytes.map_or(u64::MAX, u64::from_le_bytes)
    };
    let end = number(12)
        .checked_add(number(20))
        .and_then(|end| end.checked_add(32));
    end.is_some_and(|end| end <= length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> bool {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).expect("a file");
        is_whole(&path).expect("readable")
    }

    /// Every fixture scan is whole, and cut in the middle it is not.
    #[test]
    fn a_scan_cut_in_the_middle_is_told_from_a_whole_one() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dossiers");
        let mut kinds = std::collections::BTreeMap::new();
        for entry in walkdir::WalkDir::new(fixtures) {
            let entry = entry.expect("an entry");
            if !entry.file_type().is_file() {
                continue;
            }
            let bytes = std::fs::read(entry.path()).expect("a scan");
            assert!(whole(&bytes), "{:?}", entry.path());
            let kind = entry
                .path()
                .extension()
                .map(|kind| kind.to_ascii_lowercase());
            let told = !whole(&bytes[..bytes.len() / 2]);
            *kinds.entry(kind).or_insert(0) += u32::from(told);
        }
        // TIFF files with their directory in front cannot be told; all others can.
        for kind in ["jpg", "png", "pdf"] {
            assert!(
                kinds.get(&Some(kind.into())).is_none_or(|told| *told > 0),
                "{kind}: {kinds:?}"
            );
        }
    }

    #[test]
    fn every_kind_is_known_by_its_end() {
        assert!(whole(b"\xFF\xD8\xFF\xE0 data \xFF\xD9 padding"));
        assert!(!whole(b"\xFF\xD8\xFF\xE0 data"));
        assert!(whole(b"%PDF-1.4 ... %%EOF\n") && !whole(b"%PDF-1.4 ..."));
        assert!(whole(b"PK\x03\x04 data PK\x05\x06 end") && !whole(b"PK\x03\x04 data"));
        assert!(whole(b"\x89PNG data IEND\xAEB`\x82") && !whole(b"\x89PNG data"));
        assert!(whole(b"RIFF\x04\0\0\0WEBP") && !whole(b"RIFF\x05\0\0\0WEBP"));
        let mut seven = b"7z\xBC\xAF\x27\x1C\0\x04\0\0\0\0".to_vec();
        seven.extend([4u64.to_le_bytes(), 2u64.to_le_bytes()].concat());
        seven.resize(32 + 6, 0);
        assert!(whole(&seven) && !whole(&seven[..37]));
        assert!(whole(b"plain text") && !whole(b""));
    }

    #[test]
    fn a_tiff_ends_with_its_last_directory() {
        let mut tiff = b"II*\0\x08\0\0\0".to_vec();
        tiff.extend([1, 0]);
        tiff.extend([0; 12]);
        tiff.extend([0; 4]);
        assert!(whole(&tiff));
        for cut in 8..tiff.len() {
            assert!(!whole(&tiff[..cut]), "cut at {cut}");
        }
        assert!(!whole(b"II*\0\0\0\0\0"), "no directory was written yet");
        // A directory that points at itself ends nowhere, and is intake's to refuse.
        let at = tiff.len() - 4;
        tiff[at] = 8;
        assert!(whole(&tiff));
    }
}
