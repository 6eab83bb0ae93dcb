//! The receiving side: what `sohoa run` delivered is verified, then enters a database, once and never over
//! anything that stands there.
//!
//! docs/import.md explains the tables to whoever reads them.

mod store;

pub use store::*;
