//! Digits that were read as letters: put right only where the value's grammar leaves one reading.

use unicode_normalization::UnicodeNormalization;

/// The digits that a letter may have been, whatever marks it bears (`Ở2`, `0Ï`); none for a
/// letter that looks like no digit.
///
/// A small o with a mark over it is a 6 as often as a 0, and one with a dot below a 9: `ngày 1ó tháng 10` was printed 16.
fn looks_like(letter: char) -> &'static [char] {
    let mut parts = std::iter::once(letter).nfd();
    let bare = parts.next().unwrap_or(letter);
    let is_over = |mark: char| matches!(mark, '\u{300}'..='\u{304}' | '\u{306}' | '\u{309}');
    let marks: Vec<char> = parts.collect();
    match bare {
        'o' if marks.iter().any(|mark| is_over(*mark)) => &['0', '6'],
        'o' if marks.contains(&'\u{323}') => &['0', '9'],
        'O' | 'o' | 'Q' => &['0'],
        'I' | 'l' | '|' | 'i' | '!' => &['1'],
        'Z' | 'z' => &['2'],
        'S' | 's' => &['5', '8'],
        'B' => &['8', '3'],
        _ => &[],
    }
}

/// Readings tried at most: three letters that may be two digits each.
const MAX_READINGS: usize = 8;

/// What a text of digits says once letters are taken for the digits they resemble: the only
/// reading that fits, and how many letters were put right. A text that needs no repair is never
/// changed, and of two readings that fit none is taken.
pub fn only_reading<T>(read: &str, fits: impl Fn(&str) -> Option<T>) -> Option<(T, u32)> {
    let mut readings = vec![String::with_capacity(read.len())];
    let mut repaired = 0;
    for c in read.chars() {
        let digits = looks_like(c);
        repaired += u32::from(!digits.is_empty());
        let choices: &[char] = match digits {
            [] => &[c],
            digits => digits,
        };
        let longer = readings.iter().flat_map(|start| {
            choices.iter().map(move |digit| {
                let mut reading = start.clone();
                reading.push(*digit);
                reading
            })
        });
        readings = longer.collect();
        if readings.len() > MAX_READINGS {
            return None;
        }
    }
    let mut fitting = readings.iter().filter_map(|reading| fits(reading));
    let value = fitting.next()?;
    fitting.next().is_none().then_some((value, repaired))
}

/// True for a digit, and for a letter that may have been one.
pub fn may_be_digit(c: char) -> bool {
    c.is_ascii_digit() || !looks_like(c).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_readings_that_fit_are_none() {
        let any = |digits: &str| digits.parse::<u32>().ok();
        assert_eq!(only_reading("1O2", any), Some((102, 1)));
        assert_eq!(only_reading("Ở2", any), Some((2, 1)));
        assert_eq!(only_reading("0Ï", any), Some((1, 1)));
        assert_eq!(only_reading("1S", any), None);
        assert_eq!(
            only_reading("1S", |d| any(d).filter(|n| *n < 17)),
            Some((15, 1))
        );
        assert_eq!(only_reading("12", any), Some((12, 0)));
        assert_eq!(only_reading("SSSS", any), None);
        assert_eq!(only_reading("1x", any), None);
    }

    #[test]
    fn a_marked_o_is_a_6_or_a_9_as_well_and_is_taken_for_neither() {
        let day = |digits: &str| digits.parse::<u32>().ok().filter(|day| *day <= 31);
        assert_eq!(only_reading("1ó", day), None);
        assert_eq!(only_reading("201ọ", |d| d.parse::<u32>().ok()), None);
        // The 36th is none.
        assert_eq!(only_reading("3ó", day), Some((30, 1)));
        assert_eq!(only_reading("1o", day), Some((10, 1)));
    }
}
