//! Mã hồ sơ: the code that names a dossier in the one-stop system.
//!
//! Shape (DOMAIN section 3): an optional old agency prefix `000.00.12.`, the
//! province or ministry letter and number, up to four sub-units, the reception
//! day `yyMMdd`, a counter of 4 to 7 digits: `H10.12-221013-0001`.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::{Date, Month};

/// The shape as a pattern without anchors or groups, for finding a code inside a name.
pub const SHAPE: &str =
    r"(?:[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.)?[A-Z][0-9]{2}(?:\.[0-9]{1,3}){0,4}-[0-9]{6}-[0-9]{4,7}";

static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!("^{SHAPE}$")).expect("the pattern is a constant and compiles")
});

/// A dossier code of valid shape whose day exists in the calendar.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct DossierCode(String);

/// Why a text is no dossier code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotADossierCode {
    /// The pattern does not match.
    #[error("not of the shape <unit>-yyMMdd-<counter>")]
    Shape,
    /// The six digits name no day.
    #[error("its six digits are no day of the calendar")]
    NoSuchDay,
}

impl DossierCode {
    /// The code as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The reception day inside the code (two-digit years are 2000 to 2099).
    pub fn day(&self) -> Date {
        day_of(&self.0).expect("checked when the code was parsed")
    }
}

impl FromStr for DossierCode {
    type Err = NotADossierCode;

    fn from_str(text: &str) -> Result<Self, NotADossierCode> {
        day_of(text)?;
        Ok(Self(text.to_owned()))
    }
}

fn day_of(text: &str) -> Result<Date, NotADossierCode> {
    if !WHOLE.is_match(text) {
        return Err(NotADossierCode::Shape);
    }
    let day = text.split('-').nth(1).ok_or(NotADossierCode::Shape)?;
    let number = |at: usize| {
        day[at..at + 2]
            .parse::<u8>()
            .map_err(|_| NotADossierCode::Shape)
    };
    let month = Month::try_from(number(2)?).map_err(|_| NotADossierCode::NoSuchDay)?;
    Date::from_calendar_date(2000 + i32::from(number(0)?), month, number(4)?)
        .map_err(|_| NotADossierCode::NoSuchDay)
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for DossierCode {
    type Error = NotADossierCode;

    fn try_from(text: String) -> Result<Self, NotADossierCode> {
        text.parse()
    }
}

impl From<DossierCode> for String {
    fn from(code: DossierCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_seen_in_the_world_are_taken() {
        for text in [
            "000.00.12.H10-221013-0001",
            "H10.12-221013-0001",
            "H15.50.05.13-261008-0975",
            "G09-251121-0912345",
        ] {
            assert!(text.parse::<DossierCode>().is_ok(), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for text in [
            "",
            "H10.12-221013-001",
            "h10.12-221013-0001",
            "H10.12-221013-0001 ",
            "../H10",
        ] {
            assert_eq!(
                text.parse::<DossierCode>(),
                Err(NotADossierCode::Shape),
                "{text}"
            );
        }
        for text in [
            "H10.12-221313-0001",
            "H10.12-230229-0001",
            "H10.12-220100-0001",
        ] {
            assert_eq!(
                text.parse::<DossierCode>(),
                Err(NotADossierCode::NoSuchDay),
                "{text}"
            );
        }
    }

    #[test]
    fn digits_of_other_scripts_are_no_digits() {
        assert!("H10.12-٢٢١٠١٣-0001".parse::<DossierCode>().is_err());
    }

    #[test]
    fn the_day_is_read_from_the_code() {
        let code: DossierCode = "H10.12-221013-0001".parse().expect("valid");
        assert_eq!(code.day(), time::macros::date!(2022 - 10 - 13));
    }
}
