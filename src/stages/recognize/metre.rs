//! The m of a square or cubic metre in a word as it was read: where a raised 2 or 3 is to be looked for.

/// Numbers of symbols of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metre {
    /// The m.
    pub first: usize,
    /// The sign that may have been read for the power; the m itself where none was.
    pub last: usize,
    /// The symbol up to whose end the power may stand.
    pub end: usize,
}

/// The metre of a word: the unit of a number (`214,6m`), alone or behind a bracket or a stroke (`(m`, `đ/m`), at the word's end or before
/// a stroke (`m/s`, `m/ngày`), with at most one sign behind it.
pub fn metre(signs: &[&str]) -> Option<Metre> {
    let metres = (0..signs.len()).filter(|n| signs[*n] == "m" && is_unit(&signs[..*n]));
    let in_word = |first: usize| {
        let last = [first, first + 1];
        last.into_iter().find_map(|last| {
            let end = end(signs, last)?;
            Some(Metre { first, last, end })
        })
    };
    metres.into_iter().find_map(in_word)
}

/// Whether an m behind these signs is a unit.
fn is_unit(before: &[&str]) -> bool {
    let mut before = before.iter().rev();
    let sign = before.find(|sign| !matches!(**sign, "k" | "d" | "c"));
    sign.is_none_or(|sign| matches!(*sign, "(" | "/") || sign.chars().all(|c| c.is_ascii_digit()))
}

/// Up to where the unit reaches that ends with this sign; none where the word goes on.
fn end(signs: &[&str], last: usize) -> Option<usize> {
    let is_stop = |sign: &&str| matches!(*sign, "." | "," | ";" | ":" | ")");
    match signs.get(last + 1..)? {
        ["/", ..] => Some(last + 1),
        rest => rest.iter().all(is_stop).then(|| signs.len() - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(word: &str) -> Option<(usize, usize, usize)> {
        let signs: Vec<String> = word.chars().map(String::from).collect();
        let signs: Vec<&str> = signs.iter().map(String::as_str).collect();
        metre(&signs).map(|metre| (metre.first, metre.last, metre.end))
    }

    #[test]
    fn a_metre_stands_at_the_end_of_a_word() {
        assert_eq!(found("m"), Some((0, 0, 0)));
        assert_eq!(found("m?;"), Some((0, 1, 2)));
        assert_eq!(found("(km\")."), Some((2, 3, 5)));
        assert_eq!(found("25m"), Some((2, 2, 2)));
    }

    #[test]
    fn a_metre_stands_before_and_behind_a_stroke() {
        assert_eq!(found("m/s"), Some((0, 0, 1)));
        assert_eq!(found("340m'/ngày"), Some((3, 4, 5)));
        assert_eq!(found("đồng/m?"), Some((5, 6, 6)));
    }

    #[test]
    fn an_m_among_letters_is_no_metre() {
        assert_eq!(found("năm"), None);
        assert_eq!(found("một"), None);
        assert_eq!(found("tấm/bộ"), None);
    }
}
