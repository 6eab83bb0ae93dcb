//! Marks that were misread, put right where the neighbouring syllable leaves one reading: `tố chức` is `tổ chức`.
//!
//! Only what the network saw itself is put in: a letter that differs from the one read in its marks alone, and of which at
//! least [`LEAST_SHARE`] stood in the outputs. The syllable must then make a word of the list with a neighbour
//! ([`is_compound`]), while it makes none as it was read, and no second reading may do so. Capitals (but of a first
//! letter whose next syllable has none and before which no name begins: `do Chi nhánh`), digits and signs are never
//! touched, so neither names nor codes are.
//!
//! Measured on 276 drawn pages (docs/benchmarks.md): 50 marks put right, none put wrong.

use std::ops::Range;

use sohoa_lines::lstm::{ReadLine, Symbol};

use crate::formats::vietnamese::{fold, is_compound};

/// An output with a smaller share was not seen.
const LEAST_SHARE: f32 = 0.02;

/// Behind these a name follows, which has a capital in each syllable.
const ADDRESSES: [&str; 8] = ["ông", "bà", "anh", "chị", "em", "cháu", "tên", "họ"];

/// Puts the marks of a line right.
pub fn mend(line: &mut ReadLine) {
    let pieces = Piece::all(line);
    let mended: Vec<(Place, String)> = (0..pieces.len())
        .filter_map(|at| meant(line, &pieces, at))
        .collect();
    for ((word, symbol), text) in mended {
        line.words[word].symbols[symbol].text = text;
    }
}

/// Index of a word, and of a symbol in it.
type Place = (usize, usize);

/// What stands between two spaces: a syllable, with the signs around it.
struct Piece {
    symbols: Vec<Place>,
    /// Those that are not signs at its ends.
    core: Range<usize>,
    /// The core as text.
    syllable: String,
}

impl Piece {
    fn all(line: &ReadLine) -> Vec<Self> {
        let mut pieces: Vec<Vec<Place>> = Vec::new();
        for (number, word) in line.words.iter().enumerate() {
            if word.space_before || pieces.is_empty() {
                pieces.push(Vec::new());
            }
            let symbols = (0..word.symbols.len()).map(|symbol| (number, symbol));
            pieces
                .last_mut()
                .into_iter()
                .for_each(|piece| piece.extend(symbols.clone()));
        }
        pieces
            .into_iter()
            .map(|symbols| Self::of(line, symbols))
            .collect()
    }

    fn of(line: &ReadLine, symbols: Vec<Place>) -> Self {
        let is_letter = |place: &Place| letter(at(line, *place)).is_some();
        let start = symbols.iter().position(is_letter).unwrap_or(symbols.len());
        let end = symbols
            .iter()
            .rposition(is_letter)
            .map_or(start, |last| last + 1);
        let core = symbols[start..end].iter();
        let syllable = core.map(|place| at(line, *place).text.as_str()).collect();
        Self {
            symbols,
            core: start..end,
            syllable,
        }
    }

    /// True for letters alone, small but for the first.
    fn is_in_small_letters(&self) -> bool {
        let mut letters = self.syllable.chars();
        letters.next().is_some_and(char::is_alphabetic) && letters.all(char::is_lowercase)
    }

    /// True for what a syllable with a capital may be a name behind: another one, and a form of address.
    fn announces_name(&self) -> bool {
        self.begins_with_capital() || ADDRESSES.contains(&self.syllable.as_str())
    }

    fn begins_with_capital(&self) -> bool {
        self.syllable.starts_with(char::is_uppercase)
    }
}

fn at(line: &ReadLine, (word, symbol): Place) -> &Symbol {
    &line.words[word].symbols[symbol]
}

/// The one letter that a symbol is.
fn letter(symbol: &Symbol) -> Option<char> {
    let mut chars = symbol.text.chars();
    let letter = chars.next().filter(|c| c.is_alphabetic())?;
    chars.next().is_none().then_some(letter)
}

/// The letter of a piece that was meant otherwise, and what was meant.
fn meant(line: &ReadLine, pieces: &[Piece], at_piece: usize) -> Option<(Place, String)> {
    let piece = &pieces[at_piece];
    let before = at_piece.checked_sub(1).map(|before| &pieces[before]);
    let before =
        before.filter(|before| before.core.end == before.symbols.len() && piece.core.start == 0);
    let after = pieces.get(at_piece + 1);
    let after =
        after.filter(|after| after.core.start == 0 && piece.core.end == piece.symbols.len());
    let no_name = || {
        let previous = at_piece.checked_sub(1).map(|before| &pieces[before]);
        after.is_some_and(|after| !after.begins_with_capital())
            && previous.is_none_or(|previous| !previous.announces_name())
    };
    if !piece.is_in_small_letters() || (piece.begins_with_capital() && !no_name()) {
        return None;
    }
    let is_word = |syllable: &str| {
        before.is_some_and(|before| is_compound(&before.syllable, syllable))
            || after.is_some_and(|after| is_compound(syllable, &after.syllable))
    };
    if is_word(&piece.syllable) {
        return None;
    }
    let others = piece
        .core
        .clone()
        .flat_map(|place| others(line, piece, place));
    let mut words = others.filter(|(_, _, syllable)| is_word(syllable));
    let (place, text, _) = words.next()?;
    words.next().is_none().then_some((place, text))
}

/// What a piece is with another letter at this place, of those that the network saw and that differ in their marks.
fn others<'l>(
    line: &'l ReadLine,
    piece: &'l Piece,
    place: usize,
) -> impl Iterator<Item = (Place, String, String)> + 'l {
    let symbol = at(line, piece.symbols[place]);
    let seen = symbol.alternatives.iter();
    let seen =
        seen.filter(|(text, share)| *share >= LEAST_SHARE && differs_in_marks(&symbol.text, text));
    seen.map(move |(text, _)| {
        let core = piece.core.clone();
        let letters = core.map(|other| match other == place {
            true => text.as_str(),
            false => at(line, piece.symbols[other]).text.as_str(),
        });
        (piece.symbols[place], text.clone(), letters.collect())
    })
}

fn differs_in_marks(read: &str, other: &str) -> bool {
    let is_small = |text: &str| text.chars().all(char::is_lowercase);
    read != other
        && is_small(read) == is_small(other)
        && fold(read).len() == 1
        && fold(read) == fold(other)
}

#[cfg(test)]
mod tests {
    use sohoa_lines::lstm::{Known, LineWord, ReadLine, Symbol};

    use super::mend;

    /// A line in which each `[ố|ổ2]` is a letter read as the first and seen as the second with so many hundredths.
    fn line(text: &str) -> ReadLine {
        let words = text.split(' ').map(|word| LineWord {
            symbols: symbols(word),
            space_before: true,
            known: Known::Unknown,
            certainty: 0.0,
        });
        ReadLine {
            words: words.collect(),
            inverted: false,
        }
    }

    fn symbols(word: &str) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        let mut rest = word.chars();
        while let Some(c) = rest.next() {
            let seen: String = match c {
                '[' => rest.by_ref().take_while(|c| *c != ']').collect(),
                c => c.to_string(),
            };
            let mut parts = seen.split('|');
            let text = parts.next().expect("a letter").to_owned();
            let alternatives = parts.map(|part| {
                let share = part.trim_start_matches(char::is_alphabetic);
                let letter = part.trim_end_matches(char::is_numeric).to_owned();
                (letter, share.parse::<f32>().expect("hundredths") / 100.0)
            });
            symbols.push(Symbol {
                alternatives: alternatives.collect(),
                text,
                left_px: 0,
                right_px: 0,
                certainty: 0.0,
            });
        }
        symbols
    }

    fn mended(text: &str) -> String {
        let mut line = line(text);
        mend(&mut line);
        line.text()
    }

    #[test]
    fn a_neighbour_tells_which_mark_was_meant() {
        assert_eq!(mended("cho t[ố|ổ30] chức,"), "cho tổ chức,");
        assert_eq!(mended("hiệu lực k[ế|ể9|ề3] từ ngày"), "hiệu lực kể từ ngày");
        assert_eq!(mended("H[ô|ồ9] sơ giấy"), "Hồ sơ giấy");
        assert_eq!(mended("do Ch[ỉ|i9] nhánh"), "do Chi nhánh");
        assert_eq!(mended("- Ch[ỉ|i9] cục Thuế"), "- Chi cục Thuế");
    }

    #[test]
    fn letters_that_the_network_did_not_see_are_not_put_in() {
        assert_eq!(mended("cho tố chức"), "cho tố chức");
        assert_eq!(mended("cho t[ố|ổ1] chức"), "cho tố chức");
        // Seen, but another letter and not another mark.
        assert_eq!(mended("cho t[ấ|ổ30] chức"), "cho tấ chức");
    }

    #[test]
    fn what_makes_a_word_stays_and_so_does_what_two_readings_make_a_word() {
        assert_eq!(mended("t[ổ|ố30] chức"), "tổ chức");
        assert_eq!(mended("h[ă|ằ30|à30]ng năm"), "hăng năm");
    }

    #[test]
    fn names_capitals_codes_and_signs_between_words_are_left_alone() {
        for read in [
            "ông H[ô|ồ30] Sơ",
            "Bà H[ô|ồ30] sơ",
            "bà H[ô|ồ30] sơ",
            "Lê H[ô|ồ30] sơ",
            "T[Ố|Ổ30] CHỨC",
            "t[ố|ổ30], chức",
            "t[ố|ổ30]1 chức",
        ] {
            assert_eq!(mended(read), line(read).text(), "{read}");
        }
    }

    #[test]
    fn a_line_without_words_stays_one() {
        let mut empty = ReadLine::default();
        mend(&mut empty);
        assert_eq!(empty, ReadLine::default());
    }
}
