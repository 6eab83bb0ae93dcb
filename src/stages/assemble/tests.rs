//! Tests of the stage as a whole.

use super::*;
use crate::formats::raster::{Coding, Space};
use crate::model::document::Evidence;
use crate::model::{Confidence, DocumentType, Field, Fields, Point, PxBox, Word};

fn white_page() -> EncodedImage {
    // CCITT G4 of 8 white lines: one `V0` a line, then the end of the block (ITU-T T.6).
    EncodedImage {
        width_px: 8,
        height_px: 8,
        coding: Coding::CcittG4,
        space: Space::Bilevel,
        bytes: vec![0xFF, 0x00, 0x10, 0x01],
    }
}

fn page_text(words: &[(&str, u32)]) -> PageText {
    let word = |(text, line): &(&str, u32)| Word {
        text: (*text).to_owned(),
        bounds: PxBox {
            x_px: 1,
            y_px: 1,
            w_px: 4,
            h_px: 2,
        },
        baseline_start: Point {
            x_px: 1.0,
            y_px: 3.0,
        },
        baseline_end: Point {
            x_px: 5.0,
            y_px: 3.0,
        },
        confidence: Confidence::from_pct(90),
        block: 0,
        line: *line,
        leads_on: false,
    };
    PageText {
        width_px: 8,
        height_px: 8,
        dpi: 72,
        symbols: Vec::new(),
        words: words.iter().map(word).collect(),
    }
}

fn decision() -> Description {
    let field = |value: &str| Field {
        value: value.to_owned(),
        confidence: Confidence::from_pct(90),
        evidence: Evidence {
            page: 1,
            bounds: page_text(&[("x", 0)]).words[0].bounds,
            read: value.to_owned(),
        },
        rule: "test".to_owned(),
        alternatives: Vec::new(),
        repaired: 0,
    };
    Description {
        kind: DocumentType {
            id: "quyet_dinh".to_owned(),
            type_name: "02".to_owned(),
            title: "Quyết định".to_owned(),
            confidence: Confidence::from_pct(90),
            evidence: None,
            broader: None,
            cues: Vec::new(),
            runner_up: None,
        },
        fields: Fields::from([("so_ky_hieu".to_owned(), field("12/QĐ-UBND"))]),
        role: None,
        flags: Vec::new(),
    }
}

fn assembled(text: &PageText, source_page: u32) -> Result<Assembled, AssembleFault> {
    let dossier = "H10.12-221013-0001".parse().expect("a code");
    let page = AssemblePage {
        source_sha256: Digest::of(b"scan"),
        source_page,
        orientation: Orientation::UPRIGHT,
        dpi: Dpi { x: 72.0, y: 72.0 },
        text,
    };
    let document = AssembleInput {
        dossier: &dossier,
        n: 2,
        description: &decision(),
        pages: &[page],
    };
    assemble(&document, |_| Ok(white_page()))
}

#[test]
fn the_digests_are_those_of_image_and_text() {
    let text = page_text(&[("Cộng", 0), ("hòa", 0), ("Độc", 1)]);
    let made = assembled(&text, 1).expect("a document");
    let expected = PageDigests {
        image_sha256: Digest::of(&white_page().bytes),
        text_sha256: Digest::of("Cộng hòa\nĐộc".as_bytes()),
    };
    assert_eq!(made.pages, [expected]);
}

#[test]
fn the_digest_of_hostile_words_is_that_of_what_is_kept_of_them() {
    let made = assembled(&page_text(&[("a\0b", 0), ("\u{202E}", 0), ("c", 1)]), 1);
    let digest = made.expect("a document").pages[0].text_sha256;
    assert_eq!(digest, Digest::of(b"ab\nc"));
}

#[test]
fn the_same_input_makes_the_same_bytes_and_another_scan_another_identifier() {
    let text = page_text(&[("Cộng", 0)]);
    let bytes = |source_page| {
        let made = assembled(&text, source_page).expect("a document");
        made.pdf.bytes().to_vec()
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn the_title_names_the_document_and_its_dossier() {
    let made = assembled(&page_text(&[]), 1).expect("a document");
    let title = "Quyết định 12/QĐ-UBND (H10.12-221013-0001.02)";
    let bytes = made.pdf.bytes();
    let stands = bytes
        .windows(title.len())
        .any(|window| window == title.as_bytes());
    assert!(stands, "the title stands in the XMP packet");
}

#[test]
fn a_fault_of_the_loader_comes_back_as_it_is() {
    #[derive(Debug, PartialEq)]
    struct Gone;
    impl From<AssembleFault> for Gone {
        fn from(fault: AssembleFault) -> Self {
            panic!("not the loader's fault: {fault}")
        }
    }
    let dossier = "H10.12-221013-0001".parse().expect("a code");
    let text = page_text(&[]);
    let document = AssembleInput {
        dossier: &dossier,
        n: 1,
        description: &decision(),
        pages: &[AssemblePage {
            source_sha256: Digest::of(b"scan"),
            source_page: 1,
            orientation: Orientation::UPRIGHT,
            dpi: Dpi { x: 72.0, y: 72.0 },
            text: &text,
        }],
    };
    assert_eq!(assemble(&document, |_| Err(Gone)).err(), Some(Gone));
}
