//! The order of reading: rows from above, columns from the left, the cells of a table row by row.

use super::chains::Chain;
use super::ink::{Ink, Kind};
use super::leaders::Leader;

/// A column's gap is at least so wide, in heights of a letter.
const GAP_HEIGHTS: f32 = 1.2;
/// A row with writing in one column only belongs to the columns above where it is so near, in heights.
const NEAR_HEIGHTS: f32 = 2.2;

/// A line with its place in the order of reading.
pub struct Placed {
    /// The column, cell or run of rows.
    pub block: u32,
    /// The row, counted over all blocks.
    pub row: u32,
    /// Whether a dotted leader runs on from it to the next piece of its row.
    pub leads_on: bool,
    /// Whether a dotted leader runs on behind it.
    pub dotted: bool,
    pub line: Chain,
}

/// Lines in the order of reading. What a dotted leader leads to belongs to what it comes from: question and answer of
/// a form are no two columns.
pub fn in_order(lines: Vec<Chain>, leaders: &[Leader], ink: &Ink) -> Vec<Placed> {
    let mut lines: Vec<Option<Chain>> = lines.into_iter().map(Some).collect();
    let boxes: Vec<Extent> = lines
        .iter()
        .flatten()
        .map(|line| Extent::of(line).led_on(leaders))
        .collect();
    let mut order = Order {
        boxes: &boxes,
        ink,
        placed: Vec::new(),
        block: 0,
        row: 0,
    };
    order.place((0..boxes.len()).collect(), 0);
    let placed = order.placed;
    let take = |(block, row, leads_on, index): (u32, u32, bool, usize)| {
        let line = lines[index].take()?;
        Some(Placed {
            block,
            row,
            leads_on,
            dotted: boxes[index].reach > boxes[index].right,
            line,
        })
    };
    placed.into_iter().filter_map(take).collect()
}

/// The box of a line without what stands above and below its letters.
#[derive(Clone, Copy, Debug)]
struct Extent {
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
    /// Where the dotted leader behind it ends; `right` where there is none.
    reach: f32,
}

impl Extent {
    fn of(line: &Chain) -> Extent {
        let base = line.base();
        Extent {
            left: line.left as f32,
            right: line.right as f32,
            top: base - line.height,
            bottom: base,
            reach: line.right as f32,
        }
    }

    /// True where its leader runs on to the other.
    fn leads_to(&self, other: &Extent) -> bool {
        self.reach > self.right
            && other.left >= self.right
            && other.left - self.reach < GAP_HEIGHTS * self.height()
    }

    /// The same with the leaders that begin at its end.
    fn led_on(mut self, leaders: &[Leader]) -> Extent {
        let gap = GAP_HEIGHTS * self.height();
        let is_beside = |leader: &&Leader| {
            let (left, right) = (leader.left as f32, leader.right as f32);
            let in_row = self.top..self.bottom + 0.6 * self.height();
            in_row.contains(&leader.middle_y) && left < self.right + gap && right > self.right
        };
        let ends = leaders.iter().filter(is_beside);
        self.reach = ends.fold(self.right, |reach, leader| reach.max(leader.right as f32));
        self
    }

    fn height(&self) -> f32 {
        self.bottom - self.top
    }
}

/// Columns are looked for in columns at most so deep.
const DEEPEST: u32 = 4;

struct Order<'a> {
    boxes: &'a [Extent],
    ink: &'a Ink,
    placed: Vec<(u32, u32, bool, usize)>,
    block: u32,
    row: u32,
}

impl Order<'_> {
    /// Places these lines one after the other.
    fn place(&mut self, lines: Vec<usize>, depth: u32) {
        let rows = self.rows(lines);
        let mut first = 0;
        while first < rows.len() {
            let end = self.end_of_columns(&rows, first);
            let group: Vec<usize> = rows[first..end].iter().flatten().copied().collect();
            let columns = self.columns(&group);
            if end - first > 1 && columns.len() > 1 && depth < DEEPEST {
                for column in columns {
                    self.block += 1;
                    self.place(column, depth + 1);
                }
                self.block += 1;
            } else {
                for row in &rows[first..end] {
                    self.row += 1;
                    let (block, number) = (self.block, self.row);
                    let next = row.iter().skip(1).map(Some).chain([None]);
                    let pieces = row.iter().zip(next).map(|(index, next)| {
                        let piece = &self.boxes[*index];
                        let leads_on = next.is_some_and(|next| piece.leads_to(&self.boxes[*next]));
                        (block, number, leads_on, *index)
                    });
                    self.placed.extend(pieces);
                }
            }
            first = end;
        }
    }

    /// Lines that stand beside each other, rows from above, each from the left.
    fn rows(&self, mut lines: Vec<usize>) -> Vec<Vec<usize>> {
        let middle = |index: usize| (self.boxes[index].top + self.boxes[index].bottom) / 2.0;
        lines.sort_by(|one, other| middle(*one).total_cmp(&middle(*other)));
        let mut rows: Vec<Vec<usize>> = Vec::new();
        for index in lines {
            let own = &self.boxes[index];
            let beside = |row: &&mut Vec<usize>| {
                row.iter().all(|other| {
                    let other = &self.boxes[*other];
                    let shared = own.bottom.min(other.bottom) - own.top.max(other.top);
                    let least = match own.leads_to(other) || other.leads_to(own) {
                        // An answer is typed somewhat above the dots.
                        true => 0.1,
                        false => 0.5,
                    };
                    shared >= least * own.height().min(other.height())
                })
            };
            match rows.last_mut().filter(beside) {
                Some(row) => row.push(index),
                None => rows.push(vec![index]),
            }
        }
        for row in &mut rows {
            row.sort_by(|one, other| self.boxes[*one].left.total_cmp(&self.boxes[*other].left));
        }
        rows
    }

    /// The end of the rows that stand in the same columns as this one.
    fn end_of_columns(&self, rows: &[Vec<usize>], first: usize) -> usize {
        if rows[first].len() < 2 {
            return first + 1;
        }
        let table = self.is_ruled_between(&rows[first]);
        let mut group = rows[first].clone();
        let mut end = first + 1;
        while end < rows.len() {
            let row = &rows[end];
            if table && self.is_ruled_off(&group, row) {
                break;
            }
            if row.len() < 2 && !table && !self.is_near(&group, row[0]) {
                break;
            }
            let mut more = group.clone();
            more.extend(row);
            if self.columns(&more).len() < 2 {
                break;
            }
            group = more;
            end += 1;
        }
        end
    }

    /// Whether a line follows close below one of the group that stands over it.
    fn is_near(&self, group: &[usize], line: usize) -> bool {
        let own = &self.boxes[line];
        group.iter().any(|other| {
            let other = &self.boxes[*other];
            let over = own.left.max(other.left) < own.right.min(other.right);
            over && own.top - other.bottom < NEAR_HEIGHTS * own.height().max(other.height())
        })
    }

    /// Groups of lines between which a gap runs all the way down, from the left.
    fn columns(&self, lines: &[usize]) -> Vec<Vec<usize>> {
        let mut lines = lines.to_vec();
        lines.sort_by(|one, other| self.boxes[*one].left.total_cmp(&self.boxes[*other].left));
        let mut columns: Vec<Vec<usize>> = Vec::new();
        let mut right = f32::MIN;
        for index in lines {
            let own = &self.boxes[index];
            match columns.last_mut() {
                Some(column) if own.left - right < GAP_HEIGHTS * own.height() => column.push(index),
                _ => columns.push(vec![index]),
            }
            right = right.max(own.reach);
        }
        columns
    }

    /// Whether a ruled line runs down between two lines of this row.
    fn is_ruled_between(&self, row: &[usize]) -> bool {
        row.windows(2).any(|pair| {
            let (one, other) = (&self.boxes[pair[0]], &self.boxes[pair[1]]);
            let y = ((one.top + one.bottom) / 2.0) as i64;
            (one.right as i64..other.left as i64).any(|x| self.ink.at(x, y) == Kind::RuleDown)
        })
    }

    /// Whether a ruled line runs across between the group and a row below it.
    fn is_ruled_off(&self, group: &[usize], row: &[usize]) -> bool {
        row.iter().any(|line| {
            let own = &self.boxes[*line];
            let x = ((own.left + own.right) / 2.0) as i64;
            let above = group
                .iter()
                .map(|other| self.boxes[*other].bottom)
                .fold(f32::MIN, f32::max);
            let from = above.min(own.top) as i64 - 2;
            (from..own.top as i64).any(|y| self.ink.at(x, y) == Kind::RuleAcross)
        })
    }
}
