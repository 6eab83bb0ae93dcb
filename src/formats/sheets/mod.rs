//! Separator sheets (tờ phân cách hồ sơ): from a list of dossier codes to a PDF to print.
//!
//! A sheet carries its dossier's code three times, so that a page that comes out of the
//! scanner grey, askew or upside down is still read: a large QR of the highest level of
//! correction, a Code 128, and the code in print for people. Patch T stands at both short
//! edges for scanners that cut by themselves. Everything is drawn as outlines; nothing
//! depends on a printer's fonts.

#[cfg(feature = "ocr")]
mod draw;
#[cfg(feature = "ocr")]
#[cfg(feature = "ocr")]
mod layout;
mod list;
#[cfg(feature = "ocr")]
mod symbols;

#[cfg(feature = "ocr")]
pub use layout::pdf;
pub use list::{ListFault, read_list};

use crate::model::DossierCode;

/// What one sheet says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeparatorSheet {
    /// The dossier that begins behind it.
    pub code: DossierCode,
    /// Further lines for people, such as `Hộp: 12`.
    pub lines: Vec<String>,
}

#[cfg(all(test, feature = "ocr"))]
mod tests;
