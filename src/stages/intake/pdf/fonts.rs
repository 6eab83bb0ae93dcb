//! Fonts that a page uses and its file does not carry: what is drawn for them may lack letters.

use lopdf::{Dictionary, Document, Object};

/// What is known of a page's fonts before any letter is drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fonts {
    /// Letters of an old Vietnamese code: they mean other letters than they say.
    pub(super) legacy: bool,
    /// One is not in the file; the renderer's own stands in, which has no Vietnamese letters.
    pub(super) missing: bool,
    /// One is not in the file, and without it nobody can tell which letters are meant.
    pub(super) unreadable: bool,
}

impl Fonts {
    /// Of a one-page copy, all of whose fonts are the page's.
    pub(super) fn of(copy: &Document) -> Self {
        let mut fonts = Self::default();
        for font in copy.objects.values().filter_map(|o| o.as_dict().ok()) {
            let Ok(name) = font.get(b"BaseFont").and_then(Object::as_name) else {
                continue;
            };
            let (legacy, missing) = (is_legacy(name), !is_carried(copy, font));
            fonts.legacy |= legacy;
            fonts.missing |= missing;
            fonts.unreadable |= missing && (legacy || is_without_letters(copy, font));
        }
        fonts
    }
}

/// True for the fonts of TCVN3 (`.VnTime`) and VNI (`VNI-Times`): bytes mean Vietnamese letters only
/// in that font, and copied text is a jumble of Latin-1.
fn is_legacy(name: &[u8]) -> bool {
    // A subset's name starts with six letters and a plus sign (ISO 32000-1, 9.6.4).
    let name = name.split(|byte| *byte == b'+').next_back();
    let name = name.unwrap_or_default().to_ascii_lowercase();
    name.starts_with(b".vn") || name.starts_with(b"vni")
}

/// True where the font's program is in the file; a composite font's is its descendant's.
fn is_carried(copy: &Document, font: &Dictionary) -> bool {
    let owner = descendant(copy, font).unwrap_or(font);
    let descriptor = owner.get_deref(b"FontDescriptor", copy);
    let descriptor = descriptor.and_then(Object::as_dict);
    let files: [&[u8]; 3] = [b"FontFile", b"FontFile2", b"FontFile3"];
    descriptor.is_ok_and(|descriptor| files.iter().any(|file| descriptor.has(file)))
}

/// True for a composite font whose codes are glyphs' numbers and that has no table of letters.
fn is_without_letters(copy: &Document, font: &Dictionary) -> bool {
    let encoding = font.get_deref(b"Encoding", copy).and_then(Object::as_name);
    let by_number = matches!(encoding, Ok(b"Identity-H" | b"Identity-V"));
    by_number && descendant(copy, font).is_some() && !font.has(b"ToUnicode")
}

fn descendant<'a>(copy: &'a Document, font: &'a Dictionary) -> Option<&'a Dictionary> {
    let list = font.get_deref(b"DescendantFonts", copy).ok()?;
    let first = list.as_array().ok()?.first()?;
    copy.dereference(first).ok()?.1.as_dict().ok()
}
