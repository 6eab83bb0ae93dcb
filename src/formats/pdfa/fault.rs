//! Why a file could not be written as PDF/A-2u.

use super::Violation;
use crate::model::{Coded, Params};

/// Why a file could not be written as PDF/A-2u. Pages are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum PdfaFault {
    /// A document needs a page.
    #[error("a document without pages")]
    NoPages,
    /// An image without pixels, or longer than a PDF reader must take.
    #[error("page {page}: image of {width_px} × {height_px} pixels")]
    ImageSize {
        /// The page.
        page: u32,
        /// Width of the stored image.
        width_px: u32,
        /// Height of the stored image.
        height_px: u32,
    },
    /// A resolution that is no positive number.
    #[error("page {page}: no usable resolution")]
    Resolution {
        /// The page.
        page: u32,
    },
    /// No page of 3 to 14400 units a side has this shape (ISO 19005-2, 6.1.13).
    #[error("page {page}: too long and narrow for a PDF page")]
    PageShape {
        /// The page.
        page: u32,
    },
    /// The JPEG's own header does not say what was claimed of it, or names a coding PDF has not.
    #[error("page {page}: not a JPEG that a PDF page can carry as it is")]
    Jpeg {
        /// The page.
        page: u32,
    },
    /// The words were measured on a page of another size.
    #[error("page {page}: words and image are of different sizes")]
    TextFrame {
        /// The page.
        page: u32,
    },
    /// More different characters beyond U+FFFF than one font here can code.
    #[error("more than 2048 different characters beyond U+FFFF")]
    RareLetters,
    /// Longer than the offsets of a cross-reference table as readers keep them reach.
    #[error("file longer than 4 GiB")]
    TooLong,
    /// Our own checker found the result wanting; a bug, reported instead of hidden.
    #[error("not PDF/A-2u: {}", .violations.first().map(ToString::to_string).unwrap_or_default())]
    NotConformant {
        /// Everything found.
        violations: Vec<Violation>,
    },
}

impl PdfaFault {
    /// The page it is about, from 1.
    fn page(&self) -> Option<u32> {
        match self {
            PdfaFault::ImageSize { page, .. }
            | PdfaFault::Resolution { page }
            | PdfaFault::PageShape { page }
            | PdfaFault::Jpeg { page }
            | PdfaFault::TextFrame { page } => Some(*page),
            _ => None,
        }
    }
}

impl Coded for PdfaFault {
    fn code(&self) -> &'static str {
        match self {
            PdfaFault::NoPages => "ASM-001",
            PdfaFault::ImageSize { .. } => "ASM-002",
            PdfaFault::Resolution { .. } => "ASM-003",
            PdfaFault::PageShape { .. } => "ASM-004",
            PdfaFault::Jpeg { .. } => "ASM-005",
            PdfaFault::TextFrame { .. } => "ASM-006",
            PdfaFault::RareLetters => "ASM-007",
            PdfaFault::TooLong => "ASM-008",
            PdfaFault::NotConformant { .. } => "ASM-009",
        }
    }

    fn params(&self) -> Params {
        let mut params = Params::new();
        if let Some(page) = self.page() {
            params.insert("page", page.to_string());
        }
        match self {
            PdfaFault::ImageSize {
                width_px,
                height_px,
                ..
            } => {
                params.insert("width_px", width_px.to_string());
                params.insert("height_px", height_px.to_string());
            }
            PdfaFault::NotConformant { violations } => {
                let clause = violations.first().map(|first| first.clause.to_owned());
                params.insert("clause", clause.unwrap_or_default());
            }
            _ => {}
        }
        params
    }
}
