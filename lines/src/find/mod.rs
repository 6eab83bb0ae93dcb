//! Finds the lines of text on a cleaned page, and cuts each out as the line reader wants it.
//!
//! The way: light letters on dark made dark on light ([`panels`]), ink from paper ([`ink`]), ruled lines out of the ink
//! ([`rules`]), pieces that touch ([`shapes`]), the boxes of single letters ([`cells`]) and those to tick ([`ticks`]), dotted leaders away ([`leaders`]), lines of dots and dashes too ([`dashed`]), and
//! what shines through ([`pale`]), letters to lines ([`chains`]), the order of reading ([`order`]), and pictures of lines without
//! what belongs to others ([`cut`]).

mod cells;
mod chains;
mod colors;
mod crossed;
mod cut;
mod dashed;
mod dashes;
mod ink;
mod leaders;
mod order;
mod pale;
mod panels;
mod powers;
mod rules;
mod seals;
mod shapes;
#[cfg(test)]
mod tests;
mod ticks;
mod upward;

use std::ops::Range;

use image::GrayImage;

use ink::Ink;
use leaders::{Leader, Leaders};
use seals::Seal;
use shapes::{Shape, Shapes};

use chains::{Chain, Role};
use ticks::TickBox;

pub use chains::Baseline;
pub use colors::ColorAt;
pub use cut::LinePicture;
pub use panels::dark_on_light;
pub use powers::Power;
pub use ticks::Tick;
pub use upward::TallCell;

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
    /// Whether a dotted leader runs on from it to the next piece of its row.
    pub leads_on: bool,
    /// Whether a dotted leader runs on behind it: what stands there may be typed over its dots.
    pub dotted: bool,
    /// Most of it stands in a seal that was washed out: it is print under the seal, or a pen's strokes.
    pub in_seal: bool,
    /// It is no text but a box to tick.
    pub tick: Option<Tick>,
    /// The row of boxes that it stands in.
    boxes: u32,
    shapes: Vec<u32>,
}

/// The lines of a picture in the order of reading, and the ink they are made of.
pub struct Found {
    /// The lines.
    pub lines: Vec<TextLine>,
    ink: Ink,
    shapes: Shapes,
    rows: Vec<cells::Row>,
    /// The line that each shape belongs to.
    owners: Vec<u32>,
}

/// No line's number.
const NOBODY: u32 = u32::MAX;

/// Finds the lines of text in a picture of dark ink on light paper.
pub fn find_lines(picture: &GrayImage, dpi: u32) -> Found {
    find_lines_in_colors(picture, dpi, None)
}

/// The same where the colours of the picture's pixels are known: a stamp over print is told from it by them.
pub fn find_lines_in_colors(picture: &GrayImage, dpi: u32, color_at: Option<ColorAt<'_>>) -> Found {
    let mut ink = Ink::of(picture, dpi);
    rules::mark_rules(&mut ink, dpi);
    let mut shapes = Shapes::of(&ink);
    let rows = cells::take_out(&mut ink, &shapes, dpi);
    if !rows.is_empty() {
        shapes = Shapes::of(&ink);
    }
    let ticks = ticks::take_out(&mut ink, &shapes, dpi);
    if !ticks.is_empty() {
        shapes = Shapes::of(&ink);
    }
    let mut seals = seals::seals(&ink, &shapes, dpi);
    if !seals.is_empty() {
        seals::wash(&mut ink, picture, &mut seals);
        shapes = Shapes::of(&ink);
    }
    let colored = color_at.map(|at| colors::part(&mut ink, &mut shapes, at, dpi));
    let colored = colored.unwrap_or_default();
    let mut leaders = leaders::leaders(&shapes.all, dpi);
    dashed::mark_dashed(&shapes.all, &mut leaders.is_dot, dpi);
    pale::mark_pale(picture, &ink, &shapes, &mut leaders.is_dot, dpi);
    leaders
        .all
        .extend(rows.iter().map(|row| leaders::to_boxes(row, dpi)));
    let (mut lines, roles, leaders) =
        chains_of(&mut shapes, (&seals, &rows, &colored), &ink, leaders, dpi);
    lines.extend(dashes::dashes(&shapes.all, &roles, &lines, &ink, dpi));
    lines.extend(ticks.iter().filter_map(TickBox::line));
    let mut lines = order::in_order(lines, &leaders, &ink);
    ticks::stand_as_neighbours(&mut lines);
    let mut owners = vec![NOBODY; shapes.all.len()];
    for (number, placed) in lines.iter().enumerate() {
        for shape in &placed.line.shapes {
            owners[*shape] = number as u32;
        }
    }
    let in_boxes = cells::rows_of_shapes(&rows, &shapes.all);
    let is_in_seal = |line: &Chain| {
        let own = || line.shapes.iter().map(|index| &shapes.all[*index]);
        let inside = |seal: &Seal| 2 * own().filter(|shape| seal.surrounds(shape)).count();
        let mut seals = seals.iter();
        line.tick.is_none() && seals.any(|seal| inside(seal) > line.shapes.len())
    };
    let lines = lines.into_iter().map(|placed| {
        let line = placed.line;
        TextLine {
            bounds: match line.tick {
                Some(tick) => tick.bounds,
                None => around(line.shapes.iter().map(|index| &shapes.all[*index])),
            },
            baseline: line.baseline,
            height_px: line.height,
            block: placed.block,
            row: placed.row,
            leads_on: placed.leads_on,
            dotted: placed.dotted,
            in_seal: is_in_seal(&line),
            tick: line.tick.map(|tick| tick.tick),
            boxes: line.shapes.first().map_or(NOBODY, |first| in_boxes[*first]),
            shapes: line.shapes.iter().map(|index| *index as u32).collect(),
        }
    });
    Found {
        lines: lines.collect(),
        ink,
        shapes,
        rows,
        owners,
    }
}

/// For each shape the row of boxes that it stands in, or that it is coloured: only what is of one group is one line.
fn groups_of(shapes: &[Shape], rows: &[cells::Row], colored: &[bool]) -> Vec<u32> {
    let mut groups = cells::rows_of_shapes(rows, shapes);
    for (group, colored) in groups.iter_mut().zip(colored) {
        if *colored && *group == NOBODY {
            *group = colors::COLORED;
        }
    }
    groups
}

/// The lines among the shapes, what each shape may be, and the dotted leaders; letters that a signature or a seal runs over are cut
/// out of it first.
fn chains_of(
    shapes: &mut Shapes,
    (seals, rows, colored): (&[Seal], &[cells::Row], &[bool]),
    ink: &Ink,
    mut leaders: Leaders,
    dpi: u32,
) -> (Vec<Chain>, Vec<Role>, Vec<Leader>) {
    let usual = chains::roles(&shapes.all, &leaders.is_dot, dpi);
    let is_tall = crossed::tall(&shapes.all, &usual, dpi);
    let in_seal: Vec<bool> = shapes
        .all
        .iter()
        .map(|shape| seals.iter().any(|seal| seal.holds(shape)))
        .collect();
    let mut roles = usual.clone();
    for index in (0..roles.len()).filter(|index| is_tall[*index] || in_seal[*index]) {
        roles[index] = Role::Other;
    }
    let lines = chains::lines(
        &shapes.all,
        &roles,
        ink,
        &groups_of(&shapes.all, rows, colored),
    );
    if roles == usual && !is_tall.contains(&true) {
        return (lines, roles, leaders.all);
    }
    let stands = crossed::standing_in_line(&shapes.all, &in_seal, &lines);
    let crossed = crossed::cut_letters_out(shapes, &is_tall, &lines);
    if roles == usual && crossed.is_empty() {
        return (lines, roles, leaders.all);
    }
    leaders.is_dot.resize(shapes.all.len(), false);
    let mut roles = chains::roles(&shapes.all, &leaders.is_dot, dpi);
    for index in crossed {
        roles[index] = Role::Other;
    }
    for index in (0..in_seal.len()).filter(|index| in_seal[*index] && !stands[*index]) {
        roles[index] = Role::Other;
    }
    let lines = chains::lines(
        &shapes.all,
        &roles,
        ink,
        &groups_of(&shapes.all, rows, colored),
    );
    (lines, roles, leaders.all)
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
        let bounds = around(self.shapes_between(line, from_px, to_px));
        (bounds.w_px > 0).then_some(bounds)
    }

    /// The box around each piece of ink of a line between two columns, in no order.
    pub fn pieces_between(
        &self,
        line: &TextLine,
        from_px: u32,
        to_px: u32,
    ) -> impl Iterator<Item = Bounds> {
        let between = self.shapes_between(line, from_px, to_px);
        between.map(|shape| around(std::iter::once(shape)))
    }

    fn shapes_between(
        &self,
        line: &TextLine,
        from_px: u32,
        to_px: u32,
    ) -> impl Iterator<Item = &Shape> {
        let own = line.shapes.iter();
        let own = own.map(|index| &self.shapes.all[*index as usize]);
        own.filter(move |shape| {
            let middle = shape.middle_x();
            middle >= from_px as f32 && middle < to_px as f32
        })
    }

    /// The columns in which a line has ink, in pieces between which it has none, from left to right.
    pub fn pieces(&self, line: &TextLine) -> Vec<Range<u32>> {
        let own = line.shapes.iter();
        let mut columns: Vec<Range<u32>> = own
            .map(|index| &self.shapes.all[*index as usize])
            .map(|shape| shape.left as u32..shape.right as u32)
            .collect();
        columns.sort_by_key(|columns| columns.start);
        columns.dedup_by(|next, piece| {
            let touches = next.start <= piece.end;
            if touches {
                piece.end = piece.end.max(next.end);
            }
            touches
        });
        columns
    }
}
