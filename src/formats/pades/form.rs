//! The objects of a file that change when it takes a signature field.
//!
//! A file with a form already (an official PDF we only seal) keeps its fields;
//! whatever of form, field list or annotation list is an object of its own is
//! replaced as such, so that as little as possible is written anew.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object, ObjectId, StringFormat, decode_text_string, dictionary};

use super::base::{Base, BaseFault};
use super::mark::Placed;
use super::revision::Revision;

/// SignaturesExist and AppendOnly (ISO 32000-1, table 219).
const SIG_FLAGS: i64 = 0b11;

/// Print and Locked (ISO 32000-1, table 165); PDF/A-2 wants Print set (ISO 19005-2, 6.3.2).
const FIELD_FLAGS: i64 = 1 << 2 | 1 << 7;

/// Name of the signature fields we make, followed by a number.
pub(super) const SIGNATURE: &str = "ChuKySo";

/// Name of the fields of document time stamps, followed by a number.
pub(super) const TIMESTAMP: &str = "DauThoiGian";

type Changed = Vec<(ObjectId, Object)>;

/// A new field of this name for the signature, invisible where there is no mark, and every object
/// that must name it.
pub(super) fn with_signature(
    base: &Base<'_>,
    revision: &mut Revision,
    signature_id: ObjectId,
    name: &str,
    mark: Option<Placed>,
) -> Result<Changed, BaseFault> {
    let field_id = revision.new_id();
    let mut changed = form_with(base, field_id)?;
    changed.extend(page_with(base, field_id)?);
    changed.push((field_id, field(base, signature_id, name, mark)?));
    Ok(changed)
}

/// Field and widget in one (ISO 32000-1, 12.5.6.19). Without a mark no appearance: its area
/// is zero then, which ISO 19005-2, 6.3.3 exempts.
fn field(
    base: &Base<'_>,
    signature_id: ObjectId,
    name: &str,
    mark: Option<Placed>,
) -> Result<Object, BaseFault> {
    let mut field = dictionary! {
        "Type" => "Annot",
        "Subtype" => "Widget",
        "FT" => "Sig",
        "T" => Object::String(free_name(base, name)?.into_bytes(), StringFormat::Literal),
        "Rect" => vec![0.into(), 0.into(), 0.into(), 0.into()],
        "F" => FIELD_FLAGS,
        "P" => base.first_page_id(),
        "V" => signature_id,
    };
    if let Some(mark) = mark {
        field.set("Rect", mark.rect);
        field.set("AP", dictionary! { "N" => mark.appearance });
    }
    Ok(Object::Dictionary(field))
}

fn page_with(base: &Base<'_>, field_id: ObjectId) -> Result<Changed, BaseFault> {
    let mut page = base.first_page()?.clone();
    Ok(match append(base, &mut page, "Annots", field_id)? {
        Some(list) => vec![list],
        None => vec![(base.first_page_id(), Object::Dictionary(page))],
    })
}

fn form_with(base: &Base<'_>, field_id: ObjectId) -> Result<Changed, BaseFault> {
    let mut catalog = base.catalog()?.clone();
    let own_id = catalog.get(b"AcroForm").and_then(Object::as_reference).ok();
    let mut form = existing_form(base)?.cloned().unwrap_or_default();
    let mut changed: Changed = append(base, &mut form, "Fields", field_id)?
        .into_iter()
        .collect();
    let flags = form.get(b"SigFlags").and_then(Object::as_i64).unwrap_or(0);
    form.set("SigFlags", flags | SIG_FLAGS);
    if let Some(id) = own_id {
        changed.push((id, Object::Dictionary(form)));
    } else {
        catalog.set("AcroForm", form);
        changed.push((base.root_id(), Object::Dictionary(catalog)));
    }
    Ok(changed)
}

fn existing_form<'b>(base: &'b Base<'_>) -> Result<Option<&'b Dictionary>, BaseFault> {
    let Ok(form) = base.catalog()?.get(b"AcroForm") else {
        return Ok(None);
    };
    let form = base.resolved(form).and_then(|form| form.as_dict().ok());
    form.map(Some).ok_or(BaseFault::Missing("form"))
}

/// Appends a reference to the array under `key`. The array is changed in place
/// where it stands in the dictionary; an array that is an object of its own is
/// returned changed, and the dictionary stays as it was.
fn append(
    base: &Base<'_>,
    dictionary: &mut Dictionary,
    key: &'static str,
    id: ObjectId,
) -> Result<Option<(ObjectId, Object)>, BaseFault> {
    let current = dictionary.get(key.as_bytes()).ok();
    let list_id = current.and_then(|list| list.as_reference().ok());
    let mut list = match current.map(|list| base.resolved(list)) {
        None => Vec::new(),
        Some(Some(Object::Array(list))) => list.clone(),
        Some(_) => return Err(BaseFault::Missing(key)),
    };
    list.push(Object::Reference(id));
    if let Some(list_id) = list_id {
        return Ok(Some((list_id, Object::Array(list))));
    }
    dictionary.set(key, list);
    Ok(None)
}

/// The first of `ChuKySo1`, `ChuKySo2` … that no field of the form bears.
fn free_name(base: &Base<'_>, name: &str) -> Result<String, BaseFault> {
    let fields = existing_form(base)?.and_then(|form| form.get(b"Fields").ok());
    let fields = fields.and_then(|list| base.resolved(list)?.as_array().ok());
    let taken: BTreeSet<String> = fields
        .into_iter()
        .flatten()
        .filter_map(|field| base.resolved(field)?.as_dict().ok())
        .filter_map(|field| decode_text_string(base.resolved(field.get(b"T").ok()?)?).ok())
        .collect();
    let names = (1..).map(|number| format!("{name}{number}"));
    let free = names.into_iter().find(|name| !taken.contains(name));
    Ok(free.expect("the numbers do not run out before the fields do"))
}
