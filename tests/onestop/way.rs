//! The whole way of a delivery of a thousand dossiers: printed and scanned papers, three nights of `sohoa run` with the
//! real engine and a real key, every kind of export, import into both databases, rates, the report, and each of its
//! numbers by SQL. It says what it cost; with `SOHOA_KEEP` the folder stays, and its report can be looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::databases::{Server, dump, rows, sqlite};
use crate::deliveries::{import, trust};
use crate::import::receipts;
use crate::keys::pki;
use crate::papers::{self, DOSSIERS, NIGHTS, draw, is_damaged};
use crate::recount::{Known, formulas, hold_report};
use crate::registered::{
    DAYS_LEFT, TARGETS, campaign_file, units, units_file, write_csv, write_xlsx,
};
use crate::support::{expect_exit, header, run, sohoa};

/// 2026-11-22T22:00:00+07:00, the first night.
const FIRST_NIGHT_S: u64 = 1_795_359_600;
const A_DAY_S: u64 = 86_400;

const PLAN: &str = "[intake]\nlayouts = [\"Hộp {hop}/{trang_thai_so_hoa}/{dossier}/\"]\n\
    [recognize]\nmax_page_ms = 600000\n";

const PROFILE: &str = "url = \"https://tep.vidu.vn/{dossier}/{file}\"\n[values]\nagency_code = \"H10.70\"\n\
    agency_name = \"UBND xã Giả Định\"\nfonds_code = \"P_GIADINH\"\narchive_code = \"H10.LT\"\nmaintenance = \"01\"\n\
    maintenance_text = \"Vĩnh viễn\"\nmode = \"02\"\nmode_text = \"Có điều kiện\"\ndossier_state = \"9\"\nsource = \"1\"\n\
    procedure = \"2.000815\"\n[procedures.\"2.000815\"]\nname = \"Cấp bản sao trích lục hộ tịch\"\n";

/// The folder of the test, and what each step of it cost.
struct Way {
    folder: PathBuf,
    _goes: Option<tempfile::TempDir>,
    began: Instant,
}

impl Way {
    fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (folder, goes) = match std::env::var_os("SOHOA_KEEP") {
            Some(kept) => (PathBuf::from(kept), None),
            None => (folder.path().to_owned(), Some(folder)),
        };
        fs::create_dir_all(folder.join("drop")).expect("a folder");
        let way = Self {
            folder,
            _goes: goes,
            began: Instant::now(),
        };
        let put = |name: &str, text: &str| fs::write(way.path(name), text).expect("writes");
        put("plan.toml", PLAN);
        put("profile.toml", PROFILE);
        put("units.toml", &units_file(&units()));
        put("campaigns.toml", &campaign_file());
        write_csv(&way.path("so.csv"));
        write_xlsx(&way.path("so.xlsx"));
        way
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn out(&self) -> PathBuf {
        self.path("gói")
    }

    /// How long it took since the last step, for whoever runs the test with `--nocapture`.
    fn took(&mut self, what: &str) {
        println!("{:6.1} s  {what}", self.began.elapsed().as_secs_f64());
        self.began = Instant::now();
    }

    /// One night: new boxes stand in the drop, and the program runs over all of it.
    fn night(&self, night: u32) {
        let boxes = fs::read_dir(self.path("giấy").join(night.to_string())).expect("boxes");
        for one in boxes {
            let one = one.expect("a box").path();
            let states = fs::read_dir(&one).expect("states");
            for state in states.map(|state| state.expect("a state").path()) {
                let name = state.strip_prefix(one.parent().expect("a night"));
                let place = self.path("drop").join(name.expect("below"));
                fs::create_dir_all(&place).expect("a folder");
                for dossier in fs::read_dir(&state).expect("dossiers") {
                    let dossier = dossier.expect("a dossier");
                    fs::rename(dossier.path(), place.join(dossier.file_name())).expect("moves");
                }
            }
        }
        let at_s = FIRST_NIGHT_S + u64::from(night - 1) * A_DAY_S;
        let mut command = run(&self.path("drop"), &self.out());
        command.arg("--plan").arg(self.path("plan.toml"));
        command.env("SOURCE_DATE_EPOCH", at_s.to_string());
        // Some dossiers are set aside.
        expect_exit(&mut command, 4);
    }

    fn trusting(&self, verb: &str) -> Command {
        let mut command = sohoa();
        command.arg(verb);
        trust(&mut command);
        command.env("SOURCE_DATE_EPOCH", "1795564800");
        command.env_remove("SOHOA_DB").env_remove("SOHOA_UNITS");
        command
    }

    /// `sohoa rates` or `sohoa report` of the campaign's month, by all formulas.
    fn counting(&self, verb: &str, register: &str) -> Command {
        let mut command = self.trusting(verb);
        command.arg("--register").arg(self.path(register));
        command.arg("--units").arg(self.path("units.toml"));
        command.arg("--campaigns").arg(self.path("campaigns.toml"));
        command.args([
            "--campaign",
            "mau",
            "--period",
            "2026-11",
            "--today",
            "2026-11-25",
        ]);
        command.args(formulas());
        command
    }

    fn export(&self, to: &str) -> PathBuf {
        let place = self.path(&format!("xuất.{to}"));
        let mut command = sohoa();
        command
            .arg("export")
            .arg(self.out())
            .args(["--to", to, "-o"]);
        command
            .arg(&place)
            .arg("--profile")
            .arg(self.path("profile.toml"));
        command.arg("--trust").arg(pki().join("root.pem"));
        command.env("SOURCE_DATE_EPOCH", "1795564800");
        expect_exit(&mut command, 0);
        place
    }
}

fn verdicts(out: &Path, verdict: &str) -> u64 {
    let of_this = receipts(out);
    let of_this = of_this.iter().filter(|line| line["verdict"] == verdict);
    of_this.count() as u64
}

/// What the package's header says must be what was laid into the drop.
fn hold_header(out: &Path) -> u64 {
    let damaged = (1..=DOSSIERS).filter(|number| is_damaged(*number)).count() as u64;
    let said = header(out).dossiers;
    assert_eq!((said.total, said.set_aside), (u64::from(DOSSIERS), damaged));
    let sound = u64::from(DOSSIERS) - damaged;
    assert!(sound >= 1_000);
    assert_eq!(said.packaged, sound);
    sound
}

/// Of all papers the engine takes nearly all for what they are; which, the report's numbers show.
fn hold_roles(db: &str) {
    let (requests, decisions) = papers::sound_papers();
    let count = |kind: u8| -> u64 {
        let sql = format!("SELECT COUNT(*) FROM paper_current WHERE kind = {kind}");
        rows(db, &sql)[0].parse().expect("a number")
    };
    let near = |found: u64, drawn: u64| found.abs_diff(drawn) * 20 <= drawn;
    let (components, results) = (count(0), count(1));
    assert!(
        near(components, requests) && near(results, decisions),
        "{components} of {requests} requests, {results} of {decisions} decisions"
    );
}

/// Every form holds every dossier that the package holds, and every paper.
fn hold_exports(way: &Way, db: &str) {
    let codes: BTreeSet<String> = rows(db, "SELECT code FROM dossier_current")
        .into_iter()
        .collect();
    let papers: usize = rows(db, "SELECT COUNT(*) FROM paper_current")[0]
        .parse()
        .expect("a number");
    let names = |place: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(place).expect("lists");
        let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("UTF-8");
        entries
            .map(|entry| name(entry.expect("an entry")))
            .collect()
    };
    let portal = way.export("portal-json");
    let of_portal = names(&portal)
        .into_iter()
        .map(|name| name.replace(".json", ""));
    assert_eq!(of_portal.collect::<BTreeSet<_>>(), codes);
    assert_eq!(names(&way.export("bagit")), codes);
    let packed = way.export("aip");
    assert_eq!(names(&packed).len(), codes.len());
    let mut check = sohoa();
    expect_exit(check.args(["export", "--check"]).arg(&packed), 0);
    let table = fs::read_to_string(way.export("csv")).expect("a table");
    assert_eq!(
        csv::Reader::from_reader(table.as_bytes()).records().count(),
        papers
    );
    let sheet = way.export("archive-xlsx");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(sheet).expect("a workbook");
    let range = calamine::Reader::worksheet_range(&mut book, "Sheet1").expect("a sheet");
    assert_eq!(range.rows().count(), 1 + papers);
}

/// Into one database, twice: the second time nothing changes.
fn deliver(way: &Way, db: &str, new: u64, known: u64) {
    expect_exit(&mut import(&way.out(), db), 0);
    let told = ["accepted", "duplicate", "rejected"].map(|verdict| verdicts(&way.out(), verdict));
    assert_eq!(told, [new, known, 0], "{db}");
    let before = dump(db);
    expect_exit(&mut import(&way.out(), db), 0);
    assert_eq!(verdicts(&way.out(), "duplicate"), new + known, "{db}");
    assert_eq!(dump(db), before, "{db}");
}

/// The rates that `sohoa rates` counts from a store, as `--json` prints them.
fn rates_of(way: &Way, db: &str, register: &str) -> Vec<Value> {
    let mut command = way.counting("rates", register);
    let output = expect_exit(command.args(["--db", db, "--json"]), 0);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    lines
        .filter(|line: &Value| line["type"] == "rates")
        .collect()
}

/// The page, the sheet and the workbook say the same as the numbers beside them.
fn hold_files(page: &Path, numbers: &Value) {
    let html = fs::read_to_string(page).expect("the page");
    // Six examples of dossiers set aside, each with a scan that is whole.
    let (_, set_aside) = html.split_once("<h3>Để riêng</h3>").expect("a section");
    let (set_aside, _) = set_aside.split_once("<h3>").expect("the next one");
    assert_eq!(set_aside.matches("data:image/jpeg").count(), 6);
    let csv = fs::read_to_string(page.with_extension("csv")).expect("the table");
    let book = page.with_extension("xlsx");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(book).expect("a workbook");
    for table in numbers["rates"].as_array().expect("tables") {
        let id = table["formula"].as_str().expect("an id");
        let sheet = calamine::Reader::worksheet_range(&mut book, id).expect("a sheet");
        let rows = table["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .chain([&table["total"]]);
        for (line, row) in (1..).zip(rows) {
            let cell = |column| sheet.get_value((line, column)).map(ToString::to_string);
            assert_eq!(
                [cell(7), cell(8)],
                [&row["hits"], &row["of"]].map(|one| Some(one.to_string()))
            );
            let percent = row["percent"].as_str().unwrap_or("");
            let figures = format!("{},{},{percent},", row["hits"], row["of"]);
            assert!(csv.contains(&figures), "{figures}");
            let shown = percent.replace('.', ",") + " %";
            assert!(
                percent.is_empty() || id != "766.4.2" || html.contains(&shown),
                "{shown}"
            );
        }
    }
}

#[test]
fn a_thousand_dossiers_go_the_whole_way_and_sql_counts_every_number_of_the_report() {
    let mut way = Way::begin();
    draw(&way.path("giấy"));
    way.took("papers printed and scanned");
    let (here, server) = (sqlite(&way.folder, "kho.sqlite"), Server::start());
    let there = server.database("kho");
    way.night(1);
    way.night(2);
    // What two nights made is delivered, and the third night's delivery brings it again.
    expect_exit(&mut import(&way.out(), &here), 0);
    let early = verdicts(&way.out(), "accepted");
    way.night(NIGHTS);
    way.took("three nights of `sohoa run`, the first import");
    let sound = hold_header(&way.out());
    deliver(&way, &here, sound - early, early);
    deliver(&way, &there, sound, 0);
    let current = "SELECT code, content_key, record_sha256, folder, unit, pages FROM dossier_current ORDER BY code";
    assert_eq!(rows(&here, current), rows(&there, current));
    hold_roles(&here);
    way.took("four imports into two databases");
    hold_exports(&way, &here);
    way.took("five exports");
    let page = way.path("báo cáo.html");
    let mut report = way.counting("report", "so.csv");
    report.arg("--drop").arg(way.path("drop"));
    expect_exit(report.arg(way.out()).arg("-o").arg(&page), 0);
    let numbers = fs::read(page.with_extension("json")).expect("numbers");
    let numbers: Value = serde_json::from_slice(&numbers).expect("JSON");
    hold_files(&page, &numbers);
    way.took("the report");
    for (db, register) in [(&here, "so.csv"), (&there, "so.xlsx")] {
        let rates = rates_of(&way, db, register);
        let told = numbers["rates"].as_array().expect("tables");
        for (one, other) in rates.iter().zip(told) {
            assert_eq!(
                (&one["rows"], &one["total"]),
                (&other["rows"], &other["total"]),
                "{db}"
            );
        }
        let known = Known {
            units: &units(),
            targets: &TARGETS,
            days_left: DAYS_LEFT,
            out: &way.out(),
        };
        hold_report(&numbers, db, &known);
    }
    assert_eq!(numbers["bottleneck"], "papers");
    let total = &numbers["rates"][0]["total"];
    let (hits, of) = (total["hits"].as_u64(), total["of"].as_u64());
    assert!(Some(100) < hits && hits < of, "{total}");
    way.took("rates from both databases, and each number by SQL");
}
