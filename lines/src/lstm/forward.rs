//! From pictures of lines to the outputs of the network, many lines at once.
//!
//! All columns of all lines stand side by side, so one multiplication serves them all; only along
//! the line must an LSTM go step by step, and then it takes the same step of every line. No line's
//! outputs depend on which others are read with it.

use super::curves::softmax;
use super::kernels::{CellStep, Columns, Kernel};
use super::plan::{BLOCK, Convolution, Lstm, Map, Plan};
use super::random::Border;
use crate::work::Work;

/// Steps along the line whose inputs are multiplied at once: enough to share each weight that is
/// loaded, few enough that the sums stay near.
const SUMS_NEAR: usize = 96;
/// Columns that an LSTM climbs at once, for the same reason.
const COLUMNS_NEAR: usize = 48;
/// Rows of a window in the models that there are.
const USUAL_TALL: usize = 3;

/// The shares of each output, step by step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outputs {
    /// Shares: all of the first step, all of the second …
    pub shares: Vec<f32>,
    /// Shares of a step.
    pub width: usize,
}

impl Outputs {
    /// The shares, a step at a time.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.shares.chunks_exact(self.width.max(1))
    }
}

/// A line's picture as the network sees it: rows of values, `width_px` each.
pub struct Values {
    pub values: Vec<i8>,
    pub width_px: usize,
}

/// Runs the network. Lines must be at least one pool wide.
pub fn run<K: Kernel>(kernel: K, plan: &Plan<K>, seed: i32, lines: &[Values]) -> Vec<Outputs> {
    let widths: Vec<usize> = lines
        .iter()
        .map(|line| line.width_px / plan.pool_x)
        .collect();
    let spans = Spans::of(&widths);
    let mut grid = Grid::new(plan, spans.total);
    let mut border = Border::seeded(seed);
    for (line, begin) in lines.iter().zip(&spans.begins) {
        convolve(
            kernel,
            &plan.convolution,
            plan.height_px,
            &mut border,
            line,
            &mut grid,
            *begin,
        );
    }
    let mut values = climb(kernel, &plan.columns, &grid);
    for lstm in &plan.rows {
        values = follow(kernel, lstm, &spans, &values);
    }
    let mut outputs: Vec<Outputs> = Vec::new();
    for (begin, width) in spans.begins.iter().zip(&widths) {
        let columns = *begin..begin + width;
        outputs.push(share_out(kernel, &plan.outputs, &values, columns));
    }
    outputs
}

/// Where each line's columns stand among those of all.
struct Spans {
    begins: Vec<usize>,
    widths: Vec<usize>,
    total: usize,
}

impl Spans {
    fn of(widths: &[usize]) -> Self {
        let mut begins = Vec::new();
        let mut total = 0;
        for width in widths {
            begins.push(total);
            total += width;
        }
        Self {
            begins,
            widths: widths.to_vec(),
            total,
        }
    }
}

/// Values of all columns: `depth` at each place, row by row.
struct Grid {
    values: Vec<i8>,
    width: usize,
    height: usize,
    depth: usize,
}

impl Grid {
    fn new<K: Kernel>(plan: &Plan<K>, width: usize) -> Self {
        let convolution = &plan.convolution;
        let height = plan.height_px / convolution.pool_y;
        let depth = convolution.map.outputs;
        Self {
            values: vec![0; width * height * depth],
            width,
            height,
            depth,
        }
    }
}

/// Window, map, pool. As sums keep their order through scaling and tanh, the pool takes the largest
/// sum, and one tanh serves for nine.
fn convolve<K: Kernel>(
    kernel: K,
    convolution: &Convolution<K>,
    height_px: usize,
    border: &mut Border,
    line: &Values,
    grid: &mut Grid,
    begin: usize,
) {
    let mut windows = Windows::new(convolution, height_px, line, border);
    let rows = convolution.map.weights.rows();
    let pooled = line.width_px / convolution.pool_x;
    let mut sums = vec![0; line.width_px * rows];
    let mut largest = vec![i32::MIN; pooled * rows];
    let mut squeezed = vec![0; pooled * rows];
    let mut y = 0;
    while y < height_px {
        windows.multiply_row(kernel, convolution, y, &mut sums);
        let taken = pooled * convolution.pool_x * rows;
        kernel.run(Pool {
            sums: &sums[..taken],
            largest: &mut largest,
            rows,
            pool_x: convolution.pool_x,
        });
        y += 1;
        if y.is_multiple_of(convolution.pool_y) && y / convolution.pool_y <= grid.height {
            let row = y / convolution.pool_y - 1;
            let at = (row * grid.width + begin) * grid.depth;
            let out = &mut grid.values[at..][..pooled * grid.depth];
            finish_pool(kernel, &convolution.map, &largest, &mut squeezed, out);
            largest.fill(i32::MIN);
        }
    }
}

/// The largest sums of each pool so far, and those of one more row of the picture.
struct Pool<'a> {
    sums: &'a [i32],
    largest: &'a mut [i32],
    rows: usize,
    pool_x: usize,
}

impl Work for Pool<'_> {
    #[inline(always)]
    fn work(self) {
        let fields = self.sums.chunks_exact(self.pool_x * self.rows);
        for (largest, field) in self.largest.chunks_exact_mut(self.rows).zip(fields) {
            let (largest, _) = largest.as_chunks_mut::<BLOCK>();
            for (block, largest) in largest.iter_mut().enumerate() {
                // A copy, which registers can hold.
                let mut kept = *largest;
                for sums in field.chunks_exact(self.rows) {
                    let (sums, _) = sums.as_chunks::<BLOCK>();
                    for (kept, sum) in kept.iter_mut().zip(&sums[block]) {
                        *kept = (*kept).max(*sum);
                    }
                }
                *largest = kept;
            }
        }
    }
}

/// Tanh of the largest sums, without those rows that fill up a block.
fn finish_pool<K: Kernel>(
    kernel: K,
    map: &Map<K>,
    largest: &[i32],
    squeezed: &mut [i8],
    out: &mut [i8],
) {
    kernel.tanh(&map.scales, largest, squeezed);
    let columns = squeezed.chunks_exact(map.scales.len());
    for (out, own) in out.chunks_exact_mut(map.outputs).zip(columns) {
        out.copy_from_slice(&own[..map.outputs]);
    }
}

/// The windows of a line's points, a row at a time. What lies outside the picture is random: in the
/// order of points, and of places in a window, a new number each.
struct Windows<'a, K: Kernel> {
    line: &'a Values,
    height_px: usize,
    half_x: usize,
    half_y: usize,
    border: &'a mut Border,
    /// Numbers of the border that were used.
    used: usize,
    /// The row's columns of the picture, `tall` values each, with room for a group beyond the end.
    stack: Vec<K::Value>,
    /// Windows that reach outside, one after another.
    outside: Vec<K::Value>,
    stride: usize,
}

impl<'a, K: Kernel> Windows<'a, K> {
    fn new(
        convolution: &Convolution<K>,
        height_px: usize,
        line: &'a Values,
        border: &'a mut Border,
    ) -> Self {
        let tall = 2 * convolution.half_y + 1;
        Self {
            line,
            height_px,
            half_x: convolution.half_x,
            half_y: convolution.half_y,
            border,
            used: 0,
            stack: vec![
                K::value(0);
                line.width_px * tall + convolution.map.weights.groups * K::GROUP
            ],
            outside: Vec::new(),
            stride: convolution.map.weights.groups * K::GROUP,
        }
    }

    /// The sums of a row's windows. In the middle of the picture windows overlap: the stacks of
    /// pixels above each other stand side by side, and each window begins at its first stack.
    fn multiply_row(
        &mut self,
        kernel: K,
        convolution: &Convolution<K>,
        y: usize,
        sums: &mut [i32],
    ) {
        let width = self.line.width_px;
        let weights = &convolution.map.weights;
        let rows = weights.rows();
        let inside_y = y >= self.half_y && y + self.half_y < self.height_px;
        let inside = if inside_y && width > 2 * self.half_x {
            self.half_x..width - self.half_x
        } else {
            0..0
        };
        self.outside.clear();
        for x in (0..width).filter(|x| !inside.contains(x)) {
            self.add_outside(x, y);
        }
        let apart = width - inside.len();
        if !inside.is_empty() {
            self.fill_stack(y);
        }
        let columns = Columns {
            values: &self.outside,
            count: apart,
            stride: self.stride,
        };
        if inside.is_empty() {
            kernel.multiply(weights, &columns, sums, false);
            return;
        }
        // The windows at both ends were put one after the other; theirs are moved to the end.
        let tall = 2 * self.half_y + 1;
        kernel.multiply(weights, &columns, sums, false);
        let right = self.half_x * rows..apart * rows;
        let place = inside.end * rows;
        sums.copy_within(right, place);
        let columns = Columns {
            values: &self.stack,
            count: inside.len(),
            stride: tall,
        };
        let sums = &mut sums[inside.start * rows..inside.end * rows];
        kernel.multiply(weights, &columns, sums, false);
    }

    fn fill_stack(&mut self, y: usize) {
        let width = self.line.width_px;
        let tall = 2 * self.half_y + 1;
        let rows = &self.line.values[(y - self.half_y) * width..][..tall * width];
        if tall == USUAL_TALL {
            let rows: [&[i8]; USUAL_TALL] =
                std::array::from_fn(|down| &rows[down * width..][..width]);
            let (places, _) = self.stack.as_chunks_mut::<USUAL_TALL>();
            for (x, places) in places[..width].iter_mut().enumerate() {
                *places = rows.map(|row| K::value(row[x]));
            }
            return;
        }
        for (down, row) in rows.chunks_exact(width).enumerate() {
            let places = self.stack[down..].iter_mut().step_by(tall);
            for (place, value) in places.zip(row) {
                *place = K::value(*value);
            }
        }
    }

    fn add_outside(&mut self, x: usize, y: usize) {
        let begin = self.outside.len();
        let (width, height) = (self.line.width_px, self.height_px);
        for across in 0..2 * self.half_x + 1 {
            let column = (x + across).checked_sub(self.half_x).filter(|x| *x < width);
            for down in 0..2 * self.half_y + 1 {
                let row = (y + down).checked_sub(self.half_y).filter(|y| *y < height);
                let value = match (column, row) {
                    (Some(x), Some(y)) => self.line.values[y * width + x],
                    _ => {
                        self.used += 1;
                        self.border.at(self.used - 1)
                    }
                };
                self.outside.push(K::value(value));
            }
        }
        self.outside.resize(begin + self.stride, K::value(0));
    }
}

/// The LSTM up the columns: all columns of all lines are climbed side by side.
fn climb<K: Kernel>(kernel: K, lstm: &Lstm<K>, grid: &Grid) -> Vec<i8> {
    let mut out = vec![0; grid.width * lstm.outputs];
    let mut memory = Memory::new(lstm, COLUMNS_NEAR);
    let stride = lstm.of_inputs.groups * K::GROUP;
    let mut inputs = vec![K::value(0); COLUMNS_NEAR * stride];
    for begin in (0..grid.width).step_by(COLUMNS_NEAR) {
        let count = COLUMNS_NEAR.min(grid.width - begin);
        memory.forget();
        for row in 0..grid.height {
            let at = (row * grid.width + begin) * grid.depth;
            let values = &grid.values[at..][..count * grid.depth];
            for (place, values) in inputs
                .chunks_exact_mut(stride)
                .zip(values.chunks_exact(grid.depth))
            {
                put::<K>(place, values);
            }
            memory.take_in(kernel, lstm, &inputs, count);
            memory.step(kernel, lstm, 0, count);
        }
        for (column, out) in out[begin * lstm.outputs..]
            .chunks_exact_mut(lstm.outputs)
            .take(count)
            .enumerate()
        {
            out.copy_from_slice(memory.output(column, lstm));
        }
    }
    out
}

#[inline(always)]
fn put<K: Kernel>(place: &mut [K::Value], values: &[i8]) {
    for (place, value) in place.iter_mut().zip(values) {
        *place = K::value(*value);
    }
}

/// What an LSTM carries from step to step, for some columns side by side.
struct Memory<K: Kernel> {
    /// Sums of gates; of several steps where the inputs of several were multiplied at once.
    sums: Vec<i32>,
    states: Vec<f32>,
    outputs: Vec<i8>,
    /// The outputs in the kernel's form.
    last: Vec<K::Value>,
    stride: usize,
}

impl<K: Kernel> Memory<K> {
    fn new(lstm: &Lstm<K>, columns: usize) -> Self {
        let stride = lstm.of_outputs.groups * K::GROUP;
        Self {
            sums: vec![0; columns * lstm.of_inputs.rows()],
            states: vec![0.0; columns * lstm.cells],
            outputs: vec![0; columns * lstm.cells],
            last: vec![K::value(0); columns * stride],
            stride,
        }
    }

    fn forget(&mut self) {
        self.states.fill(0.0);
        self.last.fill(K::value(0));
    }

    /// Begins the sums of `count` columns with what their inputs give.
    fn take_in(&mut self, kernel: K, lstm: &Lstm<K>, inputs: &[K::Value], count: usize) {
        let columns = Columns {
            values: inputs,
            count,
            stride: lstm.of_inputs.groups * K::GROUP,
        };
        let sums = &mut self.sums[..count * lstm.of_inputs.rows()];
        kernel.multiply(&lstm.of_inputs, &columns, sums, false);
    }

    /// One step of `count` columns; the sums of their inputs begin at column `at`.
    fn step(&mut self, kernel: K, lstm: &Lstm<K>, at: usize, count: usize) {
        let rows = lstm.of_inputs.rows();
        let sums = &mut self.sums[at * rows..(at + count) * rows];
        let columns = Columns {
            values: &self.last,
            count,
            stride: self.stride,
        };
        kernel.multiply(&lstm.of_outputs, &columns, sums, true);
        kernel.cells(&mut CellStep {
            cells: lstm.cells,
            sums,
            scales: &lstm.scales,
            states: &mut self.states[..count * lstm.cells],
            outputs: &mut self.outputs[..count * lstm.cells],
        });
        for (place, outputs) in self
            .last
            .chunks_exact_mut(self.stride)
            .zip(self.outputs.chunks_exact(lstm.cells))
            .take(count)
        {
            put::<K>(place, &outputs[..lstm.outputs]);
        }
    }

    fn output(&self, column: usize, lstm: &Lstm<K>) -> &[i8] {
        &self.outputs[column * lstm.cells..][..lstm.outputs]
    }
}

/// An LSTM along the lines, the same step of every line at once. Longer lines come first, so those
/// that are not yet at their end are always the first ones.
fn follow<K: Kernel>(kernel: K, lstm: &Lstm<K>, spans: &Spans, values: &[i8]) -> Vec<i8> {
    let mut order: Vec<usize> = (0..spans.widths.len()).collect();
    order.sort_by_key(|line| std::cmp::Reverse(spans.widths[*line]));
    let longest = order.first().map_or(0, |line| spans.widths[*line]);
    let column = |line: usize, step: usize| {
        let step = if lstm.backward {
            spans.widths[line] - 1 - step
        } else {
            step
        };
        spans.begins[line] + step
    };
    let together = (SUMS_NEAR / order.len().max(1)).max(1);
    let stride = lstm.of_inputs.groups * K::GROUP;
    let mut inputs = vec![K::value(0); together * order.len() * stride];
    let mut memory = Memory::new(lstm, together * order.len());
    let mut out = vec![0; spans.total * lstm.outputs];
    for begin in (0..longest).step_by(together) {
        let mut steps = Vec::new();
        let mut count = 0;
        for step in begin..longest.min(begin + together) {
            let open = order.partition_point(|line| spans.widths[*line] > step);
            for line in &order[..open] {
                let values = &values[column(*line, step) * lstm.inputs..][..lstm.inputs];
                put::<K>(&mut inputs[count * stride..][..stride], values);
                count += 1;
            }
            steps.push((step, open));
        }
        memory.take_in(kernel, lstm, &inputs, count);
        let mut at = 0;
        for (step, open) in steps {
            memory.step(kernel, lstm, at, open);
            at += open;
            for (place, line) in order[..open].iter().enumerate() {
                let out = &mut out[column(*line, step) * lstm.outputs..][..lstm.outputs];
                out.copy_from_slice(memory.output(place, lstm));
            }
        }
    }
    out
}

/// The last map and its softmax, for one line.
fn share_out<K: Kernel>(
    kernel: K,
    map: &Map<K>,
    values: &[i8],
    columns: std::ops::Range<usize>,
) -> Outputs {
    let width = map.outputs;
    let stride = map.weights.groups * K::GROUP;
    let mut outputs = Outputs {
        shares: vec![0.0; columns.len() * width],
        width,
    };
    let depth = map.inputs;
    let rows = map.weights.rows();
    let mut places = vec![K::value(0); SUMS_NEAR * stride];
    let mut sums = vec![0; SUMS_NEAR * rows];
    let mut begin = columns.start;
    while begin < columns.end {
        let count = SUMS_NEAR.min(columns.end - begin);
        for (place, column) in places.chunks_exact_mut(stride).zip(begin..begin + count) {
            put::<K>(place, &values[column * depth..][..depth]);
        }
        let batch = Columns {
            values: &places,
            count,
            stride,
        };
        kernel.multiply(&map.weights, &batch, &mut sums[..count * rows], false);
        let shares = &mut outputs.shares[(begin - columns.start) * width..][..count * width];
        kernel.run(ShareOut {
            sums: &sums,
            scales: &map.scales,
            shares,
            width,
        });
        begin += count;
    }
    outputs
}

/// Sums to shares of one, column by column.
struct ShareOut<'a> {
    sums: &'a [i32],
    scales: &'a [f32],
    shares: &'a mut [f32],
    width: usize,
}

impl Work for ShareOut<'_> {
    #[inline(always)]
    fn work(self) {
        let columns = self.sums.chunks_exact(self.scales.len());
        for (shares, sums) in self.shares.chunks_exact_mut(self.width).zip(columns) {
            for ((share, sum), scale) in shares.iter_mut().zip(sums).zip(self.scales) {
                *share = *sum as f32 * scale;
            }
        }
        softmax(self.shares, self.width);
    }
}
