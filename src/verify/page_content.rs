//! What a page's content stream shows, read by the auditor's own interpreter.
//!
//! The shape that our writer promises (formats/pdfa): the image is drawn first,
//! then one `BT … ET` a line, all text invisible (`3 Tr`), the strings inside
//! joined as they stand. Every operator that could put visible marks over the
//! image is foreign, so nothing can be painted over a page unseen.

use lopdf::content::Content;
use lopdf::{Object, content::Operation};

/// What a page shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Resource names of the images drawn, in order.
    pub images: Vec<Vec<u8>>,
    /// The text: lines by line feeds.
    pub text: String,
}

/// Why a page is not one image under invisible text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// The stream cannot be read to its end.
    #[error("unreadable content stream")]
    Unreadable,
    /// An operator that our writer never uses.
    #[error("operator {0}")]
    Operator(String),
    /// An operator with other operands, or at another place, than our writer's.
    #[error("operator {0} out of place")]
    Misplaced(String),
    /// Text that would be seen.
    #[error("visible text")]
    VisibleText,
    /// Text without a font, or whose codes have no Unicode text.
    #[error("text without Unicode")]
    NoUnicode,
}

/// The text rendering mode that shows nothing (ISO 32000-1, table 106).
const INVISIBLE: i64 = 3;

/// Gives the text of a string (second) in a named font (first), where it has one.
pub type Decode<'d> = dyn Fn(&[u8], &[u8]) -> Option<String> + 'd;

/// Reads a content stream.
pub fn read(content: &[u8], decode: &Decode<'_>) -> Result<Shown, Foreign> {
    let mut reader = Reader {
        decode,
        shown: Shown::default(),
        lines: 0,
        line: None,
        state: State::default(),
        saved: Vec::new(),
    };
    for operation in Content::decode_iter(content) {
        reader.take(&operation.map_err(|_| Foreign::Unreadable)?)?;
    }
    if reader.line.is_some() {
        return Err(Foreign::Misplaced("BT".to_owned()));
    }
    Ok(reader.shown)
}

/// The part of the graphics state that decides whether text is seen and how it reads.
#[derive(Clone, Default)]
struct State {
    font: Option<Vec<u8>>,
    mode: i64,
}

/// Deeper nesting than this of `q` is no page of ours.
const DEEPEST: usize = 32;

struct Reader<'d> {
    decode: &'d Decode<'d>,
    shown: Shown,
    lines: usize,
    /// The line between `BT` and `ET`.
    line: Option<String>,
    state: State,
    saved: Vec<State>,
}

impl Reader<'_> {
    fn take(&mut self, operation: &Operation) -> Result<(), Foreign> {
        let operands = operation.operands.as_slice();
        let done = match operation.operator.as_str() {
            "q" => self.save(),
            "Q" => self.saved.pop().map(|state| self.state = state),
            "Do" => self.draw(operands),
            "BT" => self.begin_line(),
            "ET" => self.end_line(),
            "Tf" => self.set_font(operands),
            "Tr" => self.set_mode(operands),
            "Tj" => return self.show(operands),
            "TJ" => return self.show_parts(operands),
            // Places and measures: they move the text and the image, but draw nothing.
            "cm" | "Tm" | "Td" | "Tz" | "Tc" | "Tw" | "Ts" | "TL" => numbers_only(operands),
            other => return Err(Foreign::Operator(other.to_owned())),
        };
        done.ok_or_else(|| Foreign::Misplaced(operation.operator.clone()))
    }

    fn save(&mut self) -> Option<()> {
        (self.saved.len() < DEEPEST).then(|| self.saved.push(self.state.clone()))
    }

    fn draw(&mut self, operands: &[Object]) -> Option<()> {
        let [Object::Name(name)] = operands else {
            return None;
        };
        // Behind the text an image could show what the text does not say.
        let first = self.line.is_none() && self.lines == 0;
        first.then(|| self.shown.images.push(name.clone()))
    }

    fn begin_line(&mut self) -> Option<()> {
        let outside = self.line.is_none();
        self.line = Some(String::new());
        outside.then_some(())
    }

    fn end_line(&mut self) -> Option<()> {
        let line = self.line.take()?;
        if self.lines > 0 {
            self.shown.text.push('\n');
        }
        self.shown.text.push_str(&line);
        self.lines += 1;
        Some(())
    }

    fn set_font(&mut self, operands: &[Object]) -> Option<()> {
        let [Object::Name(name), size] = operands else {
            return None;
        };
        size.as_float().ok()?;
        self.state.font = Some(name.clone());
        Some(())
    }

    fn set_mode(&mut self, operands: &[Object]) -> Option<()> {
        let [Object::Integer(mode)] = operands else {
            return None;
        };
        self.state.mode = *mode;
        Some(())
    }

    fn show_parts(&mut self, operands: &[Object]) -> Result<(), Foreign> {
        let [Object::Array(parts)] = operands else {
            return Err(Foreign::Misplaced("TJ".to_owned()));
        };
        for part in parts {
            match part {
                Object::String(..) => self.show(std::slice::from_ref(part))?,
                Object::Integer(_) | Object::Real(_) => {}
                _ => return Err(Foreign::Misplaced("TJ".to_owned())),
            }
        }
        Ok(())
    }

    fn show(&mut self, operands: &[Object]) -> Result<(), Foreign> {
        let ([Object::String(codes, _)], Some(line)) = (operands, self.line.as_mut()) else {
            return Err(Foreign::Misplaced("Tj".to_owned()));
        };
        if self.state.mode != INVISIBLE {
            return Err(Foreign::VisibleText);
        }
        let font = self.state.font.as_deref().ok_or(Foreign::NoUnicode)?;
        line.push_str(&(self.decode)(font, codes).ok_or(Foreign::NoUnicode)?);
        Ok(())
    }
}

fn numbers_only(operands: &[Object]) -> Option<()> {
    operands
        .iter()
        .all(|operand| operand.as_float().is_ok())
        .then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(content: &str) -> Result<Shown, Foreign> {
        read(content.as_bytes(), &|_, codes| {
            String::from_utf8(codes.to_vec()).ok()
        })
    }

    #[test]
    fn one_text_object_is_one_line() {
        let page = "q 10 0 0 20 0 0 cm /Im Do Q\n\
                    BT 3 Tr /F 9 Tf 1 0 0 1 5 5 Tm (a) Tj [(b ) -20 (c)] TJ ET\nBT (d) Tj ET";
        let expected = Shown {
            images: vec![b"Im".to_vec()],
            text: "ab c\nd".to_owned(),
        };
        assert_eq!(shown(page), Ok(expected));
    }

    #[test]
    fn nothing_may_be_seen_over_the_image() {
        let refused = |content: &str| shown(content).expect_err(content);
        assert_eq!(refused("/F 9 Tf BT (a) Tj ET"), Foreign::VisibleText);
        assert_eq!(
            refused("/F 9 Tf q 3 Tr Q BT (a) Tj ET"),
            Foreign::VisibleText
        );
        assert_eq!(refused("3 Tr BT (a) Tj ET"), Foreign::NoUnicode);
        for operator in ["1 0 0 rg", "0 0 9 9 re", "f", "/X gs", "(a) '", "/P BMC"] {
            let name = operator.rsplit(' ').next().expect("a name").to_owned();
            assert_eq!(refused(operator), Foreign::Operator(name), "{operator}");
        }
        for content in [
            "BT ET /Im Do",
            "BT /Im Do ET",
            "(a) Tj",
            "BT BT ET ET",
            "Q",
            "BT",
        ] {
            assert!(
                matches!(refused(content), Foreign::Misplaced(_)),
                "{content}"
            );
        }
    }
}
