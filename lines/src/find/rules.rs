//! Ruled lines: frames, borders of tables, underlines, bars of a code. They are taken out of the ink,
//! and where a letter crosses one the letter stays whole.

use std::ops::Range;

use super::ink::{Ink, Kind};

/// A rule is at least so long, in inches; a stroke of a letter is not.
const ACROSS_IN: f32 = 0.3;
const DOWN_IN: f32 = 0.35;
/// The side of a box, which ends in a rule above and below, may be so short: the frame of a stamp (`MẬT`).
const SIDE_IN: f32 = 0.15;
/// And at most so thick.
const THICK_IN: f32 = 0.04;
/// At least this share of it is thin, else it is the row of serifs that letters stand on.
const THIN_SHARE: f32 = 0.75;

/// Marks the pixels of ruled lines.
pub fn mark_rules(ink: &mut Ink, dpi: u32) {
    let px = |inches: f32| (inches * dpi as f32).round().max(1.0) as usize;
    let across = strokes(ink, px(ACROSS_IN), px(THICK_IN), Way::Across, |_, _| true);
    let down = strokes(ink, px(DOWN_IN), px(THICK_IN), Way::Down, |_, _| true);
    for place in across {
        ink.kinds[place] = Kind::RuleAcross;
    }
    // A corner is thick both ways and no rule itself: the rule begins beside it.
    let beside = px(THICK_IN) + 1;
    let meets_rule = |place: usize| {
        let from = place.saturating_sub(beside);
        let around = &ink.kinds[from..(place + beside).min(ink.kinds.len())];
        around.contains(&Kind::RuleAcross)
    };
    let boxed = |first: usize, last: usize| meets_rule(first) && meets_rule(last);
    let sides = strokes(ink, px(SIDE_IN), px(THICK_IN), Way::Down, boxed);
    for place in down.into_iter().chain(sides) {
        ink.kinds[place] = Kind::RuleDown;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Across,
    Down,
}

/// The places of thin pixels in long runs of ink along one way, where the run's ends are as asked.
fn strokes(
    ink: &Ink,
    least_px: usize,
    thick_px: usize,
    way: Way,
    ends: impl Fn(usize, usize) -> bool,
) -> Vec<usize> {
    let (width, height) = (ink.width_px, ink.height_px);
    let (lanes, length, step, lane_step) = match way {
        Way::Across => (height, width, 1, width),
        Way::Down => (width, height, width, 1),
    };
    let across = Crossing {
        ink,
        lanes,
        lane_step,
        thick_px,
    };
    let mut found = Vec::new();
    for lane in 0..lanes {
        let first = lane * lane_step;
        let mut begin = 0;
        while begin < length {
            let run = (begin..length).take_while(|i| ink.kinds[first + i * step] != Kind::Paper);
            let end = begin + run.count();
            if end - begin >= least_px && ends(first + begin * step, first + (end - 1) * step) {
                let thin: Vec<Range<usize>> = (begin..end)
                    .filter_map(|i| across.thin_at(first + i * step, lane))
                    .collect();
                if thin.len() as f32 >= THIN_SHARE * (end - begin) as f32 {
                    found.extend(thin.into_iter().flat_map(|part| part.step_by(lane_step)));
                }
            }
            begin = end + 1;
        }
    }
    found
}

/// How thick the ink is across the way that is looked along.
struct Crossing<'a> {
    ink: &'a Ink,
    lanes: usize,
    lane_step: usize,
    thick_px: usize,
}

impl Crossing<'_> {
    /// The places across the way that the ink covers here, where these are few.
    fn thin_at(&self, place: usize, lane: usize) -> Option<Range<usize>> {
        let (lanes, step) = (self.thick_px, self.lane_step);
        let inked = |place: usize| self.ink.kinds[place] != Kind::Paper;
        let before = (1..=lane.min(lanes))
            .take_while(|n| inked(place - n * step))
            .count();
        let behind = (self.lanes - lane - 1).min(lanes);
        let after = (1..=behind).take_while(|n| inked(place + n * step)).count();
        let thin = before + 1 + after <= lanes;
        thin.then_some(place - before * step..place + after * step + 1)
    }
}
