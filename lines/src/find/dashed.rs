//! Ruled lines drawn in dots or dashes, down the page or across it. What they are made of is as small as tones and dots of
//! letters; only that so many of them follow each other evenly tells them.

use super::leaders::even_pitch;
use super::shapes::Shape;

/// A stroke of such a line is at most so thick, so long, and so far from the next, in inches. The letters l of two lines of print
/// that stand under each other are farther apart.
const THICK_IN: f32 = 0.03;
const LONG_IN: f32 = 0.16;
const APART_IN: f32 = 0.065;
/// It lies at most so far beside the one before.
const BESIDE_PX: i32 = 2;
/// So many strokes are a line…
const LEAST_STROKES: usize = 10;
/// …and so many dots: they are evener, and beside the cell of a table there is no room for more.
const DOT_IN: f32 = 0.03;
const LEAST_DOTS: usize = 5;

/// Marks the strokes of such lines among the dots that are no writing.
pub fn mark_dashed(shapes: &[Shape], is_dot: &mut [bool], dpi: u32) {
    for is_down in [true, false] {
        let strokes = Strokes::of(shapes, is_dot, is_down, dpi);
        for line in strokes.lines(shapes.len()) {
            line.into_iter().for_each(|stroke| is_dot[stroke] = true);
        }
    }
}

/// A stroke: its place across the line, and where it begins and ends along it.
#[derive(Clone, Copy)]
struct Stroke {
    shape: usize,
    lane: i32,
    begin: i32,
    end: i32,
}

/// What may be strokes of lines that run one way, by their lanes, each lane in order.
struct Strokes {
    lanes: Vec<Vec<Stroke>>,
    apart_px: i32,
    dot_px: i32,
}

impl Strokes {
    fn of(shapes: &[Shape], is_dot: &[bool], is_down: bool, dpi: u32) -> Strokes {
        let px = |inches: f32| (inches * dpi as f32).ceil() as i32;
        let mut lanes: Vec<Vec<Stroke>> = Vec::new();
        for index in (0..shapes.len()).filter(|index| !is_dot[*index]) {
            let shape = &shapes[index];
            let across = (shape.left, shape.right);
            let down = (shape.top, shape.bottom);
            let (thick, long) = if is_down {
                (across, down)
            } else {
                (down, across)
            };
            if thick.1 - thick.0 > px(THICK_IN) || long.1 - long.0 > px(LONG_IN) {
                continue;
            }
            let lane = (thick.0 + thick.1) / 2;
            if lanes.len() <= lane as usize {
                lanes.resize(lane as usize + 1, Vec::new());
            }
            lanes[lane as usize].push(Stroke {
                shape: index,
                lane,
                begin: long.0,
                end: long.1,
            });
        }
        for lane in &mut lanes {
            lane.sort_unstable_by_key(|stroke| stroke.begin);
        }
        Strokes {
            lanes,
            apart_px: px(APART_IN),
            dot_px: px(DOT_IN),
        }
    }

    /// The shapes of each line. What was found to be none is not looked at again from its middle.
    fn lines(&self, shapes: usize) -> Vec<Vec<usize>> {
        let mut lines: Vec<Vec<usize>> = Vec::new();
        let mut seen = vec![false; shapes];
        for first in self.lanes.iter().flatten() {
            if seen[first.shape] {
                continue;
            }
            let line = self.line_from(*first);
            let middles = line
                .iter()
                .map(|stroke| (stroke.begin + stroke.end) as f32 / 2.0);
            let middles: Vec<f32> = middles.collect();
            let own: Vec<usize> = line.iter().map(|stroke| stroke.shape).collect();
            own.iter().for_each(|shape| seen[*shape] = true);
            let is_dotted = line
                .iter()
                .all(|stroke| stroke.end - stroke.begin <= self.dot_px);
            let least = if is_dotted { LEAST_DOTS } else { LEAST_STROKES };
            if own.len() >= least && even_pitch(&middles).is_some() {
                lines.push(own);
            }
        }
        lines
    }

    /// The stroke and those that follow it, each near the one before.
    fn line_from(&self, first: Stroke) -> Vec<Stroke> {
        let mut line = vec![first];
        let mut last = first;
        while let Some(next) = self.next(last) {
            line.push(next);
            last = next;
        }
        line
    }

    fn next(&self, stroke: Stroke) -> Option<Stroke> {
        let first = (stroke.lane - BESIDE_PX).max(0) as usize;
        let last = ((stroke.lane + BESIDE_PX) as usize + 1).min(self.lanes.len());
        let nearest = |lane: &Vec<Stroke>| {
            let at = lane.partition_point(|other| other.begin <= stroke.end);
            lane.get(at).copied()
        };
        let next = self.lanes[first..last].iter().filter_map(nearest);
        next.filter(|next| next.begin - stroke.end <= self.apart_px)
            .min_by_key(|next| next.begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strokes of this size down the page, this far from each other.
    fn strokes(count: i32, (width, height): (i32, i32), pitch: i32) -> Vec<Shape> {
        let stroke = |n: i32| Shape {
            left: 100,
            top: 50 + n * pitch,
            right: 100 + width,
            bottom: 50 + n * pitch + height,
            area: (width * height) as u32,
        };
        (0..count).map(stroke).collect()
    }

    fn marked(shapes: &[Shape]) -> usize {
        let mut is_dot = vec![false; shapes.len()];
        mark_dashed(shapes, &mut is_dot, 200);
        is_dot.iter().filter(|is_dot| **is_dot).count()
    }

    #[test]
    fn dashes_and_dots_that_follow_each_other_are_a_line_either_way() {
        let turned = |shape: &Shape| Shape {
            left: shape.top,
            top: shape.left,
            right: shape.bottom,
            bottom: shape.right,
            ..*shape
        };
        for (size, pitch) in [((3, 20), 31), ((4, 4), 11)] {
            let down = strokes(30, size, pitch);
            let across: Vec<Shape> = down.iter().map(turned).collect();
            assert_eq!((marked(&down), marked(&across)), (30, 30));
        }
    }

    #[test]
    fn few_strokes_and_letters_under_each_other_are_none() {
        assert_eq!(marked(&strokes(6, (3, 20), 31)), 0);
        assert_eq!(marked(&strokes(30, (4, 24), 50)), 0);
        assert_eq!(marked(&strokes(30, (14, 24), 31)), 0);
    }
}
