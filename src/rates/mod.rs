//! How much of what the one-stop received is digital? The rates that the manifest must raise.
//!
//! Denominators come from the one-stop's register ([`register`]), numerators from verified manifests only
//! ([`ledger`] sets them beside each other); what counts is said by dated formulas that are data
//! ([`formula`], `formulas.toml`), counted in whole numbers ([`tally`]) and rounded where it is shown.
//! Units and levels have days from and until which they exist ([`units`]); a campaign has targets
//! and an end ([`campaign`]), and what runs measured says when it will be reached ([`forecast`]).
//! docs/rates.md explains it to whoever reads a rate.

pub mod campaign;
pub mod census;
pub mod delivery;
mod fault;
pub mod finding;
pub mod forecast;
pub mod formula;
pub mod fraction;
pub mod ledger;
pub mod page;

pub mod period;
pub mod register;
pub mod sheet;
pub mod table;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod units;

pub use campaign::{Campaign, Campaigns};
pub use fault::RatesFault;
pub use finding::{Finding, Findings};
pub use formula::{Fact, Formula, Formulas};
pub use fraction::{Fraction, Percent};
pub use period::Period;
pub use table::{Row, Table};
pub use tally::Tally;
pub use units::Units;
