//! The package on the disk: one folder `OUT`, owned by one run at a time.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::owner::{Lock, LockRefusal};
use super::{Draft, PackageFault, Shelf, durable};
use crate::model::manifest::DossierRecord;
use crate::model::{Digest, DossierCode};

/// An open package. The lock is given back when it is dropped or the process dies.
pub struct Store {
    pub(super) out: PathBuf,
    shelf: Shelf,
    /// Held for as long as it is open.
    _lock: Lock,
}

impl Store {
    /// Opens or creates the package, takes its lock and clears what a killed run left half done.
    pub fn open(out: &Path) -> Result<Self, PackageFault> {
        for folder in ["dossiers", "set-aside"] {
            durable::create_folder(&out.join(folder))?;
        }
        let lock = take_lock(&out.join(".lock"))?;
        let store = Self {
            out: out.to_owned(),
            shelf: Shelf::at(out),
            _lock: lock,
        };
        durable::remove(&store.work())?;
        durable::create_folder(&store.work())?;
        Ok(store)
    }

    pub(super) fn work(&self) -> PathBuf {
        self.out.join(".work")
    }

    /// What stands in it, for looking only.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Opens an empty folder for a dossier in the making.
    pub fn draft(&self, code: &DossierCode) -> Result<Draft, PackageFault> {
        Draft::open(self.work().join(code.as_str()), self.shelf.place_of(code))
    }

    /// Writes down that a dossier was set aside; its scans stay where they are.
    ///
    /// A dossier that an earlier run packaged stays packaged from the scans it was
    /// made of: what is wrong with the newer ones is told by the run, every time,
    /// and takes nothing away.
    pub fn set_aside(&self, record: &DossierRecord) -> Result<(), PackageFault> {
        if record
            .dossier
            .as_ref()
            .is_some_and(|code| self.shelf.place_of(code).exists())
        {
            return Ok(());
        }
        let half = self.work().join(set_aside_name(&record.folder));
        durable::write_new(&half, &super::batch::line(record))?;
        durable::rename(&half, &self.shelf.set_aside_file(&record.folder))
    }

    /// Forgets an older setting aside of a dossier that is packaged now.
    pub fn no_longer_set_aside(&self, folder: &str) -> Result<(), PackageFault> {
        durable::remove(&self.shelf.set_aside_file(folder))
    }

    /// Forgets older settings aside of a stream's pieces that are cut otherwise now.
    ///
    /// Pieces without a code are named by their pages, so their names go with the cut.
    pub fn forget_pieces(&self, stream: &str, but: &HashSet<&str>) -> Result<(), PackageFault> {
        for path in entries(&self.out.join("set-aside"))? {
            let folder = read_record(&path)?.folder;
            let below = folder
                .strip_prefix(stream)
                .is_some_and(|rest| rest.starts_with('/'));
            if below && !but.contains(folder.as_str()) {
                durable::remove(&path)?;
            }
        }
        Ok(())
    }

    /// Where archives are unpacked to; emptied with everything else that is half done.
    pub fn unpacked(&self) -> PathBuf {
        self.work().join("unpacked")
    }

    /// A place for what is needed only for a moment of the run.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.work().join(name)
    }

    /// The files of all records, packaged and set aside, sorted by the dossier's folder name.
    pub(super) fn record_files(&self) -> Result<Vec<PathBuf>, PackageFault> {
        let mut found = Vec::new();
        for entry in entries(&self.out.join("dossiers"))? {
            found.push(entry.join("record.json"));
        }
        found.extend(entries(&self.out.join("set-aside"))?);
        let mut named = Vec::with_capacity(found.len());
        for path in found {
            named.push((read_record(&path)?.folder, path));
        }
        named.sort();
        Ok(named.into_iter().map(|(_, path)| path).collect())
    }

    /// Every packaged dossier: its record and its folder, sorted by the dossier's folder name.
    pub fn packaged(&self) -> Result<Vec<(DossierRecord, PathBuf)>, PackageFault> {
        let mut found = Vec::new();
        for folder in entries(&self.out.join("dossiers"))? {
            found.push((read_record(&folder.join("record.json"))?, folder));
        }
        found.sort_by(|left, right| left.0.folder.cmp(&right.0.folder));
        Ok(found)
    }

    /// Puts these bytes in the place of a file, whole or not at all.
    pub fn replace(&self, file: &Path, bytes: &[u8]) -> Result<(), PackageFault> {
        let half = self.work().join("renewed");
        durable::write_new(&half, bytes)?;
        durable::rename(&half, file)
    }

    /// Ends the run's stay: nothing half done and no owner is left behind.
    ///
    /// The lock's file goes while the lock is held; whoever opened it meanwhile
    /// sees in [`Lock::take`] that it is no longer the one in the folder.
    pub fn close(self) -> Result<(), PackageFault> {
        durable::remove(&self.work())?;
        durable::remove(&self.out.join(".lock"))
    }
}

/// Reads one record file.
pub(super) fn read_record(path: &Path) -> Result<DossierRecord, PackageFault> {
    let bytes = fs::read(path).map_err(PackageFault::at(path))?;
    serde_json::from_slice(&bytes).map_err(|error| PackageFault::BadRecord {
        path: path.to_owned(),
        cause: error.to_string(),
    })
}

pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, PackageFault> {
    let listed = fs::read_dir(folder).map_err(PackageFault::at(folder))?;
    listed
        .map(|entry| entry.map(|e| e.path()).map_err(PackageFault::at(folder)))
        .collect()
}

/// A file name for a folder name that may hold anything: its plain letters and a digest.
pub(super) fn set_aside_name(folder: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let start: String = folder.chars().map(plain).take(60).collect();
    format!(
        "{}.{}.json",
        start.trim_start_matches('.'),
        &Digest::of(folder.as_bytes()).short()[..8]
    )
}

fn take_lock(path: &Path) -> Result<Lock, PackageFault> {
    Lock::take(path).map_err(|refusal| match refusal {
        LockRefusal::Held(owner) => PackageFault::Locked { owner },
        LockRefusal::Io(cause) => PackageFault::at(path)(cause),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_records_set_aside_are_plain_and_differ() {
        let names = ["a/b", "a_b", "../x", "hồ sơ\n", ".", &"x".repeat(400)].map(set_aside_name);
        for name in &names {
            assert!(
                name.len() < 100 && name.is_ascii() && !name.contains('/'),
                "{name}"
            );
            assert!(!name.starts_with('.') || name.len() > 2, "{name}");
        }
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn a_second_run_finds_the_package_locked() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = Store::open(folder.path()).expect("free");
        let second = Store::open(folder.path());
        assert!(matches!(second, Err(PackageFault::Locked { owner }) if owner.starts_with("pid ")));
        first.close().expect("closes");
        assert!(Store::open(folder.path()).is_ok());
    }
}
