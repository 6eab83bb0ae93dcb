//! Rows of boxes for one letter or digit each, as forms have for numbers and dates: side by side, each in a frame of its own, or
//! a comb of ticks on a rule. Their lines are taken out, what stands in them is one line, and its gaps are closed before it is read.

use std::ops::Range;

use super::NOBODY;
use super::ink::{Ink, Kind, runs_where};
use super::shapes::{Shape, Shapes};

/// Measures of a box, in inches: how wide it is…
const WIDE_IN: Range<f32> = 0.11..0.36;
/// …and how high its sides are; the ticks of a comb are the lowest.
const HIGH_IN: Range<f32> = 0.05..0.36;
/// A side is at most so thick.
const THICK_IN: f32 = 0.04;
/// Behind a rule of this thickness the side of a box of a table goes on.
const BEYOND_IN: f32 = 0.05;
/// Boxes of one row differ by at most this share of their width, and their sides by so much of their height.
const ALIKE: f32 = 0.15;
/// Two groups of boxes are one row where the gap is at most so many boxes wide: day, month and year.
const GROUPS_APART: f32 = 1.3;
/// A gap that is wider than the usual one by so much of a box is a space.
const SPACE: f32 = 0.3;
const LEAST_BOXES: usize = 3;
/// Such a share of each side of a frame is inked; of a round letter's never.
const FRAMED: f32 = 0.92;
/// So near to its edge, in inches; the ink fills at most so much of it, and it is nearly square.
const OFF_IN: f32 = 0.012;
const MOST_FILLED: f32 = 0.6;
const MOST_OBLONG: f32 = 0.6;
/// A tick with a step of the rule that it stands on is at most so wide, and fills this part of its box.
const TICK_IN: f32 = 0.06;
const LEAST_FILLED: f32 = 0.3;
/// What is written in a comb is at most so high, in widths of its boxes.
const COMB_HIGH: f32 = 0.95;
/// What is so high in a box is a letter. Two beside each other are a word in a table.
const LETTER: f32 = 0.3;

/// A row of boxes.
pub struct Row {
    /// The columns inside each, from the left.
    boxes: Vec<Range<i32>>,
    top: i32,
    bottom: i32,
}

/// A row with the lines that it is drawn with.
struct Drawn {
    row: Row,
    lines: Vec<Stroke>,
}

/// A ruled line, or the frame of a box, by what it covers.
#[derive(Clone, Copy, Debug)]
struct Stroke {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

/// Takes the lines of boxes out of the ink; gives their rows. Where there are any, the shapes are others afterwards.
pub fn take_out(ink: &mut Ink, shapes: &Shapes, dpi: u32) -> Vec<Row> {
    let page = Page { ink, dpi };
    let mut drawn = page.framed(&shapes.all);
    drawn.extend(page.sided(&shapes.all));
    drawn.retain(|drawn| drawn.row.holds_single_letters(&shapes.all, &drawn.lines));
    let beyond = page.px(BEYOND_IN);
    let strokes: Vec<Stroke> = drawn
        .iter()
        .flat_map(|drawn| &drawn.lines)
        .copied()
        .collect();
    for stroke in strokes {
        take_stroke_out(ink, &stroke, beyond);
    }
    drawn.into_iter().map(|drawn| drawn.row).collect()
}

/// Takes a line out with its blurred edges, and one that runs down through the rules at its ends.
fn take_stroke_out(ink: &mut Ink, stroke: &Stroke, beyond: i32) {
    let beyond = if stroke.height() > stroke.width() {
        beyond
    } else {
        1
    };
    let within = |from: i32, to: i32, size: usize| {
        (from.max(0) as usize).min(size)..(to.max(0) as usize).min(size)
    };
    let columns = within(stroke.left - 1, stroke.right + 1, ink.width_px);
    for y in within(stroke.top - beyond, stroke.bottom + beyond, ink.height_px) {
        let row = y * ink.width_px;
        let places = &mut ink.kinds[row + columns.start..row + columns.end];
        let inked = places.iter_mut().filter(|kind| **kind != Kind::Paper);
        inked.for_each(|kind| *kind = Kind::RuleAcross);
    }
}

/// For each shape the number of the row of boxes that it stands in.
pub fn rows_of_shapes(rows: &[Row], shapes: &[Shape]) -> Vec<u32> {
    let row_of = |shape: &Shape| rows.iter().position(|row| row.holds(shape));
    let number = |shape| row_of(shape).map_or(NOBODY, |number| number as u32);
    shapes.iter().map(number).collect()
}

impl Row {
    pub fn left(&self) -> i32 {
        self.boxes[0].start
    }

    pub fn middle_y(&self) -> f32 {
        (self.top + self.bottom) as f32 / 2.0
    }

    /// Whether a space stands between two letters, by the columns of their middles.
    pub fn is_spaced(&self, one: u32, other: u32) -> bool {
        let (Some(one), Some(other)) = (self.box_at(one as f32), self.box_at(other as f32)) else {
            return false;
        };
        let gap = |next: usize| self.boxes[next].start - self.boxes[next - 1].end;
        let mut gaps: Vec<i32> = (1..self.boxes.len()).map(gap).collect();
        gaps.sort_unstable();
        let usual = gaps[gaps.len() / 2];
        let wide = SPACE * self.boxes[0].len() as f32;
        other > one + 1 || (other == one + 1 && (gap(other) - usual) as f32 > wide)
    }

    fn box_at(&self, x: f32) -> Option<usize> {
        let holds = |own: &Range<i32>| own.start as f32 <= x && x <= own.end as f32;
        self.boxes.iter().position(holds)
    }

    fn holds(&self, shape: &Shape) -> bool {
        let (left, right) = (self.boxes[0].start, self.boxes[self.boxes.len() - 1].end);
        let (x, y) = (shape.middle_x(), shape.middle_y());
        x >= left as f32
            && x <= right as f32
            && y >= self.top as f32
            && y <= self.bottom as f32
            && shape.width() <= 2 * self.boxes[0].len() as i32
            && shape.height() <= 2 * (self.bottom - self.top)
    }

    /// Whether no box holds two letters beside each other, as the narrow columns of a table do.
    fn holds_single_letters(&self, shapes: &[Shape], lines: &[Stroke]) -> bool {
        let least = LETTER * (self.bottom - self.top) as f32;
        let is_line = |shape: &Shape| lines.iter().any(|line| line.is_of(shape));
        let letters = shapes.iter().filter(|shape| shape.height() as f32 >= least);
        let letters = letters.filter(|shape| self.holds(shape) && !is_line(shape));
        let mut letters: Vec<&Shape> = letters.collect();
        letters.sort_by_key(|shape| shape.left);
        let doubled = letters.windows(2).filter(|pair| {
            let own = self.box_at(pair[0].middle_x());
            own.is_some() && own == self.box_at(pair[1].middle_x()) && pair[1].left >= pair[0].right
        });
        // A letter may be broken.
        doubled.count() * 6 <= self.boxes.len()
    }
}

impl Stroke {
    fn of(shape: &Shape) -> Self {
        let Shape {
            left,
            right,
            top,
            bottom,
            ..
        } = *shape;
        Self {
            left,
            right,
            top,
            bottom,
        }
    }

    fn is_of(&self, shape: &Shape) -> bool {
        let own = shape.left <= self.left && shape.right >= self.right;
        own && shape.top <= self.top && shape.bottom >= self.bottom
    }

    fn width(&self) -> i32 {
        self.right - self.left
    }

    fn height(&self) -> i32 {
        self.bottom - self.top
    }

    fn middle_x(&self) -> i32 {
        i32::midpoint(self.left, self.right)
    }

    /// Whether both are as high and stand as the other.
    fn stands_as(&self, other: &Self) -> bool {
        let most = (ALIKE * self.height().max(other.height()) as f32).max(3.0) as u32;
        self.top.abs_diff(other.top) <= most && self.bottom.abs_diff(other.bottom) <= most
    }
}

/// The page that boxes are looked for on.
struct Page<'a> {
    ink: &'a Ink,
    dpi: u32,
}

impl Page<'_> {
    fn px(&self, inches: f32) -> i32 {
        (inches * self.dpi as f32).round() as i32
    }

    fn is_among(&self, inches: &Range<f32>, px: i32) -> bool {
        (self.px(inches.start)..=self.px(inches.end)).contains(&px)
    }

    fn is_any(&self, kind: Kind, columns: Range<i32>, rows: Range<i32>) -> bool {
        let mut places = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
        places.any(|(x, y)| self.ink.at(x.into(), y.into()) == kind)
    }

    /// Rows of boxes that have each a frame of its own.
    fn framed(&self, shapes: &[Shape]) -> Vec<Drawn> {
        let frames = shapes.iter().filter(|shape| self.is_frame(shape));
        let mut frames: Vec<Stroke> = frames.map(Stroke::of).collect();
        frames.sort_by_key(|frame| frame.left);
        let follows = |one: &Stroke, other: &Stroke| {
            let apart = (other.left - one.right) as f32;
            let unlike = one.width().abs_diff(other.width()) as f32;
            apart >= 0.0
                && apart <= GROUPS_APART * one.width() as f32
                && unlike <= (ALIKE * one.width() as f32).max(2.0)
        };
        let rows = grouped(frames, follows).into_iter();
        let rows = rows.filter(|row| row.len() >= LEAST_BOXES);
        rows.map(|row| self.of_frames(&row)).collect()
    }

    fn of_frames(&self, frames: &[Stroke]) -> Drawn {
        let mut boxes = Vec::new();
        let mut lines = Vec::new();
        for frame in frames {
            let thick = self.thickness(frame);
            boxes.push(frame.left + thick..frame.right - thick);
            let (mut left, mut right, mut upper, mut lower) = (*frame, *frame, *frame, *frame);
            left.right = frame.left + thick;
            right.left = frame.right - thick;
            upper.bottom = frame.top + thick;
            lower.top = frame.bottom - thick;
            lines.extend([left, right, upper, lower]);
        }
        Drawn {
            row: row_of(boxes, frames),
            lines,
        }
    }

    /// Whether a shape is the frame of a box, whatever stands in it and touches it.
    fn is_frame(&self, shape: &Shape) -> bool {
        let frame = Stroke::of(shape);
        let (width, height) = (frame.width(), frame.height());
        if !self.is_among(&WIDE_IN, width)
            || !self.is_among(&WIDE_IN, height)
            || shape.filled() > MOST_FILLED
            || width.abs_diff(height) as f32 > MOST_OBLONG * width as f32
        {
            return false;
        }
        let off = self.px(OFF_IN).max(2);
        let inked = |x: i32, y: i32| self.ink.at(x.into(), y.into()) != Kind::Paper;
        let down = |x: Range<i32>| {
            let rows = frame.top..frame.bottom;
            rows.filter(|y| x.clone().any(|x| inked(x, *y))).count() as f32
                >= FRAMED * height as f32
        };
        let across = |y: Range<i32>| {
            let columns = frame.left..frame.right;
            columns.filter(|x| y.clone().any(|y| inked(*x, y))).count() as f32
                >= FRAMED * width as f32
        };
        down(frame.left..frame.left + off)
            && down(frame.right - off..frame.right)
            && across(frame.top..frame.top + off)
            && across(frame.bottom - off..frame.bottom)
    }

    /// How far the sides of a frame reach inwards, in the middle of all places.
    fn thickness(&self, frame: &Stroke) -> i32 {
        let inked = |x: i32, y: i32| self.ink.at(x.into(), y.into()) != Kind::Paper;
        let most = self.px(THICK_IN);
        let reach =
            |at: &dyn Fn(i32) -> bool| (0..=most).rev().find(|n| at(*n)).map_or(1, |n| n + 1);
        let left = (frame.top..frame.bottom).map(|y| reach(&|n| inked(frame.left + n, y)));
        let right = (frame.top..frame.bottom).map(|y| reach(&|n| inked(frame.right - 1 - n, y)));
        let mut all: Vec<i32> = left.chain(right).collect();
        all.sort_unstable();
        all[all.len() / 2]
    }

    /// Rows of boxes that share their sides, and combs.
    fn sided(&self, shapes: &[Shape]) -> Vec<Drawn> {
        let mut sides: Vec<Stroke> = self.ruled_sides();
        sides.extend(
            shapes
                .iter()
                .filter(|shape| self.is_tick(shape))
                .map(Stroke::of),
        );
        sides.sort_by_key(|side| side.left);
        let widest = (1.0 + GROUPS_APART) * self.px(WIDE_IN.end) as f32;
        let follows = |one: &Stroke, other: &Stroke| (other.left - one.right) as f32 <= widest;
        let groups = grouped(sides, follows).into_iter();
        groups
            .flat_map(|sides| self.rows_of_sides(&sides))
            .collect()
    }

    /// The longest stretches of boxes of one width among sides that stand alike.
    fn rows_of_sides(&self, sides: &[Stroke]) -> Vec<Drawn> {
        let apart = |pair: &[Stroke]| pair[1].middle_x() - pair[0].middle_x();
        let mut widths: Vec<i32> = sides
            .windows(2)
            .map(apart)
            .filter(|width| self.is_among(&WIDE_IN, *width))
            .collect();
        if widths.len() < LEAST_BOXES {
            return Vec::new();
        }
        widths.sort_unstable();
        let usual = widths[widths.len() / 2] as f32;
        // A side that a letter touches was not found: then two boxes seem to be one.
        let boxes_of = |pair: &[Stroke]| {
            let count = (1..=2).find(|count| {
                let off = (apart(pair) as f32 - *count as f32 * usual).abs();
                off <= (ALIKE * usual).max(2.0)
            });
            count.filter(|_| self.is_closed(pair)).unwrap_or(0)
        };
        let is_box = |pair: &[Stroke]| boxes_of(pair) > 0;
        let goes_on = |pair: &[Stroke]| is_box(pair) || apart(pair) as f32 <= GROUPS_APART * usual;
        let mut rows = Vec::new();
        for stretch in sides.chunk_by(|one, other| goes_on(&[*one, *other])) {
            let boxes: Vec<Range<i32>> = stretch
                .windows(2)
                .flat_map(|pair| parted(pair[0].right..pair[1].left, boxes_of(pair)))
                .collect();
            if boxes.len() >= LEAST_BOXES {
                rows.push(Drawn {
                    row: row_of(boxes, stretch),
                    lines: stretch.to_vec(),
                });
            }
        }
        rows
    }

    /// Whether a rule closes the box between two sides below.
    fn is_closed(&self, pair: &[Stroke]) -> bool {
        let x = i32::midpoint(pair[0].right, pair[1].left);
        let bottom = pair[0].bottom;
        let near = self.px(BEYOND_IN);
        self.is_any(Kind::RuleAcross, x..x + 1, bottom - near..bottom + near)
    }

    /// Ruled lines as high as boxes; in a table they go on behind each rule across.
    fn ruled_sides(&self) -> Vec<Stroke> {
        let mut sides: Vec<Stroke> = Vec::new();
        let (mut last, mut here) = (Vec::<usize>::new(), Vec::new());
        for (y, row) in self
            .ink
            .kinds
            .chunks_exact(self.ink.width_px.max(1))
            .enumerate()
        {
            let y = y as i32;
            runs_where(
                row,
                |kind| kind == Kind::RuleDown,
                |begin, end| {
                    let (begin, end) = (begin as i32, end as i32);
                    let touches = |number: &&usize| {
                        let side = &sides[**number];
                        side.left <= end && side.right >= begin
                    };
                    let number = last.iter().find(touches).copied().unwrap_or_else(|| {
                        sides.push(Stroke {
                            left: begin,
                            right: end,
                            top: y,
                            bottom: y + 1,
                        });
                        sides.len() - 1
                    });
                    let side = &mut sides[number];
                    side.left = side.left.min(begin);
                    side.right = side.right.max(end);
                    side.bottom = y + 1;
                    here.push(number);
                },
            );
            std::mem::swap(&mut last, &mut here);
            here.clear();
        }
        let beyond = self.px(BEYOND_IN);
        let goes_on = |side: &Stroke| {
            let columns = side.left - 1..side.right + 1;
            let down = |y: i32| self.is_any(Kind::RuleDown, columns.clone(), y..y + 1);
            down(side.top - beyond) || down(side.bottom + beyond)
        };
        sides.retain(|side| self.is_side(side) && !goes_on(side));
        sides
    }

    fn is_side(&self, side: &Stroke) -> bool {
        side.width() <= self.px(THICK_IN) && self.is_among(&HIGH_IN, side.height())
    }

    /// Whether a shape is a tick that stands on a rule.
    fn is_tick(&self, shape: &Shape) -> bool {
        let side = Stroke::of(shape);
        let near = self.px(BEYOND_IN);
        let columns = side.left - near..side.right + near;
        self.is_among(&HIGH_IN, side.height())
            && side.width() <= self.px(TICK_IN).min(side.height())
            && shape.filled() >= LEAST_FILLED
            && self.is_any(Kind::RuleAcross, columns, side.bottom - 2..side.bottom + 3)
    }
}

/// So many equal parts of columns.
fn parted(columns: Range<i32>, count: i32) -> impl Iterator<Item = Range<i32>> {
    let at = move |part: i32| columns.start + (columns.end - columns.start) * part / count;
    (0..count).map(move |part| at(part)..at(part + 1))
}

/// The row of these boxes; what is written in a comb is higher than its ticks.
fn row_of(boxes: Vec<Range<i32>>, lines: &[Stroke]) -> Row {
    let (tops, bottoms) = (
        lines.iter().map(|line| line.top),
        lines.iter().map(|line| line.bottom),
    );
    let (top, bottom) = (tops.min().unwrap_or(0), bottoms.max().unwrap_or(0));
    let high = (COMB_HIGH * boxes[0].len() as f32) as i32;
    Row {
        boxes,
        top: top.min(bottom - high),
        bottom,
    }
}

/// Strokes, from the left, that stand alike and follow each other.
fn grouped(strokes: Vec<Stroke>, follows: impl Fn(&Stroke, &Stroke) -> bool) -> Vec<Vec<Stroke>> {
    let mut groups: Vec<Vec<Stroke>> = Vec::new();
    for stroke in strokes {
        let fits = |group: &&mut Vec<Stroke>| {
            let last = group.last().expect("a group has a stroke");
            last.stands_as(&stroke) && follows(last, &stroke)
        };
        match groups.iter_mut().rev().find(fits) {
            Some(group) => group.push(stroke),
            None => groups.push(vec![stroke]),
        }
    }
    groups
}
