//! Which engine reads: the plan's choice, opened.

use std::path::Path;
#[cfg(feature = "ocr")]
use std::sync::OnceLock;

#[cfg(feature = "ocr")]
use super::Tesseract;
#[cfg(feature = "onnx")]
use super::onnx::{Files, OnnxReader};
use super::{
    EngineIdentity, EngineName, Linewise, Options, Picture, RecognizeFault, Recognizer, Recorded,
};
#[cfg(feature = "onnx")]
use crate::model::Digest;
use crate::model::PageText;

/// An engine that stands ready.
pub enum Engine {
    /// Our own.
    Sohoa(Box<Linewise>, OtherEngine),
    /// libtesseract.
    #[cfg(feature = "ocr")]
    Tesseract(Box<Tesseract>),
    /// Page texts that were read before.
    Recorded(Recorded),
    /// Our own finder with a line model in ONNX.
    #[cfg(feature = "onnx")]
    Onnx(Box<Linewise>),
}

impl Engine {
    /// Opens the engine that the options name, so that what is missing shows before the first page.
    pub fn open(options: &Options) -> Result<Self, RecognizeFault> {
        match &options.engine {
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
            EngineName::Recorded(folder) => Recorded::open(folder).map(Self::Recorded),
            #[cfg(feature = "onnx")]
            EngineName::Onnx(path) => {
                let unusable = |flaw| RecognizeFault::unusable_onnx(path, flaw);
                let files = Files::read(path).map_err(unusable)?;
                let identity = identity_of(path, &files);
                let reader = OnnxReader::load(files).map_err(unusable)?;
                let own = Linewise::with_network(reader, path, identity);
                Ok(Self::Onnx(Box::new(own)))
            }
            #[cfg(not(feature = "onnx"))]
            EngineName::Onnx(path) => Err(not_built_in(path)),
        }
    }

    /// Which engine and model the options name, without loading what a stranger made: that is for the child processes.
    pub fn identify(options: &Options) -> Result<EngineIdentity, RecognizeFault> {
        match &options.engine {
            #[cfg(feature = "onnx")]
            EngineName::Onnx(path) => {
                let files = Files::read(path);
                let files = files.map_err(|flaw| RecognizeFault::unusable_onnx(path, flaw))?;
                Ok(identity_of(path, &files))
            }
            _ => Self::open(options).map(|engine| engine.identity()),
        }
    }

    fn chosen(&self) -> &dyn Recognizer {
        match self {
            Self::Sohoa(own, _) => own.as_ref(),
            #[cfg(feature = "ocr")]
            Self::Tesseract(own) => own.as_ref(),
            Self::Recorded(own) => own,
            #[cfg(feature = "onnx")]
            Self::Onnx(own) => own.as_ref(),
        }
    }
}

/// The network's digest is the model's; how it is driven and what its classes mean stand in the name.
#[cfg(feature = "onnx")]
fn identity_of(path: &Path, files: &Files) -> EngineIdentity {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    EngineIdentity {
        name: format!("onnx {name} {}", files.driven_by.short()),
        model: Digest::of(&files.model),
    }
}

#[cfg(not(feature = "onnx"))]
fn not_built_in(path: &Path) -> RecognizeFault {
    RecognizeFault::unusable_onnx(path, super::OnnxFlaw::NotBuiltIn)
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
            // Who brings a model wants to see what it reads, and what was read stays what was read.
            Self::Recorded(_) => None,
            #[cfg(feature = "onnx")]
            Self::Onnx(_) => None,
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
