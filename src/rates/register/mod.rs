//! The one-stop's register of dossiers, read row by row from CSV or XLSX.
//!
//! A row that cannot be read is a finding with its number and is left out aloud; nothing is guessed. Text comes in
//! any encoding that Vietnamese offices used ([`vietnamese::read_bytes`]).

pub mod columns;
mod csv;
mod xlsx;

use std::io::{Read, Seek};

use time::Date;
use time::macros::format_description;

use super::RatesFault;
use super::finding::{Findings, Wrong};
use super::period::iso_day;
use crate::formats::vietnamese;
use crate::model::{DossierCode, RegisterState, RegisteredDossier};
use columns::{Column, Columns, Places};

/// Letters of the longest value that any column may hold (MaTTHC 50, unit names a few words).
const LETTERS: usize = 300;
/// Columns of a register.
const CELLS: usize = 1_000;

/// A row that was read: its number, from 1, the heading counted.
pub struct NumberedRow {
    /// The row's number.
    pub row: u64,
    /// What it says.
    pub dossier: RegisteredDossier,
}

/// Takes each row; its fault ends the reading.
pub type Each<'e> = dyn FnMut(&NumberedRow, &mut Findings) -> Result<(), RatesFault> + 'e;

/// Reads a register; `name` is what it is called in faults. XLSX is known by its first bytes.
///
/// Gives the number of rows behind the heading.
pub fn read(
    mut register: impl Read + Seek,
    name: &str,
    columns: &Columns,
    findings: &mut Findings,
    each: &mut Each<'_>,
) -> Result<u64, RatesFault> {
    let mut head = [0; 4];
    let unreadable = |cause: std::io::Error| unreadable(name, &cause);
    let length = fill(&mut register, &mut head).map_err(unreadable)?;
    register.rewind().map_err(unreadable)?;
    let mut rows = Rows {
        name,
        columns,
        places: None,
        cells: 0,
        row: 0,
        read: 0,
        findings,
        each,
    };
    match &head[..length] {
        b"PK\x03\x04" => xlsx::read(register, &mut rows)?,
        _ => csv::read(register, &mut rows)?,
    }
    if rows.places.is_none() {
        let path = name.to_owned();
        return Err(RatesFault::Empty { path });
    }
    Ok(rows.read - 1)
}

fn fill(from: &mut impl Read, into: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < into.len() {
        match from.read(&mut into[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

fn unreadable(name: &str, cause: &dyn std::fmt::Display) -> RatesFault {
    RatesFault::Unreadable {
        path: name.to_owned(),
        cause: cause.to_string(),
    }
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
enum Cell {
    #[default]
    Empty,
    Text(String),
    /// A day that the file itself calls one.
    Day(Date),
}

/// What is made of rows, whatever file they stand in.
struct Rows<'r, 'e> {
    name: &'r str,
    columns: &'r Columns,
    places: Option<Places>,
    cells: usize,
    row: u64,
    /// Rows with anything in them.
    read: u64,
    findings: &'r mut Findings,
    each: &'r mut Each<'e>,
}

impl Rows<'_, '_> {
    /// Takes a row of this number; the first row is the heading.
    fn take(&mut self, row: u64, cells: &[Cell]) -> Result<(), RatesFault> {
        self.row = row;
        if cells.iter().all(|cell| matches!(cell, Cell::Empty)) {
            return Ok(());
        }
        self.read += 1;
        let Some(places) = &self.places else {
            return self.heading(cells);
        };
        if cells.len() != self.cells {
            return self.leave_out(Wrong::Ragged, &cells.len().to_string());
        }
        let mut drawn = Drawn::default();
        for (place, column) in places {
            let Some(cell) = cells.get(*place) else {
                continue;
            };
            if let Err((wrong, value)) = drawn.take(*column, cell, self.columns) {
                return self.leave_out(wrong, &value);
            }
        }
        let Some(dossier) = drawn.dossier() else {
            return self.leave_out(Wrong::Code, "");
        };
        if out_of_order(&dossier) {
            let order = Wrong::DateOrder;
            self.findings.about(order, Some(row), &dossier.code);
        }
        (self.each)(&NumberedRow { row, dossier }, self.findings)
    }

    fn leave_out(&mut self, wrong: Wrong, value: &str) -> Result<(), RatesFault> {
        self.findings.add(wrong, Some(self.row), value);
        self.findings.rows_left_out += 1;
        Ok(())
    }

    fn heading(&mut self, cells: &[Cell]) -> Result<(), RatesFault> {
        let names = cells.iter().map(|cell| match cell {
            Cell::Text(text) => text.as_str(),
            _ => "",
        });
        let places = self.columns.find(names);
        let missing = self.columns.missing(&places);
        if !missing.is_empty() {
            return Err(RatesFault::NoColumn {
                path: self.name.to_owned(),
                columns: missing.join(", "),
            });
        }
        self.cells = cells.len();
        self.places = Some(places);
        Ok(())
    }

    fn is_used(&self, place: usize) -> bool {
        let places = self.places.as_ref();
        places.is_some_and(|places| places.contains_key(&place))
    }
}

/// Received after it was due, or after it was finished.
fn out_of_order(dossier: &RegisteredDossier) -> bool {
    let after = |one: Option<Date>, other: Option<Date>| one.zip(other).is_some_and(|(a, b)| a > b);
    after(dossier.received_on, dossier.due_on) || after(dossier.received_on, dossier.finished_on)
}

/// A row as far as it was drawn out of its cells.
#[derive(Default)]
struct Drawn {
    code: Option<DossierCode>,
    unit: String,
    procedure: String,
    received_on: Option<Date>,
    due_on: Option<Date>,
    finished_on: Option<Date>,
    state: Option<RegisterState>,
    /// Said to return no paper; a register without that column means procedures that return one.
    returns_no_paper: bool,
    reused_from_store: bool,
    result_synced: bool,
    from_population_db: bool,
    vneid: bool,
    result_in_force: bool,
}

impl Drawn {
    fn take(
        &mut self,
        column: Column,
        cell: &Cell,
        columns: &Columns,
    ) -> Result<(), (Wrong, String)> {
        let text = match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.trim().to_owned(),
            Cell::Day(day) => day.to_string(),
        };
        if text.chars().count() > LETTERS {
            return Err((Wrong::TooLong, text));
        }
        let day = || match cell {
            Cell::Day(day) => Ok(Some(*day)),
            _ if text.is_empty() => Ok(None),
            _ => day_of(&text).map(Some).ok_or((Wrong::Date, text.clone())),
        };
        let yes = || match text.as_str() {
            "" => Ok(None),
            _ => (columns.yes_or_no(&text).map(Some)).ok_or((Wrong::YesOrNo, text.clone())),
        };
        match column {
            Column::Code => self.code = Some(text.parse().map_err(|_| (Wrong::Code, text))?),
            Column::Unit => self.unit = text,
            Column::Procedure => self.procedure = text,
            Column::ReceivedOn => self.received_on = day()?,
            Column::DueOn => self.due_on = day()?,
            Column::FinishedOn => self.finished_on = day()?,
            Column::State => {
                let state = columns.state(&text).ok_or((Wrong::State, text))?;
                self.state = Some(state);
            }
            Column::ReturnsPaper => self.returns_no_paper = yes()? == Some(false),
            Column::ReusedFromStore => self.reused_from_store = yes()? == Some(true),
            Column::ResultSynced => self.result_synced = yes()? == Some(true),
            Column::FromPopulationDb => self.from_population_db = yes()? == Some(true),
            Column::Vneid => self.vneid = yes()? == Some(true),
            Column::ResultInForce => self.result_in_force = yes()? == Some(true),
        }
        Ok(())
    }

    fn dossier(self) -> Option<RegisteredDossier> {
        Some(RegisteredDossier {
            code: self.code?,
            unit: self.unit,
            procedure: self.procedure,
            received_on: self.received_on,
            due_on: self.due_on,
            finished_on: self.finished_on,
            state: self.state?,
            returns_paper: !self.returns_no_paper,
            reused_from_store: self.reused_from_store,
            result_synced: self.result_synced,
            from_population_db: self.from_population_db,
            vneid: self.vneid,
            result_in_force: self.result_in_force,
        })
    }
}

/// `2026-11-21`, `21/11/2026`, `20261121`, each with or without a time behind it.
fn day_of(text: &str) -> Option<Date> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 14 || digits == 8 {
        let day = text.get(..8)?;
        let rest = text.get(digits..)?;
        return rest
            .is_empty()
            .then(|| Date::parse(day, format_description!("[year][month][day]")).ok())?;
    }
    slashed(text.split([' ', 'T']).next()?)
}

fn slashed(day: &str) -> Option<Date> {
    iso_day(day).or_else(|| {
        let format =
            format_description!("[day padding:none]/[month padding:none repr:numerical]/[year]");
        Date::parse(day, format).ok()
    })
}

/// Text of a cell from its bytes, in whatever encoding.
fn text_of(bytes: &[u8]) -> (String, bool) {
    let (text, encoding) = vietnamese::read_bytes(bytes);
    (text, encoding != vietnamese::Encoding::Utf8)
}

#[cfg(test)]
mod tests;
