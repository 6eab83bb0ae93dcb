//! Whether a paper is of a type that no row of the table names, and only begins like one: `GIẤY CHỨNG NHẬN` over `ĐỦ
//! ĐIỀU KIỆN KINH DOANH`, `THÔNG CÁO` where the table has `THÔNG BÁO`.
//!
//! It is one more weight in the scales: the heading speaks for it as for the type that it names, the
//! more so the more of the heading that type leaves unexplained. What speaks for the type besides (phrases, model, list) does not
//! speak for it. The constants were set on headings that are not in the table (docs/evaluation.md).

use crate::formats::vietnamese::fold;
use crate::model::Word;

use super::heading::{Heading, unread};
use super::kind::Witnesses;
use super::layout::mean_confidence_pct;
use super::scales::{Scales, weigh};
use super::type_table::{TypeTable, Zone};

/// How much likelier a paper is of no known type than of this one, by its heading alone, where as many of
/// the heading's letters are unread as read.
const UNREAD: f64 = 1.0;
/// The same for a type that has kinds: there are more of them than the table names.
const UNREAD_OF_GENERAL: f64 = 3.0;
/// The same for one without kinds whose own sign stands in the number (NĐ 30/2020, Phụ lục III): what follows its name is
/// the trích yếu.
const UNREAD_UNDER_ITS_SIGN: f64 = 0.1;
/// The same where all of its letters differ although they are surely read.
const OTHER_LETTERS: f64 = 10.0;
/// From here on a word says what is printed.
const SURELY_READ_PCT: u8 = 88;

/// What it weighs against the type of this row, which the scales hold for the likeliest; `None` where the
/// heading is explained to the last word.
pub fn points(
    scales: &Scales,
    row: usize,
    witnesses: &Witnesses,
    types: &TypeTable,
) -> Option<i32> {
    let heading = heading_of(row, witnesses, types).filter(|_| scales.is_headed(row))?;
    let (read, rest) = letters(row, heading, witnesses, types);
    let general = types.is_general(row);
    let doubt = match (general, scales.is_signed(row)) {
        (true, false) => UNREAD_OF_GENERAL,
        (false, true) => UNREAD_UNDER_ITS_SIGN,
        _ => UNREAD,
    };
    let odds = doubt * rest as f64 / read as f64 + other_letters(heading);
    (odds > 0.0).then(|| scales.head(row) + (weigh::SCALE * odds.ln()).round() as i32)
}

/// Its own heading, else that of the more general type, else the one that it took for its lines.
fn heading_of<'w, 'a>(
    row: usize,
    witnesses: &Witnesses<'w, 'a>,
    types: &TypeTable,
) -> Option<&'w Heading<'w, 'a>> {
    let of = |row: usize| {
        let mut headings = witnesses.headings.iter();
        headings.find(|heading| heading.number == row)
    };
    of(row)
        .or_else(|| of(types.broader(row)?))
        .or_else(|| witnesses.headings.first())
}

/// Letters of the heading that the row explains, and that it does not. Its cues in the heading explain, and words of its
/// other headings: `GIẤY BIÊN NHẬN HỒ SƠ / VÀ HẸN TRẢ KẾT QUẢ`.
pub fn letters(
    row: usize,
    heading: &Heading,
    witnesses: &Witnesses,
    types: &TypeTable,
) -> (usize, usize) {
    let of_own = witnesses.spoken.iter().filter(|spoken| {
        spoken.row == row && spoken.cue.zone == Zone::Heading && spoken.cue.weight > 0
    });
    let said: Vec<&Word> = of_own
        .flat_map(|spoken| spoken.words.iter().copied())
        .collect();
    let own = &types.rows[row];
    let names = own.headings.iter().chain([&own.title]);
    let named: Vec<String> = names.flat_map(|name| name.split(' ')).map(fold).collect();
    let (mut read, mut rest) = (heading.letters, 0);
    for word in unread(witnesses.layout, heading, witnesses.marks) {
        let letters = fold(&word.text);
        let explained =
            said.iter().any(|said| std::ptr::eq(*said, word)) || named.contains(&letters);
        *(if explained { &mut read } else { &mut rest }) += letters.len();
    }
    (read, rest)
}

/// What letters weigh that differ from the row's heading and are surely read.
fn other_letters(heading: &Heading) -> f64 {
    let sure_pct = mean_confidence_pct(heading.words.iter().copied());
    match sure_pct >= SURELY_READ_PCT {
        true => OTHER_LETTERS * f64::from(heading.edits) / heading.letters as f64,
        false => 0.0,
    }
}
