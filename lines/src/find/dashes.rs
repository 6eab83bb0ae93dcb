//! A dash alone in the cell of a table says that there is nothing to say: no letter stands beside it, so
//! it is looked for by itself.

use super::chains::{Baseline, Chain, Role};
use super::ink::{Ink, Kind};
use super::shapes::Shape;

/// A dash is so long in inches, and so many times longer than high; so much of its box is ink.
const LONG_IN: std::ops::Range<f32> = 0.025..0.1;
const TIMES_LONGER: f32 = 1.6;
const FILLED: f32 = 0.75;
/// The rules around it are at most so far away, in inches.
const ACROSS_IN: f32 = 3.0;
const DOWN_IN: f32 = 1.0;
/// It stands so high over the baseline, in heights of a capital letter.
const OVER_BASE: f32 = 0.3;

/// Dashes with nothing beside them between four ruled lines, each as a line of its own.
pub fn dashes(
    shapes: &[Shape],
    roles: &[Role],
    lines: &[Chain],
    ink: &Ink,
    dpi: u32,
) -> Vec<Chain> {
    let mut heights: Vec<f32> = lines.iter().map(|line| line.height).collect();
    heights.sort_by(f32::total_cmp);
    let Some(height) = heights.get(heights.len() / 2).copied() else {
        return Vec::new();
    };
    let mut owned = vec![false; shapes.len()];
    for index in lines.iter().flat_map(|line| &line.shapes) {
        owned[*index] = true;
    }
    let lone = |index: &usize| {
        let shape = &shapes[*index];
        roles[*index] == Role::Small
            && !owned[*index]
            && LONG_IN.contains(&(shape.width() as f32 / dpi as f32))
            && shape.width() as f32 >= TIMES_LONGER * shape.height() as f32
            && shape.filled() >= FILLED
            && is_alone_in_cell(shape, ink, dpi)
    };
    let line = |index: usize| Chain {
        shapes: vec![index],
        letters: 1,
        left: shapes[index].left,
        right: shapes[index].right,
        baseline: Baseline {
            y_px: shapes[index].middle_y() + OVER_BASE * height,
            slope: 0.0,
        },
        height,
        tick: None,
    };
    (0..shapes.len()).filter(lone).map(line).collect()
}

/// Whether ruled lines are the first ink to the left, to the right, above and below.
fn is_alone_in_cell(shape: &Shape, ink: &Ink, dpi: u32) -> bool {
    let (x, y) = (shape.middle_x() as i64, shape.middle_y() as i64);
    let reach = |inches: f32| (inches * dpi as f32) as i64;
    let first = |from: (i64, i64), step: (i64, i64), most: i64| {
        (0..most)
            .map(|n| ink.at(from.0 + n * step.0, from.1 + n * step.1))
            .find(|kind| *kind != Kind::Paper)
    };
    let (left, right) = (i64::from(shape.left) - 1, i64::from(shape.right));
    let (top, bottom) = (i64::from(shape.top) - 1, i64::from(shape.bottom));
    first((left, y), (-1, 0), reach(ACROSS_IN)) == Some(Kind::RuleDown)
        && first((right, y), (1, 0), reach(ACROSS_IN)) == Some(Kind::RuleDown)
        && first((x, top), (0, -1), reach(DOWN_IN)) == Some(Kind::RuleAcross)
        && first((x, bottom), (0, 1), reach(DOWN_IN)) == Some(Kind::RuleAcross)
}
