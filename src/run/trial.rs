//! A dossier taken only as far as its descriptions, by the steps of the road itself.
//!
//! This is what `sohoa evaluate` measures: nothing is assembled, sealed or kept.

use super::fault::Halt;
use super::page::ReadPage;
use super::road::{self, Trip};
use super::streams::Lot;
use super::{RunFault, Tools, document, review};
use crate::messages;
use crate::model::manifest::Reason;
use crate::model::{Confidence, Description, Flag, PageText};
use crate::stages::intake::Entry;
use crate::stages::package::Store;
use crate::stages::split::Piece;

/// One document of a trial.
pub struct TriedDocument {
    /// Its pages: name of the file below the dossier, index in it from 0.
    pub pages: Vec<(String, u32)>,
    /// The words of each.
    pub words: Vec<PageText>,
    /// How sure its borders are.
    pub split_confidence: Confidence,
    /// Type, fields and role.
    pub description: Description,
    /// Why a person looks at it.
    pub waits_for: Vec<Flag>,
}

/// How a trial ended.
pub enum Tried {
    /// All documents of the dossier in order.
    Described(Vec<TriedDocument>),
    /// What a run would set it aside for.
    SetAside(Vec<Reason>),
}

/// Reads, cuts and describes one dossier; `store` is where its pages wait meanwhile.
///
/// An error is one that would stop a run.
pub fn describe(entry: &Entry, tools: &Tools<'_>, store: &Store) -> Result<Tried, RunFault> {
    let lot = Lot::whole(entry.clone());
    match try_describe(&lot, tools, store) {
        Ok(documents) => Ok(Tried::Described(documents)),
        Err(Halt::SetAside(faults)) => {
            let reasons = faults.iter();
            let reasons = reasons.map(|(place, fault)| messages::reason(fault.as_ref(), place));
            Ok(Tried::SetAside(reasons.collect()))
        }
        Err(Halt::StopTheRun(fault)) => Err(fault),
        Err(Halt::Left) => unreachable!("nobody asks a trial to end"),
    }
}

fn try_describe(lot: &Lot, tools: &Tools<'_>, store: &Store) -> Result<Vec<TriedDocument>, Halt> {
    let mut survey = lot.survey(&tools.plan.intake, &store.unpacked())?;
    road::open_files(&lot.entry, &mut survey, tools);
    let code = road::admit(lot, &survey, tools)?;
    let draft = store.draft(&code)?;
    let trip = Trip {
        entry: &lot.entry,
        survey: &survey,
        code: &code,
        draft: &draft,
        signer: None,
        tools,
    };
    let pages = road::clean_and_recognize(&trip)?;
    road::hold_back_secrets(&trip, &pages)?;
    let cuts = road::split(&trip, &pages)?;
    let descriptions = road::describe(&trip, &pages, &cuts)?;
    let documents = cuts.iter().zip(descriptions);
    let documents =
        documents.map(|(cut, description)| tried(&trip, &pages, &cut.piece, description));
    documents.collect()
}

fn tried(
    trip: &Trip<'_>,
    pages: &[ReadPage],
    piece: &Piece,
    description: Description,
) -> Result<TriedDocument, Halt> {
    let pages: Vec<&ReadPage> = piece.pages.iter().map(|&place| &pages[place]).collect();
    let place = |page: &&ReadPage| (trip.survey.files[page.file].name.clone(), page.index);
    Ok(TriedDocument {
        pages: pages.iter().map(place).collect(),
        words: document::texts_of(&pages)?,
        split_confidence: piece.confidence,
        waits_for: review::flags(
            &description,
            Some(piece.confidence),
            &trip.tools.plan.review,
        ),
        description,
    })
}
