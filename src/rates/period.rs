//! The days that a rate is counted over.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use time::macros::format_description;
use time::{Date, Month};

/// From one day to another, both counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

/// A text that names no period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no period: 2026, 2026-Q3, 2026-10 or 2026-10-01..2026-10-31")]
pub struct NoPeriod(pub String);

impl Period {
    /// Whether the day is one of it.
    pub fn holds(self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Its number of days.
    pub fn days(self) -> i64 {
        (self.last - self.first).whole_days() + 1
    }
}

/// A day as registers and people of the program write it: `2026-10-31`.
pub fn iso_day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// A day in a TOML file, unquoted: `from = 2025-07-01`.
pub fn written_day<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Date>, D::Error> {
    let written = toml::value::Datetime::deserialize(value)?;
    let day = iso_day(&written.to_string());
    day.map(Some)
        .ok_or_else(|| D::Error::custom(format!("{written} is no day")))
}

/// A day in JSON: `"2026-10-31"`.
pub fn as_iso<S: Serializer>(day: &Date, into: S) -> Result<S::Ok, S::Error> {
    into.collect_str(day)
}

/// A day as people here write it: `31/10/2026`.
pub fn vietnamese_day(day: Date) -> String {
    format!(
        "{:02}/{:02}/{:04}",
        day.day(),
        u8::from(day.month()),
        day.year()
    )
}

impl FromStr for Period {
    type Err = NoPeriod;

    fn from_str(text: &str) -> Result<Self, NoPeriod> {
        let read = match text.split_once("..") {
            Some((first, last)) => iso_day(first).zip(iso_day(last)),
            None => whole(text),
        };
        let (first, last) = read
            .filter(|(first, last)| first <= last)
            .ok_or_else(|| NoPeriod(text.to_owned()))?;
        Ok(Self { first, last })
    }
}

/// A year, a quarter or a month.
fn whole(text: &str) -> Option<(Date, Date)> {
    let year = text.get(..4)?;
    if !is_number(year, 4) {
        return None;
    }
    let year: i32 = year.parse().ok()?;
    let (first, last) = match text.get(4..)? {
        "" => (1, 12),
        "-Q1" => (1, 3),
        "-Q2" => (4, 6),
        "-Q3" => (7, 9),
        "-Q4" => (10, 12),
        month => {
            let digits = month
                .strip_prefix('-')
                .filter(|digits| is_number(digits, 2))?;
            let month = digits.parse().ok()?;
            (month, month)
        }
    };
    let (first, last) = (Month::try_from(first).ok()?, Month::try_from(last).ok()?);
    let begin = Date::from_calendar_date(year, first, 1).ok()?;
    let end = Date::from_calendar_date(year, last, last.length(year)).ok()?;
    Some((begin, end))
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} – {}",
            vietnamese_day(self.first),
            vietnamese_day(self.last)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn years_quarters_months_and_spans_are_periods() {
        for (text, first, last) in [
            ("2026", date!(2026 - 01 - 01), date!(2026 - 12 - 31)),
            ("2026-Q3", date!(2026 - 07 - 01), date!(2026 - 09 - 30)),
            ("2024-02", date!(2024 - 02 - 01), date!(2024 - 02 - 29)),
            (
                "2022-06-01..2022-08-31",
                date!(2022 - 06 - 01),
                date!(2022 - 08 - 31),
            ),
        ] {
            assert_eq!(text.parse(), Ok(Period { first, last }), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "26",
            "2026-13",
            "2026-Q5",
            "2026-1",
            "2026-02-02..2026-02-01",
            "2026-02-30..2026-03-01",
            "٢٠٢٦",
            "-2026",
            "2026-+1",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
