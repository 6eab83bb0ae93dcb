//! The one-stop's register beside what current verified papers give: the door of `sohoa rates`.

use std::collections::HashMap;

use time::Date;
use time::macros::format_description;

use super::many;
use super::{Row, Store, StoreFault};
use crate::model::onestop::{Holdings, RegisteredDossier};

/// Rows of the register that are written in one transaction.
const GROUP_ROWS: usize = 1_000;

/// Takes one row of the register with what stands there of its papers; its fault ends the reading.
pub type EachRegistered<'e> = dyn FnMut(RegisteredDossier, Holdings) -> Result<(), StoreFault> + 'e;

impl Store {
    /// Puts rows into the register; one that stands there already takes the new row's values.
    ///
    /// Gives the number of rows read. Never more than a thousand are in memory.
    pub fn put_register(
        &mut self,
        rows: &mut dyn Iterator<Item = RegisteredDossier>,
    ) -> Result<u64, StoreFault> {
        let mut count = 0;
        loop {
            let group: Vec<RegisteredDossier> = rows.take(GROUP_ROWS).collect();
            if group.is_empty() {
                return Ok(count);
            }
            count += group.len() as u64;
            self.whole(|store| store.put_group(&group))?;
        }
    }

    fn put_group(&mut self, group: &[RegisteredDossier]) -> Result<(), StoreFault> {
        // One statement may not speak of a row twice; the last one counts.
        let mut place: HashMap<&str, usize> = HashMap::new();
        let mut rows: Vec<&RegisteredDossier> = Vec::new();
        for row in group {
            match place.get(row.code.as_str()) {
                Some(at) => rows[*at] = row,
                None => {
                    place.insert(row.code.as_str(), rows.len());
                    rows.push(row);
                }
            }
        }
        let days: Vec<[Option<String>; 3]> = (rows.iter())
            .map(|row| [row.received_on, row.due_on, row.finished_on].map(|day| day.map(iso)))
            .collect();
        let values: Vec<_> = rows
            .iter()
            .zip(&days)
            .map(|(row, [received, due, finished])| {
                [
                    row.code.as_str().into(),
                    (&row.unit).into(),
                    (&row.procedure).into(),
                    received.into(),
                    due.into(),
                    finished.into(),
                    i64::from(u8::from(row.state)).into(),
                    row.returns_paper.into(),
                    row.reused_from_store.into(),
                    row.result_synced.into(),
                    row.from_population_db.into(),
                    row.vneid.into(),
                    row.result_in_force.into(),
                ]
            })
            .collect();
        many::insert(self.db.as_mut(), REGISTER_COLUMNS, &values, AGAIN)
    }

    /// Each row of the register, by unit and code, with the papers of the newest version that stands there.
    ///
    /// Rows come piece by piece: a million take no more memory than a thousand.
    pub fn registered(&mut self, each: &mut EachRegistered<'_>) -> Result<(), StoreFault> {
        self.db.stream(REGISTERED, &mut |row| {
            let (dossier, holdings) = (dossier_of(row)?, holdings_of(row)?);
            each(dossier, holdings)
        })
    }

    /// Number of rows of the register.
    pub fn register_rows(&mut self) -> Result<u64, StoreFault> {
        let mut count = 0;
        let sql = "SELECT COUNT(*) FROM register";
        self.db.query(sql, &[], &mut |row| {
            count = row.int(0)?.unwrap_or_default() as u64;
            Ok(())
        })?;
        Ok(count)
    }
}

const REGISTER_COLUMNS: &str = "register (code, unit, procedure_code, received_on, due_on, finished_on, state, \
     returns_paper, reused_from_store, result_synced, from_population_db, vneid, result_in_force)";

const AGAIN: &str = "ON CONFLICT (code) DO UPDATE SET unit = excluded.unit, \
     procedure_code = excluded.procedure_code, received_on = excluded.received_on, \
     due_on = excluded.due_on, finished_on = excluded.finished_on, state = excluded.state, \
     returns_paper = excluded.returns_paper, reused_from_store = excluded.reused_from_store, \
     result_synced = excluded.result_synced, from_population_db = excluded.from_population_db, \
     vneid = excluded.vneid, result_in_force = excluded.result_in_force";

// COUNT, because PostgreSQL's SUM over BIGINT is no BIGINT.
const REGISTERED: &str = "SELECT r.code, r.unit, r.procedure_code, r.received_on, r.due_on, r.finished_on, \
     r.state, r.returns_paper, r.reused_from_store, r.result_synced, r.from_population_db, r.vneid, \
     r.result_in_force, \
     COUNT(CASE WHEN p.kind = 0 AND p.state = 0 THEN 1 END), \
     COUNT(CASE WHEN p.kind = 0 AND p.state = 1 THEN 1 END), \
     COUNT(CASE WHEN p.kind = 0 AND p.state = 2 THEN 1 END), \
     COUNT(CASE WHEN p.kind = 0 AND p.state = 3 THEN 1 END), \
     COUNT(CASE WHEN p.kind = 1 THEN 1 END) \
     FROM register r LEFT JOIN paper_current p ON p.dossier = r.code \
     GROUP BY r.unit, r.code ORDER BY r.unit, r.code";

fn dossier_of(row: &dyn Row) -> Result<RegisteredDossier, StoreFault> {
    let text = |column| Ok::<_, StoreFault>(row.text(column)?.unwrap_or_default());
    let code = text(0)?;
    let state = row.int(6)?.unwrap_or_default();
    Ok(RegisteredDossier {
        code: code.parse().map_err(|_| foreign("register.code", &code))?,
        unit: text(1)?,
        procedure: text(2)?,
        received_on: day(row, 3, "register.received_on")?,
        due_on: day(row, 4, "register.due_on")?,
        finished_on: day(row, 5, "register.finished_on")?,
        state: u8::try_from(state)
            .ok()
            .and_then(|state| state.try_into().ok())
            .ok_or_else(|| foreign("register.state", &state.to_string()))?,
        returns_paper: row.bool(7)?,
        reused_from_store: row.bool(8)?,
        result_synced: row.bool(9)?,
        from_population_db: row.bool(10)?,
        vneid: row.bool(11)?,
        result_in_force: row.bool(12)?,
    })
}

fn holdings_of(row: &dyn Row) -> Result<Holdings, StoreFault> {
    let count = |column| Ok::<_, StoreFault>(row.int(column)?.unwrap_or_default() as u32);
    Ok(Holdings {
        components: [count(13)?, count(14)?, count(15)?, count(16)?],
        results: count(17)?,
    })
}

fn day(row: &dyn Row, column: usize, name: &'static str) -> Result<Option<Date>, StoreFault> {
    let Some(text) = row.text(column)? else {
        return Ok(None);
    };
    let format = format_description!("[year]-[month]-[day]");
    let day = Date::parse(&text, format).map_err(|_| foreign(name, &text))?;
    Ok(Some(day))
}

fn iso(day: Date) -> String {
    // `Display` of a date is ISO 8601.
    day.to_string()
}

fn foreign(column: &'static str, value: &str) -> StoreFault {
    StoreFault::Foreign {
        column,
        value: value.escape_debug().to_string(),
    }
}
