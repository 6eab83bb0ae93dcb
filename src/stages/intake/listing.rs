//! The drop's entries, each of which ends as one line of the manifest.
//!
//! The drop is walked from the top as far as the layouts lead: what they take for a
//! dossier becomes an entry, and so does everything that lies beside, so that nothing is
//! left unmentioned.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::layout::{Descent, Taken, Unit};
use super::names;
use super::natural;
use super::tree::{self, Branch, Node};
use super::{IntakeFault, Options};
use crate::model::manifest::Container;

/// One entry of the drop: a dossier, a stream of pages, or something that is neither.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name below the drop, NFC, `/` between its parts; no two entries have the same.
    pub name: String,
    /// The part of the name that the layout says is the dossier code, or the stream's name.
    pub code: String,
    /// Where its files lie.
    pub place: Place,
    /// A pile scanned at once, whose pages are to be cut into dossiers.
    pub is_stream: bool,
    /// What the layout says besides: `fonds` → `Phông UBND`.
    pub labels: BTreeMap<String, String>,
    /// The archives that it lies in, outermost first.
    pub containers: Vec<Container>,
}

/// Where the files of an entry lie.
#[derive(Clone, Debug)]
pub enum Place {
    /// All that lies in this folder of the disk and below it.
    Folder(PathBuf),
    /// These files: some of a folder that holds others too, or what came out of an archive.
    Files {
        /// The folder below the drop that the files' names start from; empty for the drop.
        within: String,
        /// The files in natural order.
        files: Vec<Lying>,
    },
    /// Nowhere: it cannot be taken in.
    Nowhere(IntakeFault),
}

/// One file of an entry, or why there is none.
#[derive(Clone, Debug)]
pub struct Lying {
    /// Its name below the entry, as it is shown.
    pub name: String,
    /// Its path on the disk.
    pub path: Result<PathBuf, IntakeFault>,
}

/// What a drop holds.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Every entry in natural order (2 before 10).
    pub entries: Vec<Entry>,
    /// Names above the dossiers that the plan's rule passes over (`Thumbs.db` …).
    pub passed_over: Vec<String>,
}

impl Lying {
    /// Its path, where it has one.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref().ok()
    }
}

impl Entry {
    /// A dossier that is a folder by itself, named by its code.
    pub fn folder(code: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        let name = code.into();
        Self {
            code: name.clone(),
            name,
            place: Place::Folder(path.into()),
            is_stream: false,
            labels: BTreeMap::new(),
            containers: Vec::new(),
        }
    }

    /// A file's path below the drop, for people; the entry's own where no file is named.
    pub fn place_of(&self, file: &str) -> String {
        match &self.place {
            Place::Files { within, .. } if !file.is_empty() => names::join(within, file),
            _ => names::join(&self.name, file),
        }
    }
}

/// Lists the drop by the plan's layouts.
///
/// Links are listed, not followed.
pub fn list(drop: &Path, options: &Options) -> Result<Listing, IntakeFault> {
    let branch = tree::read(drop, "").map_err(|error| IntakeFault::DropUnreadable {
        file: names::shown(drop.as_os_str()),
        detail: error.kind().to_string(),
    })?;
    let mut lister = Lister {
        options,
        listing: Listing::default(),
    };
    lister.walk("", branch, &options.layouts.top());
    let mut listing = lister.listing;
    let entries = &mut listing.entries;
    // By what lies there where two names are one: the order must not hang on the disk's.
    entries.sort_by(|l, r| {
        natural::compare(&l.name, &r.name).then_with(|| on_disk(l).cmp(&on_disk(r)))
    });
    make_names_unique(entries);
    refuse_codes_borne_twice(entries);
    listing.passed_over.sort();
    Ok(listing)
}

struct Lister<'a> {
    options: &'a Options,
    listing: Listing,
}

impl Lister<'_> {
    /// Everything in one folder above the dossiers.
    fn walk(&mut self, within: &str, branch: Branch, descent: &Descent<'_>) {
        let mut pages: BTreeMap<(usize, String), (Taken, Vec<Lying>)> = BTreeMap::new();
        for (name, node) in branch {
            let full = names::join(within, &name);
            if self.options.ignores(&name) {
                self.listing.passed_over.push(full);
                continue;
            }
            match node {
                Node::Refused(fault) => self.nowhere(full, name, fault),
                Node::Folder(path) => self.folder(full, &name, path, descent),
                Node::File(path) => match descent.unit(&name, Unit::Files) {
                    Some(taken) => {
                        let key = (taken.layout, taken.code.clone());
                        let (_, files) = pages.entry(key).or_insert_with(|| (taken, Vec::new()));
                        files.push(Lying {
                            name,
                            path: Ok(path),
                        });
                    }
                    None => {
                        let fault = IntakeFault::StrayFile { file: full.clone() };
                        self.nowhere(full, name, fault);
                    }
                },
            }
        }
        for (taken, files) in pages.into_values() {
            self.files(within, taken, files);
        }
    }

    fn folder(&mut self, full: String, name: &str, path: PathBuf, descent: &Descent<'_>) {
        if let Some(taken) = descent.unit(name, Unit::Folder) {
            self.taken(full, taken, Place::Folder(path));
            return;
        }
        let Some(below) = descent.below(name) else {
            // No layout leads here: its name is told to be no code.
            self.push(full, name.to_owned(), Place::Folder(path));
            return;
        };
        match tree::read(&path, &full) {
            Ok(branch) if branch.is_empty() => {
                let fault = IntakeFault::EmptyFolder { file: full.clone() };
                self.nowhere(full, name.to_owned(), fault);
            }
            Ok(branch) => self.walk(&full, branch, &below),
            Err(error) => {
                let fault = IntakeFault::unreadable(&full, &error);
                self.nowhere(full, name.to_owned(), fault);
            }
        }
    }

    fn files(&mut self, within: &str, taken: Taken, mut files: Vec<Lying>) {
        files.sort_by(|l, r| natural::compare(&l.name, &r.name));
        let name = names::join(within, &taken.code);
        let within = within.to_owned();
        self.taken(name, taken, Place::Files { within, files });
    }

    fn nowhere(&mut self, full: String, code: String, fault: IntakeFault) {
        self.push(full, code, Place::Nowhere(fault));
    }

    fn push(&mut self, name: String, code: String, place: Place) {
        let taken = Taken {
            layout: 0,
            code,
            is_stream: false,
            labels: BTreeMap::new(),
        };
        self.taken(name, taken, place);
    }

    fn taken(&mut self, name: String, taken: Taken, place: Place) {
        self.listing.entries.push(Entry {
            name,
            code: taken.code,
            place,
            is_stream: taken.is_stream,
            labels: taken.labels,
            containers: Vec::new(),
        });
    }
}

/// The first path of an entry on the disk.
fn on_disk(entry: &Entry) -> Option<&Path> {
    match &entry.place {
        Place::Folder(path) => Some(path),
        Place::Files { files, .. } => files.iter().find_map(Lying::path),
        Place::Nowhere(_) => None,
    }
}

/// Two entries of one name (after NFC, or a folder and files of one code) get different names.
fn make_names_unique(entries: &mut [Entry]) {
    let mut taken: HashSet<String> = HashSet::with_capacity(entries.len());
    for entry in entries {
        let plain = entry.name.clone();
        let mut number = 2;
        while !taken.insert(entry.name.clone()) {
            entry.name = format!("{plain} ({number})");
            number += 1;
        }
    }
}

/// A code at two places of the drop is one dossier lying in two, or two by mistake: a person must say.
fn refuse_codes_borne_twice(entries: &mut [Entry]) {
    let mut bearers: HashMap<&str, Vec<usize>> = HashMap::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        if !entry.is_stream && !matches!(entry.place, Place::Nowhere(_)) {
            bearers.entry(&entry.code).or_default().push(at);
        }
    }
    let mut faults = Vec::new();
    for several in bearers.into_values().filter(|bearers| bearers.len() > 1) {
        for &at in &several {
            let other = several.iter().find(|&&other| other != at);
            let other = other.map(|&other| entries[other].name.clone());
            faults.push((at, other.expect("there are at least two")));
        }
    }
    for (at, other) in faults {
        let file = entries[at].name.clone();
        entries[at].place = Place::Nowhere(IntakeFault::CodeTwice { file, other });
    }
}
