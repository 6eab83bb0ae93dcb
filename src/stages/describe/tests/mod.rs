//! Tests of the describing rules on set pages, and on recorded recognitions of the fixtures.

mod fields;
mod headings;
mod kinds;
mod pages;
mod recorded;
pub mod setting;
