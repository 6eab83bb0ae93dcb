//! Tests of the describing rules on set pages, and on recorded recognitions of the fixtures.

mod dossier;
mod fields;
mod forms;
mod headings;
mod kinds;
mod pages;
mod recorded;
pub mod setting;

use crate::model::Description;

/// The codes of its flags.
fn codes(description: &Description) -> Vec<&str> {
    description
        .flags
        .iter()
        .map(|flag| flag.code.as_str())
        .collect()
}
