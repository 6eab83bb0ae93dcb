//! The nightly run: signals, the window, the history, what a run would do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{drop_of, expect_exit, manifest, run, sohoa, tree, verify};

const DOSSIERS: &[&str] = &[
    "H10.12-221014-0002",
    "H10.18-230401-0061",
    "H10.21-240905-0019",
    "H10.33-240722-0088",
];
/// No dossier code, so it is set aside.
const NAMELESS: &str = "chua co ma";

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        drop_of("dossiers", DOSSIERS, &folder.path().join("drop"));
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, out: &str) -> Command {
        run(&self.path("drop"), &self.path(out))
    }

    /// Pages of one dossier of the package.
    fn pages_of(&self, out: &str, dossier: &str) -> usize {
        let records = manifest(&self.path(out));
        let record = records.iter().find(|record| record.folder == dossier);
        record.expect("a record").pages.len()
    }

    fn start(&self, out: &str) -> Child {
        let mut command = self.run(out);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("the program starts");
        wait_for(&self.path(out).join("runs/journal.jsonl"));
        child
    }

    fn status(&self, out: &str) -> Vec<Value> {
        let mut command = sohoa();
        command.arg("status").arg(self.path(out)).arg("--json");
        json_lines(&expect_exit(&mut command, 0))
    }
}

fn wait_for(path: &Path) {
    let began = Instant::now();
    while !path.exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "{path:?}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn wait_until_a_dossier_is_open(out: &Path) {
    let began = Instant::now();
    let journal = || fs::read_to_string(out.join("runs/journal.jsonl")).unwrap_or_default();
    while !journal().contains("\"taken\"") {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", journal());
        thread::sleep(Duration::from_millis(5));
    }
}

fn json_lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect()
}

fn summary(output: &Output) -> Value {
    json_lines(output).pop().expect("a summary")
}

fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_child(child);
    kill_process(pid, signal).expect("the signal is sent");
}

#[test]
fn a_signal_ends_the_run_clean_and_the_next_run_gives_the_same_bytes() {
    let place = Place::new();
    expect_exit(&mut place.run("whole"), 0);
    let expected = tree(&place.path("whole"));
    let points = [
        (Signal::INT, 130, 0),
        (Signal::TERM, 143, 400),
        (Signal::INT, 130, 1_300),
    ];
    let mut stopped = 0;
    for (signal, code, after_ms) in points {
        let mut child = place.start("stopped");
        // Before that it has no package, and a signal is nothing but its end.
        let lock = place.path("stopped/.lock");
        while !lock.exists() && child.try_wait().expect("a child").is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(after_ms));
        send(&child, signal);
        let ended = child.wait().expect("a child").code();
        // It may have been through before.
        assert!(ended == Some(code) || ended == Some(0), "{ended:?}");
        stopped += usize::from(ended == Some(code));
        assert!(!place.path("stopped/.lock").exists() && !place.path("stopped/.work").exists());
        // What stands is signed as it stands.
        expect_exit(&mut verify(&place.path("stopped")), 0);
    }
    assert!(stopped > 0, "no signal came in time");
    expect_exit(&mut place.run("stopped"), 0);
    assert_eq!(tree(&place.path("stopped")), expected);
}

/// Processes of this program whose arguments hold this word.
fn processes_with(word: &str) -> usize {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let arguments = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    arguments
        .filter(|line| {
            String::from_utf8_lossy(line)
                .split('\0')
                .any(|part| part == word)
        })
        .count()
}

#[test]
fn a_second_signal_ends_the_program_and_its_children_at_once() {
    let place = Place::new();
    let plan = place.path("plan.toml");
    // An unusual figure by which the children of this run are known.
    let memory = 3_000_000_000 + u64::from(std::process::id());
    fs::write(&plan, format!("[run]\nmemory_bytes = {memory}\n")).expect("a plan");
    let mut command = place.run("out");
    command.arg("--plan").arg(&plan);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    wait_for(&place.path("out/runs/journal.jsonl"));
    assert!(processes_with(&memory.to_string()) > 0);
    wait_until_a_dossier_is_open(&place.path("out"));
    send(&child, Signal::TERM);
    thread::sleep(Duration::from_millis(20));
    send(&child, Signal::INT);
    let began = Instant::now();
    let code = child.wait().expect("a child").code();
    assert!(matches!(code, Some(130 | 143)), "{code:?}");
    assert!(began.elapsed() < Duration::from_secs(2));
    while processes_with(&memory.to_string()) > 0 {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "children live on"
        );
        thread::sleep(Duration::from_millis(20));
    }
    expect_exit(&mut place.run("out"), 0);
    expect_exit(&mut verify(&place.path("out")), 0);
}

#[test]
fn a_run_out_of_time_leaves_the_rest_for_the_next() {
    let place = Place::new();
    expect_exit(&mut place.run("whole"), 0);
    let mut short = place.run("out");
    short.args(["--max-duration", "1s", "--json"]);
    let told = summary(&expect_exit(&mut short, 6));
    let left = told["run"]["left"].as_u64().expect("a number");
    assert!(left > 0, "{told}");
    expect_exit(&mut verify(&place.path("out")), 0);
    let status = place.status("out");
    let (run, last) = (&status[0], status.last().expect("a summary"));
    assert_eq!(
        (&run["ended"]["how"], &run["exit_code"]),
        (&"window".into(), &6.into())
    );
    let waiting = last["waiting"].as_u64().zip(last["left"].as_u64());
    assert_eq!(waiting.map(|(waiting, left)| waiting + left), Some(left));

    let mut excused = place.run("out");
    excused.args(["--max-duration", "1s", "--exit-zero-on", "window"]);
    expect_exit(&mut excused, 0);
    let mut rest = place.run("out");
    rest.args(["--max-duration", "8h", "--json"]);
    let told = summary(&expect_exit(&mut rest, 0));
    assert_eq!(told["run"]["left"], 0);
    assert_eq!(tree(&place.path("out")), tree(&place.path("whole")));
}

#[test]
fn a_dry_run_tells_exactly_what_the_run_does_and_writes_nothing() {
    let place = Place::new();
    let drop = place.path("drop");
    fs::create_dir(drop.join(NAMELESS)).expect("a folder");
    fs::write(drop.join(NAMELESS).join("1.txt"), "không phải ảnh").expect("a file");
    let before = tree(&drop);
    let look = || {
        let mut command = place.run("out");
        command.args(["--dry-run", "--json"]);
        let lines = json_lines(&expect_exit(&mut command, 0));
        (lines[0].clone(), lines.last().expect("a summary").clone())
    };
    let (problem, told) = look();
    assert_eq!(
        (&problem["type"], &problem["folder"]),
        (&"problem".into(), &NAMELESS.into())
    );
    assert_eq!(
        (&told["dossiers"]["new"], &told["speed_measured"]),
        (&5.into(), &false.into())
    );
    assert!(!place.path("out").exists() && tree(&drop) == before);

    let mut night = place.run("out");
    let done = summary(&expect_exit(night.arg("--json"), 4));
    assert_eq!(told["pages"], done["pages_read"]);
    let stood = tree(&place.path("out"));

    // A page of one dossier changes: that one is redone, and no other.
    let page = drop.join(DOSSIERS[3]);
    let page = fs::read_dir(page)
        .expect("a dossier")
        .next()
        .expect("a page");
    let page = page.expect("an entry").path();
    let mut bytes = fs::read(&page).expect("a page");
    bytes.extend_from_slice(b"\n");
    fs::write(&page, bytes).expect("a page");
    let dossiers = look().1["dossiers"].clone();
    assert_eq!(
        dossiers,
        serde_json::json!({"new": 0, "changed": 1, "done": 3, "set_aside": 1, "streams": 0})
    );
    assert_eq!(tree(&place.path("out")), stood);
    let again = summary(&expect_exit(place.run("out").arg("--json"), 4));
    assert_eq!(again["pages_read"], place.pages_of("out", DOSSIERS[3]));
}

#[test]
fn a_dossier_whose_file_is_cut_in_the_package_is_done_again() {
    let place = Place::new();
    expect_exit(&mut place.run("out"), 0);
    let whole = tree(&place.path("out"));
    let record = &manifest(&place.path("out"))[0];
    let folder = place.path("out/dossiers").join(&record.folder);
    let file = folder.join(&record.documents[0].file);
    fs::write(&file, b"cut").expect("a file");
    let told = summary(&expect_exit(place.run("out").arg("--json"), 0));
    assert_eq!(told["pages_read"], record.pages.len());
    assert_eq!(tree(&place.path("out")), whole);
}

#[test]
fn status_tells_of_a_run_at_work_a_killed_one_and_of_none() {
    let place = Place::new();
    let mut nothing = sohoa();
    nothing.arg("status").arg(place.path("drop"));
    let told = String::from_utf8(expect_exit(&mut nothing, 7).stderr).expect("UTF-8");
    assert!(told.contains("RUN-012"), "{told}");

    let mut child = place.start("out");
    let now = place.status("out").pop().expect("a summary");
    let pid = format!("pid {}", child.id());
    let owner = now["lock"]["owner"].as_str().expect("an owner");
    assert!(
        owner.starts_with(&pid) && now["lock"]["lives"] == true,
        "{now}"
    );
    assert_eq!(now["at_work"]["dossiers"], 4);
    let began = Instant::now();
    let opened = |status: &Value| !status["open"].as_array().expect("a list").is_empty();
    while !opened(&place.status("out").pop().expect("a summary")) {
        assert!(began.elapsed() < Duration::from_secs(60));
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");

    let dead = place.status("out").pop().expect("a summary");
    assert!(
        dead["at_work"].is_null() && dead["lock"]["lives"] == false,
        "{dead}"
    );
    assert!(opened(&dead), "{dead}");

    fs::create_dir(place.path("drop").join(NAMELESS)).expect("a folder");
    expect_exit(&mut place.run("out"), 4);
    let status = place.status("out");
    let last = status.last().expect("a summary");
    let number = |word: &str| last[word].as_u64().expect("a number");
    assert_eq!(number("done") + number("waiting_for_review"), 4);
    assert_eq!((number("waiting"), number("set_aside")), (0, 1));
    assert!(last["open"].as_array().is_some_and(Vec::is_empty) && last["lock"].is_null());

    let mut people = sohoa();
    people.arg("status").arg(place.path("out"));
    let told = String::from_utf8(expect_exit(&mut people, 0).stdout).expect("UTF-8");
    for word in [
        NAMELESS,
        "RUN-008",
        "→",
        "bị tắt ngang",
        "4: xong, có hồ sơ để riêng",
    ] {
        assert!(told.contains(word), "{word} is missing in\n{told}");
    }
}

#[test]
fn the_last_line_is_made_for_the_mail_of_a_cron_job() {
    let place = Place::new();
    fs::create_dir(place.path("drop").join(NAMELESS)).expect("a folder");
    let told = expect_exit(&mut place.run("out"), 4).stdout;
    let told = String::from_utf8(told).expect("UTF-8");
    let last = told.lines().last().expect("a line");
    let out = place.path("out").display().to_string();
    let parts = [
        "sohoa: 5 hồ sơ = ",
        " đóng gói + 0 đã làm từ trước + ",
        " chờ xem lại + 1 để riêng + 0 còn lại · ",
        "trang/phút",
        out.as_str(),
        "mã thoát 4: xong, có hồ sơ để riêng",
    ];
    for part in parts {
        assert!(last.contains(part), "{part} is missing in {last}");
    }
    let mut excused = place.run("out");
    expect_exit(excused.args(["--exit-zero-on", "aside,window"]), 0);
}
