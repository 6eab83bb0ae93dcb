//! Tone placement: `hoà` and `hòa`, `thuỷ` and `thủy` are the same word.
//!
//! For comparison only. Both spellings are in official use, so what is written
//! is never changed.

use unicode_normalization::UnicodeNormalization;

use super::compose::is_tone;

/// A key that is equal for words that differ only in where their tone mark stands.
///
/// The tone is moved behind the syllable; case, letters' own marks and
/// everything else stay as they are. The key is for comparing, not for reading.
pub fn comparison_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len() + 8);
    let mut tones = String::new();
    for c in text.nfd() {
        if is_tone(c) {
            tones.push(c);
            continue;
        }
        let belongs_to_syllable =
            c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c);
        if !belongs_to_syllable {
            key.push_str(&tones);
            tones.clear();
        }
        key.push(c);
    }
    key + &tones
}

/// True where two texts differ at most in where tone marks stand.
pub fn same_but_for_tone_place(left: &str, right: &str) -> bool {
    comparison_key(left) == comparison_key(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schools_of_tone_placement_are_one() {
        for (old, new) in [
            ("hòa", "hoà"),
            ("thủy", "thuỷ"),
            ("khỏe", "khoẻ"),
            ("ủy quyền", "uỷ quyền"),
            ("Xã Hòa Thủy", "Xã Hoà Thuỷ"),
        ] {
            assert!(same_but_for_tone_place(old, new), "{old} {new}");
        }
    }

    #[test]
    fn other_tones_and_letters_stay_different() {
        for (left, right) in [
            ("hòa", "hóa"),
            ("hòa", "hoa"),
            ("Hòa", "hòa"),
            ("lá ma", "la má"),
        ] {
            assert!(!same_but_for_tone_place(left, right), "{left} {right}");
        }
    }
}
