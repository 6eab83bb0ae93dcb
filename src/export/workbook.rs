//! Workbooks (Office Open XML, ECMA-376): the archive's sheet of 46 columns and `MetaDuLieu.xlsx`.
//!
//! Every value is written as a string, never as a formula; the time of making is the delivery's, so
//! that one delivery always gives the same bytes.

use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use time::OffsetDateTime;

use super::Exporter;
use super::fault::{ExportFault, Refused};
use super::staged::Staged;
use super::subject::Subject;
use super::table::Table;

/// Rows of a sheet (ECMA-376, 18.3.1.73).
const MOST_ROWS: u32 = 1_048_576;

/// A workbook in the making; its rows are in memory until it is written.
pub struct Book {
    table: Table,
    book: Workbook,
    next_rows: Vec<u32>,
    staged: Staged,
}

impl Book {
    /// An empty workbook with its headers.
    pub fn new(table: Table, target: &Path, made: OffsetDateTime) -> Result<Self, ExportFault> {
        let staged = Staged::at(target)?;
        let mut book = Workbook::new();
        book.set_properties(&DocProperties::new().set_creation_datetime(&excel_time(made)?));
        for sheet in &table.sheets {
            let page = book.add_worksheet();
            page.set_name(&sheet.name).map_err(refused)?;
            for (column, rule) in (0..).zip(sheet.columns()) {
                page.write_string(0, column, &rule.name).map_err(refused)?;
            }
        }
        let next_rows = vec![1; table.sheets.len()];
        Ok(Self {
            table,
            book,
            next_rows,
            staged,
        })
    }

    fn write(&mut self, at: usize, rows: Vec<Vec<String>>) -> Result<(), ExportFault> {
        let sheet = &self.table.sheets[at];
        let page = self.book.worksheet_from_index(at).map_err(refused)?;
        for row in rows {
            let number = self.next_rows[at];
            if number >= MOST_ROWS {
                return Err(ExportFault::TooManyRows { limit: MOST_ROWS });
            }
            let cells = (0..).zip(sheet.columns()).zip(&row);
            for ((column, rule), value) in cells.filter(|(_, value)| !value.is_empty()) {
                match value.parse::<u32>() {
                    Ok(count) if rule.number => page.write_number(number, column, count),
                    _ => page.write_string(number, column, value),
                }
                .map_err(refused)?;
            }
            self.next_rows[at] += 1;
        }
        Ok(())
    }
}

impl Exporter for Book {
    fn add(&mut self, subject: &Subject<'_>) -> Result<(), Refused> {
        let mut faults = Vec::new();
        let sheets = self.table.sheets.iter();
        let rows: Vec<_> = sheets
            .map(|sheet| sheet.rows(subject, &mut faults))
            .collect();
        if !faults.is_empty() {
            return Err(Refused::Fields(faults));
        }
        for (at, rows) in rows.into_iter().enumerate() {
            self.write(at, rows)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportFault> {
        let bytes = self.book.save_to_buffer().map_err(refused)?;
        super::staged::write_new(self.staged.path(), &bytes)?;
        self.staged.put()
    }
}

fn refused(error: XlsxError) -> ExportFault {
    ExportFault::Workbook(error.to_string())
}

fn excel_time(time: OffsetDateTime) -> Result<ExcelDateTime, ExportFault> {
    let year = u16::try_from(time.year()).unwrap_or(1900);
    let day = ExcelDateTime::from_ymd(year, u8::from(time.month()), time.day());
    let whole =
        day.and_then(|day| day.and_hms(u16::from(time.hour()), time.minute(), time.second()));
    whole.map_err(refused)
}
