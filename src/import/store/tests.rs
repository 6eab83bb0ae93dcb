//! What the store promises, on SQLite; tests/onestop asks the same of a real PostgreSQL.

use time::macros::date;

use super::*;
use crate::model::onestop::{Holdings, RegisterState, RegisteredDossier};

fn delivery(batch: &str, created_s: i64) -> DeliveryRow {
    DeliveryRow {
        batch: batch.to_owned(),
        merkle_root: "0".repeat(64),
        manifest_sha256: "0".repeat(64),
        created: "2026-11-20T16:30:00+07:00".to_owned(),
        created_s,
        signer: "CN=Bộ phận Một cửa thử nghiệm".to_owned(),
        key_id: "0".repeat(64),
        accepted_doubts: String::new(),
        place: "/nhan/1".to_owned(),
        imported_at: "2026-11-21T08:00:00+07:00".to_owned(),
    }
}

fn entry(number: u32, content: &str, kinds: &[(i64, i64)]) -> Entry {
    let code = format!("H10.12-261120-{number:04}");
    let papers = (1..).zip(kinds).map(|(ordinal, (kind, state))| PaperRow {
        ordinal,
        kind: *kind,
        state: *state,
        ..PaperRow::default()
    });
    Entry {
        papers: papers.collect(),
        refused: None,
        dossier: DossierRow {
            folder: format!("đợt 1/{code}"),
            code,
            content_key: content.to_owned(),
            unit: "H10.12".to_owned(),
            ..DossierRow::default()
        },
    }
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("kho.sqlite");
    let store = Store::open(path.to_str().expect("UTF-8"), None).expect("opens");
    (folder, store)
}

fn older(_: &Entry, version: i64) -> Refused {
    Refused {
        code: "IMP-022".to_owned(),
        place: String::new(),
        what: format!("bản {version}"),
    }
}

fn verdicts(store: &mut Store, of: Delivered, entries: &[Entry]) -> Vec<(Verdict, Option<i64>)> {
    let taken = store.load(of, entries, &older).expect("loads");
    taken
        .into_iter()
        .map(|taken| (taken.verdict, taken.version))
        .collect()
}

fn count(store: &mut Store, table: &str) -> i64 {
    let mut count = 0;
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let read = store.db.query(&sql, &[], &mut |row| {
        count = row.int(0)?.unwrap_or_default();
        Ok(())
    });
    read.expect("counts");
    count
}

#[test]
fn the_same_content_counts_once_and_other_content_is_a_new_version() {
    let (_folder, mut store) = store();
    let first = store.begin_delivery(&delivery("a", 10)).expect("begins");
    let one = [entry(1, "x", &[(0, 1), (1, 1)])];
    assert_eq!(
        verdicts(&mut store, first, &one),
        [(Verdict::Accepted, Some(1))]
    );
    store.finish_delivery(first).expect("finishes");
    let again = store.begin_delivery(&delivery("a", 10)).expect("begins");
    assert!(again.was_finished && again.id == first.id);
    assert_eq!(
        verdicts(&mut store, again, &one),
        [(Verdict::Duplicate, Some(1))]
    );
    let second = store.begin_delivery(&delivery("b", 20)).expect("begins");
    let changed = [entry(1, "y", &[(0, 1)])];
    assert_eq!(
        verdicts(&mut store, second, &changed),
        [(Verdict::Accepted, Some(2))]
    );
    assert_eq!(
        [count(&mut store, "dossier"), count(&mut store, "paper")],
        [2, 3]
    );
    assert_eq!(
        [
            count(&mut store, "dossier_current"),
            count(&mut store, "paper_current")
        ],
        [1, 1]
    );
    // What was delivered first is known, whenever it comes.
    let third = store.begin_delivery(&delivery("c", 30)).expect("begins");
    assert_eq!(
        verdicts(&mut store, third, &one),
        [(Verdict::Duplicate, Some(1))]
    );
    assert_eq!(count(&mut store, "dossier"), 2);
}

#[test]
fn what_is_older_than_what_stands_there_is_rejected_with_the_version() {
    let (_folder, mut store) = store();
    let new = store.begin_delivery(&delivery("b", 20)).expect("begins");
    verdicts(&mut store, new, &[entry(1, "y", &[(0, 1)])]);
    let old = store.begin_delivery(&delivery("a", 10)).expect("begins");
    let entries = [entry(1, "x", &[(0, 1)]), entry(2, "z", &[])];
    let refused = Verdict::Rejected(older(&entries[0], 1));
    let expected = [(refused, None), (Verdict::Accepted, Some(1))];
    assert_eq!(verdicts(&mut store, old, &entries), expected);
    assert_eq!(
        [count(&mut store, "dossier"), count(&mut store, "receipt")],
        [2, 3]
    );
}

#[test]
fn a_delivery_that_was_broken_off_goes_on_and_its_refusals_may_be_mended() {
    let (_folder, mut store) = store();
    let begun = store.begin_delivery(&delivery("a", 10)).expect("begins");
    let mut entries = [entry(1, "x", &[(0, 1)]), entry(2, "y", &[(0, 1)])];
    entries[1].refused = Some(older(&entries[1], 0));
    verdicts(&mut store, begun, &entries);
    let again = store.begin_delivery(&delivery("a", 10)).expect("begins");
    assert!(!again.was_finished);
    entries[1].refused = None;
    let both = [(Verdict::Accepted, Some(1)), (Verdict::Accepted, Some(1))];
    assert_eq!(verdicts(&mut store, again, &entries), both);
    assert_eq!(count(&mut store, "receipt WHERE verdict = 'accepted'"), 2);
    assert_eq!(count(&mut store, "receipt"), 2);
}

#[test]
fn a_fault_in_the_middle_leaves_nothing_of_its_group() {
    let (_folder, mut store) = store();
    let begun = store.begin_delivery(&delivery("a", 10)).expect("begins");
    // A state that no table takes: as a disk that is full would break off the group.
    let entries = [entry(1, "x", &[(0, 1)]), entry(2, "y", &[(0, 9)])];
    let fault = store.load(begun, &entries, &older).expect_err("refused");
    assert_eq!(crate::model::Coded::code(&fault), "IMP-002");
    for table in ["dossier", "paper", "receipt"] {
        assert_eq!(count(&mut store, table), 0, "{table}");
    }
}

#[test]
fn tables_of_another_version_are_left_alone() {
    let (folder, mut store) = store();
    store
        .db
        .run("UPDATE schema_version SET version = 7")
        .expect("runs");
    let path = folder.path().join("kho.sqlite");
    let fault = Store::open(path.to_str().expect("UTF-8"), None)
        .err()
        .expect("refused");
    assert!(
        matches!(
            fault,
            StoreFault::OtherVersion {
                found: 7,
                expected: 1
            }
        ),
        "{fault}"
    );
}

#[test]
fn the_register_is_told_by_unit_and_code_beside_the_papers_of_the_newest_version() {
    let (_folder, mut store) = store();
    let first = store.begin_delivery(&delivery("a", 10)).expect("begins");
    verdicts(
        &mut store,
        first,
        &[entry(1, "x", &[(0, 1), (0, 2), (1, 1), (2, 1)])],
    );
    let second = store.begin_delivery(&delivery("b", 20)).expect("begins");
    verdicts(
        &mut store,
        second,
        &[entry(1, "y", &[(0, 1), (0, 3), (0, 3), (1, 1), (2, 1)])],
    );
    let row = |number: u32, unit: &str| RegisteredDossier {
        code: format!("H10.12-261120-{number:04}")
            .parse()
            .expect("a code"),
        unit: unit.to_owned(),
        procedure: "2.000815".to_owned(),
        received_on: Some(date!(2026 - 11 - 20)),
        due_on: None,
        finished_on: None,
        state: RegisterState::try_from(4).expect("a state"),
        returns_paper: true,
        reused_from_store: false,
        result_synced: false,
        from_population_db: true,
        vneid: false,
        result_in_force: true,
    };
    let mut finished = row(1, "H10.12");
    finished.finished_on = Some(date!(2026 - 11 - 24));
    let rows = [
        row(2, "H10.9"),
        row(1, "H10.9"),
        row(3, "H10.12"),
        finished.clone(),
    ];
    assert_eq!(store.put_register(&mut rows.into_iter()).expect("puts"), 4);
    assert_eq!(store.register_rows().expect("counts"), 3);
    let mut told = Vec::new();
    let read = store.registered(&mut |dossier, holdings| {
        told.push((dossier, holdings));
        Ok(())
    });
    read.expect("reads");
    let held = Holdings {
        components: [0, 1, 0, 2],
        results: 1,
    };
    let none = Holdings::default();
    let expected = [
        (finished, held),
        (row(3, "H10.12"), none),
        (row(2, "H10.9"), none),
    ];
    assert_eq!(told, expected);
}
