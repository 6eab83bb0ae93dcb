//! The report: one page that needs nothing else. Vietnamese, no script, no request, prints on A4.
//!
//! Every number on it stands in the JSON, CSV and XLSX too, because all are made of the same tables. A picture has a
//! label that says what it shows and a table beside it; a verdict has its word, never colour alone.

mod missing;
mod pictures;
mod sections;

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use time::{Date, OffsetDateTime};

use super::census::Census;
use super::forecast::{Bottleneck, Day, Forecast};
use super::{Findings, Fraction, Table};

const STYLE: &str = include_str!("style.css");

/// Everything the page tells.
pub struct Page<'p> {
    /// When it was made.
    pub at: OffsetDateTime,
    /// The program.
    pub program: String,
    /// Registers and deliveries, as they were named.
    pub sources: Vec<String>,
    /// Versions of the data files: formulas, units, campaigns.
    pub versions: Vec<(&'static str, String)>,
    /// The formula that the page is about first, then the others; by unit.
    pub tables: &'p [Table<'p>],
    /// The first formula by level.
    pub levels: &'p Table<'p>,
    /// Of the first formula: day by day, what was counted.
    pub days: BTreeMap<Date, Fraction>,
    /// What the runs did day by day.
    pub runs: BTreeMap<Date, Day>,
    /// When the first formula's target will be reached.
    pub forecast: Option<Forecast>,
    /// What holds the work up.
    pub bottleneck: Bottleneck,
    /// What the deliveries hold.
    pub census: &'p Census,
    /// Small pictures by the name of their dossier: JPEG in base64.
    pub thumbnails: BTreeMap<String, String>,
    /// What is wrong with the register.
    pub findings: &'p Findings,
}

/// The page as HTML.
pub fn html(page: &Page<'_>) -> String {
    let table = &page.tables[0];
    let title = format!("{} · {}", table.formula.vi, table.period);
    let markup = html! {
        (DOCTYPE)
        html lang="vi" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; img-src data:";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Báo cáo số hóa hồ sơ, kết quả giải quyết TTHC" }
                    p { (table.formula.vi) " (" (table.formula.id) ") · kỳ " (table.period) }
                    p.quiet { (table.formula.source) }
                    (sections::campaign(table))
                }
                main { (body(page)) }
                footer.quiet { (sections::made_of(page)) }
            }
        }
    };
    markup.into_string()
}

fn body(page: &Page<'_>) -> Markup {
    html! {
        (sections::headlines(page))
        (sections::units(page))
        (sections::levels(page.levels))
        (sections::formulas(page))
        (sections::trend(page))
        (sections::throughput(page))
        (sections::types(page.census))
        (sections::sureness(page.census))
        (missing::section(&page.tables[0]))
        (sections::reasons(page))
        (sections::findings(page.findings))
    }
}
