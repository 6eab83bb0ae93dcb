//! A model's layers as the steps that are run here, with weights laid out for a kernel.
//!
//! Run are networks of the form of all of Tesseract's own line models: a convolution with a pool,
//! an LSTM up the columns, LSTMs along the line either way, a softmax. Others are refused.

use crate::traineddata::{Activation, Layer, Matrix, ModelFault, Plane, Weights};

use super::kernels::{Kernel, Packed, Rows, pack};

/// Cells and outputs are filled up to whole blocks of the widest kernel, so that all kernels walk
/// through the same numbers.
pub const BLOCK: usize = 16;
/// More cells than any known model's 512: beyond it a line would take seconds.
const MAX_CELLS: usize = 2048;
/// More than any known model's 64 filters a point.
const MAX_FILTERS: usize = 256;
/// More outputs than any known model's.
const MAX_OUTPUTS: usize = 8192;
/// Known models look at lines 36 or 48 pixels high.
const MAX_HEIGHT_PX: usize = 64;

/// What one unit of an int8 product is worth, for each row.
pub type Scales = Vec<f32>;

/// A whole network for one kind of processor.
pub struct Plan<K: Kernel> {
    /// The height of a line's picture in pixels.
    pub height_px: usize,
    /// Pixels of the picture to one step of the outputs.
    pub pool_x: usize,
    /// The convolution.
    pub convolution: Convolution<K>,
    /// The LSTM up the columns.
    pub columns: Lstm<K>,
    /// The LSTMs along the line.
    pub rows: Vec<Lstm<K>>,
    /// The last map, whose outputs become shares of one.
    pub outputs: Map<K>,
}

/// A linear map.
pub struct Map<K: Kernel> {
    /// Its weights.
    pub weights: Packed<K::Weight>,
    /// What one unit of each sum is worth.
    pub scales: Scales,
    /// Inputs.
    pub inputs: usize,
    /// Outputs, without those that fill up a block.
    pub outputs: usize,
}

/// A window, a map with tanh, and a pool, in one.
pub struct Convolution<K: Kernel> {
    /// Neighbours to either side.
    pub half_x: usize,
    /// Neighbours above and below.
    pub half_y: usize,
    /// The map of the window.
    pub map: Map<K>,
    /// Width of the pool.
    pub pool_x: usize,
    /// Height of the pool.
    pub pool_y: usize,
}

/// An LSTM: its weights for the inputs and those for its own last outputs lie apart.
pub struct Lstm<K: Kernel> {
    /// Right to left.
    pub backward: bool,
    /// Values a point before it.
    pub inputs: usize,
    /// Cells, filled up to whole blocks.
    pub cells: usize,
    /// Cells, without those.
    pub outputs: usize,
    /// Weights of the inputs; all that a sum begins with is here.
    pub of_inputs: Packed<K::Weight>,
    /// Weights of the last outputs.
    pub of_outputs: Packed<K::Weight>,
    /// What one unit of each sum is worth.
    pub scales: Scales,
}

fn unsupported(layer: &str) -> ModelFault {
    ModelFault::Unsupported {
        layer: layer.to_owned(),
    }
}

impl<K: Kernel> Plan<K> {
    /// Lays out a network.
    pub fn new(network: &Layer) -> Result<Self, ModelFault> {
        let mut layers = Vec::new();
        flatten(network, &mut layers);
        let mut layers = layers.into_iter().peekable();
        let Some(Layer::Input { height_px, .. }) = layers.next() else {
            return Err(unsupported("a network without an input"));
        };
        let convolution = Self::convolution(&mut layers)?;
        if convolution.pool_y > *height_px || *height_px < 2 * convolution.half_y + 1 {
            return Err(unsupported("a pool or a window higher than the line"));
        }
        let filters = convolution.map.outputs;
        if filters > MAX_FILTERS || network.outputs() > MAX_OUTPUTS || *height_px > MAX_HEIGHT_PX {
            return Err(ModelFault::TooLarge { part: "lstm" });
        }
        let columns = match layers.next() {
            Some(Layer::Turned(Plane::Transposed, inner)) => Lstm::new(inner, false, true)?,
            _ => return Err(unsupported("a network without an LSTM up the columns")),
        };
        let mut rows = Vec::new();
        loop {
            rows.push(match layers.next() {
                Some(Layer::Turned(Plane::RightToLeft, inner)) => Lstm::new(inner, true, false)?,
                Some(layer @ Layer::Lstm { .. }) => Lstm::new(layer, false, false)?,
                Some(Layer::Connected {
                    matrix,
                    activation: Activation::Softmax,
                }) if layers.peek().is_none() => {
                    return Ok(Self {
                        height_px: *height_px,
                        pool_x: convolution.pool_x,
                        convolution,
                        columns,
                        rows,
                        outputs: Map::new(matrix),
                    });
                }
                _ => return Err(unsupported("layers in another order than Tesseract's")),
            });
        }
    }

    fn convolution<'a>(
        layers: &mut std::iter::Peekable<impl Iterator<Item = &'a Layer>>,
    ) -> Result<Convolution<K>, ModelFault> {
        let window = layers.next();
        let map = layers.next();
        let (
            Some(Layer::Window {
                inputs: 1,
                half_x,
                half_y,
            }),
            Some(Layer::Connected {
                matrix,
                activation: Activation::Tanh,
            }),
        ) = (window, map)
        else {
            return Err(unsupported("a network that begins without a convolution"));
        };
        let (pool_x, pool_y) = match layers.next() {
            Some(Layer::MaxPool { x, y, .. }) if *x > 1 => (*x, *y),
            _ => return Err(unsupported("a convolution without a pool")),
        };
        Ok(Convolution {
            half_x: *half_x,
            half_y: *half_y,
            map: Map::new(matrix),
            pool_x,
            pool_y,
        })
    }
}

/// Series within series as one.
fn flatten<'a>(layer: &'a Layer, flat: &mut Vec<&'a Layer>) {
    match layer {
        Layer::Series(layers) => layers.iter().for_each(|layer| flatten(layer, flat)),
        layer => flat.push(layer),
    }
}

/// Whole-number weights of a matrix. Those stored as floating point are rounded to int8 row by row,
/// as Tesseract's own `--convert_to_int` makes a fast model of a best one.
struct Int8 {
    values: Vec<i8>,
    columns: usize,
    scales: Vec<f32>,
}

impl Int8 {
    fn of(matrix: &Matrix) -> Self {
        let columns = matrix.columns;
        let (values, scales) = match &matrix.weights {
            Weights::Int8 { values, scales } => (values.clone(), scales.clone()),
            Weights::Float(weights) => weights.chunks_exact(columns).map(round_row).fold(
                (Vec::new(), Vec::new()),
                |(mut values, mut scales), (row, scale)| {
                    values.extend(row);
                    scales.push(scale);
                    (values, scales)
                },
            ),
        };
        // Values are in 127ths as well: a product is worth 127 times less than a weight.
        let scales = scales.into_iter().map(|scale| (scale / 127.0) as f32);
        Self {
            values,
            columns,
            scales: scales.collect(),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[i8]> {
        self.values.chunks_exact(self.columns)
    }
}

/// A row in steps of its largest weight's 127th, and that step.
fn round_row(row: &[f64]) -> (Vec<i8>, f64) {
    let largest = row
        .iter()
        .fold(0.0, |largest: f64, weight| largest.max(weight.abs()));
    let step = largest / 127.0;
    let divisor = if step == 0.0 { 1.0 } else { step };
    let rounded = row.iter().map(|weight| (weight / divisor).round() as i8);
    (rounded.collect(), step)
}

impl<K: Kernel> Map<K> {
    fn new(matrix: &Matrix) -> Self {
        let int8 = Int8::of(matrix);
        let nothing = vec![0; int8.columns];
        let rows = Rows {
            weights: filled(int8.rows(), &nothing),
            inputs: 0..int8.columns - 1,
        };
        let mut scales = int8.scales.clone();
        scales.resize(rows.weights.len(), 0.0);
        Self {
            weights: pack::<K>(&rows),
            scales,
            inputs: matrix.columns - 1,
            outputs: matrix.rows,
        }
    }
}

/// Rows, and rows of nothing up to a whole block.
fn filled<'a>(rows: impl Iterator<Item = &'a [i8]>, nothing: &'a [i8]) -> Vec<&'a [i8]> {
    let mut filled: Vec<_> = rows.collect();
    filled.resize(filled.len().next_multiple_of(BLOCK), nothing);
    filled
}

impl<K: Kernel> Lstm<K> {
    fn new(layer: &Layer, backward: bool, of_columns: bool) -> Result<Self, ModelFault> {
        let Layer::Lstm {
            inputs,
            summary,
            gates,
        } = layer
        else {
            return Err(unsupported("a turned layer that is not an LSTM"));
        };
        if *summary != of_columns {
            return Err(unsupported(
                "an LSTM that sums up the line, or does not the columns",
            ));
        }
        let outputs = gates[0].rows;
        if outputs > MAX_CELLS {
            return Err(ModelFault::TooLarge { part: "lstm" });
        }
        let gates: Vec<Int8> = gates.iter().map(Int8::of).collect();
        let nothing = vec![0; gates[0].columns];
        let rows: Vec<&[i8]> = gates
            .iter()
            .flat_map(|gate| filled(gate.rows(), &nothing))
            .collect();
        let cells = outputs.next_multiple_of(BLOCK);
        let mut scales = Vec::new();
        for gate in &gates {
            scales.extend(&gate.scales);
            scales.resize(scales.len().next_multiple_of(cells), 0.0);
        }
        let mut of_inputs = pack::<K>(&Rows {
            weights: rows.clone(),
            inputs: 0..*inputs,
        });
        let of_outputs = pack::<K>(&Rows {
            weights: rows,
            inputs: *inputs..inputs + outputs,
        });
        for (start, other) in of_inputs.start.iter_mut().zip(&of_outputs.start) {
            *start += other;
        }
        Ok(Self {
            backward,
            inputs: *inputs,
            cells,
            outputs,
            of_inputs,
            of_outputs,
            scales,
        })
    }
}
