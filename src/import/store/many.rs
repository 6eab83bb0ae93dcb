//! Statements over many rows at once: one journey to the server instead of a hundred.

use super::database::{Database, Value};
use super::{Each, StoreFault};

/// Values that one statement may carry: SQLite takes 32,766, PostgreSQL 65,535.
const MOST_VALUES: usize = 30_000;

/// Rows that one statement may carry; above some fifty nothing is gained (measured on PostgreSQL 15).
const MOST_ROWS: usize = 64;

/// `INSERT INTO … VALUES (…), (…) …`: `into` names table and columns, `end` is what follows the rows.
pub(super) fn insert<const COLUMNS: usize>(
    db: &mut dyn Database,
    into: &str,
    rows: &[[Value<'_>; COLUMNS]],
    end: &str,
) -> Result<(), StoreFault> {
    for piece in rows.chunks(MOST_ROWS.min(MOST_VALUES / COLUMNS)) {
        let tuples: Vec<String> = (0..piece.len())
            .map(|row| format!("({})", places(row * COLUMNS, COLUMNS)))
            .collect();
        let sql = format!("INSERT INTO {into} VALUES {} {end}", tuples.join(", "));
        db.execute(&sql, piece.as_flattened())?;
    }
    Ok(())
}

/// A query whose text ends in `IN`, over so many keys.
pub(super) fn query_in(
    db: &mut dyn Database,
    select: &str,
    keys: &[Value<'_>],
    each: &mut Each<'_>,
) -> Result<(), StoreFault> {
    for piece in keys.chunks(MOST_ROWS) {
        let sql = format!("{select} ({})", places(0, piece.len()));
        db.query(&sql, piece, each)?;
    }
    Ok(())
}

/// `$3, $4`: so many places behind the first two.
fn places(before: usize, count: usize) -> String {
    let places = (before + 1..=before + count).map(|number| format!("${number}"));
    places.collect::<Vec<_>>().join(", ")
}
