//! XML of a stranger read as a flat run of elements; entities of its own and depth have an end.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements in each other.
const DEEPEST: usize = 64;
/// Elements of one file.
const MOST: usize = 5_000_000;

/// An element as it begins: its name without prefix, its attributes without theirs.
pub struct Begun {
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<(String, String)>,
}

impl Begun {
    /// An attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

/// Reads a document: `begin` for each element with its depth, `end` with the text it held.
pub fn each(
    bytes: &[u8],
    mut begin: impl FnMut(usize, Begun),
    mut end: impl FnMut(usize, &str, &str),
) -> Result<(), String> {
    let mut reader = Reader::from_reader(bytes);
    let (mut open, mut buffer, mut count) = (Vec::<(String, String)>::new(), Vec::new(), 0usize);
    loop {
        buffer.clear();
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|fault| fault.to_string())?;
        count += 1;
        if count > MOST || open.len() > DEEPEST {
            return Err("too large".to_owned());
        }
        match event {
            Event::DocType(_) => return Err("DOCTYPE".to_owned()),
            Event::Start(start) => {
                let begun = begun(&start)?;
                open.push((begun.name.clone(), String::new()));
                begin(open.len(), begun);
            }
            Event::Empty(start) => {
                let begun = begun(&start)?;
                let name = begun.name.clone();
                begin(open.len() + 1, begun);
                end(open.len() + 1, &name, "");
            }
            Event::Text(text) => {
                if let Some((_, held)) = open.last_mut() {
                    held.push_str(&text);
                }
            }
            Event::GeneralRef(entity) => {
                let whole = format!("&{};", &*entity);
                let letters =
                    quick_xml::escape::unescape(&whole).map_err(|fault| fault.to_string())?;
                if let Some((_, held)) = open.last_mut() {
                    held.push_str(&letters);
                }
            }
            Event::End(_) => {
                let (name, text) = open.pop().ok_or("unbalanced")?;
                end(open.len() + 1, &name, &text);
            }
            Event::Eof if open.is_empty() && count > 1 => return Ok(()),
            Event::Eof => return Err("cut off".to_owned()),
            Event::CData(_) => return Err("CDATA".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn begun(start: &BytesStart<'_>) -> Result<Begun, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|fault| fault.to_string())?;
        let value = quick_xml::escape::unescape(&attribute.value);
        let value = value.map_err(|fault| fault.to_string())?.into_owned();
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
    }
    Ok(Begun {
        name: start.name().local_name().as_ref().to_owned(),
        attributes,
    })
}

/// The fields of a `<simpledc>` in their order.
pub fn simpledc(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let (mut fields, mut root) = (Vec::new(), None);
    each(
        bytes,
        |depth, begun| {
            if depth == 1 {
                root = Some(begun.name);
            }
        },
        |depth, name, text| {
            if depth == 2 {
                fields.push((name.to_owned(), text.to_owned()));
            }
        },
    )?;
    match root.as_deref() {
        Some("simpledc") => Ok(fields),
        other => Err(format!("root {}", other.unwrap_or("-"))),
    }
}

/// The objects of a PREMIS file: where each lies, and its SHA-256 as written.
pub fn fixities(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let (mut found, mut digest, mut place) = (Vec::new(), None, None);
    each(
        bytes,
        |_, _| {},
        |_, name, text| match name {
            "messageDigest" => digest = Some(text.to_owned()),
            "contentLocationValue" => place = Some(text.to_owned()),
            "object" => found.extend(place.take().zip(digest.take())),
            _ => {}
        },
    )?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[<>&;/a\"'=! -]{0,80}") {
            let _ = (simpledc(&bytes), fixities(&bytes), simpledc(text.as_bytes()));
        }
    }

    #[test]
    fn what_could_grow_or_lead_out_is_refused() {
        for text in [
            "<!DOCTYPE a [<!ENTITY b \"c\">]><simpledc/>",
            "<simpledc>&b;</simpledc>",
            "<simpledc>",
            "<a/>",
            "",
            "<simpledc><![CDATA[x]]></simpledc>",
        ] {
            assert!(simpledc(text.as_bytes()).is_err(), "{text}");
        }
        let deep = "<a>".repeat(100);
        assert!(simpledc(deep.as_bytes()).is_err());
        let told = simpledc(b"<simpledc><title>A &amp; B</title><x/></simpledc>").expect("reads");
        assert_eq!(
            told,
            [
                ("title".to_owned(), "A & B".to_owned()),
                ("x".to_owned(), String::new())
            ]
        );
    }
}
