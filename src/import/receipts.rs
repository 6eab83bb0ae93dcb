//! Receipts: what the receiver says of each dossier, one JSON object a line, sent back to whoever delivered.
//!
//! They are not signed: all that a sender does by them is to send again or not to, and a delivery that comes
//! twice counts once. Who wants them held to sends them over a channel that is.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ImportFault;
use crate::model::Digest;

/// The version of a receipt's shape.
pub const RECEIPT_VERSION: u32 = 1;

/// The longest line that is read: a folder's name and two sentences.
const LINE_BYTES: u64 = 256 << 10;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ReceiptLine {
    /// What became of one dossier.
    Receipt(Receipt),
    /// A whole delivery was refused; nothing of it entered.
    Refused(RefusedLine),
    /// The last line of a receipts file.
    Summary(SummaryLine),
}

/// What became of one dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Now 1.
    pub v: u32,
    /// SHA-256 of the delivery's `batch.json`.
    pub batch: String,
    /// The dossier's folder in the drop.
    pub folder: String,
    /// Mã hồ sơ.
    pub dossier: String,
    /// What its content was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_key: Option<Digest>,
    /// The verdict.
    pub verdict: ReceiptVerdict,
    /// The version that stands in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReceiptReason>,
}

/// The three verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptVerdict {
    /// It entered.
    Accepted,
    /// It stood there before.
    Duplicate,
    /// It did not enter.
    Rejected,
}

/// A reason, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptReason {
    /// Stable code, docs/codes.md.
    pub code: String,
    /// The file or folder it is about.
    pub place: String,
    /// What happened, in Vietnamese.
    pub what: String,
}

/// A whole delivery that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// Now 1.
    pub v: u32,
    /// SHA-256 of its `batch.json`; none where there is none to read.
    pub batch: Option<String>,
    /// What the auditor found, worst first; of very many the first hundred.
    pub reasons: Vec<ReceiptReason>,
}

/// The sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryLine {
    /// Now 1.
    pub v: u32,
    /// The program's exit code.
    pub exit_code: u8,
    /// Deliveries that were looked at, refused ones among them.
    pub deliveries: u64,
    /// Deliveries that were refused as a whole.
    pub refused: u64,
    /// Dossiers that entered.
    pub accepted: u64,
    /// Dossiers that stood there before.
    pub duplicate: u64,
    /// Dossiers that did not enter.
    pub rejected: u64,
    /// Lines of dossiers that the sender itself had set aside.
    pub set_aside: u64,
}

/// Reads a receipts file line by line.
pub fn read(
    path: &Path,
    each: &mut dyn FnMut(ReceiptLine) -> Result<(), ImportFault>,
) -> Result<(), ImportFault> {
    let failed = |cause: &std::io::Error| ImportFault::unreadable(path, cause);
    let mut reader = BufReader::new(File::open(path).map_err(|cause| failed(&cause))?);
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        let mut few = (&mut reader).take(LINE_BYTES);
        if few
            .read_until(b'\n', &mut text)
            .map_err(|cause| failed(&cause))?
            == 0
        {
            break;
        }
        let receipt = line_of(&text).ok_or_else(|| ImportFault::NoReceipt {
            path: path.display().to_string(),
            line,
        })?;
        each(receipt)?;
    }
    Ok(())
}

/// A line with its end; none where it is no receipt of a version that is known, or was cut off.
pub fn line_of(text: &[u8]) -> Option<ReceiptLine> {
    let line: ReceiptLine = serde_json::from_slice(text.strip_suffix(b"\n")?).ok()?;
    let v = match &line {
        ReceiptLine::Receipt(receipt) => receipt.v,
        ReceiptLine::Refused(refused) => refused.v,
        ReceiptLine::Summary(summary) => summary.v,
    };
    (v == RECEIPT_VERSION).then_some(line)
}

/// What the receiver holds and what it rejected, by content.
#[derive(Debug, Default)]
pub struct Answers {
    /// Contents with a receipt; where several speak of one, the best word counts.
    by_content: HashMap<Digest, Answer>,
    /// Deliveries refused as a whole, with the first reason.
    pub refused: Vec<RefusedLine>,
}

/// The receiver's word on one content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It stands there.
    Held,
    /// It was rejected.
    Rejected(Box<ReceiptReason>),
}

impl Answers {
    /// Reads receipts files, one after the other.
    pub fn read<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<Self, ImportFault> {
        let mut answers = Self::default();
        for path in paths {
            read(path, &mut |line| {
                answers.add(line);
                Ok(())
            })?;
        }
        Ok(answers)
    }

    fn add(&mut self, line: ReceiptLine) {
        match line {
            ReceiptLine::Receipt(receipt) => {
                let Some(key) = receipt.content_key else {
                    return;
                };
                match (receipt.verdict, receipt.reason) {
                    (ReceiptVerdict::Rejected, Some(reason)) => {
                        self.by_content
                            .entry(key)
                            .or_insert_with(|| Answer::Rejected(Box::new(reason)));
                    }
                    (ReceiptVerdict::Rejected, None) => {}
                    _ => {
                        self.by_content.insert(key, Answer::Held);
                    }
                }
            }
            ReceiptLine::Refused(refused) => self.refused.push(refused),
            ReceiptLine::Summary(_) => {}
        }
    }

    /// The receiver's word on this content.
    pub fn of(&self, content: &Digest) -> Option<&Answer> {
        self.by_content.get(content)
    }

    /// Whether the receiver holds this content.
    pub fn holds(&self, content: &Digest) -> bool {
        self.of(content) == Some(&Answer::Held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(verdict: &str, key: &Digest, more: &str) -> String {
        format!(
            "{{\"type\":\"receipt\",\"v\":1,\"batch\":\"b\",\"folder\":\"f\",\"dossier\":\"d\",\
             \"content_key\":\"{key}\",\"verdict\":\"{verdict}\"{more}}}\n"
        )
    }

    #[test]
    fn the_best_word_on_a_content_counts_whatever_its_place() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("r.jsonl");
        let (one, two, three) = (Digest::of(b"1"), Digest::of(b"2"), Digest::of(b"3"));
        let why = ",\"reason\":{\"code\":\"IMP-021\",\"place\":\"f\",\"what\":\"không có đơn vị\"}";
        let text = line("rejected", &one, why)
            + &line("accepted", &one, "")
            + &line("duplicate", &two, "")
            + &line("rejected", &two, why)
            + &line("rejected", &three, why);
        std::fs::write(&path, text).expect("writes");
        let answers = Answers::read([path.as_path()]).expect("reads");
        assert!(answers.holds(&one) && answers.holds(&two) && !answers.holds(&three));
        assert!(
            matches!(answers.of(&three), Some(Answer::Rejected(reason)) if reason.code == "IMP-021")
        );
        assert_eq!(answers.of(&Digest::of(b"4")), None);
    }

    #[test]
    fn a_line_that_is_no_receipt_is_told_with_its_number() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("r.jsonl");
        let whole = line("accepted", &Digest::of(b"1"), "");
        let later = whole.replace("\"v\":1", "\"v\":2");
        for bad in ["{}\n", "\n", &later, whole.trim_end()] {
            std::fs::write(&path, format!("{whole}{bad}")).expect("writes");
            let fault = Answers::read([path.as_path()]).expect_err("refused");
            assert!(
                matches!(fault, ImportFault::NoReceipt { line: 2, .. }),
                "{bad}"
            );
        }
    }
}
