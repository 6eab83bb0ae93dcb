//! Numbers and spans of time as people here write them: `1.842`, `96,4`, `1 giờ 12 phút`.

use std::time::Duration;

use super::say::by;
use crate::messages::Language;

pub use crate::messages::numbers::whole;

/// A number with one decimal: `96,4` in Vietnamese, `96.4` in English.
pub fn tenths(number: f64, language: Language) -> String {
    let tenths = (number * 10.0).round() as u64;
    format!(
        "{}{}{}",
        whole(tenths / 10, language),
        by(language, ",", "."),
        tenths % 10
    )
}

/// A number with two decimals: `0,04` in Vietnamese, `0.04` in English.
pub fn hundredths(number: f64, language: Language) -> String {
    let hundredths = (number * 100.0).round() as u64;
    format!(
        "{}{}{:02}",
        whole(hundredths / 100, language),
        by(language, ",", "."),
        hundredths % 100
    )
}

/// A span of time in its two largest units.
pub fn span(time: Duration, language: Language) -> String {
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let hour = by(language, "giờ", "h");
    let minute = by(language, "phút", "min");
    let second = by(language, "giây", "s");
    match (hours, minutes) {
        (0, 0) => format!("{seconds} {second}"),
        (0, _) => format!("{minutes} {minute} {} {second}", seconds % 60),
        _ => format!("{hours} {hour} {minutes} {minute}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_each_language_does() {
        assert_eq!(whole(1_842, Language::Vi), "1.842");
        assert_eq!(whole(57_090_000, Language::En), "57,090,000");
        assert_eq!(whole(999, Language::Vi), "999");
        assert_eq!(tenths(96.44, Language::Vi), "96,4");
        assert_eq!(tenths(1234.96, Language::En), "1,235.0");
        assert_eq!(hundredths(0.037, Language::Vi), "0,04");
        assert_eq!(hundredths(1234.5, Language::En), "1,234.50");
    }

    #[test]
    fn spans_show_their_two_largest_units() {
        let told = |seconds| span(Duration::from_secs(seconds), Language::Vi);
        assert_eq!(told(42), "42 giây");
        assert_eq!(told(72), "1 phút 12 giây");
        assert_eq!(told(4_320), "1 giờ 12 phút");
    }
}
