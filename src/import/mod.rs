//! The receiving side: what `sohoa run` delivered is verified, then enters a database, once and never over
//! anything that stands there.
//!
//! [`Verified::audit`] is the gate, [`load()`] the way in, [`bundle`] the small parcels for weak lines.
//! docs/import.md explains the tables to whoever reads them.

pub mod bundle;
mod delivery;
mod entry;
mod fault;
mod limits;
mod load;
mod manifest;
pub mod receipts;
mod reconcile;
mod refusal;
mod store;
mod units;

pub use delivery::{ACCEPTABLE, Gate, Verified};
pub use fault::{ImportFault, RefusedDelivery};
pub use load::{Sums, load};
pub use reconcile::{Reconciled, reconcile};
pub use refusal::Refusal;
pub use store::*;
pub use units::{KnownUnits, UnitsFault};
