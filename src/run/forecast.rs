//! What a run would do, without doing it: the drop against the records in the package.
//!
//! Everything is hashed, so what is new, changed or done is exact; files of what is to be
//! done are opened and their pages counted. Neither drop nor package is written to.

use std::path::Path;

use rayon::prelude::*;

use super::fault::Halt;
use super::road::{admit, content_key, ended_before, open_files};
use super::streams::Lot;
use super::{Event, RunFault, Tools, page, record};
use crate::model::manifest::{DossierRecord, Reason};
use crate::stages::intake::{self, Entry};
use crate::stages::package::Shelf;

/// What a run would find to do.
#[derive(Debug, Default)]
pub struct Forecast {
    /// Dossiers never done before.
    pub new: u64,
    /// Dossiers done or set aside before from other scans, by another plan or software.
    pub changed: u64,
    /// Dossiers that stand in the package.
    pub done: u64,
    /// Dossiers set aside before, of which trying again gives the same.
    pub set_aside: u64,
    /// Piles scanned at once: how many dossiers are in them, and which are done, shows only
    /// when they are cut.
    pub streams: u64,
    /// Pages of the dossiers to be done, and of the streams.
    pub pages: u64,
    /// Bytes of their scans.
    pub bytes: u64,
    /// What will be set aside unless somebody acts, with the reasons.
    pub problems: Vec<(String, Vec<Reason>)>,
}

enum Prospect {
    Stream {
        pages: u64,
        bytes: u64,
    },
    ToDo {
        changed: bool,
        pages: u64,
        bytes: u64,
        reasons: Vec<Reason>,
    },
    Done,
    SetAside(Vec<Reason>),
}

/// Says what a run would do with this drop and package.
///
/// Archives are unpacked below `scratch`, which is the caller's to remove.
pub fn foresee(
    drop: &Path,
    out: &Path,
    scratch: &Path,
    tools: &Tools<'_>,
) -> Result<Forecast, RunFault> {
    let listing = intake::list(drop, &tools.plan.intake, scratch)?;
    let entries = listing.entries;
    (tools.report)(Event::Started {
        run: "",
        dossiers: entries.len() as u64,
        passed_over: &listing.passed_over,
    });
    let shelf = Shelf::at(out);
    let each = |entry: Entry| {
        let lot = Lot::whole(entry);
        let prospect = prospect(&lot, &shelf, scratch, tools)?;
        Ok((lot.entry.name, prospect))
    };
    let prospects = || entries.into_par_iter().map(each).collect();
    let prospects: Result<Vec<(String, Prospect)>, RunFault> = tools.pool.install(prospects);
    let mut forecast = Forecast::default();
    for (name, prospect) in prospects? {
        forecast.take(name, prospect);
    }
    Ok(forecast)
}

fn prospect(
    lot: &Lot,
    shelf: &Shelf,
    scratch: &Path,
    tools: &Tools<'_>,
) -> Result<Prospect, RunFault> {
    let entry = &lot.entry;
    let mut survey = intake::survey(entry, &tools.plan.intake, scratch)?;
    let key = content_key(lot, &survey, tools);
    if let Some(ending) = ended_before(entry, key, shelf, tools.signer) {
        return Ok(ended(ending.record));
    }
    open_files(entry, &mut survey, tools);
    let pages = page::places(&survey).count() as u64;
    let bytes = survey.files.iter().map(|file| file.bytes).sum();
    if entry.is_stream && survey.faults.is_empty() {
        return Ok(Prospect::Stream { pages, bytes });
    }
    let faults = match admit(lot, &survey, tools) {
        Err(Halt::SetAside(faults)) => faults,
        _ => Vec::new(),
    };
    let refused = !faults.is_empty() || !survey.faults.is_empty();
    Ok(Prospect::ToDo {
        changed: shelf.knows(&entry.name, &entry.code),
        pages: if refused { 0 } else { pages },
        bytes,
        reasons: record::set_aside(entry, &survey, key, &faults).reasons,
    })
}

fn ended(record: DossierRecord) -> Prospect {
    if record.reasons.is_empty() {
        Prospect::Done
    } else {
        Prospect::SetAside(record.reasons)
    }
}

impl Forecast {
    fn take(&mut self, name: String, prospect: Prospect) {
        let reasons = match prospect {
            Prospect::Done => {
                self.done += 1;
                return;
            }
            Prospect::Stream { pages, bytes } => {
                self.streams += 1;
                self.pages += pages;
                self.bytes += bytes;
                return;
            }
            Prospect::SetAside(reasons) => {
                self.set_aside += 1;
                reasons
            }
            Prospect::ToDo {
                changed,
                pages,
                bytes,
                reasons,
            } => {
                self.new += u64::from(!changed);
                self.changed += u64::from(changed);
                self.pages += pages;
                self.bytes += bytes;
                reasons
            }
        };
        if !reasons.is_empty() {
            self.problems.push((name, reasons));
        }
    }
}
