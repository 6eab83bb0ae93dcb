//! CSV (RFC 4180): a row a document, in UTF-8 with its mark, safe to open in a spreadsheet.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::Exporter;
use super::fault::{ExportFault, Refused};
use super::staged::Staged;
use super::subject::Subject;
use super::table::Table;

/// U+FEFF: without it Excel reads UTF-8 as a code page.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A CSV file in the making.
pub struct Separated {
    table: Table,
    out: csv::Writer<BufWriter<File>>,
    staged: Staged,
}

impl Separated {
    /// An empty file with its headers; the table has one sheet.
    pub fn new(table: Table, target: &Path) -> Result<Self, ExportFault> {
        let staged = Staged::at(target)?;
        let file = File::create(staged.path()).and_then(|mut file| {
            file.write_all(MARK)?;
            Ok(file)
        });
        let file = BufWriter::new(file.map_err(ExportFault::at(staged.path()))?);
        let mut out = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(file);
        let headers = table.sheets[0].columns().map(|rule| harmless(&rule.name));
        out.write_record(headers)
            .map_err(|fault| unwritable(&staged, fault))?;
        Ok(Self { table, out, staged })
    }
}

impl Exporter for Separated {
    fn add(&mut self, subject: &Subject<'_>) -> Result<(), Refused> {
        let mut faults = Vec::new();
        let rows = self.table.sheets[0].rows(subject, &mut faults);
        if !faults.is_empty() {
            return Err(Refused::Fields(faults));
        }
        for row in rows {
            let written = self
                .out
                .write_record(row.iter().map(|value| harmless(value)));
            written.map_err(|fault| unwritable(&self.staged, fault))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExportFault> {
        let Self { out, staged, .. } = *self;
        let file = out.into_inner().map_err(|fault| fault.into_error());
        let synced = file.and_then(|file| {
            let file = file.into_inner().map_err(|fault| fault.into_error())?;
            file.sync_all()
        });
        synced.map_err(ExportFault::at(staged.path()))?;
        staged.put()
    }
}

fn unwritable(staged: &Staged, fault: csv::Error) -> ExportFault {
    ExportFault::at(staged.path())(std::io::Error::other(fault))
}

/// A value that no spreadsheet takes for a formula: where what it begins with, behind any blanks or
/// marks, would start one, an apostrophe stands before it (OWASP, CSV injection).
pub fn harmless(value: &str) -> String {
    let shown = value.trim_start_matches(|c: char| c.is_whitespace() || is_unseen(c));
    let first_as_it_stands = value.chars().next();
    let starts_one = shown.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || matches!(first_as_it_stands, Some('\t' | '\r' | '\n'));
    match starts_one {
        true => format!("'{value}"),
        false => value.to_owned(),
    }
}

/// Characters that a spreadsheet passes over before it looks for a formula.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_start_a_formula_is_made_harmless() {
        for value in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r1",
            " =1",
            "\u{FEFF}=1",
            "\u{FEFF} \u{200B}@x",
            "\u{a0}-1",
            "＝1",
            "\n=1",
        ] {
            assert_eq!(harmless(value), format!("'{value}"), "{value:?}");
        }
        for value in [
            "12/QĐ-UBND",
            "Lê Thị Quyên",
            "",
            " a",
            "'=1",
            "H10.12-221013-0001",
        ] {
            assert_eq!(harmless(value), value);
        }
    }

    proptest! {
        #[test]
        fn a_row_comes_back_as_it_was_and_no_cell_starts_a_formula(row in prop::collection::vec("\\PC{0,12}|[=+@\\-\t\r\n \",;]{0,6}", 1..6)) {
            let mut bytes = Vec::new();
            {
                let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
                out.write_record(row.iter().map(|value| harmless(value))).expect("writes");
                out.flush().expect("writes");
            }
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
            let read = reader.records().next().map(|record| record.expect("a record"));
            let read: Vec<String> = read.iter().flat_map(|record| record.iter()).map(str::to_owned).collect();
            for (cell, value) in read.iter().zip(&row) {
                prop_assert_eq!(cell.strip_prefix('\'').filter(|rest| rest == value).unwrap_or(cell), value);
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
            }
            prop_assert_eq!(read.len(), row.len());
        }
    }
}
