//! What was measured, as tables at the terminal.

use crate::cli::{numbers, say};
use crate::evaluate::reading::{ReadingScore, Readings};
use crate::evaluate::report::{ALL, Evaluation};
use crate::evaluate::{Figure, Scores};
use crate::messages::Language;

/// Letters of the widest name: a type of the table, set in by two.
const NAME_LETTERS: usize = 34;

/// Figures down, groups across; then the fields.
pub fn as_text(evaluation: &Evaluation, language: Language) -> String {
    let groups = evaluation.groups();
    let all = groups.get(ALL).cloned().unwrap_or_default();
    let mut text = format!("{:<36}", "");
    for name in groups.keys() {
        text += &format!("{name:>11}");
    }
    text += "\n";
    let columns: Vec<_> = groups.values().map(Scores::figures).collect();
    for (row, figure) in all.figures().iter().enumerate() {
        text += &padded(say::by(language, figure.vi, figure.en), 36);
        for column in &columns {
            text += &format!("{:>11}", percent(column[row].value, language));
        }
        text += "\n";
    }
    text += &fields_as_text(&all, language);
    text += &reading_as_text(evaluation.readings().as_ref(), language);
    let counts = [all.dossiers, all.types.whole, all.pages.whole]
        .map(|count| numbers::whole(count, language));
    let [dossiers, documents, pages] = counts;
    let speed = numbers::whole(evaluation.pages_per_second as u64, language);
    text += &match language {
        Language::Vi => format!(
            "{dossiers} hồ sơ · {documents} văn bản · {pages} trang · mô tả {speed} trang/giây một lõi\n"
        ),
        Language::En => format!(
            "{dossiers} dossiers · {documents} documents · {pages} pages · describes {speed} pages/s a core\n"
        ),
    };
    text + &cost_as_text(evaluation, language)
}

/// All pages, then each way of scanning, then each type.
fn reading_as_text(readings: Option<&Readings>, language: Language) -> String {
    let Some(readings) = readings else {
        let nothing = say::by(
            language,
            "Đáp án không ghi chữ của trang nào, nên không đo được việc đọc.",
            "The truth does not tell the text of any page: reading is not measured.",
        );
        return format!("{nothing}\n\n");
    };
    let head = say::by(language, "đọc chữ", "reading");
    let mut text = padded(head, NAME_LETTERS);
    for head in [
        say::by(language, "trang", "pages"),
        say::by(language, "dòng", "lines"),
    ] {
        text += &format!("{head:>8}");
    }
    for head in readings.all.figures() {
        text += &format!("{:>13}", say::by(language, head.vi, head.en));
    }
    text += "\n";
    let all = say::by(language, "tất cả", "all");
    text += &reading_row(all, &readings.all, language);
    for groups in [&readings.profiles, &readings.types] {
        for (name, score) in groups {
            text += &reading_row(&format!("  {name}"), score, language);
        }
    }
    text + "\n"
}

fn reading_row(name: &str, score: &ReadingScore, language: Language) -> String {
    let mut row = padded(name, NAME_LETTERS);
    for count in [score.pages, score.lines] {
        row += &format!("{:>8}", numbers::whole(count, language));
    }
    for Figure { value, .. } in score.figures() {
        row += &format!("{:>13}", fine_percent(value, language));
    }
    row + "\n"
}

/// Nothing where no page was read in this call.
fn cost_as_text(evaluation: &Evaluation, language: Language) -> String {
    let cost = evaluation.reading_cost;
    let Some((cost, per_page)) = cost.and_then(|c| Some((c, c.cpu_seconds_per_page()?))) else {
        return String::new();
    };
    let pages = numbers::whole(cost.pages, language);
    let per_page = numbers::hundredths(per_page, language);
    match language {
        Language::Vi => format!("đọc {pages} trang, {per_page} giây CPU một trang\n"),
        Language::En => format!("read {pages} pages, {per_page} CPU seconds a page\n"),
    }
}

fn fields_as_text(scores: &Scores, language: Language) -> String {
    let heads = match language {
        Language::Vi => ["trường", "in", "đúng", "sai có cờ", "sai", "thiếu"],
        Language::En => ["field", "printed", "right", "wrong ⚑", "wrong", "missing"],
    };
    let mut text = format!("\n{}", padded(heads[0], 20));
    for head in &heads[1..] {
        text += &format!("{head:>10}");
    }
    text += "\n";
    for (id, score) in &scores.fields {
        let exact = percent(score.exact().value(), language);
        text += &padded(id, 20);
        text += &format!(
            "{:>10}{exact:>10}{:>10}{:>10}{:>10}\n",
            score.printed(),
            score.wrong_flagged,
            score.wrong_unflagged,
            score.missing,
        );
    }
    text + "\n"
}

fn padded(text: &str, letters: usize) -> String {
    format!("{text:<letters$}")
}

fn percent(value: Option<f64>, language: Language) -> String {
    value.map_or("–".to_owned(), |value| {
        format!("{} %", numbers::tenths(value * 100.0, language))
    })
}

/// With two decimals: a good reader gets few letters of a thousand wrong.
fn fine_percent(value: Option<f64>, language: Language) -> String {
    value.map_or("–".to_owned(), |value| {
        format!("{} %", numbers::hundredths(value * 100.0, language))
    })
}
