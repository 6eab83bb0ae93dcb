//! Digits that a pen wrote into a printed line: the number and the day of real papers.
//!
//! Print stands on the line and is as high as its capitals; what was filled in does and is not. Measured on 26 pages with pen-written
//! numbers and days and 442 of print (docs/benchmarks.md, "Numbers written by hand"): of the numbers and days that were read as digits,
//! 16 of 19 written ones are seen and none of 510 printed ones. What a pen wrote is read right less than every second time,
//! whatever the network says: such a word is worth [`MOST_PCT`], so that a field made of it waits for a person.

use sohoa_lines::find::Bounds;

/// The confidence of a word with a digit by a pen, at most: 5 of 11 fields were read right.
pub const MOST_PCT: f32 = 39.0;
/// A printed digit's top and foot lie no farther from those of the line, in heights of a capital. (99 of 100 lie within 0.05.)
const BESIDE: f32 = 0.1;

/// True where the ink of a digit does not stand as the print of its line.
pub fn stands_apart(digit: Bounds, baseline_px: f32, capital_px: f32) -> bool {
    let foot_px = digit.bottom_px() as f32 - baseline_px;
    let top_px = baseline_px - capital_px - digit.y_px as f32;
    foot_px.abs().max(top_px.abs()) > BESIDE * capital_px
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a line whose letters stand at 100 and are 25 high.
    fn apart(y_px: u32, h_px: u32) -> bool {
        let digit = Bounds {
            x_px: 40,
            y_px,
            w_px: 12,
            h_px,
        };
        stands_apart(digit, 100.0, 25.0)
    }

    #[test]
    fn printed_digits_stand_on_the_line_and_are_as_high_as_its_capitals() {
        assert!(!apart(75, 25) && !apart(74, 26) && !apart(76, 25));
    }

    #[test]
    fn what_a_pen_wrote_is_higher_lower_or_larger() {
        assert!(apart(71, 25), "higher");
        assert!(apart(79, 25), "lower");
        assert!(apart(68, 32), "larger");
        assert!(apart(82, 18), "smaller");
    }
}
