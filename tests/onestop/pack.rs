//! `sohoa pack`: small parts for weak lines, only what the receiver lacks, whole or told which part is not.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sohoa::model::Digest;
use tempfile::TempDir;

use crate::databases::{dump, dump_of, rows, sqlite};
use crate::deliveries::{code, draft, import};
use crate::import::receipts;
use crate::support::{expect_exit, sohoa, tree};

struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn db(&self, name: &str) -> String {
        sqlite(self.folder.path(), name)
    }
}

/// Packs and gives what the program says of it.
fn pack(out: &Path, into: &Path, more: &[&str]) -> Value {
    let mut command = sohoa();
    command
        .arg("pack")
        .arg(out)
        .arg("-o")
        .arg(into)
        .args(more)
        .arg("--json");
    let output = expect_exit(&mut command, 0);
    serde_json::from_slice(&output.stdout).expect("a JSON line")
}

fn parts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("parts");
    let mut parts: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    parts.sort();
    parts
}

#[test]
fn a_delivery_in_parts_comes_to_the_same_rows_and_packs_to_the_same_bytes() {
    let scene = Scene::new();
    let (out, into) = (scene.path("gói"), scene.path("gửi"));
    draft(40).write(&out);
    let said = pack(&out, &into, &["--max-bytes", "65536"]);
    let made = parts(&into);
    assert_eq!(said["parts"].as_array().expect("parts").len(), made.len());
    assert!(made.len() > 1 && said["dossiers"] == 40);
    for part in &made {
        assert!(fs::metadata(part).expect("a part").len() <= 65_536);
    }
    let again = scene.path("gửi lại");
    pack(&out, &again, &["--max-bytes", "65536"]);
    assert_eq!(tree(&into), tree(&again));

    let (direct, parted) = (scene.db("thẳng.sqlite"), scene.db("qua gói.sqlite"));
    expect_exit(&mut import(&out, &direct), 0);
    expect_exit(&mut import(&into, &parted), 0);
    let tables = ["dossier", "paper", "receipt"];
    assert_eq!(dump_of(&direct, &tables), dump_of(&parted, &tables));
    // The files lie where the delivery's row says, byte for byte.
    let place = rows(&parted, "SELECT place FROM delivery").remove(0);
    assert_eq!(tree(Path::new(&place)), tree(&out));
    // The same bundle again: nothing new.
    let before = dump(&parted);
    expect_exit(&mut import(&into, &parted), 0);
    assert_eq!(dump(&parted), before);
}

#[test]
fn only_what_the_receipts_lack_is_packed_and_status_tells_what_is_missing() {
    let scene = Scene::new();
    let (first, second) = (scene.path("gói 1"), scene.path("gói 2"));
    let db = scene.db("kho.sqlite");
    draft(30).write(&first);
    expect_exit(&mut import(&first, &db), 0);
    // The next night: one dossier corrected, two new ones.
    let mut next = draft(32).corrected(7, "07/QĐ-UBND");
    next.created = "2026-11-22T09:00:00+07:00".to_owned();
    next.write(&second);
    let since = scene.path("gói 1.receipts.jsonl");
    let told = status(&second, &since);
    assert_eq!(
        told["receipts"],
        json!({"held": 29, "rejected": 0, "to_send": 3})
    );

    let into = scene.path("gửi");
    let since = since.to_str().expect("UTF-8");
    let said = pack(&second, &into, &["--since", since]);
    assert_eq!((&said["dossiers"], &said["held"]), (&3.into(), &29.into()));
    expect_exit(&mut import(&into, &db), 0);
    let versions = "SELECT version, COUNT(*) FROM dossier GROUP BY version ORDER BY version";
    assert_eq!(rows(&db, versions), ["1|32", "2|1"]);
    assert_eq!(rows(&db, "SELECT COUNT(*) FROM dossier_current"), ["32"]);

    // By the new receipts nothing is missing any more.
    let since = scene.path("gửi.receipts.jsonl");
    assert_eq!(
        status(&second, &since)["receipts"],
        json!({"held": 32, "rejected": 0, "to_send": 0})
    );
    let nothing = scene.path("không có gì");
    let said = pack(
        &second,
        &nothing,
        &["--since", since.to_str().expect("UTF-8")],
    );
    assert_eq!(said["dossiers"], 0);
    assert!(!nothing.exists());
}

fn status(out: &Path, receipts: &Path) -> Value {
    let mut command = sohoa();
    command
        .arg("status")
        .arg(out)
        .arg("--receipts")
        .arg(receipts)
        .arg("--json");
    let output = expect_exit(&mut command, 0);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    serde_json::from_str(text.lines().last().expect("a summary")).expect("JSON")
}

#[test]
fn a_delta_to_a_receiver_that_lacks_more_is_told_dossier_by_dossier() {
    let scene = Scene::new();
    let (out, into) = (scene.path("gói"), scene.path("gửi"));
    draft(4).write(&out);
    // Receipts of somebody else: this receiver has none of it.
    let other = scene.db("khác.sqlite");
    expect_exit(&mut import(&out, &other), 0);
    let text = fs::read_to_string(scene.path("gói.receipts.jsonl")).expect("receipts");
    let three: String = text
        .lines()
        .take(3)
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(scene.path("ba.jsonl"), three).expect("writes");
    pack(
        &out,
        &into,
        &["--since", scene.path("ba.jsonl").to_str().expect("UTF-8")],
    );
    let db = scene.db("kho.sqlite");
    expect_exit(&mut import(&into, &db), 15);
    let told: Vec<_> = receipts(&into)
        .iter()
        .map(|line| line["reason"]["code"].clone())
        .collect();
    assert_eq!(
        told[..4],
        [
            json!("IMP-025"),
            json!("IMP-025"),
            json!("IMP-025"),
            Value::Null
        ]
    );
    assert_eq!(rows(&db, "SELECT code FROM dossier"), [code(4)]);
    // What the receiver says is lacking is what is packed next, and then all is there.
    let since = scene.path("gửi.receipts.jsonl");
    let rest = scene.path("gửi nốt");
    let said = pack(&out, &rest, &["--since", since.to_str().expect("UTF-8")]);
    assert_eq!(said["dossiers"], 3);
    expect_exit(&mut import(&rest, &db), 0);
    assert_eq!(rows(&db, "SELECT COUNT(*) FROM dossier"), ["4"]);
}

#[test]
fn a_part_that_is_missing_cut_off_or_damaged_is_named_and_sending_it_again_is_enough() {
    let scene = Scene::new();
    let (out, into) = (scene.path("gói"), scene.path("gửi"));
    draft(40).write(&out);
    pack(&out, &into, &["--max-bytes", "65536"]);
    let made = parts(&into);
    let db = scene.db("kho.sqlite");
    let last = made.len();
    let refused = |name: &str, fault: &str, word: &str| {
        let told = expect_exit(&mut import(&into, &db), 15).stderr;
        let told = String::from_utf8(told).expect("UTF-8");
        assert!(
            told.contains(fault) && told.contains(word),
            "{name}: {told}"
        );
        assert!(!Path::new(&db).exists(), "{name}: nothing was opened");
    };
    for (at, word) in [(0, " 1 "), (1, " 2 "), (last - 1, "…")] {
        let kept = fs::read(&made[at]).expect("a part");
        fs::remove_file(&made[at]).expect("removes");
        refused("missing", "PCK-002", word.trim());
        fs::write(&made[at], &kept[..kept.len() - 1]).expect("writes");
        let name = made[at]
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        refused("cut off", "PCK-003", &name);
        let mut damaged = kept.clone();
        let middle = damaged.len() - 20;
        damaged[middle] ^= 1;
        fs::write(&made[at], damaged).expect("writes");
        refused("damaged", "PCK-003", &name);
        fs::write(&made[at], &kept[..100]).expect("writes");
        refused("only its beginning", "PCK-001", &name);
        fs::write(&made[at], kept).expect("writes");
    }
    expect_exit(&mut import(&into, &db), 0);
    assert_eq!(rows(&db, "SELECT COUNT(*) FROM dossier"), ["40"]);
}

#[test]
fn scans_may_stay_at_home() {
    let scene = Scene::new();
    let (out, into) = (scene.path("gói"), scene.path("gửi"));
    draft(3).write(&out);
    pack(&out, &into, &["--without-scans"]);
    let db = scene.db("kho.sqlite");
    expect_exit(&mut import(&into, &db), 0);
    let place = rows(&db, "SELECT place FROM delivery").remove(0);
    assert!(
        !Path::new(&place)
            .join("dossiers")
            .join(code(1))
            .join("scans")
            .exists()
    );
}

#[test]
fn a_changed_file_inside_a_bundle_is_refused_and_not_kept() {
    let scene = Scene::new();
    let (out, into) = (scene.path("gói"), scene.path("gửi"));
    draft(3).write(&out);
    let paper = out.join(format!("dossiers/{0}/{0}.01.pdf", code(2)));
    let mut bytes = fs::read(&paper).expect("a document");
    bytes[900] ^= 1;
    fs::write(&paper, bytes).expect("writes");
    pack(&out, &into, &[]);
    let db = scene.db("kho.sqlite");
    let told = expect_exit(&mut import(&into, &db), 15).stderr;
    assert!(String::from_utf8_lossy(&told).contains("V01"));
    assert!(dump(&db).is_empty());
    let kept = fs::read_dir(scene.path("gửi.files"))
        .expect("a folder")
        .count();
    assert_eq!(kept, 0);
}

/// A bundle of one part around a TAR, as somebody else might make it.
fn foreign_bundle(folder: &Path, tar: &[u8]) {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(tar).expect("packs");
    let packed = packed.finish().expect("packs");
    let head = json!({
        "v": 1, "bundle": Digest::of(tar), "batch": Digest::of(b""), "part": 1, "last": true, "offset": 0,
        "bytes": packed.len(), "sha256": Digest::of(&packed),
    });
    fs::create_dir_all(folder).expect("a folder");
    let part = [format!("{head}\n").as_bytes(), &packed].concat();
    fs::write(folder.join("x-0001.sohoa"), part).expect("writes");
}

#[test]
fn nothing_in_a_bundle_leads_out_of_its_folder() {
    let scene = Scene::new();
    let db = scene.db("kho.sqlite");
    let names = [
        "../ra ngoài.json",
        "/tmp/sohoa-ra-ngoai",
        "dossiers/../../ra",
        "dossiers//x",
        "./batch.json",
        "dossiers/a/b/c",
        "runs/x",
        "batch.json/../x",
    ];
    for (number, name) in names.into_iter().enumerate() {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(4);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, &b"evil"[..]).expect("appends");
        let into = scene.path(&format!("gửi {number}"));
        foreign_bundle(&into, &tar.into_inner().expect("ends"));
        let before = fs::read_dir(scene.folder.path()).expect("a folder").count();
        let told = expect_exit(&mut import(&into, &db), 15).stderr;
        assert!(String::from_utf8_lossy(&told).contains("PCK-004"), "{name}");
        let after = fs::read_dir(scene.folder.path()).expect("a folder").count();
        // The folder for what is unpacked, and nothing else.
        assert_eq!(after, before + 1, "{name}");
        assert!(!Path::new("/tmp/sohoa-ra-ngoai").exists());
    }
    // Two members of one name: the second is never written over the first.
    let mut twice = tar::Builder::new(Vec::new());
    for text in [&b"one"[..], b"two"] {
        let mut header = tar::Header::new_ustar();
        header.set_path("batch.json").expect("a path");
        header.set_size(3);
        header.set_cksum();
        twice.append(&header, text).expect("appends");
    }
    let into = scene.path("hai lần");
    foreign_bundle(&into, &twice.into_inner().expect("ends"));
    let output = import(&into, &db).output().expect("starts");
    assert!(!output.status.success());
}
