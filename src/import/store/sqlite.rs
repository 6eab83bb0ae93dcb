//! SQLite, embedded: one file, no server. Write-ahead log, and every commit forced to the disk.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::StoreFault;
use super::database::{Database, Each, Row, Value};

/// How long a statement waits for another program that writes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Statements kept ready.
const KEPT_STATEMENTS: usize = 64;

/// A database file.
pub struct Sqlite(Connection);

impl Sqlite {
    /// Opens the file, making it where there is none.
    pub fn open(path: &Path) -> Result<Self, StoreFault> {
        let opened = Connection::open(path).and_then(|connection| {
            connection.busy_timeout(PATIENCE)?;
            connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
            // FULL: a commit that was told stands, even when the power goes.
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
            )?;
            Ok(connection)
        });
        opened.map(Self).map_err(|fault| StoreFault::Unreachable {
            db: path.display().to_string(),
            cause: fault.to_string(),
        })
    }
}

impl From<rusqlite::Error> for StoreFault {
    fn from(fault: rusqlite::Error) -> Self {
        Self::Refused(fault.to_string())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let held = match self {
            Value::Text(text) => text.map(|text| ValueRef::Text(text.as_bytes())),
            Value::Int(number) => number.map(ValueRef::Integer),
            Value::Bool(yes) => Some(ValueRef::Integer(i64::from(*yes))),
        };
        Ok(ToSqlOutput::Borrowed(held.unwrap_or(ValueRef::Null)))
    }
}

impl Row for rusqlite::Row<'_> {
    fn text(&self, column: usize) -> Result<Option<String>, StoreFault> {
        Ok(self.get(column)?)
    }

    fn int(&self, column: usize) -> Result<Option<i64>, StoreFault> {
        Ok(self.get(column)?)
    }

    fn bool(&self, column: usize) -> Result<bool, StoreFault> {
        Ok(self.get(column)?)
    }
}

impl Database for Sqlite {
    fn has_table(&mut self, name: &str) -> Result<bool, StoreFault> {
        Ok(self.0.table_exists(None, name)?)
    }

    fn make_tables(&mut self, tables: &str) -> Result<(), StoreFault> {
        // SQLite sorts by bytes of itself.
        self.run(tables)
    }

    fn run(&mut self, statements: &str) -> Result<(), StoreFault> {
        Ok(self.0.execute_batch(statements)?)
    }

    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreFault> {
        let mut statement = self.0.prepare_cached(sql)?;
        Ok(statement.execute(params_from_iter(values))? as u64)
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut Each<'_>,
    ) -> Result<(), StoreFault> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }

    fn stream(&mut self, sql: &str, each: &mut Each<'_>) -> Result<(), StoreFault> {
        // A statement is stepped: no answer is ever whole in memory.
        self.query(sql, &[], each)
    }

    fn begin(&mut self) -> Result<(), StoreFault> {
        self.run("BEGIN IMMEDIATE")
    }

    fn commit(&mut self) -> Result<(), StoreFault> {
        self.run("COMMIT")
    }

    fn roll_back(&mut self) -> Result<(), StoreFault> {
        self.run("ROLLBACK")
    }

    fn hold_off_other_imports(&mut self) -> Result<(), StoreFault> {
        // BEGIN IMMEDIATE lets one writer in at a time, and everything is looked up and written in one
        // transaction: two imports may take turns.
        Ok(())
    }
}
