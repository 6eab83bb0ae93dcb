//! The pictures of a report as SVG: which types are taken for which, and what a confidence is worth.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::super::calibration::Calibration;
use super::super::score::Scores;

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
/// which they should stand. A circle's area is the number of statements.
pub fn reliability(calibration: &Calibration) -> String {
    const SIDE_PX: f64 = 260.0;
    const LEFT_PX: f64 = 40.0;
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
        let radius_px = (bin.count as f64).sqrt().clamp(2.0, 18.0);
        let _ = write!(
            svg,
            "<circle cx='{x:.1}' cy='{y:.1}' r='{radius_px:.1}' fill='rgba(31,90,160,0.55)'>\
             <title>{} / {}</title></circle>",
            bin.right, bin.count,
        );
    }
    svg + "</svg>"
}

fn begin(width_px: usize, height_px: usize) -> String {
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{width_px}' height='{height_px}' \
         viewBox='0 0 {width_px} {height_px}' font-family='sans-serif' font-size='11' fill='{INK}'>"
    )
}
