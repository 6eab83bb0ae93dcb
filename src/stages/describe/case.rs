//! What the field rules see: the pages laid out, the type, the tables.

use time::Date;

use crate::model::Confidence;
use crate::model::document::{Evidence, Field};

use super::heading::Heading;
use super::layout::Layout;
use super::marks::Marks;

/// One document in front of the rules.
pub struct Case<'c> {
    /// Its pages, the first page first; never empty.
    pub pages: &'c [Layout<'c>],
    /// The heading on the first page, if any.
    pub heading: Option<&'c Heading<'c, 'c>>,
    /// The marks.
    pub marks: &'c Marks,
    /// No paper is younger than this day.
    pub latest: Date,
}

impl<'c> Case<'c> {
    /// The first page.
    pub fn first(&self) -> &'c Layout<'c> {
        &self.pages[0]
    }
}

/// Puts a field together; confidence in percent, less ten for each letter repaired.
pub fn field(
    value: String,
    confidence_pct: u8,
    repaired: u32,
    evidence: Evidence,
    rule: &str,
) -> Field {
    let cost = u8::try_from(repaired.saturating_mul(10)).unwrap_or(u8::MAX);
    Field {
        value,
        confidence: Confidence::from_pct(confidence_pct.saturating_sub(cost)),
        evidence,
        rule: rule.to_owned(),
        alternatives: Vec::new(),
        repaired,
    }
}
