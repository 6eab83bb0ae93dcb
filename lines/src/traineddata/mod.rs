//! Tesseract's `traineddata` files: what an LSTM line model of theirs is made of.
//!
//! A file is a table of offsets and the parts that these point to. Read here are the parts of an
//! LSTM model: the network with its weights (int8 or float), the characters that it knows, how
//! these are coded as network outputs, and the word graphs that the search leans on. There is no
//! standard but the program itself; the layout was learnt from Tesseract 5.3. Nothing is run here.
//!
//! A model is a stranger's file: every size is held against the bytes that are there before memory
//! is asked for, trees have a depth, and what the reader would not understand is a [`ModelFault`].

mod bytes;
mod charset;
mod network;
mod recoder;
#[cfg(test)]
pub(crate) mod specimen;
mod word_graph;

pub use charset::{Charset, Glyph};
pub use network::{Activation, Layer, Matrix, Plane, Weights};
pub use recoder::{Code, MAX_CODE_LENGTH, Recoder};
pub use word_graph::{Edge, WordGraph};

use bytes::Bytes;

/// No known model is larger than 30 MB; a stranger's is not read beyond this.
pub const MAX_MODEL_BYTES: usize = 64 << 20;
/// Tesseract's own limit.
const MAX_PARTS: u32 = 1000;
/// Where a file says nothing of its version it is from before this.
const OLDEST_VERSION: &str = "Pre-4.0.0";

/// The parts of a file that are read here, by their place in the table of offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Settings of the language, lines of `name value`.
    Config = 0,
    /// The network and its weights.
    Network = 17,
    /// Patterns of punctuation around words.
    Punctuation = 18,
    /// Words.
    Words = 19,
    /// Patterns of numbers.
    Numbers = 20,
    /// The characters.
    Charset = 21,
    /// How characters are coded as outputs of the network.
    Recoder = 22,
    /// Name of the training.
    Version = 23,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Network => "lstm",
            Self::Punctuation => "lstm-punc-dawg",
            Self::Words => "lstm-word-dawg",
            Self::Numbers => "lstm-number-dawg",
            Self::Charset => "lstm-unicharset",
            Self::Recoder => "lstm-recoder",
            Self::Version => "version",
        }
    }
}

/// A file cut into its parts.
pub struct Container<'a> {
    parts: Vec<Option<&'a [u8]>>,
    big_endian: bool,
}

impl<'a> Container<'a> {
    /// Reads the table of offsets. The number of parts tells the order of bytes: read the wrong way
    /// round it is beyond any limit.
    pub fn read(file: &'a [u8]) -> Result<Self, ModelFault> {
        if file.len() > MAX_MODEL_BYTES {
            return Err(ModelFault::TooLarge { part: "file" });
        }
        let mut bytes = Bytes::new(file, "file", false);
        let mut count = bytes.u32()?;
        let big_endian = count > MAX_PARTS;
        if big_endian {
            count = count.swap_bytes();
            bytes = Bytes::new(file, "file", true);
            bytes.u32()?;
        }
        if count == 0 || count > MAX_PARTS {
            return Err(ModelFault::NotAModel);
        }
        let mut starts = Vec::new();
        for _ in 0..count {
            starts.push(usize::try_from(bytes.i64()?).ok());
        }
        Self::cut(file, &starts, big_endian)
    }

    /// A part reaches to the next one that is there.
    fn cut(file: &'a [u8], starts: &[Option<usize>], big_endian: bool) -> Result<Self, ModelFault> {
        let part = |index: usize| -> Result<Option<&'a [u8]>, ModelFault> {
            let Some(start) = starts[index] else {
                return Ok(None);
            };
            let next = starts[index + 1..].iter().flatten().next();
            let end = next.copied().unwrap_or(file.len());
            let found = file.get(start..end);
            found.map(Some).ok_or(ModelFault::NotAModel)
        };
        let parts = (0..starts.len()).map(part).collect::<Result<_, _>>()?;
        Ok(Self { parts, big_endian })
    }

    /// The bytes of a part, none where the file lacks it.
    pub fn part(&self, part: Part) -> Option<&'a [u8]> {
        self.parts.get(part as usize).copied().flatten()
    }

    fn bytes(&self, part: Part) -> Option<Bytes<'a>> {
        let found = self.part(part)?;
        Some(Bytes::new(found, part.name(), self.big_endian))
    }

    fn needed(&self, part: Part) -> Result<Bytes<'a>, ModelFault> {
        self.bytes(part)
            .ok_or(ModelFault::Missing { part: part.name() })
    }
}

/// The word graphs of a model; any of them may be missing.
#[derive(Clone, Debug, Default)]
pub struct WordGraphs {
    /// Punctuation around words.
    pub punctuation: Option<WordGraph>,
    /// Words.
    pub words: Option<WordGraph>,
    /// Numbers, with a space in place of any digit.
    pub numbers: Option<WordGraph>,
}

/// An LSTM line model.
#[derive(Clone, Debug)]
pub struct LineModel {
    /// Name of the training, such as `4.00.00alpha:vie:synth20170629:[…]`.
    pub version: String,
    /// The network, from the picture of a line to outputs.
    pub network: Layer,
    /// The output that stands for no character.
    pub null_code: u32,
    /// What Tesseract's random numbers at the border of the picture are seeded with.
    pub seed: i32,
    /// The characters, by number.
    pub charset: Charset,
    /// How characters are coded as outputs.
    pub recoder: Recoder,
    /// The word graphs.
    pub graphs: WordGraphs,
}

impl LineModel {
    /// Reads a `traineddata` file; `None` graphs and no fault where it has no dictionary.
    pub fn read(file: &[u8]) -> Result<Self, ModelFault> {
        let container = Container::read(file)?;
        let mut bytes = container.needed(Part::Network)?;
        let network = network::read(&mut bytes)?;
        let tail = Tail::read(&mut bytes)?;
        let charset = Charset::read(container.needed(Part::Charset)?.rest())?;
        let recoder = Recoder::read(&mut container.needed(Part::Recoder)?, charset.len())?;
        let outputs = network.outputs();
        if recoder.codes() > outputs || tail.null_code >= outputs as u32 {
            return Err(ModelFault::Malformed {
                part: Part::Recoder.name(),
                cause: "codes that the network does not put out",
            });
        }
        let graph = |part| {
            let bytes = container.bytes(part);
            bytes
                .map(|mut bytes| WordGraph::read(&mut bytes))
                .transpose()
        };
        let version = container.part(Part::Version);
        Ok(Self {
            version: version.map_or(OLDEST_VERSION.into(), |text| {
                String::from_utf8_lossy(text).into_owned()
            }),
            network,
            null_code: tail.null_code,
            seed: tail.seed,
            charset,
            recoder,
            graphs: WordGraphs {
                punctuation: graph(Part::Punctuation)?,
                words: graph(Part::Words)?,
                numbers: graph(Part::Numbers)?,
            },
        })
    }
}

/// What follows the network in its part, as far as reading lines needs it.
struct Tail {
    seed: i32,
    null_code: u32,
}

impl Tail {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, ModelFault> {
        // The network as text, then flags and the count of training steps.
        let length = bytes.count(1)?;
        bytes.take(length)?;
        bytes.take(8)?;
        let seed = bytes.i32()?;
        let null_code = bytes.i32()?;
        let null_code = u32::try_from(null_code).map_err(|_| bytes.wrong("no null code"))?;
        Ok(Self { seed, null_code })
    }
}

/// Why a file is not a model that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// No table of offsets into this file.
    #[error("not a traineddata file")]
    NotAModel,
    /// A part of the file is not there.
    #[error("no {part}")]
    Missing {
        /// The part.
        part: &'static str,
    },
    /// A part ends before what it announces.
    #[error("{part} is cut off")]
    CutOff {
        /// The part.
        part: &'static str,
    },
    /// A part says what cannot be.
    #[error("{part}: {cause}")]
    Malformed {
        /// The part.
        part: &'static str,
        /// What is wrong.
        cause: &'static str,
    },
    /// A part is larger than any known model's.
    #[error("{part} is too large")]
    TooLarge {
        /// The part.
        part: &'static str,
    },
    /// A kind of network that is not read here.
    #[error("{layer} is not read here")]
    Unsupported {
        /// What was met.
        layer: String,
    },
}

#[cfg(test)]
mod tests;
