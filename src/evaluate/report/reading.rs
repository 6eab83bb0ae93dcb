//! How pages were read: as JSON, as a table and as bars.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{ALL, Evaluation, html, pictures};
use crate::evaluate::Calibration;
use crate::evaluate::reading::{ReadingScore, Readings};

/// What reading cost the processes that did it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReadingCost {
    /// Pages read in this call; not those whose words were kept.
    pub pages: u64,
    /// Processor time of all reading processes, from their start to their end.
    pub cpu_seconds: f64,
}

impl ReadingCost {
    /// Processor time a page; `None` where no page was read.
    pub fn cpu_seconds_per_page(&self) -> Option<f64> {
        (self.pages > 0).then(|| self.cpu_seconds / self.pages as f64)
    }
}

/// Everything about reading as JSON (docs/evaluation.md says what each key means).
pub fn as_json(readings: &Readings) -> Value {
    let groups = |groups: &std::collections::BTreeMap<String, ReadingScore>| {
        let groups = groups.iter();
        let groups = groups.map(|(name, score)| (name.clone(), score_as_json(score)));
        Value::Object(groups.collect())
    };
    json!({
        ALL: score_as_json(&readings.all),
        "profiles": groups(&readings.profiles),
        "types": groups(&readings.types),
    })
}

fn score_as_json(score: &ReadingScore) -> Value {
    let figures = score.figures().into_iter();
    let figures: Map<String, Value> = figures
        .map(|figure| (figure.id.to_owned(), json!(figure.value.map(round))))
        .collect();
    json!({
        "pages": score.pages, "lines": score.lines, "lines_missed": score.lines_missed,
        "truth_chars": score.truth_chars, "errors": score.errors,
        "errors_without_marks": score.errors_without_marks,
        "words": score.words, "wrong_words": score.wrong_words,
        "invented_chars": score.invented_chars,
        "figures": figures, "reliability": reliability(&score.calibration),
    })
}

/// The bins that hold a word, the least sure first.
fn reliability(calibration: &Calibration) -> Vec<Value> {
    let filled = calibration.bins().iter().filter(|bin| bin.count > 0);
    let filled = filled.map(|bin| {
        json!({
            "words": bin.count, "right": bin.right,
            "confidence": round(bin.confidence()), "accuracy": round(bin.accuracy()),
        })
    });
    filled.collect()
}

/// To a hundredth of a percent.
pub fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// The report's section.
pub fn section(html: &mut String, evaluation: &Evaluation) {
    *html += "<h2>Đọc chữ <small>reading</small></h2>";
    let cost = evaluation.reading_cost;
    if let Some((cost, per_page)) = cost.and_then(|c| Some((c, c.cpu_seconds_per_page()?))) {
        let _ = write!(
            html,
            "<p>{} trang được đọc trong lần đo này, {} giây CPU một trang \
             <small>pages read in this measure, CPU seconds a page</small></p>",
            cost.pages,
            format!("{per_page:.3}").replace('.', ","),
        );
    }
    let Some(readings) = evaluation.readings() else {
        *html += "<p>Đáp án không ghi chữ của trang nào, nên không đo được việc đọc. \
                  <small>The truth does not tell the text of any page: reading is not measured.</small></p>";
        return;
    };
    table(html, &readings);
    *html += "<p>Thanh: phần chữ cái sai; phần đậm vẫn sai khi đã bỏ dấu. \
              <small>Bars: share of letters wrong; dark: wrong even without marks.</small></p>";
    for (groups, caption) in [
        (&readings.profiles, "cách quét · scan profiles"),
        (&readings.types, "loại văn bản · types"),
    ] {
        if !groups.is_empty() {
            figure(html, &pictures::errors(groups), caption);
        }
    }
    let reliability = pictures::reliability(&readings.all.calibration);
    figure(html, &reliability, "độ tin cậy của từ · words");
}

fn figure(html: &mut String, picture: &str, caption: &str) {
    let _ = write!(
        html,
        "<figure>{picture}<figcaption>{caption}</figcaption></figure>"
    );
}

fn table(html: &mut String, readings: &Readings) {
    *html += "<table><tr><th><th>trang<br><small>pages</small><th>dòng<br><small>lines</small>";
    for head in readings.all.figures() {
        let _ = write!(html, "<th>{}<br><small>{}</small>", head.vi, head.en);
    }
    row(html, "tất cả <small>all</small>", &readings.all);
    for (name, score) in readings.profiles.iter().chain(&readings.types) {
        row(html, &html::escaped(name), score);
    }
    *html += "</table>";
}

fn row(html: &mut String, name: &str, score: &ReadingScore) {
    let _ = write!(html, "<tr><td>{name}<td>{}<td>{}", score.pages, score.lines);
    for figure in score.figures() {
        let _ = write!(html, "<td>{}", fine_percent(figure.value));
    }
}

/// With two decimals: a good reader gets few letters of a thousand wrong.
fn fine_percent(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| {
        format!("{:.2} %", value * 100.0).replace('.', ",")
    })
}
