//! The receiving side's database: SQLite by default, PostgreSQL where there is a server.
//!
//! What is asked of a database is [`Database`], with these two implementations; everything above it is
//! written once. The tables are `schema/tables.sql`, the same text for both.

mod address;
mod certificates;
mod database;
mod fault;
mod load;
mod many;
mod postgres;
mod register;
mod sqlite;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use database::{Database, Each, Row, Value};
pub use fault::StoreFault;
pub use load::{Delivered, DeliveryRow, DossierRow, Entry, PaperRow, Refused, Taken, Verdict};
pub use postgres::shown;

/// The tables, for both databases.
pub const TABLES: &str = include_str!("../schema/tables.sql");

/// The version of the tables that this program knows.
pub const SCHEMA_VERSION: i64 = 1;

/// The tables of the receiving side, in some database.
pub struct Store {
    db: Box<dyn Database>,
}

impl Store {
    /// Opens `postgres://…` or the path of an SQLite file; the tables are made where there are none.
    ///
    /// `password` is for a server and outranks one in the address.
    pub fn open(db: &str, password: Option<&str>) -> Result<Self, StoreFault> {
        let is_server = db.starts_with("postgres://") || db.starts_with("postgresql://");
        let db: Box<dyn Database> = match is_server {
            true => Box::new(postgres::Postgres::connect(db, password)?),
            false => Box::new(sqlite::Sqlite::open(Path::new(db))?),
        };
        let mut store = Self { db };
        store.whole(Self::make_tables)?;
        Ok(store)
    }

    /// Makes the tables, or sees that they are those that this program knows.
    fn make_tables(&mut self) -> Result<(), StoreFault> {
        if !self.db.has_table("schema_version")? {
            return self.db.make_tables(TABLES);
        }
        let mut found = 0;
        let sql = "SELECT MAX(version) FROM schema_version";
        self.db.query(sql, &[], &mut |row| {
            found = row.int(0)?.unwrap_or_default();
            Ok(())
        })?;
        match found == SCHEMA_VERSION {
            true => Ok(()),
            false => Err(StoreFault::OtherVersion {
                found,
                expected: SCHEMA_VERSION,
            }),
        }
    }

    /// Does all of it or, after a fault, nothing.
    fn whole<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        self.db.begin()?;
        match work(self) {
            Ok(done) => {
                self.db.commit()?;
                Ok(done)
            }
            Err(fault) => {
                // The fault itself is told; a connection that is gone takes everything back anyway.
                let _ = self.db.roll_back();
                Err(fault)
            }
        }
    }
}
