//! A receiver whose disk is full: the import says so and ends with 8; with room again the same command comes to the same rows.

use std::fs;

use crate::databases::{dump, rows, sqlite};
use crate::deliveries::{draft, import};
use crate::faults::{Strike, WRITING, strike};
use crate::support::expect_exit;

/// Dossiers of the delivery: four commits.
const DOSSIERS: u32 = 200;

#[test]
fn an_import_onto_a_full_disk_is_told_and_goes_on_where_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("gói");
    draft(DOSSIERS).write(&out);
    // The disk of the database alone is watched.
    let disk = folder.path().join("đĩa");
    fs::create_dir(&disk).expect("a folder");
    let whole = sqlite(&disk, "whole.sqlite");
    let mut command = import(&out, &whole);
    let spent = strike(&mut command, &disk, WRITING, Strike::Never);
    expect_exit(&mut command, 0);
    let (whole, all_bytes) = (dump(&whole), spent.bytes());
    assert!(all_bytes > 100_000, "{all_bytes} bytes");
    let (mut told_full, mut between) = (0, 0);
    for eighths in [0, 1, 2, 3, 4, 6] {
        let db = sqlite(&disk, &format!("{eighths}.sqlite"));
        let mut command = import(&out, &db);
        let room_bytes = all_bytes * eighths / 8;
        let _spent = strike(&mut command, &disk, WRITING, Strike::Full { room_bytes });
        let output = command.output().expect("starts");
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        match output.status.code() {
            Some(8) => {
                told_full += u32::from(told.contains("[IMP-001]") || told.contains("[IMP-002]"))
            }
            // There was room for the log, and none to tidy it up into the file at the end: all of it stands.
            Some(0) => assert_eq!(dump(&db), whole, "{eighths} eighths of the room"),
            code => panic!("{code:?}: {told}"),
        }
        let tables = "SELECT 1 FROM sqlite_master WHERE name = 'paper'";
        if rows(&db, tables).len() == 1 {
            // No dossier without its paper and its receipt.
            let halves = "SELECT COUNT(*) FROM dossier d WHERE NOT EXISTS (SELECT 1 FROM paper p WHERE p.dossier = d.code)
                OR NOT EXISTS (SELECT 1 FROM receipt r WHERE r.dossier = d.code)";
            assert_eq!(rows(&db, halves), ["0"]);
            let entered: u32 = rows(&db, "SELECT COUNT(*) FROM dossier")[0]
                .parse()
                .expect("a number");
            between += u32::from(0 < entered && entered < DOSSIERS);
        }
        expect_exit(&mut import(&out, &db), 0);
        assert_eq!(dump(&db), whole, "{eighths} eighths of the room");
    }
    assert!(
        told_full >= 3 && between > 0,
        "told {told_full}, in the middle {between}"
    );
}
