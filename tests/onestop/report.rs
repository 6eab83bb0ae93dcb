//! The report: its numbers by SQL, its pages in a real browser, and nothing that a reader could stumble over.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::browser::{barriers, print, screenshot};
use crate::databases::sqlite;
use crate::deliveries::{draft, import};
use crate::keys::pki;
use crate::rates::{DELIVERED, Scene, UNITS, hold_against_sql, write_history};
use crate::support::{expect_exit, sohoa};

/// The report's numbers, as they stand beside the page.
fn numbers(page: &Path) -> Value {
    let text = fs::read(page.with_extension("json")).expect("numbers");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn every_number_of_the_report_is_what_sql_counts() {
    let scene = Scene::set();
    let page = scene.path("báo cáo.html");
    expect_exit(scene.by_files("report").arg("-o").arg(&page), 0);
    let db = sqlite(scene.folder.path(), "kho.sqlite");
    expect_exit(&mut import(&scene.out(), &db), 0);
    let mut loading = scene.command("rates");
    loading
        .args(["--db", &db])
        .arg("--register")
        .arg(scene.path("so.csv"));
    expect_exit(&mut loading, 0);
    let numbers = numbers(&page);
    let tables: Vec<&Value> = numbers["rates"]
        .as_array()
        .expect("tables")
        .iter()
        .collect();
    hold_against_sql(&tables, &db);

    let one = |sql: &str| crate::databases::rows(&db, sql).join(" ");
    let census = &numbers["census"];
    assert_eq!(
        census["documents"].to_string(),
        one("SELECT COUNT(*) FROM paper_current")
    );
    assert_eq!(
        census["pages"].to_string(),
        one("SELECT SUM(pages) FROM paper_current")
    );
    assert_eq!(
        census["packaged"].to_string(),
        one("SELECT COUNT(*) FROM dossier_current")
    );
    let types: Vec<String> = (census["types"].as_object().expect("types").iter())
        .map(|(name, count)| format!("{name}|{count}"))
        .collect();
    assert_eq!(
        types.join(" "),
        one("SELECT title, COUNT(*) FROM paper_current GROUP BY title ORDER BY title")
    );
    let sureness = one("SELECT COUNT(*) FROM paper_current WHERE confidence_pct / 10 < 7");
    let steps = census["sureness"].as_array().expect("steps");
    let unsure: u64 = steps[..7]
        .iter()
        .map(|count| count.as_u64().expect("a number"))
        .sum();
    assert_eq!(unsure.to_string(), sureness);
    let days: Vec<String> = (numbers["days"].as_array().expect("days").iter())
        .map(|day| {
            format!(
                "{}|{}|{}",
                day["day"].as_str().expect("a day"),
                day["hits"],
                day["of"]
            )
        })
        .collect();
    let by_day = "SELECT g.received_on,
            COUNT(CASE WHEN EXISTS (SELECT 1 FROM paper_current p WHERE p.dossier = g.code AND p.kind = 0 AND p.state > 0)
                AND (g.returns_paper = FALSE OR EXISTS (SELECT 1 FROM paper_current p WHERE p.dossier = g.code AND p.kind = 1))
                THEN 1 END), COUNT(*)
        FROM register g WHERE g.received_on BETWEEN '2026-11-01' AND '2026-11-30' GROUP BY g.received_on ORDER BY g.received_on";
    assert_eq!(days, crate::databases::rows(&db, by_day));
    let short = one("SELECT COUNT(*) FROM register g WHERE g.received_on BETWEEN '2026-11-01' AND '2026-11-30'
        AND g.returns_paper = TRUE
        AND EXISTS (SELECT 1 FROM paper_current p WHERE p.dossier = g.code AND p.kind = 0 AND p.state > 0)
        AND NOT EXISTS (SELECT 1 FROM paper_current p WHERE p.dossier = g.code AND p.kind = 1)");
    let total = &numbers["rates"][0]["total"];
    assert_eq!(total["short_of"]["HasResult"].to_string(), short);

    // The page and the sheet say the same as the numbers.
    let html = fs::read_to_string(&page).expect("the page");
    let shown = total["percent"].as_str().expect("a rate").replace('.', ",") + " %";
    assert!(html.contains(&shown), "{shown}");
    let csv = fs::read_to_string(page.with_extension("csv")).expect("the table");
    for table in &tables {
        for row in table["rows"].as_array().expect("rows") {
            let percent = row["percent"].as_str().unwrap_or("");
            let figures = format!(",{},{},{percent},", row["hits"], row["of"]);
            assert!(csv.contains(&figures), "{figures}");
        }
    }
}

#[test]
fn the_page_asks_for_nothing_shows_its_pictures_and_prints_on_a4() {
    let scene = Scene::set();
    write_history(&scene.out());
    let page = scene.path("report.html");
    expect_exit(scene.by_files("report").arg("-o").arg(&page), 0);
    let html = fs::read_to_string(&page).expect("the page");
    for forbidden in ["<script", "http://", "https://", "url(", "<link"] {
        let found = html
            .replace("http://www.w3.org/2000/svg", "")
            .contains(forbidden);
        assert!(!found, "{forbidden}");
    }
    assert!(html.contains("default-src 'none'"));
    let pictures = html.matches("<svg ").count();
    assert!(pictures >= 6, "{pictures} pictures");
    assert_eq!(
        html.matches("<svg role=\"img\" aria-label=\"").count(),
        pictures
    );

    let picture = screenshot(&page, &scene.path("page.png"), 900, 2_400);
    let inks = |wanted: [u8; 3]| {
        let near = |(one, other): (&u8, &u8)| one.abs_diff(*other) < 12;
        let pixels = picture.pixels();
        pixels
            .filter(|pixel| pixel.0.iter().zip(&wanted).all(near))
            .count()
    };
    // Bars of units that fall short, in the colour that means it; and text.
    assert!(inks([181, 71, 8]) > 500, "{}", inks([181, 71, 8]));
    assert!(inks([31, 41, 51]) > 2_000, "{}", inks([31, 41, 51]));
    let sheets = print(&page, &scene.path("page.pdf"));
    assert!((1..=8).contains(&sheets.len()), "{} sheets", sheets.len());
    for (width_pt, height_pt) in sheets {
        assert!((width_pt - 595.0).abs() < 2.0 && (height_pt - 842.0).abs() < 2.0);
    }
}

#[test]
fn nobody_stumbles_over_the_report() {
    let scene = Scene::set();
    write_history(&scene.out());
    let page = scene.path("report.html");
    expect_exit(scene.by_files("report").arg("-o").arg(&page), 0);
    assert_eq!(barriers(&page), Vec::<String>::new());
}

#[test]
fn nobody_stumbles_over_the_page_of_a_verification_and_it_prints_on_a4() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, page) = (folder.path().join("out"), folder.path().join("page.html"));
    draft(3).write(&out);
    let mut command = sohoa();
    command.arg("verify").arg(&out).arg("--report").arg(&page);
    command.arg("--trust").arg(pki().join("root.pem"));
    for list in ["root.crl.pem", "issuing.crl.pem"] {
        command.arg("--crl").arg(pki().join(list));
    }
    command.args(["--at", "2026-11-25T08:00:00+07:00"]);
    expect_exit(&mut command, 0);
    assert_eq!(barriers(&page), Vec::<String>::new());
    for (width_pt, height_pt) in print(&page, &folder.path().join("page.pdf")) {
        assert!((width_pt - 595.0).abs() < 2.0 && (height_pt - 842.0).abs() < 2.0);
    }
}

#[test]
fn a_document_that_waits_is_shown_with_its_reason() {
    let scene = Scene::set();
    let mut waiting = draft(DELIVERED);
    let record = &mut waiting.records[4];
    record.review = vec![sohoa::model::manifest::Reason {
        code: "REV-001".to_owned(),
        place: record.documents[0].file.clone(),
        retry: sohoa::model::Retry::AfterPerson,
        vi: sohoa::messages::wording(sohoa::messages::Language::Vi, "REV-001", &[]),
        en: sohoa::messages::wording(sohoa::messages::Language::En, "REV-001", &[]),
    }];
    let out = scene.path("waiting");
    waiting.write(&out);
    fs::write(scene.path("units.toml"), UNITS).expect("writes");
    let page = scene.path("report.html");
    let mut command = scene.command("report");
    command
        .arg(&out)
        .arg("--register")
        .arg(scene.path("so.csv"));
    let output = command.arg("-o").arg(&page).output().expect("starts");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let html = fs::read_to_string(&page).unwrap_or_else(|_| panic!("{told}"));
    assert!(html.contains("REV-001"));
    assert!(html.contains("1 hồ sơ") && html.contains(&waiting.records[4].folder));
    // The scan of this delivery is no picture: its place stays, empty.
    assert!(html.contains("class=\"none\"") && !html.contains("data:image"));
}
