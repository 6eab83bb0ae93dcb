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

use crate::model::manifest::SealRecord;

pub use draw::{Draw, Drawn, DrawnPage, NotASampleSize, SampleSize};
pub use finding::{Code, Finding, Place, Severity};
pub use folder::Unopened;
pub use report::{
    BatchFacts, Chain, Counts, FileReport, Report, Revocation, SignatureFacts, Verdict,
};
pub use trust::{Trust, TrustFault};

use draw::Urn;
use finding::Findings;
use folder::Folder;
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
    judge::judge(bytes, trust, at)
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
    } = looked;
    let of_files = tally
        .files
        .iter()
        .filter_map(|file| file.signature.as_ref());
    let unproven = of_files.chain(&batch_signature);
    let unproven = unproven.filter(|facts| facts.proven_time.is_none()).count() as u64;
    let signatures = tally.counts.signatures + u64::from(batch_signature.is_some());
    findings.absorb(limits_of_the_audit(trust, signatures, unproven));
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
    let batch_signature = bytes
        .as_ref()
        .and_then(|bytes| batch_signature::examine(folder, bytes, created, by, findings));
    if let Some(entry) = bytes.as_deref().and_then(log::entry_of) {
        // Whether the log is to be trusted, `sohoa log check` asks; here the receipt must fit.
        log::receipt(folder, "", &entry, None, findings);
    }
    let tally = manifest::audit(folder, by, draw.map(Urn::new), progress, findings);
    if let (Some(header), Some(tally)) = (&header, &tally) {
        header::compare(header, tally, findings);
    }
    let batch = tally.as_ref().map(|tally| tally.facts(header));
    let mut tally = tally.unwrap_or_default();
    inventory::check(folder, &tally, findings);
    if let Some(bytes) = &bytes {
        record::examine(folder, bytes, &tally.tree.record_root(), by, findings);
    }
    inventory::check_trees(folder, std::mem::take(&mut tally.tree), findings);
    Looked {
        tally,
        batch,
        batch_signature,
    }
}

/// What is said once for all signatures: how many times are their signers' claims, and that nobody
/// was given whom to trust.
fn limits_of_the_audit(trust: &Trust, signatures: u64, unproven: u64) -> Findings {
    let mut findings = Findings::default();
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
