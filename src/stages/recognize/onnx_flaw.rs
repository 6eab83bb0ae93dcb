//! What can be wrong with an ONNX model, the file that says how it is driven, and its list of characters.

use serde::{Deserialize, Serialize};

use crate::model::Params;

/// Why a line model in ONNX cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum OnnxFlaw {
    /// The program was built without the cargo feature `onnx`.
    #[error("this program was built without the feature `onnx`")]
    NotBuiltIn,
    /// A file that belongs to the model cannot be read.
    #[error("{file} cannot be read: {cause}")]
    Unreadable {
        /// Path of the file.
        file: String,
        /// The system's words.
        cause: String,
    },
    /// A file that belongs to the model is larger than is allowed.
    #[error("{file} is larger than {max_bytes} bytes")]
    TooLarge {
        /// Path of the file.
        file: String,
        /// The most that is allowed.
        max_bytes: u64,
    },
    /// The file beside the model says what cannot be.
    #[error("{file}: {cause}")]
    BadSettings {
        /// Path of the file.
        file: String,
        /// What is wrong.
        cause: String,
    },
    /// The model was refused by what runs it.
    #[error("the model cannot be run: {cause}")]
    Refused {
        /// In the runtime's words.
        cause: String,
    },
    /// An input or output is not as a line model's.
    #[error("{port}: {cause}")]
    Shape {
        /// The input or output.
        port: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The list of characters and the model's classes are not of one number.
    #[error("{listed} characters are listed, the model tells {classes} classes apart")]
    Characters {
        /// Characters of the list, and the blank.
        listed: usize,
        /// Classes of the model.
        classes: usize,
    },
}

impl OnnxFlaw {
    /// The code of the fault.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NotBuiltIn => "OCR-021",
            Self::Unreadable { .. } => "OCR-022",
            Self::TooLarge { .. } => "OCR-023",
            Self::BadSettings { .. } => "OCR-024",
            Self::Refused { .. } => "OCR-025",
            Self::Shape { .. } => "OCR-026",
            Self::Characters { .. } => "OCR-027",
        }
    }

    /// What its words need beside the model's path.
    pub(super) fn params(&self) -> Params {
        match self {
            Self::NotBuiltIn => Params::new(),
            Self::Unreadable { file, cause } | Self::BadSettings { file, cause } => {
                Params::from([("file", file.clone()), ("cause", cause.clone())])
            }
            Self::TooLarge { file, max_bytes } => Params::from([
                ("file", file.clone()),
                ("mebibytes", (max_bytes >> 20).to_string()),
            ]),
            Self::Refused { cause } => Params::from([("cause", cause.clone())]),
            Self::Shape { port, cause } => {
                Params::from([("port", port.clone()), ("cause", cause.clone())])
            }
            Self::Characters { listed, classes } => Params::from([
                ("listed", listed.to_string()),
                ("classes", classes.to_string()),
            ]),
        }
    }
}
