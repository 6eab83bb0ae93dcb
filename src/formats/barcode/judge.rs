//! Which of the codes on a page part dossiers, and which only stand on a paper.
//!
//! A false cut tears a dossier apart and a missed one joins two, so the rule is narrow:
//!
//! - our own QR (`SOHOA:1:<mã hồ sơ>`) says what it is, on any page;
//! - a QR, Code 128 or Code 39 that is a dossier code and nothing else counts only on a
//!   sheet that bears nothing else to speak of: a receipt slip (phiếu biên nhận) has the
//!   same code, among the text of a document;
//! - beside Patch T such a code counts whatever else is there, as on a sheet of ours whose QR
//!   is torn and shows as writing;
//! - Patch T, or the word `PATCHT` in a symbol, counts on such a sheet too;
//! - a page with any other QR on it (a citizen card's, a portal's address) is a document.

use image::GrayImage;

use super::{Code, Mark, Patch, Place, Symbol};
use crate::model::DossierCode;

/// What our own sheets' QR begins with; the number is the version of what follows.
pub const SHEET_PREFIX: &str = "SOHOA:1:";

/// What separator sheets of common scanning programs say in a barcode beside the patch.
const PATCH_T_WORD: &str = "PATCHT";

/// What was found on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The symbols.
    pub codes: Vec<Code>,
    /// The patches.
    pub patches: Vec<Patch>,
    /// Share of the page that bears anything else.
    pub written_share: f32,
}

/// A sheet bears its marks, a title and a few lines. (Measured: other makers' sheets 0.08 to
/// 0.10, ours 0.15, receipt slips 0.38 to 0.50.)
const SHEET_WRITTEN_SHARE: f32 = 0.20;
/// Less than this is a blank page, which needs no second look.
const BLANK_SHARE: f32 = 0.002;

/// What a symbol says, as far as dossiers go.
enum Says {
    OurSheet(DossierCode),
    BareCode(DossierCode),
    PatchT,
    /// What makes the page a document: a QR of anybody else.
    Foreign,
    /// A number of a box or a form.
    Nothing,
}

/// The marks that part dossiers.
pub fn marks(seen: &Seen) -> Vec<Mark> {
    let said: Vec<(Symbol, Says)> = seen.codes.iter().map(|c| (c.symbol, says(c))).collect();
    let foreign = said.iter().any(|(_, says)| matches!(says, Says::Foreign));
    let bare = !foreign && seen.written_share < SHEET_WRITTEN_SHARE;
    let beside_patch_t = !foreign && seen.patches.contains(&Patch::T);
    let patch_t = beside_patch_t || said.iter().any(|(_, says)| matches!(says, Says::PatchT));
    let mut marks = Vec::new();
    for (symbol, says) in said {
        let mark = match says {
            Says::OurSheet(code) => Mark::Dossier { code, symbol },
            Says::BareCode(code) if bare || beside_patch_t => Mark::Dossier { code, symbol },
            _ => continue,
        };
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    if patch_t && bare {
        marks.push(Mark::NextDossier);
    }
    marks
}

fn says(code: &Code) -> Says {
    let text = code.text.trim();
    let ours = text
        .strip_prefix(SHEET_PREFIX)
        .filter(|_| code.symbol == Symbol::Qr);
    match (ours.map(str::parse), text.parse()) {
        (Some(Ok(code)), _) => Says::OurSheet(code),
        (None, Ok(bare)) => Says::BareCode(bare),
        _ if text == PATCH_T_WORD => Says::PatchT,
        _ if code.symbol == Symbol::Qr => Says::Foreign,
        _ => Says::Nothing,
    }
}

/// True where a page bears so little that it may be a sheet whose mark was not read yet.
pub fn may_be_sheet(written_share: f32) -> bool {
    (BLANK_SHARE..1.5 * SHEET_WRITTEN_SHARE).contains(&written_share)
}

/// Side of the squares that are either written on or not: 5 mm at 75 dpi, a line of print.
const SQUARE_PX: u32 = 15;
/// Pixels in a square that must be dark.
const LEAST_DARK_PX: usize = 4;
/// The dark rim that scanners leave, in squares.
const RIM_SQUARES: u32 = 2;
/// A patch's bars fade at their ends and a symbol's corners are not exact, in squares.
const AROUND_MARK_SQUARES: f32 = 0.7;

/// Share of the page's squares that are written on, outside of these marks; the page at 75 dpi.
pub fn written_share(luma: &GrayImage, marks: &[Place]) -> f32 {
    let (across, down) = (luma.width() / SQUARE_PX, luma.height() / SQUARE_PX);
    let inside = |side: u32| RIM_SQUARES..side.saturating_sub(RIM_SQUARES);
    let squares = inside(across).len() * inside(down).len();
    let all = inside(down).flat_map(|y| inside(across).map(move |x| (x, y)));
    let marked = |&(x, y): &(u32, u32)| {
        let within = |place: u32, side_px: u32, (low, high): (f32, f32)| {
            let square = SQUARE_PX as f32 / side_px as f32;
            let (start, end) = (place as f32 * square, (place + 1) as f32 * square);
            let around = AROUND_MARK_SQUARES * square;
            end > low - around && start < high + around
        };
        marks
            .iter()
            .any(|m| within(x, luma.width(), m.x) && within(y, luma.height(), m.y))
    };
    let written = all.filter(|square| !marked(square));
    let written = written.filter(|&(x, y)| is_written(luma, x * SQUARE_PX, y * SQUARE_PX));
    written.count() as f32 / squares.max(1) as f32
}

/// True where some pixels are darker by a quarter than the paper of this square.
fn is_written(luma: &GrayImage, left_px: u32, top_px: u32) -> bool {
    let rows = (top_px..top_px + SQUARE_PX).map(|y| {
        let start = (y * luma.width() + left_px) as usize;
        &luma.as_raw()[start..start + SQUARE_PX as usize]
    });
    let pixels: Vec<u8> = rows.flatten().copied().collect();
    let paper = pixels.iter().copied().max().unwrap_or(255);
    let dark = |value: &&u8| u32::from(**value) * 4 < u32::from(paper) * 3;
    pixels.iter().filter(dark).count() >= LEAST_DARK_PX
}
