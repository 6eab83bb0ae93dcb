//! Composing: one code point a Vietnamese letter, whatever a recogniser sent.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The text in Unicode NFC, with marks in the order Vietnamese letters need.
///
/// Recognisers send NFD, half-composed letters (`ê` and a loose acute) and
/// sometimes the tone before the letter's own mark (`a`, acute, circumflex). The
/// last is a different string to Unicode, whose NFC leaves it in pieces, though
/// it can only mean `ấ`; the letter's mark is therefore put before the tone.
pub fn compose(text: &str) -> Cow<'_, str> {
    if is_nfc(text) && !text.chars().any(is_combining_mark) {
        return Cow::Borrowed(text);
    }
    let mut letters: Vec<char> = text.nfd().collect();
    for cluster in letters.chunk_by_mut(|_, next| is_combining_mark(*next)) {
        cluster[1..].sort_by_key(|mark| is_tone(*mark));
    }
    Cow::Owned(letters.into_iter().nfc().collect())
}

/// Grave, acute, tilde, hook above, dot below: the five tone marks.
pub(super) fn is_tone(mark: char) -> bool {
    matches!(
        mark,
        '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_text_is_composed() {
        let decomposed: String = "Quyết định về đất đai, ngưỡng".nfd().collect();
        assert_eq!(compose(&decomposed), "Quyết định về đất đai, ngưỡng");
    }

    #[test]
    fn a_tone_before_its_letters_mark_still_makes_one_letter() {
        assert_eq!(compose("a\u{301}\u{302}n"), "ấn");
        assert_eq!(compose("o\u{301}\u{31b}"), "ớ");
        assert_eq!(compose("é\u{302}"), "ế");
    }

    #[test]
    fn composed_text_is_not_copied() {
        assert!(matches!(compose("Ủy ban nhân dân"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_lone_mark_at_the_start_is_no_trouble() {
        assert_eq!(compose("\u{301}a"), "\u{301}a");
        assert_eq!(compose(""), "");
    }

    proptest::proptest! {
        #[test]
        fn composing_twice_changes_nothing_more(text in "\\PC{0,40}") {
            let once = compose(&text).into_owned();
            proptest::prop_assert!(is_nfc(&once));
            proptest::prop_assert_eq!(compose(&once).into_owned(), once);
        }
    }
}
