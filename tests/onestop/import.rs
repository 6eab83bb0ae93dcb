//! `sohoa import`: what is sound enters SQLite and PostgreSQL alike, once; what is not changes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use sohoa::import::Store;
use sohoa::model::Digest;
use sohoa::model::RoleId;
use sohoa::model::onestop::{Holdings, RegisteredDossier};
use sohoa::model::paper::STATE_LABEL;
use tempfile::TempDir;

use crate::chance::Chance;
use crate::databases::{Server, TABLES, dump, dump_of, rows, sqlite};
use crate::deliveries::{Draft, code, draft, import, put};
use crate::keys::pki;
use crate::support::expect_exit;

/// What a receiver has before a hostile delivery comes, and the delivery.
struct Scene {
    folder: TempDir,
    db: String,
}

fn scene() -> Scene {
    let folder = tempfile::tempdir().expect("a folder");
    let db = sqlite(folder.path(), "kho.sqlite");
    let scene = Scene { folder, db };
    let out = scene.write(&draft(3), "cũ");
    expect_exit(&mut import(&out, &scene.db), 0);
    scene
}

impl Scene {
    fn write(&self, draft: &Draft, name: &str) -> PathBuf {
        let out = self.folder.path().join(name);
        draft.write(&out);
        out
    }

    /// The scene's own database and one of the server's, which holds the same.
    fn and_in(&self, server: &Server) -> [String; 2] {
        let there = server.database("kho");
        expect_exit(&mut import(&self.folder.path().join("cũ"), &there), 0);
        assert_eq!(dump(&there), dump(&self.db));
        [self.db.clone(), there]
    }
}

/// The lines of a receipts file.
pub fn receipts(out: &Path) -> Vec<Value> {
    let path = out.with_added_extension("receipts.jsonl");
    let text = fs::read_to_string(path).expect("receipts");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn verdicts(out: &Path) -> Vec<String> {
    let told = |line: &Value| Some(line["verdict"].as_str()?.to_owned());
    receipts(out).iter().filter_map(told).collect()
}

#[test]
fn a_delivery_enters_both_databases_alike_and_counts_once() {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("gói");
    draft(130).write(&out);
    let databases = [sqlite(folder.path(), "kho.sqlite"), server.database("kho")];
    for db in &databases {
        expect_exit(&mut import(&out, db), 0);
        assert_eq!(verdicts(&out), vec!["accepted"; 130], "{db}");
        let first = dump(db);
        expect_exit(&mut import(&out, db), 0);
        assert_eq!(verdicts(&out), vec!["duplicate"; 130], "{db}");
        assert_eq!(dump(db), first, "{db}");
    }
    assert_eq!(dump(&databases[0]), dump(&databases[1]));

    // By hand what the tables must say.
    let counts = "SELECT COUNT(*), COUNT(DISTINCT code), SUM(pages) * 1 - SUM(pages), MIN(unit), MAX(unit) FROM dossier_current";
    let papers = "SELECT kind, state, COUNT(*), MIN(so_ky_hieu) FROM paper_current GROUP BY kind, state ORDER BY kind";
    let sqlite = &databases[0];
    assert_eq!(rows(sqlite, counts), ["130|130|0|H10.12|H10.12"]);
    assert_eq!(
        rows(sqlite, papers),
        ["0|1|65|1/QĐ-UBND", "1|1|65|10/QĐ-UBND"]
    );
    let pdf = out
        .join("dossiers")
        .join(code(1))
        .join(format!("{}.01.pdf", code(1)));
    let sha256 = Digest::of(&fs::read(pdf).expect("a document"));
    let paper = format!(
        "SELECT procedure_code, result_code, issued_on, signer, sha256, seal_state, seal_level \
        FROM paper JOIN dossier ON code = dossier WHERE ordinal = 1 AND dossier = '{}'",
        code(1)
    );
    for db in &databases {
        let expected = format!("2.000815|-|2026-11-19|Lê Thị Giả Định|{sha256}|signed|PAdES-B-B");
        assert_eq!(rows(db, &paper), [expected]);
    }
}

#[test]
fn corrections_are_new_versions_and_a_replay_brings_nothing_back() {
    let server = Server::start();
    for db in [None, Some(server.database("kho"))] {
        let scene = scene();
        let db = db.unwrap_or_else(|| scene.db.clone());
        let old = scene.write(&draft(3), "cũ lại");
        expect_exit(&mut import(&old, &db), 0);
        let mut corrected = draft(3).corrected(2, "02/QĐ-UBND");
        corrected.created = "2026-11-22T09:00:00+07:00".to_owned();
        let new = scene.write(&corrected, "mới");
        expect_exit(&mut import(&new, &db), 0);
        assert_eq!(verdicts(&new), ["duplicate", "accepted", "duplicate"]);
        let numbers = "SELECT version, so_ky_hieu FROM paper WHERE dossier = 'H10.12-261120-0002' ORDER BY version";
        assert_eq!(rows(&db, numbers), ["1|2/QĐ-UBND", "2|02/QĐ-UBND"]);
        let current = "SELECT so_ky_hieu FROM paper_current ORDER BY dossier";
        let expected = ["1/QĐ-UBND", "02/QĐ-UBND", "3/QĐ-UBND"];
        assert_eq!(rows(&db, current), expected);

        // The old delivery again: nothing happens.
        let before = dump(&db);
        expect_exit(&mut import(&old, &db), 0);
        assert_eq!(dump(&db), before);
        // One that was written before and comes only now: not over the new one.
        let mut late = draft(3).corrected(2, "2B/QĐ-UBND");
        late.created = "2026-11-21T10:00:00+07:00".to_owned();
        let late = scene.write(&late, "muộn");
        let papers = dump_of(&db, &["dossier", "paper"]);
        expect_exit(&mut import(&late, &db), 15);
        assert_eq!(verdicts(&late), ["duplicate", "rejected", "duplicate"]);
        assert_eq!(receipts(&late)[1]["reason"]["code"], "IMP-022");
        assert_eq!(dump_of(&db, &["dossier", "paper"]), papers);
    }
}

/// Changes a delivery's files after it was sealed.
type Tamper = fn(&Path);

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).expect("a file");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("writes");
}

fn paper(out: &Path) -> PathBuf {
    out.join(format!("dossiers/{0}/{0}.01.pdf", code(1)))
}

#[test]
fn a_delivery_that_does_not_verify_changes_nothing_at_all() {
    let tampered: [(&str, Tamper); 10] = [
        ("V26", |out| {
            let token = fs::read_to_string(out.join("batch.jws")).expect("a token");
            let (kept, value) = token.rsplit_once('.').expect("three parts");
            let other: String = value.chars().rev().collect();
            fs::write(out.join("batch.jws"), format!("{kept}.{other}")).expect("writes");
        }),
        ("V25", |out| {
            fs::remove_file(out.join("batch.jws")).expect("removes")
        }),
        ("V26", |out| flip(&out.join("batch.json"), 300)),
        ("V17", |out| flip(&out.join("manifest.jsonl"), 30)),
        ("V01", |out| flip(&paper(out), 700)),
        ("V02", |out| fs::remove_file(paper(out)).expect("removes")),
        ("V03", |out| {
            fs::write(out.join("dossiers/thêm.pdf"), "%PDF").expect("writes")
        }),
        ("V22", |out| {
            flip(&out.join(format!("dossiers/{}/record.json", code(1))), 30)
        }),
        ("V24", |out| {
            let outside = out.with_extension("ngoài.pdf");
            fs::rename(paper(out), &outside).expect("renames");
            std::os::unix::fs::symlink(outside, paper(out)).expect("links");
        }),
        ("V41", |out| {
            fs::create_dir(out.join(".work")).expect("makes")
        }),
    ];
    let (scene, server) = (scene(), Server::start());
    let databases = scene.and_in(&server);
    let before = dump(&scene.db);
    for (number, (finding, tamper)) in tampered.into_iter().enumerate() {
        let out = scene.write(
            &draft(2).corrected(1, "9/QĐ-UBND"),
            &format!("gói {number}"),
        );
        tamper(&out);
        for db in &databases {
            expect_refused(&mut import(&out, db), &out, finding);
            assert_eq!(dump(db), before, "{finding} in {db}");
        }
    }
}

#[test]
fn a_delivery_sealed_by_a_stranger_or_garbled_by_an_insider_changes_nothing_at_all() {
    let mut garbled = draft(2).corrected(1, "9/QĐ-UBND");
    // TCVN3 bytes where UTF-8 must be, in a manifest whose digest was taken and signed.
    garbled.garble = |manifest| {
        let place = manifest.windows(3).position(|part| {
            part == "đ"
                .as_bytes()
                .iter()
                .chain(b"\xe1")
                .copied()
                .collect::<Vec<_>>()
                .as_slice()
        });
        let place = place.expect("the folder's name");
        let mut bytes = manifest;
        bytes[place] = 0xAE;
        bytes[place + 1] = 0xD0;
        bytes
    };
    let mut stranger = draft(2).corrected(1, "9/QĐ-UBND");
    stranger.key = "lookalike";
    let (scene, server) = (scene(), Server::start());
    let databases = scene.and_in(&server);
    let before = dump(&scene.db);
    let deliveries = [("bảng mã", garbled, "V16"), ("người lạ", stranger, "V07")];
    for (name, draft, finding) in deliveries {
        let out = scene.write(&draft, name);
        for db in &databases {
            expect_refused(&mut import(&out, db), &out, finding);
            assert_eq!(dump(db), before, "{name} in {db}");
        }
    }
    // Nobody to trust: nothing enters.
    let out = scene.write(&draft(2), "không gốc");
    for db in &databases {
        let mut command = crate::support::sohoa();
        command.arg("import").arg(&out).args(["--db", db]);
        expect_refused(&mut command, &out, "V38");
        assert_eq!(dump(db), before, "{db}");
    }
}

fn expect_refused(command: &mut Command, out: &Path, finding: &str) {
    let output = expect_exit(command, 15);
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        told.contains("[IMP-008]") && told.contains(finding),
        "{finding}: {told}"
    );
    let receipts = receipts(out);
    assert_eq!(
        (receipts.len(), &receipts[0]["type"]),
        (2, &"refused".into()),
        "{finding}"
    );
    let reasons = receipts[0]["reasons"].as_array().expect("reasons");
    assert!(
        reasons.iter().any(|reason| reason["code"] == finding),
        "{finding}: {receipts:?}"
    );
    assert_eq!(
        (&receipts[1]["refused"], &receipts[1]["exit_code"]),
        (&1.into(), &15.into())
    );
}

/// Puts something wrong into the first record, as an insider with the key would.
type Spoil = fn(&mut Draft);

#[test]
fn a_dossier_that_cannot_enter_is_rejected_with_its_reason_and_the_others_enter() {
    let spoilt: [(&str, Spoil); 7] = [
        ("IMP-020", |draft| {
            put(
                &mut draft.records[0].documents[0],
                "so_ky_hieu",
                &"1".repeat(61),
            )
        }),
        ("IMP-020", |draft| {
            put(
                &mut draft.records[0].documents[0],
                "trich_yeu",
                &"ế".repeat(1001),
            )
        }),
        ("IMP-020", |draft| {
            draft.records[0]
                .labels
                .insert("ma_tthc".to_owned(), "2".repeat(51));
        }),
        ("IMP-023", |draft| {
            put(&mut draft.records[0].documents[0], "nguoi_ky", "Lê\0Thị")
        }),
        // Two letters for one: NFD, as some machines write.
        ("IMP-023", |draft| {
            put(
                &mut draft.records[0].documents[0],
                "nguoi_ky",
                "Le\u{302} Thi\u{323}",
            )
        }),
        ("IMP-021", |draft| {
            draft.records[0]
                .labels
                .insert("don_vi".to_owned(), "H10.99".to_owned());
        }),
        ("IMP-026", |draft| draft.records[0].content_key = None),
    ];
    let (scene, server) = (scene(), Server::start());
    let units = scene.folder.path().join("don-vi.toml");
    fs::write(&units, "[[unit]]\ncode = \"H10.12\"\nfrom = 2025-07-01\n").expect("writes");
    for (number, (reason, spoil)) in spoilt.into_iter().enumerate() {
        let mut draft = draft(2);
        spoil(&mut draft);
        let out = scene.write(&draft, &format!("gói {number}"));
        let here = sqlite(scene.folder.path(), &format!("{number}.sqlite"));
        for db in [here, server.database(&format!("kho{number}"))] {
            let mut command = import(&out, &db);
            command.arg("--units").arg(&units);
            expect_only_the_second_enters(&mut command, &out, &db, reason);
        }
    }
}

fn expect_only_the_second_enters(command: &mut Command, out: &Path, db: &str, reason: &str) {
    let output = expect_exit(command, 15);
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(told.contains(&format!("[{reason}]")), "{reason}: {told}");
    assert_eq!(verdicts(out), ["rejected", "accepted"], "{reason}");
    assert_eq!(receipts(out)[0]["reason"]["code"], reason);
    assert_eq!(rows(db, "SELECT code FROM dossier"), [code(2)], "{reason}");
    assert_eq!(rows(db, "SELECT COUNT(*) FROM paper"), ["1"], "{reason}");
    let told = "SELECT verdict, reason FROM receipt ORDER BY folder";
    assert_eq!(
        rows(db, told),
        [format!("rejected|{reason}"), "accepted|-".to_owned()]
    );
    // Again: nothing changes.
    let before = dump(db);
    expect_exit(command, 15);
    assert_eq!(dump(db), before, "{reason}");
}

#[test]
fn a_unit_that_was_missing_in_the_table_may_be_added_and_the_same_delivery_enters() {
    let scene = scene();
    let units = scene.folder.path().join("don-vi.toml");
    let db = sqlite(scene.folder.path(), "khác.sqlite");
    let out = scene.write(&draft(2), "gói");
    let mut command = import(&out, &db);
    command.arg("--units").arg(&units);
    fs::write(&units, "[[unit]]\ncode = \"H10.12\"\nuntil = 2026-11-19\n").expect("writes");
    expect_exit(&mut command, 15);
    assert_eq!(verdicts(&out), ["rejected", "rejected"]);
    fs::write(&units, "[[unit]]\ncode = \"H10.12\"\n").expect("writes");
    expect_exit(&mut command, 0);
    assert_eq!(
        rows(&db, "SELECT DISTINCT verdict FROM receipt"),
        ["accepted"]
    );
    fs::write(&units, "[[unit]\n").expect("writes");
    let told = expect_exit(&mut command, 2).stderr;
    assert!(String::from_utf8_lossy(&told).contains("IMP-006"));
}

#[test]
fn sql_in_every_field_is_text_and_nothing_else() {
    const EVIL: &str = "=1+1'); DROP TABLE paper; --$1\\\"%s{}";
    let server = Server::start();
    let scene = scene();
    let mut draft = draft(1);
    let record = &mut draft.records[0];
    record.folder = format!("{EVIL}/{}", code(1));
    record.labels.insert("don_vi".to_owned(), EVIL.to_owned());
    record.labels.insert(EVIL.to_owned(), EVIL.to_owned());
    let document = &mut record.documents[0];
    for id in [
        "so_ky_hieu",
        "ngay_ban_hanh",
        "co_quan_ban_hanh",
        "nguoi_ky",
        "trich_yeu",
        "ma_tthc",
        EVIL,
    ] {
        put(document, id, EVIL);
    }
    document.description.kind.id = EVIL.to_owned();
    document.description.kind.title = EVIL.to_owned();
    document.description.kind.type_name = EVIL.to_owned();
    let out = scene.write(&draft, "gói");
    let databases = [
        sqlite(scene.folder.path(), "khác.sqlite"),
        server.database("kho"),
    ];
    for db in &databases {
        expect_exit(&mut import(&out, db), 0);
        let paper = "SELECT type_id, type_name, title, so_ky_hieu, issued_on, issuer, signer, subject FROM paper";
        assert_eq!(rows(db, paper), [[EVIL; 8].join("|")]);
        assert_eq!(
            rows(db, "SELECT unit, procedure_code FROM dossier"),
            [[EVIL; 2].join("|")]
        );
        let all =
            TABLES.map(|(table, _)| rows(db, &format!("SELECT COUNT(*) FROM {table}")).join(""));
        assert_eq!(all, ["1", "1", "1", "1", "0"]);
    }
    assert_eq!(dump(&databases[0]), dump(&databases[1]));
}

/// Killed as soon as so many bytes of receipts were told, and again, until it comes to its end.
fn import_with_kills(out: &Path, db: &str, chance: &mut Chance) -> u32 {
    let half = out.with_added_extension("receipts.jsonl.half");
    for kills in 0.. {
        let _ = fs::remove_file(&half);
        let mut command = import(out, db);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        // Later and later, so that it ends; and anywhere within.
        let at_bytes = 1 + chance.below(20_000) + u64::from(kills) * 20_000;
        if let Some(status) = wait_until(&mut child, &half, at_bytes) {
            assert_eq!(status, Some(0), "by itself after {kills} kills");
            return kills;
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("a child");
    }
    unreachable!("ends by itself")
}

/// The exit code where it ended before so many bytes were written.
fn wait_until(child: &mut Child, file: &Path, at_bytes: u64) -> Option<Option<i32>> {
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status.code());
        }
        if fs::metadata(file).is_ok_and(|file| file.len() >= at_bytes) {
            return None;
        }
        thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn an_import_that_is_killed_goes_on_and_comes_to_the_same_rows() {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("gói");
    draft(192).write(&out);
    let whole = sqlite(folder.path(), "whole.sqlite");
    expect_exit(&mut import(&out, &whole), 0);
    let whole = dump(&whole);
    let mut chance = Chance::new();
    let mut kills = 0;
    for db in [sqlite(folder.path(), "kho.sqlite"), server.database("kho")] {
        kills += import_with_kills(&out, &db, &mut chance);
        assert_eq!(dump(&db), whole, "{db}");
    }
    assert!(kills > 0, "no kill fell while dossiers were loaded");
}

/// The register beside verified papers, by SQL of the test's own.
#[test]
fn the_door_of_the_rates_tells_both_databases_alike() {
    let server = Server::start();
    let scene = scene();
    let mut various = draft(40);
    for (number, record) in (1u32..).zip(&mut various.records) {
        let state = (number % 5).to_string();
        record.labels.insert(STATE_LABEL.to_owned(), state);
        if number.is_multiple_of(7) {
            let document = &mut record.documents[0];
            document.description.role.as_mut().expect("a role").id = RoleId::NoiBo;
            document.paper = None;
        }
    }
    let out = scene.write(&various, "gói");
    // What the manifest's lines hold by the model's own rule, added up.
    let expected =
        various
            .records
            .iter()
            .map(Holdings::of)
            .fold(Holdings::default(), |sum, held| Holdings {
                components: std::array::from_fn(|state| {
                    sum.components[state] + held.components[state]
                }),
                results: sum.results + held.results,
            });
    assert!(expected.components[1..].iter().all(|files| *files > 0) && expected.results > 0);
    let row = |number: u32| -> RegisteredDossier {
        serde_json::from_value(serde_json::json!({
            "code": code(number), "unit": if number.is_multiple_of(3) { "H10.12" } else { "H10.9" },
            "procedure": "2.000815", "received_on": null, "due_on": null, "finished_on": null, "state": 4,
            "returns_paper": true, "reused_from_store": false, "result_synced": false,
            "from_population_db": false, "vneid": false, "result_in_force": false,
        }))
        .expect("a row")
    };
    let mut told = Vec::new();
    for db in [
        sqlite(scene.folder.path(), "khác.sqlite"),
        server.database("kho"),
    ] {
        expect_exit(&mut import(&out, &db), 0);
        let mut store = Store::open(&db, None).expect("opens");
        store.put_register(&mut (1..=60).map(row)).expect("puts");
        let mut rows: Vec<(String, Holdings)> = Vec::new();
        let read = store.registered(&mut |dossier, holdings| {
            rows.push((format!("{} {}", dossier.unit, dossier.code), holdings));
            Ok(())
        });
        read.expect("reads");
        assert!(rows.is_sorted_by_key(|(name, _)| name.clone()), "{db}");
        let sum =
            |of: &dyn Fn(&Holdings) -> u32| rows.iter().map(|(_, held)| of(held)).sum::<u32>();
        let found = Holdings {
            components: std::array::from_fn(|state| sum(&|held| held.components[state])),
            results: sum(&|held| held.results),
        };
        assert_eq!((rows.len(), found), (60, expected), "{db}");
        told.push(rows);
    }
    assert_eq!(told[0], told[1]);
}

#[test]
fn two_imports_of_one_delivery_at_once_come_to_the_rows_of_one() {
    let server = Server::start();
    let scene = scene();
    let out = scene.write(&draft(100), "gói");
    let alone = sqlite(scene.folder.path(), "một.sqlite");
    expect_exit(&mut import(&out, &alone), 0);
    let databases = [
        sqlite(scene.folder.path(), "hai.sqlite"),
        server.database("kho"),
    ];
    for db in &databases {
        // The tables stand, so that both begin with the delivery.
        drop(Store::open(db, None).expect("opens"));
        let both = ["1", "2"].map(|name| {
            let mut command = import(&out, db);
            command
                .arg("--receipts")
                .arg(scene.folder.path().join(name));
            command.stdout(Stdio::null()).spawn().expect("starts")
        });
        for mut child in both {
            assert_eq!(child.wait().expect("a child").code(), Some(0), "{db}");
        }
        assert_eq!(dump(db), dump(&alone), "{db}");
    }
}

#[test]
fn a_database_that_cannot_be_used_is_told_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("gói");
    draft(1).write(&out);
    let no_database = sqlite(folder.path(), "văn bản.txt");
    fs::write(
        &no_database,
        "đây không phải cơ sở dữ liệu, chỉ là một tệp văn bản",
    )
    .expect("writes");
    for (db, fault) in [
        (no_database.as_str(), "IMP-001"),
        ("postgres://sohoa:bi-mat@localhost:1/kho", "IMP-001"),
        (
            "postgres://sohoa:bi-mat@192.0.2.1/kho?sslmode=prefer",
            "IMP-011",
        ),
    ] {
        let told = expect_exit(&mut import(&out, db), 8).stderr;
        let told = String::from_utf8(told).expect("UTF-8");
        assert!(told.contains(fault) && !told.contains("bi-mat"), "{told}");
    }
    let text = fs::read_to_string(&no_database).expect("a text");
    assert!(text.starts_with("đây không phải"));
    // No trust of our own in what the tests need: the root is that of the test PKI.
    assert!(pki().join("root.pem").is_file());
}
