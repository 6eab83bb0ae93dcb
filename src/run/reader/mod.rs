//! Opening files and reading pages, where a hostile one can do no harm to the run.
//!
//! A [`PageReader`] does the work on what strangers wrote: decoders and the C engine.
//! [`Workers`] does it in child processes of this very program, which may be killed;
//! [`InProcess`] does it here, for recordings and for tools that read one page; [`KeptPages`]
//! gives back what was read before, for trials of what comes after reading.

mod in_process;
mod kept;
mod overlooked;
mod reading;
mod serve;
mod stamps;
mod wire;
mod worker;
mod workers;

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::formats::barcode::Mark;
use crate::formats::raster::{Dpi, EncodedImage};
use crate::model::manifest::{Reading, SealRecord};
use crate::model::{Orientation, PageText, Secrecy};
use crate::stages::compare::Sketch;
use crate::stages::intake::{Contents, IntakeFault, ScanFile};
use crate::stages::recognize::{EngineIdentity, RecognizeFault};

pub use in_process::InProcess;
pub use kept::KeptPages;
pub use serve::serve;
pub use workers::{Workers, WorkersFault};

/// Opens scan files and reads their pages.
pub trait PageReader: Sync {
    /// Which engine and model reads.
    fn identity(&self) -> EngineIdentity;

    /// Says what is in a file.
    fn open_file(&self, scan: &ScanFile) -> Result<Contents, IntakeFault>;

    /// Says in what state the signatures of a PDF are that came signed.
    fn judge_signatures(&self, scan: &ScanFile) -> Result<SealRecord, IntakeFault>;

    /// Looks for the marks on one page that part dossiers, without reading it.
    fn look(&self, scan: &ScanFile, index: u32) -> Result<Vec<Mark>, IntakeFault>;

    /// Takes out, cleans and reads one page; its image is written to the task's `spool`.
    fn read_page(&self, task: &PageTask<'_>) -> Result<PageFound, ReadFault>;
}

/// One page to be read.
#[derive(Clone, Copy)]
pub struct PageTask<'a> {
    /// Its file.
    pub scan: &'a ScanFile,
    /// Its index in the file, from 0.
    pub index: u32,
    /// Where its encoded image is put, unless the page is blank.
    pub spool: &'a Path,
    /// How much is spent on it.
    pub effort: Effort,
}

/// How much is spent on reading a page. A page that could not be read within its
/// share of the time is tried again with less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effort {
    /// As the plan says.
    Full,
    /// Black and white, coarser, one way up.
    Less,
    /// No reading: the page stands in its document as an image without text.
    ImageOnly,
}

impl Effort {
    /// From the most to the least.
    pub const ALL: [Effort; 3] = [Effort::Full, Effort::Less, Effort::ImageOnly];

    /// This effort's share of a page's time; all shares together are the whole.
    pub fn share_ms(self, max_page_ms: u32) -> u32 {
        match self {
            Effort::Full => max_page_ms / 2,
            Effort::Less | Effort::ImageOnly => max_page_ms / 4,
        }
    }

    /// What the manifest says of a page read so.
    pub fn reading(self) -> Reading {
        match self {
            Effort::Full => Reading::Recognized,
            Effort::Less => Reading::WithLessEffort,
            Effort::ImageOnly => Reading::ImageOnly,
        }
    }
}

/// What was found on a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageFound {
    /// True where nothing is written on it.
    pub blank: bool,
    /// Marks that part dossiers; a page that is only a separator sheet is not read.
    pub marks: Vec<Mark>,
    /// The words.
    pub text: PageText,
    /// The degree of secrecy that a stamp struck by hand says.
    pub secrecy: Option<Secrecy>,
    /// What tells a second scan of the same sheet; absent where nothing was read.
    pub sketch: Option<Sketch>,
    /// True where they are the scan's own text layer, found good.
    pub from_text_layer: bool,
    /// True where they were read by an engine that lays pages out by itself, after lines found gave no sure text.
    #[serde(default)]
    pub read_otherwise: bool,
    /// True where something is drawn on the page and no sure word was read of it.
    #[serde(default)]
    pub textless: bool,
    /// True where the file said no resolution.
    pub dpi_estimated: bool,
    /// From the stored image to the upright page.
    pub orientation: Orientation,
    /// Resolution along the axes of the stored image.
    pub stored_dpi: Dpi,
    /// The encoded image without its bytes, which lie in the spool; absent for a blank page.
    pub image: Option<EncodedImage>,
}

/// Why a page was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// It could not be taken out of its file.
    #[error(transparent)]
    Intake(#[from] IntakeFault),
    /// It could not be recognised.
    #[error(transparent)]
    Recognize(#[from] RecognizeFault),
    /// Its image could not be spooled.
    #[error("{}: {cause}", path.display())]
    Spool {
        /// Where it should lie.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
}
