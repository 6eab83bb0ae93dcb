//! The model's file: where it lies and what it holds. All engines read the same one.

use std::path::{Path, PathBuf};

use sohoa_lines::traineddata::ModelFault;

use super::{Options, RecognizeFault};
use crate::model::{Coded, Params, Retry};

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

    /// The fault of a model that an engine refuses.
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

impl Coded for ModelFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAModel => "OCR-011",
            Self::Missing { .. } => "OCR-012",
            Self::CutOff { .. } => "OCR-013",
            Self::Malformed { .. } => "OCR-014",
            Self::TooLarge { .. } => "OCR-015",
            Self::Unsupported { .. } => "OCR-016",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NotAModel => Params::new(),
            Self::Missing { part } | Self::CutOff { part } | Self::TooLarge { part } => {
                Params::from([("part", (*part).to_owned())])
            }
            Self::Malformed { part, cause } => {
                Params::from([("part", (*part).to_owned()), ("cause", (*cause).to_owned())])
            }
            Self::Unsupported { layer } => Params::from([("layer", layer.clone())]),
        }
    }

    fn retry(&self) -> Retry {
        Retry::AfterPerson
    }
}
