//! One scan file, and its pages one at a time.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::contain::contain;
use super::kind::Kind;
use super::pdf::{PdfFault, PdfFile};
use super::survey::read_whole;
use super::{IntakeFault, Options};
use crate::formats::raster::{
    Decoded, EncodedImage, Raster, RasterFault, jpeg, jpeg2000, png, tiff, webp_bmp,
};
use crate::model::{Digest, PageText};

/// One scan file of a dossier.
#[derive(Serialize, Deserialize)]
pub struct ScanFile {
    /// The path below the dossier's folder, NFC, `/` between its parts.
    pub name: String,
    /// Where its bytes are read: in the drop, or the copy kept beside the documents.
    #[serde(with = "path_in_bytes")]
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Length in bytes.
    pub bytes: u64,
    /// Pages in it; zero until it is opened, and where it has a fault.
    pub pages: u32,
    /// What it is by its bytes; absent until it is opened, and where it has a fault.
    pub kind: Option<Kind>,
    /// Pixels of its largest page, as far as can be told without decoding.
    pub largest_page_px: u64,
    /// True for a PDF that carries signatures: it is never rewritten.
    pub signed: bool,
    /// Files that a PDF carries beside its pages; they are nobody's pages.
    pub attachments: u32,
    directories: Vec<u32>,
    /// Of a file that holds other dossiers' pages too, those of this one.
    part: Option<Range<u32>>,
    /// A file of several pages, kept open from its first page to its last.
    #[serde(skip)]
    opened: Mutex<Option<Opened>>,
}

/// What [`super::open_file`] found in a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    kind: Kind,
    pages: u32,
    largest_page_px: u64,
    signed: bool,
    attachments: u32,
    /// A TIFF's pages by the numbers of their directories; empty where pages are numbered through.
    directories: Vec<u32>,
}

impl Contents {
    pub(super) fn of_pages(kind: Kind, pages: u32, largest_page_px: u64) -> Self {
        Self {
            kind,
            pages,
            largest_page_px,
            signed: false,
            attachments: 0,
            directories: Vec::new(),
        }
    }

    pub(super) fn of_pdf(pdf: &PdfFile, largest_page_px: u64) -> Self {
        Self {
            signed: pdf.is_signed(),
            attachments: pdf.attachments(),
            ..Self::of_pages(Kind::Pdf, pdf.page_count(), largest_page_px)
        }
    }

    pub(super) fn of_directories(directories: Vec<u32>, largest_page_px: u64) -> Self {
        let pages = directories.len() as u32;
        Self {
            directories,
            ..Self::of_pages(Kind::Tiff, pages, largest_page_px)
        }
    }
}

/// One page taken in.
pub struct ScannedPage {
    /// The pixels, for reading.
    pub raster: Raster,
    /// The image as it will stand in the PDF: the scanner's own bytes where possible, else lossless.
    pub image: EncodedImage,
    /// The words that a PDF page itself carries, in pixels of the page turned by
    /// `raster.orientation`; of confidence 0, until a reading of the page agrees with them.
    pub text_layer: Option<PageText>,
}

#[derive(Clone)]
enum Opened {
    Bytes(Arc<Vec<u8>>),
    Pdf(Arc<PdfFile>),
}

impl ScanFile {
    pub(super) fn new(name: String, path: PathBuf, sha256: Digest, bytes: u64) -> Self {
        Self {
            name,
            path,
            sha256,
            bytes,
            pages: 0,
            kind: None,
            largest_page_px: 0,
            signed: false,
            attachments: 0,
            directories: Vec::new(),
            part: None,
            opened: Mutex::new(None),
        }
    }

    pub(super) fn take_contents(&mut self, contents: Contents) {
        self.kind = Some(contents.kind);
        self.pages = contents.pages;
        self.largest_page_px = contents.largest_page_px;
        self.signed = contents.signed;
        self.attachments = contents.attachments;
        self.directories = contents.directories;
    }

    /// The pages that belong to the dossier, from 0: all of them, but for a part of a stream.
    pub fn page_range(&self) -> Range<u32> {
        self.part.clone().unwrap_or(0..self.pages)
    }

    /// True where other pages of the file belong to other dossiers.
    pub fn is_part(&self) -> bool {
        self.part.is_some()
    }

    /// The same file, of which only these pages belong to the dossier.
    pub fn part(&self, pages: Range<u32>) -> Self {
        let whole = pages == (0..self.pages);
        Self {
            part: (!whole).then_some(pages),
            ..self.clone()
        }
    }

    /// Takes out one page, counted from 0.
    ///
    /// The bytes decoded are those that were hashed: a file that changed since is a fault.
    /// Files of several pages stay open in memory until their last page was taken out (or
    /// the `ScanFile` goes); pages may come in any order and from any thread.
    pub fn load_page(&self, index: u32, options: &Options) -> Result<ScannedPage, IntakeFault> {
        self.take_out(index, options, |decoded, text_layer| {
            let (raster, image) = decoded.into_page()?;
            Ok(ScannedPage {
                raster,
                image,
                text_layer,
            })
        })
    }

    /// Takes out one page only to look at it: nothing is encoded for keeping.
    pub fn load_raster(&self, index: u32, options: &Options) -> Result<Raster, IntakeFault> {
        self.take_out(index, options, |decoded, _| Ok(decoded.raster))
    }

    fn take_out<Page: Send + 'static>(
        &self,
        index: u32,
        options: &Options,
        finish: fn(Decoded, Option<PageText>) -> Result<Page, RasterFault>,
    ) -> Result<Page, IntakeFault> {
        let kind = self.kind.filter(|_| index < self.pages);
        let kind = kind.ok_or_else(|| IntakeFault::NoSuchPage {
            file: self.name.clone(),
        })?;
        let opened = self.open(kind, options)?;
        let number = self
            .directories
            .get(index as usize)
            .copied()
            .unwrap_or(index);
        let limits = options.clone();
        let decoded = contain(options.max_decode_ms, move || {
            let (decoded, text_layer) = decode(kind, &opened, number, &limits)?;
            Ok(finish(decoded, text_layer)?)
        });
        if index + 1 == self.pages {
            self.let_go();
        }
        self.named(decoded, options)
    }

    fn open(&self, kind: Kind, options: &Options) -> Result<Opened, IntakeFault> {
        // One thread opens, the others wait for it rather than open the file again.
        let mut slot = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = slot.as_ref() {
            return Ok(opened.clone());
        }
        let (sha256, bytes) = read_whole(&self.path, &self.name, options)?;
        if sha256 != self.sha256 {
            return Err(IntakeFault::Changed {
                file: self.name.clone(),
            });
        }
        let opened = match kind {
            Kind::Pdf => Opened::Pdf(Arc::new(self.open_pdf(bytes, options)?)),
            _ => Opened::Bytes(Arc::new(bytes)),
        };
        if self.pages > 1 {
            *slot = Some(opened.clone());
        }
        Ok(opened)
    }

    fn open_pdf(&self, bytes: Vec<u8>, options: &Options) -> Result<PdfFile, IntakeFault> {
        let limits = options.clone();
        let opened = contain(options.max_decode_ms, move || {
            PdfFile::open(&bytes, &limits)
        });
        self.named(opened, options)
    }

    /// Gives the file's name to whatever went wrong.
    fn named<T>(
        &self,
        outcome: Result<Result<T, PdfFault>, super::contain::Escape>,
        options: &Options,
    ) -> Result<T, IntakeFault> {
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(fault)) => Err(IntakeFault::from_pdf(&self.name, fault)),
            Err(escape) => Err(IntakeFault::from_escape(
                &self.name,
                escape,
                options.max_decode_ms,
            )),
        }
    }

    fn let_go(&self) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Clone for ScanFile {
    /// A copy opens the file for itself.
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            path: self.path.clone(),
            sha256: self.sha256,
            bytes: self.bytes,
            pages: self.pages,
            kind: self.kind,
            largest_page_px: self.largest_page_px,
            signed: self.signed,
            attachments: self.attachments,
            directories: self.directories.clone(),
            part: self.part.clone(),
            opened: Mutex::new(None),
        }
    }
}

/// Decodes one page.
fn decode(
    kind: Kind,
    opened: &Opened,
    number: u32,
    options: &Options,
) -> Result<(Decoded, Option<PageText>), PdfFault> {
    match opened {
        Opened::Pdf(pdf) => pdf.load_page(number, options),
        Opened::Bytes(bytes) => Ok((image(kind, bytes, number, options)?, None)),
    }
}

fn image(kind: Kind, bytes: &[u8], number: u32, options: &Options) -> Result<Decoded, RasterFault> {
    let max_pixels = options.max_page_pixels;
    match kind {
        Kind::Tiff => tiff::decode(bytes, number, max_pixels),
        Kind::Jpeg => jpeg::decode(bytes, max_pixels, None),
        Kind::Jpeg2000 => jpeg2000::decode(bytes, max_pixels),
        Kind::Png => png::decode(bytes, max_pixels),
        Kind::Other(format) => webp_bmp::decode(bytes, format, max_pixels),
        Kind::Pdf => Err(RasterFault::NoSuchPage),
    }
}

/// Paths as bytes: a scanner's file names need not be Unicode, and JSON would refuse them.
pub mod path_in_bytes {
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the bytes as numbers.
    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        path.as_os_str().as_bytes().serialize(to)
    }

    /// Reads them back.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        let bytes = Vec::<u8>::deserialize(from)?;
        Ok(PathBuf::from(OsString::from_vec(bytes)))
    }
}
