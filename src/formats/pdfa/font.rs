//! The invisible font: a TrueType program of one box, in a few variants of reach.
//!
//! Viewers mark a word from the font's ascent to its descent, so one font would
//! mark `xem` as high as `Ấn`. Each word is therefore set in the variant whose
//! reach just covers its ink; all variants share size and base line, so that
//! words of a line still look like one line to every extractor. (Measured with
//! `pdftotext -bbox`: docs/pdfa-clauses.md.)

use lopdf::{Dictionary, Object, ObjectId, dictionary};

use super::object_file::ObjectFile;

/// Advance of every glyph, in thousandths of the font size.
pub(in crate::formats) const ADVANCE_MILLI: u16 = 500;

/// Steps of the reach, in thousandths of the font size. poppler takes no ascent
/// above 1.05 and no descent below −0.4 at its word, and reads 0 as "unknown".
const ASCENTS_MILLI: [i16; 10] = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000];
const DESCENTS_MILLI: [i16; 5] = [20, 80, 150, 250, 350];

/// How far a variant's box reaches above and below the base line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::formats) struct Reach {
    ascent_milli: i16,
    descent_milli: i16,
}

impl Reach {
    /// The smallest variant that covers ink this far above and below the base
    /// line, in font sizes; the largest where the ink reaches beyond all of them.
    pub fn covering(ascent: f64, descent: f64) -> Self {
        fn step<const N: usize>(steps: [i16; N], reach: f64) -> i16 {
            // Half a hundredth short is no more than the ink's own blur.
            let fits = |step: &i16| f64::from(*step) >= reach * 1000.0 - 5.0;
            steps.into_iter().find(fits).unwrap_or(steps[N - 1])
        }
        Self {
            ascent_milli: step(ASCENTS_MILLI, ascent),
            descent_milli: step(DESCENTS_MILLI, descent),
        }
    }

    /// The size of type at which some variant covers ink this far above and below the base line.
    pub fn least_size(above: f64, below: f64) -> f64 {
        let [.., ascent_milli] = ASCENTS_MILLI;
        let [.., descent_milli] = DESCENTS_MILLI;
        let of = |ink: f64, milli: i16| ink * 1000.0 / f64::from(milli);
        of(above, ascent_milli).max(of(below, descent_milli))
    }

    /// The variant's name in the resources and, with `Sohoa` before it, of the font.
    pub fn name(&self) -> String {
        format!("R{}-{}", self.ascent_milli, self.descent_milli)
    }

    /// The variant of a name in the resources.
    pub fn named(name: &[u8]) -> Option<Self> {
        let variants = ASCENTS_MILLI.into_iter().flat_map(|ascent_milli| {
            DESCENTS_MILLI.map(|descent_milli| Self {
                ascent_milli,
                descent_milli,
            })
        });
        let mut variants = variants.filter(|reach| reach.name().as_bytes() == name);
        variants.next()
    }

    /// How far it reaches above and below the base line, in font sizes.
    pub fn in_sizes(&self) -> (f64, f64) {
        let sizes = |milli: i16| f64::from(milli) / 1000.0;
        (sizes(self.ascent_milli), sizes(self.descent_milli))
    }

    /// Writes the variant's font objects (ISO 32000-1, 9.7); gives the Type 0 font.
    pub fn write(&self, shared: &Shared, file: &mut ObjectFile) -> ObjectId {
        let program = truetype(*self);
        let program = file.add_deflated(program_entries(&program), &program);
        let descriptor = file.add(self.descriptor(program));
        let descendant = file.add(self.descendant(descriptor, shared));
        file.add(self.composite(descendant, shared))
    }

    /// The font program's bytes.
    pub fn program(&self) -> Vec<u8> {
        truetype(*self)
    }

    /// The Type 0 font (ISO 32000-1, 9.7.6).
    pub fn composite(&self, descendant: ObjectId, shared: &Shared) -> Dictionary {
        dictionary! {
            "Type" => "Font",
            "Subtype" => "Type0",
            "BaseFont" => self.base_font(),
            "Encoding" => "Identity-H",
            "DescendantFonts" => vec![descendant.into()],
            "ToUnicode" => shared.to_unicode,
        }
    }

    /// The CIDFont (ISO 32000-1, 9.7.4).
    pub fn descendant(&self, descriptor: ObjectId, shared: &Shared) -> Dictionary {
        dictionary! {
            "Type" => "Font",
            "Subtype" => "CIDFontType2",
            "BaseFont" => self.base_font(),
            "CIDSystemInfo" => dictionary! {
                "Registry" => Object::string_literal("Adobe"),
                "Ordering" => Object::string_literal("Identity"),
                "Supplement" => 0,
            },
            "FontDescriptor" => descriptor,
            "DW" => i64::from(ADVANCE_MILLI),
            "CIDToGIDMap" => shared.cid_to_gid,
        }
    }

    fn base_font(&self) -> Object {
        Object::Name(format!("Sohoa{}", self.name()).into_bytes())
    }

    /// The font descriptor (ISO 32000-1, 9.8).
    pub fn descriptor(&self, program: ObjectId) -> Dictionary {
        let (ascent, descent) = (i64::from(self.ascent_milli), i64::from(-self.descent_milli));
        dictionary! {
            "Type" => "FontDescriptor",
            "FontName" => self.base_font(),
            // Symbolic and of fixed pitch (ISO 32000-1, 9.8.2).
            "Flags" => 5,
            "FontBBox" => vec![0.into(), descent.into(), i64::from(ADVANCE_MILLI).into(), ascent.into()],
            "ItalicAngle" => 0,
            "Ascent" => ascent,
            "Descent" => descent,
            "CapHeight" => ascent,
            "StemV" => 80,
            "FontFile2" => program,
        }
    }
}

/// What all variants of a file point to.
pub(in crate::formats) struct Shared {
    /// The map of codes to glyphs.
    pub cid_to_gid: ObjectId,
    /// The map of codes to characters.
    pub to_unicode: ObjectId,
}

impl Shared {
    /// Writes both maps.
    pub fn write(to_unicode: &[u8], file: &mut ObjectFile) -> Self {
        Self {
            cid_to_gid: file.add_deflated(Dictionary::new(), &cid_to_gid_map()),
            to_unicode: file.add_deflated(Dictionary::new(), to_unicode),
        }
    }
}

/// The stream dictionary of a font program.
pub(super) fn program_entries(program: &[u8]) -> Dictionary {
    dictionary! { "Length1" => program.len() as i64 }
}

/// Every code to the one glyph; code 0 is `.notdef` and never used (ISO 19005-2, 6.2.11.8).
pub(super) fn cid_to_gid_map() -> Vec<u8> {
    let glyph_of = |code: u16| u16::from(code != 0).to_be_bytes();
    (0..=u16::MAX).flat_map(glyph_of).collect()
}

/// A TrueType program with the six tables that PDF asks for (ISO 32000-1, 9.9):
/// glyph 0 empty, glyph 1 a box of the reach.
fn truetype(reach: Reach) -> Vec<u8> {
    let glyph = box_glyph(reach);
    let loca = words(&[0, 0, glyph.len() as i16 / 2]);
    let tables: [(&[u8; 4], Vec<u8>); 6] = [
        (b"glyf", glyph),
        (b"head", head(reach)),
        (b"hhea", hhea(reach)),
        // One advance for both glyphs, then the bearing of the second.
        (b"hmtx", words(&[ADVANCE_MILLI as i16, 0, 0])),
        (b"loca", loca),
        (b"maxp", maxp()),
    ];
    let mut font = words(&[0, 1, 6, 64, 2, 32]);
    let mut data = Vec::new();
    for (tag, table) in &tables {
        let offset = 12 + 16 * tables.len() + data.len();
        font.extend_from_slice(*tag);
        font.extend_from_slice(&checksum(table).to_be_bytes());
        font.extend_from_slice(&(offset as u32).to_be_bytes());
        font.extend_from_slice(&(table.len() as u32).to_be_bytes());
        data.extend_from_slice(table);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    font[..4].copy_from_slice(&0x0001_0000u32.to_be_bytes());
    font.extend(data);
    font
}

/// A contour of four straight sides, its points as differences.
fn box_glyph(reach: Reach) -> Vec<u8> {
    let (wide, high) = (
        ADVANCE_MILLI as i16,
        reach.ascent_milli + reach.descent_milli,
    );
    let mut glyph = words(&[1, 0, -reach.descent_milli, wide, reach.ascent_milli, 3, 0]);
    glyph.extend_from_slice(&[1; 4]);
    glyph.extend(words(&[0, 0, wide, 0]));
    glyph.extend(words(&[-reach.descent_milli, high, 0, -high]));
    glyph
}

fn head(reach: Reach) -> Vec<u8> {
    let bounds = [
        0,
        -reach.descent_milli,
        ADVANCE_MILLI as i16,
        reach.ascent_milli,
    ];
    let mut head = words(&[1, 0, 1, 0, 0, 0]);
    head.extend_from_slice(&0x5F0F_3CF5u32.to_be_bytes());
    // Flags, 1000 units an em, then creation and change at the epoch (no clock here).
    head.extend(words(&[3, 1000, 0, 0, 0, 0, 0, 0, 0, 0]));
    head.extend(words(&bounds));
    // Style, smallest size, direction, short offsets in `loca`, format.
    head.extend(words(&[0, 6, 2, 0, 0]));
    head
}

fn hhea(reach: Reach) -> Vec<u8> {
    let advance = ADVANCE_MILLI as i16;
    let mut hhea = words(&[1, 0, reach.ascent_milli, -reach.descent_milli, 0, advance]);
    // Bearings and extent, upright caret, reserved words, one advance.
    hhea.extend(words(&[0, 0, advance, 1, 0, 0, 0, 0, 0, 0, 0, 1]));
    hhea
}

fn maxp() -> Vec<u8> {
    words(&[1, 0, 2, 4, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn words(values: &[i16]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

/// Sum of the table's big-endian words, the last filled with zeros.
fn checksum(table: &[u8]) -> u32 {
    table.chunks(4).fold(0, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_covering_reach_is_taken() {
        let reach = Reach::covering(0.46, 0.01);
        assert_eq!((reach.ascent_milli, reach.descent_milli), (500, 20));
        let tall = Reach::covering(1.2, 0.6);
        assert_eq!((tall.ascent_milli, tall.descent_milli), (1000, 350));
        assert_eq!(Reach::least_size(12.0, 0.35), 12.0);
    }

    #[test]
    fn the_tables_have_the_lengths_of_the_format() {
        let reach = Reach::covering(0.7, 0.2);
        assert_eq!(head(reach).len(), 54);
        assert_eq!(hhea(reach).len(), 36);
        assert_eq!(maxp().len(), 32);
        assert_eq!(box_glyph(reach).len() % 2, 0);
        assert_eq!(truetype(reach).len() % 4, 0);
    }
}
