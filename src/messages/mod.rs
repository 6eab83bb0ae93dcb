//! Words for people, apart from code: for each code *what happened* and *what to do*.
//!
//! Vietnamese first, English beside it. They lie below the terminal and not in
//! it, because the record of a dossier that was set aside must speak to whoever
//! opens it, not only to whoever watched the run.

pub mod numbers;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::model::manifest::{Reason, Wording};
use crate::model::{Coded, Flag, Retry};

/// A language of the messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

type Catalogue = BTreeMap<String, Wording>;

macro_rules! sources {
    ($language:literal) => {
        [
            include_str!(concat!($language, "/intake.toml")),
            include_str!(concat!($language, "/cut.toml")),
            include_str!(concat!($language, "/recognize.toml")),
            include_str!(concat!($language, "/describe.toml")),
            include_str!(concat!($language, "/evaluate.toml")),
            include_str!(concat!($language, "/assemble.toml")),
            include_str!(concat!($language, "/seal.toml")),
            include_str!(concat!($language, "/token.toml")),
            include_str!(concat!($language, "/timestamp.toml")),
            include_str!(concat!($language, "/tls.toml")),
            include_str!(concat!($language, "/verify.toml")),
            include_str!(concat!($language, "/evidence.toml")),
            include_str!(concat!($language, "/import.toml")),
            include_str!(concat!($language, "/run.toml")),
            include_str!(concat!($language, "/review.toml")),
            include_str!(concat!($language, "/rates.toml")),
            include_str!(concat!($language, "/export.toml")),
        ]
    };
}

static VIETNAMESE: LazyLock<Catalogue> = LazyLock::new(|| parse(&sources!("vi")));
static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| parse(&sources!("en")));

/// What systems, crates and decoders say in English, by its small letters, and the same in Vietnamese.
static CAUSES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("vi/causes.toml")).expect("the causes are embedded and tested")
});

/// What the command line's parser writes into help, and the same in Vietnamese.
static HELP: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("vi/help.toml")).expect("the words are embedded and tested")
});

fn parse(sources: &[&str]) -> Catalogue {
    let tables = sources.iter().map(|source| {
        toml::from_str::<Catalogue>(source).expect("the catalogues are embedded and tested")
    });
    tables.flatten().collect()
}

fn catalogue(language: Language) -> &'static Catalogue {
    match language {
        Language::Vi => &VIETNAMESE,
        Language::En => &ENGLISH,
    }
}

/// Every code that has words, in order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    VIETNAMESE.keys().map(String::as_str)
}

/// The words for a code with their placeholders filled.
///
/// A code without words gives the code itself: better bare than silent.
pub fn wording(language: Language, code: &str, params: &[(&str, &str)]) -> Wording {
    let Some(template) = catalogue(language).get(code) else {
        return Wording {
            what: code.to_owned(),
            remedy: String::new(),
        };
    };
    let said = params.iter().map(|&(name, value)| match (language, name) {
        (Language::Vi, "cause" | "detail") => (name, cause_in_vietnamese(value)),
        _ => (name, Cow::Borrowed(value)),
    });
    let said: Vec<_> = said.collect();
    Wording {
        what: fill(&template.what, &said),
        remedy: fill(&template.remedy, &said),
    }
}

/// `Permission denied (os error 13)` → `không có quyền, lỗi 13`; what is not known stays as it is.
fn cause_in_vietnamese(cause: &str) -> Cow<'_, str> {
    let numbered = cause
        .strip_suffix(')')
        .and_then(|cause| cause.split_once(" (os error "));
    let known = CAUSES.get(&numbered.map_or(cause, |(said, _)| said).to_lowercase());
    match (known, numbered) {
        (None, _) => Cow::Borrowed(cause),
        (Some(known), None) => Cow::Borrowed(known.as_str()),
        (Some(known), Some((_, number))) => Cow::Owned(format!("{known}, lỗi {number}")),
    }
}

/// The help of the program with its headings and notes in Vietnamese.
pub fn help_in_vietnamese(help: &str) -> String {
    let mut text = String::with_capacity(help.len());
    let mut rest = help;
    // Once through: what is put in bears the English beside it, and stays.
    while let Some((at, english, vietnamese)) = first_of_help(rest) {
        text.push_str(&rest[..at]);
        text.push_str(vietnamese);
        rest = &rest[at + english.len()..];
    }
    text + rest
}

/// Where the first of the parser's words stands; of those that begin alike, the longest.
fn first_of_help(text: &str) -> Option<(usize, &'static str, &'static str)> {
    let found = HELP.iter().filter_map(|(english, vietnamese)| {
        Some((
            text.find(english.as_str())?,
            english.as_str(),
            vietnamese.as_str(),
        ))
    });
    found.min_by_key(|(at, english, _)| (*at, Reverse(english.len())))
}

/// A fault as it stands in the record of a dossier: `place` is the file or folder below the drop.
pub fn reason(fault: &dyn Coded, place: &str) -> Reason {
    let params = fault.params();
    let params = params.iter().map(|(name, value)| (*name, value.as_str()));
    worded(fault.code(), params, fault.retry(), place)
}

/// A reason for a person to look at the document that lies at `place` in the package.
pub fn review_reason(flag: &Flag, place: &str) -> Reason {
    let params = flag.params.iter();
    let params = params.map(|(name, value)| (name.as_str(), value.as_str()));
    worded(&flag.code, params, Retry::AfterPerson, place)
}

fn worded<'p>(
    code: &str,
    params: impl Iterator<Item = (&'p str, &'p str)>,
    retry: Retry,
    place: &'p str,
) -> Reason {
    // Its own `file` (a page, an entry of an archive) is nearer than the place.
    let filled: Vec<_> = params.chain([("place", place), ("file", place)]).collect();
    Reason {
        code: code.to_owned(),
        place: place.to_owned(),
        retry,
        vi: wording(Language::Vi, code, &filled),
        en: wording(Language::En, code, &filled),
    }
}

/// Puts values into `{name}` in one pass, so that a value is never taken for a placeholder.
fn fill(template: &str, params: &[(&str, Cow<'_, str>)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        text.push_str(before);
        let value = after.find('}').and_then(|close| {
            let name = &after[1..close];
            let (_, value) = params.iter().find(|(known, _)| *known == name)?;
            Some((close + 1, value.as_ref()))
        });
        let (taken, value) = value.unwrap_or((1, "{"));
        text.push_str(value);
        rest = &after[taken..];
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(wording: &Wording) -> Vec<String> {
        let pattern = regex::Regex::new(r"\{([a-z0-9_]+)\}").expect("a constant pattern");
        let text = format!("{} {}", wording.what, wording.remedy);
        let mut names: Vec<String> = pattern
            .captures_iter(&text)
            .map(|found| found[1].to_owned())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    #[test]
    fn both_languages_say_the_same_things() {
        assert!(VIETNAMESE.keys().eq(ENGLISH.keys()));
        for (code, vietnamese) in VIETNAMESE.iter() {
            let english = &ENGLISH[code];
            assert_eq!(placeholders(vietnamese), placeholders(english), "{code}");
            for text in [
                &vietnamese.what,
                &vietnamese.remedy,
                &english.what,
                &english.remedy,
            ] {
                assert!(!text.trim().is_empty(), "{code} has an empty half");
            }
        }
    }

    #[test]
    fn no_code_stands_in_two_files() {
        for sources in [sources!("vi"), sources!("en")] {
            let tables = sources.map(|source| toml::from_str::<Catalogue>(source).expect("valid"));
            let all: usize = tables.iter().map(BTreeMap::len).sum();
            assert_eq!(
                all,
                tables.into_iter().flatten().collect::<Catalogue>().len()
            );
        }
    }

    #[test]
    fn values_are_filled_once_and_unknown_names_stay() {
        let filled = fill(
            "{a} and {b} and {c",
            &[("a", "{b}".into()), ("b", "2".into())],
        );
        assert_eq!(filled, "{b} and 2 and {c");
    }

    #[test]
    fn causes_of_the_system_are_told_in_vietnamese_and_unknown_ones_as_they_are() {
        use rustix::io::Errno;
        let told = |language, cause: &str| wording(language, "PKG-002", &[("cause", cause)]).what;
        for errno in [
            Errno::ACCESS,
            Errno::NOENT,
            Errno::NOTDIR,
            Errno::ISDIR,
            Errno::ROFS,
            Errno::NOSPC,
            Errno::DQUOT,
            Errno::FBIG,
            Errno::IO,
            Errno::LOOP,
            Errno::NAMETOOLONG,
            Errno::MFILE,
            Errno::NOMEM,
            Errno::BUSY,
            Errno::STALE,
            Errno::HOSTDOWN,
            Errno::CONNREFUSED,
            Errno::TIMEDOUT,
        ] {
            let error = std::io::Error::from(errno);
            for cause in [error.to_string(), error.kind().to_string()] {
                let said = cause.split(" (os error").next().expect("a first part");
                assert!(told(Language::En, &cause).contains(&cause));
                assert!(!told(Language::Vi, &cause).contains(said), "{cause}");
            }
        }
        let denied = told(Language::Vi, "Permission denied (os error 13)");
        assert!(denied.contains("không có quyền, lỗi 13"), "{denied}");
        assert!(told(Language::Vi, "never heard of").contains("never heard of"));
    }
}
