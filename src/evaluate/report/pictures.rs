//! The pictures of a report as SVG: which types are taken for which, and what a confidence is worth.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::super::calibration::Calibration;
use super::super::reading::ReadingScore;
use super::super::score::Scores;
use super::html::escaped;

const CELL_PX: usize = 22;
/// Room for the names of types: some 24 letters of 11 px.
const NAMES_PX: usize = 190;
const INK: &str = "#1f2933";
const GRID: &str = "#d9dee3";

/// The confusion matrix: true types down, found types across. Only types that were confused stand
/// in it, each with what was rightly found of it on the diagonal.
pub fn confusions(scores: &Scores, right: &BTreeMap<String, u64>) -> String {
    let pairs = scores.confusions.keys();
    let kinds: BTreeSet<&String> = pairs.flat_map(|(kind, found)| [kind, found]).collect();
    let kinds: Vec<&String> = kinds.into_iter().collect();
    let side_px = NAMES_PX + kinds.len() * CELL_PX + 10;
    let mut svg = begin(side_px, side_px);
    for (n, kind) in kinds.iter().enumerate() {
        let middle_px = NAMES_PX + n * CELL_PX + CELL_PX / 2;
        let _ = write!(
            svg,
            "<text x='{x}' y='{y}' text-anchor='end'>{kind}</text>\
             <text transform='translate({t} {x}) rotate(-90)'>{kind}</text>",
            x = NAMES_PX - 6,
            y = middle_px + 4,
            t = middle_px + 4,
        );
    }
    for (row, kind) in kinds.iter().enumerate() {
        for (column, found) in kinds.iter().enumerate() {
            let count = match row == column {
                true => right.get(*kind).copied().unwrap_or(0),
                false => {
                    let pair = ((*kind).clone(), (*found).clone());
                    scores.confusions.get(&pair).copied().unwrap_or(0)
                }
            };
            cell(&mut svg, row, column, count);
        }
    }
    svg + "</svg>"
}

fn cell(svg: &mut String, row: usize, column: usize, count: u64) {
    let (x, y) = (NAMES_PX + column * CELL_PX, NAMES_PX + row * CELL_PX);
    // Darker with each one; green on the diagonal, red beside it.
    let strength = (count as f64 / 4.0).min(1.0) * 0.75 + 0.15;
    let colour = match (count, row == column) {
        (0, _) => "#fff".to_owned(),
        (_, true) => format!("rgba(46,125,80,{strength:.2})"),
        (_, false) => format!("rgba(190,40,40,{strength:.2})"),
    };
    let _ = write!(
        svg,
        "<rect x='{x}' y='{y}' width='{CELL_PX}' height='{CELL_PX}' fill='{colour}' stroke='{GRID}'/>"
    );
    if count > 0 {
        let (x, y) = (x + CELL_PX / 2, y + CELL_PX / 2 + 4);
        let _ = write!(
            svg,
            "<text x='{x}' y='{y}' text-anchor='middle'>{count}</text>"
        );
    }
}

/// The reliability diagram: how often statements of a confidence are true, beside the line on
/// which they should stand. A circle's area goes with the number of statements.
pub fn reliability(calibration: &Calibration) -> String {
    const SIDE_PX: f64 = 260.0;
    const LEFT_PX: f64 = 40.0;
    const MAX_RADIUS_PX: f64 = 18.0;
    let counts = calibration.bins().iter().map(|bin| bin.count as f64);
    let largest_px = counts.fold(0.0, f64::max).sqrt().max(MAX_RADIUS_PX);
    let mut svg = begin(320, 310);
    let (right_px, foot_px) = (LEFT_PX + SIDE_PX, SIDE_PX + 10.0);
    let _ = write!(
        svg,
        "<rect x='{LEFT_PX}' y='10' width='{SIDE_PX}' height='{SIDE_PX}' fill='none' stroke='{GRID}'/>\
         <line x1='{LEFT_PX}' y1='{foot_px}' x2='{right_px}' y2='10' stroke='{GRID}'/>"
    );
    for tick in [0.0, 0.5, 1.0] {
        let (x, y) = (LEFT_PX + tick * SIDE_PX, foot_px - tick * SIDE_PX);
        let percent = tick * 100.0;
        let _ = write!(
            svg,
            "<text x='{x}' y='{}' text-anchor='middle'>{percent} %</text>\
             <text x='{}' y='{}' text-anchor='end'>{percent}</text>",
            foot_px + 16.0,
            LEFT_PX - 5.0,
            y + 4.0,
        );
    }
    let filled = calibration.bins().iter().filter(|bin| bin.count > 0);
    for bin in filled {
        let (x, y) = (
            LEFT_PX + bin.confidence() * SIDE_PX,
            foot_px - bin.accuracy() * SIDE_PX,
        );
        let radius_px = (bin.count as f64).sqrt() * MAX_RADIUS_PX / largest_px;
        let radius_px = radius_px.max(2.0);
        let _ = write!(
            svg,
            "<circle cx='{x:.1}' cy='{y:.1}' r='{radius_px:.1}' fill='rgba(31,90,160,0.55)'>\
             <title>{} / {}</title></circle>",
            bin.right, bin.count,
        );
    }
    svg + "</svg>"
}

/// Bars of the share of letters that were read wrong, the worst group first; the dark part is wrong even
/// without tone and vowel marks.
pub fn errors(groups: &BTreeMap<String, ReadingScore>) -> String {
    const BAR_PX: f64 = 260.0;
    let share = |errors: u64, score: &ReadingScore| errors as f64 / score.truth_chars as f64;
    let printed = groups.iter().filter(|(_, score)| score.truth_chars > 0);
    let mut rows: Vec<(&str, f64, f64)> = printed
        .map(|(name, score)| {
            let bare = share(score.errors_without_marks, score);
            (name.as_str(), share(score.errors, score), bare)
        })
        .collect();
    rows.sort_by(|one, other| other.1.total_cmp(&one.1));
    // The longest bar stands for at least one letter in a hundred, so that good readers have short bars.
    let longest = rows.first().map_or(0.0, |row| row.1).max(0.01);
    let mut svg = begin(NAMES_PX + BAR_PX as usize + 60, rows.len() * CELL_PX + 10);
    for (n, (name, all, bare)) in rows.iter().enumerate() {
        let y_px = n * CELL_PX + 5;
        let (all_px, bare_px) = (all / longest * BAR_PX, bare / longest * BAR_PX);
        let percent = format!("{:.2} %", all * 100.0).replace('.', ",");
        let _ = write!(
            svg,
            "<text x='{}' y='{text_y}' text-anchor='end'>{}</text>\
             <rect x='{NAMES_PX}' y='{y_px}' width='{all_px:.1}' height='14' fill='rgba(31,90,160,0.45)'/>\
             <rect x='{NAMES_PX}' y='{y_px}' width='{bare_px:.1}' height='14' fill='rgb(31,90,160)'/>\
             <text x='{:.1}' y='{text_y}'>{percent}</text>",
            NAMES_PX - 6,
            escaped(name),
            NAMES_PX as f64 + all_px.max(bare_px) + 5.0,
            text_y = y_px + 11,
        );
    }
    svg + "</svg>"
}

fn begin(width_px: usize, height_px: usize) -> String {
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{width_px}' height='{height_px}' \
         viewBox='0 0 {width_px} {height_px}' font-family='sans-serif' font-size='11' fill='{INK}' style='overflow:visible'>"
    )
}
