//! What the second revision changed: only what a signature needs, or it is a foreign change.
//!
//! ISO 32000-1, 12.8.2.2 lets later revisions do much and still calls the
//! signature good; a package of ours has no reason to. The catalog gains
//! `/AcroForm`, the first page gains `/Annots`, field, dictionary and what draws the mark are new.

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::pdf::{Pdf, PdfFlaw};
use super::revisions::Revision;

/// A change that no signature needs.
#[derive(Debug, thiserror::Error)]
pub enum ForeignChange {
    /// More, or fewer, revisions than recorded.
    #[error("{found} revisions instead of {expected}")]
    Revisions {
        /// What the record asks for.
        expected: usize,
        /// What the file has.
        found: usize,
    },
    /// The first revision does not stand by itself.
    #[error("the unsigned revision cannot be read: {0}")]
    FirstRevision(#[from] PdfFlaw),
    /// The trailers do not name the same catalog and information.
    #[error("the trailers name different objects")]
    Trailer,
    /// An object that a signature does not touch was written anew.
    #[error("object {0} was written anew")]
    Object(u32),
    /// An object was freed.
    #[error("object {0} was freed")]
    Freed(u32),
    /// The catalog changed beyond `/AcroForm`.
    #[error("the catalog changed")]
    Catalog,
    /// The first page changed beyond `/Annots`.
    #[error("the first page changed")]
    FirstPage,
    /// A form or annotations stand where no signature is.
    #[error("a form or annotations without a signature")]
    FormWithoutSignature,
}

/// The objects that a signature brings: its field (with widget), its dictionary, its mark.
#[derive(Clone, Debug)]
pub struct SignatureObjects {
    /// Field and widget.
    pub field: ObjectId,
    /// Signature dictionary.
    pub value: ObjectId,
    /// The numbers of what its visible mark is made of; none where nothing is seen of it.
    pub drawn: Vec<u32>,
}

/// Everything foreign in a file that is to be unsigned.
pub fn of_unsigned(pdf: &Pdf<'_>) -> Vec<ForeignChange> {
    let mut changes = Vec::new();
    changes.extend(wrong_count(pdf, 1));
    let form = pdf
        .catalog()
        .is_some_and(|catalog| catalog.has(b"AcroForm"));
    if form || has_annotations(pdf, 0) {
        changes.push(ForeignChange::FormWithoutSignature);
    }
    changes
}

/// Everything foreign in a file that carries one signature.
pub fn of_signed(pdf: &Pdf<'_>, signature: &SignatureObjects) -> Vec<ForeignChange> {
    let mut changes = Vec::new();
    if has_annotations(pdf, 1) {
        changes.push(ForeignChange::FormWithoutSignature);
    }
    if let Some(wrong) = wrong_count(pdf, 2) {
        changes.push(wrong);
        return changes;
    }
    let Ok([_, update]) = pdf.revisions.as_deref() else {
        return changes; // bytes behind the end: reported where the file was opened
    };
    match pdf.first_revision() {
        Ok(before) => changes.extend(differences(pdf, &before, update, signature)),
        Err(flaw) => changes.push(flaw.into()),
    }
    changes
}

fn wrong_count(pdf: &Pdf<'_>, expected: usize) -> Option<ForeignChange> {
    let found = pdf.revisions.as_ref().ok()?.len();
    (found != expected).then_some(ForeignChange::Revisions { expected, found })
}

/// True where a page after the first `skipped` has annotations.
fn has_annotations(pdf: &Pdf<'_>, skipped: usize) -> bool {
    let mut pages = pdf.pages().into_iter().skip(skipped);
    pages.any(|id| {
        let page = pdf.document.get_dictionary(id);
        page.is_ok_and(|page| page.has(b"Annots"))
    })
}

fn differences(
    pdf: &Pdf<'_>,
    before: &Document,
    update: &Revision,
    signature: &SignatureObjects,
) -> Vec<ForeignChange> {
    let mut changes = Vec::new();
    for key in [&b"Root"[..], b"Info"] {
        if pdf.document.trailer.get(key).ok() != before.trailer.get(key).ok() {
            changes.push(ForeignChange::Trailer);
        }
    }
    let root = before
        .trailer
        .get(b"Root")
        .and_then(Object::as_reference)
        .ok();
    let first_page = before.page_iter().next();
    let touched = [root, first_page].into_iter().flatten();
    let allowed: Vec<u32> = touched
        .map(|id| id.0)
        .chain(new_objects(before, signature))
        .collect();
    for (number, place) in &update.entries {
        match place {
            // Entry 0 heads the list of free objects in every table (7.5.4).
            None if *number == 0 => {}
            None => changes.push(ForeignChange::Freed(*number)),
            Some(_) if allowed.contains(number) => {}
            Some(_) => changes.push(ForeignChange::Object(*number)),
        }
    }
    if !same_but_for(pdf, before, root, b"AcroForm") {
        changes.push(ForeignChange::Catalog);
    }
    if !same_but_for(pdf, before, first_page, b"Annots") {
        changes.push(ForeignChange::FirstPage);
    }
    changes
}

/// The signature's objects, where they are new: numbers that the first revision does not use.
fn new_objects(before: &Document, signature: &SignatureObjects) -> Vec<u32> {
    let highest = before
        .reference_table
        .entries
        .keys()
        .max()
        .copied()
        .unwrap_or(0);
    let numbers = [signature.field.0, signature.value.0];
    let numbers = numbers.into_iter().chain(signature.drawn.iter().copied());
    numbers.filter(|number| *number > highest).collect()
}

/// True where the dictionary is the same in both, but for one entry that only the later has.
fn same_but_for(pdf: &Pdf<'_>, before: &Document, id: Option<ObjectId>, added: &[u8]) -> bool {
    let Some(id) = id else { return false };
    let (Ok(old), Ok(new)) = (before.get_dictionary(id), pdf.document.get_dictionary(id)) else {
        return false;
    };
    let mut without: Dictionary = new.clone();
    without.remove(added);
    // Compared as sets of entries: their order means nothing (7.3.7).
    without.len() == old.len()
        && old
            .iter()
            .all(|(key, value)| without.get(key).is_ok_and(|other| other == value))
}
