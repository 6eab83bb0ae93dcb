//! Số định danh (12 digits), số CMND (9 digits) and ngày sinh of the first person on a paper.

use std::sync::LazyLock;

use regex::Regex;
use time::Date;
use time::macros::date;

use super::super::citizen_id::CitizenId;
use super::super::doubt::Doubt;
use super::Findings;
use super::date::{find_date, in_words};
use super::digits::{may_be_digit, only_reading};
use super::value::{Form, Parsed, Reading, Run, as_field, evidence_of};

/// Nobody alive was born before.
const EARLIEST_BIRTH: Date = date!(1880 - 01 - 01);
/// A birth date and a sex belong to a number that stands at most this many lines away.
const ONE_PERSON_LINES: usize = 6;
/// Digits of a number of identity of today and of before.
const LENGTHS: [usize; 2] = [12, 9];
/// Letters between a label and its number: `số:`, dots, a bracket.
const MAX_BETWEEN: usize = 24;

/// A run of digits that may be torn by spaces or dots, with letters that may have been digits.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^0-9A-Za-z/])([0-9OoIlSB|](?:[ .]?[0-9OoIlSB|]){7,15})(?:$|[^0-9A-Za-z/])")
        .expect("the pattern is a constant and compiles")
});

/// Puts in `so_dinh_danh`, `so_cmnd` and `ngay_sinh`, and what speaks against them.
pub fn find(form: &Form, found: &mut Findings) {
    let mut numbers = form.readings("so_dinh_danh", number);
    numbers.extend(form.readings("so_cmnd", number));
    numbers.sort_by_key(|reading| (reading.page, reading.line));
    let births = births(form);
    for (id, length) in [("so_dinh_danh", 12), ("so_cmnd", 9)] {
        let own: Vec<Reading> = numbers
            .extract_if(.., |n| n.value.len() == length)
            .collect();
        found.add(id, as_field(form.case, &own, id));
        if length == 12 {
            own.iter().for_each(|own| check(form, own, &births, found));
        }
    }
    for odd in &numbers {
        let evidence = evidence_of(form.case, odd);
        found.flag(
            Doubt::IdLength {
                digits: odd.value.len(),
            },
            evidence,
        );
    }
    found.add("ngay_sinh", as_field(form.case, &births, "ngay_sinh"));
    compare_with_words(form, &births, found);
}

/// A number of identity; one with a digit too few or too many is read too, to be told.
fn number(run: &Run) -> Parsed {
    let parts = DIGITS.captures(&run.text)?;
    let all = parts.get(1)?;
    let read: String = all.as_str().chars().filter(|c| may_be_digit(*c)).collect();
    let plain = read.bytes().filter(u8::is_ascii_digit).count();
    if all.start() > MAX_BETWEEN || plain * 3 < read.len() * 2 {
        return None;
    }
    let known = |digits: &str| match digits.len() {
        12 => digits.parse::<CitizenId>().is_ok(),
        length => LENGTHS.contains(&length),
    };
    let fits = |digits: &str| known(digits).then(|| digits.to_owned());
    let (value, repaired) =
        only_reading(&read, fits).or_else(|| (plain == read.len()).then_some((read, 0)))?;
    Some((value, all.range(), repaired))
}

fn births<'c>(form: &Form<'c>) -> Vec<Reading<'c>> {
    let latest = form.case.latest;
    form.readings("ngay_sinh", |run| {
        let found = find_date(run, EARLIEST_BIRTH, latest)?;
        (found.1.start <= MAX_BETWEEN).then_some(found)
    })
}

/// The number's structure, and birth date and sex of the same person.
fn check(form: &Form, number: &Reading, births: &[Reading], found: &mut Findings) {
    let evidence = evidence_of(form.case, number);
    let Ok(id) = number.value.parse::<CitizenId>() else {
        return found.flag(Doubt::id_structure(&number.value), evidence);
    };
    let near = |other: &&Reading| {
        other.page == number.page && other.line.abs_diff(number.line) <= ONE_PERSON_LINES
    };
    let nearest = |readings: &[Reading]| {
        let near = readings.iter().filter(near);
        let nearest = near.min_by_key(|other| other.line.abs_diff(number.line));
        nearest.map(|reading| reading.value.clone())
    };
    let birth_year = nearest(births).and_then(|day| day[..4].parse().ok());
    if birth_year.is_some_and(|year: u16| year != id.birth_year) {
        found.flag(Doubt::id_against_birth(&number.value), evidence.clone());
    }
    let sex = nearest(&form.readings("gioi_tinh", sex));
    if sex.is_some_and(|sex| sex != id.sex()) {
        found.flag(Doubt::id_against_sex(&number.value), evidence);
    }
}

fn sex(run: &Run) -> Parsed {
    let first = run
        .text
        .split(' ')
        .find(|word| word.chars().any(char::is_alphabetic))?;
    let bare = first.trim_matches(|c: char| !c.is_alphabetic());
    let sex = ["Nam", "Nữ"]
        .into_iter()
        .find(|sex| sex.to_lowercase() == bare.to_lowercase())?;
    Some((sex.to_owned(), 0..run.text.len(), 0))
}

/// `Ghi bằng chữ: ngày mười sáu tháng bảy …` under a birth date.
fn compare_with_words(form: &Form, births: &[Reading], found: &mut Findings) {
    let spelled = form.readings("ngay_sinh_bang_chu", |run| {
        let day = in_words(&run.text)?;
        Some((day.to_string(), 0..run.text.len(), 0))
    });
    for words in &spelled {
        let above = births.iter().rev().find(|birth| {
            birth.page == words.page && (birth.line..=birth.line + 2).contains(&words.line)
        });
        if let Some(birth) = above.filter(|birth| birth.value != words.value) {
            found.flag(Doubt::DateInWords, evidence_of(form.case, birth));
        }
    }
}
