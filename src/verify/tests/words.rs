//! Every code has its words in both languages, and every placeholder its value.

use std::collections::{BTreeMap, BTreeSet};

use crate::verify::Code;

type Words = BTreeMap<String, BTreeMap<String, String>>;

fn words() -> [Words; 2] {
    let read = |text: &str| -> Words { toml::from_str(text).expect("TOML") };
    let mut vi = read(include_str!("../../messages/vi/verify.toml"));
    let mut en = read(include_str!("../../messages/en/verify.toml"));
    // The words of proofs and the log stand with those of exporting them.
    vi.extend(read(include_str!("../../messages/vi/evidence.toml")));
    en.extend(read(include_str!("../../messages/en/evidence.toml")));
    [vi, en]
}

fn placeholders(text: &str) -> BTreeSet<String> {
    let opened = text.split('{').skip(1);
    opened
        .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
        .collect()
}

#[test]
fn every_code_has_its_words_in_both_languages() {
    let [vi, en] = words();
    let ids: BTreeSet<String> = Code::ALL.iter().map(|code| code.id().to_owned()).collect();
    for (language, words) in [("vi", &vi), ("en", &en)] {
        let findings = words.keys().filter(|id| id.starts_with('V')).cloned();
        assert_eq!(findings.collect::<BTreeSet<_>>(), ids, "{language}");
    }
    assert_eq!(vi.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
    for (id, vi) in &vi {
        for half in ["what", "remedy"] {
            assert_eq!(
                placeholders(&vi[half]),
                placeholders(&en[id][half]),
                "{id} {half}"
            );
        }
    }
}

/// Called with every finding that a test comes across.
pub fn assert_fills(finding: &crate::verify::Finding) {
    let values = finding.values();
    for words in words() {
        for text in words[finding.code.id()].values() {
            for name in placeholders(text) {
                assert!(
                    values.contains_key(name.as_str()),
                    "{} lacks {name}",
                    finding.code.id()
                );
            }
        }
    }
}
