//! Dotted leaders: rows of equal dots that a form asks to be written on. Dots that stand free are taken
//! out, between the letters of a value typed over them as well.

use super::cells::Row;
use super::shapes::Shape;

/// A dot of a leader is at most so large, in inches.
const DOT_IN: f32 = 0.03;
/// Two neighbouring dots are at most so far apart from middle to middle.
const PITCH_IN: f32 = 0.09;
/// So many dots in a row, evenly spaced, are a leader; an ellipsis has three.
const LEAST_DOTS: usize = 5;
/// The dots of a colon are at most so far apart: less than the dots of two leaders.
const COLON_IN: f32 = 0.09;
/// How far a leader goes on behind letters without a dot to be seen.
const HIDDEN_IN: f32 = 2.0;

/// A question is at most so far from its boxes.
const BEFORE_BOXES_IN: f32 = 0.5;

/// A row of dots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leader {
    pub left: i32,
    pub right: i32,
    /// Height of the dots' middles at `left`.
    pub middle_y: f32,
    pub slope: f32,
    /// Usual distance from one dot to the next.
    pub pitch: f32,
    /// Usual size of a dot, in pixels of ink.
    pub area: u32,
}

/// The leaders of a page, and for each shape whether it is a dot of one.
pub struct Leaders {
    pub all: Vec<Leader>,
    pub is_dot: Vec<bool>,
}

/// What comes before boxes leads to them as to an answer on dots.
pub fn to_boxes(row: &Row, dpi: u32) -> Leader {
    Leader {
        left: row.left() - (BEFORE_BOXES_IN * dpi as f32) as i32,
        right: row.left(),
        middle_y: row.middle_y(),
        slope: 0.0,
        pitch: 0.0,
        area: 0,
    }
}

/// Finds leaders among the shapes.
pub fn leaders(shapes: &[Shape], dpi: u32) -> Leaders {
    let inch = dpi as f32;
    let most = (DOT_IN * inch).ceil() as i32;
    let mut dots: Vec<usize> = (0..shapes.len())
        .filter(|index| {
            let shape = &shapes[*index];
            shape.width() <= most && shape.height() <= most
        })
        .collect();
    dots.sort_by_key(|index| (shapes[*index].left, shapes[*index].top));
    let mut found = Leaders {
        all: Vec::new(),
        is_dot: vec![false; shapes.len()],
    };
    let near = Rows::of(shapes, &dots);
    dots.retain(|dot| !near.is_of_colon(*dot, COLON_IN * inch));
    for &seed in &dots {
        if found.is_dot[seed] {
            continue;
        }
        let mut row = near.row_from(seed, PITCH_IN * inch, 1.6);
        row.retain(|dot| !near.is_of_colon(*dot, COLON_IN * inch));
        if row.len() < LEAST_DOTS {
            continue;
        }
        let middles: Vec<f32> = row.iter().map(|dot| shapes[*dot].middle_x()).collect();
        if let Some(pitch) = even_pitch(&middles) {
            let leader = along(shapes, &row, pitch);
            for index in row {
                found.is_dot[index] = true;
            }
            found.all.push(leader);
        }
    }
    take_dots_between(shapes, &dots, HIDDEN_IN * inch, &mut found);
    found
}

/// Dots found by their height.
struct Rows<'a> {
    shapes: &'a [Shape],
    /// Dots of each row of pixels, from left to right.
    by_row: Vec<Vec<usize>>,
}

impl<'a> Rows<'a> {
    fn of(shapes: &'a [Shape], dots: &[usize]) -> Self {
        let height = shapes.iter().map(|shape| shape.bottom).max().unwrap_or(0);
        let mut by_row = vec![Vec::new(); height.max(0) as usize + 1];
        for &dot in dots {
            by_row[shapes[dot].middle_y() as usize].push(dot);
        }
        Self { shapes, by_row }
    }

    /// The dot and those that follow it to the right, each near the one before.
    fn row_from(&self, seed: usize, pitch_px: f32, off_px: f32) -> Vec<usize> {
        let mut row = vec![seed];
        let mut last = seed;
        while let Some(next) = self.next(last, pitch_px, off_px) {
            row.push(next);
            last = next;
        }
        row
    }

    /// Whether a dot like this one stands close above it: the lower one of a colon lies on the leader's line.
    fn is_of_colon(&self, dot: usize, most_px: f32) -> bool {
        let own = &self.shapes[dot];
        let first = (own.top as f32 - most_px).max(0.0) as usize;
        let mut above = self.by_row[first..own.top.max(first as i32) as usize]
            .iter()
            .flatten();
        above.any(|other| {
            let other = &self.shapes[*other];
            2 * other.columns_shared(own) >= own.width()
                && other.bottom < own.top
                && other.area <= 2 * own.area
                && own.area <= 2 * other.area
        })
    }

    fn next(&self, dot: usize, pitch_px: f32, off_px: f32) -> Option<usize> {
        let from = &self.shapes[dot];
        let (x, y) = (from.middle_x(), from.middle_y());
        let first = (y - off_px).max(0.0) as usize;
        let last = ((y + off_px) as usize + 1).min(self.by_row.len());
        let nearest = |row: &Vec<usize>| {
            let begin = row.partition_point(|other| self.shapes[*other].middle_x() <= x + 1.0);
            row[begin..].iter().copied().find(|other| {
                let other = &self.shapes[*other];
                other.left >= from.right && (other.middle_y() - y).abs() <= off_px
            })
        };
        let candidates = self.by_row[first..last].iter().filter_map(nearest);
        candidates
            .filter(|other| self.shapes[*other].middle_x() - x <= pitch_px)
            .min_by_key(|other| self.shapes[*other].left)
    }
}

/// The distance between dots in a row, where it is much the same: of every ten at most two differ.
pub fn even_pitch(middles: &[f32]) -> Option<f32> {
    let mut gaps: Vec<f32> = middles.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_by(f32::total_cmp);
    let usual = gaps[gaps.len() / 2];
    let near = |gap: &&f32| (**gap - usual).abs() <= 0.3 * usual + 0.6;
    (gaps.iter().filter(near).count() * 10 >= gaps.len() * 8).then_some(usual)
}

/// The line through the dots of a row, by least squares.
fn along(shapes: &[Shape], row: &[usize], pitch: f32) -> Leader {
    let points = || {
        row.iter()
            .map(|dot| (shapes[*dot].middle_x(), shapes[*dot].middle_y()))
    };
    let count = row.len() as f32;
    let (sum_x, sum_y) = points().fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x, sy + y));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (xx, xy) = points().fold((0.0, 0.0), |(xx, xy), (x, y)| {
        (
            xx + (x - mean_x) * (x - mean_x),
            xy + (x - mean_x) * (y - mean_y),
        )
    });
    let slope = if xx > 0.0 { xy / xx } else { 0.0 };
    let (first, last) = (shapes[row[0]], shapes[row[row.len() - 1]]);
    let mut areas: Vec<u32> = row.iter().map(|dot| shapes[*dot].area).collect();
    areas.sort_unstable();
    Leader {
        left: first.left,
        right: last.right,
        middle_y: mean_y + slope * (first.left as f32 - mean_x),
        slope: if count >= 20.0 { slope } else { 0.0 },
        pitch,
        area: areas[areas.len() / 2],
    }
}

/// Dots that lie on a leader's line but are hidden from it by letters. The dot of ạ lies there as well:
/// it is larger, or has no other dot a pitch away and its letter above it.
fn take_dots_between(shapes: &[Shape], dots: &[usize], hidden_px: f32, found: &mut Leaders) {
    for leader in &mut found.all {
        let on_line = |shape: &Shape| {
            let y = leader.middle_y + leader.slope * (shape.middle_x() - leader.left as f32);
            (shape.middle_y() - y).abs() <= 1.6 && 2 * shape.area <= 3 * leader.area + 2
        };
        let beside: Vec<usize> = dots
            .iter()
            .copied()
            .filter(|dot| on_line(&shapes[*dot]))
            .collect();
        let a_pitch = |one: usize, other: usize| {
            let apart = shapes[other].middle_x() - shapes[one].middle_x();
            (apart - leader.pitch).abs() <= 0.3 * leader.pitch + 0.6
        };
        let way = Way::of(leader, shapes);
        let own: Vec<usize> = (0..beside.len())
            .filter(|place| {
                let before = place.checked_sub(1);
                before.is_some_and(|before| a_pitch(beside[before], beside[*place]))
                    || beside
                        .get(place + 1)
                        .is_some_and(|next| a_pitch(beside[*place], *next))
                    || (is_open_above(shapes, beside[*place], leader.pitch)
                        && way.leads_to(&shapes[beside[*place]], &beside, shapes))
            })
            .map(|place| beside[place])
            .collect();
        let (mut left, mut right) = (leader.left as f32, leader.right as f32);
        for &dot in own.iter().rev() {
            if shapes[dot].right as f32 <= left && left - shapes[dot].right as f32 <= hidden_px {
                left = shapes[dot].left as f32;
                found.is_dot[dot] = true;
            }
        }
        for &dot in &own {
            if shapes[dot].left as f32 >= right && shapes[dot].left as f32 - right <= hidden_px {
                right = shapes[dot].right as f32;
                found.is_dot[dot] = true;
            }
        }
        leader.middle_y += leader.slope * (left - leader.left as f32);
        (leader.left, leader.right) = (left as i32, right as i32);
    }
}

/// The places of a leader's dots, on and on beyond its ends, and the letters that may hide them.
struct Way<'a> {
    first_x: f32,
    last_x: f32,
    pitch: f32,
    letters: Vec<&'a Shape>,
}

/// The foot of the letter above a dot is nearer than so many pitches.
const LETTER_PITCHES: f32 = 3.0;
/// A dot is in its place where it is no farther from it than this share of the pitch.
const OFF_PLACE: f32 = 0.25;

impl<'a> Way<'a> {
    fn of(leader: &Leader, shapes: &'a [Shape]) -> Self {
        let half_px = (leader.area as f32).sqrt() / 2.0;
        let (first_x, last_x) = (leader.left as f32 + half_px, leader.right as f32 - half_px);
        let near_px = LETTER_PITCHES * leader.pitch;
        let beside = |shape: &&Shape| {
            shape.area > 2 * leader.area
                && (shape.bottom as f32) > leader.middle_y - near_px
                && (shape.top as f32) < leader.middle_y
        };
        // The usual distance is one of whole pixels; over the whole leader it is known better.
        let steps = ((last_x - first_x) / leader.pitch).round().max(1.0);
        Self {
            first_x,
            last_x,
            pitch: (last_x - first_x) / steps,
            letters: shapes.iter().filter(beside).collect(),
        }
    }

    /// How many pitches a place lies before the leader (or behind it), where it is one of a dot.
    fn steps_to(&self, x: f32) -> Option<f32> {
        let away = if x < self.first_x {
            self.first_x - x
        } else {
            x - self.last_x
        };
        let steps = (away / self.pitch).round();
        ((away - steps * self.pitch).abs() <= OFF_PLACE * self.pitch && steps >= 1.0)
            .then_some(steps)
    }

    /// True where a dot stands in its place and the leader runs on to it: of the places in between that no letter hides, half and
    /// more have a dot. A point of the text, as in 11.670.000, stands anywhere, and between words there is none.
    fn leads_to(&self, dot: &Shape, dots: &[usize], shapes: &[Shape]) -> bool {
        let Some(steps) = self.steps_to(dot.middle_x()) else {
            return false;
        };
        let before = dot.middle_x() < self.first_x;
        let place = |step: f32| match before {
            true => self.first_x - step * self.pitch,
            false => self.last_x + step * self.pitch,
        };
        let is_dotted = |x: f32| {
            let off = |dot: &usize| (shapes[*dot].middle_x() - x).abs();
            dots.iter().any(|dot| off(dot) <= OFF_PLACE * self.pitch)
        };
        let half_px = self.pitch / 3.0;
        let is_hidden = |x: f32| {
            let hides = |letter: &&Shape| {
                (letter.left as f32) < x + half_px && (letter.right as f32) > x - half_px
            };
            self.letters.iter().any(hides)
        };
        let places = (1..=steps as usize).map(|step| place(step as f32));
        let (mut dotted, mut empty) = (0, 0);
        for x in places {
            if is_dotted(x) {
                dotted += 1;
            } else if !is_hidden(x) {
                empty += 1;
            }
        }
        empty <= dotted
    }
}

/// True where nothing stands close above a dot, as its letter does above the dot of ạ: it lies between two words.
fn is_open_above(shapes: &[Shape], dot: usize, pitch: f32) -> bool {
    let dot = &shapes[dot];
    let near_px = (LETTER_PITCHES * pitch) as i32;
    !shapes.iter().any(|other| {
        other.area > 2 * dot.area
            && other.columns_shared(dot) > 0
            && other.top < dot.top
            && other.bottom > dot.top - near_px
    })
}
