//! Words of a line beside the words read of it: how many differ, and which of those read are right.

/// A true line's words beside those found.
pub struct Aligned {
    /// Words to change, to put in and to take out.
    pub wrong: usize,
    /// For each word found whether it is the word that the line has there.
    pub right: Vec<bool>,
}

/// Sets the words found of a line beside its true ones, with as few differences as can be.
pub fn align(line: &[&[char]], found: &[&[char]]) -> Aligned {
    let table = differences(line, found);
    let mut right = vec![false; found.len()];
    let (mut row, mut column) = (line.len(), found.len());
    while row > 0 && column > 0 {
        if line[row - 1] == found[column - 1] {
            right[column - 1] = true;
            (row, column) = (row - 1, column - 1);
        } else if table[row][column] == table[row - 1][column - 1] + 1 {
            (row, column) = (row - 1, column - 1);
        } else if table[row][column] == table[row - 1][column] + 1 {
            row -= 1;
        } else {
            column -= 1;
        }
    }
    Aligned {
        wrong: table[line.len()][found.len()],
        right,
    }
}

/// The textbook's table: what the first words of one are away from the first words of the other.
fn differences(line: &[&[char]], found: &[&[char]]) -> Vec<Vec<usize>> {
    let mut table = vec![(0..=found.len()).collect::<Vec<_>>()];
    for (row, true_word) in line.iter().enumerate() {
        let above = &table[row];
        let mut cells = vec![row + 1];
        for (column, word) in found.iter().enumerate() {
            let changed = above[column] + usize::from(true_word != word);
            cells.push(changed.min(above[column + 1] + 1).min(cells[column] + 1));
        }
        table.push(cells);
    }
    table
}
