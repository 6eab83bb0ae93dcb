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
/// Where a rule is thicker than usual by so many pixels it bears something, if that is so long in inches: the dot of ạ stands on
/// the line that it is underlined with. Shorter is a rough edge, longer a step of a tilted line.
const BORNE_PX: usize = 2;
const BORNE_IN: std::ops::Range<f32> = 0.015..0.05;

/// Marks the pixels of ruled lines.
pub fn mark_rules(ink: &mut Ink, dpi: u32) {
    let px = |inches: f32| (inches * dpi as f32).round().max(1.0) as usize;
    let borne_px = px(BORNE_IN.start)..px(BORNE_IN.end) + 1;
    let across = Way {
        borne_px,
        ..Way::across(ink, px(THICK_IN))
    };
    let across = across.strokes(px(ACROSS_IN), |_| true);
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
    let may_run_down =
        |run: &Run| run.length_px >= px(DOWN_IN) || (meets_rule(run.first) && meets_rule(run.last));
    let least_px = px(SIDE_IN).min(px(DOWN_IN));
    let down = Way::down(ink, px(THICK_IN)).strokes(least_px, may_run_down);
    for place in down {
        ink.kinds[place] = Kind::RuleDown;
    }
}

/// A run of ink along a way: its places in the picture, and how many there are.
struct Run {
    first: usize,
    last: usize,
    length_px: usize,
}

/// A way to look along for rules.
struct Way<'a> {
    kinds: &'a [Kind],
    /// The picture's size along the way, and from one place to the next.
    length: usize,
    step: usize,
    /// The same across the way.
    lanes: usize,
    lane_step: usize,
    /// Ink is thin where so few places are covered across the way.
    thick_px: usize,
    /// What stands on a rule is so long; nothing stands on one that runs down.
    borne_px: Range<usize>,
}

impl<'a> Way<'a> {
    fn across(ink: &'a Ink, thick_px: usize) -> Self {
        Self {
            kinds: &ink.kinds,
            length: ink.width_px,
            step: 1,
            lanes: ink.height_px,
            lane_step: ink.width_px,
            thick_px,
            borne_px: 0..0,
        }
    }

    fn down(ink: &'a Ink, thick_px: usize) -> Self {
        let across = Self::across(ink, thick_px);
        Self {
            length: across.lanes,
            step: across.lane_step,
            lanes: across.length,
            lane_step: across.step,
            ..across
        }
    }

    fn is_inked(&self, place: usize) -> bool {
        self.kinds[place] != Kind::Paper
    }

    /// Inked places before and behind one, at most so many, each a step from the last.
    fn inked_before(&self, place: usize, step: usize, most: usize) -> usize {
        let inked = (1..=most).take_while(|n| self.is_inked(place - n * step));
        inked.count()
    }

    fn inked_behind(&self, place: usize, step: usize, most: usize) -> usize {
        let inked = (1..=most).take_while(|n| self.is_inked(place + n * step));
        inked.count()
    }

    /// The places of thin pixels in those runs of ink, at least so long, that may be rules.
    ///
    /// A run covers one of the places that are its least length apart, so only there is one looked for.
    fn strokes(&self, least_px: usize, may_be: impl Fn(&Run) -> bool) -> Vec<usize> {
        let mut found = Vec::new();
        for along in (0..self.length).step_by(least_px) {
            for lane in 0..self.lanes {
                let place = along * self.step + lane * self.lane_step;
                if !self.is_inked(place) {
                    continue;
                }
                let run = self.run_at(place, along, least_px);
                if let Some(run) = run.filter(&may_be) {
                    self.add_thin(&run, lane, &mut found);
                }
            }
        }
        found
    }

    /// The run of ink around a place, if it is so long and does not reach back to where it was seen before.
    fn run_at(&self, place: usize, along: usize, least_px: usize) -> Option<Run> {
        let before = self.inked_before(place, self.step, along.min(least_px));
        if before == least_px {
            return None;
        }
        let behind = self.inked_behind(place, self.step, self.length - along - 1);
        let length_px = before + 1 + behind;
        (length_px >= least_px).then_some(Run {
            first: place - before * self.step,
            last: place + behind * self.step,
            length_px,
        })
    }

    /// Adds the thin places of a run, where most of it is thin.
    fn add_thin(&self, run: &Run, lane: usize, found: &mut Vec<usize>) {
        let parts: Vec<Option<Range<usize>>> = (run.first..=run.last)
            .step_by(self.step)
            .map(|place| self.thin_at(place, lane))
            .collect();
        let thin = parts.iter().flatten().count();
        if thin as f32 >= THIN_SHARE * run.length_px as f32 {
            let bears = self.bears(&parts);
            let places = parts.iter().zip(bears).filter(|(_, bears)| !bears);
            let places = places.filter_map(|(part, _)| part.clone());
            found.extend(places.flat_map(|part| part.step_by(self.lane_step)));
        }
    }

    /// Where along a run something stands on the rule that belongs to the letters above it.
    fn bears(&self, parts: &[Option<Range<usize>>]) -> Vec<bool> {
        let thick = |part: &Range<usize>| (part.end - part.start).div_ceil(self.lane_step);
        let mut sorted: Vec<usize> = parts.iter().flatten().map(thick).collect();
        let mut bears = vec![false; parts.len()];
        if sorted.is_empty() || self.borne_px.is_empty() {
            return bears;
        }
        let middle = sorted.len() / 2;
        let usual = *sorted.select_nth_unstable(middle).1;
        let is_swollen = |part: &Option<Range<usize>>| {
            part.as_ref()
                .is_some_and(|part| thick(part) >= usual + BORNE_PX)
        };
        let mut begin = 0;
        for alike in parts.chunk_by(|one, next| is_swollen(one) == is_swollen(next)) {
            let end = begin + alike.len();
            if is_swollen(&alike[0]) && self.borne_px.contains(&alike.len()) {
                bears[begin..end].fill(true);
            }
            begin = end;
        }
        bears
    }

    /// The places across the way that the ink covers here, where these are few.
    fn thin_at(&self, place: usize, lane: usize) -> Option<Range<usize>> {
        let (most, step) = (self.thick_px, self.lane_step);
        let before = self.inked_before(place, step, lane.min(most));
        let behind = self.inked_behind(place, step, most.min(self.lanes - lane - 1));
        let thin = before + 1 + behind <= most;
        thin.then_some(place - before * step..place + behind * step + 1)
    }
}
