//! How the documents of a dossier are named in an export: templates, as data (DOMAIN section 2.3).

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fault::{ExportFault, FieldFault};
use super::subject::{Subject, issued};

/// The templates that have names of their own, and the signs of the types.
static DATA: LazyLock<Data> =
    LazyLock::new(|| toml::from_str(include_str!("names.toml")).expect("embedded and tested"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    #[allow(dead_code, reason = "tells people which text the file is")]
    version: String,
    templates: BTreeMap<String, String>,
    signs: BTreeMap<String, String>,
}

/// A template for names: letters and `{placeholders}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Letters(String),
    /// A placeholder and the digits its number is filled up to.
    Value(String, usize),
}

/// Placeholders of names; any label of the drop is one, too, as `label:…`, any value of the profile as `profile:…`.
const KNOWN: [&str; 7] = ["dossier", "n", "type", "sign", "day", "year", "number"];

impl Template {
    /// Reads a template, or the name of one of those that come with the program.
    pub fn read(text: &str) -> Result<Self, ExportFault> {
        let text = DATA.templates.get(text).map_or(text, String::as_str);
        let wrong = |cause: &str| ExportFault::Template {
            template: text.to_owned(),
            cause: cause.to_owned(),
        };
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').ok_or_else(|| wrong("{ without }"))? + open;
            if open > 0 {
                parts.push(Part::Letters(rest[..open].to_owned()));
            }
            parts.push(
                placeholder(&rest[open + 1..close]).ok_or_else(|| wrong(&rest[open..=close]))?,
            );
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Letters(rest.to_owned()));
        }
        if rest.contains('}') || text.contains(['/', '\\']) {
            return Err(wrong("/ \\ }"));
        }
        let tells_apart = |part: &Part| matches!(part, Part::Value(name, _) if name == "n");
        match parts.iter().any(tells_apart) {
            true => Ok(Self {
                parts,
                text: text.to_owned(),
            }),
            false => Err(wrong("{n}")),
        }
    }

    /// The template's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of a dossier's documents, each a plain file name that ends in `.pdf`.
    pub fn names(&self, subject: &Subject<'_>) -> Result<Vec<String>, Vec<FieldFault>> {
        let (mut names, mut faults, mut taken) = (Vec::new(), Vec::new(), HashSet::new());
        for at in 0..subject.documents().len() {
            match self.name(subject, at) {
                Ok(name) if !taken.insert(name.to_lowercase()) => {
                    let place = subject.dossier.code.to_string();
                    faults.push(FieldFault::SameName { place, name });
                }
                Ok(name) => names.push(name),
                Err(fault) => faults.push(fault),
            }
        }
        match faults.is_empty() {
            true => Ok(names),
            false => Err(faults),
        }
    }

    fn name(&self, subject: &Subject<'_>, at: usize) -> Result<String, FieldFault> {
        let mut name = String::new();
        for part in &self.parts {
            match part {
                Part::Letters(letters) => name.push_str(letters),
                Part::Value(placeholder, digits) => {
                    let value =
                        value(subject, at, placeholder).ok_or_else(|| FieldFault::NoName {
                            place: subject.place(Some(at)),
                            placeholder: placeholder.clone(),
                        })?;
                    name.push_str(&format!("{:0>1$}", plain(&value), *digits));
                }
            }
        }
        Ok(name + ".pdf")
    }
}

fn placeholder(text: &str) -> Option<Part> {
    let (name, digits) = match text.rsplit_once(':') {
        Some((name, digits))
            if digits.bytes().all(|b| b.is_ascii_digit()) && !digits.is_empty() =>
        {
            (name, digits.parse().ok().filter(|digits| *digits <= 12)?)
        }
        _ => (text, 0),
    };
    let foreign = name
        .strip_prefix("label:")
        .or_else(|| name.strip_prefix("profile:"));
    let fine = KNOWN.contains(&name) || foreign.is_some_and(|key| !key.is_empty());
    fine.then(|| Part::Value(name.to_owned(), digits))
}

fn value(subject: &Subject<'_>, at: usize, placeholder: &str) -> Option<String> {
    let document = &subject.documents()[at];
    let field = |id: &str| {
        document
            .description
            .fields
            .get(id)
            .map(|field| field.value.clone())
    };
    if let Some(label) = placeholder.strip_prefix("label:") {
        return subject.dossier.record.labels.get(label).cloned();
    }
    if let Some(key) = placeholder.strip_prefix("profile:") {
        return subject
            .profile
            .values
            .get(key)
            .filter(|value| !value.is_empty())
            .cloned();
    }
    match placeholder {
        "dossier" => Some(subject.dossier.code.to_string()),
        "n" => Some(document.n.to_string()),
        "type" => Some(document.description.kind.id.clone()),
        "sign" => DATA
            .signs
            .get(&document.description.kind.type_name)
            .cloned(),
        "day" => issued(document).map(|day| {
            format!(
                "{:04}{:02}{:02}",
                day.year(),
                u8::from(day.month()),
                day.day()
            )
        }),
        "year" => issued(document).map(|day| day.year().to_string()),
        "number" => field("so_ky_hieu").map(|number| number.replace('/', "-")),
        _ => None,
    }
}

/// What every file system and every importer takes: no marks, no separators, no controls.
fn plain(value: &str) -> String {
    let unmarked = value.nfd().filter(|c| !is_combining_mark(*c));
    let each = unmarked.map(|c| match c {
        'đ' => 'd',
        'Đ' => 'D',
        c if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') => c,
        _ => '-',
    });
    let plain: String = each.collect();
    // A name of dots alone, or one that begins with a dot, is no name.
    plain.trim_start_matches('.').to_owned()
}

/// Letters that an address carries as they are (RFC 3986, 2.3); all others are bytes behind `%`.
pub fn percent_encoded(text: &str) -> String {
    let each = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    each.collect()
}

/// A path as a relative address: each part by itself.
pub fn percent_encoded_path(path: &str) -> String {
    let parts: Vec<String> = path.split('/').map(percent_encoded).collect();
    parts.join("/")
}

/// Whether an address template names the file, so that no two documents get one address.
pub fn check_url(template: &str) -> Result<(), ExportFault> {
    let wrong = |cause: &str| ExportFault::Template {
        template: template.to_owned(),
        cause: cause.to_owned(),
    };
    let letters = template.replace("{dossier}", "").replace("{file}", "");
    if !(letters.starts_with("https://") || letters.starts_with("http://")) {
        return Err(wrong("https://"));
    }
    if letters.contains(['{', '}', ' ', '"', '<', '>']) || letters.chars().any(char::is_control) {
        return Err(wrong("{dossier} {file}"));
    }
    match template.contains("{file}") {
        true => Ok(()),
        false => Err(wrong("{file}")),
    }
}

/// The address of a file.
pub fn url(template: &str, dossier: &str, file: &str) -> String {
    // In one pass, so that a name is never taken for a placeholder.
    let (dossier, file) = (percent_encoded(dossier), percent_encoded(file));
    template
        .split("{file}")
        .map(|part| part.replace("{dossier}", &dossier))
        .collect::<Vec<_>>()
        .join(&file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_named_templates_are_templates() {
        assert!(DATA.templates.len() >= 5 && DATA.signs.len() > 20);
        for (name, text) in &DATA.templates {
            assert_eq!(Template::read(name).expect(name).text(), text);
        }
    }

    #[test]
    fn what_leads_elsewhere_or_names_all_alike_is_no_template() {
        for text in [
            "{dossier}",
            "../{n}",
            "{n}/x",
            "{n",
            "{what}",
            "{n}}",
            "{label:}",
            "{n:99}",
        ] {
            assert!(Template::read(text).is_err(), "{text}");
        }
        for text in [
            "http://x/{dossier}",
            "ftp://x/{file}",
            "https://x/{file}{code}",
            "https://x/a b/{file}",
        ] {
            assert!(check_url(text).is_err(), "{text}");
        }
        check_url("https://tep.vidu.vn/{dossier}/{file}").expect("a template");
    }

    proptest! {
        #[test]
        fn a_part_of_a_name_never_leads_elsewhere(value in "\\PC{0,30}") {
            let plain = plain(&value);
            prop_assert!(plain.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)));
            prop_assert!(!plain.starts_with('.'));
        }

        #[test]
        fn an_address_gives_the_name_back(dossier in "\\PC{1,20}", file in "\\PC{1,20}") {
            let url = url("https://x/{dossier}/{file}", &dossier, &file);
            let decoded = |text: &str| {
                let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
                while let Some((first, behind)) = rest.split_first() {
                    match (first, behind) {
                        (b'%', [one, other, ..]) => {
                            let hex = [*one, *other];
                            let hex = std::str::from_utf8(&hex).expect("ASCII");
                            bytes.push(u8::from_str_radix(hex, 16).expect("hex"));
                            rest = &behind[2..];
                        }
                        _ => { bytes.push(*first); rest = behind; }
                    }
                }
                String::from_utf8(bytes).expect("UTF-8")
            };
            let parts: Vec<&str> = url.split('/').collect();
            prop_assert_eq!(parts.len(), 5);
            prop_assert_eq!(decoded(parts[3]), dossier);
            prop_assert_eq!(decoded(parts[4]), file);
        }
    }
}
