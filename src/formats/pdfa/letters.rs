//! Letters: which characters may stand in the text layer, and the codes they get.
//!
//! Codes are two bytes (Identity-H). A character of the basic plane has its own
//! code point as code, so that even a reader that ignores `/ToUnicode` reads
//! Vietnamese; the few beyond it (emoji, rare Hán Nôm) get codes of the
//! surrogate range, which no character owns.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::PdfaFault;
use crate::model::{PageText, Word};

/// Codes for characters beyond U+FFFF: the surrogate range.
const RARE_CODES: std::ops::RangeInclusive<u16> = 0xD800..=0xDFFF;

/// Entries of one `beginbfchar` block (Adobe TN 5014 allows no more).
const BLOCK_ENTRIES: usize = 100;

/// The page's text as the file can carry it; for what a recogniser should give, the same.
///
/// Every word is NFC, without controls, invisible format characters (which could
/// make a page read otherwise than it looks) and the code points that PDF/A-2u
/// forbids (ISO 19005-2, 6.2.11.7.2); white space inside a word is one space;
/// words of which nothing is left are gone.
pub fn writable(page: &PageText) -> Cow<'_, PageText> {
    if page.words.iter().all(|word| is_writable(&word.text)) {
        return Cow::Borrowed(page);
    }
    let words = page.words.iter().map(|word| Word {
        text: clean(&word.text),
        ..word.clone()
    });
    Cow::Owned(PageText {
        words: words.filter(|word| !word.text.is_empty()).collect(),
        ..page.clone()
    })
}

fn is_writable(text: &str) -> bool {
    !text.is_empty() && clean(text) == text
}

/// One line of text that may stand in a PDF string, an XMP packet and a text layer.
pub(super) fn clean(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| may_stand(*c))
        .nfc()
        .collect();
    // After the filter, since what was dropped may have stood between two spaces.
    spaced
        .split(' ')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn may_stand(c: char) -> bool {
    // The joiners shape emoji and some scripts; all other format characters only hide things.
    if matches!(c, '\u{200C}' | '\u{200D}') {
        return true;
    }
    let last_two_of_a_plane = u32::from(c) & 0xFFFE == 0xFFFE;
    let noncharacter = last_two_of_a_plane || matches!(c, '\u{FDD0}'..='\u{FDEF}');
    let hidden = matches!(
        c.general_category(),
        GeneralCategory::Control | GeneralCategory::Format
    );
    !noncharacter && !hidden
}

/// The codes in use in one file.
#[derive(Default)]
pub(in crate::formats) struct Letters {
    used: BTreeMap<u16, char>,
    rare: BTreeMap<char, u16>,
}

impl Letters {
    /// The two-byte codes of a text, high byte first.
    pub fn encode(&mut self, text: &str) -> Result<Vec<u8>, PdfaFault> {
        let mut codes = Vec::with_capacity(2 * text.len());
        for c in text.chars() {
            codes.extend_from_slice(&self.code(c)?.to_be_bytes());
        }
        Ok(codes)
    }

    fn code(&mut self, c: char) -> Result<u16, PdfaFault> {
        let code = match u16::try_from(u32::from(c)) {
            Ok(own) => own,
            Err(_) => self.rare_code(c)?,
        };
        self.used.insert(code, c);
        Ok(code)
    }

    fn rare_code(&mut self, c: char) -> Result<u16, PdfaFault> {
        if let Some(code) = self.rare.get(&c) {
            return Ok(*code);
        }
        let code = RARE_CODES
            .clone()
            .nth(self.rare.len())
            .ok_or(PdfaFault::RareLetters)?;
        self.rare.insert(c, code);
        Ok(code)
    }

    /// The characters of some codes; none where a code is not in use or cut in half.
    pub fn decode(&self, codes: &[u8]) -> Option<String> {
        let (pairs, rest) = codes.as_chunks::<2>();
        let letter = |pair: &[u8; 2]| self.used.get(&u16::from_be_bytes(*pair));
        let text = pairs.iter().map(letter).collect::<Option<String>>();
        text.filter(|_| rest.is_empty())
    }

    /// Reads the codes in use back from a CMap; none unless it is, byte for byte,
    /// one that [`Letters::to_unicode`] writes, of characters that may stand in a text.
    pub fn read(cmap: &[u8]) -> Option<Self> {
        let mut letters = Self::default();
        let entries = std::str::from_utf8(cmap).ok()?.lines();
        for line in entries.skip_while(|line| !line.ends_with(" beginbfchar")) {
            let Some((code, letter)) = line.split_once("> <") else {
                continue;
            };
            let code = u16::from_str_radix(code.strip_prefix('<')?, 16);
            letters.take(code.ok()?, letter.strip_suffix('>')?)?;
        }
        (letters.to_unicode() == cmap).then_some(letters)
    }

    fn take(&mut self, code: u16, utf16_hex: &str) -> Option<()> {
        let units = match utf16_hex.len() {
            4 => vec![u16::from_str_radix(utf16_hex, 16).ok()?],
            8 => vec![
                u16::from_str_radix(utf16_hex.get(..4)?, 16).ok()?,
                u16::from_str_radix(utf16_hex.get(4..)?, 16).ok()?,
            ],
            _ => return None,
        };
        let letter = char::decode_utf16(units).next()?.ok()?;
        let own_code = u32::from(code) == u32::from(letter);
        let rare_code = RARE_CODES.contains(&code) && u32::from(letter) > 0xFFFF;
        if !(own_code || rare_code) || !may_stand(letter) {
            return None;
        }
        self.used.insert(code, letter);
        Some(())
    }

    /// The `/ToUnicode` CMap of exactly the codes in use (ISO 32000-1, 9.10.3).
    pub fn to_unicode(&self) -> Vec<u8> {
        let mut cmap = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n\
             /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
        );
        let entries: Vec<_> = self.used.iter().collect();
        for block in entries.chunks(BLOCK_ENTRIES) {
            let _ = writeln!(cmap, "{} beginbfchar", block.len());
            for (code, c) in block {
                let _ = writeln!(cmap, "<{code:04X}> <{}>", utf16_hex(**c));
            }
            cmap.push_str("endbfchar\n");
        }
        cmap.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        cmap.into_bytes()
    }
}

fn utf16_hex(c: char) -> String {
    c.encode_utf16(&mut [0; 2])
        .iter()
        .map(|unit| format!("{unit:04X}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vietnamese_in_nfc_passes_unchanged() {
        for word in ["Nguyễn", "ỦY", "quyết", "số:", "123/QĐ-UBND", "𡨸", "👍"] {
            assert_eq!(clean(word), word);
        }
        assert_eq!(clean("Nguye\u{0302}\u{0303}n"), "Nguyễn");
    }

    #[test]
    fn nothing_hidden_or_forbidden_is_left() {
        assert_eq!(
            clean("a\0b\u{FEFF}c\u{FFFE}d\u{202E}e\u{1FFFF}f\u{AD}"),
            "abcdef"
        );
        assert_eq!(clean("  a\u{A0}\u{200B} \tb\u{2028}"), "a b");
    }

    #[test]
    fn what_a_recogniser_should_give_is_not_even_copied() {
        let page = PageText::default();
        assert!(matches!(writable(&page), Cow::Borrowed(_)));
    }

    #[test]
    fn beyond_the_basic_plane_a_pair_stands_in_the_map() {
        let mut letters = Letters::default();
        let codes = letters.encode("ữ👍👍").expect("two letters");
        assert_eq!(codes, [0x1E, 0xEF, 0xD8, 0x00, 0xD8, 0x00]);
        let cmap = String::from_utf8(letters.to_unicode()).expect("ASCII");
        assert!(
            cmap.contains("<1EEF> <1EEF>\n<D800> <D83DDC4D>\n"),
            "{cmap}"
        );
    }

    #[test]
    fn the_2049th_rare_letter_is_a_fault() {
        let many: String = ('\u{20000}'..).take(2049).collect();
        let mut letters = Letters::default();
        assert!(letters.encode(&many[..2048 * 4]).is_ok());
        let fault = letters.encode(&many);
        assert!(matches!(fault, Err(PdfaFault::RareLetters)));
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in any::<String>()) {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once.clone());
            let forbidden = |c: char| c.is_control() || c == '\u{FEFF}';
            prop_assert!(!once.contains(forbidden));
        }
    }
}
