//! A million dossiers in bounded memory: the figures of docs/benchmarks.md (`scripts/bench million`).
//!
//! The receiver holds nearly all of them; a delta arrives whose manifest tells of all, as every delta's does, and brings
//! the last thousandth. It is packed, audited line by line and imported; then a register of a million rows is rated. A
//! delivery that brings the files of all is measured with fewer dossiers: what the audit of files costs grows with them,
//! what it keeps in memory does not. `SOHOA_ROWS` gives another number.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;
use sohoa::import::{DeliveryRow, DossierRow, Entry, PaperRow, Refused, Store};
use sohoa::model::Digest;

use crate::databases::{Server, rows, sqlite};
use crate::deliveries::{draft, import};
use crate::long_delivery::{self, codes};
use crate::measured::cost_of;
use crate::support::{expect_exit, root, sohoa};

/// Dossiers of one delivery: a year of a commune.
const A_DELIVERY: u32 = 10_000;

fn entry(number: u32, code: String) -> Entry {
    let key = Digest::of(code.as_bytes()).to_string();
    let paper = |ordinal: i64| PaperRow {
        ordinal,
        kind: i64::from(ordinal == 2),
        state: 1,
        type_id: "quyet_dinh".to_owned(),
        type_name: "02".to_owned(),
        title: "Quyết định".to_owned(),
        so_ky_hieu: Some(format!("{number}/QĐ-UBND")),
        issued_on: Some("2026-01-15".to_owned()),
        issuer: Some("Ủy ban nhân dân xã Giả Định".to_owned()),
        signer: Some("Lê Thị Giả Định".to_owned()),
        fields: format!("{{\"so_ky_hieu\":\"{number}/QĐ-UBND\",\"nguoi_ky\":\"Lê Thị Giả Định\"}}"),
        file: format!("{code}.{ordinal:02}.pdf"),
        sha256: key.clone(),
        bytes: 180_000,
        pages: 2,
        confidence_pct: 97,
        seal_state: "signed".to_owned(),
        seal_level: Some("PAdES-B-B".to_owned()),
        ..PaperRow::default()
    };
    Entry {
        papers: vec![paper(1), paper(2)],
        refused: None,
        dossier: DossierRow {
            folder: format!("đợt 1/{code}"),
            content_key: key.clone(),
            record_sha256: key.clone(),
            unit: code.split('-').next().expect("a unit").to_owned(),
            procedure_code: Some("2.000815".to_owned()),
            code_day: "2026-11-15".to_owned(),
            pages: 4,
            needs_review: false,
            labels: "{}".to_owned(),
            code,
        },
    }
}

fn delivery(number: u32) -> DeliveryRow {
    let digest = Digest::of(&number.to_be_bytes()).to_string();
    DeliveryRow {
        batch: digest.clone(),
        merkle_root: digest.clone(),
        manifest_sha256: digest.clone(),
        created: "2026-02-01T09:00:00+07:00".to_owned(),
        created_s: 1_769_911_200 + i64::from(number),
        signer: "CN=Bộ phận Một cửa thử nghiệm".to_owned(),
        key_id: digest,
        accepted_doubts: String::new(),
        place: "/nhan".to_owned(),
        imported_at: "2026-02-02T09:00:00+07:00".to_owned(),
    }
}

fn rows_wanted() -> Option<u32> {
    std::env::var("SOHOA_ROWS").ok()?.parse().ok()
}

/// The most memory that this process ever had, in MiB.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.expect("a peak").parse::<u64>().expect("a number") / 1024
}

/// What the receiver has since long.
fn load(db: &str, register: &Path, held: u32) {
    let mut store = Store::open(db, None).expect("opens");
    let began = Instant::now();
    let never = |_: &Entry, _: i64| -> Refused { unreachable!("each delivery is younger") };
    let mut entries = (1..=held).zip(codes(register));
    for first in (0..held).step_by(A_DELIVERY as usize) {
        let begun = store.begin_delivery(&delivery(first)).expect("begins");
        let mut of_delivery = entries.by_ref().take(A_DELIVERY as usize).peekable();
        while of_delivery.peek().is_some() {
            let group = of_delivery.by_ref().take(64);
            let group: Vec<Entry> = group.map(|(number, code)| entry(number, code)).collect();
            store.load(begun, &group, &never).expect("loads");
        }
        store.finish_delivery(begun).expect("finishes");
    }
    let seconds = began.elapsed().as_secs_f64();
    let (kind, per_s) = (kind(db), f64::from(held) / seconds);
    println!(
        "| {kind}: {held} dossiers loaded, two papers each | {seconds:.0} s, {per_s:.0}/s | | {} MiB |",
        peak_mib()
    );
}

fn kind(db: &str) -> &'static str {
    match db.starts_with("postgres") {
        true => "PostgreSQL",
        false => "SQLite",
    }
}

/// Runs one of the program's verbs, tells its cost as a row of a table, and holds its memory to a bound.
fn told(what: &str, command: &mut Command, most_mib: u64) {
    let cost = cost_of(command, 0);
    let (wall_s, cpu_s, peak_mib) = (cost.wall_s, cost.cpu_s, cost.peak_mib);
    println!("| {what} | {wall_s:.0} s | {cpu_s:.1} s | {peak_mib} MiB |");
    assert!(peak_mib < most_mib, "{what}: {peak_mib} MiB");
}

fn register(folder: &Path, name: &str, rows: u32) -> PathBuf {
    let path = folder.join(name);
    let mut maker = Command::new(root().join("scripts/make_register"));
    expect_exit(maker.arg(&path).arg(rows.to_string()), 0);
    path
}

/// `sohoa rates` or `sohoa report` of the register's month.
fn counting(verb: &str) -> Command {
    let mut command = sohoa();
    command
        .arg(verb)
        .args(["--period", "2026-11", "--today", "2026-11-25"]);
    command.args(["--formula", "766.4.5", "--formula", "766.4.2"]);
    command.env("SOHOA_LANG", "en").env_remove("SOHOA_DB");
    command
}

/// What stands in the table beside a report, of one formula.
fn rates_beside(page: &Path, formula: usize) -> Value {
    let numbers = fs::read(page.with_extension("json")).expect("numbers");
    let numbers: Value = serde_json::from_slice(&numbers).expect("JSON");
    numbers["rates"][formula]["rows"].clone()
}

#[test]
#[ignore = "takes a quarter of an hour"]
fn a_million_lines_are_packed_imported_and_rated_in_bounded_memory() {
    let all = rows_wanted().unwrap_or(1_000_000);
    let (held, folder) = (all - all / 1_000, tempfile::tempdir().expect("a folder"));
    let [csv, xlsx] = ["so.csv", "so.xlsx"].map(|name| register(folder.path(), name, all));
    let long = long_delivery::write(folder.path(), &csv, held);
    println!(
        "a manifest of {all} lines, {} MB; a delta of {} dossiers",
        long.manifest_bytes / 1_000_000,
        all - held
    );
    println!("| what | wall | CPU | peak memory |\n|---|--:|--:|--:|");
    let parts = folder.path().join("gửi");
    let mut pack = sohoa();
    pack.arg("pack").arg(&long.out).arg("-o").arg(&parts);
    pack.arg("--since")
        .arg(&long.receipts)
        .args(["--max-bytes", "50M"]);
    told("pack", &mut pack, 400);
    fs::remove_dir_all(&long.out).expect("removes");
    let [by_csv, by_xlsx] = [(&csv, "csv.html"), (&xlsx, "xlsx.html")].map(|(register, name)| {
        let page = folder.path().join(name);
        let mut report = counting("report");
        report.arg("--register").arg(register).arg("-o").arg(&page);
        let kind = name.trim_end_matches(".html");
        told(
            &format!("report of a register as {kind}"),
            &mut report,
            1_000,
        );
        rates_beside(&page, 0)
    });
    assert_eq!(by_csv, by_xlsx);
    let server = Server::start();
    for db in [sqlite(folder.path(), "kho.sqlite"), server.database("kho")] {
        load(&db, &csv, held);
        told(
            &format!("{}: the delta audited and imported", kind(&db)),
            &mut import(&parts, &db),
            300,
        );
        let count = |sql: &str| rows(&db, sql)[0].clone();
        assert_eq!(
            count("SELECT COUNT(*) FROM dossier_current"),
            all.to_string()
        );
        let brought = "SELECT COUNT(*) FROM receipt r JOIN delivery d ON d.id = r.delivery
            WHERE r.verdict = 'accepted' AND d.created = '2026-11-21T09:00:00+07:00'";
        assert_eq!(count(brought), (all - held).to_string());
        let mut rates = counting("rates");
        rates.args(["--db", &db]).arg("--register").arg(&csv);
        told(
            &format!("{}: register put into the store, rated", kind(&db)),
            &mut rates,
            200,
        );
        let page = folder.path().join("db.html");
        let mut report = counting("report");
        told(
            &format!("{}: report out of the store", kind(&db)),
            report.args(["--db", &db, "-o"]).arg(&page),
            200,
        );
        assert_eq!(rates_beside(&page, 0), by_csv);
        // Of each dossier two papers stand there, a component and a result; of those brought by the delta one.
        let hits = rates_beside(&page, 1);
        let hits: u64 = hits
            .as_array()
            .expect("rows")
            .iter()
            .filter_map(|row| row["own_hits"].as_u64())
            .sum();
        assert!(hits >= u64::from(held), "{hits}");
    }
}

/// Audit of every file and all: ten times the dossiers, hardly more memory.
#[test]
#[ignore = "takes minutes"]
fn the_program_s_memory_hardly_grows_with_the_delivery() {
    let most = rows_wanted().unwrap_or(3_000);
    let peaks = [most / 10, most].map(|dossiers| {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("gói");
        draft(dossiers).write(&out);
        let imported = cost_of(&mut import(&out, &sqlite(folder.path(), "kho.sqlite")), 0);
        let register = register(folder.path(), "so.csv", 1_000);
        let mut rates = counting("rates");
        rates
            .arg(&out)
            .arg("--register")
            .arg(register)
            .args(crate::keys::trust_switches());
        let rated = cost_of(rates.env("SOURCE_DATE_EPOCH", "1795564800"), 0);
        for (what, cost) in [("imported", &imported), ("rated", &rated)] {
            let (cpu_s, peak_mib) = (cost.cpu_s, cost.peak_mib);
            println!(
                "{dossiers} dossiers audited and {what}: {cpu_s:.1} CPU s, peak {peak_mib} MiB"
            );
        }
        [imported.peak_mib, rated.peak_mib]
    });
    for (few, many) in peaks[0].iter().zip(peaks[1]) {
        assert!(many < few + 32, "{peaks:?} MiB");
    }
}
