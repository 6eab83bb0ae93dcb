//! Lines found on drawn pages: letters are drawn as small arches, 18 px high, as of 11 pt at 200 dpi.

use image::{GrayImage, Luma};
use proptest::prelude::*;

use super::*;

const DPI: u32 = 200;
const LETTER: (i64, i64) = (12, 18);
const PITCH: i64 = 15;

fn paper(width: u32, height: u32) -> GrayImage {
    GrayImage::from_pixel(width, height, Luma([245]))
}

fn block(page: &mut GrayImage, x: i64, y: i64, w: i64, h: i64) {
    for y in y.max(0)..(y + h).min(i64::from(page.height())) {
        for x in x.max(0)..(x + w).min(i64::from(page.width())) {
            page.put_pixel(x as u32, y as u32, Luma([30]));
        }
    }
}

/// An arch that stands with its feet on the baseline.
fn letter(page: &mut GrayImage, x: i64, base: i64) {
    let (w, h) = LETTER;
    block(page, x, base - h, w, 3);
    block(page, x, base - h, 3, h);
    block(page, x + w - 3, base - h, 3, h);
}

/// So many letters in words of five, sinking by `slope`; gives the column behind the last.
fn text(page: &mut GrayImage, x: i64, base: i64, letters: i64, slope: f32) -> i64 {
    let mut at = x;
    for n in 0..letters {
        let sunk = base + ((at - x) as f32 * slope).round() as i64;
        letter(page, at, sunk);
        at += PITCH + if n % 5 == 4 { 8 } else { 0 };
    }
    at
}

fn boxes(page: &GrayImage) -> Vec<(u32, u32, u32, u32)> {
    let found = find_lines(page, DPI);
    let sides = |line: &TextLine| {
        let Bounds { x_px, y_px, .. } = line.bounds;
        (x_px, y_px, line.bounds.right_px(), line.bounds.bottom_px())
    };
    found.lines.iter().map(sides).collect()
}

#[test]
fn a_line_is_found_with_its_baseline_and_height() {
    let mut page = paper(900, 200);
    text(&mut page, 60, 100, 30, 0.0);
    let found = find_lines(&page, DPI);
    assert_eq!(found.lines.len(), 1);
    let line = &found.lines[0];
    assert!((line.baseline.at(300.0) - 100.0).abs() < 1.0, "{line:?}");
    assert!((line.height_px - 18.0).abs() < 1.0, "{line:?}");
}

#[test]
fn two_columns_are_read_one_after_the_other() {
    let mut page = paper(1400, 400);
    for row in 0..4 {
        text(&mut page, 60, 80 + 40 * row, 20, 0.0);
        text(&mut page, 800, 80 + 40 * row, 20, 0.0);
    }
    let lefts: Vec<u32> = boxes(&page).iter().map(|line| line.0).collect();
    assert_eq!(lefts, [60, 60, 60, 60, 800, 800, 800, 800]);
}

#[test]
fn cells_of_a_table_are_read_row_by_row_and_never_across_a_rule() {
    let mut page = paper(700, 300);
    for x in [50, 300, 550] {
        block(&mut page, x, 40, 3, 160);
    }
    for y in [40, 120, 200] {
        block(&mut page, 50, y, 503, 3);
    }
    for y in [95, 175] {
        // So close to the rule in between that only the rule parts them.
        text(&mut page, 225, y, 4, 0.0);
        text(&mut page, 310, y, 5, 0.0);
    }
    let found = boxes(&page);
    let places: Vec<(u32, u32)> = found.iter().map(|line| (line.0, line.3)).collect();
    assert_eq!(places, [(225, 95), (310, 95), (225, 175), (310, 175)]);
}

#[test]
fn a_dash_alone_in_a_cell_is_a_line_and_a_dash_on_plain_paper_is_none() {
    let mut page = paper(700, 300);
    for x in [50, 300, 550] {
        block(&mut page, x, 40, 3, 160);
    }
    for y in [40, 120, 200] {
        block(&mut page, 50, y, 503, 3);
    }
    for y in [95, 175] {
        text(&mut page, 100, y, 8, 0.0);
    }
    block(&mut page, 420, 90, 9, 3);
    block(&mut page, 420, 260, 9, 3);
    let found = boxes(&page);
    assert_eq!(
        found
            .iter()
            .filter(|line| line.0 >= 300)
            .collect::<Vec<_>>(),
        [&(420, 90, 429, 93)]
    );
    assert_eq!(found.len(), 3);
}

#[test]
fn a_stamp_in_its_small_frame_is_a_line_without_the_frame() {
    let mut page = paper(400, 200);
    for x in [100, 230] {
        block(&mut page, x, 60, 4, 58);
    }
    for y in [60, 114] {
        block(&mut page, 100, y, 134, 4);
    }
    text(&mut page, 140, 98, 3, 0.0);
    let places: Vec<(u32, u32)> = boxes(&page).iter().map(|line| (line.0, line.2)).collect();
    assert_eq!(places, [(140, 182)]);
}

#[test]
fn a_value_over_a_dotted_leader_is_a_line_and_the_dots_are_none() {
    let mut page = paper(1000, 200);
    let end = text(&mut page, 60, 100, 20, 0.0);
    for x in (60..900).step_by(8) {
        block(&mut page, x, 106, 3, 3);
    }
    let found = find_lines(&page, DPI);
    assert_eq!(found.lines.len(), 1);
    assert!(i64::from(found.lines[0].bounds.right_px()) <= end);
    let cut = found.cut(&page, 0);
    // The picture ends at row 109, the dots stand in rows 106 to 108.
    let dark = |row: &[u8]| row.iter().filter(|value| **value < 100).count();
    let last = cut.pixels.chunks_exact(cut.width_px).rev().take(6);
    assert_eq!(last.map(dark).sum::<usize>(), 0);
}

#[test]
fn a_dot_of_a_leader_between_two_words_is_none_of_theirs() {
    let mut page = paper(1000, 200);
    let end = text(&mut page, 200, 100, 6, 0.0);
    text(&mut page, end + 14, 100, 6, 0.0);
    let dots = (60..190).step_by(8).chain((end + 100..900).step_by(8));
    for x in dots.chain([end + 4]) {
        block(&mut page, x, 97, 3, 3);
    }
    let found = find_lines(&page, DPI);
    assert_eq!(found.lines.len(), 1);
    let line = &found.lines[0];
    let between = end as u32 + 4..end as u32 + 9;
    assert_eq!(found.ink_between(line, between.start, between.end), None);
}

#[test]
fn a_point_of_the_text_on_the_line_of_a_leader_behind_it_is_no_dot_of_it() {
    // In the place of a dot, or beside it: between the words before the leader there is none.
    for off in [0, 4] {
        let mut page = paper(1000, 200);
        let first = text(&mut page, 200, 100, 6, 0.0);
        let second = text(&mut page, first + 14, 100, 6, 0.0);
        let end = text(&mut page, second + 14, 100, 6, 0.0);
        for x in (end + 10..900).step_by(8) {
            block(&mut page, x, 97, 3, 3);
        }
        let place = (first + 4..first + 12).find(|x| (end + 10 - x) % 8 == 0);
        let point = place.expect("a place in eight pixels") - off;
        block(&mut page, point, 97, 3, 3);
        let found = find_lines(&page, DPI);
        let around = (point - 1) as u32..(point + 4) as u32;
        let ink = found.ink_between(&found.lines[0], around.start, around.end);
        assert!(ink.is_some(), "{off} px beside the place of a dot");
    }
}

#[test]
fn question_and_answer_over_a_leader_are_no_two_columns() {
    let mut page = paper(1000, 300);
    for (y, raised) in [(100, 3), (150, 8), (200, 0)] {
        let end = text(&mut page, 60, y, 6, 0.0);
        let dots = (end + 4..900).step_by(8);
        for x in dots.filter(|x| !(400..560).contains(x)) {
            block(&mut page, x, y - 3, 3, 3);
        }
        text(&mut page, 400, y - raised, 10, 0.0);
    }
    let found = boxes(&page);
    let lefts: Vec<u32> = found.iter().map(|line| line.0).collect();
    assert_eq!(lefts, [60, 400, 60, 400, 60, 400]);
    let lines = find_lines(&page, DPI).lines;
    let led_on: Vec<bool> = lines.iter().map(|line| line.leads_on).collect();
    assert_eq!(led_on, [true, false, true, false, true, false]);
}

#[test]
fn the_lower_dot_of_a_colon_is_none_of_the_leader_that_follows() {
    let mut page = paper(1000, 200);
    let end = text(&mut page, 60, 100, 6, 0.0);
    for y in [89, 97] {
        block(&mut page, end + 2, y, 3, 3);
    }
    for x in (end + 10..900).step_by(8) {
        block(&mut page, x, 97, 3, 3);
    }
    let found = find_lines(&page, DPI);
    let colon = found.ink_between(&found.lines[0], end as u32 + 1, end as u32 + 6);
    assert_eq!(colon.map(|colon| (colon.y_px, colon.h_px)), Some((89, 11)));
}

#[test]
fn tones_over_several_letters_are_no_line_of_their_own() {
    let mut page = paper(900, 200);
    text(&mut page, 60, 100, 20, 0.0);
    for n in 2..7 {
        block(&mut page, 60 + n * 14, 100 - 31, 9, 9);
    }
    let found = find_lines(&page, DPI);
    assert_eq!(found.lines.len(), 1);
    assert_eq!(found.lines[0].bounds.y_px, 69);
}

#[test]
fn dust_between_words_is_no_point_and_dust_over_a_letter_may_be_its_mark() {
    let mut page = paper(900, 200);
    for n in 0..20 {
        // Arches 27 high, a space behind every fifth.
        let x = 60 + 24 * n + 12 * (n / 5);
        block(&mut page, x, 73, 18, 4);
        block(&mut page, x, 73, 4, 27);
        block(&mut page, x + 14, 73, 4, 27);
    }
    let clean = find_lines(&page, DPI).cut(&page, 0);
    // Between the first two words, on the baseline; a point of such letters has 4 × 4 pixels.
    block(&mut page, 60 + 24 * 5, 97, 2, 3);
    let dusty = find_lines(&page, DPI);
    assert_eq!(dusty.lines.len(), 1);
    assert!(
        dusty.cut(&page, 0).pixels == clean.pixels,
        "the dust is painted over"
    );
    block(&mut page, 64, 66, 2, 3);
    let marked = find_lines(&page, DPI);
    assert_eq!(marked.lines[0].bounds.y_px, 66);
}

#[test]
fn a_line_is_one_where_a_small_letter_was_missing_between_its_parts() {
    let mut page = paper(900, 200);
    let behind = text(&mut page, 60, 100, 8, 0.0);
    // Too low for a letter and near the first part, and a gap that is too wide without it.
    block(&mut page, behind + 2, 94, 12, 6);
    text(&mut page, behind + 46, 100, 8, 0.0);
    assert_eq!(find_lines(&page, DPI).lines.len(), 1);
}

#[test]
fn a_high_stroke_beside_a_line_that_stands_as_it_does_is_not_of_it() {
    let mut page = paper(900, 200);
    let behind = text(&mut page, 60, 100, 20, 0.0);
    block(&mut page, behind + 50, 30, 12, 3);
    block(&mut page, behind + 50, 30, 3, 70);
    let lines = boxes(&page);
    assert_eq!(lines[0].0, 60);
    assert!(lines[0].1 >= 80, "as high as its letters: {lines:?}");
}

#[test]
fn the_ink_of_a_line_is_told_in_pieces() {
    let mut page = paper(900, 200);
    text(&mut page, 60, 100, 3, 0.0);
    let found = find_lines(&page, DPI);
    let pieces = found.pieces(&found.lines[0]);
    assert_eq!(pieces, [60..72, 75..87, 90..102]);
    let between: Vec<Bounds> = found.pieces_between(&found.lines[0], 70, 100).collect();
    assert_eq!(between.len(), 2, "{between:?}");
}

#[test]
fn marks_above_and_below_belong_to_the_line_of_their_letter() {
    let mut page = paper(900, 300);
    for base in [100, 136, 172] {
        text(&mut page, 60, base, 30, 0.0);
        block(&mut page, 64, base - 24, 5, 3);
        block(&mut page, 65, base - 29, 5, 3);
        block(&mut page, 124, base + 3, 4, 4);
    }
    let found = boxes(&page);
    let rows: Vec<(u32, u32)> = found.iter().map(|line| (line.1, line.3)).collect();
    assert_eq!(rows, [(71, 107), (107, 143), (143, 179)]);
}

#[test]
fn a_sinking_line_is_cut_out_level_and_without_its_neighbours() {
    let mut page = paper(1000, 300);
    text(&mut page, 60, 100, 40, 0.01);
    text(&mut page, 60, 128, 40, 0.01);
    let found = find_lines(&page, DPI);
    assert_eq!(found.lines.len(), 2);
    let cut = found.cut(&page, 0);
    let rows = cut.pixels.chunks_exact(cut.width_px);
    let inked: Vec<bool> = rows.map(|row| row.iter().any(|v| *v < 100)).collect();
    let height = inked.iter().filter(|inked| **inked).count();
    assert!((18..=20).contains(&height), "{height} rows with ink");
}

/// B, M and N of a bold heading: three quarters of their box are ink.
#[test]
fn full_letters_of_a_large_heading_are_letters() {
    let mut page = paper(900, 200);
    for n in 0..8 {
        let x = 60 + 36 * n;
        block(&mut page, x, 66, 28, 34);
        for y in [73, 88] {
            for row in y..y + 6 {
                for column in x + 8..x + 22 {
                    page.put_pixel(column as u32, row as u32, Luma([245]));
                }
            }
        }
    }
    assert_eq!(boxes(&page), [(60, 66, 340, 100)]);
}

#[test]
fn frames_blots_and_single_specks_are_no_lines() {
    let mut page = paper(800, 600);
    for (x, y, w, h) in [
        (40, 40, 700, 3),
        (40, 500, 700, 3),
        (40, 40, 3, 460),
        (737, 40, 3, 460),
    ] {
        block(&mut page, x, y, w, h);
    }
    block(&mut page, 300, 200, 45, 45);
    block(&mut page, 500, 300, 2, 2);
    assert_eq!(boxes(&page), []);
}

#[test]
fn letters_that_a_signature_runs_over_stay_in_their_line() {
    let mut page = paper(900, 300);
    let end = text(&mut page, 60, 150, 30, 0.0);
    for step in 0..150 {
        // Down through the letters and up again: one shape with them, nine times as high.
        block(&mut page, 200 + step / 2, 70 + step, 3, 3);
        block(&mut page, 275 + step / 2, 220 - step, 3, 3);
    }
    let found = boxes(&page);
    assert_eq!(found.len(), 1, "{found:?}");
    let (left, top, right, bottom) = found[0];
    assert!(left == 60 && i64::from(right) > end - 12, "{found:?}");
    assert!(top > 115 && bottom < 165, "{found:?}");
}

/// Two rings and arches on the arc between them, over what is there.
fn stamp(page: &mut GrayImage, (x, y): (i64, i64), value: u8) {
    for row in -145..=145 {
        for column in -145..=145 {
            let radius = ((row * row + column * column) as f32).sqrt();
            let ringed = (136.0..=142.0).contains(&radius) || (86.0..=88.5).contains(&radius);
            let (at_x, at_y) = ((x + column) as u32, (y + row) as u32);
            if ringed && page.get_pixel(at_x, at_y).0[0] > value {
                page.put_pixel(at_x, at_y, Luma([value]));
            }
        }
    }
    for n in 0..24 {
        let angle = n as f32 * std::f32::consts::TAU / 24.0;
        let (right, down) = (112.0 * angle.cos(), 112.0 * angle.sin());
        let mut small = paper(20, 20);
        letter(&mut small, 2, 19);
        for (column, row, _) in small.enumerate_pixels().filter(|(.., p)| p.0[0] < 100) {
            let at_x = (x + right as i64 - 8 + i64::from(column)) as u32;
            let at_y = (y + down as i64 - 10 + i64::from(row)) as u32;
            if page.get_pixel(at_x, at_y).0[0] > value {
                page.put_pixel(at_x, at_y, Luma([value]));
            }
        }
    }
}

#[test]
fn a_paler_seal_is_no_line_and_the_name_under_it_is_one() {
    let mut page = paper(1000, 600);
    text(&mut page, 320, 420, 16, 0.0);
    stamp(&mut page, (350, 300), 140);
    // What lies beside print stays with it, a pixel at each side.
    assert_eq!(boxes(&page), [(319, 401, 581, 421)]);
}

#[test]
fn a_name_of_two_words_all_of_which_a_paler_seal_covers_is_a_line() {
    let mut page = paper(1000, 600);
    text(&mut page, 60, 540, 30, 0.0);
    let alone = boxes(&page);
    text(&mut page, 300, 345, 4, 0.0);
    stamp(&mut page, (350, 300), 140);
    let found = find_lines(&page, DPI);
    let in_seal: Vec<u32> = found
        .lines
        .iter()
        .filter(|line| line.in_seal)
        .map(|line| line.bounds.x_px)
        .collect();
    assert_eq!(in_seal, [300]);
    assert_eq!(found.lines.len(), alone.len() + 1);
}

#[test]
fn the_lettering_of_a_seal_as_dark_as_print_is_no_line() {
    let mut page = paper(1000, 600);
    text(&mut page, 60, 500, 30, 0.0);
    let alone = boxes(&page);
    stamp(&mut page, (650, 250), 30);
    assert_eq!(boxes(&page), alone);
}

#[test]
fn a_drawing_of_a_circle_without_print_near_it_is_survived() {
    let mut page = paper(300, 300);
    stamp(&mut page, (150, 150), 30);
    assert_eq!(boxes(&page), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_picture_lines_lie_in_it_and_can_be_cut(
        width in 0_u32..160, height in 0_u32..120, dpi in 0_u32..700,
        seed in any::<u64>(), levels in 1_u64..6,
    ) {
        let mut state = seed | 1;
        let page = GrayImage::from_fn(width, height, |_, _| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            Luma([(255 * (state % (levels + 1)) / levels) as u8])
        });
        let found = find_lines(&page, dpi);
        for (number, line) in found.lines.iter().enumerate() {
            prop_assert!(line.bounds.right_px() <= width && line.bounds.bottom_px() <= height);
            let cut = found.cut(&page, number);
            prop_assert_eq!(cut.pixels.len(), cut.width_px * cut.height_px);
        }
    }

    #[test]
    fn whatever_rings_and_strokes_run_over_lines_lie_in_the_picture(
        rings in proptest::collection::vec((0_i64..420, 0_i64..420, 60_i64..200, 1_i64..7), 0..4),
        strokes in proptest::collection::vec((0_i64..420, 0_i64..420, -3_i64..4, -3_i64..4), 0..6),
        dpi in 100_u32..400,
    ) {
        let mut page = paper(420, 420);
        for base in [60, 120, 180, 300] {
            text(&mut page, 20, base, 22, 0.004);
        }
        for (x, y, radius, thick) in rings {
            for n in 0..720 {
                let angle = n as f32 * std::f32::consts::TAU / 720.0;
                let (right, down) = (radius as f32 * angle.cos(), radius as f32 * angle.sin());
                block(&mut page, x + right as i64, y + down as i64, thick, thick);
            }
        }
        for (x, y, right, down) in strokes {
            for step in 0..100 {
                block(&mut page, x + right * step, y + down * step, 4, 4);
            }
        }
        let found = find_lines(&page, dpi);
        for (number, line) in found.lines.iter().enumerate() {
            prop_assert!(line.bounds.right_px() <= 420 && line.bounds.bottom_px() <= 420);
            let cut = found.cut(&page, number);
            prop_assert_eq!(cut.pixels.len(), cut.width_px * cut.height_px);
        }
    }
}

#[test]
fn a_dot_that_touches_the_line_under_its_word_stays_and_the_line_goes() {
    let mut page = paper(900, 200);
    text(&mut page, 60, 100, 20, 0.0);
    block(&mut page, 60, 106, 320, 2);
    // As of the first letter's dot, on the line.
    block(&mut page, 64, 104, 5, 3);
    let found = find_lines(&page, DPI);
    assert_eq!(found.lines.len(), 1);
    let line = &found.lines[0];
    assert_eq!(
        line.bounds.bottom_px(),
        108,
        "down to the dot's foot on the line"
    );
    let foot = |from_px, to_px| {
        let ink = found.ink_between(line, from_px, to_px);
        ink.map(|ink| ink.bottom_px())
    };
    assert_eq!(foot(60, 72), Some(108));
    assert_eq!(foot(90, 102), Some(100));
}

#[test]
fn print_on_a_shade_is_found_and_the_shade_is_no_ink() {
    let mut page = paper(900, 300);
    for y in 60..130 {
        for x in 0..900 {
            page.put_pixel(x, y, Luma([212]));
        }
    }
    text(&mut page, 60, 100, 20, 0.0);
    assert_eq!(boxes(&page), [(60, 82, 381, 100)]);
}

#[test]
fn what_shines_through_between_lines_of_print_is_no_line() {
    let mut page = paper(900, 400);
    for row in 0..3 {
        text(&mut page, 60, 100 + 100 * row, 30, 0.0);
    }
    let print = boxes(&page);
    let mut other = paper(900, 400);
    text(&mut other, 100, 150, 30, 0.0);
    for (own, through) in page.iter_mut().zip(other.iter()) {
        *own = (*own).min(through.saturating_add(170).min(245));
    }
    assert_eq!(boxes(&page), print);
    // Alone it is faded print.
    other
        .iter_mut()
        .for_each(|value| *value = value.saturating_add(170).min(245));
    assert_eq!(boxes(&other).len(), 1);
}

/// So many letters in boxes of 40 px with lines of 2 px from this column on, each closed, or a comb with low ticks.
fn letters_in_boxes(page: &mut GrayImage, x: i64, base: i64, letters: i64, comb: bool) {
    let (top, bottom) = (base - 29, base + 9);
    let from = if comb { bottom - 16 } else { top };
    for side in 0..=letters {
        block(page, x + 40 * side, from, 2, bottom - from + 2);
    }
    block(page, x, bottom, 40 * letters + 2, 2);
    if !comb {
        block(page, x, top, 40 * letters + 2, 2);
    }
    for n in 0..letters {
        letter(page, x + 40 * n + 15, base);
    }
}

#[test]
fn letters_in_boxes_are_one_line_whose_gaps_are_closed() {
    for comb in [false, true] {
        let mut page = paper(900, 200);
        text(&mut page, 40, 100, 10, 0.0);
        letters_in_boxes(&mut page, 240, 100, 8, comb);
        let found = find_lines(&page, DPI);
        assert_eq!(found.lines.len(), 2, "comb {comb}: {:?}", found.lines);
        let line = &found.lines[1];
        assert_eq!(line.bounds.x_px, 255);
        assert_eq!(line.bounds.right_px(), 255 + 7 * 40 + 12);
        assert_eq!(line.row, found.lines[0].row, "beside its question");
        let cut = found.cut(&page, 1);
        let width = cut.width_px as f32;
        assert!(width < 8.0 * 12.0 + 8.0 * 0.5 * line.height_px, "{width}");
        assert_eq!(cut.on_page(0), cut.left_px);
        assert!((527..550).contains(&cut.on_page(cut.width_px as u32 - 1)));
        assert!(!found.is_spaced(line, 261, 301), "the next box");
        assert!(found.is_spaced(line, 261, 341), "an empty box between");
    }
}

#[test]
fn cells_of_a_table_with_two_letters_each_are_no_boxes_for_one() {
    let mut page = paper(900, 200);
    letters_in_boxes(&mut page, 240, 100, 6, false);
    for n in 0..6 {
        block(&mut page, 240 + 40 * n + 4, 82, 8, 18);
    }
    assert_eq!(boxes(&page).len(), 6);
}

/// The frame of a box of this side.
fn frame(page: &mut GrayImage, x: i64, y: i64, side: i64) {
    block(page, x, y, side, 2);
    block(page, x, y + side - 2, side, 2);
    block(page, x, y, 2, side);
    block(page, x + side - 2, y, 2, side);
}

/// A stroke down to the right, or up to it.
fn stroke(page: &mut GrayImage, (x, y): (i64, i64), length: i64, down: i64) {
    for n in 0..length {
        block(page, x + n, y + n * down, 2, 2);
    }
}

#[test]
fn boxes_to_tick_are_signs_of_their_own_between_whole_words() {
    let mut page = paper(1200, 400);
    text(&mut page, 60, 100, 5, 0.0);
    frame(&mut page, 150, 78, 24);
    text(&mut page, 190, 100, 5, 0.0);
    // A cross from corner to corner.
    frame(&mut page, 280, 78, 24);
    stroke(&mut page, (281, 79), 21, 1);
    stroke(&mut page, (281, 100), 21, -1);
    text(&mut page, 320, 100, 5, 0.0);
    // A hook that sticks out of its box.
    frame(&mut page, 410, 78, 24);
    stroke(&mut page, (414, 90), 8, 1);
    stroke(&mut page, (422, 97), 27, -1);
    // The serif of a letter touches the frame.
    text(&mut page, 480, 100, 5, 0.0);
    frame(&mut page, 560, 78, 24);
    block(&mut page, 584, 98, 5, 2);
    text(&mut page, 588, 100, 5, 0.0);
    let found = find_lines(&page, DPI);
    let ticks: Vec<(u32, bool)> = found
        .lines
        .iter()
        .filter_map(|line| Some((line.bounds.x_px, line.tick?.ticked)))
        .collect();
    assert_eq!(
        ticks,
        [(150, false), (280, true), (410, true), (560, false)]
    );
    let words = found.lines.iter().filter(|line| line.tick.is_none());
    let lefts: Vec<u32> = words.map(|line| line.bounds.x_px).collect();
    assert_eq!(lefts, [60, 190, 320, 480, 585]);
    let row = found.lines[0].row;
    assert!(found.lines.iter().all(|line| line.row == row));
    // A box stands on the line of the words beside it.
    assert!(
        found
            .lines
            .iter()
            .all(|line| (line.baseline.at(400.0) - 100.0).abs() < 1.5)
    );
}

#[test]
fn corners_of_a_square_code_and_round_letters_are_no_boxes_to_tick() {
    let mut page = paper(900, 300);
    // Sides a seventh of the whole, with a block in the middle.
    for (x, y) in [(60, 60), (130, 60), (60, 130)] {
        block(&mut page, x, y, 28, 4);
        block(&mut page, x, y + 24, 28, 4);
        block(&mut page, x, y, 4, 28);
        block(&mut page, x + 24, y, 4, 28);
        block(&mut page, x + 8, y + 8, 12, 12);
    }
    // An O with corners cut off.
    block(&mut page, 306, 60, 16, 2);
    block(&mut page, 306, 86, 16, 2);
    block(&mut page, 300, 66, 2, 16);
    block(&mut page, 326, 66, 2, 16);
    for n in 0..6 {
        for (x, y) in [
            (300 + n, 66 - n),
            (327 - n, 66 - n),
            (300 + n, 81 + n),
            (327 - n, 81 + n),
        ] {
            block(&mut page, x, y, 2, 2);
        }
    }
    // A bold O: what lies between its thick strokes is no box.
    block(&mut page, 500, 66, 10, 18);
    block(&mut page, 522, 66, 10, 18);
    block(&mut page, 503, 62, 26, 4);
    block(&mut page, 503, 84, 26, 4);
    block(&mut page, 506, 60, 20, 2);
    block(&mut page, 506, 88, 20, 2);
    let found = find_lines(&page, DPI);
    let ticks: Vec<Bounds> = found
        .lines
        .iter()
        .filter(|line| line.tick.is_some())
        .map(|line| line.bounds)
        .collect();
    assert_eq!(ticks, []);
}

#[test]
fn what_is_written_in_a_wide_box_is_read() {
    let mut page = paper(900, 300);
    text(&mut page, 60, 100, 10, 0.0);
    frame(&mut page, 250, 70, 42);
    letter(&mut page, 265, 100);
    let places: Vec<u32> = boxes(&page).iter().map(|line| line.0).collect();
    assert_eq!(places, [60, 265]);
    let found = find_lines(&page, DPI);
    assert!(found.lines.iter().all(|line| line.tick.is_none()));
}

/// A frame of thin lines that sink to the right, over what is there, as of a stamp struck by hand.
fn slanted_frame(page: &mut GrayImage, x: i64, y: i64, (w, h): (i64, i64)) {
    for n in 0..w {
        block(page, x + n, y + n / 12, 1, 3);
        block(page, x + n, y + h + n / 12, 1, 3);
    }
    for n in 0..h {
        block(page, x - n / 12, y + n, 3, 1);
        block(page, x + w - n / 12, y + w / 12 + n, 3, 1);
    }
}

#[test]
fn a_stamp_of_another_color_over_print_leaves_the_print_as_it_was() {
    let mut page = paper(1000, 300);
    text(&mut page, 60, 100, 40, 0.0);
    text(&mut page, 60, 140, 40, 0.0);
    let print = page.clone();
    slanted_frame(&mut page, 200, 60, (400, 64));
    text(&mut page, 300, 122, 12, 0.05);
    // What is print in one picture is black, what came over it blue.
    let color_at = |x: u32, y: u32| match (print.get_pixel(x, y).0, page.get_pixel(x, y).0) {
        ([30], _) => [32, 30, 31],
        (_, [30]) => [50, 60, 150],
        _ => [248, 245, 240],
    };
    let dark = |found: &Found| -> Vec<Bounds> {
        let lines = found.lines.iter().filter(|line| line.bounds.w_px > 500);
        lines.map(|line| line.bounds).collect()
    };
    let told = find_lines_in_colors(&page, DPI, Some(&color_at));
    let alone = find_lines(&print, DPI);
    assert_eq!(dark(&told), dark(&alone));
    assert_ne!(dark(&find_lines(&page, DPI)), dark(&alone));
    // The picture of a line shows nothing of the stamp.
    for (number, line) in told.lines.iter().enumerate() {
        let same = alone.lines.iter().position(|own| own.bounds == line.bounds);
        if let Some(same) = same {
            let (own, with_stamp) = (alone.cut(&print, same), told.cut(&page, number));
            let off = own.pixels.iter().zip(&with_stamp.pixels);
            let off = off.filter(|(own, with_stamp)| own.abs_diff(**with_stamp) > 100);
            assert!(off.count() * 200 < own.pixels.len());
        }
    }
}

#[test]
fn a_figure_that_a_pen_wrote_against_print_stays_in_its_line() {
    let mut page = paper(1000, 300);
    text(&mut page, 60, 100, 30, 0.0);
    let print = page.clone();
    // A high stroke of ink at the end of a word, and its foot on the last letter.
    block(&mut page, 132, 68, 3, 44);
    let color_at = |x: u32, y: u32| match (print.get_pixel(x, y).0, page.get_pixel(x, y).0) {
        ([30], _) => [32, 30, 31],
        (_, [30]) => [50, 60, 150],
        _ => [248, 245, 240],
    };
    let told = find_lines_in_colors(&page, DPI, Some(&color_at));
    let bounds: Vec<Bounds> = told.lines.iter().map(|line| line.bounds).collect();
    let plain = find_lines(&page, DPI);
    let plain: Vec<Bounds> = plain.lines.iter().map(|line| line.bounds).collect();
    assert_eq!(bounds, plain);
    assert_eq!(bounds.len(), 1);
}
