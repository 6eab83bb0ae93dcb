//! `sohoa rates`: how much of what the one-stop received is digital, by unit, level or procedure.

pub mod arguments;
pub mod count;
mod text;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::usage::UsageFault;
use super::{Exit, say, whole_file};
use crate::messages::{self, Language};
use crate::rates::forecast::Forecast;
use crate::rates::table::{By, Table};
use crate::rates::{Finding, Findings, sheet};
use arguments::Counting;
use count::{Basis, Counted};

/// Counted where nobody says what.
const USUAL: &[&str] = &["766.4.2"];

/// Arguments of `sohoa rates`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    counting: Counting,

    /// Theo đơn vị, cấp hay thủ tục · By unit, level or procedure
    #[arg(long, value_enum, default_value = "unit")]
    by: Grouping,

    /// In kết quả dạng JSON, mỗi dòng một đối tượng · Print the result as JSON lines
    #[arg(long)]
    json: bool,

    /// Ghi bảng ra tệp CSV · Write the table as CSV
    #[arg(long, value_name = "TỆP")]
    csv: Option<PathBuf>,

    /// Ghi bảng ra tệp Excel · Write the table as XLSX
    #[arg(long, value_name = "TỆP")]
    xlsx: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Grouping {
    Unit,
    Level,
    Procedure,
}

impl From<Grouping> for By {
    fn from(grouping: Grouping) -> Self {
        match grouping {
            Grouping::Unit => By::Unit,
            Grouping::Level => By::Level,
            Grouping::Procedure => By::Procedure,
        }
    }
}

/// Counts, prints, and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    counted(arguments, language).unwrap_or_else(|exit| exit)
}

fn counted(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let counting = &arguments.counting;
    let basis = Basis::read(counting, USUAL, language)?;
    let counted = count::count(counting, &basis, language)?;
    let tables: Vec<Table<'_>> = (0..basis.formulas.len())
        .map(|n| basis.table(&counted.tally, n, arguments.by.into()))
        .collect();
    let forecasts: Vec<Option<Forecast>> = (tables.iter())
        .map(|table| counted.forecast(table, counting, basis.today))
        .collect();
    if let Some(path) = &arguments.csv {
        write(path, sheet::csv(&tables).as_bytes(), language)?;
    }
    if let Some(path) = &arguments.xlsx {
        let book = sheet::xlsx(&tables).expect("names of formulas are names of sheets");
        write(path, &book, language)?;
    }
    let exit = exit_of(&counted.findings);
    let text = match arguments.json {
        true => lines(&tables, &forecasts, &counted, exit),
        false => text::told(&tables, &forecasts, &counted, language),
    };
    Ok(say::result(&text, exit, language))
}

/// Rows that could not be counted are something for a person to look at.
pub fn exit_of(findings: &Findings) -> Exit {
    match findings.rows_left_out {
        0 => Exit::Done,
        _ => Exit::SomeSetAside,
    }
}

/// Writes a file whole.
pub fn write(path: &std::path::Path, bytes: &[u8], language: Language) -> Result<(), Exit> {
    let written = whole_file::write(path, bytes);
    written.map_err(|cause| UsageFault::unwritable(path, &cause).tell(language))
}

/// A line a formula, a line a finding, a summary.
fn lines(
    tables: &[Table<'_>],
    forecasts: &[Option<Forecast>],
    counted: &Counted<'_>,
    exit: Exit,
) -> String {
    let rates = tables.iter().zip(forecasts).map(|(table, forecast)| {
        let mut value = sheet::json(table);
        value["forecast"] = json!(forecast);
        value
    });
    let findings = counted.findings.kept.iter().map(finding);
    let summary = json!({
        "type": "summary", "v": 1,
        "rows": counted.tally.rows, "rows_left_out": counted.findings.rows_left_out,
        "dossiers_with_papers": counted.held,
        "findings": counted.findings.counts,
        "bottleneck": counted.bottleneck(),
        "exit_code": exit as u8,
    });
    let all = rates.chain(findings).chain([summary]);
    all.map(|value| format!("{value}\n")).collect()
}

fn finding(finding: &Finding) -> Value {
    let words = |language| messages::wording(language, finding.code, &[("value", &finding.value)]);
    json!({
        "type": "finding", "code": finding.code, "row": finding.row, "value": finding.value,
        "vi": words(Language::Vi), "en": words(Language::En),
    })
}
