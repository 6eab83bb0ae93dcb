//! Printed sheets through Poppler at the resolutions of scanners, back into the reader.

use std::path::Path;

use image::{GrayImage, imageops};
use sohoa::formats::barcode::{Mark, Symbol, marks_of, seen_on};
use sohoa::formats::raster::{Dpi, Pixels, Raster};
use sohoa::formats::sheets::{pdf, read_list};
use sohoa::model::Orientation;
use sohoa::stages::intake::{self, Entry, Options};

use crate::tools::{root, run, said, write};

const CODES: [&str; 3] = [
    "H10.12-221013-0001",
    "000.00.41.H46-231022-7838",
    "G09-251121-0912345",
];

/// The printed sheets as Poppler draws them.
fn drawn(dpi: u32) -> Vec<GrayImage> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let list = format!(
        "ma_ho_so;hop\n{};12\n{};\n{};3\n",
        CODES[0], CODES[1], CODES[2]
    );
    let sheets = read_list(list.as_bytes()).expect("a good list");
    let printed = write(folder.path(), "sheets.pdf", &pdf(&sheets));
    let checked = run("qpdf", &[Path::new("--check"), &printed]);
    assert!(checked.status.success(), "{}", said(&checked));
    let (dpi, pages) = (dpi.to_string(), folder.path().join("page"));
    let arguments = [
        Path::new("-r"),
        Path::new(&dpi),
        Path::new("-gray"),
        Path::new("-png"),
        &printed,
        &pages,
    ];
    let output = run("pdftoppm", &arguments);
    assert!(output.status.success(), "{}", said(&output));
    let page = |n: usize| image::open(folder.path().join(format!("page-{n}.png")));
    (1..=CODES.len())
        .map(|n| page(n).expect("a page").into_luma8())
        .collect()
}

fn raster(page: GrayImage, dpi: u32) -> Raster {
    let dpi = dpi as f32;
    Raster {
        pixels: Pixels::Gray(page),
        dpi: Some(Dpi { x: dpi, y: dpi }),
        orientation: Orientation::default(),
    }
}

fn qr(code: &str) -> Mark {
    let code = code.parse().expect("a code");
    let symbol = Symbol::Qr;
    Mark::Dossier { code, symbol }
}

#[test]
fn every_sheet_is_read_at_every_resolution_and_any_way_up() {
    for dpi in [100, 150, 200, 300] {
        for (page, code) in drawn(dpi).into_iter().zip(CODES) {
            for turned in [imageops::rotate90(&page), imageops::rotate180(&page), page] {
                let marks = marks_of(&raster(turned, dpi));
                assert!(marks.contains(&qr(code)), "{code} at {dpi}: {marks:?}");
                assert!(
                    marks.contains(&Mark::NextDossier),
                    "{code} at {dpi}: {marks:?}"
                );
                assert_eq!(marks.len(), 3, "{code} at {dpi}: {marks:?}");
            }
        }
    }
}

/// What wears a sheet, by name.
type Wear = (&'static str, fn(&mut GrayImage));

#[test]
fn worn_sheets_are_read() {
    let wear: [Wear; 4] = [
        ("grey", |page| {
            page.iter_mut().for_each(|v| *v = 90 + *v / 2)
        }),
        ("faint", |page| {
            page.iter_mut().for_each(|v| *v = 170 + *v / 5)
        }),
        ("dark", |page| page.iter_mut().for_each(|v| *v /= 3)),
        ("blurred", |page| *page = imageops::blur(page, 3.0)),
    ];
    for (page, code) in drawn(200).into_iter().zip(CODES) {
        for (name, wear) in wear {
            let mut worn = page.clone();
            wear(&mut worn);
            let marks = marks_of(&raster(worn, 200));
            assert!(marks.contains(&qr(code)), "{code} {name}: {marks:?}");
        }
        // A corner of the QR torn off: then the bars tell, beside the patch.
        let mut torn = page.clone();
        let (left, top) = (520, 640);
        for y in top..top + 240 {
            for x in left..left + 190 {
                torn.put_pixel(x, y, image::Luma([255]));
            }
        }
        let marks = marks_of(&raster(torn, 200));
        assert!(!marks.is_empty(), "{code} torn");
    }
}

/// Every page of the good fixtures: papers with tables, frames, seals, codes in print.
#[test]
fn no_paper_bears_a_mark_or_a_patch() {
    let options = Options::default();
    let mut pages = 0;
    for dossier in std::fs::read_dir(root().join("fixtures/dossiers")).expect("the fixtures") {
        let entry = Entry::folder("papers", dossier.expect("an entry").path());
        let mut survey =
            intake::survey(&entry, &options, &std::env::temp_dir()).expect("nothing to unpack");
        survey.open_files(&entry, &options);
        for scan in &survey.files {
            for index in 0..scan.pages {
                let page = scan.load_page(index, &options).expect("a page");
                let seen = seen_on(&page.raster);
                let place = format!("{} page {index}", scan.path.display());
                assert!(
                    seen.codes.is_empty() && seen.patches.is_empty(),
                    "{place}: {seen:?}"
                );
                pages += 1;
            }
        }
    }
    assert_eq!(pages, 61);
}
