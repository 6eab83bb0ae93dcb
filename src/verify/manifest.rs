//! The manifest read line by line: the lines audited in parallel, the batch's sums made in order.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::Progress;
use super::codes::Codes;
use super::dossier::{self, LineAudit, MANIFEST};
use super::draw::Urn;
use super::finding::{Code, Finding, Findings, Place};
use super::folder::Folder;
use super::limits;
use super::list;
use super::report::{BatchFacts, Counts, FileReport};
use super::seal::Yardstick;
use super::tree::Tree;
use crate::model::manifest::{
    BatchHeader, DossierCounts, DossierRecord, Fate, Outcome, PageCounts,
};
use crate::model::{Digest, Digester};

/// The batch as recomputed from the manifest's lines.
#[derive(Default)]
pub struct Tally {
    /// SHA-256 of the manifest; absent where it could not be read to its end.
    pub digest: Option<Digest>,
    /// Lines in it.
    pub lines: u64,
    /// How the dossiers ended.
    pub dossiers: DossierCounts,
    /// How the pages ended.
    pub pages: PageCounts,
    /// Documents of packaged dossiers.
    pub documents: u64,
    /// The tree over the claims.
    pub tree: Tree,
    /// Codes of the packaged dossiers.
    pub codes: Codes,
    /// Set aside: digest of the line with its end → number of the line.
    pub set_aside: HashMap<Digest, u64>,
    /// Verdicts on the documents, in order.
    pub files: Vec<FileReport>,
    /// What was looked at.
    pub counts: Counts,
    /// Files that a list by another hash must name, beside those at the top.
    pub listed: u64,
    /// The pages that a sample is drawn from; absent where none is wanted.
    pub urn: Option<Urn>,
    last_folder: Option<String>,
    /// Pages of streams that belong to dossiers already: first and last, by file.
    parts: HashMap<StreamFile, Vec<(u32, u32)>>,
}

/// A file of a stream: the stream's name, the file's, its digest.
type StreamFile = (Option<String>, String, Digest);

/// Audits every line of the manifest; `None` where there is no manifest to read.
pub fn audit(
    folder: &Folder,
    by: &Yardstick<'_>,
    urn: Option<Urn>,
    progress: &(dyn Fn(Progress) + Sync),
    findings: &mut Findings,
) -> Option<Tally> {
    let file = folder
        .file(MANIFEST)
        .map_err(|why| dossier::unopened(MANIFEST, why));
    let reader = match file {
        Ok(file) => file.into_reader(),
        Err(finding) => {
            findings.add(finding);
            return None;
        }
    };
    let mut lines = Lines::of(reader);
    let mut tally = Tally {
        urn,
        ..Tally::default()
    };
    let (dossiers_done, pages_done) = (AtomicU64::new(0), AtomicU64::new(0));
    let watched = |line: &Line| {
        let mut audit = audit_line(line, folder, by);
        if by.sums_only {
            audit.files = Vec::new();
        }
        let pages = audit.counts.pages;
        progress(Progress {
            dossiers_done: dossiers_done.fetch_add(1, Ordering::Relaxed) + 1,
            pages_done: pages_done.fetch_add(pages, Ordering::Relaxed) + pages,
        });
        audit
    };
    loop {
        let chunk = match lines.chunk() {
            Ok(chunk) if chunk.is_empty() => break,
            Ok(chunk) => chunk,
            Err(fault) => {
                findings.add(dossier::unreadable(MANIFEST, &fault));
                return Some(tally);
            }
        };
        let audits: Vec<LineAudit> = chunk.par_iter().map(watched).collect();
        for (line, audit) in chunk.iter().zip(audits) {
            tally.take(line.number, audit, findings);
        }
    }
    tally.lines = lines.number;
    tally.digest = Some(lines.digest());
    Some(tally)
}

fn audit_line(line: &Line, folder: &Folder, by: &Yardstick<'_>) -> LineAudit {
    let mut audit = match &line.text {
        Some(text) => dossier::audit(text, line.number, folder, by),
        None => {
            let place = Place::line(MANIFEST, line.number);
            let finding = Finding::new(Code::OverBudget, place).with("what", "bytes");
            let mut audit = LineAudit::default();
            audit
                .findings
                .add(finding.with("limit", limits::LINE_BYTES));
            audit
        }
    };
    if !line.ended {
        let place = Place::line(MANIFEST, line.number);
        audit
            .findings
            .add(Finding::new(Code::LineInvalid, place).with("rule", "line-end"));
    }
    audit
}

impl Tally {
    /// The sums, beside what the header says.
    pub fn facts(&self, header: Option<BatchHeader>) -> BatchFacts {
        BatchFacts {
            manifest_sha256: self.digest,
            merkle_root: self.tree.root(),
            merkle_leaves: self.tree.leaves(),
            dossiers: self.dossiers,
            pages: self.pages,
            header,
        }
    }

    fn take(&mut self, line: u64, audit: LineAudit, findings: &mut Findings) {
        findings.absorb(audit.findings);
        self.files.extend(audit.files);
        self.counts.add(&audit.counts);
        let Some(record) = audit.record else { return };
        self.check_order(line, &record, findings);
        self.count_pages(&record);
        self.check_parts(line, &record, findings);
        self.dossiers.total += 1;
        match (record.outcome, &record.dossier) {
            (Outcome::Packaged, Some(code)) => {
                self.dossiers.packaged += 1;
                self.dossiers.waiting_for_review += u64::from(!record.review.is_empty());
                self.documents += record.documents.len() as u64;
                self.tree.add_dossier(code, &record);
                self.listed += list::files_of(&record);
                if !self.codes.insert(code.as_str()) {
                    findings.add(twice(line, code.as_str()));
                } else if let Some(urn) = &mut self.urn {
                    urn.add(code, &record);
                }
            }
            // Packaged without a code: broken, and reported as such by the rules.
            (Outcome::Packaged, None) => self.dossiers.packaged += 1,
            (Outcome::SetAside, _) => {
                self.dossiers.set_aside += 1;
                self.set_aside
                    .extend(audit.digest.map(|digest| (digest, line)));
            }
        }
        self.last_folder = Some(record.folder);
    }

    fn check_order(&self, line: u64, record: &DossierRecord, findings: &mut Findings) {
        let Some(last) = &self.last_folder else {
            return;
        };
        match last.as_bytes().cmp(record.folder.as_bytes()) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => findings.add(twice(line, &record.folder)),
            std::cmp::Ordering::Greater => {
                findings.add(Finding::new(
                    Code::LineOutOfOrder,
                    Place::line(MANIFEST, line),
                ));
            }
        }
    }

    /// A page of a stream (a box scanned at once) belongs to one dossier only.
    fn check_parts(&mut self, line: u64, record: &DossierRecord, findings: &mut Findings) {
        let stream = record.labels.get("stream");
        for source in &record.sources {
            let Some(first) = source.first_page else {
                continue;
            };
            let last = first.saturating_add(source.pages.saturating_sub(1));
            let file = (stream.cloned(), source.name.clone(), source.sha256);
            let taken = self.parts.entry(file).or_default();
            if taken.iter().any(|(from, to)| first <= *to && *from <= last) {
                let place = Place::line(MANIFEST, line);
                findings.add(Finding::new(Code::LineInvalid, place).with("rule", "part-twice"));
            }
            taken.push((first, last));
        }
    }

    fn count_pages(&mut self, record: &DossierRecord) {
        let pages = &mut self.pages;
        for page in &record.pages {
            pages.scanned += 1;
            match page.fate {
                Fate::Published => pages.published += 1,
                Fate::Blank => pages.blank += 1,
                Fate::Separator => pages.separator += 1,
                Fate::Rejected => pages.rejected += 1,
            }
        }
    }
}

fn twice(line: u64, name: &str) -> Finding {
    Finding::new(Code::DossierTwice, Place::line(MANIFEST, line)).with("name", name)
}

/// One line, without its end.
pub(super) struct Line {
    pub(super) number: u64,
    /// `None` where it is longer than the budget.
    pub(super) text: Option<Vec<u8>>,
    /// Whether a line feed ended it.
    pub(super) ended: bool,
}

/// Lines of bounded length, hashed as they pass.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    digester: Digester,
    /// Lines passed.
    pub(super) number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(reader: R) -> Self {
        let reader = BufReader::with_capacity(256 * 1024, reader);
        Self {
            reader,
            digester: Digester::new(),
            number: 0,
        }
    }

    /// The next lines, bounded in number and bytes; empty at the end.
    fn chunk(&mut self) -> io::Result<Vec<Line>> {
        let mut lines = Vec::new();
        let mut bytes = 0;
        while lines.len() < limits::CHUNK_LINES && bytes < limits::CHUNK_BYTES {
            let Some(line) = self.next()? else { break };
            bytes += line.text.as_ref().map_or(0, Vec::len);
            lines.push(line);
        }
        Ok(lines)
    }

    /// The digest of all that passed.
    pub(super) fn digest(self) -> Digest {
        self.digester.finish()
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut text = Some(Vec::new());
        let mut any = false;
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() && !any {
                return Ok(None);
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let piece = &buffer[..end.unwrap_or(buffer.len())];
            let taken = end.map_or(buffer.len(), |end| end + 1);
            self.digester.update(&buffer[..taken]);
            if let Some(kept) = text
                .as_mut()
                .filter(|t| t.len() + piece.len() <= limits::LINE_BYTES)
            {
                kept.extend_from_slice(piece);
            } else {
                text = None;
            }
            self.reader.consume(taken);
            if end.is_some() || taken == 0 {
                self.number += 1;
                let number = self.number;
                return Ok(Some(Line {
                    number,
                    text,
                    ended: end.is_some(),
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(u64, Option<usize>, bool)> {
        let mut lines = Lines::of(text);
        let mut all = Vec::new();
        while let Some(line) = lines.next().expect("reads") {
            all.push((line.number, line.text.map(|text| text.len()), line.ended));
        }
        assert_eq!(lines.digest(), Digest::of(text));
        all
    }

    #[test]
    fn lines_are_told_apart_and_hashed_whole() {
        assert_eq!(lines(b""), []);
        assert_eq!(
            lines(b"ab\n\nc"),
            [(1, Some(2), true), (2, Some(0), true), (3, Some(1), false)]
        );
    }

    #[test]
    fn a_line_above_the_budget_is_passed_over() {
        let mut text = vec![b'x'; limits::LINE_BYTES + 1];
        text.extend_from_slice(b"\nab\n");
        assert_eq!(lines(&text), [(1, None, true), (2, Some(2), true)]);
    }
}
