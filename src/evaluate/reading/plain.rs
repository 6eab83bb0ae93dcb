//! Text as it is compared: one shape for quotes and for dashes, no dot leaders, single gaps.
//!
//! These are the rules of `scripts/benchlib/scoring.py`; `tests/suite/evaluation.rs` holds the two to each other.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use crate::model::PageText;

/// Dots in a row from which on they are a leader.
const LEADER_DOTS: usize = 3;

/// Plain text, with the word of the reader that each letter comes from.
#[derive(Default)]
pub struct Plain {
    /// Its letters, with one space where there is a gap.
    pub letters: Vec<char>,
    /// The index of each letter's word; a space has that of the word before or behind it.
    of_word: Vec<usize>,
}

/// A word between two gaps of the plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its first letter.
    pub start: usize,
    /// Behind its last letter.
    pub end: usize,
    /// The reader's word that it is of.
    pub word: usize,
}

impl Plain {
    /// Of a line of the truth.
    pub fn line(text: &str) -> Self {
        Self::of(text.nfc().map(|letter| (letter, 0)))
    }

    /// Of a page: its words with a gap between any two.
    pub fn page(page: &PageText) -> Self {
        let words = page.words.iter().enumerate();
        let letters = words.flat_map(|(n, word)| {
            let letters = word.text.nfc().chain([' ']);
            letters.map(move |letter| (letter, n))
        });
        Self::of(letters)
    }

    fn of(letters: impl Iterator<Item = (char, usize)>) -> Self {
        let shaped: Vec<(char, usize)> = letters
            .flat_map(|(letter, word)| shaped(letter).map(move |shape| (shape, word)))
            .collect();
        let mut plain = Self::default();
        let mut gap = false;
        let mut n = 0;
        while let Some(&(letter, word)) = shaped.get(n) {
            let leader = leader(&shaped[n..]);
            n += leader.max(1);
            if leader > 0 || is_gap(letter) {
                gap = true;
                continue;
            }
            if gap && !plain.letters.is_empty() {
                plain.push(' ', word);
            }
            gap = false;
            plain.push(letter, word);
        }
        plain
    }

    fn push(&mut self, letter: char, word: usize) {
        self.letters.push(letter);
        self.of_word.push(word);
    }

    /// Its words.
    pub fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut start = 0;
        for part in self.letters.split(|&letter| letter == ' ') {
            let end = start + part.len();
            if !part.is_empty() {
                let word = self.of_word[start];
                tokens.push(Token { start, end, word });
            }
            start = end + 1;
        }
        tokens
    }
}

/// One letter in the shape in which it is compared: an ellipsis is three dots.
fn shaped(letter: char) -> impl Iterator<Item = char> {
    let (shape, times) = match letter {
        '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '‛' | '`' | '´' | '′' | '″'
        | '\'' => ('"', 1),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => ('-', 1),
        '|' | '¦' => (' ', 1),
        '…' => ('.', 3),
        other => (other, 1),
    };
    std::iter::repeat_n(shape, times)
}

/// Letters that a leader takes at the beginning of this text, each dot with the gap behind it; 0 without one.
fn leader(letters: &[(char, usize)]) -> usize {
    let at = |n: usize| letters.get(n).map(|&(letter, _)| letter);
    let (mut end, mut dots) = (0, 0);
    while at(end).is_some_and(|letter| matches!(letter, '.' | '·' | '•' | '_')) {
        dots += 1;
        end += 1 + usize::from(at(end + 1).is_some_and(is_gap));
    }
    if dots < LEADER_DOTS { 0 } else { end }
}

/// White space, and the four separators of ASCII that Python counts as such.
fn is_gap(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{1c}'..='\u{1f}')
}

/// Vietnamese without tone and vowel marks: tells how much of the error is marks alone.
pub fn without_marks(letters: &[char]) -> Vec<char> {
    let bare = letters.iter().map(|&letter| match letter {
        'đ' => 'd',
        'Đ' => 'D',
        other => other,
    });
    let apart = bare.nfd();
    apart
        .filter(|&letter| canonical_combining_class(letter) == 0)
        .collect()
}
