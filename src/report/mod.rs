//! WRITTEN DOWN: what `verify` found, for people (a printable page), for the file of a case and for other programs.
//!
//! One [`Verification`] holds everything that one call looked at; the modules beside it write it
//! down: [`criteria`] in the words of the circular, [`html`] as a page to print, [`etsi`] as
//! the XML of ETSI TS 119 102-2, [`expiring`] as the list of what will lapse. Nothing here judges.

pub mod criteria;
pub mod etsi;
pub mod expiring;
pub mod html;
#[cfg(test)]
mod specimen;
mod xml;

use time::OffsetDateTime;

use crate::messages::{self, Language};
use crate::model::Digest;
use crate::model::manifest::Wording;
use crate::verify::judge::{Level, PdfReport, SignatureReport, TimestampReport};
use crate::verify::{Finding, Report, Severity, Verdict};

/// Everything that one call of `verify` looked at.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The time that was judged by.
    pub at: OffsetDateTime,
    /// Name and version of this program.
    pub program: String,
    /// Whom to believe, and how much was said about revocation.
    pub trust: TrustGiven,
    /// What was looked at, in the order it was named.
    pub subjects: Vec<Subject>,
}

/// The trust data of a verification.
#[derive(Clone, Debug, Default)]
pub struct TrustGiven {
    /// The file of the roots; absent where none was given.
    pub file: Option<String>,
    /// SHA-256 of that file.
    pub sha256: Option<Digest>,
    /// Trusted roots in it.
    pub roots: usize,
    /// Revocation lists and answers given beside the files.
    pub revocation_files: usize,
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A signed PDF of anyone.
    Pdf(CheckedPdf),
    /// A package of ours.
    Package {
        /// Its folder, as named.
        path: String,
        /// What was found.
        report: Box<Report>,
    },
    /// A file that could not be read; the finding says why.
    Unread {
        /// Where.
        path: String,
        /// Why.
        finding: Finding,
    },
}

/// A PDF with what was found in it.
#[derive(Clone, Debug)]
pub struct CheckedPdf {
    /// Where it lies, as named.
    pub path: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
    /// What was found.
    pub report: PdfReport,
}

impl Subject {
    /// The bottom line.
    pub fn verdict(&self) -> Verdict {
        match self {
            Subject::Pdf(pdf) => pdf.report.verdict,
            Subject::Package { report, .. } => report.verdict,
            Subject::Unread { finding, .. } => Verdict::from_worst(Some(finding.severity)),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &str {
        match self {
            Subject::Pdf(pdf) => &pdf.path,
            Subject::Package { path, .. } | Subject::Unread { path, .. } => path,
        }
    }

    /// Every finding, worst first.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Subject::Pdf(pdf) => &pdf.report.reasons,
            Subject::Package { report, .. } => &report.findings,
            Subject::Unread { finding, .. } => std::slice::from_ref(finding),
        }
    }

    /// Findings above the ceiling, which were only counted.
    pub fn findings_left_out(&self) -> u64 {
        match self {
            Subject::Pdf(pdf) => pdf.report.reasons_left_out,
            Subject::Package { report, .. } => report.findings_left_out,
            Subject::Unread { .. } => 0,
        }
    }
}

impl Verification {
    /// The worst verdict of all; indeterminate where nothing was looked at.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.subjects.iter().map(Subject::verdict);
        verdicts.max().unwrap_or(Verdict::Indeterminate)
    }

    /// Files by verdict: valid, indeterminate, invalid. A package counts by its documents.
    pub fn files_by_verdict(&self) -> [u64; 3] {
        let mut counts = [0; 3];
        for subject in &self.subjects {
            match subject {
                Subject::Package { report, .. } => {
                    let verdicts = report.files.iter().map(|file| file.verdict);
                    verdicts.for_each(|verdict| counts[verdict as usize] += 1);
                }
                other => counts[other.verdict() as usize] += 1,
            }
        }
        counts
    }

    /// Every signature whose facts are known, with the file that carries it.
    pub fn signatures(&self) -> impl Iterator<Item = (String, &SignatureReport)> {
        self.judged().flat_map(|(path, report, _)| {
            let signatures = report.signatures.iter();
            signatures.map(move |signature| (path.clone(), signature))
        })
    }

    /// Every PDF whose signatures were judged one by one: its path, what was found, and the newest
    /// time stamp of its batch's evidence record, where that proves a time.
    pub fn judged(&self) -> impl Iterator<Item = (String, &PdfReport, Option<&TimestampReport>)> {
        self.subjects.iter().flat_map(|subject| match subject {
            Subject::Pdf(pdf) => vec![(pdf.path.clone(), &pdf.report, None)],
            Subject::Package { path, report } => {
                let record = report.record.as_ref();
                let newest = record.filter(|record| record.proven_time.is_some());
                let newest = newest.and_then(|record| record.timestamps.last());
                let each = report.files.iter().filter_map(|file| {
                    let path = format!("{path}/{}", file.path);
                    Some((path, file.judged.as_ref()?, newest))
                });
                each.collect()
            }
            Subject::Unread { .. } => Vec::new(),
        })
    }
}

/// The words of a finding about this file, in a language.
pub fn words(finding: &Finding, path: &str, language: Language) -> Wording {
    let mut values = finding.values();
    // A judge of one file does not know its name.
    if finding.place.path.is_empty() {
        values.insert("file", path.to_owned());
    }
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    messages::wording(language, finding.code.id(), &values)
}

/// The sign that tells a weight without colour.
pub fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Wrong => "✗",
        Severity::Doubt => "?",
        Severity::Note => "·",
    }
}

/// The bottom line in words, with its sign.
pub fn verdict_words(verdict: Verdict, language: Language) -> &'static str {
    match (verdict, language) {
        (Verdict::Valid, Language::Vi) => "✓ HỢP LỆ",
        (Verdict::Valid, Language::En) => "✓ VALID",
        (Verdict::Indeterminate, Language::Vi) => "? KHÔNG XÁC ĐỊNH",
        (Verdict::Indeterminate, Language::En) => "? INDETERMINATE",
        (Verdict::Invalid, Language::Vi) => "✗ KHÔNG HỢP LỆ",
        (Verdict::Invalid, Language::En) => "✗ INVALID",
    }
}

/// A time as people here write it, in Viet Nam's zone: `21/11/2026 16:14:30 (+07:00)`.
pub fn time_words(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::macros::offset!(+7));
    let (date, clock) = (time.date(), time.time());
    format!(
        "{:02}/{:02}/{} {:02}:{:02}:{:02} (+07:00)",
        date.day(),
        u8::from(date.month()),
        date.year(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}

/// A day as people here write it, in Viet Nam's zone: `21/11/2026`.
pub fn day_words(time: OffsetDateTime) -> String {
    time_words(time)[..10].to_owned()
}

/// The level of a file: the lowest of its signatures; absent where none has one.
pub fn level(report: &PdfReport) -> Option<Level> {
    report.signatures.iter().filter_map(|one| one.level).min()
}
