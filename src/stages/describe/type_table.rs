//! The table of document types: read from `types.toml`, checked row by row.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::formats::vietnamese::{Pattern, PatternFault, fold};

const EMBEDDED: &str = include_str!("types.toml");

/// Why a table of types cannot be used; `line` counts from 1.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TypeTableFault {
    /// No TOML, an unknown key, a missing key, a value of the wrong kind.
    #[error("line {line}: {reason}")]
    Shape {
        /// Where.
        line: usize,
        /// What the TOML reader says.
        reason: String,
    },
    /// Two rows bear the same id.
    #[error("line {line}: id `{id}` stands twice")]
    RepeatedId {
        /// Where the second one stands.
        line: usize,
        /// The id.
        id: String,
    },
    /// An id that is not made of a–z and `_`.
    #[error("line {line}: id `{id}` is not made of a–z and _")]
    BadId {
        /// Where.
        line: usize,
        /// The id.
        id: String,
    },
    /// `type_name` is none of 01 to 32.
    #[error("line {line}: type_name `{code}` is none of 01 to 32")]
    UnknownTypeName {
        /// Where.
        line: usize,
        /// The code.
        code: String,
    },
    /// A heading that cannot be searched for.
    #[error("line {line}: heading `{heading}`: {reason}")]
    BadHeading {
        /// Where.
        line: usize,
        /// The heading.
        heading: String,
        /// Why.
        reason: PatternFault,
    },
    /// Two types share a heading once it is folded.
    #[error("line {line}: heading `{heading}` already belongs to `{owner}`")]
    SharedHeading {
        /// Where the second one stands.
        line: usize,
        /// The heading.
        heading: String,
        /// The type that has it.
        owner: String,
    },
    /// Two types share an abbreviation, letter for letter.
    #[error("line {line}: abbreviation `{abbreviation}` already belongs to `{owner}`")]
    SharedAbbreviation {
        /// Where the second one stands.
        line: usize,
        /// The abbreviation.
        abbreviation: String,
        /// The type that has it.
        owner: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    version: String,
    #[serde(rename = "type")]
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Spanned<String>,
    type_name: Spanned<String>,
    title: String,
    abbreviation: Option<Spanned<String>>,
    headings: Vec<Spanned<String>>,
    #[serde(default = "yes")]
    opens: bool,
    #[serde(default = "yes")]
    subject: bool,
}

fn yes() -> bool {
    true
}

/// One type of paper.
#[derive(Debug)]
pub struct TypeRow {
    /// Stable id.
    pub id: String,
    /// Code of TT 05/2025/TT-BNV.
    pub type_name: String,
    /// Name for people.
    pub title: String,
    /// Abbreviation that opens the notation, in its right spelling.
    pub abbreviation: Option<String>,
    /// Its headings, folded and ready for searching.
    pub headings: Vec<Pattern>,
    /// True where its heading alone begins a new document.
    pub opens: bool,
    /// True where a trích yếu stands under the heading.
    pub has_subject: bool,
}

/// All types, in the order of the file.
#[derive(Debug)]
pub struct TypeTable {
    /// The version of the data.
    pub version: String,
    /// The rows.
    pub rows: Vec<TypeRow>,
}

impl TypeTable {
    /// The table that comes with the program.
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED).expect("a test parses the embedded table")
    }

    /// Reads and checks a table; the first fault in the file's order is told.
    pub fn parse(toml: &str) -> Result<Self, TypeTableFault> {
        let sheet: Sheet = toml::from_str(toml).map_err(|fault| TypeTableFault::Shape {
            line: line_of(toml, fault.span().unwrap_or(0..0)),
            reason: fault.message().to_owned(),
        })?;
        let mut check = Check {
            toml,
            ids: BTreeSet::new(),
            headings: BTreeMap::new(),
            abbreviations: BTreeMap::new(),
        };
        let rows = sheet.rows.into_iter().map(|row| check.row(row));
        Ok(Self {
            version: sheet.version,
            rows: rows.collect::<Result<_, _>>()?,
        })
    }

    /// The row with this id.
    pub fn by_id(&self, id: &str) -> Option<&TypeRow> {
        self.rows.iter().find(|row| row.id == id)
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

/// What was seen in the rows above.
struct Check<'t> {
    toml: &'t str,
    ids: BTreeSet<String>,
    headings: BTreeMap<String, String>,
    abbreviations: BTreeMap<String, String>,
}

impl Check<'_> {
    fn row(&mut self, row: Row) -> Result<TypeRow, TypeTableFault> {
        self.id(&row.id)?;
        self.type_name(&row.type_name)?;
        let id = row.id.into_inner();
        if let Some(abbreviation) = &row.abbreviation {
            self.abbreviation(&id, abbreviation)?;
        }
        let headings = row
            .headings
            .iter()
            .map(|heading| self.heading(&id, heading));
        Ok(TypeRow {
            headings: headings.collect::<Result<_, _>>()?,
            id,
            type_name: row.type_name.into_inner(),
            title: row.title,
            abbreviation: row.abbreviation.map(Spanned::into_inner),
            opens: row.opens,
            has_subject: row.subject,
        })
    }

    fn id(&mut self, id: &Spanned<String>) -> Result<(), TypeTableFault> {
        let line = line_of(self.toml, id.span());
        let id = id.get_ref().clone();
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return Err(TypeTableFault::BadId { line, id });
        }
        if !self.ids.insert(id.clone()) {
            return Err(TypeTableFault::RepeatedId { line, id });
        }
        Ok(())
    }

    fn type_name(&self, code: &Spanned<String>) -> Result<(), TypeTableFault> {
        let known = (1..=32).any(|n| format!("{n:02}") == *code.get_ref());
        known
            .then_some(())
            .ok_or_else(|| TypeTableFault::UnknownTypeName {
                line: line_of(self.toml, code.span()),
                code: code.get_ref().clone(),
            })
    }

    fn abbreviation(&mut self, id: &str, own: &Spanned<String>) -> Result<(), TypeTableFault> {
        let owner = self
            .abbreviations
            .insert(own.get_ref().clone(), id.to_owned());
        owner.map_or(Ok(()), |owner| {
            Err(TypeTableFault::SharedAbbreviation {
                line: line_of(self.toml, own.span()),
                abbreviation: own.get_ref().clone(),
                owner,
            })
        })
    }

    fn heading(&mut self, id: &str, heading: &Spanned<String>) -> Result<Pattern, TypeTableFault> {
        let line = line_of(self.toml, heading.span());
        let folded = fold(heading.get_ref());
        let pattern = Pattern::new(&folded).map_err(|reason| TypeTableFault::BadHeading {
            line,
            heading: heading.get_ref().clone(),
            reason,
        })?;
        match self.headings.insert(folded, id.to_owned()) {
            Some(owner) => Err(TypeTableFault::SharedHeading {
                line,
                heading: heading.get_ref().clone(),
                owner,
            }),
            None => Ok(pattern),
        }
    }
}

fn line_of(toml: &str, span: Range<usize>) -> usize {
    1 + toml
        .bytes()
        .take(span.start)
        .filter(|b| *b == b'\n')
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_table_has_the_29_administrative_types() {
        let table = TypeTable::embedded();
        let codes: BTreeSet<&str> = table.rows.iter().map(|r| r.type_name.as_str()).collect();
        for n in 1..=29 {
            assert!(codes.contains(format!("{n:02}").as_str()), "{n:02}");
        }
        let quyet_dinh = table.by_id("quyet_dinh").expect("there");
        assert_eq!(quyet_dinh.type_name, "02");
        assert_eq!(quyet_dinh.abbreviation.as_deref(), Some("QĐ"));
        assert_eq!(table.by_folded_abbreviation("HD").count(), 2);
    }

    fn table(rows: &str) -> Result<TypeTable, TypeTableFault> {
        TypeTable::parse(&format!("version = \"1\"\n{rows}"))
    }

    const ROW: &str = "[[type]]\nid = \"a\"\ntype_name = \"01\"\ntitle = \"A\"\n";

    #[test]
    fn each_mistake_is_told_with_its_line() {
        let twice = table(&format!("{ROW}headings = []\n{ROW}headings = []"));
        assert_eq!(
            twice.unwrap_err(),
            TypeTableFault::RepeatedId {
                line: 8,
                id: "a".into()
            }
        );
        let unknown_key = table(&format!("{ROW}headings = []\ncolour = 1"));
        assert!(matches!(
            unknown_key.unwrap_err(),
            TypeTableFault::Shape { line: 7, .. }
        ));
        let heading = table(&format!("{ROW}headings = [\"…\"]"));
        assert!(matches!(
            heading.unwrap_err(),
            TypeTableFault::BadHeading { line: 6, .. }
        ));
        let shared = table(&format!("{ROW}headings = [\"ĐƠN\",\n\"Đơn \"]"));
        assert!(matches!(
            shared.unwrap_err(),
            TypeTableFault::SharedHeading { line: 7, .. }
        ));
        let code = table(&format!("{ROW}headings = []").replace("01", "33"));
        assert!(matches!(
            code.unwrap_err(),
            TypeTableFault::UnknownTypeName { line: 4, .. }
        ));
        let id = table(&format!("{ROW}headings = []").replace("\"a\"", "\"Á\""));
        assert!(matches!(
            id.unwrap_err(),
            TypeTableFault::BadId { line: 3, .. }
        ));
    }
}
