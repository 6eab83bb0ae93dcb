//! Documents for the judges: every image coding, every orientation, easy and hostile words.

use std::path::Path;
use std::sync::LazyLock;

use sohoa::formats::pdfa::{ConformantPdf, DocumentInfo, PageInput, PdfaFault, write};
use sohoa::formats::raster::{Dpi, EncodedImage, Space};
use sohoa::model::{Confidence, Digest, Orientation, PageText, Point, PxBox, Word};

use super::images::{flate, g4, jpeg, progressive_jpeg};

/// A document with the words that its pages must give back.
pub struct Sample {
    pub name: String,
    pub pdf: ConformantPdf,
    pub texts: Vec<PageText>,
}

/// What a page is made of.
pub struct Page {
    pub image: EncodedImage,
    pub orientation: Orientation,
    pub dpi: f32,
    pub text: PageText,
}

pub fn sample(name: &str, title: &str, pages: Vec<Page>) -> Sample {
    let texts: Vec<PageText> = pages.iter().map(|page| page.text.clone()).collect();
    let info = DocumentInfo {
        title: title.to_owned(),
        subject: Some("V/v <thử> & \"kiểm\"".to_owned()),
        author: Some("UBND xã Đồng Xuyến".to_owned()),
        identity: Digest::of(name.as_bytes()),
    };
    let inputs = pages.iter().map(|page| {
        Ok::<_, PdfaFault>(PageInput {
            image: page.image.clone(),
            orientation: page.orientation,
            dpi: Dpi {
                x: page.dpi,
                y: page.dpi,
            },
            text: &page.text,
        })
    });
    let pdf = write(&info, inputs).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    Sample {
        name: name.to_owned(),
        pdf,
        texts,
    }
}

/// All documents that must be judged good, made once for all tests.
pub fn all() -> &'static [Sample] {
    static ALL: LazyLock<Vec<Sample>> = LazyLock::new(make_all);
    &ALL
}

fn make_all() -> Vec<Sample> {
    let mut samples = codings();
    samples.extend((1..=8).map(oriented));
    samples.extend(
        recorded()
            .into_iter()
            .map(|(name, text)| sample(&name, "Trang đọc bằng Tesseract", vec![inked(text)])),
    );
    let recorded = recorded();
    let many = recorded.iter().cycle().take(30);
    let many = many.map(|(_, text)| inked(text.clone()));
    samples.push(sample("many_pages", "Nhiều trang", many.collect()));
    samples.push(sample("no_words", "", vec![inked(empty_text(400, 600))]));
    samples.push(sample(
        "rare_letters",
        "Chữ hiếm 𡨸 👍",
        vec![inked(rare_letters())],
    ));
    samples.push(sample(
        "hostile_words",
        &hostile_title(),
        vec![inked(hostile_words())],
    ));
    samples.push(sample(
        "four_directions",
        "Bốn hướng",
        vec![inked(four_directions())],
    ));
    samples
}

fn codings() -> Vec<Sample> {
    let (width, height) = (300, 400);
    let grey: Vec<u8> = (0..width * height).map(|at| (at % 251) as u8).collect();
    let rgb: Vec<u8> = (0..3 * width * height).map(|at| (at % 241) as u8).collect();
    let images = [
        (
            "jpeg_grey",
            jpeg(&grey, width, height, image::ExtendedColorType::L8),
        ),
        (
            "jpeg_rgb",
            jpeg(&rgb, width, height, image::ExtendedColorType::Rgb8),
        ),
        ("jpeg_progressive", progressive_jpeg()),
        ("flate_grey", flate(&grey, width, height, Space::Gray)),
        ("flate_rgb", flate(&rgb, width, height, Space::Rgb)),
        (
            "flate_bilevel",
            flate(&grey[..grey.len() / 8], 304, 390, Space::Bilevel),
        ),
    ];
    let pages = images.map(|(name, image)| {
        let text = line_of(
            &["Ủy", "ban", "nhân", "dân"],
            image.width_px,
            image.height_px,
        );
        let page = Page {
            image,
            orientation: Orientation::UPRIGHT,
            dpi: 72.0,
            text,
        };
        sample(name, name, vec![page])
    });
    pages.into()
}

/// Stored so that, turned by its EXIF tag, a black bar lies at the top and a square below its left end.
fn oriented(exif: u32) -> Sample {
    let orientation = Orientation::from_exif(exif);
    let upright = |x: u32, y: u32| y < 20 || (x < 30 && y < 60);
    let (width, height) = orientation.upright_size(200, 300);
    let (stored_width, stored_height) = (width, height);
    let dark = |stored_x: u32, stored_y: u32| {
        let (mut x, mut y, mut w, mut h) = (stored_x, stored_y, stored_width, stored_height);
        if orientation.mirrored {
            x = w - 1 - x;
        }
        for _ in 0..orientation.quarter_turns {
            (x, y) = (h - 1 - y, x);
            (w, h) = (h, w);
        }
        upright(x, y)
    };
    let image = g4(stored_width, stored_height, dark);
    let text = line_of(&["Đứng", "thẳng"], 200, 300);
    let page = Page {
        image,
        orientation,
        dpi: 72.0,
        text,
    };
    sample(&format!("exif_{exif}"), "Tám hướng", vec![page])
}

/// The words that Tesseract read on the fixtures (fixtures/words), with their pages' sizes.
pub fn recorded() -> Vec<(String, PageText)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/words");
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        serde_json::from_slice::<serde_json::Value>(&bytes).expect("JSON")
    };
    let index = read("index.json");
    let pages = index.as_array().expect("a list").iter().map(|page| {
        let name = page["words"].as_str().expect("a name").to_owned();
        let text = recorded_text(page, &read(&name));
        (name.replace(".json", ""), text)
    });
    pages.collect()
}

fn recorded_text(page: &serde_json::Value, words: &serde_json::Value) -> PageText {
    let number = |value: &serde_json::Value| value.as_u64().expect("a number") as u32;
    let mut text = empty_text(number(&page["width_px"]), number(&page["height_px"]));
    text.dpi = number(&page["dpi"]);
    let mut last = None;
    for word in words.as_array().expect("a list") {
        let place = ["block", "par", "line"].map(|key| number(&word[key]));
        let line = text.words.last().map_or(0, |word| word.line);
        let line = line + u32::from(last.is_some_and(|last| last != place));
        last = Some(place);
        let [x, y, w, h] = ["x_px", "y_px", "w_px", "h_px"].map(|key| number(&word[key]));
        let string = word["text"].as_str().expect("a text");
        text.words
            .push(self::word(string, [x, y, w, h], place[0], line));
    }
    settle_baselines(&mut text);
    text
}

/// The recording has no base lines: the middle bottom of a line's words without descenders.
fn settle_baselines(text: &mut PageText) {
    let hangs = |word: &Word| {
        word.text
            .contains(|c| "gpqyQ,;()/ạặậẹệịọộợụựỵẠẶẬẸỆỊỌỘỢỤỰỴ".contains(c))
    };
    for line in text
        .words
        .chunk_by_mut(|left, right| left.line == right.line)
    {
        let mut bottoms: Vec<u32> = line
            .iter()
            .filter(|word| !hangs(word))
            .map(|word| word.bounds.bottom_px())
            .collect();
        bottoms.sort_unstable();
        let Some(base_px) = bottoms.get(bottoms.len() / 2) else {
            continue;
        };
        for word in line {
            word.baseline_start.y_px = *base_px as f32;
            word.baseline_end.y_px = *base_px as f32;
        }
    }
}

fn rare_letters() -> PageText {
    let mut text = line_of(
        &[
            "👍",
            "𡨸𡦂",
            "Ω≈ç√",
            "日本語",
            "ѬѪ",
            "\u{E000}x",
            "👩\u{200D}🔬",
        ],
        800,
        200,
    );
    text.words.iter_mut().for_each(|word| word.block = 3);
    text
}

fn hostile_words() -> PageText {
    let long = "ữ".repeat(20_000);
    let mut text = line_of(
        &[
            "\0",
            "a\u{7}b",
            "\u{301}mark",
            "\u{FEFF}bom",
            "\u{202E}txet",
            "(\\)",
            "a b",
            &long,
            "cuối",
        ],
        900,
        300,
    );
    let bounds = [
        PxBox {
            x_px: 0,
            y_px: 0,
            w_px: 0,
            h_px: 0,
        },
        PxBox {
            x_px: 5000,
            y_px: 5000,
            w_px: 10,
            h_px: 10,
        },
        PxBox {
            x_px: u32::MAX,
            y_px: u32::MAX,
            w_px: u32::MAX,
            h_px: u32::MAX,
        },
    ];
    for (index, bounds) in bounds.into_iter().enumerate() {
        let mut word = text.words[5].clone();
        word.text = format!("ngoài{index}");
        word.bounds = bounds;
        word.baseline_start = Point {
            x_px: f32::NAN,
            y_px: f32::INFINITY,
        };
        word.line = 10 + index as u32;
        text.words.push(word);
    }
    text
}

fn hostile_title() -> String {
    format!("<a>&amp;\"'\0\u{202E}]]>{}", " rất dài".repeat(10_000))
}

/// A line in each of the four directions, as tables and stamps have.
fn four_directions() -> PageText {
    let mut text = line_of(&["Từ", "trái", "sang"], 600, 600);
    let place = |n: u32| 100 + 90 * n;
    for (line, (from, to)) in [
        (1, ((0, 1), (0, 0))),
        (2, ((1, 0), (0, 0))),
        (3, ((0, 0), (0, 1))),
    ] {
        for n in 0..3u32 {
            let upright = from.0 == to.0;
            // Words of lines that run up or leftwards come in that order.
            let at = if line == 3 { place(n) } else { place(2 - n) };
            let bounds = match upright {
                true => [100 * line, at, 30, 70],
                false => [at, 450, 70, 30],
            };
            let [x, y, w, h] = bounds;
            let mut word = word(["một", "hai", "ba"][n as usize], bounds, line, line);
            let end = |(right, down): (u32, u32)| Point {
                x_px: (x + if upright {
                    if line == 1 { w } else { 0 }
                } else {
                    right * w
                }) as f32,
                y_px: (y + if upright { down * h } else { 0 }) as f32,
            };
            (word.baseline_start, word.baseline_end) = (end(from), end(to));
            text.words.push(word);
        }
    }
    text
}

fn empty_text(width_px: u32, height_px: u32) -> PageText {
    PageText {
        width_px,
        height_px,
        dpi: 72,
        symbols: Vec::new(),
        words: Vec::new(),
    }
}

fn line_of(words: &[&str], width_px: u32, height_px: u32) -> PageText {
    let step = (width_px - 20) / words.len() as u32;
    let mut text = empty_text(width_px, height_px);
    text.words = words
        .iter()
        .zip(0..)
        .map(|(string, n)| word(string, [10 + n * step, 40, step * 4 / 5, 12], 0, 0))
        .collect();
    text
}

fn word(text: &str, [x_px, y_px, w_px, h_px]: [u32; 4], block: u32, line: u32) -> Word {
    let bounds = PxBox {
        x_px,
        y_px,
        w_px,
        h_px,
    };
    let base_px = bounds.bottom_px() as f32;
    Word {
        text: text.to_owned(),
        bounds,
        baseline_start: Point {
            x_px: x_px as f32,
            y_px: base_px,
        },
        baseline_end: Point {
            x_px: bounds.right_px() as f32,
            y_px: base_px,
        },
        confidence: Confidence::from_pct(90),
        block,
        line,
        leads_on: false,
    }
}

/// A page whose ink is a black bar in the box of every word.
fn inked(text: PageText) -> Page {
    let (width, height) = (text.width_px, text.height_px);
    let mut ink = vec![false; (width * height) as usize];
    for word in &text.words {
        let bounds = &word.bounds;
        for y in bounds.y_px..bounds.bottom_px().min(height) {
            for x in bounds.x_px..bounds.right_px().min(width) {
                ink[(y * width + x) as usize] = true;
            }
        }
    }
    let image = g4(width, height, |x, y| ink[(y * width + x) as usize]);
    let dpi = text.dpi as f32;
    Page {
        image,
        orientation: Orientation::UPRIGHT,
        dpi,
        text,
    }
}
