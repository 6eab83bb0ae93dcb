//! Nothing may stand in a package that nothing names: the top folders, and the records set aside.

use super::batch_signature::SIGNATURE;
use super::dossier::{self, MANIFEST, join};
use super::finding::{Code, Finding, Findings, Place};
use super::folder::{EntryKind, Folder, Unopened, shown};
use super::header::HEADER;
use super::limits;
use super::list::LISTS;
use super::log::RECEIPT;
use super::manifest::Tally;
use super::record::RECORD;
use super::tree::Tree;
use crate::model::Digest;

const DOSSIERS: &str = "dossiers";
const SET_ASIDE: &str = "set-aside";
/// What the manifest tells of scans that occur twice, told once more; proves nothing.
const DUPLICATES: &str = "duplicates.jsonl";

/// The lock of the runs; a run that ended leaves it empty.
const LOCK: &str = ".lock";
/// The history of the runs: no part of what is signed, so nothing in it is judged.
const RUNS: &str = "runs";
/// The batch's hash trees; a package of an earlier version has none.
const TREE: &str = "tree";
/// Where a run keeps what is half done; a run that ended leaves none.
const WORK: &str = ".work";

/// Reports what stands at the top, among the dossiers and among the records set aside.
pub fn check(folder: &Folder, tally: &Tally, findings: &mut Findings) {
    check_top(folder, findings);
    check_dossiers(folder, tally, findings);
    check_set_aside(folder, tally, findings);
}

/// Holds the files of the trees against the recomputed ones: all of them, or none at all.
pub fn check_trees(folder: &Folder, tree: Tree, findings: &mut Findings) {
    let mut missing = tree.files();
    let mut names = Vec::new();
    match folder.list(TREE, |name, kind| names.push((shown(name), kind))) {
        Ok(()) => {}
        Err(Unopened::Missing) => return,
        Err(why) => return findings.add(dossier::unopened(TREE, why)),
    }
    for (name, kind) in names {
        let place = Place::file(join(TREE, &name));
        match (kind, missing.remove(&name)) {
            (EntryKind::Other, _) => findings.add(Finding::new(Code::NotAPlainFile, place)),
            (EntryKind::Folder, _) | (_, None) => {
                findings.add(Finding::new(Code::FileExtra, place));
            }
            (EntryKind::File, Some(said)) => compare_level(folder, place, said, findings),
        }
    }
    for name in missing.into_keys() {
        let place = Place::file(join(TREE, &name));
        findings.add(Finding::new(Code::FileMissing, place));
    }
}

fn compare_level(folder: &Folder, place: Place, said: Digest, findings: &mut Findings) {
    let found = match folder.file(&place.path) {
        Ok(file) => file.digest(),
        Err(why) => return findings.add(dossier::unopened(&place.path, why)),
    };
    match found {
        Ok((found, _)) if found == said => {}
        Ok((found, _)) => {
            let finding = Finding::new(Code::TreeDiffers, place);
            findings.add(finding.with("said", said).with("found", found));
        }
        Err(fault) => findings.add(dossier::unreadable(&place.path, &fault)),
    }
}

fn check_top(folder: &Folder, findings: &mut Findings) {
    let listed = folder.list("", |name, kind| {
        let name = shown(name);
        // A list by another hash says nothing by itself; the record that covers it does.
        let files = [HEADER, SIGNATURE, MANIFEST, DUPLICATES, RECEIPT, RECORD];
        let files = [&files[..], &LISTS].concat();
        let code = match kind {
            EntryKind::File if name == LOCK && is_empty(folder, LOCK) => return,
            EntryKind::File if name == LOCK => Code::RunUnfinished,
            EntryKind::Folder if name == WORK => Code::RunUnfinished,
            EntryKind::File if files.contains(&name.as_str()) => return,
            EntryKind::Folder if [DOSSIERS, SET_ASIDE, RUNS, TREE].contains(&name.as_str()) => {
                return;
            }
            EntryKind::Other => Code::NotAPlainFile,
            _ => Code::FileExtra,
        };
        findings.add(Finding::new(code, Place::file(name)));
    });
    if let Err(why) = listed {
        findings.add(dossier::unopened(".", why));
    }
}

fn is_empty(folder: &Folder, path: &str) -> bool {
    folder.file(path).is_ok_and(|file| file.length_bytes == 0)
}

fn check_dossiers(folder: &Folder, tally: &Tally, findings: &mut Findings) {
    let listed = folder.list(DOSSIERS, |name, kind| {
        let named = (name.to_str()).is_some_and(|name| tally.codes.contains(name));
        let code = match kind {
            EntryKind::Folder if named => return,
            EntryKind::Other => Code::NotAPlainFile,
            _ => Code::FileExtra,
        };
        findings.add(Finding::new(
            code,
            Place::file(join(DOSSIERS, &shown(name))),
        ));
    });
    report_unlisted(listed, DOSSIERS, tally.codes.is_empty(), findings);
}

/// Each record set aside is the line of its dossier, byte for byte, whatever its
/// file is named; each such line has one record.
fn check_set_aside(folder: &Folder, tally: &Tally, findings: &mut Findings) {
    let mut names = Vec::new();
    let listed = folder.list(SET_ASIDE, |name, kind| names.push((shown(name), kind)));
    report_unlisted(listed, SET_ASIDE, tally.set_aside.is_empty(), findings);
    let mut missing = tally.set_aside.clone();
    for (name, kind) in names {
        let path = join(SET_ASIDE, &name);
        if kind == EntryKind::Other {
            findings.add(Finding::new(Code::NotAPlainFile, Place::file(path)));
        } else if !is_record(folder, &path, &mut missing) {
            findings.add(Finding::new(Code::FileExtra, Place::file(path)));
        }
    }
    for line in missing.into_values() {
        let place = Place::line(format!("{SET_ASIDE}/"), line);
        findings.add(Finding::new(Code::FileMissing, place));
    }
}

fn is_record(
    folder: &Folder,
    path: &str,
    missing: &mut std::collections::HashMap<Digest, u64>,
) -> bool {
    let file = folder
        .file(path)
        .ok()
        .filter(|f| f.length_bytes <= limits::LINE_BYTES as u64 + 1);
    let digest = file.and_then(|file| file.digest().ok());
    path.ends_with(".json") && digest.is_some_and(|(digest, _)| missing.remove(&digest).is_some())
}

fn report_unlisted(
    listed: Result<(), Unopened>,
    path: &str,
    may_be_missing: bool,
    findings: &mut Findings,
) {
    match listed {
        Ok(()) => {}
        Err(Unopened::Missing) if may_be_missing => {}
        Err(why) => findings.add(dossier::unopened(path, why)),
    }
}
