//! 7z: LZMA, LZMA2, Deflate, BZip2 and copies, in solid blocks.

use std::fs::File;
use std::io::{self, Read};

use sevenz_rust2::{Archive, ArchiveEntry, ArchiveReader, Error, Password};

use super::{ContainerFault, Content, Member, Meter, Take, What};

/// Method number of AES-256 with SHA-256 (7zFormat, 06F10701).
const AES: [u8; 4] = [6, 0xF1, 7, 1];

/// Unpacks a 7z.
pub fn unpack(
    mut archive: File,
    meter: &mut Meter,
    take: &mut Take<'_>,
) -> Result<(), ContainerFault> {
    let listed = Archive::read(&mut archive, &Password::empty()).map_err(fault)?;
    let coders = listed.blocks.iter().flat_map(|block| &block.coders);
    if coders
        .into_iter()
        .any(|coder| coder.encoder_method_id() == AES)
    {
        return Err(ContainerFault::Locked);
    }
    let mut reader = ArchiveReader::from_archive(listed, archive, Password::empty());
    // One thread: memory follows the dictionary, and the machine's cores are busy reading pages.
    reader.set_thread_count(1);
    let mut stopped = None;
    let all = reader.for_each_entries(|entry, content| {
        let one = one(entry, content, meter, take);
        let go_on = one.is_ok();
        stopped = one.err();
        Ok(go_on)
    });
    match (stopped, all) {
        (Some(fault), _) => Err(fault),
        (None, all) => all.map_err(fault),
    }
}

fn one(
    entry: &ArchiveEntry,
    content: &mut dyn Read,
    meter: &mut Meter,
    take: &mut Take<'_>,
) -> Result<(), ContainerFault> {
    meter.count_member()?;
    let member = Member {
        name: entry.name.clone().into_bytes(),
        what: what(entry),
    };
    take(
        member,
        &mut Content {
            reader: content,
            meter,
        },
    )?;
    // What nobody took has to be unpacked all the same, and is metered.
    let mut rest = Content {
        reader: content,
        meter,
    };
    rest.pour(&mut io::sink()).map(drop)
}

fn what(entry: &ArchiveEntry) -> What {
    /// Windows says with this that the upper half holds a Unix mode (p7zip).
    const UNIX_EXTENSION: u32 = 0x8000;
    /// FILE_ATTRIBUTE_REPARSE_POINT: a link of NTFS.
    const REPARSE_POINT: u32 = 0x400;
    let attributes = match entry.has_windows_attributes {
        true => entry.windows_attributes,
        false => 0,
    };
    let kind = match attributes & UNIX_EXTENSION {
        0 => 0,
        _ => (attributes >> 16) & 0o170_000,
    };
    match () {
        () if entry.is_anti_item || attributes & REPARSE_POINT != 0 => {
            What::Refused(ContainerFault::NotPlain)
        }
        () if ![0, 0o100_000, 0o040_000].contains(&kind) => What::Refused(ContainerFault::NotPlain),
        () if entry.is_directory => What::Folder,
        () => What::File,
    }
}

fn fault(error: Error) -> ContainerFault {
    match error {
        Error::Io(error, _) | Error::FileOpen(error, _) => ContainerFault::of_reading(error),
        Error::PasswordRequired | Error::MaybeBadPassword(_) => ContainerFault::Locked,
        // A header that is itself encrypted names the method that is not built in.
        Error::UnsupportedCompressionMethod(method)
            if method.contains("AES") || method == format!("{AES:?}") =>
        {
            ContainerFault::Locked
        }
        Error::UnsupportedCompressionMethod(method) => ContainerFault::Unsupported(method),
        Error::Unsupported(detail) => ContainerFault::Unsupported(detail.into_owned()),
        Error::ChecksumVerificationFailed | Error::NextHeaderCrcMismatch => {
            ContainerFault::damaged("a wrong checksum")
        }
        Error::MaxMemLimited { .. } => {
            ContainerFault::Unsupported("its dictionary is too large".to_owned())
        }
        Error::Other(detail) => ContainerFault::Damaged(detail.into_owned()),
        other => ContainerFault::Damaged(other.to_string()),
    }
}
