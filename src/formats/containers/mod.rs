//! Archives that scans come in: ZIP, TAR (plain, gzip, zstd) and 7z, told by their content.
//!
//! [`unpack`] gives each member in turn with its content as a stream; nothing is written
//! here and no member is ever whole in memory. What an archive may unpack to is metered
//! ([`Limits`]), because the sizes that it states are a stranger's word.

mod meter;
mod sevenz;
mod stream;
mod tar;
mod write_tar;
mod zip;

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

pub use meter::{Content, Limits, Meter, Progress};
pub use write_tar::TarWriter;

/// The kinds of archives that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ZIP (APPNOTE 6.3), not that of an Office document.
    Zip,
    /// TAR: ustar, GNU or pax (POSIX.1-2001).
    Tar,
    /// Something packed with gzip (RFC 1952); a TAR is unpacked.
    Gzip,
    /// Something packed with zstd (RFC 8878); a TAR is unpacked.
    Zstd,
    /// 7z.
    SevenZ,
    /// An archive that cannot be unpacked.
    Foreign(&'static str),
}

/// How many bytes of a file [`Kind::of`] needs to see.
pub const START_BYTES: usize = 512;

/// First names in a ZIP that is a document: Office Open XML, OpenDocument, Java.
const DOCUMENT_STARTS: [&[u8]; 8] = [
    b"[Content_Types].xml",
    b"mimetype",
    b"_rels/",
    b"docProps/",
    b"word/",
    b"xl/",
    b"ppt/",
    b"META-INF/",
];

impl Kind {
    /// The kind by the file's first [`START_BYTES`]; `None` for what is no archive.
    pub fn of(start: &[u8]) -> Option<Self> {
        match start {
            [b'P', b'K', 3, 4, ..] => {
                let name = start.get(30..).unwrap_or_default();
                let document = DOCUMENT_STARTS.iter().any(|first| name.starts_with(first));
                (!document).then_some(Self::Zip)
            }
            [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            [b'P', b'K', 7, 8, ..] => Some(Self::Foreign("ZIP in several parts")),
            [0x1F, 0x8B, 8, ..] => Some(Self::Gzip),
            // A frame, or first one that is skipped.
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Some(Self::SevenZ),
            [b'R', b'a', b'r', b'!', 0x1A, 7, ..] => Some(Self::Foreign("RAR")),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Foreign("XZ")),
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..] => Some(Self::Foreign("BZIP2")),
            _ => tar::is_header(start).then_some(Self::Tar),
        }
    }

    /// True where a member that is damaged leaves the others whole.
    pub fn members_stand_alone(self) -> bool {
        self == Self::Zip
    }
}

/// One member of an archive, before its content is read.
pub struct Member {
    /// Its path as it stands in the archive; UTF-8 where the format says so.
    pub name: Vec<u8>,
    /// What it is.
    pub what: What,
}

/// What a member is.
pub enum What {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// Something that cannot be taken out.
    Refused(ContainerFault),
}

/// Why an archive, or a member of it, cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum ContainerFault {
    /// More bytes than allowed come out of it.
    #[error("unpacks to more than {limit_bytes} bytes")]
    TooLarge {
        /// The most allowed.
        limit_bytes: u64,
    },
    /// It has more members than allowed.
    #[error("more than {limit} members")]
    TooManyMembers {
        /// The most allowed.
        limit: u64,
    },
    /// It unpacks to so many times its size that it must be made to do harm.
    #[error("unpacks to more than {limit} times its size")]
    RatioTooHigh {
        /// The highest allowed.
        limit: u64,
    },
    /// The path of a member is too long or too deep.
    #[error("a path too long or too deep")]
    PathTooLong,
    /// The path of a member leads out of the archive: `..`, `/…`, `C:`, backslashes.
    #[error("a path that leads outside")]
    PathLeadsOut,
    /// A link, a device, a sparse file: nothing that a scanner makes.
    #[error("no ordinary file")]
    NotPlain,
    /// A password is asked for.
    #[error("locked by a password")]
    Locked,
    /// It contradicts itself or ends too early.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Sound, but of a kind that is not unpacked.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// The archive itself cannot be read from the disk.
    #[error("cannot be read: {0}")]
    Source(io::Error),
    /// What came out cannot be put down.
    #[error("cannot be written: {0}")]
    Sink(io::Error),
}

impl ContainerFault {
    /// The fault for a decoder's error: the disk's, or the archive's own.
    fn of_reading(error: io::Error) -> Self {
        match error.kind() {
            _ if error.raw_os_error().is_some() => Self::Source(error),
            io::ErrorKind::UnexpectedEof => Self::damaged("cut off"),
            _ => Self::Damaged(error.to_string()),
        }
    }

    fn damaged(detail: &str) -> Self {
        Self::Damaged(detail.to_owned())
    }
}

/// Takes one member; its content is what is left of it when this returns.
pub type Take<'a> = dyn FnMut(Member, &mut Content<'_>) -> Result<(), ContainerFault> + 'a;

/// Unpacks an archive member by member, in the order they stand in it.
///
/// Paths are not looked at; a member given as refused has no content. The first fault that
/// `take` gives back ends it.
pub fn unpack(
    kind: Kind,
    archive: File,
    limits: &Limits,
    progress: Arc<Progress>,
    take: &mut Take<'_>,
) -> Result<(), ContainerFault> {
    let length = archive.metadata().map_err(ContainerFault::Source)?.len();
    let mut meter = Meter::new(limits.clone(), length, progress);
    match kind {
        Kind::Zip => zip::unpack(archive, &mut meter, take),
        Kind::Tar => tar::unpack(io::BufReader::new(archive), &mut meter, take),
        Kind::Gzip => tar::unpack(stream::gzip(archive), &mut meter, take),
        Kind::Zstd => tar::unpack(stream::Zstd::new(archive), &mut meter, take),
        Kind::SevenZ => sevenz::unpack(archive, &mut meter, take),
        Kind::Foreign(name) => Err(ContainerFault::Unsupported(name.to_owned())),
    }
}

/// Unpacks a TAR packed by gzip that comes as a stream of so many bytes, as [`unpack`] does.
pub fn unpack_tar_gz(
    source: impl Read,
    length_bytes: u64,
    limits: &Limits,
    take: &mut Take<'_>,
) -> Result<(), ContainerFault> {
    let mut meter = Meter::new(limits.clone(), length_bytes, Arc::default());
    tar::unpack(stream::gzip(source), &mut meter, take)
}

#[cfg(test)]
mod tests;
