//! Tests of the describing rules on set pages, and on recorded recognitions of the fixtures.

mod dossier;
mod fields;
mod forms;
mod kinds;
mod recorded;
pub mod setting;
