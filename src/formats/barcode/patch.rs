//! Patch codes: four black bars across a sheet that tell a scanner what begins.
//!
//! Kodak A-61599: bars of 0.20 in (wide) or 0.08 in (narrow) with spaces of 0.08 in, 0.80 in
//! in all, at least 2 in long on most scanners. Of the six arrangements of two wide and two
//! narrow bars, two read the same from both sides; the others are each other's mirror
//! image (T and III, I and VI), so a patch is read from the edge of the sheet inwards.

use image::GrayImage;

use super::Place;

/// Resolution of the picture that patches are looked for on: a narrow bar is six pixels
/// wide there, and single specks of dust are gone.
pub const READING_DPI: f32 = 75.0;

/// The six patches, by the names scanners give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// Patch I: wide, wide, narrow, narrow.
    I,
    /// Patch II: wide, narrow, narrow, wide.
    II,
    /// Patch III: wide, narrow, wide, narrow.
    III,
    /// Patch IV: narrow, wide, wide, narrow; switches colour on some scanners.
    IV,
    /// Patch VI: narrow, narrow, wide, wide.
    VI,
    /// Patch T, "transfer": narrow, wide, narrow, wide. Another document begins behind it.
    T,
}

impl Patch {
    /// The bars from the edge inwards, true for a wide one.
    pub const fn bars(self) -> [bool; 4] {
        match self {
            Patch::I => [true, true, false, false],
            Patch::II => [true, false, false, true],
            Patch::III => [true, false, true, false],
            Patch::IV => [false, true, true, false],
            Patch::VI => [false, false, true, true],
            Patch::T => [false, true, false, true],
        }
    }

    fn of(bars: [bool; 4]) -> Option<Self> {
        let all = [
            Patch::I,
            Patch::II,
            Patch::III,
            Patch::IV,
            Patch::VI,
            Patch::T,
        ];
        all.into_iter().find(|patch| patch.bars() == bars)
    }
}

/// A patch found on a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundPatch {
    /// Which one.
    pub patch: Patch,
    /// Where it stands.
    pub place: Place,
}

/// Pixels along the bars that are averaged before edges are looked for: a tenth of an inch,
/// over which a sheet fed 5 degrees askew moves by less than a pixel.
const STRIP_PX: usize = 8;
/// Strips that must show the same bars one behind the other: one inch. Sheets have at
/// least two (Kodak A-61599; ¾ in on some machines), but a torn edge may hide some.
const LEAST_STRIPS: usize = 10;
/// Half of the stretch that decides what is dark: 0.6 in, a wide bar and its neighbours.
const AROUND_PX: usize = 45;
/// Levels of grey between bars and spaces, at the least.
const LEAST_CONTRAST: f32 = 25.0;
/// Width of a patch in shares of the page's shorter side: 0.80 in of A3 or of A5, and a
/// printer's "fit to page".
const WIDTH_SHARE: std::ops::Range<f32> = 0.06..0.16;
/// Bars and spaces in tenths of the whole, where the standard asks for 1 and 2.5; ink that
/// spreads makes bars wider and spaces narrower.
const NARROW_TENTHS: std::ops::Range<f32> = 0.5..1.75;
const WIDE_TENTHS: std::ops::Range<f32> = 1.75..3.4;
/// White beside the outer bars, in tenths of the whole.
const QUIET_TENTHS: f32 = 0.7;
/// Dark pixels in the middle of a bar. (Lines of print are dark by half at most.)
const SOLID_SHARE: f32 = 0.85;
/// Nearer than this to the middle of the sheet no edge is the nearer one.
const MIDDLE_SHARE: std::ops::Range<f32> = 0.45..0.55;

/// Finds patches along all four edges (and anywhere else) of a page of [`READING_DPI`].
pub fn find(luma: &GrayImage) -> Vec<FoundPatch> {
    let upright = across(luma);
    let lying = across(&transposed(luma));
    let swapped = lying.into_iter().map(|found| FoundPatch {
        place: Place {
            x: found.place.y,
            y: found.place.x,
        },
        ..found
    });
    upright.into_iter().chain(swapped).collect()
}

/// The picture with its columns as rows.
fn transposed(luma: &GrayImage) -> GrayImage {
    let (width, height) = luma.dimensions();
    let mut columns = Vec::with_capacity(luma.len());
    for x in 0..width as usize {
        columns.extend(luma.as_raw().iter().skip(x).step_by(width as usize));
    }
    GrayImage::from_raw(height, width, columns).expect("every pixel was taken once")
}

/// Four bars found in one strip.
#[derive(Clone, Copy)]
struct Hit {
    bars: [bool; 4],
    start_px: f32,
    end_px: f32,
    strip: usize,
}

/// The same bars in strip after strip.
struct Chain {
    first: Hit,
    last: Hit,
    strips: usize,
}

/// Patches whose bars run down the picture.
fn across(luma: &GrayImage) -> Vec<FoundPatch> {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let shorter_px = width.min(height) as f32;
    let mut chains: Vec<Chain> = Vec::new();
    for strip in 0..height / STRIP_PX {
        let rows = &luma.as_raw()[strip * STRIP_PX * width..][..STRIP_PX * width];
        for hit in hits(rows, width, strip, shorter_px) {
            match chains.iter_mut().rev().find(|chain| chain.goes_on(&hit)) {
                Some(chain) => {
                    chain.last = hit;
                    chain.strips += 1;
                }
                None => chains.push(Chain {
                    first: hit,
                    last: hit,
                    strips: 1,
                }),
            }
        }
    }
    let long = chains.iter().filter(|chain| chain.strips >= LEAST_STRIPS);
    long.filter_map(|chain| chain.found(width as f32, height as f32))
        .collect()
}

impl Chain {
    /// One strip may be missing in between; a sheet may lie askew by some 12 degrees.
    fn goes_on(&self, hit: &Hit) -> bool {
        let strips = hit.strip - self.last.strip;
        let drift_px = 1.0 + strips as f32 * STRIP_PX as f32 * 0.2;
        hit.bars == self.last.bars
            && (1..=2).contains(&strips)
            && (hit.start_px - self.last.start_px).abs() <= drift_px
            && (hit.end_px - self.last.end_px).abs() <= drift_px
    }

    fn found(&self, width_px: f32, height_px: f32) -> Option<FoundPatch> {
        let ends = [self.first, self.last];
        let start_px = ends
            .map(|hit| hit.start_px)
            .into_iter()
            .fold(width_px, f32::min);
        let end_px = ends.map(|hit| hit.end_px).into_iter().fold(0.0, f32::max);
        let middle = (start_px + end_px) / 2.0 / width_px;
        let mut bars = self.first.bars;
        if middle > 0.5 && !MIDDLE_SHARE.contains(&middle) {
            bars.reverse();
        }
        let row = |strip: usize| (strip * STRIP_PX) as f32 / height_px;
        Some(FoundPatch {
            patch: Patch::of(bars)?,
            place: Place {
                x: (start_px / width_px, end_px / width_px),
                y: (row(self.first.strip), row(self.last.strip + 1)),
            },
        })
    }
}

/// The fours of bars in one strip of rows.
fn hits(rows: &[u8], width: usize, strip: usize, shorter_px: f32) -> Vec<Hit> {
    let profile = profile(rows, width);
    let threshold = threshold(&profile);
    let edges = edges(&profile, &threshold);
    // Edges alternate: into the dark at even places, out of it at odd ones.
    let fours = edges.windows(8).step_by(2).enumerate();
    let hit = |(n, four): (usize, &[f32])| {
        let whole = four[7] - four[0];
        let before = four[0] - (2 * n).checked_sub(1).map_or(0.0, |place| edges[place]);
        let after = edges.get(2 * n + 8).copied().unwrap_or(width as f32) - four[7];
        let quiet = before.min(after) >= QUIET_TENTHS * whole / 10.0;
        let bars = bars(four)?;
        let hit = Hit {
            bars,
            start_px: four[0],
            end_px: four[7],
            strip,
        };
        let fits = quiet
            && WIDTH_SHARE.contains(&(whole / shorter_px))
            && is_solid(rows, width, four, &threshold);
        fits.then_some(hit)
    };
    fours.filter_map(hit).collect()
}

/// Which bars are wide, where bars and spaces have the widths of a patch's.
fn bars(edges: &[f32]) -> Option<[bool; 4]> {
    let tenth = (edges[7] - edges[0]) / 10.0;
    let run = |n: usize| (edges[n + 1] - edges[n]) / tenth;
    let spaces = [1, 3, 5].map(run);
    let bars = [0, 2, 4, 6].map(run);
    let fits = spaces.iter().all(|space| NARROW_TENTHS.contains(space))
        && bars
            .iter()
            .all(|bar| NARROW_TENTHS.contains(bar) || WIDE_TENTHS.contains(bar));
    let wide = bars.map(|bar| WIDE_TENTHS.contains(&bar));
    // Ink spreads on all bars alike: the wide ones stay wide, and of one width.
    let least_wide = bars.iter().zip(wide).filter(|(_, wide)| *wide);
    let least_wide = least_wide.map(|(bar, _)| *bar).fold(f32::MAX, f32::min);
    let most_narrow = bars.iter().zip(wide).filter(|(_, wide)| !*wide);
    let most_narrow = most_narrow.map(|(bar, _)| *bar).fold(0.0, f32::max);
    let two_and_two = wide.iter().filter(|wide| **wide).count() == 2;
    let most_wide = bars.iter().copied().fold(0.0, f32::max);
    let alike = least_wide > 1.4 * most_narrow && most_wide < 1.35 * least_wide;
    (fits && two_and_two && alike).then_some(wide)
}

/// Mean brightness along the bars.
fn profile(rows: &[u8], width: usize) -> Vec<f32> {
    let mut sums = vec![0_u32; width];
    for row in rows.chunks_exact(width) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += u32::from(value);
        }
    }
    sums.into_iter()
        .map(|sum| sum as f32 / STRIP_PX as f32)
        .collect()
}

/// Half way between the darkest and the brightest around each place; nothing is dark where
/// the two are nearly the same.
fn threshold(profile: &[f32]) -> Vec<f32> {
    // No `f32::min`, which is a call where one instruction does: nothing here is without a number.
    let dark = around(profile, f32::MAX, |a, b| if a < b { a } else { b });
    let bright = around(profile, 0.0, |a, b| if a > b { a } else { b });
    let middle = |(dark, bright): (f32, f32)| match bright - dark >= LEAST_CONTRAST {
        true => (bright + dark) / 2.0,
        false => 0.0,
    };
    dark.into_iter().zip(bright).map(middle).collect()
}

/// The least or greatest of the values up to [`AROUND_PX`] to either side, `none` beyond the ends.
///
/// In blocks as long as such a stretch every stretch is the end of one block and the start of the next, whose
/// extremes are counted up once (van Herk, Gil and Werman).
fn around(values: &[f32], none: f32, pick: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    const STRETCH: usize = 2 * AROUND_PX + 1;
    let mut padded = vec![none; AROUND_PX];
    padded.extend(values);
    padded.resize(
        (values.len() + 2 * AROUND_PX).next_multiple_of(STRETCH),
        none,
    );
    let (mut to_start, mut to_end) = (padded.clone(), padded);
    for block in to_start.chunks_exact_mut(STRETCH) {
        (1..STRETCH).for_each(|at| block[at] = pick(block[at], block[at - 1]));
    }
    for block in to_end.chunks_exact_mut(STRETCH) {
        (1..STRETCH)
            .rev()
            .for_each(|at| block[at - 1] = pick(block[at - 1], block[at]));
    }
    let stretch = |start: usize| pick(to_end[start], to_start[start + STRETCH - 1]);
    (0..values.len()).map(stretch).collect()
}

/// Where the profile crosses the threshold, in parts of a pixel; the first is one into the dark.
fn edges(profile: &[f32], threshold: &[f32]) -> Vec<f32> {
    let above: Vec<f32> = profile.iter().zip(threshold).map(|(v, t)| v - t).collect();
    let mut edges = Vec::new();
    for (place, pair) in above.windows(2).enumerate() {
        let (before, here) = (pair[0], pair[1]);
        let into_dark = before >= 0.0 && here < 0.0;
        let out_of_dark = before < 0.0 && here >= 0.0;
        if into_dark || (out_of_dark && !edges.is_empty()) {
            edges.push(place as f32 + 0.5 + before / (before - here));
        }
    }
    edges
}

/// True where the middles of the bars are dark in every row, not only on the mean.
fn is_solid(rows: &[u8], width: usize, edges: &[f32], threshold: &[f32]) -> bool {
    let middles = [0, 2, 4, 6].map(|n| {
        let quarter = (edges[n + 1] - edges[n]) / 4.0;
        (edges[n] + quarter) as usize..=(edges[n + 1] - quarter) as usize
    });
    let mut pixels = 0_u32;
    let mut dark = 0_u32;
    for row in rows.chunks_exact(width) {
        for place in middles.iter().flat_map(Clone::clone) {
            pixels += 1;
            dark += u32::from(f32::from(row[place]) < threshold[place]);
        }
    }
    dark as f32 >= SOLID_SHARE * pixels as f32
}
