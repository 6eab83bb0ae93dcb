//! Cuts a line out of its page: straight, with room above and below as the models are used to, and
//! without what belongs to other lines, rules or leaders.

use std::ops::Range;

use image::GrayImage;

use super::cells::Row;
use super::ink::{Kind, runs_where};
use super::shapes::Run;
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
    /// The column of the page that each of its columns shows, where the gaps of a row of boxes are closed.
    pub closed_up: Option<Vec<u32>>,
}

impl LinePicture {
    /// The column of the page that a column shows, or the one behind its last.
    pub fn on_page(&self, column: u32) -> u32 {
        let shown = self.closed_up.as_ref().and_then(|columns| {
            let last = columns.last()? + 1;
            Some(columns.get(column as usize).copied().unwrap_or(last))
        });
        shown.unwrap_or(self.left_px + column)
    }

    /// The same without the columns that are not kept.
    fn with_columns(self, kept: &[bool]) -> Self {
        let rows = self.pixels.chunks_exact(self.width_px.max(1));
        let of_row = |row: &[u8]| -> Vec<u8> {
            let columns = row.iter().zip(kept).filter(|(_, kept)| **kept);
            columns.map(|(pixel, _)| *pixel).collect()
        };
        let columns = (0..).zip(kept).filter(|(_, kept)| **kept);
        let columns: Vec<u32> = columns.map(|(column, _)| self.left_px + column).collect();
        Self {
            pixels: rows.flat_map(of_row).collect(),
            width_px: columns.len(),
            closed_up: Some(columns),
            ..self
        }
    }
}

/// Gaps between letters in boxes are closed to this, in heights of a capital letter; where a box is empty to that of a space.
const CLOSED: f32 = 0.25;
const SPACED: f32 = 0.9;

/// Where a line lies by less than this share of a pixel beside a row, the row is taken as it is.
const ON_ROW: f32 = 0.02;

impl Found {
    /// The picture of a line that was found in this picture.
    pub fn cut(&self, picture: &GrayImage, number: usize) -> LinePicture {
        let line = &self.lines[number];
        let frame = Frame::around(self, line);
        let foreign = self.foreign(&frame, number as u32);
        let paper = self.paper(picture, &frame);
        let own = self.own_pixels(picture, &frame, &foreign, paper);
        let cut = LinePicture {
            pixels: frame.levelled(line, &own),
            width_px: frame.width,
            height_px: frame.height,
            left_px: frame.left.max(0) as u32,
            closed_up: None,
        };
        match self.rows.get(line.boxes as usize) {
            Some(row) => self.close_up(line, row, cut),
            None => cut,
        }
    }

    /// Whether a space stands between two columns of a line in boxes, by its boxes.
    pub fn is_spaced(&self, line: &TextLine, one_px: u32, other_px: u32) -> bool {
        let row = self.rows.get(line.boxes as usize);
        row.is_some_and(|row| row.is_spaced(one_px, other_px))
    }

    /// Brings letters in boxes together as in a word.
    fn close_up(&self, line: &TextLine, row: &Row, cut: LinePicture) -> LinePicture {
        let mut kept = vec![true; cut.width_px];
        let middle = |piece: &Range<u32>| u32::midpoint(piece.start, piece.end);
        for pair in self.pieces(line).windows(2) {
            let spaced = row.is_spaced(middle(&pair[0]), middle(&pair[1]));
            let room = line.height_px * if spaced { SPACED } else { CLOSED };
            let half = (room / 2.0).ceil() as u32;
            let (from, to) = (pair[0].end + half, pair[1].start.saturating_sub(half));
            let column = |x: u32| (x.saturating_sub(cut.left_px) as usize).min(cut.width_px);
            if from < to {
                kept[column(from)..column(to)].fill(false);
            }
        }
        cut.with_columns(&kept)
    }

    /// Which pixels of the frame, and a margin for the slant, show what is not the line's.
    fn foreign(&self, frame: &Frame, number: u32) -> Vec<bool> {
        let mut foreign = vec![false; frame.width * frame.tall()];
        for y in self.rows(frame.first_row() - 1..frame.end_row() + 1) {
            let spans = self.foreign_spans(frame, number, y);
            for near in [y - 1, y, y + 1] {
                if let Some(marks) = frame.row_of(&mut foreign, near) {
                    spans.iter().for_each(|span| marks[span.clone()].fill(true));
                }
            }
        }
        // Own ink is never covered by what stands beside it.
        for y in self.rows(frame.first_row()..frame.end_row()) {
            let Some(marks) = frame.row_of(&mut foreign, y) else {
                continue;
            };
            for run in self.runs_in(frame, y) {
                if self.owners[run.shape as usize] == number {
                    marks[frame.columns(run.begin.into(), run.end.into())].fill(false);
                }
            }
        }
        foreign
    }

    /// The columns of a row that show what is not the line's, and one more at either side.
    fn foreign_spans(&self, frame: &Frame, number: u32, y: i64) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        let mut add = |begin: i64, end: i64| spans.push(frame.columns(begin - 1, end + 1));
        for run in self.runs_in(frame, y) {
            if self.owners[run.shape as usize] != number {
                add(run.begin.into(), run.end.into());
            }
        }
        let seen = self.seen(frame, y);
        let left = frame.left.max(0);
        let is_other = |kind| !matches!(kind, Kind::Paper | Kind::Ink);
        runs_where(&self.ink.kinds[seen], is_other, |begin, end| {
            add(left + begin as i64, left + end as i64);
        });
        spans
    }

    /// The pixels of the frame and its margin, with paper where they are not the line's.
    fn own_pixels(
        &self,
        picture: &GrayImage,
        frame: &Frame,
        foreign: &[bool],
        paper: u8,
    ) -> Vec<u8> {
        let mut own = vec![paper; foreign.len()];
        for y in self.rows(frame.first_row()..frame.end_row()) {
            let (seen, row) = (self.seen(frame, y), frame.row(y));
            let at = row.start + (frame.left.max(0) - frame.left) as usize;
            let own = own[at..row.end].iter_mut().zip(&foreign[at..row.end]);
            for ((own, foreign), pixel) in own.zip(&picture.as_raw()[seen]) {
                *own = if *foreign { paper } else { *pixel };
            }
        }
        own
    }

    /// The mean brightness of the paper in the frame.
    fn paper(&self, picture: &GrayImage, frame: &Frame) -> u8 {
        let (mut sum, mut count) = (0_u64, 0_u64);
        for y in self.rows(frame.top..frame.top + frame.height as i64) {
            let seen = self.seen(frame, y);
            let (pixels, kinds) = (&picture.as_raw()[seen.clone()], &self.ink.kinds[seen]);
            let (mut row_sum, mut row_count) = (0_u32, 0_u32);
            for (pixel, kind) in pixels.iter().zip(kinds) {
                let is_paper = u32::from(*kind == Kind::Paper);
                row_sum += is_paper * u32::from(*pixel);
                row_count += is_paper;
            }
            sum += u64::from(row_sum);
            count += u64::from(row_count);
        }
        sum.checked_div(count).unwrap_or(255) as u8
    }

    /// Those of the rows that lie on the page.
    fn rows(&self, rows: Range<i64>) -> Range<i64> {
        rows.start.max(0)..rows.end.min(self.ink.height_px as i64)
    }

    /// The places of a row of the page that the frame shows.
    fn seen(&self, frame: &Frame, y: i64) -> Range<usize> {
        let width = self.ink.width_px as i64;
        let from = frame.left.clamp(0, width);
        let to = (frame.left + frame.width as i64).clamp(from, width);
        (y * width + from) as usize..(y * width + to) as usize
    }

    /// The runs of a row that reach into the frame, or touch it.
    fn runs_in(&self, frame: &Frame, y: i64) -> &[Run] {
        let runs = self.shapes.runs_of(y as usize);
        let (left, right) = (frame.left - 1, frame.left + frame.width as i64 + 1);
        let first = runs.partition_point(|run| i64::from(run.end) < left);
        let end = runs.partition_point(|run| i64::from(run.begin) <= right);
        &runs[first..end.max(first)]
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
        let sides = room.round();
        let drift = (line.baseline.slope * (bounds.w_px as f32 / 2.0 + sides)).abs();
        Frame {
            left: i64::from(bounds.x_px) - sides as i64,
            top: (base - above - room).floor() as i64,
            width: bounds.w_px as usize + 2 * sides as usize,
            height: (above + below + 2.0 * room).ceil() as usize,
            margin: drift.ceil() as i64 + 2,
        }
    }

    fn tall(&self) -> usize {
        self.height + 2 * self.margin as usize
    }

    /// The page's row that the margin begins with, and the one behind its last.
    fn first_row(&self) -> i64 {
        self.top - self.margin
    }

    fn end_row(&self) -> i64 {
        self.first_row() + self.tall() as i64
    }

    /// Where a row of the page stands in a buffer of the frame with its margin.
    fn row(&self, y: i64) -> Range<usize> {
        let at = (y - self.first_row()) as usize * self.width;
        at..at + self.width
    }

    fn row_of<'b, T>(&self, buffer: &'b mut [T], y: i64) -> Option<&'b mut [T]> {
        let inside = (self.first_row()..self.end_row()).contains(&y);
        inside.then(|| &mut buffer[self.row(y)])
    }

    /// The frame's columns between two of the page.
    fn columns(&self, begin: i64, end: i64) -> Range<usize> {
        let column = |x: i64| (x - self.left).clamp(0, self.width as i64) as usize;
        column(begin)..column(end).max(column(begin))
    }

    /// How far below its place in the middle the line runs in this column.
    fn shift(&self, line: &TextLine, column: usize) -> f32 {
        let middle = self.left as f32 + self.width as f32 / 2.0;
        let x = self.left + column as i64;
        line.baseline.slope * (x as f32 - middle)
    }

    /// The frame without its margin, its line brought level.
    fn levelled(&self, line: &TextLine, own: &[u8]) -> Vec<u8> {
        let mut pixels = vec![0; self.width * self.height];
        let shifts: Vec<f32> = (0..self.width)
            .map(|column| self.shift(line, column))
            .collect();
        let mut left = 0;
        // Columns that show the same rows are done together, row after row.
        for shifts in shifts.chunk_by(|one, next| one.floor() == next.floor()) {
            let whole = shifts[0].floor() as i64;
            let parts: Vec<f32> = shifts
                .iter()
                .map(|shift| shift - shift.floor())
                .map(|part| if part < ON_ROW { 0.0 } else { part })
                .collect();
            for row in 0..self.height {
                let from = (row as i64 + self.margin + whole) as usize * self.width + left;
                let upper = &own[from..][..parts.len()];
                let lower = &own[from + self.width..][..parts.len()];
                let out = &mut pixels[row * self.width + left..][..parts.len()];
                mix(upper, lower, &parts, out);
            }
            left += parts.len();
        }
        pixels
    }
}

/// Values between two rows; a part of the lower one, the rest of the upper.
fn mix(upper: &[u8], lower: &[u8], parts: &[f32], out: &mut [u8]) {
    let rows = upper.iter().zip(lower).zip(parts);
    for (out, ((upper, lower), part)) in out.iter_mut().zip(rows) {
        let mixed = f32::from(*upper) * (1.0 - part) + f32::from(*lower) * part;
        // Rounded, halves up: `round` is a call for each pixel.
        let whole = mixed as i32;
        *out = (whole + i32::from(mixed - whole as f32 >= 0.5)) as u8;
    }
}
