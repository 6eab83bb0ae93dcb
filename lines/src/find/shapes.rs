//! Shapes: pieces of ink that touch each other, each with the runs it is made of.

use std::ops::Range;

use super::ink::{Ink, Kind, runs_where};

/// A page with more runs than this is texture all over (a photograph in dots, heavy noise), and
/// no lines are looked for: a page full of text has 60,000 at 200 dpi.
const MOST_RUNS: usize = 1_500_000;
/// The same for shapes: a page full of text has 6,000, one strewn with specks 20,000.
const MOST_SHAPES: usize = 150_000;

/// A piece of ink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// First column.
    pub left: i32,
    /// First row.
    pub top: i32,
    /// First column behind it.
    pub right: i32,
    /// First row below it.
    pub bottom: i32,
    /// Pixels of ink.
    pub area: u32,
}

impl Shape {
    pub fn width(&self) -> i32 {
        self.right - self.left
    }

    pub fn height(&self) -> i32 {
        self.bottom - self.top
    }

    pub fn middle_x(&self) -> f32 {
        (self.left + self.right) as f32 / 2.0
    }

    pub fn middle_y(&self) -> f32 {
        (self.top + self.bottom) as f32 / 2.0
    }

    /// Share of the box that is ink.
    pub fn filled(&self) -> f32 {
        self.area as f32 / (self.width() * self.height()).max(1) as f32
    }

    /// Rows that both have, negative where there is a gap between them.
    pub fn rows_shared(&self, other: &Shape) -> i32 {
        self.bottom.min(other.bottom) - self.top.max(other.top)
    }

    /// Columns that both have, negative where there is a gap between them.
    pub fn columns_shared(&self, other: &Shape) -> i32 {
        self.right.min(other.right) - self.left.max(other.left)
    }
}

/// A run of ink in one row.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub begin: u32,
    pub end: u32,
    pub shape: u32,
}

/// All shapes of a picture.
pub struct Shapes {
    pub all: Vec<Shape>,
    runs: Vec<Run>,
    /// Where each row's runs begin; one more than there are rows.
    rows: Vec<usize>,
}

impl Shapes {
    /// Finds the shapes; none where the ink is a texture.
    pub fn of(ink: &Ink) -> Shapes {
        let (mut runs, rows) = runs(ink);
        let texture = runs.len() > MOST_RUNS;
        let count = if texture {
            0
        } else {
            join_touching(&mut runs, &rows)
        };
        if texture || count > MOST_SHAPES {
            return Shapes {
                all: vec![],
                runs: vec![],
                rows: vec![0; ink.height_px + 1],
            };
        }
        Shapes {
            all: measure(&runs, &rows, count),
            runs,
            rows,
        }
    }

    /// The runs of a row, from left to right.
    pub fn runs_of(&self, y: usize) -> &[Run] {
        &self.runs[self.row(y)]
    }

    /// The numbers of a row's runs.
    pub fn row(&self, y: usize) -> Range<usize> {
        self.rows[y]..self.rows[y + 1]
    }

    /// The run with this number.
    pub fn run(&self, number: usize) -> Run {
        self.runs[number]
    }

    /// Makes a shape of its own of these runs. The shape they were of keeps its box.
    pub fn part(&mut self, runs: &[usize], shape: Shape) {
        for number in runs {
            self.runs[*number].shape = self.all.len() as u32;
        }
        self.all.push(shape);
    }
}

fn runs(ink: &Ink) -> (Vec<Run>, Vec<usize>) {
    let (mut runs, mut rows) = (Vec::new(), vec![0]);
    for row in ink.kinds.chunks_exact(ink.width_px.max(1)) {
        let is_ink = |kind| kind == Kind::Ink;
        runs_where(row, is_ink, |begin, end| {
            runs.push(Run {
                begin: begin as u32,
                end: end as u32,
                shape: runs.len() as u32,
            });
        });
        rows.push(runs.len());
        if runs.len() > MOST_RUNS {
            break;
        }
    }
    rows.resize(ink.height_px + 1, runs.len());
    (runs, rows)
}

/// Gives runs that touch, corners included, the same shape; says how many shapes there are.
fn join_touching(runs: &mut [Run], rows: &[usize]) -> usize {
    let mut parents: Vec<u32> = (0..runs.len() as u32).collect();
    for row in rows.windows(3) {
        let [above, here, below] = [row[0], row[1], row[2]];
        let mut first = above;
        for index in here..below {
            let run = runs[index];
            while first < here && runs[first].end < run.begin {
                first += 1;
            }
            let touching = (first..here).take_while(|other| runs[*other].begin <= run.end);
            for other in touching {
                let (one, other) = (root(&mut parents, index), root(&mut parents, other));
                parents[one.max(other)] = one.min(other) as u32;
            }
        }
    }
    let mut numbers = vec![u32::MAX; runs.len()];
    let mut count = 0;
    for (index, run) in runs.iter_mut().enumerate() {
        let root = root(&mut parents, index);
        if numbers[root] == u32::MAX {
            numbers[root] = count;
            count += 1;
        }
        run.shape = numbers[root];
    }
    count as usize
}

fn root(parents: &mut [u32], mut index: usize) -> usize {
    while parents[index] as usize != index {
        parents[index] = parents[parents[index] as usize];
        index = parents[index] as usize;
    }
    index
}

fn measure(runs: &[Run], rows: &[usize], count: usize) -> Vec<Shape> {
    let nothing = Shape {
        left: i32::MAX,
        top: i32::MAX,
        right: 0,
        bottom: 0,
        area: 0,
    };
    let mut shapes = vec![nothing; count];
    for (y, row) in rows.windows(2).enumerate() {
        for run in &runs[row[0]..row[1]] {
            let shape = &mut shapes[run.shape as usize];
            shape.left = shape.left.min(run.begin as i32);
            shape.right = shape.right.max(run.end as i32);
            shape.top = shape.top.min(y as i32);
            shape.bottom = y as i32 + 1;
            shape.area += run.end - run.begin;
        }
    }
    shapes
}
