//! hOCR 1.2: pages, lines and words with their boxes in pixels, as XHTML.

use super::super::xml::{DECLARATION, Element};
use super::{Bounds, Page, around};

/// The file of one document, whose PDF has this name.
pub fn file(name: &str, pages: &[Page]) -> Vec<u8> {
    let mut out = DECLARATION.to_owned();
    out.push_str("<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"vi\">\n");
    head(name).write(&mut out, 1);
    out.push_str("  <body>\n");
    for (number, page) in (1..).zip(pages) {
        written(name, number, page).write(&mut out, 2);
    }
    out.push_str("  </body>\n</html>\n");
    out.into_bytes()
}

fn head(name: &str) -> Element {
    let meta = |name: &str, content: &str| {
        Element::new("meta")
            .with("name", name)
            .with("content", content)
    };
    let program = format!("sohoa {}", env!("CARGO_PKG_VERSION"));
    Element::new("head")
        .child(Element::of("title", name))
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(meta("ocr-system", &program))
        .child(meta(
            "ocr-capabilities",
            "ocr_page ocr_carea ocr_par ocr_line ocrx_word",
        ))
        .child(meta("ocr-langs", "vi"))
}

fn written(name: &str, number: u32, page: &Page) -> Element {
    let title = format!(
        "image \"{name}\"; bbox 0 0 {} {}; ppageno {}; scan_res {} {}",
        page.width_px,
        page.height_px,
        number - 1,
        page.dpi,
        page.dpi
    );
    let element = Element::new("div")
        .with("class", "ocr_page")
        .with("id", format!("page_{number}"))
        .with("title", title);
    if page.lines.is_empty() {
        return element;
    }
    let lines = (1..).zip(&page.lines).map(|(line, words)| {
        let id = format!("{number}_{line}");
        let words = (1..).zip(words).map(|(at, word)| {
            let id = format!("word_{id}_{at}");
            marked("span", "ocrx_word", id, word.bounds).text(&word.text)
        });
        let words: Vec<Element> = words.collect();
        let around = around(&page.lines[line - 1]);
        // hOCR knows no line without a box: where no place is known, words stand in a line of plain XHTML.
        let line = match around {
            None => Element::new("span"),
            Some(_) => marked("span", "ocr_line", format!("line_{id}"), around),
        };
        line.children(words)
    });
    let whole = around(page.lines.iter().flatten());
    let par = marked("p", "ocr_par", format!("par_{number}_1"), whole).children(lines);
    element.child(marked("div", "ocr_carea", format!("block_{number}_1"), whole).child(par))
}

fn marked(name: &'static str, class: &str, id: String, bounds: Option<Bounds>) -> Element {
    let element = Element::new(name).with("class", class).with("id", id);
    match bounds {
        None => element,
        Some(Bounds {
            left,
            top,
            right,
            bottom,
        }) => element.with("title", format!("bbox {left} {top} {right} {bottom}")),
    }
}
