//! The heading that names the type: `QUYẾT ĐỊNH`, alone and centred over the text.
//!
//! A citation (`Căn cứ Quyết định số …`, `Quyết định này …`) is told from a
//! heading by four things together: the heading *begins* its line, is in capitals
//! (or much larger), stands in the middle, and has no running text above it.

use crate::formats::vietnamese::{Folded, Pattern};
use crate::model::Word;

use super::layout::{Layout, Line, in_capitals};
use super::type_table::{TypeRow, TypeTable};

/// Down to here a heading is looked for.
const ZONE: f32 = 0.55;
/// How far from the middle of the text a heading's middle may stand, as a share of its width.
const OFF_CENTER: f32 = 0.17;
/// Lines of running text that may stand above (`(Ban hành kèm theo Thông tư số …)`).
const MAX_TEXT_ABOVE: usize = 2;
/// One edit is allowed for so many letters of the heading, and never more than four.
const LETTERS_AN_EDIT: usize = 5;
/// What an edit costs against matched letters when headings compete.
const EDIT_COST: i64 = 4;
/// A heading that is not in capitals must be larger than the text by this factor.
const LARGER: f32 = 1.3;

/// Lines under a heading among which an enclosure says to what it belongs.
const LINES_TO_ENCLOSURE: usize = 4;

/// A type's heading found on a page.
#[derive(Debug)]
pub struct Heading<'t, 'a> {
    /// The type it names.
    pub row: &'t TypeRow,
    /// Letters misread in it.
    pub edits: u32,
    /// Numbers of the lines it takes, top to bottom.
    pub lines: Vec<usize>,
    /// Its words.
    pub words: Vec<&'a Word>,
    /// Words that follow it on its last line.
    pub rest: Vec<&'a Word>,
    /// True for `QUYẾT ĐỊNH:` before the articles, which opens no document.
    pub operative: bool,
    score: i64,
}

impl Heading<'_, '_> {
    /// True where nothing but lower-case text (the trích yếu) follows on its line.
    pub fn stands_alone(&self) -> bool {
        !in_capitals(self.rest.iter().copied())
    }
}

/// The best heading of a first page; none where no line qualifies.
pub fn find_heading<'t, 'a>(layout: &Layout<'a>, table: &'t TypeTable) -> Option<Heading<'t, 'a>> {
    let mut text_above = 0;
    let mut best: Option<Heading> = None;
    for (number, line) in layout.lines.iter().enumerate() {
        if text_above > MAX_TEXT_ABOVE || layout.down(line) > ZONE {
            break;
        }
        if is_running_text(layout, line) {
            text_above += 1;
        } else if may_be_heading(layout, line) {
            let here = heading_at(layout, number, table);
            // `>`: of equals the upper one stays.
            if here.as_ref().map(|h| h.score) > best.as_ref().map(|h| h.score) {
                best = here;
            }
        }
    }
    best
}

/// True for a line of the paper's text: wide and in small letters.
pub fn is_running_text(layout: &Layout, line: &Line) -> bool {
    let text_width_px = layout.right_px.saturating_sub(layout.left_px);
    line.bounds.w_px * 10 > text_width_px * 7 && !line.in_capitals()
}

fn may_be_heading(layout: &Layout, line: &Line) -> bool {
    let larger = line.height_px as f32 >= LARGER * layout.letter_px as f32;
    (layout.across(line) - 0.5).abs() <= OFF_CENTER && (larger || begins_in_capitals(line))
}

/// The trích yếu may follow on the same line in small letters, so the first two words decide
/// (a letter-spaced heading is all single capitals).
fn begins_in_capitals(line: &Line) -> bool {
    in_capitals(line.words.iter().take(2))
}

fn heading_at<'t, 'a>(
    layout: &Layout<'a>,
    number: usize,
    table: &'t TypeTable,
) -> Option<Heading<'t, 'a>> {
    let lines = joined(layout, number);
    let words: Vec<&'a Word> = lines.iter().flat_map(|n| layout.lines[*n].words).collect();
    let folded = Folded::of(words.iter().map(|word| word.text.as_str()));
    let headings = table
        .rows
        .iter()
        .flat_map(|row| row.headings.iter().map(move |heading| (row, heading)));
    let matches = headings.filter_map(|(row, heading)| Some((row, best_prefix(heading, &folded)?)));
    let (row, found) = matches.max_by_key(|(_, found)| found.score)?;
    let taken = folded.words_in(0..found.end).end;
    Some(cut(layout, row, &found, &lines, &words, taken))
}

struct Prefix {
    end: usize,
    edits: u32,
    score: i64,
}

/// The best end of this heading at the start of the text, at the end of a word.
fn best_prefix(heading: &Pattern, folded: &Folded) -> Option<Prefix> {
    let allowed = (heading.len() / LETTERS_AN_EDIT).min(4) as u32;
    let reach = folded.letters().len().min(heading.len() + allowed as usize);
    heading
        .prefix_distances(&folded.letters()[..reach])
        .enumerate()
        .filter(|(last, edits)| *edits <= allowed && folded.ends_word(last + 1))
        .min_by_key(|(_, edits)| *edits)
        .map(|(last, edits)| Prefix {
            end: last + 1,
            edits,
            score: heading.len() as i64 - EDIT_COST * i64::from(edits),
        })
}

fn cut<'t, 'a>(
    layout: &Layout<'a>,
    row: &'t TypeRow,
    found: &Prefix,
    lines: &[usize],
    words: &[&'a Word],
    taken: usize,
) -> Heading<'t, 'a> {
    let mut used = Vec::new();
    let mut seen = 0;
    for number in lines {
        used.push(*number);
        seen += layout.lines[*number].words.len();
        if seen >= taken {
            break;
        }
    }
    let operative = words[taken - 1].text.ends_with(':')
        || words.get(taken).is_some_and(|next| next.text == ":")
        || first_article_follows(layout, used[used.len() - 1]);
    Heading {
        row,
        edits: found.edits,
        lines: used,
        words: words[..taken].to_vec(),
        rest: words[taken..seen].to_vec(),
        operative,
        // An operative heading counts only where nothing better stands on the page.
        score: found.score - if operative { 50 } else { 0 },
    }
}

/// True for an annex or an enclosed text: `(Kèm theo Quyết định số …)`, `(Ban hành kèm theo …)`.
pub fn is_enclosed(layout: &Layout, heading: &Heading) -> bool {
    let below = heading.lines.last().map_or(0, |last| last + 1);
    let next = layout.lines.iter().skip(below).take(LINES_TO_ENCLOSURE);
    next.map(|line| line.folded.letters())
        .any(|letters| letters.contains("KEMTHEO"))
}

fn first_article_follows(layout: &Layout, number: usize) -> bool {
    layout
        .lines
        .get(number + 1)
        .is_some_and(|next| next.folded.letters().starts_with("DIEU1"))
}

/// The line and up to two lines below that may belong to the same heading.
fn joined(layout: &Layout, number: usize) -> Vec<usize> {
    let mut lines = vec![number];
    for below in number + 1..layout.lines.len().min(number + 3) {
        let (upper, lower) = (&layout.lines[below - 1], &layout.lines[below]);
        if !upper.is_followed_by(lower, 1.5) || !may_be_heading(layout, lower) {
            break;
        }
        lines.push(below);
    }
    lines
}
