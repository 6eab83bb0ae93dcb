//! Counting held against the published rates, by hand-made registers, and against plain sums.

use std::collections::BTreeMap;

use time::macros::date;

use super::formula::{DayRule, Judged, Lack};
use super::ledger::Ledger;
use super::register::NumberedRow;
use super::table::By;
use super::*;
use crate::model::{Holdings, RegisteredDossier};

const TABLE: &str = r#"
    version = "1"
    source = "bảng mẫu"
    [[unit]]
    code = "H99"
    name = "Tỉnh Mẫu"
    level = "toan_tinh"
    [[unit]]
    code = "H99.10"
    name = "Trung tâm Phục vụ hành chính công"
    level = "tinh"
    parent = "H99"
    [[unit]]
    code = "H99.20"
    name = "Huyện Đức Ổn"
    level = "huyen"
    parent = "H99"
    until = 2025-06-30
    [[unit]]
    code = "H99.20.01"
    name = "Xã Ấp Bắc"
    level = "xa"
    parent = "H99.20"
    until = 2025-06-30
    [[unit]]
    code = "H99.20.02"
    name = "Xã An Lộc"
    level = "xa"
    parent = "H99.20"
    until = 2025-06-30
"#;

const YEAR: Period = Period {
    first: date!(2023 - 01 - 01),
    last: date!(2023 - 12 - 31),
};

fn units() -> Units {
    Units::read(TABLE, "units.toml").expect("a table")
}

fn dossier(unit: &str, n: u64) -> RegisteredDossier {
    RegisteredDossier {
        code: format!("{unit}-230901-{n:06}").parse().expect("a code"),
        unit: unit.to_owned(),
        procedure: "2.000815".to_owned(),
        received_on: Some(date!(2023 - 09 - 01)),
        due_on: None,
        finished_on: Some(date!(2023 - 09 - 05)),
        state: 10.try_into().expect("a state"),
        returns_paper: true,
        reused_from_store: false,
        result_synced: false,
        from_population_db: false,
        vneid: false,
        result_in_force: false,
    }
}

fn held(components: u32, results: u32) -> Holdings {
    Holdings {
        components: [0, components, 0, 0],
        results,
    }
}

fn formula<'f>(formulas: &'f Formulas, id: &str) -> &'f Formula {
    formulas.named(id, YEAR).expect("shipped")
}

/// The published rates of the Cà Mau campaign, from a register of whole dossiers made to match:
/// 239 of 259, 68 of 91 and 119 of 162 dossiers.
#[test]
fn a_register_made_to_match_gives_the_published_rates_of_the_campaign() {
    let (units, formulas, campaigns) = (units(), Formulas::shipped(), Campaigns::shipped());
    let campaign = campaigns.named("ca-mau-2023-1").expect("shipped");
    let local = formula(&formulas, "local.ho_so");
    let mut tally = Tally::new(vec![local], YEAR, &units, None);
    let mut findings = Findings::default();
    for (unit, digitized, all) in [
        ("H99.10", 239, 259),
        ("H99.20", 68, 91),
        ("H99.20.01", 119, 162),
    ] {
        for n in 0..all {
            let papers = held(u32::from(n < digitized), 0);
            tally.take(None, &dossier(unit, n), &papers, &mut findings);
        }
    }
    let table = Table::of(&tally, 0, By::Level, Some(campaign), date!(2023 - 12 - 31));
    let shown = |row: &Row| {
        let rate = row.counted.rate.hundredths().expect("dossiers");
        (row.code.clone(), fraction::vietnamese(rate), row.reached)
    };
    let rows: Vec<_> = table.rows.iter().map(shown).collect();
    let level = |id: &str, rate: &str| (id.to_owned(), rate.to_owned(), Some(true));
    assert_eq!(
        rows,
        [
            level("tinh", "92,28"),
            level("huyen", "74,73"),
            level("xa", "73,46")
        ]
    );
    for result in &campaign.results {
        let row = table.rows.iter().find(|row| row.level == result.level);
        let rate = row.expect("a level").counted.rate.hundredths();
        assert_eq!(rate, Some(result.percent.hundredths().into()));
    }
    assert!(findings.is_empty());
}

#[test]
fn parents_sum_their_children_and_brothers_stand_in_vietnamese_order() {
    let (units, formulas) = (units(), Formulas::shipped());
    let mut tally = Tally::new(vec![formula(&formulas, "766.4.2")], YEAR, &units, None);
    let mut findings = Findings::default();
    for (unit, n, papers) in [
        ("H99.20.01", 1, held(1, 1)),
        ("H99.20.02", 2, held(1, 0)),
        ("H99.20.02", 3, held(1, 1)),
        ("H99.20", 4, held(0, 0)),
        ("H99.10", 5, held(0, 1)),
    ] {
        tally.take(None, &dossier(unit, n), &papers, &mut findings);
    }
    let table = Table::of(&tally, 0, By::Unit, None, date!(2023 - 12 - 31));
    let rows: Vec<_> = (table.rows.iter())
        .map(|row| {
            let rate = row.counted.rate;
            (row.depth, row.name.as_str(), rate.hits, rate.of)
        })
        .collect();
    assert_eq!(
        rows,
        [
            (0, "Tỉnh Mẫu", 2, 5),
            (1, "Huyện Đức Ổn", 2, 4),
            (2, "Xã An Lộc", 1, 2),
            (2, "Xã Ấp Bắc", 1, 1),
            (1, "Trung tâm Phục vụ hành chính công", 0, 1),
        ]
    );
    let own: u64 = table.rows.iter().map(|row| row.own.rate.of).sum();
    assert_eq!(own, table.total.counted.rate.of);
    let short = &table.rows[0].counted.short_of;
    assert_eq!(short[&Fact::HasResult].count, 1);
    assert_eq!(short[&Fact::HasComponent].count, 1);
    let first = &short[&Fact::HasResult].first;
    assert_eq!(
        first.first().map(String::as_str),
        Some("H99.20.02-230901-000002")
    );
}

#[test]
fn each_formula_counts_what_its_text_says() {
    let formulas = Formulas::shipped();
    let plain = dossier("H99.10", 1);
    let with = |change: &dyn Fn(&mut RegisteredDossier)| {
        let mut changed = plain.clone();
        change(&mut changed);
        changed
    };
    let judge =
        |id: &str, dossier: &RegisteredDossier, papers: Holdings| match formula(&formulas, id)
            .judge(YEAR, dossier, &papers)
        {
            Judged::Outside => "outside",
            Judged::Undated => "undated",
            Judged::Counted {
                lack: Lack::Nothing,
                ..
            } => "hit",
            Judged::Counted { .. } => "counted",
        };
    let no_paper = with(&|dossier| dossier.returns_paper = false);
    let undated = with(&|dossier| dossier.received_on = None);
    let earlier = with(&|dossier| dossier.received_on = Some(date!(2022 - 12 - 31)));
    let reused = Holdings {
        components: [0, 0, 1, 0],
        results: 0,
    };
    for (id, dossier, papers, expected) in [
        ("766.4.1", &plain, held(0, 1), "hit"),
        ("766.4.1", &plain, held(1, 0), "counted"),
        ("766.4.1", &no_paper, held(0, 1), "outside"),
        ("766.4.2", &plain, held(1, 1), "hit"),
        ("766.4.2", &plain, held(1, 0), "counted"),
        ("766.4.2", &no_paper, held(1, 0), "hit"),
        ("766.4.2", &undated, held(1, 1), "undated"),
        ("766.4.2", &earlier, held(1, 1), "outside"),
        ("766.4.3", &plain, held(1, 1), "counted"),
        ("766.4.3", &plain, reused, "hit"),
        ("766.4.4", &plain, held(1, 1), "counted"),
        (
            "766.4.4",
            &with(&|dossier| dossier.result_synced = true),
            held(0, 0),
            "hit",
        ),
        (
            "766.4.5",
            &with(&|dossier| dossier.vneid = true),
            held(0, 0),
            "hit",
        ),
        ("local.ho_so", &plain, held(1, 0), "hit"),
        (
            "local.ho_so",
            &with(&|dossier| dossier.state = 3.try_into().expect("a state")),
            held(1, 0),
            "outside",
        ),
        ("local.ket_qua", &plain, held(0, 1), "hit"),
        ("local.ket_qua", &no_paper, held(0, 0), "hit"),
        ("backfill", &plain, held(0, 1), "outside"),
        (
            "backfill",
            &with(&|dossier| {
                dossier.result_in_force = true;
                dossier.finished_on = Some(date!(2015 - 03 - 02));
            }),
            held(0, 1),
            "hit",
        ),
    ] {
        assert_eq!(judge(id, dossier, papers), expected, "{id} {dossier:?}");
    }
}

#[test]
fn formulas_have_days_sources_and_are_found_by_them() {
    let formulas = Formulas::shipped();
    let before = "2021".parse().expect("a period");
    assert!(matches!(
        formulas.named("766.4.2", before),
        Err(RatesFault::FormulaNotInUse { .. })
    ));
    assert!(matches!(
        formulas.named("766.9", YEAR),
        Err(RatesFault::UnknownFormula { .. })
    ));
    for formula in &formulas.all {
        assert!(
            !formula.source.is_empty() && !formula.vi.is_empty(),
            "{}",
            formula.id
        );
    }
    let backfill = formula(&formulas, "backfill");
    assert_eq!(backfill.day, DayRule::FinishedUpTo);
}

#[test]
fn units_that_no_table_knows_are_counted_and_told() {
    let (units, formulas) = (units(), Formulas::shipped());
    let mut tally = Tally::new(vec![formula(&formulas, "766.4.2")], YEAR, &units, None);
    let mut findings = Findings::default();
    let mut stranger = dossier("H99.10", 1);
    stranger.unit = "Xã Nào Đó".to_owned();
    tally.take(Some(7), &stranger, &held(1, 1), &mut findings);
    let mut late = dossier("H99.20", 2);
    late.received_on = Some(date!(2025 - 07 - 01));
    tally.take(Some(8), &late, &held(0, 0), &mut findings);
    let mut undated = dossier("H99.10", 3);
    undated.received_on = None;
    tally.take(Some(9), &undated, &held(1, 1), &mut findings);
    let told: Vec<_> = (findings.kept.iter())
        .map(|finding| (finding.code, finding.row))
        .collect();
    assert_eq!(
        told,
        [
            ("RAT-032", Some(7)),
            ("RAT-039", Some(8)),
            ("RAT-038", Some(9))
        ]
    );
    let table = Table::of(&tally, 0, By::Unit, None, date!(2023 - 12 - 31));
    assert_eq!(table.total.counted.rate, Fraction { hits: 1, of: 1 });
    assert_eq!(table.total.counted.undated.count, 1);
    assert_eq!(table.rows.last().expect("rows").name, "Xã Nào Đó");
}

#[test]
fn the_ledger_gives_back_every_row_with_its_papers() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = Ledger::create(&folder.path().join("ledger")).expect("a ledger");
    let mut findings = Findings::default();
    let mut rows: BTreeMap<String, RegisteredDossier> = BTreeMap::new();
    for n in 0..40 {
        let mut dossier = dossier("H99.10", n);
        dossier.vneid = n % 2 == 0;
        dossier.result_in_force = n % 3 == 0;
        dossier.received_on = (n % 5 > 0).then_some(date!(2023 - 09 - 01));
        rows.insert(dossier.code.as_str().to_owned(), dossier.clone());
        let row = NumberedRow {
            row: n + 2,
            dossier,
        };
        ledger.register(&row, &mut findings).expect("written");
    }
    let again = NumberedRow {
        row: 99,
        dossier: dossier("H99.10", 0),
    };
    ledger.register(&again, &mut findings).expect("written");
    assert_eq!(findings.kept[0].code, "RAT-031");
    assert_eq!(
        (findings.kept[0].row, findings.rows_left_out),
        (Some(99), 1)
    );
    let mut seen = 0;
    ledger
        .joined(&mut |row, dossier, holdings| {
            assert_eq!(dossier, &rows[dossier.code.as_str()]);
            assert_eq!((row, *holdings), (Some(seen + 2), Holdings::default()));
            seen += 1;
        })
        .expect("read");
    assert_eq!(seen, 40);
    assert_eq!(ledger.counts().expect("read"), (40, 0));
}

#[test]
fn csv_xlsx_and_json_hold_the_same_numbers() {
    let (units, formulas) = (units(), Formulas::shipped());
    let mut tally = Tally::new(vec![formula(&formulas, "766.4.2")], YEAR, &units, None);
    for n in 0..3 {
        let papers = held(1, u32::from(n == 0));
        tally.take(
            None,
            &dossier("H99.10", n),
            &papers,
            &mut Findings::default(),
        );
    }
    let table = Table::of(&tally, 0, By::Unit, None, date!(2023 - 12 - 31));
    let json = sheet::json(&table);
    assert_eq!(json["rows"][1]["percent"], "33.33");
    assert_eq!(json["total"]["score"], "1.67");
    let tables = [table];
    let csv = sheet::csv(&tables);
    assert!(csv.contains("H99.10,Trung tâm Phục vụ hành chính công,tinh,1,3,33.33,80.00,0,2,0"));
    let book = sheet::xlsx(&tables).expect("a workbook");
    let mut book: calamine::Xlsx<_> =
        calamine::Reader::new(std::io::Cursor::new(book)).expect("a workbook");
    let range = calamine::Reader::worksheet_range(&mut book, "766.4.2").expect("the sheet");
    let cell = |row, column| range.get_value((row, column)).cloned();
    assert_eq!(cell(2, 7), Some(calamine::Data::Float(1.0)));
    assert_eq!(cell(2, 9), Some(calamine::Data::Float(33.33)));
}
