//! ZIP (PKWARE APPNOTE 6.3), by its central directory.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{ContainerFault, Content, Member, Meter, Take, What};

/// Unpacks a ZIP.
pub fn unpack(archive: File, meter: &mut Meter, take: &mut Take<'_>) -> Result<(), ContainerFault> {
    let stated = stated_members(&archive).map_err(ContainerFault::Source)?;
    meter.refuse_members(stated)?;
    let mut zip = ZipArchive::new(BufReader::new(archive)).map_err(fault)?;
    if zip.has_duplicate_names() {
        return Err(ContainerFault::damaged("two members of one name"));
    }
    for number in 0..zip.len() {
        meter.count_member()?;
        // Reading the place of a member's data costs a jump, so it is counted as work.
        zip.by_index_data(number).map_err(fault)?;
    }
    // Members that share bytes are a bomb of D. Fifield's making (2019).
    if zip.has_overlapping_entries().map_err(fault)? {
        return Err(ContainerFault::damaged("members that overlap"));
    }
    for number in 0..zip.len() {
        one(&mut zip, number, meter, take)?;
    }
    Ok(())
}

/// The number of members by the archive's own word, read before the directory is: the crate
/// takes the whole directory into memory. Zero where no end is found, which it tells then.
fn stated_members(archive: &File) -> io::Result<u64> {
    /// End of central directory, without and with the longest comment (APPNOTE 4.3.16).
    const END_BYTES: usize = 22;
    const TAIL_BYTES: u64 = END_BYTES as u64 + 0xFFFF + LOCATOR_BYTES as u64;
    /// ZIP64 end of central directory locator (4.3.15), which stands right before it.
    const LOCATOR_BYTES: usize = 20;
    let length = archive.metadata()?.len();
    let start = length.saturating_sub(TAIL_BYTES);
    let mut tail = vec![0; (length - start) as usize];
    archive.read_exact_at(&mut tail, start)?;
    let mut ends = tail.windows(END_BYTES);
    let Some(at) = ends.rposition(|window| window.starts_with(b"PK\x05\x06")) else {
        return Ok(0);
    };
    let short = u16::from_le_bytes([tail[at + 10], tail[at + 11]]);
    let locator = at
        .checked_sub(LOCATOR_BYTES)
        .map(|at| &tail[at..at + LOCATOR_BYTES]);
    let Some(locator) = locator.filter(|bytes| bytes.starts_with(b"PK\x06\x07")) else {
        return Ok(short.into());
    };
    let place = locator[8..]
        .first_chunk()
        .copied()
        .map_or(0, u64::from_le_bytes);
    let mut end = [0; 40];
    let read = archive.read_exact_at(&mut end, place);
    // The total number of members stands last in these 40 bytes (4.3.14).
    let number = end.last_chunk().copied().map_or(0, u64::from_le_bytes);
    Ok(match read {
        Ok(()) if end.starts_with(b"PK\x06\x06") => number,
        _ => short.into(),
    })
}

fn one(
    zip: &mut ZipArchive<BufReader<File>>,
    number: usize,
    meter: &mut Meter,
    take: &mut Take<'_>,
) -> Result<(), ContainerFault> {
    let entry = zip.by_index_data(number).map_err(fault)?;
    let member = Member {
        name: entry.name_raw().to_vec(),
        what: what(
            entry.is_dir(),
            entry.encrypted(),
            entry.unix_mode(),
            entry.compression(),
        ),
    };
    let stated = entry.size();
    if !matches!(member.what, What::File) {
        let reader = &mut std::io::empty();
        return take(member, &mut Content { reader, meter });
    }
    match zip.by_index(number) {
        Ok(file) => {
            let reader = &mut Stated {
                reader: file,
                left: stated,
            };
            take(member, &mut Content { reader, meter })
        }
        Err(error) => {
            let what = What::Refused(fault(error));
            let reader = &mut std::io::empty();
            take(Member { what, ..member }, &mut Content { reader, meter })
        }
    }
}

fn what(is_folder: bool, locked: bool, mode: Option<u32>, method: CompressionMethod) -> What {
    const TYPE: u32 = 0o170_000;
    let kind = mode.map_or(0, |mode| mode & TYPE);
    let known = [
        CompressionMethod::Stored,
        CompressionMethod::Deflated,
        CompressionMethod::Deflate64,
    ];
    match kind {
        // Neither a file nor a folder by its mode: a link, a device, a pipe.
        kind if ![0, 0o100_000, 0o040_000].contains(&kind) => {
            What::Refused(ContainerFault::NotPlain)
        }
        _ if is_folder => What::Folder,
        _ if locked => What::Refused(ContainerFault::Locked),
        _ if !known.contains(&method) => What::Refused(ContainerFault::Unsupported(named(method))),
        _ => What::File,
    }
}

/// A member that must be as long as it says; the crate checks its CRC at the end.
struct Stated<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Stated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.reader.read(buffer)?;
        let lied = || std::io::Error::other("its size is not the one stated");
        self.left = self.left.checked_sub(length as u64).ok_or_else(lied)?;
        if length == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(lied());
        }
        Ok(length)
    }
}

/// `ZIP LZMA` (APPNOTE 4.4.5).
fn named(method: CompressionMethod) -> String {
    let names = [
        (CompressionMethod::BZIP2, "BZIP2"),
        (CompressionMethod::LZMA, "LZMA"),
        (CompressionMethod::ZSTD, "Zstandard"),
        (CompressionMethod::XZ, "XZ"),
        (CompressionMethod::PPMD, "PPMd"),
    ];
    let known = names.into_iter().find(|(known, _)| *known == method);
    known.map_or_else(
        || format!("ZIP {method}"),
        |(_, name)| format!("ZIP {name}"),
    )
}

fn fault(error: ZipError) -> ContainerFault {
    match error {
        ZipError::Io(error) => ContainerFault::of_reading(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            ContainerFault::Locked
        }
        ZipError::UnsupportedArchive(detail) => ContainerFault::Unsupported(detail.to_owned()),
        ZipError::CompressionMethodNotSupported(number) => {
            ContainerFault::Unsupported(format!("method {number}"))
        }
        other => ContainerFault::Damaged(other.to_string()),
    }
}
