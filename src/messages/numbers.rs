//! Whole numbers as people write them, at the terminal and on printed pages alike.

use super::Language;

/// A whole number with its thousands parted: `1.842` in Vietnamese, `1,842` in English.
pub fn whole(number: u64, language: Language) -> String {
    let mark = match language {
        Language::Vi => '.',
        Language::En => ',',
    };
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}
