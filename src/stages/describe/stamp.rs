//! Stamps of secrecy and urgency (ô 10 of Nghị định 30/2020): `MẬT`, `HỎA TỐC`, alone in a red box.
//!
//! A stamp is told from the same letters in a text by three things together: it is alone in its
//! part of a row, in capitals, in the upper part of the page. Letters of `MẬT` alone are also
//! `MẶT` and `MẤT`, so where the circumflex is gone the stamp must stand where the standard puts
//! it. A false alarm costs a look; a missed stamp costs a secret: doubtful stamps count.

use unicode_normalization::UnicodeNormalization;

use crate::formats::vietnamese::{Pattern, fold};
use crate::model::document::Field;
use crate::model::{Secrecy, Word};

use super::case::{Case, field};
use super::layout::{Layout, Line, in_capitals, mean_confidence_pct, without_noise};
use super::notation::is_number_line;

/// Down to here a stamp stands.
const ZONE: f32 = 0.5;
/// Left of here, as a share of the text's width, the column of the number and its stamps ends.
const COLUMN: f32 = 0.5;
/// A stamp is set apart from words on its row by a gap of this many letter heights.
const APART_HEIGHTS: u32 = 1;
/// Lines nearer than this many letter heights belong to one text.
const ONE_TEXT_HEIGHTS: f32 = 1.0;
/// What the sides of a stamp's box are read as.
const BOX_SIDES: [char; 4] = ['I', 'L', '1', 'J'];
/// What a `MẬT` broken over two lines ends in the text it belongs to.
const TEXT_ABOVE: [&str; 5] = ["BI", "BAO", "CO", "NIEM", "THAN"];

/// Stamps of urgency as they are cut, the longest first.
const URGENCIES: [(&str, &str); 4] = [
    ("HOATOCHENGIO", "HỎA TỐC HẸN GIỜ"),
    ("THUONGKHAN", "THƯỢNG KHẨN"),
    ("HOATOC", "HỎA TỐC"),
    ("KHAN", "KHẨN"),
];

/// Stamps struck by hand that are none of secrecy (Nghị định 30/2020, ô 10b and Phụ lục I, phần II; the receiver's).
const OTHERS: [&str; 12] = [
    "HOATOC",
    "HOATOCHENGIO",
    "KHAN",
    "THUONGKHAN",
    "DEN",
    "CONGVANDEN",
    "SAOY",
    "SAOLUC",
    "TRICHSAO",
    "BANSAO",
    "BANCHINH",
    "DAKIEMTRA",
];

/// What stands in the frame of a stamp that was struck by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Struck {
    /// A degree of secrecy.
    Secrecy(Secrecy),
    /// Another stamp, surely.
    Other,
    /// No stamp that we know.
    Unread,
}

/// Reads the letters of a stamp against the stamps that there are: it is worn, and has one of few words.
pub fn struck(read: &str) -> Struck {
    let letters: String = fold(read).chars().filter(|c| c.is_alphabetic()).collect();
    let edits = |own: &str| {
        let pattern = Pattern::new(own).expect("stamps are short and folded");
        pattern
            .distance(&letters)
            .min(pattern.distance(letters.trim_matches(BOX_SIDES)))
    };
    let allowed = |own: &str| (own.len() as u32).div_ceil(4).min(own.len() as u32 / 3);
    let near = |own: &str| Some(edits(own)).filter(|edits| *edits <= allowed(own));
    let secret = [
        ("TUYETMAT", Secrecy::TuyetMat),
        ("TOIMAT", Secrecy::ToiMat),
        ("MAT", Secrecy::Mat),
    ];
    let secret = secret
        .iter()
        .filter_map(|(own, level)| Some((near(own)?, *level)));
    let secret = secret.min_by_key(|(edits, _)| *edits);
    let other = OTHERS.iter().filter_map(|own| near(own)).min();
    match (secret, other) {
        (Some((edits, level)), other) if other.is_none_or(|other| edits <= other) => {
            Struck::Secrecy(level)
        }
        (_, Some(_)) => Struck::Other,
        _ => Struck::Unread,
    }
}

/// The highest degree of secrecy that the page says of itself.
pub fn secrecy(layout: &Layout) -> Option<Secrecy> {
    secrecy_marks(layout).map(|(level, _)| level).max()
}

/// Field `do_mat`.
pub fn secrecy_field(case: &Case) -> Option<Field> {
    let layout = case.first();
    let (level, words) = secrecy_marks(layout).max_by_key(|(level, _)| *level)?;
    let sure_pct = mean_confidence_pct(words);
    let evidence = layout.evidence(words)?;
    let value = level.as_stamped().to_owned();
    Some(field(value, sure_pct, 0, evidence, "nd30.do_mat"))
}

/// Field `do_khan`.
pub fn urgency_field(case: &Case) -> Option<Field> {
    let layout = case.first();
    let in_column = |line: &&Line| {
        layout.down(line) < ZONE && layout.across(line) < COLUMN && in_capitals(line.words)
    };
    let found = layout.lines.iter().filter(in_column).find_map(|line| {
        let letters = line.folded.letters();
        let stamp = URGENCIES.iter().find(|(own, _)| is_near(own, letters))?;
        Some((line.words, stamp.1))
    });
    let (words, value) = found?;
    let evidence = layout.evidence(words)?;
    let sure_pct = mean_confidence_pct(words);
    Some(field(
        value.to_owned(),
        sure_pct,
        0,
        evidence,
        "nd30.do_khan",
    ))
}

fn secrecy_marks<'a>(layout: &Layout<'a>) -> impl Iterator<Item = (Secrecy, &'a [Word])> {
    let upper = layout.lines.iter().enumerate();
    let upper = upper.filter(|(_, line)| layout.down(line) < ZONE);
    upper.filter_map(|(number, line)| {
        labelled(line).or_else(|| stamped(layout, number, apart(line)))
    })
}

/// `Độ mật: Tối mật`, as forms and dossier covers print it.
fn labelled<'a>(line: &Line<'a>) -> Option<(Secrecy, &'a [Word])> {
    let letters = line.folded.letters();
    let said = ["DOMAT", "MUCDOMAT", "DAUDOMAT"]
        .iter()
        .find_map(|label| letters.strip_prefix(label))?;
    let level = Secrecy::ALL
        .into_iter()
        .find(|level| fold(level.as_stamped()) == said)?;
    Some((level, line.words))
}

/// The words of the row that may be a stamp: all of them, or what a gap sets apart at its end
/// (`Số: 12/BC-UBND   MẬT`).
fn apart<'a>(line: &Line<'a>) -> &'a [Word] {
    let words = without_noise(line.words);
    if !is_number_line(line) {
        return words;
    }
    let gap = |pair: &[Word]| {
        let gap_px = pair[1]
            .bounds
            .x_px
            .saturating_sub(pair[0].bounds.right_px());
        gap_px >= APART_HEIGHTS * pair[0].bounds.h_px
    };
    let last = words.windows(2).rposition(gap);
    last.map_or(&[], |last| &words[last + 1..])
}

fn stamped<'a>(
    layout: &Layout<'a>,
    number: usize,
    words: &'a [Word],
) -> Option<(Secrecy, &'a [Word])> {
    let read: String = words.iter().map(|word| word.text.as_str()).collect();
    let letters = fold(&read);
    if words.is_empty() || !in_capitals(words) {
        return None;
    }
    let line = &layout.lines[number];
    let level = level_of(&letters, has_circumflex(&read))?;
    if level > Secrecy::Mat {
        return Some((level, words));
    }
    let surely = has_circumflex(&read) || layout.across(line) < COLUMN;
    let alone = !is_part_of_a_text(layout, number);
    (surely && alone).then(|| (raised(layout, number), words))
}

/// The degree that these letters spell, with the sides of the stamp's box read as letters.
fn level_of(letters: &str, has_circumflex: bool) -> Option<Secrecy> {
    for (level, own) in [(Secrecy::TuyetMat, "TUYETMAT"), (Secrecy::ToiMat, "TOIMAT")] {
        if is_near(own, letters) {
            return Some(level);
        }
    }
    let bare = letters.trim_start_matches(BOX_SIDES);
    let rest = bare.strip_prefix("MA")?;
    let is_stamp = match rest.strip_prefix('T') {
        Some(side) => side.len() <= 1 && side.chars().all(|c| BOX_SIDES.contains(&c)),
        // The T of `MẬT` looks like the side of a box; `MAI` is a name.
        None => has_circumflex && rest.len() == 1 && rest.starts_with(BOX_SIDES),
    };
    is_stamp.then_some(Secrecy::Mat)
}

/// Equal but for one letter in six, and for the sides of a box.
fn is_near(own: &str, letters: &str) -> bool {
    let pattern = Pattern::new(own).expect("stamps are short and folded");
    let allowed = (own.len() / 6) as u32;
    let bare = letters.trim_matches(BOX_SIDES);
    pattern.distance(letters) <= allowed || pattern.distance(bare) <= allowed
}

fn has_circumflex(read: &str) -> bool {
    read.nfd().any(|c| c == '\u{302}')
}

/// True for the `MẬT` of `BÍ / MẬT` and `MẬT / ĐỘ` in the narrow cell of a table.
fn is_part_of_a_text(layout: &Layout, number: usize) -> bool {
    let line = &layout.lines[number];
    let near = |upper: &Line, lower: &Line| upper.is_followed_by(lower, ONE_TEXT_HEIGHTS);
    let below = |other: &Line| near(line, other) && other.folded.letters().starts_with("DO");
    let above = |other: &Line| {
        let letters = other.folded.letters();
        near(other, line) && TEXT_ABOVE.iter().any(|end| letters.ends_with(end))
    };
    layout
        .lines
        .iter()
        .any(|other| below(other) || above(other))
}

/// `TỐI` or `TUYỆT` right above `MẬT` in the same box.
fn raised(layout: &Layout, number: usize) -> Secrecy {
    let line = &layout.lines[number];
    let above = layout.lines.iter();
    let above = above.filter(|other| other.is_followed_by(line, ONE_TEXT_HEIGHTS));
    let words = above.map(|other| match other.folded.letters() {
        "TOI" => Secrecy::ToiMat,
        "TUYET" => Secrecy::TuyetMat,
        _ => Secrecy::Mat,
    });
    words.max().unwrap_or(Secrecy::Mat)
}

#[cfg(test)]
mod tests {
    use super::super::tests::setting::Page;
    use super::super::tests::setting::Place::*;
    use super::*;

    const DATE: &str = "Yên Thượng, ngày 04 tháng 9 năm 2023";

    fn office() -> Page {
        Page::of_office("SỞ Y TẾ", "Số: 04/BC-SYT", DATE)
    }

    fn on(page: Page) -> Option<Secrecy> {
        let page = page.gap(1).text(6).read();
        secrecy(&Layout::of(1, &page))
    }

    #[test]
    fn a_stamp_is_seen_however_it_was_read() {
        for (read, level) in [
            ("MẬT", Secrecy::Mat),
            ("MAT", Secrecy::Mat),
            ("MẶT", Secrecy::Mat),
            ("| MẬT |", Secrecy::Mat),
            ("IMẬTI", Secrecy::Mat),
            ("[MẬT]", Secrecy::Mat),
            ("MẬI", Secrecy::Mat),
            ("M Ậ T", Secrecy::Mat),
            ("TỐI MẬT", Secrecy::ToiMat),
            ("TÓI MẠT", Secrecy::ToiMat),
            ("T Ố I M Ậ T", Secrecy::ToiMat),
            ("TUYỆT MẬT", Secrecy::TuyetMat),
            ("TUYẾT MẶT", Secrecy::TuyetMat),
            ("ITUYỆT MẬT", Secrecy::TuyetMat),
            ("Độ mật: Tối mật", Secrecy::ToiMat),
        ] {
            let page = office().line(LeftColumn, read).line(Middle, "BÁO CÁO");
            assert_eq!(on(page), Some(level), "{read}");
        }
    }

    #[test]
    fn a_worn_stamp_is_read_as_the_nearest_one() {
        for (read, level) in [
            ("MẬ|", Secrecy::Mat),
            ("[tẬT]", Secrecy::Mat),
            ("MẠU", Secrecy::Mat),
            ("xÕI MẬI |", Secrecy::ToiMat),
            ("TỐI MÀ.", Secrecy::ToiMat),
            ("IUYỆT MẬ", Secrecy::TuyetMat),
        ] {
            assert_eq!(struck(read), Struck::Secrecy(level), "{read}");
        }
        for read in [
            "HÓA TỐC",
            "THƯỢNG KHÃN",
            "KHAN",
            "ĐỀN",
            "SAO V",
            "BẢN CHINH",
        ] {
            assert_eq!(struck(read), Struck::Other, "{read}");
        }
        for read in ["", "—", "TT]", "HỘI ĐỒNG NHÂN DÂN"] {
            assert_eq!(struck(read), Struck::Unread, "{read}");
        }
    }

    #[test]
    fn a_stamp_at_the_right_counts_where_its_circumflex_was_read() {
        assert_eq!(on(office().line(RightColumn, "MẬT")), Some(Secrecy::Mat));
        assert_eq!(on(office().line(RightColumn, "MẶT")), None);
    }

    #[test]
    fn a_stamp_of_two_lines_keeps_its_degree() {
        let page = office().line(LeftColumn, "TUYỆT").line(LeftColumn, "MẬT");
        assert_eq!(on(page), Some(Secrecy::TuyetMat));
    }

    #[test]
    fn words_of_a_text_are_no_stamp() {
        for text in [
            "BẢO MẬT",
            "MẬT ĐỘ XÂY DỰNG",
            "BÍ MẬT",
            "LUẬT BẢO VỆ BÍ MẬT NHÀ NƯỚC",
            "Mật",
            "mật khẩu",
            "Độ mật: Thường",
            "Căn cứ Luật Bảo vệ bí mật nhà nước ngày 15 tháng 11 năm 2018;",
            "MẬU",
            "MẪU",
            "MÃ",
            "MÃ TT",
            "CƠ MẬT",
        ] {
            for place in [LeftColumn, Middle, Margin] {
                assert_eq!(on(office().line(place, text)), None, "{text}");
            }
        }
    }

    #[test]
    fn a_narrow_cell_is_no_stamp() {
        for cell in [["MẬT", "ĐỘ XÂY DỰNG"], ["BÍ", "MẬT"], ["BẢO", "MẬT"]] {
            let page = office().line(LeftColumn, cell[0]).line(LeftColumn, cell[1]);
            assert_eq!(on(page), None, "{cell:?}");
        }
    }

    #[test]
    fn a_stamp_far_down_the_page_is_none() {
        let page = office().text(20).line(LeftColumn, "MẬT");
        assert_eq!(on(page), None);
    }
}
