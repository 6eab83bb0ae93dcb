//! Boxes to tick: a small square frame among the words of a form, empty or with a cross, a hook or a blot in it. Models know no such
//! sign and read `L1`, `E]` or a letter; here the frame is found by its four sides, and its ink tells whether something stands in it.

use std::ops::Range;

use super::Bounds;
use super::chains::{Baseline, Chain};
use super::ink::{Ink, Kind};
use super::order::Placed;
use super::shapes::{Shape, Shapes};

/// A side is so long, in inches: 2.2 to 6.5 mm.
const SIDE_IN: Range<f32> = 0.085..0.26;
/// Of two sides the longer is so many times the shorter.
const OBLONG: f32 = 1.2;
/// What hangs on a frame, covers at most this part of its square and reaches over it is the end of a hook, and no letter.
const HOOK: f32 = 0.2;
/// A frame is looked for in shapes of at most so many sides: letters on either side may touch it.
const TOUCHED: f32 = 12.0;
/// So much of each side is inked, in a band of this width, in inches. The bow of a D has less, and so have the corners of an O.
const FRAMED: f32 = 0.9;
const BAND_IN: f32 = 0.012;
/// So many pixels beyond a side no more than this part of it is inked: else it is the inner edge of a thick stroke.
const BEYOND_PX: i32 = 2;
const TOUCHED_SIDE: f32 = 0.4;
/// From each corner inwards the ink begins so near, in sides or pixels; of a bold O farther in.
const CORNER: f32 = 0.07;
const CORNER_PX: i32 = 2;
/// A side is at most such a part of the box thick: the corner of a square code is thicker, a capital's stroke as well.
const THICK: f32 = 0.14;
/// Of what lies inside so much is inked where somebody ticked; less is dust. Between half and twice as much one cannot be sure.
const TICKED: f32 = 0.06;
/// In a box of this side, in inches, one writes as well as ticks: what stands free in it is read.
const WRITTEN_IN_IN: f32 = 0.19;
/// With a blot in it, so much of a box is ink; what is fuller is a blot alone.
const MOST_FILLED: f32 = 0.8;
/// How high a capital letter beside a box is, in sides of it.
const CAPITAL: f32 = 0.85;

/// A box to tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// Whether something stands in it.
    pub ticked: bool,
    /// Whether one can be sure of that.
    pub sure: bool,
}

/// A box and where it is.
#[derive(Clone, Copy, Debug)]
pub struct TickBox {
    pub tick: Tick,
    /// Its frame.
    pub bounds: Bounds,
    /// What stands in it is to be read, and it is no sign by itself.
    is_read: bool,
}

impl TickBox {
    /// The box as a line of its own; none where what stands in it is read.
    pub fn line(&self) -> Option<Chain> {
        (!self.is_read).then(|| Chain {
            shapes: vec![],
            letters: 0,
            left: self.bounds.x_px as i32,
            right: self.bounds.right_px() as i32,
            baseline: Baseline {
                y_px: self.bounds.bottom_px() as f32,
                slope: 0.0,
            },
            height: CAPITAL * self.bounds.h_px as f32,
            tick: Some(*self),
        })
    }
}

/// Takes boxes to tick out of the ink; from then on they part words. Where there are any, the shapes are others afterwards.
pub fn take_out(ink: &mut Ink, shapes: &Shapes, dpi: u32) -> Vec<TickBox> {
    let mut found = Vec::new();
    for index in 0..shapes.all.len() {
        let own = Own::of(shapes, index);
        if !own.may_hold_a_frame(dpi) {
            continue;
        }
        let pixels = own.pixels();
        for frame in own.frames(&pixels, dpi) {
            let tick_box = tick_box(ink, &own, &pixels, &frame, dpi);
            own.mark(ink, &pixels, &frame, tick_box.is_read);
            found.push(tick_box);
        }
    }
    found
}

/// Sets boxes on the line of the words beside them.
pub fn stand_as_neighbours(lines: &mut [Placed]) {
    for at in 0..lines.len() {
        let Some(tick) = lines[at].line.tick else {
            continue;
        };
        let row = lines[at].row;
        let x = lines[at].line.middle_x();
        let beside = lines
            .iter()
            .filter(|other| other.row == row && other.line.tick.is_none());
        let apart = |other: &&Placed| {
            let line = &other.line;
            (line.left as f32 - x).max(x - line.right as f32)
        };
        let nearest = beside.min_by(|one, other| apart(one).total_cmp(&apart(other)));
        let baseline = nearest.map(|nearest| nearest.line.baseline);
        let middle = (tick.bounds.y_px + tick.bounds.h_px / 2) as f32;
        let stands =
            |baseline: &Baseline| (baseline.at(x) - middle).abs() <= tick.bounds.h_px as f32;
        if let Some(baseline) = baseline.filter(stands) {
            lines[at].line.baseline = baseline;
        }
    }
}

/// What a frame and the ink in it are.
fn tick_box(ink: &Ink, own: &Own, pixels: &[bool], frame: &Frame, dpi: u32) -> TickBox {
    let all = || frame.inside();
    let is_inked = |(x, y): &(i32, i32)| ink.at((*x).into(), (*y).into()) != Kind::Paper;
    let share = all().filter(is_inked).count() as f32 / all().count().max(1) as f32;
    let is_free = !all().any(|(x, y)| own.has(pixels, x, y));
    let bounds = frame.bounds();
    let ticked = share >= TICKED;
    TickBox {
        tick: Tick {
            ticked,
            sure: !(0.5 * TICKED..2.0 * TICKED).contains(&share),
        },
        bounds,
        is_read: ticked && is_free && frame.side() >= WRITTEN_IN_IN * dpi as f32,
    }
}

/// The outer edges of a frame, and how thick its sides are.
#[derive(Clone, Copy, Debug)]
struct Frame {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    thick: i32,
}

impl Frame {
    fn width(&self) -> i32 {
        self.right - self.left
    }

    fn height(&self) -> i32 {
        self.bottom - self.top
    }

    fn side(&self) -> f32 {
        self.width().max(self.height()) as f32
    }

    fn is_square(&self) -> bool {
        self.side() <= OBLONG * self.width().min(self.height()) as f32
    }

    /// The places that its sides enclose, without their blurred edges.
    fn inside(&self) -> impl Iterator<Item = (i32, i32)> {
        let edge = self.thick + 1;
        let columns = self.left + edge..self.right - edge;
        let rows = self.top + edge..self.bottom - edge;
        rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            x_px: self.left as u32,
            y_px: self.top as u32,
            w_px: self.width() as u32,
            h_px: self.height() as u32,
        }
    }
}

/// A run of a row, in columns of the page.
#[derive(Clone, Copy)]
struct Long {
    y: i32,
    begin: i32,
    end: i32,
}

/// A shape by its own pixels.
struct Own<'a> {
    shapes: &'a Shapes,
    index: usize,
    shape: &'a Shape,
}

impl<'a> Own<'a> {
    fn of(shapes: &'a Shapes, index: usize) -> Self {
        Self {
            shapes,
            index,
            shape: &shapes.all[index],
        }
    }

    fn may_hold_a_frame(&self, dpi: u32) -> bool {
        let (least, most) = (SIDE_IN.start * dpi as f32, SIDE_IN.end * dpi as f32);
        let (width, height) = (self.shape.width() as f32, self.shape.height() as f32);
        let is_line = self.shape.filled() <= MOST_FILLED;
        is_line && width.min(height) >= least && width <= TOUCHED * most && height <= 2.0 * most
    }

    /// For each place of the shape's box whether it is the shape's ink.
    fn pixels(&self) -> Vec<bool> {
        let width = self.shape.width() as usize;
        let mut pixels = vec![false; width * self.shape.height() as usize];
        for (y, row) in (self.shape.top..self.shape.bottom).zip(pixels.chunks_exact_mut(width)) {
            for run in self.runs(y) {
                let column = |x: i32| (x - self.shape.left) as usize;
                row[column(run.begin)..column(run.end)].fill(true);
            }
        }
        pixels
    }

    fn runs(&self, y: i32) -> impl Iterator<Item = Long> {
        let runs = self.shapes.runs_of(y as usize).iter();
        let own = runs.filter(|run| run.shape as usize == self.index);
        own.map(move |run| Long {
            y,
            begin: run.begin as i32,
            end: run.end as i32,
        })
    }

    fn has(&self, pixels: &[bool], x: i32, y: i32) -> bool {
        let Shape {
            left,
            right,
            top,
            bottom,
            ..
        } = *self.shape;
        (left..right).contains(&x)
            && (top..bottom).contains(&y)
            && pixels[((y - top) * (right - left) + x - left) as usize]
    }

    /// The frames in the shape, from above, none of which shares a column with another.
    fn frames(&self, pixels: &[bool], dpi: u32) -> Vec<Frame> {
        let least = (SIDE_IN.start * dpi as f32) as i32;
        let rows = self.shape.top..self.shape.bottom;
        let long: Vec<Long> = rows
            .flat_map(|y| self.runs(y))
            .filter(|run| run.end - run.begin >= least)
            .collect();
        // A side is thick: its outermost row as long as the side counts.
        let goes_on = |run: &Long, y: i32| {
            let mut near = long.iter().filter(|other| other.y == y);
            near.any(|other| other.begin <= run.begin + 1 && other.end >= run.end - 1)
        };
        let mut found: Vec<Frame> = Vec::new();
        for (at, upper) in long.iter().enumerate() {
            if goes_on(upper, upper.y - 1) {
                continue;
            }
            let below = long[at + 1..].iter();
            for lower in below.filter(|lower| !goes_on(lower, lower.y + 1)) {
                let is_new = |frame: &Frame| {
                    let mut others = found.iter();
                    others.all(|other| frame.left >= other.right || frame.right <= other.left)
                };
                let frame = self.frame(pixels, upper, lower, dpi);
                found.extend(frame.filter(is_new));
            }
        }
        found
    }

    /// The frame whose upper and lower side these are; none where it has no other two, or is none of a box to tick.
    fn frame(&self, pixels: &[bool], upper: &Long, lower: &Long, dpi: u32) -> Option<Frame> {
        let frame = Frame {
            left: upper.begin.max(lower.begin),
            right: upper.end.min(lower.end),
            top: upper.y,
            bottom: lower.y + 1,
            thick: 0,
        };
        let (least, most) = (SIDE_IN.start * dpi as f32, SIDE_IN.end * dpi as f32);
        let shortest = frame.width().min(frame.height()) as f32;
        if shortest < least || frame.side() > most || !frame.is_square() {
            return None;
        }
        let band = (BAND_IN * dpi as f32).round().max(2.0) as i32;
        let thick = self.thickness(pixels, &frame, band)?;
        let is_thin = thick as f32 <= (THICK * frame.side()).max(2.0);
        let stands_free = self.has_corners(pixels, &frame) && self.has_paper_beyond(pixels, &frame);
        (is_thin && stands_free).then_some(Frame { thick, ..frame })
    }

    fn has_paper_beyond(&self, pixels: &[bool], frame: &Frame) -> bool {
        let inked = |places: &mut dyn Iterator<Item = (i32, i32)>| {
            places.filter(|(x, y)| self.has(pixels, *x, *y)).count() as f32
        };
        let beside = [frame.left - BEYOND_PX, frame.right - 1 + BEYOND_PX];
        let across = [frame.top - BEYOND_PX, frame.bottom - 1 + BEYOND_PX];
        let most = TOUCHED_SIDE * frame.side();
        let (mut beside, mut across) = (beside.into_iter(), across.into_iter());
        beside.all(|x| inked(&mut (frame.top..frame.bottom).map(|y| (x, y))) <= most)
            && across.all(|y| inked(&mut (frame.left..frame.right).map(|x| (x, y))) <= most)
    }

    fn has_corners(&self, pixels: &[bool], frame: &Frame) -> bool {
        let most = ((CORNER * frame.side()) as i32).max(CORNER_PX);
        let (left, right) = ((frame.left, 1), (frame.right - 1, -1));
        let (top, bottom) = ((frame.top, 1), (frame.bottom - 1, -1));
        let corners = [(left, top), (right, top), (left, bottom), (right, bottom)];
        corners.iter().all(|((x, to_right), (y, down))| {
            let mut inwards = 0..=most;
            inwards.any(|n| self.has(pixels, x + n * to_right, y + n * down))
        })
    }

    /// How thick the sides of a frame are at a quarter of all places, for a cross makes them thicker; none where one of them is not there.
    fn thickness(&self, pixels: &[bool], frame: &Frame, band: i32) -> Option<i32> {
        let (width, height) = (frame.width(), frame.height());
        // How far in from a side the ink begins, and how far it goes on.
        let depth = |length: i32, at: &dyn Fn(i32, i32) -> (i32, i32)| -> Vec<i32> {
            let inked = |along: i32, into: i32| {
                let (x, y) = at(along, into);
                self.has(pixels, x, y)
            };
            let at = |along: i32| {
                let first = (0..=band).find(|into| inked(along, *into))?;
                let beyond = (first..width.min(height)).take_while(|into| inked(along, *into));
                Some(beyond.count() as i32)
            };
            (0..length).filter_map(at).collect()
        };
        let sides = [
            depth(height, &|n, into| (frame.left + into, frame.top + n)),
            depth(height, &|n, into| (frame.right - 1 - into, frame.top + n)),
            depth(width, &|n, into| (frame.left + n, frame.top + into)),
            depth(width, &|n, into| (frame.left + n, frame.bottom - 1 - into)),
        ];
        let lengths = [height, height, width, width];
        let mut all = sides.iter().zip(lengths);
        if !all.all(|(side, length)| side.len() as f32 >= FRAMED * length as f32) {
            return None;
        }
        let mut depths = sides.concat();
        depths.sort_unstable();
        Some(depths[depths.len() / 4])
    }

    /// Marks a frame and what stands in it, unless that is read, and what hangs on it.
    fn mark(&self, ink: &mut Ink, pixels: &[bool], frame: &Frame, inside_is_read: bool) {
        let Shape {
            left,
            right,
            top,
            bottom,
            ..
        } = *self.shape;
        let columns = frame.left - 1..frame.right + 1;
        let rows = frame.top - 1..frame.bottom + 1;
        let is_within = |x: i32, y: i32| columns.contains(&x) && rows.contains(&y);
        let all = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
        let beyond = all.filter(|(x, y)| self.has(pixels, *x, *y) && !is_within(*x, *y));
        let is_small = beyond.count() as f32 <= HOOK * frame.side() * frame.side();
        let is_alone = is_small && (top < rows.start || bottom > rows.end);
        let (width, height) = (ink.width_px as i32, ink.height_px as i32);
        for y in rows.start.min(top).max(0)..rows.end.max(bottom).min(height) {
            for x in columns.start.min(left).max(0)..columns.end.max(right).min(width) {
                let place = y as usize * ink.width_px + x as usize;
                let is_own = self.has(pixels, x, y);
                let is_marked = match is_within(x, y) {
                    true => is_own || !inside_is_read,
                    false => is_own && is_alone,
                };
                if is_marked && ink.kinds[place] != Kind::Paper {
                    ink.kinds[place] = Kind::TickBox;
                }
            }
        }
    }
}
