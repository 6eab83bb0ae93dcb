//! Go's own reading of signed notes and hash trees (golang.org/x/mod/sumdb, the code behind Go's
//! checksum database) judges what the province's log writes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use ring::rand::SystemRandom;
use sohoa::formats::merkle::{TreeBuilder, node_hash};
use sohoa::formats::proof::Proof;
use sohoa::formats::tlog::{LogKey, with_extra};
use sohoa::model::Digest;
use sohoa::run::log::{BatchEntry, Log};

use crate::tools::{root, run, said};

/// The judge, built once; its one module comes through Go's module proxy.
static JUDGE: LazyLock<PathBuf> = LazyLock::new(|| {
    let program = root().join("target/tlog-judge");
    let source = root().join("tests/judges/tlog");
    let output = Command::new("go")
        .current_dir(source)
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .output()
        .expect("Go is installed");
    assert!(output.status.success(), "{}", said(&output));
    program
});

fn judged(what: &str, key: &LogKey, about: &str, input: &str) -> bool {
    let mut judge = Command::new(&*JUDGE)
        .args([what, &key.public_line(), about])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the judge starts");
    let mut pipe = judge.stdin.take().expect("a pipe");
    // The judge may have seen enough before it has read all.
    let _ = pipe.write_all(input.as_bytes());
    drop(pipe);
    judge.wait().expect("the judge ends").success()
}

fn key() -> LogKey {
    let pem = LogKey::generate(&SystemRandom::new()).expect("random numbers");
    LogKey::read(pem.as_bytes(), "so-hoa.example/nhat-ky").expect("a key")
}

fn entry(number: u64) -> BatchEntry {
    BatchEntry {
        header: Digest::of(&number.to_be_bytes()),
        root: Digest::of(b"root"),
        leaves: number,
    }
}

/// A log of so many entries, and each of the heads it had, in files.
fn log(folder: &Path, pem: &[u8], entries: u64) -> (Log, Vec<String>) {
    let key = || LogKey::read(pem, "so-hoa.example/nhat-ky").expect("a key");
    Log::begin(folder, &key()).expect("begins");
    let mut log = Log::open(folder, key()).expect("opens");
    let receipts = (0..entries).map(|number| log.add(&entry(number)).expect("adds").receipt);
    let receipts = receipts.collect();
    (log, receipts)
}

#[test]
fn go_follows_every_receipt_and_every_consistency_proof() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pem = LogKey::generate(&SystemRandom::new()).expect("random numbers");
    let key = LogKey::read(pem.as_bytes(), "so-hoa.example/nhat-ky").expect("a key");
    let (log, receipts) = log(&folder.path().join("log"), pem.as_bytes(), 21);
    for (number, receipt) in (0..).zip(&receipts) {
        assert!(
            judged("proof", &key, &entry(number).line(), receipt),
            "{number}"
        );
        assert!(
            !judged("proof", &key, &entry(number + 1).line(), receipt),
            "{number}"
        );
    }
    for (number, receipt) in (0..).zip(&receipts) {
        let head = receipt.split_once("\n\n").expect("a checkpoint").1;
        let kept = folder.path().join("head");
        fs::write(&kept, head).expect("written");
        let since = log.consistency(number + 1).expect("consistent");
        assert!(
            judged("since", &key, &kept.display().to_string(), &since),
            "{number}"
        );
    }
}

#[test]
fn go_refuses_what_another_key_signed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pem = LogKey::generate(&SystemRandom::new()).expect("random numbers");
    let (_, receipts) = log(&folder.path().join("log"), pem.as_bytes(), 3);
    assert!(!judged("proof", &key(), &entry(2).line(), &receipts[2]));
}

#[test]
fn go_leads_a_page_up_the_batch_and_the_log_by_one_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pem = LogKey::generate(&SystemRandom::new()).expect("random numbers");
    let key = LogKey::read(pem.as_bytes(), "so-hoa.example/nhat-ky").expect("a key");
    // A batch of two leaves; the page is the first.
    let line = "sohoa.v1 page H10.12-221013-0001 1 1 blank - - - -".to_owned();
    let other = sohoa::formats::merkle::leaf_hash(b"other");
    let mut tree = TreeBuilder::new();
    tree.push(line.as_bytes());
    tree.push_hash(other);
    let batch = Digest::of(b"{}");
    let place = folder.path().join("log");
    Log::begin(&place, &key).expect("begins");
    let again = LogKey::read(pem.as_bytes(), key.origin()).expect("a key");
    let mut log = Log::open(&place, again).expect("opens");
    let entered = BatchEntry {
        header: batch,
        root: tree.root(),
        leaves: 2,
    };
    log.add(&entry(0)).expect("adds");
    let receipt = log.add(&entered).expect("adds").receipt;
    let leaf = sohoa::formats::merkle::leaf_hash(line.as_bytes());
    assert_eq!(tree.root(), node_hash(&leaf, &other));
    let proof = Proof {
        batch,
        leaf: line.clone(),
        bytes: None,
        index: 0,
        leaves: 2,
        path: vec![other],
    };
    let whole = with_extra(&receipt, &proof.to_bytes()).expect("a receipt");
    assert!(judged("leaf", &key, &line, &whole));
    assert!(!judged("leaf", &key, "sohoa.v1 page", &whole));
}

#[test]
fn openssl_makes_a_key_that_the_log_takes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("log.key");
    let arguments = ["genpkey", "-algorithm", "ed25519", "-out"].map(PathBuf::from);
    let output = run(
        "openssl",
        &[&arguments[..], std::slice::from_ref(&file)].concat(),
    );
    assert!(output.status.success(), "{}", said(&output));
    let pem = fs::read(&file).expect("a key");
    let (_, receipts) = log(&folder.path().join("log"), &pem, 2);
    let key = LogKey::read(&pem, "so-hoa.example/nhat-ky").expect("a key");
    assert!(judged("proof", &key, &entry(1).line(), &receipts[1]));
}
