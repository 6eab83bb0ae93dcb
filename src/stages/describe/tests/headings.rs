//! Headings as recognisers give them: misread, spaced, on several lines, joined to what stands beside them.

use std::collections::BTreeSet;

use super::super::{RuleDescriber, TypeTable};
use super::setting::Page;
use super::setting::Place::*;
use crate::formats::vietnamese::{Pattern, fold};
use crate::model::{Describer, PageText};

fn kind(page: &PageText) -> String {
    RuleDescriber::default().describe(&[page]).kind.id
}

fn under_header(heading: impl FnOnce(Page) -> Page) -> PageText {
    let page = Page::of_office("SỞ Y TẾ", "", "Hà Nội, ngày 04 tháng 9 năm 2023").gap(1);
    heading(page).gap(1).text(4).read()
}

/// What recognisers take capitals for.
const MISREAD: &[(char, char)] = &[
    ('O', '0'),
    ('Ơ', 'O'),
    ('I', 'l'),
    ('Đ', 'D'),
    ('B', '8'),
    ('S', '5'),
    ('T', 'I'),
    ('E', 'F'),
    ('N', 'M'),
    ('C', 'G'),
    ('U', 'V'),
    ('Ấ', 'Á'),
    ('H', 'N'),
    ('Y', 'V'),
    ('A', '4'),
];

/// The heading with the letters at these places misread, one after the other.
fn misread(heading: &str, places: [usize; 2]) -> String {
    let mut letters: Vec<char> = heading.chars().collect();
    for at in places {
        if let Some((_, taken_for)) = MISREAD.iter().find(|(read, _)| *read == letters[at]) {
            letters[at] = *taken_for;
        }
    }
    letters.into_iter().collect()
}

/// All that a heading can be read as with one letter misread, or two in a long one.
fn misreadings(heading: &str) -> BTreeSet<String> {
    let letters = heading.chars().count();
    let two = fold(heading).len() >= 14;
    let first = 0..letters;
    let pairs = first.flat_map(|one| {
        let others = if two { 0..letters } else { one..one + 1 };
        others.map(move |other| [one, other])
    });
    pairs.map(|places| misread(heading, places)).collect()
}

/// The table's headings of some length, with their types.
fn all_headings(table: &TypeTable) -> Vec<(&str, &str)> {
    let rows = table.rows.iter();
    let headings = rows.flat_map(|row| row.headings.iter().map(|heading| (&*row.id, &**heading)));
    headings
        .filter(|(_, heading)| fold(heading).len() >= 8)
        .collect()
}

/// True where another type's heading is as near to what was read as its own.
fn is_ambiguous(read: &str, own: &str, patterns: &[(&str, Pattern)]) -> bool {
    let read = fold(read);
    let least = |is_own: bool| {
        let of_these = patterns.iter().filter(|(id, _)| (*id == own) == is_own);
        of_these.map(|(_, pattern)| pattern.distance(&read)).min()
    };
    least(false) <= least(true)
}

/// Every misreading of every heading in a fixed order, but only each `step`-th.
fn each_misread_heading_names_its_type(step: usize) {
    let table = TypeTable::embedded();
    let pattern = |heading: &String| Pattern::new(&fold(heading)).expect("headings are patterns");
    let rows = table.rows.iter();
    let patterns: Vec<(&str, Pattern)> = rows
        .flat_map(|row| row.headings.iter().map(|h| (&*row.id, pattern(h))))
        .collect();
    let describer = RuleDescriber::default();
    let headings = all_headings(&table).into_iter();
    let read = headings.flat_map(|(id, heading)| {
        let read = misreadings(heading).into_iter();
        read.map(move |read| (id, read))
    });
    for (id, read) in read.step_by(step) {
        if !is_ambiguous(&read, id, &patterns) {
            let page = under_header(|page| page.line(Middle, &read));
            assert_eq!(describer.describe(&[&page]).kind.id, id, "{read}");
        }
    }
}

#[test]
fn a_misread_heading_still_names_its_type() {
    each_misread_heading_names_its_type(31);
}

/// 21,798 headings: half a minute.
#[test]
#[ignore = "after a change of headings, weights or model"]
fn every_misread_heading_still_names_its_type() {
    each_misread_heading_names_its_type(1);
}

#[test]
fn the_number_of_a_form_may_stand_before_its_heading() {
    for line in [
        "Mẫu số 11/ĐK ĐƠN ĐĂNG KÝ BIẾN ĐỘNG ĐẤT ĐAI",
        "MẪU SỐ 11/ĐK ĐƠN ĐĂNG KÝ BIẾN ĐỘNG ĐẤT ĐAI",
        "~ | ĐƠN ĐĂNG KÝ BIẾN ĐỘNG ĐẤT ĐAI",
    ] {
        let page = Page::new().line(Middle, line).gap(1).text(5).read();
        assert_eq!(kind(&page), "don_bien_dong", "{line}");
    }
}

#[test]
fn a_heading_on_three_lines_is_one_heading() {
    let page = under_header(|page| {
        page.line(Middle, "ĐƠN ĐĂNG KÝ, CẤP GIẤY CHỨNG NHẬN")
            .line(Middle, "QUYỀN SỬ DỤNG ĐẤT, QUYỀN SỞ HỮU NHÀ Ở")
            .line(Middle, "VÀ TÀI SẢN KHÁC GẮN LIỀN VỚI ĐẤT")
    });
    // Of the last two lines alone it would be the certificate that is asked for.
    assert_eq!(kind(&page), "don_dk_dat");
}

#[test]
fn the_subject_says_which_kind_of_a_general_type_it_is() {
    let of = |heading: &str, subject: &str| {
        kind(&under_header(|page| {
            page.line(Middle, heading).line(Middle, subject)
        }))
    };
    assert_eq!(
        of("QUYẾT ĐỊNH", "Về việc giao đất ở cho hộ bà Lê Thị Thử"),
        "qd_giao_dat"
    );
    assert_eq!(
        of("QUYẾT ĐỊNH", "Về việc công nhận kết quả thẩm định"),
        "quyet_dinh"
    );
    assert_eq!(
        of("THÔNG BÁO", "Về việc niêm yết công khai hồ sơ"),
        "niem_yet"
    );
    // The words of another kind of paper are what it is about.
    assert_eq!(
        of("TỜ TRÌNH", "Về việc giao đất ở cho hộ bà Lê Thị Thử"),
        "to_trinh"
    );
    let kind = RuleDescriber::default()
        .describe(&[&under_header(|page| {
            page.line(Middle, "THÔNG BÁO")
                .line(Middle, "Về việc niêm yết công khai hồ sơ")
        })])
        .kind;
    assert_eq!(kind.broader.as_deref(), Some("thong_bao"));
}

#[test]
fn chapters_and_titles_over_signatures_are_no_headings() {
    let quy_che = under_header(|page| {
        page.line(Middle, "QUY CHẾ")
            .line(Middle, "Tiếp nhận hồ sơ điện tử")
            .line(Middle, "Chương I")
            .line(Middle, "QUY ĐỊNH CHUNG")
    });
    assert_eq!(kind(&quy_che), "quy_che");
    for line in ["II. KẾ HOẠCH THỰC HIỆN", "A. BÁO CÁO TÀI CHÍNH"] {
        let page = Page::new().line(Middle, line).text(6).read();
        assert!(RuleDescriber::default().signs(&page).opens <= 0, "{line}");
    }
}

#[test]
fn a_decision_explains_itself() {
    let page = Page::of_office(
        "SỞ Y TẾ",
        "Số: 04/QĐ-SYT",
        "Hà Nội, ngày 04 tháng 9 năm 2023",
    )
    .gap(1)
    .line(Middle, "QUYẾT ĐỊNH")
    .line(Middle, "Về việc giao đất ở cho hộ bà Lê Thị Thử")
    .text(6)
    .read();
    let kind = RuleDescriber::default().describe(&[&page]).kind;
    let cue = |id: &str| kind.cues.iter().find(|cue| cue.id == id).expect(id);
    assert_eq!(
        cue("broader_heading")
            .evidence
            .as_ref()
            .expect("words")
            .read,
        "QUYẾT ĐỊNH"
    );
    assert!(
        cue("phrase")
            .evidence
            .as_ref()
            .expect("words")
            .read
            .contains("giao đất")
    );
    let weights: Vec<i32> = kind.cues.iter().map(|cue| cue.weight.abs()).collect();
    assert!(weights.is_sorted_by(|left, right| left >= right));
    let next = kind.runner_up.expect("the general type");
    assert_eq!(next.id, "quyet_dinh");
    assert!(next.confidence < kind.confidence);
}
