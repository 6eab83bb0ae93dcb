//! The head of a first page (ô 1–3 of Nghị định 30/2020): regime header, or organ and number.

use super::heading::is_running_text;
use super::layout::{Layout, Line};
use super::marks::{Marks, begins_with_any};
use super::notation::Notation;

/// Down to here a header stands at the head of a page.
const HEAD_OF_PAGE: f32 = 0.35;
/// Edits allowed: 206 of 215 real scans show the header within 4 (DOMAIN section 2.4).
const MAX_EDITS: u32 = 4;
/// Letters of something else that may stand on the same line (an unparted left column is longer
/// but then in capitals; running text that names the state is neither).
const MAX_OTHER_LETTERS: usize = 6;

/// True where a line at the head of the page is the Quốc hiệu, its tiêu ngữ or the Party's header.
pub fn has_regime_header(layout: &Layout, marks: &Marks) -> bool {
    layout
        .lines
        .iter()
        .filter(|line| layout.down(line) < HEAD_OF_PAGE)
        .any(|line| is_regime_line(line, marks))
}

/// True where an organ in capitals and a labelled number head the page with no text above:
/// copies and papers of before 1976 often bear no regime header.
pub fn has_number_head(layout: &Layout, notation: Option<&Notation>, marks: &Marks) -> bool {
    notation.is_some_and(|notation| {
        let above = &layout.lines[..notation.line];
        let is_organ =
            |line: &Line| line.in_capitals() && begins_with_any(&line.folded, &marks.organ_starts);
        notation.labelled
            && layout.down(&layout.lines[notation.line]) < HEAD_OF_PAGE
            && above.iter().any(is_organ)
            && !above.iter().any(|line| is_running_text(layout, line))
    })
}

/// True where the line holds such a header: alone, or in capitals beside an unparted column.
pub fn is_regime_line(line: &Line, marks: &Marks) -> bool {
    let letters = line.folded.letters();
    marks.regime.iter().any(|pattern| {
        pattern.find(letters, MAX_EDITS).is_some_and(|hit| {
            let others = letters.len() - (hit.end - hit.start);
            others <= MAX_OTHER_LETTERS || line.in_capitals()
        })
    })
}
