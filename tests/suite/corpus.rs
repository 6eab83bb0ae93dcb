//! The hostile corpus: some four hundred dossiers with a defect each, in one drop and one run.
//!
//! `scripts/make_fixtures --set corpus` draws them and says what is expected of each; what
//! git and Python's zip cannot hold (links, pipes, locked files) is made here. One run over all
//! of them: every entry is mentioned, each ends as expected, the sums close, no input is
//! changed, nothing is written outside the package, and the memory stays within bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde::Deserialize;
use sohoa::model::Digest;
use sohoa::model::manifest::{DossierRecord, Outcome};
use walkdir::WalkDir;

use crate::memory::peak_of;
use crate::support::{expect_exit, header, manifest, root, run, verify};

/// Tighter limits than the plan's own, so that bombs burst early and the run takes half a minute.
const PLAN: &str = "[intake]\nmax_page_pixels = 30000000\nmax_unpacked_bytes = 67108864\nmax_decode_ms = 20000\nmax_archive_bytes = 67108864\nmax_archive_members = 10000\n";
/// Two threads, each with a page of 30 megapixels in colour, its copies while it is cleaned,
/// what its file unpacks to, and the program itself.
const MOST_BYTES: u64 = 1200 << 20;

/// What is expected of one entry of the drop.
#[derive(Deserialize)]
struct Case {
    case: String,
    entry: String,
    /// `packaged`, `set_aside` or `either`.
    outcome: String,
    /// One of these is among the reasons; empty where any will do.
    codes: Vec<String>,
    pages: Option<usize>,
    why: String,
}

impl Case {
    fn holds(&self, record: &DossierRecord) -> bool {
        let reasons: Vec<&str> = record.reasons.iter().map(|r| r.code.as_str()).collect();
        let told =
            self.codes.is_empty() || self.codes.iter().any(|c| reasons.contains(&c.as_str()));
        let pages = self.pages.is_none_or(|pages| record.pages.len() == pages);
        match record.outcome {
            Outcome::Packaged => self.outcome != "set_aside" && pages,
            Outcome::SetAside => self.outcome != "packaged" && told && !reasons.is_empty(),
        }
    }
}

/// The drawn corpus: where scripts/test drew it, else drawn here, once.
fn drawn() -> PathBuf {
    if let Some(fixtures) = std::env::var_os("SOHOA_FIXTURES") {
        return Path::new(&fixtures).join("corpus");
    }
    let python = std::env::var_os("SOHOA_PYTHON")
        .map_or_else(|| root().join("scripts/.venv/bin/python"), PathBuf::from);
    let folder = root().join("target/test/fixtures");
    let mut draw = Command::new(python);
    draw.arg(root().join("scripts/make_fixtures")).arg(&folder);
    let drawn = draw.args(["--set", "corpus"]).output();
    let drawn = drawn.expect("Python with Pillow: scripts/test makes scripts/.venv");
    assert!(
        drawn.status.success(),
        "{}",
        String::from_utf8_lossy(&drawn.stderr)
    );
    folder.join("corpus")
}

fn read_cases(corpus: &Path) -> Vec<Case> {
    let text = fs::read_to_string(corpus.join("expected.jsonl")).expect("what is expected");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a case"))
        .collect()
}

#[test]
fn four_hundred_hostile_dossiers_end_as_expected_and_nothing_else_happens() {
    let corpus = drawn();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = |name: &str| folder.path().join(name);
    let drop = place("drop");
    let copied = Command::new("cp")
        .arg("-a")
        .arg(corpus.join("drop"))
        .arg(&drop)
        .status();
    assert!(copied.expect("cp").success());
    let mut cases = read_cases(&corpus);
    assert!(cases.len() >= 150, "{} cases", cases.len());
    cases.extend(made_here(&drop));
    fs::write(place("plan.toml"), PLAN).expect("a plan");
    for watched in ["home", "tmp"] {
        fs::create_dir(place(watched)).expect("a folder");
    }
    let before = everything_in(folder.path());

    let out = place("out");
    let mut command = run(&drop, &out);
    command
        .arg("--plan")
        .arg(place("plan.toml"))
        .args(["--jobs", "2"]);
    command
        .env("HOME", place("home"))
        .env("TMPDIR", place("tmp"))
        .current_dir(place("home"));
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let peak_bytes = peak_of(&child);
    assert_eq!(child.wait().expect("a child").code(), Some(4));

    expect_each(&cases, &manifest(&out));
    expect_sums(&out, fs::read_dir(&drop).expect("the drop").count() as u64);
    let mut after = everything_in(folder.path());
    after.retain(|path, _| !path.starts_with(&out));
    assert_eq!(differences(&before, &after), Vec::<&PathBuf>::new());
    assert!(!Path::new("/tmp/sohoa-was-here.png").exists());
    println!("at most {} MB at a time", peak_bytes >> 20);
    assert!(peak_bytes < MOST_BYTES, "{} MB", peak_bytes >> 20);
    // Nothing is wrong with the package; one kept file came with a signature beyond judgement.
    expect_exit(&mut verify(&out), 11);
}

/// Every wrong ending at once, not only the first.
fn expect_each(cases: &[Case], records: &[DossierRecord]) {
    let by_entry: BTreeMap<&str, &DossierRecord> =
        records.iter().map(|r| (r.folder.as_str(), r)).collect();
    let mut wrong = Vec::new();
    for case in cases {
        let record = by_entry.get(case.entry.as_str());
        if !record.is_some_and(|record| case.holds(record)) {
            let found = record.map(|r| {
                (
                    r.outcome,
                    r.pages.len(),
                    r.reasons.iter().map(|x| x.code.clone()).collect::<Vec<_>>(),
                )
            });
            let (name, why) = (&case.case, &case.why);
            wrong.push(format!(
                "{name} ({why}): expected {} {:?}, found {found:?}",
                case.outcome, case.codes
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn expect_sums(out: &Path, entries: u64) {
    let header = header(out);
    assert_eq!(
        header.dossiers.total, entries,
        "an entry that nobody mentions"
    );
    assert_eq!(
        header.dossiers.total,
        header.dossiers.packaged + header.dossiers.set_aside
    );
    let pages = header.pages;
    assert_eq!(
        pages.scanned,
        pages.published + pages.blank + pages.separator + pages.rejected
    );
}

/// Path, kind, size, time of change and digest of everything below a folder; links are not followed,
/// and what may not be listed is left out.
fn everything_in(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = WalkDir::new(folder).min_depth(1).into_iter().flatten();
    let facts = |entry: walkdir::DirEntry| {
        let meta = entry.path().symlink_metadata().expect("an entry");
        let digest = match meta.is_file() && meta.len() < 1 << 30 {
            true => fs::read(entry.path())
                .map(|bytes| Digest::of(&bytes).to_string())
                .unwrap_or_default(),
            false => String::new(),
        };
        let link = fs::read_link(entry.path()).unwrap_or_default();
        let (mode, size, time) = (meta.mode(), meta.len(), (meta.mtime(), meta.mtime_nsec()));
        (
            entry.path().to_owned(),
            format!("{mode:o} {size} {time:?} {digest} {link:?}"),
        )
    };
    entries.map(facts).collect()
}

fn differences<'a>(
    before: &'a BTreeMap<PathBuf, String>,
    after: &'a BTreeMap<PathBuf, String>,
) -> Vec<&'a PathBuf> {
    let names: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .filter(|&name| before.get(name) != after.get(name))
        .collect()
}

/// What neither git nor an archive holds. Gives what is expected of it.
fn made_here(drop: &Path) -> Vec<Case> {
    let mut maker = Maker {
        drop,
        cases: Vec::new(),
    };
    maker.links();
    maker.no_files();
    maker.locked();
    maker.depths_and_sizes();
    maker.entries();
    maker.cases
}

struct Maker<'a> {
    drop: &'a Path,
    cases: Vec<Case>,
}

impl Maker<'_> {
    /// A folder with a dossier code for the next case.
    fn dossier(&mut self, case: &str, outcome: &str, codes: &[&str]) -> PathBuf {
        let entry = format!("H10.66-250210-{:04}", self.cases.len() + 1);
        let folder = self.drop.join(&entry);
        fs::create_dir(&folder).expect("a folder");
        self.expect(case, &entry, outcome, codes);
        folder
    }

    fn expect(&mut self, case: &str, entry: &str, outcome: &str, codes: &[&str]) {
        self.cases.push(Case {
            case: case.to_owned(),
            entry: entry.to_owned(),
            outcome: outcome.to_owned(),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            pages: None,
            why: "made by the test".to_owned(),
        });
    }

    /// A sound page: one of the corpus that must be packaged.
    fn page(&self) -> PathBuf {
        let found = WalkDir::new(self.drop).into_iter().flatten();
        let mut sound = found.filter(|entry| entry.file_name() == "png_without_extension");
        sound.next().expect("a sound page").path().to_owned()
    }

    fn links(&mut self) {
        for (case, target) in [
            ("link_to_a_file_outside", "/etc/passwd"),
            ("link_to_the_root", "/"),
            ("link_to_nothing", "nothing-here.png"),
            ("link_to_itself", "trang.png"),
            ("link_to_its_own_folder", "."),
        ] {
            let folder = self.dossier(case, "set_aside", &["INT-017"]);
            symlink(target, folder.join("trang.png")).expect("a link");
        }
        let real = self.page();
        let entry = "H10.66-250211-0001";
        symlink(real.parent().expect("its folder"), self.drop.join(entry)).expect("a link");
        self.expect(
            "dossier_that_is_a_link_to_another",
            entry,
            "set_aside",
            &["INT-017"],
        );
        let folder = self.dossier("two_names_of_one_file", "packaged", &[]);
        fs::hard_link(self.page(), folder.join("a.png")).expect("a name");
        fs::hard_link(self.page(), folder.join("b.png")).expect("a name");
    }

    fn no_files(&mut self) {
        let pipe = |path: PathBuf| {
            mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe")
        };
        let folder = self.dossier("pipe_that_nobody_writes_to", "set_aside", &["INT-018"]);
        pipe(folder.join("trang.png"));
        let folder = self.dossier("socket_named_like_a_scan", "set_aside", &["INT-018"]);
        // The path of a socket is short; the folder's own is not.
        let short = tempfile::tempdir().expect("a temporary folder");
        let _listens = UnixListener::bind(short.path().join("s")).expect("a socket");
        let moved = Command::new("mv")
            .arg(short.path().join("s"))
            .arg(folder.join("trang.png"))
            .status();
        assert!(moved.expect("mv").success());
        pipe(self.drop.join("H10.66-250211-0002"));
        self.expect(
            "dossier_that_is_a_pipe",
            "H10.66-250211-0002",
            "set_aside",
            &["INT-018"],
        );
        self.dossier("folder_without_files", "set_aside", &["INT-002"]);
        let folder = self.dossier("folder_of_empty_folders", "set_aside", &["INT-002"]);
        fs::create_dir_all(folder.join("a/b/c")).expect("folders");
        let folder = self.dossier("folder_of_leftovers_only", "set_aside", &["INT-002"]);
        fs::write(folder.join("Thumbs.db"), "x").expect("a leftover");
    }

    /// Root reads what is locked; everybody else is told.
    fn locked(&mut self) {
        let folder = self.dossier("file_that_may_not_be_read", "either", &["INT-016"]);
        fs::copy(self.page(), folder.join("trang.png")).expect("a page");
        fs::set_permissions(folder.join("trang.png"), Permissions::from_mode(0o000))
            .expect("locked");
        let folder = self.dossier(
            "folder_that_may_not_be_listed",
            "either",
            &["INT-016", "INT-002"],
        );
        fs::create_dir(folder.join("a")).expect("a folder");
        fs::set_permissions(folder.join("a"), Permissions::from_mode(0o000)).expect("locked");
    }

    fn depths_and_sizes(&mut self) {
        for (case, depth, outcome, codes) in [
            ("page_twenty_folders_deep", 20, "packaged", &[][..]),
            (
                "page_a_hundred_folders_deep",
                100,
                "set_aside",
                &["INT-016"][..],
            ),
        ] {
            let folder = self.dossier(case, outcome, codes);
            let deep = folder.join(["a"; 100][..depth].join("/"));
            fs::create_dir_all(&deep).expect("folders");
            fs::copy(self.page(), deep.join("trang.png")).expect("a page");
        }
        let folder = self.dossier(
            "file_of_two_gigabytes_of_nothing",
            "set_aside",
            &["INT-012"],
        );
        let file = File::create(folder.join("trang.tif")).expect("a file");
        file.set_len(2 << 30).expect("a sparse file");
        let folder = self.dossier("six_thousand_files", "set_aside", &["INT-015"]);
        for number in 0..6000 {
            fs::write(folder.join(format!("{number}.png")), "x").expect("a file");
        }
    }

    /// Entries of the drop whose names are no dossier codes.
    fn entries(&mut self) {
        for (case, name, shown) in [
            ("entry_with_newline", "hồ sơ\nsố 2", "hồ sơ␊số 2"),
            ("entry_like_a_switch", "--out", "--out"),
            (
                "entry_with_terminal_codes",
                "\u{1b}[2J\u{202e}fdp",
                "␛[2J\\u{202E}fdp",
            ),
            (
                "entry_code_and_a_space",
                "H10.66-250211-0003 ",
                "H10.66-250211-0003 ",
            ),
            (
                "entry_code_in_other_digits",
                "H10.66-250211-０００４",
                "H10.66-250211-０００４",
            ),
        ] {
            fs::create_dir(self.drop.join(name)).expect("a folder");
            self.expect(case, shown, "set_aside", &[]);
        }
        let no_unicode = OsStr::from_bytes(b"h\xe5 s\xac");
        fs::create_dir(self.drop.join(no_unicode)).expect("a folder");
        fs::write(self.drop.join("lạc chỗ.txt"), "không thuộc hồ sơ nào").expect("a stray file");
        self.expect(
            "file_beside_the_dossiers",
            "lạc chỗ.txt",
            "set_aside",
            &["INT-003"],
        );
    }
}
