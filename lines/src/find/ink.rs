//! What is ink on a picture, and what of it is no writing: a kind for every pixel.

use image::GrayImage;

use crate::work::{Work, on_this_processor};

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
const PAPER_REACH: usize = 3;
/// A tile is shaded, by a highlighter or in every other row of a table, whose usual tone is such a share of the paper around (the
/// stem of a huge letter is darker)…
const SHADED: std::ops::Range<f32> = 0.55..0.94;
/// …and of which hardly anything is lighter: dense print leaves more of its paper.
const LIGHTEST_SHARE: f32 = 0.9;
/// In and beside a shaded tile ink is darker than the shade by this share of it.
const OF_SHADE: f32 = 0.08;

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
    /// The frame of a box to tick, which parts words as well.
    TickBox,
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
        let mut kinds = Vec::with_capacity(width_px * height_px);
        // A threshold for each pixel of a row, so that a row is one pass without a branch.
        let mut thresholds = vec![0; width_px];
        for (y, row) in picture.as_raw().chunks_exact(width_px.max(1)).enumerate() {
            if y % tiles.side_px == 0 {
                tiles.spread(y / tiles.side_px, &mut thresholds);
            }
            let kind = |(value, threshold)| match value < threshold {
                true => Kind::Ink,
                false => Kind::Paper,
            };
            kinds.extend(row.iter().zip(&thresholds).map(kind));
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
        let columns = (picture.width() as usize).div_ceil(side_px);
        let (usual, mut darks) = tones(picture, side_px);
        let mut papers = usual.clone();
        extremes_around(&mut papers, columns, PAPER_REACH, u8::max);
        extremes_around(&mut darks, columns, 1, u8::min);
        let mut most = shades(picture, side_px, &usual, &papers);
        extremes_around(&mut most, columns, 1, u8::min);
        let tiles = papers.into_iter().zip(darks).zip(most);
        let thresholds = tiles.map(|((paper, dark), most)| threshold(paper, dark).min(most));
        Tiles {
            side_px,
            columns,
            thresholds: thresholds.collect(),
        }
    }

    /// Writes the thresholds of a row of tiles out for each pixel.
    fn spread(&self, row: usize, thresholds: &mut [u8]) {
        let own = &self.thresholds[row * self.columns..];
        for (part, threshold) in thresholds.chunks_mut(self.side_px).zip(own) {
            part.fill(*threshold);
        }
    }
}

/// What is darker than this is ink, between this paper and this ink.
fn threshold(paper: u8, dark: u8) -> u8 {
    let (paper, dark) = (f32::from(paper), f32::from(dark));
    let contrast = (paper - dark) / paper.max(1.0);
    let off = if contrast < LEAST_CONTRAST {
        SURE_CONTRAST
    } else {
        OF_CONTRAST * contrast
    };
    (paper * (1.0 - off)) as u8
}

/// What is ink in each tile at most, where the tile is shaded.
fn shades(picture: &GrayImage, side_px: usize, usual: &[u8], papers: &[u8]) -> Vec<u8> {
    let columns = (picture.width() as usize).div_ceil(side_px);
    let is_shade =
        |tone: u8, paper: u8| SHADED.contains(&(f32::from(tone) / f32::from(paper.max(1))));
    let mut tile = Vec::with_capacity(side_px * side_px);
    let most = |(index, (usual, paper)): (usize, (&u8, &u8))| {
        let mut lightest = || {
            take_tile(
                &mut tile,
                picture,
                side_px,
                index % columns,
                index / columns,
            );
            let rank = (tile.len() as f32 * LIGHTEST_SHARE) as usize;
            ranked(&tile, rank, extremes(&tile))
        };
        match is_shade(*usual, *paper) && is_shade(lightest(), *paper) {
            true => (f32::from(*usual) * (1.0 - OF_SHADE)) as u8,
            false => u8::MAX,
        }
    };
    usual.iter().zip(papers).enumerate().map(most).collect()
}

/// The pixels of one tile, in place of those of another.
#[inline(always)]
fn take_tile(tile: &mut Vec<u8>, picture: &GrayImage, side_px: usize, column: usize, row: usize) {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let columns = column * side_px..width.min((column + 1) * side_px);
    let rows = row * side_px..height.min((row + 1) * side_px);
    tile.clear();
    for y in rows {
        let row = &picture.as_raw()[y * width..][columns.clone()];
        match <&[u8; USUAL_SIDE_PX]>::try_from(row) {
            // Two instructions in place of a call.
            Ok(row) => tile.extend_from_slice(row),
            Err(_) => tile.extend_from_slice(row),
        }
    }
}

/// Side of a tile of a picture of 200 dpi.
const USUAL_SIDE_PX: usize = 16;

/// Brightness of each tile's paper, and of its darkest ink.
fn tones(picture: &GrayImage, side_px: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut papers, mut darks) = (Vec::new(), Vec::new());
    on_this_processor(Tones {
        picture,
        side_px,
        papers: &mut papers,
        darks: &mut darks,
    });
    (papers, darks)
}

struct Tones<'a> {
    picture: &'a GrayImage,
    side_px: usize,
    papers: &'a mut Vec<u8>,
    darks: &'a mut Vec<u8>,
}

impl Work for Tones<'_> {
    #[inline(always)]
    fn work(self) {
        let tiles_of = |side: u32| (side as usize).div_ceil(self.side_px);
        let mut tile = Vec::with_capacity(self.side_px * self.side_px);
        for row in 0..tiles_of(self.picture.height()) {
            for column in 0..tiles_of(self.picture.width()) {
                take_tile(&mut tile, self.picture, self.side_px, column, row);
                let extremes = extremes(&tile);
                let rank = (tile.len() as f32 * DARKEST_SHARE) as usize;
                self.papers.push(ranked(&tile, tile.len() / 2, extremes));
                self.darks.push(ranked(&tile, rank, extremes));
            }
        }
    }
}

/// The darkest and the brightest of a tile's values.
#[inline(always)]
fn extremes(values: &[u8]) -> (u8, u8) {
    let both = |(least, most): (u8, u8), value: &u8| (least.min(*value), most.max(*value));
    values.iter().fold((u8::MAX, 0), both)
}

/// The value that so many pixels of a tile are darker than, between its extremes; found bit by bit: to count what is
/// darker than a value is quicker than to count how often each occurs, as most pixels are the same white. The bits in
/// which the extremes agree are those of all between them.
#[inline(always)]
fn ranked(values: &[u8], rank: usize, (least, most): (u8, u8)) -> u8 {
    let open_bits = u8::BITS - (least ^ most).leading_zeros();
    let known = least & u8::MAX.checked_shl(open_bits).unwrap_or(0);
    (0..open_bits).rev().fold(known, |value, bit| {
        let higher = value | 1 << bit;
        if count_below(values, higher) <= rank {
            higher
        } else {
            value
        }
    })
}

/// Values whose count fits a byte: bytes are counted sixteen at a time.
const COUNTED_AT_ONCE: usize = 128;

#[inline(always)]
fn count_below(values: &[u8], limit: u8) -> usize {
    let below = |values: &[u8]| -> u8 {
        let below = values.iter().map(|value| u8::from(*value < limit));
        below.sum()
    };
    let counts = values.chunks(COUNTED_AT_ONCE).map(below);
    counts.map(usize::from).sum()
}

/// Puts in the place of each tile's value the most extreme of those around it, first along rows, then along columns.
fn extremes_around(tiles: &mut [u8], columns: usize, reach: usize, extreme: fn(u8, u8) -> u8) {
    for row in tiles.chunks_mut(columns.max(1)) {
        extremes_along(row, 1, reach, extreme);
    }
    extremes_along(tiles, columns, reach, extreme);
}

fn extremes_along(values: &mut [u8], step: usize, reach: usize, extreme: fn(u8, u8) -> u8) {
    let own = values.to_vec();
    for off in (1..=reach).map(|steps| steps * step) {
        for (value, before) in values.iter_mut().skip(off).zip(&own) {
            *value = extreme(*value, *before);
        }
        for (value, behind) in values.iter_mut().zip(own.iter().skip(off)) {
            *value = extreme(*value, *behind);
        }
    }
}

/// Calls `each` with the begin and the end of every run of pixels in a row that are of a kind asked for, from left to right.
///
/// Eight pixels become eight bits by one multiplication; then only where runs begin and end is there anything to do.
/// Paper alone is never asked for, and passed over sixty-four pixels at once.
pub fn runs_where(row: &[Kind], is: impl Fn(Kind) -> bool, mut each: impl FnMut(usize, usize)) {
    /// Brings the lowest bits of eight bytes together in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (mut begin, mut before) = (None, 0);
    for (place, kinds) in row.chunks(64).enumerate() {
        let any = kinds.iter().fold(0, |any, kind| any | *kind as u8);
        if any == Kind::Paper as u8 && before == 0 {
            continue;
        }
        let mut bits = 0;
        for (eighth, kinds) in kinds.chunks(8).enumerate() {
            let mut bytes = [0; 8];
            for (byte, kind) in bytes.iter_mut().zip(kinds) {
                *byte = u8::from(is(*kind));
            }
            bits |= (u64::from_le_bytes(bytes).wrapping_mul(GATHER) >> 56) << (8 * eighth);
        }
        let mut edges = bits ^ (bits << 1 | before);
        before = bits >> 63;
        while edges != 0 {
            let x = 64 * place + edges.trailing_zeros() as usize;
            edges &= edges - 1;
            match begin.take() {
                Some(begin) => each(begin, x),
                None => begin = Some(x),
            }
        }
    }
    if let Some(begin) = begin {
        each(begin, row.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that look drawn by lot, the same every time.
    fn bytes(count: usize, most: u8) -> Vec<u8> {
        let mut state = 0x2545_f491_u32;
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 24) % (u32::from(most) + 1)) as u8
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    #[test]
    fn runs_are_those_that_a_look_at_each_pixel_finds() {
        for width in [0, 1, 7, 63, 64, 65, 200, 333] {
            let kinds = bytes(width, 6).into_iter().map(|byte| match byte {
                0 | 1 => Kind::Paper,
                2 => Kind::RuleDown,
                _ => Kind::Ink,
            });
            // A gap of paper longer than what is passed over at once.
            let kinds: Vec<Kind> = kinds
                .enumerate()
                .map(|(x, kind)| {
                    if x % 300 < 130 && x > 64 {
                        Kind::Paper
                    } else {
                        kind
                    }
                })
                .collect();
            let mut runs = Vec::new();
            runs_where(
                &kinds,
                |kind| kind == Kind::Ink,
                |begin, end| runs.push(begin..end),
            );
            assert!(runs.iter().all(|run| run.start < run.end));
            assert!(runs.windows(2).all(|pair| pair[0].end < pair[1].start));
            let inked: Vec<usize> = (0..width).filter(|x| kinds[*x] == Kind::Ink).collect();
            assert_eq!(runs.into_iter().flatten().collect::<Vec<_>>(), inked);
        }
    }

    #[test]
    fn a_tiles_tone_is_the_value_that_so_many_of_its_pixels_are_darker_than() {
        for (count, most) in [
            (1, 255),
            (16, 255),
            (256, 3),
            (256, 255),
            (625, 255),
            (5_000, 90),
        ] {
            let values = bytes(count, most);
            let mut sorted = values.clone();
            sorted.sort_unstable();
            for rank in [0, count / 20, count / 2, count - 1] {
                assert_eq!(ranked(&values, rank, extremes(&values)), sorted[rank]);
            }
        }
    }
}
