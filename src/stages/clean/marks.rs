//! Everything darker than the paper, as connected marks with their shape.

use memchr::memchr;

use super::paper::Paper;
use super::sketch::Sketch;

/// One connected dark mark of the sketch.
#[derive(Clone, Debug)]
pub struct Mark {
    /// First column and row of the sketch it covers.
    pub left_top: (u32, u32),
    /// First column and row after it.
    pub right_bottom: (u32, u32),
    /// Area in square millimetres.
    pub area_mm2: f32,
    /// Length along its main axis, as of a bar with the same spread.
    pub length_mm: f32,
    /// Thickness across its main axis, as of a bar with the same spread.
    pub thick_mm: f32,
    /// Mean darkness against the paper, 0 none to 1 black.
    pub darkness: f32,
    /// Greatest darkness against the paper.
    pub peak: f32,
}

impl Mark {
    /// Width and height of the box around it.
    pub fn box_mm(&self, px_per_mm: (f32, f32)) -> (f32, f32) {
        let (left, top) = self.left_top;
        let (right, bottom) = self.right_bottom;
        (
            (right - left) as f32 / px_per_mm.0,
            (bottom - top) as f32 / px_per_mm.1,
        )
    }
}

/// A horizontal run of dark pixels and the mark it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Row of the sketch.
    pub y: u32,
    /// First column.
    pub start: u32,
    /// First column after it.
    pub end: u32,
    /// Index into [`Marks::marks`].
    pub mark: u32,
    sum: u32,
    peak: u8,
}

/// The marks of a page and the runs they are made of, row by row.
pub struct Marks {
    /// The marks.
    pub marks: Vec<Mark>,
    /// Their runs from the top down and from left to right.
    pub runs: Vec<Run>,
    /// False where there were so many that not all of the page was looked at.
    pub complete: bool,
}

/// A page with more runs than this is texture (a halftone photograph, heavy noise) all over: a
/// page full of text has 40,000. What lies below is not looked at, and the page is not blank.
const MOST_RUNS: usize = 400_000;

impl Marks {
    /// Finds what is darker than the paper by at least `least` (0 to 1).
    pub fn find(sketch: &Sketch, paper: &Paper, least: f32) -> Marks {
        let mut runs = dark_runs(sketch, paper, (least * 255.0) as u8);
        let count = join_touching(&mut runs);
        Marks {
            marks: measure(&runs, count, sketch.px_per_mm),
            complete: runs.len() <= MOST_RUNS,
            runs,
        }
    }
}

/// The runs of pixels with at least this darkness (of 255), row by row.
fn dark_runs(sketch: &Sketch, paper: &Paper, least: u8) -> Vec<Run> {
    let width = sketch.luma.width() as usize;
    let mut bright = vec![0.0; width];
    let mut is_dark = vec![0_u8; width];
    let mut runs = Vec::new();
    // As dark as asked for is this share of the paper's brightness.
    let share = 1.0 - f32::from(least) / 255.0;
    for (y, row) in sketch.luma.as_raw().chunks_exact(width.max(1)).enumerate() {
        paper.along_row(y as f32 + 0.5, 1.0, &mut bright);
        for ((dark, &luma), &bright) in is_dark.iter_mut().zip(row).zip(&bright) {
            *dark = u8::from(f32::from(luma) <= bright * share);
        }
        let mut x = 0;
        while let Some(skipped) = memchr(1, &is_dark[x..]) {
            let start = x + skipped;
            let end = memchr(0, &is_dark[start..]).map_or(width, |length| start + length);
            let darkness = row[start..end].iter().zip(&bright[start..end]);
            let darkness = darkness.map(|(&luma, bright)| (1.0 - f32::from(luma) / bright) * 255.0);
            let (sum, peak) = darkness.fold((0.0, 0.0), |(sum, peak): (f32, f32), dark| {
                (sum + dark, peak.max(dark))
            });
            runs.push(Run {
                y: y as u32,
                start: start as u32,
                end: end as u32,
                mark: runs.len() as u32,
                sum: sum as u32,
                peak: peak as u8,
            });
            x = end;
        }
        if runs.len() > MOST_RUNS {
            break;
        }
    }
    runs
}

/// Gives runs that touch, corners included, the same mark; returns how many marks there are.
fn join_touching(runs: &mut [Run]) -> usize {
    let mut parent: Vec<u32> = (0..runs.len() as u32).collect();
    let mut above = 0;
    for i in 0..runs.len() {
        let run = runs[i];
        // Runs lie in reading order, so the candidates above only ever move forward.
        while runs[above].y + 1 < run.y
            || (runs[above].y + 1 == run.y && runs[above].end < run.start)
        {
            above += 1;
        }
        let mut k = above;
        while runs[k].y + 1 == run.y && runs[k].start <= run.end {
            let (a, b) = (root(&mut parent, i as u32), root(&mut parent, k as u32));
            parent[a.max(b) as usize] = a.min(b);
            k += 1;
        }
    }
    let mut number = vec![u32::MAX; runs.len()];
    let mut count = 0;
    for (i, run) in runs.iter_mut().enumerate() {
        let root = root(&mut parent, i as u32) as usize;
        if number[root] == u32::MAX {
            number[root] = count;
            count += 1;
        }
        run.mark = number[root];
    }
    count as usize
}

fn root(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        parent[i as usize] = parent[parent[i as usize] as usize];
        i = parent[i as usize];
    }
    i
}

/// Sums over the pixels of one mark.
#[derive(Clone, Copy)]
struct Sums {
    left_top: (u32, u32),
    right_bottom: (u32, u32),
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
    dark: f64,
    peak: u8,
}

fn measure(runs: &[Run], count: usize, px_per_mm: (f32, f32)) -> Vec<Mark> {
    let nothing = Sums {
        left_top: (u32::MAX, u32::MAX),
        right_bottom: (0, 0),
        n: 0.0,
        x: 0.0,
        y: 0.0,
        xx: 0.0,
        yy: 0.0,
        xy: 0.0,
        dark: 0.0,
        peak: 0,
    };
    let mut sums = vec![nothing; count];
    for run in runs {
        sums[run.mark as usize].add(run);
    }
    sums.iter().map(|s| s.mark(px_per_mm)).collect()
}

impl Sums {
    fn add(&mut self, run: &Run) {
        let n = f64::from(run.end - run.start);
        let y = f64::from(run.y);
        let middle = f64::from(run.start) + (n - 1.0) / 2.0;
        self.left_top.0 = self.left_top.0.min(run.start);
        self.left_top.1 = self.left_top.1.min(run.y);
        self.right_bottom.0 = self.right_bottom.0.max(run.end);
        self.right_bottom.1 = self.right_bottom.1.max(run.y + 1);
        self.n += n;
        self.x += n * middle;
        self.y += n * y;
        // The squares of n neighbouring columns: n·middle² and n(n² − 1)/12 about the middle.
        self.xx += n * middle * middle + n * (n * n - 1.0) / 12.0;
        self.yy += n * y * y;
        self.xy += n * middle * y;
        self.dark += f64::from(run.sum);
        self.peak = self.peak.max(run.peak);
    }

    fn mark(&self, px_per_mm: (f32, f32)) -> Mark {
        let (per_x, per_y) = (f64::from(px_per_mm.0), f64::from(px_per_mm.1));
        let (mean_x, mean_y) = (self.x / self.n, self.y / self.n);
        // One twelfth is the spread of a pixel over its own square.
        let xx = (self.xx / self.n - mean_x * mean_x + 1.0 / 12.0) / (per_x * per_x);
        let yy = (self.yy / self.n - mean_y * mean_y + 1.0 / 12.0) / (per_y * per_y);
        let xy = (self.xy / self.n - mean_x * mean_y) / (per_x * per_y);
        let (half, apart) = ((xx + yy) / 2.0, ((xx - yy) / 2.0).hypot(xy));
        // A bar of length l has the variance l²/12 along itself.
        let side = |variance: f64| (12.0 * variance.max(0.0)).sqrt() as f32;
        Mark {
            left_top: self.left_top,
            right_bottom: self.right_bottom,
            area_mm2: (self.n / (per_x * per_y)) as f32,
            length_mm: side(half + apart),
            thick_mm: side(half - apart),
            darkness: (self.dark / self.n / 255.0) as f32,
            peak: f32::from(self.peak) / 255.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    /// Ten pixels a millimetre, white, with these dark pixels.
    fn drawn(dark: &[(u32, u32)]) -> Sketch {
        let mut luma = GrayImage::from_pixel(200, 200, Luma([250]));
        for &(x, y) in dark {
            luma.put_pixel(x, y, Luma([50]));
        }
        Sketch {
            luma,
            block_px: (1, 1),
            px_per_mm: (10.0, 10.0),
        }
    }

    fn found(dark: &[(u32, u32)]) -> Marks {
        let sketch = drawn(dark);
        Marks::find(&sketch, &Paper::of(&sketch.luma), 0.2)
    }

    #[test]
    fn pixels_that_touch_by_a_corner_are_one_mark() {
        let marks = found(&[(10, 10), (11, 11), (10, 12), (30, 10)]).marks;
        assert_eq!(marks.len(), 2);
        assert_eq!(
            (marks[0].left_top, marks[0].right_bottom),
            ((10, 10), (12, 13))
        );
        assert!((marks[0].darkness - 0.8).abs() < 0.01);
    }

    #[test]
    fn arms_that_meet_below_are_one_mark() {
        let letter_u: Vec<_> = (10..20)
            .flat_map(|y| [(10, y), (20, y)])
            .chain((10..=20).map(|x| (x, 20)))
            .collect();
        let found = found(&letter_u);
        assert_eq!(found.marks.len(), 1);
        assert!(found.runs.iter().all(|run| run.mark == 0));
    }

    #[test]
    fn a_slanted_bar_has_its_own_length_and_thickness() {
        let bar: Vec<_> = (0..100)
            .flat_map(|i| (0..4).map(move |k| (20 + i, 20 + i + k)))
            .collect();
        let mark = found(&bar).marks.remove(0);
        assert!((mark.length_mm - 14.1).abs() < 0.4, "{mark:?}");
        assert!((mark.thick_mm - 0.28).abs() < 0.1, "{mark:?}");
    }
}
