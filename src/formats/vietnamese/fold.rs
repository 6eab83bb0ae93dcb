//! Folding: `Quyết định số 04` → `QUYETDINHSO04`, with a way back to the words.

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// The text in A–Z and 0–9 only: diacritics, case, spaces and punctuation fall away, đ becomes D.
pub fn fold(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    fold_into(text, &mut letters);
    letters
}

/// What the letters of Vietnamese (blocks up to Latin Extended-B, Latin Extended Additional) fold to, found once:
/// decomposing them anew took a tenth of the time of describing.
static FOLDED: LazyLock<Vec<Option<char>>> =
    LazyLock::new(|| (0..LATIN_END).map(|c| folded(char::from_u32(c)?)).collect());
const LATIN_END: u32 = 0x1F00;

fn fold_into(text: &str, letters: &mut String) {
    let table = &*FOLDED;
    letters.extend(text.chars().filter_map(|c| match table.get(c as usize) {
        Some(known) => *known,
        None => folded(c),
    }));
}

/// The one letter or digit that this folds to, if any.
fn folded(c: char) -> Option<char> {
    // Decomposing letter by letter is enough: a mark never folds to anything, and no letter has two bases.
    std::iter::once(c).nfd().find_map(|part| match part {
        // Eth and African D look the same as Đ and recognisers mix them up.
        'đ' | 'Đ' | 'ð' | 'Ð' | 'ɖ' | 'Ɖ' => Some('D'),
        ascii if ascii.is_ascii_alphanumeric() => Some(ascii.to_ascii_uppercase()),
        _ => None,
    })
}

/// Several words folded into one text without gaps, each letter knowing its word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    letters: String,
    /// For each word in turn, the place behind its last letter.
    word_ends: Vec<usize>,
}

impl Folded {
    /// Folds these words, in order.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut folded = Self::default();
        for word in words {
            folded.push(word);
        }
        folded
    }

    /// Adds one word at the end.
    pub fn push(&mut self, word: &str) {
        fold_into(word, &mut self.letters);
        self.word_ends.push(self.letters.len());
    }

    /// The folded text, ASCII.
    pub fn letters(&self) -> &str {
        &self.letters
    }

    /// True where nothing foldable was given.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// The number of the word that the letter at this place belongs to.
    pub fn word_at(&self, place: usize) -> Option<usize> {
        let word = self.word_ends.partition_point(|end| *end <= place);
        (word < self.word_ends.len()).then_some(word)
    }

    /// The letters of a word.
    pub fn letters_of(&self, word: usize) -> Range<usize> {
        let before = word.checked_sub(1).map_or(0, |last| self.word_ends[last]);
        before..self.word_ends[word]
    }

    /// The words touched by these letters; empty for an empty range.
    pub fn words_in(&self, letters: Range<usize>) -> Range<usize> {
        let first = self.word_ends.partition_point(|end| *end <= letters.start);
        if letters.is_empty() {
            return first..first;
        }
        let last = self.word_ends.partition_point(|end| *end < letters.end);
        first..(last + 1).min(self.word_ends.len())
    }

    /// True where a word ends right before this place (or the text does).
    pub fn ends_word(&self, place: usize) -> bool {
        self.word_ends.binary_search(&place).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_and_digits_remain() {
        assert_eq!(
            fold("Cộng hòa xã hội chủ nghĩa Việt Nam"),
            "CONGHOAXAHOICHUNGHIAVIETNAM"
        );
        assert_eq!(fold("Số: 04/QĐ-UBND"), "SO04QDUBND");
        assert_eq!(fold("Ðất ₫ …"), "DAT");
        assert_eq!(fold("ƯỚC ƠN"), "UOCON");
    }

    #[test]
    fn no_character_has_two_base_letters() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let parts = std::iter::once(c).nfd();
            let bases = parts.filter(char::is_ascii_alphanumeric).count();
            assert!(bases <= 1, "{c:?}");
        }
    }

    #[test]
    fn decomposed_and_composed_text_fold_alike() {
        let text = "Nghị quyết về đường lối";
        let decomposed: String = text.nfd().collect();
        assert_eq!(fold(text), fold(&decomposed));
    }

    #[test]
    fn letters_lead_back_to_their_words() {
        let folded = Folded::of(["Q", "U", "—", "YẾT", "ĐỊNH"]);
        assert_eq!(folded.letters(), "QUYETDINH");
        assert_eq!(folded.word_at(1), Some(1));
        assert_eq!(folded.word_at(2), Some(3));
        assert_eq!(folded.word_at(9), None);
        assert_eq!(folded.words_in(0..9), 0..5);
        assert_eq!(folded.words_in(2..5), 3..4);
        assert_eq!(folded.words_in(3..3), 3..3);
        assert!(folded.ends_word(5) && !folded.ends_word(4));
    }

    proptest::proptest! {
        #[test]
        fn folded_text_is_ascii_and_folds_to_itself(text in "\\PC{0,60}") {
            let folded = fold(&text);
            proptest::prop_assert!(folded.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
            proptest::prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn every_letter_has_a_word(words in proptest::collection::vec("\\PC{0,8}", 0..8)) {
            let folded = Folded::of(words.iter().map(String::as_str));
            for place in 0..folded.letters().len() {
                let word = folded.word_at(place).expect("inside the text");
                proptest::prop_assert!(fold(&words[word]).contains(&folded.letters()[place..=place]));
            }
        }
    }
}
