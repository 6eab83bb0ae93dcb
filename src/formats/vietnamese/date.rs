//! Dates as offices write them: `ngày 04 tháng 9 năm 2023`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use time::macros::date;
use time::{Date, Month};

/// The first day a paper of this state can bear.
pub const EARLIEST_PAPER: Date = date!(1945 - 01 - 01);

/// A written date in a folded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenDate {
    /// The day it names.
    pub date: Date,
    /// The letters it takes in the folded text, from `NGAY` to the year's last digit.
    pub letters: Range<usize>,
    /// Letters read as the digits they resemble (O as 0, I and L as 1).
    pub repaired: u32,
    /// Whether day or month is one figure alone, and that was read as a letter: nothing beside it says that it is one.
    pub has_lone_repair: bool,
}

/// In folded text, with the misreadings that were seen: Y as V, G as C, M as N or the reverse.
/// Digits may be O, I or L, which Tesseract takes for 0 and 1 in italics.
static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"N[GC]A[YV]([0-9OIL]{1,2})TH[AO]N[GC]([0-9OIL]{1,2})[NM]A[MN]([0-9OIL]{4})")
        .expect("the pattern is a constant and compiles")
});

/// All dates of a folded text, in order, from the earliest to the latest day given.
///
/// A day that the calendar does not have is no date, and neither is a line whose
/// day was left to be written by hand: nothing is guessed.
pub fn written_dates(
    folded: &str,
    earliest: Date,
    latest: Date,
) -> impl Iterator<Item = WrittenDate> {
    SHAPE
        .captures_iter(folded)
        .filter_map(move |parts| read(&parts, earliest, latest))
}

fn read(parts: &Captures, earliest: Date, latest: Date) -> Option<WrittenDate> {
    let mut repaired = 0;
    let is_lone_repair = |group: usize| matches!(&parts[group], "O" | "I" | "L");
    let has_lone_repair = is_lone_repair(1) || is_lone_repair(2);
    let mut number = |group: usize| {
        let digits: String = parts[group]
            .chars()
            .map(|c| {
                let digit = as_digit(c);
                repaired += u32::from(digit != c);
                digit
            })
            .collect();
        digits.parse::<u16>().ok()
    };
    let (day, month, year) = (number(1)?, number(2)?, number(3)?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    (earliest..=latest).contains(&date).then(|| WrittenDate {
        date,
        letters: parts.get(0).expect("group 0 is the whole").range(),
        repaired,
        has_lone_repair,
    })
}

fn as_digit(c: char) -> char {
    match c {
        'O' => '0',
        'I' | 'L' => '1',
        digit => digit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::vietnamese::fold;

    fn dates(text: &str) -> Vec<Date> {
        written_dates(&fold(text), EARLIEST_PAPER, date!(2026 - 11 - 21))
            .map(|found| found.date)
            .collect()
    }

    #[test]
    fn the_date_line_of_an_office_is_read() {
        assert_eq!(
            dates("Yên Thượng, ngày 04 tháng 9 năm 2023"),
            [date!(2023 - 09 - 04)]
        );
        assert_eq!(
            dates("Hà Nội, ngày 4 tháng 9 năm 1975"),
            [date!(1975 - 09 - 04)]
        );
    }

    #[test]
    fn letters_that_look_like_digits_are_read_and_counted() {
        let folded = fold("ngày O4 thánc l0 năm 2O23");
        let found: Vec<_> = written_dates(&folded, EARLIEST_PAPER, date!(2026 - 11 - 21)).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].date, date!(2023 - 10 - 04));
        assert_eq!(found[0].repaired, 3);
        assert_eq!(found[0].letters, 0..folded.len());
    }

    #[test]
    fn a_day_or_month_of_one_figure_that_was_a_letter_is_told() {
        let of = |text: &str| {
            let folded = fold(text);
            let mut found = written_dates(&folded, EARLIEST_PAPER, date!(2026 - 11 - 21));
            found.next().map(|found| found.has_lone_repair)
        };
        assert_eq!(of("ngày (Ï tháng 9 năm 2023"), Some(true));
        assert_eq!(of("ngày 04 tháng l năm 2023"), Some(true));
        assert_eq!(of("ngày O4 tháng 1O năm 2O23"), Some(false));
        assert_eq!(of("ngày 4 tháng 9 năm 2023"), Some(false));
    }

    #[test]
    fn days_outside_the_calendar_or_the_state_are_no_dates() {
        for text in [
            "ngày 31 tháng 02 năm 2020",
            "ngày 12 tháng 13 năm 2020",
            "ngày 01 tháng 01 năm 1944",
            "ngày 22 tháng 11 năm 2026",
            "ngày     tháng 9 năm 2023",
            "ngày 00 tháng 9 năm 2023",
        ] {
            assert_eq!(dates(text), [], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_day_written_is_the_day_read(days in 0i64..29_000) {
            let day = date!(1945 - 01 - 01) + time::Duration::days(days);
            let text = format!("ngày {:02} tháng {} năm {}", day.day(), u8::from(day.month()), day.year());
            proptest::prop_assert_eq!(dates(&text), [day]);
        }
    }
}
