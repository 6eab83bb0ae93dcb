//! Rates for a person at the terminal: a table a formula, where the campaign stands, what is wrong with the register.

use super::count::Counted;
use crate::cli::{numbers, say};
use crate::messages::{self, Language};
use crate::model::manifest::Wording;
use crate::rates::forecast::Forecast;
use crate::rates::fraction::vietnamese;
use crate::rates::period::vietnamese_day;
use crate::rates::{Fraction, Row, Table};

/// Letters of the widest name that is shown whole.
const NAME: usize = 48;

/// All of it.
pub fn told(
    tables: &[Table<'_>],
    forecasts: &[Option<Forecast>],
    counted: &Counted<'_>,
    language: Language,
) -> String {
    let mut text = String::new();
    for (table, forecast) in tables.iter().zip(forecasts) {
        text += &one(table, forecast.as_ref(), language);
        text += "\n";
    }
    let (vi, en) = counted.bottleneck().words();
    let what = say::by(language, "Chỗ nghẽn", "Bottleneck");
    text += &format!("{what}: {}\n", say::by(language, vi, en));
    text + &findings(counted, language)
}

fn one(table: &Table<'_>, forecast: Option<&Forecast>, language: Language) -> String {
    let formula = table.formula;
    let name = say::by(language, &formula.vi, &formula.en);
    let mut text = format!(
        "{name} ({}) · {}\n{}\n",
        formula.id, table.period, formula.source
    );
    text += &campaign(table, language);
    let head = match language {
        Language::Vi => [
            "Đơn vị",
            "Số hóa",
            "Tổng",
            "Tỷ lệ",
            "Chỉ tiêu",
            "",
            "Còn thiếu",
        ],
        Language::En => ["Unit", "Digitized", "All", "Rate", "Target", "", "Short"],
    };
    let rows = table.rows.iter().chain([&table.total]);
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(rows.map(|row| cells(row, language)));
    text += &aligned(&lines);
    let undated = table.total.counted.undated.count;
    if undated > 0 {
        let count = numbers::whole(undated, language);
        text += &match language {
            Language::Vi => format!("Không có ngày để tính, chỉ liệt kê: {count} hồ sơ\n"),
            Language::En => {
                format!("Without a day to be counted by, only listed: {count} dossiers\n")
            }
        };
    }
    text + &forecast.map_or(String::new(), |one| finish(one, language))
}

fn campaign(table: &Table<'_>, language: Language) -> String {
    let Some((campaign, standing)) = table.campaign else {
        return String::new();
    };
    let days = standing.map_or(String::new(), |one| match language {
        Language::Vi => format!(": ngày {}/{}, còn {} ngày", one.day, one.days, one.left),
        Language::En => format!(": day {} of {}, {} left", one.day, one.days, one.left),
    });
    format!("{}{days}\n", campaign.name)
}

/// A rate as people read it.
pub fn percent(rate: Fraction, language: Language) -> String {
    let none = say::by(language, "không có", "n/a");
    let shown = rate
        .hundredths()
        .map(|hundredths| hundredth(hundredths, language));
    shown.unwrap_or_else(|| none.to_owned())
}

fn hundredth(hundredths: u64, language: Language) -> String {
    let text = vietnamese(hundredths);
    match language {
        Language::Vi => format!("{text} %"),
        Language::En => format!("{} %", text.replace(',', ".")),
    }
}

fn cells(row: &Row, language: Language) -> [String; 7] {
    let rate = row.counted.rate;
    let whole = |number| numbers::whole(number, language);
    let name = match row.code == row.name || row.code.is_empty() {
        true => row.name.clone(),
        false => format!("{} ({})", row.name, row.code),
    };
    let name: String = name.chars().take(NAME).collect();
    let reached = row.reached.map(|reached| match reached {
        true => say::by(language, "✓ Đạt", "✓ reached"),
        false => say::by(language, "✗ Chưa đạt", "✗ not yet"),
    });
    let needed = row.needed.filter(|needed| *needed > 0).map(|needed| {
        let a_day = row.needed_per_day.map(|per_day| {
            let day = say::by(language, "ngày", "day");
            format!(" ({}/{day})", whole(per_day))
        });
        whole(needed) + &a_day.unwrap_or_default()
    });
    let target = row
        .target
        .map(|target| hundredth(target.hundredths().into(), language));
    [
        "  ".repeat(row.depth) + &name,
        whole(rate.hits),
        whole(rate.of),
        percent(rate, language),
        target.unwrap_or_default(),
        reached.unwrap_or_default().to_owned(),
        needed.unwrap_or_default(),
    ]
}

/// Names to the left, figures to the right.
fn aligned(lines: &[[String; 7]]) -> String {
    let letters = |cell: &String| cell.chars().count();
    let widths: Vec<usize> = (0..7)
        .map(|column| {
            lines
                .iter()
                .map(|line| letters(&line[column]))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for line in lines {
        let mut shown = String::new();
        for (column, cell) in line.iter().enumerate() {
            let width = widths[column];
            shown += &match column {
                0 | 5 => format!("{cell:<width$}  "),
                _ => format!("{cell:>width$}  "),
            };
        }
        text += shown.trim_end();
        text += "\n";
    }
    text
}

fn finish(forecast: &Forecast, language: Language) -> String {
    match (forecast, language) {
        (Forecast::Reached, Language::Vi) => "Đã đạt chỉ tiêu.\n".to_owned(),
        (Forecast::Reached, Language::En) => "The target is reached.\n".to_owned(),
        (Forecast::Unknown { days }, Language::Vi) => {
            format!("Chưa dự báo được: mới đo {days} ngày chạy.\n")
        }
        (Forecast::Unknown { days }, Language::En) => {
            format!("No forecast yet: {days} days of runs were measured.\n")
        }
        (Forecast::TooFar, Language::Vi) => "Với nhịp này, mười năm nữa chưa đạt.\n".to_owned(),
        (Forecast::TooFar, Language::En) => "Not within ten years at this pace.\n".to_owned(),
        (
            Forecast::Finish {
                early,
                likely,
                late,
                dossiers,
                days,
                seed,
            },
            _,
        ) => {
            let [early, likely, late] = [early, likely, late].map(|day| vietnamese_day(*day));
            let dossiers = numbers::whole(*dossiers, language);
            match language {
                Language::Vi => format!(
                    "Dự báo đạt: {likely} (8 phần 10 trong khoảng {early} – {late}); còn {dossiers} hồ sơ phải đóng gói; \
                     đo {days} ngày, hạt giống {seed}\n"
                ),
                Language::En => format!(
                    "Forecast: {likely} (8 of 10 futures between {early} and {late}); {dossiers} dossiers to package; \
                     {days} days measured, seed {seed}\n"
                ),
            }
        }
    }
}

fn findings(counted: &Counted<'_>, language: Language) -> String {
    let all = &counted.findings;
    if all.is_empty() {
        return String::new();
    }
    let left_out = numbers::whole(all.rows_left_out, language);
    let mut text = match language {
        Language::Vi => format!("\nSổ có chỗ cần xem; {left_out} dòng không tính:\n"),
        Language::En => {
            format!("\nThe register has to be looked at; {left_out} rows are not counted:\n")
        }
    };
    for (code, count) in &all.counts {
        // The first of each code; all that were kept stand in --json.
        let Some(first) = all.kept.iter().find(|one| one.code == *code) else {
            continue;
        };
        let Wording { what, remedy } =
            messages::wording(language, code, &[("value", &first.value)]);
        let count = numbers::whole(*count, language);
        let row = first.row.map(|row| {
            let word = say::by(language, "dòng", "row");
            format!("{word} {row}: ")
        });
        let row = row.unwrap_or_default();
        text += &format!("[{code}] × {count} · {row}{what}\n    → {remedy}\n");
    }
    text
}
