//! The run history read back: which runs there were, and how each dossier ended last.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::line::{self, Ended, Entry, RunBegan, RunEnded};
use super::{JOURNAL, LISTING, RUNS};

/// Runs that read fewer pages say nothing of the speed.
const TELLING_PAGES: u64 = 20;
/// So many of the last runs say how fast the next one will be.
const TELLING_RUNS: usize = 5;

/// What the history says.
#[derive(Debug, Default)]
pub struct History {
    /// Every run, the oldest first.
    pub runs: Vec<RunSeen>,
    /// Every dossier that was ever opened or ended, by its name below the drop.
    pub dossiers: BTreeMap<String, Seen>,
    /// Lines that are damaged, but for those at the end.
    pub damaged_lines: u64,
    /// Bytes up to which the lines are whole.
    pub whole_bytes: u64,
    /// Bytes behind those: what a killed run left half written.
    pub torn_bytes: u64,
    suspect_lines: u64,
}

/// One run.
#[derive(Debug)]
pub struct RunSeen {
    /// Its beginning.
    pub began: RunBegan,
    /// Its end; absent while it is at work, and where it was killed.
    pub ended: Option<RunEnded>,
    /// Dossiers that ended in it so far.
    pub dossiers_ended: u64,
}

/// How a dossier stands.
#[derive(Debug)]
pub enum Seen {
    /// It was opened and did not end.
    Open {
        /// Its pages.
        pages: u64,
    },
    /// It was opened and left for the next run.
    Left,
    /// It ended.
    Ended(Box<Ended>),
}

impl History {
    /// Reads the history of a package; one without is empty.
    pub fn read(out: &Path) -> io::Result<Self> {
        let mut history = Self::default();
        let file = match File::open(out.join(RUNS).join(JOURNAL)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(history),
            opened => opened?,
        };
        let mut lines = BufReader::with_capacity(1 << 18, file);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            history.take_line(&line);
            line.clear();
        }
        Ok(history)
    }

    /// A damaged line counts as torn off until a whole one follows it.
    fn take_line(&mut self, line: &[u8]) {
        match line::read(line) {
            None => {
                self.torn_bytes += line.len() as u64;
                self.suspect_lines += 1;
            }
            Some(entry) => {
                self.damaged_lines += std::mem::take(&mut self.suspect_lines);
                self.whole_bytes += std::mem::take(&mut self.torn_bytes) + line.len() as u64;
                if let Some(entry) = entry {
                    self.take(entry);
                }
            }
        }
    }

    /// Takes what happened next.
    pub fn take(&mut self, entry: Entry) {
        match entry {
            Entry::RunBegan(began) => self.runs.push(RunSeen {
                began,
                ended: None,
                dossiers_ended: 0,
            }),
            Entry::Taken { folder, pages, .. } => self.see(folder, Seen::Open { pages }),
            Entry::Left { folder } => self.see(folder, Seen::Left),
            Entry::Forgotten { folder } => {
                self.dossiers.remove(&folder);
            }
            Entry::Ended(ended) => {
                self.count_ended(1);
                self.see(ended.folder.clone(), Seen::Ended(Box::new(ended)));
            }
            Entry::Unchanged { dossiers } => self.count_ended(dossiers),
            Entry::RunEnded(ended) => {
                if let Some(run) = self.runs.last_mut() {
                    run.ended = Some(ended);
                }
            }
        }
    }

    fn see(&mut self, folder: String, seen: Seen) {
        self.dossiers.insert(folder, seen);
    }

    fn count_ended(&mut self, dossiers: u64) {
        if let Some(run) = self.runs.last_mut() {
            run.dossiers_ended += dossiers;
        }
    }

    /// How the dossier ended last, unless it was opened again since.
    pub fn end_of(&self, folder: &str) -> Option<&Ended> {
        match self.dossiers.get(folder)? {
            Seen::Ended(ended) => Some(ended),
            Seen::Open { .. } | Seen::Left => None,
        }
    }

    /// The stream and the pieces of it that the history knows.
    pub fn pieces_of<'a>(&'a self, stream: &'a str) -> impl Iterator<Item = &'a String> {
        let from_there = self.dossiers.range(stream.to_owned()..);
        let names = from_there.map(|(name, _)| name);
        names
            .take_while(move |name| name.starts_with(stream))
            .filter(move |name| matches!(name.as_bytes().get(stream.len()), None | Some(b'/')))
    }

    /// Pages a minute over the last runs that read enough to tell.
    pub fn pages_per_minute(&self) -> Option<f64> {
        let ends = self.runs.iter().rev().filter_map(|run| run.ended.as_ref());
        let telling = ends.filter(|end| end.pages_read >= TELLING_PAGES && end.ms > 0);
        let (pages, ms) = telling.take(TELLING_RUNS).fold((0, 0), |(pages, ms), end| {
            (pages + end.pages_read, ms + end.ms)
        });
        (ms > 0).then(|| pages as f64 * 60_000.0 / ms as f64)
    }
}

/// The names that the last run found in the drop.
pub fn last_listing(out: &Path) -> io::Result<Vec<String>> {
    let text = match std::fs::read_to_string(out.join(RUNS).join(LISTING)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    let names = text.lines().map(serde_json::from_str);
    Ok(names.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;
    use crate::run::events::Way;

    fn ended(folder: &str) -> Entry {
        Entry::Ended(Ended {
            folder: folder.to_owned(),
            key: Some(Digest::of(folder.as_bytes())),
            way: Way::Packaged,
            pages: 1,
            ms: 1,
            codes: BTreeMap::new(),
            reasons: Vec::new(),
        })
    }

    fn read(lines: &[Vec<u8>]) -> History {
        let mut history = History::default();
        lines.iter().for_each(|line| history.take_line(line));
        history
    }

    #[test]
    fn a_torn_end_is_told_from_damage_in_the_middle() {
        let whole = [ended("a").to_line(), ended("b").to_line()];
        let torn = ended("c").to_line()[..20].to_vec();
        let mut damaged = ended("d").to_line();
        damaged[10] ^= 1;

        let history = read(&[whole[0].clone(), damaged, whole[1].clone(), torn]);
        assert_eq!((history.damaged_lines, history.torn_bytes), (1, 20));
        assert!(history.end_of("a").is_some() && history.end_of("b").is_some());
        assert!(history.end_of("c").is_none() && history.end_of("d").is_none());
    }

    #[test]
    fn what_was_open_when_the_run_died_is_open() {
        let mut history = History::default();
        history.take(ended("a"));
        for folder in ["a", "b"] {
            history.take(Entry::Taken {
                folder: folder.to_owned(),
                key: Digest::of(b"new"),
                pages: 7,
            });
        }
        history.take(ended("b"));
        assert!(matches!(history.dossiers["a"], Seen::Open { pages: 7 }));
        assert!(history.end_of("b").is_some());
    }

    #[test]
    fn speed_comes_from_the_last_telling_runs() {
        let mut history = History::default();
        assert_eq!(history.pages_per_minute(), None);
        for (pages_read, ms) in [(1, 60_000), (100, 60_000), (50, 60_000)] {
            let run = "r".to_owned();
            history.take(Entry::RunBegan(RunBegan {
                run: run.clone(),
                at: String::new(),
                version: String::new(),
                plan_sha256: Digest::of(b""),
                plan: String::new(),
                drop: String::new(),
                dossiers: 0,
                host: String::new(),
                pid: 1,
            }));
            history.take(Entry::RunEnded(RunEnded {
                run,
                at: String::new(),
                how: "complete".to_owned(),
                ways: None,
                pages_read,
                ms,
                reading_ms: 0,
                signing_ms: 0,
            }));
        }
        assert_eq!(history.pages_per_minute(), Some(75.0));
    }
}
