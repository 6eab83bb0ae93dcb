//! Where the signatures of a PDF file stand, and which bytes each of them covers.
//!
//! ISO 32000-2, 12.8.1. Everything is held against the raw bytes: the gap that a signature
//! leaves must be the value of `/Contents` in its own dictionary and nothing else.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

use crate::verify::byte_range;

/// What all object streams of one file may unpack to together, and each of them at least and at most.
const OBJECT_STREAMS_BYTES: usize = 512 << 20;
const OBJECT_STREAM_BYTES: std::ops::RangeInclusive<usize> = (1 << 20)..=(32 << 20);

/// Opens a file, or one of its revisions, as leniently as intake did.
pub fn open(file: &[u8]) -> Result<Document, String> {
    // A look at every byte of the file: byte by byte it took 15 % of the time of a verdict.
    let streams = memchr::memmem::find_iter(file, b"ObjStm").count();
    let share = OBJECT_STREAMS_BYTES / streams.max(1);
    let most = share.clamp(*OBJECT_STREAM_BYTES.start(), *OBJECT_STREAM_BYTES.end());
    let options = LoadOptions::with_max_decompressed_size(most);
    let document = Document::load_mem_with_options(file, options).map_err(|e| e.to_string())?;
    match document.trailer.has(b"Encrypt") {
        true => Err("locked by a password".to_owned()),
        false => Ok(document),
    }
}

/// The first object that the tables name and that cannot be read; `None` where all can.
///
/// The reader of objects leaves such an object out: a later signature with one broken digit would
/// be gone, and with it what it says against the file.
pub fn unreadable_object(file: &[u8], document: &Document) -> Option<u32> {
    let entries = document.reference_table.entries.iter();
    let mut missing = entries.filter_map(|(number, entry)| match entry {
        XrefEntry::Normal { offset, generation } => {
            let known = document.objects.contains_key(&(*number, *generation));
            let spent = document.encryption_state.is_some() && is_lock(file, *offset as usize);
            (!known && !spent).then_some(*number)
        }
        _ => None,
    });
    missing.next()
}

/// True for the dictionary that tells how a file is encrypted (7.6.2): the reader of objects
/// takes it out once the file is open.
fn is_lock(file: &[u8], offset: usize) -> bool {
    let object = file.get(offset..).unwrap_or_default();
    let end = object.windows(6).position(|at| at == b"endobj");
    let object = &object[..end.unwrap_or(0)];
    let has = |word: &[u8]| object.windows(word.len()).any(|at| at == word);
    has(b"/Standard") && !has(b"/ByteRange")
}

/// A signature dictionary, the object that it stands in, and its field.
#[derive(Clone, Copy)]
pub struct Place<'d> {
    /// The object that holds the dictionary.
    pub id: ObjectId,
    /// The signature dictionary.
    pub dictionary: &'d Dictionary,
    /// The form field whose value it is.
    pub field: Option<&'d Dictionary>,
}

/// Every signature dictionary: what looks like one, and whatever is the value of a signature field.
pub fn all(document: &Document) -> Vec<Place<'_>> {
    let fields = signature_fields(document);
    let of_value = by_value(&fields);
    // A hostile file has as many of both as it likes: each is looked up, not searched for.
    let mut known: HashSet<ObjectId> = HashSet::new();
    let mut places: Vec<Place<'_>> = Vec::new();
    for (id, object) in &document.objects {
        let Object::Dictionary(outer) = object else {
            continue;
        };
        let value = outer.get(b"V").and_then(Object::as_dict).ok();
        let found = [Some(outer), value].into_iter().flatten();
        let mut found = found.filter(|dict| looks_like_one(dict));
        if let Some(dictionary) = found.next() {
            let (id, field) = (*id, of_value.get(id).copied());
            known.insert(id);
            places.push(Place {
                id,
                dictionary,
                field,
            });
        }
    }
    for (id, field) in &fields {
        let Ok(value) = field.get(b"V") else { continue };
        let at = value.as_reference().unwrap_or(*id);
        // A value of another kind is a signature that was overwritten: broken, not absent.
        let dictionary = match document.dereference(value) {
            Err(_) | Ok((_, Object::Null)) => None,
            Ok((_, Object::Dictionary(dictionary))) => Some(dictionary),
            Ok(_) => Some(*field),
        };
        if let Some(dictionary) = dictionary.filter(|_| !known.contains(&at)) {
            let (id, field) = (at, Some(*field));
            known.insert(id);
            places.push(Place {
                id,
                dictionary,
                field,
            });
        }
    }
    places
}

/// True for a dictionary that claims to sign bytes (ISO 32000-2, table 255).
fn looks_like_one(dictionary: &Dictionary) -> bool {
    let is_of_type = dictionary
        .get(b"Type")
        .and_then(Object::as_name)
        .is_ok_and(|name| name == b"Sig" || name == b"DocTimeStamp");
    let both = dictionary.has(b"ByteRange") && dictionary.has(b"Contents");
    both || (is_of_type && (dictionary.has(b"ByteRange") || dictionary.has(b"Contents")))
}

fn signature_fields(document: &Document) -> Vec<(ObjectId, &Dictionary)> {
    let fields = possible_fields(document).into_iter();
    fields
        .filter(|(_, field)| is_signature_field(document, field))
        .collect()
}

/// Every dictionary that may be a field: objects, and what is written right into a list of the form's
/// fields or of a field's kids, known by the object that it stands in.
fn possible_fields(document: &Document) -> Vec<(ObjectId, &Dictionary)> {
    let objects = document.objects.iter().rev();
    let objects = objects.filter_map(|(id, object)| Some((*id, object.as_dict().ok()?)));
    let mut waiting: Vec<(ObjectId, &Dictionary)> = objects.collect();
    let mut found = Vec::with_capacity(waiting.len());
    // A hostile file names one list from everywhere.
    let mut lists = HashSet::new();
    while let Some((holder, dictionary)) = waiting.pop() {
        found.push((holder, dictionary));
        let form = dictionary.get(b"AcroForm").and_then(Object::as_dict);
        waiting.extend(form.ok().map(|form| (holder, form)));
        for key in [&b"Fields"[..], b"Kids"] {
            let Ok(list) = dictionary.get(key) else {
                continue;
            };
            if list.as_reference().is_ok_and(|id| !lists.insert(id)) {
                continue;
            }
            let list = document
                .dereference(list)
                .and_then(|(_, list)| list.as_array());
            let fields = list.into_iter().flatten();
            let fields = fields.filter_map(|field| Some((holder, field.as_dict().ok()?)));
            waiting.extend(fields);
        }
    }
    found
}

/// The full name of a field (12.7.4.2), in Unicode: its own and those of the fields above, with points between.
pub fn full_name<'d>(document: &'d Document, field: &'d Dictionary) -> String {
    let above = |field: &&'d Dictionary| {
        let parent = field.get_deref(b"Parent", document);
        parent.and_then(Object::as_dict).ok()
    };
    let fields = std::iter::successors(Some(field), above).take(MOST_PARENTS);
    let names = fields.filter_map(|field| text(field.get_deref(b"T", document).ok()?));
    let mut names: Vec<String> = names.collect();
    names.reverse();
    names.join(".")
}

/// A text string in Unicode, whichever of its codes it is written in.
fn text(string: &Object) -> Option<String> {
    lopdf::decode_text_string(string).ok()
}

/// Fields above a field that are looked at for its type.
const MOST_PARENTS: usize = 16;

/// True for a field whose type, its own or that of a field above it, is that of signatures
/// (ISO 32000-2, 12.7.4.1: `/FT` is inherited).
fn is_signature_field(document: &Document, field: &Dictionary) -> bool {
    let mut at = field;
    for _ in 0..MOST_PARENTS {
        if let Ok(kind) = at.get(b"FT") {
            return kind.as_name().is_ok_and(|kind| kind == b"Sig");
        }
        // Only fields with a value of their own are asked for: pages have parents too.
        let above = field
            .get(b"V")
            .and_then(|_| at.get_deref(b"Parent", document));
        match above.and_then(Object::as_dict) {
            Ok(above) => at = above,
            Err(_) => return false,
        }
    }
    false
}

/// The first field of each value, and of a value that stands in the field itself.
fn by_value<'d>(fields: &[(ObjectId, &'d Dictionary)]) -> HashMap<ObjectId, &'d Dictionary> {
    let mut of_value = HashMap::new();
    for (id, field) in fields {
        let said = field.get(b"V").and_then(Object::as_reference).ok();
        for id in std::iter::once(*id).chain(said) {
            of_value.entry(id).or_insert(*field);
        }
    }
    of_value
}

/// What a signature covers, and its value.
pub struct Covered {
    /// Where the gap begins.
    pub gap_start: usize,
    /// Where it ends.
    pub gap_end: usize,
    /// Where the covered bytes end.
    pub end: usize,
    /// The value, without its padding.
    pub value: Vec<u8>,
    /// Only zeros stand behind the value.
    pub zero_padded: bool,
}

impl Covered {
    /// The covered bytes.
    pub fn parts<'f>(&self, file: &'f [u8]) -> [&'f [u8]; 2] {
        [&file[..self.gap_start], &file[self.gap_end..self.end]]
    }
}

/// Why it cannot be told what a signature covers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoverFlaw {
    /// `/ByteRange` is none, or names bytes that are not there: the file was cut or forged.
    #[error("{0}")]
    ByteRange(byte_range::CoverFlaw),
    /// The gap is not the value of this dictionary's `/Contents` (signature wrapping).
    #[error("the gap is not this signature's Contents")]
    Elsewhere,
    /// Two entries of one name: which of them counts is open to argument.
    #[error("ByteRange or Contents stands twice")]
    Twice,
    /// The gap is not one string of hexadecimal digits.
    #[error("the gap is not one hexadecimal string")]
    Gap,
    /// The string is no DER value.
    #[error("no signature value in DER")]
    NoValue,
}

/// The covered bytes and the value, read from the raw bytes: an encrypted file's strings
/// would be changed by the reader of objects, but `/Contents` is never encrypted (7.6.2).
pub fn covered(file: &[u8], document: &Document, place: &Place<'_>) -> Result<Covered, CoverFlaw> {
    let ranges = place.dictionary.get_deref(b"ByteRange", document);
    let ranges = ranges.and_then(Object::as_array).map(Vec::as_slice);
    let numbers = ranges.unwrap_or_default().iter();
    let numbers: Vec<i64> = numbers
        .map(|number| number.as_i64().unwrap_or(-1))
        .collect();
    let gap = byte_range::gap(file, &numbers).map_err(CoverFlaw::ByteRange)?;
    let rest = numbers.get(3).and_then(|rest| usize::try_from(*rest).ok());
    let end = gap.end + rest.unwrap_or(0);
    if !is_contents_of(file, document, place.id, gap.start) {
        return Err(CoverFlaw::Elsewhere);
    }
    if stands_twice(file, document, place.id, &gap) {
        return Err(CoverFlaw::Twice);
    }
    let contents = byte_range::hex_string(&file[gap.clone()]).ok_or(CoverFlaw::Gap)?;
    let (value, padding) = byte_range::der_value(&contents).ok_or(CoverFlaw::NoValue)?;
    Ok(Covered {
        gap_start: gap.start,
        gap_end: gap.end,
        end,
        value: value.to_vec(),
        zero_padded: padding.iter().all(|byte| *byte == 0),
    })
}

/// True where the gap is the value of a `/Contents` inside this very object: what the
/// gap hides must be nothing else (signature wrapping).
fn is_contents_of(file: &[u8], document: &Document, id: ObjectId, gap_start: usize) -> bool {
    let Some(XrefEntry::Normal { offset, .. }) = document.reference_table.get(id.0) else {
        return false;
    };
    let Some(object) = file.get(*offset as usize..gap_start) else {
        return false;
    };
    let head = format!("{} {} obj", id.0, id.1);
    object.trim_ascii_start().starts_with(head.as_bytes())
        && object.trim_ascii_end().ends_with(b"/Contents")
        && !object.windows(6).any(|at| at == b"endobj")
}

/// True where the raw dictionary around the gap has an entry twice.
fn stands_twice(file: &[u8], document: &Document, id: ObjectId, gap: &Range<usize>) -> bool {
    let Some(XrefEntry::Normal { offset, .. }) = document.reference_table.get(id.0) else {
        return true;
    };
    let head = file.get(*offset as usize..gap.start).unwrap_or_default();
    let behind = &file[gap.end..];
    let end = behind.windows(6).position(|at| at == b"endobj");
    let tail = &behind[..end.unwrap_or(behind.len())];
    let count = |key: &[u8]| {
        let of = |part: &[u8]| part.windows(key.len()).filter(|at| *at == key).count();
        of(head) + of(tail)
    };
    count(b"/ByteRange") != 1 || count(b"/Contents") != 1
}

/// What a signature allows to be changed behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// DocMDP (12.8.2.2): 1 nothing, 2 forms and signatures, 3 annotations as well.
    pub certified: Option<i64>,
    /// FieldMDP (12.8.2.4): the fields that are locked.
    pub locked: Option<Locked>,
}

/// Which fields a signature locks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locked {
    /// Every field.
    All,
    /// These.
    Only(Vec<String>),
    /// All but these.
    AllBut(Vec<String>),
}

impl Locked {
    /// True where a field of this name, or one above it, is locked.
    pub fn holds(&self, name: &str) -> bool {
        let named = |list: &[String]| {
            let below = |one: &String| name.strip_prefix(one.as_str());
            list.iter()
                .any(|one| below(one).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        };
        match self {
            Locked::All => true,
            Locked::Only(list) => named(list),
            Locked::AllBut(list) => !named(list),
        }
    }
}

/// The rules that a signature sets, by its `/Reference`.
pub fn rules(document: &Document, signature: &Dictionary) -> Rules {
    let mut rules = Rules::default();
    let references = signature.get_deref(b"Reference", document);
    let references = references.and_then(Object::as_array).map(Vec::as_slice);
    for reference in references.unwrap_or_default() {
        let reference = document.dereference(reference).ok();
        let reference = reference.and_then(|(_, object)| object.as_dict().ok());
        let Some(reference) = reference else { continue };
        let method = reference.get_deref(b"TransformMethod", document);
        let params = reference.get_deref(b"TransformParams", document);
        let params = params.and_then(Object::as_dict).ok();
        match method.and_then(Object::as_name) {
            Ok(b"DocMDP") => {
                let level = params.and_then(|p| p.get_deref(b"P", document).ok()?.as_i64().ok());
                // 2 where it is left out (table 257).
                rules.certified = Some(level.unwrap_or(2));
            }
            Ok(b"FieldMDP") => rules.locked = Some(locked(document, params)),
            _ => {}
        }
    }
    rules
}

fn locked(document: &Document, params: Option<&Dictionary>) -> Locked {
    let entry = |key: &[u8]| params.and_then(|params| params.get_deref(key, document).ok());
    let names = entry(b"Fields").and_then(|fields| fields.as_array().ok());
    let names = names.into_iter().flatten();
    let names = names.filter_map(|name| text(document.dereference(name).ok()?.1));
    match entry(b"Action").and_then(|action| action.as_name().ok()) {
        Some(b"Include") => Locked::Only(names.collect()),
        Some(b"Exclude") => Locked::AllBut(names.collect()),
        _ => Locked::All,
    }
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    #[test]
    fn a_field_written_into_the_list_of_fields_is_not_passed_over() {
        // Its value does not look like a signature any more; it is one because the field says so.
        let field =
            dictionary! { "FT" => "Sig", "V" => dictionary! { "Filter" => "Adobe.PPKLite" } };
        let below = dictionary! { "T" => Object::string_literal("a"), "Kids" => vec![field.clone().into()] };
        for field in [field, below] {
            let form = dictionary! { "Fields" => vec![Object::from(field)] };
            let mut document = Document::with_version("1.7");
            let root = document.add_object(dictionary! { "Type" => "Catalog", "AcroForm" => form });
            document.trailer.set("Root", root);
            let found = all(&document);
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].id, root);
        }
    }

    #[test]
    fn a_field_is_known_by_its_full_name_in_unicode() {
        let mut document = Document::with_version("1.7");
        let top = document.add_object(dictionary! { "T" => Object::string_literal("don") });
        let utf16 = b"\xFE\xFF\x1E\xCD".to_vec(); // ọ
        let field = dictionary! { "T" => Object::string_literal(utf16), "Parent" => top };
        assert_eq!(full_name(&document, &field), "don.ọ");
        let widget = document.add_object(field);
        let widget = dictionary! { "Subtype" => "Widget", "Parent" => widget };
        assert_eq!(full_name(&document, &widget), "don.ọ");
        assert!(Locked::Only(vec!["don".to_owned()]).holds("don.ọ"));
    }

    #[test]
    fn a_lock_holds_a_field_and_all_below_it() {
        let only = Locked::Only(vec!["a".to_owned()]);
        assert!(only.holds("a") && only.holds("a.b") && !only.holds("ab"));
        let all_but = Locked::AllBut(vec!["a".to_owned()]);
        assert!(!all_but.holds("a.b") && all_but.holds("c"));
        assert!(Locked::All.holds(""));
    }
}
