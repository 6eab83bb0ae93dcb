//! What the one judge of any PDF says of a file of ours: its signer, its time, and what stands behind
//! the revision that was signed.
//!
//! Our writer adds validation data (`/DSS`) and document time stamps, each as a revision of its
//! own (ETSI EN 319 142-1, 5.4 and 5.5), and a time stamp in the room of the signature itself.
//! Whatever else stands there is foreign. What they prove is told by the judge of any PDF.

use time::{Duration, OffsetDateTime};

use super::claimed_time;
use super::finding::{Code, Finding, Findings, Place, Severity};
use super::judge::{
    self, Change, ChangeKind, Existence, Level, PdfReport, Permission, SignatureKind,
};
use super::report::SignatureFacts;
use super::revisions;
use super::seal::{self, Yardstick, seal_differs};
use crate::model::manifest::SealRecord;

/// The page as assembled, and its signature.
const SIGNED_REVISIONS: usize = 2;

/// A file as it was recorded: what was appended since is no lie of the record.
pub fn recorded_part<'f>(file: &'f [u8], record: &SealRecord, recorded_bytes: u64) -> &'f [u8] {
    let end = usize::try_from(recorded_bytes).unwrap_or(usize::MAX);
    if end >= file.len() || !matches!(record, SealRecord::Signed { .. }) {
        return file;
    }
    // Only whole revisions are appended to a file of ours.
    let ends_there = revisions::read(file).is_ok_and(|all| all.iter().any(|one| one.end == end));
    if ends_there { &file[..end] } else { file }
}

/// A file up to the end of the revision that holds its signature.
pub fn signed_part<'f>(file: &'f [u8], record: &SealRecord) -> &'f [u8] {
    if !matches!(record, SealRecord::Signed { .. }) {
        return file;
    }
    match revisions::read(file).as_deref() {
        Ok([_, signed, _, ..]) => &file[..signed.end],
        _ => file,
    }
}

/// Judges the signer and what makes the signature last, by the judge of any PDF.
pub fn check(
    file: &[u8],
    record: &SealRecord,
    (by, existed): (&Yardstick<'_>, Option<Existence>),
    path: &str,
    facts: &mut SignatureFacts,
    findings: &mut Findings,
) {
    let SealRecord::Signed { level, .. } = record else {
        return; // a signature that the record does not know was told
    };
    let place = Place::file(path);
    let report = judge::judge(file, by.trust, by.at, existed);
    let signature = signature(&report);
    if let Some(one) = signature {
        facts.know(&one.signer);
        facts.proven_time = one.proven_time;
        facts.proven_by = one.proven_by;
        // What makes it last stands behind it, so the signature itself covers only the beginning.
        facts.covers_whole_file &= one.covers_whole_file;
    }
    // What is no row of revisions was told where the file was opened.
    let more = revisions::read(file).is_ok_and(|all| all.len() > SIGNED_REVISIONS);
    if more || level != Level::BaselineB.text() {
        for detail in foreign(&report) {
            findings.add(Finding::new(Code::ForeignChange, place.clone()).with("detail", detail));
        }
        facts.level = signature.and_then(|one| Some(one.level?.text().to_owned()));
        check_reached(&report, record, by, &place, findings);
    }
    let open = report
        .reasons
        .iter()
        .filter(|reason| is_new(reason, findings));
    let open: Vec<Finding> = open.map(|reason| seal::of_ours(reason, &place)).collect();
    open.into_iter().for_each(|finding| findings.add(finding));
}

/// True for what the strict look at the file has not told already, in sharper words.
fn is_new(reason: &Finding, told: &Findings) -> bool {
    let covered_by: &[Code] = match reason.code {
        // That no roots were given is told once for the package.
        Code::NoTrustRoots => return false,
        Code::ChangeUnjudged => &[Code::ForeignChange, Code::SignatureNotWhole],
        Code::SignatureUnjudged => &[
            Code::SignatureBroken,
            Code::AlgorithmNotAllowed,
            Code::SealDiffers,
        ],
        Code::NoSignature => &[Code::SealDiffers],
        _ => &[],
    };
    let told = covered_by.iter().any(|code| told.has(*code)) || told.has(reason.code);
    reason.severity > Severity::Note && !told
}

/// Holds level and times reached against the record.
fn check_reached(
    report: &PdfReport,
    record: &SealRecord,
    by: &Yardstick<'_>,
    place: &Place,
    findings: &mut Findings,
) {
    let SealRecord::Signed {
        level,
        stamped_at,
        archived_at,
        ..
    } = record
    else {
        return;
    };
    let reached = signature(report).and_then(|one| one.level);
    // Without roots nobody can tell whether the data for judging is complete.
    let judged = by.trust.roots() > 0;
    if Level::named(level).is_none_or(|said| judged && reached < Some(said)) {
        let found = reached.map_or("-", Level::text);
        findings.add(seal_differs(place, level, found));
    }
    for said in [stamped_at, archived_at].into_iter().flatten() {
        if !times(report).any(|time| is_of_second(time, said)) {
            findings.add(seal_differs(place, said, "-"));
        }
    }
}

/// The one signature among the time stamps.
fn signature(report: &PdfReport) -> Option<&judge::SignatureReport> {
    let mut signatures = report
        .signatures
        .iter()
        .filter(|one| one.kind != SignatureKind::DocumentTimestamp);
    signatures.next().filter(|_| signatures.next().is_none())
}

/// Whatever is neither a time stamp nor validation data.
fn foreign(report: &PdfReport) -> Vec<String> {
    let ours = |change: &Change| {
        (change.permission, change.kind) == (Permission::Allowed, ChangeKind::Proofs)
    };
    let changes = report.signatures.iter().flat_map(|one| &one.changes);
    let mut foreign: Vec<String> = changes
        .filter(|change| !ours(change))
        .map(|change| change.detail.clone())
        .collect();
    if signature(report).is_none() {
        foreign.push("not one signature alone".to_owned());
    }
    foreign.dedup();
    foreign
}

/// The times of all time stamps, in the signature and over the file.
fn times(report: &PdfReport) -> impl Iterator<Item = OffsetDateTime> {
    let stamps = report.signatures.iter().flat_map(|one| &one.timestamps);
    stamps.filter_map(|stamp| stamp.time)
}

/// Records know whole seconds, authorities fractions of them.
fn is_of_second(time: OffsetDateTime, said: &str) -> bool {
    claimed_time::from_record(said)
        .is_some_and(|said| (Duration::ZERO..Duration::SECOND).contains(&(time - said)))
}
