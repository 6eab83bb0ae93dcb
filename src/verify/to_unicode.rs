//! The auditor's own reading of a font's `/ToUnicode` map (ISO 32000-1, 9.10.3).
//!
//! Only what our writer writes is understood: two-byte codes and `bfchar` lines
//! in hexadecimal UTF-16BE. A code that the map does not name has no text.

use std::collections::HashMap;

/// Two-byte code → text.
#[derive(Debug, Default, PartialEq)]
pub struct ToUnicode {
    texts: HashMap<u16, String>,
}

impl ToUnicode {
    /// Reads a map; `None` where it is not of the form that our writer gives it.
    pub fn parse(cmap: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(cmap).ok()?;
        if text.contains("beginbfrange") || !text.contains("<0000> <FFFF>") {
            return None;
        }
        let mut texts = HashMap::new();
        for block in text.split("beginbfchar").skip(1) {
            let (block, _) = block.split_once("endbfchar")?;
            let mut tokens = block.split_ascii_whitespace();
            while let Some(code) = tokens.next() {
                let code = units(code)?;
                let [code] = code.as_slice() else { return None };
                let mapped = String::from_utf16(&units(tokens.next()?)?).ok()?;
                if texts.insert(*code, mapped).is_some() {
                    return None;
                }
            }
        }
        Some(Self { texts })
    }

    /// The text of a string of two-byte codes; `None` where a code has none.
    pub fn decode(&self, codes: &[u8]) -> Option<String> {
        if !codes.len().is_multiple_of(2) {
            return None;
        }
        let pairs = codes
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        pairs
            .map(|code| self.texts.get(&code).map(String::as_str))
            .collect()
    }
}

/// `<1EEF>` or `<D83DDC4D>` as 16-bit units.
fn units(token: &str) -> Option<Vec<u16>> {
    let digits = token.strip_prefix('<')?.strip_suffix('>')?;
    let well_formed = !digits.is_empty() && digits.len().is_multiple_of(4) && digits.is_ascii();
    if !well_formed {
        return None;
    }
    let starts = (0..digits.len()).step_by(4);
    starts
        .map(|start| u16::from_str_radix(digits.get(start..start + 4)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &str) -> String {
        format!(
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n2 beginbfchar\n{lines}\nendbfchar\n"
        )
    }

    #[test]
    fn codes_become_text_beyond_the_basic_plane_too() {
        let parsed = ToUnicode::parse(map("<1EEF> <1EEF>\n<D800> <D83DDC4D>").as_bytes());
        let text = parsed.expect("parses").decode(&[0x1E, 0xEF, 0xD8, 0x00]);
        assert_eq!(text.as_deref(), Some("ữ👍"));
    }

    #[test]
    fn what_our_writer_would_not_write_is_refused() {
        for lines in [
            "<0041>",
            "<41> <0041>",
            "<0041> <D83D>",
            "<0041> <0041>\n<0041> <0042>",
            "(A) <0041>",
            "<00é> <0041>",
        ] {
            assert_eq!(ToUnicode::parse(map(lines).as_bytes()), None, "{lines}");
        }
    }

    #[test]
    fn an_unmapped_code_has_no_text() {
        let parsed = ToUnicode::parse(map("<0041> <0041>").as_bytes()).expect("parses");
        assert_eq!(parsed.decode(&[0, 0x42]), None);
        assert_eq!(parsed.decode(&[0]), None);
    }
}
