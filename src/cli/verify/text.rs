//! A verification for people at a terminal of 80 columns: findings worst first, the facts, the bottom line.

use std::collections::HashSet;

use super::super::{numbers, say};
use crate::messages::Language;
use crate::report::expiring::Lapse;
use crate::report::{Subject, Verification, criteria, day_words, mark, verdict_words, words};
use crate::verify::judge::SignatureReport;
use crate::verify::{Drawn, Finding, Report, Severity};

/// Findings shown; `--json` shows all.
const SHOWN_FINDINGS: usize = 40;
/// Of so many PDFs each signature is told in full; of more only what is not valid.
const TOLD_IN_FULL: usize = 3;
/// Lines of a list that are shown.
const SHOWN_LINES: usize = 40;

/// The whole text.
pub fn told(verification: &Verification, lapses: Option<&[Lapse]>, language: Language) -> String {
    let mut text = String::new();
    let pdfs = verification
        .subjects
        .iter()
        .filter(|one| matches!(one, Subject::Pdf(_)))
        .count();
    for subject in &verification.subjects {
        if let Subject::Pdf(pdf) = subject
            && pdfs <= TOLD_IN_FULL
        {
            text += &format!(
                "{}  {}\n",
                verdict_words(pdf.report.verdict, language),
                pdf.path
            );
            let signatures = pdf.report.signatures.iter();
            text += &signatures
                .map(|one| signature(one, language))
                .collect::<String>();
        }
    }
    text += &findings(verification, language);
    for subject in &verification.subjects {
        if let Subject::Package { report, .. } = subject {
            text += &counts(report, language);
            text += &report
                .sample
                .as_ref()
                .map_or_else(String::new, |drawn| sample(drawn, language));
        }
    }
    text += &lapses.map_or_else(String::new, |lapses| expiring(lapses, language));
    if pdfs > 0 {
        text += &by_verdict(verification, language);
    }
    text + &format!("{}\n", verdict_words(verification.verdict(), language))
}

/// The facts and criteria of one signature.
fn signature(report: &SignatureReport, language: Language) -> String {
    let why = report.sub_indication.map_or("", |why| why.text());
    let level = report.level.map_or("-", |level| level.text());
    let word = say::by(language, "Chữ ký", "Signature");
    let head = format!(
        "{word} {} · {level} · {} {why}",
        report.n,
        report.indication.text()
    );
    let mut text = format!("  {}\n", head.trim_end());
    for fact in criteria::facts(report) {
        let name = say::by(language, &fact.name.vi, &fact.name.en);
        text += &format!(
            "      {name}: {}\n",
            say::by(language, &fact.value.vi, &fact.value.en)
        );
    }
    for one in criteria::criteria(report) {
        let name = say::by(language, &one.name.vi, &one.name.en);
        let (said, why) = (one.state.said(), &one.why);
        let state = say::by(language, &said.vi, &said.en);
        let why = say::by(language, &why.vi, &why.en);
        text += &format!(
            "    {} {} {name}: {state} ({why})\n",
            one.state.mark(),
            one.name.id
        );
    }
    text
}

fn findings(verification: &Verification, language: Language) -> String {
    let mut all: Vec<(&Subject, &Finding)> = verification
        .subjects
        .iter()
        .flat_map(|subject| subject.findings().iter().map(move |one| (subject, one)))
        .collect();
    all.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
    // A note is told once a file, not once for each of its signatures.
    let mut noted = HashSet::new();
    all.retain(|(subject, finding)| {
        let note = (subject.path(), finding.code, finding.place.path.as_str());
        finding.severity > Severity::Note || noted.insert(note)
    });
    let mut text = String::new();
    for (subject, finding) in all.iter().take(SHOWN_FINDINGS) {
        let words = words(finding, subject.path(), language);
        let place = place(finding, subject, language);
        let head = format!("{} {} {place}", mark(finding.severity), finding.code.id());
        let what = say::folded(&words.what, "  ", "  ");
        let remedy = say::folded(&words.remedy, "    → ", "      ");
        text += &format!("{}\n{what}{remedy}", head.trim_end());
    }
    let left_out: u64 = verification
        .subjects
        .iter()
        .map(Subject::findings_left_out)
        .sum();
    let hidden = all.len().saturating_sub(SHOWN_FINDINGS) as u64 + left_out;
    text + &more(
        hidden,
        say::by(
            language,
            "phát hiện nữa; xem hết với --json",
            "more findings; --json shows all",
        ),
        language,
    )
}

fn more(hidden: u64, words: &str, language: Language) -> String {
    match hidden {
        0 => String::new(),
        hidden => format!("… {} {words}\n", numbers::whole(hidden, language)),
    }
}

fn place(finding: &Finding, subject: &Subject, language: Language) -> String {
    // The whole package needs no name.
    let mut text = match finding.place.path.as_str() {
        "" => subject.path().to_owned(),
        path => path.trim_start_matches('.').to_owned(),
    };
    let parts = [
        (finding.place.line, say::by(language, "dòng", "line")),
        (
            finding.place.page.map(u64::from),
            say::by(language, "trang", "page"),
        ),
        (
            finding.place.signature.map(u64::from),
            say::by(language, "chữ ký", "signature"),
        ),
    ];
    for (number, word) in parts {
        text += &number.map_or_else(String::new, |number| format!(", {word} {number}"));
    }
    text
}

fn counts(report: &Report, language: Language) -> String {
    let counts = report.counts;
    let [dossiers, files, pages, scans, signatures] = [
        counts.dossiers,
        counts.files,
        counts.pages,
        counts.scans,
        counts.signatures,
    ]
    .map(|number| numbers::whole(number, language));
    match language {
        Language::Vi => format!(
            "Đã tính lại: {dossiers} hồ sơ · {files} tệp PDF · {pages} trang · {scans} bản quét · {signatures} chữ ký\n"
        ),
        Language::En => format!(
            "Recomputed: {dossiers} dossiers · {files} PDF files · {pages} pages · {scans} scans · {signatures} signatures\n"
        ),
    }
}

fn sample(drawn: &Drawn, language: Language) -> String {
    let (pages, population) = (drawn.pages.len() as u64, drawn.population);
    let [pages, population] = [pages, population].map(|number| numbers::whole(number, language));
    let (size, seed) = (&drawn.size, drawn.seed);
    let mut text = match language {
        Language::Vi => format!(
            "Mẫu để người xem ({size}, hạt giống {seed}): {pages} trên {population} trang\n"
        ),
        Language::En => {
            format!("Sample for eyes ({size}, seed {seed}): {pages} of {population} pages\n")
        }
    };
    let page_word = say::by(language, "trang", "page");
    for page in drawn.pages.iter().take(SHOWN_LINES) {
        let (path, number) = (&page.path, page.page);
        text += &format!(
            "  ☐ {path}, {page_word} {number} ← {} ({})\n",
            page.source, page.source_page
        );
    }
    let hidden = drawn.pages.len().saturating_sub(SHOWN_LINES) as u64;
    text + &more(
        hidden,
        say::by(
            language,
            "trang nữa; xem hết với --report",
            "more pages; --report shows all",
        ),
        language,
    )
}

fn expiring(lapses: &[Lapse], language: Language) -> String {
    let mut text = say::by(language, "Sắp hết hiệu lực:\n", "What will lapse:\n").to_owned();
    if lapses.is_empty() {
        text += say::by(language, "  không có\n", "  nothing\n");
    }
    for lapse in lapses.iter().take(SHOWN_LINES) {
        let (vi, en) = lapse.kind.words();
        let files = numbers::whole(lapse.files, language);
        let files = format!("{files} {}", say::by(language, "tệp", "files"));
        let kind = say::by(language, vi, en);
        text += &format!(
            "  {} · {kind} · {files}\n      {}\n",
            day_words(lapse.on),
            lapse.whose
        );
    }
    let hidden = lapses.len().saturating_sub(SHOWN_LINES) as u64;
    text + &more(
        hidden,
        say::by(
            language,
            "dòng nữa; xem hết với --json",
            "more lines; --json shows all",
        ),
        language,
    )
}

fn by_verdict(verification: &Verification, language: Language) -> String {
    let [valid, open, invalid] = verification
        .files_by_verdict()
        .map(|number| numbers::whole(number, language));
    match language {
        Language::Vi => {
            format!("Tệp: ✓ {valid} hợp lệ · ? {open} không xác định · ✗ {invalid} không hợp lệ\n")
        }
        Language::En => {
            format!("Files: ✓ {valid} valid · ? {open} indeterminate · ✗ {invalid} invalid\n")
        }
    }
}
