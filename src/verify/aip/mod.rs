//! AIP and SIP packages of TT 05/2025/TT-BNV, checked from their bytes: structure, links, digests, fields.
//!
//! Knows nothing of how we write such packages, so that it judges anyone's: the places and rules are
//! those of the circular's Phụ lục I to III. Schemas are not run; each rule that a receiver rests on is
//! looked at by itself. Nothing is followed out of the package.

mod ead;
mod flaw;
mod mets;
mod read;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

pub use flaw::{Flaw, Wrong};

use super::folder::{EntryKind, Folder, Unopened, shown};
use crate::model::Digest;
use mets::{Mets, Named};

/// Length in bytes of the longest XML file that is read.
const XML_BYTES: u64 = 256 << 20;
/// Files of one package that are looked at.
const MOST_FILES: usize = 200_000;
/// Folders in each other.
const DEEPEST: usize = 12;

/// What the packages of a folder gave.
#[derive(Debug, Default)]
pub struct Checked {
    /// Packages looked at.
    pub packages: usize,
    /// Everything wrong, packages in the order of their names.
    pub flaws: Vec<Flaw>,
}

/// Checks a package, or every package in a folder.
pub fn check_all(folder: &Path) -> io::Result<Checked> {
    let mut checked = Checked::default();
    if folder.join(METS).is_file() {
        checked.packages = 1;
        checked.flaws = check(folder, &name_of(folder));
        return Ok(checked);
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            names.push(path);
        }
    }
    names.sort();
    for path in names {
        checked.packages += 1;
        checked.flaws.extend(check(&path, &name_of(&path)));
    }
    Ok(checked)
}

fn name_of(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    whole.file_name().map(shown).unwrap_or_default()
}

const METS: &str = "METS.xml";
const REP: &str = "representations/rep1";

/// Checks one package that lies under this name.
pub fn check(path: &Path, name: &str) -> Vec<Flaw> {
    let mut package = match Folder::open(path) {
        Ok(folder) => Package {
            folder,
            name,
            named: BTreeSet::from([METS.to_owned()]),
            flaws: Vec::new(),
        },
        Err(why) => return vec![Flaw::new(name, Wrong::Missing(why.to_string()))],
    };
    package.check();
    package.flaws
}

struct Package<'n> {
    folder: Folder,
    name: &'n str,
    /// Paths that some METS names.
    named: BTreeSet<String>,
    flaws: Vec<Flaw>,
}

impl Package<'_> {
    fn check(&mut self) {
        let Some(root) = self.mets("") else { return };
        if root.objid.replace(':', "_") != self.name {
            self.add(METS, Wrong::Objid(root.objid.clone()));
        }
        let is_aip = root.package_type == "AIP";
        if !is_aip && root.package_type != "SIP" {
            self.add(METS, Wrong::Kind(root.package_type.clone()));
        }
        let rep = self.mets(REP);
        if rep
            .as_ref()
            .is_some_and(|rep| rep.package_type != root.package_type)
        {
            self.add(
                &format!("{REP}/{METS}"),
                Wrong::Kind(root.package_type.clone()),
            );
        }
        if !root
            .pointers
            .iter()
            .any(|href| *href == format!("{REP}/{METS}"))
        {
            self.add(METS, Wrong::NotNamed(format!("{REP}/{METS}")));
        }
        for (mets, base) in [(Some(&root), ""), (rep.as_ref(), REP)] {
            let Some(mets) = mets else { continue };
            self.files(mets, base);
            self.preservation(mets, base, is_aip);
        }
        self.descriptions(&root, rep.as_ref(), is_aip);
        self.unnamed("", 0, &mut 0);
    }

    fn add(&mut self, path: &str, wrong: Wrong) {
        self.flaws.push(Flaw::new(join(self.name, path), wrong));
    }

    fn read(&mut self, path: &str) -> Option<Vec<u8>> {
        let read = self.folder.file(path).and_then(|file| {
            let read = file.read(XML_BYTES);
            read.map_err(|fault| Unopened::Unreadable(fault.kind()))
        });
        match read {
            Ok(Some(bytes)) => return Some(bytes),
            Ok(None) => self.add(path, Wrong::Unreadable("too long".to_owned())),
            Err(why) => self.add(path, Wrong::Missing(why.to_string())),
        }
        None
    }

    fn mets(&mut self, base: &str) -> Option<Mets> {
        let path = join(base, METS);
        let bytes = self.read(&path)?;
        match Mets::read(&bytes) {
            Ok((mets, wrong)) => {
                wrong.into_iter().for_each(|wrong| self.add(&path, wrong));
                Some(mets)
            }
            Err(why) => {
                self.add(&path, Wrong::Unreadable(why));
                None
            }
        }
    }

    /// Each file that a METS names is there, in its length and digest.
    fn files(&mut self, mets: &Mets, base: &str) {
        for named in mets
            .files
            .iter()
            .chain(mets.described.iter())
            .chain(mets.kept.iter())
        {
            let path = join(base, &named.href);
            self.named.insert(path.clone());
            self.hold(&path, named);
        }
    }

    fn hold(&mut self, path: &str, named: &Named) {
        let digested = self.folder.file(path).and_then(|file| {
            let digest = file.digest();
            digest.map_err(|fault| Unopened::Unreadable(fault.kind()))
        });
        match digested {
            Err(why) => self.add(path, Wrong::Missing(why.to_string())),
            Ok((sha256, bytes)) => {
                let size = named.size.as_deref().map(str::parse::<u64>);
                let size_fits = size.is_none_or(|size| size == Ok(bytes));
                if !size_fits || !is_digest(&named.checksum, sha256) {
                    self.add(path, Wrong::Differs);
                }
            }
        }
    }

    /// An AIP tells of its keeping, and each fixity in it holds.
    fn preservation(&mut self, mets: &Mets, base: &str, is_aip: bool) {
        if is_aip && mets.kept.is_empty() {
            self.add(&join(base, METS), Wrong::NotNamed("PREMIS".to_owned()));
        }
        for named in &mets.kept {
            let path = join(base, &named.href);
            let Some(bytes) = self.read(&path) else {
                continue;
            };
            match read::fixities(&bytes) {
                Err(why) => self.add(&path, Wrong::Unreadable(why)),
                Ok(fixities) if fixities.is_empty() => {
                    self.add(&path, Wrong::Field("object".to_owned()));
                }
                Ok(fixities) => {
                    for (href, checksum) in fixities {
                        let file = join(base, &href);
                        let digest = self.folder.file(&file).ok().and_then(|f| f.digest().ok());
                        if !digest.is_some_and(|(sha256, _)| is_digest(&checksum, sha256)) {
                            self.add(&path, Wrong::Fixity(href));
                        }
                    }
                }
            }
        }
    }

    /// The descriptions have the circular's fields; each document has one.
    fn descriptions(&mut self, root: &Mets, rep: Option<&Mets>, is_aip: bool) {
        for named in &root.described {
            self.description(&named.href.clone(), ead::of_package(is_aip, &root.kind));
        }
        let Some(rep) = rep else { return };
        for named in &rep.described {
            self.description(&join(REP, &named.href), ead::of_document(is_aip));
        }
        if root.described.is_empty() {
            self.add(METS, Wrong::NotNamed("EAD.xml".to_owned()));
        }
        if rep.described.len() != rep.files.len() {
            self.add(&join(REP, METS), Wrong::NotNamed("EAD_doc".to_owned()));
        }
    }

    fn description(&mut self, path: &str, fields: &[ead::Field]) {
        let Some(bytes) = self.read(path) else { return };
        match read::simpledc(&bytes) {
            Err(why) => self.add(path, Wrong::Unreadable(why)),
            Ok(found) => {
                let wrong = ead::compare(fields, &found);
                wrong.into_iter().for_each(|wrong| self.add(path, wrong));
            }
        }
    }

    /// Whatever no METS names, apart from documentation.
    fn unnamed(&mut self, below: &str, depth: usize, seen: &mut usize) {
        let mut entries = Vec::new();
        let listed = self
            .folder
            .list(below, |name, kind| entries.push((shown(name), kind)));
        if let Err(why) = listed {
            self.add(below, Wrong::Missing(why.to_string()));
        }
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, kind) in entries {
            *seen += 1;
            let path = join(below, &name);
            match kind {
                _ if *seen > MOST_FILES => return,
                EntryKind::Folder if path == "documentation" => {}
                EntryKind::Folder if depth < DEEPEST => self.unnamed(&path, depth + 1, seen),
                EntryKind::File if self.named.contains(&path) => {}
                _ => self.add(&path, Wrong::Extra),
            }
        }
    }
}

/// Reads bytes as each of the files of a package that are parsed, for the fuzzer.
#[cfg(feature = "fuzzing")]
pub(super) fn read_all(bytes: &[u8]) {
    let _ = (
        Mets::read(bytes),
        read::simpledc(bytes),
        read::fixities(bytes),
    );
}

fn is_digest(said: &str, sha256: Digest) -> bool {
    said.eq_ignore_ascii_case(&sha256.to_string())
}

fn join(base: &str, name: &str) -> String {
    match (base.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => base.to_owned(),
        _ => format!("{base}/{name}"),
    }
}
