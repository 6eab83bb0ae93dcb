//! Files that are not PDF/A-2u, each for one reason, to see that the judges judge.

use std::process::Command;

use lopdf::{Dictionary, Document, Object};

use super::samples;

/// Bad files by the reason why.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "no_part_in_xmp",
            replaced("<pdfaid:part>2<", "<pdfaid:pars>2<"),
        ),
        (
            "level_b_in_xmp",
            replaced("conformance>U<", "conformance>X<"),
        ),
        (
            "no_metadata",
            edited(|document| drop_entry(document, "Catalog", "Metadata")),
        ),
        (
            "no_output_intent",
            edited(|document| drop_entry(document, "Catalog", "OutputIntents")),
        ),
        (
            "no_to_unicode",
            edited(|document| drop_entry(document, "Font", "ToUnicode")),
        ),
        (
            "interpolated",
            edited(|document| set_entry(document, "XObject", "Interpolate", true.into())),
        ),
        ("javascript", edited(with_javascript)),
        ("visible_text_font_not_embedded", edited(with_foreign_font)),
        ("encrypted", encrypted()),
        ("bytes_after_the_end", [good(), b"more\n".to_vec()].concat()),
    ]
}

fn good() -> Vec<u8> {
    let sample = samples::all()
        .iter()
        .find(|sample| sample.name == "jpeg_grey");
    sample.expect("a sample").pdf.bytes().to_vec()
}

/// The good file with some bytes replaced by as many others.
fn replaced(from: &str, to: &str) -> Vec<u8> {
    let mut bytes = good();
    let found = bytes
        .windows(from.len())
        .position(|window| window == from.as_bytes());
    let at = found.unwrap_or_else(|| panic!("{from} stands in the file"));
    bytes.splice(at..at + from.len(), to.bytes());
    bytes
}

fn edited(change: impl FnOnce(&mut Document)) -> Vec<u8> {
    let mut document = Document::load_mem(&good()).expect("it parses");
    change(&mut document);
    let mut bytes = Vec::new();
    document
        .save_to(&mut bytes)
        .expect("a Vec takes every byte");
    bytes
}

fn of_type<'a>(document: &'a mut Document, name: &str) -> Vec<&'a mut Dictionary> {
    let dictionaries = document
        .objects
        .values_mut()
        .filter_map(|object| match object {
            Object::Stream(stream) => Some(&mut stream.dict),
            other => other.as_dict_mut().ok(),
        });
    let found: Vec<_> = dictionaries
        .filter(|entries| entries.has_type(name.as_bytes()))
        .collect();
    assert!(!found.is_empty(), "a {name} is there");
    found
}

fn drop_entry(document: &mut Document, name: &str, key: &str) {
    for entries in of_type(document, name) {
        entries.remove(key.as_bytes());
    }
}

fn set_entry(document: &mut Document, name: &str, key: &str, value: Object) {
    for entries in of_type(document, name) {
        entries.set(key, value.clone());
    }
}

fn with_javascript(document: &mut Document) {
    let mut action = Dictionary::new();
    action.set("S", Object::Name(b"JavaScript".to_vec()));
    action.set("JS", Object::string_literal("app.beep()"));
    set_entry(document, "Catalog", "OpenAction", action.into());
}

/// Mode 3 text needs no embedded font (6.2.11.4.1), so the text is made visible too.
fn with_foreign_font(document: &mut Document) {
    drop_entry(document, "FontDescriptor", "FontFile2");
    let pages: Vec<_> = document.get_pages().into_values().collect();
    for page in pages {
        let content = document.get_page_content(page);
        let visible = String::from_utf8(content)
            .expect("ASCII")
            .replace("3 Tr", "0 Tr");
        document
            .change_page_content(page, visible.into_bytes())
            .expect("a page");
    }
}

fn encrypted() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (plain, locked) = (
        folder.path().join("plain.pdf"),
        folder.path().join("locked.pdf"),
    );
    std::fs::write(&plain, good()).expect("the file is written");
    let status = Command::new("qpdf")
        .args(["--encrypt", "", "owner", "256", "--"])
        .args([&plain, &locked])
        .status();
    assert!(status.expect("qpdf is missing").success());
    std::fs::read(&locked).expect("qpdf wrote the file")
}
