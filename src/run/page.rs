//! One page of the road: read with as much effort as its time allows, and kept for assembly.

use std::fs;
use std::path::{Path, PathBuf};

use super::events::PageSeen;
use super::reader::{Effort, PageFound, PageTask, ReadFault};
use super::{RunFault, Tools};
use crate::formats::raster::{Dpi, EncodedImage};
use crate::model::manifest::{Fate, PublishedPage, Reading};
use crate::model::{Coded, Confidence, Digest, Orientation, PageSigns, PageText, Secrecy};
use crate::stages::assemble::AssemblePage;
use crate::stages::compare::Sketch;
use crate::stages::intake::{ScanFile, Survey};
use crate::stages::package::{Draft, PackageFault};
use crate::stages::split::{PageToSplit, Side};

/// A page that was read.
pub struct ReadPage {
    /// Index of its file in the survey, from 0.
    pub file: usize,
    /// Pages of the dossier in that file.
    pub pages_in_file: u32,
    /// Index of the page in the file, from 0.
    pub index: u32,
    /// Whether it stands in a document.
    pub fate: Fate,
    /// True where its file carries signatures and is kept as it came.
    pub of_signed_file: bool,
    /// What tells a second scan of the same sheet; of a published page that was read.
    pub sketch: Option<Sketch>,
    outline: Outline,
    /// Something is drawn on it, and no sure word was read of it.
    pub textless: bool,
    /// Of a stamp struck by hand.
    stamped: Option<Secrecy>,
    /// Of a published page only: its words, which wait on the disk.
    words: Option<PathBuf>,
    scan: Digest,
    reading: Reading,
    dpi_estimated: bool,
    orientation: Orientation,
    stored_dpi: Dpi,
    /// Of a published page only: no other stands in a file.
    image: Option<SpooledImage>,
}

/// What is kept of a page's words in memory. (A word takes some 110 bytes and a full page
/// has 500: the words of 2,000 pages would take 110 MB.)
struct Outline {
    signs: PageSigns,
    width_px: u32,
    height_px: u32,
    dpi: u32,
    words: u32,
    confidence: Confidence,
}

impl Outline {
    fn of(text: &PageText, signs: PageSigns) -> Self {
        Self {
            signs,
            width_px: text.width_px,
            height_px: text.height_px,
            dpi: text.dpi,
            words: text.words.len() as u32,
            confidence: text.confidence(),
        }
    }
}

/// Every page of the dossier in order: index of its file in the survey, index in that file.
pub fn places(survey: &Survey) -> impl Iterator<Item = (usize, u32)> {
    let files = survey.files.iter().enumerate();
    files.flat_map(|(file, scan)| scan.page_range().map(move |index| (file, index)))
}

/// Why a page was not read.
pub enum PageFault {
    /// This page cannot be read: its dossier is set aside.
    Page(Box<dyn Coded + Send>),
    /// No page can be read: the run stops.
    Stop(RunFault),
    /// The run was asked to end before this page's turn came.
    NotBegun,
}

/// Reads one page, unless the run was asked to end.
pub fn read(
    scan: &ScanFile,
    file: usize,
    index: u32,
    draft: &Draft,
    tools: &Tools<'_>,
) -> Result<ReadPage, PageFault> {
    if tools.stop.asked().is_some() {
        return Err(PageFault::NotBegun);
    }
    let spool = draft.spool(&format!("{file}-{index}"));
    let _share = tools.memory.admit(scan.largest_page_px);
    let (found, effort) = read_as_well_as_possible(scan, index, &spool, tools)?;
    let signs = tools.describer.signs(&found.text);
    let fate = match () {
        // Its file is never cut: whatever is on the page, it stands in the kept document.
        () if scan.signed => Fate::Published,
        () if tools.plan.cut.sign(&found.marks).is_sheet() => Fate::Separator,
        () if found.blank => Fate::Blank,
        () if signs.separator => Fate::Separator,
        () => Fate::Published,
    };
    let image = found
        .image
        .filter(|_| fate == Fate::Published && !scan.signed);
    let words = match fate {
        Fate::Published => Some(spool_words(&found.text, &spool)?),
        Fate::Blank | Fate::Separator | Fate::Rejected => None,
    };
    Ok(ReadPage {
        file,
        pages_in_file: scan.page_range().len() as u32,
        index,
        fate,
        of_signed_file: scan.signed,
        sketch: found.sketch.filter(|_| fate == Fate::Published),
        outline: Outline::of(&found.text, signs),
        // On a sheet that parts dossiers a frame is a frame.
        stamped: found.secrecy.filter(|_| fate == Fate::Published),
        words,
        scan: scan.sha256,
        textless: found.textless,
        reading: match (found.from_text_layer, found.read_otherwise) {
            (true, _) => Reading::TextLayer,
            (false, true) => Reading::WholePage,
            (false, false) => effort.reading(),
        },
        dpi_estimated: found.dpi_estimated,
        orientation: found.orientation,
        stored_dpi: found.stored_dpi,
        image: image.map(|without_bytes| SpooledImage {
            without_bytes,
            path: spool,
        }),
    })
}

/// Puts a page's words beside its image; the place where they lie.
fn spool_words(text: &PageText, spool: &Path) -> Result<PathBuf, PageFault> {
    let path = spool.with_added_extension("words");
    let bytes = serde_json::to_vec(text).expect("words have only string keys");
    match fs::write(&path, bytes) {
        Ok(()) => Ok(path),
        Err(cause) => Err(PageFault::Stop(PackageFault::at(&path)(cause).into())),
    }
}

/// Tries again with less where the engine, and not the page, gave up.
fn read_as_well_as_possible(
    scan: &ScanFile,
    index: u32,
    spool: &Path,
    tools: &Tools<'_>,
) -> Result<(PageFound, Effort), PageFault> {
    let mut efforts = Effort::ALL.into_iter().peekable();
    while let Some(effort) = efforts.next() {
        let task = PageTask {
            scan,
            index,
            spool,
            effort,
        };
        match tools.reader.read_page(&task) {
            Ok(found) => return Ok((found, effort)),
            Err(ReadFault::Recognize(fault))
                if fault.may_pass_with_less() && efforts.peek().is_some() => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    unreachable!("the last effort returns")
}

impl From<ReadFault> for PageFault {
    fn from(fault: ReadFault) -> Self {
        match fault {
            ReadFault::Intake(fault) => PageFault::Page(Box::new(fault)),
            ReadFault::Recognize(fault) if fault.stops_the_run() => PageFault::Stop(fault.into()),
            ReadFault::Recognize(fault) => PageFault::Page(Box::new(fault)),
            ReadFault::Spool { path, cause } => {
                PageFault::Stop(PackageFault::at(&path)(cause).into())
            }
        }
    }
}

impl ReadPage {
    /// This page as it is told, without a word of it.
    pub fn seen(&self) -> PageSeen {
        PageSeen {
            fate: self.fate,
            reading: self.reading,
            confidence_pct: self.outline.confidence,
        }
    }

    /// The degree of secrecy stamped on it.
    pub fn secrecy(&self) -> Option<Secrecy> {
        self.outline.signs.secrecy.max(self.stamped)
    }

    /// This page as split sees it.
    pub fn to_split(&self) -> PageToSplit {
        let side = match self.fate {
            Fate::Published if self.of_signed_file => Side::Kept,
            Fate::Published => Side::Written(self.outline.signs),
            Fate::Separator => Side::Separator,
            Fate::Blank | Fate::Rejected => Side::Blank,
        };
        PageToSplit {
            side,
            source: self.file as u32,
            pages_in_source: self.pages_in_file,
        }
    }

    /// True for a published page that lists the dossier's papers.
    pub fn lists(&self) -> bool {
        self.fate == Fate::Published && self.outline.signs.lists
    }

    /// This page as assemble sees it.
    pub fn to_assemble<'a>(&self, text: &'a PageText) -> AssemblePage<'a> {
        AssemblePage {
            source_sha256: self.scan,
            source_page: self.index + 1,
            orientation: self.orientation,
            dpi: self.stored_dpi,
            text,
        }
    }

    /// The words of a published page, read back from the spool.
    pub fn text(&self) -> Result<PageText, PackageFault> {
        let path = self.words.as_ref();
        let path = path.expect("split puts only published pages into documents");
        let bytes = fs::read(path).map_err(PackageFault::at(path))?;
        serde_json::from_slice(&bytes).map_err(|fault| PackageFault::BadRecord {
            path: path.clone(),
            cause: fault.to_string(),
        })
    }

    /// The image of a page that is assembled, read back from the spool.
    pub fn image(&self) -> Result<EncodedImage, PackageFault> {
        let image = self.image.as_ref();
        image
            .expect("only published pages of files that are not kept are assembled")
            .get()
    }

    /// What the manifest says of this page once it stands in a document.
    pub fn published(
        &self,
        document: u32,
        page: u32,
        image_sha256: Option<Digest>,
        text_sha256: Digest,
    ) -> PublishedPage {
        PublishedPage {
            document,
            page,
            width_px: self.outline.width_px,
            height_px: self.outline.height_px,
            dpi: self.outline.dpi,
            dpi_estimated: self.dpi_estimated,
            turn_deg: u32::from(self.orientation.quarter_turns) * 90,
            words: self.outline.words,
            confidence_pct: self.outline.confidence,
            reading: self.reading,
            image_sha256,
            text_sha256,
        }
    }
}

/// An encoded image whose bytes wait on the disk, so that a dossier's pages do not fill the memory.
struct SpooledImage {
    without_bytes: EncodedImage,
    path: PathBuf,
}

impl SpooledImage {
    fn get(&self) -> Result<EncodedImage, PackageFault> {
        let bytes = fs::read(&self.path).map_err(PackageFault::at(&self.path))?;
        Ok(EncodedImage {
            bytes,
            ..self.without_bytes.clone()
        })
    }
}
