//! The visible mark as a picture: ink where it belongs, none over the words, and PDF/A still.

use std::path::Path;

use sohoa::model::PxBox;
use sohoa::model::manifest::SealRecord;
use sohoa::stages::seal::{CopyKind, MarkOptions, Options, seal};

use crate::keys::pki;
use crate::pades::specimens::{AT, key, unsigned, with_word_at};
use crate::tools::{json, python, run, said, script, verapdf, write};

fn options() -> Options {
    let mark = MarkOptions {
        agency: "Ủy ban nhân dân xã Thử Nghiệm".to_owned(),
        copy: CopyKind::SaoY,
    };
    Options {
        mark,
        ..Options::default()
    }
}

/// Dark pixels of page 1, drawn by Poppler at 100 dpi.
fn ink(folder: &Path, pdf: &Path) -> Vec<(u32, u32)> {
    let picture = folder.join("page");
    let arguments = ["-r", "100", "-singlefile", "-png"];
    let mut arguments: Vec<std::path::PathBuf> = arguments.map(Into::into).to_vec();
    arguments.extend([pdf.to_owned(), picture.clone()]);
    let drawn = run("pdftoppm", &arguments);
    assert!(drawn.status.success(), "{}", said(&drawn));
    let picture = image::open(picture.with_extension("png")).expect("a picture");
    let picture = picture.to_luma8();
    let dark = picture
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0[0] < 90);
    dark.map(|(x, y, _)| (x, y)).collect()
}

#[test]
fn the_mark_stands_black_in_the_top_right_corner_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let sealed = seal(&unsigned(), &key("rsa2048"), &options(), AT).expect("seals");
    let SealRecord::Signed { mark, .. } = &sealed.record else {
        panic!("{:?}", sealed.record);
    };
    let said = "SAO Y\nỦy ban nhân dân xã Thử Nghiệm\n2026-11-21T08:30:00+07:00";
    assert_eq!(mark.as_deref(), Some(said));
    let pdf = write(folder.path(), "marked.pdf", sealed.pdf.bytes());
    let ink = ink(folder.path(), &pdf);
    assert!(ink.len() > 300, "{} dark pixels", ink.len());
    // 28 points from the right edge and 20 from the top; three lines of 12.
    let inside = |(x, y): &(u32, u32)| (500..=790).contains(x) && (26..=80).contains(y);
    let outside: Vec<_> = ink.iter().filter(|pixel| !inside(pixel)).collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn words_in_the_corner_stay_free_of_ink() {
    let folder = tempfile::tempdir().expect("a folder");
    let word = PxBox {
        x_px: 600,
        y_px: 20,
        w_px: 180,
        h_px: 60,
    };
    let sealed = seal(&with_word_at(word), &key("rsa2048"), &options(), AT).expect("seals");
    let pdf = write(folder.path(), "beside.pdf", sealed.pdf.bytes());
    let ink = ink(folder.path(), &pdf);
    assert!(ink.len() > 300, "{} dark pixels", ink.len());
    let over = |(x, y): &&(u32, u32)| (600..780).contains(x) && (20..80).contains(y);
    assert_eq!(ink.iter().find(over), None);
    assert!(
        ink.iter().all(|(_, y)| *y < 150),
        "it stays in the top margin"
    );
}

#[test]
fn a_marked_file_is_pdfa_2u_and_valid_to_pyhanko() {
    let folder = tempfile::tempdir().expect("a folder");
    let sealed = seal(&unsigned(), &key("ecdsa_p256"), &options(), AT).expect("seals");
    let pdf = write(folder.path(), "marked.pdf", sealed.pdf.bytes());
    for (path, verdict) in verapdf(std::slice::from_ref(&pdf)) {
        assert!(verdict.starts_with("PASS"), "{}: {verdict}", path.display());
    }
    let arguments = [script(), "pdf".into(), pki().join("root.pem"), pdf];
    let verdict = &json(&run(python(), &arguments))[0][0];
    assert_eq!(verdict["bottom_line"], true, "{verdict}");
    assert_eq!(verdict["coverage"], "ENTIRE_FILE", "{verdict}");
}
