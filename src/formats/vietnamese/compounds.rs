//! Two-syllable words that administrative papers are full of: `tổ chức`, `kể từ`, `hồ sơ`.
//!
//! Vietnamese writes syllables apart, and a syllable alone does not tell that `tố` in `tố chức` has a wrong tone: its
//! neighbour does.

use std::collections::HashSet;
use std::sync::LazyLock;

const LIST: &str = include_str!("compounds.txt");

static COMPOUNDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    lines
        .flat_map(|line| line.split(';'))
        .map(str::trim)
        .collect()
});

/// True where these two syllables are a word of the list, in whatever case.
pub fn is_compound(first: &str, second: &str) -> bool {
    let both = format!("{} {}", first.to_lowercase(), second.to_lowercase());
    COMPOUNDS.contains(both.as_str())
}

#[cfg(test)]
mod tests {
    use super::{COMPOUNDS, is_compound};
    use crate::formats::vietnamese::is_syllable;
    use unicode_normalization::is_nfc;

    #[test]
    fn every_word_of_the_list_is_two_syllables_in_nfc() {
        assert!(COMPOUNDS.len() > 500);
        for word in COMPOUNDS.iter() {
            let syllables: Vec<&str> = word.split(' ').collect();
            assert_eq!(syllables.len(), 2, "{word}");
            assert!(is_nfc(word), "{word}");
            assert!(
                syllables.iter().all(|syllable| is_syllable(syllable)),
                "{word}"
            );
        }
    }

    #[test]
    fn marks_tell_words_apart_and_case_does_not() {
        assert!(is_compound("tổ", "chức") && is_compound("Hồ", "sơ"));
        assert!(!is_compound("tố", "chức") && !is_compound("hô", "sơ"));
    }
}
