//! How often a page's nested content would be run, reckoned before anything is run.
//!
//! A form that does the next form twice, thirty levels deep, is a few kilobytes and a
//! billion drawings. hayro bounds the depth, not the number. The reckoning is on the high
//! side: each invocation in a content stream is taken for the dearest content that the
//! stream mentions by name.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Document, Object, ObjectId};

/// Nested contents run for one page; a crowded map has some thousands.
const MAX_RUNS: u64 = 200_000;
/// Depth of nesting; hayro gives up at 50.
const MAX_DEPTH: usize = 50;
/// Operators that run content: forms, tilings (by colour), soft masks (by state).
const INVOKING: [&[u8]; 4] = [b"Do", b"scn", b"SCN", b"gs"];

/// True where the page of this plain one-page PDF runs a bounded number of contents.
pub(super) fn is_bounded(copy: &Document) -> bool {
    let page = copy.page_iter().next();
    let Some((id, page)) = page.and_then(|id| Some((id, copy.get_dictionary(id).ok()?))) else {
        return true;
    };
    let mut reckoner = Reckoner {
        copy,
        known: HashMap::new(),
        open: Vec::new(),
    };
    let runs = reckoner.page(page, &copy.get_page_content(id));
    runs.is_some_and(|runs| runs <= MAX_RUNS)
}

struct Reckoner<'a> {
    copy: &'a Document,
    /// Runs of a stream with the resources it was run with, told apart by their address.
    known: HashMap<(ObjectId, usize), u64>,
    open: Vec<ObjectId>,
}

/// Contents that a page or a stream can run, each with the resources it falls back on.
#[derive(Default)]
struct Children<'a> {
    forms: Vec<(ObjectId, Option<&'a Dictionary>)>,
    /// Glyphs of Type 3 fonts, run by showing text.
    glyphs: Vec<(ObjectId, Option<&'a Dictionary>)>,
}

impl<'a> Reckoner<'a> {
    /// Runs of the page and its annotations; `None` where something runs itself.
    fn page(&mut self, page: &'a Dictionary, content: &[u8]) -> Option<u64> {
        let resources = self.resources(page);
        let mut runs = self.content(content, resources)?;
        let annotations = page.get(b"Annots").and_then(Object::as_array);
        for annotation in annotations.map(Vec::as_slice).unwrap_or_default() {
            let Some(Ok(appearance)) = self.dict(annotation).map(|dict| dict.get(b"AP")) else {
                continue;
            };
            let mut shown = Vec::new();
            // AP → N → the state's stream.
            self.streams_within(appearance, 3, &mut shown);
            for stream in shown {
                runs = runs.saturating_add(self.stream(stream, resources)?);
            }
        }
        Some(runs)
    }

    fn content(&mut self, content: &[u8], resources: Option<&'a Dictionary>) -> Option<u64> {
        let words = words(content).collect::<HashSet<_>>();
        // A name may be written with escapes; then any name may be meant.
        let escaped = content.contains(&b'#');
        let mentions = |name: &[u8]| escaped || words.contains(name);
        let children = self.children(resources, mentions);
        let form = self.dearest(&children.forms)?;
        let glyph = self.dearest(&children.glyphs)?;
        let invocations = words_among(content, &INVOKING);
        // A string may show a glyph with each of its bytes.
        let by_text = glyph.saturating_mul(content.len() as u64);
        let by_operators = form.saturating_mul(invocations);
        Some(by_operators.saturating_add(by_text).saturating_add(1))
    }

    fn dearest(&mut self, streams: &[(ObjectId, Option<&'a Dictionary>)]) -> Option<u64> {
        let mut dearest = 0;
        for (stream, resources) in streams {
            dearest = dearest.max(self.stream(*stream, *resources)?);
        }
        Some(dearest)
    }

    /// Runs of a stream; without resources of its own it uses those of whoever runs it.
    fn stream(&mut self, id: ObjectId, inherited: Option<&'a Dictionary>) -> Option<u64> {
        let copy = self.copy;
        let stream = copy.get_object(id).and_then(Object::as_stream).ok()?;
        let resources = self.resources(&stream.dict).or(inherited);
        let key = (
            id,
            resources.map_or(0, |dict| std::ptr::from_ref(dict).addr()),
        );
        if let Some(runs) = self.known.get(&key) {
            return Some(*runs);
        }
        if self.open.contains(&id) || self.open.len() >= MAX_DEPTH {
            return None;
        }
        self.open.push(id);
        let runs = self.content(&stream.content, resources)?;
        self.open.pop();
        self.known.insert(key, runs);
        Some(runs)
    }

    fn children(
        &self,
        resources: Option<&'a Dictionary>,
        mentions: impl Fn(&[u8]) -> bool,
    ) -> Children<'a> {
        let mut children = Children::default();
        let mut forms = Vec::new();
        for category in [&b"XObject"[..], b"Pattern"] {
            for value in self.named(resources, category, &mentions) {
                self.streams_within(value, 1, &mut forms);
            }
        }
        for state in self.named(resources, b"ExtGState", &mentions) {
            let mask = self.dict(state).and_then(|state| state.get(b"SMask").ok());
            if let Some(Ok(group)) = mask.and_then(|m| self.dict(m)).map(|m| m.get(b"G")) {
                self.streams_within(group, 1, &mut forms);
            }
        }
        children.forms = forms.into_iter().map(|id| (id, resources)).collect();
        for font in self.named(resources, b"Font", &mentions) {
            let Some(font) = self.dict(font) else {
                continue;
            };
            let own = self.resources(font).or(resources);
            let mut glyphs = Vec::new();
            if let Ok(procedures) = font.get(b"CharProcs") {
                self.streams_within(procedures, 2, &mut glyphs);
            }
            children
                .glyphs
                .extend(glyphs.into_iter().map(|id| (id, own)));
        }
        children
    }

    fn resources(&self, dict: &'a Dictionary) -> Option<&'a Dictionary> {
        self.dict(dict.get(b"Resources").ok()?)
    }

    /// The values of one category of resources whose names are mentioned.
    fn named(
        &self,
        resources: Option<&'a Dictionary>,
        category: &[u8],
        mentions: impl Fn(&[u8]) -> bool,
    ) -> Vec<&'a Object> {
        let named = resources.and_then(|dict| self.dict(dict.get(category).ok()?));
        let entries = named.into_iter().flat_map(|named| named.iter());
        let mentioned = entries.filter(|(name, _)| mentions(name));
        mentioned.map(|(_, value)| value).collect()
    }

    fn dict(&self, object: &'a Object) -> Option<&'a Dictionary> {
        self.copy.dereference(object).ok()?.1.as_dict().ok()
    }

    /// Content streams at most so many dictionaries down; images are none.
    fn streams_within(&self, object: &'a Object, levels: usize, found: &mut Vec<ObjectId>) {
        let Ok((id, object)) = self.copy.dereference(object) else {
            return;
        };
        match (id, object) {
            (Some(id), Object::Stream(stream)) => {
                let subtype = stream.dict.get(b"Subtype").and_then(Object::as_name);
                if !matches!(subtype, Ok(b"Image")) {
                    found.push(id);
                }
            }
            (_, Object::Dictionary(dict)) if levels > 1 => {
                let values = dict.iter().map(|(_, value)| value);
                values.for_each(|value| self.streams_within(value, levels - 1, found));
            }
            _ => {}
        }
    }
}

/// The content's words, slashes taken off its names.
fn words(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split(|b| b.is_ascii_whitespace() || b"\0()<>[]{}/%".contains(b))
}

fn words_among(content: &[u8], wanted: &[&[u8]]) -> u64 {
    words(content).filter(|word| wanted.contains(word)).count() as u64
}
