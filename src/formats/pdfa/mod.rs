//! PDF/A-2u (ISO 19005-2, level U): page images with an invisible text layer.

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

/// A PDF file that our own checker found to conform to PDF/A-2u.
#[derive(Clone, Debug)]
pub struct ConformantPdf {
    bytes: Vec<u8>,
}

impl ConformantPdf {
    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why a file could not be written as PDF/A-2u.
#[derive(Debug, thiserror::Error)]
pub enum PdfaFault {}

/// Writes pages in order; the same input gives the same bytes.
pub fn write<'a, E: From<PdfaFault>>(
    _info: &DocumentInfo,
    _pages: impl IntoIterator<Item = Result<PageInput<'a>, E>>,
) -> Result<ConformantPdf, E> {
    todo!()
}
