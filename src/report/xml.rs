//! The little of XML and HTML that reports need: elements that close themselves, text that cannot break out.

/// Text for the inside of an element or a quoted attribute. What XML 1.0 cannot carry at all
/// (control characters, 2.2) becomes U+FFFD.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(letter),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

/// A document in the making.
#[derive(Default)]
pub struct Writer {
    text: String,
}

impl Writer {
    /// An element with what `inside` writes into it; attributes come ready, such as ` id="C1"`.
    pub fn element(&mut self, name: &str, attributes: &str, inside: impl FnOnce(&mut Self)) {
        self.text += &format!("<{name}{attributes}>");
        inside(self);
        self.text += &format!("</{name}>");
    }

    /// An element that holds text.
    pub fn text(&mut self, name: &str, text: impl AsRef<str>) {
        self.text += &format!("<{name}>{}</{name}>", escaped(text.as_ref()));
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: &str) {
        self.text += &format!("<{name}{attributes}/>");
    }

    /// The document.
    pub fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_an_element() {
        assert_eq!(
            escaped("a<b>&\"'\u{1}\u{ffff}ữ"),
            "a&lt;b&gt;&amp;&quot;&#39;\u{fffd}\u{fffd}ữ"
        );
        let mut writer = Writer::default();
        writer.element("a", " x=\"1\"", |inside| {
            inside.text("b", "<");
            inside.empty("c", "");
        });
        assert_eq!(writer.finish(), "<a x=\"1\"><b>&lt;</b><c/></a>");
    }
}
