//! The paper behind the ink: how bright it is at each place of the page.

use image::GrayImage;

/// A tile of the grid in pixels of the sketch: 4 mm, a line of text and the gap under it.
const TILE_PX: u32 = 16;

/// Share of a tile's pixels that lie below its paper: dense text leaves a fifth of bare paper.
const PAPER_RANK: f32 = 0.85;

/// Paper is never taken to be darker than this share of the page's brightest part: the black
/// lid of a scanner, a photograph and a black border stay dark instead of being washed out.
const DARKEST_PAPER: f32 = 0.45;

/// Paper whose brightness differs by less than this share over the page is even.
const EVEN_SPREAD: f32 = 0.04;

/// Even paper at least this bright is read as it is.
const WHITE_PAPER: f32 = 225.0;

/// Brightness of the bare paper over the page, on a grid of tiles of the sketch.
pub struct Paper {
    columns: u32,
    rows: u32,
    bright: Vec<f32>,
}

impl Paper {
    /// Estimates the paper from the sketch.
    pub fn of(sketch: &GrayImage) -> Paper {
        let columns = sketch.width().div_ceil(TILE_PX).max(1);
        let rows = sketch.height().div_ceil(TILE_PX).max(1);
        let bright = (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (column, row)))
            .map(|(column, row)| tile_paper(sketch, column * TILE_PX, row * TILE_PX))
            .collect();
        let mut paper = Paper {
            columns,
            rows,
            bright,
        };
        // Tiles that ink covers (a seal, a bar code, a punch hole) take the paper beside them;
        // the way back keeps a white lid from brightening the yellow paper that it lies beside.
        paper.over_neighbours(2, |values| values.fold(0.0, f32::max));
        paper.over_neighbours(2, |values| values.fold(f32::MAX, f32::min));
        paper.over_neighbours(2, |values| {
            let (sum, count) = values.fold((0.0, 0), |(s, n), v| (s + v, n + 1));
            sum / count as f32
        });
        let floor = paper.ranked(0.95) * DARKEST_PAPER;
        paper
            .bright
            .iter_mut()
            .for_each(|v| *v = v.max(floor).max(1.0));
        paper
    }

    /// True where the paper is white and even, so that dividing by it would only cost time.
    pub fn is_even_and_white(&self) -> bool {
        let (dark, bright) = (self.ranked(0.02), self.ranked(0.98));
        bright - dark < EVEN_SPREAD * bright && dark >= WHITE_PAPER
    }

    /// Brightness of the paper along one line of the sketch: `y_px` from its top, and one value
    /// for every `step_px` sketch pixels from its left edge.
    pub fn along_row(&self, y_px: f32, step_px: f32, into: &mut [f32]) {
        let (above, below, down) = between(y_px, self.rows);
        let columns = self.columns as usize;
        let tiles: Vec<f32> = (0..columns)
            .map(|i| {
                (
                    self.bright[above * columns + i],
                    self.bright[below * columns + i],
                )
            })
            .map(|(top, bottom)| top + (bottom - top) * down)
            .collect();
        // From the middle of one tile to that of the next the paper changes evenly.
        let step = step_px / TILE_PX as f32;
        let after_middle = |tile: usize| (tile as f32 + 0.5) / step - 0.5;
        let mut done = 0;
        for (tile, pair) in tiles.windows(2).enumerate() {
            let end = (after_middle(tile + 1).max(0.0) as usize + 1).min(into.len());
            let slope = (pair[1] - pair[0]) * step;
            let first = pair[0] - slope * after_middle(tile);
            let (least, most) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            // Counted in 32 bits: no vector unit before AVX-512 makes floating numbers of 64.
            for (value, i) in into[done.min(end)..end].iter_mut().zip(done as i32..) {
                *value = (first + slope * i as f32).clamp(least, most);
            }
            done = done.max(end);
        }
        into[done..].fill(tiles[columns - 1]);
    }

    /// The brightness that this share of the tiles does not reach.
    fn ranked(&self, share: f32) -> f32 {
        let mut sorted = self.bright.clone();
        sorted.sort_by(f32::total_cmp);
        sorted[((sorted.len() - 1) as f32 * share) as usize]
    }

    /// Replaces each tile by a figure over the tiles up to `reach` away, first across, then down.
    fn over_neighbours(&mut self, reach: u32, figure: fn(&mut dyn Iterator<Item = f32>) -> f32) {
        let (columns, rows) = (self.columns as usize, self.rows as usize);
        let reach = reach as usize;
        for vertical in [false, true] {
            let (step, length) = if vertical {
                (columns, rows)
            } else {
                (1, columns)
            };
            let old = self.bright.clone();
            for (i, value) in self.bright.iter_mut().enumerate() {
                let at = if vertical { i / columns } else { i % columns };
                let first = i - at * step;
                let mut near = (at.saturating_sub(reach)..=(at + reach).min(length - 1))
                    .map(|k| old[first + k * step]);
                *value = figure(&mut near);
            }
        }
    }
}

/// The brightness of the bare paper in one tile.
fn tile_paper(sketch: &GrayImage, left: u32, top: u32) -> f32 {
    let (width, height) = sketch.dimensions();
    // Two, turn about: paper is all of one grey, and adding to what was just added to waits for it.
    let mut histograms = [[0_u16; 256]; 2];
    let mut count = 0;
    for y in top..(top + TILE_PX).min(height) {
        let row = &sketch.as_raw()[(y * width) as usize..][..width as usize];
        let row = &row[left as usize..(left + TILE_PX).min(width) as usize];
        for (i, &value) in row.iter().enumerate() {
            histograms[i % 2][usize::from(value)] += 1;
        }
        count += row.len() as u32;
    }
    let above = count - (count as f32 * PAPER_RANK) as u32;
    let mut seen = 0;
    for value in (0..256).rev() {
        seen += u32::from(histograms[0][value] + histograms[1][value]);
        if seen >= above.max(1) {
            return value as f32;
        }
    }
    255.0
}

/// The two tiles whose centres lie around a place, and how far it is from the first to the second.
fn between(place_px: f32, tiles: u32) -> (usize, usize, f32) {
    let at = (place_px / TILE_PX as f32 - 0.5).clamp(0.0, (tiles - 1) as f32);
    let first = at as usize;
    (
        first,
        (first + 1).min(tiles as usize - 1),
        at - first as f32,
    )
}
