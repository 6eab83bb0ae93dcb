//! XML as the exporters write it: elements, attributes and text, escaped, two spaces a level.

use quick_xml::escape::escape;

/// An element with what is in it.
#[derive(Clone, Debug, Default)]
pub struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// An empty element.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// An element with text alone.
    pub fn of(name: &'static str, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::new(name)
        }
    }

    /// Adds an attribute.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// Gives it text; an element has text or elements.
    pub fn text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// Adds an element.
    pub fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    /// Adds elements.
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// Writes it behind what is there.
    pub fn write(&self, out: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        out.push_str(&format!("{indent}<{}", self.name));
        for (name, value) in &self.attributes {
            out.push_str(&format!(" {name}=\"{}\"", in_attribute(value)));
        }
        if self.children.is_empty() {
            match self.text.is_empty() {
                true => out.push_str("/>\n"),
                false => out.push_str(&format!(">{}</{}>\n", escape(&*self.text), self.name)),
            }
            return;
        }
        out.push_str(">\n");
        for child in &self.children {
            child.write(out, depth + 1);
        }
        out.push_str(&format!("{indent}</{}>\n", self.name));
    }

    /// A document with this root.
    pub fn document(&self) -> Vec<u8> {
        let mut out = DECLARATION.to_owned();
        self.write(&mut out, 0);
        out.into_bytes()
    }
}

/// The first line of every document.
pub const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Line ends and tabs would be read back as spaces (XML 1.0, 3.3.3), so they are written by number.
fn in_attribute(value: &str) -> String {
    let escaped = escape(value);
    escaped
        .replace('\t', "&#9;")
        .replace('\n', "&#10;")
        .replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(attribute in "[\\PC\t\n]{0,20}", text in "\\PC{1,20}") {
            let root = Element::new("a").child(Element::of("b", &*text).with("c", &attribute));
            let written = String::from_utf8(root.document()).expect("UTF-8");
            let mut reader = Reader::from_str(&written);
            let (mut told, mut read) = (None, String::new());
            loop {
                match reader.read_event().expect("well formed") {
                    Event::Start(start) if start.name().as_ref() == "b" => {
                        let c = start.attributes().next().expect("c").expect("c");
                        told = Some(quick_xml::escape::unescape(&c.value).expect("entities").into_owned());
                    }
                    Event::Text(part) if told.is_some() => read.push_str(&part),
                    Event::GeneralRef(entity) if told.is_some() => {
                        read.push('&');
                        read.push_str(&entity);
                        read.push(';');
                    }
                    Event::End(end) if end.name().as_ref() == "b" => break,
                    Event::Eof => break,
                    _ => {}
                }
            }
            prop_assert_eq!(told, Some(attribute));
            prop_assert_eq!(quick_xml::escape::unescape(&read).expect("entities"), text);
        }
    }
}
