//! Killing the program at any moment leaves no half-written file and loses nothing.
//!
//! `kill -9` falls at random moments and at random calls to the disk (a write torn in
//! its middle among them); the run is started again and killed again until it comes to
//! its end. `SOHOA_TEST_SEED` gives other points.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::chance::Chance;
use crate::faults::Strike;
use crate::rehearsal::{Rehearsal, copy_of, rehearsal};
use crate::support::{expect_exit, run, verify};

/// Kills of the short form.
const KILLS: u32 = 110;

/// Where the kill falls.
#[derive(Clone, Copy, Debug)]
enum Kill {
    /// So long after the start; `with_children`: its whole process group at once.
    After { time: Duration, with_children: bool },
    /// At this call that changes the disk.
    AtDiskCall(u64),
}

impl Kill {
    fn by_chance(chance: &mut Chance, rehearsal: &Rehearsal) -> Self {
        if chance.coin() {
            return Self::AtDiskCall(1 + chance.below(rehearsal.calls));
        }
        let whole_us = rehearsal.time.as_micros() as u64;
        Self::After {
            time: Duration::from_micros(chance.below(whole_us)),
            with_children: chance.coin(),
        }
    }

    /// Runs until the kill or the run's own end.
    fn fall(self, rehearsal: &Rehearsal, out: &Path) -> ExitStatus {
        match self {
            Self::AtDiskCall(at) => {
                let (mut command, _spent) = rehearsal.struck_run(out, Strike::Dies { at });
                quiet(&mut command).status().expect("the program starts")
            }
            Self::After {
                time,
                with_children,
            } => {
                let mut command = run(&rehearsal.drop, out);
                let mut child = quiet(&mut command).process_group(0).spawn();
                let child = child.as_mut().expect("the program starts");
                thread::sleep(time);
                kill(child, with_children);
                child.wait().expect("a child")
            }
        }
    }
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

fn kill(child: &mut Child, with_children: bool) {
    let group = Pid::from_child(child);
    // It may have ended by itself a moment ago.
    let _ = match with_children {
        true => kill_process_group(group, Signal::KILL).map_err(Into::into),
        false => child.kill(),
    };
}

/// Kills one package's run again and again until it ends by itself; the number of kills.
fn kill_until_done(chance: &mut Chance, out: &Path) -> u32 {
    let rehearsal = rehearsal();
    let mut kills = Vec::new();
    loop {
        let kill = Kill::by_chance(chance, rehearsal);
        let status = kill.fall(rehearsal, out);
        kills.push(kill);
        let story = format!("{kills:?}");
        if status.signal() == Some(9) {
            rehearsal.expect_only_whole_files(out, &story);
            continue;
        }
        assert_eq!(status.code(), Some(0), "{story}");
        rehearsal.expect_whole(out, &story);
        return kills.len() as u32 - 1;
    }
}

#[test]
fn a_hundred_kills_at_random_points_lose_nothing() {
    let mut chance = Chance::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    let mut kills = 0;
    while kills < KILLS {
        // A fresh package, or one of yesterday in which a dossier has to be replaced.
        if chance.coin() {
            copy_of(&rehearsal().older_out, &out);
        }
        kills += kill_until_done(&mut chance, &out);
        if kills >= KILLS {
            expect_exit(&mut verify(&out), 0);
        }
        std::fs::remove_dir_all(&out).expect("a package");
    }
}

/// Not by chance: at every single call that changes the disk.
#[test]
#[ignore = "takes minutes"]
fn a_kill_at_every_disk_call_loses_nothing() {
    let rehearsal = rehearsal();
    rehearsal.at_every_call(|call, out, from_yesterday| {
        let kill = Kill::AtDiskCall(call);
        let status = kill.fall(rehearsal, out);
        let story = format!("{kill:?}, from yesterday: {from_yesterday}");
        rehearsal.expect_only_whole_files(out, &story);
        match status.signal() {
            Some(9) => rehearsal.expect_finished(out, &story),
            // The run ended before that call: it had less to do.
            _ => rehearsal.expect_whole(out, &story),
        }
    });
}
