//! Typefaces that files of ours carry, cut down to what Vietnamese needs: Arimo for separator
//! sheets, Tinos (with the measures of Times New Roman) for the mark of a signature.

use lopdf::{Dictionary, Object, ObjectId, Stream, dictionary};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::formats::pdfa::letters::Letters;
#[cfg(feature = "ocr")]
use crate::formats::pdfa::object_file::ObjectFile;
use crate::formats::pdfa::object_file::deflated;

#[cfg(feature = "ocr")]
const REGULAR: &[u8] = include_bytes!("Arimo-Regular.ttf");
#[cfg(feature = "ocr")]
const BOLD: &[u8] = include_bytes!("Arimo-Bold.ttf");
const TIMES: &[u8] = include_bytes!("Tinos-Regular.ttf");

/// One cut of the typeface, and the letters used of it so far.
pub struct Face {
    name: &'static str,
    program: &'static [u8],
    font: FontRef<'static>,
    letters: Letters,
}

impl Face {
    /// The upright cut.
    #[cfg(feature = "ocr")]
    pub fn regular() -> Self {
        Self::open("Arimo", REGULAR)
    }

    /// The bold cut.
    #[cfg(feature = "ocr")]
    pub fn bold() -> Self {
        Self::open("Arimo-Bold", BOLD)
    }

    /// The upright cut with the measures of Times New Roman.
    pub fn times() -> Self {
        Self::open("Tinos", TIMES)
    }

    fn open(name: &'static str, program: &'static [u8]) -> Self {
        Self {
            name,
            program,
            font: FontRef::new(program).expect("the embedded fonts are tested"),
            letters: Letters::default(),
        }
    }

    /// The text as this face can write it: a character it does not have becomes `?`.
    pub fn writable(&self, text: &str) -> String {
        let charmap = self.font.charmap();
        let known = |c: char| charmap.map(c).is_some();
        text.chars()
            .map(|c| if known(c) { c } else { '?' })
            .collect()
    }

    /// The text as this face can write it, its end cut off where it is wider than this.
    pub fn fitted(&self, text: &str, most: f32) -> String {
        let mut text = self.writable(text);
        if self.width(&text) <= most {
            return text;
        }
        while self.width(&text) > most - self.width("…") && text.pop().is_some() {}
        text.trim_end().to_owned() + "…"
    }

    /// Width of a writable text in sizes of type.
    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.advance_milli(c)).sum::<f32>() / 1000.0
    }

    /// All letters of the face, for a font that is to be the same in every file.
    pub fn with_all_letters(mut self) -> Self {
        let mapped = self.mapped().into_iter();
        let all: String = mapped
            .filter_map(|(code, _)| char::from_u32(code.into()))
            .collect();
        self.string(&all);
        self
    }

    /// The codes of a writable text as a PDF string.
    pub fn string(&mut self, text: &str) -> String {
        let codes = self.letters.encode(text);
        let codes = codes.expect("the face has no letter beyond the basic plane");
        let hex: String = codes.iter().map(|byte| format!("{byte:02X}")).collect();
        format!("<{hex}>")
    }

    fn advance_milli(&self, c: char) -> f32 {
        let glyph = self.font.charmap().map(c).unwrap_or_default();
        let metrics = self
            .font
            .glyph_metrics(Size::unscaled(), LocationRef::default());
        let advance = metrics.advance_width(glyph).unwrap_or(0.0);
        advance * 1000.0 / self.units()
    }

    fn units(&self) -> f32 {
        let metrics = self.font.metrics(Size::unscaled(), LocationRef::default());
        f32::from(metrics.units_per_em)
    }

    /// Puts the font into a file (ISO 32000-1, 9.7: composite, codes are code points).
    #[cfg(feature = "ocr")]
    pub fn write(&self, file: &mut ObjectFile) -> ObjectId {
        self.parts().put(|object| file.add(object))
    }

    /// The font's objects, not yet of any file.
    pub fn parts(&self) -> FontParts {
        let length = self.program.len() as i64;
        FontParts {
            program: deflated(dictionary! { "Length1" => length }, self.program),
            descriptor: self.descriptor(),
            cid_to_gid: deflated(Dictionary::new(), &self.glyphs()),
            descendant: dictionary! {
                "Type" => "Font",
                "Subtype" => "CIDFontType2",
                "BaseFont" => self.name,
                "CIDSystemInfo" => dictionary! {
                    "Registry" => Object::string_literal("Adobe"),
                    "Ordering" => Object::string_literal("Identity"),
                    "Supplement" => 0,
                },
                "W" => self.widths(),
            },
            to_unicode: deflated(Dictionary::new(), &self.letters.to_unicode()),
            font: dictionary! {
                "Type" => "Font",
                "Subtype" => "Type0",
                "BaseFont" => self.name,
                "Encoding" => "Identity-H",
            },
        }
    }

    fn descriptor(&self) -> Dictionary {
        let metrics = self.font.metrics(Size::unscaled(), LocationRef::default());
        let milli = |units: f32| (units * 1000.0 / self.units()).round() as i64;
        let bounds = metrics.bounds.unwrap_or_default();
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
        dictionary! {
            "Type" => "FontDescriptor",
            "FontName" => self.name,
            // Symbolic: its letters go beyond the standard Latin set (ISO 32000-1, 9.8.2).
            "Flags" => 4,
            "FontBBox" => bounds.map(|side| milli(side).into()).to_vec(),
            "ItalicAngle" => 0,
            "Ascent" => milli(metrics.ascent),
            "Descent" => milli(metrics.descent),
            "CapHeight" => milli(metrics.cap_height.unwrap_or(metrics.ascent)),
            "StemV" => 80,
        }
    }

    /// Every letter of the face with its glyph, by code point.
    fn mapped(&self) -> Vec<(u16, u16)> {
        let mappings = self.font.charmap().mappings();
        let mut mapped: Vec<(u16, u16)> = mappings
            .filter_map(|(c, glyph)| Some((c.try_into().ok()?, glyph.to_u32().try_into().ok()?)))
            .collect();
        mapped.sort_unstable();
        mapped
    }

    /// The map from codes to glyphs (ISO 32000-1, table 117).
    fn glyphs(&self) -> Vec<u8> {
        let mapped = self.mapped();
        let last = mapped.last().map_or(0, |(code, _)| usize::from(*code));
        let mut map = vec![0; 2 * (last + 1)];
        for (code, glyph) in mapped {
            map[2 * usize::from(code)..][..2].copy_from_slice(&glyph.to_be_bytes());
        }
        map
    }

    /// Widths by code (ISO 32000-1, 9.7.4.3).
    fn widths(&self) -> Vec<Object> {
        let width = |code: u16| char::from_u32(code.into()).map_or(0.0, |c| self.advance_milli(c));
        let of = |(code, _): (u16, u16)| {
            let list: Vec<Object> = vec![Object::Real(width(code))];
            [Object::from(i64::from(code)), list.into()]
        };
        self.mapped().into_iter().flat_map(of).collect()
    }
}

/// The objects of a font, which name each other only once they stand in a file.
#[derive(Clone)]
pub struct FontParts {
    program: Stream,
    descriptor: Dictionary,
    cid_to_gid: Stream,
    descendant: Dictionary,
    to_unicode: Stream,
    font: Dictionary,
}

impl FontParts {
    /// Puts them where `add` puts objects; gives the Type 0 font.
    pub fn put(&self, mut add: impl FnMut(Object) -> ObjectId) -> ObjectId {
        let mut parts = self.clone();
        parts.descriptor.set("FontFile2", add(parts.program.into()));
        parts
            .descendant
            .set("FontDescriptor", add(parts.descriptor.into()));
        parts
            .descendant
            .set("CIDToGIDMap", add(parts.cid_to_gid.into()));
        let descendant = add(parts.descendant.into());
        parts.font.set("DescendantFonts", vec![descendant.into()]);
        parts.font.set("ToUnicode", add(parts.to_unicode.into()));
        add(parts.font.into())
    }
}
