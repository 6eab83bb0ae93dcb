//! Dates on forms: `13/10/2022`, `ngày 13 tháng 10 năm 2022`, and written out in words.

use std::sync::LazyLock;

use regex::Regex;
use time::{Date, Month};

use crate::formats::vietnamese::{Folded, fold, written_dates};

use super::digits::only_reading;
use super::value::{Parsed, Run, words_of};

/// Day, month and year between strokes, dots or dashes; letters that may have been digits count.
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:^|[^0-9A-Za-z/])([0-9OoIlSsBZz|]{1,2}) ?[/.\-] ?([0-9OoIlSsBZz|]{1,2}) ?[/.\-] ?",
        r"([0-9OoIlSsBZz|]{4})(?:$|[^0-9A-Za-z/])"
    ))
    .expect("the pattern is a constant and compiles")
});

/// The first date of the run between these days, ISO 8601.
pub fn find_date(run: &Run, earliest: Date, latest: Date) -> Parsed {
    in_numbers(run, earliest, latest).or_else(|| written(run, earliest, latest))
}

fn in_numbers(run: &Run, earliest: Date, latest: Date) -> Parsed {
    NUMBERS.captures_iter(&run.text).find_map(|parts| {
        let (first, last) = (parts.get(1)?, parts.get(3)?);
        let read = format!("{}/{}/{}", &parts[1], &parts[2], &parts[3]);
        let fits = |digits: &str| day_of(digits).filter(|day| (earliest..=latest).contains(day));
        let (day, repaired) = only_reading(&read, fits)?;
        Some((day.to_string(), first.start()..last.end(), repaired))
    })
}

fn day_of(digits: &str) -> Option<Date> {
    let mut parts = digits.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// A day of the calendar.
pub fn date(year: i32, month: u8, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

fn written(run: &Run, earliest: Date, latest: Date) -> Parsed {
    // Bytes of the text at which each folded word begins and ends.
    let words: Vec<(usize, &str)> = words_of(&run.text).collect();
    // `Sinh ngày 03 tháng …`: the label has taken the first word of the date.
    let led = std::iter::once("ngày").chain(words.iter().map(|(_, word)| *word));
    let folded = Folded::of(led);
    let found = written_dates(folded.letters(), earliest, latest).next()?;
    let taken = folded.words_in(found.letters.clone());
    let (first, last) = (words[taken.start.saturating_sub(1)], words[taken.end - 2]);
    let bytes = first.0..last.0 + last.1.len();
    Some((found.date.to_string(), bytes, found.repaired))
}

/// `ngày mười sáu tháng bảy năm một nghìn chín trăm tám mươi mốt` as a day; none where a word
/// is misread or missing.
pub fn in_words(text: &str) -> Option<Date> {
    let words: Vec<String> = text.split_whitespace().map(fold).collect();
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|w| !w.is_empty())
        .collect();
    let place = |word: &str| words.iter().position(|own| *own == word);
    let day_at = place("NGAY").map_or(0, |at| at + 1);
    let month_at = place("THANG")?;
    let thousand = words
        .iter()
        .position(|own| matches!(*own, "NGHIN" | "NGAN"))?;
    let year_at = thousand
        .checked_sub(2)
        .filter(|at| words[*at] == "NAM" && *at > month_at)?;
    let year_end = words[year_at + 1..]
        .iter()
        .position(|word| digit(word).is_none() && !is_unit(word))
        .map_or(words.len(), |end| year_at + 1 + end);
    let day = number(words.get(day_at..month_at)?)?;
    let month = number(&words[month_at + 1..year_at])?;
    let year = number(&words[year_at + 1..year_end])?;
    date(
        i32::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    )
}

fn is_unit(word: &str) -> bool {
    matches!(word, "NGHIN" | "NGAN" | "TRAM" | "MUOI" | "LINH" | "LE")
}

/// A number of up to four digits in words.
fn number(words: &[&str]) -> Option<u32> {
    let (mut total, mut last) = (0, None);
    for word in words {
        match (*word, last) {
            ("NGHIN" | "NGAN", Some(n)) => (total, last) = (total + n * 1000, None),
            ("TRAM", Some(n)) => (total, last) = (total + n * 100, None),
            // `mười` opens, `mươi` follows: both fold alike.
            ("MUOI", n) => (total, last) = (total + n.unwrap_or(1) * 10, None),
            ("LINH" | "LE" | "MONG" | "MUNG", None) => {}
            (word, None) => last = Some(digit(word)?),
            _ => return None,
        }
    }
    let total = total + last.unwrap_or(0);
    (total > 0).then_some(total)
}

fn digit(word: &str) -> Option<u32> {
    Some(match word {
        "KHONG" => 0,
        "MOT" => 1,
        "HAI" => 2,
        "BA" => 3,
        "BON" | "TU" => 4,
        "NAM" | "LAM" | "NHAM" => 5,
        "SAU" => 6,
        "BAY" | "BAI" => 7,
        "TAM" => 8,
        "CHIN" => 9,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn dates_in_words_are_days() {
        for (text, day) in [
            (
                "ngày mười sáu tháng bảy năm một nghìn chín trăm tám mươi mốt",
                date!(1981 - 07 - 16),
            ),
            (
                "Ngày mồng năm, tháng năm, năm hai nghìn không trăm linh năm.",
                date!(2005 - 05 - 05),
            ),
            (
                "ngày ba mươi mốt tháng mười hai năm hai ngàn không trăm hai mươi hai",
                date!(2022 - 12 - 31),
            ),
            (
                "ngày hai mươi lăm tháng mười năm một nghìn chín trăm chín mươi (1990)",
                date!(1990 - 10 - 25),
            ),
        ] {
            assert_eq!(in_words(text), Some(day), "{text}");
        }
        assert_eq!(in_words("ngày mười sáu tháng bảy"), None);
        assert_eq!(
            in_words("ngày ba mươi tháng hai năm hai nghìn không trăm linh năm"),
            None
        );
    }
}
