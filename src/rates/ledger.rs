//! Register and papers set beside each other on the disk, so that a million rows take no more memory than a thousand.
//!
//! An SQLite file that is made for one count and goes with it. A province's own database (`--db`) is that of
//! `sohoa import`; here stand registers that come as files and deliveries that nobody imported.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};
use time::Date;

use super::RatesFault;
use super::finding::{Findings, Wrong};
use super::register::NumberedRow;
use crate::model::manifest::DossierRecord;
use crate::model::{DossierCode, Holdings, RegisteredDossier};

/// Rows written in one transaction.
const GROUP: u64 = 50_000;

/// `day` columns are Julian day numbers; `flags` are the register's yes and no, a bit each.
const TABLES: &str = "
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768; PRAGMA temp_store = FILE;
    CREATE TABLE register (code TEXT PRIMARY KEY, row INTEGER, unit TEXT, procedure TEXT, received INTEGER,
        due INTEGER, finished INTEGER, state INTEGER, flags INTEGER) WITHOUT ROWID;
    CREATE TABLE papers (code TEXT PRIMARY KEY, c0 INTEGER, c1 INTEGER, c2 INTEGER, c3 INTEGER, results INTEGER)
        WITHOUT ROWID;
    BEGIN;";

const JOINED: &str = "SELECT r.code, r.row, r.unit, r.procedure, r.received, r.due, r.finished, r.state, r.flags,
        coalesce(p.c0, 0), coalesce(p.c1, 0), coalesce(p.c2, 0), coalesce(p.c3, 0), coalesce(p.results, 0)
    FROM register r LEFT JOIN papers p USING (code) ORDER BY r.code";

/// The ledger of one count.
pub struct Ledger {
    file: Connection,
    written: u64,
}

/// Takes each row of the register with its papers; `None` for the row's number where it has none.
pub type EachJoined<'e> = dyn FnMut(Option<u64>, &RegisteredDossier, &Holdings) + 'e;

impl From<rusqlite::Error> for RatesFault {
    fn from(fault: rusqlite::Error) -> Self {
        RatesFault::Scratch {
            cause: fault.to_string(),
        }
    }
}

impl Ledger {
    /// Makes an empty one at this path, which must not exist.
    pub fn create(path: &Path) -> Result<Self, RatesFault> {
        let file = Connection::open(path)?;
        file.execute_batch(TABLES)?;
        Ok(Self { file, written: 0 })
    }

    /// Takes a row of the register; a code that stands there already is a finding, and the first row counts.
    pub fn register(
        &mut self,
        row: &NumberedRow,
        findings: &mut Findings,
    ) -> Result<(), RatesFault> {
        let dossier = &row.dossier;
        let day = |day: Option<Date>| day.map(Date::to_julian_day);
        let new = self
            .file
            .prepare_cached("INSERT OR IGNORE INTO register VALUES (?,?,?,?,?,?,?,?,?)")?
            .execute(params![
                dossier.code.as_str(),
                row.row as i64,
                dossier.unit,
                dossier.procedure,
                day(dossier.received_on),
                day(dossier.due_on),
                day(dossier.finished_on),
                u8::from(dossier.state),
                flags(dossier),
            ])?;
        if new == 0 {
            findings.about(Wrong::Duplicate, Some(row.row), &dossier.code);
            findings.rows_left_out += 1;
        }
        self.count_written()
    }

    /// Takes what a line of a verified manifest holds; a later delivery of a dossier replaces the earlier.
    pub fn papers(&mut self, record: &DossierRecord) -> Result<(), RatesFault> {
        let Some(code) = &record.dossier else {
            return Ok(());
        };
        let held = Holdings::of(record);
        if held == Holdings::default() {
            return Ok(());
        }
        let [c0, c1, c2, c3] = held.components;
        let values = params![code.as_str(), c0, c1, c2, c3, held.results];
        self.file
            .prepare_cached("INSERT OR REPLACE INTO papers VALUES (?,?,?,?,?,?)")?
            .execute(values)?;
        self.count_written()
    }

    fn count_written(&mut self) -> Result<(), RatesFault> {
        self.written += 1;
        if self.written.is_multiple_of(GROUP) {
            self.file.execute_batch("COMMIT; BEGIN;")?;
        }
        Ok(())
    }

    /// Every row of the register with its papers, by code; one row at a time in memory.
    pub fn joined(&self, each: &mut EachJoined<'_>) -> Result<(), RatesFault> {
        let mut statement = self.file.prepare(JOINED)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (number, dossier, holdings) = joined(row)?;
            each(number, &dossier, &holdings);
        }
        Ok(())
    }

    /// Writes down the dossiers with papers that the register does not know.
    pub fn not_registered(&self, findings: &mut Findings) -> Result<(), RatesFault> {
        let sql =
            "SELECT code FROM papers WHERE code NOT IN (SELECT code FROM register) ORDER BY code";
        let mut statement = self.file.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let code: String = row.get(0)?;
            findings.add(Wrong::NotRegistered, None, &code);
        }
        Ok(())
    }

    /// Dossiers of the register, and those of them that have papers.
    pub fn counts(&self) -> Result<(u64, u64), RatesFault> {
        let count = |sql| {
            let found = self.file.query_row(sql, [], |row| row.get::<_, i64>(0));
            found.optional().map(|count| count.unwrap_or(0) as u64)
        };
        let all = count("SELECT count(*) FROM register")?;
        let held = count("SELECT count(*) FROM papers WHERE code IN (SELECT code FROM register)")?;
        Ok((all, held))
    }
}

fn flags(dossier: &RegisteredDossier) -> u8 {
    let bits = [
        dossier.returns_paper,
        dossier.reused_from_store,
        dossier.result_synced,
        dossier.from_population_db,
        dossier.vneid,
        dossier.result_in_force,
    ];
    let bits = bits.iter().enumerate();
    bits.map(|(bit, &is_set)| u8::from(is_set) << bit).sum()
}

fn joined(row: &Row<'_>) -> Result<(Option<u64>, RegisteredDossier, Holdings), rusqlite::Error> {
    let day = |column| {
        let number: Option<i32> = row.get(column)?;
        Ok::<_, rusqlite::Error>(number.and_then(|day| Date::from_julian_day(day).ok()))
    };
    let code: String = row.get(0)?;
    let state: u8 = row.get(7)?;
    let flags: u8 = row.get(8)?;
    let flag = |bit: u8| flags >> bit & 1 == 1;
    let number: Option<i64> = row.get(1)?;
    let dossier = RegisteredDossier {
        code: code.parse::<DossierCode>().expect("written from a code"),
        unit: row.get(2)?,
        procedure: row.get(3)?,
        received_on: day(4)?,
        due_on: day(5)?,
        finished_on: day(6)?,
        state: state.try_into().expect("written from a state"),
        returns_paper: flag(0),
        reused_from_store: flag(1),
        result_synced: flag(2),
        from_population_db: flag(3),
        vneid: flag(4),
        result_in_force: flag(5),
    };
    let holdings = Holdings {
        components: [row.get(9)?, row.get(10)?, row.get(11)?, row.get(12)?],
        results: row.get(13)?,
    };
    Ok((number.map(|number| number as u64), dossier, holdings))
}
