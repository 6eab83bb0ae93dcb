//! The words of our own text layer with their places, read back from a PDF.
//!
//! The package keeps words nowhere else. A place is that of the invisible letters: their line runs as the
//! ink's does and a word is as wide as its ink, less where neighbours touched; above and below it
//! reaches as far as the font variant does that was chosen to cover the ink. How sure each word was is
//! not kept.

use lopdf::content::Content;
use lopdf::{Dictionary, Object, ObjectId};

use super::pages::{self, Fonts};
use super::pdf::{self, Pdf};

/// The words of one page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageWords {
    /// Width of the page in its units.
    pub width: f64,
    /// Height of the page in its units.
    pub height: f64,
    /// Lines in reading order, each with its words.
    pub lines: Vec<Vec<PlacedWord>>,
}

/// One word and the box around its letters: units of the page, from the upper left corner.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedWord {
    /// The word.
    pub text: String,
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl PageWords {
    /// The page's text, as its digest in the manifest is over it.
    pub fn plain(&self) -> String {
        let line = |words: &Vec<PlacedWord>| {
            let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            words.join(" ")
        };
        self.lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// The words of every page of a file of ours; nothing where it is none. Never panics.
pub fn words(bytes: &[u8]) -> Option<Vec<PageWords>> {
    pdf::contained(|| {
        let pdf = Pdf::open(bytes).ok()?;
        let mut fonts = Fonts::of(&pdf);
        let pages = pdf.pages().into_iter();
        pages.map(|page| words_of(&pdf, page, &mut fonts)).collect()
    })?
}

fn words_of<'p, 'f>(
    pdf: &'p Pdf<'f>,
    id: ObjectId,
    fonts: &mut Fonts<'p, 'f>,
) -> Option<PageWords> {
    let page = pdf.document.get_dictionary(id).ok()?;
    let resources = pdf.entry(page, b"Resources")?.as_dict().ok()?;
    let content = pages::content(pdf, page)?;
    fonts.learn(resources);
    let [left, bottom, right, top] = numbers(pdf.entry(page, b"MediaBox")?.as_array().ok()?)?;
    let mut reader = Reader {
        pdf,
        fonts,
        resources,
        page: PageWords {
            width: right - left,
            height: top - bottom,
            lines: Vec::new(),
        },
        line: None,
        word: None,
        font: None,
        stretch: 1.0,
    };
    for operation in Content::decode_iter(&content) {
        let operation = operation.ok()?;
        reader.take(&operation.operator, &operation.operands)?;
    }
    Some(reader.page)
}

fn numbers<const N: usize>(array: &[Object]) -> Option<[f64; N]> {
    let each: Option<Vec<f64>> = array
        .iter()
        .map(|n| Some(f64::from(n.as_float().ok()?)))
        .collect();
    each?.try_into().ok()
}

/// How far the letters of a font reach, and how wide one is, in font sizes.
#[derive(Clone, Copy)]
struct Metrics {
    ascent: f64,
    descent: f64,
    advance: f64,
}

struct Reader<'p, 'q, 'f> {
    pdf: &'p Pdf<'f>,
    fonts: &'q mut Fonts<'p, 'f>,
    resources: &'p Dictionary,
    page: PageWords,
    line: Option<Vec<PlacedWord>>,
    word: Option<Word>,
    font: Option<(Vec<u8>, f64, Metrics)>,
    /// `Tz` as a share.
    stretch: f64,
}

/// A word whose strings come in one by one.
struct Word {
    /// `a b c d e f` of `Tm`.
    matrix: [f64; 6],
    text: String,
    width: f64,
    /// The stretch of its first string: a last letter that reaches over a gap is as wide as those before it.
    stretch: Option<f64>,
}

impl Reader<'_, '_, '_> {
    fn take(&mut self, operator: &str, operands: &[Object]) -> Option<()> {
        match operator {
            "BT" => self.line = Some(Vec::new()),
            "ET" => {
                self.end_word();
                let line = self.line.take()?;
                // A line without words shows nothing, but it is a line of the page's text.
                self.page.lines.push(line);
            }
            "Tf" => {
                let [Object::Name(name), size] = operands else {
                    return None;
                };
                let metrics = self.metrics(name)?;
                self.font = Some((name.clone(), f64::from(size.as_float().ok()?), metrics));
            }
            "Tz" => self.stretch = numbers::<1>(operands)?[0] / 100.0,
            "Tm" => {
                self.end_word();
                self.word = Some(Word {
                    matrix: numbers(operands)?,
                    text: String::new(),
                    width: 0.0,
                    stretch: None,
                });
            }
            "Tj" => {
                let [Object::String(codes, _)] = operands else {
                    return None;
                };
                self.show(codes)?;
            }
            _ => {}
        }
        Some(())
    }

    fn metrics(&self, name: &[u8]) -> Option<Metrics> {
        let fonts = self.fonts.named(self.resources)?;
        let font = self.pdf.entry(fonts, name)?.as_dict().ok()?;
        let descendants = self.pdf.entry(font, b"DescendantFonts")?.as_array().ok()?;
        let (_, descendant) = self.pdf.document.dereference(descendants.first()?).ok()?;
        let descendant = descendant.as_dict().ok()?;
        let descriptor = self
            .pdf
            .entry(descendant, b"FontDescriptor")?
            .as_dict()
            .ok()?;
        let share = |of: &Dictionary, key: &[u8]| {
            Some(f64::from(self.pdf.entry(of, key)?.as_float().ok()?) / 1000.0)
        };
        Some(Metrics {
            ascent: share(descriptor, b"Ascent")?,
            descent: share(descriptor, b"Descent")?,
            advance: share(descendant, b"DW")?,
        })
    }

    fn show(&mut self, codes: &[u8]) -> Option<()> {
        let (name, size, metrics) = self.font.as_ref()?;
        let text = self.fonts.decode(self.resources, name, codes)?;
        if text == " " {
            self.end_word();
            return Some(());
        }
        let word = self.word.as_mut()?;
        word.text.push_str(&text);
        let stretch = *word.stretch.get_or_insert(self.stretch);
        word.width += (codes.len() / 2) as f64 * size * metrics.advance * stretch;
        Some(())
    }

    fn end_word(&mut self) {
        let Some((word, (_, size, metrics))) = self.word.take().zip(self.font.as_ref()) else {
            return;
        };
        let (above, below) = (metrics.ascent * size, metrics.descent * size);
        let [a, b, c, d, e, f] = word.matrix;
        let corner = |x: f64, y: f64| (a * x + c * y + e, self.page.height - (b * x + d * y + f));
        let corners = [
            corner(0.0, below),
            corner(word.width, below),
            corner(0.0, above),
            corner(word.width, above),
        ];
        let least = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::MAX, f64::min);
        let most = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::MIN, f64::max);
        let placed = PlacedWord {
            left: least(|corner| corner.0),
            top: least(|corner| corner.1),
            right: most(|corner| corner.0),
            bottom: most(|corner| corner.1),
            text: word.text,
        };
        if let Some(line) = self.line.as_mut().filter(|_| !placed.text.is_empty()) {
            line.push(placed);
        }
    }
}
