//! Lines read by any network in ONNX that was made for it: a line's picture in, CTC out.
//!
//! The lines are found and cut by our own finder; here each is brought into the network's height ([`canvas`]), run, and
//! its steps become characters ([`ctc`]). How the network is driven stands in a file beside it ([`settings`]), its
//! characters in another ([`files`]); both are held against the network's own shapes before the first page ([`fit`]).
//! One line is run at a time, so that what is read never hangs on which lines stand beside it.

mod canvas;
mod ctc;
mod files;
mod fit;
#[cfg(feature = "onnx")]
mod rten;
mod settings;
#[cfg(test)]
mod tests;

use sohoa_lines::find::LinePicture;
use sohoa_lines::lstm::ReadLine;

#[cfg(feature = "onnx")]
pub use files::Files;

use super::OnnxFlaw;
use canvas::Canvas;
use ctc::{Classes, Step};
use fit::{Fit, Port};
use settings::{Blank, Settings};

/// A network, whoever runs it.
pub trait Network: Send + Sync {
    /// What it takes.
    fn inputs(&self) -> Vec<Port>;

    /// What it gives.
    fn outputs(&self) -> Vec<Port>;

    /// Runs it on one picture `1 × channels × height × width`, with the width where an input asks for it, and gives
    /// back the outputs of these names.
    fn run(
        &self,
        picture: (&str, [usize; 4], &[f32]),
        width: Option<(&str, i32)>,
        outputs: &[String],
    ) -> Result<Vec<Numbers>, OnnxFlaw>;
}

/// An output: its sides and its numbers.
pub enum Numbers {
    /// With a fraction.
    Float(Vec<usize>, Vec<f32>),
    /// Whole.
    Whole(Vec<usize>, Vec<i32>),
}

/// Reads lines with a network.
pub struct OnnxReader {
    network: Box<dyn Network>,
    settings: Settings,
    characters: Vec<String>,
    fit: Fit,
    picture: String,
    outputs: Vec<String>,
}

impl OnnxReader {
    /// Loads the network of these files.
    #[cfg(feature = "onnx")]
    pub fn load(files: Files) -> Result<Self, OnnxFlaw> {
        let network = rten::Loaded::load(files.model)?;
        Self::with(Box::new(network), files.settings, files.characters)
    }

    /// Holds a network against its settings and characters, and runs it once on white paper.
    pub fn with(
        network: Box<dyn Network>,
        settings: Settings,
        characters: Vec<String>,
    ) -> Result<Self, OnnxFlaw> {
        let inputs = network.inputs();
        let picture = fit::picture_input(&inputs, &settings)?;
        let reader = Self {
            fit: Fit::of(picture, &settings)?,
            picture: picture.name.clone(),
            outputs: fit::wanted_outputs(&network.outputs(), &settings)?,
            network,
            settings,
            characters,
        };
        reader.read(&white_paper())?;
        Ok(reader)
    }

    /// What stands in a line; nothing in one without extent.
    pub fn read(&self, line: &LinePicture) -> Result<ReadLine, OnnxFlaw> {
        let Some(canvas) = Canvas::of(line, &self.fit, &self.settings) else {
            return Ok(ReadLine::default());
        };
        let steps = self.steps(&canvas)?;
        let px_a_step = canvas.grey.width() as f32 / steps.len().max(1) as f32;
        // Steps that see the filling alone say nothing of the line.
        let used = (canvas.used_px as f32 / px_a_step).ceil() as usize;
        let used = &steps[..used.min(steps.len())];
        Ok(self.classes().read(used, px_a_step, &canvas))
    }

    fn classes(&self) -> Classes<'_> {
        Classes {
            characters: &self.characters,
            blank: match self.settings.blank {
                Blank::First => 0,
                Blank::Last => self.characters.len(),
            },
        }
    }

    fn steps(&self, canvas: &Canvas) -> Result<Vec<Step>, OnnxFlaw> {
        let (width_px, height_px) = canvas.grey.dimensions();
        let sides = [1, self.fit.channels, height_px as usize, width_px as usize];
        let values = canvas.values(self.fit.channels, &self.settings);
        let told = (!self.settings.widths.is_empty())
            .then_some((self.settings.widths.as_str(), canvas.used_px as i32));
        let picture = (self.picture.as_str(), sides, &values[..]);
        let numbers = self.network.run(picture, told, &self.outputs)?;
        match &numbers[..] {
            [Numbers::Float(sides, scores)] => self.scored(sides, scores),
            [Numbers::Whole(_, classes), Numbers::Float(_, shares)]
                if classes.len() == shares.len() =>
            {
                self.named(classes, shares)
            }
            _ => Err(OnnxFlaw::Shape {
                port: self.outputs.join(", "),
                cause: "≠ float32 N × T × C; ≠ int N × T + float32 N × T".to_owned(),
            }),
        }
    }

    /// Steps from an output with a number a class: `1 × T × C` or `T × 1 × C`.
    fn scored(&self, sides: &[usize], scores: &[f32]) -> Result<Vec<Step>, OnnxFlaw> {
        let &[one, other, classes] = sides else {
            return Err(self.shape(format!("{sides:?} ≠ N × T × C")));
        };
        if one != 1 && other != 1 {
            return Err(self.shape(format!("{sides:?}: N ≠ 1")));
        }
        if classes != self.classes().count() {
            return Err(OnnxFlaw::Characters {
                listed: self.classes().count(),
                classes,
            });
        }
        Ok(scores.chunks_exact(classes).map(Step::of_scores).collect())
    }

    /// Steps from an output with the best class of each, and one with how sure it is.
    fn named(&self, classes: &[i32], shares: &[f32]) -> Result<Vec<Step>, OnnxFlaw> {
        let count = self.classes().count();
        let of_step = |(class, share): (&i32, &f32)| match usize::try_from(*class) {
            Ok(class) if class < count => Ok(Step {
                class,
                share: *share,
                others: Vec::new(),
            }),
            _ => Err(OnnxFlaw::Characters {
                listed: count,
                classes: usize::try_from(*class).unwrap_or_default() + 1,
            }),
        };
        classes.iter().zip(shares).map(of_step).collect()
    }

    fn shape(&self, cause: String) -> OnnxFlaw {
        OnnxFlaw::Shape {
            port: self.outputs.join(", "),
            cause,
        }
    }
}

/// A line without ink, to see that a network runs at all.
fn white_paper() -> LinePicture {
    LinePicture {
        pixels: vec![255; 320 * 40],
        width_px: 320,
        height_px: 40,
        left_px: 0,
        closed_up: None,
    }
}
