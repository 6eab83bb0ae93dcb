//! What a revision is made of: which objects it refers to, from where, and which of them it has.
//!
//! Some things may change behind a signature: proofs, title and dates, cross-reference data, lists
//! that later signatures join. Who prepares a file before it is signed can make any of them serve as
//! something that shows as well (shadow attacks), or refer to an object that comes only afterwards.
//! So what may change is what nothing else refers to.

use std::collections::HashSet;

use lopdf::xref::XrefEntry;
use lopdf::{Document, Object, ObjectId};

/// Every object that can be reached from here, those among them that are not there too.
pub fn reachable<'d>(
    document: &'d Document,
    start: impl IntoIterator<Item = &'d Object>,
) -> HashSet<ObjectId> {
    let mut reached = HashSet::new();
    follow(document, start.into_iter().collect(), &mut reached);
    reached
}

fn follow<'d>(document: &'d Document, mut open: Vec<&'d Object>, reached: &mut HashSet<ObjectId>) {
    while let Some(object) = open.pop() {
        match object {
            Object::Reference(id) if reached.insert(*id) => {
                open.extend(document.get_object(*id).ok());
            }
            Object::Array(items) => open.extend(items),
            Object::Dictionary(dictionary) => open.extend(dictionary.iter().map(|(_, v)| v)),
            Object::Stream(stream) => open.extend(stream.dict.iter().map(|(_, v)| v)),
            _ => {}
        }
    }
}

/// Everything that the catalog leads to, itself among it, but for what only its validation data
/// and its metadata lead to (ISO 32000-2, table 29).
pub fn in_use(document: &Document) -> HashSet<ObjectId> {
    let root = document.trailer.get(b"Root").and_then(Object::as_reference);
    let mut reached: HashSet<ObjectId> = root.into_iter().collect();
    let catalog = document.catalog().ok();
    let entries = catalog.into_iter().flat_map(|catalog| catalog.iter());
    let entries = entries.filter(|(key, _)| !matches!(key.as_slice(), b"DSS" | b"Metadata"));
    follow(document, entries.map(|(_, v)| v).collect(), &mut reached);
    reached
}

/// True where the tables of the revision name the object as one in use.
pub fn has(document: &Document, id: ObjectId) -> bool {
    let entry = document.reference_table.get(id.0);
    let named = matches!(
        entry,
        Some(XrefEntry::Normal { .. } | XrefEntry::Compressed { .. })
    );
    named && document.objects.contains_key(&id)
}

/// Objects of these that something else than an entry of this key refers to.
pub fn of_other_use(document: &Document, ids: &HashSet<ObjectId>, key: &[u8]) -> HashSet<ObjectId> {
    let mut found = HashSet::new();
    if ids.is_empty() {
        return found;
    }
    let mut open: Vec<&Object> = document.objects.values().collect();
    while let Some(object) = open.pop() {
        let entries = match object {
            Object::Reference(id) if ids.contains(id) => {
                found.insert(*id);
                continue;
            }
            Object::Array(items) => {
                open.extend(items);
                continue;
            }
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        let others = entries
            .iter()
            .filter(|(name, value)| name.as_slice() != key || value.as_reference().is_err());
        open.extend(others.map(|(_, value)| value));
    }
    found
}
