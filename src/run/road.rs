//! The road: how one dossier travels from the drop folder into the package.
//!
//! Read [`package_dossier`] first: the stages in order. Whatever goes wrong with
//! one dossier ends in a record that says why; only what no dossier could survive
//! (engine, key, disk) stops the run.

use std::time::Instant;

use rayon::prelude::*;

use super::corrections::{self, Cut};
use super::document::{self, Made};
use super::events::{Event, Way};
use super::fault::{DossierFault, Halt, Placed};
use super::page::{self, PageFault, ReadPage};
use super::streams::Lot;
use super::{RunFault, Tools, record};
use crate::formats::signer::Signer;
use crate::model::correction::Correction;
use crate::model::manifest::{DossierRecord, Fate, Reason, SealRecord};
use crate::model::{
    Coded, Description, Digest, Digester, DossierCode, DossierFacts, ListedPaper, Retry,
};
use crate::stages::intake::{Entry, ScanFile, Survey};
use crate::stages::package::{Draft, Shelf, Store};
use crate::stages::split::{self, PageToSplit};

/// How a dossier ended, with the record that stands in the manifest.
pub struct Ending {
    /// How it ended in this run.
    pub way: Way,
    /// What the manifest says of it.
    pub record: DossierRecord,
}

/// A dossier on the road.
pub struct Trip<'a> {
    /// Where it came from.
    pub entry: &'a Entry,
    /// What lies there.
    pub survey: &'a Survey,
    /// Its code.
    pub code: &'a DossierCode,
    /// Its folder in the making.
    pub draft: &'a Draft,
    /// Who signs its files; absent where they wait for signature.
    pub signer: Option<&'a dyn Signer>,
    /// What the run works with.
    pub tools: &'a Tools<'a>,
}

impl<'a> Trip<'a> {
    /// What people know better of this dossier.
    fn corrections(&self) -> &'a [Correction] {
        self.tools.corrections.of(self.code)
    }
}

/// Takes one dossier down the road; `None` where the run was asked to end before it did.
///
/// An error is one that stops the run.
pub fn travel(lot: &Lot, tools: &Tools<'_>, store: &Store) -> Result<Option<Ending>, RunFault> {
    let entry = &lot.entry;
    let mut survey = lot.survey(&tools.plan.intake, &store.unpacked())?;
    let key = content_key(lot, &survey, tools);
    if let Some(ending) = ended_before(entry, key, store.shelf(), tools.signer) {
        return Ok(Some(ending));
    }
    match package_dossier(lot, &mut survey, key, tools, store) {
        Ok(ending) => {
            store.no_longer_set_aside(&entry.name)?;
            Ok(Some(ending))
        }
        Err(Halt::SetAside(faults)) => {
            set_aside(record::set_aside(entry, &survey, key, &faults), store).map(Some)
        }
        Err(Halt::StopTheRun(fault)) => Err(fault),
        Err(Halt::Left) => Ok(None),
    }
}

/// How an earlier run ended with the same scans, plan and software, where trying again gives the same.
pub fn ended_before(
    entry: &Entry,
    key: Digest,
    shelf: &Shelf,
    signer: Option<&dyn Signer>,
) -> Option<Ending> {
    let code = entry.code.parse().ok();
    let done = code.and_then(|code| shelf.already_done(&code, key));
    if let Some(record) = done.filter(|record| is_signed_by(record, signer)) {
        return Some(Ending {
            way: way_of(&record, Way::AlreadyDone),
            record,
        });
    }
    let record = shelf.already_set_aside(&entry.name, key)?;
    let for_good = |reason: &Reason| reason.retry == Retry::Never;
    record.reasons.iter().all(for_good).then_some(Ending {
        way: Way::SetAside,
        record,
    })
}

/// Sets a dossier aside whose work panicked: a bug of ours must not cost the night.
pub fn set_aside_after_bug(entry: &Entry, store: &Store) -> Result<Ending, RunFault> {
    set_aside(record::after_bug(entry), store)
}

fn set_aside(record: DossierRecord, store: &Store) -> Result<Ending, RunFault> {
    store.set_aside(&record)?;
    Ok(Ending {
        way: Way::SetAside,
        record,
    })
}

fn package_dossier(
    lot: &Lot,
    survey: &mut Survey,
    key: Digest,
    tools: &Tools<'_>,
    store: &Store,
) -> Result<Ending, Halt> {
    let entry = &lot.entry;
    open_files(entry, survey, tools);
    let pages = page::places(survey).count() as u64;
    (tools.report)(Event::Taken {
        folder: &entry.name,
        key,
        pages,
    });
    let code = admit(lot, survey, tools)?;
    let _share = tools.stop.take_on(pages).ok_or(Halt::Left)?;
    let draft = store.draft(&code)?;
    let kept = keep_scans(entry, survey, &draft, tools)?;
    let trip = Trip {
        entry,
        survey,
        code: &code,
        draft: &draft,
        signer: tools.signer,
        tools,
    };
    let pages = clean_and_recognize(&trip)?;
    hold_back_secrets(&trip, &pages)?;
    let cuts = split(&trip, &pages)?;
    let descriptions = describe(&trip, &pages, &cuts)?;
    let documents = signed_or_waiting(&trip, &pages, &cuts, &descriptions)?;
    let record = record::packaged(&trip, key, kept, &pages, documents);
    draft.finish(&record)?;
    Ok(Ending {
        way: way_of(&record, Way::Packaged),
        record,
    })
}

/// A dossier that waits for a person does so every night, until one looked.
fn way_of(record: &DossierRecord, without_review: Way) -> Way {
    match record.review.is_empty() {
        true => without_review,
        false => Way::WaitingForReview,
    }
}

/// Every file opened and its pages counted, but for those that were when their stream was cut.
pub fn open_files(entry: &Entry, survey: &mut Survey, tools: &Tools<'_>) {
    if survey.files.iter().any(|scan| scan.kind.is_some()) {
        return;
    }
    let files = &survey.files;
    let open = |scan: &ScanFile| tools.reader.open_file(scan);
    let contents = tools.pool.install(|| files.par_iter().map(open).collect());
    survey.take_contents(entry, contents);
}

/// The dossier's code, where its name holds one and nothing that lies there speaks against it.
pub fn admit(lot: &Lot, survey: &Survey, tools: &Tools<'_>) -> Result<DossierCode, Halt> {
    let entry = &lot.entry;
    if let Some(fault) = &lot.fault {
        return Err(Halt::set_aside(&entry.name, fault.clone()));
    }
    if entry.is_stream {
        // What kept it from being cut stands in the survey.
        return Err(Halt::SetAside(Vec::new()));
    }
    let today = (tools.now)().date();
    match DossierFault::code_of(&entry.code, today) {
        Ok(code) if survey.faults.is_empty() => Ok(code),
        // The survey's own faults are told in any case.
        Ok(_) => Err(Halt::SetAside(Vec::new())),
        Err(fault) => Err(Halt::set_aside(&entry.name, fault)),
    }
}

/// SHA-256 over everything that decides the result but the signatures: equal keys mean equal
/// bytes before signing. Who signed is told by the record, so that files signed later stay done.
pub fn content_key(lot: &Lot, survey: &Survey, tools: &Tools<'_>) -> Digest {
    let entry = &lot.entry;
    let engine = tools.reader.identity();
    let mut key = Digester::new();
    let mut say = |words: &str| {
        key.update(&(words.len() as u64).to_be_bytes());
        key.update(words.as_bytes());
    };
    say(concat!("sohoa ", env!("CARGO_PKG_VERSION")));
    say(&engine.name);
    say(&engine.model.to_string());
    say(&tools.plan.digest().to_string());
    say(&tools.describer.identity());
    if let Ok(code) = entry.code.parse() {
        say(&corrections::spoken(tools.corrections.of(&code)));
    }
    // The record tells all of these, so a dossier that was moved is told anew.
    say(&entry.name);
    say(&entry.code);
    for (label, value) in &entry.labels {
        say(label);
        say(value);
    }
    for archive in &survey.containers {
        say(&archive.name);
        say(&archive.sha256.to_string());
    }
    for (place, fault) in &survey.faults {
        say(place);
        say(fault.code());
    }
    for file in &survey.files {
        say(&file.name);
        say(&file.sha256.to_string());
        if file.is_part() {
            say(&format!("pages {:?}", file.page_range()));
        }
    }
    if let Some(fault) = &lot.fault {
        say(&fault.to_string());
    }
    key.finish()
}

/// Copies the scans beside the documents where the plan says so; the copies' names in page order.
///
/// Pages are read from the copies then: the drop may be a share at the end of a weak line.
/// Of a stream's file no copy is kept: it holds other people's dossiers too.
fn keep_scans(
    entry: &Entry,
    survey: &mut Survey,
    draft: &Draft,
    tools: &Tools<'_>,
) -> Result<Vec<Option<String>>, Halt> {
    if !tools.plan.package.keep_scans {
        return Ok(vec![None; survey.files.len()]);
    }
    let keep = |scan: &mut ScanFile| match draft.keep_scan(&scan.path, &scan.name, scan.sha256) {
        Ok(kept) => {
            scan.path = draft.path_of(&kept);
            Ok(Some(kept))
        }
        Err(fault) if fault.stops_the_run() => Err(fault.into()),
        Err(fault) => Err(Halt::set_aside(entry.place_of(&scan.name), fault)),
    };
    let keep_own = |scan: &mut ScanFile| match scan.is_part() {
        true => Ok(None),
        false => keep(scan),
    };
    survey.files.iter_mut().map(keep_own).collect()
}

/// Every page cleaned and read, all pages of all open dossiers side by side.
pub(super) fn clean_and_recognize(trip: &Trip<'_>) -> Result<Vec<ReadPage>, Halt> {
    let places: Vec<(usize, u32)> = page::places(trip.survey).collect();
    let read = |&(file, index): &(usize, u32)| {
        let scan = &trip.survey.files[file];
        let began = Instant::now();
        let page = page::read(scan, file, index, trip.draft, trip.tools);
        if !matches!(page, Err(PageFault::NotBegun)) {
            trip.tools.stop.page_was_read();
            (trip.tools.report)(Event::PageRead {
                folder: &trip.entry.name,
                scan: &scan.name,
                page: index + 1,
                found: page.as_ref().ok().map(ReadPage::seen),
                ms: began.elapsed().as_millis() as u64,
            });
        }
        page.map_err(|fault| (place(trip, scan), fault))
    };
    let pages = trip
        .tools
        .pool
        .install(|| places.par_iter().map(read).collect());
    all_or_reasons(trip, pages)
}

/// All pages, or everything that is wrong with any of them.
fn all_or_reasons(
    trip: &Trip<'_>,
    results: Vec<Result<ReadPage, (String, PageFault)>>,
) -> Result<Vec<ReadPage>, Halt> {
    let mut pages = Vec::with_capacity(results.len());
    let mut faults: Vec<Placed> = Vec::new();
    for result in results {
        match result {
            Ok(page) => pages.push(page),
            Err((_, PageFault::Stop(fault))) => return Err(Halt::StopTheRun(fault)),
            Err((_, PageFault::NotBegun)) => return Err(Halt::Left),
            Err((place, PageFault::Page(fault))) => faults.push((place, fault)),
        }
    }
    let written = pages.iter().any(|page| page.fate == Fate::Published);
    match () {
        () if !faults.is_empty() => Err(Halt::SetAside(faults)),
        () if !written => Err(Halt::set_aside(
            &trip.entry.name,
            DossierFault::NothingWritten,
        )),
        () => Ok(pages),
    }
}

/// Sets a dossier aside in which a page bears a stamp of secrecy. Until here its words lie in the
/// draft's spool alone, which goes with the draft.
pub(super) fn hold_back_secrets(trip: &Trip<'_>, pages: &[ReadPage]) -> Result<(), Halt> {
    let stamped = pages.iter().filter_map(|page| {
        let fault = DossierFault::Secret {
            level: page.secrecy()?,
            page: page.index + 1,
        };
        let scan = &trip.survey.files[page.file];
        Some((place(trip, scan), Box::new(fault) as Box<_>))
    });
    let stamped: Vec<Placed> = stamped.collect();
    match stamped.is_empty() {
        true => Ok(()),
        false => Err(Halt::SetAside(stamped)),
    }
}

/// For each document its pages, and how sure its borders are.
pub(super) fn split(trip: &Trip<'_>, pages: &[ReadPage]) -> Result<Vec<Cut>, Halt> {
    let to_split: Vec<PageToSplit> = pages.iter().map(ReadPage::to_split).collect();
    let kept = |place: usize| pages[place].of_signed_file;
    let pieces = split::split_listed(&to_split, &listed_papers(trip, pages)?);
    Ok(corrections::recut(pieces, trip.corrections(), kept))
}

/// What the dossier's own list says of its papers: the mục lục, which counts sheets, before the giấy tiếp nhận.
fn listed_papers(trip: &Trip<'_>, pages: &[ReadPage]) -> Result<Vec<ListedPaper>, Halt> {
    let mut longest: Vec<ListedPaper> = Vec::new();
    for page in pages.iter().filter(|page| page.lists()) {
        let listed = trip.tools.describer.listed(&page.text()?);
        let counts = |list: &[ListedPaper]| list.iter().any(|paper| paper.sheets.is_some());
        if (counts(&listed), listed.len()) > (counts(&longest), longest.len()) {
            longest = listed;
        }
    }
    Ok(longest)
}

/// What is known of each document: of each by itself first, then of all of them together.
pub(super) fn describe(
    trip: &Trip<'_>,
    pages: &[ReadPage],
    cuts: &[Cut],
) -> Result<Vec<Description>, Halt> {
    let describer = trip.tools.describer;
    let one = |cut: &Cut| {
        let mut description = document::describe(trip, &pages_of(cut, pages), cut.piece.listed)?;
        corrections::amend(cut, &mut description, trip.corrections(), describer);
        Ok::<_, Halt>(description)
    };
    let all: Result<Vec<Description>, _> = trip
        .tools
        .pool
        .install(|| cuts.par_iter().map(one).collect());
    let mut descriptions = all?;
    let dossier = DossierFacts {
        code: trip.code,
        labels: &trip.entry.labels,
    };
    describer.conclude(&dossier, &mut descriptions);
    Ok(descriptions)
}

/// True where nothing of the record is left to this signer.
fn is_signed_by(record: &DossierRecord, signer: Option<&dyn Signer>) -> bool {
    let Some(signer) = signer else {
        return true;
    };
    let certificate = Digest::of(signer.certificate_der());
    record
        .documents
        .iter()
        .all(|document| match &document.seal {
            SealRecord::Signed {
                certificate_sha256, ..
            } => *certificate_sha256 == certificate,
            SealRecord::Kept { .. } => true,
            SealRecord::Waiting => false,
        })
}

/// The documents signed, or none of them where the key fails: what was digitised is kept and
/// waits for signature.
fn signed_or_waiting(
    trip: &Trip<'_>,
    pages: &[ReadPage],
    cuts: &[Cut],
    descriptions: &[Description],
) -> Result<Vec<Made>, Halt> {
    let fault = match assemble_and_seal(trip, pages, cuts, descriptions) {
        Err(Halt::StopTheRun(RunFault::Seal(fault))) if fault.is_of_the_key() => fault,
        other => return other,
    };
    (trip.tools.report)(Event::KeyFailed {
        place: &trip.entry.name,
        fault: &fault,
    });
    let waiting = Trip {
        signer: None,
        ..*trip
    };
    assemble_and_seal(&waiting, pages, cuts, descriptions)
}

/// Each document made and put into the draft, in order; side by side, unless the key makes wait:
/// then on this dossier's own thread, so that the threads that read pages go on reading.
fn assemble_and_seal(
    trip: &Trip<'_>,
    pages: &[ReadPage],
    cuts: &[Cut],
    descriptions: &[Description],
) -> Result<Vec<Made>, Halt> {
    let make = |(n, (cut, description)): (usize, (&Cut, &Description))| {
        let (pages, description) = (pages_of(cut, pages), description.clone());
        let (mut document, published) = document::make(trip, n as u32 + 1, &pages, description)?;
        document.split_confidence = Some(cut.piece.confidence);
        document.looked_at_by = cut.looked_at_by.clone();
        Ok((document, published))
    };
    if trip.signer.is_some_and(Signer::makes_wait) {
        return cuts
            .iter()
            .zip(descriptions)
            .enumerate()
            .map(make)
            .collect();
    }
    let documents = cuts.par_iter().zip(descriptions).enumerate();
    trip.tools.pool.install(|| documents.map(make).collect())
}

fn pages_of<'p>(cut: &Cut, pages: &'p [ReadPage]) -> Vec<&'p ReadPage> {
    cut.piece.pages.iter().map(|&place| &pages[place]).collect()
}

fn place(trip: &Trip<'_>, scan: &ScanFile) -> String {
    trip.entry.place_of(&scan.name)
}
