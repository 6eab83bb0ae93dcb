//! The model's file: where it lies and what it holds. All engines read the same one.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sohoa_lines::traineddata::ModelFault;

use super::{Options, RecognizeFault};
use crate::model::Params;

/// Where Debian and a source build put the models, newest first.
const MODEL_FOLDERS: [&str; 4] = [
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
];

/// A model as it lies on the disk.
pub struct ModelFile {
    /// What it holds.
    pub bytes: Vec<u8>,
    path: PathBuf,
}

impl ModelFile {
    /// Finds and reads the model that the options name.
    pub fn read(options: &Options) -> Result<Self, RecognizeFault> {
        let path = folder(options)?.join(format!("{}.traineddata", options.language));
        let bytes = std::fs::read(&path).map_err(|_| bad(&path))?;
        Ok(Self { bytes, path })
    }

    /// The folder it was found in, which is what libtesseract asks for.
    #[cfg(feature = "ocr")]
    pub fn folder(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).to_owned()
    }

    /// The fault of a model that our own engine cannot use.
    pub fn has(&self, fault: ModelFault) -> RecognizeFault {
        RecognizeFault::UnusableModel {
            model: self.path.display().to_string(),
            flaw: fault.into(),
        }
    }

    /// The fault of a model that libtesseract refuses.
    #[cfg(feature = "ocr")]
    pub fn is_bad(&self) -> RecognizeFault {
        bad(&self.path)
    }
}

fn bad(path: &Path) -> RecognizeFault {
    RecognizeFault::BadModel {
        model: path.display().to_string(),
    }
}

fn folder(options: &Options) -> Result<PathBuf, RecognizeFault> {
    let folders: Vec<&Path> = if options.tessdata.as_os_str().is_empty() {
        MODEL_FOLDERS.iter().map(Path::new).collect()
    } else {
        vec![&options.tessdata]
    };
    let file = format!("{}.traineddata", options.language);
    let found = folders.iter().find(|folder| folder.join(&file).is_file());
    found
        .map(|folder| folder.to_path_buf())
        .ok_or_else(|| RecognizeFault::NoModel {
            language: options.language.clone(),
            looked_in: folders
                .iter()
                .map(|f| f.display().to_string())
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// Why a model that is there cannot be used by our own engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ModelFlaw {
    /// It is no file of Tesseract's models.
    #[error("not a traineddata file")]
    NotAModel,
    /// A part is not there.
    #[error("no {part}")]
    Missing {
        /// The part.
        part: String,
    },
    /// A part ends before what it announces.
    #[error("{part} is cut off")]
    CutOff {
        /// The part.
        part: String,
    },
    /// A part says what cannot be.
    #[error("{part}: {cause}")]
    Malformed {
        /// The part.
        part: String,
        /// What is wrong.
        cause: String,
    },
    /// A part is larger than any known model's.
    #[error("{part} is too large")]
    TooLarge {
        /// The part.
        part: String,
    },
    /// A kind of network that is not read here.
    #[error("{layer} is not read here")]
    Unsupported {
        /// What was met.
        layer: String,
    },
}

impl From<ModelFault> for ModelFlaw {
    fn from(fault: ModelFault) -> Self {
        match fault {
            ModelFault::NotAModel => Self::NotAModel,
            ModelFault::Missing { part } => Self::Missing {
                part: part.to_owned(),
            },
            ModelFault::CutOff { part } => Self::CutOff {
                part: part.to_owned(),
            },
            ModelFault::Malformed { part, cause } => Self::Malformed {
                part: part.to_owned(),
                cause: cause.to_owned(),
            },
            ModelFault::TooLarge { part } => Self::TooLarge {
                part: part.to_owned(),
            },
            ModelFault::Unsupported { layer } => Self::Unsupported { layer },
        }
    }
}

impl ModelFlaw {
    /// The code of the fault.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NotAModel => "OCR-011",
            Self::Missing { .. } => "OCR-012",
            Self::CutOff { .. } => "OCR-013",
            Self::Malformed { .. } => "OCR-014",
            Self::TooLarge { .. } => "OCR-015",
            Self::Unsupported { .. } => "OCR-016",
        }
    }

    /// What its words need beside the model's path.
    pub(super) fn params(&self) -> Params {
        match self {
            Self::NotAModel => Params::new(),
            Self::Missing { part } | Self::CutOff { part } | Self::TooLarge { part } => {
                Params::from([("part", part.clone())])
            }
            Self::Malformed { part, cause } => {
                Params::from([("part", part.clone()), ("cause", cause.clone())])
            }
            Self::Unsupported { layer } => Params::from([("layer", layer.clone())]),
        }
    }
}
