//! Which column of a register means what: `columns.toml`, names compared by their letters alone.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::formats::vietnamese;
use crate::model::RegisterState;
use crate::rates::RatesFault;

/// The names that come with the program.
pub const SHIPPED: &str = include_str!("columns.toml");

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields of RegisteredDossier, one each")]
pub enum Column {
    Code,
    Unit,
    Procedure,
    ReceivedOn,
    DueOn,
    FinishedOn,
    State,
    ReturnsPaper,
    ReusedFromStore,
    ResultSynced,
    FromPopulationDb,
    Vneid,
    ResultInForce,
}

/// Without these a register says nothing.
const NEEDED: [Column; 4] = [
    Column::Code,
    Column::Unit,
    Column::ReceivedOn,
    Column::State,
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[expect(dead_code, reason = "for whoever reads the file")]
    version: String,
    columns: BTreeMap<Column, Vec<String>>,
    states: BTreeMap<String, Vec<String>>,
    words: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    yes: Vec<String>,
    no: Vec<String>,
}

/// The names of columns, states, yes and no.
pub struct Columns {
    names: HashMap<String, Column>,
    first_names: BTreeMap<Column, String>,
    states: HashMap<String, RegisterState>,
    words: HashMap<String, bool>,
}

/// Where each column stands in a register: its number, from 0.
pub type Places = HashMap<usize, Column>;

impl Columns {
    /// The names that come with the program.
    pub fn shipped() -> Self {
        Self::read(SHIPPED, "columns.toml").expect("the shipped names are tested")
    }

    /// Reads a file of names.
    pub fn read(text: &str, path: &str) -> Result<Self, RatesFault> {
        let wrong = |cause: String| RatesFault::BadData {
            path: path.to_owned(),
            cause,
        };
        let written: Written = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let mut columns = Self {
            names: HashMap::new(),
            first_names: BTreeMap::new(),
            states: HashMap::new(),
            words: HashMap::new(),
        };
        for (column, names) in &written.columns {
            let first = names.first().cloned().unwrap_or_default();
            columns.first_names.insert(*column, first);
            for name in names {
                let before = columns.names.insert(key(name), *column);
                if before.is_some_and(|before| before != *column) {
                    return Err(wrong(name.clone()));
                }
            }
        }
        for (number, names) in &written.states {
            let state = (number.parse::<u8>().ok()).and_then(|number| number.try_into().ok());
            let state = state.ok_or_else(|| wrong(format!("states.{number}")))?;
            let names = names.iter().map(|name| (key(name), state));
            columns.states.extend(names);
        }
        let words = [(written.words.yes, true), (written.words.no, false)];
        for (words, means) in words {
            let words = words.iter().map(|word| (key(word), means));
            columns.words.extend(words);
        }
        Ok(columns)
    }

    /// Where the columns stand, by the first row; names that mean nothing here are passed over.
    pub fn find<'c>(&self, heading: impl Iterator<Item = &'c str>) -> Places {
        let mut places = Places::new();
        for (place, name) in heading.enumerate() {
            let known = self.names.get(&key(name));
            if let Some(&column) = known
                && !places.values().any(|&there| there == column)
            {
                places.insert(place, column);
            }
        }
        places
    }

    /// The names of needed columns that are not there.
    pub fn missing(&self, places: &Places) -> Vec<&str> {
        let missing = NEEDED
            .iter()
            .filter(|column| !places.values().any(|there| there == *column));
        missing
            .map(|column| self.first_names.get(column).map_or("", String::as_str))
            .collect()
    }

    /// A state by its number or name.
    pub fn state(&self, text: &str) -> Option<RegisterState> {
        let number = text.trim().parse::<u8>().ok();
        match number {
            Some(number) => number.try_into().ok(),
            None => self.states.get(&key(text)).copied(),
        }
    }

    /// Yes or no.
    pub fn yes_or_no(&self, text: &str) -> Option<bool> {
        self.words.get(&key(text)).copied()
    }
}

/// Letters and digits without marks and case.
fn key(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_alphanumeric());
    let words = parts.map(
        |part| match part.bytes().all(|byte| byte.is_ascii_digit()) {
            true => part.to_owned(),
            false => vietnamese::fold(part),
        },
    );
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_with_and_without_marks() {
        let columns = Columns::shipped();
        let heading = [
            "STT",
            "MA HO SO",
            "Đơn vị xử lý",
            "NgayTiepNhan",
            "Trạng thái",
        ];
        let places = columns.find(heading.into_iter());
        assert_eq!(places.get(&1), Some(&Column::Code));
        assert_eq!(places.len(), 4);
        assert!(columns.missing(&places).is_empty());
        let less = columns.find(["Mã hồ sơ"].into_iter());
        assert_eq!(
            columns.missing(&less),
            ["Mã đơn vị", "Ngày tiếp nhận", "Trạng thái"]
        );
    }

    #[test]
    fn states_and_words_are_read() {
        let columns = Columns::shipped();
        let state = |text| columns.state(text).map(u8::from);
        assert_eq!(state(" 10 "), Some(10));
        assert_eq!(state("đã trả kết quả"), Some(10));
        assert_eq!(
            (state("0"), state("11"), state("xong?")),
            (None, None, None)
        );
        assert_eq!(columns.yes_or_no("Có"), Some(true));
        assert_eq!(columns.yes_or_no("0"), Some(false));
        assert_eq!(columns.yes_or_no("2"), None);
    }
}
