//! Edit distance of a short pattern to a text, or to any part of it.
//!
//! Myers' bit-parallel algorithm in Hyyrö's form: one column of the edit table
//! in two 64-bit words, so a text of *n* letters costs *n* steps of a dozen
//! instructions whatever the pattern's length. Patterns are headings and header
//! lines, at most 64 folded letters.

/// The longest pattern in folded letters: a column lies in one 64-bit word.
pub const MAX_PATTERN_LETTERS: usize = 64;

/// Why a text cannot serve as a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// Nothing is left of it after folding.
    #[error("no letter or digit in it")]
    Empty,
    /// It has more letters than a machine word has bits.
    #[error("{0} letters, at most 64 fit")]
    TooLong(usize),
    /// Something else than A–Z and 0–9: fold it first.
    #[error("not folded to A–Z and 0–9")]
    NotFolded,
}

/// Where a pattern was found in a folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Place of the first letter.
    pub start: usize,
    /// Place behind the last letter.
    pub end: usize,
    /// Letters changed, added or left out.
    pub edits: u32,
}

/// A folded text of 1 to 64 letters, prepared for searching.
#[derive(Clone, Debug)]
pub struct Pattern {
    letters: Box<[u8]>,
    /// For each of A–Z, 0–9: the places in the pattern where it stands.
    places: [u64; 36],
}

impl Pattern {
    /// Prepares a folded text.
    pub fn new(folded: &str) -> Result<Self, PatternFault> {
        let letters = folded.as_bytes();
        match letters.len() {
            0 => return Err(PatternFault::Empty),
            1..=MAX_PATTERN_LETTERS => {}
            longer => return Err(PatternFault::TooLong(longer)),
        }
        let mut places = [0u64; 36];
        for (place, letter) in letters.iter().enumerate() {
            places[slot(*letter).ok_or(PatternFault::NotFolded)?] |= 1 << place;
        }
        Ok(Self {
            letters: letters.into(),
            places,
        })
    }

    /// Its letters, A–Z and 0–9.
    pub fn letters(&self) -> &[u8] {
        &self.letters
    }

    /// How many letters it has.
    #[expect(clippy::len_without_is_empty, reason = "a pattern is never empty")]
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// The edits between the whole pattern and the whole text.
    pub fn distance(&self, text: &str) -> u32 {
        let all_left_out = self.letters.len() as u32;
        self.columns(text, true).last().unwrap_or(all_left_out)
    }

    /// For each place of the text the edits between the pattern and the text *up to there*;
    /// the first value belongs to the first letter.
    pub fn prefix_distances(&self, text: &str) -> impl Iterator<Item = u32> {
        self.columns(text, true)
    }

    /// The best place for the pattern anywhere in the text, the leftmost of equals;
    /// none where it needs more than `max_edits`.
    pub fn find(&self, text: &str, max_edits: u32) -> Option<Hit> {
        let (last, edits) = self
            .columns(text, false)
            .enumerate()
            .min_by_key(|(_, edits)| *edits)
            .filter(|(_, edits)| *edits <= max_edits)?;
        let end = last + 1;
        Some(Hit {
            start: self.start_of(&text[..end], edits),
            end,
            edits,
        })
    }

    /// The nearest start that gives these edits, found by running backwards from the end.
    fn start_of(&self, text: &str, edits: u32) -> usize {
        let reversed: String = self.letters.iter().rev().map(|b| char::from(*b)).collect();
        let backwards = Pattern::new(&reversed).expect("a pattern reversed is a pattern");
        let before: String = text
            .bytes()
            .rev()
            .take(self.len() + edits as usize)
            .map(char::from)
            .collect();
        let taken = backwards
            .columns(&before, true)
            .position(|found| found == edits);
        text.len() - taken.map_or(0, |last| last + 1)
    }

    /// The last cell of each column. `anchored`: the text counts from its start,
    /// so letters before the pattern cost; otherwise the pattern may begin anywhere.
    fn columns(&self, text: &str, anchored: bool) -> impl Iterator<Item = u32> {
        let last = 1u64 << (self.letters.len() - 1);
        let mut more = !0u64; // vertical steps of +1
        let mut less = 0u64; // vertical steps of −1
        let mut edits = self.letters.len() as u32;
        text.bytes().map(move |letter| {
            let here = slot(letter).map_or(0, |slot| self.places[slot]);
            let across = here | less;
            let diagonal = (((here & more).wrapping_add(more)) ^ more) | here | less;
            let mut right_more = less | !(diagonal | more);
            let mut right_less = more & diagonal;
            if right_more & last != 0 {
                edits += 1;
            } else if right_less & last != 0 {
                edits -= 1;
            }
            right_more = (right_more << 1) | u64::from(anchored);
            right_less <<= 1;
            more = right_less | !(across | right_more);
            less = right_more & across;
            edits
        })
    }
}

fn slot(letter: u8) -> Option<usize> {
    match letter {
        b'A'..=b'Z' => Some(usize::from(letter - b'A')),
        b'0'..=b'9' => Some(usize::from(letter - b'0') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text).expect("a good pattern")
    }

    #[test]
    fn a_heading_is_found_inside_noise() {
        let hit = pattern("CONGHOAXAHOICHUNGHIAVIETNAM")
            .find("UBNDTINHBACHOACQNGHOAXAHOICHUNGHlAVIETNAM", 4);
        assert_eq!(
            hit,
            Some(Hit {
                start: 14,
                end: 41,
                edits: 2
            })
        );
    }

    #[test]
    fn nothing_is_found_beyond_the_bound() {
        assert_eq!(pattern("QUYETDINH").find("THONGBAO", 3), None);
        assert_eq!(pattern("QUYETDINH").find("", 3), None);
    }

    #[test]
    fn bad_patterns_are_refused_with_the_reason() {
        assert_eq!(Pattern::new("").err(), Some(PatternFault::Empty));
        assert_eq!(
            Pattern::new(&"A".repeat(65)).err(),
            Some(PatternFault::TooLong(65))
        );
        assert_eq!(Pattern::new("a b").err(), Some(PatternFault::NotFolded));
    }

    #[test]
    fn the_longest_pattern_still_counts_right() {
        let long = "ABCDEFGH".repeat(8);
        assert_eq!(pattern(&long).distance(&long), 0);
        assert_eq!(pattern(&long).distance(&long[1..]), 1);
        assert_eq!(pattern(&long).distance(""), 64);
    }

    /// The plain edit table, row by row: what the bits must agree with.
    fn table(pattern: &[u8], text: &[u8], anchored: bool) -> Vec<u32> {
        let mut column: Vec<u32> = (0..=pattern.len() as u32).collect();
        let mut lasts = Vec::new();
        for (at, letter) in text.iter().enumerate() {
            let mut corner = column[0];
            column[0] = if anchored { at as u32 + 1 } else { 0 };
            for row in 1..=pattern.len() {
                let change = corner + u32::from(pattern[row - 1] != *letter);
                corner = column[row];
                column[row] = change.min(column[row] + 1).min(column[row - 1] + 1);
            }
            lasts.push(column[pattern.len()]);
        }
        lasts
    }

    proptest::proptest! {
        #[test]
        fn bits_agree_with_the_plain_table(p in "[A-C0]{1,64}", text in "[A-C0 ]{0,90}") {
            let bits = pattern(&p);
            for anchored in [true, false] {
                let found: Vec<u32> = bits.columns(&text, anchored).collect();
                proptest::prop_assert_eq!(found, table(p.as_bytes(), text.as_bytes(), anchored));
            }
        }

        #[test]
        fn a_hit_says_truly_where_and_how_far(p in "[A-C]{1,20}", text in "[A-C]{0,40}") {
            if let Some(hit) = pattern(&p).find(&text, 20) {
                let part = &text[hit.start..hit.end];
                proptest::prop_assert_eq!(pattern(&p).distance(part), hit.edits);
            }
        }
    }
}
