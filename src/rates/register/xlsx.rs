//! A register as XLSX: the first sheet, cell by cell as it is unpacked.
//!
//! What a cell computes is not trusted silently: the value that the file remembers is taken and told as a finding.

use std::io::{self, Read, Seek};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use time::{Date, Month};
use zip::ZipArchive;

use super::{CELLS, Cell, Rows, day_of, unreadable};
use crate::rates::RatesFault;
use crate::rates::finding::Wrong;

/// Bytes that all parts of the workbook may unpack to: a million rows of a register are some 600 MB.
const UNPACKED_BYTES: u64 = 2 << 30;
/// Parts of a workbook.
const PARTS: usize = 10_000;
/// Bytes of the texts that cells share, which stand in memory at once.
const SHARED_BYTES: u64 = 512 << 20;

/// Reads the rows of the first sheet.
pub fn read(mut register: impl Read + Seek, rows: &mut Rows<'_, '_>) -> Result<(), RatesFault> {
    let broken = |cause: &dyn std::fmt::Display| unreadable(rows.name, cause);
    within_budget(&mut register).map_err(|cause| broken(&cause))?;
    register.rewind().map_err(|cause| broken(&cause))?;
    let mut book = Xlsx::new(io::BufReader::new(register)).map_err(|cause| broken(&cause))?;
    let sheet = book.sheet_names().first().cloned();
    let sheet = sheet.ok_or_else(|| broken(&"no sheet"))?;
    let reader = book.worksheet_cells_reader(&sheet);
    let mut reader = reader.map_err(|cause| broken(&cause))?;
    let mut line = Line::default();
    loop {
        let cell = reader.next_cell_with_formula();
        let cell = cell.map_err(|cause| unreadable(rows.name, &cause))?;
        let Some(cell) = cell else {
            return line.give(rows);
        };
        let (row, place) = (u64::from(cell.pos.0) + 1, cell.pos.1 as usize);
        if row != line.row {
            if row < line.row {
                return Err(unreadable(rows.name, &"rows out of order"));
            }
            line.give(rows)?;
            line.row = row;
        }
        if place >= CELLS {
            return Err(unreadable(rows.name, &format!("> {CELLS}")));
        }
        if cell.formula.is_some_and(|formula| !formula.is_empty()) && rows.is_used(place) {
            let value = value_of(&cell.value);
            rows.findings
                .add(Wrong::FormulaCell, Some(row), &shown(&value));
        }
        line.put(place, value_of(&cell.value));
    }
}

/// The cells of one row.
#[derive(Default)]
struct Line {
    row: u64,
    cells: Vec<Cell>,
}

impl Line {
    fn put(&mut self, place: usize, cell: Cell) {
        if self.cells.len() <= place {
            self.cells.resize(place + 1, Cell::Empty);
        }
        self.cells[place] = cell;
    }

    /// Empty cells at a row's end are not written, so every row is as long as the first.
    fn give(&mut self, rows: &mut Rows<'_, '_>) -> Result<(), RatesFault> {
        if rows.places.is_some() {
            while self.cells.len() > rows.cells && self.cells.last() == Some(&Cell::Empty) {
                self.cells.pop();
            }
            let length = self.cells.len().max(rows.cells);
            self.cells.resize(length, Cell::Empty);
        }
        let given = rows.take(self.row, &self.cells);
        self.cells.clear();
        given
    }
}

fn value_of(value: &DataRef<'_>) -> Cell {
    let text = |text: &str| match text.trim().is_empty() {
        true => Cell::Empty,
        false => Cell::Text(text.to_owned()),
    };
    match value {
        DataRef::Int(number) => Cell::Text(number.to_string()),
        // Excel keeps whole numbers as floats: `10` is 10.0.
        DataRef::Float(number) => Cell::Text(number.to_string()),
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Bool(yes) => Cell::Text(u8::from(*yes).to_string()),
        DataRef::DateTime(day) => {
            excel_day(day).map_or(Cell::Text(day.as_f64().to_string()), Cell::Day)
        }
        DataRef::DateTimeIso(value) => day_of(value).map_or_else(|| text(value), Cell::Day),
        DataRef::DurationIso(value) => text(value),
        DataRef::Error(error) => Cell::Text(error.to_string()),
        DataRef::Empty => Cell::Empty,
    }
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Day(day) => day.to_string(),
    }
}

/// The day of a serial number that Excel calls a date; 1900's leap day, which never was, is below it.
fn excel_day(serial: &ExcelDateTime) -> Option<Date> {
    if serial.is_duration() || !(61.0..2_958_466.0).contains(&serial.as_f64()) {
        return None;
    }
    let (year, month, day, ..) = serial.to_ymd_hms_milli();
    let month = Month::try_from(month).ok()?;
    Date::from_calendar_date(i32::from(year), month, day).ok()
}

/// Unpacks everything once to nowhere: what a ZIP's own headers say of lengths may be a lie.
fn within_budget(register: &mut (impl Read + Seek)) -> io::Result<()> {
    let mut parts = ZipArchive::new(register)?;
    if parts.len() > PARTS {
        return Err(io::Error::other("too many parts"));
    }
    let mut all_bytes = 0;
    for index in 0..parts.len() {
        let part = parts.by_index(index)?;
        let of_strings = part.name()?.to_lowercase().ends_with("sharedstrings.xml");
        let left = UNPACKED_BYTES.saturating_sub(all_bytes);
        let bytes = io::copy(&mut part.take(left + 1), &mut io::sink())?;
        all_bytes += bytes;
        if all_bytes > UNPACKED_BYTES || of_strings && bytes > SHARED_BYTES {
            return Err(io::Error::other("unpacks to too much"));
        }
    }
    Ok(())
}
