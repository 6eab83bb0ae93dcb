//! The visible mark of a signature: accepted only where it shows, in black letters of the one
//! known typeface at the top of page 1, what the record says of it.
//!
//! An appearance can draw anything over the paper, so nothing is taken on trust: the font's
//! program is known by its digest, its codes and widths are recomputed from it, and the content
//! is one text object of the shape that our writer promises (formats/pades/mark).

use lopdf::content::Content;
use lopdf::{Dictionary, Object, ObjectId, Stream};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use super::pdf::Pdf;
use super::to_unicode::ToUnicode;
use crate::model::Digest;

/// SHA-256 of the typeface: Tinos, cut down to what Vietnamese needs.
const TYPEFACE: &str = "cf85712ae0f6232eb0ece2f48a0facada2eafd21a750d00c7cf6bfd926ab28bb";

/// Size of the letters and from line to line, in points (TT 05/2025/TT-BNV: size 10).
const TYPE_PT: f32 = 10.0;
const LINE_PT: f32 = 12.0;

/// The mark hangs no further below the page's upper edge, in points.
const FROM_TOP_PT: f32 = 40.0;

/// Rounding of numbers in a file.
const CLOSE: f32 = 0.02;

/// What a mark shows, and the objects it is made of.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its lines, line feeds between them.
    pub text: String,
    /// The numbers of its objects.
    pub objects: Vec<u32>,
}

/// Reads the mark of a signature field; `None` where the field shows nothing.
pub fn read(
    pdf: &Pdf<'_>,
    field: &Dictionary,
    page: &Dictionary,
) -> Result<Option<Shown>, &'static str> {
    let rect = numbers::<4>(field.get(b"Rect").ok()).ok_or("the field has no area")?;
    let Ok(appearance) = field.get(b"AP") else {
        let invisible = rect.iter().all(|side| *side == 0.0);
        return match invisible {
            true => Ok(None),
            false => Err("the field has an area and shows nothing"),
        };
    };
    let mut reading = Reading {
        pdf,
        objects: Vec::new(),
    };
    let text = reading.appearance(appearance, rect, page)?;
    Ok(Some(Shown {
        text,
        objects: reading.objects,
    }))
}

/// A mark being read, and the objects that were reached on the way.
struct Reading<'p> {
    pdf: &'p Pdf<'p>,
    objects: Vec<u32>,
}

impl<'p> Reading<'p> {
    fn follow(&mut self, from: &'p Dictionary, key: &[u8]) -> Option<&'p Object> {
        let id: ObjectId = from.get(key).and_then(Object::as_reference).ok()?;
        self.objects.push(id.0);
        self.pdf.document.objects.get(&id)
    }

    fn appearance(
        &mut self,
        appearance: &'p Object,
        rect: [f32; 4],
        page: &Dictionary,
    ) -> Result<String, &'static str> {
        let states = appearance
            .as_dict()
            .map_err(|_| "the appearance is no dictionary")?;
        let form = self
            .follow(states, b"N")
            .and_then(|form| form.as_stream().ok());
        let form = form.filter(|_| states.len() == 1);
        let form = form.ok_or("the appearance is not one form")?;
        let plain = has_only(
            &form.dict,
            &[b"Type", b"Subtype", b"BBox", b"Resources", b"Length"],
        ) && is(&form.dict, b"Subtype", b"Form");
        let unit = page
            .get(b"UserUnit")
            .and_then(Object::as_float)
            .unwrap_or(1.0);
        if !plain || !fills(form, rect) {
            return Err("the appearance is not drawn as it stands");
        }
        if !is_at_the_top(rect, page, unit) {
            return Err("the mark is not at the top of the page");
        }
        let resources = form.dict.get(b"Resources").and_then(Object::as_dict);
        let resources = resources.ok().filter(|all| all.len() == 1);
        let fonts = resources.and_then(|all| all.get(b"Font").and_then(Object::as_dict).ok());
        let fonts = fonts.filter(|fonts| fonts.len() == 1);
        let font = fonts.and_then(|fonts| self.follow(fonts, b"Tinos")?.as_dict().ok());
        font.and_then(|font| self.is_the_typeface(font))
            .ok_or("the font is not the one of the mark")?;
        lines(&form.content, unit).ok_or("the mark draws something else than its lines")
    }

    /// The font, where every part of it follows from the known typeface.
    fn is_the_typeface(&mut self, font: &'p Dictionary) -> Option<()> {
        let descendants = font
            .get(b"DescendantFonts")
            .and_then(Object::as_array)
            .ok()?;
        let [Object::Reference(descendant)] = descendants.as_slice() else {
            return None;
        };
        self.objects.push(descendant.0);
        let descendant = self.pdf.document.get_dictionary(*descendant).ok()?;
        let descriptor = self.follow(descendant, b"FontDescriptor")?.as_dict().ok()?;
        let program = self.inflated(descriptor, b"FontFile2")?;
        let known = Digest::of(&program).to_string() == TYPEFACE;
        let face = FontRef::new(&program).ok().filter(|_| known)?;
        let glyphs = self.inflated(descendant, b"CIDToGIDMap")?;
        let to_unicode = ToUnicode::parse(&self.inflated(font, b"ToUnicode")?)?;
        let widths = descendant.get(b"W").and_then(Object::as_array).ok()?;
        let named =
            is(font, b"Encoding", b"Identity-H") && is(descendant, b"Subtype", b"CIDFontType2");
        (named && is_drawn_as_coded(&face, &glyphs, &to_unicode, widths)).then_some(())
    }

    fn inflated(&mut self, from: &'p Dictionary, key: &[u8]) -> Option<Vec<u8>> {
        let stream = self.follow(from, key)?.as_stream().ok()?;
        self.pdf.inflated(stream)
    }
}

/// True where each code is the code point of the letter that is drawn for it, as wide as it is.
fn is_drawn_as_coded(
    face: &FontRef<'_>,
    glyphs: &[u8],
    to_unicode: &ToUnicode,
    widths: &[Object],
) -> bool {
    let metrics = face.metrics(Size::unscaled(), LocationRef::default());
    let advances = face.glyph_metrics(Size::unscaled(), LocationRef::default());
    let mut width_of = widths.chunks_exact(2).map(|pair| {
        let code = pair[0].as_i64().ok()?;
        let [width] = pair[1].as_array().ok()?.as_slice() else {
            return None;
        };
        Some((code, width.as_float().ok()?))
    });
    let mut letters: Vec<(u32, u32)> = face
        .charmap()
        .mappings()
        .map(|(code, glyph)| (code, glyph.to_u32()))
        .collect();
    letters.sort_unstable();
    let as_coded = |(code, glyph): &(u32, u32)| {
        let place = 2 * *code as usize;
        let drawn = glyphs
            .get(place..place + 2)
            .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
        let text = u16::try_from(*code).ok();
        let text = text.and_then(|code| to_unicode.decode(&code.to_be_bytes()));
        let advance = advances.advance_width((*glyph).into()).unwrap_or(0.0);
        let width = advance * 1000.0 / f32::from(metrics.units_per_em);
        let said = width_of.next().flatten();
        drawn == Some(*glyph)
            && text == char::from_u32(*code).map(String::from)
            && said.is_some_and(|(at, said)| at == i64::from(*code) && (said - width).abs() < CLOSE)
    };
    widths.len() == 2 * letters.len() && letters.iter().all(as_coded)
}

/// The lines of a content stream that draws black letters of the right size and nothing else.
fn lines(content: &[u8], unit: f32) -> Option<String> {
    let operations: Option<Vec<_>> = Content::decode_iter(content).map(Result::ok).collect();
    let operations = operations?;
    let [begin, black, font, leading, start, shown @ .., end] = operations.as_slice() else {
        return None;
    };
    let close = |object: Option<&Object>, wanted: f32| {
        object.is_some_and(|number| number.as_float().is_ok_and(|n| (n - wanted).abs() < CLOSE))
    };
    let head = begin.operator == "BT"
        && black.operator == "g"
        && close(black.operands.first(), 0.0)
        && font.operator == "Tf"
        && close(font.operands.get(1), TYPE_PT / unit)
        && leading.operator == "TL"
        && close(leading.operands.first(), LINE_PT / unit)
        && start.operator == "Td"
        && close(start.operands.first(), 0.0)
        && end.operator == "ET";
    if !head {
        return None;
    }
    let mut lines = Vec::new();
    for (index, operation) in shown.iter().enumerate() {
        match (index % 2, operation.operator.as_str()) {
            (0, "Tj") => lines.push(text(operation.operands.first()?.as_str().ok()?)?),
            (1, "T*") => {}
            _ => return None,
        }
    }
    // The last is a line, not the step to one.
    (shown.len() % 2 == 1).then(|| lines.join("\n"))
}

/// Codes are code points.
fn text(codes: &[u8]) -> Option<String> {
    let units = codes
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let text = char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .ok();
    text.filter(|_| codes.len().is_multiple_of(2))
}

/// True where the form is exactly as large as its place, so that nothing is scaled.
fn fills(form: &Stream, rect: [f32; 4]) -> bool {
    let [left, bottom, right, top] = rect;
    numbers::<4>(form.dict.get(b"BBox").ok()).is_some_and(|[x, y, width, height]| {
        x == 0.0
            && y == 0.0
            && (right - left - width).abs() < CLOSE
            && (top - bottom - height).abs() < CLOSE
    })
}

fn is_at_the_top(rect: [f32; 4], page: &Dictionary, unit: f32) -> bool {
    let [left, _, right, top] = rect;
    numbers::<4>(page.get(b"MediaBox").ok()).is_some_and(|[page_left, _, page_right, page_top]| {
        top >= page_top - FROM_TOP_PT / unit
            && left >= page_left
            && (right <= page_right || left == page_left)
    })
}

fn numbers<const N: usize>(array: Option<&Object>) -> Option<[f32; N]> {
    let array = array?.as_array().ok()?;
    let numbers: Option<Vec<f32>> = array.iter().map(|side| side.as_float().ok()).collect();
    numbers?.try_into().ok()
}

fn has_only(dictionary: &Dictionary, keys: &[&[u8]]) -> bool {
    dictionary
        .iter()
        .all(|(key, _)| keys.contains(&key.as_slice()))
}

fn is(dictionary: &Dictionary, key: &[u8], name: &[u8]) -> bool {
    let found = dictionary.get(key).and_then(Object::as_name);
    found.is_ok_and(|found| found == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "BT\n0 g\n/Tinos 10 Tf\n12 TL\n0 14.5 Td\n<1EE6> Tj\nT*\n<00410042> Tj\nET\n";

    #[test]
    fn one_text_object_of_black_lines_is_read() {
        assert_eq!(lines(GOOD.as_bytes(), 1.0).as_deref(), Some("Ủ\nAB"));
        let halved = GOOD.replace(" 10 Tf", " 5 Tf").replace("12 TL", "6 TL");
        assert_eq!(lines(halved.as_bytes(), 2.0).as_deref(), Some("Ủ\nAB"));
    }

    #[test]
    fn everything_else_is_refused() {
        let changes = [
            ("0 g", "1 g"),
            ("0 g", "1 0 0 rg"),
            (" 10 Tf", " 9 Tf"),
            ("12 TL", "1 TL"),
            ("0 14.5 Td", "5 14.5 Td"),
            ("T*", "3 Tr"),
            ("T*", "T* T*"),
            ("<00410042>", "<0041D8>"),
            ("ET", "T*\nET"),
            ("ET", "ET\n0 0 9 9 re f"),
            ("BT", "/Im Do\nBT"),
        ];
        for (from, to) in changes {
            let changed = GOOD.replacen(from, to, 1);
            assert_eq!(lines(changed.as_bytes(), 1.0), None, "{to}");
        }
        assert_eq!(lines(GOOD.as_bytes(), 2.0), None);
    }
}
