//! The checker against files that are almost right.

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

use super::super::object_file::ObjectFile;
use super::super::{DocumentInfo, PageInput, PdfaFault, write};
use super::*;
use crate::formats::raster::{Coding, Dpi, EncodedImage, Space};
use crate::model::{Confidence, Digest, Orientation, PageText, Point, PxBox, Word};

/// Two pages of 40 × 60 pixels with the words `Cộng hòa 👍`.
fn good_file() -> Vec<u8> {
    let words = ["Cộng", "hòa", "👍"].iter().zip(0..).map(|(text, n)| Word {
        text: (*text).to_owned(),
        bounds: PxBox {
            x_px: 12 * n,
            y_px: 10,
            w_px: 10,
            h_px: 5,
        },
        baseline_start: Point {
            x_px: 12.0 * n as f32,
            y_px: 14.0,
        },
        baseline_end: Point {
            x_px: 12.0 * n as f32 + 10.0,
            y_px: 14.0,
        },
        confidence: Confidence::from_pct(90),
        block: 0,
        line: n / 2,
        leads_on: false,
    });
    let text = PageText {
        width_px: 40,
        height_px: 60,
        dpi: 72,
        symbols: Vec::new(),
        words: words.collect(),
    };
    let page = || PageInput {
        image: EncodedImage {
            width_px: 40,
            height_px: 60,
            coding: Coding::CcittG4,
            space: Space::Bilevel,
            bytes: vec![0xFF, 0xFF, 0xFF, 0x00, 0x10, 0x01],
        },
        orientation: Orientation::UPRIGHT,
        dpi: Dpi { x: 72.0, y: 72.0 },
        text: &text,
    };
    let info = DocumentInfo {
        title: "Quyết định".to_owned(),
        subject: None,
        author: Some("UBND".to_owned()),
        identity: Digest::of(b"test"),
    };
    let pages = [Ok::<_, PdfaFault>(page()), Ok(page())];
    write(&info, pages).expect("a good file").bytes().to_vec()
}

/// The clauses that speak against a file.
fn clauses(bytes: Vec<u8>) -> Vec<&'static str> {
    let violations = check(bytes).err().unwrap_or_default();
    violations
        .iter()
        .map(|violation| violation.clause)
        .collect()
}

/// The good file with a change, spelled and laid out as we do.
fn changed(change: impl FnOnce(&mut Document)) -> Vec<u8> {
    let mut document = Document::load_mem(&good_file()).expect("it parses");
    change(&mut document);
    let mut file = ObjectFile::new();
    let last = document.objects.keys().next_back().expect("it has objects");
    let ids: Vec<ObjectId> = (0..last.0).map(|_| file.reserve()).collect();
    for id in ids {
        let object = document.objects.get(&id).cloned();
        file.put(id, object.unwrap_or(Object::Null));
    }
    file.finish(document.trailer)
}

/// The good file with an entry set in the first dictionary of a type.
fn with_entry(of_type: &str, key: &str, value: impl Into<Object>) -> Vec<u8> {
    changed(|document| {
        entries(document, of_type).set(key, value);
    })
}

fn without_entry(of_type: &str, key: &str) -> Vec<u8> {
    changed(|document| {
        entries(document, of_type).remove(key.as_bytes());
    })
}

fn entries<'a>(document: &'a mut Document, of_type: &str) -> &'a mut Dictionary {
    let is_type = |dictionary: &&mut Dictionary| dictionary.has_type(of_type.as_bytes());
    let dictionaries = document.objects.values_mut().map(|object| match object {
        Object::Stream(stream) => Some(&mut stream.dict),
        other => other.as_dict_mut().ok(),
    });
    let mut found = dictionaries.flatten().filter(is_type);
    found.next().expect("the type is there")
}

/// The good file with a piece of the first content stream replaced.
fn with_content(from: &str, to: &str) -> Vec<u8> {
    changed(|document| {
        let page = document.get_pages()[&1];
        let page = document.get_dictionary(page).expect("a page");
        let id = page.get(b"Contents").and_then(Object::as_reference);
        let content = document.get_object_mut(id.expect("a content stream"));
        let stream = content.and_then(Object::as_stream_mut).expect("a stream");
        let plain = stream.decompressed_content().expect("deflated");
        let text = String::from_utf8(plain).expect("ASCII");
        assert!(text.contains(from), "{from} stands in the content");
        stream.set_plain_content(text.replacen(from, to, 1).into_bytes());
        stream.compress().expect("it compresses");
        // A stream that does not shrink stays plain; ours is to be deflated for the comparison.
        assert!(stream.is_compressed());
    })
}

#[test]
fn a_file_of_ours_passes_also_when_written_again() {
    let unchanged = changed(|_| {});
    assert_eq!(clauses(unchanged), [""; 0]);
}

#[test]
fn words_and_image_are_read_back() {
    let pdf = check(good_file()).expect("a good file");
    let page = pdf.pages().next().expect("a page");
    assert_eq!(page.text, "Cộng hòa\n👍");
    assert_eq!(page.image, [0xFF, 0xFF, 0xFF, 0x00, 0x10, 0x01]);
    assert_eq!(pdf.pages().len(), 2);
}

#[test]
fn no_byte_outside_the_streams_may_change() {
    let good = good_file();
    let mut in_stream = false;
    for at in 0..good.len() {
        in_stream |= good[..at].ends_with(b">>stream\n");
        in_stream &= !good[at..].starts_with(b"\nendstream");
        if in_stream {
            continue;
        }
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(check(bad).is_err(), "byte {at} changed unseen");
    }
}

#[test]
fn nothing_may_stand_before_between_or_after() {
    let good = good_file();
    let between = good.windows(7).position(|window| window == b"endobj\n");
    for at in [0, between.expect("an object") + 7, good.len()] {
        let mut bad = good.clone();
        bad.splice(at..at, *b"% hidden\n");
        assert!(check(bad).is_err(), "at {at}");
    }
    assert!(check(good[..good.len() - 1].to_vec()).is_err());
    assert!(check(Vec::new()).is_err());
}

#[test]
fn doors_are_found_wherever_they_are() {
    let action = || dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("x") };
    assert_eq!(
        clauses(with_entry("Catalog", "OpenAction", action())),
        ["6.5.1"]
    );
    assert_eq!(clauses(with_entry("Catalog", "AA", action())), ["6.5.2"]);
    assert_eq!(
        clauses(with_entry("Catalog", "AcroForm", action())),
        ["6.4.1"]
    );
    assert_eq!(clauses(with_entry("Catalog", "Names", action())), ["6.10"]);
    assert_eq!(
        clauses(with_entry("Catalog", "OCProperties", action())),
        ["6.9"]
    );
    assert_eq!(clauses(with_entry("Page", "Annots", vec![])), ["6.3"]);
    assert_eq!(clauses(with_entry("Page", "AA", action())), ["6.5.2"]);
    assert_eq!(
        clauses(with_entry("XObject", "Interpolate", true)),
        ["6.2.8.1"]
    );
    assert_eq!(
        clauses(with_entry("XObject", "SMask", action())),
        ["6.2.10"]
    );
}

#[test]
fn an_object_that_nothing_leads_to_is_found() {
    let stray = changed(|document| {
        document.add_object(dictionary! { "Type" => "EmbeddedFile" });
    });
    assert_eq!(clauses(stray), ["6.1.9"]);
}

#[test]
fn encryption_is_found() {
    let encrypted = changed(|document| {
        document
            .trailer
            .set("Encrypt", dictionary! { "Filter" => "Standard" });
    });
    assert!(check(encrypted).is_err());
}

#[test]
fn missing_and_wrong_marks_are_found() {
    assert!(clauses(without_entry("Catalog", "Metadata")).contains(&"6.1.9"));
    assert!(clauses(without_entry("Catalog", "OutputIntents")).contains(&"6.2.3"));
    assert_eq!(clauses(without_entry("Catalog", "Lang")), ["6.6.2.1"]);
    let no_id = changed(|document| {
        document.trailer.remove(b"ID");
    });
    assert!(clauses(no_id).iter().all(|clause| *clause == "6.1.3"));
    let other_title = changed(|document| {
        let id = document.trailer.get(b"Info").and_then(Object::as_reference);
        let info = document.get_dictionary_mut(id.expect("an Info dictionary"));
        info.expect("a dictionary")
            .set("Title", Object::string_literal("khac"));
    });
    assert_eq!(clauses(other_title), ["6.6.3"]);
}

#[test]
fn fonts_must_be_embedded_and_readable() {
    assert!(clauses(without_entry("FontDescriptor", "FontFile2")).contains(&"6.1.9"));
    assert_eq!(clauses(with_entry("Font", "DW", 600)), ["6.2.11.2"]);
    let other_letter = changed(|document| {
        let cmap = document.objects.values_mut().find_map(|object| {
            let stream = object.as_stream_mut().ok()?;
            let plain = stream.decompressed_content().ok()?;
            plain.starts_with(b"/CIDInit").then_some((stream, plain))
        });
        let (stream, plain) = cmap.expect("a ToUnicode map");
        let text = String::from_utf8(plain).expect("ASCII");
        // `C` shall read `c`.
        stream.set_plain_content(text.replace("> <0043>", "> <0063>").into_bytes());
        stream.compress().expect("it compresses");
    });
    assert!(clauses(other_letter).contains(&"6.2.11.7.2"));
}

#[test]
fn images_of_other_codings_and_spaces_are_refused() {
    for (key, value) in [("Filter", "LZWDecode"), ("ColorSpace", "DeviceCMYK")] {
        assert_eq!(
            clauses(with_entry("XObject", key, value)),
            ["6.2.8.1"],
            "{value}"
        );
    }
    // Said to be JPEG 2000, and no JP2 file.
    let not_a_jp2 = with_entry("XObject", "Filter", "JPXDecode");
    assert_eq!(clauses(not_a_jp2), ["6.2.8.1", "6.2.8.3"]);
    let not_a_jpeg = with_entry("XObject", "Filter", "DCTDecode");
    assert!(clauses(not_a_jpeg).contains(&"6.2.8.1"));
}

#[test]
fn only_the_image_and_invisible_words_may_be_drawn() {
    assert_eq!(clauses(with_content("3 Tr", "0 Tr")), ["6.2.11.7.2"]);
    assert_eq!(
        clauses(with_content("ET", "ET\n0 0 9 9 re\nf")),
        ["6.2.11.7.2"]
    );
    assert_eq!(
        clauses(with_content("40.0 0.0 0.0 60.0", "20.0 0.0 0.0 60.0")),
        ["6.2.2"]
    );
    assert_eq!(clauses(with_content("<0043", "<0044")), ["6.2.11.7.2"]);
    assert_eq!(clauses(with_content("q\n", "q  \n")), ["6.2.2"]);
}
