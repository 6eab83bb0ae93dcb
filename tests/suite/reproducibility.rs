//! The same scans, plan and key give the same bytes, whatever the number of threads.

use crate::support::{drop_of, expect_exit, header, manifest, run, tree, verify};

#[test]
fn one_thread_and_all_threads_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", &[], &drop);
    let one = folder.path().join("one");
    let all = folder.path().join("all");
    expect_exit(run(&drop, &one).args(["--jobs", "1", "--lanes", "1"]), 0);
    expect_exit(run(&drop, &all).args(["--jobs", "4", "--lanes", "5"]), 0);
    assert_eq!(tree(&one), tree(&all));
    expect_exit(&mut verify(&all), 0);

    // Every dossier and every page is accounted for.
    let header = header(&all);
    let dossiers = std::fs::read_dir(&drop).expect("the drop").count() as u64;
    assert_eq!(header.dossiers.packaged, dossiers);
    let pages = header.pages;
    assert_eq!(
        pages.scanned,
        pages.published + pages.blank + pages.separator + pages.rejected
    );
    assert!(pages.scanned >= 40 && pages.blank > 0, "{pages:?}");
    assert!(
        manifest(&all)
            .iter()
            .all(|record| !record.documents.is_empty())
    );

    // A second run finds everything done and changes nothing, not even a time.
    let before = tree(&all);
    let mut again = run(&drop, &all);
    again.env("SOURCE_DATE_EPOCH", "1762000000").arg("--json");
    let output = expect_exit(&mut again, 0);
    let last = String::from_utf8(output.stdout).expect("UTF-8");
    let summary: serde_json::Value =
        serde_json::from_str(last.lines().last().expect("a summary")).expect("JSON");
    assert_eq!(summary["type"], "summary");
    let number = |word: &str| summary["run"][word].as_u64().expect("a number");
    assert_eq!(
        number("already_done") + number("waiting_for_review"),
        dossiers
    );
    assert_eq!(summary["pages_read"], 0);
    assert_eq!(tree(&all), before);
}
