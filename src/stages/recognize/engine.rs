//! Which engine reads: the plan's choice, opened.

#[cfg(feature = "ocr")]
use std::sync::OnceLock;

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
    Sohoa(Box<Linewise>, OtherEngine),
    /// libtesseract.
    #[cfg(feature = "ocr")]
    Tesseract(Box<Tesseract>),
}

impl Engine {
    /// Opens the engine that the options name, so that what is missing shows before the first page.
    pub fn open(options: &Options) -> Result<Self, RecognizeFault> {
        match options.engine {
            EngineName::Sohoa => {
                let own = Linewise::open(options)?;
                Ok(Self::Sohoa(Box::new(own), OtherEngine::of(options)))
            }
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
            Self::Sohoa(own, _) => own.as_ref(),
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

    fn read_otherwise(&self, picture: &Picture<'_>) -> Option<Result<PageText, RecognizeFault>> {
        match self {
            Self::Sohoa(_, other) => other.read(picture),
            #[cfg(feature = "ocr")]
            Self::Tesseract(_) => None,
        }
    }
}

/// Tesseract, opened at the first page on which our own engine finds no text: most runs never need it.
pub struct OtherEngine {
    #[cfg(feature = "ocr")]
    options: Options,
    #[cfg(feature = "ocr")]
    opened: OnceLock<Option<Tesseract>>,
}

impl OtherEngine {
    #[cfg(feature = "ocr")]
    fn of(options: &Options) -> Self {
        Self {
            options: options.clone(),
            opened: OnceLock::new(),
        }
    }

    #[cfg(not(feature = "ocr"))]
    fn of(_: &Options) -> Self {
        Self {}
    }

    /// None where libtesseract refuses the model that our own engine reads.
    #[cfg(feature = "ocr")]
    fn read(&self, picture: &Picture<'_>) -> Option<Result<PageText, RecognizeFault>> {
        let open = || Tesseract::open(&self.options).ok();
        let engine = self
            .opened
            .get_or_init(|| open().map(Tesseract::light_on_dark));
        engine.as_ref().map(|engine| engine.read(picture))
    }

    #[cfg(not(feature = "ocr"))]
    fn read(&self, _: &Picture<'_>) -> Option<Result<PageText, RecognizeFault>> {
        None
    }
}
