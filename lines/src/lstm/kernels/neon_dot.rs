//! For AArch64 with NEON's dot product: four sums a register, four int8 products each (`sdot`).

#![allow(unsafe_code)]

use std::arch::aarch64::*;
use std::arch::{asm, is_aarch64_feature_detected};

use super::neon::{self, LANES, Tile};
use super::tiles::{self, Tiles};
use super::{CellStep, Columns, Kernel, Packed, Work, check_tanh};

const GROUP: usize = 4;
/// Bytes of a register.
const REGISTER: usize = 16;

/// The kernel for NEON with the dot product. Made only where the processor has it.
#[derive(Clone, Copy)]
pub struct NeonDot(());

impl NeonDot {
    /// None where this processor lacks the dot product.
    pub fn new() -> Option<Self> {
        let there = is_aarch64_feature_detected!("neon") && is_aarch64_feature_detected!("dotprod");
        there.then_some(Self(()))
    }
}

impl Kernel for NeonDot {
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
        // SAFETY: the dot product is there, or NeonDot could not have been made.
        unsafe { tiles::multiply::<Self>(packed, columns, sums, onto) }
    }

    fn cells(self, step: &mut CellStep<'_>) {
        step.check::<LANES>();
        // SAFETY: NEON is there, or NeonDot could not have been made; `check` holds the lengths.
        unsafe { neon::cells(step) }
    }

    fn tanh(self, scales: &[f32], sums: &[i32], outputs: &mut [i8]) {
        check_tanh::<LANES>(scales, sums, outputs);
        // SAFETY: NEON is there, or NeonDot could not have been made; `check_tanh` holds the lengths.
        unsafe { neon::tanh_of_sums(scales, sums, outputs) }
    }

    /// As for [`neon::Neon`].
    fn run(self, work: impl Work) {
        work.work();
    }
}

impl Tiles for NeonDot {
    /// With two blocks 24 registers of sums; weights take four of the other eight.
    const TOGETHER: usize = 6;

    /// All sums in registers.
    #[target_feature(enable = "neon,dotprod")]
    unsafe fn tile<const B: usize, const N: usize>(
        packed: &Packed<i8>,
        columns: &Columns<'_, i8>,
        at: (usize, usize),
        sums: &mut [i32],
        onto: bool,
    ) {
        // SAFETY: blocks and columns are there (the caller's promise), so offsets stay inside `weights`
        // and `values` as `tiles::check` asks for.
        unsafe {
            let mut tile = Tile::<B, N>::begin::<Self>(packed, columns, at, sums, onto);
            for group in 0..packed.groups {
                let mut weights = [[vdupq_n_s8(0); 2]; B];
                for (b, weights) in weights.iter_mut().enumerate() {
                    let at = tile.weights.add(b * tile.a_block + group * LANES * GROUP);
                    *weights = [vld1q_s8(at), vld1q_s8(at.add(REGISTER))];
                }
                for (n, held) in tile.held.iter_mut().enumerate() {
                    let four = tile.values.add(n * tile.stride + group * GROUP);
                    let four = vdupq_n_s32(four.cast::<i32>().read_unaligned());
                    for (held, weights) in held.iter_mut().zip(&weights) {
                        held[0] = dot(held[0], weights[0], vreinterpretq_s8_s32(four));
                        held[1] = dot(held[1], weights[1], vreinterpretq_s8_s32(four));
                    }
                }
            }
            tile.finish();
        }
    }
}

/// Sums with four products more in each: `vdotq_s32`, which Rust 1.95 does not give to stable programs.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot(mut sums: int32x4_t, weights: int8x16_t, values: int8x16_t) -> int32x4_t {
    // SAFETY: the instruction is there, and touches these three registers alone.
    unsafe {
        asm!(
            "sdot {sums:v}.4s, {weights:v}.16b, {values:v}.16b",
            sums = inout(vreg) sums,
            weights = in(vreg) weights,
            values = in(vreg) values,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}
