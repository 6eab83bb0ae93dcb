//! Spaces that the ink shows otherwise than the network: `ngày15` on a poor scan, `1 1/01/2023` between the wide sides of a 1.
//!
//! The network hears of a gap in steps of several pixels; the ink tells it to the pixel. A gap is held against the other
//! gaps of its own line, so neither the type nor the resolution matters. Digits are as far apart as digits, whatever their ink:
//! they are measured from middle to middle. Measured in docs/benchmarks.md ("Letters that the ink tells").

use std::ops::Range;

use sohoa_lines::lstm::{Known, LineWord, ReadLine, Symbol};

/// Two digits are one number where their middles are at most so many digits' widths apart; with a space it is one and a half.
const DIGITS_APART: f32 = 1.25;
/// So many neighbouring digits tell how wide one is.
const LEAST_DIGITS: usize = 3;
/// A point, dash or stroke that is no farther from a digit than this, in heights of a capital, belongs to its number.
const SIGN_APART: f32 = 0.3;
/// A gap of so much of the line's usual space is one.
const SPACE: f32 = 0.8;
/// So many spaces tell what is usual.
const LEAST_SPACES: usize = 3;
/// A piece of ink wider than so many heights of a capital is no single digit.
const WIDEST_DIGIT: f32 = 1.0;

/// In a heading set s o  w i d e, of so many letters and more, their usual gap is this share of a capital's height…
const SET_WIDE: f32 = 0.3;
const LEAST_SET_WIDE: usize = 6;
/// …and words stand so much farther apart than letters.
const WORDS_APART: f32 = 1.6;

/// The ink of a line, from above: where there is some in a column, in pieces from left to right.
pub struct Ink<'a> {
    /// Columns of the picture.
    pub pieces: &'a [Range<u32>],
    /// The column that the line's picture begins with.
    pub left_px: u32,
    /// Height of a capital letter.
    pub height_px: f32,
}

/// Sets and takes away spaces of a line.
pub fn mend(line: &mut ReadLine, ink: &Ink) {
    let symbols: Vec<&Symbol> = line.words.iter().flat_map(|word| &word.symbols).collect();
    if symbols.len() < 2 || ink.pieces.is_empty() {
        return;
    }
    let spaced = spaced(line);
    let pairs: Vec<Pair> = symbols
        .windows(2)
        .zip(&spaced)
        .map(|(pair, spaced)| Pair::of(pair[0], pair[1], *spaced, ink))
        .collect();
    let meant = match set_wide(&symbols, &pairs) {
        Some(letter_px) => words_set_wide(&pairs, letter_px),
        None => words_set_close(&pairs),
    };
    for behind in (0..meant.len()).filter(|at| meant[*at] != spaced[*at]) {
        match meant[behind] {
            true => part(line, behind + 1),
            false => join(line, behind + 1),
        }
    }
}

/// Where words are parted whose letters touch, or nearly.
fn words_set_close(pairs: &[Pair]) -> Vec<bool> {
    let space_px = usual(spaces(pairs), LEAST_SPACES);
    let digit_px = usual(digits(pairs), LEAST_DIGITS);
    let parted = pairs.iter().map(|pair| pair.is_parted(space_px, digit_px));
    parted.collect()
}

/// How far apart the letters of a heading in capitals stand that is set wide; none of any other line.
fn set_wide(symbols: &[&Symbol], pairs: &[Pair]) -> Option<f32> {
    let capitals = symbols
        .iter()
        .all(|symbol| is_of(symbol, char::is_uppercase));
    let gaps = pairs.iter().map(|pair| pair.gap_px as f32);
    let letter_px = usual(gaps, LEAST_SET_WIDE - 1)?;
    (capitals && letter_px >= SET_WIDE * pairs[0].height_px).then_some(letter_px)
}

/// The network sees either a space behind each letter or none at all; the words stand farther apart than the letters.
fn words_set_wide(pairs: &[Pair], letter_px: f32) -> Vec<bool> {
    let parted = pairs
        .iter()
        .map(|pair| pair.gap_px as f32 >= WORDS_APART * letter_px);
    parted.collect()
}

/// Whether a space stands behind each symbol but the last.
fn spaced(line: &ReadLine) -> Vec<bool> {
    let begins = line
        .words
        .iter()
        .flat_map(|word| (0..word.symbols.len()).map(|at| at == 0 && word.space_before));
    begins.skip(1).collect()
}

/// Two neighbouring characters.
struct Pair {
    spaced: bool,
    digits: bool,
    /// A digit behind a sign that numbers are made with.
    of_number: bool,
    /// A space may have been lost between them: a letter beside a digit, that is none itself, or behind a point.
    may_part: bool,
    height_px: f32,
    /// The widest gap between their middles.
    gap_px: u32,
    /// From the middle of one's ink to that of the other, where each is a piece for itself.
    apart_px: Option<f32>,
}

impl Pair {
    fn of(one: &Symbol, other: &Symbol, spaced: bool, ink: &Ink) -> Self {
        let (from_px, to_px) = (middle(one, ink), middle(other, ink));
        let (own, next) = (ink.piece_at(from_px), ink.piece_at(to_px));
        let between = &ink.pieces[own..=next.max(own)];
        let gaps = between.windows(2).map(|pair| pair[1].start - pair[0].end);
        let is_digit = |at: usize| ink.pieces[at].len() as f32 <= WIDEST_DIGIT * ink.height_px;
        let middle_of = |at: usize| (ink.pieces[at].start + ink.pieces[at].end) as f32 / 2.0;
        let lone = next == own + 1 && is_digit(own) && is_digit(next);
        let both = |kind: fn(char) -> bool, other_kind: fn(char) -> bool| {
            (is_of(one, kind) && is_of(other, other_kind))
                || (is_of(one, other_kind) && is_of(other, kind))
        };
        let digit = |c: char| c.is_ascii_digit();
        Self {
            spaced,
            digits: both(digit, digit),
            of_number: is_of(one, |c| matches!(c, '.' | ',' | '-' | '/')) && is_of(other, digit),
            may_part: both(is_plain_letter, digit)
                || (is_of(one, |c| matches!(c, '.' | ',' | ';' | ':'))
                    && is_of(other, is_plain_letter)),
            height_px: ink.height_px,
            gap_px: gaps.max().unwrap_or(0),
            apart_px: lone.then(|| middle_of(next) - middle_of(own)),
        }
    }

    /// Whether a space stands between them.
    fn is_parted(&self, space_px: Option<f32>, digit_px: Option<f32>) -> bool {
        let gap_px = self.gap_px as f32;
        let is_space = |space_px: f32| gap_px >= SPACE * space_px;
        if self.spaced && self.digits {
            let known = self.apart_px.zip(digit_px);
            return known.is_none_or(|(apart, digit)| apart > DIGITS_APART * digit);
        }
        if self.spaced && self.of_number {
            return gap_px > SIGN_APART * self.height_px;
        }
        self.spaced || (self.may_part && space_px.is_some_and(is_space))
    }
}

impl Ink<'_> {
    /// The piece nearest to a column.
    fn piece_at(&self, x_px: u32) -> usize {
        let distance = |piece: &Range<u32>| {
            piece.start.saturating_sub(x_px) + x_px.saturating_sub(piece.end.saturating_sub(1))
        };
        let near = self.pieces.partition_point(|piece| piece.end <= x_px);
        let near = near.min(self.pieces.len() - 1);
        match near.checked_sub(1) {
            Some(before) if distance(&self.pieces[before]) < distance(&self.pieces[near]) => before,
            _ => near,
        }
    }
}

fn middle(symbol: &Symbol, ink: &Ink) -> u32 {
    ink.left_px + u32::midpoint(symbol.left_px, symbol.right_px)
}

fn is_of(symbol: &Symbol, kind: impl Fn(char) -> bool) -> bool {
    symbol.text.chars().all(kind)
}

fn is_plain_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, 'I' | 'l' | 'O')
}

fn spaces(pairs: &[Pair]) -> impl Iterator<Item = f32> {
    let spaced = pairs.iter().filter(|pair| pair.spaced);
    spaced.map(|pair| pair.gap_px as f32)
}

fn digits(pairs: &[Pair]) -> impl Iterator<Item = f32> {
    let close = pairs.iter().filter(|pair| pair.digits && !pair.spaced);
    close.filter_map(|pair| pair.apart_px)
}

/// The value in the middle, of at least so many.
fn usual(values: impl Iterator<Item = f32>, least: usize) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    (values.len() >= least).then(|| values[values.len() / 2])
}

/// The word that the symbol with this number stands in, and its place in the word.
fn place_of(line: &ReadLine, mut symbol: usize) -> (usize, usize) {
    for (number, word) in line.words.iter().enumerate() {
        match symbol.checked_sub(word.symbols.len()) {
            Some(rest) => symbol = rest,
            None => return (number, symbol),
        }
    }
    unreachable!("a symbol of the line")
}

/// Puts a space before a symbol.
fn part(line: &mut ReadLine, symbol: usize) {
    let (number, at) = place_of(line, symbol);
    let word = &mut line.words[number];
    if at == 0 {
        word.space_before = true;
        return;
    }
    let rest = LineWord {
        symbols: word.symbols.split_off(at),
        space_before: true,
        known: Known::Unknown,
        certainty: word.certainty,
    };
    line.words.insert(number + 1, rest);
}

/// Takes the space before a symbol away.
fn join(line: &mut ReadLine, symbol: usize) {
    let (number, _) = place_of(line, symbol);
    line.words[number].space_before = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line read as `read`, drawn as `drawn`: letters 10 px wide and 4 apart, a space 12 more.
    fn mended(read: &str, drawn: &str) -> String {
        let mut x_px = 40;
        let mut pieces: Vec<Range<u32>> = Vec::new();
        for c in drawn.chars() {
            match c {
                ' ' => x_px += 12,
                // A 1 has as much room as any digit, and fills a third of it.
                '1' => pieces.push(x_px + 3..x_px + 7),
                _ => pieces.push(x_px..x_px + 10),
            }
            if c != ' ' {
                x_px += 14;
            }
        }
        let mut places = pieces.iter();
        let words = read.split(' ').map(|word| LineWord {
            symbols: word.chars().map(|c| symbol(c, places.next())).collect(),
            space_before: true,
            known: Known::Unknown,
            certainty: 0.0,
        });
        let mut line = ReadLine {
            words: words.collect(),
            inverted: false,
        };
        let ink = Ink {
            pieces: &pieces,
            left_px: 30,
            height_px: 20.0,
        };
        mend(&mut line, &ink);
        line.text()
    }

    fn symbol(c: char, place: Option<&Range<u32>>) -> Symbol {
        let place = place.expect("a piece for each letter");
        Symbol {
            text: c.to_string(),
            left_px: place.start - 30 - 2,
            right_px: place.end - 30 + 2,
            certainty: 0.0,
            alternatives: Vec::new(),
        }
    }

    #[test]
    fn a_gap_as_wide_as_the_lines_spaces_parts_a_word_from_a_number() {
        assert_eq!(
            mended("ngày15 của bà Lê A", "ngày 15 của bà Lê A"),
            "ngày 15 của bà Lê A"
        );
        assert_eq!(
            mended("xã,tại bà Lê A ở", "xã, tại bà Lê A ở"),
            "xã, tại bà Lê A ở"
        );
        assert_eq!(
            mended("1.Ông Lê A bà B", "1. Ông Lê A bà B"),
            "1. Ông Lê A bà B"
        );
    }

    #[test]
    fn codes_and_letters_without_such_a_gap_stay_whole() {
        assert_eq!(
            mended("I2 của bà Lê A", "I 2 của bà Lê A"),
            "I2 của bà Lê A"
        );
        for whole in ["B1 của bà Lê A", "H10.66 của bà Lê A", "ngày của bà Lê A"] {
            assert_eq!(mended(whole, whole), whole);
        }
        // Letters torn apart are no two words, and no line without spaces tells how wide one is.
        assert_eq!(
            mended("ngày của bà Lê A", "ng ày của bà Lê A"),
            "ngày của bà Lê A"
        );
        assert_eq!(mended("ngày15", "ngày 15"), "ngày15");
    }

    #[test]
    fn the_wide_sides_of_a_one_are_no_space() {
        assert_eq!(mended("1 1/01/2023", "11/01/2023"), "11/01/2023");
        assert_eq!(mended("2308 15-5924", "230815-5924"), "230815-5924");
        assert_eq!(mended("0912 345 678", "0912 345 678"), "0912 345 678");
        assert_eq!(mended("1 1", "11"), "1 1", "too few digits to tell");
    }

    #[test]
    fn a_point_close_to_the_next_digit_is_of_its_number() {
        assert_eq!(mended("564. 285,98", "564.285,98"), "564.285,98");
        assert_eq!(mended("564. 285", "564. 285"), "564. 285");
    }

    #[test]
    fn a_heading_whose_letters_are_set_wide_is_of_words() {
        let drawn = "G I Ấ Y   K H A I   S I N H";
        for read in ["GIẤYKHAISINH", "G I Ấ Y K H A I S I N H"] {
            assert_eq!(mended(read, drawn), "GIẤY KHAI SINH");
        }
        assert_eq!(
            mended("G I Ấ Y", "G I Ấ Y"),
            "G I Ấ Y",
            "too few letters to tell"
        );
        assert_eq!(mended("CỘNG HÒA", "CỘNG HÒA"), "CỘNG HÒA");
    }

    #[test]
    fn lines_without_ink_or_letters_stay() {
        let mut line = ReadLine::default();
        let ink = Ink {
            pieces: &[],
            left_px: 0,
            height_px: 20.0,
        };
        mend(&mut line, &ink);
        assert_eq!(line, ReadLine::default());
    }
}
