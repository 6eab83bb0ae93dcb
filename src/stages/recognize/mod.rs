//! Recognize: words with boxes and confidence, from the cleaned picture of a page.

mod again;
mod choice;
mod engine;
mod leader_points;
mod linewise;
mod lookalikes;
mod metre;
mod model_file;
#[cfg(any(test, feature = "onnx"))]
mod onnx;
mod onnx_flaw;
mod pen;
mod recorded;
pub mod reuse;
mod spaces;
#[cfg(feature = "ocr")]
mod tesseract;
mod tick_box;
mod tones;
mod upward;
mod word_box;

use std::path::{Path, PathBuf};

use image::{GrayImage, RgbImage};
use serde::{Deserialize, Serialize};

use crate::formats::raster::colour_at;
use crate::model::{Affine, Coded, Digest, Orientation, PageText, Params, Point, PxBox, Retry};

pub use choice::{EngineName, NoSuchEngine};
pub use engine::Engine;
pub use linewise::Linewise;
pub use model_file::ModelFlaw;
pub use onnx_flaw::OnnxFlaw;
pub use recorded::Recorded;
#[cfg(feature = "ocr")]
pub use {sohoa_tesseract::line_images, tesseract::Tesseract};

/// What the recogniser may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Which engine reads.
    pub engine: EngineName,
    /// Name of the language model, `vie` for `vie.traineddata`.
    pub language: String,
    /// Folder of the model; empty to look where Debian puts it.
    pub tessdata: PathBuf,
    /// Longest time for one page, all tries together, in milliseconds.
    pub max_page_ms: u32,
    /// A page read with a lower mean confidence is read once more upside down.
    pub doubt_below_pct: u8,
    /// Whether the text layer of a PDF page may stand in place of a reading.
    pub reuse_text_layer: bool,
    /// Of the words surely read in a sample of the page, so many must stand in its text layer.
    pub reuse_agreement_pct: u8,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            engine: EngineName::default(),
            language: "vie".to_owned(),
            tessdata: PathBuf::new(),
            max_page_ms: 50_000,
            doubt_below_pct: 60,
            reuse_text_layer: true,
            reuse_agreement_pct: 92,
        }
    }
}

/// A page as the recogniser sees it, with the way back to the upright page.
pub struct Picture<'a> {
    /// The scan file's digest and the page's index in it: the name of a recording.
    pub key: PageKey,
    /// Dark ink on a white ground.
    pub pixels: &'a GrayImage,
    /// The image as it is stored, where it is in colour.
    pub colors: Option<&'a RgbImage>,
    /// Resolution of `pixels`.
    pub dpi: u32,
    /// From pixels of the picture to pixels of the upright page.
    pub to_page: Affine,
    /// Width of the upright page in pixels.
    pub page_width_px: u32,
    /// Height of the upright page in pixels.
    pub page_height_px: u32,
    /// Resolution of the upright page.
    pub page_dpi: u32,
    /// From the stored image to the upright page.
    pub orientation: Orientation,
    /// How long reading may take, in milliseconds.
    pub max_ms: u32,
}

impl Picture<'_> {
    /// The colour of the stored image where a pixel of this picture shows it.
    fn color_at(&self, colors: &RgbImage, x_px: u32, y_px: u32) -> [u8; 3] {
        let at = self.to_page.map(Point {
            x_px: x_px as f32 + 0.5,
            y_px: y_px as f32 + 0.5,
        });
        let (width_px, height_px) = (self.page_width_px, self.page_height_px);
        colour_at(colors, self.orientation.to_stored(at, width_px, height_px))
    }
}

/// Names a scanned page by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageKey {
    /// SHA-256 of the scan file.
    pub scan: Digest,
    /// Index of the page in the file, from 0.
    pub index: u32,
}

/// Which engine and which model read the pages; both stand in the batch header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineIdentity {
    /// Name and version, such as `tesseract 5.3.0`.
    pub name: String,
    /// SHA-256 of the model.
    pub model: Digest,
}

/// Reads words from pictures. Implementations: our own (with its own reader or a network in ONNX), Tesseract, recordings, and a crashing one in tests.
pub trait Recognizer: Sync {
    /// Which engine and model this is.
    fn identity(&self) -> EngineIdentity;

    /// The words in reading order, in pixels of the upright page.
    fn read(&self, picture: &Picture<'_>) -> Result<PageText, RecognizeFault>;

    /// The words as another engine reads them that lays pages out by itself; none where there is no other.
    fn read_otherwise(&self, _picture: &Picture<'_>) -> Option<Result<PageText, RecognizeFault>> {
        None
    }
}

/// A part of a picture, and the part's way to the page.
pub fn cut_out(pixels: &GrayImage, to_page: &Affine, part: PxBox) -> (GrayImage, Affine) {
    let PxBox {
        x_px,
        y_px,
        w_px,
        h_px,
    } = part;
    let start = to_page.map(Point {
        x_px: x_px as f32,
        y_px: y_px as f32,
    });
    let to_page = Affine {
        e: start.x_px,
        f: start.y_px,
        ..*to_page
    };
    let part = image::imageops::crop_imm(pixels, x_px, y_px, w_px, h_px);
    (part.to_image(), to_page)
}

/// Why a page could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum RecognizeFault {
    /// This program was built without an engine.
    #[error("built without the `ocr` feature")]
    NoEngine,
    /// The model's file is not where it should be.
    #[error("no {language}.traineddata in {looked_in}")]
    NoModel {
        /// The language asked for.
        language: String,
        /// The folders looked in, separated by commas.
        looked_in: String,
    },
    /// The engine refused the model.
    #[error("the engine does not accept {model}")]
    BadModel {
        /// Path of the model.
        model: String,
    },
    /// The model is there, but our own engine cannot use it.
    #[error("{model}: {flaw}")]
    UnusableModel {
        /// Path of the model.
        model: String,
        /// What is wrong with it.
        flaw: ModelFlaw,
    },
    /// The line model in ONNX is there, but cannot be used.
    #[error("{model}: {flaw}")]
    UnusableOnnx {
        /// Path of the model.
        model: String,
        /// What is wrong with it.
        flaw: OnnxFlaw,
    },
    /// The page took longer than the plan allows.
    #[error("reading took longer than {max_page_ms} ms")]
    OutOfTime {
        /// The limit of the plan.
        max_page_ms: u32,
    },
    /// The engine gave up on the page.
    #[error("the engine failed: {cause}")]
    Engine {
        /// The engine's words.
        cause: String,
    },
    /// The process that read the page ended in the middle of it.
    #[error("the reading process died: {cause}")]
    Died {
        /// How it ended: a signal or an exit status.
        cause: String,
    },
    /// There is no recording of this page.
    #[error("no recording {name}")]
    NoRecording {
        /// File name of the recording looked for.
        name: String,
    },
    /// There is a recording, but not of this page as it lies here.
    #[error("recording {name}: {cause}")]
    BadRecording {
        /// File name of the recording.
        name: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The folder of recordings is none.
    #[error("{folder} is no folder")]
    NoRecordings {
        /// The folder.
        folder: String,
    },
}

impl RecognizeFault {
    /// The fault of a line model that cannot be used.
    pub(crate) fn unusable_onnx(model: &Path, flaw: OnnxFlaw) -> Self {
        Self::UnusableOnnx {
            model: model.display().to_string(),
            flaw,
        }
    }

    /// True where no page at all can be read, so that the run must stop.
    pub fn stops_the_run(&self) -> bool {
        matches!(
            self,
            Self::NoEngine
                | Self::NoModel { .. }
                | Self::BadModel { .. }
                | Self::UnusableModel { .. }
                | Self::UnusableOnnx { .. }
                | Self::NoRecordings { .. }
        )
    }

    /// True where the same page may be read with less effort: the engine, not the page, gave up.
    pub fn may_pass_with_less(&self) -> bool {
        matches!(
            self,
            Self::OutOfTime { .. } | Self::Engine { .. } | Self::Died { .. }
        )
    }
}

impl Coded for RecognizeFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoEngine => "OCR-001",
            Self::NoModel { .. } => "OCR-002",
            Self::BadModel { .. } => "OCR-003",
            Self::UnusableModel { flaw, .. } => flaw.code(),
            Self::UnusableOnnx { flaw, .. } => flaw.code(),
            Self::OutOfTime { .. } => "OCR-004",
            Self::Engine { .. } => "OCR-005",
            Self::NoRecording { .. } => "OCR-006",
            Self::Died { .. } => "OCR-007",
            Self::BadRecording { .. } => "OCR-009",
            Self::NoRecordings { .. } => "OCR-010",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoModel {
                language,
                looked_in,
            } => Params::from([
                ("language", language.clone()),
                ("looked_in", looked_in.clone()),
            ]),
            Self::BadModel { model } => Params::from([("model", model.clone())]),
            Self::UnusableModel { model, flaw } => {
                let mut params = flaw.params();
                params.insert("model", model.clone());
                params
            }
            Self::UnusableOnnx { model, flaw } => {
                let mut params = flaw.params();
                params.insert("model", model.clone());
                params
            }
            Self::BadRecording { name, cause } => {
                Params::from([("name", name.clone()), ("cause", cause.clone())])
            }
            Self::NoRecordings { folder } => Params::from([("folder", folder.clone())]),
            Self::OutOfTime { max_page_ms } => {
                Params::from([("seconds", (max_page_ms / 1000).to_string())])
            }
            Self::Engine { cause } | Self::Died { cause } => {
                Params::from([("cause", cause.clone())])
            }
            Self::NoRecording { name } => Params::from([("name", name.clone())]),
            Self::NoEngine => Params::new(),
        }
    }

    fn retry(&self) -> Retry {
        if self.stops_the_run() {
            Retry::AfterPerson
        } else {
            Retry::Never
        }
    }
}
