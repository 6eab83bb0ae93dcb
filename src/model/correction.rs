//! What a person corrected: one line of `corrections.jsonl`, which is only ever added to.
//!
//! A correction is applied by the next run over its dossier, and teaches the model
//! (`sohoa train`). Where `old` and `new` are the same, the person looked and confirmed it.

use serde::{Deserialize, Serialize};

use super::{Coded, DossierCode, PageText, Params};

/// One correction, or confirmation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Who looked: the account's name, no name of a citizen.
    pub by: String,
    /// When, ISO 8601 with zone.
    pub at: String,
    /// The dossier.
    pub dossier: DossierCode,
    /// The document in it, from 1, as the program had cut it.
    pub document: u32,
    /// What was corrected.
    pub change: Change,
    /// The words of the page that it is about: of a type the document's first page, of a cut the
    /// page behind it. The model learns from these; without them the correction teaches nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageText>,
}

/// What was corrected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// The document's type.
    Type {
        /// The id that the program had chosen.
        old: String,
        /// The right one.
        new: String,
    },
    /// A field.
    Field {
        /// Its id.
        id: String,
        /// The value that the program had read; none where it found none.
        old: Option<String>,
        /// The right one; none where the paper has no such field.
        new: Option<String>,
    },
    /// Whether a document begins with a page.
    Cut {
        /// The page of the document, from 1.
        page: u32,
        /// What the program had thought.
        old: bool,
        /// What is right.
        new: bool,
    },
}

/// Why corrections cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionFault {
    /// A line is no correction.
    #[error("line {line}: {cause}")]
    Line {
        /// Which one, from 1.
        line: usize,
        /// What is wrong with it.
        cause: String,
    },
}

impl Coded for CorrectionFault {
    fn code(&self) -> &'static str {
        "DSC-023"
    }

    fn params(&self) -> Params {
        let Self::Line { line, cause } = self;
        Params::from([("line", line.to_string()), ("cause", cause.clone())])
    }
}

impl Correction {
    /// Reads the lines of a file; empty lines are passed over.
    pub fn read_lines(text: &str) -> Result<Vec<Self>, CorrectionFault> {
        let lines = text.lines().zip(1..);
        let written = lines.filter(|(line, _)| !line.trim().is_empty());
        let read = written.map(|(text, line)| {
            serde_json::from_str(text).map_err(|fault| CorrectionFault::Line {
                line,
                cause: fault.to_string(),
            })
        });
        read.collect()
    }

    /// It as one line, with its line feed: to be added at the end of the file.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("a correction has only string keys") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn correction(change: Change) -> Correction {
        Correction {
            by: "can.bo.1".to_owned(),
            at: "2026-11-22T09:00:00+07:00".to_owned(),
            dossier: "H10.12-221013-0001".parse().expect("a code"),
            document: 2,
            change,
            page: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let all = [
            Change::Type {
                old: "khong_ro".to_owned(),
                new: "cccd".to_owned(),
            },
            Change::Field {
                id: "so_ky_hieu".to_owned(),
                old: Some("12/QĐ-UBND".to_owned()),
                new: None,
            },
            Change::Cut {
                page: 3,
                old: false,
                new: true,
            },
        ]
        .map(correction);
        let text: String = all.iter().map(Correction::line).collect();
        assert_eq!(Correction::read_lines(&(text + "\n")), Ok(all.to_vec()));
    }

    #[test]
    fn a_line_that_is_no_correction_is_named() {
        let good = correction(Change::Cut {
            page: 1,
            old: true,
            new: true,
        });
        let text = good.line() + "\n{\"by\":\"x\"}\n";
        let fault = Correction::read_lines(&text).expect_err("a bad line");
        assert!(matches!(fault, CorrectionFault::Line { line: 3, .. }));
    }
}
