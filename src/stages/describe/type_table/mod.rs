//! The table of document types: `types.toml`, and what a province adds to it.

mod fault;
mod read;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde::Deserialize;

use crate::formats::vietnamese::{Hit, Pattern, Phrases, fold};
use crate::model::{Digest, RoleId};

pub use fault::TypeTableFault;

const EMBEDDED: &str = include_str!("types.toml");

/// One edit is allowed for so many letters of a heading, and never more than four.
const HEADING_LETTERS_AN_EDIT: usize = 5;
/// The same for a cue: it stands in small print, and there are more of them.
const CUE_LETTERS_AN_EDIT: usize = 8;
const MAX_EDITS: usize = 4;

/// Where a cue counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// In the heading and the trích yếu under it.
    Heading,
    /// In the upper third of the first page.
    Top,
    /// Anywhere on the first page.
    Body,
    /// In the lower half of the last page.
    Foot,
}

/// One type of paper.
#[derive(Debug, Clone)]
pub struct TypeRow {
    /// Stable id.
    pub id: String,
    /// Code of TT 05/2025/TT-BNV.
    pub type_name: String,
    /// Name for people.
    pub title: String,
    /// Where its headings and words come from.
    pub origin: String,
    /// Id of the more general type of which it is a kind.
    pub broader: Option<String>,
    /// Abbreviation that opens the notation, in its right spelling.
    pub abbreviation: Option<String>,
    /// Its headings as printed.
    pub headings: Vec<String>,
    /// Words for it and against it.
    pub cues: Vec<CueRow>,
    /// Words that head a later page of it.
    pub later: Vec<String>,
    /// True where its heading alone begins a new document.
    pub opens: bool,
    /// True where a trích yếu stands under the heading.
    pub has_subject: bool,
    /// Whether the national header stands on it; none where it may.
    pub regime: Option<bool>,
    /// What it can be in a dossier, the likeliest first.
    pub role: Vec<RoleId>,
    /// Its code in the catalogue of results.
    pub result_code: Option<String>,
    /// Ids of the fields it should have.
    pub fields: Vec<String>,
}

/// Words for a type or against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CueRow {
    /// The words as printed.
    pub text: String,
    /// Where they count.
    pub zone: Zone,
    /// What they weigh, in hundredths of a nat of log-odds.
    pub weight: i32,
}

/// All types, in the order of the file.
#[derive(Debug)]
pub struct TypeTable {
    /// The version of the data; with an extension, both versions.
    pub version: String,
    /// SHA-256 of the file, or of the file and its extension.
    pub digest: Digest,
    /// The rows.
    pub rows: Vec<TypeRow>,
    /// All headings, with the number of the row of each.
    pub headings: Index,
    /// All cues, with the number of the row and of the cue in it.
    pub cues: Index,
    /// All words of later pages, with the number of the row of each.
    pub later: Index,
    /// For each row the number of the one of which it is a kind; looked up for every page.
    broader: Vec<Option<usize>>,
    /// The number of each id; looked up for every page and class of the model.
    numbers: HashMap<String, usize>,
}

/// Phrases of all rows, searched at once.
#[derive(Debug)]
pub struct Index {
    /// The phrases.
    pub phrases: Phrases,
    /// For each phrase its row, and which of the row's phrases it is.
    pub owners: Vec<(usize, usize)>,
}

impl TypeTable {
    /// The table that comes with the program.
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED).expect("a test parses the embedded table")
    }

    /// Reads and checks a table; the first fault in the file's order is told.
    pub fn parse(toml: &str) -> Result<Self, TypeTableFault> {
        let (version, rows) = read::read(toml, &[])?;
        Ok(Self::of(version, Digest::of(toml.as_bytes()), rows))
    }

    /// This table with the rows of another file; a row whose id stands here takes its place.
    pub fn extended(self, toml: &str) -> Result<Self, TypeTableFault> {
        let (version, added) = read::read(toml, &self.rows)?;
        let mut rows = self.rows;
        for row in added {
            match rows.iter_mut().find(|own| own.id == row.id) {
                Some(own) => *own = row,
                None => rows.push(row),
            }
        }
        let digest = Digest::of(format!("{}\n{toml}", self.digest).as_bytes());
        Ok(Self::of(
            format!("{} + {version}", self.version),
            digest,
            rows,
        ))
    }

    fn of(version: String, digest: Digest, rows: Vec<TypeRow>) -> Self {
        let headings = |row: &TypeRow| row.headings.clone();
        let cues = |row: &TypeRow| row.cues.iter().map(|cue| cue.text.clone()).collect();
        let later = |row: &TypeRow| row.later.clone();
        let numbers = rows.iter().map(|row| row.id.clone()).zip(0..);
        let numbers: HashMap<String, usize> = numbers.collect();
        let broader = rows.iter().map(|row| numbers.get(row.broader.as_deref()?));
        Self {
            broader: broader.map(|number| number.copied()).collect(),
            numbers,
            headings: Index::of(&rows, HEADING_LETTERS_AN_EDIT, headings),
            cues: Index::of(&rows, CUE_LETTERS_AN_EDIT, cues),
            later: Index::of(&rows, CUE_LETTERS_AN_EDIT, later),
            version,
            digest,
            rows,
        }
    }

    /// The row with this id.
    pub fn by_id(&self, id: &str) -> Option<&TypeRow> {
        self.number_of(id).map(|number| &self.rows[number])
    }

    /// The number of the row with this id.
    pub fn number_of(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// The number of the row of which this one is a kind.
    pub fn broader(&self, row: usize) -> Option<usize> {
        self.broader[row]
    }

    /// True for a row that has kinds.
    pub fn is_general(&self, row: usize) -> bool {
        self.broader.contains(&Some(row))
    }

    /// The rows whose abbreviation folds like this text (`HD` is Hướng dẫn and Hợp đồng).
    pub fn by_folded_abbreviation(&self, folded: &str) -> impl Iterator<Item = &TypeRow> {
        self.rows.iter().filter(move |row| {
            row.abbreviation
                .as_deref()
                .is_some_and(|own| fold(own) == folded)
        })
    }
}

/// Edits that a heading of so many letters may need.
pub fn heading_edits(letters: usize) -> u32 {
    edits(letters, HEADING_LETTERS_AN_EDIT)
}

fn edits(letters: usize, letters_an_edit: usize) -> u32 {
    match letters {
        // One edit makes another word of it.
        ..6 => 0,
        _ => (letters / letters_an_edit).min(MAX_EDITS) as u32,
    }
}

impl Index {
    fn of(
        rows: &[TypeRow],
        letters_an_edit: usize,
        texts: impl Fn(&TypeRow) -> Vec<String>,
    ) -> Self {
        let mut owners = Vec::new();
        let mut patterns = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            for (which, text) in texts(row).iter().enumerate() {
                let pattern = Pattern::new(&fold(text)).expect("checked when it was read");
                let edits = edits(pattern.len(), letters_an_edit);
                patterns.push((pattern, edits));
                owners.push((number, which));
            }
        }
        Self {
            phrases: Phrases::new(patterns),
            owners,
        }
    }

    /// The phrases that stand in a folded text: row, which of its phrases, where.
    pub fn find(&self, text: &str) -> impl Iterator<Item = (usize, usize, Hit)> {
        let found = self.phrases.find(text).into_iter();
        found.map(|found| {
            let (row, which) = self.owners[found.phrase];
            (row, which, found.hit)
        })
    }
}
