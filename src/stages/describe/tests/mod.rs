//! Tests of the describing rules on set pages, and on recorded recognitions of the fixtures.

mod dossier;
mod fields;
mod forms;
mod headings;
mod kinds;
mod pages;
mod recorded;
pub mod setting;
