//! The rules of judging what was read, on lines made by hand.

use super::distance::{distance, nearest_ends};
use super::plain::{Plain, without_marks};
use super::*;
use crate::evaluate::report::{Evaluation, ReadingCost, page as report};
use crate::evaluate::tests::description;
use crate::evaluate::{DossierJudgement, Outcome, judge};
use crate::model::{Confidence, Point, PxBox, Word};

const LINES: [&str; 4] = [
    "ỦY BAN NHÂN DÂN XÃ",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Số: 12/QĐ-UBND",
    "Điều 1. Cho phép",
];

/// A page on which these lines were read, every word with this confidence.
fn read_with(lines: &[&str], confidence_pct: u8) -> PageText {
    let origin = Point {
        x_px: 0.0,
        y_px: 0.0,
    };
    let numbered = lines.iter().zip(0..);
    let words = numbered.flat_map(|(line, n)| {
        let words = line.split_whitespace();
        words.map(move |word| Word {
            text: word.to_owned(),
            bounds: PxBox {
                x_px: 0,
                y_px: 0,
                w_px: 1,
                h_px: 1,
            },
            baseline_start: origin,
            baseline_end: origin,
            confidence: Confidence::from_pct(confidence_pct),
            block: 0,
            line: n,
            leads_on: false,
        })
    });
    PageText {
        words: words.collect(),
        ..PageText::default()
    }
}

fn read(lines: &[&str]) -> PageText {
    read_with(lines, 90)
}

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Letters drawn by a row of numbers that is the same every time (Knuth's MMIX constants).
fn drawn(seed: u64, alphabet: &str, length: usize) -> Vec<char> {
    let alphabet = letters(alphabet);
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    (0..length)
        .map(|_| alphabet[next() % alphabet.len()])
        .collect()
}

fn textbook_distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, left) in one.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, right) in other.iter().enumerate() {
            let changed = before + usize::from(left != right);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[test]
fn distances_are_those_of_the_textbook_on_both_sides_of_a_block_of_64() {
    for n in 0..200 {
        let one = drawn(n, "abđ ", 1 + (n as usize * 7) % 200);
        let other = drawn(n + 1_000, "abđ ", (n as usize * 13) % 190);
        assert_eq!(distance(&one, &other), textbook_distance(&one, &other));
    }
    for length in [63, 64, 65, 127, 128, 129] {
        let one = drawn(7, "abc", length);
        assert_eq!(distance(&one, &one), 0);
        assert_eq!(distance(&one, &one[1..]), 1);
    }
}

#[test]
fn the_nearest_stretch_is_the_best_of_all_stretches() {
    for n in 0..40 {
        let (pattern, text) = (drawn(n, "abc", 6), drawn(n + 500, "abc", 20));
        let stretches = (0..20).flat_map(|start| (start..=20).map(move |end| (start, end)));
        let costs = stretches.map(|(start, end)| {
            let cost = textbook_distance(&pattern, &text[start..end]);
            (cost, end)
        });
        let costs: Vec<(usize, usize)> = costs.collect();
        let least = costs
            .iter()
            .map(|(cost, _)| *cost)
            .min()
            .expect("stretches");
        let (found, ends) = nearest_ends(&pattern, &text);
        assert_eq!(found, least);
        let is_end = |end: &usize| *end > 0 && costs.contains(&(least, *end));
        assert_eq!(ends, (0..=20).filter(is_end).collect::<Vec<_>>());
    }
}

#[test]
fn lines_read_in_any_order_have_no_error() {
    let mut moved = LINES;
    moved.reverse();
    for lines in [LINES, moved] {
        let score = score_page(LINES, &read(&lines));
        assert_eq!((score.errors, score.wrong_words), (0, 0));
        assert_eq!((score.lines_missed, score.invented_chars), (0, 0));
        assert_eq!((score.pages, score.lines, score.words), (1, 4, 19));
    }
}

#[test]
fn a_lost_line_is_missed_with_all_its_letters_and_words() {
    let score = score_page(LINES, &read(&LINES[..3]));
    assert_eq!((score.lines, score.lines_missed), (4, 1));
    assert_eq!((score.errors, score.errors_without_marks), (16, 16));
    assert_eq!((score.wrong_words, score.invented_chars), (4, 0));
    let nothing = score_page(LINES, &PageText::default());
    assert_eq!((nothing.lines_missed, nothing.wrong_words), (4, 19));
    assert_eq!(nothing.errors, nothing.truth_chars);
}

#[test]
fn a_line_read_once_serves_only_one_of_two_equal_lines() {
    let twice = ["Kính gửi: Sở", "Kính gửi: Sở"];
    let score = score_page(twice, &read(&twice[..1]));
    assert_eq!((score.lines_missed, score.errors), (1, 12));
}

#[test]
fn a_line_that_begins_a_longer_one_takes_nothing_from_it() {
    let lines = ["BÊN ỦY QUYỀN", "BÊN ỦY QUYỀN: Ông Lê Văn Bình"];
    // The longer one stands first on the page and has a letter wrong, so that the shorter one costs less there.
    let page = read(&["BÊN ỦY QUYỀN: Ông Lê Văn Bỉnh", "BÊN ỦY QUYỀN"]);
    let score = score_page(lines, &page);
    assert_eq!((score.errors, score.lines_missed), (1, 0));
    assert_eq!(score.invented_chars, 0);
    let alone = score_page(lines, &read(&["BÊN ỦY QUYỀN: Ông Lê Văn Bỉnh"]));
    assert_eq!((alone.errors, alone.lines_missed), (13, 1));
}

#[test]
fn the_cells_of_a_table_take_no_digits_out_of_other_cells() {
    let cells = ["1", "2", "12", "20/11/2023", "Cộng"];
    let page = read(&["18", "28/11/2023", "Cộng", "2", "1"]);
    let score = score_page(cells, &page);
    assert_eq!((score.errors, score.lines_missed), (2, 0));
    assert_eq!(score.invented_chars, 0);
}

#[test]
fn what_no_line_claims_is_invented_and_says_nothing_of_confidence() {
    let page = read(&[LINES[0], "rác rác", LINES[1], LINES[2], LINES[3]]);
    let score = score_page(LINES, &page);
    assert_eq!((score.errors, score.wrong_words), (0, 0));
    assert_eq!(score.invented_chars, 6);
    assert_eq!(words_judged(&score), (19, 19));
    let blank = score_page([], &read(&["~ ."]));
    assert_eq!((blank.invented_chars, blank.truth_chars), (2, 0));
    assert!(blank.figures().iter().all(|figure| figure.value.is_none()));
}

#[test]
fn a_lost_mark_is_an_error_of_letter_and_word_and_none_without_marks() {
    let score = score_page(["Điều khoản thi hành"], &read(&["Điêu khoản thi hành"]));
    assert_eq!((score.errors, score.errors_without_marks), (1, 0));
    assert_eq!((score.words, score.wrong_words), (4, 1));
}

#[test]
fn leaders_quotes_and_dashes_have_one_shape_and_decomposed_letters_are_composed() {
    let plain = |text: &str| Plain::line(text).letters.iter().collect::<String>();
    assert_eq!(plain("Họ tên: .......... | “A” – B……"), "Họ tên: \"A\" - B");
    assert_eq!(plain(" . . x .. y _ _ _z\u{1c} "), ". . x .. y z");
    assert_eq!(plain("Vie\u{302}\u{323}t"), "Việt");
    let bare: String = without_marks(&letters("Đường số ẵ")).iter().collect();
    assert_eq!(bare, "Duong so a");
}

#[test]
fn a_form_filled_in_over_leaders_has_no_error_whatever_became_of_the_dots() {
    let form = ["Họ và tên: ....Trần Thị Sen.... Năm sinh: ....1970...."];
    for line in [
        "Họ và tên: Trần Thị Sen Năm sinh: 1970",
        "Họ và tên:…Trần Thị Sen .... . . . Năm sinh: ___1970",
    ] {
        let score = score_page(form, &read(&[line]));
        assert_eq!((score.errors, score.wrong_words), (0, 0), "{line}");
        assert_eq!(score.invented_chars, 0);
        assert_eq!(words_judged(&score), (9, 9));
    }
}

#[test]
fn words_put_in_taken_out_and_run_together_are_wrong_words() {
    let wrong = |line: &str| score_page(["Ủy ban nhân dân xã"], &read(&[line])).wrong_words;
    assert_eq!(wrong("Ủy ban nhân xã"), 1);
    assert_eq!(wrong("Ủy ban ơ nhân dân xã"), 1);
    // Two words became one: one to change, one to put in.
    assert_eq!(wrong("Ủy ban nhândân xã"), 2);
    // A word read with a letter too many is compared whole, although the line claims only its own letters.
    assert_eq!(wrong("Ủy ban nhân dân xãx"), 1);
}

/// Words judged, and how many of them are right.
fn words_judged(score: &ReadingScore) -> (u64, u64) {
    let bins = score.calibration.bins().iter();
    bins.fold((0, 0), |sum, bin| (sum.0 + bin.count, sum.1 + bin.right))
}

#[test]
fn confidence_is_held_against_the_words_that_stand_in_place_of_true_ones() {
    let mut page = read_with(&["Ủy ban nhân dan xã"], 95);
    page.words[3].confidence = Confidence::from_pct(20);
    let score = score_page(["Ủy ban nhân dân xã"], &page);
    assert_eq!(words_judged(&score), (5, 4));
    let bins = score.calibration.bins();
    assert_eq!(
        (bins[9].count, bins[9].right, bins[2].count, bins[2].right),
        (4, 4, 1, 0)
    );
    let error = score.calibration.error().expect("five words");
    assert!((error - (4.0 * 0.05 + 0.2) / 5.0).abs() < 1e-12, "{error}");
}

fn truth(pages: &str) -> Truth {
    let json = format!(
        r#"{{"ma_ho_so":"H10.12-221013-0001","profile":"fax","documents":[
            {{"type":"to_trinh","fields":{{}},"pages":[{pages}]}}]}}"#
    );
    Truth::parse(json.as_bytes()).expect("a truth")
}

const THREE_PAGES: &str = r#"
    {"file":"a.tif","index":0,"blank":false,"text":"Điều 1.\nĐiều 2."},
    {"file":"a.tif","index":1,"blank":true,"text":""},
    {"file":"a.tif","index":2,"blank":false,"lines":[{"text":"Nơi nhận:"}]}"#;

/// One document of the pages on which something was read.
fn found(read_on: &[(u32, &str)]) -> Outcome {
    let place = |index: u32| ("a.tif".to_owned(), index);
    Outcome::Described(vec![FoundDocument {
        pages: read_on.iter().map(|(index, _)| place(*index)).collect(),
        words: read_on.iter().map(|(_, line)| read(&[line])).collect(),
        split_confidence: Confidence::CERTAIN,
        description: description("to_trinh", 90, &[]),
        waits_for: Vec::new(),
    }])
}

fn readings(dossier: DossierJudgement) -> Option<Readings> {
    Readings::of(&[dossier])
}

#[test]
fn pages_are_joined_by_their_place_and_added_up_by_profile_and_type() {
    let outcome = found(&[(0, "Điều 1. Điều 2."), (1, "~~"), (2, "Nơi nhân:")]);
    let readings = readings(judge(&truth(THREE_PAGES), &outcome)).expect("lines");
    let all = &readings.all;
    assert_eq!((all.pages, all.lines, all.truth_chars), (3, 3, 23));
    assert_eq!((all.errors, all.errors_without_marks), (1, 0));
    assert_eq!((all.wrong_words, all.words), (1, 6));
    assert_eq!((all.lines_missed, all.invented_chars), (0, 2));
    let (fax, petition) = (&readings.profiles["fax"], &readings.types["to_trinh"]);
    assert_eq!((fax.errors, petition.errors), (1, 1));
    assert_eq!((readings.profiles.len(), readings.types.len()), (1, 1));
}

#[test]
fn a_written_page_that_stands_in_no_document_has_lost_all_its_lines() {
    let outcome = found(&[(0, "Điều 1. Điều 2.")]);
    let without = readings(judge(&truth(THREE_PAGES), &outcome)).expect("lines");
    assert_eq!((without.all.lines, without.all.lines_missed), (3, 1));
    let set_aside = readings(judge(&truth(THREE_PAGES), &Outcome::SetAside)).expect("lines");
    assert_eq!((set_aside.all.lines, set_aside.all.lines_missed), (3, 3));
}

#[test]
fn a_dossier_rightly_held_back_says_nothing_of_reading() {
    let mut secret = truth(THREE_PAGES);
    secret.secrecy = Some("MẬT".to_owned());
    assert!(readings(judge(&secret, &Outcome::HeldBack)).is_none());
    assert!(readings(judge(&truth(THREE_PAGES), &Outcome::HeldBack)).is_some());
}

fn evaluation(pages: &str, outcome: &Outcome, reading_cost: Option<ReadingCost>) -> Evaluation {
    Evaluation {
        set: "tune".to_owned(),
        describer: "rules".to_owned(),
        pages_per_second: 1_000.0,
        reading_cost,
        dossiers: vec![judge(&truth(pages), outcome)],
    }
}

#[test]
fn reports_tell_reading_by_group_and_its_cost_only_where_pages_were_read() {
    let outcome = found(&[(0, "Điều 1. Điều 2."), (2, "Nơi nhân:")]);
    let cost = |pages| ReadingCost {
        pages,
        cpu_seconds: 0.5,
    };
    let measured = evaluation(THREE_PAGES, &outcome, Some(cost(2)));
    let json = measured.as_json();
    assert_eq!(json["reading"]["all"]["figures"]["cer"], 0.0435);
    assert_eq!(json["reading"]["profiles"]["fax"]["wrong_words"], 1);
    assert_eq!(json["reading"]["types"]["to_trinh"]["lines"], 3);
    assert_eq!(json["reading_cost"]["cpu_seconds_per_page"], 0.25);
    let html = report(&measured);
    assert!(html.contains("0,250 giây CPU") && html.contains("scan profiles"));
    assert!(html.contains("4,35 %"));
    let kept = evaluation(THREE_PAGES, &outcome, Some(cost(0)));
    assert!(kept.as_json()["reading_cost"].is_null());
    assert!(!report(&kept).contains("giây CPU"));
}

#[test]
fn a_truth_without_text_has_no_reading_and_the_report_says_so() {
    let pages =
        r#"{"file":"a.tif","index":0,"blank":false},{"file":"a.tif","index":1,"blank":true}"#;
    let measured = evaluation(pages, &found(&[(0, "Điều 1.")]), None);
    assert!(measured.readings().is_none());
    assert!(measured.as_json()["reading"].is_null());
    let html = report(&measured);
    assert!(html.contains("không đo được việc đọc") && !html.contains("scan profiles"));
}
