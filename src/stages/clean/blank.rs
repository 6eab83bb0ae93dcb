//! Whether anything is written on a page: what paper, scanner and the other side leave is told
//! apart from ink, and everything that is not surely one of these counts as ink.
//!
//! The two errors do not weigh the same: a written page called blank is missing from the
//! document, a blank page called written only costs its reading. Hence a table of what may be
//! overlooked, instead of a table of what is text.

use super::marks::{Mark, Marks};
use super::sketch::Sketch;
use crate::formats::raster::Pixels;

/// What a mark is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Smaller than a letter: dust, noise, a full stop.
    Speck,
    /// The lid or the edge of the scanner, the edge of the paper.
    Border,
    /// A punch hole.
    Hole,
    /// A staple or its shadow.
    Staple,
    /// A fold of the paper.
    Fold,
    /// A line drawn by dirt on the scanner's glass.
    Streak,
    /// Small, but not too small for a letter of small print or a stroke of a pencil.
    Small,
    /// Anything else.
    Ink,
}

/// How much darker than the paper a pixel of the sketch must be to be looked at, 0 to 1.
///
/// A stroke of a hard pencil, two pixels wide at 300 dpi, comes to 0.1. In black and white a
/// single pixel of noise in a block of nine is 0.11 already.
pub fn least_darkness(pixels: &Pixels) -> f32 {
    match pixels {
        Pixels::Bilevel(_) => 0.3,
        Pixels::Gray(_) | Pixels::Color(_) => 0.08,
    }
}

/// What lies along the edge of the page up to here is a border if its shape allows.
const MARGIN_MM: f32 = 25.0;

/// Tells what each mark is.
pub fn origins(marks: &Marks, sketch: &Sketch) -> Vec<Origin> {
    let page = Page::of(sketch);
    let mut deep_mm2 = vec![0.0; marks.marks.len()];
    for run in &marks.runs {
        deep_mm2[run.mark as usize] += page.deep_mm2(run.y, run.start, run.end);
    }
    let mut origins: Vec<Origin> = marks
        .marks
        .iter()
        .zip(deep_mm2)
        .map(|(mark, deep_mm2)| page.origin(mark, deep_mm2))
        .collect();
    find_streaks(marks, sketch, &mut origins);
    origins
}

/// A streak of a feeder's dirty glass is one pixel wide and breaks into pieces: narrow marks
/// that lie in one column (or row, for pages fed sideways) and make up 50 mm together.
fn find_streaks(marks: &Marks, sketch: &Sketch, origins: &mut [Origin]) {
    let (per_x, per_y) = sketch.px_per_mm;
    for down in [true, false] {
        let side = |(x, y): (u32, u32)| if down { (x, y) } else { (y, x) };
        let lane_and_length = |mark: &Mark| {
            let ((lane, from), (lane_end, to)) = (side(mark.left_top), side(mark.right_bottom));
            let narrow = lane_end - lane <= 2 && to - from >= 2;
            let length_mm = (to - from) as f32 / if down { per_y } else { per_x };
            narrow.then_some((lane as usize, length_mm))
        };
        let lanes = if down {
            sketch.luma.width()
        } else {
            sketch.luma.height()
        };
        let mut total_mm = vec![0.0; lanes as usize + 2];
        for (lane, length_mm) in marks.marks.iter().filter_map(lane_and_length) {
            total_mm[lane] += length_mm;
            total_mm[lane + 1] += length_mm;
        }
        for (mark, origin) in marks.marks.iter().zip(origins.iter_mut()) {
            let streak = lane_and_length(mark)
                .is_some_and(|(lane, _)| total_mm[lane].max(total_mm[lane + 1]) > 50.0);
            if streak && mark.darkness < STRONG {
                *origin = Origin::Streak;
            }
        }
    }
}

/// The sketch's size, and the margin in which borders lie.
struct Page {
    width_px: f32,
    height_px: f32,
    px_per_mm: (f32, f32),
    margin_mm: f32,
}

impl Page {
    fn of(sketch: &Sketch) -> Page {
        let (width_px, height_px) = (sketch.luma.width() as f32, sketch.luma.height() as f32);
        let px_per_mm = sketch.px_per_mm;
        let short_mm = (width_px / px_per_mm.0).min(height_px / px_per_mm.1);
        Page {
            width_px,
            height_px,
            px_per_mm,
            margin_mm: MARGIN_MM.min(short_mm * 0.12),
        }
    }

    /// The part of a run that lies further inside than the margin.
    fn deep_mm2(&self, y: u32, start: u32, end: u32) -> f32 {
        let (margin_x, margin_y) = (
            self.margin_mm * self.px_per_mm.0,
            self.margin_mm * self.px_per_mm.1,
        );
        let y = y as f32;
        if y < margin_y || y >= self.height_px - margin_y {
            return 0.0;
        }
        let inside = (end as f32).min(self.width_px - margin_x) - (start as f32).max(margin_x);
        inside.max(0.0) / (self.px_per_mm.0 * self.px_per_mm.1)
    }

    /// How far a mark stays from the nearest edge, and how far it reaches from that edge.
    fn edge_distance_mm(&self, mark: &Mark) -> (f32, f32) {
        let (left, top) = (mark.left_top.0 as f32, mark.left_top.1 as f32);
        let (right, bottom) = (mark.right_bottom.0 as f32, mark.right_bottom.1 as f32);
        let (per_x, per_y) = self.px_per_mm;
        [
            (left / per_x, right / per_x),
            (top / per_y, bottom / per_y),
            (
                (self.width_px - right) / per_x,
                (self.width_px - left) / per_x,
            ),
            (
                (self.height_px - bottom) / per_y,
                (self.height_px - top) / per_y,
            ),
        ]
        .into_iter()
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .expect("a page has four edges")
    }

    fn origin(&self, mark: &Mark, deep_mm2: f32) -> Origin {
        let (width_mm, height_mm) = mark.box_mm(self.px_per_mm);
        let longest_mm = width_mm.max(height_mm);
        if longest_mm < 1.0 || mark.area_mm2 < 0.3 {
            Origin::Speck
        } else if self.is_border(mark, deep_mm2, longest_mm) {
            Origin::Border
        } else if self.is_hole(mark, width_mm, height_mm) {
            Origin::Hole
        } else if self.is_staple(mark) {
            Origin::Staple
        } else if is_fold(mark) {
            Origin::Fold
        } else if longest_mm < 1.8 {
            Origin::Small
        } else {
            Origin::Ink
        }
    }

    /// Along the edge of the scan and not reaching into the page; or a solid dark field from the
    /// edge inwards, as of a lid beside a small sheet.
    fn is_border(&self, mark: &Mark, deep_mm2: f32, longest_mm: f32) -> bool {
        let touches = self.edge_distance_mm(mark).0 < 1.5;
        let shallow = deep_mm2 < 8.0 && (touches || longest_mm > 40.0);
        // Beside the edge of the sheet the paper is known less well: lid and paper mix in a tile.
        let shading = mark.peak < 0.15 && self.edge_distance_mm(mark).0 < 12.0;
        let page_mm2 = self.width_px * self.height_px / (self.px_per_mm.0 * self.px_per_mm.1);
        let lid = touches
            && mark.darkness > 0.6
            && mark.thick_mm > 30.0
            && mark.area_mm2 < 0.6 * page_mm2
            && mark.area_mm2 > 0.6 * mark.length_mm * mark.thick_mm;
        shallow || shading || lid
    }

    /// A solid round spot of 4 to 9 mm beside an edge (ISO 838: holes of 6 mm, 12 mm from it).
    fn is_hole(&self, mark: &Mark, width_mm: f32, height_mm: f32) -> bool {
        let round = width_mm.max(height_mm) < 1.35 * width_mm.min(height_mm);
        let sized = width_mm.min(height_mm) > 3.5 && width_mm.max(height_mm) < 9.5;
        let solid = mark.area_mm2 > 0.68 * width_mm * height_mm;
        round && sized && solid && self.edge_distance_mm(mark).1 < MARGIN_MM
    }

    /// A straight bar of 6 to 16 mm near a corner.
    fn is_staple(&self, mark: &Mark) -> bool {
        let x_mm = (mark.left_top.0 + mark.right_bottom.0) as f32 / 2.0 / self.px_per_mm.0;
        let y_mm = (mark.left_top.1 + mark.right_bottom.1) as f32 / 2.0 / self.px_per_mm.1;
        let width_mm = self.width_px / self.px_per_mm.0;
        let height_mm = self.height_px / self.px_per_mm.1;
        let near_corner =
            x_mm.min(width_mm - x_mm) < MARGIN_MM && y_mm.min(height_mm - y_mm) < MARGIN_MM;
        near_corner && (6.0..16.0).contains(&mark.length_mm) && mark.thick_mm < 1.6
    }
}

/// A long, thin, weak line.
fn is_fold(mark: &Mark) -> bool {
    let thin = mark.thick_mm < 2.5 && mark.length_mm > 8.0 * mark.thick_mm;
    thin && mark.length_mm > 8.0 && mark.darkness < 0.3
}

/// True where none of the marks is writing.
pub fn nothing_written(
    pixels: &Pixels,
    sketch: &Sketch,
    marks: &Marks,
    origins: &[Origin],
) -> bool {
    let of = |origin| {
        let pairs = marks.marks.iter().zip(origins);
        pairs
            .filter(move |(_, o)| **o == origin)
            .map(|(mark, _)| mark)
    };
    let mut written: Vec<&Mark> = of(Origin::Ink).collect();
    let small: Vec<&Mark> = of(Origin::Small).collect();
    written.extend(in_company(&small, sketch.px_per_mm));
    marks.complete && (written.is_empty() || is_other_side(pixels, sketch, &written))
}

/// Those small marks that have two others within 5 mm: print and pencil come in company,
/// dirt is strewn. (The square of it bounds the work: so many small marks are a text.)
fn in_company<'a>(small: &[&'a Mark], px_per_mm: (f32, f32)) -> Vec<&'a Mark> {
    let near = |a: &Mark, b: &Mark| {
        let x_mm = a.left_top.0.abs_diff(b.left_top.0) as f32 / px_per_mm.0;
        let y_mm = a.left_top.1.abs_diff(b.left_top.1) as f32 / px_per_mm.1;
        x_mm.max(y_mm) < 5.0
    };
    let some = &small[..small.len().min(1000)];
    some.iter()
        .filter(|a| some.iter().filter(|b| near(a, b)).count() > 2)
        .copied()
        .collect()
}

/// Marks darker than this on the average are ink of this side.
const STRONG: f32 = 0.26;

/// Marks that reach this darkness anywhere are ink of this side, or dust on the other side's.
const STRONG_SPOT: f32 = 0.38;

/// Marks looked at closely.
const SAMPLES: usize = 150;

/// Marks at least so sharp are on this side. Measured on drawn pages: pencil and faded print
/// come to 0.65 to 0.98, print blurred by 0.25 mm to 0.45 to 0.74, by 0.35 mm to 0.3 to 0.5.
const SHARP: f32 = 0.7;

/// A written page shines through in more marks than this. Fewer soft marks may be a pale stamp.
const FEWEST_SHINING: usize = 40;

/// True where all marks are weak and soft: the ink of the other side, blurred by the paper.
///
/// Weak alone does not do, for pencil is weak; but pencil is sharp. Below 180 dpi the blur of
/// the paper (a quarter of a millimetre) is too few pixels to be seen, and in black and white
/// there is none: no page is called blank on it there. What this cannot tell: a few words in
/// weak pencil on a page through which print shines; they are lost among its marks.
fn is_other_side(pixels: &Pixels, sketch: &Sketch, written: &[&Mark]) -> bool {
    let dpi = sketch.px_per_mm.0 * sketch.block_px.0 as f32 * 25.4;
    let strong = written.iter().any(|mark| mark.darkness > STRONG);
    let sure = !strong && written.len() >= FEWEST_SHINING;
    if matches!(pixels, Pixels::Bilevel(_)) || dpi < 180.0 || !sure {
        return false;
    }
    let (spotted, plain): (Vec<&Mark>, Vec<&Mark>) =
        written.iter().partition(|mark| mark.peak > STRONG_SPOT);
    if spotted.len() * 50 > written.len() {
        return false;
    }
    let sampled = plain.iter().step_by(plain.len().div_ceil(SAMPLES).max(1));
    let (mut looked_at, mut sharp) = (0, 0);
    for mark in sampled {
        looked_at += 1;
        sharp += usize::from(sharpness(pixels, sketch.block_px, mark, dpi) >= SHARP);
    }
    sharp * 12 <= looked_at
}

/// The steep steps of a mark within a hundredth of an inch, as a share of its whole depth.
///
/// Both are ranks, not extremes: of a thousand pixels of grain one is always extreme.
fn sharpness(pixels: &Pixels, block_px: (u32, u32), mark: &Mark, dpi: f32) -> f32 {
    let patch = Patch::around(pixels, block_px, mark);
    let reach = ((dpi / 100.0).round() as usize).max(1);
    let mut steps = Vec::with_capacity(patch.values.len());
    for y in 0..patch.height.saturating_sub(reach) {
        for x in 0..patch.width.saturating_sub(reach) {
            let across = (patch.at(x, y) - patch.at(x + reach, y)).abs();
            let down = (patch.at(x, y) - patch.at(x, y + reach)).abs();
            steps.push(across.max(down));
        }
    }
    let mut values = patch.values;
    if steps.is_empty() {
        return 1.0;
    }
    let depth = ranked(&mut values, 0.9) - ranked(&mut values, 0.01);
    ranked(&mut steps, 0.97) / depth.max(1.0)
}

/// The value that this share of the values does not reach.
fn ranked(values: &mut [f32], share: f32) -> f32 {
    let at = ((values.len() - 1) as f32 * share) as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

/// Brightness around a mark at full resolution, smoothed over three pixels each way.
struct Patch {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Patch {
    /// At most 20 × 20 blocks from the mark's upper left corner.
    fn around(pixels: &Pixels, (block_w, block_h): (u32, u32), mark: &Mark) -> Patch {
        let (image_w, image_h) = pixels.size();
        let span = |from: u32, to: u32, block: u32, limit: u32| {
            let first = (from.saturating_sub(1) * block).max(1);
            let last = ((to + 1).min(from + 20) * block).min(limit - 1);
            (first, last.max(first))
        };
        let (left, right) = span(mark.left_top.0, mark.right_bottom.0, block_w, image_w);
        let (top, bottom) = span(mark.left_top.1, mark.right_bottom.1, block_h, image_h);
        let mean = |x: u32, y: u32| {
            let nine = (y - 1..=y + 1).flat_map(|y| (x - 1..=x + 1).map(move |x| (x, y)));
            nine.map(|(x, y)| luma(pixels, x, y)).sum::<f32>() / 9.0
        };
        Patch {
            width: (right - left) as usize,
            height: (bottom - top) as usize,
            values: (top..bottom)
                .flat_map(|y| (left..right).map(move |x| (x, y)))
                .map(|(x, y)| mean(x, y))
                .collect(),
        }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }
}

fn luma(pixels: &Pixels, x: u32, y: u32) -> f32 {
    match pixels {
        Pixels::Bilevel(image) | Pixels::Gray(image) => f32::from(image.get_pixel(x, y)[0]),
        Pixels::Color(image) => {
            let [r, g, b] = image.get_pixel(x, y).0.map(f32::from);
            0.299 * r + 0.587 * g + 0.114 * b
        }
    }
}
