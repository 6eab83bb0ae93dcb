//! Page 1: what was checked, by whom one believes, how many are good, and the conclusion; to be signed.

use super::super::{Subject, Verification, time_words};
use super::{badge, both, escaped, number};
use crate::verify::{Report, Verdict};

/// The page.
pub fn section(verification: &Verification) -> String {
    let mut html = String::from(
        "<section class=\"summary\"><h1>BÁO CÁO KIỂM TRA CHỮ KÝ SỐ VÀ TÍNH TOÀN VẸN\
         <small lang=\"en\">Report on signatures and integrity</small></h1><table>",
    );
    let mut row = |vi: &str, en: &str, value: String| {
        html += &format!("<tr><th>{}</th><td>{value}</td></tr>", both(vi, en));
    };
    row("Phạm vi", "scope", scope(verification));
    row(
        "Thời điểm xét",
        "judged by this time",
        time_words(verification.at),
    );
    row("Phần mềm", "program", escaped(&verification.program));
    row("Gốc tin cậy", "trusted roots", trust(verification));
    row(
        "Dữ liệu thu hồi đưa kèm",
        "revocation data given",
        number(verification.trust.revocation_files as u64),
    );
    for subject in &verification.subjects {
        if let Subject::Package { report, .. } = subject {
            row("Gói", "package", batch(report));
        }
    }
    row(
        "Số tệp theo kết luận",
        "files by verdict",
        counts(verification),
    );
    html += "</table><div class=\"conclusion\"><p>";
    html += &format!(
        "<b>Kết luận</b> <small lang=\"en\">conclusion</small>: {}</p>",
        badge(verification.verdict())
    );
    let (vi, en) = conclusion(verification);
    html += &format!("<p>{vi}<br><small lang=\"en\">{en}</small></p></div>");
    html += "<div class=\"sign\"><p><b>Người kiểm tra</b><br><small>(ký, ghi rõ họ tên) <span lang=\"en\">checked by</span></small></p>\
             <p><b>Người phụ trách</b><br><small>(ký, ghi rõ họ tên) <span lang=\"en\">in charge</span></small></p></div></section>";
    html
}

/// Names more than this many are counted.
const NAMED: usize = 6;

fn scope(verification: &Verification) -> String {
    let all = &verification.subjects;
    let mut names: Vec<String> = all
        .iter()
        .take(NAMED)
        .map(|one| escaped(one.path()))
        .collect();
    if all.len() > NAMED {
        let more = number((all.len() - NAMED) as u64);
        names.push(format!(
            "… và {more} tệp khác <small lang=\"en\">and {more} more</small>"
        ));
    }
    names.join("<br>")
}

fn trust(verification: &Verification) -> String {
    let given = &verification.trust;
    match (&given.file, given.sha256) {
        (Some(file), Some(digest)) => format!(
            "{} ({})<br><span class=\"code\">SHA-256 {digest}</span>",
            escaped(file),
            number(given.roots as u64),
        ),
        _ => both(
            "không đưa vào, nên không chứng thư nào được coi là tin cậy",
            "none given: no certificate counts as trusted",
        ),
    }
}

fn batch(report: &Report) -> String {
    let counts = report.counts;
    let mut text = format!(
        "{} hồ sơ, {} tệp PDF, {} trang, {} bản quét, {} chữ ký được tính lại từ từng byte\
         <br><small lang=\"en\">dossiers, files, pages, scans and signatures recomputed from their bytes</small>",
        number(counts.dossiers),
        number(counts.files),
        number(counts.pages),
        number(counts.scans),
        number(counts.signatures),
    );
    if let Some(batch) = &report.batch {
        let (dossiers, pages) = (&batch.dossiers, &batch.pages);
        text += &format!(
            "<br>Hồ sơ: {} = {} đóng gói + {} để riêng. Trang: {} = {} công bố + {} trắng + {} phân cách + {} loại\
             <br><span class=\"code\">Merkle {} ({})</span>",
            number(dossiers.total),
            number(dossiers.packaged),
            number(dossiers.set_aside),
            number(pages.scanned),
            number(pages.published),
            number(pages.blank),
            number(pages.separator),
            number(pages.rejected),
            batch.merkle_root,
            number(batch.merkle_leaves),
        );
        if let Some(digest) = batch.manifest_sha256 {
            text += &format!("<br><span class=\"code\">manifest.jsonl SHA-256 {digest}</span>");
        }
    }
    text
}

fn counts(verification: &Verification) -> String {
    let [valid, open, invalid] = verification.files_by_verdict();
    format!(
        "✓ hợp lệ: <b>{}</b> · ? không xác định: <b>{}</b> · ✗ không hợp lệ: <b>{}</b>\
         <br><small lang=\"en\">valid, indeterminate, invalid</small>",
        number(valid),
        number(open),
        number(invalid)
    )
}

/// One sentence that can stand alone in a record.
fn conclusion(verification: &Verification) -> (String, String) {
    let found: u64 = verification
        .subjects
        .iter()
        .map(|one| {
            one.findings()
                .iter()
                .filter(|f| f.severity > crate::verify::Severity::Note)
                .count() as u64
                + one.findings_left_out()
        })
        .sum();
    let found = number(found);
    match verification.verdict() {
        Verdict::Valid => (
            "Mọi tệp, chữ ký và số liệu được kiểm tra đều đúng; mọi chứng thư số đều dẫn đến gốc tin cậy đã nêu.".to_owned(),
            "Every file, signature and figure that was checked holds; every certificate leads to the roots named above.".to_owned(),
        ),
        Verdict::Indeterminate => (
            format!("Không thấy điều gì sai, nhưng có {found} điều chưa xác định được (kê ở các trang sau). Chưa được coi là hợp lệ."),
            format!("Nothing is wrong, but {found} matters stay open (listed below). This does not count as valid."),
        ),
        Verdict::Invalid => (
            format!("Có điều sai: {found} phát hiện, kê ở các trang sau, nặng nhất trước. Không dùng những tệp bị nêu."),
            format!("Something is wrong: {found} findings are listed below, worst first. Do not use the files named."),
        ),
    }
}
