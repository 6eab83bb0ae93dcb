//! READING: how much of what is printed was read, counted in letters, words and lines.
//!
//! [`score_page`] judges a page, [`of_dossier`] all pages of a dossier whose text is known, [`Readings`] adds up by
//! profile and by type of paper.

mod distance;
mod page;
mod plain;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use super::calibration::Calibration;
use super::judge::{DossierJudgement, FoundDocument};
use super::score::{Figure, Share};
use super::truth::Truth;
use crate::model::PageText;

pub use page::score_page;

/// Sums over pages. Letters are counted as they are compared: shapes of quotes and dashes made one, dot
/// leaders taken out, one space a gap.
#[derive(Clone, Debug, Default)]
pub struct ReadingScore {
    /// Pages whose text is known, blank backs among them.
    pub pages: u64,
    /// Letters of the true lines.
    pub truth_chars: u64,
    /// Letters to change, to put in and to take out; all letters of a line that was missed.
    pub errors: u64,
    /// The same once tone and vowel marks are taken off both.
    pub errors_without_marks: u64,
    /// Words of the true lines.
    pub words: u64,
    /// Words to change, to put in and to take out; all words of a line that was missed.
    pub wrong_words: u64,
    /// True lines.
    pub lines: u64,
    /// Those of which more than half would have to be changed.
    pub lines_missed: u64,
    /// Letters read that no true line claimed.
    pub invented_chars: u64,
    /// What the confidences of the words read in place of true lines are worth.
    pub calibration: Calibration,
}

impl ReadingScore {
    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.pages += other.pages;
        self.truth_chars += other.truth_chars;
        self.errors += other.errors;
        self.errors_without_marks += other.errors_without_marks;
        self.words += other.words;
        self.wrong_words += other.wrong_words;
        self.lines += other.lines;
        self.lines_missed += other.lines_missed;
        self.invented_chars += other.invented_chars;
        self.calibration.add_all(&other.calibration);
    }

    /// The figures of a report in their order. Errors and inventions are held against what is printed, so
    /// that they may come to more than 1.
    pub fn figures(&self) -> [Figure; 6] {
        let of = |part, whole| Share { part, whole }.value();
        let figure = |id, vi, en, value| Figure { id, vi, en, value };
        let chars = self.truth_chars;
        [
            figure("cer", "sai chữ cái", "CER", of(self.errors, chars)),
            figure(
                "cer_without_marks",
                "bỏ dấu",
                "no marks",
                of(self.errors_without_marks, chars),
            ),
            figure("wer", "sai từ", "WER", of(self.wrong_words, self.words)),
            figure(
                "lines_missed",
                "sót dòng",
                "missed",
                of(self.lines_missed, self.lines),
            ),
            figure(
                "invented",
                "bịa thêm",
                "invented",
                of(self.invented_chars, chars),
            ),
            figure(
                "word_calibration_error",
                "lệch tin cậy",
                "conf. error",
                self.calibration.error(),
            ),
        ]
    }
}

/// One page of the truth and how it was read.
#[derive(Clone, Debug)]
pub struct PageReading {
    /// The type of the document that it is of.
    pub kind: String,
    /// What was counted on it.
    pub score: ReadingScore,
}

/// How the pages of a dossier were read whose text is known. A page that stands in no document was not read;
/// on a blank back everything is invented.
pub fn of_dossier(truth: &Truth, found: &[FoundDocument]) -> Vec<PageReading> {
    let documents = found.iter();
    let read = documents.flat_map(|document| document.pages.iter().zip(&document.words));
    let read: BTreeMap<_, &PageText> = read
        .map(|((file, index), words)| ((file.as_str(), *index), words))
        .collect();
    let nothing = PageText::default();
    let mut pages = Vec::new();
    for document in &truth.documents {
        for page in &document.pages {
            let Some(lines) = page.true_lines() else {
                continue;
            };
            let words = read.get(&(page.file.as_str(), page.index));
            pages.push(PageReading {
                kind: document.kind.clone(),
                score: score_page(lines, words.unwrap_or(&&nothing)),
            });
        }
    }
    pages
}

/// What was read of all dossiers, of each profile and of each type.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// All pages whose text is known.
    pub all: ReadingScore,
    /// By the way of scanning, where the set says it.
    pub profiles: BTreeMap<String, ReadingScore>,
    /// By the type of the document that a page is of.
    pub types: BTreeMap<String, ReadingScore>,
}

impl Readings {
    /// Adds up; `None` where the truth tells no line of any page.
    pub fn of(dossiers: &[DossierJudgement]) -> Option<Self> {
        let mut readings = Self::default();
        for dossier in dossiers {
            for page in &dossier.reading {
                readings.add(dossier.profile.as_deref(), page);
            }
        }
        (readings.all.lines > 0).then_some(readings)
    }

    fn add(&mut self, profile: Option<&str>, page: &PageReading) {
        self.all.add(&page.score);
        if let Some(profile) = profile {
            let of_profile = self.profiles.entry(profile.to_owned());
            of_profile.or_default().add(&page.score);
        }
        let of_type = self.types.entry(page.kind.clone());
        of_type.or_default().add(&page.score);
    }
}
