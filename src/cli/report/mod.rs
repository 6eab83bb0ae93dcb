//! `sohoa report`: rates, pictures, what is missing, on one page that needs nothing else; the numbers beside it.

mod thumbnail;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::rates::arguments::Counting;
use super::rates::count::{self, Basis, Counted};
use super::rates::{exit_of, write};
use super::{Exit, say};
use crate::messages::Language;
use crate::rates::census::{Scan, ScanPlace};
use crate::rates::forecast;
use crate::rates::page::{self, Page};
use crate::rates::sheet;
use crate::rates::table::{By, Table};

/// Counted where nobody says what; those that are in use in the period. The first is what the page is about.
const USUAL: &[&str] = &[
    "766.4.2",
    "766.4.1",
    "766.4.3",
    "766.4.4",
    "766.4.5",
    "local.ho_so",
    "local.ket_qua",
    "backfill",
];

/// Small pictures on one page: 1,000 of them load in half a second (shared/UX.md, measured); this many are looked at.
const THUMBNAILS: usize = 60;

/// Arguments of `sohoa report`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    counting: Counting,

    /// Tệp HTML; số liệu ghi bên cạnh thành .csv, .xlsx, .json · The page; numbers are written beside it
    #[arg(short, long, value_name = "TỆP")]
    output: PathBuf,

    /// Thư mục nguồn của các gói: cho hình nhỏ của hồ sơ để riêng; tờ có dấu mật không bao giờ hiện ·
    /// The drop of the packages, for small pictures of dossiers set aside; never of secret papers
    #[arg(long, value_name = "THƯ_MỤC")]
    drop: Option<PathBuf>,
}

/// Counts, writes the page and the numbers, and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    reported(arguments, language).unwrap_or_else(|exit| exit)
}

fn reported(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let counting = &arguments.counting;
    let basis = Basis::read(counting, USUAL, language)?;
    let counted = count::count(counting, &basis, language)?;
    let tables: Vec<Table<'_>> = (0..basis.formulas.len())
        .map(|n| basis.table(&counted.tally, n, By::Unit))
        .collect();
    let levels = basis.table(&counted.tally, 0, By::Level);
    let page = page_of(arguments, &basis, &counted, &tables, &levels);
    let out = &arguments.output;
    write(out, page::html(&page).as_bytes(), language)?;
    let beside = |extension| out.with_extension(extension);
    write(&beside("csv"), sheet::csv(&tables).as_bytes(), language)?;
    let book = sheet::xlsx(&tables).expect("names of formulas are names of sheets");
    write(&beside("xlsx"), &book, language)?;
    let numbers = format!("{:#}\n", numbers(&page));
    write(&beside("json"), numbers.as_bytes(), language)?;
    let written = say::by(language, "Đã ghi", "Written");
    say::line(format_args!("{written}: {}", out.display()));
    Ok(exit_of(&counted.findings))
}

fn page_of<'p>(
    arguments: &Arguments,
    basis: &'p Basis,
    counted: &'p Counted<'_>,
    tables: &'p [Table<'p>],
    levels: &'p Table<'p>,
) -> Page<'p> {
    let (counting, drop) = (&arguments.counting, arguments.drop.as_deref());
    let paths = counting.register.iter().chain(&counting.deliveries);
    let days = counted.tally.by_day.iter();
    let days = days.map(|(day, rates)| (*day, rates[0]));
    Page {
        at: counted.at,
        program: format!("sohoa {}", env!("CARGO_PKG_VERSION")),
        sources: paths.map(|path| path.display().to_string()).collect(),
        versions: versions(basis),
        tables,
        levels,
        days: days.filter(|(_, rate)| rate.of > 0).collect(),
        runs: forecast::days(&counted.runs),
        forecast: counted.forecast(&tables[0], counting, basis.today),
        bottleneck: counted.bottleneck(),
        census: &counted.census,
        thumbnails: thumbnails(counted, drop),
        findings: &counted.findings,
    }
}

fn versions(basis: &Basis) -> Vec<(&'static str, String)> {
    let mut versions = vec![("công thức", basis.formulas_version.clone())];
    if let Some(version) = &basis.units.version {
        versions.push(("bảng đơn vị", version.clone()));
    }
    if basis.campaign.is_some() {
        versions.push(("chiến dịch", basis.campaigns_version.clone()));
    }
    versions
}

/// Of the first examples whose scans the packages keep, and of those set aside where the drop is at hand.
fn thumbnails(counted: &Counted<'_>, drop: Option<&Path>) -> BTreeMap<String, String> {
    let census = &counted.census;
    let reasons = census.set_aside.values().chain(census.review.values());
    let examples = reasons.flat_map(|reasons| &reasons.examples);
    let mut pictures = BTreeMap::new();
    for example in examples {
        if pictures.len() == THUMBNAILS || pictures.contains_key(&example.folder) {
            continue;
        }
        let mut scans = example.scans.iter();
        if let Some(picture) = scans.find_map(|scan| picture(scan, drop)) {
            pictures.insert(example.folder.clone(), picture);
        }
    }
    pictures
}

fn picture(scan: &Scan, drop: Option<&Path>) -> Option<String> {
    let path = match &scan.place {
        ScanPlace::Package(path) => path.clone(),
        ScanPlace::Drop(path) => drop?.join(path),
    };
    thumbnail::of(&path, scan.digest, scan.bytes)
}

/// Everything on the page that is a number.
fn numbers(page: &Page<'_>) -> Value {
    let counts = |reasons: &BTreeMap<String, crate::rates::census::Reasons>| {
        let counts = reasons.iter();
        let counts = counts.map(|(code, reasons)| (code.clone(), json!(reasons.dossiers)));
        Value::Object(counts.collect())
    };
    let days = page
        .days
        .iter()
        .map(|(day, rate)| json!({ "day": day.to_string(), "hits": rate.hits, "of": rate.of }));
    let runs = page.runs.iter().map(|(day, did)| {
        json!({ "day": day.to_string(), "dossiers": did.dossiers, "pages": did.pages, "ms": did.ms })
    });
    let census = page.census;
    json!({
        "v": 1,
        "made_at": crate::model::manifest::iso_8601(page.at),
        "program": page.program,
        "rates": page.tables.iter().map(sheet::json).collect::<Vec<_>>(),
        "levels": sheet::json(page.levels),
        "days": days.collect::<Vec<_>>(),
        "runs": runs.collect::<Vec<_>>(),
        "forecast": page.forecast,
        "bottleneck": page.bottleneck,
        "census": {
            "dossiers": census.dossiers, "packaged": census.packaged,
            "documents": census.documents, "pages": census.pages,
            "types": census.types, "sureness": census.sureness,
            "set_aside": counts(&census.set_aside), "review": counts(&census.review),
        },
        "findings": page.findings,
    })
}
