//! The numbers of a table for other programs: CSV, XLSX and JSON, the same in each and on the page.

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::{Value, json};

use super::table::Row;
use super::{Percent, Table};

/// The columns, in their order; names are stable.
pub const COLUMNS: [&str; 14] = [
    "formula",
    "first_day",
    "last_day",
    "depth",
    "code",
    "name",
    "level",
    "hits",
    "of",
    "percent",
    "target",
    "reached",
    "needed",
    "undated",
];

/// One value of the sheet.
enum Entry {
    Text(String),
    Number(u64),
    Hundredths(u64),
    Nothing,
}

fn values(table: &Table<'_>, row: &Row) -> [Entry; 14] {
    use Entry::{Hundredths, Nothing, Number, Text};
    let rate = row.counted.rate;
    let text = |text: &str| match text {
        "" => Nothing,
        text => Text(text.to_owned()),
    };
    [
        text(&table.formula.id),
        Text(table.period.first.to_string()),
        Text(table.period.last.to_string()),
        Number(row.depth as u64),
        text(&row.code),
        text(&row.name),
        text(row.level.as_deref().unwrap_or_default()),
        Number(rate.hits),
        Number(rate.of),
        rate.hundredths().map_or(Nothing, Hundredths),
        row.target
            .map_or(Nothing, |target| Hundredths(target.hundredths().into())),
        row.reached
            .map_or(Nothing, |reached| Number(u64::from(reached))),
        row.needed.map_or(Nothing, Number),
        Number(row.counted.undated.count),
    ]
}

fn rows<'t>(table: &'t Table<'_>) -> impl Iterator<Item = &'t Row> {
    table.rows.iter().chain([&table.total])
}

/// CSV in UTF-8 with a BOM, so that Excel reads it; what a spreadsheet would compute is disarmed by an apostrophe.
pub fn csv(tables: &[Table<'_>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory fails nowhere.
    let mut put = |cells: Vec<String>| writer.write_record(cells).expect("memory takes all");
    put(COLUMNS.map(str::to_owned).to_vec());
    for table in tables {
        for row in rows(table) {
            let cells = values(table, row).map(|value| match value {
                Entry::Text(text) => disarmed(text),
                Entry::Number(number) => number.to_string(),
                Entry::Hundredths(value) => format!("{}.{:02}", value / 100, value % 100),
                Entry::Nothing => String::new(),
            });
            put(cells.to_vec());
        }
    }
    let bytes = writer.into_inner().expect("memory takes all");
    "\u{FEFF}".to_owned() + &String::from_utf8(bytes).expect("all cells are text")
}

/// OWASP, "CSV Injection": no cell begins with what starts a formula.
fn disarmed(text: String) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text,
    }
}

/// A workbook with one sheet a formula. Texts are written as texts, so nothing in it computes.
pub fn xlsx(tables: &[Table<'_>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (bold, two) = (
        Format::new().set_bold(),
        Format::new().set_num_format("0.00"),
    );
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(&table.formula.id)?;
        for (column, name) in (0..).zip(COLUMNS) {
            sheet.write_string_with_format(0, column, name, &bold)?;
        }
        for (line, row) in (1..).zip(rows(table)) {
            for (column, value) in (0..).zip(values(table, row)) {
                match value {
                    Entry::Text(text) => sheet.write_string(line, column, text)?,
                    Entry::Number(number) => sheet.write_number(line, column, number as f64)?,
                    Entry::Hundredths(value) => {
                        sheet.write_number_with_format(line, column, value as f64 / 100.0, &two)?
                    }
                    Entry::Nothing => sheet,
                };
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.autofit();
    }
    book.save_to_buffer()
}

/// The table as JSON (docs/rates.md says what each key means). Percentages are texts: they are exact.
pub fn json(table: &Table<'_>) -> Value {
    let campaign = table.campaign.map(|(campaign, standing)| {
        json!({
            "id": campaign.id, "name": campaign.name,
            "day": standing.map(|one| one.day), "days": standing.map(|one| one.days),
            "days_left": standing.map(|one| one.left),
        })
    });
    let formula = table.formula;
    json!({
        "type": "rates", "v": 1,
        "formula": formula.id, "vi": formula.vi, "en": formula.en, "source": formula.source,
        "first_day": table.period.first.to_string(), "last_day": table.period.last.to_string(),
        "campaign": campaign,
        "rows": table.rows.iter().map(|row| as_json(table, row)).collect::<Vec<_>>(),
        "total": as_json(table, &table.total),
    })
}

fn as_json(table: &Table<'_>, row: &Row) -> Value {
    let percent = |hundredths: u64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let rate = row.counted.rate;
    let score = table.formula.points.zip(table.formula.full);
    let score = score.and_then(|(points, full)| rate.score_hundredths(points, full));
    let short: serde_json::Map<String, Value> = (row.counted.short_of.iter())
        .map(|(fact, codes)| (format!("{fact:?}"), json!(codes.count)))
        .collect();
    json!({
        "depth": row.depth, "code": row.code, "name": row.name, "level": row.level,
        "hits": rate.hits, "of": rate.of,
        "own_hits": row.own.rate.hits, "own_of": row.own.rate.of,
        "percent": rate.hundredths().map(percent),
        "target": row.target.map(|target: Percent| percent(target.hundredths().into())),
        "reached": row.reached, "needed": row.needed, "needed_per_day": row.needed_per_day,
        "score": score.map(percent),
        "undated": row.counted.undated.count, "short_of": short,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_the_csv_starts_a_formula() {
        for text in ["=1+1", "+84", "-5", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(disarmed(text.to_owned()).starts_with('\''), "{text}");
        }
        assert_eq!(disarmed("Xã Một".to_owned()), "Xã Một");
    }
}
