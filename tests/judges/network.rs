//! Bad networks, through the program: what `seal`, `run` and `renew` do where the time-stamping authority,
//! the OCSP responder or the place of the revocation lists is slow, endless, a login page or broken. A
//! clear fault, exit code 9, no half-signed file, and the work completed later.

mod lab;

use std::fs;
use std::path::{Path, PathBuf};

use crate::tokens::{all_wait, documents, lay_out, sohoa, waiting};
use crate::tools::said;
use lab::{BAD, Lab, Server, Way};

struct Bench {
    lab: Lab,
    folder: tempfile::TempDir,
}

impl Bench {
    fn set_up() -> Self {
        Self {
            lab: Lab::open(),
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn waiting(&self) -> PathBuf {
        waiting(self.folder.path())
    }

    fn call(&self, arguments: &[&str], plan: &Path, code: i32) -> String {
        let mut command = sohoa(arguments);
        // The bundle's key is not locked; who asks has no terminal.
        command.env("SOHOA_KEY_PASSWORD", "");
        let output = command.arg("--plan").arg(plan).output();
        let output = output.expect("the program starts");
        let words = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{words}");
        words
    }

    fn seal(&self, out: &Path, plan: &Path, code: i32) -> String {
        let key = self.lab.path("signer_bundle.pem");
        self.call(&["seal", text(out), "--key", text(&key)], plan, code)
    }

    /// Verified with the root alone: word of revocation has to lie in the files; that of the batch's own
    /// signature, which has no place in them, is given.
    fn verify(&self, out: &Path, code: i32) -> String {
        let (root, list) = (self.lab.path("root.pem"), self.lab.path("root.crl.pem"));
        let mut command = sohoa(&["verify", text(out), "--json"]);
        let output = command
            .arg("--trust")
            .arg(root)
            .arg("--crl")
            .arg(list)
            .output();
        let output = output.expect("the program starts");
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        said(&output)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// Every document's bytes.
fn bytes(out: &Path) -> Vec<Vec<u8>> {
    let read = |path: PathBuf| fs::read(path).expect("is there");
    documents(out).into_iter().map(read).collect()
}

#[test]
fn an_authority_that_fails_in_any_way_stops_sealing_and_leaves_nothing_half_signed() {
    let bench = Bench::set_up();
    let out = bench.waiting();
    let before = bytes(&out);
    let plan = bench.lab.plan("B-T", "stop");
    for (way, code) in BAD
        .into_iter()
        .zip(["TSA-003", "TSA-006", "TSA-005", "TSA-004"])
    {
        bench.lab.set(&[(Server::Tsa, way)]);
        let words = bench.seal(&out, &plan, 9);
        assert!(words.contains(code), "{way:?}: {words}");
        assert!(all_wait(&out) && bytes(&out) == before, "{way:?}");
    }
    bench.lab.set(&[]);
    bench.seal(&out, &plan, 0);
    let words = bench.verify(&out, 0);
    assert!(words.contains("PAdES-B-T"), "{words}");
}

#[test]
fn lists_and_answers_that_are_not_to_be_had_stop_a_lasting_signature_and_one_of_them_is_enough() {
    let bench = Bench::set_up();
    let out = bench.waiting();
    let before = bytes(&out);
    let plan = bench.lab.plan("B-LT", "stop");
    for way in BAD {
        bench.lab.set(&[(Server::Ocsp, way), (Server::Lists, way)]);
        let words = bench.seal(&out, &plan, 9);
        assert!(words.contains("SEAL-031"), "{way:?}: {words}");
        assert!(all_wait(&out) && bytes(&out) == before, "{way:?}");
    }
    for alone in [Server::Ocsp, Server::Lists] {
        let folder = tempfile::tempdir().expect("a folder");
        let out = waiting(folder.path());
        bench.lab.set(&[(alone, Way::Html)]);
        bench.seal(&out, &plan, 0);
        let words = bench.verify(&out, 0);
        assert!(words.contains("PAdES-B-LT"), "{alone:?} {words}");
    }
}

#[test]
fn a_file_that_left_without_its_time_stamp_is_completed_by_renew_when_the_line_is_back() {
    let bench = Bench::set_up();
    let out = bench.waiting();
    let plan = bench.lab.plan("B-LTA", "queue");
    bench.lab.set(&[(Server::Tsa, Way::Broken)]);
    bench.seal(&out, &plan, 0);
    let queued = bytes(&out);
    let words = bench.verify(&out, 0);
    assert!(
        words.contains("PAdES-B-B") && !words.contains("PAdES-B-LT"),
        "{words}"
    );
    for way in BAD {
        bench.lab.set(&[(Server::Tsa, way)]);
        bench.call(&["renew", text(&out)], &plan, 9);
        bench.lab.set(&[(Server::Ocsp, way), (Server::Lists, way)]);
        bench.call(&["renew", text(&out)], &plan, 9);
        assert_eq!(bytes(&out), queued, "{way:?}");
    }
    bench.lab.set(&[]);
    bench.call(&["renew", text(&out)], &plan, 0);
    for (renewed, queued) in bytes(&out).iter().zip(&queued) {
        assert!(renewed.starts_with(queued) && renewed.len() > queued.len());
    }
    assert!(
        out.join("batch.ers").is_file(),
        "the batch is stamped as well"
    );
    let words = bench.verify(&out, 0);
    assert!(words.contains("PAdES-B-LT"), "{words}");
    // Every file once more by another hash, and the record over that.
    bench.call(&["renew", text(&out), "--hash", "sha512"], &plan, 0);
    let list = fs::read_to_string(out.join("batch.sha512")).expect("a list");
    assert!(list.lines().count() > 3, "{list}");
    bench.verify(&out, 0);
    fs::write(out.join("batch.sha512"), list.replacen('0', "1", 1)).expect("written");
    let words = bench.verify(&out, 10);
    assert!(words.contains("V91"), "{words}");
}

#[test]
fn a_run_stops_at_a_dead_authority_and_the_next_one_finishes_the_work() {
    let bench = Bench::set_up();
    let (drop, out) = (
        bench.folder.path().join("drop"),
        bench.folder.path().join("out"),
    );
    lay_out(&drop);
    let plan = bench.lab.plan("B-LTA", "stop");
    let key = bench.lab.path("signer_bundle.pem");
    let run = |code| {
        let switches = ["--exit-zero-on", "review", "--key", text(&key)];
        let arguments = [&["run", text(&drop), "--out", text(&out)], &switches[..]].concat();
        bench.call(&arguments, &plan, code)
    };
    bench.lab.set(&[(Server::Tsa, Way::Html)]);
    let words = run(9);
    assert!(words.contains("text/html"), "{words}");
    let left = walkdir(&out.join("dossiers"));
    assert!(left.is_empty(), "{left:?}");
    bench.lab.set(&[]);
    run(0);
    let words = bench.verify(&out, 0);
    assert!(words.contains("PAdES-B-LTA"), "{words}");
}

/// The files below a folder; none where it is not there.
fn walkdir(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("is readable").path());
    let below = |path: PathBuf| match path.is_dir() {
        true => walkdir(&path),
        false => vec![path],
    };
    paths.flat_map(below).collect()
}
