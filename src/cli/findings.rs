//! Findings at the terminal, worst first, and the bottom line: what `check` and `log check` print.

use serde_json::{Value, json};

use super::say;
use crate::messages::{self, Language};
use crate::model::manifest::Wording;
use crate::verify::{Finding, Severity, Verdict};

/// The findings for people: mark, code and place, then what and what to do.
pub fn told(findings: &[Finding], language: Language) -> String {
    let each = findings.iter().map(|finding| {
        let Wording { what, remedy } = words(finding, language);
        let mark = match finding.severity {
            Severity::Wrong => "✗",
            Severity::Doubt => "?",
            Severity::Note => "·",
        };
        let (code, path) = (finding.code.id(), &finding.place.path);
        format!("{mark} {code} {path}\n  {what}\n    → {remedy}\n")
    });
    each.collect()
}

/// The findings for machines, each a JSON object with both languages.
pub fn as_json(findings: &[Finding]) -> Vec<Value> {
    let each = findings.iter().map(|finding| {
        let mut value = json!(finding);
        value["vi"] = json!(words(finding, Language::Vi));
        value["en"] = json!(words(finding, Language::En));
        value
    });
    each.collect()
}

/// The bottom line.
pub fn bottom_line(verdict: Verdict, language: Language) -> String {
    let words = match verdict {
        Verdict::Valid => say::by(language, "✓ HỢP LỆ", "✓ VALID"),
        Verdict::Indeterminate => say::by(language, "? KHÔNG XÁC ĐỊNH", "? INDETERMINATE"),
        Verdict::Invalid => say::by(language, "✗ KHÔNG HỢP LỆ", "✗ INVALID"),
    };
    format!("{words}\n")
}

fn words(finding: &Finding, language: Language) -> Wording {
    let values = finding.values();
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    messages::wording(language, finding.code.id(), &values)
}
