//! A dossier in which a page is stamped MẬT is set aside, and not a word of it is written down.

use std::path::Path;

use image::{DynamicImage, GrayImage};
use sohoa::model::manifest::{Fate, Outcome};

use crate::support::{expect_exit, fixture, manifest, run};

const CODE: &str = "H10.12-221013-0001";
/// Words of the page that would betray it.
const WORDS: [&str; 3] = ["SNNMT", "Nghiệm", "xem xét"];

fn picture(name: &str) -> GrayImage {
    let path = fixture(name);
    image::open(path).expect("a picture").to_luma8()
}

/// A proposal of an office, stamped under its number where a stamp is given.
fn draw_page(drop: &Path, stamp: Option<&GrayImage>) {
    let mut page = picture(&format!("dossiers/{CODE}/trang 5.jpg"));
    for (x, y, ink) in stamp.into_iter().flat_map(GrayImage::enumerate_pixels) {
        let paper = page.get_pixel_mut(x + 330, y + 400);
        paper.0[0] = paper.0[0].min(ink.0[0].saturating_add(30));
    }
    let folder = drop.join(CODE);
    std::fs::create_dir_all(&folder).expect("a folder");
    page.save(folder.join("trang 1.png")).expect("a page");
}

/// The same page in colour, with the stamp struck in red over the number, turned.
fn draw_struck_page(drop: &Path, turn_deg: f32) {
    let mut page = DynamicImage::from(picture(&format!("dossiers/{CODE}/trang 5.jpg"))).to_rgb8();
    let stamp = picture("stamps/mat_200dpi.png");
    let (sin, cos) = turn_deg.to_radians().sin_cos();
    let (half_w, half_h) = (stamp.width() as f32 / 2.0, stamp.height() as f32 / 2.0);
    for (x, y, paper) in page.enumerate_pixels_mut() {
        let (right, down) = (x as f32 - 400.0, y as f32 - 380.0);
        let (u, v) = (
            right * cos + down * sin + half_w,
            down * cos - right * sin + half_h,
        );
        if u < 0.0 || v < 0.0 || u >= stamp.width() as f32 || v >= stamp.height() as f32 {
            continue;
        }
        let ink = f32::from(255 - stamp.get_pixel(u as u32, v as u32).0[0]) / 255.0;
        for (value, absorbed) in paper.0.iter_mut().zip([0.2, 0.85, 0.8]) {
            *value = (f32::from(*value) * (1.0 - ink * absorbed)) as u8;
        }
    }
    let folder = drop.join(CODE);
    std::fs::create_dir_all(&folder).expect("a folder");
    page.save(folder.join("trang 1.png")).expect("a page");
}

/// Every file below a folder, read as bytes.
fn all_bytes(folder: &Path) -> Vec<u8> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let bytes = files.map(|path| match path.is_dir() {
        true => all_bytes(&path),
        false => std::fs::read(&path).expect("a file"),
    });
    bytes.flatten().collect()
}

#[test]
fn a_dossier_with_a_stamp_of_secrecy_leaves_no_word() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    draw_page(&drop, Some(&picture("stamps/mat_200dpi.png")));
    expect_exit(&mut run(&drop, &out), 4);
    let records = manifest(&out);
    assert_eq!(records[0].outcome, Outcome::SetAside);
    assert!(records[0].documents.is_empty());
    assert_eq!(records[0].pages[0].fate, Fate::Rejected);
    let codes: Vec<&str> = records[0].reasons.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["DSC-030"]);
    let written = String::from_utf8_lossy(&all_bytes(&out)).into_owned();
    for word in WORDS {
        assert!(!written.contains(word), "{word} was written down");
    }
    let pieces = std::fs::read_dir(out.join(".work")).map_or(0, Iterator::count);
    assert_eq!(pieces, 0, "something was left in the work folder");
}

#[test]
fn the_same_page_without_the_stamp_is_packaged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    draw_page(&drop, None);
    run(&drop, &out).output().expect("the program runs");
    let records = manifest(&out);
    assert_eq!(records[0].outcome, Outcome::Packaged);
    assert_eq!(records[0].documents[0].description.kind.id, "to_trinh");
}

#[test]
fn a_stamp_struck_aslant_in_red_over_the_print_is_seen() {
    for turn_deg in [-13.0, 8.0] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
        draw_struck_page(&drop, turn_deg);
        expect_exit(&mut run(&drop, &out), 4);
        let records = manifest(&out);
        let codes: Vec<&str> = records[0].reasons.iter().map(|r| r.code.as_str()).collect();
        assert_eq!(codes, ["DSC-030"], "{turn_deg}");
    }
}
