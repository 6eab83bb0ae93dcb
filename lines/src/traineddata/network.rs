//! The network of a line model: a tree of layers with their weights.

use super::ModelFault;
use super::bytes::Bytes;

/// Layers within layers; Tesseract's own models have three.
const MAX_DEPTH: usize = 8;
/// Layers in all; Tesseract's own models have a dozen.
const MAX_LAYERS: usize = 64;
/// Tesseract's limit for either side of a matrix.
const MAX_SIDE: usize = 65_535;
/// The widest window or pool that makes sense on a picture 36 or 48 pixels high.
const MAX_WINDOW: usize = 16;
/// The highest picture of a line that a model may ask for.
const MAX_HEIGHT: usize = 256;

/// Weights of one linear map: a row of inputs and a bias for each output.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Outputs.
    pub rows: usize,
    /// Inputs, and one for the bias, which comes last.
    pub columns: usize,
    /// Row by row.
    pub weights: Weights,
}

/// The two ways in which weights are stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// Whole numbers, and for each row what one unit is worth.
    Int8 {
        /// From −127 to 127.
        values: Vec<i8>,
        /// What 127 of a row are worth.
        scales: Vec<f64>,
    },
    /// As they were trained.
    Float(Vec<f64>),
}

/// What is made of a sum of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Hyperbolic tangent.
    Tanh,
    /// 1 ÷ (1 + e^−x).
    Logistic,
    /// Nothing below zero.
    Relu,
    /// As it is.
    Linear,
    /// Shares of one, over all outputs.
    Softmax,
}

/// How the picture is turned before a layer, and back after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plane {
    /// Right to left.
    RightToLeft,
    /// Bottom to top.
    BottomToTop,
    /// Rows become columns.
    Transposed,
}

/// A layer: how many values stand at each point before and after it follows from what it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// The picture of a line.
    Input {
        /// Its height in pixels.
        height_px: usize,
        /// Values a pixel: 1 is grey.
        depth: usize,
    },
    /// One layer after another.
    Series(Vec<Layer>),
    /// Several layers on the same input, their outputs side by side.
    Parallel(Vec<Layer>),
    /// A layer on the turned picture.
    Turned(Plane, Box<Layer>),
    /// Each point with its neighbours.
    Window {
        /// Values a point.
        inputs: usize,
        /// Neighbours to either side.
        half_x: usize,
        /// Neighbours above and below.
        half_y: usize,
    },
    /// The largest of each value in a field of points.
    MaxPool {
        /// Values a point.
        inputs: usize,
        /// Width of the field.
        x: usize,
        /// Height of the field.
        y: usize,
    },
    /// A linear map of each point and what is made of it.
    Connected {
        /// The map.
        matrix: Matrix,
        /// What is made of its sums.
        activation: Activation,
    },
    /// A long short-term memory along the rows. Its four maps see the values of a point and the
    /// layer's own outputs at the point before.
    Lstm {
        /// Values a point.
        inputs: usize,
        /// Only the outputs at the end of a row are kept.
        summary: bool,
        /// Cell input, input gate, forget gate, output gate.
        gates: Box<[Matrix; 4]>,
    },
}

impl Layer {
    /// Values a point before the layer. Of the picture: its height, as Tesseract counts.
    pub fn inputs(&self) -> usize {
        match self {
            Self::Input { depth, .. } => *depth,
            Self::Series(layers) | Self::Parallel(layers) => {
                layers.first().map_or(0, Layer::inputs)
            }
            Self::Turned(_, layer) => layer.inputs(),
            Self::Window { inputs, .. }
            | Self::MaxPool { inputs, .. }
            | Self::Lstm { inputs, .. } => *inputs,
            Self::Connected { matrix, .. } => matrix.columns - 1,
        }
    }

    /// Values a point after the layer.
    pub fn outputs(&self) -> usize {
        match self {
            Self::Input { depth, .. } => *depth,
            Self::Series(layers) => layers.last().map_or(0, Layer::outputs),
            Self::Parallel(layers) => layers.iter().map(Layer::outputs).sum(),
            Self::Turned(_, layer) => layer.outputs(),
            Self::Window {
                inputs,
                half_x,
                half_y,
            } => inputs * (2 * half_x + 1) * (2 * half_y + 1),
            Self::MaxPool { inputs, .. } => *inputs,
            Self::Connected { matrix, .. } => matrix.rows,
            Self::Lstm { gates, .. } => gates[0].rows,
        }
    }
}

/// Reads the network; its layers must fit each other.
pub fn read(bytes: &mut Bytes<'_>) -> Result<Layer, ModelFault> {
    Reader { layers: 0 }.layer(bytes, 0)
}

struct Reader {
    layers: usize,
}

/// What stands before every layer.
struct Head {
    kind: String,
    /// Each layer of a group has its own rate of learning, which is stored behind it.
    rates: bool,
    inputs: usize,
    outputs: usize,
}

/// Bit of a layer's flags: rates of learning follow.
const RATES: u32 = 64;
/// What `training` says of a model that is still being trained: it carries more than weights.
const IN_TRAINING: u8 = 1;

/// The names of layers by the numbers that stood for them in old files.
const OLD_KINDS: &[&str] = &[
    "Invalid",
    "Input",
    "Convolve",
    "Maxpool",
    "Parallel",
    "Replicated",
    "ParBidiLSTM",
    "DepParUDLSTM",
    "Par2dLSTM",
    "Series",
    "Reconfig",
    "RTLReversed",
    "TTBReversed",
    "XYTranspose",
    "LSTM",
    "SummLSTM",
    "Logistic",
    "LinLogistic",
    "LinTanh",
    "Tanh",
    "Relu",
    "Linear",
    "Softmax",
    "SoftmaxNoCTC",
    "LSTMSoftmax",
    "LSTMBinarySoftmax",
    "TensorFlow",
];

fn unsupported(layer: &str) -> ModelFault {
    ModelFault::Unsupported {
        layer: layer.chars().take(40).collect(),
    }
}

fn text(bytes: &mut Bytes<'_>) -> Result<String, ModelFault> {
    let length = bytes.count(1)?;
    Ok(String::from_utf8_lossy(bytes.take(length)?).into_owned())
}

impl Head {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, ModelFault> {
        let kind = match bytes.u8()? {
            0 => text(bytes)?,
            number => {
                let name = OLD_KINDS.get(usize::from(number));
                (*name.ok_or_else(|| bytes.wrong("a layer of no known kind"))?).to_owned()
            }
        };
        if bytes.u8()? == IN_TRAINING {
            return Err(unsupported("a model in training"));
        }
        bytes.u8()?;
        let flags = bytes.u32()?;
        let inputs = bytes.size(MAX_SIDE)?;
        let outputs = bytes.size(MAX_SIDE)?;
        // The number of weights and the layer's own name say nothing that is not in the weights.
        bytes.u32()?;
        text(bytes)?;
        Ok(Self {
            kind,
            rates: flags & RATES != 0,
            inputs,
            outputs,
        })
    }
}

impl Reader {
    fn layer(&mut self, bytes: &mut Bytes<'_>, depth: usize) -> Result<Layer, ModelFault> {
        self.layers += 1;
        if depth > MAX_DEPTH || self.layers > MAX_LAYERS {
            return Err(bytes.wrong("too many layers"));
        }
        let head = Head::read(bytes)?;
        let layer = match head.kind.as_str() {
            "Input" => input(bytes)?,
            "Series" => self.series(bytes, &head, depth)?,
            "Parallel" | "Replicated" | "ParBidiLSTM" | "DepParUDLSTM" => {
                let layers = self.group(bytes, &head, depth)?;
                let fit = layers
                    .iter()
                    .all(|layer| layer.inputs() == layers[0].inputs());
                fit.then_some(Layer::Parallel(layers))
                    .ok_or_else(|| bytes.wrong("layers that do not fit"))?
            }
            "RTLReversed" => self.turned(bytes, &head, depth, Plane::RightToLeft)?,
            "TTBReversed" => self.turned(bytes, &head, depth, Plane::BottomToTop)?,
            "XYTranspose" => self.turned(bytes, &head, depth, Plane::Transposed)?,
            "Convolve" => Layer::Window {
                inputs: head.inputs,
                half_x: bytes.size(MAX_WINDOW)?,
                half_y: bytes.size(MAX_WINDOW)?,
            },
            "Maxpool" => max_pool(bytes, &head)?,
            "LSTM" => lstm(bytes, &head, false)?,
            "SummLSTM" => lstm(bytes, &head, true)?,
            "Tanh" => connected(bytes, &head, Activation::Tanh)?,
            "Logistic" => connected(bytes, &head, Activation::Logistic)?,
            "Relu" => connected(bytes, &head, Activation::Relu)?,
            "Linear" => connected(bytes, &head, Activation::Linear)?,
            "Softmax" => connected(bytes, &head, Activation::Softmax)?,
            other => return Err(unsupported(other)),
        };
        if layer.outputs() > MAX_SIDE {
            return Err(ModelFault::TooLarge { part: "lstm" });
        }
        Ok(layer)
    }

    fn group(
        &mut self,
        bytes: &mut Bytes<'_>,
        head: &Head,
        depth: usize,
    ) -> Result<Vec<Layer>, ModelFault> {
        let count = bytes.count(1)?;
        if count == 0 || count > MAX_LAYERS {
            return Err(bytes.wrong("a group of no layers, or of too many"));
        }
        let mut layers = Vec::new();
        for _ in 0..count {
            layers.push(self.layer(bytes, depth + 1)?);
        }
        if head.rates {
            let rates = bytes.count(4)?;
            bytes.take(4 * rates)?;
        }
        Ok(layers)
    }

    fn series(
        &mut self,
        bytes: &mut Bytes<'_>,
        head: &Head,
        depth: usize,
    ) -> Result<Layer, ModelFault> {
        let layers = self.group(bytes, head, depth)?;
        let fit = layers
            .windows(2)
            .all(|pair| pair[0].outputs() == pair[1].inputs());
        if !fit {
            return Err(bytes.wrong("layers that do not fit"));
        }
        Ok(Layer::Series(layers))
    }

    fn turned(
        &mut self,
        bytes: &mut Bytes<'_>,
        head: &Head,
        depth: usize,
        plane: Plane,
    ) -> Result<Layer, ModelFault> {
        let mut layers = self.group(bytes, head, depth)?;
        match (layers.pop(), layers.pop()) {
            (Some(layer), None) => Ok(Layer::Turned(plane, Box::new(layer))),
            _ => Err(bytes.wrong("not one layer to be turned")),
        }
    }
}

/// Batch, height, width, depth and how errors were weighed.
fn input(bytes: &mut Bytes<'_>) -> Result<Layer, ModelFault> {
    bytes.u32()?;
    let height_px = bytes.size(MAX_HEIGHT)?;
    let width_px = bytes.u32()?;
    let depth = bytes.size(MAX_SIDE)?;
    bytes.u32()?;
    if width_px != 0 || depth != 1 || height_px < 2 {
        return Err(unsupported("an input that is not a grey line of any width"));
    }
    Ok(Layer::Input { height_px, depth })
}

fn max_pool(bytes: &mut Bytes<'_>, head: &Head) -> Result<Layer, ModelFault> {
    let x = bytes.size(MAX_WINDOW)?;
    let y = bytes.size(MAX_WINDOW)?;
    if x == 0 || y == 0 {
        return Err(bytes.wrong("a pool without points"));
    }
    Ok(Layer::MaxPool {
        inputs: head.inputs,
        x,
        y,
    })
}

fn connected(
    bytes: &mut Bytes<'_>,
    head: &Head,
    activation: Activation,
) -> Result<Layer, ModelFault> {
    let matrix = matrix(bytes)?;
    if matrix.rows != head.outputs || matrix.columns != head.inputs + 1 {
        return Err(bytes.wrong("weights that do not fit their layer"));
    }
    Ok(Layer::Connected { matrix, activation })
}

fn lstm(bytes: &mut Bytes<'_>, head: &Head, summary: bool) -> Result<Layer, ModelFault> {
    let seen = bytes.size(MAX_SIDE)?;
    if seen == head.inputs + 2 * head.outputs {
        return Err(unsupported("a two-dimensional LSTM"));
    }
    if seen != head.inputs + head.outputs {
        return Err(bytes.wrong("an LSTM that does not see its own output"));
    }
    let gates = [
        matrix(bytes)?,
        matrix(bytes)?,
        matrix(bytes)?,
        matrix(bytes)?,
    ];
    let fit = |gate: &Matrix| gate.rows == head.outputs && gate.columns == seen + 1;
    if !gates.iter().all(fit) {
        return Err(bytes.wrong("weights that do not fit their layer"));
    }
    Ok(Layer::Lstm {
        inputs: head.inputs,
        summary,
        gates: Box::new(gates),
    })
}

/// No processor has registers of more sums.
const REGISTER: usize = 64;
/// Bits of a matrix's mode.
const INT8: u8 = 1;
const DOUBLE: u8 = 128;

fn matrix(bytes: &mut Bytes<'_>) -> Result<Matrix, ModelFault> {
    let mode = bytes.u8()?;
    if mode & DOUBLE == 0 {
        return Err(unsupported("weights of before Tesseract 4.0"));
    }
    let rows = bytes.size(MAX_SIDE)?;
    let columns = bytes.size(MAX_SIDE)?;
    if rows == 0 || columns < 2 {
        return Err(bytes.wrong("weights of nothing"));
    }
    let weights = if mode & INT8 == 0 {
        // The value of cells that were never set, then the cells.
        bytes.take(8)?;
        Weights::Float(floats(bytes, rows * columns)?)
    } else {
        bytes.take(1)?;
        let values = bytes.take(rows * columns)?;
        let values: Vec<i8> = values.iter().map(|byte| *byte as i8).collect();
        if values.contains(&i8::MIN) {
            return Err(bytes.wrong("a weight below −127"));
        }
        // Files that passed through a processor's vectors have scales for whole registers of rows.
        let stored = bytes.count(8)?;
        if !(rows..rows + REGISTER).contains(&stored) {
            return Err(bytes.wrong("not one scale for each row"));
        }
        let mut scales = floats(bytes, stored)?;
        scales.truncate(rows);
        if scales.iter().any(|scale| *scale < 0.0) {
            return Err(bytes.wrong("a scale below zero"));
        }
        Weights::Int8 { values, scales }
    };
    Ok(Matrix {
        rows,
        columns,
        weights,
    })
}

/// No trained weight is anywhere near; beyond this single precision would overflow in sums.
const MAX_WEIGHT: f64 = 1e6;

fn floats(bytes: &mut Bytes<'_>, count: usize) -> Result<Vec<f64>, ModelFault> {
    bytes.room_for(count, 8)?;
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        let value = bytes.f64()?;
        if !value.is_finite() || value.abs() > MAX_WEIGHT {
            return Err(bytes.wrong("a weight that is no number"));
        }
        values.push(value);
    }
    Ok(values)
}
