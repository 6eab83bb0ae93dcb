//! Layers of known quality against a reading: the good pass, the bad do not.

use super::*;
use crate::model::{Orientation, Point};

const WORDS: [&str; 8] = ["Ủy", "ban", "nhân", "dân", "quyết", "định", "hòa", "giải,"];

/// Twenty lines of eight words at 300 dpi; the reading is sure of three words in four.
fn page() -> PageText {
    let word = |line: u32, at: u32| {
        let bounds = PxBox {
            x_px: 200 + at * 240,
            y_px: 300 + line * 70,
            w_px: 170,
            h_px: 44,
        };
        let baseline = |x_px: u32| Point {
            x_px: x_px as f32,
            y_px: (bounds.y_px + 34) as f32,
        };
        Word {
            text: WORDS[((line + at) % 8) as usize].to_owned(),
            bounds,
            baseline_start: baseline(bounds.x_px),
            baseline_end: baseline(bounds.right_px()),
            confidence: Confidence::from_pct(if (line + at).is_multiple_of(4) {
                60
            } else {
                92
            }),
            block: 0,
            line,
            leads_on: false,
        }
    };
    PageText {
        width_px: 2480,
        height_px: 3508,
        dpi: 300,
        symbols: Vec::new(),
        words: (0..20)
            .flat_map(|l| (0..8).map(move |a| word(l, a)))
            .collect(),
    }
}

fn changed(change: impl Fn(&mut Word)) -> PageText {
    let mut page = page();
    page.words.iter_mut().for_each(change);
    page
}

fn passes(layer: &PageText) -> bool {
    let Some(band) = band(layer) else {
        return false;
    };
    agrees(layer, &page(), band, &Options::default()).is_some()
}

#[test]
fn the_band_holds_about_a_quarter_of_the_words() {
    let page = page();
    let band = band(&page).expect("words enough");
    let held = page.words.iter().filter(|word| lies_in(word, band)).count();
    assert!((32..=64).contains(&held), "{held} of {}", page.words.len());
    assert_eq!((band.x_px, band.w_px), (0, 2480));
}

#[test]
fn the_same_words_agree_and_bring_their_confidence() {
    let layer = changed(|word| word.confidence = Confidence::default());
    let band = band(&layer).expect("words enough");
    let text = agrees(&layer, &page(), band, &Options::default()).expect("the same words");
    assert!(text.words.iter().all(|word| word.confidence.pct() == 100));
}

#[test]
fn tone_places_case_and_punctuation_are_no_matter() {
    assert!(passes(&changed(|word| {
        word.text = word.text.replace("hòa", "hoà").replace("giải,", "Giải");
    })));
}

#[test]
fn lost_marks_shifts_and_strange_text_do_not_agree() {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    let bare = changed(|word| {
        let bare = word.text.nfd().filter(|c| !is_combining_mark(*c));
        word.text = bare.collect();
    });
    let beside = changed(|word| word.bounds.x_px += 20);
    let below = changed(|word| {
        word.bounds.y_px += 20;
        word.baseline_start.y_px += 20.0;
    });
    let strange = changed(|word| word.text = word.text.chars().rev().collect());
    for (name, layer) in [
        ("bare", bare),
        ("beside", beside),
        ("below", below),
        ("strange", strange),
    ] {
        assert!(!passes(&layer), "{name}");
    }
}

#[test]
fn words_where_the_engine_sees_none_do_not_agree() {
    let mut layer = page();
    let invented = layer.words.clone().into_iter().map(|mut word| {
        word.bounds.y_px += 1600;
        word.baseline_start.y_px += 1600.0;
        word
    });
    let invented: Vec<_> = invented.collect();
    layer.words.extend(invented);
    // The band now lies where the page is empty, or half of it does.
    let band = PxBox {
        x_px: 0,
        y_px: 1000,
        w_px: 2480,
        h_px: 1900,
    };
    assert!(agrees(&layer, &page(), band, &Options::default()).is_none());
}

#[test]
fn a_few_words_are_no_layer_and_no_sure_word_is_no_judge() {
    let mut few = page();
    few.words.truncate(20);
    assert_eq!(band(&few), None);
    let unsure = changed(|word| word.confidence = Confidence::from_pct(50));
    let layer = page();
    let band = band(&layer).expect("words enough");
    assert_eq!(agreement(&layer, &unsure, band), None);
}

#[test]
fn the_part_cut_out_leads_back_to_the_same_places() {
    let pixels = GrayImage::from_fn(200, 300, |_, y| image::Luma([(y % 251) as u8]));
    // Read at half the page's resolution, levelled by a slant of one in fifty.
    let to_page = Affine {
        a: 2.0,
        b: 0.04,
        c: -0.04,
        d: 2.0,
        e: 5.0,
        f: 9.0,
    };
    let picture = Picture {
        key: super::super::PageKey {
            scan: crate::model::Digest::of(b"x"),
            index: 0,
        },
        pixels: &pixels,
        colors: None,
        dpi: 150,
        to_page,
        page_width_px: 400,
        page_height_px: 600,
        page_dpi: 300,
        orientation: Orientation::UPRIGHT,
        max_ms: 1000,
    };
    let band = PxBox {
        x_px: 0,
        y_px: 200,
        w_px: 400,
        h_px: 100,
    };
    let (part, way) = cut_to(&picture, band).expect("shows the band");
    let top = u32::from(part.get_pixel(0, 0)[0]);
    let whole = to_page.map(Point {
        x_px: 7.0,
        y_px: (top + 3) as f32,
    });
    assert_eq!(
        way.map(Point {
            x_px: 7.0,
            y_px: 3.0
        }),
        whole
    );
    let corner = way.map(Point {
        x_px: 0.0,
        y_px: 0.0,
    });
    assert!(
        corner.y_px <= 200.0 && part.height() < 70,
        "{corner:?} {}",
        part.height()
    );
    assert!(cut_to(&picture, PxBox { y_px: 5000, ..band }).is_none());
}
