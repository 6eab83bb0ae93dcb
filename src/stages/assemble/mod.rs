//! Assemble: one PDF/A-2u file a document, and the digests of what stands on its pages.

mod cover;
mod fault;

use crate::formats::pdfa::{self, ConformantPdf, PageInput, PdfaFault};
use crate::formats::raster::{Dpi, EncodedImage};
use crate::model::{Description, Digest, DossierCode, Orientation, PageText};

pub use fault::AssembleFault;

/// A document to be made.
#[derive(Clone, Copy, Debug)]
pub struct AssembleInput<'a> {
    /// The dossier it belongs to.
    pub dossier: &'a DossierCode,
    /// Its number within the dossier, from 1.
    pub n: u32,
    /// What is known of it; makes title, subject and author.
    pub description: &'a Description,
    /// Its pages in order.
    pub pages: &'a [AssemblePage<'a>],
}

/// A page to be made; its image is loaded when its turn comes.
#[derive(Clone, Copy, Debug)]
pub struct AssemblePage<'a> {
    /// SHA-256 of the scan file it comes from.
    pub source_sha256: Digest,
    /// Its page inside that file, from 1.
    pub source_page: u32,
    /// From the stored image to the upright page.
    pub orientation: Orientation,
    /// Resolution of the stored image.
    pub dpi: Dpi,
    /// The words, in pixels of the upright page.
    pub text: &'a PageText,
}

/// A document that was made.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The file.
    pub pdf: ConformantPdf,
    /// What stands on its pages, in order.
    pub pages: Vec<PageDigests>,
}

/// The digests of a page, taken from the bytes of the finished file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageDigests {
    /// SHA-256 of the image stream's bytes as they stand in the file.
    pub image_sha256: Digest,
    /// SHA-256 of the page's text in UTF-8 (words joined by spaces, lines by line feeds).
    pub text_sha256: Digest,
}

/// Makes one document; `load` gives the image of a page by its place in `pages`.
///
/// One image is held at a time beside the file. A fault of `load` comes back as it is.
pub fn assemble<E: From<AssembleFault>>(
    document: &AssembleInput<'_>,
    mut load: impl FnMut(usize) -> Result<EncodedImage, E>,
) -> Result<Assembled, E> {
    let pages = document.pages.iter().enumerate().map(|(index, page)| {
        Ok(PageInput {
            image: load(index).map_err(Stop::Load)?,
            orientation: page.orientation,
            dpi: page.dpi,
            text: page.text,
        })
    });
    let pdf = match pdfa::write(&cover::info(document), pages) {
        Ok(pdf) => pdf,
        Err(Stop::Load(fault)) => return Err(fault),
        Err(Stop::Write(fault)) => return Err(AssembleFault::Pdfa(fault).into()),
    };
    let pages = digests(document, &pdf)?;
    Ok(Assembled { pdf, pages })
}

/// Why writing stopped: the caller's fault is handed through untouched.
enum Stop<E> {
    Load(E),
    Write(PdfaFault),
}

impl<E> From<PdfaFault> for Stop<E> {
    fn from(fault: PdfaFault) -> Self {
        Stop::Write(fault)
    }
}

/// Reads every page back and compares its words with those that were to be written.
fn digests(
    document: &AssembleInput<'_>,
    pdf: &ConformantPdf,
) -> Result<Vec<PageDigests>, AssembleFault> {
    let pages = document.pages.iter().zip(pdf.pages()).zip(1..);
    let digests = pages.map(|((wanted, found), page)| {
        if pdfa::writable(wanted.text).plain() != found.text {
            return Err(AssembleFault::WordsChanged { page });
        }
        Ok(PageDigests {
            image_sha256: Digest::of(found.image),
            text_sha256: Digest::of(found.text.as_bytes()),
        })
    });
    digests.collect()
}

#[cfg(test)]
mod tests;
