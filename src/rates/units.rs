//! Who handles dossiers: the table of units, each with its level, its parent, the days from and until which it
//! exists, and who went on with its work.
//!
//! A province writes its own table (docs/rates.md, "Đơn vị"). Without one every unit of the register stands for itself.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use time::Date;

use super::RatesFault;
use super::period::written_day;
use crate::formats::vietnamese;

/// Units of one table; a province has some thousand.
const UNITS: usize = 100_000;

static LEVELS: LazyLock<Levels> =
    LazyLock::new(|| toml::from_str(include_str!("levels.toml")).expect("shipped and tested"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Levels {
    #[expect(dead_code, reason = "for whoever reads the file")]
    version: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
    level: Vec<Level>,
}

/// A level of administration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Its id: `toan_tinh`, `tinh`, `huyen`, `xa`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The first day it exists.
    #[serde(default, deserialize_with = "written_day")]
    pub from: Option<Date>,
    /// The last day it exists.
    #[serde(default, deserialize_with = "written_day")]
    pub until: Option<Date>,
}

/// All levels, the highest first.
pub fn levels() -> &'static [Level] {
    &LEVELS.level
}

/// One unit during the days of one row of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its code (`H15.50`).
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its level's id.
    pub level: String,
    /// The code of the unit above it, whose figures hold this one's.
    pub parent: Option<String>,
    /// The first day it exists.
    #[serde(default, deserialize_with = "written_day")]
    pub from: Option<Date>,
    /// The last day it exists.
    #[serde(default, deserialize_with = "written_day")]
    pub until: Option<Date>,
    /// Codes of those who went on with its work.
    #[serde(default)]
    pub successors: Vec<String>,
    /// Other names that registers call it by.
    #[serde(default)]
    pub also: Vec<String>,
}

impl Unit {
    /// Whether it exists on this day.
    pub fn exists(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    fn meets(&self, other: &Self) -> bool {
        let before = |end: Option<Date>, begin: Option<Date>| matches!((end, begin), (Some(end), Some(begin)) if end < begin);
        !before(self.until, other.from) && !before(other.until, self.from)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
    unit: Vec<Unit>,
}

/// The table of units.
#[derive(Clone, Debug, Default)]
pub struct Units {
    /// The table's own version; none where units are taken as the register names them.
    pub version: Option<String>,
    units: Vec<Unit>,
    /// Folded codes and names, each with its rows.
    names: HashMap<String, Vec<usize>>,
    /// The row of the unit above, where there is one.
    above: Vec<Option<usize>>,
}

/// What the table says of a name on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// The unit of this row.
    Known(usize),
    /// The unit of this row, which does not exist on that day.
    OutOfTime(usize),
    /// No unit has this name.
    Unknown,
}

impl Units {
    /// Reads a table and sees that it is one: levels known, parents there, none above itself.
    pub fn read(text: &str, path: &str) -> Result<Self, RatesFault> {
        let wrong = |cause: String| RatesFault::BadData {
            path: path.to_owned(),
            cause,
        };
        let written: Written = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if written.unit.len() > UNITS {
            return Err(wrong(format!("{} > {UNITS}", written.unit.len())));
        }
        let mut units = Self {
            version: Some(written.version),
            ..Self::default()
        };
        for unit in written.unit {
            units.add(unit).map_err(wrong)?;
        }
        units.link().map_err(wrong)?;
        Ok(units)
    }

    fn add(&mut self, unit: Unit) -> Result<(), String> {
        let level = levels().iter().find(|level| level.id == unit.level);
        let level = level.ok_or_else(|| format!("{}: level {}", unit.code, unit.level))?;
        let outlives = level
            .until
            .is_some_and(|end| unit.until.is_none_or(|until| until > end));
        if outlives {
            return Err(format!("{}: level {} ended", unit.code, unit.level));
        }
        if unit.code.trim().is_empty() || unit.from > unit.until && unit.until.is_some() {
            return Err(format!("'{}': code, from, until", unit.code));
        }
        let here = self.units.len();
        let mut names = vec![unit.code.as_str(), unit.name.as_str()];
        names.extend(unit.also.iter().map(String::as_str));
        let mut names: Vec<String> = names.into_iter().map(key).collect();
        names.sort();
        names.dedup();
        for name in names {
            let rows = self.names.entry(name).or_default();
            if let Some(other) = rows.iter().find(|&&row| self.units[row].meets(&unit)) {
                let other = &self.units[*other];
                return Err(format!("{} = {} ({})", unit.code, other.code, unit.name));
            }
            rows.push(here);
        }
        self.units.push(unit);
        Ok(())
    }

    /// Finds each unit's parent: the row of that code that exists while the unit does.
    fn link(&mut self) -> Result<(), String> {
        let above = self.units.iter().map(|unit| match &unit.parent {
            None => Ok(None),
            Some(parent) => {
                let rows = self.names.get(&key(parent)).map_or(&[][..], Vec::as_slice);
                let row = rows.iter().find(|&&row| self.units[row].meets(unit));
                row.copied()
                    .map(Some)
                    .ok_or_else(|| format!("{}: parent {parent}", unit.code))
            }
        });
        self.above = above.collect::<Result<_, _>>()?;
        for row in 0..self.units.len() {
            if self.ancestors(row).take(self.units.len() + 1).count() > self.units.len() {
                return Err(format!("{}: parent of itself", self.units[row].code));
            }
        }
        Ok(())
    }

    /// The unit of a row.
    pub fn unit(&self, row: usize) -> &Unit {
        &self.units[row]
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether there is no table.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The row itself, then the rows above it.
    pub fn ancestors(&self, row: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(row), |&row| self.above[row])
    }

    /// The row above, where there is one.
    pub fn parent(&self, row: usize) -> Option<usize> {
        self.above[row]
    }

    /// The unit that a register calls so on a day; without a day any unit of that name, the newest first.
    pub fn look(&self, name: &str, day: Option<Date>) -> Looked {
        let Some(rows) = self.names.get(&key(name)) else {
            return Looked::Unknown;
        };
        let exists = |row: &&usize| day.is_none_or(|day| self.units[**row].exists(day));
        match rows.iter().rev().find(exists) {
            Some(&row) => Looked::Known(row),
            None => Looked::OutOfTime(rows[rows.len() - 1]),
        }
    }

    /// Who has this unit's work on a day: itself, or its successor, or its successor's successor.
    ///
    /// A unit with several successors stays itself: nobody can tell from a register which of them has what.
    pub fn on(&self, row: usize, day: Date) -> usize {
        let mut now = row;
        for _ in 0..self.units.len() {
            let unit = &self.units[now];
            let [successor] = unit.successors.as_slice() else {
                break;
            };
            match self.look(successor, Some(day)) {
                Looked::Known(next) if !unit.exists(day) => now = next,
                _ => break,
            }
        }
        now
    }
}

/// Names are one where their letters and digits are, whatever their case, gaps and marks of composing.
fn key(name: &str) -> String {
    let name = vietnamese::compose(name);
    let words = name.split_whitespace().map(str::to_lowercase);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const TABLE: &str = r#"
        version = "1"
        source = "bảng mẫu"
        [[unit]]
        code = "H99"
        name = "Tỉnh Mẫu"
        level = "toan_tinh"
        [[unit]]
        code = "H99.20"
        name = "Huyện Cũ"
        level = "huyen"
        parent = "H99"
        until = 2025-06-30
        [[unit]]
        code = "H99.20.01"
        name = "Xã Một"
        level = "xa"
        parent = "H99.20"
        until = 2025-06-30
        successors = ["H99.70"]
        [[unit]]
        code = "H99.20.02"
        name = "Xã Hai"
        level = "xa"
        parent = "H99.20"
        until = 2025-06-30
        successors = ["H99.70", "H99.71"]
        [[unit]]
        code = "H99.70"
        name = "Phường Mới"
        level = "xa"
        parent = "H99"
        from = 2025-07-01
        also = ["UBND phường Mới"]
        [[unit]]
        code = "H99.71"
        name = "Phường Khác"
        level = "xa"
        parent = "H99"
        from = 2025-07-01
    "#;

    fn table() -> Units {
        Units::read(TABLE, "units.toml").expect("a table")
    }

    #[test]
    fn units_are_found_by_code_and_name_on_their_days() {
        let units = table();
        let after = Some(date!(2025 - 07 - 01));
        assert_eq!(units.look("h99.70", after), Looked::Known(4));
        assert_eq!(units.look(" UBND  phường mới", after), Looked::Known(4));
        assert_eq!(units.look("Huyện Cũ", after), Looked::OutOfTime(1));
        assert_eq!(units.look("Huyện Cũ", None), Looked::Known(1));
        assert_eq!(units.look("Huyện", after), Looked::Unknown);
    }

    #[test]
    fn work_goes_on_with_the_one_successor_and_stays_where_there_are_two() {
        let units = table();
        let (before, after) = (date!(2025 - 06 - 30), date!(2025 - 07 - 01));
        assert_eq!(units.on(2, before), 2);
        assert_eq!(units.on(2, after), 4);
        assert_eq!(units.on(3, after), 3);
    }

    #[test]
    fn a_table_that_is_wrong_is_refused() {
        for (what, from, to) in [
            (
                "huyen ended",
                "until = 2025-06-30\n        [[unit]]\n        code = \"H99.20.01\"",
                "[[unit]]\n        code = \"H99.20.01\"",
            ),
            (
                "parent of itself",
                "level = \"toan_tinh\"",
                "level = \"toan_tinh\"\n parent = \"H99\"",
            ),
            ("parent H98", "parent = \"H99.20\"", "parent = \"H98\""),
            ("level thon", "level = \"huyen\"", "level = \"thon\""),
            ("H99.71 =", "Phường Khác", "Phường mới"),
            (
                "unknown field",
                "also = [\"UBND phường Mới\"]",
                "aliases = []",
            ),
        ] {
            let text = TABLE.replacen(from, to, 1);
            assert_ne!(text, TABLE, "{what}");
            let fault = Units::read(&text, "units.toml").expect_err(what);
            assert!(fault.to_string().contains(what), "{what}: {fault}");
        }
    }

    #[test]
    fn districts_ended_with_june_2025() {
        let district = levels().iter().find(|level| level.id == "huyen");
        assert_eq!(
            district.expect("a level").until,
            Some(date!(2025 - 06 - 30))
        );
    }
}
