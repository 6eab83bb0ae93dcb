//! Patches drawn in every way a sheet may lie, and what a code on a page may mean.

use image::{GrayImage, Luma, imageops};
use proptest::prelude::*;

use super::judge::{Seen, marks};
use super::patch::{FoundPatch, READING_DPI, find};
use super::*;
use crate::formats::raster::{Dpi, Pixels};
use crate::model::Orientation;

const ALL: [Patch; 6] = [
    Patch::I,
    Patch::II,
    Patch::III,
    Patch::IV,
    Patch::VI,
    Patch::T,
];

fn black(image: &mut GrayImage, x: std::ops::Range<f32>, y: std::ops::Range<f32>, dpi: f32) {
    let px = |inches: f32| (inches * dpi).round() as u32;
    for row in px(y.start)..px(y.end) {
        for column in px(x.start)..px(x.end) {
            image.put_pixel(column, row, Luma([0]));
        }
    }
}

/// An A4 page with a patch four inches long at its upper edge.
fn page_with(patch: Patch, dpi: f32) -> GrayImage {
    let side = |inches: f32| (inches * dpi) as u32;
    let mut page = GrayImage::from_pixel(side(8.27), side(11.69), Luma([255]));
    let mut top = 0.4;
    for wide in patch.bars() {
        let bar = if wide { 0.20 } else { 0.08 };
        black(&mut page, 2.0..6.0, top..top + bar, dpi);
        top += bar + 0.08;
    }
    page
}

fn found(page: &GrayImage) -> Vec<Patch> {
    find(page)
        .into_iter()
        .map(|f: FoundPatch| f.patch)
        .collect()
}

#[test]
fn the_bars_of_all_patches_are_two_wide_and_two_narrow_and_all_different() {
    for patch in ALL {
        let wide = patch.bars().iter().filter(|wide| **wide).count();
        assert_eq!(wide, 2, "{patch:?}");
        let same = ALL.iter().filter(|other| other.bars() == patch.bars());
        assert_eq!(same.count(), 1);
    }
}

#[test]
fn every_patch_is_told_from_the_others_at_all_four_edges() {
    for patch in ALL {
        let page = page_with(patch, READING_DPI);
        assert_eq!(found(&page), [patch], "top");
        assert_eq!(found(&imageops::rotate180(&page)), [patch], "bottom");
        assert_eq!(found(&imageops::rotate90(&page)), [patch], "right");
        assert_eq!(found(&imageops::rotate270(&page)), [patch], "left");
    }
}

#[test]
fn grey_and_faint_patches_are_found() {
    for (dark, bright) in [(90, 220), (130, 190), (0, 60), (200, 240)] {
        let mut page = page_with(Patch::T, READING_DPI);
        for pixel in page.iter_mut() {
            *pixel = if *pixel == 0 { dark } else { bright };
        }
        assert_eq!(found(&page), [Patch::T], "{dark} on {bright}");
    }
}

#[test]
fn bars_that_are_no_patch_are_none() {
    let page = || page_with(Patch::T, READING_DPI);
    let mut short = page();
    for (x, _, pixel) in short.enumerate_pixels_mut() {
        if x > 190 {
            *pixel = Luma([255]);
        }
    }
    assert_eq!(found(&short), [], "half an inch long");
    let mut fifth = page();
    black(&mut fifth, 2.0..6.0, 1.0..1.28, READING_DPI);
    assert_eq!(found(&fifth), [], "a fifth bar without a space");
    let mut crossed = page();
    for x in (2..6).map(|x| x as f32) {
        black(&mut crossed, x..x + 0.5, 0.2..1.4, READING_DPI);
    }
    assert_eq!(found(&crossed), [], "a table's black head");
    let half = imageops::resize(&page(), 310, 438, imageops::Triangle);
    let mut small = GrayImage::from_pixel(620, 876, Luma([255]));
    imageops::replace(&mut small, &half, 0, 0);
    assert_eq!(found(&small), [], "half the size on the same paper");
}

#[test]
fn lines_of_print_and_rulings_are_no_patch() {
    let mut page = GrayImage::from_pixel(620, 876, Luma([255]));
    for line in 0..60_u32 {
        let (y, height) = (40 + line * 13, if line % 2 == 0 { 4 } else { 9 });
        for x in (60..560).filter(|x| (x * 7 + line) % 5 < 3) {
            for row in y..y + height {
                page.put_pixel(x, row, Luma([0]));
            }
        }
    }
    assert_eq!(found(&page), []);
}

fn raster(page: GrayImage, dpi: Option<f32>) -> Raster {
    Raster {
        pixels: Pixels::Gray(page),
        dpi: dpi.map(|dpi| Dpi { x: dpi, y: dpi }),
        orientation: Orientation::default(),
    }
}

#[test]
fn a_sheet_with_patch_t_is_a_mark_at_any_resolution_and_without_one() {
    for dpi in [100.0, 200.0, 300.0] {
        let page = page_with(Patch::T, dpi);
        assert_eq!(
            marks_of(&raster(page.clone(), Some(dpi))),
            [Mark::NextDossier]
        );
        assert_eq!(marks_of(&raster(page.clone(), None)), [Mark::NextDossier]);
        // A label that would make a page of four feet is not believed.
        assert_eq!(
            marks_of(&raster(page, Some(dpi / 5.0))),
            [Mark::NextDossier]
        );
    }
    for other in ALL.into_iter().filter(|patch| *patch != Patch::T) {
        assert_eq!(marks_of(&raster(page_with(other, 150.0), None)), []);
    }
}

#[test]
fn a_picture_of_a_pixel_has_no_marks() {
    for (width, height) in [(1, 1), (3, 2000), (2000, 1), (20, 20)] {
        let page = GrayImage::from_pixel(width, height, Luma([0]));
        assert_eq!(marks_of(&raster(page, Some(300.0))), []);
    }
}

const CODE: &str = "H10.12-221013-0001";
const CARD: &str = "098300000123|212345678|Nguyễn Văn An|01011990|Nam|Bình Phước|10052021";

fn code(symbol: Symbol, text: &str) -> Code {
    Code {
        symbol,
        text: text.to_owned(),
        place: Place {
            x: (0.4, 0.6),
            y: (0.4, 0.6),
        },
    }
}

fn judged(codes: &[(Symbol, &str)], written_share: f32) -> Vec<Mark> {
    marks(&Seen {
        codes: codes
            .iter()
            .map(|(symbol, text)| code(*symbol, text))
            .collect(),
        patches: Vec::new(),
        written_share,
    })
}

fn dossier(symbol: Symbol) -> Mark {
    let code = CODE.parse().expect("a code");
    Mark::Dossier { code, symbol }
}

const SHEET: f32 = 0.05;
const DOCUMENT: f32 = 0.3;

#[test]
fn our_own_qr_counts_on_any_page_and_in_no_other_symbol() {
    let ours = format!("SOHOA:1:{CODE}");
    for share in [SHEET, DOCUMENT] {
        assert_eq!(judged(&[(Symbol::Qr, &ours)], share), [dossier(Symbol::Qr)]);
        assert_eq!(judged(&[(Symbol::Code128, &ours)], share), []);
    }
    for wrong in ["SOHOA:1:H10", "SOHOA:2:H10.12-221013-0001", "SOHOA:1:"] {
        assert_eq!(judged(&[(Symbol::Qr, wrong)], SHEET), [], "{wrong}");
    }
}

#[test]
fn a_bare_code_counts_on_a_bare_sheet_only() {
    for symbol in [Symbol::Qr, Symbol::Code128, Symbol::Code39] {
        assert_eq!(judged(&[(symbol, CODE)], SHEET), [dossier(symbol)]);
        assert_eq!(judged(&[(symbol, CODE)], DOCUMENT), [], "a receipt slip");
    }
    let both = [
        (Symbol::Code128, CODE),
        (Symbol::Code128, CODE),
        (Symbol::Code128, "HOP 377"),
    ];
    assert_eq!(judged(&both, SHEET), [dossier(Symbol::Code128)]);
}

#[test]
fn a_page_with_anybody_elses_qr_is_a_document() {
    let portal = "https://dichvucong.gov.vn/p/home/dvc-tra-cuu-ho-so.html?ma=H10.12-221013-0001";
    for foreign in [CARD, portal, "PHIEU 12", "", "H10.12-221313-0001"] {
        assert_eq!(judged(&[(Symbol::Qr, foreign)], SHEET), []);
        assert_eq!(
            judged(&[(Symbol::Qr, foreign), (Symbol::Code128, CODE)], SHEET),
            []
        );
        assert_eq!(
            judged(&[(Symbol::Qr, foreign), (Symbol::Code39, "PATCHT")], SHEET),
            []
        );
    }
}

#[test]
fn patch_t_counts_on_a_bare_sheet_only() {
    let seen = |patches: &[Patch], written_share| Seen {
        codes: Vec::new(),
        patches: patches.to_vec(),
        written_share,
    };
    assert_eq!(marks(&seen(&[Patch::T], SHEET)), [Mark::NextDossier]);
    // Both ends of a sheet whose lower patch was printed the wrong way round.
    assert_eq!(
        marks(&seen(&[Patch::T, Patch::III], SHEET)),
        [Mark::NextDossier]
    );
    assert_eq!(marks(&seen(&[Patch::T], DOCUMENT)), []);
    // The code in bars of a sheet whose QR is torn.
    let torn = Seen {
        codes: vec![code(Symbol::Code128, CODE)],
        ..seen(&[Patch::T, Patch::T], DOCUMENT)
    };
    assert_eq!(marks(&torn), [dossier(Symbol::Code128)]);
    assert_eq!(marks(&seen(&[Patch::II, Patch::III], SHEET)), []);
    assert_eq!(
        judged(&[(Symbol::Code39, "PATCHT")], SHEET),
        [Mark::NextDossier]
    );
}

proptest! {
    #[test]
    fn the_qr_of_a_citizen_card_never_cuts(
        number in "[0-9]{12}", old in "[0-9]{0,9}", name in "\\PC{1,30}", share in 0.0..1.0_f32,
    ) {
        let card = format!("{number}|{old}|{name}|01011990|Nam|{CODE}|10052021");
        prop_assert_eq!(judged(&[(Symbol::Qr, &card)], share), []);
        prop_assert_eq!(judged(&[(Symbol::Qr, &card), (Symbol::Code128, CODE)], share), []);
    }
}

#[test]
fn a_place_turns_with_its_page() {
    let place = Place {
        x: (0.0, 0.1),
        y: (0.0, 0.25),
    };
    let on = |tag| place.upright(Orientation::from_exif(tag), 100, 200);
    let corner = |tag| (on(tag).x_px, on(tag).y_px, on(tag).w_px, on(tag).h_px);
    assert_eq!(corner(1), (0, 0, 10, 50));
    assert_eq!(corner(6), (75, 0, 25, 20));
    assert_eq!(corner(3), (90, 150, 10, 50));
}
