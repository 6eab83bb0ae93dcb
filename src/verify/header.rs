//! `batch.json` read strictly, and held against what the lines of the manifest give.

use super::claimed_time;
use super::dossier::{self, MANIFEST};
use super::finding::{Code, Finding, Findings, Place};
use super::folder::Folder;
use super::limits;
use super::manifest::Tally;
use super::seal::{self, Yardstick};
use crate::model::manifest::{BatchHeader, MANIFEST_VERSION};

/// The header's name in a package.
pub const HEADER: &str = "batch.json";

/// The bytes of `batch.json`; what stops the reading is a finding.
pub fn bytes(folder: &Folder, findings: &mut Findings) -> Option<Vec<u8>> {
    let file = folder
        .file(HEADER)
        .map_err(|why| findings.add(dossier::unopened(HEADER, why)))
        .ok()?;
    match file.read(limits::HEADER_BYTES) {
        Ok(Some(bytes)) => Some(bytes),
        Ok(None) => {
            findings.add(dossier::over_budget(HEADER, limits::HEADER_BYTES));
            None
        }
        Err(fault) => {
            findings.add(dossier::unreadable(HEADER, &fault));
            None
        }
    }
}

/// Reads the header from its bytes; every field must be there and be what it should.
pub fn read(bytes: &[u8], by: &Yardstick<'_>, findings: &mut Findings) -> Option<BatchHeader> {
    let place = Place::file(HEADER);
    let header: BatchHeader = match serde_json::from_slice(bytes) {
        Ok(header) => header,
        Err(fault) => {
            let finding = Finding::new(Code::HeaderInvalid, place);
            findings.add(finding.with("detail", format!("json ({:?})", fault.classify())));
            return None;
        }
    };
    let value: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    if header.v != MANIFEST_VERSION || value != serde_json::to_value(&header).ok() {
        let finding = Finding::new(Code::LaterVersion, place.clone());
        findings.add(finding.with("version", header.v));
    }
    for detail in flaws(&header) {
        findings.add(Finding::new(Code::HeaderInvalid, place.clone()).with("detail", detail));
    }
    seal::check_future(
        claimed_time::from_record(&header.created),
        by.at,
        &place,
        findings,
    );
    Some(header)
}

fn flaws(header: &BatchHeader) -> Vec<&'static str> {
    let software = &header.software;
    let checks = [
        (
            claimed_time::from_record(&header.created).is_some(),
            "created is no RFC 3339 time",
        ),
        (software.name == "sohoa", "software.name is not sohoa"),
        (!software.version.is_empty(), "software.version is empty"),
        (!software.engine.is_empty(), "software.engine is empty"),
        (
            header.manifest.file == MANIFEST,
            "manifest.file is not manifest.jsonl",
        ),
    ];
    checks
        .iter()
        .filter(|(holds, _)| !holds)
        .map(|(_, flaw)| *flaw)
        .collect()
}

/// Holds the header's sums against those of the lines.
pub fn compare(header: &BatchHeader, tally: &Tally, findings: &mut Findings) {
    if tally.digest != Some(header.manifest.sha256) || tally.lines != header.manifest.lines {
        let told = |digest, lines| format!("{digest} ({lines} lines)");
        let found = tally
            .digest
            .map_or_else(|| "-".to_owned(), |digest| told(digest, tally.lines));
        let finding = Finding::new(Code::ManifestDiffers, Place::file(MANIFEST));
        let said = told(header.manifest.sha256, header.manifest.lines);
        findings.add(finding.with("said", said).with("found", found));
    }
    for (what, said, found) in counts(header, tally) {
        if said != found {
            let finding = Finding::new(Code::CountDiffers, Place::file(HEADER));
            findings.add(
                finding
                    .with("what", what)
                    .with("said", said)
                    .with("found", found),
            );
        }
    }
    compare_tree(header, tally, findings);
    let pages = &header.pages;
    let fates = [
        pages.published,
        pages.blank,
        pages.separator,
        pages.rejected,
    ];
    let sum = fates.into_iter().try_fold(0u64, u64::checked_add);
    if sum != Some(pages.scanned) {
        let finding = Finding::new(Code::PagesUnbalanced, Place::file(HEADER));
        let found = sum.map_or_else(|| "-".to_owned(), |sum| sum.to_string());
        findings.add(finding.with("said", pages.scanned).with("found", found));
    }
}

fn counts(header: &BatchHeader, tally: &Tally) -> [(&'static str, u64, u64); 10] {
    let (said, found) = (&header.dossiers, &tally.dossiers);
    let (said_pages, found_pages) = (&header.pages, &tally.pages);
    [
        ("dossiers.total", said.total, found.total),
        ("dossiers.packaged", said.packaged, found.packaged),
        ("dossiers.set_aside", said.set_aside, found.set_aside),
        (
            "dossiers.waiting_for_review",
            said.waiting_for_review,
            found.waiting_for_review,
        ),
        ("pages.scanned", said_pages.scanned, found_pages.scanned),
        (
            "pages.published",
            said_pages.published,
            found_pages.published,
        ),
        ("pages.blank", said_pages.blank, found_pages.blank),
        (
            "pages.separator",
            said_pages.separator,
            found_pages.separator,
        ),
        ("pages.rejected", said_pages.rejected, found_pages.rejected),
        ("documents", header.documents, tally.documents),
    ]
}

fn compare_tree(header: &BatchHeader, tally: &Tally, findings: &mut Findings) {
    let (root, leaves) = (tally.tree.root(), tally.tree.leaves());
    if header.merkle.root != root || header.merkle.leaves != leaves {
        let told = |root, leaves| format!("{root} ({leaves} leaves)");
        let said = told(header.merkle.root, header.merkle.leaves);
        let finding = Finding::new(Code::TreeDiffers, Place::file(HEADER));
        findings.add(finding.with("said", said).with("found", told(root, leaves)));
    }
}
