//! A line's picture as the network wants it: scaled to its height, contrast stretched, in int8.
//!
//! Scaling is Leptonica's `pixScale`, to the bit, because the models were trained on what it makes:
//! areas of sixteenths of a pixel where a line gets smaller, straight lines between pixels where
//! it grows, and a little sharpening after either.

use crate::work::{Work, on_this_processor};

/// A picture of one line of text, dark on light or light on dark.
#[derive(Clone, Copy, Debug)]
pub struct LineImage<'a> {
    /// Grey values from the top left; 0 is black.
    pub pixels: &'a [u8],
    /// Width in pixels.
    pub width_px: usize,
    /// Height in pixels.
    pub height_px: usize,
    /// Pixels from the begin of one row to that of the next, so that a line can be looked at
    /// where it stands on its page.
    pub stride_px: usize,
}

impl<'a> LineImage<'a> {
    /// A picture of its own, without gaps between its rows.
    pub fn whole(pixels: &'a [u8], width_px: usize, height_px: usize) -> Self {
        Self {
            pixels,
            width_px,
            height_px,
            stride_px: width_px,
        }
    }

    fn row(&self, y: usize) -> &'a [u8] {
        &self.pixels[y * self.stride_px..][..self.width_px]
    }

    /// Whether all rows lie inside the pixels.
    fn sound(&self) -> bool {
        let rows = self.height_px.checked_sub(1);
        let end = rows.and_then(|rows| rows.checked_mul(self.stride_px));
        let end = end.and_then(|end| end.checked_add(self.width_px));
        self.width_px > 0
            && self.stride_px >= self.width_px
            && end.is_some_and(|end| end <= self.pixels.len())
    }
}

/// Grey values without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grey {
    pub pixels: Vec<u8>,
    pub width_px: usize,
    pub height_px: usize,
}

impl Grey {
    fn of(width_px: usize, height_px: usize) -> Self {
        Self {
            pixels: vec![0; width_px * height_px],
            width_px,
            height_px,
        }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.pixels[y * self.width_px..][..self.width_px]
    }
}

/// Smaller than this, Leptonica scales in another way; a line would have to be 1,800 pixels high.
const SMALLEST_SCALE: f32 = 0.02;
/// Below, areas are summed; above, values are drawn out between pixels.
const AREA_BELOW: f32 = 0.7;
/// The widest that a scaled line may be: no page holds a longer one.
const MAX_WIDTH_PX: usize = 16_000;

/// The line in the height that the network asks for; none where it cannot be brought there.
pub fn scale_to_height(line: &LineImage<'_>, height_px: usize) -> Option<Grey> {
    if !line.sound() {
        return None;
    }
    let scale = height_px as f32 / line.height_px as f32;
    let width_px = (f64::from(scale * line.width_px as f32) + 0.5) as usize;
    if scale < SMALLEST_SCALE || width_px == 0 || width_px > MAX_WIDTH_PX {
        return None;
    }
    if scale == 1.0 {
        let rows = (0..height_px).flat_map(|y| line.row(y));
        return Some(Grey {
            pixels: rows.copied().collect(),
            width_px,
            height_px,
        });
    }
    if scale < AREA_BELOW {
        let small = match halvings(scale) {
            Some(times) => (1..times).fold(halve(line), |grey, _| halve(&grey.line())),
            None => sum_areas(line, width_px, height_px),
        };
        return Some(if scale > 0.2 {
            sharpen::<1>(&small, 0.2)
        } else {
            small
        });
    }
    // Exactly twice and four times as large is done apart there, and not rounded.
    let rounding = if scale == 2.0 || scale == 4.0 { 0 } else { 128 };
    let large = draw_between(line, width_px, height_px, rounding);
    Some(if scale < 1.4 {
        sharpen::<2>(&large, 0.4)
    } else {
        large
    })
}

impl Grey {
    fn line(&self) -> LineImage<'_> {
        LineImage::whole(&self.pixels, self.width_px, self.height_px)
    }
}

/// 1/2, 1/4, 1/8 and 1/16 are reached by halving.
fn halvings(scale: f32) -> Option<u32> {
    (1..=4).find(|times| scale == 0.5_f32.powi(*times as i32))
}

fn halve(line: &LineImage<'_>) -> Grey {
    let mut half = Grey::of(line.width_px / 2, line.height_px / 2);
    let width_px = half.width_px.max(1);
    for (y, out) in half.pixels.chunks_exact_mut(width_px).enumerate() {
        let (upper, lower) = (line.row(2 * y), line.row(2 * y + 1));
        for (x, out) in out.iter_mut().enumerate() {
            let sum = [
                upper[2 * x],
                upper[2 * x + 1],
                lower[2 * x],
                lower[2 * x + 1],
            ];
            *out = (sum.map(u32::from).iter().sum::<u32>() >> 2) as u8;
        }
    }
    half
}

/// Where a scaled pixel lies in the source, in sixteenths of a pixel.
#[derive(Clone, Copy)]
struct Reach {
    /// The first pixel that it touches, and the last.
    first: usize,
    last: usize,
    /// Sixteenths of the first and of the last that belong to it; all between belong whole.
    of_first: u32,
    of_last: u32,
    /// The last pixel would be the source's last one or beyond: the first stands for all.
    at_edge: bool,
}

impl Reach {
    fn sixteenths(&self) -> u32 {
        self.of_first + 16 * (self.last - self.first - 1) as u32 + self.of_last
    }

    /// What belongs to it of a row of values, whose sums up to each place are given. Sums may pass over; their
    /// differences come out right.
    #[inline(always)]
    fn sum(&self, values: &[u32], up_to: &[u32]) -> u32 {
        let whole = up_to[self.last].wrapping_sub(up_to[self.first + 1]);
        self.of_first * values[self.first] + 16 * whole + self.of_last * values[self.last]
    }
}

fn reaches(source_px: usize, scaled_px: usize) -> Vec<Reach> {
    let step = (16.0 * f64::from(source_px as f32) / f64::from(scaled_px as f32)) as f32;
    let reach = |index: usize| {
        let begin = (step * index as f32) as usize;
        let end = (f64::from(step) * (index as f64 + 1.0)) as usize;
        Reach {
            first: begin >> 4,
            last: end >> 4,
            of_first: 16 - (begin as u32 & 15),
            of_last: end as u32 & 15,
            at_edge: (end >> 4) + 2 > source_px,
        }
    };
    (0..scaled_px).map(reach).collect()
}

/// Sums over areas: first down the columns, then along the row, which gives the same whole numbers
/// as over each area at once.
fn sum_areas(line: &LineImage<'_>, width_px: usize, height_px: usize) -> Grey {
    let mut small = Grey::of(width_px, height_px);
    on_this_processor(SumAreas {
        line,
        columns: &reaches(line.width_px, width_px),
        rows: &reaches(line.height_px, height_px),
        small: &mut small,
    });
    small
}

struct SumAreas<'a> {
    line: &'a LineImage<'a>,
    columns: &'a [Reach],
    rows: &'a [Reach],
    small: &'a mut Grey,
}

impl Work for SumAreas<'_> {
    #[inline(always)]
    fn work(self) {
        let line = self.line;
        let shares = self
            .columns
            .iter()
            .map(|column| 1.0 / f64::from(column.sixteenths()));
        let shares: Vec<f64> = shares.collect();
        let mut sums = vec![0_u32; line.width_px];
        let mut up_to = vec![0_u32; line.width_px + 1];
        let rows = self.small.pixels.chunks_exact_mut(self.small.width_px);
        for (reach, out) in self.rows.iter().zip(rows) {
            let top = line.row(reach.first.min(line.height_px - 1));
            if reach.at_edge {
                for (out, column) in out.iter_mut().zip(self.columns) {
                    *out = top[column.first];
                }
                continue;
            }
            add_rows(line, reach, &mut sums);
            let mut total = 0_u32;
            for (up_to, sum) in up_to[1..].iter_mut().zip(&sums) {
                total = total.wrapping_add(*sum);
                *up_to = total;
            }
            let share = 1.0 / f64::from(reach.sixteenths());
            for ((out, column), own) in out.iter_mut().zip(self.columns).zip(&shares) {
                *out = if column.at_edge {
                    top[column.first]
                } else {
                    // By halves, so that what goes into it without rest stays on its side of a whole number.
                    let sum = f64::from(column.sum(&sums, &up_to) + 128) + 0.5;
                    (sum * (own * share)) as u8
                };
            }
        }
    }
}

/// Sums of the rows that a scaled row touches, column by column, each row as often as its sixteenths say.
#[inline(always)]
fn add_rows(line: &LineImage<'_>, reach: &Reach, sums: &mut [u32]) {
    sums.fill(0);
    for row in reach.first..=reach.last {
        let weight = match row {
            row if row == reach.first => reach.of_first,
            row if row == reach.last => reach.of_last,
            _ => 16,
        };
        for (sum, pixel) in sums.iter_mut().zip(line.row(row)) {
            *sum += weight * u32::from(*pixel);
        }
    }
}

/// Values between pixels, to a sixteenth of a pixel.
fn draw_between(line: &LineImage<'_>, width_px: usize, height_px: usize, rounding: u32) -> Grey {
    let mut large = Grey::of(width_px, height_px);
    let columns = places(line.width_px, width_px);
    for (y, (row, down)) in places(line.height_px, height_px).into_iter().enumerate() {
        let upper = line.row(row);
        let lower = line.row((row + 1).min(line.height_px - 1));
        let out = &mut large.pixels[y * width_px..][..width_px];
        for (out, (x, right)) in out.iter_mut().zip(&columns) {
            let next = (x + 1).min(line.width_px - 1);
            let above = (16 - right) * u32::from(upper[*x]) + right * u32::from(upper[next]);
            let below = (16 - right) * u32::from(lower[*x]) + right * u32::from(lower[next]);
            *out = (((16 - down) * above + down * below + rounding) / 256) as u8;
        }
    }
    large
}

/// The pixel before each scaled one, and how many sixteenths it lies beyond.
fn places(source_px: usize, scaled_px: usize) -> Vec<(usize, u32)> {
    let step = (16.0 * f64::from(source_px as f32) / f64::from(scaled_px as f32)) as f32;
    let place = |index| (step * index as f32) as usize;
    let parts = |place: usize| ((place >> 4).min(source_px - 1), place as u32 & 15);
    (0..scaled_px).map(place).map(parts).collect()
}

/// Adds to each pixel a fraction of what it differs from the mean of those around it. The border
/// of `HALF` pixels stays as it is.
fn sharpen<const HALF: usize>(grey: &Grey, fraction: f32) -> Grey {
    let (width_px, height_px) = (grey.width_px, grey.height_px);
    let mut sharp = grey.clone();
    if width_px <= 2 * HALF || height_px <= 2 * HALF {
        return sharp;
    }
    let side = 2 * HALF + 1;
    let share = (1.0 / (side * side) as f64) as f32;
    on_this_processor(Sharpen::<HALF> {
        grey,
        fraction,
        share,
        sharp: &mut sharp,
    });
    sharp
}

struct Sharpen<'a, const HALF: usize> {
    grey: &'a Grey,
    fraction: f32,
    /// Of a pixel in the mean of those around it.
    share: f32,
    sharp: &'a mut Grey,
}

impl<const HALF: usize> Work for Sharpen<'_, HALF> {
    #[inline(always)]
    fn work(self) {
        let (width_px, height_px) = (self.grey.width_px, self.grey.height_px);
        let side = 2 * HALF + 1;
        let mut columns = vec![0_u16; width_px];
        for y in HALF..height_px - HALF {
            columns.fill(0);
            for row in y - HALF..=y + HALF {
                for (sum, pixel) in columns.iter_mut().zip(self.grey.row(row)) {
                    *sum += u16::from(*pixel);
                }
            }
            let own = &self.grey.row(y)[HALF..width_px - HALF];
            let out = &mut self.sharp.pixels[y * width_px + HALF..][..width_px - 2 * HALF];
            for ((out, own), columns) in out.iter_mut().zip(own).zip(columns.windows(side)) {
                let around: u16 = columns.iter().sum();
                let own = f32::from(*own);
                let mean = self.share * f32::from(around);
                let value = f64::from(own + self.fraction * (own - mean)) + 0.5;
                *out = value as u8;
            }
        }
    }
}

/// Black and white of a line, from the low and the high points along its middle row.
fn black_and_white(grey: &Grey) -> (f32, f32) {
    let (mut lows, mut highs) = (Vec::new(), Vec::new());
    for around in grey.row(grey.height_px / 2).windows(3) {
        let (before, own, after) = (around[0], around[1], around[2]);
        if (own < before && own <= after) || (own <= before && own < after) {
            lows.push(own);
        }
        if (own > before && own >= after) || (own >= before && own > after) {
            highs.push(own);
        }
    }
    if lows.is_empty() {
        lows.push(0);
    }
    if highs.is_empty() {
        highs.push(255);
    }
    (quantile(&lows, 0.25), quantile(&highs, 0.75))
}

/// The value below which a share of the values lies, drawn out between whole numbers.
fn quantile(values: &[u8], share: f64) -> f32 {
    let mut counts = [0_u32; 256];
    for value in values {
        counts[usize::from(*value)] += 1;
    }
    let wanted = (share * values.len() as f64).clamp(1.0, values.len() as f64);
    let mut below = 0.0;
    for (value, count) in counts.iter().enumerate() {
        below += f64::from(*count);
        if below >= wanted {
            return (value as f64 + 1.0 - (below - wanted) / f64::from(*count)) as f32;
        }
    }
    255.0
}

/// What the network sees: −127 is the line's black, 127 its white.
pub fn to_values(grey: &Grey) -> Vec<i8> {
    let (black, white) = black_and_white(grey);
    let mut contrast = (white - black) / 2.0;
    if contrast <= 0.0 {
        contrast = 1.0;
    }
    let value = |pixel: usize| {
        let value = 128.0 * ((pixel as f32 - black) / contrast - 1.0);
        (value + 0.5_f32.copysign(value)).clamp(-127.0, 127.0) as i8
    };
    let values: [i8; 256] = std::array::from_fn(value);
    let pixels = grey.pixels.iter();
    pixels.map(|pixel| values[usize::from(*pixel)]).collect()
}

/// Light on dark turned to dark on light.
pub fn invert(grey: &Grey) -> Grey {
    let pixels = grey.pixels.iter().map(|pixel| !pixel).collect();
    Grey { pixels, ..*grey }
}
