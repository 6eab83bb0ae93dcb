//! Marks on a page that part dossiers: QR, Code 128, Code 39 and patch codes, read from the pixels.
//!
//! Reading is in two steps that are kept apart: [`reader`] and [`patch`] say what stands
//! on the page, and [`judge`] alone says which of it parts dossiers. Most codes on papers
//! do not: citizen cards, addresses of portals, the receipt slip that bears its dossier's
//! code.

mod bars;
pub mod judge;
pub mod patch;
mod picture;
#[cfg(feature = "ocr")]
mod reader;
#[cfg(feature = "ocr")]
mod thresholds;

use image::GrayImage;
use serde::{Deserialize, Serialize};

use self::judge::Seen;
use self::picture::Picture;
use crate::formats::raster::Raster;
use crate::model::{DossierCode, Orientation, PxBox};

pub use self::patch::Patch;

/// A mark that parts dossiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mark", rename_all = "snake_case")]
pub enum Mark {
    /// The page is a separator sheet, and the pages behind it belong to this dossier.
    Dossier {
        /// The dossier's code.
        code: DossierCode,
        /// What it was read from.
        symbol: Symbol,
    },
    /// Another dossier begins behind this page; which one, the mark does not say.
    NextDossier,
}

/// A kind of symbol that carries text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Symbol {
    /// QR code (ISO/IEC 18004).
    Qr,
    /// Code 128 (ISO/IEC 15417).
    Code128,
    /// Code 39 (ISO/IEC 16388), which most other makers' sheets and receipt slips bear. It has no
    /// check digit, but what is no dossier code to the letter says nothing here.
    Code39,
}

/// A symbol found on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// What kind of symbol it is.
    pub symbol: Symbol,
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A rectangle in shares of the page's width and height, from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Left and right edge.
    pub x: (f32, f32),
    /// Upper and lower edge.
    pub y: (f32, f32),
}

impl Code {
    /// True for a QR that is none of our sheets': a citizen card's, a portal's address.
    pub fn is_of_a_paper(&self) -> bool {
        self.symbol == Symbol::Qr && !self.text.starts_with(judge::SHEET_PREFIX)
    }
}

impl Place {
    /// The box on the upright page that this place of the stored image becomes.
    pub fn upright(self, orientation: Orientation, width_px: u32, height_px: u32) -> PxBox {
        let turn_back = |(low, high): (f32, f32)| (1.0 - high, 1.0 - low);
        let (mut x, mut y) = (self.x, self.y);
        if orientation.mirrored {
            x = turn_back(x);
        }
        for _ in 0..orientation.quarter_turns {
            (x, y) = (turn_back(y), x);
        }
        let pixels = |(low, high): (f32, f32), side_px: u32| {
            let at = |share: f32| (share.clamp(0.0, 1.0) * side_px as f32) as u32;
            (at(low), at(high) - at(low))
        };
        let ((x_px, w_px), (y_px, h_px)) = (pixels(x, width_px), pixels(y, height_px));
        PxBox {
            x_px,
            y_px,
            w_px,
            h_px,
        }
    }
}

/// Resolution of the picture that is read first: there a separator sheet reads better than
/// at 300 dpi, and five times as fast (shared/TECH.md, part I, section 5).
const READING_DPI: f32 = 150.0;

/// Resolution of the second try on a page that may be a sheet; more only costs time.
const SHARPEST_DPI: f32 = 400.0;

/// The marks of a page that part dossiers; the page may lie any way round.
pub fn marks_of(raster: &Raster) -> Vec<Mark> {
    judge::marks(&seen_on(raster))
}

/// Everything that stands on a page, parting or not.
pub fn seen_on(raster: &Raster) -> Seen {
    seen_in(raster, &raster.pixels.luma())
}

/// Everything that stands on a page whose brightness ([`Pixels::luma`]) was asked for already.
///
/// [`Pixels::luma`]: crate::formats::raster::Pixels::luma
pub fn seen_in(raster: &Raster, luma: &GrayImage) -> Seen {
    let picture = Picture::of(raster, luma);
    let reading = picture.at(READING_DPI);
    let sketch = reading.halved(patch::READING_DPI);
    let patches = patch::find(sketch.luma());
    let changes = bars::Changes::of(reading.luma());
    let mut codes = read(reading.luma(), &changes.bands(bars::HIGHER_THAN_PRINT));
    let written = |codes: &[Code]| {
        let marked = codes.iter().map(|code| code.place);
        let marked: Vec<Place> = marked.chain(patches.iter().map(|p| p.place)).collect();
        judge::written_share(sketch.luma(), &marked)
    };
    let mut written_share = written(&codes);
    if codes.is_empty()
        && picture.is_sharper_than(READING_DPI)
        && judge::may_be_sheet(written_share)
    {
        let low_bars = changes.bands(bars::AS_HIGH_AS_PRINT);
        codes = read(picture.at(SHARPEST_DPI).luma(), &low_bars);
        written_share = written(&codes);
    }
    Seen {
        codes,
        patches: patches.iter().map(|found| found.patch).collect(),
        written_share,
    }
}

#[cfg(feature = "ocr")]
use self::reader::read;

/// This build reads no symbols, only patches.
#[cfg(not(feature = "ocr"))]
fn read(_: &GrayImage, _: &[bars::Band]) -> Vec<Code> {
    Vec::new()
}

#[cfg(test)]
mod tests;
