//! Recorded recognitions of fixture pages (fixtures/words) against their truth.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use super::super::RuleDescriber;
use crate::model::{Confidence, Describer, PageText, Point, PxBox, Word};

#[derive(Deserialize)]
struct Recording {
    words: String,
    ma_ho_so: String,
    file: String,
    index: u64,
    dpi: u32,
    width_px: u32,
    height_px: u32,
}

#[derive(Deserialize)]
struct ReadWord {
    text: String,
    x_px: u32,
    y_px: u32,
    w_px: u32,
    h_px: u32,
    confidence_pct: f32,
    block: u32,
    par: u32,
    line: u32,
}

fn load<T: serde::de::DeserializeOwned>(path: &str) -> T {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(path);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file:?}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file:?}: {e}"))
}

fn page_text(recording: &Recording) -> PageText {
    let read: Vec<ReadWord> = load(&format!("words/{}", recording.words));
    let mut lines = Vec::new();
    let words = read.into_iter().map(|word| {
        let line = (word.block, word.par, word.line);
        if lines.last() != Some(&line) {
            lines.push(line);
        }
        let at = |x_px: u32| Point {
            x_px: x_px as f32,
            y_px: (word.y_px + word.h_px) as f32,
        };
        Word {
            bounds: PxBox {
                x_px: word.x_px,
                y_px: word.y_px,
                w_px: word.w_px,
                h_px: word.h_px,
            },
            baseline_start: at(word.x_px),
            baseline_end: at(word.x_px + word.w_px),
            confidence: Confidence::from_pct_f32(word.confidence_pct),
            block: word.block,
            line: lines.len() as u32 - 1,
            text: word.text,
            leads_on: false,
        }
    });
    PageText {
        words: words.collect(),
        width_px: recording.width_px,
        height_px: recording.height_px,
        dpi: recording.dpi,
        symbols: Vec::new(),
    }
}

/// The document whose first page this is.
fn truth(recording: &Recording) -> Value {
    let dossier: Value = load(&format!("truth/{}.json", recording.ma_ho_so));
    let documents = dossier["documents"].as_array().expect("documents");
    let is_it = |document: &&Value| {
        let first = &document["pages"][0];
        first["file"] == recording.file.as_str() && first["index"] == recording.index
    };
    documents.iter().find(is_it).expect("a first page").clone()
}

#[test]
fn recorded_pages_get_their_type_and_open_a_document() {
    let recordings: Vec<Recording> = load("words/index.json");
    assert!(!recordings.is_empty());
    let describer = RuleDescriber::default();
    for recording in &recordings {
        let page = page_text(recording);
        let kind = describer.describe(&[&page]).kind;
        // The truth knows the general types alone.
        let general = kind.broader.as_deref().unwrap_or(&kind.id);
        assert_eq!(general, truth(recording)["type"], "{}", recording.words);
        assert!(describer.signs(&page).opens > 0, "{}", recording.words);
    }
}

#[test]
fn fields_of_recorded_pages_are_the_true_ones() {
    let recordings: Vec<Recording> = load("words/index.json");
    for recording in &recordings {
        let page = page_text(recording);
        let fields = RuleDescriber::default().describe(&[&page]).fields;
        let truth = truth(recording);
        for (id, named) in [
            ("so_ky_hieu", "so_ky_hieu"),
            ("ngay_ban_hanh", "ngay"),
            ("ma_ho_so", "ma_ho_so"),
        ] {
            let expected = truth["fields"][named].as_str();
            let read = fields.get(id).map(|field| field.value.as_str());
            // A number the recogniser lost may be absent, but never wrong.
            if read.is_some() && expected.is_some() {
                assert_eq!(read, expected, "{} {id}", recording.words);
            }
        }
        let wanted = truth["fields"]["so_ky_hieu"].is_string();
        assert_eq!(
            fields.contains_key("so_ky_hieu"),
            wanted,
            "{}",
            recording.words
        );
    }
}
