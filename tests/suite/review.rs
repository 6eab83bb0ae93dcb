//! What is not sure waits for a person: it stands in the package, is told every night, and is let
//! through by whoever says so.

use std::path::Path;

use image::{GrayImage, Luma};
use sohoa::model::manifest::Outcome;

use crate::support::{expect_exit, manifest, run, sohoa, verify};

const CODE: &str = "H10.12-221013-0001";

/// A page of strokes that are no words.
fn draw_nameless_page(drop: &Path) {
    let stroke = |x: u32, y: u32| (y / 40) % 3 == 1 && (x / 23 + y / 40) % 4 < 2;
    let page = GrayImage::from_fn(1240, 1754, |x, y| {
        let inside = (120..1100).contains(&x) && (150..1500).contains(&y);
        Luma([if inside && stroke(x, y) { 20 } else { 250 }])
    });
    let folder = drop.join(CODE);
    std::fs::create_dir_all(&folder).expect("a folder");
    page.save(folder.join("trang 1.png")).expect("a page");
}

fn codes(out: &Path) -> Vec<String> {
    let records = manifest(out);
    let told = records.iter().flat_map(|record| &record.review);
    told.map(|reason| reason.code.clone()).collect()
}

/// As cron calls it, nothing excused.
fn nightly(drop: &Path, out: &Path, plan: &str) -> std::process::Command {
    let file = out.with_extension("toml");
    std::fs::write(&file, plan).expect("a plan");
    let mut command = sohoa();
    command.arg("run").arg(drop).arg("--out").arg(out);
    command.arg("--unsigned").arg("--plan").arg(file);
    command
}

#[test]
fn a_document_of_no_known_type_stands_in_the_package_and_waits_every_night() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    draw_nameless_page(&drop);
    for night in ["first", "second"] {
        let output = expect_exit(nightly(&drop, &out, "").arg("--json"), 3);
        let told = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(told.contains("\"waiting_for_review\":1"), "{night}: {told}");
        let records = manifest(&out);
        assert_eq!(records[0].outcome, Outcome::Packaged);
        assert_eq!(codes(&out), ["REV-001", "REV-004"], "{night}");
    }
    let status = expect_exit(sohoa().arg("status").arg(&out), 0);
    let status = String::from_utf8(status.stdout).expect("UTF-8");
    for word in [CODE, "REV-001"] {
        assert!(status.contains(word), "{word} is not in: {status}");
    }
}

/// A PDF of one such page with a file attached to it.
fn attach_a_file(drop: &Path) {
    let folder = drop.join(CODE);
    let picture = image::open(folder.join("trang 1.png"))
        .expect("the page")
        .to_luma8();
    std::fs::remove_file(folder.join("trang 1.png")).expect("a page");
    let (width, height) = picture.dimensions();
    let pixels = picture.into_raw();
    let content = "q 595 0 0 842 0 0 cm /I Do Q";
    let objects: [Vec<u8>; 6] = [
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a.docx)<</Type/Filespec/F(a.docx)/EF<</F 6 0 R>>>>]>>>>>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>".to_vec(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()).into_bytes(),
        [
            format!("<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 8/Length {}>>stream\n", pixels.len()).into_bytes(),
            pixels,
            b"\nendstream".to_vec(),
        ]
        .concat(),
        b"<</Type/EmbeddedFile/Length 4>>stream\ngiay\nendstream".to_vec(),
    ];
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut table = "xref\n0 7\n0000000000 65535 f \n".to_owned();
    for (number, object) in (1..).zip(objects) {
        table += &format!("{:010} 00000 n \n", pdf.len());
        pdf.extend(format!("{number} 0 obj\n").into_bytes());
        pdf.extend(object);
        pdf.extend(b"\nendobj\n");
    }
    let start = pdf.len();
    table += &format!("trailer<</Size 7/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    pdf.extend(table.into_bytes());
    std::fs::write(folder.join("trang 1.pdf"), pdf).expect("a file");
}

#[test]
fn files_attached_to_a_pdf_are_not_passed_over_without_a_word() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    draw_nameless_page(&drop);
    attach_a_file(&drop);
    expect_exit(&mut nightly(&drop, &out, ""), 3);
    let told = codes(&out);
    assert!(told.contains(&"REV-005".to_owned()), "{told:?}");
    let off = "[review]\nattachments = false\n";
    expect_exit(&mut nightly(&drop, &folder.path().join("again"), off), 3);
    let told = codes(&folder.path().join("again"));
    assert!(!told.contains(&"REV-005".to_owned()), "{told:?}");
}

#[test]
fn who_wants_no_review_sets_the_thresholds_to_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    draw_nameless_page(&drop);
    let plan = "[review]\ntype_below_pct = 0\nsplit_below_pct = 0\nwithout_text = false\nattachments = false\n";
    expect_exit(&mut nightly(&drop, &out, plan), 0);
    assert!(codes(&out).is_empty());
}

#[test]
fn what_waits_for_review_is_proven_like_all_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    draw_nameless_page(&drop);
    // `run` excuses review.
    expect_exit(&mut run(&drop, &out), 0);
    assert_eq!(codes(&out), ["REV-001", "REV-004"]);
    expect_exit(&mut verify(&out), 0);
}

#[test]
fn what_a_person_says_is_put_in_force_and_waits_no_more() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    draw_nameless_page(&drop);
    expect_exit(&mut nightly(&drop, &out, ""), 3);
    let said = folder.path().join("corrections.jsonl");
    let line = |change: &str| {
        format!(
            "{{\"by\":\"can.bo.1\",\"at\":\"2026-11-22T09:00:00+07:00\",\"dossier\":\"{CODE}\",\"document\":1,\"change\":{change}}}\n"
        )
    };
    let unknown = line(r#"{"type":{"old":"khong_ro","new":"khong_co_loai_nay"}}"#);
    std::fs::write(&said, unknown).expect("corrections");
    let told = expect_exit(nightly(&drop, &out, "").arg("--corrections").arg(&said), 2).stderr;
    assert!(String::from_utf8_lossy(&told).contains("REV-010"));

    let lines = line(r#"{"type":{"old":"khong_ro","new":"cccd"}}"#)
        + &line(r#"{"field":{"id":"so_dinh_danh","old":null,"new":"098086340054"}}"#);
    std::fs::write(&said, lines).expect("corrections");
    for _night in 0..2 {
        expect_exit(nightly(&drop, &out, "").arg("--corrections").arg(&said), 0);
        let record = manifest(&out).remove(0);
        let document = &record.documents[0];
        assert_eq!(document.description.kind.id, "cccd");
        assert_eq!(
            document.description.fields["so_dinh_danh"].value,
            "098086340054"
        );
        assert_eq!(document.looked_at_by.as_deref(), Some("can.bo.1"));
        assert!(record.review.is_empty());
    }
}
