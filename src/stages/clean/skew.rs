//! The slant of the lines of text, and whether they run across the page or down it.

use super::blank::Origin;
use super::marks::Marks;
use crate::model::Orientation;

/// Slants up to here are looked for: feeders turn a sheet by less, and a page laid down askew
/// by more is better scanned again.
const MOST_SKEW_DEG: f32 = 5.0;

/// Points in which ink lies, weighed by how much, with the origin at the page's middle.
pub struct InkPoints {
    points: Vec<(f32, f32)>,
    reach_px: f32,
}

impl InkPoints {
    /// The pixels of all marks that are letter-like, of both sides at most 25 mm: seals,
    /// photographs, borders and bar codes have no slant of text.
    pub fn of_letters(marks: &Marks, origins: &[Origin], px_per_mm: (f32, f32)) -> InkPoints {
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
        InkPoints::centred(points)
    }

    fn centred(mut points: Vec<(f32, f32)>) -> InkPoints {
        let range = |pick: fn(&(f32, f32)) -> f32| {
            let start = (f32::MAX, f32::MIN);
            let (low, high) = points
                .iter()
                .map(pick)
                .fold(start, |(low, high), v| (low.min(v), high.max(v)));
            (low, high)
        };
        let ((left, right), (top, bottom)) = (range(|p| p.0), range(|p| p.1));
        let (mid_x, mid_y) = ((left + right) / 2.0, (top + bottom) / 2.0);
        points
            .iter_mut()
            .for_each(|p| *p = (p.0 - mid_x, p.1 - mid_y));
        InkPoints {
            points,
            reach_px: (right - left).max(bottom - top) / 2.0,
        }
    }

    /// The points of a stored image as they lie on the upright page.
    pub fn seen_upright(mut self, orientation: Orientation) -> InkPoints {
        if orientation.mirrored {
            self.points.iter_mut().for_each(|p| p.0 = -p.0);
        }
        (0..orientation.quarter_turns).fold(self, |points, _| points.turned())
    }

    /// The same points after a quarter turn clockwise.
    fn turned(&self) -> InkPoints {
        InkPoints {
            points: self.points.iter().map(|&(x, y)| (-y, x)).collect(),
            reach_px: self.reach_px,
        }
    }

    /// How sharply lines of this slant part ink from gaps: the squared differences of
    /// neighbouring bins of the profile, as a share of the bins' own squares.
    fn contrast(&self, degrees: f32, bin_px: f32, bins: &mut Vec<f32>) -> f32 {
        let slope = degrees.to_radians().tan() / bin_px;
        let per_bin = 1.0 / bin_px;
        let middle = self.reach_px * (per_bin + slope.abs()) + 2.0;
        bins.clear();
        bins.resize(2 * middle as usize + 4, 0.0);
        for &(x, y) in &self.points {
            bins[(y * per_bin - x * slope + middle) as usize] += 1.0;
        }
        let steps: f32 = bins.windows(2).map(|w| (w[1] - w[0]) * (w[1] - w[0])).sum();
        let squares: f32 = bins.iter().map(|b| b * b).sum();
        steps / squares.max(1.0)
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

/// Finds the lines that run across the page; absent where there is too little ink to say.
pub fn lines(ink: &InkPoints) -> Option<Lines> {
    if ink.points.len() < FEWEST_POINTS {
        return None;
    }
    let mut bins = Vec::new();
    let mut best = Lines {
        skew_deg: 0.0,
        contrast: ink.contrast(0.0, 1.0, &mut bins),
    };
    // 0.4° moves the ends of a line of text by 2.5 bins against its middle, 0.025° by 0.15.
    for (reach_deg, step_deg) in [(MOST_SKEW_DEG, 0.4), (0.4, 0.1), (0.1, 0.025)] {
        let around = best.skew_deg;
        let steps = (reach_deg / step_deg) as i32;
        for k in -steps..=steps {
            let skew_deg = around + k as f32 * step_deg;
            let contrast = ink.contrast(skew_deg, 1.0, &mut bins);
            if contrast > best.contrast {
                best = Lines { skew_deg, contrast };
            }
        }
    }
    Some(best)
}

/// How much sharper lines down the page must stand out before it is taken to lie sideways.
const SIDEWAYS_FACTOR: f32 = 1.3;

/// Bins this wide keep the gaps between lines and blur those between letters, which stand
/// under each other where the letters are all of one width (typewriters).
const LINE_BIN_PX: f32 = 5.0;

/// The lines of the page, and whether they run down it (the page then lies on its side).
///
/// Which of the two sides is up cannot be told from the lines: letters look alike to a profile
/// whether they stand on their feet or their heads. Who reads the page finds out.
/// Nor can a page of few words be told, or one without lines (a drawing, a photograph).
pub fn lines_and_turn(ink: &InkPoints, may_turn: bool) -> (Option<Lines>, bool) {
    let across = lines(ink);
    let turned = ink.turned();
    let down = if may_turn { lines(&turned) } else { None };
    let standing_out =
        |ink: &InkPoints, lines: &Lines| ink.contrast(lines.skew_deg, LINE_BIN_PX, &mut Vec::new());
    match (across, down) {
        (Some(a), Some(d))
            if standing_out(&turned, &d) > SIDEWAYS_FACTOR * standing_out(ink, &a) =>
        {
            (Some(d), true)
        }
        _ => (across, false),
    }
}
