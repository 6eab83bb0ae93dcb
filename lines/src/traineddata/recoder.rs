//! How characters are coded as outputs of the network: each as one to nine numbers.

use super::ModelFault;
use super::bytes::Bytes;

/// The longest code of a character.
pub const MAX_CODE_LENGTH: usize = 9;
/// As many as a network may put out.
const MAX_CODES: u32 = 65_535;

/// The code of one character.
pub type Code = Vec<u32>;

/// The codes of all characters, by their number.
#[derive(Clone, Debug)]
pub struct Recoder {
    encoded: Vec<Code>,
    codes: usize,
}

impl Recoder {
    /// Reads the part; there must be a code for each of `glyphs` characters, and one more at most
    /// (that of none, where no character stands for it).
    pub fn read(bytes: &mut Bytes<'_>, glyphs: usize) -> Result<Self, ModelFault> {
        let count = bytes.count(5)?;
        if count < glyphs || count > glyphs + 1 {
            return Err(bytes.wrong("not one code for each character"));
        }
        let mut encoded = Vec::new();
        for _ in 0..count {
            encoded.push(read_code(bytes)?);
        }
        if encoded[0] != [0] {
            return Err(bytes.wrong("the space is coded as something else"));
        }
        let last = encoded.iter().flatten().max();
        let codes = last.map_or(0, |last| *last as usize + 1);
        Ok(Self { encoded, codes })
    }

    /// The code of each character.
    pub fn encoded(&self) -> &[Code] {
        &self.encoded
    }

    /// One more than the largest number used.
    pub fn codes(&self) -> usize {
        self.codes
    }
}

fn read_code(bytes: &mut Bytes<'_>) -> Result<Code, ModelFault> {
    // Whether this character is the one that its code is read back as: not needed.
    bytes.u8()?;
    let length = bytes.size(MAX_CODE_LENGTH)?;
    if length == 0 {
        return Err(bytes.wrong("a character without a code"));
    }
    let mut code = Vec::new();
    for _ in 0..length {
        let number = bytes.u32()?;
        if number > MAX_CODES {
            return Err(bytes.wrong("a code beyond all outputs"));
        }
        code.push(number);
    }
    Ok(code)
}
