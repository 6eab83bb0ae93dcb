//! What is wrong with rows of a register: counted by code, the first of each told with its row.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::DossierCode;

/// Findings of one code that are kept with their places; all are counted.
const KEPT: usize = 200;

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// No dossier code of valid shape.
    Code,
    /// The code stood in an earlier row.
    Duplicate,
    /// No unit of the table has this name.
    UnknownUnit,
    /// A date that is none.
    Date,
    /// Dates in an order that cannot be.
    DateOrder,
    /// A state that is none.
    State,
    /// A cell holds a formula instead of a value.
    FormulaCell,
    /// Text in an encoding of before Unicode.
    OldEncoding,
    /// No day of reception (or, where the formula counts by it, of the end).
    NoDay,
    /// The unit does not exist on the day of reception.
    UnitOutOfTime,
    /// A cell that should say yes or no and says neither.
    YesOrNo,
    /// A cell longer than any value can be.
    TooLong,
    /// A row with fewer or more cells than the first.
    Ragged,
    /// A dossier of a delivery that the register does not know.
    NotRegistered,
}

impl Wrong {
    /// The stable code, listed in docs/codes.md.
    pub fn code(self) -> &'static str {
        match self {
            Wrong::Code => "RAT-030",
            Wrong::Duplicate => "RAT-031",
            Wrong::UnknownUnit => "RAT-032",
            Wrong::Date => "RAT-033",
            Wrong::DateOrder => "RAT-034",
            Wrong::State => "RAT-035",
            Wrong::FormulaCell => "RAT-036",
            Wrong::OldEncoding => "RAT-037",
            Wrong::NoDay => "RAT-038",
            Wrong::UnitOutOfTime => "RAT-039",
            Wrong::YesOrNo => "RAT-040",
            Wrong::TooLong => "RAT-041",
            Wrong::Ragged => "RAT-042",
            Wrong::NotRegistered => "RAT-043",
        }
    }

    /// Whether the row cannot be counted because of it.
    pub fn leaves_the_row_out(self) -> bool {
        matches!(
            self,
            Wrong::Code
                | Wrong::Duplicate
                | Wrong::Date
                | Wrong::State
                | Wrong::YesOrNo
                | Wrong::TooLong
                | Wrong::Ragged
        )
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Its stable code.
    pub code: &'static str,
    /// Row of the register, from 1, the heading counted; none where it came from a database.
    pub row: Option<u64>,
    /// What stands there, or which dossier.
    pub value: String,
}

/// Everything that was found wrong.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Findings {
    /// How often each code.
    pub counts: BTreeMap<&'static str, u64>,
    /// The first of each code.
    pub kept: Vec<Finding>,
    /// Rows that were read and could not be counted.
    pub rows_left_out: u64,
}

impl Findings {
    /// Writes one down; what stands there is cut to a length for people.
    pub fn add(&mut self, wrong: Wrong, row: Option<u64>, value: &str) {
        let code = wrong.code();
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count <= KEPT as u64 {
            let value = value.chars().filter(|c| !c.is_control()).take(60).collect();
            self.kept.push(Finding { code, row, value });
        }
    }

    /// Writes one down about a dossier.
    pub fn about(&mut self, wrong: Wrong, row: Option<u64>, code: &DossierCode) {
        self.add(wrong, row, code.as_str());
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How often this one.
    pub fn count(&self, wrong: Wrong) -> u64 {
        self.counts.get(wrong.code()).copied().unwrap_or(0)
    }
}
