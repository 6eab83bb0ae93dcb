//! For AArch64 with NEON: four sums a register, int8 products two by two (`smull`, `smlal`, `sadalp`).
//!
//! Values reach from −127 to 127 and weights from −128 on, so that two products fit 16 bits together; only then are they
//! widened.

#![allow(unsafe_code)]

use std::arch::aarch64::*;
use std::arch::is_aarch64_feature_detected;

use super::super::curves::{LOGISTIC_END, REACH, STATE_LIMIT, STEPS_A_UNIT, TABLE_END, tables};
use super::tiles::{self, Tiles};
use super::{CellStep, Columns, Kernel, Packed, Work, check_tanh};

/// Rows of a block, for the kernel with `sdot` as well.
pub const LANES: usize = 8;
const GROUP: usize = 2;
/// Numbers of a register of 32-bit ones.
const QUAD: usize = 4;

/// The kernel for NEON. Made only where the processor has it.
#[derive(Clone, Copy)]
pub struct Neon(());

impl Neon {
    /// None where this processor lacks NEON.
    pub fn new() -> Option<Self> {
        is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

impl Kernel for Neon {
    type Weight = i8;
    type Value = i8;
    const LANES: usize = LANES;
    const GROUP: usize = GROUP;
    const OFFSET: i32 = 0;

    fn weight(weight: i8) -> i8 {
        weight
    }

    fn value(value: i8) -> i8 {
        value
    }

    fn multiply(
        self,
        packed: &Packed<i8>,
        columns: &Columns<'_, i8>,
        sums: &mut [i32],
        onto: bool,
    ) {
        // SAFETY: NEON is there, or Neon could not have been made.
        unsafe { tiles::multiply::<Self>(packed, columns, sums, onto) }
    }

    fn cells(self, step: &mut CellStep<'_>) {
        step.check::<LANES>();
        // SAFETY: NEON is there, or Neon could not have been made; `check` holds the lengths.
        unsafe { cells(step) }
    }

    fn tanh(self, scales: &[f32], sums: &[i32], outputs: &mut [i8]) {
        check_tanh::<LANES>(scales, sums, outputs);
        // SAFETY: NEON is there, or Neon could not have been made; `check_tanh` holds the lengths.
        unsafe { tanh_of_sums(scales, sums, outputs) }
    }

    /// Every compiler for AArch64 counts on NEON: there is nothing to compile anew.
    fn run(self, work: impl Work) {
        work.work();
    }
}

impl Tiles for Neon {
    /// Sixteen registers of sums of two blocks; weights of two groups take four.
    const TOGETHER: usize = 4;

    /// All sums in registers.
    #[target_feature(enable = "neon")]
    unsafe fn tile<const B: usize, const N: usize>(
        packed: &Packed<i8>,
        columns: &Columns<'_, i8>,
        at: (usize, usize),
        sums: &mut [i32],
        onto: bool,
    ) {
        let groups = packed.groups;
        // SAFETY: blocks and columns are there (the caller's promise), so offsets stay inside `weights`
        // and `values` as `tiles::check` asks for.
        unsafe {
            let mut tile = Tile::<B, N>::begin::<Self>(packed, columns, at, sums, onto);
            for group in (1..groups).step_by(2) {
                add_groups::<B, N, 2>(&mut tile, group - 1);
            }
            if !groups.is_multiple_of(2) {
                add_groups::<B, N, 1>(&mut tile, groups - 1);
            }
            tile.finish();
        }
    }
}

/// Adds the products of one group of inputs, or of two, to the sums of a tile.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn add_groups<const B: usize, const N: usize, const G: usize>(
    tile: &mut Tile<B, N>,
    group: usize,
) {
    let nothing = vdupq_n_s8(0);
    // SAFETY: the groups are there: the caller's promise.
    unsafe {
        let mut weights = [[nothing; G]; B];
        for (b, weights) in weights.iter_mut().enumerate() {
            for (g, weights) in weights.iter_mut().enumerate() {
                let at = b * tile.a_block + (group + g) * LANES * GROUP;
                *weights = vld1q_s8(tile.weights.add(at));
            }
        }
        for (n, held) in tile.held.iter_mut().enumerate() {
            let mut pairs = [nothing; G];
            for (g, pair) in pairs.iter_mut().enumerate() {
                let at = n * tile.stride + (group + g) * GROUP;
                let values = tile.values.add(at).cast::<i16>().read_unaligned();
                *pair = vreinterpretq_s8_s16(vdupq_n_s16(values));
            }
            for (held, weights) in held.iter_mut().zip(&weights) {
                add_products(held, weights, &pairs);
            }
        }
    }
}

/// Adds to the sums of a block: pairs of products are summed up in 16 bits, then each with its neighbour.
#[inline]
#[target_feature(enable = "neon")]
fn add_products<const G: usize>(held: &mut Sums, weights: &[int8x16_t; G], pairs: &[int8x16_t; G]) {
    let mut low = vmull_s8(vget_low_s8(weights[0]), vget_low_s8(pairs[0]));
    let mut high = vmull_high_s8(weights[0], pairs[0]);
    for (weights, pair) in weights.iter().zip(pairs).skip(1) {
        low = vmlal_s8(low, vget_low_s8(*weights), vget_low_s8(*pair));
        high = vmlal_high_s8(high, *weights, *pair);
    }
    held[0] = vpadalq_s16(held[0], low);
    held[1] = vpadalq_s16(held[1], high);
}

/// The sums of a block's eight rows for one column.
pub type Sums = [int32x4_t; 2];

/// What a tile works on: sums of `B` blocks for `N` columns, in registers, and where its numbers lie.
///
/// Neither here nor in the tiles stands a closure: one that uses instructions not every AArch64 has (`sdot`) is not
/// compiled into the loop that calls it.
pub struct Tile<const B: usize, const N: usize> {
    /// The sums, column by column.
    pub held: [[Sums; B]; N],
    /// Weights of the first block, and how many there are to the next.
    pub weights: *const i8,
    pub a_block: usize,
    /// Values of the first column, and how many there are to the next.
    pub values: *const i8,
    pub stride: usize,
    sums: *mut i32,
    rows: usize,
}

impl<const B: usize, const N: usize> Tile<B, N> {
    /// The tile of these blocks and columns, with what their sums begin with.
    ///
    /// # Safety
    ///
    /// As for [`Tiles::tile`].
    #[inline]
    #[target_feature(enable = "neon")]
    pub unsafe fn begin<K: Kernel<Weight = i8, Value = i8>>(
        packed: &Packed<i8>,
        columns: &Columns<'_, i8>,
        (block, column): (usize, usize),
        sums: &mut [i32],
        onto: bool,
    ) -> Self {
        let (rows, stride) = (packed.rows(), columns.stride);
        let a_block = packed.groups * LANES * K::GROUP;
        // SAFETY: blocks and columns are there (the caller's promise), so offsets stay inside `weights`,
        // `start`, `sums` and `values` as `tiles::check` asks for.
        unsafe {
            let sums = sums.as_mut_ptr().add(column * rows + block * LANES);
            let (from, apart) = if onto {
                (sums.cast_const(), rows)
            } else {
                (packed.start.as_ptr().add(block * LANES), 0)
            };
            let mut held = [[[vdupq_n_s32(0); 2]; B]; N];
            for (n, held) in held.iter_mut().enumerate() {
                for (b, held) in held.iter_mut().enumerate() {
                    let from = from.add(n * apart + b * LANES);
                    *held = [vld1q_s32(from), vld1q_s32(from.add(QUAD))];
                }
            }
            Self {
                held,
                weights: packed.weights.as_ptr().add(block * a_block),
                a_block,
                values: columns.values.as_ptr().add(column * stride),
                stride,
                sums,
                rows,
            }
        }
    }

    /// Writes the sums down.
    ///
    /// # Safety
    ///
    /// The slices that the tile began with must be there still.
    #[inline]
    #[target_feature(enable = "neon")]
    pub unsafe fn finish(self) {
        for (n, held) in self.held.iter().enumerate() {
            for (b, held) in held.iter().enumerate() {
                // SAFETY: each place was read from, or one like it in `start`, when the tile began.
                unsafe {
                    let to = self.sums.add(n * self.rows + b * LANES);
                    vst1q_s32(to, held[0]);
                    vst1q_s32(to.add(QUAD), held[1]);
                }
            }
        }
    }
}

/// The curve of a table at four places, none below zero.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn between(table: *const f32, x: float32x4_t) -> float32x4_t {
    let place = vmulq_n_f32(x, STEPS_A_UNIT);
    let place = vminnmq_f32(place, vdupq_n_f32(TABLE_END));
    let index = vcvtq_s32_f32(place);
    // SAFETY: places go from 0 to TABLE_END, tables have one value more.
    let (low, high) = unsafe { neighbours(table, index) };
    let part = vsubq_f32(place, vcvtq_f32_s32(index));
    // Never fused (`vfmaq_f32`): that would round once where the other kernels round twice.
    vaddq_f32(low, vmulq_f32(vsubq_f32(high, low), part))
}

/// The values of a table at four places, and those behind them: each pair is loaded together.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn neighbours(table: *const f32, index: int32x4_t) -> (float32x4_t, float32x4_t) {
    // SAFETY: the caller's promise is that each place lies before the table's last value.
    let pair = |place: i32| unsafe { vld1_f32(table.add(place as usize)) };
    let front = vcombine_f32(
        pair(vgetq_lane_s32::<0>(index)),
        pair(vgetq_lane_s32::<1>(index)),
    );
    let back = vcombine_f32(
        pair(vgetq_lane_s32::<2>(index)),
        pair(vgetq_lane_s32::<3>(index)),
    );
    (vuzp1q_f32(front, back), vuzp2q_f32(front, back))
}

/// `size` with the sign of `x`.
#[inline]
#[target_feature(enable = "neon")]
fn with_sign(size: float32x4_t, x: float32x4_t) -> float32x4_t {
    vbslq_f32(vdupq_n_u32(1 << 31), x, size)
}

#[inline]
#[target_feature(enable = "neon")]
unsafe fn tanh(table: *const f32, x: float32x4_t) -> float32x4_t {
    // SAFETY: the caller's promise is passed on; the sign was taken off.
    with_sign(unsafe { between(table, vabsq_f32(x)) }, x)
}

#[inline]
#[target_feature(enable = "neon")]
unsafe fn logistic(table: *const f32, x: float32x4_t) -> float32x4_t {
    let (size, one) = (vabsq_f32(x), vdupq_n_f32(1.0));
    // SAFETY: the caller's promise is passed on; the sign was taken off.
    let right = unsafe { between(table, size) };
    let beyond = vcgeq_f32(size, vdupq_n_f32(LOGISTIC_END));
    let right = vbslq_f32(beyond, one, right);
    vbslq_f32(vcltzq_f32(x), vsubq_f32(one, right), right)
}

/// Steps of cells, for the kernel with `sdot` as well.
///
/// # Safety
///
/// The step must have passed [`CellStep::check`] for blocks of eight.
#[target_feature(enable = "neon")]
pub unsafe fn cells(step: &mut CellStep<'_>) {
    let cells = step.cells;
    let (tanhs, logistics) = (tables().tanh.as_ptr(), tables().logistic.as_ptr());
    let columns = step.outputs.len() / cells;
    for column in 0..columns {
        for cell in (0..cells).step_by(QUAD) {
            // SAFETY: `CellStep::check` has held the lengths: four gates of sums and scales, one
            // state and one output for each cell of each column, in whole blocks of eight, here half a block at a time.
            unsafe {
                let gate = |gate: usize| {
                    let sums = step.sums.as_ptr().add((column * 4 + gate) * cells + cell);
                    let scales = step.scales.as_ptr().add(gate * cells + cell);
                    vmulq_f32(vcvtq_f32_s32(vld1q_s32(sums)), vld1q_f32(scales))
                };
                let input = tanh(tanhs, gate(0));
                let input_gate = logistic(logistics, gate(1));
                let forget_gate = logistic(logistics, gate(2));
                let output_gate = logistic(logistics, gate(3));
                let state = step.states.as_mut_ptr().add(column * cells + cell);
                let kept = vmulq_f32(vld1q_f32(state), forget_gate);
                let new = vaddq_f32(kept, vmulq_f32(input, input_gate));
                let new = vminq_f32(new, vdupq_n_f32(STATE_LIMIT));
                let new = vmaxq_f32(new, vdupq_n_f32(-STATE_LIMIT));
                vst1q_f32(state, new);
                let output = vmulq_f32(tanh(tanhs, new), output_gate);
                let at = step.outputs.as_mut_ptr().add(column * cells + cell);
                at.cast::<i32>().write_unaligned(to_int8(output));
            }
        }
    }
}

/// Tanh of sums, for the kernel with `sdot` as well.
///
/// # Safety
///
/// The slices must have passed [`check_tanh`] for blocks of eight.
#[target_feature(enable = "neon")]
pub unsafe fn tanh_of_sums(scales: &[f32], sums: &[i32], outputs: &mut [i8]) {
    let table = tables().tanh.as_ptr();
    for column in (0..outputs.len()).step_by(scales.len()) {
        for row in (0..scales.len()).step_by(QUAD) {
            // SAFETY: `check_tanh` has held the lengths: whole columns, each of whole blocks of rows.
            unsafe {
                let sums = vld1q_s32(sums.as_ptr().add(column + row));
                let scales = vld1q_f32(scales.as_ptr().add(row));
                let x = vmulq_f32(vcvtq_f32_s32(sums), scales);
                let at = outputs.as_mut_ptr().add(column + row);
                at.cast::<i32>().write_unaligned(to_int8(tanh(table, x)));
            }
        }
    }
}

/// Four values in 127ths, halves away from zero.
#[inline]
#[target_feature(enable = "neon")]
fn to_int8(values: float32x4_t) -> i32 {
    let scaled = vmulq_n_f32(values, REACH);
    let half = with_sign(vdupq_n_f32(0.5), scaled);
    let words = vqmovn_s32(vcvtq_s32_f32(vaddq_f32(scaled, half)));
    let bytes = vqmovn_s16(vcombine_s16(words, words));
    // Outputs of cells lie within ±1, so within ±127: nothing to cut off.
    vget_lane_s32::<0>(vreinterpret_s32_s8(bytes))
}
