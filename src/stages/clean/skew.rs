//! The slant of the lines of text, and whether they run across the page or down it.

use super::blank::Origin;
use super::marks::Marks;
use crate::model::Orientation;

/// Slants up to here are looked for first: feeders turn a sheet by less.
const MOST_SKEW_DEG: f32 = 5.0;

/// Where no lines stand out within, they are looked for up to here: a page laid down askew or photographed. One that lies
/// farther off is better scanned again.
const FARTHEST_SKEW_DEG: f32 = 10.0;

/// Lines stand out that part ink from gaps as sharply as this. Measured on 49 pages of all kinds: those within come to 0.061 at the
/// least, one that slants by 6.2 degrees to 0.028 within and 0.109 at its slant.
const STANDING_OUT: f32 = 0.05;

/// Columns of the sketch that are counted as one: at 5 degrees their ends lie a third of a row off.
const STRIP_PX: f32 = 4.0;

/// The ink of letters, counted in each row of narrow upright strips, once of the page as it stands and once turned.
pub struct Ink {
    /// How many points there are.
    points: usize,
    upright: Strips,
    turned: Strips,
}

/// Points of ink, counted strip by strip and row by row.
struct Strips {
    rows: usize,
    counts: Vec<u16>,
    /// From the middle strip to the first and last one.
    reach_px: f32,
}

impl Ink {
    /// The pixels of all marks that are letter-like, of both sides at most 25 mm: seals,
    /// photographs, borders and bar codes have no slant of text.
    pub fn of_letters(
        marks: &Marks,
        origins: &[Origin],
        px_per_mm: (f32, f32),
        orientation: Orientation,
    ) -> Ink {
        let letter: Vec<bool> = marks
            .marks
            .iter()
            .zip(origins)
            .map(|(mark, origin)| {
                let (w_mm, h_mm) = mark.box_mm(px_per_mm);
                // Rules and the bars of a bar code run their own way; letters are not solid.
                let solid = mark.area_mm2 > 0.7 * mark.length_mm * mark.thick_mm;
                let bar = mark.length_mm > 4.0 && (solid || mark.thick_mm < 1.2);
                matches!(origin, Origin::Ink | Origin::Small) && w_mm.max(h_mm) < 25.0 && !bar
            })
            .collect();
        let mut points = Vec::new();
        // One scale on both axes, so that angles are angles of the paper (fax: 204 × 98 dpi).
        let (scale_x, scale_y) = (1.0, px_per_mm.0 / px_per_mm.1);
        for run in marks.runs.iter().filter(|run| letter[run.mark as usize]) {
            points
                .extend((run.start..run.end).map(|x| (x as f32 * scale_x, run.y as f32 * scale_y)));
        }
        Ink::of_points(points, orientation)
    }

    /// Points of a stored image as they lie on the upright page.
    fn of_points(mut points: Vec<(f32, f32)>, orientation: Orientation) -> Ink {
        if orientation.mirrored {
            points.iter_mut().for_each(|p| p.0 = -p.0);
        }
        for _ in 0..orientation.quarter_turns {
            turn(&mut points);
        }
        let upright = Strips::of(&points);
        turn(&mut points);
        Ink {
            points: points.len(),
            upright,
            turned: Strips::of(&points),
        }
    }
}

/// A quarter turn clockwise.
fn turn(points: &mut [(f32, f32)]) {
    points.iter_mut().for_each(|p| *p = (-p.1, p.0));
}

impl Strips {
    fn of(points: &[(f32, f32)]) -> Strips {
        let range = |pick: fn(&(f32, f32)) -> f32| {
            let start = (f32::MAX, f32::MIN);
            let values = points.iter().map(pick);
            values.fold(start, |(low, high), v| (low.min(v), high.max(v)))
        };
        let ((left, right), (top, bottom)) = (range(|p| p.0), range(|p| p.1));
        let strips = ((right - left) / STRIP_PX).max(0.0) as usize + 1;
        let rows = (bottom - top).max(0.0) as usize + 1;
        let mut counts = vec![0; strips * rows];
        for (x, y) in points {
            let strip = ((x - left) / STRIP_PX) as usize;
            counts[strip * rows + (y - top) as usize] += 1;
        }
        Strips {
            rows,
            counts,
            reach_px: (strips - 1) as f32 * STRIP_PX / 2.0,
        }
    }

    /// How sharply lines of this slant part ink from gaps: the squared differences of
    /// neighbouring bins of the profile, as a share of the bins' own squares.
    fn contrast(&self, degrees: f32, rows_a_bin: usize, profile: &mut Vec<u16>) -> f32 {
        let slope = degrees.to_radians().tan();
        let most_px = (self.reach_px * slope.abs()).ceil() + 1.0;
        profile.clear();
        profile.resize(self.rows + 2 * most_px as usize + 1, 0);
        for (strip, counts) in self.counts.chunks_exact(self.rows).enumerate() {
            // Lines that sink towards the right are raised there by as much.
            let sunk_px = (strip as f32 * STRIP_PX - self.reach_px) * slope;
            let first = (most_px - sunk_px + 0.5) as usize;
            for (bin, count) in profile[first..].iter_mut().zip(counts) {
                *bin = bin.saturating_add(*count);
            }
        }
        let bins = profile.chunks(rows_a_bin);
        let bins = bins.map(|rows| rows.iter().map(|n| f32::from(*n)).sum::<f32>());
        let (_, steps, squares) = bins.fold((0.0, 0.0, 0.0), |(last, steps, squares), bin| {
            let step: f32 = bin - last;
            (bin, steps + step * step, squares + bin * bin)
        });
        steps / f32::max(squares, 1.0)
    }
}

/// The lines of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lines {
    /// Slant in degrees; positive where the lines sink towards the right.
    pub skew_deg: f32,
    /// How sharply they part ink from gaps.
    pub contrast: f32,
}

/// Fewer pixels of ink than this are no lines to measure: half a line of text.
const FEWEST_POINTS: usize = 300;

/// Finds the lines that run across the page and slant by no more than this.
fn lines(ink: &Strips, most_deg: f32) -> Lines {
    let mut profile = Vec::new();
    let mut best = Lines {
        skew_deg: 0.0,
        contrast: ink.contrast(0.0, 1, &mut profile),
    };
    // 0.4° moves the ends of a line of text by 2.5 bins against its middle, 0.025° by 0.15.
    for (reach_deg, step_deg) in [(most_deg, 0.4), (0.4, 0.1), (0.1, 0.025)] {
        let around = best.skew_deg;
        let steps = (reach_deg / step_deg) as i32;
        for k in -steps..=steps {
            let skew_deg = around + k as f32 * step_deg;
            let contrast = ink.contrast(skew_deg, 1, &mut profile);
            if contrast > best.contrast {
                best = Lines { skew_deg, contrast };
            }
        }
    }
    best
}

/// How much sharper lines down the page must stand out before it is taken to lie sideways.
const SIDEWAYS_FACTOR: f32 = 1.3;

/// Bins of so many rows keep the gaps between lines and blur those between letters, which stand
/// under each other where the letters are all of one width (typewriters).
const ROWS_OF_A_LINE: usize = 5;

/// The lines of the page, and whether they run down it (the page then lies on its side). There are none where there is too
/// little ink to say.
///
/// Which of the two sides is up cannot be told from the lines: letters look alike to a profile
/// whether they stand on their feet or their heads. Who reads the page finds out.
/// Nor can a page of few words be told, or one without lines (a drawing, a photograph).
pub fn lines_and_turn(ink: &Ink, may_turn: bool) -> (Option<Lines>, bool) {
    if ink.points < FEWEST_POINTS {
        return (None, false);
    }
    let near = turn_within(ink, may_turn, MOST_SKEW_DEG);
    let stands_out = |(lines, _): &(Lines, bool)| lines.contrast >= STANDING_OUT;
    let (lines, is_sideways) = Some(near)
        .filter(stands_out)
        .or_else(|| Some(turn_within(ink, may_turn, FARTHEST_SKEW_DEG)).filter(stands_out))
        .unwrap_or(near);
    (Some(lines), is_sideways)
}

/// The same with slants of no more than this.
fn turn_within(ink: &Ink, may_turn: bool, most_deg: f32) -> (Lines, bool) {
    let across = lines(&ink.upright, most_deg);
    if !may_turn {
        return (across, false);
    }
    let down = lines(&ink.turned, most_deg);
    let standing_out =
        |ink: &Strips, lines: &Lines| ink.contrast(lines.skew_deg, ROWS_OF_A_LINE, &mut Vec::new());
    let is_sideways =
        standing_out(&ink.turned, &down) > SIDEWAYS_FACTOR * standing_out(&ink.upright, &across);
    (if is_sideways { down } else { across }, is_sideways)
}
