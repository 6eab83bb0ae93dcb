//! Tables of fields: the receiver's name, where the value comes from, how long it may be.
//!
//! One engine fills the rows of sheets, the members of JSON and the elements of XML; each receiver
//! is a versioned data file. Nothing is cut off: what is too long is a fault.

use serde::Deserialize;

use super::fault::FieldFault;
use super::subject::{Origin, Subject};

/// One field of a receiver.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRule {
    /// Its name, letter for letter as the receiver has it.
    pub name: String,
    /// Where its value comes from: the first that is known counts. Empty: it is always left empty.
    #[serde(default)]
    pub from: Vec<Origin>,
    /// Most characters (Unicode scalar values) that the receiver takes; absent where none is known.
    pub limit: Option<usize>,
    /// Whether the receiver refuses an empty value.
    #[serde(default)]
    pub required: bool,
    /// Whether it is written as a number where the form knows numbers.
    #[serde(default)]
    pub number: bool,
}

/// The values of these fields in their order, empty where nothing is known; what does not fit is added to the faults.
pub fn fill(
    rules: &[FieldRule],
    subject: &Subject<'_>,
    at: Option<usize>,
    faults: &mut Vec<FieldFault>,
) -> Vec<String> {
    let each = rules.iter().map(|rule| {
        let value = rule.from.iter().find_map(|from| subject.value(from, at));
        let value = value.unwrap_or_default();
        faults.extend(check(rule, &value, || subject.place(at)));
        value
    });
    each.collect()
}

fn check(rule: &FieldRule, value: &str, place: impl Fn() -> String) -> Option<FieldFault> {
    let field = rule.name.clone();
    if rule.required && value.is_empty() {
        let from: Vec<String> = rule.from.iter().map(ToString::to_string).collect();
        return Some(FieldFault::Missing {
            field,
            place: place(),
            from: from.join(", "),
        });
    }
    if value.chars().any(is_control) {
        return Some(FieldFault::Unwritable {
            field,
            place: place(),
        });
    }
    let length = value.chars().count();
    let limit = rule.limit.filter(|limit| length > *limit)?;
    Some(FieldFault::TooLong {
        field,
        place: place(),
        length,
        limit,
    })
}

/// Characters that XML 1.0 cannot hold and no value of a form has.
fn is_control(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(limit: usize, required: bool) -> FieldRule {
        FieldRule {
            name: "TrichYeu".to_owned(),
            from: Vec::new(),
            limit: Some(limit),
            required,
            number: false,
        }
    }

    proptest! {
        #[test]
        fn a_value_passes_exactly_where_it_fits(value in "[^\\p{Cc}\u{FFFE}\u{FFFF}]{0,40}", limit in 0usize..40) {
            let length = value.chars().count();
            let told = check(&rule(limit, false), &value, || "x".to_owned());
            let expected = (length > limit).then(|| FieldFault::TooLong {
                field: "TrichYeu".to_owned(),
                place: "x".to_owned(),
                length,
                limit,
            });
            prop_assert_eq!(told, expected);
        }
    }

    #[test]
    fn an_empty_value_is_told_where_it_is_asked_for_and_a_control_character_always() {
        let told = |value: &str| check(&rule(9, true), value, || "x".to_owned());
        assert!(matches!(told(""), Some(FieldFault::Missing { .. })));
        assert!(matches!(
            told("a\u{1}b"),
            Some(FieldFault::Unwritable { .. })
        ));
        assert_eq!(told("a\nb"), None);
    }
}
