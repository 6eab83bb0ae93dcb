//! One page: its true lines beside the words read, whatever their order.
//!
//! Readers of two-column letterheads disagree about order without being wrong, so each true line is looked for
//! anywhere on the page, the surest first, and what it matched is taken away. What no true line claimed was
//! invented; what no place was found for was missed. The same rules as `scripts/benchlib/scoring.py`.
//!
//! Sure is what has many letters and few to change: a long line goes before a short one that begins it, and the cells
//! of a table go last, to words that are left whole.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ReadingScore;
use super::distance::{distance, farthest_start, nearest_ends};
use super::plain::{Plain, Token, without_marks};
use super::words::align;
use crate::evaluate::Sample;
use crate::model::PageText;

/// A true line counts as missed when more than one of so many of its letters would have to be changed.
const MISSED_ABOVE_ONE_OF: usize = 2;
/// A letter to change takes away the sureness of so many letters.
const LETTERS_A_CHANGE: i64 = 3;

/// Judges what was read of a page by its true lines.
pub fn score_page<'l>(lines: impl IntoIterator<Item = &'l str>, read: &PageText) -> ReadingScore {
    let lines = lines.into_iter().map(Plain::line);
    let lines: Vec<Plain> = lines.filter(|line| !line.letters.is_empty()).collect();
    let text = Plain::page(read);
    let mut page = Page {
        tokens: text.tokens(),
        free: vec![(0, text.letters.len())],
        text,
        read,
        score: ReadingScore {
            pages: 1,
            ..ReadingScore::default()
        },
    };
    page.place_all(&lines);
    page.score.invented_chars = page.unclaimed();
    page.score
}

struct Page<'r> {
    text: Plain,
    tokens: Vec<Token>,
    read: &'r PageText,
    /// Stretches that no line has claimed yet, in order.
    free: Vec<(usize, usize)>,
    score: ReadingScore,
}

/// Where a line would stand; the surest comes first, of equals the first on the page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// Letters that would have to be changed, weighed, less the letters of the line.
    unsure: i64,
    start: usize,
    end: usize,
    line: usize,
}

impl Page<'_> {
    fn place_all(&mut self, lines: &[Plain]) {
        let mut waiting = BinaryHeap::new();
        for number in 0..lines.len() {
            self.look_for(number, lines, &mut waiting);
        }
        while let Some(Reverse(found)) = waiting.pop() {
            if self.is_free(found) {
                self.take(found.start, found.end);
                self.compare(&lines[found.line], found);
            } else {
                // A surer line took part of it meanwhile: look again in what is left.
                self.look_for(found.line, lines, &mut waiting);
            }
        }
    }

    fn look_for(&mut self, line: usize, lines: &[Plain], waiting: &mut BinaryHeap<Reverse<Found>>) {
        match self.surest_place(line, &lines[line].letters) {
            Some(found) => waiting.push(Reverse(found)),
            None => self.miss(&lines[line]),
        }
    }

    /// The nearest stretch in what is free, of equals the first that begins and ends with words, else the first; none where
    /// all are too far.
    fn surest_place(&self, line: usize, letters: &[char]) -> Option<Found> {
        let mut best: Option<((usize, bool), Found)> = None;
        for &(low, high) in &self.free {
            let stretch = &self.text.letters[low..high];
            let (changes, ends) = nearest_ends(letters, stretch);
            if changes * MISSED_ABOVE_ONE_OF > letters.len() {
                continue;
            }
            for end in ends {
                let start = low + farthest_start(letters, &stretch[..end], changes);
                let end = low + end;
                let cost = (changes, self.cuts_a_word(start, end));
                if best.is_none_or(|(least, _)| cost < least) {
                    let unsure = LETTERS_A_CHANGE * changes as i64 - letters.len() as i64;
                    let found = Found {
                        unsure,
                        start,
                        end,
                        line,
                    };
                    best = Some((cost, found));
                }
            }
        }
        best.map(|(_, found)| found)
    }

    /// True where a word goes on before or behind the stretch.
    fn cuts_a_word(&self, start: usize, end: usize) -> bool {
        let letters = &self.text.letters;
        let goes_on = |place: usize| {
            (1..letters.len()).contains(&place) && !letters[place - 1..=place].contains(&' ')
        };
        goes_on(start) || goes_on(end)
    }

    fn is_free(&self, found: Found) -> bool {
        let mut free = self.free.iter();
        free.any(|&(low, high)| low <= found.start && found.end <= high)
    }

    fn take(&mut self, start: usize, end: usize) {
        let free = self.free.iter();
        let parts = free.flat_map(|&(low, high)| [(low, high.min(start)), (low.max(end), high)]);
        self.free = parts.filter(|(low, high)| low < high).collect();
    }

    fn miss(&mut self, line: &Plain) {
        let (letters, words) = (line.letters.len() as u64, line.tokens().len() as u64);
        let score = &mut self.score;
        score.lines += 1;
        score.lines_missed += 1;
        score.truth_chars += letters;
        score.errors += letters;
        score.errors_without_marks += letters;
        score.words += words;
        score.wrong_words += words;
    }

    fn compare(&mut self, line: &Plain, found: Found) {
        let read = &self.text.letters[found.start..found.end];
        let bare = (without_marks(&line.letters), without_marks(read));
        let score = &mut self.score;
        score.lines += 1;
        score.truth_chars += line.letters.len() as u64;
        score.errors += distance(&line.letters, read) as u64;
        score.errors_without_marks += distance(&bare.0, &bare.1) as u64;
        self.compare_words(line, found);
    }

    /// A word read stands in the stretch in which its middle letter stands, and is compared whole.
    fn compare_words(&mut self, line: &Plain, found: Found) {
        let tokens = line.tokens();
        let middle = |token: &&Token| token.start + (token.end - token.start) / 2;
        let stretch = found.start..found.end;
        let there = self.tokens.iter();
        let there: Vec<Token> = there
            .filter(|token| stretch.contains(&middle(token)))
            .copied()
            .collect();
        let aligned = align(&of_plain(line, &tokens), &of_plain(&self.text, &there));
        self.score.words += tokens.len() as u64;
        self.score.wrong_words += aligned.wrong as u64;
        for (token, right) in there.iter().zip(aligned.right) {
            self.score.calibration.add(Sample {
                confidence_pct: self.read.words[token.word].confidence.pct(),
                right,
            });
        }
    }

    fn unclaimed(&self) -> u64 {
        let free = self.free.iter();
        let letters = free.flat_map(|&(low, high)| &self.text.letters[low..high]);
        letters.filter(|&&letter| letter != ' ').count() as u64
    }
}

fn of_plain<'p>(plain: &'p Plain, tokens: &[Token]) -> Vec<&'p [char]> {
    let tokens = tokens.iter();
    tokens
        .map(|token| &plain.letters[token.start..token.end])
        .collect()
}
