//! What came after a signature: more signatures and proofs, or a change of what shows.
//!
//! ISO 32000-2, 12.8.2.2 and ETSI EN 319 142-1, 5.6: behind a signature may stand further
//! signatures, time stamps and validation data (`/DSS`). Everything else that differs
//! from the revision the signer saw is *forbidden*, or, where it could be a form filled in
//! or a note, *unjudged*: a person has to look. Rules that the signer set (DocMDP, FieldMDP)
//! make more forbidden, never less: a form field may be laid over the text of a page.

use std::collections::HashSet;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::facts::{Change, ChangeKind, Permission};
use super::places::{self, Rules, open};
use super::{reach, twice};

/// One of a kind tells enough: a rewritten file would have thousands.
const MOST_CHANGES: usize = 8;

fn change(permission: Permission, kind: ChangeKind, detail: impl Into<String>) -> Change {
    Change {
        permission,
        kind,
        detail: detail.into(),
    }
}

fn forbidden(kind: ChangeKind, detail: impl Into<String>) -> Change {
    change(Permission::Forbidden, kind, detail)
}

fn unjudged(kind: ChangeKind, detail: impl Into<String>) -> Change {
    change(Permission::Unjudged, kind, detail)
}

/// Everything behind `end` that differs from what its signer saw; empty where nothing does.
pub fn behind(file: &[u8], now: &Document, end: usize, rules: &Rules) -> Vec<Change> {
    let (seen, behind) = file.split_at(end);
    if behind.iter().all(u8::is_ascii_whitespace) {
        return Vec::new();
    }
    let before = match open(seen) {
        Ok(before) if before.xref_recovery.is_none() => before,
        _ => {
            let detail = "the signed revision cannot be read by itself";
            return vec![unjudged(ChangeKind::Unreadable, detail)];
        }
    };
    let mut found = Comparison::of(&before, now).differences();
    let allowed = |one: &Change| one.permission == Permission::Allowed;
    match found.iter().all(allowed) {
        true => found.extend(additions(&before, now, behind, found.is_empty())),
        // What is allowed is told only where nothing else is to be told.
        false => found.retain(|one| !allowed(one)),
    }
    found.iter_mut().for_each(|one| tighten(one, rules));
    found.extend(hybrid(behind));
    let twice = twice::first(file, end, &before, now);
    found.extend(twice.map(|detail| unjudged(ChangeKind::Unreadable, detail)));
    found.sort();
    found.dedup();
    found.reverse();
    found.truncate(MOST_CHANGES);
    found
}

/// Nothing that shows was changed: what is it that follows? `alone` where nothing else was told.
fn additions(before: &Document, now: &Document, behind: &[u8], alone: bool) -> Option<Change> {
    if now.objects.len() > before.objects.len() {
        let detail = "signatures or proofs were added";
        return Some(change(Permission::Allowed, ChangeKind::Proofs, detail));
    }
    // Objects that no table names: some viewers look for them all the same (incremental
    // saving without a table).
    alone.then(|| match contains(behind, b" obj") {
        true => forbidden(ChangeKind::StrayBytes, "objects follow that no table names"),
        false => unjudged(ChangeKind::StrayBytes, "bytes follow that are no revision"),
    })
}

/// A table with an `/XRefStm` says one thing to old viewers and another to new ones (7.5.8.4).
fn hybrid(behind: &[u8]) -> Option<Change> {
    let detail = "two kinds of tables stand side by side behind the signature";
    contains(behind, b"/XRefStm").then(|| unjudged(ChangeKind::Unreadable, detail))
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// What the signer's own rules forbid beyond the standard (ISO 32000-2, tables 257 and 259).
fn tighten(change: &mut Change, rules: &Rules) {
    let beyond = match (change.kind, rules.certified) {
        (ChangeKind::Form | ChangeKind::SignatureMark, Some(level)) => level < 2,
        (ChangeKind::Annotation, Some(level)) => level < 3,
        (ChangeKind::Metadata, Some(level)) => level < 2,
        _ => false,
    };
    let locked = rules.locked.as_ref().is_some_and(|locked| {
        let name = change.detail.strip_prefix(FILLED_IN);
        change.kind == ChangeKind::Form && name.is_some_and(|name| locked.holds(name))
    });
    if beyond || locked {
        change.permission = Permission::Forbidden;
    }
}

/// What is said of a form field before its name.
const FILLED_IN: &str = "a form was filled in: ";

/// And of one that got more than a value: another place could cover the text, an action could run.
const REWIRED: &str = "a form field was changed beyond its value: ";

/// What filling in a field changes: value, its looks, its state (ISO 32000-2, tables 166, 226 and 228).
const FILLED_KEYS: &[&[u8]] = &[b"V", b"RV", b"I", b"AP", b"AS", b"M", b"DA"];

/// A mark may hide what stands below it.
const MARK: &str = "a later signature shows a mark on a page";

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
    /// Everything that it uses beyond proofs and what tells about the file.
    in_use: HashSet<ObjectId>,
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
        let annotations = only_lists(before, annotations.collect(), b"Annots");
        let fields = reference(form, b"Fields").into_iter().collect();
        let start = |key: &[u8]| catalog.and_then(|catalog| catalog.get(key).ok());
        Self {
            before,
            now,
            root: reference(Some(&before.trailer), b"Root"),
            form: reference(catalog, b"AcroForm"),
            fields: only_lists(before, fields, b"Fields").into_iter().next(),
            annotations,
            proofs: reach::reachable(before, start(b"DSS")),
            shown: reach::reachable(before, start(b"Pages")),
            in_use: reach::in_use(before),
        }
    }

    fn differences(&self) -> Vec<Change> {
        let root = |document: &Document| {
            let root = document.trailer.get(b"Root");
            root.and_then(Object::as_reference).ok()
        };
        if root(self.before) != root(self.now) {
            let detail = "another catalog stands in its place";
            return vec![forbidden(ChangeKind::Catalog, detail)];
        }
        let pairs = self.before.objects.iter();
        let found = pairs.filter_map(|(id, old)| match self.now.objects.get(id) {
            Some(new) if new == old => None,
            Some(new) => self.judge(*id, old, new),
            None if self.tells_where_objects_lie(*id, old) => None,
            None => {
                let detail = format!("object {} is gone", id.0);
                Some(match self.shown.contains(id) {
                    true => forbidden(ChangeKind::Page, detail),
                    false => unjudged(ChangeKind::Object, detail),
                })
            }
        });
        found.chain(self.come_true()).collect()
    }

    /// Objects that the signed revision refers to and does not have, and that are there now.
    fn come_true(&self) -> impl Iterator<Item = Change> {
        let missing = self
            .in_use
            .iter()
            .filter(|id| !reach::has(self.before, **id));
        let come = missing.filter(|id| reach::has(self.now, **id));
        come.map(|id| {
            let detail = format!("object {} came where the signed revision has none", id.0);
            forbidden(self.kind(*id), detail)
        })
    }

    fn kind(&self, id: ObjectId) -> ChangeKind {
        match self.shown.contains(&id) {
            true => ChangeKind::Page,
            false => ChangeKind::Object,
        }
    }

    /// An object that is no longer what the signer saw.
    fn judge(&self, id: ObjectId, old: &Object, new: &Object) -> Option<Change> {
        let changed = || {
            Some(forbidden(
                self.kind(id),
                format!("object {} was changed", id.0),
            ))
        };
        if self.tells_only_about_the_file(id, old, new) {
            return Some(change(
                Permission::Allowed,
                ChangeKind::Metadata,
                "title and dates",
            ));
        }
        if self.tells_where_objects_lie(id, old) && is_of(new, &[b"XRef", b"ObjStm"]) {
            return None;
        }
        if self.fields == Some(id) {
            return self.judge_fields(Some(old), Some(new));
        }
        if self.annotations.contains(&id) {
            return self.judge_annotations(Some(old), Some(new));
        }
        let is_stream = matches!(old, Object::Stream(_)) || matches!(new, Object::Stream(_));
        if self.proofs.contains(&id) && !self.in_use.contains(&id) && !is_stream {
            return None;
        }
        let (Ok(old), Ok(new)) = (old.as_dict(), new.as_dict()) else {
            return changed();
        };
        let differing = differing_keys(old, new);
        let only = |keys: &[&[u8]]| differing.iter().all(|key| keys.contains(key));
        match () {
            () if self.shown.contains(&id) && [self.root, self.form].contains(&Some(id)) => {
                let detail = "the catalog or the form is a part of a page, and was changed";
                Some(unjudged(ChangeKind::Catalog, detail))
            }
            () if self.root == Some(id) => self.judge_catalog(old, new, &differing),
            () if self.form == Some(id) => self.judge_form(Some(old), Some(new)),
            () if is_named(old, b"Type", b"Page") && only(&[b"Annots"]) => {
                let (old, new) = (old.get(b"Annots").ok(), new.get(b"Annots").ok());
                self.judge_annotations(old, new)
            }
            () if is_named(old, b"FT", b"Sig") => self.judge_signature_field(old, new, &differing),
            () if old.has(b"FT") || is_named(old, b"Subtype", b"Widget") => {
                let name = places::full_name(self.before, old);
                Some(match only(FILLED_KEYS) {
                    true => unjudged(ChangeKind::Form, format!("{FILLED_IN}{name}")),
                    false => forbidden(ChangeKind::Form, format!("{REWIRED}{name}")),
                })
            }
            () if is_named(old, b"Type", b"Annot") => {
                Some(unjudged(ChangeKind::Annotation, "a note was changed"))
            }
            () => changed(),
        }
    }

    /// The catalog may gain a form with signatures and validation data; its XMP may be another.
    fn judge_catalog(
        &self,
        old: &Dictionary,
        new: &Dictionary,
        differing: &[&[u8]],
    ) -> Option<Change> {
        let quiet: [&[u8]; 4] = [b"DSS", b"Extensions", b"Version", b"AcroForm"];
        let mut found = None;
        for key in differing.iter().filter(|key| !quiet.contains(key)) {
            let one = match *key {
                b"Metadata" => change(Permission::Allowed, ChangeKind::Metadata, "XMP"),
                b"Perms" => unjudged(ChangeKind::Catalog, "rules for changes were added"),
                _ => forbidden(ChangeKind::Catalog, "the catalog was changed"),
            };
            found = found.max(Some(one));
        }
        if !differing.contains(&b"AcroForm".as_slice()) {
            return found;
        }
        let (old, new) = (form_of(self.before, old), form_of(self.now, new));
        found.max(self.judge_form(old, new))
    }

    /// A form may gain signature fields; its other entries decide how fields are shown.
    fn judge_form(&self, old: Option<&Dictionary>, new: Option<&Dictionary>) -> Option<Change> {
        let empty = Dictionary::new();
        let (old, new) = (old.unwrap_or(&empty), new.unwrap_or(&empty));
        let mut found = None;
        for key in differing_keys(old, new) {
            let is_new = !old.has(key);
            let one = match key {
                b"Fields" => self.judge_fields(old.get(key).ok(), new.get(key).ok()),
                b"SigFlags" => None,
                // Signers add fonts for their own marks; those that stood there must stay, and a
                // field that waits for its looks must not get them from a font that came later.
                b"DA" | b"DR" if is_new && self.only_signs(old) => None,
                b"XFA" => Some(forbidden(
                    ChangeKind::Form,
                    "another form is laid over the pages",
                )),
                _ => Some(unjudged(ChangeKind::Form, "the form was changed")),
            };
            found = found.max(one);
        }
        found
    }

    /// The list of fields may only be joined by signatures.
    fn judge_fields(&self, old: Option<&Object>, new: Option<&Object>) -> Option<Change> {
        let (old, new) = (listed(self.before, old), listed(self.now, new));
        let added = joined(&old, &new);
        let fine = added.is_some_and(|added| {
            let mut added = added.into_iter();
            added.all(|field| self.signature_field(field).is_some())
        });
        (!fine).then(|| unjudged(ChangeKind::Form, "fields were added or taken away"))
    }

    /// True where every field of a form of the signed revision is one of a signature.
    fn only_signs(&self, form: &Dictionary) -> bool {
        let fields = listed(self.before, form.get(b"Fields").ok());
        fields.iter().all(|field| {
            let field = self.before.dereference(field).ok();
            let field = field.and_then(|(_, field)| field.as_dict().ok());
            field.is_some_and(|field| is_named(field, b"FT", b"Sig"))
        })
    }

    /// A field that waited for its signature is signed; one that was signed stays.
    fn judge_signature_field(
        &self,
        old: &Dictionary,
        new: &Dictionary,
        differing: &[&[u8]],
    ) -> Option<Change> {
        let signing: [&[u8]; 7] = [b"V", b"AP", b"M", b"AS", b"MK", b"DA", b"F"];
        if old.has(b"V") && old.get(b"V").ok() != new.get(b"V").ok() {
            return Some(forbidden(ChangeKind::Object, "a signature was replaced"));
        }
        let fine = !old.has(b"V") && differing.iter().all(|key| signing.contains(key));
        match fine {
            true if self.shows(new) => Some(unjudged(ChangeKind::SignatureMark, MARK)),
            true => None,
            // A field moved or made larger could be laid over the text.
            false => {
                let detail = "the field of a signature was changed";
                Some(forbidden(ChangeKind::Annotation, detail))
            }
        }
    }

    /// Dates and packing of the file: nothing that shows on a page.
    fn tells_only_about_the_file(&self, id: ObjectId, old: &Object, new: &Object) -> bool {
        let info = self.before.trailer.get(b"Info");
        let info = info.and_then(Object::as_reference);
        let apart = !self.shown.contains(&id) && !self.in_use.contains(&id);
        let xmp = is_of(old, &[b"Metadata"]) && is_of(new, &[b"Metadata"]);
        apart && (info.is_ok_and(|info| info == id) || xmp)
    }

    /// Cross-reference data and streams of objects, which no object refers to.
    fn tells_where_objects_lie(&self, id: ObjectId, old: &Object) -> bool {
        is_of(old, &[b"XRef", b"ObjStm"]) && !self.in_use.contains(&id)
    }

    /// Annotations may only be joined by those of signature fields, and a mark that shows is
    /// for a person to look at: it may hide what stands below it (the sneaky signature).
    fn judge_annotations(&self, old: Option<&Object>, new: Option<&Object>) -> Option<Change> {
        let (old, new) = (listed(self.before, old), listed(self.now, new));
        let fields = joined(&old, &new).and_then(|added| {
            let fields = added.into_iter().map(|one| self.signature_field(one));
            fields.collect::<Option<Vec<_>>>()
        });
        match fields {
            None => {
                let detail = "notes were added to a page or taken from it";
                Some(unjudged(ChangeKind::Annotation, detail))
            }
            Some(fields) if fields.iter().any(|field| self.shows(field)) => {
                Some(unjudged(ChangeKind::SignatureMark, MARK))
            }
            Some(_) => None,
        }
    }

    /// The signature field behind a reference, where it is signed.
    fn signature_field(&self, object: &Object) -> Option<&'d Dictionary> {
        // Only references are followed: a field written into the list has no signature of its own.
        let field = self.now.get_dictionary(object.as_reference().ok()?).ok()?;
        let value = field.get_deref(b"V", self.now).and_then(Object::as_dict);
        let signed = value.is_ok_and(|value| value.has(b"ByteRange") && value.has(b"Contents"));
        (is_named(field, b"FT", b"Sig") && signed).then_some(field)
    }

    /// True where a widget has an area and something to show in it.
    fn shows(&self, field: &Dictionary) -> bool {
        let sides = field.get_deref(b"Rect", self.now);
        let sides = sides.and_then(Object::as_array).map(Vec::as_slice);
        let sides: Vec<f32> = sides
            .unwrap_or_default()
            .iter()
            .filter_map(|side| side.as_float().ok())
            .collect();
        let flat = matches!(sides.as_slice(), [a, b, c, d] if a == c || b == d);
        let flags = field.get(b"F").and_then(Object::as_i64).unwrap_or(0);
        // Hidden (bit 2) and NoView (bit 6), ISO 32000-2, table 167.
        let hidden = flags & (2 | 32) != 0;
        !flat && !hidden && field.has(b"AP")
    }
}

fn listed(document: &Document, list: Option<&Object>) -> Vec<Object> {
    let list = list.and_then(|list| document.dereference(list).ok());
    let list = list.and_then(|(_, list)| list.as_array().ok());
    list.cloned().unwrap_or_default()
}

/// What joined a list whose members all stay in their order, which says what lies above what;
/// `None` where they do not.
fn joined<'o>(old: &[Object], new: &'o [Object]) -> Option<Vec<&'o Object>> {
    let mut stays = old.iter().peekable();
    let added = new.iter().filter(|one| stays.next_if_eq(one).is_none());
    let added = added.collect();
    stays.peek().is_none().then_some(added)
}

/// The lists of these that are nothing else as well: the pieces of a page's content, its pages.
fn only_lists(document: &Document, lists: HashSet<ObjectId>, key: &[u8]) -> HashSet<ObjectId> {
    let others = reach::of_other_use(document, &lists, key);
    lists.difference(&others).copied().collect()
}

fn form_of<'d>(document: &'d Document, catalog: &'d Dictionary) -> Option<&'d Dictionary> {
    let form = catalog.get_deref(b"AcroForm", document);
    form.and_then(Object::as_dict).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn list(numbers: impl IntoIterator<Item = u32>) -> Vec<Object> {
        let references = numbers.into_iter().map(|n| Object::Reference((n, 0)));
        references.collect()
    }

    #[test]
    fn a_list_may_only_be_joined_and_keeps_its_order() {
        let old = list([1, 2, 3]);
        let found = |new: &[u32]| {
            let new = list(new.iter().copied());
            joined(&old, &new).map(|added| added.len())
        };
        assert_eq!(found(&[1, 2, 3]), Some(0));
        assert_eq!(found(&[1, 9, 2, 3, 8]), Some(2));
        // What lay above lies below; one is gone; one is listed a second time.
        assert_eq!(found(&[1, 3, 2]), None);
        assert_eq!(found(&[1, 2]), None);
        assert_eq!(found(&[1, 2, 3, 1]), Some(1));
    }

    /// Searched for one by one, these took minutes.
    #[test]
    fn a_list_of_very_many_notes_is_compared_in_one_pass() {
        let (old, new) = (list(0..200_000), list(0..200_001));
        assert_eq!(joined(&old, &new).map(|added| added.len()), Some(1));
    }
}
