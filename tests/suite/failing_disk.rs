//! A disk that is full, read-only, broken or gone: the run says so, and nothing is lost.
//!
//! Each failing call is one of the program's own, chosen by number; what has a final name
//! is whole afterwards, and a run without trouble comes to the same bytes as one that never
//! had any.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use rustix::io::Errno;

use crate::chance::Chance;
use crate::faults::{self, READING, Strike};
use crate::rehearsal::{Rehearsal, copy_of, package, rehearsal};
use crate::support::{expect_exit, run, verify};

/// Failing calls of the short form, of each kind.
const SAMPLE: u64 = 24;
/// Failures met one after the other before a run is left alone.
const IN_A_ROW: u64 = 4;

const ERRORS: [Errno; 4] = [Errno::NOSPC, Errno::IO, Errno::ROFS, Errno::DQUOT];

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A run that meets a failing write ends with exit code 8 and its code; false where it met none.
fn meets_failing_write(
    rehearsal: &Rehearsal,
    out: &Path,
    at: u64,
    errno: Errno,
    lasting: bool,
) -> bool {
    let strike = Strike::Fails { at, errno, lasting };
    let (mut command, spent) = rehearsal.struck_run(out, strike);
    let output = command.output().expect("the program starts");
    let story = format!("{strike:?}: {}", said(&output));
    rehearsal.expect_only_whole_files(out, &story);
    if spent.calls() < at {
        assert_eq!(output.status.code(), Some(0), "{story}");
        rehearsal.expect_whole(out, &story);
        return false;
    }
    assert_eq!(output.status.code(), Some(8), "{story}");
    let full = errno == Errno::NOSPC || errno == Errno::DQUOT;
    let code = if full { "PKG-001" } else { "PKG-002" };
    assert!(story.contains(code), "{story}");
    true
}

#[test]
fn a_failed_write_stops_the_run_and_costs_nothing() {
    let rehearsal = rehearsal();
    let mut chance = Chance::new();
    let mut met = 0;
    while met < SAMPLE {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let out = folder.path().join("out");
        if chance.coin() {
            copy_of(&rehearsal.older_out, &out);
        }
        for _ in 0..IN_A_ROW {
            let at = 1 + chance.below(rehearsal.calls);
            let errno = ERRORS[chance.below(4) as usize];
            met += u64::from(meets_failing_write(
                rehearsal,
                &out,
                at,
                errno,
                chance.coin(),
            ));
        }
        rehearsal.expect_finished(&out, "failed writes");
    }
}

/// Not by chance: every call that changes the disk, with every error.
#[test]
#[ignore = "takes many minutes"]
fn each_single_failed_write_stops_the_run_and_costs_nothing() {
    let rehearsal = rehearsal();
    rehearsal.at_every_call(|call, out, _| {
        let errno = ERRORS[call as usize % 4];
        meets_failing_write(rehearsal, out, call, errno, false);
        rehearsal.expect_finished(out, &format!("call {call} failed with {errno:?}"));
    });
}

#[test]
fn a_full_disk_stops_the_run_until_there_is_room() {
    let rehearsal = rehearsal();
    for eighths in [0, 1, 3, 5, 7] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let out = folder.path().join("out");
        let room_bytes = rehearsal.bytes * eighths / 8;
        let (mut command, _spent) = rehearsal.struck_run(&out, Strike::Full { room_bytes });
        let output = expect_exit(&mut command, 8);
        assert!(said(&output).contains("PKG-001"), "{}", said(&output));
        let story = format!("a disk of {room_bytes} bytes");
        rehearsal.expect_only_whole_files(&out, &story);
        rehearsal.expect_finished(&out, &story);
    }
}

/// A file system of a few hundred kilobytes, where the system lets us have one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path, bytes: u64) -> Option<Self> {
        fs::create_dir_all(at).expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"]);
        let mounted = mount.arg(at).stderr(Stdio::null()).status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What stays mounted goes with the machine.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_is_really_too_small_is_told_and_what_stands_there_is_whole() {
    let rehearsal = rehearsal();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path().join("disk");
    // One dossier finds room, all of them do not.
    let bytes = rehearsal.bytes / 2;
    let disk = SmallDisk::mount(&at, bytes);
    let out = at.join("out");
    let mut command = match &disk {
        Some(_) => run(&rehearsal.drop, &out),
        None => {
            rehearsal
                .struck_run(&out, Strike::Full { room_bytes: bytes })
                .0
        }
    };
    let output = expect_exit(&mut command, 8);
    assert!(said(&output).contains("PKG-001"), "{}", said(&output));
    rehearsal.expect_only_whole_files(&out, "a disk too small");
    // Somebody copies what was done to a larger disk and goes on there.
    let larger = folder.path().join("larger");
    copy_of(&out, &larger);
    rehearsal.expect_finished(&larger, "a disk too small");
}

#[test]
fn a_read_only_disk_is_exit_code_8_and_stays_as_it_was() {
    let rehearsal = rehearsal();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    copy_of(&rehearsal.older_out, &out);
    let strike = Strike::Fails {
        at: 1,
        errno: Errno::ROFS,
        lasting: true,
    };
    let output = expect_exit(&mut rehearsal.struck_run(&out, strike).0, 8);
    assert!(said(&output).contains("PKG-002"), "{}", said(&output));
    assert_eq!(package(&out), rehearsal.older);
}

#[test]
fn a_limit_on_the_size_of_files_is_told_and_what_was_done_is_whole() {
    let rehearsal = rehearsal();
    let folder = tempfile::tempdir().expect("a temporary folder");
    // In blocks of 512 bytes: less than a scan, and less than the pixels of a page.
    for blocks in [16, 100] {
        let out = folder.path().join(format!("out{blocks}"));
        let asked = run(&rehearsal.drop, &out);
        let mut limited = Command::new("sh");
        let within = format!("ulimit -f {blocks} && exec \"$0\" \"$@\"");
        limited.arg("-c").arg(within).arg(asked.get_program());
        limited.args(asked.get_args());
        let output = expect_exit(limited.env("SOURCE_DATE_EPOCH", "1761955200"), 8);
        assert!(said(&output).contains("PKG-002"), "{}", said(&output));
        expect_exit(&mut run(&rehearsal.drop, &out), 0);
        assert_eq!(package(&out), rehearsal.whole);
    }
}

/// A run whose source fails at one reading call: its dossier is set aside, or the source named.
fn meets_failing_read(rehearsal: &Rehearsal, at: u64, errno: Errno, lasting: bool) -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    let mut command = run(&rehearsal.drop, &out);
    command.args(["--jobs", "1", "--lanes", "1", "--lang", "en"]);
    let strike = Strike::Fails { at, errno, lasting };
    let spent = faults::strike(&mut command, &rehearsal.drop, READING, strike);
    let output = command.output().expect("the program starts");
    let story = format!("{strike:?} of the source: {}", said(&output));
    let code = output.status.code();
    let met = spent.calls() >= at;
    match met {
        true => assert!(code == Some(4) || code == Some(7), "{code:?} {story}"),
        false => assert_eq!(code, Some(0), "{story}"),
    }
    let said_why = ["INT-001", "INT-016", "PKG-006"];
    assert!(
        !met || said_why.iter().any(|code| story.contains(code)),
        "{story}"
    );
    if code == Some(4) {
        rehearsal.expect_only_whole_dossiers(&out, &story);
        expect_exit(&mut verify(&out), 0);
    }
    rehearsal.expect_finished(&out, &story);
    met
}

#[test]
fn a_source_that_cannot_be_read_for_a_while_is_done_the_next_time() {
    let rehearsal = rehearsal();
    let errors = [Errno::IO, Errno::STALE];
    let mut chance = Chance::new();
    // The listing, then every few calls up to the end, once and for good.
    let mut at = 1;
    while meets_failing_read(
        rehearsal,
        at,
        errors[chance.below(2) as usize],
        chance.coin(),
    ) {
        at += 1 + chance.below(8);
    }
    assert!(at > 20, "only {at} readings of the source were seen");
}

#[test]
fn a_drop_that_vanishes_in_mid_run_loses_nothing() {
    let rehearsal = rehearsal();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [drop, away, out] = ["drop", "away", "out"].map(|name| folder.path().join(name));
    copy_of(&rehearsal.drop, &drop);
    let mut command = run(&drop, &out);
    command
        .args(["--jobs", "1", "--lanes", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let begun = || fs::read_dir(out.join("dossiers")).is_ok_and(|mut found| found.next().is_some());
    while !begun() {
        assert!(
            child.try_wait().expect("a child").is_none(),
            "ended too early"
        );
        thread::sleep(Duration::from_millis(2));
    }
    fs::rename(&drop, &away).expect("the share goes");
    let code = child.wait().expect("a child").code();
    assert!(matches!(code, Some(4 | 7)), "{code:?}");
    rehearsal.expect_only_whole_dossiers(&out, "the drop vanished");
    fs::rename(&away, &drop).expect("the share comes back");
    expect_exit(&mut run(&drop, &out), 0);
    rehearsal.expect_whole(&out, "the drop vanished");
}
