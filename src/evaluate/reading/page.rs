//! One page: its true lines beside the words read, whatever their order.
//!
//! Readers of two-column letterheads disagree about order without being wrong, so each true line is looked for
//! anywhere on the page, the surest first, and what it matched is taken away. What no true line claimed was
//! invented; what no place was found for was missed. The same rules as `scripts/benchlib/scoring.py`.

use super::ReadingScore;
use super::distance::{distance, farthest_start, nearest_end};
use super::plain::{Plain, Token, without_marks};
use super::words::align;
use crate::evaluate::Sample;
use crate::model::PageText;

/// A true line counts as missed when more than this share of it would have to be changed.
const MISSED_ABOVE: f64 = 0.5;

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

/// Where a line would stand.
#[derive(Clone, Copy)]
struct Found {
    /// The share of the line that would have to be changed.
    cost: f64,
    start: usize,
    end: usize,
    line: usize,
}

impl Page<'_> {
    fn place_all(&mut self, lines: &[Plain]) {
        let numbered = lines.iter().enumerate();
        let places = numbered.map(|(n, line)| self.surest_place(n, &line.letters));
        let mut waiting: Vec<Found> = places.collect();
        while let Some(found) = take_surest(&mut waiting) {
            let line = &lines[found.line];
            if found.cost > MISSED_ABOVE {
                self.miss(line);
            } else if self.is_free(found) {
                self.take(found.start, found.end);
                self.compare(line, found);
            } else {
                // A surer line took part of it meanwhile: look again in what is left.
                waiting.push(self.surest_place(found.line, &line.letters));
            }
        }
    }

    fn surest_place(&self, line: usize, letters: &[char]) -> Found {
        let mut best = Found {
            cost: 2.0,
            start: 0,
            end: 0,
            line,
        };
        for &(low, high) in &self.free {
            let stretch = &self.text.letters[low..high];
            let (changes, end) = nearest_end(letters, stretch);
            let cost = changes as f64 / letters.len() as f64;
            if cost < best.cost {
                let start = low + farthest_start(letters, &stretch[..end], changes);
                let end = low + end;
                best = Found {
                    cost,
                    start,
                    end,
                    line,
                };
            }
        }
        best
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

/// The place of the least cost, of equals the first on the page.
fn take_surest(waiting: &mut Vec<Found>) -> Option<Found> {
    let order = |one: &Found, other: &Found| {
        let behind = |found: &Found| (found.start, found.end, found.line);
        let costs = one.cost.total_cmp(&other.cost);
        costs.then_with(|| behind(one).cmp(&behind(other)))
    };
    let numbered = waiting.iter().enumerate();
    let surest = numbered.min_by(|(_, one), (_, other)| order(one, other));
    let place = surest.map(|(place, _)| place)?;
    Some(waiting.swap_remove(place))
}
