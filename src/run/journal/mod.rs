//! The run history, `OUT/runs`: what each run found, did and left.
//!
//! `journal.jsonl` is appended to and forced to the disk at every dossier that ended
//! (129 µs, measured; reading one page takes a thousand times that). It never decides
//! alone whether a dossier is done: that is said by the records in the package. It serves
//! `sohoa status`, the expected speed, and whoever asks what was open when a run died.
//! A dossier that ends as the history already says is only counted, so that nights
//! without work add a few lines and not one a dossier.

mod history;
mod line;
mod standing;

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use time::{OffsetDateTime, UtcOffset};

use super::events::{Event, Way, Ways};
use super::{Plan, RunFault};
use crate::model::manifest::{DossierRecord, iso_8601};
use crate::model::{Coded, Digest};
use crate::stages::package::{PackageFault, durable, owner};

pub use history::{History, RunSeen, Seen, last_listing};
pub use line::{Ended, Entry, RunBegan, RunEnded};
pub use standing::Standing;

/// The folder of the history below OUT.
pub const RUNS: &str = "runs";
const JOURNAL: &str = "journal.jsonl";
const LISTING: &str = "listing.jsonl";

/// Reasons of one dossier that are written in full: a box of five thousand bad pages must
/// not fill the history with the same words.
const REASONS_IN_FULL: usize = 10;
/// Counted dossiers are written down at least so often, so that `status` sees the run move.
const COUNTED_AT_MOST: u64 = 256;

/// The history that a run writes.
pub struct Journal {
    run: String,
    path: PathBuf,
    began: Instant,
    state: Mutex<State>,
}

struct State {
    file: File,
    /// Length of the file up to its last whole line.
    whole_bytes: u64,
    history: History,
    /// Dossiers that ended as the history says, not yet written down.
    unchanged: u64,
    pages_read: u64,
    reading_ms: u64,
    signing_ms: u64,
    /// The streams that were cut in this run.
    streams: Vec<String>,
    /// What kept an event from being written down, until the run is told.
    fault: Option<PackageFault>,
}

/// What a run says of itself when it begins.
pub struct Beginning<'a> {
    /// When.
    pub at: OffsetDateTime,
    /// The drop folder.
    pub drop: &'a Path,
    /// Entries found in it.
    pub entries: u64,
    /// What it does.
    pub plan: &'a Plan,
}

impl Journal {
    /// Opens the history of a package that this run owns, cuts off what a killed run left
    /// half written, and writes down that a run began.
    pub fn begin(out: &Path, beginning: &Beginning<'_>) -> Result<Self, PackageFault> {
        let folder = out.join(RUNS);
        durable::create_folder(&folder)?;
        let plan = keep_plan(&folder, beginning.plan)?;
        let path = folder.join(JOURNAL);
        let history = History::read(out).map_err(PackageFault::at(&path))?;
        let file = open_behind(&path, &history).map_err(PackageFault::at(&path))?;
        durable::sync_folder(&folder)?;
        let began = run_began(beginning, plan);
        let journal = Self {
            run: began.run.clone(),
            path,
            began: Instant::now(),
            state: Mutex::new(State {
                file,
                whole_bytes: history.whole_bytes,
                history,
                unchanged: 0,
                pages_read: 0,
                reading_ms: 0,
                signing_ms: 0,
                streams: Vec::new(),
                fault: None,
            }),
        };
        journal.write(Entry::RunBegan(began), true)?;
        Ok(journal)
    }

    /// Writes down the names of all dossiers found, so that `status` knows which wait.
    pub fn listed(&self, names: &[&str]) -> Result<(), PackageFault> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        write_listing(folder, names)?;
        for folder in self.pieces_gone(names) {
            self.write(Entry::Forgotten { folder }, false)?;
        }
        Ok(())
    }

    /// This run's name.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// What was mended when the history was opened, where anything was.
    pub fn mended(&self) -> Option<Event<'static>> {
        self.with(|state| {
            let (cut_bytes, damaged_lines) =
                (state.history.torn_bytes, state.history.damaged_lines);
            (cut_bytes + damaged_lines > 0).then_some(Event::HistoryMended {
                cut_bytes,
                damaged_lines,
            })
        })
    }

    /// Hears of what happens; what cannot be written is told by the next [`Self::ended`].
    pub fn hear(&self, event: Event<'_>) {
        match event {
            Event::Taken { folder, key, pages } => {
                let folder = folder.to_owned();
                let written = self.write(Entry::Taken { folder, key, pages }, false);
                if let Err(fault) = written {
                    self.with(|state| state.fault.get_or_insert(fault).code());
                }
            }
            Event::PageRead { ms, .. } => self.with(|state| {
                state.pages_read += 1;
                state.reading_ms += ms;
            }),
            Event::Signed { ms, .. } => self.with(|state| state.signing_ms += ms),
            Event::StreamCut { stream, .. } => {
                self.with(|state| state.streams.push(stream.to_owned()));
            }
            _ => {}
        }
    }

    /// Writes down how a dossier ended.
    pub fn ended(&self, way: Way, record: &DossierRecord, ms: u64) -> Result<(), PackageFault> {
        if let Some(fault) = self.with(|state| state.fault.take()) {
            return Err(fault);
        }
        if self.is_known(way, record) {
            let counted = self.with(|state| {
                state.unchanged += 1;
                state.unchanged
            });
            return if counted < COUNTED_AT_MOST {
                Ok(())
            } else {
                self.write_unchanged()
            };
        }
        let mut codes = BTreeMap::new();
        for reason in record.told() {
            *codes.entry(reason.code.clone()).or_default() += 1;
        }
        let ended = Ended {
            folder: record.folder.clone(),
            key: record.content_key,
            way,
            pages: record.pages.len() as u64,
            ms,
            codes,
            reasons: record.told().take(REASONS_IN_FULL).cloned().collect(),
        };
        self.write(Entry::Ended(ended), true)
    }

    /// Writes down that a dossier was opened and left.
    pub fn left(&self, folder: &str) -> Result<(), PackageFault> {
        let folder = folder.to_owned();
        self.write(Entry::Left { folder }, false)
    }

    /// Writes down how the run ended.
    pub fn end(
        &self,
        how: &str,
        ways: Option<Ways>,
        at: OffsetDateTime,
    ) -> Result<(), PackageFault> {
        let ended = self.with(|state| RunEnded {
            run: self.run.clone(),
            at: iso_8601(at),
            how: how.to_owned(),
            ways,
            pages_read: state.pages_read,
            ms: self.began.elapsed().as_millis() as u64,
            reading_ms: state.reading_ms,
            signing_ms: state.signing_ms,
        });
        self.write_unchanged()?;
        self.write(Entry::RunEnded(ended), true)
    }

    /// Streams that were cut, and pieces of them that were cut otherwise before.
    fn pieces_gone(&self, names: &[&str]) -> Vec<String> {
        let names: HashSet<&str> = names.iter().copied().collect();
        self.with(|state| {
            let pieces = state
                .streams
                .iter()
                .flat_map(|stream| state.history.pieces_of(stream));
            let gone = pieces.filter(|piece| !names.contains(piece.as_str()));
            gone.cloned().collect()
        })
    }

    /// True where the history says the same already.
    fn is_known(&self, way: Way, record: &DossierRecord) -> bool {
        let stands = |way| way != Way::SetAside;
        self.with(|state| {
            let known = state.history.end_of(&record.folder);
            known.is_some_and(|known| {
                known.key.is_some()
                    && known.key == record.content_key
                    && stands(known.way) == stands(way)
                    && way != Way::Packaged
            })
        })
    }

    fn write_unchanged(&self) -> Result<(), PackageFault> {
        match self.with(|state| std::mem::take(&mut state.unchanged)) {
            0 => Ok(()),
            dossiers => self.write(Entry::Unchanged { dossiers }, false),
        }
    }

    fn write(&self, entry: Entry, durably: bool) -> Result<(), PackageFault> {
        let line = entry.to_line();
        let written = self.with(|state| {
            if let Err(error) = state.file.write_all(&line) {
                // On a full disk half of it may stand there; a line behind that would be lost.
                let _ = state.file.set_len(state.whole_bytes);
                return Err(error);
            }
            state.whole_bytes += line.len() as u64;
            state.history.take(entry);
            if durably {
                state.file.sync_data()
            } else {
                Ok(())
            }
        });
        written.map_err(PackageFault::at(&self.path))
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `complete`, why it ended early, or the code of the fault that stopped it.
pub fn how_it_ended(outcome: Result<Option<super::StopReason>, &RunFault>) -> &'static str {
    match outcome {
        Ok(None) => "complete",
        Ok(Some(super::StopReason::Interrupt)) => "interrupt",
        Ok(Some(super::StopReason::Terminate)) => "terminate",
        Ok(Some(super::StopReason::Window)) => "window",
        Err(fault) => fault.code(),
    }
}

fn open_behind(path: &Path, history: &History) -> io::Result<File> {
    let file = OpenOptions::new().append(true).create(true).open(path)?;
    if history.torn_bytes > 0 {
        file.set_len(history.whole_bytes)?;
    }
    Ok(file)
}

/// Keeps the plan as it was used, under its digest: a watched folder begins many runs a
/// day with the same plan. Gives its name.
fn keep_plan(folder: &Path, plan: &Plan) -> Result<String, PackageFault> {
    let text = toml::to_string(plan).expect("a plan is TOML");
    let name = format!("plan-{}.toml", Digest::of(text.as_bytes()).short());
    put(folder, &name, text.as_bytes())?;
    Ok(name)
}

/// A JSON string a line; only those of the last run are kept.
fn write_listing(folder: &Path, names: &[&str]) -> Result<(), PackageFault> {
    let lines = names.iter().map(|name| {
        let name = serde_json::to_string(name).expect("a name is a string");
        name + "\n"
    });
    put(folder, LISTING, lines.collect::<String>().as_bytes())
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), PackageFault> {
    let (half, whole) = (folder.join(format!("{name}.new")), folder.join(name));
    if std::fs::read(&whole).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    durable::write_new(&half, bytes)?;
    durable::rename(&half, &whole)
}

fn run_began(beginning: &Beginning<'_>, plan: String) -> RunBegan {
    let pid = std::process::id();
    let utc = beginning.at.to_offset(UtcOffset::UTC);
    let format = time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
    let time = utc
        .format(&format)
        .expect("the format needs only what every time has");
    RunBegan {
        run: format!("{time}-{pid}"),
        at: iso_8601(beginning.at),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        plan_sha256: beginning.plan.digest(),
        plan,
        drop: beginning.drop.display().to_string(),
        dossiers: beginning.entries,
        host: owner::host(),
        pid,
    }
}

#[cfg(test)]
mod tests;
