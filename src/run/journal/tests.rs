//! The history over several runs, killed and whole.

use std::fs;

use tempfile::TempDir;
use time::macros::datetime;

use super::*;
use crate::messages;
use crate::model::manifest::{MANIFEST_VERSION, Outcome};
use crate::run::fault::DossierFault;

fn begin(out: &TempDir, names: &[&str]) -> Journal {
    let beginning = Beginning {
        at: datetime!(2026-11-21 20:00 +7),
        drop: Path::new("/scans"),
        entries: names.len() as u64,
        plan: &Plan::default(),
    };
    let journal = Journal::begin(out.path(), &beginning).expect("the history is written");
    journal.listed(names).expect("the listing is written");
    journal
}

fn record(folder: &str, key: &[u8], faulty: bool) -> DossierRecord {
    let reason = messages::reason(&DossierFault::NothingWritten, folder);
    DossierRecord {
        v: MANIFEST_VERSION,
        folder: folder.to_owned(),
        dossier: None,
        labels: BTreeMap::new(),
        containers: Vec::new(),
        outcome: if faulty {
            Outcome::SetAside
        } else {
            Outcome::Packaged
        },
        review: Vec::new(),
        reasons: if faulty { vec![reason; 40] } else { Vec::new() },
        content_key: Some(Digest::of(key)),
        sources: Vec::new(),
        ignored: Vec::new(),
        pages: Vec::new(),
        documents: Vec::new(),
    }
}

fn text(out: &TempDir) -> String {
    fs::read_to_string(out.path().join(RUNS).join(JOURNAL)).expect("a history")
}

#[test]
fn a_night_without_work_adds_a_count_and_not_a_line_a_dossier() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let names: Vec<String> = (0..600).map(|n| format!("d{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let first = begin(&out, &names);
    for name in &names {
        first
            .ended(Way::Packaged, &record(name, b"k", false), 5)
            .expect("written");
    }
    first
        .end("complete", None, OffsetDateTime::UNIX_EPOCH)
        .expect("written");
    let lines = text(&out).lines().count();

    let second = begin(&out, &names);
    for name in &names {
        second
            .ended(Way::AlreadyDone, &record(name, b"k", false), 5)
            .expect("written");
    }
    second
        .end("complete", None, OffsetDateTime::UNIX_EPOCH)
        .expect("written");
    assert_eq!(text(&out).lines().count(), lines + 2 + 3);

    let history = History::read(out.path()).expect("a history");
    assert_eq!(history.runs.len(), 2);
    assert_eq!(history.runs[1].dossiers_ended, 600);
    assert_eq!(last_listing(out.path()).expect("a listing").len(), 600);
}

#[test]
fn other_scans_or_another_ending_are_written_down() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let journal = begin(&out, &["a"]);
    let end = |way, key: &[u8], faulty| {
        journal
            .ended(way, &record("a", key, faulty), 1)
            .expect("written");
        text(&out).lines().count()
    };
    let one = end(Way::SetAside, b"k", true);
    assert_eq!(end(Way::SetAside, b"k", true), one, "the same again");
    assert_eq!(end(Way::SetAside, b"other", true), one + 1, "other scans");
    assert_eq!(end(Way::Packaged, b"other", false), one + 2, "done now");
    let history = History::read(out.path()).expect("a history");
    assert_eq!(history.end_of("a").map(|end| end.way), Some(Way::Packaged));
}

#[test]
fn reasons_are_counted_all_and_told_some() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let journal = begin(&out, &["a"]);
    journal
        .ended(Way::SetAside, &record("a", b"k", true), 1)
        .expect("written");
    let history = History::read(out.path()).expect("a history");
    let end = history.end_of("a").expect("ended");
    assert_eq!(
        (end.codes["RUN-003"], end.reasons.len()),
        (40, REASONS_IN_FULL)
    );
}

#[test]
fn cut_anywhere_the_history_is_mended_and_goes_on() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let journal = begin(&out, &["a", "b"]);
    journal
        .ended(Way::Packaged, &record("a", b"k", false), 1)
        .expect("written");
    journal
        .ended(Way::Packaged, &record("b", b"k", false), 1)
        .expect("written");
    drop(journal);
    let whole = text(&out);
    let path = out.path().join(RUNS).join(JOURNAL);
    for cut in (0..whole.len()).step_by(7) {
        fs::write(&path, &whole.as_bytes()[..cut]).expect("cut");
        let at_a_line = cut == 0 || whole.as_bytes()[cut - 1] == b'\n';
        let again = begin(&out, &["a", "b"]);
        assert_eq!(again.mended().is_none(), at_a_line, "cut at {cut}");
        again
            .end("complete", None, OffsetDateTime::UNIX_EPOCH)
            .expect("written");
        let history = History::read(out.path()).expect("a history");
        assert_eq!(
            (history.torn_bytes, history.damaged_lines),
            (0, 0),
            "cut at {cut}"
        );
        assert!(history.runs.last().is_some_and(|run| run.ended.is_some()));
    }
}

#[test]
fn a_plan_is_kept_once_in_full() {
    let out = tempfile::tempdir().expect("a temporary folder");
    drop((begin(&out, &[]), begin(&out, &[])));
    let plans = fs::read_dir(out.path().join(RUNS)).expect("a folder");
    let plans: Vec<PathBuf> = plans
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    assert_eq!(plans.len(), 1);
    let kept = fs::read_to_string(&plans[0]).expect("a plan");
    assert_eq!(Plan::from_toml(&kept).expect("a plan"), Plan::default());
}

#[test]
fn every_dossier_stands_somewhere() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let names = ["done", "bad", "open", "left", "waiting"];
    let journal = begin(&out, &names);
    journal
        .ended(Way::Packaged, &record("done", b"k", false), 1)
        .expect("written");
    journal
        .ended(Way::SetAside, &record("bad", b"k", true), 1)
        .expect("written");
    for folder in ["open", "left"] {
        let key = Digest::of(b"k");
        journal.hear(Event::Taken {
            folder,
            key,
            pages: 1,
        });
    }
    journal.left("left").expect("written");

    let history = History::read(out.path()).expect("a history");
    let listing = last_listing(out.path()).expect("a listing");
    let standing = Standing::of(&history, &listing);
    assert_eq!((standing.done, standing.waiting, standing.left), (1, 1, 1));
    assert_eq!(standing.open, ["open"]);
    assert_eq!(standing.set_aside[0].folder, "bad");
    assert_eq!(standing.codes, BTreeMap::from([("RUN-003", 1)]));
}

#[test]
fn pieces_of_a_stream_that_was_cut_otherwise_are_forgotten() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let journal = begin(&out, &["hop 1"]);
    for name in ["hop 1", "hop 1/a", "hop 1/b", "hop 10/a"] {
        let ended = journal.ended(Way::SetAside, &record(name, b"k", true), 1);
        ended.expect("written");
    }
    journal.hear(Event::StreamCut {
        stream: "hop 1",
        pages: 9,
        pieces: 1,
    });
    journal.listed(&["hop 1/b", "hop 10/a"]).expect("written");
    let history = History::read(out.path()).expect("a history");
    let known: Vec<&str> = history.dossiers.keys().map(String::as_str).collect();
    assert_eq!(known, ["hop 1/b", "hop 10/a"]);
}

#[test]
fn the_end_tells_how_long_the_threads_read_and_signed() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let journal = begin(&out, &["d1"]);
    for (page, ms) in [(1, 40), (2, 70)] {
        journal.hear(Event::PageRead {
            folder: "d1",
            scan: "trang.jpg",
            page,
            found: None,
            ms,
        });
    }
    let folder = "d1";
    journal.hear(Event::Signed { folder, ms: 300 });
    let ended = journal.end("window", None, OffsetDateTime::UNIX_EPOCH);
    ended.expect("written");

    let history = History::read(out.path()).expect("a history");
    let ended = history.runs[0].ended.as_ref().expect("it ended");
    let told = (ended.pages_read, ended.reading_ms, ended.signing_ms);
    assert_eq!(told, (2, 110, 300));
}
