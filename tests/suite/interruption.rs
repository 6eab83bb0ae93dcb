//! Killing the program at any moment leaves no half-written file and loses nothing.

use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{drop_of, expect_exit, run, tree, verify};

/// Dossiers of few pages, so that several are finished and several open when the kill comes.
const DOSSIERS: &[&str] = &[
    "H10.12-221014-0002",
    "H10.18-230401-0061",
    "H10.21-240905-0019",
    "H10.33-240722-0088",
];

fn start(drop: &Path, out: &Path) -> Child {
    let mut command = run(drop, out);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

/// Waits until a dossier has its final name (or the program has ended), then a little more.
fn wait_for_first_dossier(out: &Path, child: &mut Child, more: Duration) {
    let began = Instant::now();
    let finished = |out: &Path| {
        std::fs::read_dir(out.join("dossiers")).is_ok_and(|mut entries| entries.next().is_some())
    };
    while !finished(out) && child.try_wait().expect("a child").is_none() {
        assert!(
            began.elapsed() < Duration::from_secs(300),
            "no dossier within five minutes"
        );
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(more);
}

#[test]
fn a_killed_run_leaves_whole_files_and_the_next_run_completes_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", DOSSIERS, &drop);
    let whole = folder.path().join("whole");
    expect_exit(&mut run(&drop, &whole), 0);
    let expected = tree(&whole);

    let out = folder.path().join("killed");
    for more_ms in [0, 40, 400] {
        let mut child = start(&drop, &out);
        wait_for_first_dossier(&out, &mut child, Duration::from_millis(more_ms));
        child.kill().expect("SIGKILL");
        child.wait().expect("a child");
        // What has a final name is, byte for byte, what the whole run gives.
        for (name, digest) in tree(&out)
            .iter()
            .filter(|(name, _)| !name.starts_with(".work/"))
        {
            assert_eq!(expected.get(name), Some(digest), "{name} after a kill");
        }
    }
    expect_exit(&mut run(&drop, &out), 0);
    assert_eq!(tree(&out), expected);
    expect_exit(&mut verify(&out), 0);
}

#[test]
fn two_runs_on_one_package_do_not_meet() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", DOSSIERS, &drop);
    let out = folder.path().join("out");
    let mut first = start(&drop, &out);
    while !out.join(".work").exists() {
        assert!(
            first.try_wait().expect("a child").is_none(),
            "the first run ended too early"
        );
        thread::sleep(Duration::from_millis(2));
    }
    let output = expect_exit(&mut run(&drop, &out), 12);
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        told.contains("PKG-003") && told.contains(&format!("pid {}", first.id())),
        "{told}"
    );
    first.kill().expect("SIGKILL");
    first.wait().expect("a child");
}
