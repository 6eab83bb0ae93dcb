//! Which engine reads: the plan's choice, opened.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ocr")]
use super::Tesseract;
use super::{EngineIdentity, Linewise, Options, Picture, RecognizeFault, Recognizer};
use crate::model::PageText;

/// The engines that can be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineName {
    /// Our own: finds the lines, then reads them with the same model.
    #[default]
    Sohoa,
    /// libtesseract, which gets whole pages.
    Tesseract,
}

/// An engine that stands ready.
pub enum Engine {
    /// Our own.
    Sohoa(Box<Linewise>),
    /// libtesseract.
    #[cfg(feature = "ocr")]
    Tesseract(Box<Tesseract>),
}

impl Engine {
    /// Opens the engine that the options name, so that what is missing shows before the first page.
    pub fn open(options: &Options) -> Result<Self, RecognizeFault> {
        match options.engine {
            EngineName::Sohoa => Linewise::open(options).map(|own| Self::Sohoa(Box::new(own))),
            #[cfg(feature = "ocr")]
            EngineName::Tesseract => {
                Tesseract::open(options).map(|own| Self::Tesseract(Box::new(own)))
            }
            #[cfg(not(feature = "ocr"))]
            EngineName::Tesseract => Err(RecognizeFault::NoEngine),
        }
    }

    fn chosen(&self) -> &dyn Recognizer {
        match self {
            Self::Sohoa(own) => own.as_ref(),
            #[cfg(feature = "ocr")]
            Self::Tesseract(own) => own.as_ref(),
        }
    }
}

impl Recognizer for Engine {
    fn identity(&self) -> EngineIdentity {
        self.chosen().identity()
    }

    fn read(&self, picture: &Picture<'_>) -> Result<PageText, RecognizeFault> {
        self.chosen().read(picture)
    }
}
