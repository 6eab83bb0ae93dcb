//! The letters of a sheet: Arimo, cut down to what Vietnamese needs, carried in the file.

use lopdf::{Dictionary, Object, ObjectId, dictionary};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::formats::pdfa::letters::Letters;
use crate::formats::pdfa::object_file::ObjectFile;

const REGULAR: &[u8] = include_bytes!("font/Arimo-Regular.ttf");
const BOLD: &[u8] = include_bytes!("font/Arimo-Bold.ttf");

/// One cut of the typeface, and the letters used of it so far.
pub struct Face {
    name: &'static str,
    program: &'static [u8],
    font: FontRef<'static>,
    letters: Letters,
}

impl Face {
    /// The upright cut.
    pub fn regular() -> Self {
        Self::open("Arimo", REGULAR)
    }

    /// The bold cut.
    pub fn bold() -> Self {
        Self::open("Arimo-Bold", BOLD)
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
    pub fn write(&self, file: &mut ObjectFile) -> ObjectId {
        let length = self.program.len() as i64;
        let program = file.add_deflated(dictionary! { "Length1" => length }, self.program);
        let descriptor = file.add(self.descriptor(program));
        let cid_to_gid = file.add_deflated(Dictionary::new(), &self.glyphs());
        let descendant = file.add(dictionary! {
            "Type" => "Font",
            "Subtype" => "CIDFontType2",
            "BaseFont" => self.name,
            "CIDSystemInfo" => dictionary! {
                "Registry" => Object::string_literal("Adobe"),
                "Ordering" => Object::string_literal("Identity"),
                "Supplement" => 0,
            },
            "FontDescriptor" => descriptor,
            "W" => self.widths(),
            "CIDToGIDMap" => cid_to_gid,
        });
        let to_unicode = file.add_deflated(Dictionary::new(), &self.letters.to_unicode());
        file.add(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type0",
            "BaseFont" => self.name,
            "Encoding" => "Identity-H",
            "DescendantFonts" => vec![descendant.into()],
            "ToUnicode" => to_unicode,
        })
    }

    fn descriptor(&self, program: ObjectId) -> Dictionary {
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
            "FontFile2" => program,
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
