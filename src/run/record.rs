//! What the manifest says of a dossier: from what the stages found to one record.

use crate::messages;
use crate::model::Digest;
use crate::model::manifest::{
    DocumentRecord, DossierRecord, Fate, MANIFEST_VERSION, Outcome, PagePlace, PageRecord, Source,
};
use crate::stages::compare;
use crate::stages::intake::{Entry, Survey};

use super::document::Made;
use super::fault::{DossierFault, Placed};
use super::page::{self, ReadPage};
use super::review;
use super::road::Trip;

/// The record of a dossier whose files stand in the package.
pub fn packaged(
    trip: &Trip<'_>,
    content_key: Digest,
    kept: Vec<Option<String>>,
    pages: &[ReadPage],
    documents: Vec<Made>,
) -> DossierRecord {
    let (documents, published): (Vec<DocumentRecord>, Vec<_>) = documents.into_iter().unzip();
    // Documents hold the written pages in their order, so one stream serves all.
    let mut published = published.into_iter().flatten();
    let twins = twins(pages);
    let pages = pages.iter().zip(twins).map(|(page, twin)| PageRecord {
        source: page.file as u32 + 1,
        source_page: page.index + 1,
        fate: page.fate,
        published: if page.fate == Fate::Published {
            published.next()
        } else {
            None
        },
        same_sheet_as: twin,
    });
    let review = documents.iter().flat_map(|document| {
        let place = trip.entry.place_of(&document.file);
        review::reasons(document, &place, &trip.tools.plan.review)
    });
    DossierRecord {
        v: MANIFEST_VERSION,
        folder: trip.entry.name.clone(),
        review: review.collect(),
        dossier: Some(trip.code.clone()),
        labels: trip.entry.labels.clone(),
        containers: trip.survey.containers.clone(),
        outcome: Outcome::Packaged,
        reasons: Vec::new(),
        content_key: Some(content_key),
        pages: pages.collect(),
        sources: sources(trip.survey, kept),
        ignored: trip.survey.ignored.clone(),
        documents,
    }
}

/// For each page the earlier one that is the same sheet.
fn twins(pages: &[ReadPage]) -> Vec<Option<PagePlace>> {
    let sketches: Vec<_> = pages.iter().map(|page| page.sketch.as_ref()).collect();
    let place = |at: usize| PagePlace {
        source: pages[at].file as u32 + 1,
        source_page: pages[at].index + 1,
    };
    let twins = compare::find_twins(&sketches).into_iter();
    twins.map(|twin| twin.map(place)).collect()
}

/// The record of a dossier that was set aside, with all its files and pages.
pub fn set_aside(
    entry: &Entry,
    survey: &Survey,
    content_key: Digest,
    faults: &[Placed],
) -> DossierRecord {
    let pages = page::places(survey).map(|(file, index)| PageRecord {
        source: file as u32 + 1,
        source_page: index + 1,
        fate: Fate::Rejected,
        published: None,
        same_sheet_as: None,
    });
    let found = survey
        .faults
        .iter()
        .map(|(place, fault)| messages::reason(fault, place));
    let reasons = faults
        .iter()
        .map(|(place, fault)| messages::reason(fault.as_ref(), place));
    DossierRecord {
        content_key: Some(content_key),
        containers: survey.containers.clone(),
        reasons: reasons.chain(found).collect(),
        pages: pages.collect(),
        sources: sources(survey, vec![None; survey.files.len()]),
        ignored: survey.ignored.clone(),
        ..nothing_known(entry)
    }
}

/// The record of a dossier whose work panicked.
pub fn after_bug(entry: &Entry) -> DossierRecord {
    DossierRecord {
        reasons: vec![messages::reason(&DossierFault::Bug, &entry.name)],
        ..nothing_known(entry)
    }
}

fn nothing_known(entry: &Entry) -> DossierRecord {
    DossierRecord {
        v: MANIFEST_VERSION,
        folder: entry.name.clone(),
        dossier: entry.code.parse().ok(),
        labels: entry.labels.clone(),
        containers: entry.containers.clone(),
        outcome: Outcome::SetAside,
        reasons: Vec::new(),
        review: Vec::new(),
        content_key: None,
        sources: Vec::new(),
        ignored: Vec::new(),
        pages: Vec::new(),
        documents: Vec::new(),
    }
}

fn sources(survey: &Survey, kept: Vec<Option<String>>) -> Vec<Source> {
    let files = survey.files.iter().zip(kept);
    let source = |(file, kept): (&crate::stages::intake::ScanFile, Option<String>)| Source {
        name: file.name.clone(),
        sha256: file.sha256,
        bytes: file.bytes,
        pages: file.page_range().len() as u32,
        first_page: file.is_part().then(|| file.page_range().start + 1),
        kept,
    };
    files.map(source).collect()
}
