//! The drawing of one sheet: operators of a content stream, in millimetres from the top left.

use std::fmt::Write;

use super::symbols::Modules;
use crate::formats::barcode::Patch;
use crate::formats::typeface::Face;

/// Width and height of A4.
pub const PAPER_MM: (f32, f32) = (210.0, 297.0);
const POINTS_A_MM: f32 = 72.0 / 25.4;

/// What a PDF page of A4 measures in points.
pub fn paper_pt() -> [f32; 2] {
    [PAPER_MM.0, PAPER_MM.1].map(|side| (side * POINTS_A_MM * 100.0).round() / 100.0)
}

/// A place on the paper: from the left and from the top.
#[derive(Clone, Copy)]
pub struct At {
    /// From the left edge.
    pub x_mm: f32,
    /// From the top edge.
    pub y_mm: f32,
}

/// Which of a page's two faces.
pub struct Type<'a> {
    /// The face.
    pub face: &'a mut Face,
    /// Its name in the page's resources.
    pub name: &'static str,
    /// Height of the type.
    pub size_pt: f32,
}

/// A content stream in the making.
pub struct Drawing {
    operators: String,
}

impl Drawing {
    /// An empty sheet whose unit is the millimetre.
    pub fn new() -> Self {
        Self {
            operators: format!("{POINTS_A_MM:.6} 0 0 {POINTS_A_MM:.6} 0 0 cm\n0 g\n"),
        }
    }

    /// The stream's bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.operators.into_bytes()
    }

    fn say(&mut self, operator: std::fmt::Arguments<'_>) {
        self.operators
            .write_fmt(operator)
            .expect("a String takes every letter");
    }

    /// A black rectangle, its top left corner here.
    pub fn bar(&mut self, at: At, width_mm: f32, height_mm: f32) {
        let bottom_mm = PAPER_MM.1 - at.y_mm - height_mm;
        self.say(format_args!(
            "{:.3} {bottom_mm:.3} {width_mm:.3} {height_mm:.3} re f\n",
            at.x_mm
        ));
    }

    /// A line of text around this middle, its base line here; shrunk by a quarter at most where
    /// it is too wide, then cut off.
    pub fn centred(&mut self, at: At, most_mm: f32, of: Type<'_>, text: &str) {
        let size_mm = of.size_pt / POINTS_A_MM;
        let text = of.face.fitted(text, most_mm / (0.75 * size_mm));
        let width = of.face.width(&text).max(f32::MIN_POSITIVE);
        let size_mm = size_mm.min(most_mm / width);
        let (x_mm, y_mm) = (at.x_mm - width * size_mm / 2.0, PAPER_MM.1 - at.y_mm);
        let string = of.face.string(&text);
        self.say(format_args!(
            "BT /{} {size_mm:.3} Tf {x_mm:.3} {y_mm:.3} Td {string} Tj ET\n",
            of.name
        ));
    }

    /// A symbol of this module around this middle, its top edge here.
    ///
    /// All modules in one path: viewers then leave no hair lines between them.
    pub fn symbol(&mut self, at: At, modules: &Modules, module_mm: f32, height_mm: f32) {
        let left_mm = at.x_mm - modules.across as f32 * module_mm / 2.0;
        let row_mm = height_mm / modules.down as f32;
        for (across, down, long) in modules.dark_runs() {
            let x_mm = left_mm + across as f32 * module_mm;
            let y_mm = PAPER_MM.1 - at.y_mm - (down + 1) as f32 * row_mm;
            let width_mm = long as f32 * module_mm;
            self.say(format_args!(
                "{x_mm:.3} {y_mm:.3} {width_mm:.3} {row_mm:.3} re\n"
            ));
        }
        self.say(format_args!("f\n"));
    }

    /// A patch's bars along an edge, `from_edge_mm` away from it.
    pub fn patch(&mut self, patch: Patch, edge: Edge, from_edge_mm: f32, long_mm: f32) {
        const NARROW_MM: f32 = 0.08 * 25.4;
        const WIDE_MM: f32 = 0.20 * 25.4;
        let mut inwards_mm = from_edge_mm;
        for wide in patch.bars() {
            let bar_mm = if wide { WIDE_MM } else { NARROW_MM };
            let y_mm = match edge {
                Edge::Top => inwards_mm,
                Edge::Bottom => PAPER_MM.1 - inwards_mm - bar_mm,
            };
            let x_mm = (PAPER_MM.0 - long_mm) / 2.0;
            self.bar(At { x_mm, y_mm }, long_mm, bar_mm);
            inwards_mm += bar_mm + NARROW_MM;
        }
    }
}

/// A short edge of the paper.
#[derive(Clone, Copy)]
pub enum Edge {
    /// The one fed first.
    Top,
    /// The other.
    Bottom,
}
