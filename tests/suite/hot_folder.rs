//! A watched drop: nothing is taken before it is whole, nothing twice, and nothing is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{drop_of, expect_exit, fixture, manifest, run, verify};

const FIRST: &str = "H10.33-240722-0088";
const SECOND: &str = "H10.12-221014-0002";
/// No dossier code, so it is set aside.
const NAMELESS: &str = "chua co ma";

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("drop")).expect("a folder");
        fs::write(folder.path().join("plan.toml"), "[watch]\nsettle_s = 1\n").expect("a plan");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn watch(&self, out: &str) -> Command {
        let mut command = run(&self.path("drop"), &self.path(out));
        command.args(["--watch", "--every", "1s", "--plan"]);
        command.arg(self.path("plan.toml"));
        command
    }

    fn start(&self, out: &str) -> Child {
        let mut command = self.watch(out);
        let said = fs::File::create(self.path("said")).expect("a file");
        command.stdout(Stdio::null()).stderr(said);
        let child = command.spawn().expect("the program starts");
        wait_for(&self.path("drop/.sohoa-nhan"));
        child
    }

    fn end(&self, mut child: Child) {
        kill_process(Pid::from_child(&child), Signal::TERM).expect("the signal is sent");
        assert_eq!(child.wait().expect("a child").code(), Some(143));
        assert!(!self.path("drop/.sohoa-giu").exists());
    }
}

fn wait_for(path: &Path) {
    let began = Instant::now();
    while !path.exists() {
        let said = path
            .ancestors()
            .find_map(|above| fs::read_to_string(above.join("said")).ok());
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "{path:?}\n{said:?}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

fn pages_of(dossier: &str) -> Vec<PathBuf> {
    let listed = fs::read_dir(fixture("dossiers").join(dossier)).expect("a dossier");
    let mut pages: Vec<PathBuf> = listed
        .map(|entry| entry.expect("an entry").path())
        .collect();
    pages.sort();
    pages
}

#[test]
fn a_slow_writer_is_waited_for() {
    let place = Place::new();
    let child = place.start("out");
    let folder = place.path("drop").join(SECOND);
    fs::create_dir(&folder).expect("a folder");
    let pages = pages_of(SECOND);
    let name = |page: &Path| folder.join(page.file_name().expect("a name"));
    let bytes: Vec<Vec<u8>> = pages
        .iter()
        .map(|page| fs::read(page).expect("a page"))
        .collect();
    let unfinished = folder.join("dang-chep.part");

    // Half a picture rests longer than the time of rest; so does a name of what is unfinished.
    fs::write(name(&pages[0]), &bytes[0][..bytes[0].len() / 2]).expect("half a page");
    thread::sleep(Duration::from_millis(3_500));
    assert!(folder.exists(), "half a page was taken");
    for (page, bytes) in pages.iter().zip(&bytes).skip(1) {
        fs::write(name(page), bytes).expect("a page");
    }
    fs::write(&unfinished, b"").expect("a file");
    fs::write(name(&pages[0]), &bytes[0]).expect("a page");
    thread::sleep(Duration::from_millis(3_500));
    assert!(folder.exists(), "an unfinished copy was taken");
    fs::remove_file(unfinished).expect("gone");

    wait_for(&place.path("drop/.sohoa-xong").join(SECOND));
    place.end(child);
    let record = &manifest(&place.path("out"))[0];
    assert_eq!(record.sources.len(), pages.len());
    assert!(record.reasons.is_empty());
    expect_exit(&mut verify(&place.path("out")), 0);
}

#[test]
fn two_watchers_never_share_a_drop_and_what_a_dead_one_claimed_is_finished() {
    let place = Place::new();
    let mut first = place.start("one");
    let told = expect_exit(&mut place.watch("two"), 12).stderr;
    let told = String::from_utf8(told).expect("UTF-8");
    let owner = format!("pid {} @ ", first.id());
    assert!(told.contains("RUN-014") && told.contains(&owner), "{told}");
    expect_exit(&mut run(&place.path("drop"), &place.path("two")), 12);
    assert!(!place.path("two").exists());

    // Moved in whole, as a careful writer does: a busy machine must not part them.
    drop_of("dossiers", &[FIRST, SECOND], &place.path("coming"));
    let nameless = place.path("coming").join(NAMELESS);
    fs::create_dir(&nameless).expect("a folder");
    fs::copy(&pages_of(FIRST)[0], nameless.join("1.jpg")).expect("a page");
    for name in [FIRST, SECOND, NAMELESS] {
        fs::rename(
            place.path("coming").join(name),
            place.path("drop").join(name),
        )
        .expect("moved");
    }
    let claimed = place.path("drop/.sohoa-nhan");
    let began = Instant::now();
    while fs::read_dir(&claimed).expect("a folder").next().is_none() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "nothing was claimed"
        );
        thread::sleep(Duration::from_millis(5));
    }
    first.kill().expect("SIGKILL");
    first.wait().expect("a child");

    let second = place.start("one");
    wait_for(&place.path("drop/.sohoa-xong").join(FIRST));
    wait_for(&place.path("drop/.sohoa-xong").join(SECOND));
    wait_for(
        &place
            .path("drop/.sohoa-de-rieng")
            .join(NAMELESS)
            .join("1.jpg"),
    );
    place.end(second);
    let said = fs::read_to_string(place.path("said")).expect("what was said");
    assert!(said.contains(".sohoa-de-rieng"), "{said}");

    let mut folders: Vec<String> = manifest(&place.path("one"))
        .into_iter()
        .map(|record| record.folder)
        .collect();
    folders.sort();
    assert_eq!(folders, [SECOND, FIRST, NAMELESS]);
    expect_exit(&mut verify(&place.path("one")), 0);
    assert_eq!(fs::read_dir(&claimed).expect("a folder").count(), 0);
}
