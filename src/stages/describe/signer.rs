//! Quyền hạn, chức vụ and người ký (ô 7 of Nghị định 30/2020): at the foot of the last page.

use crate::formats::vietnamese::{compose, fold, is_syllable};
use crate::model::Word;
use crate::model::document::Field;

use super::case::{Case, field};
use super::layout::{Layout, Line, mean_confidence_pct, text_of, without_noise};
use super::marks::{Marks, begins_with_any, spelled};

/// Nobody signs above this line of a first page, as a share of its height.
const HEAD_OF_FIRST_PAGE: f32 = 0.25;
/// How far below its title a name may stand, as a share of the page's height.
const REACH: f32 = 0.2;
/// How far a name's middle may stand from its title's, as a share of the text's width.
const ASIDE: f32 = 0.15;
/// Stamps and strokes lie over names: never quite sure.
const AT_MOST_PCT: u8 = 90;
/// Read so clearly, a family name that is not listed is believed …
const CLEAR_PCT: u8 = 90;
/// … but not much.
const RARE_PCT: u8 = 60;
/// Family names of nearly all Vietnamese.
const FAMILY_NAMES: [&str; 60] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ",
    "Hồ", "Ngô", "Dương", "Lý", "Đào", "Đoàn", "Vương", "Trịnh", "Trương", "Đinh", "Lâm", "Phùng",
    "Mai", "Tô", "Hà", "Tạ", "Chu", "Châu", "Cao", "Thái", "Lương", "Lưu", "Lại", "Quách", "Thạch",
    "Triệu", "Nông", "Hứa", "Tống", "Kiều", "La", "Từ", "Tăng", "Diệp", "Khương", "Ma", "Vi", "Lò",
    "Quàng", "Cầm", "Giàng", "Sùng", "Thào", "Vàng", "Bàn", "Đàm", "Đồng", "Nghiêm",
];

/// In whose place one signs, as it opens a line: `KT. CHỦ TỊCH`.
const POWERS: [&str; 5] = ["TM", "KT", "TL", "TUQ", "Q"];
/// Less is no post but what a seal left of one.
const MIN_POST_LETTERS: usize = 6;
/// Lines of one title follow each other within this many letter heights.
const TITLE_GAP_HEIGHTS: f32 = 1.5;
/// Whoever signs so holds no office.
const NO_OFFICE: [&str; 4] = ["NGUOI", "BEN", "DAIDIEN", "CHUHO"];

/// Fields `nguoi_ky`, `chuc_vu` and `quyen_han` of the last signature.
pub fn signature(case: &Case) -> Vec<(&'static str, Field)> {
    // An annex may follow the page that is signed.
    let titled = case.pages.iter().rev();
    let titled = titled.filter_map(|layout| Some((layout, last_title(case, layout)?)));
    let Some((layout, title)) = titled.into_iter().next() else {
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

/// The lowest title at the right; on a first page not among the parts of its head.
fn last_title<'l, 'c>(case: &Case, layout: &'l Layout<'c>) -> Option<&'l Line<'c>> {
    let is_title = |line: &&Line| {
        layout.across(line) > 0.5
            && (layout.page > 1 || layout.down(line) > HEAD_OF_FIRST_PAGE)
            && begins_with_any(&line.folded, &case.marks.signer_titles)
    };
    layout.lines.iter().rev().find(is_title)
}

fn name(layout: &Layout, title: &Line) -> Option<Field> {
    let under = layout
        .lines
        .iter()
        .filter(|line| stands_under(layout, title, line));
    let named = under.filter_map(|line| Some((line, name_of(line.words)?)));
    let (line, name) = named.max_by_key(|(line, _)| line.bounds.y_px)?;
    let evidence = layout.evidence(line.words)?;
    let sure_pct = mean_confidence_pct(line.words);
    let at_most_pct = at_most_pct(&name, sure_pct)?;
    Some(field(
        name,
        sure_pct.min(at_most_pct),
        0,
        evidence,
        "nd30.nguoi_ky",
    ))
}

/// What a name may be worth; a torn one is none. A seal lies over the left third of a signature
/// and takes the family name first: what is left would be taken for the whole.
fn at_most_pct(name: &str, sure_pct: u8) -> Option<u8> {
    let words: Vec<&str> = name.split(' ').collect();
    let syllables = words.iter().all(|word| is_syllable(word));
    // `Vố` is a misread Võ, and no name of its own.
    let family = fold(words[0]);
    let is_like_one = FAMILY_NAMES.iter().any(|own| fold(own) == family);
    match FAMILY_NAMES.contains(&words[0]) {
        true if syllables => Some(AT_MOST_PCT),
        false if syllables && !is_like_one && words.len() >= 3 && sure_pct >= CLEAR_PCT => {
            Some(RARE_PCT)
        }
        _ => None,
    }
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
    if value.chars().count() < MIN_POST_LETTERS {
        return None;
    }
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
