//! How often a page's nested content would be run, reckoned before anything is run.
//!
//! A form that does the next form twice, thirty levels deep, is a few kilobytes and a
//! billion drawings. hayro bounds the depth, not the number. The reckoning is on the high
//! side: each invocation in a content stream is taken for one of its dearest child.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, Object, ObjectId};

/// Nested contents run for one page; a crowded map has some thousands.
const MAX_RUNS: u64 = 200_000;
/// Depth of nesting; hayro gives up at 50.
const MAX_DEPTH: usize = 50;
/// Operators that run content: forms, tilings (by colour), soft masks (by state).
const INVOKING: [&[u8]; 4] = [b"Do", b"scn", b"SCN", b"gs"];

/// True where the page of this plain one-page PDF runs a bounded number of contents.
pub(super) fn is_bounded(copy: &Document) -> bool {
    let Some(page) = copy.page_iter().next() else {
        return true;
    };
    let mut reckoner = Reckoner {
        copy,
        known: HashMap::new(),
        open: Vec::new(),
    };
    reckoner.page(page).is_some_and(|runs| runs <= MAX_RUNS)
}

struct Reckoner<'a> {
    copy: &'a Document,
    known: HashMap<ObjectId, u64>,
    open: Vec<ObjectId>,
}

/// Contents that a page or a stream can run.
#[derive(Default)]
struct Children {
    forms: Vec<ObjectId>,
    /// Glyphs of Type 3 fonts, run by showing text.
    glyphs: Vec<ObjectId>,
}

impl Reckoner<'_> {
    /// Runs of the page and its annotations; `None` where something runs itself.
    fn page(&mut self, page: ObjectId) -> Option<u64> {
        let dict = self.copy.get_dictionary(page).ok()?;
        let content = self.copy.get_page_content(page);
        let mut runs = self.content(&content, self.children(dict))?;
        let annotations = dict.get(b"Annots").and_then(Object::as_array);
        for annotation in annotations.map(Vec::as_slice).unwrap_or_default() {
            let Some(annotation) = self.dict(annotation) else {
                continue;
            };
            let mut appearances = Vec::new();
            // AP → N → the state's stream.
            if let Ok(appearance) = annotation.get(b"AP") {
                self.streams_within(appearance, 3, &mut appearances);
            }
            for stream in appearances {
                runs = runs.saturating_add(self.stream(stream)?);
            }
        }
        Some(runs)
    }

    fn content(&mut self, content: &[u8], children: Children) -> Option<u64> {
        let form = self.dearest(&children.forms)?;
        let glyph = self.dearest(&children.glyphs)?;
        // A string may show a glyph with each of its bytes.
        let by_operators = form.saturating_mul(invocations(content));
        let by_text = glyph.saturating_mul(content.len() as u64);
        Some(by_operators.saturating_add(by_text).saturating_add(1))
    }

    fn dearest(&mut self, streams: &[ObjectId]) -> Option<u64> {
        let mut dearest = 0;
        for stream in streams {
            dearest = dearest.max(self.stream(*stream)?);
        }
        Some(dearest)
    }

    fn stream(&mut self, id: ObjectId) -> Option<u64> {
        if let Some(runs) = self.known.get(&id) {
            return Some(*runs);
        }
        if self.open.contains(&id) || self.open.len() >= MAX_DEPTH {
            return None;
        }
        let stream = self.copy.get_object(id).and_then(Object::as_stream).ok()?;
        self.open.push(id);
        let runs = self.content(&stream.content, self.children(&stream.dict))?;
        self.open.pop();
        self.known.insert(id, runs);
        Some(runs)
    }

    fn children(&self, dict: &Dictionary) -> Children {
        let mut children = Children::default();
        let Some(resources) = dict.get(b"Resources").ok().and_then(|r| self.dict(r)) else {
            return children;
        };
        for category in [&b"XObject"[..], b"Pattern"] {
            if let Ok(named) = resources.get(category) {
                self.streams_within(named, 2, &mut children.forms);
            }
        }
        for state in self.named(resources, b"ExtGState") {
            let mask = state.get(b"SMask").ok().and_then(|mask| self.dict(mask));
            if let Some(Ok(group)) = mask.map(|mask| mask.get(b"G")) {
                self.streams_within(group, 1, &mut children.forms);
            }
        }
        for font in self.named(resources, b"Font") {
            if let Ok(glyphs) = font.get(b"CharProcs") {
                self.streams_within(glyphs, 2, &mut children.glyphs);
            }
        }
        children
    }

    /// The dictionaries under the names of one category.
    fn named<'o>(&'o self, resources: &'o Dictionary, category: &[u8]) -> Vec<&'o Dictionary> {
        let named = resources
            .get(category)
            .ok()
            .and_then(|named| self.dict(named));
        let values = named.into_iter().flat_map(|named| named.iter());
        values.filter_map(|(_, value)| self.dict(value)).collect()
    }

    fn dict<'o>(&'o self, object: &'o Object) -> Option<&'o Dictionary> {
        self.copy.dereference(object).ok()?.1.as_dict().ok()
    }

    /// Content streams at most so many dictionaries down; images are none.
    fn streams_within(&self, object: &Object, levels: usize, found: &mut Vec<ObjectId>) {
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

/// Invoking operators among the content's words.
fn invocations(content: &[u8]) -> u64 {
    let words = content.split(|b| b.is_ascii_whitespace() || b"()<>[]{}/%".contains(b));
    words.filter(|word| INVOKING.contains(word)).count() as u64
}
