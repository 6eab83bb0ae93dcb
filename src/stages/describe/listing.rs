//! The dossier's own lists: which papers a mục lục văn bản, tài liệu (Thông tư 05/2025) or a giấy tiếp nhận names.
//!
//! Titles stand in one column, one cell a paper, and begin with a capital; what goes on in small letters is the
//! cell's next line. The column `Tờ số` says which sheets a paper takes. People keep these lists, so they may be
//! wrong: what is read here only adds to what the pages show themselves.

use std::sync::LazyLock;

use regex::Regex;

use super::layout::{Layout, Line, around, text_of};
use super::type_table::TypeTable;
use crate::formats::vietnamese::fold;
use crate::model::{ListedPaper, PxBox, Word};

/// The papers that list others.
pub const LISTS: [&str; 2] = ["muc_luc_ho_so", "giay_tiep_nhan"];
/// How the cell over the titles begins, folded.
const TITLE_HEADS: [&str; 5] = [
    "TENLOAI",
    "TRICHYEU",
    "TENTHANHPHAN",
    "TENGIAYTO",
    "TENTAILIEU",
];
/// What stands over the numbers of sheets.
const SHEET_HEADS: [&str; 2] = ["TOSO", "TO"];
/// What an edit costs against matched letters when titles compete.
const EDIT_COST: i64 = 4;
/// No list has more papers.
const MOST_PAPERS: usize = 500;

/// `3`, `4-7`.
static SHEETS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(\d{1,3})(?:\s*[-–—]\s*(\d{1,3}))?\.?$").expect("it compiles"));

/// A column of the table, by what stands over it.
struct Column {
    left_px: u32,
    right_px: u32,
    below_px: u32,
}

/// A cell of the column of titles.
struct Cell {
    top_px: u32,
    kind: Option<u16>,
}

/// What the page lists; nothing where no column of titles is found.
pub fn papers(layout: &Layout, types: &TypeTable) -> Vec<ListedPaper> {
    let Some((head, titles)) = layout
        .lines
        .iter()
        .find_map(|line| title_column(layout, line))
    else {
        return Vec::new();
    };
    let cells = cells(layout, &titles, types);
    let sheets = sheets(layout, head, &titles, &cells);
    let papers = cells.iter().zip(sheets);
    let papers = papers.map(|(cell, sheets)| ListedPaper {
        kind: cell.kind,
        sheets,
    });
    papers
        .filter(|paper| paper.kind.is_some() || paper.sheets.is_some())
        .take(MOST_PAPERS)
        .collect()
}

/// The column whose head stands on this line, which may be that of its neighbours too.
fn title_column<'l, 'a>(layout: &Layout, line: &'l Line<'a>) -> Option<(&'l Line<'a>, Column)> {
    let letters = line.folded.letters();
    let at = TITLE_HEADS.iter().find_map(|head| {
        let hit = letters.find(head)?;
        (hit == 0 || line.folded.ends_word(hit)).then_some((hit, head.len()))
    })?;
    let words = &line.words[line.folded.words_in(at.0..at.0 + at.1)];
    Some((line, column(layout, words)?))
}

/// From the head before to the head behind it in the same row.
fn column(layout: &Layout, words: &[Word]) -> Option<Column> {
    let own = around(words)?;
    let reach_px = own.h_px * 3 / 2;
    let in_row = |word: &&Word| word.bounds.y_px.abs_diff(own.y_px) <= reach_px;
    let row = || {
        layout
            .lines
            .iter()
            .flat_map(|line| line.words)
            .filter(in_row)
    };
    let before = row().map(|word| word.bounds.right_px());
    // Words of the head itself go on behind those that were looked for.
    let gap_px = own.h_px * 3 / 2;
    let mut end_px = own.right_px();
    let mut starts: Vec<PxBox> = row().map(|word| word.bounds).collect();
    starts.sort_by_key(|bounds| bounds.x_px);
    let mut right_px = layout.width_px;
    for bounds in starts.iter().filter(|bounds| bounds.x_px >= own.right_px()) {
        if bounds.x_px > end_px + gap_px / 2 {
            right_px = bounds.x_px;
            break;
        }
        end_px = bounds.right_px();
    }
    Some(Column {
        left_px: before.filter(|px| *px <= own.x_px).max().unwrap_or(0),
        right_px,
        below_px: own.bottom_px(),
    })
}

impl Column {
    /// The words of a line that stand in it, none above its head.
    fn of<'a>(&self, line: &Line<'a>) -> &'a [Word] {
        let inside = |word: &Word| {
            let middle_px = word.bounds.x_px + word.bounds.w_px / 2;
            word.bounds.y_px > self.below_px && (self.left_px..self.right_px).contains(&middle_px)
        };
        let Some(first) = line.words.iter().position(inside) else {
            return &[];
        };
        let own = &line.words[first..];
        &own[..own.iter().take_while(|word| inside(word)).count()]
    }
}

/// The cells below the head of the column, from top to bottom.
fn cells(layout: &Layout, titles: &Column, types: &TypeTable) -> Vec<Cell> {
    let lines = layout.lines.iter().map(|line| titles.of(line));
    let mut lines: Vec<&[Word]> = lines.filter(|words| !words.is_empty()).collect();
    lines.sort_by_key(|words| words[0].bounds.y_px);
    let mut cells = Vec::new();
    for (at, words) in lines.iter().enumerate() {
        let first = words
            .iter()
            .flat_map(|word| word.text.chars())
            .find(|c| c.is_alphabetic());
        if first.is_some_and(char::is_uppercase) {
            cells.push(Cell {
                top_px: words[0].bounds.y_px,
                kind: named(words, lines.get(at + 1).copied().unwrap_or(&[]), types),
            });
        }
    }
    cells
}

/// The type whose heading the title begins with, over this line and the next one; the longest of several.
fn named(line: &[Word], next: &[Word], types: &TypeTable) -> Option<u16> {
    let letters: String = line
        .iter()
        .chain(next)
        .map(|word| fold(&word.text))
        .collect();
    let title = letters.trim_start_matches(|c: char| c.is_ascii_digit());
    let begins = types
        .headings
        .find(title)
        .filter(|(_, _, hit)| hit.start == 0);
    let longest =
        begins.max_by_key(|(_, _, hit)| hit.end as i64 - EDIT_COST * i64::from(hit.edits));
    longest.and_then(|(row, _, _)| u16::try_from(row).ok())
}

/// For each cell the sheets that stand beside it; none for numbers that do not go up.
fn sheets(
    layout: &Layout,
    head: &Line,
    titles: &Column,
    cells: &[Cell],
) -> Vec<Option<(u16, u16)>> {
    let mut found = vec![None; cells.len()];
    let reach_px = head.height_px * 3;
    let is_head = |word: &&Word| {
        word.bounds.y_px.abs_diff(head.bounds.y_px) < reach_px
            && word.bounds.x_px >= titles.right_px
            && SHEET_HEADS.contains(&&*fold(&word.text))
    };
    let words = || layout.lines.iter().flat_map(|line| line.words);
    let Some(column) = words()
        .find(is_head)
        .and_then(|word| column(layout, std::slice::from_ref(word)))
    else {
        return found;
    };
    for words in layout
        .lines
        .iter()
        .map(|line| column.of(line))
        .filter(|words| !words.is_empty())
    {
        let middle_px = words[0].bounds.y_px + words[0].bounds.h_px / 2;
        let cell = cells.iter().rposition(|cell| cell.top_px <= middle_px);
        if let (Some(cell), Some(range)) = (cell, range_of(&text_of(words)))
            && found[cell].is_none()
        {
            found[cell] = Some(range);
        }
    }
    let mut last = 0;
    for range in &mut found {
        match range {
            Some((first, end)) if *first > last => last = *end,
            _ => *range = None,
        }
    }
    found
}

fn range_of(text: &str) -> Option<(u16, u16)> {
    let found = SHEETS.captures(text.trim())?;
    let first: u16 = found[1].parse().ok()?;
    let last = found
        .get(2)
        .map_or(Some(first), |last| last.as_str().parse().ok())?;
    (first > 0 && last >= first).then_some((first, last))
}
