//! What lies in a watched drop, and what of it has come to rest.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use walkdir::WalkDir;

use super::whole::is_whole;
use super::{WatchFault, WatchOptions};
use crate::stages::intake;

/// Names under which programs write what they have not finished.
const UNFINISHED_ENDS: [&str; 5] = [".part", ".partial", ".tmp", ".filepart", ".crdownload"];

/// An item that never gets its end is taken after so many times the time of rest: the run
/// then says what is wrong with it, which waiting for ever would not.
const PATIENCE: u32 = 10;

/// Something at the top of the drop: a folder, or the files there that begin with one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The names at the top of the drop.
    pub names: Vec<OsString>,
}

/// Watches items come to rest.
pub struct Settling {
    rest: Duration,
    seen: HashMap<OsString, Seen>,
}

struct Seen {
    files: Vec<Fingerprint>,
    since: Instant,
}

/// A file as far as it can be told without reading it.
type Fingerprint = (PathBuf, u64, Option<SystemTime>);

impl Settling {
    /// With the time of rest of the plan.
    pub fn new(options: &WatchOptions) -> Self {
        Self {
            rest: Duration::from_secs(options.settle_s),
            seen: HashMap::new(),
        }
    }

    /// The items that are whole at this instant.
    pub fn look(
        &mut self,
        drop: &Path,
        options: &intake::Options,
        now: Instant,
    ) -> Result<Vec<Item>, WatchFault> {
        let items = items(drop, options).map_err(WatchFault::at(drop))?;
        let mut before = std::mem::take(&mut self.seen);
        let mut ready = Vec::new();
        for (key, item) in items {
            let files = fingerprint(drop, &item);
            let since = match before.remove(&key) {
                Some(seen) if seen.files == files => seen.since,
                _ => now,
            };
            let seen = Seen { files, since };
            if self.is_ready(&seen, now) {
                ready.push(item);
            } else {
                self.seen.insert(key, seen);
            }
        }
        Ok(ready)
    }

    fn is_ready(&self, seen: &Seen, now: Instant) -> bool {
        let rested = now.duration_since(seen.since);
        let unfinished = seen.files.iter().any(|(path, _, _)| is_unfinished(path));
        // An empty folder is one that somebody has only just made.
        let whole = || {
            let whole = |path: &Path| is_whole(path).unwrap_or(false);
            !seen.files.is_empty() && seen.files.iter().all(|(path, _, _)| whole(path))
        };
        rested >= self.rest && ((!unfinished && whole()) || rested >= self.rest * PATIENCE)
    }
}

/// Everything at the top of the drop but what the plan passes over and what is ours.
fn items(drop: &Path, options: &intake::Options) -> io::Result<Vec<(OsString, Item)>> {
    let mut items: HashMap<OsString, Item> = HashMap::new();
    for entry in fs::read_dir(drop)? {
        let entry = entry?;
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        if options.ignores(&shown) || shown.starts_with(".sohoa-") {
            continue;
        }
        let key = if entry.file_type()?.is_dir() {
            name.clone()
        } else {
            code_of(&name)
        };
        let item = items.entry(key).or_insert(Item { names: Vec::new() });
        item.names.push(name);
    }
    let mut items: Vec<_> = items.into_iter().collect();
    for (_, item) in &mut items {
        item.names.sort();
    }
    items.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(items)
}

/// What the files of one dossier share in a flat drop: the name up to its first `_`, space
/// or ending (`H10.12-221013-0001_002.jpg`). Codes hold dots, so an ending is the last one.
fn code_of(name: &OsStr) -> OsString {
    let stem = Path::new(name)
        .file_stem()
        .unwrap_or(name)
        .to_string_lossy();
    let code = stem.split(['_', ' ']).next().unwrap_or_default();
    format!("{code}/").into()
}

/// Every file of the item; what cannot be read is seen as changing until it can.
fn fingerprint(drop: &Path, item: &Item) -> Vec<Fingerprint> {
    let mut files = Vec::new();
    for name in &item.names {
        for entry in WalkDir::new(drop.join(name))
            .sort_by_file_name()
            .into_iter()
            .flatten()
        {
            if entry.file_type().is_dir() {
                continue;
            }
            let about = entry.metadata().ok();
            let length = about.as_ref().map_or(0, fs::Metadata::len);
            let changed = about.and_then(|about| about.modified().ok());
            files.push((entry.into_path(), length, changed));
        }
    }
    files
}

fn is_unfinished(path: &Path) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    name.starts_with('~') || UNFINISHED_ENDS.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(30);
    const JPEG: &[u8] = b"\xFF\xD8\xFF data \xFF\xD9";

    struct Watched {
        drop: tempfile::TempDir,
        settling: Settling,
        began: Instant,
    }

    impl Watched {
        fn new() -> Self {
            Self {
                drop: tempfile::tempdir().expect("a temporary folder"),
                settling: Settling::new(&WatchOptions::default()),
                began: Instant::now(),
            }
        }

        fn put(&self, name: &str, bytes: &[u8]) {
            let path = self.drop.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }

        /// The names taken, so many times the rest after the beginning.
        fn look(&mut self, rests: u32) -> Vec<String> {
            let now = self.began + REST * rests;
            let options = intake::Options::default();
            let ready = self
                .settling
                .look(self.drop.path(), &options, now)
                .expect("listed");
            let names = ready.into_iter().flat_map(|item| item.names);
            names
                .map(|name| name.to_string_lossy().into_owned())
                .collect()
        }
    }

    #[test]
    fn a_folder_is_taken_when_it_has_rested_and_not_before() {
        let mut watched = Watched::new();
        watched.put("a/1.jpg", JPEG);
        assert!(watched.look(0).is_empty(), "just come");
        watched.put("a/2.jpg", JPEG);
        assert!(watched.look(1).is_empty(), "another page came");
        assert_eq!(watched.look(2), ["a"]);
    }

    #[test]
    fn a_file_without_its_end_waits_and_is_taken_at_last() {
        let mut watched = Watched::new();
        watched.put("a/1.jpg", &JPEG[..6]);
        watched.put("b/scan.tmp", JPEG);
        assert!((0..10).all(|rests| watched.look(rests).is_empty()));
        assert_eq!(watched.look(10), ["a", "b"]);
    }

    #[test]
    fn the_files_of_one_code_are_taken_together() {
        let mut watched = Watched::new();
        watched.put("H10.12-221013-0001_1.jpg", JPEG);
        watched.put("H10.12-221013-0002_1.jpg", JPEG);
        watched.look(0);
        watched.put("H10.12-221013-0001_2.jpg", JPEG);
        assert_eq!(watched.look(1), ["H10.12-221013-0002_1.jpg"]);
        assert_eq!(
            watched.look(2),
            ["H10.12-221013-0001_1.jpg", "H10.12-221013-0001_2.jpg"]
        );
    }

    #[test]
    fn what_is_ours_or_passed_over_is_no_item() {
        let mut watched = Watched::new();
        for name in [".sohoa-nhan/a/1.jpg", "Thumbs.db", ".an/1.jpg"] {
            watched.put(name, JPEG);
        }
        fs::create_dir(watched.drop.path().join("empty")).expect("a folder");
        assert!(watched.look(0).is_empty() && watched.look(2).is_empty());
    }
}
