//! Notes and form fields that a page shows in other readers although the file does not draw them.

use lopdf::{Dictionary, Document, Object};

/// Annotations that mark the page by what they are (ISO 32000-1, table 169).
const MARKING: [&[u8]; 13] = [
    b"FreeText",
    b"Line",
    b"Square",
    b"Circle",
    b"Polygon",
    b"PolyLine",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Stamp",
    b"Caret",
    b"Ink",
];
/// Hidden and NoView (table 165, bits 2 and 6).
const NOT_SHOWN: i64 = 2 | 32;
/// Fields above a field; real forms have two or three.
const MOST_PARENTS: usize = 16;

/// The kind of the first mark that the file leaves to its reader to draw (no `/AP`): a reader
/// draws it by its own lights, so a page drawn without it would lack what everybody sees.
pub(super) fn not_drawn(document: &Document, page: &Dictionary) -> Option<String> {
    let list = page.get_deref(b"Annots", document).ok()?.as_array().ok()?;
    let notes = list.iter().filter_map(|note| {
        let (_, note) = document.dereference(note).ok()?;
        note.as_dict().ok()
    });
    let mut open = notes.filter(|note| !note.has(b"AP") && is_shown(document, note));
    let kind = open.find_map(|note| {
        let kind = note.get_deref(b"Subtype", document).ok()?.as_name().ok()?;
        let marks = match kind {
            b"Widget" => is_filled_in(document, note),
            kind => MARKING.contains(&kind),
        };
        marks.then_some(kind)
    })?;
    Some(String::from_utf8_lossy(kind).into_owned())
}

/// True for a form whose pages a reader makes out of its XFA; what the file draws is a notice that
/// asks for another reader (ISO 32000-1, table 28, `NeedsRendering`).
pub(super) fn is_drawn_by_its_reader(document: &Document) -> bool {
    let said = document
        .catalog()
        .and_then(|root| root.get_deref(b"NeedsRendering", document));
    said.and_then(Object::as_bool).unwrap_or(false)
}

fn is_shown(document: &Document, note: &Dictionary) -> bool {
    let flags = note.get_deref(b"F", document).and_then(Object::as_i64);
    flags.unwrap_or(0) & NOT_SHOWN == 0
}

/// True for a field of text or choice with a value; both may be said further up (12.7.3.1).
fn is_filled_in(document: &Document, field: &Dictionary) -> bool {
    let kind = said(document, field, b"FT").and_then(|kind| kind.as_name().ok());
    let value = said(document, field, b"V");
    let has_value = value.is_some_and(|value| match value {
        Object::String(text, _) => !text.is_empty(),
        Object::Array(choices) => !choices.is_empty(),
        other => matches!(other, Object::Stream(_)),
    });
    matches!(kind, Some(b"Tx" | b"Ch")) && has_value
}

/// What a field says, or the next above it that does.
fn said<'d>(document: &'d Document, field: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
    let above = |field: &&'d Dictionary| {
        let parent = field.get_deref(b"Parent", document);
        parent.and_then(Object::as_dict).ok()
    };
    let mut fields = std::iter::successors(Some(field), above).take(MOST_PARENTS);
    fields.find_map(|field| field.get_deref(key, document).ok())
}
