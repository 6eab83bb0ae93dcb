//! The files of one dossier, gathered before any of them is opened.

use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::fault::system_words;
use super::listing::Lying;
use super::{IntakeFault, Options, names};

/// Sub-folders of a dossier deeper than this are no filing system's work.
const MAX_DEPTH: usize = 32;

/// The files of a dossier, and what stood between them.
#[derive(Default)]
pub(super) struct Gathered {
    /// Files, and what is wrong with those that are none; an empty name is the dossier itself.
    pub lying: Vec<Lying>,
    /// Names passed over by the plan's rule, below the dossier.
    pub ignored: Vec<String>,
}

impl Gathered {
    /// Files that were listed before.
    pub fn of(files: &[Lying], dossier: &str, options: &Options) -> Self {
        let mut gathered = Self::default();
        for file in files {
            let passed_over = file.name.split('/').any(|part| options.ignores(part));
            if passed_over {
                gathered.ignored.push(file.name.clone());
            } else if !gathered.add(file.clone(), dossier, options) {
                break;
            }
        }
        gathered
    }

    /// Adds a file; false where the dossier holds too many.
    fn add(&mut self, file: Lying, dossier: &str, options: &Options) -> bool {
        let full = self.lying.len() >= options.max_dossier_files as usize;
        if full {
            let (file, limit) = (dossier.to_owned(), options.max_dossier_files);
            self.refuse("", IntakeFault::TooManyFiles { file, limit });
        } else {
            self.lying.push(file);
        }
        !full
    }

    fn refuse(&mut self, name: &str, fault: IntakeFault) {
        self.lying.push(Lying {
            name: name.to_owned(),
            path: Err(fault),
        });
    }
}

/// All files of a folder and below it; what is no file becomes a fault on the way.
pub(super) fn gather(folder: &Path, dossier: &str, options: &Options) -> Gathered {
    let mut gathered = Gathered::default();
    let file = dossier.to_owned();
    match std::fs::symlink_metadata(folder) {
        Err(error) => gathered.refuse("", IntakeFault::unreadable(dossier, &error)),
        Ok(meta) if meta.is_symlink() => gathered.refuse("", IntakeFault::SymbolicLink { file }),
        Ok(meta) if !meta.is_dir() => gathered.refuse("", IntakeFault::NotAFile { file }),
        Ok(_) => gathered.walk(folder, dossier, options),
    }
    gathered
}

impl Gathered {
    fn walk(&mut self, folder: &Path, dossier: &str, options: &Options) {
        let mut walker = WalkDir::new(folder)
            .follow_links(false)
            .min_depth(1)
            .max_depth(MAX_DEPTH)
            // The disk's own order would show in what is found before a limit is hit.
            .sort_by_file_name()
            .into_iter();
        while let Some(entry) = walker.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unwalkable(&error, folder, dossier);
                    continue;
                }
            };
            let kind = entry.file_type();
            let name = name_below(folder, entry.path());
            if options.ignores(&names::shown(entry.file_name())) {
                self.ignored.push(name);
                if kind.is_dir() {
                    walker.skip_current_dir();
                }
            } else if kind.is_dir() && entry.depth() < MAX_DEPTH {
                // Its files come next.
            } else {
                let path = plain_file(&entry, &name);
                if !self.add(Lying { name, path }, dossier, options) {
                    return;
                }
            }
        }
    }

    fn unwalkable(&mut self, error: &walkdir::Error, folder: &Path, dossier: &str) {
        let name = error
            .path()
            .map(|path| name_below(folder, path))
            .unwrap_or_default();
        let detail = error.io_error().map(system_words);
        let detail = detail.unwrap_or_else(|| "a loop of folders".to_owned());
        let file = if name.is_empty() { dossier } else { &name }.to_owned();
        self.refuse(&name, IntakeFault::Unreadable { file, detail });
    }
}

fn plain_file(entry: &DirEntry, name: &str) -> Result<std::path::PathBuf, IntakeFault> {
    let (kind, file) = (entry.file_type(), name.to_owned());
    match () {
        () if kind.is_symlink() => Err(IntakeFault::SymbolicLink { file }),
        () if kind.is_dir() => Err(IntakeFault::Unreadable {
            file,
            detail: format!("more than {MAX_DEPTH} folders deep"),
        }),
        () if !kind.is_file() => Err(IntakeFault::NotAFile { file }),
        () => Ok(entry.path().to_owned()),
    }
}

/// The path below the dossier's folder with `/` between its parts.
fn name_below(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(names::shown).collect();
    parts.join("/")
}
