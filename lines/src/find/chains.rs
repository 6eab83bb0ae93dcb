//! From letters to lines: neighbours are linked to chains, chains on one baseline joined, and marks that
//! stand above, below or between (tones, dots, dashes) given to the line that they are nearest to.

use std::collections::BTreeMap;

use super::NOBODY;
use super::colors::COLORED;
use super::ink::{Ink, Kind};
use super::shapes::Shape;
use super::ticks::TickBox;

/// Measures of letters, in inches. A letter is at least so high (6 pt without ascender)…
pub const LETTER_IN: f32 = 0.04;
/// …and at most so high: what is higher is a drawing, a signature, a seal.
const HIGHEST_IN: f32 = 0.55;
/// With more letters than a page can hold it is a texture, and there are no lines.
const MOST_LETTERS: usize = 20_000;
/// A shape that is filled so far and larger than this is a hole or a blot. Punched holes have 0.22 inches; a bold B, M or N without
/// serifs is as full as they are, and 0.14 wide in a heading of 17 pt.
const BLOT_IN: f32 = 0.2;
const BLOT_FILLED: f32 = 0.7;
/// Letters are linked over gaps of so many heights of the higher one…
const LINK_HEIGHTS: f32 = 1.3;
/// …but where one has less than this part of the other's height, of so many of the lower one: a stroke at the edge of
/// the page stands on no line…
const ALIKE: f32 = 0.42;
const UNLIKE: f32 = 1.5;
/// …and chains joined over so many heights of their letters: the gap between two columns is wider.
const JOIN_HEIGHTS: f32 = 2.2;

/// The points of print cover at least this part of the square over the height of its capitals.
const SPECK: f32 = 0.012;

/// Tones over the letters of some words make a chain of their own where they are large: so many at most, of print so many
/// times higher, each so near over a letter, in heights of the line.
const MOST_MARKS: usize = 8;
const TIMES_A_MARK: f32 = 1.6;
const MARK_OVER: f32 = 0.3;

/// Where letters stand: `y = y_px + slope × x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// Height at the left edge of the picture.
    pub y_px: f32,
    /// How much it sinks a pixel.
    pub slope: f32,
}

impl Baseline {
    /// Its height there.
    pub fn at(&self, x: f32) -> f32 {
        self.y_px + self.slope * x
    }
}

/// Letters that stand in a line.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Indices of its shapes, letters first.
    pub shapes: Vec<usize>,
    /// How many of these are letters.
    pub letters: usize,
    pub left: i32,
    pub right: i32,
    pub baseline: Baseline,
    /// Height of a capital letter, or of what comes nearest to it.
    pub height: f32,
    /// It is no text but a box to tick, and has no shapes.
    pub tick: Option<TickBox>,
}

/// What a shape may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// As large as a letter.
    Letter,
    /// Smaller: a tone, a dot, a dash, a speck.
    Small,
    /// No writing.
    Other,
}

/// What each shape may be, by its size alone.
pub fn roles(shapes: &[Shape], is_dot: &[bool], dpi: u32) -> Vec<Role> {
    let inch = dpi as f32;
    let role = |(shape, is_dot): (&Shape, &bool)| {
        let (width, height) = (shape.width() as f32, shape.height() as f32);
        let blot = width.min(height) > BLOT_IN * inch && shape.filled() > BLOT_FILLED;
        if *is_dot || height > HIGHEST_IN * inch || blot || shape.area < 4 {
            Role::Other
        } else if height >= LETTER_IN * inch {
            Role::Letter
        } else {
            Role::Small
        }
    };
    shapes.iter().zip(is_dot).map(role).collect()
}

/// The lines of text among the shapes, in no order. What stands in one row of boxes is one.
pub fn lines(shapes: &[Shape], roles: &[Role], ink: &Ink, in_boxes: &[u32]) -> Vec<Chain> {
    let mut letters: Vec<usize> = (0..shapes.len())
        .filter(|index| roles[*index] == Role::Letter)
        .collect();
    if letters.len() > MOST_LETTERS {
        return Vec::new();
    }
    letters.sort_by_key(|index| (shapes[*index].left, shapes[*index].top));
    let linked = link(shapes, &letters, ink, in_boxes);
    let chains: Vec<Chain> = linked.iter().map(|own| Chain::of(shapes, own)).collect();
    let (chains, mut loose) = without_marks(shapes, chains, ink);
    let mut lines = join(shapes, chains, ink, in_boxes);
    loose.extend((0..shapes.len()).filter(|index| roles[*index] == Role::Small));
    attach(shapes, &mut lines, loose, in_boxes);
    let mut lines = rejoin(shapes, lines, ink, in_boxes);
    lines.iter_mut().for_each(|line| line.drop_specks(shapes));
    lines.retain(|line| is_writing(shapes, line));
    lines
}

impl Chain {
    fn of(shapes: &[Shape], letters: &[usize]) -> Chain {
        let own = || letters.iter().map(|index| &shapes[*index]);
        let baseline = baseline(&own().copied().collect::<Vec<_>>());
        let mut heights: Vec<f32> = own()
            .map(|shape| baseline.at(shape.middle_x()) - shape.top as f32)
            .collect();
        heights.sort_by(f32::total_cmp);
        Chain {
            shapes: letters.to_vec(),
            letters: letters.len(),
            left: own().map(|shape| shape.left).min().unwrap_or(0),
            right: own().map(|shape| shape.right).max().unwrap_or(0),
            baseline,
            height: heights[(heights.len() * 3 / 4).min(heights.len() - 1)].max(1.0),
            tick: None,
        }
    }

    /// Leaves out what is smaller than any point of such letters, and stands over or under none of them: dust, and the grain
    /// of old paper. What is left of a faint mark may be as small, but has its letter below it.
    fn drop_specks(&mut self, shapes: &[Shape]) {
        let least = SPECK * self.height * self.height;
        let letters = self.shapes[..self.letters].to_vec();
        self.shapes.retain(|index| {
            let shape = &shapes[*index];
            let has_letter = || {
                letters
                    .iter()
                    .any(|own| shapes[*own].columns_shared(shape) > 0)
            };
            shape.area as f32 >= least || has_letter()
        });
    }

    pub fn middle_x(&self) -> f32 {
        (self.left + self.right) as f32 / 2.0
    }

    /// Height of the baseline in its middle.
    pub fn base(&self) -> f32 {
        self.baseline.at(self.middle_x())
    }
}

/// The line under the letters: least squares over their lower ends, without those that hang below.
fn baseline(letters: &[Shape]) -> Baseline {
    let mut heights: Vec<f32> = letters.iter().map(|shape| shape.height() as f32).collect();
    heights.sort_by(f32::total_cmp);
    let height = heights[heights.len() / 2];
    let points: Vec<(f32, f32)> = letters
        .iter()
        .filter(|shape| shape.height() as f32 >= 0.5 * height)
        .map(|shape| (shape.middle_x(), shape.bottom as f32))
        .collect();
    let width = points.iter().map(|p| p.0).fold(0.0, f32::max)
        - points.iter().map(|p| p.0).fold(f32::MAX, f32::min);
    let sloped = points.len() >= 8 && width > 8.0 * height;
    let mut line = Baseline {
        y_px: median(points.iter().map(|p| p.1)),
        slope: 0.0,
    };
    let reaches: &[f32] = if sloped {
        &[1.0, 0.4, 0.2, 0.15]
    } else {
        &[0.15]
    };
    for reach in reaches {
        let near = |p: &&(f32, f32)| (p.1 - line.at(p.0)).abs() <= reach * height + 1.0;
        let near: Vec<(f32, f32)> = points.iter().filter(near).copied().collect();
        if near.len() * 4 >= points.len() {
            line = fit(&near, sloped && near.len() >= 6);
        }
    }
    line
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn fit(points: &[(f32, f32)], sloped: bool) -> Baseline {
    let count = points.len().max(1) as f32;
    let mean_x = points.iter().map(|p| p.0).sum::<f32>() / count;
    let mean_y = points.iter().map(|p| p.1).sum::<f32>() / count;
    let xx: f32 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    let xy: f32 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    let slope = if sloped && xx > 0.0 {
        (xy / xx).clamp(-0.05, 0.05)
    } else {
        0.0
    };
    Baseline {
        y_px: mean_y - slope * mean_x,
        slope,
    }
}

/// Links each letter to its nearest neighbour on the right that stands as it does.
fn link(shapes: &[Shape], letters: &[usize], ink: &Ink, in_boxes: &[u32]) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..letters.len()).collect();
    for (place, &index) in letters.iter().enumerate() {
        let one = &shapes[index];
        let mut best: Option<(i32, usize)> = None;
        for (other_place, &other) in letters.iter().enumerate().skip(place + 1) {
            let of_one_row = in_boxes[index] == in_boxes[other];
            let other = &shapes[other];
            let gap = other.left - one.right;
            let reach = best.map_or(i32::MAX, |(gap, _)| gap);
            // Behind the widest reach of this letter with the highest neighbour nothing follows.
            if gap as f32 > LINK_HEIGHTS * 4.0 * one.height() as f32 || gap > reach {
                break;
            }
            if gap < reach
                && of_one_row
                && stand_alike(one, other)
                && !is_ruled_off(ink, one, other)
            {
                best = Some((gap, other_place));
            }
        }
        if let Some((_, other_place)) = best {
            let (one, other) = (root(&mut parents, place), root(&mut parents, other_place));
            parents[one.max(other)] = one.min(other);
        }
    }
    link_rows(&mut parents, letters, in_boxes);
    let mut chains: Vec<Vec<usize>> = vec![Vec::new(); letters.len()];
    for (place, &index) in letters.iter().enumerate() {
        chains[root(&mut parents, place)].push(index);
    }
    chains.retain(|chain| !chain.is_empty());
    chains
}

/// Links the letters of each row of boxes, however far apart.
fn link_rows(parents: &mut [usize], letters: &[usize], in_boxes: &[u32]) {
    let mut first_of = BTreeMap::new();
    for (place, index) in letters.iter().enumerate() {
        let row = in_boxes[*index];
        if row != NOBODY && row != COLORED {
            let first = *first_of.entry(row).or_insert(place);
            let (one, other) = (root(parents, first), root(parents, place));
            parents[one.max(other)] = one.min(other);
        }
    }
}

fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
}

/// Whether two letters may be neighbours of one line.
fn stand_alike(one: &Shape, other: &Shape) -> bool {
    let (least, most) = (
        one.height().min(other.height()) as f32,
        one.height().max(other.height()) as f32,
    );
    let gap = (other.left - one.right) as f32;
    let unlike = least < ALIKE * most;
    let reach = LINK_HEIGHTS * if unlike { UNLIKE * least } else { most };
    if other.middle_x() <= one.middle_x() || gap > reach {
        return false;
    }
    if (one.rows_shared(other) as f32) < 0.5 * least {
        return false;
    }
    let off = |a: f32, b: f32| (a - b).abs() / most;
    off(one.bottom as f32, other.bottom as f32) <= 0.22
        || (!unlike
            && (off(one.top as f32, other.top as f32) <= 0.25
                || off(one.middle_y(), other.middle_y()) <= 0.22))
}

/// Chains that are lines, and the shapes of those that are tones over the letters of larger print, or
/// letters that stand otherwise than their neighbours.
fn without_marks(shapes: &[Shape], chains: Vec<Chain>, ink: &Ink) -> (Vec<Chain>, Vec<usize>) {
    let is_row_of_marks = |chain: &Chain| {
        let over = |line: &Chain, shape: &Shape| {
            line.letters > 2
                && line.height > TIMES_A_MARK * shape.height() as f32
                && (shape.bottom as f32) < line.baseline.at(shape.middle_x()) - 0.5 * line.height
                && distance(shapes, line, shape).is_some_and(|away| away <= MARK_OVER * line.height)
        };
        let mut own = chain.shapes.iter().map(|index| &shapes[*index]);
        (3..=MOST_MARKS).contains(&chain.letters)
            && own.all(|shape| chains.iter().any(|line| over(line, shape)))
    };
    let is_mark = |chain: &Chain| {
        let belongs = |line: &Chain, shape: &Shape| {
            line.letters > 2
                && (line.height > 1.6 * shape.height() as f32
                    || stands_in(shapes, line, shape, ink))
                && distance(shapes, line, shape).is_some()
        };
        let mut own = chain.shapes.iter().map(|index| &shapes[*index]);
        chain.letters <= 2 && own.all(|shape| chains.iter().any(|line| belongs(line, shape)))
    };
    let marks: Vec<bool> = chains
        .iter()
        .map(|chain| is_mark(chain) || is_row_of_marks(chain))
        .collect();
    let (mut lines, mut loose) = (Vec::new(), Vec::new());
    for (chain, is_mark) in chains.into_iter().zip(marks) {
        if is_mark {
            loose.extend(chain.shapes);
        } else {
            lines.push(chain);
        }
    }
    (lines, loose)
}

/// Whether a shape no larger than a letter with its tones stands among the letters of a line.
fn stands_in(shapes: &[Shape], line: &Chain, shape: &Shape, ink: &Ink) -> bool {
    let base = line.baseline.at(shape.middle_x());
    let shared = base.min(shape.bottom as f32) - (base - line.height).max(shape.top as f32);
    let close = |own: &usize| {
        let own = &shapes[*own];
        -own.columns_shared(shape) as f32 <= 0.5 * line.height
            && own.rows_shared(shape) > 0
            && !is_ruled_off(ink, own, shape)
    };
    (shape.height() as f32) < 2.2 * line.height
        && shared >= 0.6 * line.height.min(shape.height() as f32)
        && line.shapes.iter().any(close)
}

/// Whether a ruled line runs down between two shapes.
fn is_ruled_off(ink: &Ink, one: &Shape, other: &Shape) -> bool {
    let y = (one.top.max(other.top) + one.bottom.min(other.bottom)) / 2;
    let (from, to) = (one.right.min(other.right), one.left.max(other.left));
    is_ruled(ink, from, to, i64::from(y))
}

/// Joins chains on one baseline with no ruled line and no column's gap between them.
fn join(shapes: &[Shape], mut chains: Vec<Chain>, ink: &Ink, in_boxes: &[u32]) -> Vec<Chain> {
    chains.sort_by_key(|chain| (chain.left, chain.right));
    let joined = following(&chains, ink, in_boxes).into_iter().map(|group| {
        let own = group.iter().flat_map(|index| &chains[*index].shapes);
        Chain::of(shapes, &own.copied().collect::<Vec<_>>())
    });
    joined.collect()
}

/// The same once loose shapes have found their lines: a faint letter may have been missing between two of them.
fn rejoin(shapes: &[Shape], lines: Vec<Chain>, ink: &Ink, in_boxes: &[u32]) -> Vec<Chain> {
    let joined = following(&lines, ink, in_boxes).into_iter().map(|group| {
        let own = || group.iter().map(|index| &lines[*index]);
        if group.len() == 1 {
            return lines[group[0]].clone();
        }
        let letters = own().flat_map(|line| &line.shapes[..line.letters]);
        let mut line = Chain::of(shapes, &letters.copied().collect::<Vec<_>>());
        let marks = own().flat_map(|line| &line.shapes[line.letters..]);
        line.shapes.extend(marks);
        line.left = own().map(|line| line.left).min().unwrap_or(line.left);
        line.right = own().map(|line| line.right).max().unwrap_or(line.right);
        line
    });
    joined.collect()
}

/// Groups of chains, each of which goes on where another of them ends.
fn following(chains: &[Chain], ink: &Ink, in_boxes: &[u32]) -> Vec<Vec<usize>> {
    let row_of = |chain: usize| in_boxes[chains[chain].shapes[0]];
    let mut parents: Vec<usize> = (0..chains.len()).collect();
    for one in 0..chains.len() {
        let next = (0..chains.len())
            .filter(|other| *other != one && row_of(one) == row_of(*other))
            .filter(|other| follows(&chains[one], &chains[*other], ink))
            .min_by_key(|other| chains[*other].left);
        if let Some(other) = next {
            let (one, other) = (root(&mut parents, one), root(&mut parents, other));
            parents[one.max(other)] = one.min(other);
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); chains.len()];
    for index in 0..chains.len() {
        groups[root(&mut parents, index)].push(index);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Whether the other chain goes on where this one ends.
fn follows(one: &Chain, other: &Chain, ink: &Ink) -> bool {
    let (least, most) = (one.height.min(other.height), one.height.max(other.height));
    let gap = (other.left - one.right) as f32;
    if other.middle_x() <= one.middle_x() || gap < -1.5 * most || gap > JOIN_HEIGHTS * most {
        return false;
    }
    let x = (one.right + other.left) as f32 / 2.0;
    let (y, other_y) = (one.baseline.at(x), other.baseline.at(x));
    least >= 0.45 * most
        && (y - other_y).abs() <= 0.38 * most
        && !is_ruled(
            ink,
            one.right,
            other.left,
            (y.min(other_y) - 0.4 * least) as i64,
        )
}

/// Whether a ruled line runs down, or a box to tick stands, between these columns at this height.
fn is_ruled(ink: &Ink, from: i32, to: i32, y: i64) -> bool {
    (i64::from(from)..i64::from(to)).any(|x| matches!(ink.at(x, y), Kind::RuleDown | Kind::TickBox))
}

/// Gives each loose shape to the line that it is nearest to, if one is near.
fn attach(shapes: &[Shape], lines: &mut [Chain], mut loose: Vec<usize>, groups: &[u32]) {
    let is_colored = |shape: usize| groups[shape] == COLORED;

    // The near ones first: what stands on a mark is nearer once the mark belongs to its line.
    for most_heights in [0.25, f32::MAX, f32::MAX] {
        let owners: Vec<Option<usize>> = loose
            .iter()
            .map(|index| {
                // A bit of a stamp is no mark of the print that it lies over.
                let may_own = |line: &Chain| !is_colored(*index) || is_colored(line.shapes[0]);
                nearest(shapes, lines, may_own, &shapes[*index], most_heights)
            })
            .collect();
        for (index, owner) in loose.iter().zip(&owners) {
            if let Some(owner) = owner {
                let line = &mut lines[*owner];
                line.shapes.push(*index);
                line.left = line.left.min(shapes[*index].left);
                line.right = line.right.max(shapes[*index].right);
            }
        }
        let mut owned = owners.iter().map(Option::is_some);
        loose.retain(|_| !owned.next().unwrap_or(false));
    }
}

/// The line nearest to a shape, and no farther than so many heights of its letters.
fn nearest(
    shapes: &[Shape],
    lines: &[Chain],
    may_own: impl Fn(&Chain) -> bool,
    shape: &Shape,
    most_heights: f32,
) -> Option<usize> {
    let lines = lines.iter().enumerate().filter(|(_, line)| may_own(line));
    let distances = lines.filter_map(|(index, line)| {
        let distance = distance(shapes, line, shape)?;
        (distance <= most_heights * line.height).then_some((index, distance))
    });
    distances
        .min_by(|one, other| one.1.total_cmp(&other.1))
        .map(|(index, _)| index)
}

/// How far a shape is from a line's shapes; none where it is too far to belong to it.
fn distance(shapes: &[Shape], line: &Chain, shape: &Shape) -> Option<f32> {
    let base = line.baseline.at(shape.middle_x());
    let (above, below) = (base - shape.bottom as f32, shape.top as f32 - base);
    let beside = 1.3 * line.height;
    if above > 1.6 * line.height
        || below > 0.6 * line.height
        || (line.left - shape.right) as f32 > beside
        || (shape.left - line.right) as f32 > beside
    {
        return None;
    }
    let within = shape.middle_y() > base - 1.1 * line.height && below <= 0.1 * line.height;
    let gaps = line.shapes.iter().map(|own| {
        let own = &shapes[*own];
        let x = (-own.columns_shared(shape)).max(0) as f32;
        let y = (-own.rows_shared(shape)).max(0) as f32;
        (x + y, x, y)
    });
    let (sum, x, y) = gaps.min_by(|one, other| one.0.total_cmp(&other.0))?;
    let belongs = sum <= 0.6 * line.height || (within && y < 0.6 * line.height && x <= beside);
    belongs.then_some(sum)
}

/// Single shapes are mostly blots and strokes; one that looks like a letter or digit may be a page's number.
fn is_writing(shapes: &[Shape], line: &Chain) -> bool {
    if line.letters > 1 {
        return true;
    }
    let shape = &shapes[line.shapes[0]];
    let (width, height) = (shape.width() as f32, shape.height() as f32);
    shape.filled() < 0.75 && width < 8.0 * height && height < 5.0 * width
}
