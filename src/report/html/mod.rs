//! The printable page: one file that needs nothing else, A4, Vietnamese with English beside.
//!
//! Page 1 is the summary for the file of the case (scope, trust, counts, roots, conclusion, places to
//! sign); behind it stand the findings, each signature in the circular's words, the sample
//! drawn for eyes, what will lapse, and how to repeat the check with other tools. No script, no request:
//! the content security policy allows none. A verdict has its sign and its word, never colour alone.

mod detail;
mod summary;

use super::expiring::Lapse;
use super::xml::escaped;
use super::{Verification, verdict_words};
use crate::messages::{Language, numbers};
use crate::verify::Verdict;

/// What stands on the page beside the verification.
#[derive(Default)]
pub struct Beside {
    /// What will lapse, and by when it was asked: `12m`.
    pub expiring: Option<(String, Vec<Lapse>)>,
}

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub fn page(verification: &Verification, beside: &Beside) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>Báo cáo kiểm tra chữ ký số</title><style>{STYLE}</style></head><body><main>"
    );
    html += &summary::section(verification);
    html += &detail::findings(verification);
    html += &detail::signatures(verification);
    html += &detail::files(verification);
    html += &detail::samples(verification);
    html += &detail::lapses(beside);
    html += &detail::again(verification);
    html + "</main></body></html>\n"
}

/// Vietnamese with English beside it.
fn both(vi: &str, en: &str) -> String {
    format!("{} <small lang=\"en\">{}</small>", escaped(vi), escaped(en))
}

fn heading(vi: &str, en: &str) -> String {
    format!("<h2>{}</h2>", both(vi, en))
}

/// A verdict as a box with sign and word.
fn badge(verdict: Verdict) -> String {
    let class = match verdict {
        Verdict::Valid => "valid",
        Verdict::Indeterminate => "indeterminate",
        Verdict::Invalid => "invalid",
    };
    let vi = verdict_words(verdict, Language::Vi);
    let en = verdict_words(verdict, Language::En);
    // The sign is in the Vietnamese half already.
    let en = en.split_once(' ').map_or(en, |(_, word)| word);
    format!("<b class=\"badge {class}\">{}</b>", both(vi, en))
}

/// A whole number as people here write it: `1.842`.
fn number(value: u64) -> String {
    numbers::whole(value, Language::Vi)
}

#[cfg(test)]
mod tests {
    use super::super::specimen;
    use super::*;
    use crate::verify::{Code, Finding, Place};

    #[test]
    fn the_page_is_closed_well_and_asks_for_nothing() {
        let page = page(
            &specimen::of(vec![specimen::signature()]),
            &Beside::default(),
        );
        assert!(page.contains("quyết định &lt;1&gt;.pdf") && !page.contains("<1>"));
        for forbidden in ["<script", "http://", "https://", "src=", "url("] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        let open = |tag: &str| {
            page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count()
        };
        for tag in ["table", "section", "tr", "td", "th", "h2", "small", "p"] {
            assert_eq!(
                open(tag),
                page.matches(&format!("</{tag}>")).count(),
                "{tag}"
            );
        }
    }

    #[test]
    fn all_facts_and_criteria_stand_on_it_by_name_in_both_languages() {
        let signature = specimen::signature();
        let page = page(&specimen::of(vec![signature.clone()]), &Beside::default());
        let facts = super::super::criteria::facts(&signature);
        let criteria = super::super::criteria::criteria(&signature);
        let names = facts
            .iter()
            .map(|one| one.name)
            .chain(criteria.iter().map(|one| one.name));
        for name in names {
            assert!(
                page.contains(&name.vi) && page.contains(&name.en),
                "{}",
                name.id
            );
        }
        assert!(page.contains("TOTAL-PASSED"));
    }

    #[test]
    fn a_finding_is_told_with_code_words_and_remedy() {
        let mut signature = specimen::signature();
        signature.verdict = Verdict::Invalid;
        let finding =
            Finding::new(Code::SignatureBroken, Place::file("")).with("detail", "<digest>");
        signature.reasons.push(finding);
        let page = page(&specimen::of(vec![signature]), &Beside::default());
        assert!(
            page.contains("V05")
                && page.contains("&lt;digest&gt;")
                && page.contains("✗ KHÔNG HỢP LỆ")
        );
    }
}
