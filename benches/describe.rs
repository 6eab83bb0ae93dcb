//! Pages a second through the describing rules, on recorded recognitions (fixtures/words).
//!
//! `cargo bench --bench describe --no-default-features`; the rules must do at least
//! 1,000 pages a second, so that they never count beside recognition.

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use serde_json::Value;
use sohoa::formats::vietnamese::{Pattern, fold};
use sohoa::model::{Confidence, Describer, PageSigns, PageText, Point, PxBox, Word};
use sohoa::stages::describe::RuleDescriber;
use sohoa::stages::split::{PageToSplit, Side};

fn main() {
    divan::main();
}

#[divan::bench]
fn describe(bencher: Bencher) {
    let (pages, describer) = (recorded_pages(), RuleDescriber::default());
    bencher.counter(ItemsCount::new(pages.len())).bench(|| {
        pages
            .iter()
            .map(|page| describer.describe(&[page]))
            .collect::<Vec<_>>()
    });
}

#[divan::bench]
fn signs(bencher: Bencher) {
    let (pages, describer) = (recorded_pages(), RuleDescriber::default());
    let open = |page: &&PageText| describer.signs(page).opens > 0;
    bencher
        .counter(ItemsCount::new(pages.len()))
        .bench(|| pages.iter().filter(open).count());
}

/// A dossier of 2,000 pages cut into documents.
#[divan::bench]
fn split(bencher: Bencher) {
    let page = |place: u16| PageToSplit {
        side: Side::Written(PageSigns {
            opens: if place.is_multiple_of(3) { 300 } else { -200 },
            number: Some(place % 3 + 1),
            ..PageSigns::default()
        }),
        source: 0,
        pages_in_source: 2000,
    };
    let pages: Vec<PageToSplit> = (0..2000).map(page).collect();
    bencher
        .counter(ItemsCount::new(pages.len()))
        .bench(|| sohoa::stages::split::split(&pages));
}

/// The regime header searched in a whole page's folded text.
#[divan::bench]
fn find_in_a_page(bencher: Bencher) {
    let header = fold("Cộng hòa xã hội chủ nghĩa Việt Nam");
    let pattern = Pattern::new(&header).expect("27 letters");
    let pages: Vec<String> = recorded_pages().iter().map(|p| fold(&p.plain())).collect();
    bencher.counter(ItemsCount::new(pages.len())).bench(|| {
        pages
            .iter()
            .filter_map(|page| pattern.find(page, 4))
            .count()
    });
}

fn recorded_pages() -> Vec<PageText> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/words");
    let read = |name: &str| -> Value {
        let text = std::fs::read_to_string(folder.join(name)).expect("the fixtures are there");
        serde_json::from_str(&text).expect("the fixtures are JSON")
    };
    let index = read("index.json");
    let recordings = index.as_array().expect("a list").iter();
    recordings
        .map(|recording| PageText {
            width_px: number(&recording["width_px"]),
            height_px: number(&recording["height_px"]),
            dpi: number(&recording["dpi"]),
            symbols: Vec::new(),
            words: words(&read(recording["words"].as_str().expect("a file name"))),
        })
        .collect()
}

fn words(recorded: &Value) -> Vec<Word> {
    let mut lines = Vec::new();
    let read = |word: &Value| {
        let line = (&word["block"], &word["par"], &word["line"]);
        let key = format!("{line:?}");
        if lines.last() != Some(&key) {
            lines.push(key);
        }
        let bounds = PxBox {
            x_px: number(&word["x_px"]),
            y_px: number(&word["y_px"]),
            w_px: number(&word["w_px"]),
            h_px: number(&word["h_px"]),
        };
        let at = |x_px: u32| Point {
            x_px: x_px as f32,
            y_px: bounds.bottom_px() as f32,
        };
        Word {
            text: word["text"].as_str().expect("text").to_owned(),
            baseline_start: at(bounds.x_px),
            baseline_end: at(bounds.right_px()),
            bounds,
            confidence: Confidence::from_pct_f32(
                word["confidence_pct"].as_f64().unwrap_or(0.0) as f32
            ),
            block: number(&word["block"]),
            line: lines.len() as u32 - 1,
            leads_on: false,
        }
    };
    recorded
        .as_array()
        .expect("a list")
        .iter()
        .map(read)
        .collect()
}

fn number(value: &Value) -> u32 {
    value
        .as_u64()
        .and_then(|n| u32::try_from(n).ok())
        .expect("a whole number")
}
