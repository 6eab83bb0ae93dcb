//! Reads lines with Tesseract's LSTM models, without libtesseract.
//!
//! [`LineReader`] takes a `traineddata` file and pictures of lines, and gives words with places,
//! confidence and other readings. What it computes is what libtesseract 5.3 computes, step by step:
//! the scaling of the picture ([`picture`]), the int8 network ([`forward`], [`plan`]), the beam with
//! the dictionary ([`search`]), so that a model reads the same text here as there (tests hold it on
//! more than a thousand lines). What differs is the way: many lines at once, the whole-number
//! arithmetic of the processor at hand ([`kernels`]), no picture of a line packed and unpacked.
//!
//! The layout of a model's file is [`crate::traineddata`]'s affair. [`crate::find`] finds the lines that stand on a page.

mod codes;
mod curves;
mod dictionary;
mod forward;
mod heap;
pub(crate) mod kernels;
mod picture;
mod plan;
mod random;
mod search;
#[cfg(test)]
mod tests;
mod words;

use crate::traineddata::{Layer, LineModel, ModelFault};

use codes::CodeTree;
use dictionary::Dictionary;
use forward::Values;
use kernels::{Kernel, UseOfKernel};
use picture::{Grey, invert, scale_to_height, to_values};
use plan::Plan;
use search::Search;

pub use forward::Outputs;
pub use kernels::Processor;
pub use picture::LineImage;
pub use words::{Known, LineWord, ReadLine, Symbol};

/// Lines that go through the network together: as many as share a weight once it is loaded, and no
/// more pixels than a dozen full lines have, so that memory is bounded.
const LINES_TOGETHER: usize = 12;
const PX_TOGETHER: usize = 24_000;
/// Below this mean share of the best outputs a line is also tried light on dark, and kept so where
/// that is surer. libtesseract's `invert_threshold`.
const INVERT_BELOW: f64 = 0.7;

/// Reads lines with one model.
pub struct LineReader {
    model: LineModel,
    tree: CodeTree,
    engine: Box<dyn Engine>,
    invert: bool,
}

/// The network, laid out for one kind of processor.
trait Engine: Send + Sync {
    /// Height of a line's picture, and pixels to a step.
    fn size_px(&self) -> (usize, usize);

    /// The outputs for each line.
    fn run(&self, seed: i32, lines: &[Values]) -> Vec<Outputs>;
}

struct LaidOut<K: Kernel> {
    kernel: K,
    plan: Plan<K>,
}

impl<K: Kernel> Engine for LaidOut<K> {
    fn size_px(&self) -> (usize, usize) {
        (self.plan.height_px, self.plan.pool_x)
    }

    fn run(&self, seed: i32, lines: &[Values]) -> Vec<Outputs> {
        forward::run(self.kernel, &self.plan, seed, lines)
    }
}

/// To lay a network out.
struct LayOut<'a>(&'a Layer);

impl UseOfKernel for LayOut<'_> {
    type Output = Result<Box<dyn Engine>, ModelFault>;

    fn with<K: Kernel>(self, kernel: K) -> Self::Output {
        let plan = Plan::new(self.0)?;
        Ok(Box::new(LaidOut { kernel, plan }))
    }
}

impl LineReader {
    /// Reads a `traineddata` file, for the fastest arithmetic that this machine has.
    pub fn new(file: &[u8]) -> Result<Self, ModelFault> {
        Self::with(file, Processor::best())
    }

    /// Reads a `traineddata` file, for one kind of arithmetic. One that this machine lacks becomes
    /// the portable one; all read the same.
    pub fn with(file: &[u8], processor: Processor) -> Result<Self, ModelFault> {
        let model = LineModel::read(file)?;
        let engine = processor
            .give(LayOut(&model.network))
            .unwrap_or_else(|| LayOut(&model.network).with(kernels::Portable))?;
        let tree = CodeTree::new(&model.recoder);
        Ok(Self {
            model,
            tree,
            engine,
            invert: true,
        })
    }

    /// Never tries a line light on dark: pages that were cleaned have none, and what is not text
    /// would be read twice.
    pub fn dark_on_light(self) -> Self {
        Self {
            invert: false,
            ..self
        }
    }

    /// Name of the model's training.
    pub fn version(&self) -> &str {
        &self.model.version
    }

    /// Reads lines; each gets its result at its place. A line that no network could see anything
    /// in, such as one three pixels wide, has no words. Which lines are read together changes
    /// nothing.
    pub fn read_lines(&self, lines: &[LineImage<'_>]) -> Vec<ReadLine> {
        let mut read = vec![ReadLine::default(); lines.len()];
        let scaled = self.scale(lines);
        let outputs = self.outputs_of(&scaled);
        let dictionary = Dictionary::new(&self.model.graphs, &self.model.charset);
        let mut search = Search::new(&self.tree, dictionary.as_ref(), self.model.null_code);
        for (line, (outputs, inverted)) in scaled.iter().zip(&outputs) {
            let path = search.read(outputs, self.model.recoder.codes());
            let (height_px, px_a_step) = self.engine.size_px();
            let image = &lines[line.index];
            let scale = height_px as f32 / image.height_px as f32;
            let material = words::Material {
                charset: &self.model.charset,
                tree: &self.tree,
                outputs,
                px_a_step: px_a_step as f32 / scale,
                width_px: image.width_px,
            };
            read[line.index] = ReadLine {
                words: words::words(&path, &material),
                inverted: *inverted,
            };
        }
        read
    }

    /// The outputs of the network for each line; none where it could not be run.
    pub fn outputs(&self, lines: &[LineImage<'_>]) -> Vec<Outputs> {
        let mut outputs = vec![Outputs::default(); lines.len()];
        let scaled = self.scale(lines);
        for (line, (own, _)) in scaled.iter().zip(self.outputs_of(&scaled)) {
            outputs[line.index] = own;
        }
        outputs
    }

    /// Lines in the network's height, the widest first.
    fn scale(&self, lines: &[LineImage<'_>]) -> Vec<Scaled> {
        let (height_px, pool_px) = self.engine.size_px();
        let mut scaled = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let grey = scale_to_height(line, height_px);
            // libtesseract, too, gives up on what is narrower than a step.
            let wide = grey.filter(|grey| grey.width_px >= pool_px && grey.height_px == height_px);
            scaled.extend(wide.map(|grey| Scaled { index, grey }));
        }
        scaled.sort_by_key(|line| std::cmp::Reverse(line.grey.width_px));
        scaled
    }

    /// Outputs of scaled lines, and whether they are those of the inverted picture.
    fn outputs_of(&self, lines: &[Scaled]) -> Vec<(Outputs, bool)> {
        let greys = lines.iter().map(|line| &line.grey).collect::<Vec<_>>();
        let mut outputs: Vec<_> = self
            .run(&greys)
            .into_iter()
            .map(|own| (own, false))
            .collect();
        if !self.invert {
            return outputs;
        }
        let unsure: Vec<usize> = (0..lines.len())
            .filter(|index| self.sureness(&outputs[*index].0) < INVERT_BELOW)
            .collect();
        let inverted: Vec<Grey> = unsure.iter().map(|index| invert(greys[*index])).collect();
        let again = self.run(&inverted.iter().collect::<Vec<_>>());
        for (index, again) in unsure.into_iter().zip(again) {
            if self.sureness(&again) > self.sureness(&outputs[index].0) {
                outputs[index] = (again, true);
            }
        }
        outputs
    }

    fn run(&self, lines: &[&Grey]) -> Vec<Outputs> {
        let mut outputs = Vec::new();
        let mut left = lines;
        while !left.is_empty() {
            let lines;
            (lines, left) = left.split_at(together(left));
            let values = lines.iter().map(|grey| Values {
                values: to_values(grey),
                width_px: grey.width_px,
            });
            let values: Vec<Values> = values.collect();
            outputs.extend(self.engine.run(self.model.seed, &values));
        }
        outputs
    }

    /// The mean share of the best outputs that are characters, in whole 127ths.
    fn sureness(&self, outputs: &Outputs) -> f64 {
        let (mut sum, mut count) = (0_i64, 0_i64);
        for shares in outputs.steps() {
            let mut best = 0;
            for (code, share) in shares.iter().enumerate() {
                if *share > shares[best] {
                    best = code;
                }
            }
            if best != self.model.null_code as usize {
                sum += i64::from((127.0 * shares[best]) as i32);
                count += 1;
            }
        }
        if count == 0 {
            0.0
        } else {
            f64::from((sum as f64 / count as f64 / 127.0) as f32)
        }
    }
}

/// How many of the first lines go together.
fn together(lines: &[&Grey]) -> usize {
    let mut width_px = 0;
    let fit = lines.iter().take(LINES_TOGETHER).take_while(|line| {
        width_px += line.width_px;
        width_px <= PX_TOGETHER
    });
    fit.count().max(1)
}

/// A line in the network's height.
struct Scaled {
    index: usize,
    grey: Grey,
}
