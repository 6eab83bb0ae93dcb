//! One dossier: what was found beside what is true.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{self, PageReading};
use super::truth::{Truth, TruthDocument};
use crate::model::role::RoleId;
use crate::model::{Confidence, Description, PageText};

/// A page: file below the dossier, index in it from 0.
pub type Place = (String, u32);

/// A document as the program sees it.
pub struct FoundDocument {
    /// Its pages in order.
    pub pages: Vec<Place>,
    /// What was read on each.
    pub words: Vec<PageText>,
    /// How sure its borders are.
    pub split_confidence: Confidence,
    /// Type, fields and role.
    pub description: Description,
    /// Codes of what makes it wait for a person.
    pub waits_for: Vec<String>,
}

/// What the program made of a dossier.
pub enum Outcome {
    /// Its documents in order.
    Described(Vec<FoundDocument>),
    /// Set aside for a stamp of secrecy.
    HeldBack,
    /// Set aside for something else.
    SetAside,
}

/// Borders between documents, counted between written pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Borders {
    /// Found where they are.
    pub right: u64,
    /// Found where there is none.
    pub invented: u64,
    /// Not found.
    pub missed: u64,
}

/// How one field came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As printed.
    Right,
    /// Something else.
    Wrong,
    /// Printed, but not found.
    Missing,
}

/// One printed field.
#[derive(Clone, Debug)]
pub struct FieldJudgement {
    /// Its id.
    pub id: String,
    /// The value printed.
    pub expected: String,
    /// The value found.
    pub found: Option<String>,
    /// How they compare.
    pub verdict: Verdict,
}

/// One true document and what was found of it.
#[derive(Clone, Debug)]
pub struct DocumentJudgement {
    /// Its first written page.
    pub place: Place,
    /// Its written pages.
    pub pages: u64,
    /// True where a document of exactly these pages was found.
    pub cut_right: bool,
    /// Its type.
    pub kind: String,
    /// Types that are as true of it.
    pub also: Vec<String>,
    /// The type found on its first page; absent where the page stands in no document.
    pub found_kind: Option<String>,
    /// How sure the type is.
    pub kind_confidence: Confidence,
    /// How sure the borders are.
    pub split_confidence: Confidence,
    /// The role, and the role found.
    pub role: Option<(RoleId, Option<RoleId>)>,
    /// Its printed fields.
    pub fields: Vec<FieldJudgement>,
    /// Codes of what makes it wait for a person.
    pub flags: Vec<String>,
    /// True where a person will look at it.
    pub flagged: bool,
}

/// One dossier judged.
#[derive(Clone, Debug)]
pub struct DossierJudgement {
    /// Its code.
    pub code: String,
    /// Part of the set and way of scanning, where the set says so.
    pub groups: Vec<String>,
    /// The way of scanning, where the set says it.
    pub profile: Option<String>,
    /// Borders of its documents.
    pub borders: Borders,
    /// Its true documents. None where one of them is stamped secret and the dossier was held back.
    pub documents: Vec<DocumentJudgement>,
    /// How its pages were read whose text is known. None where it was rightly held back.
    pub reading: Vec<PageReading>,
    /// Pages that stand in a document of their type.
    pub pages_right: u64,
    /// True where one of its papers is stamped secret.
    pub secret: bool,
    /// True where it was set aside for a stamp of secrecy.
    pub held_back: bool,
}

/// Fields in which a wrong value misleads whoever searches or files: they make a document wrong.
const DECISIVE: [&str; 3] = ["so_ky_hieu", "ngay_ban_hanh", "ma_ho_so"];

impl DocumentJudgement {
    /// True where pages and type are those of the truth.
    pub fn right(&self) -> bool {
        self.cut_right && self.kind_right()
    }

    /// True where the type is that of the truth.
    pub fn kind_right(&self) -> bool {
        let found = self.found_kind.as_ref();
        found.is_some_and(|found| *found == self.kind || self.also.contains(found))
    }

    /// True where pages, type or a decisive field are not those of the truth. (What is missing
    /// misleads nobody.)
    pub fn wrong(&self) -> bool {
        let misleads = |field: &FieldJudgement| {
            field.verdict == Verdict::Wrong && DECISIVE.contains(&field.id.as_str())
        };
        !self.right() || self.fields.iter().any(misleads)
    }
}

/// Judges what was found of a dossier.
pub fn judge(truth: &Truth, outcome: &Outcome) -> DossierJudgement {
    let held_back = matches!(outcome, Outcome::HeldBack);
    let secret = truth.secrecy.is_some();
    let none = Vec::new();
    let (documents, described): (&[FoundDocument], bool) = match outcome {
        Outcome::Described(documents) => (documents, true),
        Outcome::HeldBack | Outcome::SetAside => (&none, false),
    };
    let found = Found::of(documents, truth);
    let rightly_held_back = secret && held_back;
    let judged = truth.documents.iter().filter(|_| !rightly_held_back);
    let judged: Vec<DocumentJudgement> = judged
        .filter_map(|document| found.judge(document))
        .collect();
    DossierJudgement {
        code: truth.ma_ho_so.clone(),
        groups: [&truth.part, &truth.profile]
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
        profile: truth.profile.clone(),
        reading: match rightly_held_back {
            true => Vec::new(),
            false => reading::of_dossier(truth, documents),
        },
        borders: match described {
            true => found.borders(truth),
            false => Borders::default(),
        },
        pages_right: found.pages_right(truth),
        documents: judged,
        secret,
        held_back,
    }
}

/// What was found, by pages.
struct Found<'a> {
    documents: &'a [FoundDocument],
    blank: BTreeSet<Place>,
    of_page: BTreeMap<&'a Place, usize>,
}

impl<'a> Found<'a> {
    fn of(documents: &'a [FoundDocument], truth: &Truth) -> Self {
        let pages = truth.documents.iter().flat_map(|document| &document.pages);
        let blank = pages.filter(|page| page.blank);
        let numbered = documents.iter().enumerate();
        let of_page = numbered.flat_map(|(n, one)| one.pages.iter().map(move |place| (place, n)));
        Self {
            documents,
            blank: blank.map(|page| (page.file.clone(), page.index)).collect(),
            of_page: of_page.collect(),
        }
    }

    /// A blank back that was taken for a page parts no document; it counts for nothing here.
    fn written_pages(&self, found: &'a FoundDocument) -> BTreeSet<&'a Place> {
        let pages = found.pages.iter();
        pages.filter(|place| !self.blank.contains(place)).collect()
    }

    fn holding(&self, place: &Place) -> Option<&'a FoundDocument> {
        self.of_page.get(place).map(|&n| &self.documents[n])
    }

    /// A document none of whose pages is written is nowhere to be found, and is not judged.
    fn judge(&self, truth: &TruthDocument) -> Option<DocumentJudgement> {
        let pages = written(truth);
        let place = pages.first()?.clone();
        let found = self.holding(&place);
        let description = found.map(|found| &found.description);
        let written_found = found.map(|found| self.written_pages(found));
        let kind_confidence = description.map_or(Confidence::default(), |d| d.kind.confidence);
        let split_confidence = found.map_or(Confidence::default(), |found| found.split_confidence);
        let flags = found.map_or_else(Vec::new, |found| found.waits_for.clone());
        Some(DocumentJudgement {
            pages: pages.len() as u64,
            cut_right: written_found == Some(pages.iter().collect()),
            kind: truth.kind.clone(),
            also: truth.also.clone(),
            found_kind: description.map(|description| description.kind.id.clone()),
            role: truth.role.map(|role| {
                let found = description.and_then(|description| description.role.as_ref());
                (role, found.map(|role| role.id))
            }),
            fields: fields(truth, description),
            flagged: found.is_none() || !flags.is_empty(),
            kind_confidence,
            split_confidence,
            flags,
            place,
        })
    }

    fn borders(&self, truth: &Truth) -> Borders {
        // A document of nothing but blank backs was cut out of the one they belong to.
        let documents = self.documents.iter();
        let of_nothing = documents.filter(|found| self.written_pages(found).is_empty());
        let mut borders = Borders {
            invented: of_nothing.count() as u64,
            ..Borders::default()
        };
        let mut last: Option<(usize, usize)> = None;
        for (n, document) in truth.documents.iter().enumerate() {
            for place in written(document) {
                // A page that stands in no document parts nothing.
                let Some(&found) = self.of_page.get(&place) else {
                    continue;
                };
                if let Some((last_true, last_found)) = last {
                    match (last_true != n, last_found != found) {
                        (true, true) => borders.right += 1,
                        (false, true) => borders.invented += 1,
                        (true, false) => borders.missed += 1,
                        (false, false) => {}
                    }
                }
                last = Some((n, found));
            }
        }
        borders
    }

    fn pages_right(&self, truth: &Truth) -> u64 {
        let right = |document: &TruthDocument| {
            let pages = written(document).into_iter();
            let kinds = pages.filter_map(|place| Some(&self.holding(&place)?.description.kind.id));
            kinds.filter(|kind| document.is(kind)).count() as u64
        };
        truth.documents.iter().map(right).sum()
    }
}

/// The pages of a document that are not blank.
fn written(document: &TruthDocument) -> Vec<Place> {
    let pages = document.pages.iter().filter(|page| !page.blank);
    pages.map(|page| (page.file.clone(), page.index)).collect()
}

fn fields(truth: &TruthDocument, description: Option<&Description>) -> Vec<FieldJudgement> {
    let judge = |(id, expected): (&String, &String)| {
        let found = description.and_then(|description| description.fields.get(id));
        let found = found.map(|field| field.value.clone());
        let verdict = match &found {
            None => Verdict::Missing,
            Some(value) if same(value, expected) => Verdict::Right,
            Some(_) => Verdict::Wrong,
        };
        FieldJudgement {
            id: id.clone(),
            expected: expected.clone(),
            found,
            verdict,
        }
    };
    truth.fields.iter().map(judge).collect()
}

/// Letter for letter; only case and the width of gaps are the printer's.
fn same(found: &str, expected: &str) -> bool {
    let plain = |text: &str| {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.join(" ")
    };
    plain(found) == plain(expected)
}
