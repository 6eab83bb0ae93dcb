//! A box scanned at once becomes dossiers: every page in exactly one of them, nothing cut by a citizen card.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use image::{GrayImage, Luma, imageops};
use sohoa::model::manifest::{DossierRecord, Fate, Outcome};
use sohoa::stages::intake::{self, Entry, Options};
use tiff::encoder::{Compression, Rational, TiffEncoder, colortype};
use tiff::tags::ResolutionUnit;

use crate::support::{expect_exit, fixture, header, manifest, run, sohoa, tree, verify};

const DPI: u32 = 200;
const A: &str = "H10.12-221013-0001";
const B: &str = "000.00.41.H46-231022-7838";
const EMPTY: &str = "H10.27-230915-0150";
const JOINED: &str = "G09.01-250602-000123";
const TWICE: &str = "H10.18-230401-0061";
const BETWEEN: &str = "H15.50.05.13-250508-0975";
const LAST: &str = "H10.44-250310-0201";

/// Every page of the scans in a folder, as the program itself decodes them.
fn pages_in(folder: &Path) -> Vec<GrayImage> {
    let options = Options::default();
    let entry = Entry::folder("pages", folder);
    let mut survey =
        intake::survey(&entry, &options, &std::env::temp_dir()).expect("nothing to unpack");
    survey.open_files(&entry, &options);
    assert!(survey.faults.is_empty());
    let page = |scan: &intake::ScanFile, index| {
        let page = scan.load_page(index, &options).expect("a page");
        page.raster.pixels.luma().into_owned()
    };
    let files = survey.files.iter();
    files
        .flat_map(|scan| (0..scan.pages).map(move |index| page(scan, index)))
        .collect()
}

/// The sheets that the program prints for these codes, as a scanner of 200 dpi sees them.
fn sheets(codes: &[&str], folder: &Path) -> BTreeMap<String, GrayImage> {
    let list = folder.join("codes.csv");
    fs::write(&list, format!("ma_ho_so\n{}\n", codes.join("\n"))).expect("a list");
    let printed = folder.join("printed");
    fs::create_dir(&printed).expect("a folder");
    let mut command = sohoa();
    command
        .arg("sheets")
        .arg(&list)
        .arg("--out")
        .arg(printed.join("sheets.pdf"));
    expect_exit(&mut command, 0);
    let pages = pages_in(&printed);
    assert_eq!(pages.len(), codes.len());
    let scanned = |page: &GrayImage| imageops::resize(page, 1654, 2339, imageops::Triangle);
    let named = codes.iter().zip(&pages);
    named
        .map(|(code, page)| (code.to_string(), scanned(page)))
        .collect()
}

fn blank() -> GrayImage {
    GrayImage::from_pixel(1654, 2339, Luma([252]))
}

/// A page that bears the QR of a citizen card at its upper right corner.
fn with_card(page: &GrayImage) -> GrayImage {
    let says = "098300000123|212345678|Nguyễn Văn An|01011990|Nam|Thôn 2, Bình Phước|10052021";
    let symbol = zxingcpp::create(zxingcpp::BarcodeFormat::QRCode);
    let symbol = symbol.from_str(says).expect("a QR");
    let drawn = symbol
        .to_image_with(&zxingcpp::write().scale(5))
        .expect("a picture");
    let (width, height) = (drawn.width() as u32, drawn.height() as u32);
    let card = GrayImage::from_raw(width, height, drawn.data()).expect("a byte a pixel");
    let mut page = page.clone();
    let left = i64::from(page.width() - width - 40);
    imageops::replace(&mut page, &card, left, 40);
    page
}

/// A sheet of which only the patches are left.
fn only_patches(sheet: &GrayImage) -> GrayImage {
    let mut sheet = sheet.clone();
    for (_, y, pixel) in sheet.enumerate_pixels_mut() {
        if (260..2080).contains(&y) {
            *pixel = Luma([255]);
        }
    }
    sheet
}

fn write_stream(pages: &[GrayImage], path: &Path) {
    let file = File::create(path).expect("a file");
    let encoder = TiffEncoder::new(file).expect("a TIFF");
    let mut encoder = encoder.with_compression(Compression::Lzw);
    for page in pages {
        let (width, height) = page.dimensions();
        let mut image = encoder
            .new_image::<colortype::Gray8>(width, height)
            .expect("a page");
        image.resolution(ResolutionUnit::Inch, Rational { n: DPI, d: 1 });
        image.write_data(page.as_raw()).expect("written");
    }
}

/// Sixty pages as a duplex scanner gives them: written fronts, blank backs, sheets between.
fn box_of_sixty(sheets: &BTreeMap<String, GrayImage>) -> Vec<GrayImage> {
    let written = pages_in(&fixture("dossiers/H10.12-221013-0001"));
    let mut fronts = written[..8].iter().cycle();
    let mut pages = Vec::new();
    let mut leaves = |pages: &mut Vec<GrayImage>, count: usize| {
        for front in fronts.by_ref().take(count) {
            pages.extend([front.clone(), blank()]);
        }
    };
    leaves(&mut pages, 1);
    pages.extend([sheets[A].clone(), blank()]);
    leaves(&mut pages, 5);
    pages.extend([imageops::rotate180(&sheets[B]), blank()]);
    leaves(&mut pages, 3);
    // A leaf with a card's QR, and the photocopy of a card on an empty one.
    pages.extend([with_card(&written[2]), with_card(&blank())]);
    leaves(&mut pages, 2);
    pages.push(sheets[EMPTY].clone());
    pages.extend([sheets[JOINED].clone(), blank()]);
    leaves(&mut pages, 4);
    pages.push(sheets[JOINED].clone());
    leaves(&mut pages, 2);
    pages.push(only_patches(&sheets[A]));
    leaves(&mut pages, 2);
    for code in [TWICE, BETWEEN, TWICE] {
        pages.push(sheets[code].clone());
        leaves(&mut pages, 1);
    }
    pages.push(sheets[LAST].clone());
    leaves(&mut pages, 1);
    // The last leaf was printed on one side only.
    pages.pop();
    pages
}

fn by_folder(out: &Path) -> BTreeMap<String, DossierRecord> {
    let records = manifest(out).into_iter();
    records
        .map(|record| (record.folder.clone(), record))
        .collect()
}

fn range(record: &DossierRecord) -> (u32, u32) {
    let source = &record.sources[0];
    let first = source.first_page.expect("a part of the stream");
    (first, first + source.pages - 1)
}

fn count(record: &DossierRecord, fate: Fate) -> usize {
    record.pages.iter().filter(|page| page.fate == fate).count()
}

#[test]
fn a_box_scanned_at_once_is_cut_at_its_sheets_and_every_page_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let codes = [A, B, EMPTY, JOINED, TWICE, BETWEEN, LAST];
    let sheets = sheets(&codes, folder.path());
    let pages = box_of_sixty(&sheets);
    assert_eq!(pages.len(), 60);
    let drop = folder.path().join("drop");
    fs::create_dir(&drop).expect("a folder");
    write_stream(&pages, &drop.join("hop 12.tif"));
    let plan = folder.path().join("plan.toml");
    fs::write(&plan, "[intake]\nlayouts = [\"{stream}.*\"]\n").expect("a plan");
    let out = folder.path().join("out");
    expect_exit(run(&drop, &out).arg("--plan").arg(&plan), 4);

    let records = by_folder(&out);
    let packaged = |code: &str| {
        let record = &records[&format!("hop 12/{code}")];
        assert_eq!(
            record.outcome,
            Outcome::Packaged,
            "{code}: {:?}",
            record.reasons
        );
        assert_eq!(record.labels["stream"], "hop 12");
        assert_eq!(
            record.sources[0].kept, None,
            "the stream holds others' pages too"
        );
        (
            range(record),
            count(record, Fate::Separator),
            count(record, Fate::Published),
        )
    };
    assert_eq!(packaged(A), ((3, 14), 1, 5));
    // The card's QR cut nothing, on a full page or on an empty one.
    assert_eq!(packaged(B), ((15, 28), 1, 7));
    assert_eq!(packaged(JOINED), ((30, 44), 2, 6));
    assert_eq!(packaged(BETWEEN), ((53, 55), 1, 1));
    assert_eq!(packaged(LAST), ((59, 60), 1, 1));
    let aside = |pages: &str| {
        let record = &records[&format!("hop 12/trang {pages}")];
        assert_eq!(record.outcome, Outcome::SetAside);
        assert_eq!(count(record, Fate::Rejected), record.pages.len());
        record.reasons[0].code.clone()
    };
    assert_eq!(aside("1-2"), "INT-044");
    assert_eq!(aside("29-29"), "INT-046");
    assert_eq!(aside("45-49"), "INT-045");
    assert_eq!(aside("50-52"), "INT-043");
    assert_eq!(aside("56-58"), "INT-043");

    let mut all: Vec<u32> = records
        .values()
        .flat_map(|r| &r.pages)
        .map(|p| p.source_page)
        .collect();
    all.sort_unstable();
    assert_eq!(
        all,
        (1..=60).collect::<Vec<_>>(),
        "every page in exactly one record"
    );
    let sums = header(&out).pages;
    assert_eq!(sums.scanned, 60);
    let ended = sums.published + sums.blank + sums.separator + sums.rejected;
    assert_eq!(ended, sums.scanned);
    expect_exit(&mut verify(&out), 0);

    // The next night finds everything done.
    let before = tree(&out);
    expect_exit(run(&drop, &out).arg("--plan").arg(&plan), 4);
    assert_eq!(tree(&out), before);
}

#[test]
fn a_folder_of_single_images_is_a_stream_too_and_a_code_that_a_folder_bears_as_well_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sheets = sheets(&[A, BETWEEN], folder.path());
    let page = &pages_in(&fixture("dossiers/H10.12-241231-0999"))[0];
    let drop = folder.path().join("drop");
    let stream = drop.join("hop 3");
    fs::create_dir_all(&stream).expect("a folder");
    let other = drop.join(BETWEEN);
    fs::create_dir_all(&other).expect("a folder");
    let images = [&sheets[A], page, &sheets[BETWEEN], page];
    for (image, n) in images.iter().zip(1..) {
        image.save(stream.join(format!("{n}.png"))).expect("a page");
    }
    page.save(other.join("1.png")).expect("a page");
    let plan = folder.path().join("plan.toml");
    fs::write(
        &plan,
        "[intake]\nlayouts = [\"{dossier}/\", \"{stream}/\"]\n",
    )
    .expect("a plan");
    let out = folder.path().join("out");
    expect_exit(run(&drop, &out).arg("--plan").arg(&plan), 4);

    let records = by_folder(&out);
    let record = &records[&format!("hop 3/{A}")];
    assert_eq!(record.outcome, Outcome::Packaged, "{:?}", record.reasons);
    assert_eq!(record.sources.len(), 2);
    // These files are this dossier's alone, and kept as any other's.
    assert!(
        record
            .sources
            .iter()
            .all(|s| s.first_page.is_none() && s.kept.is_some())
    );
    for folder in [format!("hop 3/{BETWEEN}"), BETWEEN.to_owned()] {
        let record = &records[&folder];
        assert_eq!(record.outcome, Outcome::SetAside, "{folder}");
        assert_eq!(record.reasons[0].code, "INT-036");
    }
    expect_exit(&mut verify(&out), 0);
}

#[test]
fn a_list_with_faults_makes_no_sheets_and_names_every_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (list, out) = (
        folder.path().join("list.csv"),
        folder.path().join("sheets.pdf"),
    );
    fs::write(&list, format!("ma_ho_so\n{A}\nH10\n{A}\n")).expect("a list");
    let mut command = sohoa();
    command.arg("sheets").arg(&list).arg("--out").arg(&out);
    let told = expect_exit(&mut command, 2).stderr;
    let told = String::from_utf8(told).expect("UTF-8");
    assert!(
        told.contains("RUN-031") && told.contains("Dòng 3"),
        "{told}"
    );
    assert!(
        told.contains("RUN-032") && told.contains("Dòng 4"),
        "{told}"
    );
    assert_eq!(
        fs::read_dir(folder.path()).expect("a folder").count(),
        1,
        "only the list"
    );
}
