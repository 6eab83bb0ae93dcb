//! One page of the road: taken out of its scan, cleaned, read; its image spooled for assembly.

use std::fs;
use std::path::PathBuf;

use super::{RunFault, Tools};
use crate::formats::raster::{Dpi, EncodedImage};
use crate::model::manifest::{Fate, PublishedPage};
use crate::model::{Coded, Confidence, Digest, Orientation, PageText};
use crate::stages::assemble::{AssemblePage, PageDigests};
use crate::stages::clean::{self, CleanPage};
use crate::stages::intake::{ScanFile, Survey};
use crate::stages::package::{Draft, PackageFault};
use crate::stages::recognize::{PageKey, Picture, RecognizeFault};
use crate::stages::split::{PageToSplit, Side};

/// A page that was read.
pub struct ReadPage {
    /// Index of its file in the survey, from 0.
    pub file: usize,
    /// Pages in that file.
    pub pages_in_file: u32,
    /// Index of the page in the file, from 0.
    pub index: u32,
    /// Whether it stands in a document.
    pub fate: Fate,
    /// What was read.
    pub text: PageText,
    scan: Digest,
    dpi_estimated: bool,
    orientation: Orientation,
    stored_dpi: Dpi,
    /// Of a published page only: no other stands in a file.
    image: Option<SpooledImage>,
}

/// Every page of the dossier in order: index of its file in the survey, index in that file.
pub fn places(survey: &Survey) -> impl Iterator<Item = (usize, u32)> {
    let files = survey.files.iter().enumerate();
    files.flat_map(|(file, scan)| (0..scan.pages).map(move |index| (file, index)))
}

/// Why a page was not read.
pub enum PageFault {
    /// This page cannot be read: its dossier is set aside.
    Page(Box<dyn Coded + Send>),
    /// No page can be read: the run stops.
    Stop(RunFault),
}

/// Takes out, cleans and reads one page.
pub fn read(
    scan: &ScanFile,
    file: usize,
    index: u32,
    draft: &Draft,
    tools: &Tools<'_>,
) -> Result<ReadPage, PageFault> {
    let scanned = scan
        .load_page(index, &tools.plan.intake)
        .map_err(|fault| PageFault::Page(Box::new(fault)))?;
    let page = clean::clean(&scanned.raster, &tools.plan.clean);
    let key = PageKey {
        scan: scan.sha256,
        index,
    };
    let (page, text) = if page.blank {
        let text = empty_text(&page);
        (page, text)
    } else {
        read_upright(page, key, tools).map_err(|fault| match fault.stops_the_run() {
            true => PageFault::Stop(fault.into()),
            false => PageFault::Page(Box::new(fault)),
        })?
    };
    let fate = match () {
        () if page.blank => Fate::Blank,
        () if tools.describer.is_separator(&text) => Fate::Separator,
        () => Fate::Published,
    };
    let spool = draft.spool(&format!("{file}-{index}"));
    let image = (fate == Fate::Published)
        .then(|| SpooledImage::put(scanned.image, spool))
        .transpose()
        .map_err(|fault| PageFault::Stop(fault.into()))?;
    Ok(ReadPage {
        file,
        pages_in_file: scan.pages,
        index,
        fate,
        text,
        scan: scan.sha256,
        dpi_estimated: page.dpi_estimated,
        orientation: page.orientation,
        stored_dpi: stored_dpi(&page),
        image,
    })
}

/// Pages with fewer words may lie on their side unseen. (Measured: trying all four ways on
/// every doubtful page cost a tenth more CPU on 42 pages and mended none of them.)
const FEW_WORDS: usize = 100;

/// Reads a page; one that reads badly is tried the other ways up, and the best reading is kept.
///
/// Clean sees whether lines run across the page, but not which end is up, and on a
/// page of a few words not even that: only the letters tell.
fn read_upright(
    page: CleanPage,
    key: PageKey,
    tools: &Tools<'_>,
) -> Result<(CleanPage, PageText), RecognizeFault> {
    let sure_enough = Confidence::from_pct(tools.plan.recognize.doubt_below_pct);
    let text = tools.engine.read(&picture(&page, key))?;
    if text.confidence() >= sure_enough {
        return Ok((page, text));
    }
    // Where there are many words, clean has seen which way the lines run.
    let turns: &[u8] = if text.words.len() < FEW_WORDS {
        &[2, 1, 3]
    } else {
        &[2]
    };
    let mut better: Option<(CleanPage, PageText)> = None;
    for &quarter_turns in turns {
        let turned = page.turned(quarter_turns);
        let turned_text = tools.engine.read(&picture(&turned, key))?;
        let best_text = better.as_ref().map_or(&text, |(_, text)| text);
        if sureness(&turned_text) > sureness(best_text) {
            let found = turned_text.confidence() >= sure_enough;
            better = Some((turned, turned_text));
            if found {
                break;
            }
        }
    }
    Ok(better.unwrap_or((page, text)))
}

/// Letters read, weighed by confidence: a page read upright has many sure ones.
fn sureness(text: &PageText) -> usize {
    let weigh = |word: &crate::model::Word| {
        word.text.chars().filter(|c| c.is_alphanumeric()).count()
            * usize::from(word.confidence.pct())
    };
    text.words.iter().map(weigh).sum()
}

fn picture(page: &CleanPage, key: PageKey) -> Picture<'_> {
    Picture {
        key,
        pixels: &page.reading,
        dpi: page.reading_dpi,
        to_page: page.to_page,
        page_width_px: page.width_px,
        page_height_px: page.height_px,
        page_dpi: page.dpi,
    }
}

/// Resolution along the axes of the stored image, from that of the upright page.
fn stored_dpi(page: &CleanPage) -> Dpi {
    let Dpi { x, y } = page.axes_dpi;
    if page.orientation.swaps_sides() {
        Dpi { x: y, y: x }
    } else {
        Dpi { x, y }
    }
}

fn empty_text(page: &CleanPage) -> PageText {
    PageText {
        width_px: page.width_px,
        height_px: page.height_px,
        dpi: page.dpi,
        words: vec![],
    }
}

impl ReadPage {
    /// This page as split sees it.
    pub fn to_split(&self) -> PageToSplit<'_> {
        let side = match self.fate {
            Fate::Published => Side::Written(&self.text),
            Fate::Separator => Side::Separator,
            Fate::Blank | Fate::Rejected => Side::Blank,
        };
        PageToSplit {
            side,
            source: self.file as u32,
            pages_in_source: self.pages_in_file,
        }
    }

    /// This page as assemble sees it.
    pub fn to_assemble(&self) -> AssemblePage<'_> {
        AssemblePage {
            source_sha256: self.scan,
            source_page: self.index + 1,
            orientation: self.orientation,
            dpi: self.stored_dpi,
            text: &self.text,
        }
    }

    /// The image of a published page, read back from the spool.
    pub fn image(&self) -> Result<EncodedImage, PackageFault> {
        let image = self.image.as_ref();
        image
            .expect("split puts only published pages into documents")
            .get()
    }

    /// What the manifest says of this page once it stands in a document.
    pub fn published(&self, document: u32, page: u32, digests: PageDigests) -> PublishedPage {
        PublishedPage {
            document,
            page,
            width_px: self.text.width_px,
            height_px: self.text.height_px,
            dpi: self.text.dpi,
            dpi_estimated: self.dpi_estimated,
            turn_deg: u32::from(self.orientation.quarter_turns) * 90,
            words: self.text.words.len() as u32,
            confidence_pct: self.text.confidence(),
            image_sha256: digests.image_sha256,
            text_sha256: digests.text_sha256,
        }
    }
}

/// An encoded image whose bytes wait on the disk, so that a dossier's pages do not fill the memory.
struct SpooledImage {
    without_bytes: EncodedImage,
    path: PathBuf,
}

impl SpooledImage {
    fn put(mut image: EncodedImage, path: PathBuf) -> Result<Self, PackageFault> {
        let bytes = std::mem::take(&mut image.bytes);
        fs::write(&path, bytes).map_err(PackageFault::at(&path))?;
        Ok(Self {
            without_bytes: image,
            path,
        })
    }

    fn get(&self) -> Result<EncodedImage, PackageFault> {
        let bytes = fs::read(&self.path).map_err(PackageFault::at(&self.path))?;
        Ok(EncodedImage {
            bytes,
            ..self.without_bytes.clone()
        })
    }
}
