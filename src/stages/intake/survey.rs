//! What one dossier's folder holds: every file hashed, recognised and counted.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::OFlags;
use walkdir::{DirEntry, WalkDir};

use super::contain::contain;
use super::kind::Kind;
use super::listing::{Folder, unicode_name};
use super::pdf::PdfFile;
use super::scan_file::{Pages, ScanFile};
use super::{IntakeFault, Options, natural};
use crate::formats::raster::{RasterFault, jpeg, jpeg2000, png, tiff, webp_bmp};
use crate::model::{Digest, Digester};

/// Sub-folders of a dossier deeper than this are no filing system's work.
const MAX_DEPTH: usize = 32;
const READ_BYTES: usize = 1 << 18;

/// What a folder holds.
pub struct Survey {
    /// The scans in natural order, hashed and counted; zero pages where a file has a fault.
    pub files: Vec<ScanFile>,
    /// Everything that keeps the dossier from being done, with the place below the drop.
    pub faults: Vec<(String, IntakeFault)>,
    /// Names passed over by the plan's rule, below the folder.
    pub ignored: Vec<String>,
}

/// Hashes and opens every file of the folder.
pub fn survey(folder: &Folder, options: &Options) -> Survey {
    let mut surveyor = Surveyor {
        folder,
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
    folder: &'a Folder,
    options: &'a Options,
    survey: Survey,
}

/// A file found, not yet opened.
struct Found {
    name: String,
    entry: DirEntry,
}

impl Surveyor<'_> {
    fn look(&mut self) {
        let file = self.folder.name.clone();
        match std::fs::symlink_metadata(&self.folder.path) {
            Err(error) => self.fault(None, IntakeFault::unreadable(&file, &error)),
            Ok(meta) if meta.is_symlink() => self.fault(None, IntakeFault::SymbolicLink { file }),
            Ok(meta) if meta.is_file() => self.fault(None, IntakeFault::StrayFile { file }),
            Ok(meta) if !meta.is_dir() => self.fault(None, IntakeFault::NotAFile { file }),
            Ok(_) => self.look_inside(),
        }
    }

    fn look_inside(&mut self) {
        let mut found = self.walk();
        found.sort_by(|l, r| natural::compare(&l.name, &r.name));
        for found in found {
            self.take(&found);
        }
        if self.survey.files.is_empty() && self.survey.faults.is_empty() {
            let file = self.folder.name.clone();
            self.fault(None, IntakeFault::EmptyFolder { file });
        }
    }

    /// All files of the folder and below it; what is no file becomes a fault on the way.
    fn walk(&mut self) -> Vec<Found> {
        let mut found = Vec::new();
        let mut walker = WalkDir::new(&self.folder.path)
            .follow_links(false)
            .min_depth(1)
            .max_depth(MAX_DEPTH)
            // The disk's own order would show in what is found before a limit is hit.
            .sort_by_file_name()
            .into_iter();
        while let Some(entry) = walker.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unwalkable(&error);
                    continue;
                }
            };
            let kind = entry.file_type();
            let (name, is_unicode) = self.name_of(&entry);
            if self.options.ignores(&unicode_name(entry.file_name()).0) {
                self.survey.ignored.push(name);
                if kind.is_dir() {
                    walker.skip_current_dir();
                }
                continue;
            }
            let file = name.clone();
            match () {
                () if !is_unicode => self.fault(Some(name), IntakeFault::NameNotUnicode { file }),
                () if kind.is_symlink() => {
                    self.fault(Some(name), IntakeFault::SymbolicLink { file });
                }
                () if kind.is_dir() && entry.depth() == MAX_DEPTH => {
                    let detail = format!("more than {MAX_DEPTH} folders deep");
                    self.fault(Some(name), IntakeFault::Unreadable { file, detail });
                }
                () if kind.is_dir() => {}
                () if !kind.is_file() => self.fault(Some(name), IntakeFault::NotAFile { file }),
                () if found.len() >= self.options.max_dossier_files as usize => {
                    let limit = self.options.max_dossier_files;
                    let file = self.folder.name.clone();
                    self.fault(None, IntakeFault::TooManyFiles { file, limit });
                    break;
                }
                () => found.push(Found { name, entry }),
            }
        }
        found
    }

    fn unwalkable(&mut self, error: &walkdir::Error) {
        let below = error
            .path()
            .and_then(|p| p.strip_prefix(&self.folder.path).ok());
        let name = below
            .map(|p| unicode_name(p.as_os_str()).0)
            .unwrap_or_default();
        let kind = error.io_error().map(std::io::Error::kind);
        let detail = kind.map_or_else(|| "a loop of folders".to_owned(), |k| k.to_string());
        let place = (!name.is_empty()).then(|| name.clone());
        let file = place.clone().unwrap_or_else(|| self.folder.name.clone());
        self.fault(place, IntakeFault::Unreadable { file, detail });
    }

    /// The path below the dossier's folder with `/` between its parts, and whether all was Unicode.
    fn name_of(&self, entry: &DirEntry) -> (String, bool) {
        let below = entry.path().strip_prefix(&self.folder.path);
        let below = below.unwrap_or(entry.path());
        let parts: Vec<_> = below.iter().map(unicode_name).collect();
        let is_unicode = parts.iter().all(|(_, is_unicode)| *is_unicode);
        let names: Vec<_> = parts.into_iter().map(|(name, _)| name).collect();
        (names.join("/"), is_unicode)
    }

    fn take(&mut self, found: &Found) {
        let (sha256, bytes) = match read_whole(found.entry.path(), &found.name, self.options) {
            Ok(read) => read,
            Err(fault) => return self.fault(Some(found.name.clone()), fault),
        };
        let length = bytes.len() as u64;
        let (kind, pages) = match inspect(&found.name, bytes, self.options) {
            Ok((kind, pages)) => (Some(kind), pages),
            Err(fault) => {
                self.fault(Some(found.name.clone()), fault);
                (None, Pages::None)
            }
        };
        self.survey.files.push(ScanFile::new(
            found.name.clone(),
            found.entry.path().to_owned(),
            (sha256, length),
            kind,
            pages,
        ));
    }

    fn fault(&mut self, below: Option<String>, fault: IntakeFault) {
        let place = match below {
            Some(name) => format!("{}/{name}", self.folder.name),
            None => self.folder.name.clone(),
        };
        self.survey.faults.push((place, fault));
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
        Kind::Jpeg2000 => {
            jpeg2000::inspect(bytes, max_pixels)?;
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
