//! For x86-64 with AVX2: eight sums a register, pairs of 16-bit products (`vpmaddwd`).
//!
//! int8 by int8 products fit 16-bit inputs without loss; AVX2's own int8 instruction saturates.

#![allow(unsafe_code)]

use std::arch::x86_64::*;
use std::hint::black_box;

use super::super::curves::{LOGISTIC_END, REACH, STATE_LIMIT, STEPS_A_UNIT, TABLE_END, tables};
use super::tiles::{self, Tiles};
use super::{CellStep, Columns, Kernel, Packed, Work, check_tanh};

const LANES: usize = 8;
const GROUP: usize = 2;

/// The kernel for AVX2. Made only where the processor has it.
#[derive(Clone, Copy)]
pub struct Avx2(());

impl Avx2 {
    /// None where this processor lacks AVX2.
    pub fn new() -> Option<Self> {
        std::arch::is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

impl Kernel for Avx2 {
    type Weight = i16;
    type Value = i16;
    const LANES: usize = LANES;
    const GROUP: usize = GROUP;
    const OFFSET: i32 = 0;

    fn weight(weight: i8) -> i16 {
        i16::from(weight)
    }

    fn value(value: i8) -> i16 {
        i16::from(value)
    }

    fn multiply(
        self,
        packed: &Packed<i16>,
        columns: &Columns<'_, i16>,
        sums: &mut [i32],
        onto: bool,
    ) {
        // SAFETY: AVX2 is there, or Avx2 could not have been made.
        unsafe { tiles::multiply::<Self>(packed, columns, sums, onto) }
    }

    fn cells(self, step: &mut CellStep<'_>) {
        step.check::<LANES>();
        // SAFETY: AVX2 is there, or Avx2 could not have been made; `check` holds the lengths.
        unsafe { cells(step) }
    }

    fn tanh(self, scales: &[f32], sums: &[i32], outputs: &mut [i8]) {
        check_tanh::<LANES>(scales, sums, outputs);
        // SAFETY: AVX2 is there, or Avx2 could not have been made; `check_tanh` holds the lengths.
        unsafe { tanh_of_sums(scales, sums, outputs) }
    }

    fn run(self, work: impl Work) {
        #[target_feature(enable = "avx2")]
        fn compiled(work: impl Work) {
            work.work();
        }
        // SAFETY: AVX2 is there, or Avx2 could not have been made.
        unsafe { compiled(work) }
    }
}

impl Tiles for Avx2 {
    /// Twelve sums of two blocks: with weights and values all sixteen registers.
    const TOGETHER: usize = 6;

    /// All sums in registers.
    #[target_feature(enable = "avx2")]
    unsafe fn tile<const B: usize, const N: usize>(
        packed: &Packed<i16>,
        columns: &Columns<'_, i16>,
        (block, column): (usize, usize),
        sums: &mut [i32],
        onto: bool,
    ) {
        let (rows, groups) = (packed.rows(), packed.groups);
        // SAFETY: blocks and columns are there (the caller's promise), so offsets stay inside `weights`,
        // `start`, `sums` and `values` as `tiles::check` asks for.
        unsafe {
            let weights = packed.weights.as_ptr().add(block * groups * LANES * GROUP);
            let values = columns.values.as_ptr().add(column * columns.stride);
            // Else the compiler works each place out anew from the one before, in every group.
            let values: [*const i16; N] =
                std::array::from_fn(|n| black_box(values.add(n * columns.stride)));
            let sums = sums.as_mut_ptr().add(column * rows + block * LANES);
            let start = packed.start.as_ptr().add(block * LANES);
            let mut held = [[_mm256_setzero_si256(); B]; N];
            for (n, held) in held.iter_mut().enumerate() {
                for (b, held) in held.iter_mut().enumerate() {
                    let from = if onto {
                        sums.add(n * rows + b * LANES).cast_const()
                    } else {
                        start.add(b * LANES)
                    };
                    *held = _mm256_loadu_si256(from.cast());
                }
            }
            let mut add = |group: usize| {
                let mut row = [_mm256_setzero_si256(); B];
                for (b, row) in row.iter_mut().enumerate() {
                    let at = (b * groups + group) * LANES * GROUP;
                    *row = _mm256_loadu_si256(weights.add(at).cast());
                }
                for (n, held) in held.iter_mut().enumerate() {
                    let pair = values[n].add(group * GROUP);
                    let pair = _mm256_set1_epi32(pair.cast::<i32>().read_unaligned());
                    for (held, row) in held.iter_mut().zip(row) {
                        *held = _mm256_add_epi32(*held, _mm256_madd_epi16(row, pair));
                    }
                }
            };
            for group in (1..groups).step_by(2) {
                add(group - 1);
                add(group);
            }
            if !groups.is_multiple_of(2) {
                add(groups - 1);
            }
            for (n, held) in held.iter().enumerate() {
                for (b, held) in held.iter().enumerate() {
                    _mm256_storeu_si256(sums.add(n * rows + b * LANES).cast(), *held);
                }
            }
        }
    }
}

/// The curve of a table at eight places, none below zero.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn between(table: *const f32, x: __m256) -> __m256 {
    let place = _mm256_mul_ps(x, _mm256_set1_ps(STEPS_A_UNIT));
    let place = _mm256_min_ps(place, _mm256_set1_ps(TABLE_END));
    let index = _mm256_cvttps_epi32(place);
    // SAFETY: places go from 0 to TABLE_END, tables have one value more.
    let (low, high) = unsafe { neighbours(table, index) };
    let part = _mm256_sub_ps(place, _mm256_cvtepi32_ps(index));
    _mm256_add_ps(low, _mm256_mul_ps(_mm256_sub_ps(high, low), part))
}

/// The values of a table at eight places, and those behind them. A value and the next one are loaded
/// together, two places leave their register together: by the processor's own gather, which takes them one by one,
/// a step of cells took half as long again on an AMD of 2021, and processors mended against reading what was gathered
/// before (Intel's Downfall) are slower still.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn neighbours(table: *const f32, index: __m256i) -> (__m256, __m256) {
    // SAFETY: the caller's promise is that each place lies before the table's last value.
    unsafe {
        let pair = |place: u32| table.add(place as usize).cast::<f64>().read_unaligned();
        let two = |places: i64| (pair(places as u32), pair((places as u64 >> 32) as u32));
        let (low, high) = (
            _mm256_castsi256_si128(index),
            _mm256_extracti128_si256::<1>(index),
        );
        let (a, b) = two(_mm_cvtsi128_si64(low));
        let (c, d) = two(_mm_extract_epi64::<1>(low));
        let (e, f) = two(_mm_cvtsi128_si64(high));
        let (g, h) = two(_mm_extract_epi64::<1>(high));
        let front = _mm256_castpd_ps(_mm256_setr_pd(a, b, e, f));
        let back = _mm256_castpd_ps(_mm256_setr_pd(c, d, g, h));
        (
            _mm256_shuffle_ps::<0b10_00_10_00>(front, back),
            _mm256_shuffle_ps::<0b11_01_11_01>(front, back),
        )
    }
}

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn tanh(table: *const f32, x: __m256) -> __m256 {
    let sign = _mm256_and_ps(x, _mm256_set1_ps(-0.0));
    // SAFETY: the caller's promise is passed on; the sign was taken off.
    let right = unsafe { between(table, _mm256_xor_ps(x, sign)) };
    _mm256_xor_ps(right, sign)
}

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn logistic(table: *const f32, x: __m256) -> __m256 {
    let size = _mm256_andnot_ps(_mm256_set1_ps(-0.0), x);
    // SAFETY: the caller's promise is passed on; the sign was taken off.
    let right = unsafe { between(table, size) };
    let beyond = _mm256_cmp_ps::<_CMP_GE_OQ>(size, _mm256_set1_ps(LOGISTIC_END));
    let right = _mm256_max_ps(right, _mm256_and_ps(beyond, _mm256_set1_ps(1.0)));
    let left = _mm256_sub_ps(_mm256_set1_ps(1.0), right);
    // Chooses by the sign bit of x.
    _mm256_blendv_ps(right, left, x)
}

#[target_feature(enable = "avx2")]
unsafe fn cells(step: &mut CellStep<'_>) {
    let cells = step.cells;
    let (tanhs, logistics) = (tables().tanh.as_ptr(), tables().logistic.as_ptr());
    let columns = step.outputs.len() / cells;
    // Each block's outputs wait for the sums of the next one: they hang on its new states, and the processor has
    // something else to do meanwhile.
    let mut waiting = None;
    for column in 0..columns {
        for cell in (0..cells).step_by(LANES) {
            // SAFETY: `CellStep::check` has held the lengths: four gates of sums and scales, one
            // state and one output for each cell of each column, in whole blocks of eight.
            unsafe {
                let gate = |gate: usize| {
                    let sums = step.sums.as_ptr().add((column * 4 + gate) * cells + cell);
                    let scales = step.scales.as_ptr().add(gate * cells + cell);
                    let sums = _mm256_cvtepi32_ps(_mm256_loadu_si256(sums.cast()));
                    _mm256_mul_ps(sums, _mm256_loadu_ps(scales))
                };
                let input = tanh(tanhs, gate(0));
                let input_gate = logistic(logistics, gate(1));
                let forget_gate = logistic(logistics, gate(2));
                let output_gate = logistic(logistics, gate(3));
                let state = step.states.as_mut_ptr().add(column * cells + cell);
                let kept = _mm256_mul_ps(_mm256_loadu_ps(state), forget_gate);
                let new = _mm256_add_ps(kept, _mm256_mul_ps(input, input_gate));
                let new = _mm256_min_ps(new, _mm256_set1_ps(STATE_LIMIT));
                let new = _mm256_max_ps(new, _mm256_set1_ps(-STATE_LIMIT));
                _mm256_storeu_ps(state, new);
                let at = step.outputs.as_mut_ptr().add(column * cells + cell);
                if let Some((state, gate, at)) = waiting.replace((new, output_gate, at)) {
                    put_out(tanhs, state, gate, at);
                }
            }
        }
    }
    if let Some((state, gate, at)) = waiting {
        // SAFETY: as above; the last block's outputs are still to be put there.
        unsafe { put_out(tanhs, state, gate, at) };
    }
}

/// The outputs of a block of cells, to the place that `at` begins.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn put_out(tanhs: *const f32, state: __m256, gate: __m256, at: *mut i8) {
    // SAFETY: the caller's promise is that a block of outputs begins at `at`.
    unsafe {
        let output = _mm256_mul_ps(tanh(tanhs, state), gate);
        at.cast::<i64>().write_unaligned(to_int8(output));
    }
}

#[target_feature(enable = "avx2")]
unsafe fn tanh_of_sums(scales: &[f32], sums: &[i32], outputs: &mut [i8]) {
    let table = tables().tanh.as_ptr();
    for column in (0..outputs.len()).step_by(scales.len()) {
        for row in (0..scales.len()).step_by(LANES) {
            // SAFETY: `check_tanh` has held the lengths: whole columns, each of whole blocks of rows.
            unsafe {
                let sums = _mm256_loadu_si256(sums.as_ptr().add(column + row).cast());
                let scales = _mm256_loadu_ps(scales.as_ptr().add(row));
                let x = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scales);
                let at = outputs.as_mut_ptr().add(column + row);
                at.cast::<i64>().write_unaligned(to_int8(tanh(table, x)));
            }
        }
    }
}

/// Eight values in 127ths, halves away from zero.
#[inline]
#[target_feature(enable = "avx2")]
fn to_int8(values: __m256) -> i64 {
    let scaled = _mm256_mul_ps(values, _mm256_set1_ps(REACH));
    let sign = _mm256_and_ps(scaled, _mm256_set1_ps(-0.0));
    let half = _mm256_or_ps(sign, _mm256_set1_ps(0.5));
    let whole = _mm256_cvttps_epi32(_mm256_add_ps(scaled, half));
    let low = _mm256_castsi256_si128(whole);
    let high = _mm256_extracti128_si256::<1>(whole);
    let words = _mm_packs_epi32(low, high);
    let bytes = _mm_packs_epi16(words, words);
    // Outputs of cells lie within ±1, so within ±127: nothing to cut off.
    _mm_cvtsi128_si64(bytes)
}
