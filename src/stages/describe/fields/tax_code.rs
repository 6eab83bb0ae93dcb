//! Mã số thuế: ten digits with a check digit, a branch's with three more, a person's the citizen number.

use std::sync::LazyLock;

use regex::Regex;

use super::super::citizen_id::CitizenId;
use super::super::doubt::Doubt;
use super::Findings;
use super::digits::{may_be_digit, only_reading};
use super::value::{Form, Parsed, Run, as_field, evidence_of};

/// Weights of the first nine digits (Thông tư 86/2024/TT-BTC; run against 0100109106).
const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];
/// Letters between the label and its number.
const MAX_BETWEEN: usize = 24;

/// Digits torn by spaces or dots (boxes of a form), the branch behind a dash.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:^|[^0-9A-Za-z])([0-9OoIlSB|](?:[ .]{0,2}[0-9OoIlSB|]){8,12}(?: ?- ?[0-9OoIl|]{3})?)",
        r"(?:$|[^0-9A-Za-z])"
    ))
    .expect("the pattern is a constant and compiles")
});

/// Puts in `ma_so_thue`, and a flag for each that its check digit refutes.
pub fn find(form: &Form, found: &mut Findings) {
    let readings = form.readings("ma_so_thue", parse);
    for reading in readings.iter().filter(|reading| !is_valid(&reading.value)) {
        let value = reading.value.clone();
        found.flag(
            Doubt::TaxCodeCheckDigit { value },
            evidence_of(form.case, reading),
        );
    }
    found.add("ma_so_thue", as_field(form.case, &readings, "ma_so_thue"));
}

fn parse(run: &Run) -> Parsed {
    let parts = DIGITS.captures(&run.text)?;
    let all = parts.get(1)?;
    if all.start() > MAX_BETWEEN {
        return None;
    }
    let kept = |c: &char| may_be_digit(*c) || *c == '-';
    let read: String = all.as_str().chars().filter(kept).collect();
    let fits = |digits: &str| is_valid(digits).then(|| digits.to_owned());
    let plain = read.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let as_read = || plain.then(|| (read.clone(), 0));
    let (value, repaired) = only_reading(&read, fits).or_else(as_read)?;
    Some((value, all.range(), repaired))
}

/// True for ten digits whose last is the check digit, with or without a branch, and for the
/// number of a citizen, which is a person's tax code since 2025-07-01.
pub fn is_valid(code: &str) -> bool {
    let (main, branch) = code.split_once('-').unwrap_or((code, "001"));
    let digits: Vec<u32> = main.chars().filter_map(|c| c.to_digit(10)).collect();
    let branch_is_one = branch.len() == 3 && branch.bytes().all(|b| b.is_ascii_digit());
    match (main.len(), digits.len()) {
        (10, 10) => branch_is_one && digits[9] == check_digit(&digits),
        (12, 12) => code.parse::<CitizenId>().is_ok(),
        _ => false,
    }
}

fn check_digit(digits: &[u32]) -> u32 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    (10 - sum % 11) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_tells_a_code_from_its_misreading() {
        assert!(is_valid("0100109106") && is_valid("0100109106-001"));
        for wrong in [
            "0100109105",
            "0100109106-01",
            "010010910",
            "",
            "0100109106-0O1",
        ] {
            assert!(!is_valid(wrong), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn one_digit_misread_is_always_noticed(nine in "[0-9]{9}", at in 0usize..10, by in 1u32..10) {
            let digits: Vec<u32> = nine.chars().filter_map(|c| c.to_digit(10)).collect();
            let code = format!("{nine}{}", check_digit(&digits));
            proptest::prop_assert!(is_valid(&code));
            let mut other: Vec<char> = code.chars().collect();
            let digit = other[at].to_digit(10).expect("a digit");
            other[at] = char::from_digit((digit + by) % 10, 10).expect("below ten");
            let other: String = other.into_iter().collect();
            // (The check of 10 − (Σ mod 11) gives 0 for two remainders, so a few pass.)
            let sum = |code: &str| {
                let digits = code.chars().filter_map(|c| c.to_digit(10));
                digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum::<u32>() % 11
            };
            if at == 9 || !(sum(&code) % 10 == 0 && sum(&other) % 10 == 0) {
                proptest::prop_assert!(!is_valid(&other), "{code} {other}");
            }
        }
    }
}
