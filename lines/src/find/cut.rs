//! Cuts a line out of its page: straight, with room above and below as the models are used to, and
//! without what belongs to other lines, rules or leaders.

use image::GrayImage;

use super::ink::Kind;
use super::{Found, TextLine};

/// Room around a line, in heights of a capital letter: above the baseline, below it, at either end.
const ABOVE: f32 = 1.35;
const BELOW: f32 = 0.38;
const ROOM: f32 = 0.14;

/// A line's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePicture {
    /// Grey values from the top left, without gaps.
    pub pixels: Vec<u8>,
    /// Width in pixels.
    pub width_px: usize,
    /// Height in pixels.
    pub height_px: usize,
    /// The column of the page that its first column shows.
    pub left_px: u32,
}

impl Found {
    /// The picture of a line that was found in this picture.
    pub fn cut(&self, picture: &GrayImage, number: usize) -> LinePicture {
        let line = &self.lines[number];
        let frame = Frame::around(self, line);
        let foreign = self.foreign(&frame, number as u32);
        let paper = self.paper(picture, &frame);
        let mut pixels = vec![paper; frame.width * frame.height];
        for (i, x) in (frame.left..frame.left + frame.width as i64).enumerate() {
            let shift = frame.shift(line, x);
            let (whole, part) = (shift.floor() as i64, shift - shift.floor());
            let value = |y: i64| {
                let at = y * self.ink.width_px as i64 + x;
                let inside = x >= 0
                    && y >= 0
                    && x < self.ink.width_px as i64
                    && y < self.ink.height_px as i64;
                if !inside || frame.is_foreign(&foreign, x, y) {
                    f32::from(paper)
                } else {
                    f32::from(picture.as_raw()[at as usize])
                }
            };
            for j in 0..frame.height {
                let y = frame.top + j as i64 + whole;
                let mixed = if part < 0.02 {
                    value(y)
                } else {
                    value(y) * (1.0 - part) + value(y + 1) * part
                };
                pixels[j * frame.width + i] = mixed.round() as u8;
            }
        }
        LinePicture {
            pixels,
            width_px: frame.width,
            height_px: frame.height,
            left_px: frame.left.max(0) as u32,
        }
    }

    /// Which pixels of the frame, and a margin for the slant, show what is not the line's.
    fn foreign(&self, frame: &Frame, number: u32) -> Vec<bool> {
        let mut foreign = vec![false; frame.width * frame.tall()];
        for row in 0..frame.tall() {
            let y = frame.top - frame.margin + row as i64;
            for near in [y - 1, y, y + 1] {
                if near < 0 || near >= self.ink.height_px as i64 {
                    continue;
                }
                let marks = &mut foreign[row * frame.width..][..frame.width];
                self.mark_foreign(frame, number, near, marks);
            }
        }
        // Own ink is never covered by what stands beside it.
        for row in 0..frame.tall() {
            let y = frame.top - frame.margin + row as i64;
            if y < 0 || y >= self.ink.height_px as i64 {
                continue;
            }
            for run in self.shapes.runs_of(y as usize) {
                if self.owners[run.shape as usize] == number {
                    let from = (i64::from(run.begin) - frame.left).clamp(0, frame.width as i64);
                    let to = (i64::from(run.end) - frame.left).clamp(0, frame.width as i64);
                    foreign[row * frame.width..][from as usize..to as usize].fill(false);
                }
            }
        }
        foreign
    }

    fn mark_foreign(&self, frame: &Frame, number: u32, y: i64, marks: &mut [bool]) {
        let width = frame.width as i64;
        let mut mark = |begin: i64, end: i64| {
            let from = (begin - 1 - frame.left).clamp(0, width);
            let to = (end + 1 - frame.left).clamp(0, width);
            if from < to {
                marks[from as usize..to as usize].fill(true);
            }
        };
        for run in self.shapes.runs_of(y as usize) {
            if self.owners[run.shape as usize] != number {
                mark(i64::from(run.begin), i64::from(run.end));
            }
        }
        let from = frame.left.max(0);
        let to = (frame.left + width).min(self.ink.width_px as i64);
        for x in from..to {
            if !matches!(self.ink.at(x, y), Kind::Paper | Kind::Ink) {
                mark(x, x + 1);
            }
        }
    }

    /// The mean brightness of the paper in the frame.
    fn paper(&self, picture: &GrayImage, frame: &Frame) -> u8 {
        let (mut sum, mut count) = (0_u64, 0_u64);
        for y in frame.top.max(0)..(frame.top + frame.height as i64).min(self.ink.height_px as i64)
        {
            for x in
                frame.left.max(0)..(frame.left + frame.width as i64).min(self.ink.width_px as i64)
            {
                let at = y as usize * self.ink.width_px + x as usize;
                if self.ink.kinds[at] == Kind::Paper {
                    sum += u64::from(picture.as_raw()[at]);
                    count += 1;
                }
            }
        }
        sum.checked_div(count).unwrap_or(255) as u8
    }
}

/// The part of the page that a line's picture shows.
struct Frame {
    left: i64,
    top: i64,
    width: usize,
    height: usize,
    /// Rows above and below that come in where the line slants.
    margin: i64,
}

impl Frame {
    fn around(found: &Found, line: &TextLine) -> Frame {
        let height = line.height_px;
        let (mut above, mut below) = (ABOVE * height, BELOW * height);
        for index in &line.shapes {
            let shape = &found.shapes.all[*index as usize];
            let base = line.baseline.at(shape.middle_x());
            above = above.max(base - shape.top as f32);
            below = below.max(shape.bottom as f32 - base);
        }
        let (above, below) = (above.min(3.0 * height), below.min(1.2 * height));
        let room = (ROOM * height).max(2.0);
        let bounds = &line.bounds;
        let middle = bounds.x_px as f32 + bounds.w_px as f32 / 2.0;
        let base = line.baseline.at(middle);
        let drift = (line.baseline.slope * bounds.w_px as f32 / 2.0).abs();
        Frame {
            left: i64::from(bounds.x_px) - room.round() as i64,
            top: (base - above - room).floor() as i64,
            width: bounds.w_px as usize + 2 * room.round() as usize,
            height: (above + below + 2.0 * room).ceil() as usize,
            margin: drift.ceil() as i64 + 2,
        }
    }

    fn tall(&self) -> usize {
        self.height + 2 * self.margin as usize
    }

    /// How far below its place in the middle the line runs in this column.
    fn shift(&self, line: &TextLine, x: i64) -> f32 {
        let middle = self.left as f32 + self.width as f32 / 2.0;
        line.baseline.slope * (x as f32 - middle)
    }

    fn is_foreign(&self, foreign: &[bool], x: i64, y: i64) -> bool {
        let row = y - self.top + self.margin;
        let column = x - self.left;
        if row < 0 || row >= self.tall() as i64 {
            return false;
        }
        foreign[row as usize * self.width + column as usize]
    }
}
