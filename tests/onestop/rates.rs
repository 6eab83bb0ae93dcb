//! Digitization rates held against an independent count in SQL, and against deliveries and registers that are wrong.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sohoa::model::Digest;
use sohoa::run::Ways;
use sohoa::run::journal::{Entry, RunBegan, RunEnded};

use crate::databases::{Server, rows, sqlite};
use crate::deliveries::{self, draft, import, trust};
use crate::support::{expect_exit, sohoa};

/// Dossiers of the delivery; the register has half as many more without papers.
pub const DELIVERED: u32 = 24;
const REGISTERED: u32 = 36;

pub const UNITS: &str = r#"version = "1"
source = "bảng mẫu"
[[unit]]
code = "H10"
name = "Tỉnh Mẫu"
level = "toan_tinh"
[[unit]]
code = "H10.12"
name = "Sở Đất đai Mẫu"
level = "tinh"
parent = "H10"
[[unit]]
code = "H10.70"
name = "Phường Âu Cơ Mẫu"
level = "xa"
parent = "H10"
from = 2025-07-01
[[unit]]
code = "H10.71"
name = "Xã An Lộc Mẫu"
level = "xa"
parent = "H10"
from = 2025-07-01
"#;

/// The register's rows: units in turn, every third procedure without a paper, every eleventh without a day.
fn register() -> String {
    let mut text = String::from(
        "Mã hồ sơ;Đơn vị xử lý;Mã TTHC;Ngày tiếp nhận;Trạng thái;Thủ tục có kết quả;Đăng nhập VNeID;Kết quả còn hiệu lực;Ngày kết thúc xử lý\n",
    );
    for number in 1..=REGISTERED {
        let unit = ["H10.12", "Phường Âu Cơ Mẫu", "H10.71"][number as usize % 3];
        let day = match number % 11 {
            0 => String::new(),
            _ => format!("{:02}/11/2026", number % 28 + 1),
        };
        let (paper, vneid) = (u32::from(number % 3 > 0), number % 2);
        let (state, in_force) = (number % 10 + 1, number / 2 % 2);
        let code = deliveries::code(number);
        writeln!(
            text,
            "{code};{unit};2.00081{};{day};{state};{paper};{vneid};{in_force};29/11/2026",
            number % 4
        )
        .expect("writes");
    }
    text
}

/// A delivery, its register and the table of units in a folder.
pub struct Scene {
    pub folder: tempfile::TempDir,
}

impl Scene {
    pub fn set() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let scene = Self { folder };
        draft(DELIVERED).write(&scene.out());
        fs::write(scene.path("so.csv"), register()).expect("writes");
        fs::write(scene.path("units.toml"), UNITS).expect("writes");
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// `sohoa VERB` of the register's month, by the test root and its lists.
    pub fn command(&self, verb: &str) -> Command {
        let mut command = sohoa();
        command
            .arg(verb)
            .arg("--units")
            .arg(self.path("units.toml"));
        command.args(["--period", "2026-11", "--today", "2026-11-25"]);
        trust(&mut command);
        command.env("SOURCE_DATE_EPOCH", "1795564800");
        command.env_remove("SOHOA_DB").env_remove("SOHOA_UNITS");
        command
    }

    /// The same from register and delivery as files.
    pub fn by_files(&self, verb: &str) -> Command {
        let mut command = self.command(verb);
        command.arg(self.out());
        command.arg("--register").arg(self.path("so.csv"));
        command
    }
}

/// The lines that `--json` prints.
fn lines(command: &mut Command, exit: i32) -> Vec<Value> {
    let output = expect_exit(command.arg("--json"), exit);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// The conditions of each formula, written down a second time: in SQL over the documented tables of docs/import.md.
const IN_SQL: [(&str, &str, &str); 8] = [
    (
        "766.4.1",
        "r.returns_paper = TRUE AND r.received_on BETWEEN '2026-11-01' AND '2026-11-30'",
        "r.results > 0",
    ),
    (
        "766.4.2",
        "r.received_on BETWEEN '2026-11-01' AND '2026-11-30'",
        "r.components > 0 AND (r.results > 0 OR r.returns_paper = FALSE)",
    ),
    (
        "766.4.3",
        "r.received_on BETWEEN '2026-11-01' AND '2026-11-30'",
        "r.reused > 0",
    ),
    (
        "766.4.4",
        "r.received_on BETWEEN '2026-11-01' AND '2026-11-30'",
        "(r.reused_from_store = TRUE OR r.result_synced = TRUE)",
    ),
    (
        "766.4.5",
        "r.received_on BETWEEN '2026-11-01' AND '2026-11-30'",
        "(r.vneid = TRUE OR r.from_population_db = TRUE)",
    ),
    (
        "local.ho_so",
        "r.state IN (2,4,5,6,7,8,9,10) AND r.received_on BETWEEN '2026-11-01' AND '2026-11-30'",
        "r.components > 0",
    ),
    (
        "local.ket_qua",
        "r.state IN (7,9,10) AND r.finished_on BETWEEN '2026-11-01' AND '2026-11-30'",
        "(r.results > 0 OR r.returns_paper = FALSE)",
    ),
    (
        "backfill",
        "r.result_in_force = TRUE AND r.returns_paper = TRUE AND r.finished_on <= '2026-11-30'",
        "r.results > 0",
    ),
];

/// `unit|hits|of` of one formula (or by another column of the register), by SQL alone.
fn by_sql(db: &str, column: &str, counted: &str, hit: &str) -> Vec<String> {
    let sql = format!(
        "SELECT r.{column}, COUNT(CASE WHEN {hit} THEN 1 END), COUNT(*) FROM (
            SELECT g.*,
                (SELECT COUNT(*) FROM paper_current p WHERE p.dossier = g.code AND p.kind = 1) AS results,
                (SELECT COUNT(*) FROM paper_current p WHERE p.dossier = g.code AND p.kind = 0 AND p.state > 0) AS components,
                (SELECT COUNT(*) FROM paper_current p WHERE p.dossier = g.code AND p.kind = 0 AND p.state > 1) AS reused
            FROM register g) r
        WHERE {counted} GROUP BY r.{column} ORDER BY r.{column}"
    );
    rows(db, &sql)
}

/// The same from the program's own table: units' own dossiers, named as the register names them.
fn by_program(rates: &Value) -> Vec<String> {
    let named = |row: &Value| match row["code"].as_str() {
        Some("H10.70") => "Phường Âu Cơ Mẫu".to_owned(),
        code => code.expect("a code").to_owned(),
    };
    let rows = rates["rows"].as_array().expect("rows");
    let own = rows.iter().filter(|row| row["own_of"] != 0);
    let mut lines: Vec<String> = own
        .map(|row| format!("{}|{}|{}", named(row), row["own_hits"], row["own_of"]))
        .collect();
    lines.sort();
    lines
}

/// Holds every formula's table against SQL over the store's documented tables.
pub fn hold_against_sql(tables: &[&Value], db: &str) {
    assert_eq!(tables.len(), IN_SQL.len());
    for (id, counted, hit) in IN_SQL {
        let table = tables.iter().find(|table| table["formula"] == id);
        let table = table.unwrap_or_else(|| panic!("{id}"));
        let expected = by_sql(db, "unit", counted, hit);
        assert_eq!(by_program(table), expected, "{id}");
        let sum = |at: usize| -> u64 {
            let numbers = expected
                .iter()
                .map(|line| line.split('|').nth(at).expect("three"));
            numbers
                .map(|number| number.parse::<u64>().expect("a number"))
                .sum()
        };
        let total = &table["total"];
        assert_eq!(
            (&total["hits"], &total["of"]),
            (&sum(1).into(), &sum(2).into()),
            "{id}"
        );
        let root = &table["rows"][0];
        assert_eq!(
            (&root["hits"], &root["of"]),
            (&sum(1).into(), &sum(2).into()),
            "{id}: parent"
        );
    }
}

fn with_all_formulas(command: &mut Command) -> &mut Command {
    for (id, ..) in IN_SQL {
        command.args(["--formula", id]);
    }
    command
}

#[test]
fn every_rate_is_what_sql_counts_in_both_databases() {
    let scene = Scene::set();
    let server = Server::start();
    let by_files = lines(with_all_formulas(&mut scene.by_files("rates")), 0);
    for db in [
        sqlite(scene.folder.path(), "kho.sqlite"),
        server.database("kho"),
    ] {
        expect_exit(&mut import(&scene.out(), &db), 0);
        let mut command = scene.command("rates");
        command
            .args(["--db", &db])
            .arg("--register")
            .arg(scene.path("so.csv"));
        let by_store = lines(with_all_formulas(&mut command), 0);
        let tables = |lines: &[Value]| -> Vec<Value> {
            let rates = lines.iter().filter(|line| line["type"] == "rates");
            rates.cloned().collect()
        };
        let (files, store) = (tables(&by_files), tables(&by_store));
        for (one, other) in files.iter().zip(&store) {
            assert_eq!(
                (&one["rows"], &one["total"]),
                (&other["rows"], &other["total"])
            );
        }
        hold_against_sql(&store.iter().collect::<Vec<_>>(), &db);
        let mut command = scene.command("rates");
        command.args(["--db", &db, "--by", "procedure", "--formula", "766.4.2"]);
        let by_procedure = &lines(&mut command, 0)[0];
        let (_, counted, hit) = IN_SQL[1];
        let expected = by_sql(&db, "procedure_code", counted, hit);
        assert_eq!(by_program(by_procedure), expected);
        // Something is counted, something is a hit, and not all of it is.
        let total = &store[1]["total"];
        let (hits, of) = (total["hits"].as_u64(), total["of"].as_u64());
        assert!(Some(0) < hits && hits < of, "{total}");
        assert_eq!(total["undated"], 3);
    }
}

#[test]
fn a_delivery_that_does_not_verify_counts_for_nothing() {
    let scene = Scene::set();
    let victim = scene.out().join("dossiers").join(deliveries::code(3));
    let victim = victim.join(format!("{}.01.pdf", deliveries::code(3)));
    let mut bytes = fs::read(&victim).expect("a PDF");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&victim, bytes).expect("writes");
    let output = expect_exit(&mut scene.by_files("rates"), 10);
    assert!(output.stdout.is_empty());
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(told.contains("RAT-007") && told.contains("V01"), "{told}");
}

#[test]
fn a_delivery_in_doubt_counts_only_where_somebody_answers_for_it() {
    let scene = Scene::set();
    let mut command = sohoa();
    let register = scene.path("so.csv");
    let without_trust = |command: &mut Command| {
        command
            .arg("rates")
            .arg(scene.out())
            .arg("--register")
            .arg(&register);
        command
            .args(["--period", "2026-11"])
            .env("SOURCE_DATE_EPOCH", "1795564800");
        command.env_remove("SOHOA_DB").env_remove("SOHOA_TRUST");
    };
    without_trust(&mut command);
    let told = expect_exit(&mut command, 11).stderr;
    let told = String::from_utf8(told).expect("UTF-8");
    assert!(told.contains("RAT-008"), "{told}");
    let pattern = regex::Regex::new(r"V\d{2}").expect("a pattern");
    let mut accepting = sohoa();
    without_trust(&mut accepting);
    for code in pattern.find_iter(&told) {
        accepting.args(["--accept", code.as_str()]);
    }
    expect_exit(&mut accepting, 0);
}

/// A register that an insider or a stranger made worse: each row told, nothing run, nothing else changed.
#[test]
fn hostile_rows_are_told_with_their_numbers_and_never_computed() {
    let scene = Scene::set();
    let mut text = register();
    text += "H10.12-261120-0001;H10.12;x;01/11/2026;4;1;0;0;\n";
    text += "\"'; DROP TABLE register; --\";H10.12;x;01/11/2026;4;1;0;0;\n";
    text += "H10.12-261120-9001;\"'; DROP TABLE register; --\";x;01/11/2026;4;1;0;0;\n";
    text += "H10.12-261120-9002;=cmd|' /C calc'!A0;x;01/11/2026;4;1;0;0;\n";
    fs::write(scene.path("so.csv"), text).expect("writes");
    let csv = scene.path("bang.csv");
    let mut command = scene.by_files("rates");
    let lines = lines(command.arg("--csv").arg(&csv), 4);
    let first = REGISTERED as u64 + 2;
    for (code, row) in [
        ("RAT-031", first),
        ("RAT-030", first + 1),
        ("RAT-032", first + 2),
        ("RAT-036", first + 3),
    ] {
        let told = lines
            .iter()
            .any(|line| line["code"] == code && line["row"] == row);
        assert!(told, "{code} of row {row}");
    }
    let summary = lines.last().expect("a summary");
    assert_eq!(
        (&summary["rows_left_out"], &summary["rows"]),
        (&2.into(), &(REGISTERED + 2).into())
    );
    let csv = fs::read_to_string(csv).expect("the table");
    assert!(csv.contains("'=cmd|") && !csv.contains(",=cmd|"), "{csv}");
}

/// Three nights of eight dossiers each, written into the delivery's history as the program writes it.
pub fn write_history(out: &Path) {
    let mut journal = Vec::new();
    for day in 22..=24 {
        let (run, at) = (
            format!("202611{day}T150000Z-1"),
            format!("2026-11-{day}T22:00:00+07:00"),
        );
        let began = RunBegan {
            run: run.clone(),
            at: at.clone(),
            version: "0".to_owned(),
            plan_sha256: Digest::of(b""),
            plan: "plan.toml".to_owned(),
            drop: "/drop".to_owned(),
            dossiers: 8,
            host: "máy".to_owned(),
            pid: 1,
        };
        let ways = Ways {
            packaged: 8,
            left: 5,
            ..Ways::default()
        };
        let ended = RunEnded {
            run,
            at,
            how: "window".to_owned(),
            ways: Some(ways),
            pages_read: 40,
            ms: 60_000,
            reading_ms: 50_000,
            signing_ms: 2_000,
        };
        journal.extend(Entry::RunBegan(began).to_line());
        journal.extend(Entry::RunEnded(ended).to_line());
    }
    fs::create_dir_all(out.join("runs")).expect("a folder");
    fs::write(out.join("runs/journal.jsonl"), journal).expect("writes");
}

const CAMPAIGN: &str = r#"version = "1"
[[campaign]]
id = "mau"
name = "30 ngày đêm"
source = "kế hoạch mẫu"
first = 2026-11-01
last = 2026-11-30
targets = [
    { level = "toan_tinh", formula = "766.4.2", percent = 50 },
    { level = "tinh", formula = "766.4.2", percent = 30 },
]
"#;

#[test]
fn a_campaign_has_its_day_its_pace_and_a_date_from_what_the_runs_did() {
    let scene = Scene::set();
    write_history(&scene.out());
    fs::write(scene.path("campaigns.toml"), CAMPAIGN).expect("writes");
    let ask = |what_if: &[&str]| {
        let mut command = scene.by_files("rates");
        command.arg("--campaigns").arg(scene.path("campaigns.toml"));
        command.args(["--campaign", "mau"]).args(what_if);
        lines(&mut command, 0)
    };
    let told = ask(&[]);
    let (rates, summary) = (&told[0], told.last().expect("a summary"));
    let campaign = &rates["campaign"];
    let days = ["day", "days", "days_left"].map(|name| campaign[name].as_i64());
    assert_eq!(days, [Some(25), Some(30), Some(6)]);
    // 4 of 33 are hits; half of 33 is 17; the provincial office has 4 of 11 and 30 % to reach.
    let total = &rates["total"];
    assert_eq!((&total["hits"], &total["of"]), (&4.into(), &33.into()));
    assert_eq!(
        (&total["needed"], &total["needed_per_day"]),
        (&13.into(), &3.into())
    );
    let rows = rates["rows"].as_array().expect("rows");
    let office = rows.iter().find(|row| row["code"] == "H10.12");
    assert_eq!(office.expect("the office")["reached"], true);
    // Of 24 dossiers with papers 4 are hits, so 13 more hits are 78 dossiers: ten days of eight.
    let forecast = &rates["forecast"];
    assert_eq!(forecast["dossiers"], 78);
    let dates = ["early", "likely", "late"].map(|name| forecast[name].clone());
    assert_eq!(
        dates,
        ["2026-12-05", "2026-12-05", "2026-12-05"].map(Value::from)
    );
    assert_eq!(summary["bottleneck"], "hours");
    let faster = ask(&["--what-if", "pages_per_day=80"]);
    assert_eq!(faster[0]["forecast"]["likely"], "2026-11-30");
}

/// What a person sees at the terminal.
#[test]
fn the_table_speaks_vietnamese_in_vietnamese_order() {
    let scene = Scene::set();
    let output = expect_exit(&mut scene.by_files("rates"), 0);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let place = |name: &str| text.find(name).unwrap_or_else(|| panic!("{name}\n{text}"));
    // Â stands behind A and before B, P before S before X.
    assert!(place("Tỉnh Mẫu") < place("Phường Âu Cơ Mẫu"));
    assert!(place("Phường Âu Cơ Mẫu") < place("Sở Đất đai Mẫu"));
    assert!(place("Sở Đất đai Mẫu") < place("Xã An Lộc Mẫu"));
    assert!(
        text.contains("Chưa đạt") && text.contains("80,00 %"),
        "{text}"
    );
    assert!(text.contains("3 hồ sơ"), "those without a day\n{text}");
}
