//! What a page shows of its place in a document: does it begin one, go on, end one?
//!
//! Weights are log-odds in hundredths of a nat. Signs that hang on several
//! pages (numbers that go on, paper of another size) are weighed by split.

use std::sync::LazyLock;

use regex::Regex;

use super::copy;
use super::heading::{Heading, is_enclosed, is_running_text};
use super::layout::{Layout, Line};
use super::linear::Opinion;
use super::listing::LISTS;
use super::marks::{Marks, begins_with_any};
use super::notation::Notation;
use super::regime;
use super::stamp;
use super::type_table::TypeTable;
use crate::model::{PageSigns, PageText};

/// The id of the sheet that parts dossiers or documents.
const SEPARATOR: &str = "to_phan_cach";

/// Down to here a heading alone (without the regime header) opens a document.
const OPENING_ZONE: f32 = 0.4;
/// Page numbers stand above this share of the page, or below the other.
const HEAD: f32 = 0.1;
const FOOT: f32 = 0.9;
/// Words of later pages stand above this share.
const LATER_ZONE: f32 = 0.5;
/// Text that ends below this share of the page fills it.
const FULL_PAGE: f32 = 0.78;
/// A page of fewer lines says nothing of its letters.
const FEW_LINES: usize = 4;

/// Pages read with less confidence are guessed: measured on 620 pages, backs with the front showing
/// through have 15 to 30 % and tables that the engine could not read 22 to 38 %, all others 70 % and more.
const GUESSED_PCT: u8 = 45;

mod weigh {
    /// A page that shows nothing goes on: three of four pages that do not open show nothing.
    pub const NOTHING: i32 = -130;
    pub const REGIME: i32 = 330;
    pub const NUMBER_HEAD: i32 = 250;
    pub const HEADING: i32 = 320;
    pub const AN_EDIT: i32 = -30;
    /// Capitals follow on its line: a chapter's heading more often than a paper's.
    pub const GOES_ON: i32 = -120;
    /// An annex, an enclosed text, words before the articles.
    pub const OPENS_NONE: i32 = -260;
    pub const LATER_PAGE: i32 = -280;
    /// The mark of a copy for which the copied paper had no room.
    pub const MARK_OF_A_COPY: i32 = -350;
    pub const LATER_NUMBER: i32 = -320;
    pub const NUMBER_ONE: i32 = 60;
    pub const BEGINS_SMALL: i32 = -200;
    pub const GUESSED: i32 = -200;
    pub const ADDRESSEE: i32 = 60;
    /// The trained model, at most so much either way.
    pub const MODEL_PCT: i32 = 30;
    pub const MODEL_MOST: i32 = 60;

    pub const SIGNED: i32 = 130;
    pub const RECIPIENTS: i32 = 110;
    pub const TEXT_ENDS: i32 = 60;
    pub const TEXT_GOES_ON: i32 = -130;
}

/// `Trang 2/5`, `2/5`, `Trang 2`, `- 2 -`, `2`, and nothing else on the line.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[^\p{L}\d]{0,3}(?:(trang|page)\s*:?\s*)?(\d{1,3})(?:\s*[/|]\s*(\d{1,3}))?[^\p{L}\d]{0,3}$")
        .expect("the pattern compiles")
});

/// What was read on one page, for its signs.
pub struct Sight<'s, 'a> {
    /// The page.
    pub layout: &'s Layout<'a>,
    /// Its words.
    pub text: &'s PageText,
    /// Its headings, the best first.
    pub headings: &'s [Heading<'s, 'a>],
    /// Its number line.
    pub notation: Option<&'s Notation<'a>>,
    /// What the trained model thinks.
    pub opinion: &'s Opinion,
}

/// The signs on a page.
pub fn signs(sight: &Sight, types: &TypeTable, marks: &Marks) -> PageSigns {
    let (layout, text) = (sight.layout, sight.text);
    let (number, of_pages) = printed_number(layout).unzip();
    let later = later_page(layout, types).filter(|_| !sight.headings.iter().any(|h| !h.operative));
    let best = sight.headings.first().filter(|heading| !heading.operative);
    PageSigns {
        opens: opens(sight, marks, number, later.is_some()),
        closes: closes(layout, marks),
        number,
        of_pages: of_pages.flatten(),
        kind: best.map(|heading| heading.number as u16),
        continues: later.map(|row| row as u16),
        letter_um: match layout.lines.len() {
            ..FEW_LINES => 0,
            _ => um(layout.letter_px, text.dpi),
        },
        width_mm: (um(text.width_px, text.dpi) / 1000) as u16,
        height_mm: (um(text.height_px, text.dpi) / 1000) as u16,
        separator: sight
            .headings
            .first()
            .is_some_and(|heading| heading.row.id == SEPARATOR),
        lists: best.is_some_and(|heading| LISTS.contains(&&*heading.row.id)),
        secrecy: stamp::secrecy(layout),
    }
}

fn um(px: u32, dpi: u32) -> u32 {
    let um = u64::from(px) * 25_400 / u64::from(dpi.max(1));
    u32::try_from(um).unwrap_or(u32::MAX).min(60_000_000)
}

fn opens(sight: &Sight, marks: &Marks, number: Option<u16>, later: bool) -> i32 {
    let layout = sight.layout;
    let regime = regime::has_regime_header(layout, marks);
    let copied = copy::fills_page(layout, marks);
    let head = !copied && regime::has_number_head(layout, sight.notation, marks);
    let addressee = |line: &Line| {
        layout.down(line) < OPENING_ZONE && line.folded.letters().starts_with("KINHGUI")
    };
    let mut opens = weigh::NOTHING + opening_heading(sight) + model(sight.opinion);
    for (seen, points) in [
        (regime, weigh::REGIME),
        (head && !regime, weigh::NUMBER_HEAD),
        (later, weigh::LATER_PAGE),
        (copied, weigh::MARK_OF_A_COPY),
        (is_guessed(sight.text), weigh::GUESSED),
        (number == Some(1), weigh::NUMBER_ONE),
        (number.is_some_and(|n| n > 1), weigh::LATER_NUMBER),
        (!regime && begins_small(layout), weigh::BEGINS_SMALL),
        (layout.lines.iter().any(addressee), weigh::ADDRESSEE),
    ] {
        opens += i32::from(seen) * points;
    }
    opens
}

fn opening_heading(sight: &Sight) -> i32 {
    let Some(heading) = sight.headings.first() else {
        return 0;
    };
    let layout = sight.layout;
    let high = layout.down(&layout.lines[heading.lines[0]]) < OPENING_ZONE;
    match () {
        () if heading.operative || !heading.row.opens || is_enclosed(layout, heading) => {
            weigh::OPENS_NONE
        }
        () if high => {
            let goes_on = i32::from(!heading.stands_alone()) * weigh::GOES_ON;
            weigh::HEADING + weigh::AN_EDIT * heading.edits as i32 + goes_on
        }
        () => 0,
    }
}

fn model(opinion: &Opinion) -> i32 {
    let points = opinion.begins * weigh::MODEL_PCT / 100;
    points.clamp(-weigh::MODEL_MOST, weigh::MODEL_MOST)
}

/// True where what was read is mostly guessed: the front showing through a blank back, a drawing.
fn is_guessed(text: &PageText) -> bool {
    !text.words.is_empty() && text.confidence().pct() < GUESSED_PCT
}

/// True where the first line of text goes on with a sentence.
fn begins_small(layout: &Layout) -> bool {
    let text = layout
        .lines
        .iter()
        .find(|line| is_running_text(layout, line));
    let Some(line) = text else { return false };
    let above = layout
        .lines
        .iter()
        .filter(|other| other.bounds.bottom_px() <= line.bounds.y_px);
    let only_number = above.clone().all(|line| NUMBER.is_match(&line.text()));
    only_number && line.words[0].text.starts_with(char::is_lowercase)
}

/// The row of which this is a later page, by the words in its upper half.
fn later_page(layout: &Layout, types: &TypeTable) -> Option<usize> {
    let above = layout
        .lines
        .iter()
        .filter(|line| layout.down(line) < LATER_ZONE);
    above
        .flat_map(|line| types.later.find(line.folded.letters()))
        .min_by_key(|(_, _, hit)| hit.edits)
        .map(|(row, _, _)| row)
}

fn closes(layout: &Layout, marks: &Marks) -> i32 {
    let title = |line: &Line| {
        layout.across(line) > 0.5
            && layout.down(line) > 0.2
            && begins_with_any(&line.folded, &marks.signer_titles)
    };
    let recipients = |line: &Line| line.folded.letters().starts_with("NOINHAN");
    let ends = |line: &Line| line.text().contains("./.");
    let lines = || layout.lines.iter();
    let seen = [
        (lines().any(title), weigh::SIGNED),
        (lines().any(recipients), weigh::RECIPIENTS),
        (lines().any(ends), weigh::TEXT_ENDS),
        (text_goes_on(layout), weigh::TEXT_GOES_ON),
    ];
    seen.iter()
        .map(|(seen, points)| i32::from(*seen) * points)
        .sum()
}

/// True where the text fills the page and its last line is full and ends in the middle of a sentence.
fn text_goes_on(layout: &Layout) -> bool {
    let numbers = |line: &&Line| !NUMBER.is_match(&line.text());
    let last = layout
        .lines
        .iter()
        .filter(numbers)
        .max_by_key(|line| line.bounds.bottom_px());
    last.is_some_and(|line| {
        let word = &line.words[line.words.len() - 1].text;
        layout.down(line) > FULL_PAGE
            && is_running_text(layout, line)
            && word.ends_with(|c: char| c.is_alphanumeric() || c == ',')
    })
}

/// The number at the head or foot of the page, with the pages that the document has.
fn printed_number(layout: &Layout) -> Option<(u16, Option<u16>)> {
    let at_edge = |line: &&Line| layout.down(line) < HEAD || layout.down(line) > FOOT;
    layout.lines.iter().filter(at_edge).find_map(|line| {
        let text = line.text();
        let found = NUMBER.captures(&text)?;
        let number: u16 = found[2].parse().ok()?;
        let of_pages = found.get(3).and_then(|of| of.as_str().parse().ok());
        let fine = number > 0 && of_pages.is_none_or(|all| number <= all);
        // A bare figure at the side is noise or a stamp.
        let labelled = found.get(1).is_some() || of_pages.is_some();
        let middle = (layout.across(line) - 0.5).abs() < 0.12 || layout.across(line) > 0.85;
        (fine && (labelled || middle)).then_some((number, of_pages))
    })
}
