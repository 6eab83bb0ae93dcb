//! The drop folder's entries, each of which ends as one line of the manifest.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::natural;
use super::{IntakeFault, Options};

/// One entry of the drop: a folder that should be a dossier, or a stray file beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The name below the drop, NFC.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// Lists the drop in natural order (2 before 10): every folder, and every stray file.
///
/// Only names that the plan's rule passes over are left out. Links are listed, not
/// followed; [`super::survey()`] says what is wrong with them.
pub fn list(drop: &Path, options: &Options) -> Result<Vec<Folder>, IntakeFault> {
    let unreadable = |error: std::io::Error| IntakeFault::DropUnreadable {
        file: unicode_name(drop.as_os_str()).0,
        detail: error.kind().to_string(),
    };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(drop).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (name, _) = unicode_name(&entry.file_name());
        if !options.ignores(&name) {
            let path = entry.path();
            folders.push(Folder { name, path });
        }
    }
    // By path where two names are one after NFC: the order must not hang on the disk's.
    folders.sort_by(|l, r| natural::compare(&l.name, &r.name).then_with(|| l.path.cmp(&r.path)));
    make_names_unique(&mut folders);
    Ok(folders)
}

/// The name in NFC, and whether it was Unicode at all.
pub(super) fn unicode_name(name: &OsStr) -> (String, bool) {
    let text = name.to_string_lossy().nfc().collect();
    (text, name.to_str().is_some())
}

/// Two entries whose names differ only by their Unicode form get different names.
///
/// A dossier code is ASCII and has one form, so no dossier that could be done is renamed.
fn make_names_unique(folders: &mut [Folder]) {
    let mut taken: HashSet<String> = HashSet::with_capacity(folders.len());
    for folder in folders {
        let plain = folder.name.clone();
        let mut number = 2;
        while !taken.insert(folder.name.clone()) {
            folder.name = format!("{plain} ({number})");
            number += 1;
        }
    }
}
