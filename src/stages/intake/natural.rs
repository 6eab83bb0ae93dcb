//! The order people expect of names: `trang 2` before `trang 10`.

use std::cmp::Ordering;

/// Compares two paths (`/` between their parts) part by part, digit runs as numbers.
///
/// Letter case counts only between names that are otherwise equal, so the order is total:
/// two different names are never equal.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let (mut lefts, mut rights) = (left.split('/'), right.split('/'));
    loop {
        let order = match (lefts.next(), rights.next()) {
            (None, None) => return left.cmp(right),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(l), Some(r)) => compare_part(&l.to_lowercase(), &r.to_lowercase()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn compare_part(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    while !left.is_empty() && !right.is_empty() {
        let (l, left_rest) = split_run(left);
        let (r, right_rest) = split_run(right);
        let order = match (is_number(l), is_number(r)) {
            (true, true) => compare_numbers(l, r),
            _ => l.cmp(r),
        };
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.len().cmp(&right.len())
}

fn is_number(run: &str) -> bool {
    run.starts_with(|c: char| c.is_ascii_digit())
}

/// The longest start of `text` that is all digits or has none.
fn split_run(text: &str) -> (&str, &str) {
    let digits = is_number(text);
    let end = text.find(|c: char| c.is_ascii_digit() != digits);
    text.split_at(end.unwrap_or(text.len()))
}

/// Digit runs of any length, leading zeros aside; no integer type is long enough for a
/// hostile name.
fn compare_numbers(left: &str, right: &str) -> Ordering {
    let (l, r) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    l.len().cmp(&r.len()).then_with(|| l.cmp(r))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = vec![
            "trang 10.tif",
            "Trang 2.tif",
            "trang 1.tif",
            "trang.tif",
            "trang 02.tif",
            "b/1.tif",
            "b 2/1.tif",
            "b/10.tif",
            "b/9.tif",
        ];
        names.sort_by(|l, r| compare(l, r));
        assert_eq!(
            names,
            [
                "b/1.tif",
                "b/9.tif",
                "b/10.tif",
                "b 2/1.tif",
                "trang 1.tif",
                "Trang 2.tif",
                "trang 02.tif",
                "trang 10.tif",
                "trang.tif",
            ]
        );
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "[aB0-2/ .]{0,6}", b in "[aB0-2/ .]{0,6}", c in "[aB0-2/ .]{0,6}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b) == Ordering::Less && compare(&b, &c) == Ordering::Less {
                prop_assert_eq!(compare(&a, &c), Ordering::Less);
            }
        }
    }
}
