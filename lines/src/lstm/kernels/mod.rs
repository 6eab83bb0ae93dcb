//! The arithmetic of the network, once for each kind of processor, all to the same bit.
//!
//! Sums are whole numbers, so their order is free; curves are tables and single steps of IEEE
//! arithmetic, which no kernel fuses or reorders. Kernels differ in how they lay out weights: eight
//! or sixteen outputs side by side, with as many inputs together as one instruction takes.
//!
//! Unsafe code stands in the kernels of a processor alone, and in how [`tiles`] calls them, each behind a
//! function that [`Processor::available`] has made sure of.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "aarch64")]
mod neon_dot;
mod portable;
#[cfg(test)]
mod tests;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod tiles;

use crate::work::Work;
pub use portable::Portable;
#[cfg(target_arch = "x86_64")]
pub use {avx2::Avx2, avx512::Avx512Vnni};
#[cfg(target_arch = "aarch64")]
use {neon::Neon, neon_dot::NeonDot};

/// The kernels there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processor {
    /// Any.
    Portable,
    /// x86-64 with AVX2.
    Avx2,
    /// x86-64 with AVX-512 and its instructions for int8 (VNNI).
    Avx512Vnni,
    /// AArch64 with NEON, which all of them have.
    Neon,
    /// AArch64 with NEON's dot product of int8.
    NeonDot,
}

/// What there is to do with the kernel of a processor.
pub trait UseOfKernel {
    /// What comes of it.
    type Output;

    /// Does it.
    fn with<K: Kernel>(self, kernel: K) -> Self::Output;
}

impl Processor {
    /// The fastest of an architecture last. Those of AArch64 stand as their instructions let one expect: none was timed.
    const ALL: [Self; 5] = [
        Self::Portable,
        Self::Avx2,
        Self::Avx512Vnni,
        Self::Neon,
        Self::NeonDot,
    ];

    /// All that this machine can run, the fastest last.
    pub fn available() -> Vec<Self> {
        let runs = |processor: &Self| processor.give(IsThere).is_some();
        Self::ALL.into_iter().filter(runs).collect()
    }

    /// Does something with this processor's kernel. None where this machine cannot run it.
    pub(crate) fn give<U: UseOfKernel>(self, to: U) -> Option<U::Output> {
        match self {
            Self::Portable => Some(to.with(Portable)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::new().map(|kernel| to.with(kernel)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => Avx512Vnni::new().map(|kernel| to.with(kernel)),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Neon::new().map(|kernel| to.with(kernel)),
            #[cfg(target_arch = "aarch64")]
            Self::NeonDot => NeonDot::new().map(|kernel| to.with(kernel)),
            // Of another architecture.
            _ => None,
        }
    }

    /// The fastest that this machine can run.
    pub fn best() -> Self {
        let fastest = Self::available().pop();
        fastest.expect("the portable one is always there")
    }
}

/// Nothing but that it can be run.
struct IsThere;

impl UseOfKernel for IsThere {
    type Output = ();

    fn with<K: Kernel>(self, _: K) {}
}

/// Whole-number weights of one or more maps with the same inputs, one below the other.
pub struct Rows<'a> {
    /// Rows of weights, each with its bias last.
    pub weights: Vec<&'a [i8]>,
    /// The inputs to use; the bias is kept where these reach the last input.
    pub inputs: std::ops::Range<usize>,
}

/// Weights as a kernel reads them.
pub struct Packed<W> {
    /// Blocks of rows; in a block, group after group of inputs.
    pub weights: Vec<W>,
    /// What a sum begins with: the bias, and what the kernel's form of values takes back.
    pub start: Vec<i32>,
    /// Groups of inputs.
    pub groups: usize,
}

impl<W: Copy + Default> Packed<W> {
    /// Rows, filled up with rows of zeros to whole blocks.
    pub fn rows(&self) -> usize {
        self.start.len()
    }
}

/// What to multiply, and how its columns lie.
pub struct Columns<'a, V> {
    /// The values.
    pub values: &'a [V],
    /// How many columns.
    pub count: usize,
    /// Values from the begin of one column to that of the next; columns may overlap.
    pub stride: usize,
}

/// Arithmetic for one kind of processor.
pub trait Kernel: Copy + Send + Sync + 'static {
    /// A weight as this kernel reads it.
    type Weight: Copy + Default + Send + Sync;
    /// A value as this kernel reads it.
    type Value: Copy + Default + Send + Sync;
    /// Rows of a block.
    const LANES: usize;
    /// Inputs of a group.
    const GROUP: usize;
    /// Sums begin with this for each weight: what the form of values takes back.
    const OFFSET: i32;

    /// A weight in this kernel's form.
    fn weight(weight: i8) -> Self::Weight;

    /// A value, from −127 to 127, in this kernel's form.
    fn value(value: i8) -> Self::Value;

    /// Sums of all rows for each column: `sums[column * rows + row]`. They begin with the rows'
    /// start, or with what they hold where `onto` says so.
    ///
    /// Reads up to `groups × GROUP` values from the begin of each column.
    fn multiply(
        self,
        packed: &Packed<Self::Weight>,
        columns: &Columns<'_, Self::Value>,
        sums: &mut [i32],
        onto: bool,
    );

    /// One step of LSTM cells: from the sums of the four gates, `cells` apart, to new states and
    /// outputs, column by column.
    fn cells(self, step: &mut CellStep<'_>);

    /// Tanh of sums, each worth what its row's scale says, in 127ths, column by column.
    fn tanh(self, scales: &[f32], sums: &[i32], outputs: &mut [i8]);

    /// Runs `work` compiled for this processor.
    fn run(self, work: impl Work);
}

/// Panics where these slices are not whole columns of whole blocks of rows: what the kernels' unsafe code rests on.
fn check_tanh<const LANES: usize>(scales: &[f32], sums: &[i32], outputs: &[i8]) {
    assert!(!scales.is_empty() && scales.len().is_multiple_of(LANES));
    assert!(outputs.len().is_multiple_of(scales.len()));
    assert!(sums.len() >= outputs.len());
}

/// What one step of LSTM cells works on.
pub struct CellStep<'a> {
    /// Cells of a column, filled up to whole blocks.
    pub cells: usize,
    /// `4 × cells` sums a column: cell input, input gate, forget gate, output gate.
    pub sums: &'a [i32],
    /// What one unit of each sum is worth.
    pub scales: &'a [f32],
    /// The states of all columns.
    pub states: &'a mut [f32],
    /// The outputs of all columns.
    pub outputs: &'a mut [i8],
}

impl CellStep<'_> {
    /// Panics where the slices do not hold what `cells` and the outputs' length say, in whole
    /// blocks: what the kernels' unsafe code rests on.
    fn check<const LANES: usize>(&self) {
        assert!(self.cells > 0 && self.cells.is_multiple_of(LANES));
        assert!(self.outputs.len().is_multiple_of(self.cells));
        assert!(self.states.len() >= self.outputs.len());
        assert!(self.sums.len() >= 4 * self.outputs.len());
        assert!(self.scales.len() >= 4 * self.cells);
    }
}

/// Weights laid out for a kernel.
pub fn pack<K: Kernel>(rows: &Rows<'_>) -> Packed<K::Weight> {
    let inputs = rows.inputs.clone();
    let groups = inputs.len().div_ceil(K::GROUP);
    let blocks = rows.weights.len().div_ceil(K::LANES);
    let mut packed = Packed {
        weights: vec![K::Weight::default(); blocks * groups * K::LANES * K::GROUP],
        start: vec![0; blocks * K::LANES],
        groups,
    };
    for (row, weights) in rows.weights.iter().enumerate() {
        let (block, lane) = (row / K::LANES, row % K::LANES);
        for (place, input) in inputs.clone().enumerate() {
            let (group, member) = (place / K::GROUP, place % K::GROUP);
            let at = ((block * groups + group) * K::LANES + lane) * K::GROUP + member;
            packed.weights[at] = K::weight(weights[input]);
        }
        let sum: i32 = inputs.clone().map(|input| i32::from(weights[input])).sum();
        packed.start[row] = sum * K::OFFSET;
        if inputs.end + 1 == weights.len() {
            packed.start[row] += i32::from(weights[inputs.end]) * 127;
        }
    }
    packed
}
