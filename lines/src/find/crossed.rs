//! Letters that a stroke of a signature or the ring of a seal runs over: ink that touches is one shape, far
//! higher than a letter. Where the band of a line crosses it, what stands in the band is cut out of it.

use super::chains::{Baseline, Chain, Role};
use super::shapes::{Shape, Shapes};

/// Higher than so many usual letters is no letter: a capital with its tones has two.
const TALL_LETTERS: f32 = 2.4;
/// And so high in inches: where specks are the usual shape, letters are no strokes.
const TALL_IN: f32 = 0.2;
/// A line says where its band is if it has so many letters that nothing touches…
const LEAST_LETTERS: usize = 3;
/// …and the shape is so many times higher than they are: print of another size is left whole.
const TIMES_HIGHER: f32 = 1.9;
/// The band in heights of a capital above and below the baseline, and how far it goes on beside the letters.
const ABOVE: f32 = 1.35;
const BELOW: f32 = 0.32;
const BESIDE: f32 = 4.0;
/// The next letter is at most so many heights away.
const WORDS_APART: f32 = 0.9;
/// A piece with fewer runs of ink a row is a stroke that passes through; a letter under one has more.
const RUNS_A_ROW: f32 = 1.35;
/// A cut piece lower than so many heights is the bend of a stroke.
const LOWEST: f32 = 0.45;

/// Which shapes are too high for the letters of this page.
pub fn tall(shapes: &[Shape], roles: &[Role], dpi: u32) -> Vec<bool> {
    let letters = shapes
        .iter()
        .zip(roles)
        .filter(|(_, role)| **role == Role::Letter);
    let mut heights: Vec<i32> = letters.map(|(shape, _)| shape.height()).collect();
    heights.sort_unstable();
    let usual = heights.get(heights.len() / 2).copied().unwrap_or(0);
    let least = (TALL_LETTERS * usual as f32).max(TALL_IN * dpi as f32);
    let is_tall = |shape: &Shape| shape.height() as f32 > least;
    shapes.iter().map(is_tall).collect()
}

/// The part of a shape that a line's letters may stand in.
struct Band {
    shape: usize,
    left: f32,
    right: f32,
    baseline: Baseline,
    height: f32,
}

impl Band {
    /// The band of a line in a shape, where it crosses it.
    fn of(line: &Chain, index: usize, shape: &Shape) -> Option<Band> {
        let beside = BESIDE * line.height;
        let band = Band {
            shape: index,
            left: line.left as f32 - beside,
            right: line.right as f32 + beside,
            baseline: line.baseline,
            height: line.height,
        };
        let (left, right) = (
            band.left.max(shape.left as f32),
            band.right.min(shape.right as f32),
        );
        let x = (left + right) / 2.0;
        let crossed = line.letters >= LEAST_LETTERS
            && shape.height() as f32 > TIMES_HIGHER * line.height
            && left < right
            && band.top(x) < shape.bottom as f32
            && band.bottom(x) > shape.top as f32;
        crossed.then_some(band)
    }

    fn top(&self, x: f32) -> f32 {
        self.baseline.at(x) - ABOVE * self.height
    }

    fn bottom(&self, x: f32) -> f32 {
        self.baseline.at(x) + BELOW * self.height
    }
}

/// Cuts letters out of high shapes; says which shapes something was cut out of.
pub fn cut_letters_out(shapes: &mut Shapes, is_tall: &[bool], lines: &[Chain]) -> Vec<usize> {
    let mut crossed = Vec::new();
    for index in (0..is_tall.len()).filter(|index| is_tall[*index]) {
        let shape = shapes.all[index];
        let mut bands: Vec<Band> = lines
            .iter()
            .filter_map(|line| Band::of(line, index, &shape))
            .collect();
        bands.sort_by(|one, other| one.baseline.y_px.total_cmp(&other.baseline.y_px));
        let before = shapes.all.len();
        for band in &bands {
            cut_out(shapes, band);
        }
        if shapes.all.len() > before {
            crossed.push(index);
        }
    }
    crossed
}

/// Which of the shapes in seals stand in a line with the letters beside the seal; the others are the seal's.
pub fn standing_in_line(shapes: &[Shape], in_seal: &[bool], lines: &[Chain]) -> Vec<bool> {
    let mut stands = vec![false; in_seal.len()];
    for line in lines.iter().filter(|line| line.letters >= LEAST_LETTERS) {
        let height = line.height;
        let fits = |shape: &Shape| {
            let base = line.baseline.at(shape.middle_x());
            shape.top as f32 >= base - ABOVE * height - 1.0
                && shape.bottom as f32 <= base + BELOW * height + 1.0
        };
        let mut own: Vec<usize> = (0..in_seal.len())
            .filter(|index| in_seal[*index] && fits(&shapes[*index]))
            .collect();
        let near = WORDS_APART * height;
        let mut right = line.right as f32;
        own.sort_by_key(|index| shapes[*index].left);
        for &index in own.iter().filter(|index| shapes[**index].right > line.left) {
            if shapes[index].left as f32 <= right + near {
                right = right.max(shapes[index].right as f32);
                stands[index] = true;
            }
        }
        let mut left = line.left as f32;
        own.sort_by_key(|index| -shapes[*index].right);
        for &index in own.iter().filter(|index| shapes[**index].left < line.right) {
            if shapes[index].right as f32 >= left - near {
                left = left.min(shapes[index].left as f32);
                stands[index] = true;
            }
        }
    }
    stands
}

/// A piece of a shape within a band.
struct Piece {
    shape: Shape,
    runs: Vec<usize>,
    at_top: bool,
    at_bottom: bool,
}

impl Piece {
    fn is_letter(&self, height: f32) -> bool {
        let cut = self.at_top || self.at_bottom;
        let tall = self.shape.height() as f32;
        !cut || (tall >= LOWEST * height && self.runs.len() as f32 >= RUNS_A_ROW * tall)
    }
}

/// Makes shapes of what may be letters of the band's shape.
fn cut_out(shapes: &mut Shapes, band: &Band) {
    for piece in pieces(shapes, band) {
        if piece.is_letter(band.height) {
            shapes.part(&piece.runs, piece.shape);
        }
    }
}

/// What the band leaves of its shape, in pieces that touch.
fn pieces(shapes: &Shapes, band: &Band) -> Vec<Piece> {
    let whole = shapes.all[band.shape];
    let left = band.left.max(whole.left as f32);
    let right = band.right.min(whole.right as f32);
    let (first, last) = (
        band.top(left).min(band.top(right)),
        band.bottom(left).max(band.bottom(right)),
    );
    let rows = (first.floor() as i32).max(whole.top)..(last.ceil() as i32).min(whole.bottom);
    let mut pieces: Vec<Piece> = Vec::new();
    // The runs of the row above, with the piece that each belongs to.
    let mut above: Vec<(u32, u32, usize)> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    for y in rows {
        let mut here = Vec::new();
        for index in shapes.row(y as usize) {
            let run = shapes.run(index);
            let x = (run.begin + run.end) as f32 / 2.0;
            let inside =
                x >= left && x < right && y as f32 >= band.top(x) && (y as f32) < band.bottom(x);
            if run.shape as usize != band.shape || !inside {
                continue;
            }
            let number = pieces.len();
            pieces.push(Piece {
                shape: Shape {
                    left: run.begin as i32,
                    top: y,
                    right: run.end as i32,
                    bottom: y + 1,
                    area: run.end - run.begin,
                },
                runs: vec![index],
                at_top: y as f32 - 1.0 < band.top(x) && y > whole.top,
                at_bottom: y as f32 + 1.0 >= band.bottom(x) && y + 1 < whole.bottom,
            });
            parents.push(number);
            let touching = above
                .iter()
                .filter(|(begin, end, _)| *begin <= run.end && *end >= run.begin);
            for (_, _, other) in touching {
                let (one, other) = (root(&mut parents, number), root(&mut parents, *other));
                parents[one.max(other)] = one.min(other);
            }
            here.push((run.begin, run.end, number));
        }
        above = here;
    }
    // From behind, so that each goes to its root whole.
    let mut whole = Vec::new();
    while let Some(piece) = pieces.pop() {
        let number = pieces.len();
        match root(&mut parents, number) {
            root if root == number => whole.push(piece),
            root => pieces[root].take(piece),
        }
    }
    whole
}

impl Piece {
    fn take(&mut self, other: Piece) {
        let (own, new) = (&mut self.shape, other.shape);
        own.left = own.left.min(new.left);
        own.top = own.top.min(new.top);
        own.right = own.right.max(new.right);
        own.bottom = own.bottom.max(new.bottom);
        own.area += new.area;
        self.runs.extend(other.runs);
        self.at_top |= other.at_top;
        self.at_bottom |= other.at_bottom;
    }
}

fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
}
