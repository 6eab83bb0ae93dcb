//! Số định danh cá nhân: twelve digits that tell province, century, sex and year of birth.
//!
//! Digits 1–3 name the province or country of registration, digit 4 century and sex (0 and 1:
//! born 19xx, man and woman; 2 and 3: 20xx …), digits 5–6 the year, the last six are drawn by
//! chance (Nghị định 137/2015, Điều 13; from memory, certainty high). There is no check digit.

use std::str::FromStr;

use super::provinces;

/// Digits 2 and 3 are those born 2000 to 2099.
const LAST_CENTURY_DIGIT: u16 = 3;

/// A number of identity whose structure holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitizenId {
    /// The year of birth it tells.
    pub birth_year: u16,
    woman: bool,
}

/// Why twelve digits are no number of identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACitizenId {
    /// Not twelve digits.
    #[error("not twelve digits")]
    Shape,
    /// The first three name no province.
    #[error("its first three digits were never given to a province")]
    Province,
    /// The fourth names a century that has not come.
    #[error("its fourth digit names a century to come")]
    Century,
}

impl CitizenId {
    /// `Nam` or `Nữ`.
    pub fn sex(&self) -> &'static str {
        if self.woman { "Nữ" } else { "Nam" }
    }
}

impl FromStr for CitizenId {
    type Err = NotACitizenId;

    fn from_str(text: &str) -> Result<Self, NotACitizenId> {
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotACitizenId::Shape);
        }
        if !provinces::embedded().gives_citizen_code(&text[..3]) {
            return Err(NotACitizenId::Province);
        }
        let digit = |at: usize| u16::from(text.as_bytes()[at] - b'0');
        if digit(3) > LAST_CENTURY_DIGIT {
            return Err(NotACitizenId::Century);
        }
        let century = 1900 + 100 * (digit(3) / 2);
        Ok(Self {
            birth_year: century + 10 * digit(4) + digit(5),
            woman: digit(3) % 2 == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_sex_and_year_of_birth() {
        let id: CitizenId = "001181000123".parse().expect("well formed");
        assert_eq!((id.sex(), id.birth_year), ("Nữ", 1981));
        let id: CitizenId = "079205000123".parse().expect("well formed");
        assert_eq!((id.sex(), id.birth_year), ("Nam", 2005));
    }

    #[test]
    fn other_digits_are_refused_with_the_reason() {
        assert_eq!(
            "00118100012".parse::<CitizenId>(),
            Err(NotACitizenId::Shape)
        );
        assert_eq!(
            "003181000123".parse::<CitizenId>(),
            Err(NotACitizenId::Province)
        );
        assert_eq!(
            "001481000123".parse::<CitizenId>(),
            Err(NotACitizenId::Century)
        );
        assert_eq!(
            "999181000123".parse::<CitizenId>(),
            Err(NotACitizenId::Province)
        );
    }
}
