//! Scanned PDF: opened and vetted with lopdf, looked at and drawn with hayro.
//!
//! The two never meet the same bytes. lopdf reads the stranger's file under limits
//! (its load options cap what object streams may unpack to; hayro has no such caps).
//! Of the page asked for, [`one_page`] writes a new, plain PDF: every compressed part
//! is unpacked under a budget, every size is checked, nothing is encrypted. Only that
//! copy is given to hayro, which therefore never inflates anything.

mod colour;
mod draw;
mod fonts;
mod jbig2;
mod look;
mod nesting;
mod notes;
mod one_page;
mod plain;
mod text_layer;
mod vet;

use std::collections::HashSet;

use hayro::hayro_syntax::Pdf;
use lopdf::xref::XrefRecovery;
use lopdf::{DecompressError, Dictionary, Document, Error, LoadOptions, Object, ObjectId};

use self::fonts::Fonts;
use super::Options;
use crate::formats::raster::{Decoded, RasterFault};
use crate::model::PageText;

/// What a PDF's object streams may unpack to, all together, while it is opened.
const MAX_OBJECT_STREAM_BYTES: usize = 1 << 30;
/// No honest object stream is smaller than this allows for or larger than the other.
const OBJECT_STREAM_BYTES: std::ops::RangeInclusive<usize> = (1 << 20)..=(32 << 20);

/// Why a PDF, or a page of it, could not be taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PdfFault {
    /// It asks for a password.
    #[error("locked by a password")]
    Locked,
    /// It has no pages.
    #[error("no pages")]
    NoPages,
    /// Its compressed parts unpack to more than allowed.
    #[error("unpacks to more than {limit} bytes")]
    UnpacksTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A font of it is not in the file, and what was drawn for it lacks letters.
    #[error("letters of a font that is not in the file")]
    LostLetters,
    /// Notes or fields that show in other readers and are not drawn in the file.
    #[error("marks that the file does not draw: {kind}")]
    MarksNotDrawn {
        /// The first one's kind, by the PDF's name.
        kind: String,
    },
    /// Damage, unsupported kinds and limits, as with any image.
    #[error(transparent)]
    Raster(#[from] RasterFault),
}

impl PdfFault {
    fn corrupt(detail: impl ToString) -> Self {
        Self::Raster(RasterFault::corrupt(detail))
    }

    /// lopdf's words for a limit that was hit, told from those for damage.
    fn from_lopdf(error: Error, limit: u64) -> Self {
        match error {
            Error::Decompress(DecompressError::MemoryLimitExceeded { .. }) => {
                Self::UnpacksTooLarge { limit }
            }
            Error::InvalidPassword
            | Error::Decryption(_)
            | Error::UnsupportedSecurityHandler(_) => Self::Locked,
            Error::Unimplemented(what) => Self::Raster(RasterFault::unsupported(what)),
            other => Self::corrupt(other),
        }
    }
}

/// An open PDF and its pages in order.
pub(super) struct PdfFile {
    document: Document,
    pages: Vec<ObjectId>,
    signed: bool,
}

impl PdfFile {
    /// Opens a PDF that asks for no password and has pages.
    pub(super) fn open(bytes: &[u8], options: &Options) -> Result<Self, PdfFault> {
        let limit = object_stream_limit(bytes);
        let load = LoadOptions::with_max_decompressed_size(limit);
        let document = Document::load_mem_with_options(bytes, load)
            .map_err(|error| PdfFault::from_lopdf(error, limit as u64))?;
        // With a user password lopdf loads nothing, says nothing and leaves /Encrypt in
        // place (TECH, section 2); with an empty one it decrypts and takes it away.
        if document.trailer.has(b"Encrypt") {
            return Err(PdfFault::Locked);
        }
        let signed = document.objects.values().any(holds_signature);
        if document.xref_recovery == Some(XrefRecovery::Reconstructed) && !has_end(bytes) {
            return Err(RasterFault::Truncated.into());
        }
        let pages = pages(&document, options.max_file_pages)?;
        Ok(Self {
            document,
            pages,
            signed,
        })
    }

    /// Pages in it.
    pub(super) fn page_count(&self) -> u32 {
        self.pages.len() as u32
    }

    /// True where it carries a signature: it is read like any other and kept as it came.
    pub(super) fn is_signed(&self) -> bool {
        self.signed
    }

    /// Files that it carries beside its pages (ISO 32000-1, 7.11.4).
    pub(super) fn attachments(&self) -> u32 {
        let objects = self.document.objects.values();
        objects.filter(|object| is_attachment(object)).count() as u32
    }

    /// Pixels of its largest image, or of a drawn A4 page where all are smaller.
    pub(super) fn largest_page_px(&self, options: &Options) -> u64 {
        let drawn = |mm: u64| mm * 10 * u64::from(options.drawn_page_dpi) / 254;
        let images = self.document.objects.values().filter_map(image_px);
        images.max().unwrap_or(0).max(drawn(210) * drawn(297))
    }

    /// Takes out page `index` (from 0): its one image as it is, else the page drawn; beside
    /// it the words that the page itself carries, in pixels of its upright image.
    pub(super) fn load_page(
        &self,
        index: u32,
        options: &Options,
    ) -> Result<(Decoded, Option<PageText>), PdfFault> {
        let page = self.pages.get(index as usize);
        let page = *page.ok_or(RasterFault::NoSuchPage)?;
        self.check_marks(page)?;
        let copy = one_page::copy(&self.document, page, options)?;
        let fonts = Fonts::of(&copy);
        let pdf = Pdf::new(one_page::bytes(copy)?);
        let pdf = pdf.map_err(|error| PdfFault::corrupt(format!("{error:?}")))?;
        let (decoded, frame, look) = draw::page(&pdf, options)?;
        if !self.signed && look.has_lost_letters(fonts) {
            return Err(PdfFault::LostLetters);
        }
        let text = (!fonts.legacy).then(|| draw::text(&pdf, &frame)).flatten();
        Ok((decoded, text))
    }

    /// A signed file is kept as it came; of any other, what stands in the archive is our picture.
    fn check_marks(&self, page: ObjectId) -> Result<(), PdfFault> {
        let page = self.document.get_dictionary(page).ok();
        let kind = page.filter(|_| !self.signed);
        let mark = kind.and_then(|page| match notes::is_drawn_by_its_reader(&self.document) {
            true => Some("XFA".to_owned()),
            false => notes::not_drawn(&self.document, page),
        });
        match mark {
            Some(kind) => Err(PdfFault::MarksNotDrawn { kind }),
            None => Ok(()),
        }
    }
}

/// Opens a PDF and takes out its first page: for the fuzzer.
#[cfg(feature = "fuzzing")]
pub(crate) fn first_page(bytes: &[u8], options: &Options) -> Result<Decoded, PdfFault> {
    let (page, _) = PdfFile::open(bytes, options)?.load_page(0, options)?;
    Ok(page)
}

/// Object streams are unpacked while loading, each up to a cap: many of them share one.
fn object_stream_limit(bytes: &[u8]) -> usize {
    let streams = bytes
        .windows(6)
        .filter(|window| window == b"ObjStm")
        .count();
    let share = MAX_OBJECT_STREAM_BYTES / streams.max(1);
    share.clamp(*OBJECT_STREAM_BYTES.start(), *OBJECT_STREAM_BYTES.end())
}

/// A whole PDF ends with `%%EOF`, give or take what mailers append (ISO 32000-1, 7.5.5).
fn has_end(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(2048)..];
    tail.windows(5).any(|window| window == b"%%EOF")
}

/// A signature dictionary, by itself or as the value of its field (ISO 32000-1, 12.8.1).
fn holds_signature(object: &Object) -> bool {
    let is_signature = |dict: &Dictionary| dict.has(b"ByteRange") && dict.has(b"Contents");
    match object {
        Object::Dictionary(dict) => {
            let value = dict.get(b"V").and_then(Object::as_dict);
            is_signature(dict) || value.is_ok_and(is_signature)
        }
        _ => false,
    }
}

fn is_attachment(object: &Object) -> bool {
    let kind = object
        .as_stream()
        .and_then(|stream| stream.dict.get(b"Type"));
    kind.and_then(Object::as_name)
        .is_ok_and(|kind| kind == b"EmbeddedFile")
}

/// Pixels of an image by its own word.
fn image_px(object: &Object) -> Option<u64> {
    let dict = &object.as_stream().ok()?.dict;
    let side = |key| dict.get(key).and_then(Object::as_i64).ok();
    let (width, height) = (side(b"Width")?, side(b"Height")?);
    u64::try_from(width.checked_mul(height)?).ok()
}

/// The pages in order. What has kids is a branch, all else a page, whatever it calls itself: a
/// walk by `/Type` would pass over a page of a wrong type without a word.
fn pages(document: &Document, limit: u32) -> Result<Vec<ObjectId>, PdfFault> {
    let root = document.catalog().and_then(|root| root.get(b"Pages"));
    let root = root.and_then(Object::as_reference);
    let mut waiting: Vec<ObjectId> = root.into_iter().collect();
    let mut seen = HashSet::new();
    let mut pages = Vec::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            return Err(PdfFault::corrupt("a page tree that contains itself"));
        }
        // A lost page object cannot be shown.
        let node = document.get_dictionary(id);
        let node = node.map_err(|_| RasterFault::Truncated)?;
        match node.get_deref(b"Kids", document).and_then(Object::as_array) {
            Ok(kids) => {
                for kid in kids.iter().rev() {
                    let kid = kid.as_reference();
                    waiting.push(kid.map_err(|_| PdfFault::corrupt("a page that is no object"))?);
                }
            }
            Err(_) if is_bare_branch(node) => {}
            Err(_) if pages.len() >= limit as usize => {
                return Err(RasterFault::TooManyPages { limit }.into());
            }
            Err(_) => pages.push(id),
        }
    }
    match pages.is_empty() {
        true => Err(PdfFault::NoPages),
        false => Ok(pages),
    }
}

/// A branch that has no kids and nothing to show either.
fn is_bare_branch(node: &Dictionary) -> bool {
    let kind = node.get(b"Type").and_then(Object::as_name);
    kind.is_ok_and(|kind| kind == b"Pages") && !node.has(b"Contents")
}

#[cfg(test)]
mod tests;
