//! The characters that a model knows (`unicharset`): one line each, the number is its place.

use super::ModelFault;

/// No script has more; Tesseract's largest model knows some 13,000.
const MAX_GLYPHS: usize = 65_535;
/// Tesseract's limit for the UTF-8 of one character.
const MAX_GLYPH_BYTES: usize = 30;
const PART: &str = "lstm-unicharset";

/// A character, or what the model takes for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Its text.
    pub text: String,
    /// Whether it is a digit.
    pub digit: bool,
    /// Whether words of its script are parted by spaces.
    pub spaced: bool,
}

/// The characters of a model by number. Number 0 is the space.
#[derive(Clone, Debug)]
pub struct Charset {
    glyphs: Vec<Glyph>,
    spaced: bool,
}

/// Scripts that put no space between words.
const UNSPACED: &[&str] = &["Han", "Thai", "Hangul", "Hiragana", "Katakana"];
/// Those of them that make a whole language one without spaces, as Tesseract has it.
const UNSPACED_LANGUAGE: &[&str] = &["Han", "Thai", "Katakana"];
/// The bit of a line's properties that says digit.
const DIGIT: u32 = 8;

impl Charset {
    /// Reads the text of the part: the count, then a line for each character.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelFault> {
        let wrong = |cause| ModelFault::Malformed { part: PART, cause };
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("not UTF-8"))?;
        let mut lines = text.split('\n');
        let count = lines.next().and_then(|line| line.trim().parse().ok());
        let count: usize = count.ok_or(wrong("no count"))?;
        if count > MAX_GLYPHS {
            return Err(ModelFault::TooLarge { part: PART });
        }
        let mut charset = Self {
            glyphs: Vec::new(),
            spaced: true,
        };
        for line in lines.by_ref().take(count) {
            let found = charset.add(line);
            found.ok_or(wrong("a line that is not a character"))?;
        }
        if charset.glyphs.len() != count {
            return Err(ModelFault::CutOff { part: PART });
        }
        let first = charset.glyphs.first().map(|glyph| glyph.text.as_str());
        if first != Some(" ") {
            return Err(wrong("the first character is not the space"));
        }
        Ok(charset)
    }

    /// `text properties [measures] script other-case …`, parted by ASCII blanks.
    fn add(&mut self, line: &str) -> Option<()> {
        let mut fields = line
            .split([' ', '\t', '\r'])
            .filter(|field| !field.is_empty());
        let text = fields.next()?;
        let properties = u32::from_str_radix(fields.next()?, 16).ok()?;
        let script = fields.find(|field| !field.contains(',')).unwrap_or("NULL");
        if text.len() > MAX_GLYPH_BYTES {
            return None;
        }
        self.spaced &= !UNSPACED_LANGUAGE.contains(&script);
        self.glyphs.push(Glyph {
            text: if text == "NULL" { " " } else { text }.to_owned(),
            digit: properties & DIGIT != 0,
            spaced: !UNSPACED.contains(&script),
        });
        Some(())
    }

    /// How many characters.
    pub fn len(&self) -> usize {
        self.glyphs.len()
    }

    /// True of no charset that was read: there is always the space.
    pub fn is_empty(&self) -> bool {
        self.glyphs.is_empty()
    }

    /// The character of a number, none beyond the last.
    pub fn glyph(&self, number: u32) -> Option<&Glyph> {
        self.glyphs.get(number as usize)
    }

    /// Whether the language puts spaces between words.
    pub fn spaced(&self) -> bool {
        self.spaced
    }
}
