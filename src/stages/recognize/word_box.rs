//! Where a word stands whose ink is not all its own: a fold or a stroke runs through it, and one shape goes on beside it.
//!
//! The box around what is left, perhaps a tone alone, hangs over the line; an extractor then takes the word for one of
//! another line, and a reader marks the wrong place. Such a word stands where its line's letters do.

use std::ops::Range;

use sohoa_lines::find::Bounds;

/// A word's ink ends no higher over the baseline than this, in heights of a capital…
const FLOATING: f32 = 0.4;
/// …and is at least so wide a part of the columns that the network gives it.
const NARROW: f32 = 0.4;

/// The box of a word of letters or digits, from its ink and its columns.
pub fn of_letters(ink: Bounds, columns: Range<u32>, baseline_px: f32, capital_px: f32) -> Bounds {
    let w_px = columns.end - columns.start;
    let floats = (ink.bottom_px() as f32) < baseline_px - FLOATING * capital_px;
    if !floats && ink.w_px as f32 >= NARROW * w_px as f32 {
        return ink;
    }
    let top_px = (baseline_px - capital_px).max(0.0) as u32;
    let bottom_px = baseline_px.max(0.0) as u32;
    Bounds {
        x_px: columns.start,
        y_px: top_px,
        w_px,
        h_px: bottom_px.saturating_sub(top_px).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(x_px: u32, y_px: u32, w_px: u32, h_px: u32) -> Bounds {
        Bounds {
            x_px,
            y_px,
            w_px,
            h_px,
        }
    }

    #[test]
    fn a_word_with_ink_of_its_own_stands_around_it() {
        let own = ink(402, 74, 44, 33);
        assert_eq!(of_letters(own, 400..450, 100.0, 20.0), own);
    }

    #[test]
    fn a_word_of_which_a_mark_alone_is_left_stands_in_its_line() {
        let mark = ink(410, 72, 30, 6);
        let band = ink(400, 80, 50, 20);
        assert_eq!(of_letters(mark, 400..450, 100.0, 20.0), band);
    }

    #[test]
    fn a_word_of_which_one_letter_is_left_stands_in_its_columns() {
        let letter = ink(402, 82, 12, 18);
        let band = ink(400, 80, 50, 20);
        assert_eq!(of_letters(letter, 400..450, 100.0, 20.0), band);
        assert_eq!(of_letters(letter, 400..416, 100.0, 20.0), letter);
    }

    #[test]
    fn a_word_at_the_upper_edge_has_a_height() {
        assert_eq!(of_letters(ink(0, 0, 1, 1), 0..20, 0.0, 20.0).h_px, 1);
    }
}
