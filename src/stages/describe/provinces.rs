//! Provinces and levels of government with the days they ended, read from `provinces.toml`.

use std::sync::LazyLock;

use serde::Deserialize;
use time::Date;
use time::macros::format_description;

use crate::formats::vietnamese::fold;

const EMBEDDED: &str = include_str!("provinces.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    version: String,
    joined_on: String,
    specimens: Vec<String>,
    countries: [String; 2],
    level: Vec<Level>,
    province: Vec<Province>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    ended_on: String,
    offices: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Province {
    name: String,
    citizen_code: String,
    joined_to: Option<String>,
    #[serde(default)]
    other_names: Vec<String>,
}

/// The table, ready for looking up.
#[derive(Debug)]
pub struct Provinces {
    /// The version of the data.
    pub version: String,
    /// Beginnings of citizen numbers of provinces, and of specimens.
    citizen_codes: Vec<String>,
    countries: [String; 2],
    /// Folded beginnings of an office's name, and the day from which it no longer exists.
    ended: Vec<(String, Date)>,
}

/// The table that comes with the program.
pub fn embedded() -> &'static Provinces {
    static TABLE: LazyLock<Provinces> = LazyLock::new(|| {
        let sheet = toml::from_str(EMBEDDED).expect("a test parses the embedded provinces");
        Provinces::of(sheet)
    });
    &TABLE
}

impl Provinces {
    fn of(sheet: Sheet) -> Self {
        let joined_on = day(&sheet.joined_on);
        let mut ended = Vec::new();
        for level in &sheet.level {
            let offices = level.offices.iter().map(|office| fold(office));
            ended.extend(offices.map(|office| (office, day(&level.ended_on))));
        }
        for province in sheet.province.iter().filter(|own| own.joined_to.is_some()) {
            for name in std::iter::once(&province.name).chain(&province.other_names) {
                let heads = [
                    "UBND TỈNH",
                    "ỦY BAN NHÂN DÂN TỈNH",
                    "HĐND TỈNH",
                    "HỘI ĐỒNG NHÂN DÂN TỈNH",
                ];
                ended.extend(heads.map(|head| (fold(&format!("{head} {name}")), joined_on)));
            }
        }
        let codes = sheet.province.into_iter().map(|own| own.citizen_code);
        Self {
            version: sheet.version,
            citizen_codes: codes.chain(sheet.specimens).collect(),
            countries: sheet.countries,
            ended,
        }
    }

    /// True where citizen numbers begin with these three digits.
    pub fn gives_citizen_code(&self, code: &str) -> bool {
        let [first, last] = &self.countries;
        (first.as_str()..=last.as_str()).contains(&code)
            || self.citizen_codes.iter().any(|own| own == code)
    }

    /// The day from which an office of this folded name no longer existed; none for one that
    /// still does, and for one the table does not know.
    pub fn ended_on(&self, folded_office: &str) -> Option<Date> {
        let known = self
            .ended
            .iter()
            .find(|(office, _)| folded_office.starts_with(office));
        known.map(|(_, day)| *day)
    }
}

fn day(written: &str) -> Date {
    Date::parse(written, format_description!("[year]-[month]-[day]"))
        .expect("a test reads every day of the embedded table")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn sixty_three_provinces_became_thirty_four() {
        let sheet: Sheet = toml::from_str(EMBEDDED).expect("valid");
        let left = sheet.province.iter().filter(|own| own.joined_to.is_none());
        let left: Vec<&str> = left.map(|own| own.name.as_str()).collect();
        assert_eq!((sheet.province.len(), left.len()), (63, 34));
        for province in &sheet.province {
            let target = province.joined_to.as_deref();
            assert!(
                target.is_none_or(|name| left.contains(&name)),
                "{}",
                province.name
            );
        }
    }

    #[test]
    fn offices_that_ended_are_known_with_their_day() {
        let on = |office| embedded().ended_on(&fold(office));
        let day = Some(date!(2025 - 07 - 01));
        assert_eq!(on("ỦY BAN NHÂN DÂN TỈNH BÌNH PHƯỚC"), day);
        assert_eq!(on("UBND HUYỆN ĐỒNG PHÚ"), day);
        assert_eq!(on("ỦY BAN NHÂN DÂN TỈNH ĐỒNG NAI"), None);
        assert_eq!(on("ỦY BAN NHÂN DÂN XÃ LONG ĐIỀN THƯỢNG"), None);
        assert_eq!(on("ỦY BAN NHÂN DÂN TỈNH AN BÌNH"), None);
    }

    #[test]
    fn codes_that_were_never_given_are_unknown() {
        let known = |code| embedded().gives_citizen_code(code);
        assert!(known("001") && known("096") && known("098") && known("123"));
        assert!(!known("003") && !known("097") && !known("000") && !known("9"));
    }
}
