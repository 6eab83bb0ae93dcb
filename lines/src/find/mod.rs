//! Finds the lines of text on a cleaned page, and cuts each out as the line reader wants it.
//!
//! The way: ink from paper ([`ink`]), ruled lines out of the ink ([`rules`]), pieces that touch
//! ([`shapes`]), dotted leaders away ([`leaders`]), letters to lines ([`chains`]), the order of reading
//! ([`order`]), and pictures of lines without what belongs to others ([`cut`]).

mod chains;
mod cut;
mod ink;
mod leaders;
mod order;
mod rules;
mod shapes;
#[cfg(test)]
mod tests;

use image::GrayImage;

use ink::Ink;
use shapes::{Shape, Shapes};

pub use chains::Baseline;
pub use cut::LinePicture;

/// A box in pixels of the picture, from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Pixels from the left edge of the picture.
    pub x_px: u32,
    /// Pixels from the top edge of the picture.
    pub y_px: u32,
    /// Width in pixels.
    pub w_px: u32,
    /// Height in pixels.
    pub h_px: u32,
}

impl Bounds {
    /// Where it ends at the right.
    pub fn right_px(&self) -> u32 {
        self.x_px + self.w_px
    }

    /// Where it ends below.
    pub fn bottom_px(&self) -> u32 {
        self.y_px + self.h_px
    }

    /// The smallest box around both.
    fn union(&self, other: &Self) -> Self {
        let (x_px, y_px) = (self.x_px.min(other.x_px), self.y_px.min(other.y_px));
        let right_px = self.right_px().max(other.right_px());
        let bottom_px = self.bottom_px().max(other.bottom_px());
        Self {
            x_px,
            y_px,
            w_px: right_px - x_px,
            h_px: bottom_px - y_px,
        }
    }
}

/// A line of text in a picture.
#[derive(Clone, Debug)]
pub struct TextLine {
    /// The box around its ink.
    pub bounds: Bounds,
    /// Where its letters stand.
    pub baseline: Baseline,
    /// Height of a capital letter, in pixels.
    pub height_px: f32,
    /// Column, cell or run of lines that it stands in, from 0 in the order of reading.
    pub block: u32,
    /// Pieces that stand beside each other are of one row; counted over all blocks.
    pub row: u32,
    shapes: Vec<u32>,
}

/// The lines of a picture in the order of reading, and the ink they are made of.
pub struct Found {
    /// The lines.
    pub lines: Vec<TextLine>,
    ink: Ink,
    shapes: Shapes,
    /// The line that each shape belongs to.
    owners: Vec<u32>,
}

/// No line's number.
const NOBODY: u32 = u32::MAX;

/// Finds the lines of text in a picture of dark ink on light paper.
pub fn find_lines(picture: &GrayImage, dpi: u32) -> Found {
    let mut ink = Ink::of(picture, dpi);
    rules::mark_rules(&mut ink, dpi);
    let shapes = Shapes::of(&ink);
    let leaders = leaders::leaders(&shapes.all, dpi);
    let roles = chains::roles(&shapes.all, &leaders.is_dot, dpi);
    let lines = chains::lines(&shapes.all, &roles, &ink);
    let lines = order::in_order(lines, &ink);
    let mut owners = vec![NOBODY; shapes.all.len()];
    for (number, placed) in lines.iter().enumerate() {
        for shape in &placed.line.shapes {
            owners[*shape] = number as u32;
        }
    }
    let lines = lines.into_iter().map(|placed| {
        let line = placed.line;
        TextLine {
            bounds: around(line.shapes.iter().map(|index| &shapes.all[*index])),
            baseline: line.baseline,
            height_px: line.height,
            block: placed.block,
            row: placed.row,
            shapes: line.shapes.iter().map(|index| *index as u32).collect(),
        }
    });
    Found {
        lines: lines.collect(),
        ink,
        shapes,
        owners,
    }
}

/// The box around shapes.
fn around<'s>(shapes: impl Iterator<Item = &'s Shape>) -> Bounds {
    let boxes = shapes.map(|shape| Bounds {
        x_px: shape.left as u32,
        y_px: shape.top as u32,
        w_px: shape.width() as u32,
        h_px: shape.height() as u32,
    });
    let nothing = Bounds {
        x_px: 0,
        y_px: 0,
        w_px: 0,
        h_px: 0,
    };
    boxes
        .reduce(|one, other| one.union(&other))
        .unwrap_or(nothing)
}

impl Found {
    /// The box around the ink of a line between two columns; none where there is none.
    pub fn ink_between(&self, line: &TextLine, from_px: u32, to_px: u32) -> Option<Bounds> {
        let own = line
            .shapes
            .iter()
            .map(|index| &self.shapes.all[*index as usize]);
        let between = own.filter(|shape| {
            let middle = shape.middle_x();
            middle >= from_px as f32 && middle < to_px as f32
        });
        let bounds = around(between);
        (bounds.w_px > 0).then_some(bounds)
    }
}
