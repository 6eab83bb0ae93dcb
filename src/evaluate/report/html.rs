//! The report as one HTML page that needs nothing else: figures, fields, pictures, errors.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::score::{FieldScore, Scores};
use super::{ALL, Evaluation, pictures, reading, remarks};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;color:#1f2933;max-width:72rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .7rem;border-bottom:1px solid #d9dee3;text-align:right;font-weight:normal}\
th{color:#52606d}td:first-child,th:first-child,.left{text-align:left}small{color:#52606d}h2{margin-top:2rem}\
.scroll{overflow-x:auto}figure{display:inline-block;margin:0 2rem 1rem 0}";

/// The whole page.
pub fn page(evaluation: &Evaluation) -> String {
    let groups = evaluation.groups();
    let all = groups.get(ALL).cloned().unwrap_or_default();
    let mut html = format!(
        "<!doctype html><html lang='vi'><meta charset='utf-8'><title>sohoa evaluate: {set}</title>\
         <style>{STYLE}</style><h1>Đo chất lượng <small>evaluation</small></h1>\
         <p>{set} · {dossiers} hồ sơ, {documents} văn bản, {pages} trang \
         <small>dossiers, documents, pages</small> · {speed:.0} trang/giây một lõi \
         <small>pages a second and core</small><br><small>{describer}</small></p>",
        set = escaped(&evaluation.set),
        dossiers = all.dossiers,
        documents = all.types.whole,
        pages = all.pages.whole,
        speed = evaluation.pages_per_second,
        describer = escaped(&evaluation.describer),
    );
    figures(&mut html, &groups);
    fields(&mut html, &all);
    reading::section(&mut html, evaluation);
    html += "<h2>Độ tin cậy <small>what a confidence is worth</small></h2>";
    for (calibration, caption) in [
        (&all.type_calibration, "loại · types"),
        (&all.split_calibration, "tách · cuts"),
    ] {
        let picture = pictures::reliability(calibration);
        let _ = write!(
            html,
            "<figure>{picture}<figcaption>{caption}</figcaption></figure>"
        );
    }
    html += "<h2>Loại bị nhầm <small>types confused; true down, found across</small></h2><div class='scroll'>";
    html += &pictures::confusions(&all, &rightly_found(evaluation));
    html += "</div>";
    errors(&mut html, evaluation);
    html + "</html>\n"
}

fn figures(html: &mut String, groups: &BTreeMap<&str, Scores>) {
    *html += "<table><tr><th>";
    for name in groups.keys() {
        let _ = write!(html, "<th>{}", escaped(name));
    }
    let columns: Vec<_> = groups.values().map(Scores::figures).collect();
    let rows = columns.first().map_or(0, Vec::len);
    for row in 0..rows {
        let figure = &columns[0][row];
        let _ = write!(html, "<tr><td>{} <small>{}</small>", figure.vi, figure.en);
        for column in &columns {
            let _ = write!(html, "<td>{}", percent(column[row].value));
        }
    }
    *html += "</table>";
}

fn fields(html: &mut String, scores: &Scores) {
    *html += "<h2>Trường dữ liệu <small>fields</small></h2><table><tr><th>\
              <th>in trên giấy<br><small>printed</small><th>đúng<br><small>right</small>\
              <th>sai, có cờ<br><small>wrong, flagged</small><th>sai, không cờ<br><small>wrong, unflagged</small>\
              <th>thiếu<br><small>missing</small>";
    for (id, score) in &scores.fields {
        let FieldScore {
            right,
            wrong_flagged,
            wrong_unflagged,
            missing,
            ..
        } = score;
        let _ = write!(
            html,
            "<tr><td>{}<td>{}<td>{right} ({})<td>{wrong_flagged}<td>{wrong_unflagged}<td>{missing}",
            escaped(id),
            score.printed(),
            percent(score.exact().value()),
        );
    }
    *html += "</table>";
}

fn errors(html: &mut String, evaluation: &Evaluation) {
    *html += "<h2>Từng lỗi <small>every error</small></h2><table><tr><th>hồ sơ<th class='left'>trang\
              <th class='left'>loại<th class='left'>lỗi<th class='left'>cờ";
    for (dossier, document) in evaluation.errors() {
        let (file, index) = &document.place;
        let remarks: Vec<String> = remarks(document).iter().map(|one| escaped(one)).collect();
        let flagged = match document.flagged {
            true => format!("⚑ {}", escaped(&document.flags.join(" "))),
            false => String::new(),
        };
        let _ = write!(
            html,
            "<tr><td>{}<td class='left'>{} / {}<td class='left'>{}<td class='left'>{}<td class='left'>{flagged}",
            escaped(&dossier.code),
            escaped(file),
            index + 1,
            escaped(&document.kind),
            remarks.join("<br>"),
        );
    }
    *html += "</table>";
}

fn rightly_found(evaluation: &Evaluation) -> BTreeMap<String, u64> {
    let mut right = BTreeMap::new();
    for dossier in &evaluation.dossiers {
        for document in dossier.documents.iter().filter(|one| one.kind_right()) {
            *right.entry(document.kind.clone()).or_default() += 1;
        }
    }
    right
}

fn percent(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| {
        format!("{:.1} %", value * 100.0).replace('.', ",")
    })
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
