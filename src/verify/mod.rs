//! THE AUDITOR: proves a package from its bytes. Imports no stage; builds without recognition.
//!
//! [`package`] reads the header, its signature and every line of the manifest,
//! and holds each claim against the bytes: digests, pages, signatures, the Merkle
//! root. It shares no code with the stages and formats that wrote them, repairs
//! nothing, follows no link, and reports everything it finds, never the first
//! only. docs/verify.md explains every code.

pub mod aip;
mod algorithms;
mod batch_signature;
mod byte_range;
mod cades;
mod certificate;
mod claimed_time;
mod codes;
mod conformance;
pub mod delivery;
mod dossier;
mod draw;
mod finding;
mod folder;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod header;
mod inventory;
pub mod judge;
mod kept;
mod lasting;
mod limits;
mod list;
pub mod log;
mod manifest;
mod mark;
mod page_content;
mod pages;
mod pdf;
pub mod proof;
pub mod proven;
mod record;
mod report;
mod revisions;
mod rules;
mod seal;
#[cfg(test)]
mod tests;
mod to_unicode;
mod tree;
mod trust;
mod update;
pub mod words;

use std::path::Path;

use time::OffsetDateTime;

use crate::model::manifest::{SealRecord, iso_8601};

pub use draw::{Draw, Drawn, DrawnPage, NotASampleSize, SampleSize};
pub use finding::{Code, Finding, Place, Severity};
pub use folder::Unopened;
pub use report::{
    BatchFacts, Chain, Counts, FileReport, RecordFacts, Report, Revocation, SignatureFacts, Verdict,
};
pub use trust::{Trust, TrustFault};

use draw::Urn;
use finding::Findings;
use folder::Folder;
use judge::ProvenBy;
use manifest::Tally;
use seal::Yardstick;

/// What the manifest says of the signatures of a PDF that came signed: the state `kept`.
///
/// Looks at integrity only, by no clock and no roots: equal bytes give an equal record.
/// Never panics and never fails: what cannot be judged is `unknown`.
pub fn signed_pdf(bytes: &[u8]) -> SealRecord {
    kept::examine(bytes).record()
}

/// Judges every signature of any PDF by anyone: facts, indications of ETSI EN 319 102-1, verdict.
///
/// `at` is the time of the audit. Never panics and never fails: what cannot be judged is
/// indeterminate. Places of findings have an empty path; the caller knows the file's name.
pub fn pdf(bytes: &[u8], trust: &Trust, at: OffsetDateTime) -> judge::PdfReport {
    judge::judge(bytes, trust, at, None)
}

/// How far an audit is; told after each dossier, from any thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Dossiers audited.
    pub dossiers_done: u64,
    /// Pages recomputed.
    pub pages_done: u64,
}

/// Audits the package in a folder by the given trust and time.
///
/// Always ends in a report: what cannot be read is a finding.
pub fn package(
    out: &Path,
    trust: &Trust,
    at: OffsetDateTime,
    progress: &(dyn Fn(Progress) + Sync),
) -> Report {
    delivery(out, trust, at, Wishes::default(), progress)
}

/// What an audit gathers beside its verdict.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// A sample of pages for a person's eyes.
    pub draw: Option<Draw>,
    /// The facts of every signature one by one, for reports: some 5 KB a file.
    pub facts: bool,
    /// The delivery may lack whole dossiers, and kept scans, which the receiver has or does without
    /// (`sohoa pack`). Everything else must be there, and what is there must hold.
    pub partial: bool,
    /// No verdicts on the single files, so that memory does not grow with them; the findings tell all the same.
    pub sums_only: bool,
}

/// Length in bytes of the largest PDF that is judged; it is read whole.
pub const PDF_BYTES: u64 = limits::PDF_BYTES;

/// Audits a package as [`package`] does, and gathers what is wished for beside the verdict.
pub fn delivery(
    out: &Path,
    trust: &Trust,
    at: OffsetDateTime,
    wishes: Wishes,
    progress: &(dyn Fn(Progress) + Sync),
) -> Report {
    let by = Yardstick {
        trust,
        at,
        facts: wishes.facts,
        partial: wishes.partial,
        sums_only: wishes.sums_only,
        recorded: None,
        list: None,
    };
    let mut findings = Findings::default();
    let looked = match Folder::open(out) {
        Ok(folder) => audit(&folder, &by, wishes.draw, progress, &mut findings),
        Err(why) => {
            findings.add(dossier::unopened(".", why));
            Looked::default()
        }
    };
    let Looked {
        tally,
        batch,
        batch_signature,
        record,
    } = looked;
    let of_files = tally
        .files
        .iter()
        .filter_map(|file| file.signature.as_ref());
    let all = of_files.chain(&batch_signature);
    let by_record = |facts: &&SignatureFacts| facts.proven_by == Some(ProvenBy::EvidenceRecord);
    let recorded = record.as_ref().and_then(|record| record.proven_time);
    let recorded = recorded.map(|at| (all.clone().filter(by_record).count() as u64, at));
    let unproven = all.filter(|facts| facts.proven_time.is_none()).count() as u64;
    let signatures = tally.counts.signatures + u64::from(batch_signature.is_some());
    findings.absorb(limits_of_the_audit(trust, signatures, unproven, recorded));
    let verdict = Verdict::from_worst(findings.worst());
    let (findings, findings_left_out) = findings.ranked();
    Report {
        verdict,
        at,
        trust_roots: trust.roots(),
        counts: tally.counts,
        batch,
        sample: tally.urn.map(Urn::drawn),
        batch_signature,
        record,
        findings,
        findings_left_out,
        files: tally.files,
    }
}

/// What an audit gathers beside its findings.
#[derive(Default)]
struct Looked {
    tally: Tally,
    batch: Option<BatchFacts>,
    batch_signature: Option<SignatureFacts>,
    record: Option<RecordFacts>,
}

fn audit(
    folder: &Folder,
    by: &Yardstick<'_>,
    draw: Option<Draw>,
    progress: &(dyn Fn(Progress) + Sync),
    findings: &mut Findings,
) -> Looked {
    let bytes = header::bytes(folder, findings);
    let header = bytes
        .as_ref()
        .and_then(|bytes| header::read(bytes, by, findings));
    let created = header
        .as_ref()
        .and_then(|h| claimed_time::from_record(&h.created));
    let record = bytes
        .as_ref()
        .and_then(|bytes| record::open(folder, bytes, by, findings));
    let (tally, record) = recorded_audit(folder, by, (draw, record), progress, findings);
    let covering = record
        .as_ref()
        .filter(|record| record.covers_batch_signature);
    let by_record = Yardstick {
        recorded: covering.and_then(|record| record.proven_time),
        ..*by
    };
    let batch_signature = bytes
        .as_ref()
        .and_then(|bytes| batch_signature::examine(folder, bytes, created, &by_record, findings));
    if let Some(entry) = bytes.as_deref().and_then(log::entry_of) {
        // Whether the log is to be trusted, `sohoa log check` asks; here the receipt must fit.
        log::receipt(folder, "", &entry, None, findings);
    }
    if let (Some(header), Some(tally)) = (&header, &tally) {
        header::compare(header, tally, findings);
    }
    let batch = tally.as_ref().map(|tally| tally.facts(header));
    let mut tally = tally.unwrap_or_default();
    inventory::check(folder, &tally, findings);
    inventory::check_trees(folder, std::mem::take(&mut tally.tree), findings);
    Looked {
        tally,
        batch,
        batch_signature,
        record,
    }
}

/// The audit of all lines, with what the batch's evidence record proves of the files that they name.
///
/// The record is taken at its word until the tree is known. Where the lines make another tree than it
/// covers, it proves nothing about any file: then all is audited once more without it.
fn recorded_audit(
    folder: &Folder,
    by: &Yardstick<'_>,
    (draw, mut record): (Option<Draw>, Option<record::Opened>),
    progress: &(dyn Fn(Progress) + Sync),
    findings: &mut Findings,
) -> (Option<Tally>, Option<RecordFacts>) {
    let audited = |recorded, list| {
        let mut found = Findings::default();
        let by = Yardstick {
            recorded,
            list,
            ..*by
        };
        let tally = manifest::audit(folder, &by, draw.map(Urn::new), progress, &mut found);
        if let (Some(list), Some(tally)) = (list, &tally) {
            list.check_top(folder, tally.listed, &mut found);
        }
        (tally, found)
    };
    let proven = record.as_ref().and_then(|record| record.facts.proven_time);
    let list = record.as_mut().and_then(|record| record.list.take());
    let (mut tally, mut found) = audited(proven, list.as_ref());
    let root = tally.as_ref().map(|tally| tally.tree.record_root());
    let facts = record.and_then(|record| record.of_tree(root, findings));
    if facts.is_none() && (proven.is_some() || list.is_some()) {
        (tally, found) = audited(None, None);
    }
    findings.absorb(found);
    (tally, facts)
}

/// What is said once for all signatures: how many times are their signers' claims, how many the
/// batch's evidence record proves and which, and that nobody was given whom to trust.
fn limits_of_the_audit(
    trust: &Trust,
    signatures: u64,
    unproven: u64,
    recorded: Option<(u64, OffsetDateTime)>,
) -> Findings {
    let mut findings = Findings::default();
    if let Some((count @ 1.., at)) = recorded {
        let finding = Finding::new(Code::TimeOfRecord, Place::file(record::RECORD));
        findings.add(finding.with("count", count).with("at", iso_8601(at)));
    }
    let mut add = |code, count: u64| {
        let finding = Finding::new(code, Place::file("."));
        findings.add(finding.with("count", count));
    };
    if unproven > 0 {
        add(Code::TimeSelfReported, unproven);
    }
    if trust.roots() == 0 && signatures > 0 {
        add(Code::NoTrustRoots, signatures);
    }
    findings
}
