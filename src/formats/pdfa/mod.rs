//! PDF/A-2u (ISO 19005-2, level U): page images with an invisible text layer.
//!
//! [`write()`] makes a file, [`check()`] judges one; only `check` makes a
//! [`ConformantPdf`]. The clauses and where each is held: docs/pdfa-clauses.md.
//!
//! The shape of every file, which readers (our verifier, a migration in 2060)
//! may rely on:
//! * header `%PDF-1.7`, one section, a classic cross-reference table;
//! * a page is one image XObject `/Im`, drawn first, then the text;
//! * one `BT … ET` is one line; the strings inside, decoded and joined as they
//!   stand, are its words with one space between them; lines stand in reading
//!   order. So the texts of the `BT … ET` joined by line feeds are
//!   [`PageText::plain`] of the page's [`writable`] text.

mod check;
mod fault;
mod font;
mod icc;
mod jpeg;
pub(in crate::formats) mod letters;
pub(in crate::formats) mod object_file;
mod shapes;
mod sheet;
mod text_layer;
mod type_size;
mod writer;
mod xmp;

pub use check::{ConformantPdf, PageContent, Violation, check};
pub use fault::PdfaFault;
pub(in crate::formats) use font::{ADVANCE_MILLI, Reach};
pub use letters::writable;
pub use writer::write;

use crate::formats::raster::{Dpi, EncodedImage};
use crate::model::{Digest, Orientation, PageText};

/// What the file says of itself.
#[derive(Clone, Debug)]
pub struct DocumentInfo {
    /// Title, shown by viewers.
    pub title: String,
    /// Subject (trích yếu), where known.
    pub subject: Option<String>,
    /// Author (issuing agency), where known.
    pub author: Option<String>,
    /// Seed of the file identifier `/ID`: a digest over what the file is made from.
    pub identity: Digest,
}

/// One page to write.
pub struct PageInput<'a> {
    /// The image, kept as it is.
    pub image: EncodedImage,
    /// How the stored image turns upright; done by the page's matrix, never by re-encoding.
    pub orientation: Orientation,
    /// Resolution of the stored image.
    pub dpi: Dpi,
    /// The words, in pixels of the upright page.
    pub text: &'a PageText,
}
