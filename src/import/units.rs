//! The units that the receiver knows, each with the days from and until which it exists.
//!
//! The file is the table of units of `sohoa rates` (docs/rates.md, "Đơn vị"); code and days are read here.

use std::collections::HashMap;

use time::Date;
use time::macros::format_description;

use crate::model::{Coded, Params, Retry};

/// Rows of one table; a province has some thousand.
const MOST_UNITS: usize = 100_000;

/// The receiver's units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownUnits(HashMap<String, Vec<Days>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Days {
    from: Option<Date>,
    until: Option<Date>,
}

/// Why a table of units cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnitsFault {
    /// It is no TOML, or has no rows.
    #[error("{0}")]
    NoTable(String),
    /// A row without a code, or with a day that is none.
    #[error("row {row}: {cause}")]
    BadRow {
        /// Which row, from 1.
        row: usize,
        /// What is wrong.
        cause: &'static str,
    },
}

impl Coded for UnitsFault {
    fn code(&self) -> &'static str {
        "IMP-006"
    }

    fn params(&self) -> Params {
        Params::from([("cause", self.to_string())])
    }

    fn retry(&self) -> Retry {
        Retry::AfterPerson
    }
}

impl KnownUnits {
    /// Reads the table from TOML: `[[unit]]` with `code`, and `from` and `until` where they are known.
    pub fn read(text: &str) -> Result<Self, UnitsFault> {
        let no_table = |cause: &str| UnitsFault::NoTable(cause.to_owned());
        let table: toml::Table = text
            .parse()
            .map_err(|fault: toml::de::Error| no_table(fault.message()))?;
        let rows = table.get("unit").and_then(toml::Value::as_array);
        let rows = rows.ok_or_else(|| no_table("[[unit]]"))?;
        if rows.len() > MOST_UNITS {
            return Err(no_table("[[unit]] > 100000"));
        }
        let mut units = Self::default();
        for (row, unit) in (1..).zip(rows) {
            let bad = |cause| UnitsFault::BadRow { row, cause };
            let code = unit.get("code").and_then(toml::Value::as_str);
            let code = code.ok_or(bad("code"))?;
            let days = Days {
                from: day(unit.get("from")).map_err(|()| bad("from"))?,
                until: day(unit.get("until")).map_err(|()| bad("until"))?,
            };
            units.0.entry(code.to_owned()).or_default().push(days);
        }
        Ok(units)
    }

    /// Whether a unit of this code exists on this day.
    pub fn knows(&self, code: &str, day: Date) -> bool {
        let rows = self.0.get(code).map(Vec::as_slice).unwrap_or_default();
        rows.iter().any(|days| {
            days.from.is_none_or(|from| from <= day) && days.until.is_none_or(|until| day <= until)
        })
    }
}

/// A day as TOML's own date or as text.
fn day(value: Option<&toml::Value>) -> Result<Option<Date>, ()> {
    let Some(value) = value else { return Ok(None) };
    let text = match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(day) => day.to_string(),
        _ => return Err(()),
    };
    let format = format_description!("[year]-[month]-[day]");
    Date::parse(&text, format).map(Some).map_err(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_unit_is_known_on_its_days_only() {
        let table = "version = \"1\"\n[[unit]]\ncode = \"H10.12\"\nname = \"Huyện Bình An\"\n\
                     until = 2025-06-30\n[[unit]]\ncode = \"H10.77\"\nfrom = \"2025-07-01\"\n";
        let units = KnownUnits::read(table).expect("a table");
        assert!(units.knows("H10.12", date!(2025 - 06 - 30)));
        assert!(!units.knows("H10.12", date!(2025 - 07 - 01)));
        assert!(units.knows("H10.77", date!(2025 - 07 - 01)));
        assert!(!units.knows("H10.77", date!(2025 - 06 - 30)));
        assert!(!units.knows("H10", date!(2025 - 06 - 30)));
    }

    #[test]
    fn a_table_that_cannot_be_used_says_which_row() {
        let row = |text| KnownUnits::read(text).expect_err("refused");
        let bad = |row, cause| UnitsFault::BadRow { row, cause };
        assert_eq!(row("[[unit]]\nname = \"x\"\n"), bad(1, "code"));
        assert_eq!(row("[[unit]]\ncode = \"x\"\nfrom = 7\n"), bad(1, "from"));
        assert!(matches!(row("unit = 3"), UnitsFault::NoTable(_)));
        assert!(matches!(row("[[unit"), UnitsFault::NoTable(_)));
    }
}
