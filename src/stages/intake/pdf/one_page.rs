//! Writes one page of an opened PDF as a PDF of its own, with nothing in it to unpack.

use std::borrow::Cow;
use std::collections::HashMap;

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

use super::colour::channels_of;
use super::plain::{Budget, plain_stream};
use super::{PdfFault, RasterFault, nesting};
use crate::stages::intake::Options;

/// Attributes that a page takes from the nodes above it (ISO 32000-1, table 30).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];
/// Attributes of the page's own that change how it looks.
const OWN: [&[u8]; 3] = [b"Contents", b"Group", b"UserUnit"];
/// Attributes of an annotation that change how it looks.
const ANNOTATION: [&[u8]; 7] = [b"Type", b"Subtype", b"Rect", b"AP", b"AS", b"F", b"OC"];
/// Ways back up or sideways, out of the page.
const LEADING_OUT: [&[u8]; 6] = [
    b"Parent",
    b"StructParent",
    b"StructParents",
    b"PieceInfo",
    b"Metadata",
    b"Thumb",
];
/// A page tree deeper than this is hostile; real ones have two to four levels.
const MAX_TREE_DEPTH: usize = 64;
/// A scanned page has some ten objects, a crowded drawing some thousands.
const MAX_PAGE_OBJECTS: usize = 200_000;

/// The page as a new PDF of one page.
pub(super) fn copy(
    document: &Document,
    page: ObjectId,
    options: &Options,
) -> Result<Document, PdfFault> {
    let attributes = page_attributes(document, page)?;
    let mut copier = Copier {
        document,
        numbers: HashMap::new(),
        waiting: Vec::new(),
        budget: Budget::new(options),
        out: Document::with_version("1.7"),
    };
    copier.write(&attributes)?;
    if !nesting::is_bounded(&copier.out) {
        return Err(copier.budget.exceeded());
    }
    Ok(copier.out)
}

/// A palette (ISO 32000-1, 8.6.6.3) whose table is shorter than it says, filled up with black as by other
/// readers: the renderer takes none of it, and would show the indices as greys.
fn with_whole_palette<'a>(document: &Document, items: &'a [Object]) -> Cow<'a, [Object]> {
    let [kind, base, most, table] = items else {
        return items.into();
    };
    let is_palette = matches!(kind.as_name(), Ok(b"Indexed" | b"I"));
    let most = document
        .dereference(most)
        .and_then(|(_, most)| most.as_i64());
    let table = document
        .dereference(table)
        .and_then(|(_, table)| table.as_str());
    let (true, Ok(most), Ok(table)) = (is_palette, most, table) else {
        return items.into();
    };
    // A profile may claim any number of channels.
    let channels = channels_of(document, base).filter(|channels| *channels <= 4);
    let needed = (most.clamp(0, 255) + 1) as usize * channels.unwrap_or(0) as usize;
    if table.len() >= needed {
        return items.into();
    }
    let mut table = table.to_vec();
    table.resize(needed, 0);
    let mut items = items.to_vec();
    items[3] = Object::string_literal(table);
    items.into()
}

/// The copy as a file.
pub(super) fn bytes(mut copy: Document) -> Result<Vec<u8>, PdfFault> {
    let mut bytes = Vec::new();
    copy.save_to(&mut bytes).map_err(PdfFault::corrupt)?;
    Ok(bytes)
}

fn page_attributes(document: &Document, page: ObjectId) -> Result<Dictionary, PdfFault> {
    let own = document.get_dictionary(page).map_err(PdfFault::corrupt)?;
    let mut attributes = dictionary! { "Type" => "Page" };
    for key in OWN {
        if let Ok(value) = own.get(key) {
            attributes.set(key, value.clone());
        }
    }
    let mut node = Some(own);
    for _ in 0..MAX_TREE_DEPTH {
        let Some(dict) = node else { break };
        for key in INHERITED {
            if let (false, Ok(value)) = (attributes.has(key), dict.get(key)) {
                attributes.set(key, value.clone());
            }
        }
        node = dict
            .get(b"Parent")
            .and_then(Object::as_reference)
            .and_then(|id| document.get_dictionary(id))
            .ok();
    }
    if !crops_something(document, &attributes) {
        attributes.remove(b"CropBox");
    }
    attributes.set("Annots", annotations(document, own));
    check_present(document, &attributes)?;
    Ok(attributes)
}

/// False where the crop box leaves nothing of the page: other readers then show the whole page,
/// and drawn by such a box it would be blank paper.
fn crops_something(document: &Document, page: &Dictionary) -> bool {
    let (Some(media), Some(crop)) = (
        sides(document, page, b"MediaBox"),
        sides(document, page, b"CropBox"),
    ) else {
        return true;
    };
    let common = |axis: usize| {
        let start = media[axis]
            .min(media[axis + 2])
            .max(crop[axis].min(crop[axis + 2]));
        let end = media[axis]
            .max(media[axis + 2])
            .min(crop[axis].max(crop[axis + 2]));
        end - start
    };
    common(0) >= 1.0 && common(1) >= 1.0
}

/// The four numbers of a box.
fn sides(document: &Document, page: &Dictionary, key: &[u8]) -> Option<[f32; 4]> {
    let sides = page.get_deref(key, document).and_then(Object::as_array);
    let sides = sides.ok()?.iter().map(|side| {
        let (_, side) = document.dereference(side).ok()?;
        side.as_float().ok()
    });
    sides.collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// The annotations that leave a mark on the page; links and the like do not.
fn annotations(document: &Document, page: &Dictionary) -> Vec<Object> {
    let list = page
        .get_deref(b"Annots", document)
        .and_then(Object::as_array);
    let list = list.map(Vec::as_slice).unwrap_or_default();
    let shown = list.iter().filter_map(|item| {
        let (_, item) = document.dereference(item).ok()?;
        let dict = item.as_dict().ok()?;
        let mut kept = Dictionary::new();
        for key in ANNOTATION {
            if let Ok(value) = dict.get(key) {
                kept.set(key, value.clone());
            }
        }
        kept.has(b"AP").then_some(Object::Dictionary(kept))
    });
    shown.collect()
}

/// A reference to a lost object counts as null (ISO 32000-1, 7.3.10): a damaged file's
/// page would be drawn without its image, as if blank. So these must be there.
fn check_present(document: &Document, page: &Dictionary) -> Result<(), PdfFault> {
    let contents = match page.get(b"Contents") {
        Ok(contents) => document.dereference(contents).map(|(_, object)| object),
        // No content at all is a blank page.
        Err(_) => return Ok(()),
    };
    let missing = |_| PdfFault::Raster(RasterFault::Truncated);
    if let Object::Array(parts) = contents.map_err(missing)? {
        for part in parts {
            document.dereference(part).map_err(missing)?;
        }
    }
    let resources = page
        .get_deref(b"Resources", document)
        .and_then(Object::as_dict);
    let Ok(resources) = resources else {
        return Ok(());
    };
    let xobjects = resources
        .get_deref(b"XObject", document)
        .and_then(Object::as_dict);
    if let Ok(xobjects) = xobjects {
        for (_, xobject) in xobjects.iter() {
            document.dereference(xobject).map_err(missing)?;
        }
    }
    Ok(())
}

/// Copies objects and everything they refer to, each once, under new numbers from 1.
struct Copier<'a> {
    document: &'a Document,
    numbers: HashMap<ObjectId, ObjectId>,
    waiting: Vec<ObjectId>,
    budget: Budget,
    out: Document,
}

impl Copier<'_> {
    fn write(&mut self, attributes: &Dictionary) -> Result<(), PdfFault> {
        let page = self.out.new_object_id();
        let pages = self.out.new_object_id();
        let mut copied = self.dictionary(attributes)?;
        copied.set("Parent", pages);
        self.out.objects.insert(page, copied.into());
        let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => pages };
        if let Ok(root) = self.document.catalog()
            && let Ok(layers) = root.get(b"OCProperties")
        {
            // Which layers are shown is said here (ISO 32000-1, 8.11.4).
            catalog.set("OCProperties", self.object(layers)?);
        }
        self.drain()?;
        let kids = vec![Object::Reference(page)];
        let node = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 1 };
        self.out.objects.insert(pages, node.into());
        let root = self.out.add_object(catalog);
        self.out.trailer.set("Root", root);
        Ok(())
    }

    fn drain(&mut self) -> Result<(), PdfFault> {
        while let Some(old) = self.waiting.pop() {
            let new = self.numbers[&old];
            let object = match self.document.get_object(old) {
                Ok(object) => self.object(object)?,
                Err(_) => Object::Null,
            };
            self.out.objects.insert(new, object);
        }
        Ok(())
    }

    fn object(&mut self, object: &Object) -> Result<Object, PdfFault> {
        Ok(match object {
            Object::Reference(old) => Object::Reference(self.number(*old)?),
            Object::Array(items) => {
                let items = with_whole_palette(self.document, items);
                let items: Result<_, _> = items.iter().map(|item| self.object(item)).collect();
                Object::Array(items?)
            }
            Object::Dictionary(dict) => self.dictionary(dict)?.into(),
            Object::Stream(stream) => {
                let mut plain = plain_stream(self.document, stream, &mut self.budget)?;
                plain.dict = self.dictionary(&plain.dict)?;
                Object::Stream(plain)
            }
            simple => simple.clone(),
        })
    }

    fn dictionary(&mut self, dict: &Dictionary) -> Result<Dictionary, PdfFault> {
        let mut out = Dictionary::new();
        for (key, value) in dict.iter() {
            if !LEADING_OUT.contains(&key.as_slice()) {
                out.set(key.clone(), self.object(value)?);
            }
        }
        Ok(out)
    }

    fn number(&mut self, old: ObjectId) -> Result<ObjectId, PdfFault> {
        if let Some(new) = self.numbers.get(&old) {
            return Ok(*new);
        }
        if self.numbers.len() >= MAX_PAGE_OBJECTS {
            return Err(self.budget.exceeded());
        }
        let new = self.out.new_object_id();
        self.numbers.insert(old, new);
        self.waiting.push(old);
        Ok(new)
    }
}
