//! ALTO 4 (Library of Congress): pages, lines and words with their boxes in pixels.
//!
//! `PC` is the mean sureness of a page's words; that of a word (`WC`) is left out, because the package
//! does not keep it.

use super::super::xml::{DECLARATION, Element};
use super::{Bounds, BoxedWord, Page, around};

const NAMESPACE: &str = "http://www.loc.gov/standards/alto/ns-v4#";

/// The file of one document, whose PDF has this name.
pub fn file(name: &str, pages: &[Page]) -> Vec<u8> {
    let mut out = DECLARATION.to_owned();
    out.push_str(&format!(
        "<alto xmlns=\"{NAMESPACE}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"{NAMESPACE} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd\">\n"
    ));
    description(name).write(&mut out, 1);
    out.push_str("  <Layout>\n");
    for (number, page) in (1..).zip(pages) {
        written(number, page).write(&mut out, 2);
    }
    out.push_str("  </Layout>\n</alto>\n");
    out.into_bytes()
}

fn description(name: &str) -> Element {
    let software = Element::new("processingSoftware")
        .child(Element::of("softwareName", "sohoa"))
        .child(Element::of("softwareVersion", env!("CARGO_PKG_VERSION")));
    Element::new("Description")
        .child(Element::of("MeasurementUnit", "pixel"))
        .child(Element::new("sourceImageInformation").child(Element::of("fileName", name)))
        .child(
            Element::new("Processing")
                .with("ID", "sohoa")
                .child(software),
        )
}

fn written(number: usize, page: &Page) -> Element {
    let lines = (1..).zip(&page.lines);
    let lines = lines.map(|(line, words)| {
        let id = format!("p{number}_l{line}");
        let mut element = boxed(Element::new("TextLine").with("ID", &id), around(words));
        for (at, word) in (1..).zip(words) {
            if at > 1 {
                element = element.child(Element::new("SP"));
            }
            element = element.child(string(&format!("{id}_w{at}"), word));
        }
        element
    });
    let mut space = Element::new("PrintSpace")
        .with("HPOS", 0)
        .with("VPOS", 0)
        .with("WIDTH", page.width_px)
        .with("HEIGHT", page.height_px);
    if !page.lines.is_empty() {
        let block = Element::new("TextBlock").with("ID", format!("p{number}_b1"));
        space = space.child(boxed(block, around(page.lines.iter().flatten())).children(lines));
    }
    Element::new("Page")
        .with("ID", format!("p{number}"))
        .with("PHYSICAL_IMG_NR", number)
        .with("WIDTH", page.width_px)
        .with("HEIGHT", page.height_px)
        .with(
            "PC",
            format!("{}.{:02}", page.sure_pct / 100, page.sure_pct % 100),
        )
        .child(space)
}

fn string(id: &str, word: &BoxedWord) -> Element {
    let string = Element::new("String")
        .with("ID", id)
        .with("CONTENT", &word.text);
    boxed(string, word.bounds)
}

fn boxed(element: Element, bounds: Option<Bounds>) -> Element {
    match bounds {
        None => element,
        Some(bounds) => element
            .with("HPOS", bounds.left)
            .with("VPOS", bounds.top)
            .with("WIDTH", bounds.right - bounds.left)
            .with("HEIGHT", bounds.bottom - bounds.top),
    }
}
