//! `sohoa verify`: the auditor's findings and the bottom line.

use std::io::Write;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Exit, clock, numbers, say, usage};
use crate::messages::{self, Language};
use crate::verify::{self, Finding, Progress, Report, Severity, Trust, Verdict};

/// Findings shown at the terminal; `--json` shows all.
const SHOWN_FINDINGS: usize = 40;

/// Arguments of `sohoa verify`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Thư mục kết quả của `sohoa run` · The output folder of `sohoa run`
    #[arg(value_name = "KẾT_QUẢ")]
    out: PathBuf,

    /// Chứng thư gốc được tin cậy, tệp PEM · Trusted root certificates, PEM
    #[arg(long, value_name = "TỆP", env = "SOHOA_TRUST")]
    trust: Option<PathBuf>,

    /// Chứng thư trung gian, tệp PEM · Intermediate certificates, PEM
    #[arg(long, value_name = "TỆP")]
    chain: Option<PathBuf>,

    /// Kiểm chứng tại thời điểm này, ví dụ 2026-11-21T16:14:30+07:00 · Judge by this time
    #[arg(long, value_name = "THỜI_ĐIỂM", value_parser = parse_time)]
    at: Option<OffsetDateTime>,

    /// In mỗi tệp, mỗi phát hiện một dòng JSON · Print files and findings as JSON lines
    #[arg(long)]
    json: bool,

    /// Không vẽ thanh tiến độ · Draw no progress bar
    #[arg(long)]
    no_progress: bool,
}

fn parse_time(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|error| error.to_string())
}

/// Verifies, reports, and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    match audit(arguments, language) {
        Ok(report) => {
            let exit = exit_of(report.verdict);
            let text = if arguments.json {
                json_lines(&report, exit)
            } else {
                told(&report, language)
            };
            // A closed pipe ends the reader; the exit code still tells.
            let _ = std::io::stdout().write_all(text.as_bytes());
            exit
        }
        Err(exit) => exit,
    }
}

fn audit(arguments: &Arguments, language: Language) -> Result<Report, Exit> {
    let trust = read_trust(arguments, language)?;
    if !arguments.out.is_dir() {
        let cause = std::io::Error::from(std::io::ErrorKind::NotADirectory);
        usage::unreadable(&arguments.out, &cause, language);
        return Err(Exit::SourceUnreadable);
    }
    let bar = progress_bar(arguments, language);
    let show = |progress: Progress| {
        bar.set_message(numbers::whole(progress.pages_done, language));
        bar.set_position(progress.dossiers_done);
    };
    let at = arguments.at.unwrap_or_else(clock::clock());
    let report = verify::package(&arguments.out, &trust, at, &show);
    bar.finish_and_clear();
    Ok(report)
}

fn progress_bar(arguments: &Arguments, language: Language) -> ProgressBar {
    let watched = say::is_watched() && !arguments.no_progress && !arguments.json;
    let target = if watched {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let template = say::by(
        language,
        "{spinner} Hồ sơ {pos} · Trang {msg}",
        "{spinner} Dossiers {pos} · Pages {msg}",
    );
    let bar = ProgressBar::with_draw_target(None, target);
    bar.with_style(ProgressStyle::with_template(template).expect("a constant template"))
}

fn read_trust(arguments: &Arguments, language: Language) -> Result<Trust, Exit> {
    let Some(roots_file) = &arguments.trust else {
        return Ok(Trust::none());
    };
    let roots = read(roots_file, language)?;
    let chain = arguments
        .chain
        .as_deref()
        .map(|file| read(file, language))
        .transpose()?;
    Trust::from_pem(&roots, &chain.unwrap_or_default()).map_err(|fault| {
        say::fault(&fault, &roots_file.display().to_string(), language);
        Exit::Usage
    })
}

fn read(file: &Path, language: Language) -> Result<Vec<u8>, Exit> {
    std::fs::read(file).map_err(|cause| usage::unreadable(file, &cause, language))
}

fn exit_of(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Valid => Exit::Done,
        Verdict::Indeterminate => Exit::Indeterminate,
        Verdict::Invalid => Exit::Invalid,
    }
}

fn json_lines(report: &Report, exit: Exit) -> String {
    let mut lines: Vec<Value> = report
        .files
        .iter()
        .map(|file| tagged("file", json!(file)))
        .collect();
    lines.extend(
        report
            .findings
            .iter()
            .map(|finding| tagged("finding", finding_json(finding))),
    );
    lines.push(tagged(
        "summary",
        json!({
            "exit_code": exit as u8,
            "verdict": report.verdict,
            "counts": report.counts,
            "trust_roots": report.trust_roots,
            "batch_signature": report.batch_signature,
            "findings": report.findings.len() as u64 + report.findings_left_out,
        }),
    ));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn tagged(kind: &str, mut value: Value) -> Value {
    value["v"] = json!(1);
    value["type"] = json!(kind);
    value
}

fn finding_json(finding: &Finding) -> Value {
    let mut value = json!(finding);
    value["vi"] = json!(words(finding, Language::Vi));
    value["en"] = json!(words(finding, Language::En));
    value
}

fn words(finding: &Finding, language: Language) -> crate::model::manifest::Wording {
    let values = finding.values();
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    messages::wording(language, finding.code.id(), &values)
}

/// The report for people: findings worst first, the counts, the bottom line.
fn told(report: &Report, language: Language) -> String {
    let mut text = String::new();
    for finding in report.findings.iter().take(SHOWN_FINDINGS) {
        let words = words(finding, language);
        let mark = match finding.severity {
            Severity::Wrong => "✗",
            Severity::Doubt => "?",
            Severity::Note => "·",
        };
        let head = format!("{mark} {} {}", finding.code.id(), place(finding, language));
        let (what, remedy) = (words.what, words.remedy);
        text += &format!("{}\n  {what}\n    → {remedy}\n", head.trim_end());
    }
    let hidden =
        report.findings.len().saturating_sub(SHOWN_FINDINGS) as u64 + report.findings_left_out;
    if hidden > 0 {
        let more = say::by(
            language,
            "phát hiện nữa; xem hết với --json",
            "more findings; --json shows all",
        );
        text += &format!("… {} {more}\n", numbers::whole(hidden, language));
    }
    text + &counts(report, language) + &bottom_line(report.verdict, language)
}

fn place(finding: &Finding, language: Language) -> String {
    // The whole package needs no name.
    let mut text = finding.place.path.trim_start_matches('.').to_owned();
    if let Some(line) = finding.place.line {
        text += &format!(", {} {line}", say::by(language, "dòng", "line"));
    }
    if let Some(page) = finding.place.page {
        text += &format!(", {} {page}", say::by(language, "trang", "page"));
    }
    text
}

fn counts(report: &Report, language: Language) -> String {
    let counts = report.counts;
    let whole = |number| numbers::whole(number, language);
    let (dossiers, files, pages) = (
        whole(counts.dossiers),
        whole(counts.files),
        whole(counts.pages),
    );
    let (scans, signatures) = (whole(counts.scans), whole(counts.signatures));
    match language {
        Language::Vi => format!(
            "Đã tính lại: {dossiers} hồ sơ · {files} tệp PDF · {pages} trang · {scans} bản quét · {signatures} chữ ký\n"
        ),
        Language::En => format!(
            "Recomputed: {dossiers} dossiers · {files} PDF files · {pages} pages · {scans} scans · {signatures} signatures\n"
        ),
    }
}

fn bottom_line(verdict: Verdict, language: Language) -> String {
    let words = match verdict {
        Verdict::Valid => say::by(language, "✓ HỢP LỆ", "✓ VALID"),
        Verdict::Indeterminate => say::by(language, "? KHÔNG XÁC ĐỊNH", "? INDETERMINATE"),
        Verdict::Invalid => say::by(language, "✗ KHÔNG HỢP LỆ", "✗ INVALID"),
    };
    format!("{words}\n")
}
