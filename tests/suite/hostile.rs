//! Bad input is set aside with its reason in both languages; the rest of the batch is finished.

use std::fs;

use sohoa::model::manifest::{Outcome, Reason};

use crate::support::{drop_of, expect_exit, header, manifest, run, tree, verify};

const GOOD: &str = "H10.33-240722-0088";

#[test]
fn bad_dossiers_are_set_aside_with_reasons_and_the_good_one_is_packaged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", &[GOOD], &drop);
    drop_of("hostile", &[], &drop);
    fs::create_dir_all(drop.join("H10.66-250106-0006")).expect("an empty folder");
    fs::write(drop.join("lạc chỗ.txt"), "không thuộc hồ sơ nào").expect("a stray file");
    let entries = fs::read_dir(&drop).expect("the drop").count() as u64;

    let out = folder.path().join("out");
    expect_exit(&mut run(&drop, &out), 4);
    let records = manifest(&out);
    assert_eq!(
        records.len() as u64,
        entries,
        "every entry of the drop has its line"
    );
    let (packaged, aside): (Vec<_>, Vec<_>) = records
        .iter()
        .partition(|record| record.outcome == Outcome::Packaged);
    assert_eq!(
        packaged
            .iter()
            .map(|record| record.folder.as_str())
            .collect::<Vec<_>>(),
        [GOOD]
    );
    for record in &aside {
        assert!(
            !record.reasons.is_empty(),
            "{} has no reason",
            record.folder
        );
        record.reasons.iter().for_each(speaks_both_languages);
    }
    let header = header(&out);
    assert_eq!(header.dossiers.set_aside, entries - 1);
    assert_eq!(
        header.pages.scanned,
        header.pages.published + header.pages.blank + header.pages.rejected
    );
    // What was set aside is explained, not wrong: the package itself holds.
    expect_exit(&mut verify(&out), 0);
}

fn speaks_both_languages(reason: &Reason) {
    for text in [
        &reason.vi.what,
        &reason.vi.remedy,
        &reason.en.what,
        &reason.en.remedy,
    ] {
        assert!(!text.is_empty() && !text.contains('{'), "{reason:?}");
    }
    assert_ne!(reason.vi.what, reason.en.what);
    assert_ne!(reason.vi.what, reason.code, "no words for {}", reason.code);
}

#[test]
fn a_dossier_set_aside_is_forgotten_once_it_is_mended() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", &[GOOD], &drop);
    let broken = drop.join(GOOD).join("zz hỏng.jpg");
    fs::write(&broken, b"").expect("an empty file");
    let out = folder.path().join("out");
    expect_exit(&mut run(&drop, &out), 4);
    assert_eq!(manifest(&out)[0].outcome, Outcome::SetAside);

    fs::remove_file(broken).expect("mended");
    expect_exit(&mut run(&drop, &out), 0);
    let records = manifest(&out);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].outcome, Outcome::Packaged);
}

#[test]
fn a_packaged_dossier_stays_packaged_when_its_scans_go_bad() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", &[GOOD], &drop);
    let out = folder.path().join("out");
    expect_exit(&mut run(&drop, &out), 0);
    let before = tree(&out);

    fs::write(drop.join(GOOD).join("zz hỏng.jpg"), b"").expect("an empty file");
    let told = expect_exit(&mut run(&drop, &out), 4);
    assert!(
        String::from_utf8(told.stderr)
            .expect("UTF-8")
            .contains("INT-004")
    );
    assert_eq!(tree(&out), before);
    expect_exit(&mut verify(&out), 0);
}
