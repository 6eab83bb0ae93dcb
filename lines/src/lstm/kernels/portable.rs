//! For any processor: plain loops that a compiler can make vectors of.

use super::super::curves::{STATE_LIMIT, logistic, tables, tanh, to_int8};
use super::{CellStep, Columns, Kernel, Packed, Work, check_tanh};

const LANES: usize = 8;
const GROUP: usize = 2;

/// The kernel for any processor.
#[derive(Clone, Copy)]
pub struct Portable;

impl Kernel for Portable {
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
        let rows = packed.rows();
        for (column, sums) in sums.chunks_exact_mut(rows).take(columns.count).enumerate() {
            let values = &columns.values[column * columns.stride..][..packed.groups * GROUP];
            if !onto {
                sums.copy_from_slice(&packed.start);
            }
            let blocks = packed.weights.chunks_exact(packed.groups * LANES * GROUP);
            for (block, sums) in blocks.zip(sums.chunks_exact_mut(LANES)) {
                let mut held: [i32; LANES] = sums.try_into().expect("a block of sums");
                let groups = block.chunks_exact(LANES * GROUP);
                for (weights, pair) in groups.zip(values.chunks_exact(GROUP)) {
                    let weights: &[i16; LANES * GROUP] = weights.try_into().expect("a group");
                    let pair = [i32::from(pair[0]), i32::from(pair[1])];
                    for lane in 0..LANES {
                        held[lane] += i32::from(weights[lane * GROUP]) * pair[0]
                            + i32::from(weights[lane * GROUP + 1]) * pair[1];
                    }
                }
                sums.copy_from_slice(&held);
            }
        }
    }

    fn cells(self, step: &mut CellStep<'_>) {
        let tables = tables();
        let cells = step.cells;
        let columns = step.sums.chunks_exact(4 * cells);
        let states = step.states.chunks_exact_mut(cells);
        let outputs = step.outputs.chunks_exact_mut(cells);
        for ((sums, states), outputs) in columns.zip(states).zip(outputs) {
            for cell in 0..cells {
                let sum = |gate: usize| {
                    sums[gate * cells + cell] as f32 * step.scales[gate * cells + cell]
                };
                let input = tanh(tables, sum(0));
                let input_gate = logistic(tables, sum(1));
                let forget_gate = logistic(tables, sum(2));
                let output_gate = logistic(tables, sum(3));
                let state = states[cell] * forget_gate + input * input_gate;
                let state = state.clamp(-STATE_LIMIT, STATE_LIMIT);
                states[cell] = state;
                outputs[cell] = to_int8(tanh(tables, state) * output_gate);
            }
        }
    }

    fn tanh(self, scales: &[f32], sums: &[i32], outputs: &mut [i8]) {
        check_tanh::<LANES>(scales, sums, outputs);
        let tables = tables();
        let columns = sums.chunks_exact(scales.len());
        for (outputs, sums) in outputs.chunks_exact_mut(scales.len()).zip(columns) {
            for ((output, sum), scale) in outputs.iter_mut().zip(sums).zip(scales) {
                *output = to_int8(tanh(tables, *sum as f32 * scale));
            }
        }
    }

    fn run(self, work: impl Work) {
        work.work();
    }
}
