//! What people corrected is put in force on the road: cuts before documents are described, types and
//! fields before the dossier is looked at as a whole.
//!
//! Documents are numbered as the program itself cut them, which is the same in every run over the
//! same scans; so a correction stays true whatever else was corrected. Later ones outrank earlier ones.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::correction::{Change, Correction};
use crate::model::document::{Cue, Evidence};
use crate::model::{Coded, Confidence, Describer, Description, DossierCode, Field, Params, PxBox};
use crate::stages::split::Piece;

/// The rule of a value that a person gave.
const BY_PERSON: &str = "person";

/// Corrections of all dossiers.
#[derive(Debug, Default)]
pub struct Corrections(BTreeMap<DossierCode, Vec<Correction>>);

/// Why corrections cannot be put in force.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionsFault {
    /// A type that the table does not know.
    #[error("dossier {dossier}, document {document}: no type `{id}`")]
    UnknownType {
        /// The dossier.
        dossier: DossierCode,
        /// The document.
        document: u32,
        /// The type's id.
        id: String,
    },
}

impl Coded for CorrectionsFault {
    fn code(&self) -> &'static str {
        "REV-010"
    }

    fn params(&self) -> Params {
        let Self::UnknownType {
            dossier,
            document,
            id,
        } = self;
        Params::from([
            ("dossier", dossier.to_string()),
            ("document", document.to_string()),
            ("type", id.clone()),
        ])
    }
}

impl Corrections {
    /// These corrections, in the order in which people made them.
    pub fn of_all(
        all: Vec<Correction>,
        describer: &dyn Describer,
    ) -> Result<Self, CorrectionsFault> {
        let mut by_dossier: BTreeMap<DossierCode, Vec<Correction>> = BTreeMap::new();
        for correction in all {
            if let Change::Type { new, .. } = &correction.change
                && describer.named(new).is_none()
            {
                return Err(CorrectionsFault::UnknownType {
                    dossier: correction.dossier,
                    document: correction.document,
                    id: new.clone(),
                });
            }
            let of_dossier = by_dossier.entry(correction.dossier.clone()).or_default();
            // The words are for the model; the road needs to know only what is right.
            of_dossier.push(Correction {
                page: None,
                ..correction
            });
        }
        Ok(Self(by_dossier))
    }

    /// Those of one dossier.
    pub fn of(&self, code: &DossierCode) -> &[Correction] {
        self.0.get(code).map_or(&[], Vec::as_slice)
    }
}

/// A document as people cut it, and as the program had.
pub struct Cut {
    /// Its pages.
    pub piece: Piece,
    /// Its number as the program had cut it; none where a person cut it off from another.
    number: Option<u32>,
    /// Who looked at it, of several the last; none where nobody did.
    pub looked_at_by: Option<String>,
}

/// Cuts the pages as people said. A document `kept` as it came is never cut nor joined.
pub fn recut(
    pieces: Vec<Piece>,
    corrections: &[Correction],
    kept: impl Fn(usize) -> bool,
) -> Vec<Cut> {
    let numbered = pieces.iter().zip(1..);
    let numbers: BTreeMap<usize, u32> = numbered.map(|(piece, n)| (piece.pages[0], n)).collect();
    let mut firsts: BTreeSet<usize> = numbers.keys().copied().collect();
    let mut said: BTreeMap<usize, &str> = BTreeMap::new();
    for correction in corrections {
        let Change::Cut { page, new, .. } = correction.change else {
            continue;
        };
        let Some(place) = place_of(&pieces, correction.document, page) else {
            continue;
        };
        if kept(place) || place == pieces[0].pages[0] {
            continue;
        }
        said.insert(place, &correction.by);
        match new {
            true => firsts.insert(place),
            false => firsts.remove(&place),
        };
    }
    let mut cuts: Vec<Cut> = Vec::new();
    for piece in pieces {
        for place in piece.pages {
            match cuts.last_mut().filter(|_| !firsts.contains(&place)) {
                Some(cut) => {
                    cut.piece.pages.push(place);
                    cut.piece.confidence = cut.piece.confidence.min(piece.confidence);
                }
                None => cuts.push(Cut {
                    piece: Piece {
                        pages: vec![place],
                        confidence: piece.confidence,
                        listed: piece.listed.filter(|_| numbers.contains_key(&place)),
                    },
                    number: numbers.get(&place).copied(),
                    looked_at_by: None,
                }),
            }
        }
    }
    for cut in &mut cuts {
        let of_cut = cut.piece.pages.iter().filter_map(|place| said.get(place));
        let of_document = cut.own(corrections).map(|correction| &*correction.by);
        let who = of_document.last().or(of_cut.copied().last());
        cut.looked_at_by = who.map(str::to_owned);
    }
    cuts
}

impl Cut {
    /// The corrections of this very document.
    fn own<'c>(&self, corrections: &'c [Correction]) -> impl Iterator<Item = &'c Correction> {
        let number = self.number;
        let all = corrections.iter();
        all.filter(move |correction| Some(correction.document) == number)
    }
}

fn place_of(pieces: &[Piece], document: u32, page: u32) -> Option<usize> {
    let piece = pieces.get(document.checked_sub(1)? as usize)?;
    piece.pages.get(page.checked_sub(1)? as usize).copied()
}

/// Puts corrected types and values into what the program found.
pub fn amend(
    cut: &Cut,
    description: &mut Description,
    corrections: &[Correction],
    describer: &dyn Describer,
) {
    for correction in cut.own(corrections) {
        match &correction.change {
            Change::Type { new, .. } => {
                let evidence = description.kind.evidence.take();
                let mut kind = describer.named(new).expect("checked when they were read");
                kind.evidence = evidence;
                kind.cues = vec![Cue {
                    id: BY_PERSON.to_owned(),
                    weight: 0,
                    evidence: None,
                }];
                description.kind = kind;
            }
            Change::Field { id, new, .. } => match new {
                Some(value) => give(description, id, value),
                None => drop(description.fields.remove(id)),
            },
            Change::Cut { .. } => {}
        }
    }
}

/// The value as a person gave it; it keeps the place where the program had read another.
fn give(description: &mut Description, id: &str, value: &str) {
    let read_at = description.fields.remove(id).map(|field| field.evidence);
    let nowhere = || Evidence {
        page: 1,
        bounds: PxBox {
            x_px: 0,
            y_px: 0,
            w_px: 0,
            h_px: 0,
        },
        read: String::new(),
    };
    let field = Field {
        value: value.to_owned(),
        confidence: Confidence::CERTAIN,
        evidence: read_at.unwrap_or_else(nowhere),
        rule: BY_PERSON.to_owned(),
        alternatives: Vec::new(),
        repaired: 0,
    };
    description.fields.insert(id.to_owned(), field);
}

/// The dossier's corrections as they enter its content key.
pub fn spoken(corrections: &[Correction]) -> String {
    corrections.iter().map(Correction::line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(lengths: &[usize]) -> Vec<Piece> {
        let mut place = 0;
        let piece = |&length: &usize| {
            let pages: Vec<usize> = (place..place + length).collect();
            place += length;
            let confidence = Confidence::from_pct(60);
            Piece {
                pages,
                confidence,
                listed: None,
            }
        };
        lengths.iter().map(piece).collect()
    }

    fn correction(document: u32, change: Change) -> Correction {
        Correction {
            by: "can.bo.1".to_owned(),
            at: "2026-11-22T09:00:00+07:00".to_owned(),
            dossier: "H10.12-221013-0001".parse().expect("a code"),
            document,
            change,
            page: None,
        }
    }

    fn begins(document: u32, page: u32, new: bool) -> Correction {
        let change = Change::Cut {
            page,
            old: !new,
            new,
        };
        correction(document, change)
    }

    fn pages(cuts: &[Cut]) -> Vec<Vec<usize>> {
        cuts.iter().map(|cut| cut.piece.pages.clone()).collect()
    }

    #[test]
    fn a_document_is_cut_where_a_person_says_and_joined_where_not() {
        let said = [begins(1, 3, true), begins(2, 1, false)];
        let cuts = recut(pieces(&[4, 2, 1]), &said, |_| false);
        assert_eq!(pages(&cuts), [vec![0, 1], vec![2, 3, 4, 5], vec![6]]);
        let numbers: Vec<Option<u32>> = cuts.iter().map(|cut| cut.number).collect();
        assert_eq!(numbers, [Some(1), None, Some(3)]);
        let seen: Vec<bool> = cuts.iter().map(|cut| cut.looked_at_by.is_some()).collect();
        assert_eq!(seen, [true, true, false]);
    }

    #[test]
    fn who_changes_their_mind_has_the_last_word() {
        let said = [begins(1, 2, true), begins(1, 2, false)];
        assert_eq!(pages(&recut(pieces(&[3]), &said, |_| false)), [[0, 1, 2]]);
    }

    #[test]
    fn what_is_kept_as_it_came_is_not_cut_and_what_is_not_there_changes_nothing() {
        let said = [begins(1, 2, true), begins(9, 1, false), begins(0, 0, true)];
        assert_eq!(pages(&recut(pieces(&[3]), &said, |_| true)), [[0, 1, 2]]);
        assert!(recut(Vec::new(), &said, |_| false).is_empty());
    }

    proptest! {
        #[test]
        fn every_page_stays_in_exactly_one_document(
            lengths in proptest::collection::vec(1..5usize, 1..6),
            said in proptest::collection::vec((0..8u32, 0..6u32, any::<bool>()), 0..12),
        ) {
            let said: Vec<Correction> = said.into_iter().map(|(n, page, new)| begins(n, page, new)).collect();
            let cuts = recut(pieces(&lengths), &said, |_| false);
            let all: Vec<usize> = (0..lengths.iter().sum()).collect();
            prop_assert_eq!(pages(&cuts).concat(), all);
            prop_assert!(cuts.iter().all(|cut| !cut.piece.pages.is_empty()));
        }
    }
}
