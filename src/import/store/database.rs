//! What the store asks of a database: statements with values, rows, transactions. Nothing of SQL's dialects.
//!
//! Every statement is written once for both databases: parameters are `$1`, `$2` … in the order in which
//! they first occur, because SQLite numbers them so. Values travel beside the statement and never in it.

use super::StoreFault;

/// A value beside a statement; none of a kind is the database's NULL.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// Text in UTF-8.
    Text(Option<&'v str>),
    /// A whole number.
    Int(Option<i64>),
    /// Yes or no.
    Bool(bool),
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Self::Text(Some(text))
    }
}

impl<'v> From<&'v Option<String>> for Value<'v> {
    fn from(text: &'v Option<String>) -> Self {
        Self::Text(text.as_deref())
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

/// A row of an answer, read by the place of its columns, from 0.
pub trait Row {
    /// A text that may be missing.
    fn text(&self, column: usize) -> Result<Option<String>, StoreFault>;
    /// A whole number that may be missing.
    fn int(&self, column: usize) -> Result<Option<i64>, StoreFault>;
    /// Yes or no.
    fn bool(&self, column: usize) -> Result<bool, StoreFault>;
}

/// Takes one row after the other; its fault ends the reading.
pub type Each<'e> = dyn FnMut(&dyn Row) -> Result<(), StoreFault> + 'e;

/// A database that speaks SQL.
pub trait Database {
    /// Whether a table of this name stands there.
    fn has_table(&mut self, name: &str) -> Result<bool, StoreFault>;

    /// Makes the tables; texts are sorted by their bytes.
    fn make_tables(&mut self, tables: &str) -> Result<(), StoreFault>;

    /// Runs statements without values.
    fn run(&mut self, statements: &str) -> Result<(), StoreFault>;

    /// Runs one statement; gives the number of rows it changed.
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreFault>;

    /// Runs one query with a short answer.
    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut Each<'_>,
    ) -> Result<(), StoreFault>;

    /// Runs one query of any length: rows are fetched piece by piece. Not inside a transaction.
    fn stream(&mut self, sql: &str, each: &mut Each<'_>) -> Result<(), StoreFault>;

    /// Begins a transaction that no other writer can come between.
    fn begin(&mut self) -> Result<(), StoreFault>;

    /// Makes what was done since `begin` last.
    fn commit(&mut self) -> Result<(), StoreFault>;

    /// Takes back what was done since `begin`.
    fn roll_back(&mut self) -> Result<(), StoreFault>;

    /// Waits until no other import writes, and holds others off until the connection ends.
    fn hold_off_other_imports(&mut self) -> Result<(), StoreFault>;
}
