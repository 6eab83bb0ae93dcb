//! Quyền hạn, chức vụ and người ký (ô 7 of Nghị định 30/2020): at the foot of the last page.

use crate::formats::vietnamese::{compose, fold, is_syllable};
use crate::model::Word;
use crate::model::document::Field;

use super::case::{Case, field};
use super::layout::{Layout, Line, mean_confidence_pct, text_of, without_noise};
use super::marks::{Marks, begins_with_any, spelled};

/// How far below its title a name may stand, as a share of the page's height.
const REACH: f32 = 0.2;
/// How far a name's middle may stand from its title's, as a share of the text's width.
const ASIDE: f32 = 0.15;
/// Stamps and strokes lie over names: never quite sure.
const AT_MOST_PCT: u8 = 90;
/// What a name is worth that a seal has torn.
const TORN_PCT: u8 = 40;
/// Family names of nearly all Vietnamese; another one is looked at by a person.
const FAMILY_NAMES: [&str; 62] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ",
    "Hồ", "Ngô", "Dương", "Lý", "Đào", "Đoàn", "Vương", "Trịnh", "Trương", "Đinh", "Lâm", "Phùng",
    "Mai", "Tô", "Hà", "Tạ", "Chu", "Châu", "Cao", "Thái", "Lương", "Lưu", "Lại", "Quách", "Thạch",
    "Triệu", "Nông", "Hứa", "Văn", "Tống", "Kiều", "La", "Từ", "Tăng", "Diệp", "Khương", "Kim",
    "Ma", "Vi", "Lò", "Quàng", "Cầm", "Giàng", "Sùng", "Thào", "Vàng", "Bàn", "Đàm", "Đồng",
    "Nghiêm",
];

/// In whose place one signs, as it opens a line: `KT. CHỦ TỊCH`.
const POWERS: [&str; 5] = ["TM", "KT", "TL", "TUQ", "Q"];
/// Lines of one title follow each other within this many letter heights.
const TITLE_GAP_HEIGHTS: f32 = 1.5;
/// Whoever signs so holds no office.
const NO_OFFICE: [&str; 4] = ["NGUOI", "BEN", "DAIDIEN", "CHUHO"];

/// Fields `nguoi_ky`, `chuc_vu` and `quyen_han` of the last signature.
pub fn signature(case: &Case) -> Vec<(&'static str, Field)> {
    let layout = case.last();
    let is_title = |line: &&Line| {
        layout.across(line) > 0.5
            && layout.down(line) > 0.25
            && begins_with_any(&line.folded, &case.marks.signer_titles)
    };
    let Some(title) = layout.lines.iter().rev().find(is_title) else {
        return Vec::new();
    };
    let found = [
        ("nguoi_ky", name(layout, title)),
        ("chuc_vu", office(layout, title, case.marks)),
        ("quyen_han", powers(layout, title)),
    ];
    let found = found.into_iter();
    found.filter_map(|(id, field)| Some((id, field?))).collect()
}

fn name(layout: &Layout, title: &Line) -> Option<Field> {
    let under = layout
        .lines
        .iter()
        .filter(|line| stands_under(layout, title, line));
    let named = under.filter_map(|line| Some((line, name_of(line.words)?)));
    let (line, name) = named.max_by_key(|(line, _)| line.bounds.y_px)?;
    let evidence = layout.evidence(line.words)?;
    let at_most_pct = if is_whole(&name) {
        AT_MOST_PCT
    } else {
        TORN_PCT
    };
    let sure_pct = mean_confidence_pct(line.words).min(at_most_pct);
    Some(field(name, sure_pct, 0, evidence, "nd30.nguoi_ky"))
}

/// True where every word is a Vietnamese syllable and the first a family name: a seal lies over
/// the left third of a signature and takes that name first.
fn is_whole(name: &str) -> bool {
    let mut words = name.split(' ');
    let family = words.clone().next();
    family.is_some_and(|family| FAMILY_NAMES.contains(&family)) && words.all(is_syllable)
}

/// The lowest line of the title without the power before it: `PHÓ CHỦ TỊCH`.
fn office(layout: &Layout, title: &Line, marks: &Marks) -> Option<Field> {
    let powers = title.words.iter().take_while(|word| is_power(word)).count();
    let letters = title.folded.letters();
    let holds = title.in_capitals() && !NO_OFFICE.iter().any(|own| letters.starts_with(own));
    // `TM. ỦY BAN NHÂN DÂN` names in whose place, not what the signer is.
    let of_another = title
        .words
        .first()
        .is_some_and(|word| fold(&word.text) == "TM");
    let words = without_noise(&title.words[powers..]);
    if !holds || of_another {
        return None;
    }
    let evidence = layout.evidence(words)?;
    let value = compose(&text_of(words)).into_owned();
    let (value, respelled) = spelled(&value, &marks.posts);
    let value = value
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_owned();
    let sure_pct = mean_confidence_pct(words).min(AT_MOST_PCT);
    let mut found = field(value, sure_pct, 0, evidence, "nd30.chuc_vu");
    found.repaired = respelled;
    Some(found)
}

/// The powers of the title's lines from the top: `TM. KT.`.
fn powers(layout: &Layout, title: &Line) -> Option<Field> {
    let mut block = vec![title];
    let mut upper = title;
    while let Some(line) = line_above(layout, upper) {
        block.insert(0, line);
        upper = line;
    }
    let firsts = block.iter().filter_map(|line| line.words.first());
    let words: Vec<&Word> = firsts.filter(|word| is_power(word)).collect();
    let evidence = layout.evidence(words.iter().copied())?;
    let sure_pct = mean_confidence_pct(words.iter().copied());
    let value: Vec<String> = words.iter().map(|word| fold(&word.text) + ".").collect();
    Some(field(
        value.join(" "),
        sure_pct,
        0,
        evidence,
        "nd30.quyen_han",
    ))
}

/// The line of capitals right above in the same column.
fn line_above<'l, 'a>(layout: &'l Layout<'a>, line: &Line) -> Option<&'l Line<'a>> {
    let above = layout.lines.iter().filter(|above| {
        above.in_capitals()
            && above.is_followed_by(line, TITLE_GAP_HEIGHTS)
            && (layout.across(above) - layout.across(line)).abs() < ASIDE
    });
    above.max_by_key(|above| above.bounds.y_px)
}

fn is_power(word: &Word) -> bool {
    POWERS.contains(&fold(&word.text).as_str()) && word.text.ends_with(['.', ',', ':', ';'])
}

fn stands_under(layout: &Layout, title: &Line, line: &Line) -> bool {
    let down = layout.down(line) - layout.down(title);
    down > 0.01 && down < REACH && (layout.across(line) - layout.across(title)).abs() < ASIDE
}

/// Two to five words, letters only, each a capital and then small letters; strokes of a seal
/// around them are none of it.
fn name_of(words: &[Word]) -> Option<String> {
    let bare = words
        .iter()
        .map(|word| word.text.trim_matches(|c: char| !c.is_alphabetic()));
    let bare: Vec<&str> = bare.filter(|word| !word.is_empty()).collect();
    let is_name = (2..=5).contains(&bare.len()) && bare.iter().all(|word| is_name_word(word));
    is_name.then(|| compose(&bare.join(" ")).into_owned())
}

fn is_name_word(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.clone().count() <= 6
        && letters.all(|c| c.is_alphabetic() && c.is_lowercase())
}
