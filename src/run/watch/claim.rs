//! Claiming by rename: what is in `.sohoa-nhan` belongs to the watcher that holds the drop.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::{Item, WatchFault};
use crate::run::events::Way;

/// What was claimed and is in work, below the drop.
pub const CLAIMED: &str = ".sohoa-nhan";
/// The scans of what stands in the package.
pub const DONE: &str = ".sohoa-xong";
/// The scans of what was set aside.
pub const SET_ASIDE: &str = ".sohoa-de-rieng";

/// The claims in a drop.
pub struct Claims {
    drop: PathBuf,
}

impl Claims {
    /// Opens the folders of a drop that this process holds.
    pub fn open(drop: &Path) -> Result<Self, WatchFault> {
        for folder in [CLAIMED, DONE, SET_ASIDE] {
            let folder = drop.join(folder);
            fs::create_dir_all(&folder).map_err(WatchFault::at(&folder))?;
        }
        Ok(Self {
            drop: drop.to_owned(),
        })
    }

    /// Where the run takes in what was claimed.
    pub fn folder(&self) -> PathBuf {
        self.drop.join(CLAIMED)
    }

    /// True where nothing is claimed that was not put away.
    pub fn is_empty(&self) -> Result<bool, WatchFault> {
        let folder = self.folder();
        let mut listed = fs::read_dir(&folder).map_err(WatchFault::at(&folder))?;
        Ok(listed.next().is_none())
    }

    /// Claims an item; `false` where it waits because one of its name is still in work, or
    /// because it is gone.
    pub fn claim(&self, item: &Item) -> Result<bool, WatchFault> {
        let mut claimed = false;
        for name in &item.names {
            let (from, to) = (self.drop.join(name), self.folder().join(name));
            match move_without_replacing(&from, &to) {
                Ok(()) => claimed = true,
                Err(Errno::EXIST | Errno::NOENT) => {}
                Err(errno) => return Err(WatchFault::at(&from)(errno.into())),
            }
        }
        Ok(claimed)
    }

    /// Puts away what ended in a run over the claims: by the dossiers' names below them, and
    /// how each ended. What did not end stays claimed. Gives where scans set aside lie now.
    pub fn put_away(
        &self,
        ended: &BTreeMap<String, Way>,
        all: bool,
    ) -> Result<Vec<PathBuf>, WatchFault> {
        let folder = self.folder();
        let listed = fs::read_dir(&folder).map_err(WatchFault::at(&folder))?;
        let mut lying = Vec::new();
        for entry in listed {
            let entry = entry.map_err(WatchFault::at(&folder))?;
            let name = entry.file_name();
            let ways: Vec<Way> = ended
                .iter()
                .filter(|(dossier, _)| is_of(dossier, &name))
                .map(|(_, way)| *way)
                .collect();
            if ways.is_empty() && !all {
                continue;
            }
            // What ended under a name that is not its own is told by the run, and kept apart.
            let good = !ways.is_empty() && !ways.contains(&Way::SetAside);
            let place = self.drop.join(if good { DONE } else { SET_ASIDE });
            let to =
                move_beside(&entry.path(), &place, &name).map_err(WatchFault::at(&entry.path()))?;
            if !good {
                lying.push(to);
            }
        }
        Ok(lying)
    }
}

/// True where the dossier lies in this folder or file: its name begins with that of the
/// folder, or the file's name begins with its code.
fn is_of(dossier: &str, item: &OsStr) -> bool {
    use unicode_normalization::UnicodeNormalization;
    let item: String = item.to_string_lossy().nfc().collect();
    let top = dossier.split('/').next().unwrap_or(dossier);
    let rest = item.strip_prefix(top);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_', ' ']))
}

/// Moves under the same name, or one with a number where that is taken.
fn move_beside(from: &Path, folder: &Path, name: &OsStr) -> io::Result<PathBuf> {
    for number in 1.. {
        let mut to = folder.join(name);
        if number > 1 {
            to.as_mut_os_string().push(format!(" ({number})"));
        }
        match move_without_replacing(from, &to) {
            Err(Errno::EXIST) => {}
            moved => return moved.map(|()| to).map_err(io::Error::from),
        }
    }
    unreachable!("the numbers do not end")
}

fn move_without_replacing(from: &Path, to: &Path) -> Result<(), Errno> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // File systems that cannot do it in one step (NFS, some FUSE): the drop is held,
        // so nobody else puts anything here between the look and the move.
        Err(Errno::INVAL | Errno::NOSYS) if to.symlink_metadata().is_err() => {
            rustix::fs::rename(from, to)
        }
        Err(Errno::INVAL | Errno::NOSYS) => Err(Errno::EXIST),
        moved => moved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drop_with(names: &[&str]) -> (tempfile::TempDir, Claims) {
        let drop = tempfile::tempdir().expect("a temporary folder");
        for name in names {
            let path = drop.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, name).expect("a file");
        }
        let claims = Claims::open(drop.path()).expect("opened");
        (drop, claims)
    }

    fn item(name: &str) -> Item {
        Item {
            names: vec![name.into()],
        }
    }

    #[test]
    fn a_claim_never_replaces_one_in_work() {
        let (drop, claims) = drop_with(&["a/1", ".sohoa-nhan/a/old"]);
        assert!(!claims.claim(&item("a")).expect("waits"));
        assert!(drop.path().join("a/1").exists());
        assert!(drop.path().join(".sohoa-nhan/a/old").exists());
        assert!(!claims.claim(&item("gone")).expect("gone"));
    }

    #[test]
    fn what_ended_is_put_away_and_nothing_is_lost() {
        let (drop, claims) = drop_with(&["a/1", "bad/1", "open/1", ".sohoa-xong/a/1", "H1_2.jpg"]);
        for name in ["a", "bad", "open", "H1_2.jpg"] {
            assert!(claims.claim(&item(name)).expect("claimed"));
        }
        let ended = BTreeMap::from([
            ("a".to_owned(), Way::Packaged),
            ("bad/x".to_owned(), Way::SetAside),
            ("bad/y".to_owned(), Way::Packaged),
            ("H1".to_owned(), Way::AlreadyDone),
        ]);
        let lying = claims.put_away(&ended, false).expect("put away");
        assert_eq!(lying, [drop.path().join(".sohoa-de-rieng/bad")]);
        for there in [
            ".sohoa-xong/a/1",
            ".sohoa-xong/a (2)/1",
            ".sohoa-xong/H1_2.jpg",
            ".sohoa-de-rieng/bad/1",
            ".sohoa-nhan/open/1",
        ] {
            assert!(drop.path().join(there).exists(), "{there}");
        }
        assert!(!claims.is_empty().expect("listed"));
    }
}
