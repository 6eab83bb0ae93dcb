//! The cues of the type table on a document's pages: which words, in which zone.

use crate::formats::vietnamese::{Folded, Hit};
use crate::model::Word;

use super::heading::Heading;
use super::layout::{Layout, Line};
use super::marks::{Marks, begins_with_any};
use super::type_table::{CueRow, TypeTable, Zone};

/// The zone `top` ends here, as a share of the page.
const TOP: f32 = 0.34;
/// The zone `foot` begins here.
const FOOT: f32 = 0.4;
/// Lines under a heading that its trích yếu may take.
const SUBJECT_LINES: usize = 6;

/// A cue that was read.
pub struct Spoken<'t, 'a> {
    /// The number of the type it speaks of.
    pub row: usize,
    /// The cue.
    pub cue: &'t CueRow,
    /// Its words on the page.
    pub words: Vec<&'a Word>,
    /// The page they stand on, from 1.
    pub page: u32,
}

/// All cues of the table that stand on the first page, or at the foot of the last.
pub fn find_cues<'t, 'a>(
    pages: &[Layout<'a>],
    heading: Option<&Heading>,
    table: &'t TypeTable,
    marks: &Marks,
) -> Vec<Spoken<'t, 'a>> {
    let (first, last) = (&pages[0], &pages[pages.len() - 1]);
    let above = |line: &Line| first.down(line) < TOP;
    let below = |line: &Line| last.down(line) > FOOT;
    let mut spoken = Vec::new();
    let mut look = |layout: &Layout<'a>, lines: &mut dyn Iterator<Item = usize>, zone| {
        let text = Text::of(layout, lines);
        spoken.extend(text.cues(table, zone));
    };
    let all = 0..first.lines.len();
    look(first, &mut all.clone(), Zone::Body);
    look(
        first,
        &mut all.filter(|n| above(&first.lines[*n])),
        Zone::Top,
    );
    let all = 0..last.lines.len();
    look(
        last,
        &mut all.filter(|n| below(&last.lines[*n])),
        Zone::Foot,
    );
    if let Some(heading) = heading {
        look(
            first,
            &mut heading_zone(first, heading, marks),
            Zone::Heading,
        );
    }
    spoken
}

/// The heading's lines and those of its trích yếu.
fn heading_zone<'z>(
    layout: &'z Layout,
    heading: &Heading,
    marks: &'z Marks,
) -> impl Iterator<Item = usize> + 'z {
    let first = heading.lines[0];
    let behind = heading.lines[heading.lines.len() - 1] + 1;
    let end = layout.lines.len().min(behind + SUBJECT_LINES);
    let text = move |n: &usize| {
        *n >= behind && begins_with_any(&layout.lines[*n].folded, &marks.body_starts)
    };
    (first..end).take_while(move |n| !text(n))
}

/// Lines of a page as one folded text.
struct Text<'a> {
    page: u32,
    words: Vec<&'a Word>,
    folded: Folded,
}

impl<'a> Text<'a> {
    fn of(layout: &Layout<'a>, lines: &mut dyn Iterator<Item = usize>) -> Self {
        let words: Vec<&Word> = lines.flat_map(|n| layout.lines[n].words).collect();
        Self {
            page: layout.page,
            folded: Folded::of(words.iter().map(|word| word.text.as_str())),
            words,
        }
    }

    fn cues<'t>(&self, table: &'t TypeTable, zone: Zone) -> Vec<Spoken<'t, 'a>> {
        let found = table.cues.find(self.folded.letters());
        let spoken = found.filter_map(|(row, which, hit)| {
            let cue = &table.rows[row].cues[which];
            (cue.zone == zone && self.begins_word(hit)).then(|| Spoken {
                row,
                cue,
                words: self.words[self.folded.words_in(hit.start..hit.end)].to_vec(),
                page: self.page,
            })
        });
        spoken.collect()
    }

    /// Folded words run together: a cue may not begin in the middle of one.
    fn begins_word(&self, hit: Hit) -> bool {
        hit.start == 0
            || self.folded.ends_word(hit.start)
            || hit.edits > 0 && self.folded.ends_word(hit.start + 1)
    }
}
