//! The curves of the network, to the bit as libtesseract draws them.
//!
//! Tanh and the logistic curve are tables of 4,096 single-precision values, 256 a unit, between
//! which it draws straight lines; reading with exact curves would give other outputs, now and then
//! another letter. The exponential is computed in double precision and rounded once, which is what
//! the C library's `expf` amounts to.

use std::sync::LazyLock;

/// Values of a table; the last one stands for all that is beyond.
pub const TABLE: usize = 4096;
/// Values a unit.
pub const STEPS_A_UNIT: f32 = 256.0;
/// Where a table ends.
pub const TABLE_END: f32 = (TABLE - 1) as f32;
/// From here on the logistic curve is 1; its last value in the table is not yet.
pub const LOGISTIC_END: f32 = TABLE_END / STEPS_A_UNIT;
/// Values go from −127 to 127.
pub const REACH: f32 = 127.0;
/// What is further below the largest output counts as this far.
pub const SOFTMAX_FLOOR: f32 = -86.0;
/// LSTM cells are kept within ± this.
pub const STATE_LIMIT: f32 = 100.0;

/// The two tables. Each has one value more, so that the end of a line's piece can always be read.
pub struct Tables {
    /// Tanh of 0, 1/256, 2/256 …
    pub tanh: Vec<f32>,
    /// The logistic curve at the same places.
    pub logistic: Vec<f32>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    tanh: table(f64::tanh),
    logistic: table(|x| 1.0 / (1.0 + (-x).exp())),
});

fn table(curve: impl Fn(f64) -> f64) -> Vec<f32> {
    let value = |index| curve(index as f64 / f64::from(STEPS_A_UNIT)) as f32;
    (0..TABLE).map(value).chain([1.0]).collect()
}

/// The tables, made at first use.
pub fn tables() -> &'static Tables {
    &TABLES
}

/// The curve of a table at `x`, which is not below zero.
#[inline(always)]
fn between(table: &[f32], x: f32) -> f32 {
    let place = (x * STEPS_A_UNIT).min(TABLE_END);
    let index = place as usize;
    let (low, high) = (table[index], table[index + 1]);
    low + (high - low) * (place - index as f32)
}

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh(tables: &Tables, x: f32) -> f32 {
    between(&tables.tanh, x.abs()).copysign(x)
}

/// 1 ÷ (1 + e^−x).
#[inline(always)]
pub fn logistic(tables: &Tables, x: f32) -> f32 {
    let size = x.abs();
    let right = if size >= LOGISTIC_END {
        1.0
    } else {
        between(&tables.logistic, size)
    };
    if x < 0.0 { 1.0 - right } else { right }
}

/// A value between −1 and 1 as a whole number of 127ths, halves away from zero.
#[inline(always)]
pub fn to_int8(value: f32) -> i8 {
    let scaled = value * REACH;
    (scaled + 0.5_f32.copysign(scaled)).clamp(-REACH, REACH) as i8
}

const LOG2_E: f64 = std::f64::consts::LOG2_E;
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1.5 × 2^52: adding it leaves the nearest whole number in the lowest bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// e^x for x from −86 to 0.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = f64::from(x);
    let rounded = x * LOG2_E + ROUNDER;
    let power = rounded - ROUNDER;
    let rest = (x - power * LN_2_HIGH) - power * LN_2_LOW;
    // The series of e^rest, |rest| ≤ 0.35: the first term left out is below 2^−50.
    let mut sum = 1.0 / 479_001_600.0;
    for factor in [
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        sum = sum * rest + factor;
    }
    let scale = f64::from_bits((rounded.to_bits() << 52).wrapping_add(1023 << 52));
    (sum * scale) as f32
}

/// The largest of numbers; eight are kept, so that the compiler may compare eight at once.
#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    let larger = |one: f32, other: f32| if other > one { other } else { one };
    let (whole, rest) = values.as_chunks::<8>();
    let mut kept = [f32::MIN; 8];
    for values in whole {
        for (kept, value) in kept.iter_mut().zip(values) {
            *kept = larger(*kept, *value);
        }
    }
    kept.iter().chain(rest).copied().fold(f32::MIN, larger)
}

/// Columns whose totals are added up together.
const COLUMNS: usize = 4;

/// Turns the sums of columns, `width` each, into shares of one. The order of additions is libtesseract's; as each of
/// them waits for the one before, columns are added up side by side.
#[inline(always)]
pub fn softmax(columns: &mut [f32], width: usize) {
    for values in columns.chunks_exact_mut(width) {
        let largest = largest(values);
        for value in values {
            *value = exp((*value - largest).clamp(SOFTMAX_FLOOR, 0.0));
        }
    }
    let mut together = columns.chunks_exact_mut(COLUMNS * width);
    for columns in &mut together {
        divide_by_totals::<COLUMNS>(columns, width);
    }
    for column in together.into_remainder().chunks_exact_mut(width) {
        divide_by_totals::<1>(column, width);
    }
}

#[inline(always)]
fn divide_by_totals<const COLUMNS: usize>(values: &mut [f32], width: usize) {
    let columns: [&[f32]; COLUMNS] = std::array::from_fn(|n| &values[n * width..][..width]);
    let mut totals = [0.0; COLUMNS];
    for place in 0..width {
        for (total, column) in totals.iter_mut().zip(columns) {
            *total += column[place];
        }
    }
    for (column, total) in values.chunks_exact_mut(width).zip(totals) {
        for value in column {
            *value /= total;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_libtesseracts_to_the_bit() {
        let values = tables().tanh[..TABLE]
            .iter()
            .chain(&tables().logistic[..TABLE]);
        let fold =
            |sum: u64, value: &f32| sum.wrapping_mul(0x100_0000_01b3) ^ u64::from(value.to_bits());
        // Of the constants in its functions.cpp.
        assert_eq!(values.fold(0, fold), 0xf162_3eef_30fc_16be);
    }

    #[test]
    fn the_exponential_is_the_nearest_single_precision_number() {
        let mut x = SOFTMAX_FLOOR;
        while x <= 0.0 {
            assert_eq!(
                exp(x).to_bits(),
                (f64::from(x).exp() as f32).to_bits(),
                "{x}"
            );
            x += 0.000_37;
        }
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        let values = [0.0, 0.5, -0.5, 1.4, 127.9, -300.0].map(|x: f32| to_int8(x / REACH));
        assert_eq!(values, [0, 1, -1, 1, 127, -127]);
    }
}
