//! Địa danh and ngày ban hành (ô 4 of Nghị định 30/2020): `Hà Nội, ngày 04 tháng 9 năm 2023`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::formats::vietnamese::{EARLIEST_PAPER, WrittenDate, fold, written_dates};
use crate::model::Word;
use crate::model::document::{Evidence, Field};

use super::case::{Case, field};
use super::fields::may_be_digit;
use super::layout::{Layout, Line, mean_confidence_pct, without_noise};
use super::notation::LONE_DIGIT_PCT;

/// A date with a figure put right counts where its words are surer than this in the mean. Of four such on 43 drawn pages three
/// were wrong, read with 64, 66 and 85 %; the right one was read with 59.
const REPAIRED_FROM_PCT: u8 = 75;
/// Down to here the office's date line stands on page 1.
const HEAD_ZONE: f32 = 0.5;
/// Words a place name takes at most (`Thị xã Phú Mỹ`, `Thành phố Hồ Chí Minh`).
const MAX_PLACE_WORDS: usize = 6;
/// Letters that may follow the year on its line (noise).
const MAX_LETTERS_AFTER: usize = 2;

/// A date line whose day was left open, written by hand or misread, folded: place, `NGAY … NAM …`.
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[A-Z]{0,30}N[GC]A[YV].{0,6}TH[AO]N[GC].{0,6}[NM]A[MN].{0,8}$")
        .expect("the pattern is a constant and compiles")
});

/// The rule of the date line under the regime header.
const OF_AN_OFFICE: &str = "nd30.ngay_ban_hanh";

/// A date line: place, date, and where.
#[derive(Debug)]
pub struct DateLine<'a> {
    page: usize,
    place: &'a [Word],
    date_words: &'a [Word],
    date: WrittenDate,
    rule: &'static str,
}

/// The date line of a document: at the head of page 1, else (papers of citizens) the last
/// one at the foot.
pub fn find_date_line<'c>(case: &Case<'c>) -> Option<DateLine<'c>> {
    let head = case.first();
    let at_head = head
        .lines
        .iter()
        .filter(|line| head.down(line) < HEAD_ZONE)
        .find_map(|line| read_line(line, case, 0, OF_AN_OFFICE));
    at_head
        .or_else(|| at_foot(case))
        .or_else(|| after_lead(case))
}

/// `Đăng ký lần đầu, ngày …` under the heading of a certificate: a date without a place.
fn after_lead<'c>(case: &Case<'c>) -> Option<DateLine<'c>> {
    let head = case.first();
    let led = |line: &&Line| {
        let before_date = line.folded.letters().split("NGAY").next();
        head.down(line) < HEAD_ZONE
            && before_date.is_some_and(|lead| case.marks.date_leads.iter().any(|own| own == lead))
    };
    let line = head.lines.iter().find(led)?;
    let found = whole_line_date(line, case)?;
    let (_, date_words) = line.words.split_at(found.1.start);
    Some(DateLine {
        page: 0,
        place: &[],
        date_words,
        date: found.0,
        rule: "giay_chung_nhan.ngay",
    })
}

/// The last one of the last page that has one: an annex or an office's remark may follow.
fn at_foot<'c>(case: &Case<'c>) -> Option<DateLine<'c>> {
    let pages = case.pages.iter().enumerate().rev();
    let found = pages.flat_map(|(page, foot): (usize, &Layout)| {
        let right = foot
            .lines
            .iter()
            .rev()
            .filter(|line| foot.across(line) > 0.4);
        right.filter_map(move |line| read_line(line, case, page, "cuoi_van_ban.ngay"))
    });
    found.into_iter().find(|found| !found.place.is_empty())
}

fn read_line<'c>(
    line: &Line<'c>,
    case: &Case<'c>,
    page: usize,
    rule: &'static str,
) -> Option<DateLine<'c>> {
    let (date, taken) = whole_line_date(line, case)?;
    let place = without_noise(&line.words[..taken.start]);
    is_place(place).then(|| DateLine {
        page,
        place,
        date_words: &line.words[taken],
        date,
        rule,
    })
}

/// The date at the end of a line and the words it takes.
fn whole_line_date(line: &Line, case: &Case) -> Option<(WrittenDate, Range<usize>)> {
    let letters = line.folded.letters();
    let date = written_dates(letters, EARLIEST_PAPER, case.latest).last()?;
    let taken = line.folded.words_in(date.letters.clone());
    (letters.len() - date.letters.end <= MAX_LETTERS_AFTER).then_some((date, taken))
}

/// A place is a name: more than half of its words begin with a capital. `Hôm nay, ngày …` and
/// `Đăng ký lần đầu, ngày …` are none. Nothing at all may stand there too.
fn is_place(words: &[Word]) -> bool {
    let capital = |word: &&Word| word.text.starts_with(char::is_uppercase);
    let names = words.iter().filter(capital).count();
    words.is_empty() || (words.len() <= MAX_PLACE_WORDS && names * 2 > words.len())
}

/// Where a date line stands at the right of the head that names no day of the calendar.
pub fn open_date(case: &Case) -> Option<Evidence> {
    let head = case.first();
    let is_open = |line: &&Line| {
        head.down(line) < HEAD_ZONE
            && head.across(line) > 0.5
            && OPEN.is_match(line.folded.letters())
    };
    head.evidence(head.lines.iter().find(is_open)?.words)
}

/// Field `ngay_ban_hanh`, ISO 8601.
pub fn date(case: &Case, line: Option<&DateLine>) -> Option<Field> {
    let line = line?;
    let evidence = case.pages[line.page].evidence(line.date_words)?;
    let mut sure_pct = mean_confidence_pct(line.date_words);
    let of_office = line.rule == OF_AN_OFFICE;
    // Where a figure was read as a letter and the rest is not sure either, another may be wrong that looks like a figure: old-style
    // figures, `ngày 3o tháng 9 năm 2010` for 2019.
    let is_doubtful = line.date.repaired > 0 && sure_pct < REPAIRED_FROM_PCT;
    if is_doubtful
        || has_a_marked_o(line.date_words)
        || line.date.has_lone_repair
        || (of_office && may_lack_a_digit(line.date_words))
    {
        sure_pct = sure_pct.min(LONE_DIGIT_PCT);
    }
    let value = line.date.date.to_string();
    Some(field(
        value,
        sure_pct,
        line.date.repaired,
        evidence,
        line.rule,
    ))
}

/// Whether an o with a mark stands beside a figure, `ngày 1ó`: it may have been a 6 as well as a 0, or a 9.
fn has_a_marked_o(words: &[Word]) -> bool {
    let is_marked_o = |c: char| matches!(c, 'ó' | 'ò' | 'ỏ' | 'õ' | 'ô' | 'ọ');
    let is_figure = |c: char| c.is_ascii_digit();
    let mut texts = words.iter().map(|word| &word.text);
    texts.any(|text| text.contains(is_marked_o) && text.contains(is_figure))
}

/// Days under 10 and the months 1 and 2 bear a leading zero (NĐ 30): a lone digit, or one beside
/// something that was not read (`2#`), has most likely lost its neighbour.
fn may_lack_a_digit(words: &[Word]) -> bool {
    words.iter().any(|word| {
        let bare = word.text.trim_end_matches(['.', ',', ';', ':']);
        let figures = bare.trim_start_matches(|c: char| !c.is_alphanumeric());
        let is_lone = figures.chars().count() == 1;
        let junk = bare.chars().any(|c| !c.is_alphanumeric());
        let begins = figures.starts_with(may_be_digit);
        begins && (junk || (is_lone && !is_late_month(words, word)))
    })
}

/// True for a month of 3 to 9, which is written without a zero.
fn is_late_month(words: &[Word], word: &Word) -> bool {
    let at = words.iter().position(|own| std::ptr::eq(own, word));
    let before = at.and_then(|at| words.get(at.checked_sub(1)?));
    let is_month = before.is_some_and(|before| fold(&before.text).starts_with("TH"));
    is_month && matches!(word.text.as_bytes()[0], b'3'..=b'9')
}

/// Field `dia_danh`.
pub fn place(case: &Case, line: Option<&DateLine>) -> Option<Field> {
    let line = line?;
    let place = behind_the_number(line.place);
    let evidence = case.pages[line.page].evidence(place)?;
    let value = evidence.read.trim_matches(|c: char| !c.is_alphanumeric());
    let value = value.to_owned();
    let sure_pct = mean_confidence_pct(place);
    (!value.is_empty()).then(|| field(value, sure_pct, 0, evidence, "nd30.dia_danh"))
}

/// The place alone where the number stands so near that both are one line: `Số: 05/PBS-UBND Tân Lộc`.
fn behind_the_number(words: &[Word]) -> &[Word] {
    let number = words
        .iter()
        .rposition(|word| word.text.contains(['/', '⁄']));
    number.map_or(words, |number| &words[number + 1..])
}
