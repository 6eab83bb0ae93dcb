//! A million dossiers, loaded in bounded memory: the figures of docs/benchmarks.md.
//!
//! `SOHOA_ROWS` gives another number. What is measured is the way into the store, with rows as they come out
//! of manifests; auditing a million packages of files is measured by `cargo bench --bench verify`.

use std::fs;
use std::time::Instant;

use sohoa::import::{DeliveryRow, DossierRow, Entry, PaperRow, Refused, Store};
use sohoa::model::Digest;
use sohoa::model::onestop::RegisteredDossier;

use crate::databases::{Server, sqlite};
use crate::deliveries::{draft, import};

/// Dossiers of one delivery: a year of a commune.
const A_DELIVERY: u32 = 10_000;

fn entry(number: u32) -> Entry {
    let (day, of_day) = (number / 100_000, number % 100_000);
    let code = format!("H10.{}-2601{:02}-{of_day:06}", number % 90, 1 + day);
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
            unit: format!("H10.{}", number % 90),
            procedure_code: Some("2.000815".to_owned()),
            code_day: "2026-01-15".to_owned(),
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

fn row(number: u32) -> RegisteredDossier {
    let entry = entry(number).dossier;
    serde_json::from_value(serde_json::json!({
        "code": entry.code, "unit": entry.unit, "procedure": "2.000815", "received_on": null, "due_on": null,
        "finished_on": null, "state": 9, "returns_paper": true, "reused_from_store": false,
        "result_synced": false, "from_population_db": false, "vneid": false, "result_in_force": true,
    }))
    .expect("a row")
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

fn load(db: &str, rows: u32) {
    let mut store = Store::open(db, None).expect("opens");
    let began = Instant::now();
    let never = |_: &Entry, _: i64| -> Refused { unreachable!("each delivery is younger") };
    for first in (0..rows).step_by(A_DELIVERY as usize) {
        let begun = store.begin_delivery(&delivery(first)).expect("begins");
        let numbers: Vec<u32> = (first..rows.min(first + A_DELIVERY)).collect();
        for group in numbers.chunks(64) {
            let entries: Vec<Entry> = group.iter().map(|number| entry(*number)).collect();
            store.load(begun, &entries, &never).expect("loads");
        }
        store.finish_delivery(begun).expect("finishes");
    }
    told("dossiers loaded, two papers each", db, rows, began);
    let began = Instant::now();
    assert_eq!(
        store.put_register(&mut (0..rows).map(row)).expect("puts"),
        u64::from(rows)
    );
    told("rows of the register put", db, rows, began);
    let began = Instant::now();
    let (mut seen, mut results) = (0, 0);
    let read = store.registered(&mut |_, holdings| {
        seen += 1;
        results += holdings.results;
        Ok(())
    });
    read.expect("reads");
    assert_eq!((seen, results), (rows, rows));
    told("rows told beside their papers", db, rows, began);
}

fn told(what: &str, db: &str, rows: u32, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    let scheme = if db.starts_with("postgres") {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    println!(
        "{scheme}: {rows} {what} in {seconds:.1} s, {:.0}/s, peak {} MiB",
        f64::from(rows) / seconds,
        peak_mib()
    );
}

/// The most memory that a child ever had, in MiB, asked until it ends.
fn peak_of(mut child: std::process::Child) -> u64 {
    let path = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    loop {
        let status = fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        peak_kib = peak_kib.max(kib.unwrap_or_default());
        if let Some(ended) = child.try_wait().expect("a child") {
            assert_eq!(ended.code(), Some(0));
            return peak_kib / 1024;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// Audit and all: ten times the dossiers, hardly more memory.
#[test]
#[ignore = "takes minutes"]
fn the_program_s_memory_hardly_grows_with_the_delivery() {
    let most = rows_wanted().unwrap_or(3_000);
    let peaks = [most / 10, most].map(|dossiers| {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("gói");
        draft(dossiers).write(&out);
        let mut command = import(&out, &sqlite(folder.path(), "kho.sqlite"));
        let began = Instant::now();
        let peak = peak_of(
            command
                .stdout(std::process::Stdio::null())
                .spawn()
                .expect("starts"),
        );
        let seconds = began.elapsed().as_secs_f64();
        println!("{dossiers} dossiers audited and imported in {seconds:.1} s, peak {peak} MiB");
        peak
    });
    assert!(peaks[1] < peaks[0] + 32, "{peaks:?} MiB");
}

#[test]
#[ignore = "takes minutes"]
fn a_million_dossiers_are_loaded_in_bounded_memory() {
    let rows = rows_wanted().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    load(&sqlite(folder.path(), "kho.sqlite"), rows);
    let server = Server::start();
    load(&server.database("kho"), rows);
    let peak = peak_mib();
    assert!(peak < 200, "{peak} MiB for {rows} dossiers");
}
