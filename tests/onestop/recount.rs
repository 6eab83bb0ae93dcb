//! Every number of a report, counted a second time in SQL over the receiver's documented tables and the package's own
//! JSON lines. No line of the program takes part but the tables that `sohoa import` filled.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::databases::{execute, put_texts, rows};

/// A formula, written down again: who is counted (but for the day), by which day, which of them are hits.
struct InSql {
    id: &'static str,
    counted: &'static str,
    day: &'static str,
    within: &'static str,
    /// What a hit must have, each by the name that the report gives to dossiers that lack it alone.
    wanted: &'static [(&'static str, &'static str)],
    /// Rate in hundredths that earns all points, and the points.
    points: Option<(u64, u64)>,
}

const MONTH: &str = "BETWEEN '2026-11-01' AND '2026-11-30'";
const RESULT_WHERE_DUE: &str = "(results > 0 OR returns_paper = FALSE)";

const FORMULAS: [InSql; 8] = [
    InSql {
        id: "766.4.2",
        counted: "state > 0",
        day: "received_on",
        within: MONTH,
        wanted: &[
            ("HasComponent", "components > 0"),
            ("HasResult", RESULT_WHERE_DUE),
        ],
        points: Some((8_000, 4)),
    },
    InSql {
        id: "766.4.1",
        counted: "returns_paper = TRUE",
        day: "received_on",
        within: MONTH,
        wanted: &[("HasResult", "results > 0")],
        points: None,
    },
    InSql {
        id: "766.4.3",
        counted: "state > 0",
        day: "received_on",
        within: MONTH,
        wanted: &[("HasReusedComponent", "reused > 0")],
        points: Some((8_000, 2)),
    },
    InSql {
        id: "766.4.4",
        counted: "state > 0",
        day: "received_on",
        within: MONTH,
        wanted: &[(
            "ReusedFromStore",
            "(reused_from_store = TRUE OR result_synced = TRUE)",
        )],
        points: None,
    },
    InSql {
        id: "766.4.5",
        counted: "state > 0",
        day: "received_on",
        within: MONTH,
        wanted: &[("Vneid", "(vneid = TRUE OR from_population_db = TRUE)")],
        points: None,
    },
    InSql {
        id: "local.ho_so",
        counted: "state NOT IN (1, 3)",
        day: "received_on",
        within: MONTH,
        wanted: &[("HasComponent", "components > 0")],
        points: None,
    },
    InSql {
        id: "local.ket_qua",
        counted: "state IN (7, 9, 10)",
        day: "finished_on",
        within: MONTH,
        wanted: &[("HasResult", RESULT_WHERE_DUE)],
        points: None,
    },
    InSql {
        id: "backfill",
        counted: "result_in_force = TRUE AND returns_paper = TRUE",
        day: "finished_on",
        within: "<= '2026-11-30'",
        wanted: &[("HasResult", "results > 0")],
        points: None,
    },
];

/// The ids, as switches of `sohoa rates` and `sohoa report`; the report is about the first.
pub fn formulas() -> impl Iterator<Item = &'static str> {
    FORMULAS
        .iter()
        .flat_map(|formula| ["--formula", formula.id])
}

/// A unit as the test's own table has it.
pub struct Unit {
    pub code: String,
    pub name: String,
    pub level: &'static str,
    pub parent: Option<&'static str>,
}

/// A campaign's target in hundredths of a percent, for a level and a formula.
pub type Target = (&'static str, &'static str, u64);

/// What is known besides the store: units, targets, days left, the package.
pub struct Known<'k> {
    pub units: &'k [Unit],
    pub targets: &'k [Target],
    pub days_left: u64,
    pub out: &'k Path,
}

const TABLES: &str = "
    CREATE TABLE unit_row (code TEXT, name TEXT, level TEXT, parent TEXT);
    CREATE TABLE target (formula TEXT, level TEXT, hundredths BIGINT);
    CREATE TABLE manifest_line (text TEXT);
    CREATE TABLE journal_line (text TEXT);";

/// Each dossier of the register with its unit and the files that stand for it.
const TOLD: &str = "CREATE TABLE told AS
    SELECT g.*, u.code AS at_unit, u.parent AS below, COALESCE(h.results, 0) AS results,
        COALESCE(h.components, 0) AS components, COALESCE(h.reused, 0) AS reused, COALESCE(h.files, 0) AS files
    FROM register g JOIN unit_row u ON g.unit = u.code OR g.unit = u.name
    LEFT JOIN (SELECT dossier,
            COUNT(CASE WHEN kind = 1 THEN 1 END) AS results,
            COUNT(CASE WHEN kind = 0 AND state > 0 THEN 1 END) AS components,
            COUNT(CASE WHEN kind = 0 AND state > 1 THEN 1 END) AS reused,
            COUNT(CASE WHEN kind < 2 THEN 1 END) AS files
        FROM paper_current GROUP BY dossier) h ON h.dossier = g.code";

/// Puts the test's own tables beside those of the store.
fn prepare(db: &str, known: &Known<'_>) {
    execute(db, TABLES);
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    for unit in known.units {
        let parent = unit.parent.map_or("NULL".to_owned(), text);
        let [code, name, level] = [&unit.code, &unit.name, unit.level].map(text);
        execute(
            db,
            &format!("INSERT INTO unit_row VALUES ({code}, {name}, {level}, {parent})"),
        );
    }
    for (formula, level, hundredths) in known.targets {
        let [formula, level] = [formula, level].map(|one| text(one));
        execute(
            db,
            &format!("INSERT INTO target VALUES ({formula}, {level}, {hundredths})"),
        );
    }
    for (table, file) in [
        ("manifest_line", "manifest.jsonl"),
        ("journal_line", "runs/journal.jsonl"),
    ] {
        let lines = fs::read_to_string(known.out.join(file)).expect("a file of the package");
        put_texts(db, table, lines.lines());
    }
    execute(db, TOLD);
}

/// Which rows a table of the report has.
enum Group {
    Unit,
    Level,
    Total,
}

impl InSql {
    fn hit(&self) -> String {
        let wanted: Vec<&str> = self
            .wanted
            .iter()
            .map(|(_, condition)| *condition)
            .collect();
        wanted.join(" AND ")
    }

    /// Dossiers that lack the `n`-th thing and nothing else.
    fn lacks_only(&self, n: usize) -> String {
        let conditions = self
            .wanted
            .iter()
            .enumerate()
            .map(|(at, (_, condition))| match at == n {
                true => format!("NOT ({condition})"),
                false => (*condition).to_owned(),
            });
        conditions.collect::<Vec<_>>().join(" AND ")
    }

    /// The rows of one table: all that the report says of each, `-` where it says nothing.
    fn sql(&self, group: &Group, days_left: u64) -> String {
        let (key, level, from, by, own) = match group {
            Group::Unit => (
                "u.code",
                "u.level",
                "unit_row u JOIN told ON at_unit = u.code OR below = u.code",
                "GROUP BY u.code, u.level",
                "at_unit = u.code",
            ),
            Group::Level => (
                "u.level",
                "u.level",
                "unit_row u JOIN told ON at_unit = u.code",
                "GROUP BY u.level",
                "state > 0",
            ),
            Group::Total => ("''", "'toan_tinh'", "told", "", "state > 0"),
        };
        let Self {
            id,
            counted,
            day,
            within,
            ..
        } = self;
        let (dated, hit) = (format!("{day} {within}"), self.hit());
        let count = |condition: String| format!("COUNT(CASE WHEN {condition} THEN 1 END)");
        let lacks =
            (0..self.wanted.len()).map(|n| count(format!("{dated} AND {}", self.lacks_only(n))));
        let lacks: Vec<String> = (1..)
            .zip(lacks)
            .map(|(n, sql)| format!("{sql} AS lack{n}"))
            .collect();
        let lack_names = ["lack1", "lack1, lack2"][self.wanted.len() - 1];
        let score = match self.points {
            None => "CAST(NULL AS BIGINT)".to_owned(),
            Some((full, points)) => format!(
                "CASE WHEN n = 0 THEN NULL WHEN hits * 10000 >= n * {full} THEN {} \
                 ELSE (2 * hits * 10000 * {} + n * {full}) / (2 * n * {full}) END",
                points * 100,
                points * 100
            ),
        };
        format!(
            "SELECT place, hits, n, own_hits, own_n, undated,
                CASE WHEN n > 0 THEN (20000 * hits + n) / (2 * n) END,
                hundredths,
                CAST(CASE WHEN n > 0 AND hundredths IS NOT NULL THEN hits * 10000 >= n * hundredths END AS INTEGER) + CAST(0 AS BIGINT),
                CASE WHEN n > 0 THEN short END,
                (short + {days_left} - 1) / {days_left},
                {score}, {lack_names}
            FROM (SELECT c.*, t.hundredths,
                    CASE WHEN (n * t.hundredths + 9999) / 10000 > hits THEN (n * t.hundredths + 9999) / 10000 - hits
                        WHEN t.hundredths IS NOT NULL THEN 0 END AS short
                FROM (SELECT CAST({key} AS TEXT) AS place, CAST({level} AS TEXT) AS level,
                        {} AS hits, {} AS n, {} AS own_hits, {} AS own_n, {} AS undated, {}
                    FROM {from} WHERE {counted} {by}) c
                LEFT JOIN target t ON t.formula = '{id}' AND t.level = c.level) rated
            WHERE n + undated > 0",
            count(format!("{dated} AND {hit}")),
            count(dated.clone()),
            count(format!("{dated} AND {hit} AND {own}")),
            count(format!("{dated} AND {own}")),
            count(format!("{day} IS NULL")),
            lacks.join(", "),
        )
    }

    /// The same of a row of the report.
    fn told(&self, row: &Value) -> String {
        let hundredths = |value: &Value| match value.as_str() {
            Some(text) => {
                let digits: u64 = text.replace('.', "").parse().expect("two decimals");
                digits.to_string()
            }
            None => "-".to_owned(),
        };
        let number = |value: &Value| value.as_u64().map_or("-".to_owned(), |one| one.to_string());
        let reached = row["reached"]
            .as_bool()
            .map_or("-".to_owned(), |yes| u8::from(yes).to_string());
        let mut values = vec![row["code"].as_str().expect("a code").to_owned()];
        values
            .extend(["hits", "of", "own_hits", "own_of", "undated"].map(|name| number(&row[name])));
        values.extend(["percent", "target"].map(|name| hundredths(&row[name])));
        values.push(reached);
        values.extend(["needed", "needed_per_day"].map(|name| number(&row[name])));
        values.push(hundredths(&row["score"]));
        let short =
            |(fact, _): &(&str, &str)| row["short_of"][fact].as_u64().unwrap_or(0).to_string();
        values.extend(self.wanted.iter().map(short));
        values.join("|")
    }
}

/// Tells where SQL and a table of the report differ.
fn hold_table(table: &Value, formula: &InSql, group: &Group, db: &str, days_left: u64) {
    let table_rows = match group {
        Group::Total => std::slice::from_ref(&table["total"]),
        _ => table["rows"].as_array().expect("rows"),
    };
    let mut told: Vec<String> = table_rows.iter().map(|row| formula.told(row)).collect();
    let mut counted = rows(db, &formula.sql(group, days_left));
    told.sort();
    counted.sort();
    assert_eq!(told, counted, "{} in {db}", formula.id);
}

/// The tables of all formulas.
fn hold_rates(report: &Value, db: &str, days_left: u64) {
    let tables = report["rates"].as_array().expect("tables");
    assert_eq!(tables.len(), FORMULAS.len());
    for (table, formula) in tables.iter().zip(&FORMULAS) {
        assert_eq!(table["formula"], formula.id);
        hold_table(table, formula, &Group::Unit, db, days_left);
        hold_table(table, formula, &Group::Total, db, days_left);
    }
    hold_table(
        &report["levels"],
        &FORMULAS[0],
        &Group::Level,
        db,
        days_left,
    );
}

/// `name|count` of a JSON object.
fn entries(object: &Value) -> Vec<String> {
    let entries = object.as_object().expect("an object").iter();
    let mut lines: Vec<String> = entries
        .map(|(name, count)| format!("{name}|{count}"))
        .collect();
    lines.sort();
    lines
}

/// What the package holds: of papers by the store, of dossiers set aside, which no store takes, by the manifest's lines.
fn hold_census(census: &Value, db: &str) {
    let one = |sql: &str| rows(db, sql).join(" ");
    let count = |name: &str| census[name].to_string();
    assert_eq!(
        count("packaged"),
        one("SELECT COUNT(*) FROM dossier_current")
    );
    assert_eq!(count("dossiers"), one("SELECT COUNT(*) FROM manifest_line"));
    assert_eq!(
        count("documents"),
        one("SELECT COUNT(*) FROM paper_current")
    );
    assert_eq!(
        count("pages"),
        one("SELECT CAST(SUM(pages) AS BIGINT) FROM paper_current")
    );
    let types = "SELECT title, COUNT(*) FROM paper_current GROUP BY title ORDER BY title";
    assert_eq!(entries(&census["types"]), rows(db, types), "{db}");
    let steps = (0..).zip(census["sureness"].as_array().expect("steps"));
    let steps: Vec<String> = steps
        .map(|(step, count): (u8, _)| format!("{step}|{count}"))
        .collect();
    let steps: Vec<String> = steps
        .into_iter()
        .filter(|line| !line.ends_with("|0"))
        .collect();
    let sureness = "SELECT confidence_pct / 10, COUNT(*) FROM paper_current GROUP BY confidence_pct / 10 ORDER BY 1";
    assert_eq!(steps, rows(db, sureness), "{db}");
    for (list, name) in [("reasons", "set_aside"), ("review", "review")] {
        // A dossier counts once for each reason that it has.
        let sql = match db.starts_with("postgres://") {
            true => format!(
                "SELECT code, COUNT(*) FROM (SELECT DISTINCT m.text, r ->> 'code' AS code FROM manifest_line m,
                    json_array_elements(COALESCE(m.text::json -> '{list}', '[]')) r) s GROUP BY code ORDER BY code"
            ),
            false => format!(
                "SELECT code, COUNT(*) FROM (SELECT DISTINCT m.rowid, json_extract(r.value, '$.code') AS code
                    FROM manifest_line m, json_each(m.text, '$.{list}') r) GROUP BY code ORDER BY code"
            ),
        };
        assert_eq!(entries(&census[name]), rows(db, &sql), "{name} in {db}");
    }
}

/// Day by day: what was counted of dossiers received, and what the runs did.
fn hold_days(report: &Value, db: &str) {
    let list = |name: &str, columns: [&str; 3]| -> Vec<String> {
        let days = report[name].as_array().expect("days").iter();
        let line = |day: &Value| {
            let numbers = columns.map(|column| day[column].to_string().replace('"', ""));
            numbers.join("|")
        };
        days.map(line).collect()
    };
    let received = format!(
        "SELECT received_on, COUNT(CASE WHEN {} THEN 1 END), COUNT(*) FROM told
            WHERE received_on {MONTH} GROUP BY received_on ORDER BY received_on",
        FORMULAS[0].hit()
    );
    assert_eq!(
        list("days", ["day", "hits", "of"]),
        rows(db, &received),
        "{db}"
    );
    let value = |path: &[&str]| match db.starts_with("postgres://") {
        true => format!("text::json #>> '{{{}}}'", path.join(",")),
        false => format!("json_extract(text, '$.{}')", path.join(".")),
    };
    let number = |path: &[&str]| format!("CAST({} AS BIGINT)", value(path));
    let waiting = number(&["ways", "waiting_for_review"]);
    // Those that wait are told by each run again; what a run adds to them it made.
    let runs = format!(
        "SELECT substr({}, 1, 10), {} + {waiting} - COALESCE(LAG({waiting}) OVER (ORDER BY {}), 0), {}
            FROM journal_line WHERE {} = 'run_ended' ORDER BY 1",
        value(&["at"]),
        number(&["ways", "packaged"]),
        value(&["at"]),
        number(&["pages_read"]),
        value(&["type"]),
    );
    assert_eq!(
        list("runs", ["day", "dossiers", "pages"]),
        rows(db, &runs),
        "{db}"
    );
}

/// Of the forecast what is arithmetic: dossiers still to be packaged. Its dates are drawn by lot (`rates::forecast`).
fn hold_forecast(report: &Value, db: &str) {
    let formula = &FORMULAS[0];
    let sql = format!(
        "SELECT (short * held + hits - 1) / hits FROM (SELECT
            COUNT(CASE WHEN files > 0 THEN 1 END) AS held,
            COUNT(CASE WHEN received_on {MONTH} AND {hit} THEN 1 END) AS hits,
            (COUNT(CASE WHEN received_on {MONTH} THEN 1 END) * (SELECT hundredths FROM target
                WHERE formula = '{}' AND level = 'toan_tinh') + 9999) / 10000
                - COUNT(CASE WHEN received_on {MONTH} AND {hit} THEN 1 END) AS short
        FROM told) counts",
        formula.id,
        hit = formula.hit(),
    );
    assert_eq!(
        [report["forecast"]["dossiers"].to_string()].as_slice(),
        rows(db, &sql),
        "{db}"
    );
    let undated = rows(db, "SELECT COUNT(*) FROM told WHERE received_on IS NULL");
    assert_eq!(
        report["findings"]["counts"]["RAT-038"].to_string(),
        undated[0]
    );
    let unregistered = "SELECT COUNT(*) FROM dossier_current d WHERE NOT EXISTS (SELECT 1 FROM register g WHERE g.code = d.code)
        AND EXISTS (SELECT 1 FROM paper_current p WHERE p.dossier = d.code AND p.kind < 2)";
    assert_eq!(
        report["findings"]["counts"]["RAT-043"].to_string(),
        rows(db, unregistered)[0]
    );
}

/// Holds a report's numbers against what SQL counts in this database.
pub fn hold_report(report: &Value, db: &str, known: &Known<'_>) {
    prepare(db, known);
    hold_rates(report, db, known.days_left);
    hold_census(&report["census"], db);
    hold_days(report, db);
    hold_forecast(report, db);
}
