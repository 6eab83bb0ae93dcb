//! What came after a foreign signature: more signatures and proofs, or a change of what shows.
//!
//! ISO 32000-1, 12.8.2.2 and ETSI EN 319 142-1, 5.6: behind a signature may stand further
//! signatures, time stamps and validation data (`/DSS`). Everything else that differs
//! from the revision the signer saw is a change (*broken*), or, where it could be a form
//! filled in or a note, beyond our judgement (*unknown*).

use std::collections::HashSet;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::{Remark, open};
use crate::verify::finding::Code;

/// What to say of everything behind `end`; empty where nothing stands there.
pub fn remarks(file: &[u8], now: &Document, end: usize) -> Vec<Remark> {
    let (seen, behind) = file.split_at(end);
    if behind.iter().all(u8::is_ascii_whitespace) {
        return Vec::new();
    }
    let before = match open(seen) {
        Ok(before) if before.xref_recovery.is_none() => before,
        _ => {
            return vec![Remark::unknown(
                "the signed revision cannot be read by itself",
            )];
        }
    };
    let mut found = Comparison::of(&before, now).differences();
    if found.is_empty() {
        let grown = now.objects.len() > before.objects.len();
        found.push(match grown {
            true => Remark::new(Code::KeptExtended, "signatures or proofs were added"),
            false => Remark::unknown("bytes follow that are no revision"),
        });
    }
    found
}

/// Two states of a file: as the signer saw it, and as it is.
struct Comparison<'d> {
    before: &'d Document,
    now: &'d Document,
    root: Option<ObjectId>,
    form: Option<ObjectId>,
    /// Lists that later signatures add to: of the form's fields, of a page's annotations.
    fields: Option<ObjectId>,
    annotations: HashSet<ObjectId>,
    proofs: HashSet<ObjectId>,
    /// Everything that the pages of the signed revision are made of.
    shown: HashSet<ObjectId>,
}

impl<'d> Comparison<'d> {
    fn of(before: &'d Document, now: &'d Document) -> Self {
        let catalog = before.catalog().ok();
        let reference = |dict: Option<&Dictionary>, key: &[u8]| {
            dict.and_then(|dict| dict.get(key).and_then(Object::as_reference).ok())
        };
        let form = catalog.and_then(|catalog| {
            catalog
                .get_deref(b"AcroForm", before)
                .and_then(Object::as_dict)
                .ok()
        });
        let annotations = before
            .page_iter()
            .filter_map(|page| reference(before.get_dictionary(page).ok(), b"Annots"));
        let start = |key: &[u8]| catalog.and_then(|catalog| catalog.get(key).ok());
        Self {
            before,
            now,
            root: reference(Some(&before.trailer), b"Root"),
            form: reference(catalog, b"AcroForm"),
            fields: reference(form, b"Fields"),
            annotations: annotations.collect(),
            proofs: reachable(before, start(b"DSS")),
            shown: reachable(before, start(b"Pages")),
        }
    }

    fn differences(&self) -> Vec<Remark> {
        let root = |document: &Document| {
            document
                .trailer
                .get(b"Root")
                .and_then(Object::as_reference)
                .ok()
        };
        if root(self.before) != root(self.now) {
            return vec![Remark::broken("another catalog stands in its place")];
        }
        let pairs = self.before.objects.iter();
        let mut found: Vec<Remark> = pairs
            .filter_map(|(id, old)| match self.now.objects.get(id) {
                Some(new) if new == old => None,
                Some(new) => self.judge(*id, old, new),
                None if is_of(old, &[b"XRef", b"ObjStm"]) => None,
                None => Some(Remark::unknown(format!("object {} is gone", id.0))),
            })
            .collect();
        // One of a kind tells enough: a rewritten file would have thousands.
        found.truncate(8);
        found
    }

    /// An object that is no longer what the signer saw.
    fn judge(&self, id: ObjectId, old: &Object, new: &Object) -> Option<Remark> {
        let changed = || Some(Remark::broken(format!("object {} was changed", id.0)));
        if self.tells_only_about_the_file(id, old, new) {
            return None;
        }
        if self.fields == Some(id) {
            return None;
        }
        if self.annotations.contains(&id) {
            return self.judge_annotations(Some(old), Some(new));
        }
        let is_stream = matches!(old, Object::Stream(_)) || matches!(new, Object::Stream(_));
        if self.proofs.contains(&id) && !self.shown.contains(&id) && !is_stream {
            return None;
        }
        let (Ok(old), Ok(new)) = (old.as_dict(), new.as_dict()) else {
            return changed();
        };
        let differing = differing_keys(old, new);
        let only = |keys: &[&[u8]]| differing.iter().all(|key| keys.contains(key));
        let entry = |dict: &Dictionary, key: &[u8]| dict.get(key).cloned().ok();
        match () {
            () if self.root == Some(id) => match only(&[
                b"AcroForm",
                b"DSS",
                b"Extensions",
                b"Perms",
                b"Metadata",
                b"Version",
            ]) {
                true => None,
                false => Some(Remark::broken("the catalog was changed")),
            },
            () if self.form == Some(id) => match only(&[b"Fields", b"SigFlags", b"DA", b"DR"]) {
                true => None,
                false => Some(Remark::unknown("the form was changed")),
            },
            () if is_named(old, b"Type", b"Page") && only(&[b"Annots"]) => {
                let (old, new) = (entry(old, b"Annots"), entry(new, b"Annots"));
                self.judge_annotations(old.as_ref(), new.as_ref())
            }
            () if is_named(old, b"FT", b"Sig") && !old.has(b"V") => None,
            () if is_named(old, b"FT", b"Sig") => Some(Remark::broken("a signature was replaced")),
            () if old.has(b"FT") || is_named(old, b"Subtype", b"Widget") => {
                Some(Remark::unknown("a form was filled in"))
            }
            () if is_named(old, b"Type", b"Annot") => Some(Remark::unknown("a note was changed")),
            () => changed(),
        }
    }

    /// Title, dates and packing of the file: nothing that shows on a page.
    fn tells_only_about_the_file(&self, id: ObjectId, old: &Object, new: &Object) -> bool {
        let info = self
            .before
            .trailer
            .get(b"Info")
            .and_then(Object::as_reference);
        let apart = !self.shown.contains(&id);
        let quiet: [&[u8]; 3] = [b"XRef", b"ObjStm", b"Metadata"];
        apart && (info.is_ok_and(|info| info == id) || (is_of(old, &quiet) && is_of(new, &quiet)))
    }

    /// Annotations may only be joined by those of signature fields.
    fn judge_annotations(&self, old: Option<&Object>, new: Option<&Object>) -> Option<Remark> {
        let listed = |document: &Document, list: Option<&Object>| -> Vec<Object> {
            let list = list.and_then(|list| document.dereference(list).ok());
            let list = list.and_then(|(_, list)| list.as_array().ok());
            list.cloned().unwrap_or_default()
        };
        let (old, new) = (listed(self.before, old), listed(self.now, new));
        let is_of_signature = |annotation: &&Object| {
            let annotation = self.now.dereference(annotation).ok();
            annotation.is_some_and(|(_, object)| {
                object
                    .as_dict()
                    .is_ok_and(|dict| is_named(dict, b"FT", b"Sig"))
            })
        };
        let kept = old.iter().all(|annotation| new.contains(annotation));
        let mut added = new.iter().filter(|annotation| !old.contains(annotation));
        let fine = kept && added.all(|annotation| is_of_signature(&annotation));
        (!fine).then(|| Remark::unknown("notes were added to a page or taken from it"))
    }
}

fn differing_keys<'d>(old: &'d Dictionary, new: &'d Dictionary) -> Vec<&'d [u8]> {
    let keys = old.iter().chain(new.iter()).map(|(key, _)| key.as_slice());
    keys.filter(|key| old.get(key).ok() != new.get(key).ok())
        .collect()
}

fn is_named(dictionary: &Dictionary, key: &[u8], name: &[u8]) -> bool {
    let found = dictionary.get(key).and_then(Object::as_name);
    found.is_ok_and(|found| found == name)
}

/// True where the object's own `/Type` is one of these.
fn is_of(object: &Object, types: &[&[u8]]) -> bool {
    let dictionary = match object {
        Object::Stream(stream) => &stream.dict,
        Object::Dictionary(dictionary) => dictionary,
        _ => return false,
    };
    types.iter().any(|name| is_named(dictionary, b"Type", name))
}

/// Every object that can be reached from here.
fn reachable(document: &Document, start: Option<&Object>) -> HashSet<ObjectId> {
    let mut reached = HashSet::new();
    let mut open: Vec<&Object> = start.into_iter().collect();
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
    reached
}
