//! What all pages share: trailer, catalog, output intent and metadata.

use lopdf::{Dictionary, Object, ObjectId, decode_text_string};

use super::super::xmp::Metadata;
use super::super::{icc, shapes};
use super::{Audit, PageFound, fonts, pages};

/// Checks from the trailer down; gives the pages.
pub(super) fn catalog(audit: &mut Audit<'_>) -> Vec<PageFound> {
    let trailer = &audit.document.trailer;
    let information = audit.dictionary(trailer, "Info");
    let Some((id, catalog)) = audit.dictionary(trailer, "Root") else {
        return Vec::new();
    };
    if let Some((information, _)) = information {
        check_trailer(audit, id, information);
    }
    let tree = audit.dictionary(catalog, "Pages");
    let packet = audit.stream(catalog, "Metadata");
    if let (Some((packet_id, packet)), Some((information_id, information))) = (packet, information)
    {
        audit.compare_stream("6.6.2.1", packet_id, packet, shapes::packet());
        check_metadata(audit, information_id, information, &packet.content);
    }
    let profile = check_profile(audit, catalog);
    if let (Some((tree, _)), Some((packet, _)), Some(profile)) = (tree, packet, profile) {
        let expected = shapes::catalog(tree, packet, profile);
        audit.compare("6.6.2.1", Some(id), catalog, &expected);
    }
    tree.map_or(Vec::new(), |(id, tree)| check_pages(audit, id, tree))
}

/// `/ID` is two times sixteen bytes (ISO 19005-2, 6.1.3); `/Encrypt` has no place.
fn check_trailer(audit: &mut Audit<'_>, catalog: ObjectId, information: ObjectId) {
    let trailer = &audit.document.trailer;
    let id = trailer.get(b"ID").and_then(Object::as_array).ok();
    let half = id.and_then(|halves| halves.first()?.as_str().ok());
    let identity = half.unwrap_or_default();
    if identity.len() != 16 {
        audit.report("6.1.3", None, "no file identifier of 16 bytes");
    }
    let mut expected = shapes::trailer(catalog, information, identity);
    expected.set("Size", audit.document.objects.len() as i64 + 1);
    audit.compare("6.1.3", None, trailer, &expected);
}

/// The packet must be the very one that its Info dictionary makes, so both tell
/// the same, and part and level are in it (ISO 19005-2, 6.6.3 and 6.6.4).
fn check_metadata(audit: &mut Audit<'_>, id: ObjectId, information: &Dictionary, packet: &[u8]) {
    let text = |key: &[u8]| decode_text_string(information.get(key).ok()?).ok();
    let metadata = Metadata {
        producer: text(b"Producer").unwrap_or_default(),
        title: text(b"Title"),
        subject: text(b"Subject"),
        author: text(b"Author"),
    };
    if !metadata.is_clean() {
        audit.report("6.6.3", Some(id), "metadata that we would not write");
    }
    audit.compare(
        "6.6.3",
        Some(id),
        information,
        &shapes::information(&metadata),
    );
    if metadata.packet().as_bytes() != packet {
        audit.report("6.6.3", Some(id), "XMP and Info do not tell the same");
    }
}

/// The profile of the one output intent (ISO 19005-2, 6.2.3).
fn check_profile(audit: &mut Audit<'_>, catalog: &Dictionary) -> Option<ObjectId> {
    let intents = catalog.get(b"OutputIntents").and_then(Object::as_array);
    let intent = intents.ok().and_then(|intents| intents.first());
    let Some(intent) = intent.and_then(|intent| intent.as_dict().ok()) else {
        audit.report("6.2.3", None, "no output intent");
        return None;
    };
    let mut entries = Dictionary::new();
    entries.set("N", 3);
    let (id, profile) = audit.deflated(intent, "DestOutputProfile", entries)?;
    if profile != icc::srgb_profile() {
        audit.report("6.2.3", Some(id), "the profile is not our sRGB profile");
    }
    Some(id)
}

fn check_pages(audit: &mut Audit<'_>, tree_id: ObjectId, tree: &Dictionary) -> Vec<PageFound> {
    let kids = tree.get(b"Kids").and_then(Object::as_array);
    let kids = kids.cloned().unwrap_or_default();
    if kids.is_empty() {
        audit.report("6.1.9", Some(tree_id), "no pages");
    }
    audit.compare(
        "6.1.9",
        Some(tree_id),
        tree,
        &shapes::page_tree(kids.clone()),
    );
    let mut fonts = None;
    let mut found = Vec::new();
    for kid in kids {
        // A page in a dictionary of its own, so that its reference is followed like all others.
        let mut holder = Dictionary::new();
        holder.set("Kids", kid);
        let before = audit.reached.len();
        let Some((id, page)) = audit.dictionary(&holder, "Kids") else {
            continue;
        };
        if audit.reached.len() == before {
            audit.report("6.1.9", Some(id), "one page twice");
            continue;
        }
        let fonts = fonts.get_or_insert_with(|| fonts::fonts(audit, page));
        found.extend(pages::page(audit, tree_id, (id, page), fonts));
    }
    found
}
