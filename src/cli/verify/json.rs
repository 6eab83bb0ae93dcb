//! A verification as JSON lines: a line a file, a line a package, a line a finding, the summary last.

use serde_json::{Value, json};

use super::Exit;
use crate::messages::Language;
use crate::report::expiring::Lapse;
use crate::report::{CheckedPdf, Subject, Verification, criteria, level, words};
use crate::verify::judge::SignatureReport;
use crate::verify::{FileReport, Finding, Report};

/// All lines.
pub fn lines(verification: &Verification, lapses: Option<&[Lapse]>, exit: Exit) -> String {
    let mut lines = Vec::new();
    for subject in &verification.subjects {
        match subject {
            Subject::Pdf(pdf) => lines.push(tagged("file", pdf_line(pdf))),
            Subject::Package { path, report } => {
                let files = report.files.iter();
                lines.extend(files.map(|file| tagged("file", file_line(path, file, report))));
                lines.push(tagged("package", package_line(path, report)));
            }
            Subject::Unread { path, finding } => lines.push(tagged(
                "file",
                json!({ "path": path, "verdict": subject.verdict(), "level": null, "reasons": [finding.code.id()] }),
            )),
        }
    }
    for subject in &verification.subjects {
        let findings = subject.findings().iter();
        lines.extend(findings.map(|one| tagged("finding", finding_line(one, subject))));
    }
    let lapse_lines = lapses.into_iter().flatten();
    lines.extend(lapse_lines.map(|lapse| tagged("lapse", json!(lapse))));
    lines.push(tagged("summary", summary(verification, lapses, exit)));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn tagged(kind: &str, mut value: Value) -> Value {
    value["v"] = json!(1);
    value["type"] = json!(kind);
    value
}

fn pdf_line(pdf: &CheckedPdf) -> Value {
    let signatures: Vec<Value> = pdf.report.signatures.iter().map(signature).collect();
    json!({
        "path": pdf.path, "verdict": pdf.report.verdict,
        "level": level(&pdf.report).map(|level| level.text()),
        "sha256": pdf.sha256, "bytes": pdf.bytes, "signatures": signatures,
        "reasons": codes(pdf.report.reasons.iter()),
    })
}

/// The judge's facts, and the circular's view of them.
fn signature(report: &SignatureReport) -> Value {
    let mut value = json!(report);
    let facts = criteria::facts(report).into_iter();
    value["facts"] = facts
        .map(|fact| {
            (
                fact.name.id.clone(),
                json!({ "vi": fact.value.vi, "en": fact.value.en }),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    let criteria = criteria::criteria(report).into_iter();
    value["criteria"] = criteria
        .map(|one| (one.name.id.clone(), json!(one.state.id())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    value["reasons"] = json!(codes(report.reasons.iter()));
    value
}

fn file_line(package: &str, file: &FileReport, report: &Report) -> Value {
    let mut value = json!(file);
    let own = report
        .findings
        .iter()
        .filter(|one| one.place.path == file.path);
    value["package"] = json!(package);
    value["level"] = json!(
        file.signature
            .as_ref()
            .and_then(|facts| facts.level.as_ref())
    );
    value["reasons"] = json!(codes(own));
    if let Some(judged) = &file.judged {
        value["signatures"] = judged.signatures.iter().map(signature).collect();
    }
    value
}

/// Codes, each once, in the order of their rank.
fn codes<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<&'static str> {
    let mut codes = Vec::new();
    for finding in findings {
        if !codes.contains(&finding.code.id()) {
            codes.push(finding.code.id());
        }
    }
    codes
}

fn package_line(path: &str, report: &Report) -> Value {
    json!({
        "path": path, "verdict": report.verdict, "counts": report.counts, "batch": report.batch,
        "batch_signature": report.batch_signature, "record": report.record,
        "sample": report.sample,
    })
}

fn finding_line(finding: &Finding, subject: &Subject) -> Value {
    let mut value = json!(finding);
    if finding.place.path.is_empty() {
        value["place"]["path"] = json!(subject.path());
    }
    if let Subject::Package { path, .. } = subject {
        value["package"] = json!(path);
    }
    value["vi"] = json!(words(finding, subject.path(), Language::Vi));
    value["en"] = json!(words(finding, subject.path(), Language::En));
    value
}

fn summary(verification: &Verification, lapses: Option<&[Lapse]>, exit: Exit) -> Value {
    let [valid, indeterminate, invalid] = verification.files_by_verdict();
    let found = verification.subjects.iter();
    let found = found.map(|one| one.findings().len() as u64 + one.findings_left_out());
    let mut value = json!({
        "exit_code": exit as u8, "verdict": verification.verdict(),
        "files": { "valid": valid, "indeterminate": indeterminate, "invalid": invalid },
        "trust_roots": verification.trust.roots,
        "revocation_files": verification.trust.revocation_files,
        "findings": found.sum::<u64>(),
    });
    if let Some(lapses) = lapses {
        value["expiring"] = json!(lapses.len());
    }
    // One package alone is told in the summary too: so it was before there could be more.
    if let [Subject::Package { report, .. }] = verification.subjects.as_slice() {
        value["counts"] = json!(report.counts);
        value["batch_signature"] = json!(report.batch_signature);
        value["sample"] = json!(report.sample);
    }
    value
}
