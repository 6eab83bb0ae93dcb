//! Points of a dotted leader that stayed in the line: typed over the dots, a letter touches one, and it is read with the words.
//!
//! The finder takes out the dots that stand free. What is left has no ink of its own, while a point of the text has. A wide gap
//! between two words may be read as a rule to write on, leader or none: that has no ink either.

use std::mem::take;

use sohoa_lines::lstm::{Known, LineWord, ReadLine, Symbol};

/// Takes out of a line the rules that were read where no ink is, and the points as well where the line is over a leader; where one
/// stood between two words there is a space.
pub fn take_out(line: &mut ReadLine, over_leader: bool, has_ink: impl Fn(&Symbol) -> bool) {
    let is_point = |symbol: &Symbol| match symbol.text.as_str() {
        "_" => true,
        "." => over_leader,
        _ => false,
    };
    let digits: Vec<bool> = symbols(line).map(is_digit).collect();
    let of_number = |at: usize| at > 0 && digits[at - 1] && digits.get(at + 1) == Some(&true);
    let is_leader: Vec<bool> = symbols(line)
        .enumerate()
        .map(|(at, symbol)| is_point(symbol) && !of_number(at) && !has_ink(symbol))
        .collect();
    if !is_leader.contains(&true) {
        return;
    }
    let mut is_leader = is_leader.into_iter();
    let words = take(&mut line.words);
    line.words = words
        .into_iter()
        .flat_map(|word| parts(word, &mut is_leader))
        .collect();
}

fn symbols(line: &ReadLine) -> impl Iterator<Item = &Symbol> {
    line.words.iter().flat_map(|word| &word.symbols)
}

fn is_digit(symbol: &Symbol) -> bool {
    symbol.text.chars().all(|c| c.is_ascii_digit())
}

/// What a word is without its points.
fn parts(word: LineWord, is_leader: &mut impl Iterator<Item = bool>) -> Vec<LineWord> {
    let mut parts: Vec<LineWord> = Vec::new();
    let (mut space_before, mut goes_on) = (word.space_before, false);
    for symbol in word.symbols {
        if is_leader.next() == Some(true) {
            (space_before, goes_on) = (true, false);
            continue;
        }
        match parts.last_mut().filter(|_| goes_on) {
            Some(part) => part.symbols.push(symbol),
            None => parts.push(LineWord {
                symbols: vec![symbol],
                space_before,
                known: Known::Unknown,
                certainty: word.certainty,
            }),
        }
        goes_on = true;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line over a leader in which `·` is a point that touches a letter, and `.` one with ink of its own.
    fn without(read: &str) -> String {
        take_out_of(read, true)
    }

    fn take_out_of(read: &str, over_leader: bool) -> String {
        let mut at = 0;
        let words = read.split(' ').map(|word| LineWord {
            symbols: word.chars().map(|c| symbol(c, &mut at)).collect(),
            space_before: true,
            known: Known::Unknown,
            certainty: 0.0,
        });
        let mut line = ReadLine {
            words: words.collect(),
            inverted: false,
        };
        take_out(&mut line, over_leader, |symbol| symbol.certainty == 0.0);
        line.text()
    }

    fn symbol(c: char, at: &mut u32) -> Symbol {
        *at += 10;
        Symbol {
            text: match c {
                '·' => ".".to_owned(),
                '‗' => "_".to_owned(),
                other => other.to_string(),
            },
            left_px: *at - 10,
            right_px: *at,
            certainty: if matches!(c, '·' | '‗') { -1.0 } else { 0.0 },
            alternatives: Vec::new(),
        }
    }

    #[test]
    fn points_that_touch_letters_are_the_leaders() {
        assert_eq!(without("Căn·cước·công dân số"), "Căn cước công dân số");
        assert_eq!(without("Căn· cước"), "Căn cước");
        assert_eq!(without("tên: ·Phan"), "tên: Phan");
        assert_eq!(without("thân: · Căn"), "thân: Căn");
        assert_eq!(without("Việt Nam·"), "Việt Nam");
    }

    #[test]
    fn points_of_the_text_and_of_numbers_stay() {
        assert_eq!(without("TP.Hồ Chí Minh."), "TP.Hồ Chí Minh.");
        assert_eq!(without("24·10·1986"), "24.10.1986");
        assert_eq!(without(""), "");
    }

    #[test]
    fn a_gap_read_as_a_rule_is_a_gap_and_a_drawn_rule_stays() {
        assert_eq!(take_out_of("1 ‗GV0110 Âu", false), "1 GV0110 Âu");
        assert_eq!(take_out_of("Hùng‗ Số", false), "Hùng Số");
        assert_eq!(take_out_of("van_thu@so.vn ·", false), "van_thu@so.vn .");
    }
}
