//! A page that kills, hangs or starves its reader costs at most its own text, never the run.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sohoa::model::manifest::{Fate, Outcome, PublishedPage, Reading};

use crate::support::{drop_of, expect_exit, manifest, run, verify};

const DOSSIERS: &[&str] = &[
    "H10.12-221014-0002",
    "H10.18-230401-0061",
    "H10.33-240722-0088",
];

/// The processes that this one started.
fn children(parent: u32) -> Vec<Pid> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task"));
    let tasks = tasks.into_iter().flatten().flatten();
    let listed = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let pids: Vec<i32> = listed
        .flat_map(|list| {
            let pids = list.split_whitespace().map(str::parse);
            pids.flatten().collect::<Vec<i32>>()
        })
        .collect();
    pids.into_iter().filter_map(Pid::from_raw).collect()
}

fn start(drop: &Path, out: &Path) -> Child {
    let mut command = run(drop, out);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

fn wait_for_children(child: &mut Child) -> Vec<Pid> {
    let began = Instant::now();
    loop {
        let found = children(child.id());
        if !found.is_empty() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "no child");
        let ended = child.try_wait().expect("a child");
        assert!(ended.is_none(), "ended without a reading process");
        thread::sleep(Duration::from_millis(2));
    }
}

fn published(out: &Path) -> Vec<PublishedPage> {
    let pages = manifest(out).into_iter().flat_map(|record| record.pages);
    pages.filter_map(|page| page.published).collect()
}

#[test]
fn reading_processes_that_die_are_replaced_and_no_page_is_lost() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    drop_of("dossiers", DOSSIERS, &drop);
    let mut child = start(&drop, &out);
    let mut killed = 0;
    // Without its first reading process the program says what is missing, and does not begin.
    while !out.join(".lock").exists() && child.try_wait().expect("a child").is_none() {
        thread::sleep(Duration::from_millis(2));
    }
    while child.try_wait().expect("a child").is_none() {
        for pid in children(child.id()).into_iter().take(1) {
            // One at a time and far apart: no page is met at all its tries.
            if killed < 3 && kill_process(pid, Signal::KILL).is_ok() {
                killed += 1;
            }
        }
        thread::sleep(Duration::from_millis(2_500));
    }
    assert!(killed > 0, "the run was too quick to be disturbed");
    assert_eq!(child.wait().expect("a child").code(), Some(0));
    let records = manifest(&out);
    assert!(records.iter().all(|r| r.outcome == Outcome::Packaged));
    expect_exit(&mut verify(&out), 0);
}

#[test]
fn reading_processes_end_when_the_run_is_killed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    drop_of("dossiers", DOSSIERS, &drop);
    let mut child = start(&drop, &out);
    let readers = wait_for_children(&mut child);
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
    let began = Instant::now();
    while readers.iter().any(|&pid| test_kill_process(pid).is_ok()) {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "a reading process outlives the run"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_page_that_is_not_read_in_time_stands_as_an_image_and_waits_for_a_person() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    drop_of("dossiers", &DOSSIERS[..1], &drop);
    let plan = folder.path().join("plan.toml");
    fs::write(&plan, "[recognize]\nmax_page_ms = 40\n").expect("written");
    expect_exit(run(&drop, &out).arg("--plan").arg(&plan), 0);
    let records = manifest(&out);
    let mut reasons = records.iter().flat_map(|record| &record.review);
    assert!(reasons.any(|reason| reason.code == "REV-004"));
    let pages = published(&out);
    assert!(!pages.is_empty());
    for page in pages {
        assert_eq!((page.reading, page.words), (Reading::ImageOnly, 0));
    }
    expect_exit(&mut verify(&out), 0);
}

#[test]
fn a_page_that_needs_more_memory_than_the_plan_has_is_set_aside() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    drop_of("dossiers", &DOSSIERS[..1], &drop);
    let large = drop.join("H10.12-221014-0007");
    fs::create_dir_all(&large).expect("a folder");
    // 300 MB of pixels out of a few hundred kB.
    let map = image::RgbImage::from_fn(10_000, 10_000, |x, y| {
        let dark = (x / 500 + y / 500) % 2 == 0;
        image::Rgb(if dark { [20, 20, 90] } else { [200, 230, 30] })
    });
    map.save(large.join("ban do.png")).expect("written");
    let plan = folder.path().join("plan.toml");
    fs::write(&plan, "[run]\nmemory_bytes = 450000000\n").expect("written");
    expect_exit(run(&drop, &out).arg("--plan").arg(&plan), 4);
    let records = manifest(&out);
    let of = |code: &str| records.iter().find(|r| r.folder == code).expect("a record");
    assert_eq!(of(DOSSIERS[0]).outcome, Outcome::Packaged);
    let aside = of("H10.12-221014-0007");
    assert_eq!(aside.outcome, Outcome::SetAside);
    assert_eq!(aside.reasons[0].code, "INT-021");
    assert!(aside.pages.iter().all(|page| page.fate == Fate::Rejected));
}

#[test]
fn a_run_that_may_have_less_memory_than_the_plan_says_reads_within_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    drop_of("dossiers", &DOSSIERS[2..], &drop);
    let asked = run(&drop, &out);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -v 2000000 && exec \"$0\" \"$@\""]);
    limited.arg(asked.get_program()).args(asked.get_args());
    expect_exit(limited.env("SOURCE_DATE_EPOCH", "1761955200"), 0);
    assert_eq!(manifest(&out)[0].outcome, Outcome::Packaged);
}
