//! What one entry of the drop holds: every file found and hashed, then opened and counted.
//!
//! Hashing tells whether a dossier was done before; only files of those that were not
//! are opened ([`open_file`]), which is a decoder's work and may be done elsewhere.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::OFlags;

use super::contain::contain;
use super::expand::expand;
use super::kind::Kind;
use super::listing::{Entry, Lying, Place};
use super::names::Given;
use super::pdf::{PdfFault, PdfFile};
use super::scan_file::{Contents, ScanFile};
use super::scratch::ScratchFolder;
use super::walk::{self, Gathered};
use super::{IntakeFault, Options, natural};
use crate::formats::raster::{jpeg, jpeg2000, png, tiff, webp_bmp};
use crate::model::manifest::Container;
use crate::model::{Digest, Digester};

const READ_BYTES: usize = 1 << 18;

/// What an entry of the drop holds.
#[derive(Clone)]
pub struct Survey {
    /// The scans in natural order, hashed; without pages until [`Survey::take_contents`].
    pub files: Vec<ScanFile>,
    /// Everything that keeps the dossier from being done, with the place below the drop.
    pub faults: Vec<(String, IntakeFault)>,
    /// Names passed over by the plan's rule, below the entry.
    pub ignored: Vec<String>,
    /// The archives that the files came in, outermost first.
    pub containers: Vec<Container>,
    /// Holds what was unpacked for as long as it is read.
    scratch: Vec<Arc<ScratchFolder>>,
}

/// Finds and hashes every file of the entry.
///
/// Archives are unpacked into a folder below `scratch`, which goes with the survey. An error
/// is one that stops the run.
pub fn survey(entry: &Entry, options: &Options, scratch: &Path) -> Result<Survey, IntakeFault> {
    let mut surveyor = Surveyor {
        entry,
        options,
        survey: Survey {
            files: Vec::new(),
            faults: Vec::new(),
            ignored: Vec::new(),
            containers: entry.containers.clone(),
            scratch: Vec::new(),
        },
    };
    surveyor.look(scratch)?;
    surveyor.survey.sort_faults();
    Ok(surveyor.survey)
}

impl Survey {
    /// Some of its pages, of the same archives.
    pub fn part(&self, files: Vec<ScanFile>, ignored: Vec<String>) -> Self {
        Self {
            files,
            faults: Vec::new(),
            ignored,
            containers: self.containers.clone(),
            scratch: self.scratch.clone(),
        }
    }

    /// Opens every file in this process and takes what is in it.
    pub fn open_files(&mut self, entry: &Entry, options: &Options) {
        let contents = self.files.iter().map(|file| open_file(file, options));
        let contents = contents.collect();
        self.take_contents(entry, contents);
    }

    /// Takes what [`open_file`] found in each of the files, in their order.
    pub fn take_contents(&mut self, entry: &Entry, contents: Vec<Result<Contents, IntakeFault>>) {
        for (file, contents) in self.files.iter_mut().zip(contents) {
            match contents {
                Ok(contents) => file.take_contents(contents),
                Err(fault) => {
                    self.faults.push((entry.place_of(&file.name), fault));
                }
            }
        }
        self.sort_faults();
    }

    fn sort_faults(&mut self) {
        let by_place = |l: &(String, IntakeFault), r: &(String, _)| natural::compare(&l.0, &r.0);
        self.faults.sort_by(by_place);
    }
}

/// Opens a scan and says what is in it, checked as far as can be without decoding.
///
/// The bytes looked at are those that were hashed: a file that changed since is a fault.
pub fn open_file(scan: &ScanFile, options: &Options) -> Result<Contents, IntakeFault> {
    inspect(&scan.name, read_file(scan, options)?, options)
}

/// The bytes of a scan, which are those that were hashed: a file that changed since is a fault.
pub fn read_file(scan: &ScanFile, options: &Options) -> Result<Vec<u8>, IntakeFault> {
    let (sha256, bytes) = read_whole(&scan.path, &scan.name, options)?;
    match sha256 == scan.sha256 {
        true => Ok(bytes),
        false => Err(IntakeFault::Changed {
            file: scan.name.clone(),
        }),
    }
}

struct Surveyor<'a> {
    entry: &'a Entry,
    options: &'a Options,
    survey: Survey,
}

impl Surveyor<'_> {
    fn look(&mut self, scratch: &Path) -> Result<(), IntakeFault> {
        let gathered = match &self.entry.place {
            Place::Folder(path) => walk::gather(path, &self.entry.name, self.options),
            Place::Files { files, .. } => Gathered::of(files, &self.entry.name, self.options),
            Place::Nowhere(fault) => {
                self.fault("", fault.clone());
                return Ok(());
            }
        };
        let expanded = expand(self.entry, gathered.lying, self.options, scratch)?;
        self.survey.ignored = gathered.ignored;
        self.survey.ignored.extend(expanded.ignored);
        self.survey.containers.extend(expanded.containers);
        self.survey.scratch = expanded.scratch;
        let mut lying = expanded.lying;
        // Stable: what shows the same name keeps the order of its bytes.
        lying.sort_by(|l, r| natural::compare(&l.name, &r.name));
        let mut given = Given::default();
        for Lying { name, path } in lying {
            match path {
                Ok(path) => self.take(&given.unique(name), &path),
                Err(fault) => self.fault(&name, fault),
            }
        }
        if self.survey.files.is_empty() && self.survey.faults.is_empty() {
            let file = self.entry.name.clone();
            self.fault("", IntakeFault::EmptyFolder { file });
        }
        Ok(())
    }

    fn take(&mut self, name: &str, path: &Path) {
        match digest(path, name, self.options) {
            Ok((sha256, bytes)) => {
                let file = ScanFile::new(name.to_owned(), path.to_owned(), sha256, bytes);
                self.survey.files.push(file);
            }
            Err(fault) => self.fault(name, fault),
        }
    }

    /// Notes what is wrong with a file of the entry, or with the entry itself (`""`).
    fn fault(&mut self, name: &str, fault: IntakeFault) {
        self.survey.faults.push((self.entry.place_of(name), fault));
    }
}

/// Opens an ordinary file: no link, no pipe that would keep the opener waiting.
pub(super) fn open(path: &Path) -> std::io::Result<(File, Metadata)> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let flags = i32::try_from(flags).map_err(std::io::Error::other)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    let meta = file.metadata()?;
    Ok((file, meta))
}

/// Reads a file once: its digest and its length.
fn digest(path: &Path, name: &str, options: &Options) -> Result<(Digest, u64), IntakeFault> {
    read(path, name, options, |_, _| {})
}

/// Reads a file once: its digest and its bytes.
pub(super) fn read_whole(
    path: &Path,
    name: &str,
    options: &Options,
) -> Result<(Digest, Vec<u8>), IntakeFault> {
    let mut bytes = Vec::new();
    let (sha256, _) = read(path, name, options, |part, length| {
        bytes.reserve_exact(
            usize::try_from(length)
                .unwrap_or(0)
                .saturating_sub(bytes.len()),
        );
        bytes.extend_from_slice(part);
    })?;
    Ok((sha256, bytes))
}

/// Reads a file part by part; each part is given on with the whole length the disk tells.
fn read(
    path: &Path,
    name: &str,
    options: &Options,
    mut take: impl FnMut(&[u8], u64),
) -> Result<(Digest, u64), IntakeFault> {
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
    let mut digester = Digester::new();
    let mut length = 0;
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
        length += read as u64;
        digester.update(&buffer[..read]);
        take(&buffer[..read], meta.len());
    }
    if length > limit {
        return Err(too_large(length));
    }
    Ok((digester.finish(), length))
}

/// Kind and pages of a file's bytes.
fn inspect(name: &str, bytes: Vec<u8>, options: &Options) -> Result<Contents, IntakeFault> {
    let file = name.to_owned();
    if bytes.is_empty() {
        return Err(IntakeFault::EmptyFile { file });
    }
    let kind = Kind::of(&bytes).ok_or(IntakeFault::UnknownKind { file })?;
    let limits = options.clone();
    let inspected = contain(options.max_decode_ms, move || {
        contents(kind, &bytes, &limits)
    });
    match inspected {
        Ok(Ok(contents)) => Ok(contents),
        Ok(Err(fault)) => Err(IntakeFault::from_pdf(name, fault)),
        Err(escape) => Err(IntakeFault::from_escape(
            name,
            escape,
            options.max_decode_ms,
        )),
    }
}

fn contents(kind: Kind, bytes: &[u8], options: &Options) -> Result<Contents, PdfFault> {
    let max_pixels = options.max_page_pixels;
    let single = |pixels| Contents::of_pages(kind, 1, pixels);
    Ok(match kind {
        Kind::Tiff => {
            let (directories, pixels) = tiff::inspect(bytes, max_pixels, options.max_file_pages)?;
            Contents::of_directories(directories, pixels)
        }
        Kind::Jpeg2000 => jpeg2000::inspect(bytes, max_pixels).map(single)?,
        Kind::Jpeg => jpeg::inspect(bytes, max_pixels).map(single)?,
        Kind::Png => png::inspect(bytes, max_pixels).map(single)?,
        Kind::Other(format) => webp_bmp::inspect(bytes, format, max_pixels).map(single)?,
        Kind::Pdf => {
            let pdf = PdfFile::open(bytes, options)?;
            let pixels = pdf.largest_page_px(options);
            Contents::of_pdf(&pdf, pixels)
        }
    })
}
