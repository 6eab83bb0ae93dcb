//! Sheets of rows: which sheets a receiver has, their headers, and how a dossier becomes rows.

use serde::Deserialize;

use super::fault::FieldFault;
use super::rules::{FieldRule, fill};
use super::subject::Subject;

/// A receiver's workbook, as its data file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    #[allow(dead_code, reason = "tells people which text the file is")]
    version: String,
    /// Its sheets in their order.
    #[serde(rename = "sheet")]
    pub sheets: Vec<Sheet>,
}

/// One sheet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// What a row of it is.
    pub rows: Rows,
    /// The columns of the dossier.
    #[serde(default)]
    pub dossier: Vec<FieldRule>,
    /// The columns of the document, behind those of the dossier.
    #[serde(default)]
    pub document: Vec<FieldRule>,
}

/// What a row of a sheet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// A dossier.
    Dossiers,
    /// A document; the dossier's columns are filled on its first row only, because whoever reads
    /// such a sheet takes each row with them for a dossier of its own.
    Documents,
    /// A document; the dossier's columns stand on each row.
    DocumentsWithDossier,
    /// Nothing: the receiver wants the sheet, we have nothing for it.
    None,
}

impl Table {
    /// Reads a data file that is embedded in the program.
    pub fn embedded(text: &str) -> Self {
        toml::from_str(text).expect("the tables are embedded and tested")
    }
}

impl Sheet {
    /// Its columns in their order.
    pub fn columns(&self) -> impl Iterator<Item = &FieldRule> {
        self.dossier.iter().chain(&self.document)
    }

    /// The rows that a dossier is in this sheet; what does not fit is added to the faults.
    pub fn rows(&self, subject: &Subject<'_>, faults: &mut Vec<FieldFault>) -> Vec<Vec<String>> {
        if self.rows == Rows::None {
            return Vec::new();
        }
        let of_dossier = fill(&self.dossier, subject, None, faults);
        if self.rows == Rows::Dossiers {
            return vec![of_dossier];
        }
        let documents = 0..subject.documents().len();
        let each = documents.map(|at| {
            let whole = at == 0 || self.rows == Rows::DocumentsWithDossier;
            let mut row = match whole {
                true => of_dossier.clone(),
                false => vec![String::new(); of_dossier.len()],
            };
            row.extend(fill(&self.document, subject, Some(at), faults));
            row
        });
        each.collect()
    }
}
