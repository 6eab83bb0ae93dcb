//! One line of the run history: a JSON object that ends in a checksum over its own text.
//!
//! `{"type":"ended",…,"sum":"0123456789abcdef"}`: whoever reads it with `less` or `jq`
//! sees plain JSON; a line half written or damaged on the disk does not sum up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Digest;
use crate::model::manifest::Reason;
use crate::run::events::{Way, Ways};

/// What parts the checksum from the text it is over.
const SUM: &str = ",\"sum\":\"";

/// One thing that happened, as it is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Entry {
    /// A run listed the drop and began.
    RunBegan(RunBegan),
    /// A dossier was opened to be worked on.
    Taken {
        /// Its name below the drop.
        folder: String,
        /// Its content key.
        key: Digest,
        /// Its pages.
        pages: u64,
    },
    /// A dossier ended, otherwise than the history already says.
    Ended(Ended),
    /// A dossier was opened and left for the next run.
    Left {
        /// Its name below the drop.
        folder: String,
    },
    /// There is no such dossier any more: the stream that it was a piece of was cut otherwise.
    Forgotten {
        /// Its name below the drop.
        folder: String,
    },
    /// So many dossiers ended as the history already says.
    Unchanged {
        /// Their number.
        dossiers: u64,
    },
    /// The run ended and said so.
    RunEnded(RunEnded),
}

/// The beginning of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunBegan {
    /// The run's name: its time in UTC and its process.
    pub run: String,
    /// When, ISO 8601 with zone.
    pub at: String,
    /// Version of the program.
    pub version: String,
    /// Digest of everything in the plan that can change a byte of the result.
    pub plan_sha256: Digest,
    /// The plan in full as it was used, beside the history.
    pub plan: String,
    /// The drop folder.
    pub drop: String,
    /// Entries found in it.
    pub dossiers: u64,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
}

/// The end of a dossier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Its name below the drop.
    pub folder: String,
    /// Its content key; absent after a bug of ours.
    pub key: Option<Digest>,
    /// How it ended.
    pub way: Way,
    /// Its pages.
    pub pages: u64,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// The codes of why it was set aside or waits for a person, each with how often.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, u64>,
    /// The first reasons in full; all stand in the dossier's record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEnded {
    /// The run's name.
    pub run: String,
    /// When, ISO 8601 with zone.
    pub at: String,
    /// `complete`, why it ended early (`interrupt`, `terminate`, `window`), or the code of
    /// the fault that stopped it.
    pub how: String,
    /// Dossiers by the way they ended; absent where a fault stopped the run.
    pub ways: Option<Ways>,
    /// Pages read.
    pub pages_read: u64,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// How long the threads together were at cleaning and reading pages, in milliseconds.
    #[serde(default)]
    pub reading_ms: u64,
    /// How long the threads together were at signing files, or waited for the key, in milliseconds.
    #[serde(default)]
    pub signing_ms: u64,
}

impl Entry {
    /// The line, with its line feed.
    pub fn to_line(&self) -> Vec<u8> {
        let mut text = serde_json::to_string(self).expect("an entry has only string keys");
        text.pop();
        let sum = sum_of(&text);
        format!("{text}{SUM}{sum}\"}}\n").into_bytes()
    }
}

/// What a line says: `None` where it is damaged, `Some(None)` where it is whole and of a
/// kind that only a later version knows.
pub fn read(line: &[u8]) -> Option<Option<Entry>> {
    let line = std::str::from_utf8(line).ok()?;
    let (text, sum) = line.strip_suffix("\"}\n")?.rsplit_once(SUM)?;
    (sum == sum_of(text)).then(|| serde_json::from_str(&format!("{text}}}")).ok())
}

fn sum_of(text: &str) -> String {
    Digest::of(text.as_bytes()).short()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended() -> Entry {
        Entry::Ended(Ended {
            folder: "H10.12-221013-0001 \"\u{1F5C4}\",\"sum\":\"x\"}\n".to_owned(),
            key: Some(Digest::of(b"key")),
            way: Way::SetAside,
            pages: 3,
            ms: 1_200,
            codes: BTreeMap::from([("INT-006".to_owned(), 2)]),
            reasons: Vec::new(),
        })
    }

    #[test]
    fn a_line_is_json_and_comes_back() {
        let line = ended().to_line();
        assert_eq!(read(&line), Some(Some(ended())));
        let json: serde_json::Value = serde_json::from_slice(&line).expect("a JSON object");
        assert_eq!(
            (&json["type"], &json["pages"]),
            (&"ended".into(), &3.into())
        );
    }

    #[test]
    fn no_changed_bit_and_no_cut_line_goes_unseen() {
        let line = ended().to_line();
        for at in 0..line.len() {
            let mut damaged = line.clone();
            damaged[at] ^= 1;
            assert_eq!(read(&damaged), None, "byte {at}");
            assert_eq!(read(&line[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn a_kind_of_a_later_version_is_whole_but_not_understood() {
        let text = r#"{"type":"moved","folder":"a""#;
        let line = format!("{text}{SUM}{}\"}}\n", sum_of(text));
        assert_eq!(read(line.as_bytes()), Some(None));
    }
}
