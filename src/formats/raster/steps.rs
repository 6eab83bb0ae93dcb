//! Filters along one side of a picture, in whole numbers, for sizes that stand to each other as small whole numbers do.
//!
//! Every so many new pixels lie alike to the old ones under them (at 3 to 2 every second), so each of these *phases* has
//! weights of its own and no pixel needs any other. Along a row the old pixels are first laid out in planes, one for
//! each place in the period: then what a phase adds up lies side by side.

use image::GrayImage;

/// How a new pixel is mixed from old ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// A triangle over two pixels of the coarser of the pictures.
    Bilinear,
    /// Cubic over four pixels (a = −1/2), which keeps edges sharp.
    CatmullRom,
}

impl Filter {
    /// How far it reaches to either side.
    fn reach(self) -> f32 {
        match self {
            Filter::Bilinear => 1.0,
            Filter::CatmullRom => 2.0,
        }
    }

    fn weight(self, off: f32) -> f32 {
        let x = off.abs();
        match self {
            Filter::Bilinear => (1.0 - x).max(0.0),
            Filter::CatmullRom if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Filter::CatmullRom if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Filter::CatmullRom => 0.0,
        }
    }
}

/// Periods of more pixels than this are no steps; 600 to 75 dpi is 8 to 1.
const MOST_OF_A_PERIOD: usize = 8;

/// The weights of a phase add up to this. With grey taken about its middle, sums stay in 16 bits as long as the weights'
/// sizes add up to less than twice as much; a cubic's add up to 1.3 times.
const WHOLE: i16 = 128;

/// Half of `WHOLE`, less the middle grey in every weight.
const START: i16 = WHOLE / 2 - 128 * WHOLE;

/// A filter for one ratio of sizes.
pub struct Steps {
    /// Old pixels to a period; there are as many new ones as phases.
    old_period: usize,
    phases: Vec<Phase>,
}

/// The weights of every new pixel at one place in the period.
struct Phase {
    /// The first old pixel that counts, from the first of the period.
    first: isize,
    weights: Vec<i16>,
}

impl Steps {
    /// The filter, where the two sizes stand to each other as small whole numbers do, or are less than half a new
    /// pixel off.
    pub fn between(old_px: u32, new_px: u32, filter: Filter) -> Option<Steps> {
        let (old_px, new_px) = (old_px as usize, new_px as usize);
        let period = |new: usize| {
            let old = (old_px * new + new_px / 2).checked_div(new_px)?;
            let off = (old_px * new).abs_diff(new_px * old);
            let fits = (1..=MOST_OF_A_PERIOD).contains(&old) && 2 * off <= old;
            fits.then(|| Steps::of(old, new, filter))
        };
        (1..=MOST_OF_A_PERIOD).find_map(period)
    }

    fn of(old_period: usize, new_period: usize, filter: Filter) -> Steps {
        let phase = |place| Phase::of(place, old_period as f32 / new_period as f32, filter);
        Steps {
            old_period,
            phases: (0..new_period).map(phase).collect(),
        }
    }

    /// The row that lies at this height of the new picture, as wide as the old one.
    #[inline(always)]
    pub fn row_between(&self, image: &GrayImage, y: usize, into: &mut [u8]) {
        let (period, place) = (y / self.phases.len(), y % self.phases.len());
        let phase = &self.phases[place];
        let top = (period * self.old_period) as isize + phase.first;
        let last = image.height() as isize - 1;
        let row = |tap: usize| {
            let at = (top + tap as isize).clamp(0, last) as usize * into.len();
            &image.as_raw()[at..at + into.len()]
        };
        let taps = phase.weights.iter().enumerate();
        let taps: Vec<(&[u8], i16)> = taps.map(|(tap, weight)| (row(tap), *weight)).collect();
        weigh(&taps, into);
    }

    /// Room to scale rows of this many pixels in.
    pub fn planes(&self, old_px: usize, new_px: usize) -> Planes {
        let reach = |phase: &Phase| phase.first.unsigned_abs() + phase.weights.len();
        let reach = self.phases.iter().map(reach).max().unwrap_or(0);
        let before = reach.div_ceil(self.old_period);
        let periods = new_px.div_ceil(self.phases.len());
        let length = before + periods.max(old_px.div_ceil(self.old_period)) + before + 1;
        Planes {
            before,
            periods,
            length,
            old: vec![0; self.old_period * length],
            new: vec![0; self.phases.len() * periods],
        }
    }

    /// One row in its new width.
    #[inline(always)]
    pub fn along(&self, row: &[u8], planes: &mut Planes, into: &mut [u8]) {
        planes.lay_out(row, self.old_period);
        let old_period = self.old_period as isize;
        for (place, phase) in self.phases.iter().enumerate() {
            let tap = |(tap, weight): (usize, &i16)| {
                let at = phase.first + tap as isize;
                let (periods, plane) = (at.div_euclid(old_period), at.rem_euclid(old_period));
                let start = plane as usize * planes.length;
                let start = (start + planes.before).wrapping_add_signed(periods);
                (&planes.old[start..start + planes.periods], *weight)
            };
            let taps: Vec<(&[i16], i16)> = phase.weights.iter().enumerate().map(tap).collect();
            let new = place * planes.periods;
            weigh(&taps, &mut planes.new[new..new + planes.periods]);
        }
        planes.gather(self.phases.len(), into);
    }
}

impl Phase {
    /// The weights of the new pixel at this place of the period, each of which is as wide as `ratio` old ones.
    fn of(place: usize, ratio: f32, filter: Filter) -> Phase {
        let middle = (place as f32 + 0.5) * ratio - 0.5;
        let stretch = ratio.max(1.0);
        let first = (middle - filter.reach() * stretch).floor() as isize + 1;
        let last = (middle + filter.reach() * stretch).ceil() as isize - 1;
        let exact: Vec<f32> = (first..=last.max(first))
            .map(|at| filter.weight((at as f32 - middle) / stretch))
            .collect();
        let sum: f32 = exact.iter().sum();
        let whole = |weight: &f32| (weight / sum * f32::from(WHOLE)).round() as i16;
        let mut weights: Vec<i16> = exact.iter().map(whole).collect();
        // What rounding lost or gained goes to the greatest, so that even grey stays as it is.
        let off = WHOLE - weights.iter().sum::<i16>();
        let greatest = weights.iter_mut().max();
        *greatest.expect("a pixel is mixed from at least one") += off;
        Phase { first, weights }
    }
}

/// A row apart by the places of a period.
pub struct Planes {
    /// Periods before the row's first, which show its first pixel again; behind its last there are as many.
    before: usize,
    /// Periods of the new row.
    periods: usize,
    /// Length of one plane of `old`.
    length: usize,
    old: Vec<i16>,
    new: Vec<u8>,
}

impl Planes {
    #[inline(always)]
    fn lay_out(&mut self, row: &[u8], old_period: usize) {
        match old_period {
            1 => self.lay_out_by::<1>(row),
            2 => self.lay_out_by::<2>(row),
            3 => self.lay_out_by::<3>(row),
            4 => self.lay_out_by::<4>(row),
            _ => self.lay_out_by_any(row, old_period),
        }
    }

    /// As [`Self::lay_out_by_any`], for periods that the compiler knows.
    #[inline(always)]
    fn lay_out_by<const PERIOD: usize>(&mut self, row: &[u8]) {
        let whole = row.len() / PERIOD;
        for place in 0..PERIOD {
            let plane = &mut self.old[place * self.length + self.before..][..whole];
            let (blocks, _) = row.as_chunks::<PERIOD>();
            for (value, block) in plane.iter_mut().zip(blocks) {
                *value = i16::from(block[place]);
            }
        }
        self.lay_out_ends(row, PERIOD);
    }

    #[inline(always)]
    fn lay_out_by_any(&mut self, row: &[u8], period: usize) {
        for place in 0..period {
            let plane = &mut self.old[place * self.length + self.before..];
            for (value, block) in plane.iter_mut().zip(row.chunks_exact(period)) {
                *value = i16::from(block[place]);
            }
        }
        self.lay_out_ends(row, period);
    }

    /// Before the row and behind it its first and last pixel are shown again.
    fn lay_out_ends(&mut self, row: &[u8], period: usize) {
        let (first, last) = (row.first().copied(), row.last().copied());
        let (first, last) = (first.unwrap_or(255), last.unwrap_or(255));
        let whole = row.len() / period;
        for place in 0..period {
            let plane = &mut self.old[place * self.length..][..self.length];
            plane[..self.before].fill(i16::from(first));
            let behind = &mut plane[self.before + whole..];
            behind.fill(i16::from(last));
            if let Some(value) = row.get(whole * period + place) {
                behind[0] = i16::from(*value);
            }
        }
    }

    /// The phases of the new row, one pixel of each in turn.
    #[inline(always)]
    fn gather(&self, phases: usize, into: &mut [u8]) {
        if phases == 1 {
            into.copy_from_slice(&self.new[..into.len()]);
            return;
        }
        for place in 0..phases {
            let plane = &self.new[place * self.periods..][..self.periods];
            let places = into.iter_mut().skip(place).step_by(phases);
            places.zip(plane).for_each(|(new, value)| *new = *value);
        }
    }
}

/// Sums of rows by their weights, in the grey that they mean.
#[inline(always)]
fn weigh<Value: Copy + Into<i16>>(taps: &[(&[Value], i16)], into: &mut [u8]) {
    const LANES: usize = 16;
    let mut start = 0;
    let (blocks, rest) = into.as_chunks_mut::<LANES>();
    for block in blocks {
        let mut sums = [START; LANES];
        for (values, weight) in taps {
            for (sum, value) in sums.iter_mut().zip(&values[start..start + LANES]) {
                *sum = sum.wrapping_add((*value).into().wrapping_mul(*weight));
            }
        }
        for (new, sum) in block.iter_mut().zip(sums) {
            *new = grey_of(sum);
        }
        start += LANES;
    }
    for (at, new) in rest.iter_mut().enumerate() {
        let taps = taps
            .iter()
            .map(|(values, weight)| (values[start + at], weight));
        let sum = taps.fold(START, |sum, (value, weight)| {
            sum.wrapping_add(value.into().wrapping_mul(*weight))
        });
        *new = grey_of(sum);
    }
}

#[inline(always)]
fn grey_of(sum: i16) -> u8 {
    ((sum >> WHOLE.trailing_zeros()) + 128).clamp(0, 255) as u8
}
