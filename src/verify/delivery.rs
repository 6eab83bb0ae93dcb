//! A delivery read on: dossier by dossier, each held against the header that its signature covers.
//!
//! What reads a package in order to pass it on (exports, imports) asks here. Less is judged than by
//! [`super::delivery()`], and in one pass: the header's signature, the digests of manifest, records,
//! documents and scans. Whether a PDF is PDF/A and signed well stays with the audit. Memory holds
//! one line of the manifest at a time.

use std::io;
use std::path::Path;

use time::OffsetDateTime;

use super::dossier::{self, MANIFEST};
use super::finding::{Code, Finding, Findings, Place, Severity};
use super::folder::{Folder, PlainFile};
use super::manifest::{Line, Lines};
use super::report::SignatureFacts;
use super::seal::Yardstick;
use super::trust::Trust;
use super::{batch_signature, claimed_time, header, judge, limits, rules};
use crate::model::manifest::{
    BatchHeader, DocumentRecord, DossierRecord, MANIFEST_VERSION, NotARecord, Outcome, SealRecord,
};
use crate::model::{Digest, Digester, DossierCode};

/// A package whose header holds.
pub struct Delivery {
    folder: Folder,
    header: BatchHeader,
    header_bytes: Vec<u8>,
    signature: Option<SignatureFacts>,
    at: OffsetDateTime,
    /// What could not be judged, and what is only worth knowing.
    doubts: Vec<Finding>,
}

/// A packaged dossier whose record and files hold.
pub struct Delivered {
    /// Its line.
    pub record: DossierRecord,
    /// Its code.
    pub code: DossierCode,
    /// The files of its documents, in their order.
    pub files: Vec<DeliveredFile>,
}

/// A document's file as it stands in the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredFile {
    /// Its path below the package.
    pub path: String,
    /// SHA-256 of it as it stands: not the recorded one where its signature was renewed.
    pub sha256: Digest,
    /// Its length in bytes; above the recorded one where its signature was renewed.
    pub bytes: u64,
}

/// Why the reading ended early.
#[derive(Debug)]
pub enum Ended<E> {
    /// Something does not hold.
    Unfit(Box<Finding>),
    /// Whoever reads on gave up.
    Reader(E),
}

impl<E> From<Finding> for Ended<E> {
    fn from(finding: Finding) -> Self {
        Self::Unfit(Box::new(finding))
    }
}

impl Delivery {
    /// Opens a package and judges its header and the signature over it; everything wrong is told.
    pub fn open(out: &Path, trust: &Trust, at: OffsetDateTime) -> Result<Self, Vec<Finding>> {
        let folder = Folder::open(out).map_err(|why| vec![dossier::unopened(".", why)])?;
        let by = Yardstick {
            trust,
            at,
            facts: false,
            partial: false,
            sums_only: false,
            recorded: None,
            list: None,
        };
        let mut findings = Findings::default();
        let bytes = header::bytes(&folder, &mut findings);
        let read = bytes
            .as_ref()
            .and_then(|bytes| header::read(bytes, &by, &mut findings));
        let created = read
            .as_ref()
            .and_then(|h| claimed_time::from_record(&h.created));
        let signature = bytes.as_ref().and_then(|bytes| {
            batch_signature::examine(&folder, bytes, created, &by, &mut findings)
        });
        let sound = findings.worst() != Some(Severity::Wrong);
        let (findings, _) = findings.ranked();
        let (Some(header), Some(header_bytes), true) = (read, bytes, sound) else {
            return Err(findings);
        };
        // A header of another version may mean something else by the same names. Fields that one of
        // this version has more are passed over (docs/manifest.md, "Compatibility").
        let later = |found: &&Finding| found.code == Code::LaterVersion;
        if header.v != MANIFEST_VERSION
            && let Some(later) = findings.iter().find(later)
        {
            return Err(vec![later.clone()]);
        }
        Ok(Self {
            folder,
            header,
            header_bytes,
            signature,
            at,
            doubts: findings,
        })
    }

    /// The header.
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The bytes of the header, which its signature covers.
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// The signature over the header; absent where the package is unsigned.
    pub fn signature(&self) -> Option<&SignatureFacts> {
        self.signature.as_ref()
    }

    /// What could not be judged about header and signature.
    pub fn doubts(&self) -> &[Finding] {
        &self.doubts
    }

    /// Gives every packaged dossier in the order of the manifest, and at the end holds the manifest
    /// as a whole against the header: only when this gives `Ok` does what was taken hold.
    pub fn each<E>(
        &self,
        mut take: impl FnMut(&Delivered) -> Result<(), E>,
    ) -> Result<(), Ended<E>> {
        let file = self.folder.file(MANIFEST);
        let file = file.map_err(|why| dossier::unopened(MANIFEST, why))?;
        let mut lines = Lines::of(file.into_reader());
        let unreadable = |fault: io::Error| dossier::unreadable(MANIFEST, &fault);
        let mut last_folder = None;
        while let Some(line) = lines.next().map_err(unreadable)? {
            let place = Place::line(MANIFEST, line.number);
            let record = read(&line, &place)?;
            if last_folder.is_some_and(|last| last >= record.folder) {
                return Err(Finding::new(Code::LineOutOfOrder, place).into());
            }
            last_folder = Some(record.folder.clone());
            if let Some(delivered) = self.delivered(record, &line, &place)? {
                take(&delivered).map_err(Ended::Reader)?;
            }
        }
        let (number, digest) = (lines.number, lines.digest());
        let said = &self.header.manifest;
        if (said.sha256, said.lines) != (digest, number) {
            let told = |digest: Digest, lines: u64| format!("{digest} ({lines} lines)");
            let finding = Finding::new(Code::ManifestDiffers, Place::file(MANIFEST));
            let finding = finding.with("said", told(said.sha256, said.lines));
            return Err(finding.with("found", told(digest, number)).into());
        }
        Ok(())
    }

    /// The bytes of a file of the package, up to a length.
    pub fn read(&self, path: &str, limit_bytes: u64) -> Result<Vec<u8>, Finding> {
        match self.open_file(path)?.read(limit_bytes) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(dossier::over_budget(path, limit_bytes)),
            Err(fault) => Err(dossier::unreadable(path, &fault)),
        }
    }

    /// A file of the package as a stream.
    pub fn stream(&self, path: &str) -> Result<impl io::Read + use<>, Finding> {
        Ok(self.open_file(path)?.into_reader())
    }

    fn open_file(&self, path: &str) -> Result<PlainFile, Finding> {
        let opened = self.folder.file(path);
        opened.map_err(|why| dossier::unopened(path, why))
    }

    /// A packaged dossier with its files held against its record; nothing for one set aside.
    fn delivered(
        &self,
        record: DossierRecord,
        line: &Line,
        place: &Place,
    ) -> Result<Option<Delivered>, Finding> {
        let mut findings = Findings::default();
        rules::check(&record, place, &mut findings);
        if findings.worst() == Some(Severity::Wrong) {
            return Err(findings.ranked().0.swap_remove(0));
        }
        let (Outcome::Packaged, Some(code)) = (record.outcome, record.dossier.clone()) else {
            return Ok(None);
        };
        let base = format!("dossiers/{code}");
        self.check_record(&base, line)?;
        let mut files = Vec::with_capacity(record.documents.len());
        for document in &record.documents {
            files.push(self.check_document(&base, document)?);
        }
        let kept = record.sources.iter().filter(|source| source.kept.is_some());
        for source in kept {
            let path = format!("{base}/{}", source.kept.as_deref().unwrap_or_default());
            self.check_file(&path, source.sha256, source.bytes, false)?;
        }
        Ok(Some(Delivered {
            record,
            code,
            files,
        }))
    }

    fn check_record(&self, base: &str, line: &Line) -> Result<(), Finding> {
        let path = format!("{base}/record.json");
        let own = self.read(&path, limits::LINE_BYTES as u64 + 1)?;
        let text = line.text.as_deref().unwrap_or_default();
        match own.strip_suffix(b"\n") == Some(text) {
            true => Ok(()),
            false => Err(Finding::new(Code::RecordDiffers, Place::file(path))),
        }
    }

    fn check_document(
        &self,
        base: &str,
        document: &DocumentRecord,
    ) -> Result<DeliveredFile, Finding> {
        let path = format!("{base}/{}", document.file);
        let file = self.check_file(&path, document.sha256, document.bytes, true)?;
        if file.bytes > document.bytes {
            self.check_renewal(&path, document)?;
        }
        if let Some(text) = &document.text {
            self.check_file(
                &format!("{base}/{}", text.file),
                text.sha256,
                text.bytes,
                false,
            )?;
        }
        Ok(file)
    }

    /// Behind the recorded bytes stand only proofs: nothing that shows was changed behind the signature.
    fn check_renewal(&self, path: &str, document: &DocumentRecord) -> Result<(), Finding> {
        let added = || Finding::new(Code::ForeignChange, Place::file(path));
        if !matches!(document.seal, SealRecord::Signed { .. }) {
            return Err(added().with("detail", "bytes behind a file without signature"));
        }
        let report = judge::judge(
            &self.read(path, limits::PDF_BYTES)?,
            &Trust::none(),
            self.at,
            None,
        );
        let changed = report.reasons.into_iter().find(|reason| {
            reason.severity == Severity::Wrong || reason.code == Code::ChangeUnjudged
        });
        match changed {
            Some(reason) => Err(added().with("detail", reason.code.id())),
            None => Ok(()),
        }
    }

    /// Holds a file against digest and length. One that may have been renewed begins with the
    /// recorded bytes (docs/manifest.md, "Signatures that last").
    fn check_file(
        &self,
        path: &str,
        sha256: Digest,
        bytes: u64,
        may_be_renewed: bool,
    ) -> Result<DeliveredFile, Finding> {
        let reader = self.stream(path)?;
        let both = digests(reader, bytes).map_err(|fault| dossier::unreadable(path, &fault))?;
        let Digests {
            beginning,
            whole,
            length_bytes,
        } = both;
        let held = match may_be_renewed {
            true => beginning == sha256 && length_bytes >= bytes,
            false => whole == sha256 && length_bytes == bytes,
        };
        if held {
            return Ok(DeliveredFile {
                path: path.to_owned(),
                sha256: whole,
                bytes: length_bytes,
            });
        }
        let told = |digest: Digest, bytes: u64| format!("{digest} ({bytes} bytes)");
        let finding = Finding::new(Code::FileDiffers, Place::file(path));
        let finding = finding.with("said", told(sha256, bytes));
        Err(finding.with("found", told(whole, length_bytes)))
    }
}

/// A line as a record, by the rule of docs/manifest.md for readers.
fn read(line: &Line, place: &Place) -> Result<DossierRecord, Finding> {
    let broken = |rule: String| Finding::new(Code::LineInvalid, place.clone()).with("rule", rule);
    let Some(text) = line.text.as_deref() else {
        let finding = Finding::new(Code::OverBudget, place.clone()).with("what", "bytes");
        return Err(finding.with("limit", limits::LINE_BYTES));
    };
    if !line.ended {
        return Err(broken("line-end".to_owned()));
    }
    DossierRecord::from_line(text).map_err(|why| match why {
        NotARecord::OtherVersion(version) => {
            Finding::new(Code::LaterVersion, place.clone()).with("version", version)
        }
        NotARecord::Shape(why) => broken(format!("json ({why})")),
    })
}

struct Digests {
    /// Of the first bytes, as many as were asked for.
    beginning: Digest,
    whole: Digest,
    length_bytes: u64,
}

/// The digests of a stream's first bytes and of all of it.
fn digests(mut reader: impl io::Read, first_bytes: u64) -> io::Result<Digests> {
    let (mut beginning, mut whole) = (Digester::new(), Digester::new());
    let mut buffer = vec![0u8; 256 * 1024];
    let mut length_bytes = 0;
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        let left = first_bytes.saturating_sub(length_bytes).min(count as u64) as usize;
        beginning.update(&buffer[..left]);
        whole.update(&buffer[..count]);
        length_bytes += count as u64;
    }
    Ok(Digests {
        beginning: beginning.finish(),
        whole: whole.finish(),
        length_bytes,
    })
}
