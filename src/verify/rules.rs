//! What must hold within one line of the manifest, whatever the files say.
//!
//! Each rule has a short id that stands in the finding; docs/verify.md lists them.

use unicode_normalization::is_nfc;

use super::finding::{Code, Finding, Findings, Place};
use crate::model::DossierCode;
use crate::model::manifest::{
    DocumentRecord, DossierRecord, Fate, MANIFEST_VERSION, Outcome, PublishedPage, SealRecord,
    Source,
};

/// Reports every rule that a line breaks.
pub fn check(record: &DossierRecord, place: &Place, findings: &mut Findings) {
    let mut broken = |rule: &str| {
        let finding = Finding::new(Code::LineInvalid, place.clone());
        findings.add(finding.with("rule", rule));
    };
    if !is_plain_path(&record.folder) {
        broken("folder");
    }
    if !outcome_fits(record) {
        broken("outcome");
    }
    if !pages_follow_sources(record) {
        broken("page-order");
    }
    if record
        .sources
        .iter()
        .any(|source| !is_part_told_well(source))
    {
        broken("part");
    }
    if record
        .pages
        .iter()
        .any(|p| (p.fate == Fate::Published) != p.published.is_some())
    {
        broken("fate");
    }
    if published(record).any(|page| ![0, 90, 180, 270].contains(&page.turn_deg)) {
        broken("turn");
    }
    if !record
        .documents
        .iter()
        .zip(1..)
        .all(|(document, n)| document.n == n)
    {
        broken("document-number");
    }
    if !pages_fill_documents(record) {
        broken("placement");
    }
    if !kept_fits(record) {
        broken("kept");
    }
    check_balance(record, place, findings);
    check_names(record, place, findings);
    if record.v != MANIFEST_VERSION {
        let finding = Finding::new(Code::LaterVersion, place.clone());
        findings.add(finding.with("version", record.v));
    }
}

fn outcome_fits(record: &DossierRecord) -> bool {
    match record.outcome {
        Outcome::Packaged => record.dossier.is_some() && record.reasons.is_empty(),
        Outcome::SetAside => {
            !record.reasons.is_empty()
                && record.review.is_empty()
                && record.documents.is_empty()
                && published(record).next().is_none()
        }
    }
}

/// A path below the drop: NFC, `/` between parts, no part that leads elsewhere.
/// Line feeds and the like may stand in the name of a folder that was set aside.
fn is_plain_path(path: &str) -> bool {
    is_nfc(path)
        && !path.contains('\0')
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn published(record: &DossierRecord) -> impl Iterator<Item = &PublishedPage> {
    record
        .pages
        .iter()
        .filter_map(|page| page.published.as_ref())
}

/// Page records are the pages of the first source, then of the second, and so on.
fn pages_follow_sources(record: &DossierRecord) -> bool {
    let expected = (1u32..).zip(&record.sources).flat_map(|(number, source)| {
        let first = source.first_page.unwrap_or(1);
        (0..source.pages).map(move |page| (number, first.saturating_add(page)))
    });
    // A claim of four thousand million pages ends with the records, not with the claim.
    let found = record
        .pages
        .iter()
        .map(|page| (page.source, page.source_page));
    expected.take(record.pages.len()).eq(found)
}

/// A part of a stream begins at some page, holds some, and is kept as no copy: that would
/// carry other people's dossiers into this one.
fn is_part_told_well(source: &Source) -> bool {
    let Some(first) = source.first_page else {
        return true;
    };
    first > 0 && source.pages > 0 && source.kept.is_none()
}

/// Every page of every document is recorded exactly once, in order.
fn pages_fill_documents(record: &DossierRecord) -> bool {
    let mut expected = record
        .documents
        .iter()
        .flat_map(|document| (1..=document.pages).map(move |page| (document.n, page)));
    published(record).all(|page| expected.next() == Some((page.document, page.page)))
        && expected.next().is_none()
}

/// A kept document is one whole source, has its text beside it and pages without images of
/// ours; no other document is so.
fn kept_fits(record: &DossierRecord) -> bool {
    record.documents.iter().all(|document| {
        let kept = matches!(document.seal, SealRecord::Kept { .. });
        let placed = record.pages.iter().filter_map(|page| {
            let at = page.published.as_ref();
            at.filter(|at| at.document == document.n)
                .map(|at| (page, at))
        });
        let mut sources: Vec<u32> = Vec::new();
        let mut bare = 0;
        for (page, at) in placed {
            bare += u32::from(at.image_sha256.is_none());
            sources.push(page.source);
        }
        sources.dedup();
        if !kept {
            return document.text.is_none() && bare == 0;
        }
        let is_source = |number: u32| {
            let source = record.sources.get((number as usize).wrapping_sub(1));
            source.is_some_and(|source| {
                source.sha256 == document.sha256 && source.pages == document.pages
            })
        };
        document.text.is_some()
            && bare == document.pages
            && matches!(sources.as_slice(), [source] if is_source(*source))
    })
}

fn check_balance(record: &DossierRecord, place: &Place, findings: &mut Findings) {
    let said: u64 = record
        .sources
        .iter()
        .map(|source| u64::from(source.pages))
        .sum();
    let found = record.pages.len() as u64;
    if said != found {
        let finding = Finding::new(Code::PagesUnbalanced, place.clone());
        findings.add(finding.with("said", said).with("found", found));
    }
}

fn check_names(record: &DossierRecord, place: &Place, findings: &mut Findings) {
    let documents = record.documents.iter().filter(|document| {
        record
            .dossier
            .as_ref()
            .is_none_or(|code| !is_file_of(document, code))
    });
    let scans = record.sources.iter().filter(|source| !is_kept_well(source));
    let astray = record
        .documents
        .iter()
        .filter(|document| !is_text_of(document));
    let texts =
        astray.filter_map(|document| Some((document.text.as_ref()?.file.as_str(), "text-name")));
    let names = documents
        .map(|document| (document.file.as_str(), "file-name"))
        .chain(texts)
        .chain(scans.filter_map(|source| Some((source.kept.as_deref()?, "kept-name"))));
    for (name, rule) in names {
        let finding = match is_plain_path(name) {
            true => Finding::new(Code::LineInvalid, place.clone()).with("rule", rule),
            false => {
                Finding::new(Code::NameUnsafe, place.clone()).with("name", name.escape_debug())
            }
        };
        findings.add(finding);
    }
}

/// True where a document bears the name that its dossier and number give it.
pub fn is_file_of(document: &DocumentRecord, code: &DossierCode) -> bool {
    document.file == format!("{code}.{:02}.pdf", document.n)
}

/// True where the text beside a document, if any, is named after it.
pub fn is_text_of(document: &DocumentRecord) -> bool {
    let stem = document.file.strip_suffix(".pdf");
    let text = document.text.as_ref();
    text.is_none_or(|text| stem.is_some_and(|stem| text.file == format!("{stem}.txt")))
}

/// True where a kept scan, if any, is named by its digest: `scans/<sha256>`, and
/// `.<ext>` where the scan's own name has a plain one.
pub fn is_kept_well(source: &Source) -> bool {
    let Some(kept) = &source.kept else {
        return true;
    };
    let digest = source.sha256.to_string();
    let rest = kept
        .strip_prefix("scans/")
        .and_then(|name| name.strip_prefix(&digest));
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    rest.is_some_and(|rest| match rest.strip_prefix('.') {
        Some(extension) => (1..=8).contains(&extension.len()) && extension.bytes().all(plain),
        None => rest.is_empty(),
    })
}
