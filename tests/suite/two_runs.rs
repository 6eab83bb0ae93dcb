//! Two runs at once: on one package the second is refused, on one drop both do their work.

use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use crate::rehearsal::rehearsal;
use crate::support::{expect_exit, run, verify};

fn wait_until(child: &mut Child, is_so: impl Fn() -> bool) {
    while !is_so() {
        let ended = child.try_wait().expect("a child");
        assert!(ended.is_none(), "the first run ended too early: {ended:?}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A run that holds the package.
fn begun_run(drop: &Path, out: &Path) -> Child {
    let mut run = run(drop, out);
    let begun = run.stdout(Stdio::null()).spawn();
    let mut begun = begun.expect("the program starts");
    wait_until(&mut begun, || out.join(".work").exists());
    begun
}

#[test]
fn a_second_run_on_one_package_is_told_who_holds_it_and_disturbs_nothing() {
    let rehearsal = rehearsal();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    let mut first = begun_run(&rehearsal.drop, &out);

    let output = expect_exit(&mut run(&rehearsal.drop, &out), 12);
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a host name");
    for word in ["PKG-003", &format!("pid {}", first.id()), host.trim()] {
        assert!(told.contains(word), "{word} is not in: {told}");
    }

    assert_eq!(first.wait().expect("a child").code(), Some(0));
    rehearsal.expect_whole(&out, "a second run was refused");
}

#[test]
fn the_lock_of_a_killed_run_holds_nobody_up() {
    let rehearsal = rehearsal();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    let mut first = begun_run(&rehearsal.drop, &out);
    first.kill().expect("SIGKILL");
    first.wait().expect("a child");
    assert!(out.join(".lock").exists(), "the killed run left its lock");
    rehearsal.expect_finished(&out, "its owner was killed");
}

#[test]
fn two_runs_on_one_drop_into_two_packages_give_the_same_bytes() {
    let rehearsal = rehearsal();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outs = ["one", "two"].map(|name| folder.path().join(name));
    let both = outs.each_ref().map(|out| {
        let mut command = run(&rehearsal.drop, out);
        command
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts")
    });
    for mut child in both {
        assert_eq!(child.wait().expect("a child").code(), Some(0));
    }
    for out in &outs {
        rehearsal.expect_whole(out, "two runs at once");
        expect_exit(&mut verify(out), 0);
    }
}
