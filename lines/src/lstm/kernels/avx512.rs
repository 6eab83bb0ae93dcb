//! For x86-64 with AVX-512 VNNI: sixteen sums a register, four int8 products each (`vpdpbusd`).
//!
//! The instruction multiplies unsigned by signed bytes. Values travel as value + 128; what that
//! adds to a sum, 128 times the row's weights, is taken off where the sum begins.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::super::curves::{LOGISTIC_END, REACH, STATE_LIMIT, STEPS_A_UNIT, TABLE_END, tables};
use super::tiles::{self, Tiles};
use super::{CellStep, Columns, Kernel, Packed, Work, check_tanh};

const LANES: usize = 16;
const GROUP: usize = 4;

/// The kernel for AVX-512 VNNI. Made only where the processor has it.
#[derive(Clone, Copy)]
pub struct Avx512Vnni(());

impl Avx512Vnni {
    /// None where this processor lacks AVX-512 VNNI.
    pub fn new() -> Option<Self> {
        let there = std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512vnni");
        there.then_some(Self(()))
    }
}

impl Kernel for Avx512Vnni {
    type Weight = i8;
    type Value = u8;
    const LANES: usize = LANES;
    const GROUP: usize = GROUP;
    const OFFSET: i32 = -128;

    fn weight(weight: i8) -> i8 {
        weight
    }

    fn value(value: i8) -> u8 {
        value as u8 ^ 0x80
    }

    fn multiply(
        self,
        packed: &Packed<i8>,
        columns: &Columns<'_, u8>,
        sums: &mut [i32],
        onto: bool,
    ) {
        // SAFETY: the instructions are there, or Avx512Vnni could not have been made.
        unsafe { tiles::multiply::<Self>(packed, columns, sums, onto) }
    }

    fn cells(self, step: &mut CellStep<'_>) {
        step.check::<LANES>();
        // SAFETY: the instructions are there, or Avx512Vnni could not have been made; `check`
        // holds the lengths.
        unsafe { cells(step) }
    }

    fn tanh(self, scales: &[f32], sums: &[i32], outputs: &mut [i8]) {
        check_tanh::<LANES>(scales, sums, outputs);
        // SAFETY: the instructions are there, or Avx512Vnni could not have been made; `check_tanh` holds the lengths.
        unsafe { tanh_of_sums(scales, sums, outputs) }
    }

    fn run(self, work: impl Work) {
        #[target_feature(enable = "avx512f,avx512bw")]
        fn compiled(work: impl Work) {
            work.work();
        }
        // SAFETY: the instructions are there, or Avx512Vnni could not have been made.
        unsafe { compiled(work) }
    }
}

impl Tiles for Avx512Vnni {
    /// Sixteen sums of two blocks: half of the registers.
    const TOGETHER: usize = 8;

    /// All sums in registers.
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    unsafe fn tile<const B: usize, const N: usize>(
        packed: &Packed<i8>,
        columns: &Columns<'_, u8>,
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
            let sums = sums.as_mut_ptr().add(column * rows + block * LANES);
            let start = packed.start.as_ptr().add(block * LANES);
            let mut held = [[_mm512_setzero_si512(); B]; N];
            for (n, held) in held.iter_mut().enumerate() {
                for (b, held) in held.iter_mut().enumerate() {
                    let from = if onto {
                        sums.add(n * rows + b * LANES).cast_const()
                    } else {
                        start.add(b * LANES)
                    };
                    *held = _mm512_loadu_si512(from.cast());
                }
            }
            for group in 0..groups {
                let mut row = [_mm512_setzero_si512(); B];
                for (b, row) in row.iter_mut().enumerate() {
                    let at = (b * groups + group) * LANES * GROUP;
                    *row = _mm512_loadu_si512(weights.add(at).cast());
                }
                for (n, held) in held.iter_mut().enumerate() {
                    let four = values.add(n * columns.stride + group * GROUP);
                    let four = _mm512_set1_epi32(four.cast::<i32>().read_unaligned());
                    for (held, row) in held.iter_mut().zip(row) {
                        *held = _mm512_dpbusd_epi32(*held, four, row);
                    }
                }
            }
            for (n, held) in held.iter().enumerate() {
                for (b, held) in held.iter().enumerate() {
                    _mm512_storeu_si512(sums.add(n * rows + b * LANES).cast(), *held);
                }
            }
        }
    }
}

/// The curve of a table at sixteen places, none below zero.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn between(table: *const f32, x: __m512) -> __m512 {
    let place = _mm512_mul_ps(x, _mm512_set1_ps(STEPS_A_UNIT));
    let place = _mm512_min_ps(place, _mm512_set1_ps(TABLE_END));
    let index = _mm512_cvttps_epi32(place);
    // SAFETY: places go from 0 to TABLE_END, tables have one value more.
    let (low, high) = unsafe { neighbours(table, index) };
    let part = _mm512_sub_ps(place, _mm512_cvtepi32_ps(index));
    _mm512_add_ps(low, _mm512_mul_ps(_mm512_sub_ps(high, low), part))
}

/// The values of a table at sixteen places, and those behind them, loaded as for AVX2. Its gather of eight pairs is
/// as quick on an AMD of 2022.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn neighbours(table: *const f32, index: __m512i) -> (__m512, __m512) {
    // SAFETY: the caller's promise is that each place lies before the table's last value.
    unsafe {
        let pair = |place: u32| table.add(place as usize).cast::<f64>().read_unaligned();
        let four = |index: __m128i| {
            let (low, high) = (
                _mm_cvtsi128_si64(index) as u64,
                _mm_extract_epi64::<1>(index) as u64,
            );
            (
                _mm_setr_pd(pair(low as u32), pair((low >> 32) as u32)),
                _mm_setr_pd(pair(high as u32), pair((high >> 32) as u32)),
            )
        };
        let (a, b) = four(_mm512_castsi512_si128(index));
        let (c, d) = four(_mm512_extracti32x4_epi32::<1>(index));
        let (e, f) = four(_mm512_extracti32x4_epi32::<2>(index));
        let (g, h) = four(_mm512_extracti32x4_epi32::<3>(index));
        let join = |a, c, e, g| {
            let low = _mm512_castpd256_pd512(_mm256_set_m128d(c, a));
            _mm512_castpd_ps(_mm512_insertf64x4::<1>(low, _mm256_set_m128d(g, e)))
        };
        let (front, back) = (join(a, c, e, g), join(b, d, f, h));
        (
            _mm512_shuffle_ps::<0b10_00_10_00>(front, back),
            _mm512_shuffle_ps::<0b11_01_11_01>(front, back),
        )
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn sign_of(x: __m512) -> __m512i {
    _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(i32::MIN))
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn tanh(table: *const f32, x: __m512) -> __m512 {
    // SAFETY: the caller's promise is passed on; the sign was taken off.
    let right = unsafe { between(table, _mm512_abs_ps(x)) };
    _mm512_castsi512_ps(_mm512_or_si512(_mm512_castps_si512(right), sign_of(x)))
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn logistic(table: *const f32, x: __m512) -> __m512 {
    // SAFETY: the caller's promise is passed on; the sign was taken off.
    let right = unsafe { between(table, _mm512_abs_ps(x)) };
    let end = _mm512_set1_ps(LOGISTIC_END);
    let beyond = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(_mm512_abs_ps(x), end);
    let right = _mm512_mask_mov_ps(right, beyond, _mm512_set1_ps(1.0));
    let below = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(x, _mm512_setzero_ps());
    _mm512_mask_sub_ps(right, below, _mm512_set1_ps(1.0), right)
}

#[target_feature(enable = "avx512f,avx512bw")]
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
            // state and one output for each cell of each column, in whole blocks of sixteen.
            unsafe {
                let gate = |gate: usize| {
                    let sums = step.sums.as_ptr().add((column * 4 + gate) * cells + cell);
                    let scales = step.scales.as_ptr().add(gate * cells + cell);
                    let sums = _mm512_cvtepi32_ps(_mm512_loadu_si512(sums.cast()));
                    _mm512_mul_ps(sums, _mm512_loadu_ps(scales))
                };
                let input = tanh(tanhs, gate(0));
                let input_gate = logistic(logistics, gate(1));
                let forget_gate = logistic(logistics, gate(2));
                let output_gate = logistic(logistics, gate(3));
                let state = step.states.as_mut_ptr().add(column * cells + cell);
                let kept = _mm512_mul_ps(_mm512_loadu_ps(state), forget_gate);
                let new = _mm512_add_ps(kept, _mm512_mul_ps(input, input_gate));
                let new = _mm512_min_ps(new, _mm512_set1_ps(STATE_LIMIT));
                let new = _mm512_max_ps(new, _mm512_set1_ps(-STATE_LIMIT));
                _mm512_storeu_ps(state, new);
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
#[target_feature(enable = "avx512f,avx512bw")]
unsafe fn put_out(tanhs: *const f32, state: __m512, gate: __m512, at: *mut i8) {
    // SAFETY: the caller's promise is that a block of outputs begins at `at`.
    unsafe {
        let output = _mm512_mul_ps(tanh(tanhs, state), gate);
        _mm_storeu_si128(at.cast(), to_int8(output));
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
unsafe fn tanh_of_sums(scales: &[f32], sums: &[i32], outputs: &mut [i8]) {
    let table = tables().tanh.as_ptr();
    for column in (0..outputs.len()).step_by(scales.len()) {
        for row in (0..scales.len()).step_by(LANES) {
            // SAFETY: `check_tanh` has held the lengths: whole columns, each of whole blocks of rows.
            unsafe {
                let sums = _mm512_loadu_si512(sums.as_ptr().add(column + row).cast());
                let scales = _mm512_loadu_ps(scales.as_ptr().add(row));
                let x = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), scales);
                let at = outputs.as_mut_ptr().add(column + row);
                _mm_storeu_si128(at.cast(), to_int8(tanh(table, x)));
            }
        }
    }
}

/// Sixteen values in 127ths, halves away from zero. Outputs of cells lie within ±1.
#[inline]
#[target_feature(enable = "avx512f")]
fn to_int8(values: __m512) -> __m128i {
    let scaled = _mm512_mul_ps(values, _mm512_set1_ps(REACH));
    let half = _mm512_or_si512(sign_of(scaled), _mm512_castps_si512(_mm512_set1_ps(0.5)));
    let whole = _mm512_cvttps_epi32(_mm512_add_ps(scaled, _mm512_castsi512_ps(half)));
    _mm512_cvtsepi32_epi8(whole)
}
