//! Why something could not be taken in. Codes `INT-…`; the words lie in `messages`.

use serde::{Deserialize, Serialize};

use super::contain::Escape;
use super::pdf::PdfFault;
use crate::formats::containers::ContainerFault;
use crate::formats::raster::RasterFault;
use crate::model::{Coded, Params, Retry};

/// One cause, with the file or folder it is about (`file`, below the dossier's folder).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[allow(missing_docs)] // the fields say themselves what they are
pub enum IntakeFault {
    /// The drop folder itself cannot be listed.
    #[error("cannot list the drop folder: {detail}")]
    DropUnreadable { file: String, detail: String },
    /// The folder holds no scan.
    #[error("the folder holds no scan")]
    EmptyFolder { file: String },
    /// A file lies beside the dossiers' folders.
    #[error("a file that lies in no dossier's folder")]
    StrayFile { file: String },
    /// The file has no bytes.
    #[error("an empty file")]
    EmptyFile { file: String },
    /// The first bytes are those of no kind that is read.
    #[error("neither TIFF, JPEG, PNG, WebP, BMP, JPEG 2000 nor PDF")]
    UnknownKind { file: String },
    /// The file ends before its content does.
    #[error("the file is cut off")]
    Truncated { file: String },
    /// The file contradicts its own format.
    #[error("damaged: {detail}")]
    Corrupt { file: String, detail: String },
    /// A sound file of a kind that is not read.
    #[error("unsupported: {detail}")]
    Unsupported { file: String, detail: String },
    /// The PDF asks for a password.
    #[error("the PDF is locked by a password")]
    LockedPdf { file: String },
    /// The file has no pages.
    #[error("no pages")]
    NoPages { file: String },
    /// More bytes than allowed.
    #[error("{bytes} bytes, more than the {limit} allowed")]
    FileTooLarge {
        file: String,
        bytes: u64,
        limit: u64,
    },
    /// A page of more pixels than allowed.
    #[error("a page of {pixels} pixels, more than the {limit} allowed")]
    PageTooLarge {
        file: String,
        pixels: u64,
        limit: u64,
    },
    /// More pages than allowed.
    #[error("more than {limit} pages")]
    TooManyPages { file: String, limit: u32 },
    /// More files than allowed.
    #[error("more than {limit} files")]
    TooManyFiles { file: String, limit: u32 },
    /// The file or folder cannot be opened or read.
    #[error("cannot be read: {detail}")]
    Unreadable { file: String, detail: String },
    /// A symbolic link; where it leads is outside the drop's control.
    #[error("a symbolic link")]
    SymbolicLink { file: String },
    /// A pipe, socket or device.
    #[error("no ordinary file")]
    NotAFile { file: String },
    /// The bytes are no longer those that were hashed.
    #[error("changed while the run was at work")]
    Changed { file: String },
    /// A decoder failed in a way of its own (a bug, set off by this file).
    #[error("the decoder failed on it")]
    DecoderFailed { file: String },
    /// A decoder was still at work when its time was over.
    #[error("took longer than {limit_ms} ms")]
    TookTooLong { file: String, limit_ms: u64 },
    /// Compressed parts that unpack to more than allowed, or nest without end.
    #[error("unpacks to more than allowed")]
    UnpacksTooLarge { file: String, limit: u64 },
    /// Several pictures joined in a file whose format holds one.
    #[error("several pictures in a file for one")]
    SeveralPictures { file: String },
    /// A page uses a font that its PDF does not carry, and letters of it cannot be drawn.
    #[error("letters of a font that is not in the file")]
    LostLetters { file: String },
    /// A page has notes or filled fields that its PDF leaves to each reader to draw.
    #[error("marks that the file does not draw: {detail}")]
    MarksNotDrawn { file: String, detail: String },
    /// The file has no page of this number.
    #[error("no such page")]
    NoSuchPage { file: String },
    /// An archive, or the archives of a dossier, unpack to more bytes than allowed.
    #[error("unpacks to more than {limit} bytes")]
    ArchiveTooLarge { file: String, limit: u64 },
    /// An archive of more members than allowed.
    #[error("more than {limit} members")]
    TooManyMembers { file: String, limit: u64 },
    /// Archives in archives, deeper than allowed.
    #[error("more than {limit} archives in each other")]
    NestedTooDeep { file: String, limit: u32 },
    /// An archive that unpacks to so many times its size that it must be made to do harm.
    #[error("unpacks to more than {limit} times its size")]
    RatioTooHigh { file: String, limit: u64 },
    /// A member's path is longer or deeper than allowed.
    #[error("a path too long or too deep")]
    PathTooLong { file: String },
    /// A member's path leads out of the archive.
    #[error("a path that leads out of the archive")]
    PathLeadsOut { file: String },
    /// A member is a link, a device, a sparse file.
    #[error("a member that is no ordinary file")]
    MemberNotPlain { file: String },
    /// An archive, or a member of it, asks for a password.
    #[error("an archive locked by a password")]
    LockedArchive { file: String },
    /// An archive contradicts itself: checksums, sizes, names, places.
    #[error("a damaged archive: {detail}")]
    DamagedArchive { file: String, detail: String },
    /// A sound archive of a kind that is not unpacked.
    #[error("an unsupported archive: {detail}")]
    UnsupportedArchive { file: String, detail: String },
    /// One of the files that an archive was cut into.
    #[error("a part of an archive cut into several files")]
    PartOfArchive { file: String },
    /// What comes out of archives cannot be put down.
    #[error("cannot unpack: {detail}")]
    ScratchUnusable { file: String, detail: String },
    /// Another entry of the drop bears the same dossier code.
    #[error("the same dossier code as {other}")]
    CodeTwice { file: String, other: String },
}

impl IntakeFault {
    pub(super) fn from_raster(file: &str, fault: RasterFault) -> Self {
        let file = file.to_owned();
        match fault {
            RasterFault::Truncated => Self::Truncated { file },
            RasterFault::Corrupt { detail } => Self::Corrupt { file, detail },
            RasterFault::Unsupported { detail } => Self::Unsupported { file, detail },
            RasterFault::TooLarge { pixels, limit } => Self::PageTooLarge {
                file,
                pixels,
                limit,
            },
            RasterFault::TooManyPages { limit } => Self::TooManyPages { file, limit },
            RasterFault::SeveralPictures => Self::SeveralPictures { file },
            RasterFault::NoSuchPage => Self::NoSuchPage { file },
        }
    }

    pub(super) fn from_pdf(file: &str, fault: PdfFault) -> Self {
        let name = file.to_owned();
        match fault {
            PdfFault::Locked => Self::LockedPdf { file: name },
            PdfFault::NoPages => Self::NoPages { file: name },
            PdfFault::UnpacksTooLarge { limit } => Self::UnpacksTooLarge { file: name, limit },
            PdfFault::LostLetters => Self::LostLetters { file: name },
            PdfFault::MarksNotDrawn { kind } => Self::MarksNotDrawn {
                file: name,
                detail: kind,
            },
            PdfFault::Raster(fault) => Self::from_raster(file, fault),
        }
    }

    pub(super) fn from_container(file: &str, fault: ContainerFault) -> Self {
        let file = file.to_owned();
        match fault {
            ContainerFault::TooLarge { limit_bytes } => Self::ArchiveTooLarge {
                file,
                limit: limit_bytes,
            },
            ContainerFault::TooManyMembers { limit } => Self::TooManyMembers { file, limit },
            ContainerFault::RatioTooHigh { limit } => Self::RatioTooHigh { file, limit },
            ContainerFault::PathTooLong => Self::PathTooLong { file },
            ContainerFault::PathLeadsOut => Self::PathLeadsOut { file },
            ContainerFault::NotPlain => Self::MemberNotPlain { file },
            ContainerFault::Locked => Self::LockedArchive { file },
            ContainerFault::Damaged(detail) => Self::DamagedArchive { file, detail },
            ContainerFault::Unsupported(detail) => Self::UnsupportedArchive { file, detail },
            ContainerFault::Source(error) => Self::unreadable(&file, &error),
            ContainerFault::Sink(error) => Self::scratch(&file, &error),
        }
    }

    pub(super) fn scratch(file: &str, error: &std::io::Error) -> Self {
        Self::ScratchUnusable {
            file: file.to_owned(),
            detail: system_words(error),
        }
    }

    /// True where no other dossier could be taken in either.
    pub fn stops_the_run(&self) -> bool {
        matches!(
            self,
            Self::DropUnreadable { .. } | Self::ScratchUnusable { .. }
        )
    }

    pub(super) fn from_escape(file: &str, escape: Escape, limit_ms: u64) -> Self {
        let file = file.to_owned();
        match escape {
            Escape::Panicked => Self::DecoderFailed { file },
            Escape::TimedOut => Self::TookTooLong { file, limit_ms },
            Escape::NoThread => Self::Unreadable {
                file,
                detail: "no thread could be started".to_owned(),
            },
        }
    }

    pub(super) fn unreadable(file: &str, error: &std::io::Error) -> Self {
        Self::Unreadable {
            file: file.to_owned(),
            detail: system_words(error),
        }
    }

    /// The file or folder it is about.
    pub fn file(&self) -> &str {
        use IntakeFault::*;
        match self {
            DropUnreadable { file, .. }
            | EmptyFolder { file }
            | StrayFile { file }
            | EmptyFile { file }
            | UnknownKind { file }
            | Truncated { file }
            | Corrupt { file, .. }
            | Unsupported { file, .. }
            | LockedPdf { file }
            | NoPages { file }
            | FileTooLarge { file, .. }
            | PageTooLarge { file, .. }
            | TooManyPages { file, .. }
            | TooManyFiles { file, .. }
            | Unreadable { file, .. }
            | SymbolicLink { file }
            | NotAFile { file }
            | Changed { file }
            | DecoderFailed { file }
            | TookTooLong { file, .. }
            | UnpacksTooLarge { file, .. }
            | SeveralPictures { file }
            | LostLetters { file }
            | MarksNotDrawn { file, .. }
            | NoSuchPage { file }
            | ArchiveTooLarge { file, .. }
            | TooManyMembers { file, .. }
            | NestedTooDeep { file, .. }
            | RatioTooHigh { file, .. }
            | PathTooLong { file }
            | PathLeadsOut { file }
            | MemberNotPlain { file }
            | LockedArchive { file }
            | DamagedArchive { file, .. }
            | UnsupportedArchive { file, .. }
            | PartOfArchive { file }
            | ScratchUnusable { file, .. }
            | CodeTwice { file, .. } => file,
        }
    }
}

impl Coded for IntakeFault {
    fn code(&self) -> &'static str {
        use IntakeFault::*;
        match self {
            DropUnreadable { .. } => "INT-001",
            EmptyFolder { .. } => "INT-002",
            StrayFile { .. } => "INT-003",
            EmptyFile { .. } => "INT-004",
            UnknownKind { .. } => "INT-005",
            Truncated { .. } => "INT-006",
            Corrupt { .. } => "INT-007",
            Unsupported { .. } => "INT-008",
            LockedPdf { .. } => "INT-009",
            NoPages { .. } => "INT-011",
            FileTooLarge { .. } => "INT-012",
            PageTooLarge { .. } => "INT-013",
            TooManyPages { .. } => "INT-014",
            TooManyFiles { .. } => "INT-015",
            Unreadable { .. } => "INT-016",
            SymbolicLink { .. } => "INT-017",
            NotAFile { .. } => "INT-018",
            Changed { .. } => "INT-020",
            DecoderFailed { .. } => "INT-021",
            TookTooLong { .. } => "INT-022",
            UnpacksTooLarge { .. } => "INT-023",
            NoSuchPage { .. } => "INT-024",
            SeveralPictures { .. } => "INT-037",
            LostLetters { .. } => "INT-038",
            MarksNotDrawn { .. } => "INT-039",
            ArchiveTooLarge { .. } => "INT-025",
            TooManyMembers { .. } => "INT-026",
            NestedTooDeep { .. } => "INT-027",
            RatioTooHigh { .. } => "INT-028",
            PathTooLong { .. } => "INT-029",
            PathLeadsOut { .. } => "INT-030",
            MemberNotPlain { .. } => "INT-031",
            LockedArchive { .. } => "INT-032",
            DamagedArchive { .. } => "INT-033",
            UnsupportedArchive { .. } => "INT-034",
            PartOfArchive { .. } => "INT-040",
            ScratchUnusable { .. } => "INT-035",
            CodeTwice { .. } => "INT-036",
        }
    }

    fn params(&self) -> Params {
        use IntakeFault::*;
        let mut params = Params::from([("file", self.file().to_owned())]);
        let mut put = |name, value: String| {
            params.insert(name, value);
        };
        match self {
            DropUnreadable { detail, .. }
            | Corrupt { detail, .. }
            | Unsupported { detail, .. }
            | Unreadable { detail, .. }
            | DamagedArchive { detail, .. }
            | UnsupportedArchive { detail, .. }
            | MarksNotDrawn { detail, .. }
            | ScratchUnusable { detail, .. } => put("detail", detail.clone()),
            FileTooLarge { bytes, limit, .. } => {
                put("size", megabytes(*bytes));
                put("limit", megabytes(*limit));
            }
            PageTooLarge { pixels, limit, .. } => {
                put("size", millions(*pixels));
                put("limit", millions(*limit));
            }
            TooManyPages { limit, .. } | TooManyFiles { limit, .. } => {
                put("limit", limit.to_string());
            }
            TookTooLong { limit_ms, .. } => put("limit", limit_ms.div_ceil(1000).to_string()),
            UnpacksTooLarge { limit, .. } | ArchiveTooLarge { limit, .. } => {
                put("limit", megabytes(*limit));
            }
            TooManyMembers { limit, .. } | RatioTooHigh { limit, .. } => {
                put("limit", limit.to_string());
            }
            NestedTooDeep { limit, .. } => put("limit", limit.to_string()),
            CodeTwice { other, .. } => put("other", other.clone()),
            _ => {}
        }
        params
    }

    fn retry(&self) -> Retry {
        use IntakeFault::*;
        match self {
            DropUnreadable { .. }
            | Unreadable { .. }
            | LockedPdf { .. }
            | ScratchUnusable { .. } => Retry::AfterPerson,
            Changed { .. } | TookTooLong { .. } => Retry::Later,
            _ => Retry::Never,
        }
    }
}

/// The words of the system for its own errors; of others the kind, because their text may hold a path of
/// this machine.
pub(super) fn system_words(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(_) => error.to_string(),
        None => error.kind().to_string(),
    }
}

fn megabytes(bytes: u64) -> String {
    bytes.div_ceil(1 << 20).to_string()
}

fn millions(count: u64) -> String {
    count.div_ceil(1_000_000).to_string()
}
