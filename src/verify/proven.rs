//! A proof held against the file it is about and the batch it leads to (docs/evidence.md).

use std::io::{self, Read};
use std::path::Path;

use time::OffsetDateTime;

use super::finding::{Code, Finding, Findings, Place};
use super::folder::Folder;
use super::log::{LogProof, LogPublicKey};
use super::pdf::{self, Pdf};
use super::proof::{Proof, ProofFlaw};
use super::report::{SignatureFacts, Verdict};
use super::seal::Yardstick;
use super::{Trust, batch_signature, claimed_time, dossier, header, limits, pages};
use crate::model::{Digest, Digester};

/// What a proof is held against.
pub struct Against<'a> {
    /// The file that it is about; for a page, the PDF.
    pub file: Option<&'a Path>,
    /// A folder with the batch's header and signature: the package, or a copy of these two files.
    pub batch: Option<&'a Path>,
    /// The key of the province's log, for a proof that leads there.
    pub log_key: Option<&'a LogPublicKey>,
    /// Whose certificates are trusted.
    pub trust: &'a Trust,
    /// The time of the audit.
    pub at: OffsetDateTime,
}

/// The outcome.
#[derive(Debug)]
pub struct ProofReport {
    /// The bottom line.
    pub verdict: Verdict,
    /// What the proof says, where it can be read.
    pub proof: Option<Proof>,
    /// The root that it leads to.
    pub root: Option<Digest>,
    /// The signature of the batch's header.
    pub batch_signature: Option<SignatureFacts>,
    /// Number of the batch's entry in the log and the log's name, for a proof that leads there.
    pub logged: Option<(u64, String)>,
    /// Everything found, the worst first.
    pub findings: Vec<Finding>,
}

/// Judges a proof from its bytes; `name` is what people call its file.
pub fn proof(name: &str, bytes: &[u8], against: &Against<'_>) -> ProofReport {
    let mut findings = Findings::default();
    let mut report = ProofReport {
        verdict: Verdict::Invalid,
        proof: None,
        root: None,
        batch_signature: None,
        logged: None,
        findings: Vec::new(),
    };
    let place = Place::file(name);
    match lead(bytes, against, &mut report) {
        Ok(()) => judge(&place, against, &mut report, &mut findings),
        Err(detail) => {
            findings.add(Finding::new(Code::ProofBroken, place).with("detail", detail));
        }
    }
    report.verdict = Verdict::from_worst(findings.worst());
    report.findings = findings.ranked().0;
    report
}

/// Follows the path up to the batch's root and, where the proof goes on, to the log's.
fn lead(bytes: &[u8], against: &Against<'_>, report: &mut ProofReport) -> Result<(), String> {
    let told = |flaw: ProofFlaw| flaw.to_string();
    let in_log = match std::str::from_utf8(bytes) {
        Ok(text) if text.starts_with("c2sp.org/") => {
            Some(LogProof::read(text, against.log_key).map_err(|flaw| flaw.to_string())?)
        }
        _ => None,
    };
    let own = match &in_log {
        Some(log) => log.extra.as_deref().ok_or("no extra data")?,
        None => bytes,
    };
    let proof = Proof::read(own).map_err(told)?;
    let root = proof.root().map_err(told)?;
    if let Some(log) = in_log {
        let (batch, leaves) = (proof.batch, proof.leaves);
        let entry = format!("sohoa.v1 batch {batch} {root} {leaves}");
        log.proves(&entry).map_err(|flaw| flaw.to_string())?;
        report.logged = Some((log.index, log.head.origin));
    }
    (report.proof, report.root) = (Some(proof), Some(root));
    Ok(())
}

fn judge(place: &Place, against: &Against<'_>, report: &mut ProofReport, findings: &mut Findings) {
    let (Some(proof), Some(root)) = (&report.proof, report.root) else {
        return;
    };
    match (against.batch, &report.logged) {
        (Some(batch), _) => {
            report.batch_signature = hold_against_batch(proof, root, batch, against, findings);
        }
        (None, None) => findings.add(Finding::new(Code::ProofWithoutBatch, place.clone())),
        (None, Some(_)) => {}
    }
    if report.logged.is_some() && against.log_key.is_none() {
        findings.add(Finding::new(Code::LogKeyMissing, place.clone()));
    }
    let held = against.file.map(|file| hold_against_file(proof, file));
    match held {
        Some(Ok(None)) => {}
        Some(Ok(Some(finding))) => findings.add(finding),
        Some(Err(cause)) => {
            let name = against
                .file
                .map_or(String::new(), |file| file.display().to_string());
            findings.add(dossier::unreadable(&name, &cause));
        }
        None => findings.add(Finding::new(Code::ProofWithoutFile, place.clone())),
    }
}

fn hold_against_batch(
    proof: &Proof,
    root: Digest,
    batch: &Path,
    against: &Against<'_>,
    findings: &mut Findings,
) -> Option<SignatureFacts> {
    let folder = match Folder::open(batch) {
        Ok(folder) => folder,
        Err(why) => {
            findings.add(dossier::unopened(&batch.display().to_string(), why));
            return None;
        }
    };
    let by = Yardstick {
        facts: false,
        partial: false,
        sums_only: false,
        recorded: None,
        list: None,
        trust: against.trust,
        at: against.at,
    };
    let bytes = header::bytes(&folder, findings)?;
    let read = header::read(&bytes, &by, findings)?;
    let same = Digest::of(&bytes) == proof.batch
        && (read.merkle.root, read.merkle.leaves) == (root, proof.leaves);
    if !same {
        let finding = Finding::new(Code::ProofOfOtherBatch, Place::file(header::HEADER));
        findings.add(finding.with("said", read.merkle.root).with("found", root));
    }
    let created = claimed_time::from_record(&read.created);
    let facts = batch_signature::examine(&folder, &bytes, created, &by, findings);
    let signatures = u64::from(facts.is_some());
    let limits = super::limits_of_the_audit(against.trust, signatures, signatures, None);
    findings.absorb(limits);
    facts
}

/// `None` where the file is the proven one.
fn hold_against_file(proof: &Proof, path: &Path) -> io::Result<Option<Finding>> {
    let name = path.display().to_string();
    let other = |found: &str| {
        let finding = Finding::new(Code::ProofOfOtherFile, Place::file(&name));
        finding.with("said", &proof.leaf).with("found", found)
    };
    let Some(said) = proof.file_digest() else {
        return hold_against_page(proof, path, other);
    };
    let mut file = std::fs::File::open(path)?.take(limits::SCAN_BYTES);
    let first = digest(&mut file, proof.bytes.unwrap_or(u64::MAX))?;
    let more = file.read(&mut [0])? > 0;
    Ok(match (first == said, more) {
        (true, false) => None,
        (true, true) => {
            let finding = Finding::new(Code::ProofOfBeginning, Place::file(&name));
            Some(finding.with("bytes", proof.bytes.unwrap_or_default()))
        }
        (false, _) => Some(other(&first.to_string())),
    })
}

fn digest(reader: &mut impl Read, at_most: u64) -> io::Result<Digest> {
    let mut digester = Digester::new();
    let mut part = vec![0; 256 << 10];
    let mut reader = reader.take(at_most);
    loop {
        match reader.read(&mut part)? {
            0 => return Ok(digester.finish()),
            read => digester.update(&part[..read]),
        }
    }
}

/// The page's image and text as they stand in the PDF against those of the leaf.
fn hold_against_page(
    proof: &Proof,
    path: &Path,
    other: impl Fn(&str) -> Finding,
) -> io::Result<Option<Finding>> {
    let words: Vec<&str> = proof.leaf.split(' ').collect();
    let ["sohoa.v1", "page", _, _, _, _, _, page, image, text] = words[..] else {
        return Ok(Some(other("-")));
    };
    if image == "-" {
        // Blank, or of a document that was kept as it came: its image stands in no page of ours.
        return Ok(Some(Finding::new(
            Code::ProofWithoutFile,
            Place::file(path.display().to_string()),
        )));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(limits::PDF_BYTES).read_to_end(&mut bytes)?;
    let digests = pdf::contained(|| {
        let pdf = Pdf::open(&bytes).ok()?;
        pages::digests(&pdf, page.parse().ok()?)
    });
    let Some((found_image, found_text)) = digests.flatten() else {
        return Ok(Some(other("-")));
    };
    let found = (found_image.to_string(), found_text.to_string());
    let same = (found.0.as_str(), found.1.as_str()) == (image, text);
    Ok((!same).then(|| other(&format!("{} {}", found.0, found.1))))
}
