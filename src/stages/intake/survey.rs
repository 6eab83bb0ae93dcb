//! What one entry of the drop holds: every file hashed, recognised and counted.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::OFlags;

use super::contain::contain;
use super::kind::Kind;
use super::listing::{Entry, Lying, Place};
use super::pdf::PdfFile;
use super::scan_file::{Pages, ScanFile};
use super::walk::{self, Gathered};
use super::{IntakeFault, Options, natural};
use crate::formats::raster::{RasterFault, jpeg, png, tiff, webp_bmp};
use crate::model::{Digest, Digester};

const READ_BYTES: usize = 1 << 18;

/// What an entry of the drop holds.
pub struct Survey {
    /// The scans in natural order, hashed and counted; zero pages where a file has a fault.
    pub files: Vec<ScanFile>,
    /// Everything that keeps the dossier from being done, with the place below the drop.
    pub faults: Vec<(String, IntakeFault)>,
    /// Names passed over by the plan's rule, below the folder.
    pub ignored: Vec<String>,
}

/// Hashes and opens every file of the entry.
pub fn survey(entry: &Entry, options: &Options) -> Survey {
    let mut surveyor = Surveyor {
        entry,
        options,
        survey: Survey {
            files: Vec::new(),
            faults: Vec::new(),
            ignored: Vec::new(),
        },
    };
    surveyor.look();
    let by_place = |l: &(String, IntakeFault), r: &(String, _)| natural::compare(&l.0, &r.0);
    surveyor.survey.faults.sort_by(by_place);
    surveyor.survey
}

struct Surveyor<'a> {
    entry: &'a Entry,
    options: &'a Options,
    survey: Survey,
}

impl Surveyor<'_> {
    fn look(&mut self) {
        let gathered = match &self.entry.place {
            Place::Folder(path) => walk::gather(path, &self.entry.name, self.options),
            Place::Files { files, .. } => Gathered::of(files, &self.entry.name, self.options),
            Place::Nowhere(fault) => return self.fault("", fault.clone()),
        };
        self.survey.ignored = gathered.ignored;
        let mut lying = gathered.lying;
        lying.sort_by(|l, r| {
            natural::compare(&l.name, &r.name).then_with(|| l.path().cmp(&r.path()))
        });
        for Lying { name, path } in lying {
            match path {
                Ok(path) => self.take(&name, &path),
                Err(fault) => self.fault(&name, fault),
            }
        }
        if self.survey.files.is_empty() && self.survey.faults.is_empty() {
            let file = self.entry.name.clone();
            self.fault("", IntakeFault::EmptyFolder { file });
        }
    }

    fn take(&mut self, name: &str, path: &Path) {
        let (sha256, bytes) = match read_whole(path, name, self.options) {
            Ok(read) => read,
            Err(fault) => return self.fault(name, fault),
        };
        let length = bytes.len() as u64;
        let (kind, pages) = match inspect(name, bytes, self.options) {
            Ok((kind, pages)) => (Some(kind), pages),
            Err(fault) => {
                self.fault(name, fault);
                (None, Pages::None)
            }
        };
        self.survey.files.push(ScanFile::new(
            name.to_owned(),
            path.to_owned(),
            (sha256, length),
            kind,
            pages,
        ));
    }

    /// Notes what is wrong with a file of the entry, or with the entry itself (`""`).
    fn fault(&mut self, name: &str, fault: IntakeFault) {
        self.survey.faults.push((self.entry.place_of(name), fault));
    }
}

/// Opens an ordinary file: no link, no pipe that would keep the opener waiting.
fn open(path: &Path) -> std::io::Result<(File, Metadata)> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let flags = i32::try_from(flags).map_err(std::io::Error::other)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    let meta = file.metadata()?;
    Ok((file, meta))
}

/// Reads a file once: its digest and its bytes.
pub(super) fn read_whole(
    path: &Path,
    name: &str,
    options: &Options,
) -> Result<(Digest, Vec<u8>), IntakeFault> {
    let unreadable = |error: std::io::Error| IntakeFault::unreadable(name, &error);
    let file = name.to_owned();
    let (opened, meta) = open(path).map_err(unreadable)?;
    if !meta.is_file() {
        return Err(IntakeFault::NotAFile { file });
    }
    let limit = options.max_file_bytes;
    let too_large = |bytes| IntakeFault::FileTooLarge {
        file: file.clone(),
        bytes,
        limit,
    };
    if meta.len() > limit {
        return Err(too_large(meta.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    let mut digester = Digester::new();
    // One byte more than allowed tells a file that grew since.
    let mut source = opened.take(limit.saturating_add(1));
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(error)),
        };
        digester.update(&buffer[..read]);
        bytes.extend_from_slice(&buffer[..read]);
    }
    if bytes.len() as u64 > limit {
        return Err(too_large(bytes.len() as u64));
    }
    Ok((digester.finish(), bytes))
}

/// Kind and pages of a file, checked as far as can be without decoding.
fn inspect(name: &str, bytes: Vec<u8>, options: &Options) -> Result<(Kind, Pages), IntakeFault> {
    let file = name.to_owned();
    if bytes.is_empty() {
        return Err(IntakeFault::EmptyFile { file });
    }
    let kind = Kind::of(&bytes).ok_or(IntakeFault::UnknownKind { file })?;
    let limits = options.clone();
    let bytes = Arc::new(bytes);
    let inspected = contain(options.max_decode_ms, move || pages(kind, &bytes, &limits));
    match inspected {
        Ok(Ok(pages)) => Ok((kind, pages)),
        Ok(Err(Inspection::Raster(fault))) => Err(IntakeFault::from_raster(name, fault)),
        Ok(Err(Inspection::Pdf(fault))) => Err(IntakeFault::from_pdf(name, fault)),
        Err(escape) => Err(IntakeFault::from_escape(
            name,
            escape,
            options.max_decode_ms,
        )),
    }
}

/// What went wrong with a file before its name is put to it.
enum Inspection {
    Raster(RasterFault),
    Pdf(super::pdf::PdfFault),
}

impl From<RasterFault> for Inspection {
    fn from(fault: RasterFault) -> Self {
        Self::Raster(fault)
    }
}

impl From<super::pdf::PdfFault> for Inspection {
    fn from(fault: super::pdf::PdfFault) -> Self {
        Self::Pdf(fault)
    }
}

fn pages(kind: Kind, bytes: &[u8], options: &Options) -> Result<Pages, Inspection> {
    let max_pixels = options.max_page_pixels;
    Ok(match kind {
        Kind::Tiff => Pages::Directories(tiff::inspect(bytes, max_pixels, options.max_file_pages)?),
        Kind::Jpeg => {
            jpeg::inspect(bytes, max_pixels)?;
            Pages::Plain(1)
        }
        Kind::Png => {
            png::inspect(bytes, max_pixels)?;
            Pages::Plain(1)
        }
        Kind::Other(format) => {
            webp_bmp::inspect(bytes, format, max_pixels)?;
            Pages::Plain(1)
        }
        Kind::Pdf => Pages::Plain(PdfFile::open(bytes, options)?.page_count()),
    })
}
