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
use crate::model::{EMPTY_BOX, TICKED_BOX};

/// Nobody alive was born before.
const EARLIEST_BIRTH: Date = date!(1880 - 01 - 01);
/// A birth date and a sex belong to a number that stands at most this many lines away.
const ONE_PERSON_LINES: usize = 6;
/// Digits of a number of identity of today and of before.
const LENGTHS: [usize; 2] = [12, 9];
/// Letters between a label and its number: `số:`, dots, a bracket.
const MAX_BETWEEN: usize = 24;
const BOXES: [char; 2] = [EMPTY_BOX, TICKED_BOX];
const SEXES: [&str; 2] = ["Nam", "Nữ"];

/// Twelve digits, else nine, that may be torn by spaces or dots, with letters that may have been
/// digits; else any number of digits in one piece, to be told.
static DIGITS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let digit = "[0-9OoIlSB|]";
    [
        format!("{digit}(?:[ .]?{digit}){{11}}"),
        format!("{digit}(?:[ .]?{digit}){{8}}"),
        format!("{digit}{{8,16}}"),
    ]
    .map(|digits| {
        Regex::new(&format!("(?:^|[^0-9A-Za-z/])({digits})(?:$|[^0-9A-Za-z/])"))
            .expect("the patterns are constants and compile")
    })
});

/// Puts in `so_dinh_danh`, `so_cmnd` and `ngay_sinh`, and what speaks against them.
pub fn find(form: &Form, found: &mut Findings) {
    let mut numbers = form.readings("so_dinh_danh", number);
    numbers.extend(form.readings("so_cmnd", number));
    // `Số / No.` stands on many cards: only a citizen's number counts.
    let of_cards = form.readings("so_the", number).into_iter();
    numbers.extend(of_cards.filter(|card| card.value.parse::<CitizenId>().is_ok()));
    numbers.sort_by_key(|reading| (reading.page, reading.line));
    let births = births(form);
    for (id, length) in [("so_dinh_danh", 12), ("so_cmnd", 9)] {
        let own: Vec<Reading> = numbers
            .extract_if(.., |n| n.value.len() == length)
            .collect();
        found.add(id, as_field(form.case, &own, id));
        if length == 12 {
            check_all(form, &own, &births, found);
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
    let all = DIGITS
        .iter()
        .find_map(|digits| digits.captures(&run.text)?.get(1))?;
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

/// The structure of each number; birth date and sex where the paper tells of one person only.
fn check_all(form: &Form, numbers: &[Reading], births: &[Reading], found: &mut Findings) {
    for number in numbers {
        let evidence = evidence_of(form.case, number);
        let Ok(id) = number.value.parse::<CitizenId>() else {
            found.flag(Doubt::id_structure(&number.value), evidence);
            continue;
        };
        let only = |readings: &[Reading]| match readings {
            [one] if numbers.len() == 1 && is_near(one, number) => Some(one.value.clone()),
            _ => None,
        };
        let birth_year = only(births).and_then(|day| day[..4].parse().ok());
        if birth_year.is_some_and(|year: u16| year != id.birth_year) {
            found.flag(Doubt::id_against_birth(&number.value), evidence.clone());
        }
        let sex = only(&form.readings("gioi_tinh", sex));
        if sex.is_some_and(|sex| sex != id.sex()) {
            found.flag(Doubt::id_against_sex(&number.value), evidence);
        }
    }
}

fn is_near(one: &Reading, other: &Reading) -> bool {
    one.page == other.page && one.line.abs_diff(other.line) <= ONE_PERSON_LINES
}

fn sex(run: &Run) -> Parsed {
    if run.text.contains(BOXES) {
        let sex = ticked_sex(&run.text)?;
        return Some((sex.to_owned(), 0..run.text.len(), 0));
    }
    let first = run
        .text
        .split(' ')
        .find(|word| word.chars().any(char::is_alphabetic))?;
    let bare = first.trim_matches(|c: char| !c.is_alphabetic());
    let sex = SEXES
        .into_iter()
        .find(|sex| sex.to_lowercase() == bare.to_lowercase())?;
    Some((sex.to_owned(), 0..run.text.len(), 0))
}

/// The sex whose box alone is ticked: `Nam ☐ Nữ ☒`, or `☐ Nam ☒ Nữ`.
fn ticked_sex(text: &str) -> Option<&'static str> {
    let words = text.split(' ').filter(|word| !word.is_empty());
    let words: Vec<&str> = words
        .take_while(|word| word.chars().count() <= "Nam,".len())
        .collect();
    let is_box = |word: &str| word.chars().all(|c| BOXES.contains(&c));
    let is_ticked = |word: &str| word.chars().eq([TICKED_BOX]);
    let ticked: Vec<usize> = (0..words.len())
        .filter(|at| is_ticked(words[*at]))
        .collect();
    let [ticked] = ticked[..] else {
        return None;
    };
    let beside = match is_box(words.first()?) {
        true => ticked + 1,
        false => ticked.checked_sub(1)?,
    };
    let bare = words
        .get(beside)?
        .trim_matches(|c: char| !c.is_alphabetic());
    SEXES.into_iter().find(|sex| *sex == bare)
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
