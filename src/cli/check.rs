//! `sohoa check`: a proof held against the file it is about and the batch or log it leads to.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::trust::TrustArguments;
use super::{Exit, clock, findings, say, usage};
use crate::messages::Language;
use crate::verify::Verdict;
use crate::verify::log::LogPublicKey;
use crate::verify::proven::{self, Against, ProofReport};

/// No proof of ours is longer: 63 steps and a receipt.
const MOST_BYTES: u64 = 64 << 10;

/// Arguments of `sohoa check`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Bằng chứng của `sohoa prove` · The proof that `sohoa prove` wrote
    #[arg(value_name = "BẰNG_CHỨNG")]
    proof: PathBuf,

    /// Tệp mà bằng chứng nói tới; của một trang thì là tệp PDF · The file it is about; of a page, the PDF
    #[arg(value_name = "TỆP")]
    file: Option<PathBuf>,

    /// Thư mục có batch.json và batch.jws của đợt · Folder with the batch's batch.json and batch.jws
    #[arg(long, value_name = "THƯ_MỤC")]
    batch: Option<PathBuf>,

    /// Khóa công khai của sổ nhật ký (log.vkey) · Public key of the province's log
    #[arg(long, value_name = "TỆP")]
    log_key: Option<PathBuf>,

    #[command(flatten)]
    trust: TrustArguments,

    /// Kiểm tại thời điểm này · Judge by this time
    #[arg(long, value_name = "THỜI_ĐIỂM", value_parser = parse_time)]
    at: Option<OffsetDateTime>,

    /// In một dòng JSON · Print one JSON line
    #[arg(long)]
    json: bool,
}

fn parse_time(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|error| error.to_string())
}

/// Judges, reports, and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    match judged(arguments, language) {
        Ok(report) => {
            let exit = exit_of(report.verdict);
            let text = match arguments.json {
                true => json_line(&report, exit),
                false => told(&report, language),
            };
            say::result(&text, exit, language)
        }
        Err(exit) => exit,
    }
}

fn judged(arguments: &Arguments, language: Language) -> Result<ProofReport, Exit> {
    let bytes = read(&arguments.proof, language)?;
    let log_key = arguments.log_key.as_deref();
    let log_key = log_key.map(|file| log_key_in(file, language)).transpose()?;
    let trust = arguments.trust.read(language)?;
    let against = Against {
        file: arguments.file.as_deref(),
        batch: arguments.batch.as_deref(),
        log_key: log_key.as_ref(),
        trust: &trust,
        at: arguments.at.unwrap_or_else(clock::clock()),
    };
    let name = arguments.proof.display().to_string();
    Ok(proven::proof(&name, &bytes, &against))
}

/// The public key of a log in its file.
pub fn log_key_in(file: &Path, language: Language) -> Result<LogPublicKey, Exit> {
    let bytes = read(file, language)?;
    let key = String::from_utf8(bytes).ok();
    let key = key.and_then(|text| LogPublicKey::read(&text));
    key.ok_or_else(|| {
        let cause = std::io::Error::from(std::io::ErrorKind::InvalidData);
        usage::unreadable(file, &cause, language);
        Exit::Usage
    })
}

/// A short file; of a longer one only so much that it is no proof.
fn read(file: &Path, language: Language) -> Result<Vec<u8>, Exit> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(file)
        .and_then(|opened| opened.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|cause| usage::unreadable(file, &cause, language))?;
    Ok(bytes)
}

/// The exit code of a verdict.
pub fn exit_of(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Valid => Exit::Done,
        Verdict::Indeterminate => Exit::Indeterminate,
        Verdict::Invalid => Exit::Invalid,
    }
}

fn json_line(report: &ProofReport, exit: Exit) -> String {
    let proof = report.proof.as_ref();
    let line = json!({
        "v": 1,
        "type": "proof",
        "exit_code": exit as u8,
        "verdict": report.verdict,
        "leaf": proof.map(|proof| &proof.leaf),
        "index": proof.map(|proof| proof.index),
        "leaves": proof.map(|proof| proof.leaves),
        "root": report.root,
        "batch": proof.map(|proof| proof.batch),
        "batch_signature": report.batch_signature,
        "log": report.logged.as_ref().map(|(index, origin)| json!({"origin": origin, "index": index})),
        "findings": findings::as_json(&report.findings),
    });
    format!("{line}\n")
}

fn told(report: &ProofReport, language: Language) -> String {
    let mut text = findings::told(&report.findings, language);
    if let (Some(proof), Some(root)) = (&report.proof, report.root) {
        let (leaf, number, leaves) = (&proof.leaf, proof.index + 1, proof.leaves);
        text += &match language {
            Language::Vi => format!(
                "Được chứng minh: {leaf}\n  lá thứ {number} trong {leaves}, dẫn tới gốc {root}\n"
            ),
            Language::En => {
                format!("Proven: {leaf}\n  leaf {number} of {leaves}, leads to the root {root}\n")
            }
        };
    }
    if let Some((index, origin)) = &report.logged {
        let words = say::by(language, "Trong sổ nhật ký", "In the log");
        text += &format!("{words} {origin}: {}\n", index + 1);
    }
    text + &findings::bottom_line(report.verdict, language)
}
