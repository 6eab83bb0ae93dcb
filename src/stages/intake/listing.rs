//! The drop's entries, each of which ends as one line of the manifest.
//!
//! The drop is walked from the top as far as the layouts lead: what they take for a
//! dossier becomes an entry, and so does everything that lies beside, so that nothing is
//! left unmentioned.

use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fault::system_words;
use super::layout::{Descent, Taken, Unit};
use super::names::{self, Given};
use super::natural;
use super::scratch::ScratchFolder;
use super::tree::{self, Branch, Node};
use super::unpack;
use super::{IntakeFault, Options};
use crate::formats::containers::Kind;
use crate::model::DossierCode;
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
    /// Holds what was unpacked of them for as long as the entry is waited for.
    pub scratch: Vec<Arc<ScratchFolder>>,
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
            scratch: Vec::new(),
        }
    }

    /// Where a person finds it: the folder, or the first of its files.
    fn first_place(&self) -> String {
        match &self.place {
            Place::Files { files, .. } => {
                let first = files.first().map_or("", |file| &file.name);
                self.place_of(first)
            }
            _ => self.name.clone(),
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

/// The drop as it was found: the same path may be another folder later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropFolder {
    path: PathBuf,
    /// Device and inode: a share that is gone leaves the empty folder it was mounted on.
    identity: (u64, u64),
}

impl DropFolder {
    /// Looks at the drop; a fault where it cannot be listed at all.
    pub fn find(path: &Path) -> Result<Self, IntakeFault> {
        let unreadable = |error: std::io::Error| drop_unreadable(path, &error);
        std::fs::read_dir(path).map_err(unreadable)?;
        let meta = std::fs::metadata(path).map_err(unreadable)?;
        Ok(Self {
            path: path.to_owned(),
            identity: (meta.dev(), meta.ino()),
        })
    }

    /// A fault where the drop is not there any more: the network or the disk is gone.
    pub fn still_there(&self) -> Result<(), IntakeFault> {
        if Self::find(&self.path)? == *self {
            return Ok(());
        }
        Err(drop_unreadable(
            &self.path,
            &std::io::ErrorKind::StaleNetworkFileHandle.into(),
        ))
    }
}

fn drop_unreadable(drop: &Path, error: &std::io::Error) -> IntakeFault {
    IntakeFault::DropUnreadable {
        file: names::shown(drop.as_os_str()),
        detail: system_words(error),
    }
}

/// Lists the drop by the plan's layouts; archives above the dossiers are unpacked below `scratch`.
///
/// Links are listed, not followed.
pub fn list(drop: &Path, options: &Options, scratch: &Path) -> Result<Listing, IntakeFault> {
    let branch = tree::read(drop, "").map_err(|error| drop_unreadable(drop, &error))?;
    let mut lister = Lister {
        options,
        scratch,
        listing: Listing::default(),
        dossiers: 0,
    };
    lister.walk(&Spot::default(), branch, &options.layouts.top())?;
    let mut listing = lister.listing;
    // Stable: entries of one name keep the order in which they were found.
    let by_name = |l: &Entry, r: &Entry| natural::compare(&l.name, &r.name);
    listing.entries.sort_by(by_name);
    let mut given = Given::default();
    for entry in &mut listing.entries {
        entry.name = given.unique(std::mem::take(&mut entry.name));
    }
    refuse_codes_borne_twice(&mut listing.entries);
    listing.passed_over.sort();
    Ok(listing)
}

/// A folder above the dossiers.
#[derive(Clone, Default)]
struct Spot {
    /// Its name below the drop.
    within: String,
    /// The archives around it.
    containers: Vec<Container>,
    /// Hold what came out of them.
    scratch: Vec<Arc<ScratchFolder>>,
}

impl Spot {
    fn below(&self, within: String) -> Self {
        Self {
            within,
            ..self.clone()
        }
    }
}

struct Lister<'a> {
    options: &'a Options,
    scratch: &'a Path,
    listing: Listing,
    /// Entries that a layout took for a dossier or a stream.
    dossiers: usize,
}

impl Lister<'_> {
    /// Everything in one folder above the dossiers.
    fn walk(
        &mut self,
        spot: &Spot,
        branch: Branch,
        descent: &Descent<'_>,
    ) -> Result<(), IntakeFault> {
        let mut pages: BTreeMap<(usize, String), (Taken, Vec<Lying>)> = BTreeMap::new();
        for (name, node) in branch {
            let full = names::join(&spot.within, &name);
            if self.options.ignores(&name) {
                self.listing.passed_over.push(full);
                continue;
            }
            match node {
                Node::Refused(fault) => self.nowhere(spot, full, name, fault),
                Node::Folder(path) => self.folder(spot, full, &name, path, descent)?,
                Node::Inside(inner) => self.inside(spot, full, &name, inner, descent)?,
                Node::File(path) => match descent.unit(&name, Unit::Files) {
                    Some(taken) => {
                        let key = (taken.layout, taken.code.clone());
                        let (_, files) = pages.entry(key).or_insert_with(|| (taken, Vec::new()));
                        let path = Ok(path);
                        files.push(Lying { name, path });
                    }
                    None => self.file(spot, full, &name, path, descent)?,
                },
            }
        }
        for (taken, files) in pages.into_values() {
            self.files(spot, taken, files);
        }
        Ok(())
    }

    /// A folder of the disk.
    fn folder(
        &mut self,
        spot: &Spot,
        full: String,
        name: &str,
        path: PathBuf,
        descent: &Descent<'_>,
    ) -> Result<(), IntakeFault> {
        if let Some(taken) = descent.unit(name, Unit::Folder) {
            self.taken(spot, full, taken, Place::Folder(path));
            return Ok(());
        }
        let Some(below) = descent.below(name) else {
            // No layout leads here: its name is told to be no code.
            self.push(spot, full, name.to_owned(), Place::Folder(path));
            return Ok(());
        };
        match tree::read(&path, &full) {
            Ok(branch) => self.way(spot, full, name, branch, &below),
            Err(error) => {
                let fault = IntakeFault::unreadable(&full, &error);
                self.nowhere(spot, full, name.to_owned(), fault);
                Ok(())
            }
        }
    }

    /// A folder of an archive.
    fn inside(
        &mut self,
        spot: &Spot,
        full: String,
        name: &str,
        inner: Branch,
        descent: &Descent<'_>,
    ) -> Result<(), IntakeFault> {
        let place = |inner| Place::Files {
            within: full.clone(),
            files: tree::files_below(inner),
        };
        if let Some(taken) = descent.unit(name, Unit::Folder) {
            self.taken(spot, full.clone(), taken, place(inner));
        } else if let Some(below) = descent.below(name) {
            self.way(spot, full, name, inner, &below)?;
        } else {
            self.push(spot, full.clone(), name.to_owned(), place(inner));
        }
        Ok(())
    }

    /// A folder on the way to dossiers.
    fn way(
        &mut self,
        spot: &Spot,
        full: String,
        name: &str,
        branch: Branch,
        below: &Descent<'_>,
    ) -> Result<(), IntakeFault> {
        if branch.is_empty() {
            let fault = IntakeFault::EmptyFolder { file: full.clone() };
            self.nowhere(spot, full, name.to_owned(), fault);
            return Ok(());
        }
        self.walk(&spot.below(full), branch, below)
    }

    /// A file that no layout takes for a dossier by its name.
    fn file(
        &mut self,
        spot: &Spot,
        full: String,
        name: &str,
        path: PathBuf,
        descent: &Descent<'_>,
    ) -> Result<(), IntakeFault> {
        let kind = unpack::kind_of(&path).map_err(|error| IntakeFault::unreadable(&full, &error));
        let stray = || IntakeFault::StrayFile { file: full.clone() };
        let kind = match kind.and_then(|kind| kind.ok_or_else(stray)) {
            Ok(kind) => kind,
            Err(fault) => {
                self.nowhere(spot, full, name.to_owned(), fault);
                return Ok(());
            }
        };
        let stem = unpack::stem(name);
        let files = vec![Lying {
            name: name.to_owned(),
            path: Ok(path.clone()),
        }];
        if let Some(taken) = descent.unit(stem, Unit::Folder) {
            self.files(spot, taken, files);
            return Ok(());
        }
        let limit = self.options.max_archive_nesting;
        if spot.containers.len() >= limit as usize {
            let file = full.clone();
            self.nowhere(
                spot,
                full,
                stem.to_owned(),
                IntakeFault::NestedTooDeep { file, limit },
            );
            return Ok(());
        }
        let (entries, passed_over, dossiers) = (
            self.listing.entries.len(),
            self.listing.passed_over.len(),
            self.dossiers,
        );
        self.archive(spot, &full, stem, &path, kind, descent)?;
        let refused = self.listing.entries[entries..]
            .iter()
            .any(|entry| entry.name == full);
        if self.dossiers == dossiers && !refused {
            // No dossier in it: one entry for all of it rather than one for each stray file.
            self.listing.entries.truncate(entries);
            self.listing.passed_over.truncate(passed_over);
            let within = spot.within.clone();
            self.push(spot, full, stem.to_owned(), Place::Files { within, files });
        }
        Ok(())
    }

    /// An archive above the dossiers: its inside is matched as if it were a folder of the drop.
    fn archive(
        &mut self,
        spot: &Spot,
        full: &str,
        stem: &str,
        path: &Path,
        kind: Kind,
        descent: &Descent<'_>,
    ) -> Result<(), IntakeFault> {
        let unlimited = u64::MAX;
        let mut spot = spot.clone();
        let unpacked = unpack::unpack(path, full, kind, unlimited, self.options, self.scratch);
        let members = match unpacked {
            Ok(unpacked) => {
                spot.containers.push(unpacked.container);
                spot.scratch.push(unpacked.scratch);
                unpacked.members
            }
            Err(fault) if fault.stops_the_run() => return Err(fault),
            Err(fault) => Err(fault),
        };
        let mut branch = match members {
            Ok(members) => tree::of_members(members),
            Err(fault) => {
                self.nowhere(&spot, full.to_owned(), stem.to_owned(), fault);
                return Ok(());
            }
        };
        let descent = descent.inside_archive(stem);
        full.clone_into(&mut spot.within);
        // `Hộp 1.zip` holds `Hộp 1/…`: a folder that only wraps the rest is passed through.
        while let Some(inner) = sole_folder(&mut branch, &descent) {
            spot.within = names::join(&spot.within, &inner.0);
            branch = inner.1;
        }
        self.walk(&spot, branch, &descent)
    }

    fn files(&mut self, spot: &Spot, taken: Taken, mut files: Vec<Lying>) {
        files.sort_by(|l, r| natural::compare(&l.name, &r.name));
        let name = names::join(&spot.within, &taken.code);
        let within = spot.within.clone();
        self.taken(spot, name, taken, Place::Files { within, files });
    }

    fn nowhere(&mut self, spot: &Spot, full: String, code: String, fault: IntakeFault) {
        self.push(spot, full, code, Place::Nowhere(fault));
    }

    /// An entry that no layout takes in.
    fn push(&mut self, spot: &Spot, name: String, code: String, place: Place) {
        self.listing.entries.push(Entry {
            name,
            code,
            place,
            is_stream: false,
            labels: BTreeMap::new(),
            containers: spot.containers.clone(),
            scratch: spot.scratch.clone(),
        });
    }

    fn taken(&mut self, spot: &Spot, name: String, taken: Taken, place: Place) {
        self.dossiers += 1;
        self.push(spot, name, taken.code, place);
        if let Some(entry) = self.listing.entries.last_mut() {
            entry.is_stream = taken.is_stream;
            entry.labels = taken.labels;
        }
    }
}

/// Takes out the one folder that is all an archive holds, where no layout knows its name.
fn sole_folder(branch: &mut Branch, descent: &Descent<'_>) -> Option<(String, Branch)> {
    let [(name, Node::Inside(_))] = &branch[..] else {
        return None;
    };
    if descent.unit(name, Unit::Folder).is_some() || descent.below(name).is_some() {
        return None;
    }
    match branch.pop() {
        Some((name, Node::Inside(inner))) => Some((name, inner)),
        _ => None,
    }
}

/// A code at two places of the drop is one dossier lying in two, or two by mistake: a person must say.
fn refuse_codes_borne_twice(entries: &mut [Entry]) {
    for (at, other) in borne_twice(entries.iter()) {
        let file = entries[at].first_place();
        let other = entries[other].first_place();
        entries[at].place = Place::Nowhere(IntakeFault::CodeTwice { file, other });
    }
}

/// The places of the dossiers whose code another one bears, each with the place of the other.
pub fn borne_twice<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<(usize, usize)> {
    let mut bearers: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, entry) in entries.enumerate() {
        let is_code = entry.code.parse::<DossierCode>().is_ok();
        if is_code && !entry.is_stream && !matches!(entry.place, Place::Nowhere(_)) {
            bearers.entry(&entry.code).or_default().push(at);
        }
    }
    let several = bearers.into_values().filter(|bearers| bearers.len() > 1);
    several
        .flat_map(|bearers| {
            // The first names the second, all others the first.
            let other = |n: usize| bearers[usize::from(n == 0)];
            let with_other = bearers.iter().enumerate();
            with_other
                .map(|(n, &at)| (at, other(n)))
                .collect::<Vec<_>>()
        })
        .collect()
}
