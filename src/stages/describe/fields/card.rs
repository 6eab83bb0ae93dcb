//! The QR of a citizen card, held against what is printed on the same paper.
//!
//! Seven fields between strokes: number, old number (may be empty), name, birth date, sex,
//! residence, day of issue (DOMAIN section 3; five independent readers agree).

use super::super::case::{Case, field};
use super::super::citizen_id::CitizenId;
use super::super::doubt::Doubt;
use super::Findings;
use super::date::date;
use crate::model::Symbol;
use crate::model::document::Evidence;

/// A QR either reads whole or not at all.
const SURE_PCT: u8 = 99;
/// Fields of the text; later cards may say more.
const LEAST_FIELDS: usize = 7;

struct Card<'s> {
    number: &'s str,
    old_number: &'s str,
    /// ISO 8601.
    birth: String,
}

/// Puts in what only the QR tells, and flags where it and the print differ.
pub fn find(case: &Case, found: &mut Findings) {
    for layout in case.pages {
        for symbol in layout.symbols {
            if let Some(card) = read(&symbol.text) {
                compare(&card, symbol, layout.page, found);
            }
        }
    }
}

fn read(text: &str) -> Option<Card<'_>> {
    let parts: Vec<&str> = text.trim().split('|').collect();
    let [number, old_number, _, birth, ..] = parts[..] else {
        return None;
    };
    if parts.len() < LEAST_FIELDS || number.parse::<CitizenId>().is_err() {
        return None;
    }
    Some(Card {
        number,
        old_number,
        birth: day(birth)?,
    })
}

/// `ddMMyyyy` as ISO 8601.
fn day(digits: &str) -> Option<String> {
    if digits.len() != 8 || !digits.is_ascii() {
        return None;
    }
    let day = date(
        digits[4..].parse().ok()?,
        digits[2..4].parse().ok()?,
        digits[..2].parse().ok()?,
    );
    day.map(|day| day.to_string())
}

fn compare(card: &Card, symbol: &Symbol, page: u32, found: &mut Findings) {
    let said = [
        ("so_dinh_danh", card.number),
        ("so_cmnd", card.old_number),
        ("ngay_sinh", &card.birth),
    ];
    for (id, value) in said.into_iter().filter(|(_, value)| !value.is_empty()) {
        let evidence = Evidence {
            page,
            bounds: symbol.bounds,
            // Nothing of the name and the address that stand in the same QR.
            read: value.to_owned(),
        };
        let Some(printed) = found.fields.get_mut(id) else {
            let of_card = field(value.to_owned(), SURE_PCT, 0, evidence, "qr.can_cuoc");
            found.add(id, Some(of_card));
            continue;
        };
        let known = printed.value == value || printed.alternatives.iter().any(|own| own == value);
        if !known {
            printed.alternatives.push(value.to_owned());
            found.flag(Doubt::QrDiffers { field: id }, Some(evidence));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_told_from_other_codes() {
        let text =
            "098181000123|098000123|Trần Thị Mẫu|16071981|Nữ|Thôn Thượng Lâm, An Bình|01052021";
        let card = read(text).expect("a card");
        assert_eq!(
            (card.number, card.birth.as_str()),
            ("098181000123", "1981-07-16")
        );
        for other in [
            "https://dichvucong.gov.vn",
            "098181000123",
            "098181000123||Trần Thị Mẫu|16131981|Nữ|x|01052021",
            "1|2|3|4|5|6|7",
            "",
        ] {
            assert!(read(other).is_none(), "{other}");
        }
    }
}
