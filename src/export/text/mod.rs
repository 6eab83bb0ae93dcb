//! ALTO 4 and hOCR: the words of each document and their places, a file a document.
//!
//! They come back from the text layer of the PDF by the auditor's own reader ([`crate::verify::words`]), and
//! only where their text is the one whose digest the manifest holds. A document that was kept as it came
//! has no layer of ours: its words stand without places, from the text beside it.

mod alto;
mod hocr;

use std::path::Path;

use super::Exporter;
use super::fault::{ExportFault, FieldFault, Refused};
use super::staged::{Staged, write_new};
use super::subject::Subject;
use crate::model::Digest;
use crate::model::manifest::{DocumentRecord, DossierRecord, PublishedPage};
use crate::verify;
use crate::verify::delivery::Delivery;
use crate::verify::words::{PageWords, words};

/// The forms of words with places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// ALTO 4.
    Alto,
    /// hOCR 1.2.
    Hocr,
}

/// A folder of text files in the making.
pub struct Texts<'d> {
    delivery: &'d Delivery,
    staged: Staged,
    form: Form,
}

impl<'d> Texts<'d> {
    /// An empty folder.
    pub fn new(delivery: &'d Delivery, target: &Path, form: Form) -> Result<Self, ExportFault> {
        let staged = Staged::at(target)?;
        staged.folder()?;
        Ok(Self {
            delivery,
            staged,
            form,
        })
    }

    fn pages(&self, subject: &Subject<'_>, at: usize) -> Result<Vec<Page>, Refused> {
        let dossier = subject.dossier;
        let document = &dossier.record.documents[at];
        let published = published(&dossier.record, document);
        let (words, placed) = match &document.text {
            Some(text) => {
                let path = format!("dossiers/{}/{}", dossier.code, text.file);
                let bytes = self
                    .delivery
                    .read(&path, verify::PDF_BYTES)
                    .map_err(ExportFault::from)?;
                (beside(&bytes), false)
            }
            None => {
                let bytes = self
                    .delivery
                    .read(&dossier.files[at].path, verify::PDF_BYTES);
                (words(&bytes.map_err(ExportFault::from)?), true)
            }
        };
        let words = words.filter(|words| fits(words, &published));
        let words = words.ok_or_else(|| FieldFault::NoWords {
            place: subject.place(Some(at)),
        })?;
        let pages = words.into_iter().zip(published);
        Ok(pages
            .map(|(words, published)| Page::of(&words, published, placed))
            .collect())
    }
}

fn published<'r>(record: &'r DossierRecord, document: &DocumentRecord) -> Vec<&'r PublishedPage> {
    let pages = record
        .pages
        .iter()
        .filter_map(|page| page.published.as_ref());
    let mut pages: Vec<_> = pages.filter(|page| page.document == document.n).collect();
    pages.sort_by_key(|page| page.page);
    pages
}

/// True where the words are those that the manifest speaks of.
fn fits(words: &[PageWords], published: &[&PublishedPage]) -> bool {
    let same = |(words, page): (&PageWords, &&PublishedPage)| {
        Digest::of(words.plain().as_bytes()) == page.text_sha256
    };
    words.len() == published.len() && words.iter().zip(published).all(same)
}

/// The text beside a kept document: a form feed between two pages, words by spaces.
fn beside(bytes: &[u8]) -> Option<Vec<PageWords>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let page = |page: &str| {
        let line = |line: &str| {
            let words = line.split(' ').filter(|word| !word.is_empty());
            words.map(unplaced).collect()
        };
        let lines = page.split('\n').filter(|_| !page.is_empty());
        PageWords {
            lines: lines.map(line).collect(),
            ..PageWords::default()
        }
    };
    Some(text.split('\x0c').map(page).collect())
}

fn unplaced(word: &str) -> verify::words::PlacedWord {
    verify::words::PlacedWord {
        text: word.to_owned(),
        left: 0.0,
        top: 0.0,
        right: 0.0,
        bottom: 0.0,
    }
}

/// A page with its words in pixels of the upright page.
struct Page {
    width_px: u32,
    height_px: u32,
    dpi: u32,
    sure_pct: u8,
    lines: Vec<Vec<BoxedWord>>,
}

struct BoxedWord {
    text: String,
    /// Nothing where the place is not known.
    bounds: Option<Bounds>,
}

/// A box in pixels, from the upper left corner of the upright page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Bounds {
    fn around(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// The box around the words of a line, or around lines.
fn around<'w>(words: impl IntoIterator<Item = &'w BoxedWord>) -> Option<Bounds> {
    let bounds = words.into_iter().filter_map(|word| word.bounds);
    bounds.reduce(Bounds::around)
}

impl Page {
    fn of(words: &PageWords, published: &PublishedPage, placed: bool) -> Self {
        let (width_px, height_px) = (published.width_px, published.height_px);
        let scale = |units: f64, whole: f64, px: u32| {
            let px = f64::from(px);
            // `as` saturates: what lies beyond the page is brought to its edge.
            (units / whole * px).round().clamp(0.0, px) as u32
        };
        let boxed = |word: &verify::words::PlacedWord| BoxedWord {
            text: word.text.clone(),
            bounds: placed.then(|| Bounds {
                left: scale(word.left, words.width, width_px),
                top: scale(word.top, words.height, height_px),
                right: scale(word.right, words.width, width_px),
                bottom: scale(word.bottom, words.height, height_px),
            }),
        };
        let lines = words.lines.iter().filter(|line| !line.is_empty());
        Self {
            width_px,
            height_px,
            dpi: published.dpi,
            sure_pct: published.confidence_pct.pct(),
            lines: lines.map(|line| line.iter().map(boxed).collect()).collect(),
        }
    }
}

impl Exporter for Texts<'_> {
    fn add(&mut self, subject: &Subject<'_>) -> Result<(), Refused> {
        let (mut all, mut faults) = (Vec::new(), Vec::new());
        for at in 0..subject.documents().len() {
            match self.pages(subject, at) {
                Ok(pages) => all.push(pages),
                Err(Refused::Fields(found)) => faults.extend(found),
                Err(whole) => return Err(whole),
            }
        }
        if !faults.is_empty() {
            return Err(Refused::Fields(faults));
        }
        let folder = self.staged.path().join(subject.dossier.code.as_str());
        for (name, pages) in subject.names.iter().zip(&all) {
            let stem = name.strip_suffix(".pdf").unwrap_or(name);
            let (bytes, ending) = match self.form {
                Form::Alto => (alto::file(name, pages), "alto.xml"),
                Form::Hocr => (hocr::file(name, pages), "hocr.html"),
            };
            write_new(&folder.join(format!("{stem}.{ending}")), &bytes)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExportFault> {
        self.staged.put()
    }
}
