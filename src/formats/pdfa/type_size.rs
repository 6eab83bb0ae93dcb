//! The size of type of a line, from how high its words' letters are known to be.
//!
//! Boxes around ink alone do not tell: a line of `xem` is half as high as a line
//! of `Ấn`. Extractors put words together by font size, so the size must be that
//! of the type, the same for all lines of a paragraph.

use unicode_normalization::UnicodeNormalization;

/// Heights above the base line in font sizes, measured on Tinos and Arimo (they differ by 0.03).
const X_HEIGHT: f64 = 0.47;
const CAP_HEIGHT: f64 = 0.67;
/// What one mark above adds to a letter.
const MARK_HEIGHT: f64 = 0.20;
/// Lines of a block whose sizes differ less than this are of one size.
const SAME_SIZE_RATIO: f64 = 1.2;

/// How high the ink of a word of this text stands above its base line, in font
/// sizes; none where no letter or digit tells.
pub(super) fn ink_ascent(text: &str) -> Option<f64> {
    let mut letter = None;
    let mut highest: Option<f64> = None;
    for part in text.nfd() {
        letter = match part {
            '\u{0300}'..='\u{0304}' | '\u{0306}' | '\u{0309}' => letter.map(|h| h + MARK_HEIGHT),
            // Horn and dot below add nothing above.
            '\u{031B}' | '\u{0323}' => letter,
            _ => letter_height(part),
        };
        highest = match (highest, letter) {
            (Some(high), Some(now)) => Some(high.max(now)),
            (high, now) => high.or(now),
        };
    }
    highest
}

fn letter_height(letter: char) -> Option<f64> {
    match letter {
        'b' | 'd' | 'f' | 'h' | 'k' | 'l' | 'i' | 'j' | 'đ' | '0'..='9' => Some(CAP_HEIGHT),
        't' => Some(0.58),
        _ if letter.is_uppercase() => Some(CAP_HEIGHT),
        _ if letter.is_lowercase() => Some(X_HEIGHT),
        _ => None,
    }
}

/// The middle of some sizes; none of none.
pub(super) fn median(mut sizes: Vec<f64>) -> Option<f64> {
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied()
}

/// Gives lines of one block one size, where theirs are near it.
pub(super) fn level(block: &mut [f64]) {
    let Some(middle) = median(block.to_vec()) else {
        return;
    };
    for size in block {
        if *size < middle * SAME_SIZE_RATIO && *size > middle / SAME_SIZE_RATIO {
            *size = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_above_count_and_marks_below_do_not() {
        assert_eq!(ink_ascent("xem"), Some(X_HEIGHT));
        assert_eq!(ink_ascent("sự"), Some(X_HEIGHT));
        assert_eq!(
            ink_ascent("cấm"),
            Some(X_HEIGHT + MARK_HEIGHT + MARK_HEIGHT)
        );
        assert_eq!(ink_ascent("Điều"), ink_ascent("ều"));
        assert_eq!(ink_ascent("—…"), None);
    }

    #[test]
    fn near_sizes_become_one_and_a_heading_stays() {
        let mut block = [12.0, 12.9, 11.6, 20.0];
        level(&mut block);
        assert_eq!(block, [12.9, 12.9, 12.9, 20.0]);
    }
}
