//! The heading that names the type: `QUYẾT ĐỊNH`, alone and centred over the text.
//!
//! A citation (`Căn cứ Quyết định số …`, `Quyết định này …`) is told from a
//! heading by four things together: the heading *begins* its line, is in capitals
//! (or much larger), stands in the middle, and has no running text above it. On one
//! line with it may only stand what recognisers join to it: the form's number
//! (`Mẫu số 01/ĐK`), noise, the other column of the header.

use std::sync::LazyLock;

use regex::Regex;

use crate::formats::vietnamese::{Folded, Hit, Pattern, fold};
use crate::model::Word;

use super::layout::{Layout, Line, around, in_capitals};
use super::marks::{Marks, begins_with_any};
use super::regime::is_regime_line;
use super::type_table::{TypeRow, TypeTable, heading_edits};

/// Down to here a heading is looked for.
const ZONE: f32 = 0.55;
/// How far from the middle of the text a heading's middle may stand, as a share of its width.
const OFF_CENTER: f32 = 0.17;
/// The same for a heading of so many letters, which no citation has by chance in capitals:
/// cards and receipts set theirs beside an emblem or a picture.
const OFF_CENTER_LONG: f32 = 0.3;
const LONG_LETTERS: usize = 12;
/// Lines of running text that may stand above (`(Ban hành kèm theo Thông tư số …)`).
const MAX_TEXT_ABOVE: usize = 2;
/// What an edit costs against matched letters when headings compete.
const EDIT_COST: i64 = 4;
/// What it costs that capitals follow on the line (`QUY ĐỊNH CHUNG`), or something stands before it.
const GOES_ON_COST: i64 = 3;
/// An operative heading counts only where nothing better stands on the page.
const OPERATIVE_COST: i64 = 50;
/// A heading further down must be longer by so many letters: chapters have headings too.
const LOWER_COST: i64 = 4;
/// The same for one in the lines of another (`ĐƠN ĐĂNG KÝ, CẤP GIẤY CHỨNG NHẬN / QUYỀN SỬ DỤNG ĐẤT …`).
const INNER_COST: i64 = 40;
/// A heading that is not in capitals must be larger than the text by this factor.
const LARGER: f32 = 1.3;
/// Letters before a heading that are noise.
const NOISE_LETTERS: usize = 2;

/// Lines of one heading stand at most so many letter heights apart.
const HEADING_GAP: f32 = 1.5;
/// No heading has more lines.
const HEADING_LINES: usize = 4;
/// Down to here, and of so many letters, a line in capitals is taken for a heading that nobody knows.
const TITLE_ZONE: f32 = 0.45;
const TITLE_LETTERS: usize = 6;
/// Shorter beginnings of offices are also those of other words (`BỘ`, `BỔ SUNG`).
const ORGAN_LETTERS: usize = 5;

/// `II.`, `A)`, `3.`: the heading behind it is one of a chapter.
static ITEM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:[IVXl]{1,4}|[A-D]|[0-9]{1,2})[.)/]$").expect("it compiles"));

/// Lines under a heading among which an enclosure says to what it belongs.
const LINES_TO_ENCLOSURE: usize = 4;

/// A type's heading found on a page.
#[derive(Debug, Clone)]
pub struct Heading<'t, 'a> {
    /// The type it names.
    pub row: &'t TypeRow,
    /// The number of that type in the table.
    pub number: usize,
    /// Letters misread in it.
    pub edits: u32,
    /// Its letters.
    pub letters: usize,
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

/// The headings of a first page, the best of each type, the best of all first.
pub fn find_headings<'t, 'a>(layout: &Layout<'a>, table: &'t TypeTable) -> Vec<Heading<'t, 'a>> {
    let mut text_above = 0;
    let mut best: Vec<Heading> = Vec::new();
    let mut block_end = 0;
    for (number, line) in layout.lines.iter().enumerate() {
        if text_above > MAX_TEXT_ABOVE || layout.down(line) > ZONE {
            break;
        }
        if is_running_text(layout, line) {
            text_above += 1;
            continue;
        }
        let lower = match () {
            () if best.is_empty() => 0,
            () if number <= block_end => INNER_COST,
            () => LOWER_COST,
        };
        let lines = joined(layout, number);
        let here = headings_at(layout, &lines, table);
        if best.is_empty() && !here.is_empty() {
            block_end = lines[lines.len() - 1];
        }
        best.extend(here.into_iter().map(|heading| Heading {
            score: heading.score - lower,
            ..heading
        }));
    }
    // Stable: of equals the upper one stays.
    best.sort_by_key(|heading| -heading.score);
    let mut seen = vec![false; table.rows.len()];
    best.retain(|heading| !std::mem::replace(&mut seen[heading.number], true));
    best
}

/// True for a line of the paper's text: wide and in small letters.
pub fn is_running_text(layout: &Layout, line: &Line) -> bool {
    let text_width_px = layout.right_px.saturating_sub(layout.left_px);
    line.bounds.w_px * 10 > text_width_px * 7 && !line.in_capitals()
}

fn may_be_heading(layout: &Layout, line: &Line) -> bool {
    (layout.across(line) - 0.5).abs() <= OFF_CENTER && stands_out(layout, line.words)
}

/// In capitals, or much larger than the text. The trích yếu may follow on the same line in
/// small letters, so the first two words decide (a letter-spaced heading is all single capitals).
fn stands_out(layout: &Layout, words: &[Word]) -> bool {
    let first = words.iter().take(2);
    let larger = |word: &Word| word.bounds.h_px as f32 >= LARGER * layout.letter_px as f32;
    in_capitals(first.clone()) || first.clone().all(larger)
}

fn headings_at<'t, 'a>(
    layout: &Layout<'a>,
    lines: &[usize],
    table: &'t TypeTable,
) -> Vec<Heading<'t, 'a>> {
    let words: Vec<&'a Word> = lines.iter().flat_map(|n| layout.lines[*n].words).collect();
    let folded = Folded::of(words.iter().map(|word| word.text.as_str()));
    let place = Place {
        layout,
        lines,
        words: &words,
        folded: &folded,
    };
    let found = table.headings.phrases.find(folded.letters()).into_iter();
    let read = found.filter_map(|found| {
        let (row, _) = table.headings.owners[found.phrase];
        place.read(
            table,
            row,
            table.headings.phrases.pattern(found.phrase),
            found.hit,
        )
    });
    read.collect()
}

/// Lines that may hold a heading.
struct Place<'p, 'a> {
    layout: &'p Layout<'a>,
    lines: &'p [usize],
    words: &'p [&'a Word],
    folded: &'p Folded,
}

impl<'a> Place<'_, 'a> {
    fn read<'t>(
        &self,
        table: &'t TypeTable,
        number: usize,
        pattern: &Pattern,
        hit: Hit,
    ) -> Option<Heading<'t, 'a>> {
        let first = self.first_word(hit)?;
        let line = &self.layout.lines[self.lines[0]];
        if first >= line.words.len() || !self.may_begin(line, first, pattern) {
            return None;
        }
        let start = self.folded.letters_of(first).start;
        let found = best_prefix(pattern, self.folded, start)?;
        Some(self.cut(table, number, pattern, first, &found))
    }

    /// The word that begins where the hit does, or a letter beside it. Where its first letters are misread
    /// (`GNỨNG CHỈ`) the hit begins as well behind them.
    fn first_word(&self, hit: Hit) -> Option<usize> {
        let word = self.folded.word_at(hit.start)?;
        let letters = self.folded.letters_of(word);
        match () {
            () if hit.start - letters.start <= (hit.edits as usize).max(1) => Some(word),
            () if letters.end - hit.start <= 1 => self.folded.word_at(letters.end),
            () => None,
        }
    }

    /// True where a heading may begin with this word of the line.
    fn may_begin(&self, line: &Line, first: usize, pattern: &Pattern) -> bool {
        let before = Folded::of(line.words[..first].iter().map(|word| word.text.as_str()));
        let chapter = line.words[..first]
            .last()
            .is_some_and(|word| ITEM.is_match(&word.text));
        let whole = before.letters().len() <= NOISE_LETTERS && !chapter;
        if whole && may_be_heading(self.layout, line) {
            return true;
        }
        let own = &line.words[first..];
        let Some(bounds) = around(own) else {
            return false;
        };
        let long = pattern.len() >= LONG_LETTERS;
        let most = if long { OFF_CENTER_LONG } else { OFF_CENTER };
        let center = self.layout.across_px(bounds.x_px + bounds.w_px / 2);
        let aside = whole && long || !whole && may_stand_before(before.letters());
        aside && (center - 0.5).abs() <= most && stands_out(self.layout, own)
    }

    fn cut<'t>(
        &self,
        table: &'t TypeTable,
        number: usize,
        pattern: &Pattern,
        first: usize,
        found: &Prefix,
    ) -> Heading<'t, 'a> {
        let taken = self.folded.words_in(0..found.end).end;
        let mut used = Vec::new();
        let mut seen = 0;
        for line in self.lines {
            used.push(*line);
            seen += self.layout.lines[*line].words.len();
            if seen >= taken {
                break;
            }
        }
        let words = self.words;
        let operative = words[taken - 1].text.ends_with(':')
            || words.get(taken).is_some_and(|next| next.text == ":")
            || first_article_follows(self.layout, used[used.len() - 1]);
        let mut heading = Heading {
            row: &table.rows[number],
            number,
            edits: found.edits,
            letters: pattern.len(),
            lines: used,
            words: words[first..taken].to_vec(),
            rest: words[taken..seen].to_vec(),
            operative,
            score: pattern.len() as i64 - EDIT_COST * i64::from(found.edits),
        };
        let goes_on = i64::from(!heading.stands_alone()) + i64::from(first > 0);
        heading.score -= OPERATIVE_COST * i64::from(operative) + GOES_ON_COST * goes_on;
        heading
    }
}

/// What recognisers join to a heading from the line's left: the form's number, the header's columns.
fn may_stand_before(letters: &str) -> bool {
    ["MAU", "BIEUMAU", "CTSO", "PHULUCSO", "SO"]
        .iter()
        .any(|start| letters.starts_with(start))
        || letters.ends_with("HANHPHUC")
        || letters.ends_with("VIETNAM")
}

struct Prefix {
    end: usize,
    edits: u32,
}

/// The best end of this heading where it begins at `start`, at the end of a word.
fn best_prefix(heading: &Pattern, folded: &Folded, start: usize) -> Option<Prefix> {
    let allowed = heading_edits(heading.len());
    let letters = &folded.letters()[start..];
    let reach = letters.len().min(heading.len() + allowed as usize);
    heading
        .prefix_distances(&letters[..reach])
        .enumerate()
        .filter(|(last, edits)| *edits <= allowed && folded.ends_word(start + last + 1))
        .min_by_key(|(_, edits)| *edits)
        .map(|(last, edits)| Prefix {
            end: start + last + 1,
            edits,
        })
}

/// Capitals around a heading that belong to it and that it does not explain: `GIẤY CHỨNG NHẬN` over
/// `ĐỦ ĐIỀU KIỆN KINH DOANH` may be a paper that no table knows.
pub fn unread<'a>(layout: &Layout<'a>, heading: &Heading<'_, 'a>, marks: &Marks) -> Vec<&'a Word> {
    let first = heading.lines[0];
    let above = titles(&layout.lines[..first], layout, marks);
    let mut words: Vec<&Word> = above.flat_map(|line| line.words).collect();
    if says_what_it_is_about(&heading.rest) {
        return words;
    }
    let rest = heading.rest.iter().copied();
    let capitals: Vec<&Word> = rest.take_while(|word| may_be_capitals(word)).collect();
    let whole = capitals.len() == heading.rest.len();
    words.extend(capitals);
    let mut last = heading.lines[heading.lines.len() - 1];
    while whole && last + 1 < layout.lines.len().min(first + HEADING_LINES) {
        let (upper, lower) = (&layout.lines[last], &layout.lines[last + 1]);
        if !upper.is_followed_by(lower, HEADING_GAP) || !is_title(layout, lower, marks) {
            break;
        }
        words.extend(lower.words);
        last += 1;
    }
    words
}

/// True where a line in capitals as of a heading stands at the head of a page on which none was found.
pub fn has_unknown_title(layout: &Layout, marks: &Marks) -> bool {
    titles(&layout.lines, layout, marks).next().is_some()
}

/// Those of the lines that may be a heading.
fn titles<'l, 'a>(
    lines: &'l [Line<'a>],
    layout: &'l Layout<'a>,
    marks: &'l Marks,
) -> impl Iterator<Item = &'l Line<'a>> {
    lines.iter().filter(move |line| {
        layout.down(line) < TITLE_ZONE
            && line.folded.letters().len() >= TITLE_LETTERS
            && is_title(layout, line, marks)
    })
}

/// A line of capitals in the middle that is neither header, office, trích yếu nor a remark in brackets.
fn is_title(layout: &Layout, line: &Line, marks: &Marks) -> bool {
    let organ = |start: &String| {
        start.len() >= ORGAN_LETTERS
            && line.folded.letters().starts_with(start)
            && line.folded.ends_word(start.len())
    };
    line.in_capitals()
        && may_be_heading(layout, line)
        && !line.words[0].text.starts_with(['(', '['])
        && !says_what_it_is_about(&line.words.iter().collect::<Vec<_>>())
        && !is_regime_line(line, marks)
        && !marks.organ_starts.iter().any(organ)
        && !begins_with_any(&line.folded, &marks.signer_titles)
        && !begins_with_any(&line.folded, &marks.body_starts)
}

/// The trích yếu set in capitals.
fn says_what_it_is_about(words: &[&Word]) -> bool {
    words.first().is_some_and(|word| {
        let first = fold(&word.text);
        first == "VE" || first == "VV"
    })
}

fn may_be_capitals(word: &Word) -> bool {
    !word.text.starts_with(['(', '[']) && !word.text.chars().any(char::is_lowercase)
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
        if !upper.is_followed_by(lower, HEADING_GAP) || !may_be_heading(layout, lower) {
            break;
        }
        lines.push(below);
    }
    lines
}
