//! Edit distances by bits, and the stretch of a page that is nearest to a line.
//!
//! Myers' scheme (J. ACM 46, 1999) in Hyyrö's blocks of 64 letters: a line is looked for in a whole page in some
//! thousand steps, so that each line may be looked for everywhere.

use std::collections::HashMap;

/// Letters in a block.
const BLOCK: usize = 64;

/// The last column of the table of distances, a bit a letter of the pattern.
struct Column {
    /// Where each letter of the pattern stands; the last entry is for letters that are not in it.
    positions: Vec<Vec<u64>>,
    place_of: HashMap<char, usize>,
    rises: Vec<u64>,
    falls: Vec<u64>,
    /// The lowest cell: what the whole pattern is away from the stretch that ends here.
    changes: usize,
    last_bit: u64,
    anchored: bool,
}

impl Column {
    /// Anchored stretches begin at the text's first letter, others anywhere. The pattern must hold a letter.
    fn before_text(pattern: &[char], anchored: bool) -> Self {
        let blocks = pattern.len().div_ceil(BLOCK);
        let mut place_of = HashMap::new();
        let mut positions = Vec::new();
        for (n, &letter) in pattern.iter().enumerate() {
            let place = *place_of.entry(letter).or_insert_with(|| {
                positions.push(vec![0_u64; blocks]);
                positions.len() - 1
            });
            positions[place][n / BLOCK] |= 1 << (n % BLOCK);
        }
        positions.push(vec![0; blocks]);
        Self {
            positions,
            place_of,
            rises: vec![u64::MAX; blocks],
            falls: vec![0; blocks],
            changes: pattern.len(),
            last_bit: 1 << ((pattern.len() - 1) % BLOCK),
            anchored,
        }
    }

    /// Takes the text's next letter; what the pattern is away from the stretch that ends with it.
    fn step(&mut self, letter: char) -> usize {
        let unknown = self.positions.len() - 1;
        let place = self.place_of.get(&letter).copied().unwrap_or(unknown);
        let (mut up, mut down) = (self.anchored, false);
        for block in 0..self.rises.len() {
            let last = block + 1 == self.rises.len();
            let end = if last {
                self.last_bit
            } else {
                1 << (BLOCK - 1)
            };
            let (rises, falls) = (self.rises[block], self.falls[block]);
            let equal = self.positions[place][block];
            let beside = equal | falls;
            let equal = equal | u64::from(down);
            let across = ((equal & rises).wrapping_add(rises) ^ rises) | equal;
            let (rose, fell) = (falls | !(across | rises), rises & across);
            let shifted_up = rose << 1 | u64::from(up);
            let shifted_down = fell << 1 | u64::from(down);
            self.rises[block] = shifted_down | !(beside | shifted_up);
            self.falls[block] = shifted_up & beside;
            (up, down) = (rose & end != 0, fell & end != 0);
        }
        self.changes = self.changes + usize::from(up) - usize::from(down);
        self.changes
    }
}

/// Edit distance (Levenshtein).
pub fn distance(one: &[char], other: &[char]) -> usize {
    if one.is_empty() || other.is_empty() {
        return one.len().max(other.len());
    }
    let mut column = Column::before_text(one, true);
    for &letter in other {
        column.step(letter);
    }
    column.changes
}

/// What the nearest stretches of `text` are away from `pattern`, and where they end, from left to right.
pub fn nearest_ends(pattern: &[char], text: &[char]) -> (usize, Vec<usize>) {
    let mut column = Column::before_text(pattern, false);
    let (mut least, mut ends) = (pattern.len(), Vec::new());
    for (n, &letter) in text.iter().enumerate() {
        let changes = column.step(letter);
        if changes < least {
            least = changes;
            ends.clear();
        }
        if changes == least {
            ends.push(n + 1);
        }
    }
    (least, ends)
}

/// Where the longest stretch begins that ends with `text` and is `changes` away from `pattern`.
pub fn farthest_start(pattern: &[char], text: &[char], changes: usize) -> usize {
    let backwards: Vec<char> = pattern.iter().rev().copied().collect();
    let mut column = Column::before_text(&backwards, true);
    let mut length = 0;
    let within = text.iter().rev().take(2 * pattern.len() + 1);
    for (n, &letter) in within.enumerate() {
        if column.step(letter) == changes {
            length = n + 1;
        }
    }
    text.len() - length
}
