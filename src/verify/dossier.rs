//! One line of the manifest and everything it speaks of: record, scans, documents.

use std::collections::{HashMap, HashSet};
use std::io;

use super::conformance;
use super::finding::{Code, Finding, Findings, Place};
use super::folder::{EntryKind, Folder, PlainFile, Unopened, shown};
use super::judge::{self, Existence};
use super::kept;
use super::lasting;
use super::limits;
use super::pages;
use super::pdf::{self, Pdf};
use super::report::{Chain, Counts, FileReport, SignatureFacts, Verdict};
use super::rules;
use super::seal::{self, Yardstick};
use crate::model::manifest::{
    DocumentRecord, DossierRecord, Outcome, PublishedPage, SealRecord, Source, TextFile,
};
use crate::model::{Digest, DossierCode};

/// The manifest's name in a package.
pub const MANIFEST: &str = "manifest.jsonl";

/// What the audit of one line gave.
#[derive(Default)]
pub struct LineAudit {
    /// The line's record, where it could be read.
    pub record: Option<DossierRecord>,
    /// SHA-256 of the line with its line end: the digest of the dossier's own record.
    pub digest: Option<Digest>,
    /// What was found.
    pub findings: Findings,
    /// The documents, in order.
    pub files: Vec<FileReport>,
    /// What was looked at.
    pub counts: Counts,
}

/// Audits one line (without its line end) and the files it names.
pub fn audit(line: &[u8], number: u64, folder: &Folder, by: &Yardstick<'_>) -> LineAudit {
    let place = Place::line(MANIFEST, number);
    let mut audit = LineAudit::default();
    audit.counts.dossiers = 1;
    let Some(record) = read(line, &place, &mut audit.findings) else {
        return audit;
    };
    let with_end = [line, b"\n"].concat();
    audit.digest = Some(Digest::of(&with_end));
    rules::check(&record, &place, &mut audit.findings);
    if let (Outcome::Packaged, Some(code)) = (record.outcome, &record.dossier) {
        let mut dossier = Dossier {
            base: format!("dossiers/{code}"),
            folder,
            by,
            audit,
        };
        if dossier.may_lack("") {
            return LineAudit {
                record: Some(record),
                ..dossier.audit
            };
        }
        dossier.check_record(&with_end);
        dossier.check_scans(&record.sources);
        dossier.check_documents(&record, code);
        dossier.check_extra(&record, code);
        audit = dossier.audit;
    }
    audit.record = Some(record);
    audit
}

/// Reads a line strictly: what cannot be written again the same way was not written by us.
pub(super) fn read(line: &[u8], place: &Place, findings: &mut Findings) -> Option<DossierRecord> {
    let record: DossierRecord = match serde_json::from_slice(line) {
        Ok(record) => record,
        Err(fault) => {
            let finding = Finding::new(Code::LineInvalid, place.clone());
            findings.add(finding.with("rule", format!("json ({:?})", fault.classify())));
            return None;
        }
    };
    if serde_json::to_vec(&record).ok().as_deref() != Some(line) {
        let value: Option<serde_json::Value> = serde_json::from_slice(line).ok();
        let finding = match value == serde_json::to_value(&record).ok() {
            true => Finding::new(Code::LineInvalid, place.clone()).with("rule", "compact"),
            // Fields may be added by later versions; this one cannot judge them.
            false => Finding::new(Code::LaterVersion, place.clone()).with("version", record.v),
        };
        findings.add(finding);
    }
    Some(record)
}

/// The finding for something that could not be opened.
pub fn unopened(path: &str, why: Unopened) -> Finding {
    let place = Place::file(path);
    match why {
        Unopened::Missing => Finding::new(Code::FileMissing, place),
        Unopened::NotPlain => Finding::new(Code::NotAPlainFile, place),
        Unopened::Unsafe => Finding::new(Code::NameUnsafe, place).with("name", path.escape_debug()),
        Unopened::Unreadable(kind) => Finding::new(Code::NotReadable, place).with("detail", kind),
    }
}

/// The finding for a file that broke off while it was read.
pub fn unreadable(path: &str, fault: &io::Error) -> Finding {
    unopened(path, Unopened::Unreadable(fault.kind()))
}

/// The finding for a file above its budget.
pub fn over_budget(path: &str, limit_bytes: u64) -> Finding {
    let finding = Finding::new(Code::OverBudget, Place::file(path));
    finding.with("what", "bytes").with("limit", limit_bytes)
}

struct Dossier<'a> {
    base: String,
    folder: &'a Folder,
    by: &'a Yardstick<'a>,
    audit: LineAudit,
}

impl Dossier<'_> {
    fn open(&mut self, path: &str) -> Option<PlainFile> {
        let opened = self.folder.file(path);
        opened
            .map_err(|why| self.audit.findings.add(unopened(path, why)))
            .ok()
    }

    /// Reads a file whole; what stops it is a finding.
    fn read(&mut self, path: &str, limit_bytes: u64) -> Option<Vec<u8>> {
        match self.open(path)?.read(limit_bytes) {
            Ok(Some(bytes)) => Some(bytes),
            Ok(None) => {
                self.audit.findings.add(over_budget(path, limit_bytes));
                None
            }
            Err(fault) => {
                self.audit.findings.add(unreadable(path, &fault));
                None
            }
        }
    }

    /// Whether a folder of the dossier is missing as a whole, where the delivery may lack it.
    fn may_lack(&self, name: &str) -> bool {
        let path = join(&self.base, name);
        let path = path.trim_end_matches('/');
        self.by.partial && self.folder.list(path, |_, _| {}) == Err(Unopened::Missing)
    }

    /// `record.json` is the dossier's line, byte for byte.
    fn check_record(&mut self, line: &[u8]) {
        let path = format!("{}/record.json", self.base);
        if self
            .read(&path, limits::LINE_BYTES as u64 + 1)
            .is_some_and(|bytes| bytes != line)
        {
            self.audit
                .findings
                .add(Finding::new(Code::RecordDiffers, Place::file(path)));
        }
    }

    fn check_scans(&mut self, sources: &[Source]) {
        if self.may_lack("scans") {
            return;
        }
        let mut hashed = HashSet::new();
        for source in sources.iter().filter(|source| rules::is_kept_well(source)) {
            // Equal scans are kept once; the name holds the digest.
            if let Some(kept) = source
                .kept
                .as_ref()
                .filter(|kept| hashed.insert(kept.as_str()))
            {
                self.check_scan(&format!("{}/{kept}", self.base), source);
            }
        }
    }

    fn check_scan(&mut self, path: &str, source: &Source) {
        let Some(file) = self.open(path) else { return };
        if file.length_bytes > limits::SCAN_BYTES {
            self.audit
                .findings
                .add(over_budget(path, limits::SCAN_BYTES));
            return;
        }
        match file.digest() {
            Ok((digest, length_bytes)) => {
                self.audit.counts.scans += 1;
                self.hold(path, (source.sha256, source.bytes), (digest, length_bytes));
            }
            Err(fault) => return self.audit.findings.add(unreadable(path, &fault)),
        }
        if let Some(list) = self.by.list {
            list.check(self.folder, path, &mut self.audit.findings);
        }
    }

    /// Whether a file is the one of the list by another hash, where there is one.
    fn check_listed(&mut self, path: &str, bytes: &[u8]) -> bool {
        let flaw = self.by.list.and_then(|list| list.flaw(path, bytes));
        let is_listed = flaw.is_none();
        flaw.into_iter()
            .for_each(|flaw| self.audit.findings.add(flaw));
        is_listed
    }

    fn hold(&mut self, path: &str, said: (Digest, u64), found: (Digest, u64)) {
        if said != found {
            let finding = Finding::new(Code::FileDiffers, Place::file(path));
            let told = |(digest, bytes): (Digest, u64)| format!("{digest} ({bytes} bytes)");
            self.audit
                .findings
                .add(finding.with("said", told(said)).with("found", told(found)));
        }
    }

    fn check_documents(&mut self, record: &DossierRecord, code: &DossierCode) {
        let mut pages: HashMap<u32, Vec<&PublishedPage>> = HashMap::new();
        for page in record
            .pages
            .iter()
            .filter_map(|page| page.published.as_ref())
        {
            pages.entry(page.document).or_default().push(page);
        }
        let ours = record
            .documents
            .iter()
            .filter(|document| rules::is_file_of(document, code));
        for document in ours {
            let pages = pages
                .get(&document.n)
                .map(Vec::as_slice)
                .unwrap_or_default();
            self.check_document(document, pages);
        }
    }

    fn check_document(&mut self, document: &DocumentRecord, pages: &[&PublishedPage]) {
        self.audit.counts.files += 1;
        let path = format!("{}/{}", self.base, document.file);
        // Gathered apart, so that the file has its own verdict.
        let others = std::mem::take(&mut self.audit.findings);
        let mut judged = None;
        let signature = self.read(&path, limits::PDF_BYTES).and_then(|bytes| {
            let said = (document.sha256, document.bytes);
            let recorded = lasting::recorded_part(&bytes, &document.seal, document.bytes);
            let found = (Digest::of(recorded), recorded.len() as u64);
            self.hold(&path, said, found);
            // The record covers the digest that the line names: another file is not proven by it.
            let listed = self.check_listed(&path, recorded);
            let proven = self.by.recorded.filter(|_| said == found && listed);
            let existed = proven.map(|at| Existence {
                at,
                bytes: recorded.len(),
            });
            if self.by.facts && document.seal != SealRecord::Waiting {
                judged = Some(judge::judge(&bytes, self.by.trust, self.by.at, existed));
            }
            match document.seal {
                SealRecord::Kept { .. } => self.check_kept(&bytes, existed, &path, document),
                _ => self.check_pdf(&bytes, existed, &path, (document, pages)),
            }
        });
        if let Some(text) = document
            .text
            .as_ref()
            .filter(|_| rules::is_text_of(document))
        {
            self.check_text(text, pages);
        }
        let own = std::mem::replace(&mut self.audit.findings, others);
        self.audit.files.push(FileReport {
            verdict: file_verdict(&own, signature.as_ref()),
            path,
            signature,
            judged,
        });
        self.audit.findings.absorb(own);
    }

    /// A document that came signed: its pages are its own, only its signatures are judged.
    fn check_kept(
        &mut self,
        bytes: &[u8],
        existed: Option<Existence>,
        path: &str,
        document: &DocumentRecord,
    ) -> Option<SignatureFacts> {
        let findings = &mut self.audit.findings;
        let signature = kept::audit(bytes, document, (self.by, existed), path, findings);
        self.audit.counts.signatures += u64::from(signature.is_some());
        signature
    }

    /// The text beside a kept document: its digest, and that of each page in it.
    fn check_text(&mut self, text: &TextFile, pages: &[&PublishedPage]) {
        let path = format!("{}/{}", self.base, text.file);
        if let Some(bytes) = self.read(&path, limits::TEXT_BYTES) {
            let said = (text.sha256, text.bytes);
            self.hold(&path, said, (Digest::of(&bytes), bytes.len() as u64));
            self.check_listed(&path, &bytes);
            let findings = &mut self.audit.findings;
            self.audit.counts.pages += kept::check_text(&bytes, pages, &path, findings);
        }
    }

    fn check_pdf(
        &mut self,
        bytes: &[u8],
        existed: Option<Existence>,
        path: &str,
        of: (&DocumentRecord, &[&PublishedPage]),
    ) -> Option<SignatureFacts> {
        let by = (self.by, existed);
        let looked = pdf::contained(|| look_into(bytes, path, of, by));
        let Some((findings, pages_done, signature)) = looked else {
            let finding = Finding::new(Code::PdfUnreadable, Place::file(path));
            self.audit
                .findings
                .add(finding.with("detail", pdf::PdfFlaw::Panicked));
            return None;
        };
        self.audit.findings.absorb(findings);
        self.audit.counts.pages += pages_done;
        self.audit.counts.signatures += u64::from(signature.is_some());
        signature
    }

    /// Whatever stands in the dossier's folder without being named is reported.
    fn check_extra(&mut self, record: &DossierRecord, code: &DossierCode) {
        let documents = record
            .documents
            .iter()
            .filter(|document| rules::is_file_of(document, code));
        let files = documents.flat_map(|document| {
            let text = document
                .text
                .as_ref()
                .filter(|_| rules::is_text_of(document));
            std::iter::once(document.file.as_str()).chain(text.map(|text| text.file.as_str()))
        });
        let mut named: HashSet<&str> = files.collect();
        named.insert("record.json");
        let kept = record
            .sources
            .iter()
            .filter(|source| rules::is_kept_well(source));
        let kept = kept.filter_map(|source| source.kept.as_deref()?.strip_prefix("scans/"));
        let scans: HashSet<&str> = kept.collect();
        let base = self.base.clone();
        let has_scans = !scans.is_empty() && !self.may_lack("scans");
        let findings = &mut self.audit.findings;
        let folders: &[&str] = if has_scans { &["scans"] } else { &[] };
        extra_in(self.folder, &base, &named, folders, findings);
        if has_scans {
            extra_in(self.folder, &format!("{base}/scans"), &scans, &[], findings);
        }
    }
}

/// Everything inside one PDF file; apart, so that a panic in it can be contained.
fn look_into(
    bytes: &[u8],
    path: &str,
    (document, pages): (&DocumentRecord, &[&PublishedPage]),
    (by, existed): (&Yardstick<'_>, Option<Existence>),
) -> (Findings, u64, Option<SignatureFacts>) {
    let mut findings = Findings::default();
    let signed = lasting::signed_part(bytes, &document.seal);
    let pdf = match Pdf::open(signed) {
        Ok(pdf) => pdf,
        Err(flaw) => {
            let finding = Finding::new(Code::PdfUnreadable, Place::file(path));
            findings.add(finding.with("detail", flaw));
            return (findings, 0, None);
        }
    };
    if let Err(flaw) = &pdf.revisions {
        let finding = Finding::new(Code::ForeignChange, Place::file(path));
        findings.add(finding.with("detail", flaw));
    }
    conformance::check(&pdf, path, &mut findings);
    let done = pages::compare(&pdf, path, document.pages, pages, &mut findings);
    let mut signature = seal::examine(&pdf, &document.seal, by, path, &mut findings);
    if let Some(facts) = &mut signature {
        let by = (by, existed);
        lasting::check(bytes, &document.seal, by, path, facts, &mut findings);
    }
    (findings, done, signature)
}

fn file_verdict(findings: &Findings, signature: Option<&SignatureFacts>) -> Verdict {
    let verdict = Verdict::from_worst(findings.worst());
    // That no roots were given is one finding of the package, and a doubt in every file.
    match signature.is_some_and(|facts| facts.chain == Chain::NotChecked) {
        true => verdict.max(Verdict::Indeterminate),
        false => verdict,
    }
}

/// Reports what stands in a folder beside the named files and folders.
pub fn extra_in(
    folder: &Folder,
    path: &str,
    files: &HashSet<&str>,
    folders: &[&str],
    findings: &mut Findings,
) {
    let listed = folder.list(path, |name, kind| {
        let known = name.to_str().is_some_and(|name| match kind {
            EntryKind::File => files.contains(name),
            EntryKind::Folder => folders.contains(&name),
            EntryKind::Other => false,
        });
        if !known {
            let code = match kind {
                EntryKind::Other => Code::NotAPlainFile,
                _ => Code::FileExtra,
            };
            findings.add(Finding::new(code, Place::file(join(path, &shown(name)))));
        }
    });
    if let Err(why) = listed {
        findings.add(unopened(path, why));
    }
}

/// A path below a folder of the package (`""` is the package itself).
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}
