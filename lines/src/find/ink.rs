//! What is ink on a picture, and what of it is no writing: a kind for every pixel.

use image::GrayImage;

/// Tiles in which the brightness is summed, in parts of an inch: a third of a line of text.
const TILES_AN_INCH: u32 = 12;
/// Ink is darker than the paper by this share of what the darkest ink around is: faded print beside
/// print that is not has a threshold of its own.
const OF_CONTRAST: f32 = 0.3;
/// Where nothing is darker than the paper by this share of it, there is no ink, only the other side
/// shining through…
const LEAST_CONTRAST: f32 = 0.13;
/// …but for what is darker than the paper by so much.
const SURE_CONTRAST: f32 = 0.16;
/// The darkest ink of a tile is what this share of its pixels is darker than: no speck.
const DARKEST_SHARE: f32 = 0.05;
/// The paper around a tile is the brightest tile so near.
const PAPER_REACH: i64 = 3;

/// What a pixel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing on it.
    Paper,
    /// Part of a shape that may be writing.
    Ink,
    /// A ruled line that runs across.
    RuleAcross,
    /// A ruled line that runs down; two words beside it are not one line.
    RuleDown,
    /// Part of a seal.
    Seal,
}

impl Kind {
    /// Ink, whatever it was taken for.
    pub fn inked(self) -> Kind {
        match self {
            Kind::Paper => Kind::Paper,
            _ => Kind::Ink,
        }
    }
}

/// The kinds of all pixels of a picture.
pub struct Ink {
    pub width_px: usize,
    pub height_px: usize,
    pub kinds: Vec<Kind>,
}

impl Ink {
    /// Tells ink from paper, with a threshold for each place.
    pub fn of(picture: &GrayImage, dpi: u32) -> Ink {
        let (width_px, height_px) = (picture.width() as usize, picture.height() as usize);
        let tiles = Tiles::of(picture, (dpi / TILES_AN_INCH).max(4) as usize);
        let mut kinds = vec![Kind::Paper; width_px * height_px];
        let rows = picture.as_raw().chunks_exact(width_px.max(1));
        for (y, (row, kinds)) in rows
            .zip(kinds.chunks_exact_mut(width_px.max(1)))
            .enumerate()
        {
            let thresholds = &tiles.thresholds[y / tiles.side_px * tiles.columns..];
            let parts = row
                .chunks(tiles.side_px)
                .zip(kinds.chunks_mut(tiles.side_px));
            for ((values, kinds), threshold) in parts.zip(thresholds) {
                for (value, kind) in values.iter().zip(kinds) {
                    if value < threshold {
                        *kind = Kind::Ink;
                    }
                }
            }
        }
        Ink {
            width_px,
            height_px,
            kinds,
        }
    }

    /// The kind of a pixel; paper outside.
    pub fn at(&self, x: i64, y: i64) -> Kind {
        let inside = x >= 0 && y >= 0 && x < self.width_px as i64 && y < self.height_px as i64;
        if inside {
            self.kinds[y as usize * self.width_px + x as usize]
        } else {
            Kind::Paper
        }
    }
}

/// A threshold for each tile of a picture.
struct Tiles {
    side_px: usize,
    columns: usize,
    thresholds: Vec<u8>,
}

impl Tiles {
    fn of(picture: &GrayImage, side_px: usize) -> Tiles {
        let (width_px, height_px) = (picture.width() as usize, picture.height() as usize);
        let (columns, rows) = (width_px.div_ceil(side_px), height_px.div_ceil(side_px));
        let tones = tones(picture, side_px, columns);
        let around = |column: usize, row: usize, reach: i64| {
            let range = move |middle: usize, count: usize| {
                let middle = middle as i64;
                (middle - reach).max(0) as usize..((middle + reach + 1).min(count as i64)) as usize
            };
            let tones = &tones;
            range(row, rows)
                .flat_map(move |row| range(column, columns).map(move |c| tones[row * columns + c]))
        };
        let threshold = |column: usize, row: usize| {
            let paper = around(column, row, PAPER_REACH)
                .map(|tone| tone.paper)
                .max();
            let dark = around(column, row, 1).map(|tone| tone.dark).min();
            let (paper, dark) = (
                f32::from(paper.unwrap_or(255)),
                f32::from(dark.unwrap_or(0)),
            );
            let contrast = (paper - dark) / paper.max(1.0);
            let off = if contrast < LEAST_CONTRAST {
                SURE_CONTRAST
            } else {
                OF_CONTRAST * contrast
            };
            (paper * (1.0 - off)) as u8
        };
        let thresholds = (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (column, row)))
            .map(|(column, row)| threshold(column, row))
            .collect();
        Tiles {
            side_px,
            columns,
            thresholds,
        }
    }
}

/// Brightness of a tile's paper and of its darkest ink.
#[derive(Clone, Copy)]
struct Tone {
    paper: u8,
    dark: u8,
}

fn tones(picture: &GrayImage, side_px: usize, columns: usize) -> Vec<Tone> {
    let width_px = (picture.width() as usize).max(1);
    let mut tones = Vec::new();
    let mut counts = vec![[0_u32; 256]; columns];
    for band in picture.as_raw().chunks(width_px * side_px) {
        for row in band.chunks(width_px) {
            for (counts, part) in counts.iter_mut().zip(row.chunks(side_px)) {
                for value in part {
                    counts[usize::from(*value)] += 1;
                }
            }
        }
        for counts in &mut counts {
            let pixels: u32 = counts.iter().sum();
            tones.push(Tone {
                paper: ranked(counts, pixels / 2),
                dark: ranked(counts, (pixels as f32 * DARKEST_SHARE) as u32),
            });
            counts.fill(0);
        }
    }
    tones
}

/// The value that so many pixels are darker than.
fn ranked(counts: &[u32; 256], rank: u32) -> u8 {
    let mut below = 0;
    let reached = counts.iter().position(|count| {
        below += count;
        below > rank
    });
    reached.unwrap_or(255) as u8
}
