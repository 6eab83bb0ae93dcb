//! From scans to rows: `sohoa run` with the real engine, then `sohoa import` into SQLite and PostgreSQL.

use std::fs;
use std::path::Path;

use crate::databases::{Server, dump, rows, sqlite};
use crate::deliveries::import;
use crate::support::{expect_exit, fixture, header, run};

/// So many dossiers of one small scan each: a strip of a page with some words on it.
fn draw_drop(drop: &Path, dossiers: u32) {
    let page = fixture("dossiers/H10.12-221013-0001/trang 1.jpg");
    let page = image::open(page).expect("a fixture").into_luma8();
    let strip = image::imageops::crop_imm(&page, 300, 100, 700, 100).to_image();
    let mut scan = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut scan, 80);
    strip.write_with_encoder(encoder).expect("a JPEG");
    for number in 1..=dossiers {
        let folder = drop.join(format!("H10.{}-251001-{number:04}", 10 + number % 3));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("1.jpg"), &scan).expect("a scan");
    }
}

fn from_scans_into_both_databases(dossiers: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    draw_drop(&drop, dossiers);
    expect_exit(&mut run(&drop, &out), 0);
    let said = header(&out);
    assert_eq!(said.dossiers.packaged, u64::from(dossiers));
    let server = Server::start();
    let databases = [sqlite(folder.path(), "kho.sqlite"), server.database("kho")];
    for db in &databases {
        expect_exit(&mut import(&out, db), 0);
        let counts = "SELECT COUNT(*), COUNT(DISTINCT unit) FROM dossier_current";
        assert_eq!(rows(db, counts), [format!("{dossiers}|3")]);
        let papers = rows(db, "SELECT COUNT(*) FROM paper_current");
        assert_eq!(papers, [said.documents.to_string()]);
        let accepted = "SELECT COUNT(*) FROM receipt WHERE verdict = 'accepted'";
        assert_eq!(rows(db, accepted), [dossiers.to_string()]);
    }
    assert_eq!(dump(&databases[0]), dump(&databases[1]));
}

#[test]
fn a_hundred_dossiers_go_from_scans_into_both_databases() {
    from_scans_into_both_databases(100);
}

#[test]
#[ignore = "takes minutes"]
fn a_thousand_dossiers_go_from_scans_into_both_databases() {
    from_scans_into_both_databases(1_000);
}
