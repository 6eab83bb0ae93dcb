//! Tests of the describing rules on set pages, and on recorded recognitions of the fixtures.

mod copies;
mod dossier;
mod fields;
mod forms;
mod headings;
mod kinds;
mod listing;
mod pages;
mod recorded;
pub mod setting;
mod sureness;

use crate::model::Description;

/// The codes of its flags.
fn codes(description: &Description) -> Vec<&str> {
    description
        .flags
        .iter()
        .map(|flag| flag.code.as_str())
        .collect()
}
