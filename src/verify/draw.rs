//! A random sample of pages for a person's eyes, which every auditor draws alike.
//!
//! What a machine can recompute is recomputed for all pages; whether the right paper was
//! scanned only eyes can see. Each published page gets the SHA-256 of the text
//! `sohoa.sample.v1 <seed> <dossier> <document> <page>` (ASCII, single spaces, no line end); the
//! pages with the smallest digests are the sample. So the draw hangs on the seed and the pages' names
//! alone: not on the machine, the order of the manifest, or what was signed or renewed since, and
//! `sha256sum` repeats it. The seed should be named by the receiver after the delivery.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

use crate::model::manifest::DossierRecord;
use crate::model::{Digest, DossierCode};

/// How much is drawn: a share of the pages, rounded up to a whole page, or a number of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleSize {
    /// So many pages of a million.
    PerMillion(u32),
    /// So many pages.
    Pages(u64),
}

/// The text is neither a share nor a number of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a share such as 2% or 0.5% (at most 100%, four decimals) nor a number of pages")]
pub struct NotASampleSize;

impl FromStr for SampleSize {
    type Err = NotASampleSize;

    /// `2%`, `0.5%`, `0,5%` or `200`. Kept as whole numbers: two machines must not round apart.
    fn from_str(text: &str) -> Result<Self, NotASampleSize> {
        let Some(share) = text.trim().strip_suffix('%') else {
            let pages = text.trim().parse().map_err(|_| NotASampleSize)?;
            return (pages > 0)
                .then_some(Self::Pages(pages))
                .ok_or(NotASampleSize);
        };
        let share = share.trim_end().replace(',', ".");
        let (whole, fraction) = share.split_once('.').unwrap_or((&share, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if fraction.len() > 4 || whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(NotASampleSize);
        }
        let per_million: u32 = format!("{whole}{fraction:0<4}")
            .parse()
            .map_err(|_| NotASampleSize)?;
        match per_million {
            1..=1_000_000 => Ok(Self::PerMillion(per_million)),
            _ => Err(NotASampleSize),
        }
    }
}

impl fmt::Display for SampleSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages(pages) => write!(f, "{pages}"),
            Self::PerMillion(share) => {
                let text = format!("{}.{:04}", share / 10_000, share % 10_000);
                let text = text.trim_end_matches('0').trim_end_matches('.');
                write!(f, "{text}%")
            }
        }
    }
}

impl SampleSize {
    /// Pages to draw from so many.
    fn of(self, population: u64) -> u64 {
        match self {
            Self::Pages(pages) => pages.min(population),
            Self::PerMillion(share) => {
                let exact = u128::from(population) * u128::from(share);
                u64::try_from(exact.div_ceil(1_000_000)).unwrap_or(population)
            }
        }
    }
}

/// What to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// How much.
    pub size: SampleSize,
    /// The number that decides which.
    pub seed: u64,
}

/// One page to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DrawnPage {
    /// The document, below the package's folder.
    pub path: String,
    /// Page of it, from 1.
    pub page: u32,
    /// The scan it came from, as the sender named it.
    pub source: String,
    /// Page of that scan, from 1.
    pub source_page: u32,
}

/// The sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// How the pages were drawn: always `sohoa.sample.v1`.
    pub method: &'static str,
    /// The seed.
    pub seed: u64,
    /// How much was asked for, such as `2%`.
    pub size: String,
    /// Published pages that it was drawn from.
    pub population: u64,
    /// The pages drawn, by path and page.
    pub pages: Vec<DrawnPage>,
}

/// The method's name, which also begins every text that is hashed.
const METHOD: &str = "sohoa.sample.v1";

/// Pages as they come by, each with its digest: some 90 bytes a page.
pub(super) struct Urn {
    draw: Draw,
    pages: Vec<Candidate>,
}

/// A page that may be drawn; the names of its document and scan are shared with other pages.
struct Candidate {
    digest: Digest,
    path: Arc<str>,
    page: u32,
    source: Arc<str>,
    source_page: u32,
}

impl Candidate {
    fn drawn(self) -> DrawnPage {
        DrawnPage {
            path: self.path.as_ref().to_owned(),
            page: self.page,
            source: self.source.as_ref().to_owned(),
            source_page: self.source_page,
        }
    }
}

impl Urn {
    /// An empty urn.
    pub fn new(draw: Draw) -> Self {
        let pages = Vec::new();
        Self { draw, pages }
    }

    /// Puts in the published pages of one packaged dossier.
    pub fn add(&mut self, code: &DossierCode, record: &DossierRecord) {
        let shared = |text: String| -> Arc<str> { text.into() };
        let names: Vec<Arc<str>> = (record.sources.iter())
            .map(|source| shared(source.name.clone()))
            .collect();
        let paths: HashMap<u32, Arc<str>> = (record.documents.iter())
            .map(|one| (one.n, shared(format!("dossiers/{code}/{}", one.file))))
            .collect();
        for record_of_page in &record.pages {
            let Some(place) = &record_of_page.published else {
                continue;
            };
            let path = paths.get(&place.document);
            let source = (record_of_page.source as usize).checked_sub(1);
            let source = source.and_then(|index| names.get(index));
            // A page without document or source breaks the rules of a line, which are told (V16).
            if let (Some(path), Some(source)) = (path, source) {
                let (n, page) = (place.document, place.page);
                let text = format!("{METHOD} {} {code} {n} {page}", self.draw.seed);
                self.pages.push(Candidate {
                    digest: Digest::of(text.as_bytes()),
                    path: path.clone(),
                    page,
                    source: source.clone(),
                    source_page: record_of_page.source_page,
                });
            }
        }
    }

    /// Draws.
    pub fn drawn(mut self) -> Drawn {
        let population = self.pages.len() as u64;
        let wanted = self.draw.size.of(population) as usize;
        self.pages.sort_by_key(|page| page.digest);
        self.pages.truncate(wanted);
        let mut pages: Vec<DrawnPage> = self.pages.into_iter().map(Candidate::drawn).collect();
        pages.sort_by(|a, b| (&a.path, a.page).cmp(&(&b.path, b.page)));
        Drawn {
            method: METHOD,
            seed: self.draw.seed,
            size: self.draw.size.to_string(),
            population,
            pages,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_exactly_and_round_up_to_a_whole_page() {
        let size = |text: &str| text.parse::<SampleSize>();
        assert_eq!(size("2%"), Ok(SampleSize::PerMillion(20_000)));
        assert_eq!(size("0,5 %"), Ok(SampleSize::PerMillion(5_000)));
        assert_eq!(size("0.0001%"), Ok(SampleSize::PerMillion(1)));
        assert_eq!(size("100%"), Ok(SampleSize::PerMillion(1_000_000)));
        assert_eq!(size("12"), Ok(SampleSize::Pages(12)));
        for wrong in [
            "0", "0%", "101%", "-1%", "%", "x", "", ".5%", "1.23456%", "1e2%",
        ] {
            assert_eq!(size(wrong), Err(NotASampleSize), "{wrong}");
        }
        let two = SampleSize::PerMillion(20_000);
        assert_eq!([0, 1, 50, 51, 1_000].map(|n| two.of(n)), [0, 1, 1, 2, 20]);
        assert_eq!(SampleSize::Pages(12).of(5), 5);
        assert_eq!(SampleSize::PerMillion(5_000).to_string(), "0.5%");
        assert_eq!(SampleSize::PerMillion(1_000_000).to_string(), "100%");
    }
}
