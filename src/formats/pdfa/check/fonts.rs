//! The fonts: embedded, complete, and with a character for every code (ISO 19005-2, 6.2.11).

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::super::font::{Reach, Shared, cid_to_gid_map, program_entries};
use super::super::letters::Letters;
use super::Audit;

/// What the pages may use.
pub(super) struct Fonts {
    /// The dictionary that all pages share.
    pub id: ObjectId,
    /// Names in it.
    pub names: BTreeSet<Vec<u8>>,
    /// The codes and their characters.
    pub letters: Letters,
}

/// Checks the fonts that the first page names; all others must name the same.
pub(super) fn fonts(audit: &mut Audit<'_>, page: &Dictionary) -> Option<Fonts> {
    let resources = page.get(b"Resources").and_then(Object::as_dict);
    let (id, dictionary) = audit.dictionary(resources.ok()?, "Font")?;
    let mut fonts = Fonts {
        id,
        names: BTreeSet::new(),
        letters: Letters::default(),
    };
    let mut maps = None;
    for (name, _) in dictionary {
        let Some(reach) = Reach::named(name) else {
            audit.report("6.2.11.4.1", Some(id), "a font that is not ours");
            continue;
        };
        if let Some(shared) = font(audit, dictionary, reach) {
            // All variants of a file share their maps; a second pair is reported by `composite`.
            let maps = maps.get_or_insert(shared);
            check_variant(audit, dictionary, reach, maps);
            fonts.names.insert(name.clone());
        }
    }
    if let Some((_, to_unicode)) = maps {
        fonts.letters = to_unicode;
    }
    Some(fonts)
}

/// The maps that a font points to.
fn font(audit: &mut Audit<'_>, fonts: &Dictionary, reach: Reach) -> Option<(Shared, Letters)> {
    let (_, composite) = audit.dictionary(fonts, &reach.name())?;
    let (map_id, cmap) = audit.deflated(composite, "ToUnicode", Dictionary::new())?;
    let letters = Letters::read(&cmap);
    if letters.is_none() {
        audit.report(
            "6.2.11.7.2",
            Some(map_id),
            "not a map of codes to characters of ours",
        );
    }
    let (_, descendant) = descendant(audit, composite)?;
    let (glyphs_id, glyphs) = audit.deflated(descendant, "CIDToGIDMap", Dictionary::new())?;
    if glyphs != cid_to_gid_map() {
        audit.report(
            "6.2.11.3.2",
            Some(glyphs_id),
            "not our map of codes to glyphs",
        );
    }
    let shared = Shared {
        cid_to_gid: glyphs_id,
        to_unicode: map_id,
    };
    Some((shared, letters?))
}

fn descendant<'a>(
    audit: &mut Audit<'a>,
    composite: &Dictionary,
) -> Option<(ObjectId, &'a Dictionary)> {
    let list = composite.get(b"DescendantFonts").and_then(Object::as_array);
    let first = list.ok().and_then(|list| list.first()).cloned();
    let mut holder = Dictionary::new();
    holder.set("DescendantFonts", first.unwrap_or(Object::Null));
    audit.dictionary(&holder, "DescendantFonts")
}

/// Compares the three dictionaries and the program of a variant.
fn check_variant(
    audit: &mut Audit<'_>,
    fonts: &Dictionary,
    reach: Reach,
    (shared, _): &(Shared, Letters),
) -> Option<()> {
    let (id, composite) = audit.dictionary(fonts, &reach.name())?;
    let (descendant_id, descendant) = descendant(audit, composite)?;
    let (descriptor_id, descriptor) = audit.dictionary(descendant, "FontDescriptor")?;
    let expected_program = reach.program();
    let entries = program_entries(&expected_program);
    let (program_id, program) = audit.deflated(descriptor, "FontFile2", entries)?;
    if program != expected_program {
        audit.report("6.2.11.4.1", Some(program_id), "not our font program");
    }
    let compare = |audit: &mut Audit<'_>, id, found, expected| {
        audit.compare("6.2.11.2", Some(id), found, &expected);
    };
    compare(audit, id, composite, reach.composite(descendant_id, shared));
    compare(
        audit,
        descendant_id,
        descendant,
        reach.descendant(descriptor_id, shared),
    );
    compare(
        audit,
        descriptor_id,
        descriptor,
        reach.descriptor(program_id),
    );
    Some(())
}
