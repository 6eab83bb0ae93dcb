//! The sums and the cells of every kernel against their definition and against each other.

use super::super::curves::STATE_LIMIT;
use super::*;

/// Numbers that look random and are the same each time.
fn numbers(seed: u64) -> impl Iterator<Item = i8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(((state >> 20) % 255) as i32 - 127).map(|number| number as i8)
    })
}

struct Case {
    rows: usize,
    inputs: usize,
    columns: usize,
    stride: usize,
    /// Nothing but the ends of the range, where narrower arithmetic would overflow.
    extreme: bool,
}

impl UseOfKernel for &Case {
    type Output = ();

    fn with<K: Kernel>(self, kernel: K) {
        hold_multiply(kernel, self);
    }
}

/// Sums as they are defined, and as a kernel makes them: anew, then once more onto these.
fn hold_multiply<K: Kernel>(kernel: K, case: &Case) {
    let Case {
        rows,
        inputs,
        columns,
        stride,
        extreme,
    } = *case;
    let width = inputs + 1;
    let mut weights: Vec<i8> = numbers(7).take(rows * width).collect();
    let mut values: Vec<i8> = numbers(11).take((columns - 1) * stride + inputs).collect();
    if extreme {
        weights.fill(-128);
        values.fill(-127);
    }
    let packed = pack::<K>(&Rows {
        weights: weights.chunks_exact(width).collect(),
        inputs: 0..inputs,
    });
    let mut own: Vec<K::Value> = values.iter().map(|value| K::value(*value)).collect();
    own.resize(
        (columns - 1) * stride + packed.groups * K::GROUP,
        K::value(99),
    );
    let mut sums = vec![0; columns * packed.rows()];
    let batch = Columns {
        values: &own,
        count: columns,
        stride,
    };
    kernel.multiply(&packed, &batch, &mut sums, false);
    for (column, sums) in sums.chunks_exact(packed.rows()).enumerate() {
        for (row, weights) in weights.chunks_exact(width).enumerate() {
            let bias = 127 * i32::from(weights[inputs]);
            let values = &values[column * stride..][..inputs];
            let products = weights.iter().zip(values);
            let products = products.map(|(weight, value)| i32::from(*weight) * i32::from(*value));
            assert_eq!(
                sums[row],
                bias + products.sum::<i32>(),
                "{row} {column} of {rows}"
            );
        }
    }
    let once = sums.clone();
    kernel.multiply(&packed, &batch, &mut sums, true);
    // What the form of values adds is taken off only where a sum begins.
    for (index, (twice, once)) in sums.iter().zip(&once).enumerate() {
        assert_eq!(twice - once, once - packed.start[index % packed.rows()]);
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let shapes = [
        (16, 9, 3),
        (48, 64, 64),
        (13, 7, 7),
        (272, 192, 192),
        (40, 1, 2),
    ];
    shapes.into_iter().flat_map(|(rows, inputs, stride)| {
        let case = move |columns| Case {
            rows,
            inputs,
            columns,
            stride,
            extreme: columns == 3,
        };
        (1..=9).chain([13]).map(case)
    })
}

#[test]
fn every_kernel_makes_the_sums_that_are_defined() {
    for case in cases() {
        for processor in Processor::available() {
            processor.give(&case).expect("an available one");
        }
    }
}

/// Bits of states, and outputs, in each of a few steps of cells, of which some begin near their limits.
fn cells_of<K: Kernel>(kernel: K) -> (Vec<u32>, Vec<i8>) {
    let (cells, columns) = (32, 5);
    let mut sums = numbers(3).map(|number| i32::from(number) * 97);
    let scales: Vec<f32> = (0..4 * cells)
        .map(|cell| 0.0004 + (cell % 37) as f32 * 4e-5)
        .collect();
    let begin = |cell: usize| [0.0, 99.9, -99.9][cell % 3];
    let mut states: Vec<f32> = (0..columns * cells).map(begin).collect();
    let mut outputs = vec![0; columns * cells];
    let mut seen = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let sums: Vec<i32> = sums.by_ref().take(columns * 4 * cells).collect();
        kernel.cells(&mut CellStep {
            cells,
            sums: &sums,
            scales: &scales,
            states: &mut states,
            outputs: &mut outputs,
        });
        seen.0.extend(states.iter().map(|state| state.to_bits()));
        seen.1.extend(&outputs);
    }
    seen
}

struct Cells;

impl UseOfKernel for Cells {
    type Output = (Vec<u32>, Vec<i8>);

    fn with<K: Kernel>(self, kernel: K) -> Self::Output {
        cells_of(kernel)
    }
}

#[test]
fn every_kernel_moves_cells_to_the_same_bit() {
    let portable = cells_of(Portable);
    assert!(portable.1.iter().any(|output| output.abs() > 60));
    for limit in [STATE_LIMIT, -STATE_LIMIT] {
        assert!(portable.0.contains(&limit.to_bits()));
    }
    for processor in Processor::available() {
        assert!(
            processor.give(Cells).as_ref() == Some(&portable),
            "{processor:?}"
        );
    }
}

/// Tanh of sums of three columns: small, large, beyond the table's end.
fn tanh_of<K: Kernel>(kernel: K) -> Vec<i8> {
    let scales: Vec<f32> = (0..32).map(|row| 1e-6 * 1.4_f32.powi(row)).collect();
    let sums: Vec<i32> = numbers(5).take(96).map(|n| i32::from(n) * 61).collect();
    let mut outputs = vec![0; 96];
    kernel.tanh(&scales, &sums, &mut outputs);
    outputs
}

struct Tanh;

impl UseOfKernel for Tanh {
    type Output = Vec<i8>;

    fn with<K: Kernel>(self, kernel: K) -> Self::Output {
        tanh_of(kernel)
    }
}

#[test]
fn every_kernel_draws_the_same_tanh() {
    let portable = tanh_of(Portable);
    assert!(portable.contains(&127) && portable.contains(&-127));
    assert!(portable.iter().filter(|output| output.abs() < 100).count() > 30);
    for processor in Processor::available() {
        assert_eq!(
            processor.give(Tanh).as_ref(),
            Some(&portable),
            "{processor:?}"
        );
    }
}

#[test]
#[should_panic(expected = "assertion")]
fn cells_that_the_slices_do_not_hold_are_a_bug_and_no_read_beyond() {
    let step = CellStep {
        cells: 16,
        sums: &[0; 63],
        scales: &[0.0; 64],
        states: &mut [0.0; 16],
        outputs: &mut [0; 16],
    };
    step.check::<16>();
}
