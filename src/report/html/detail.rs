//! The pages behind the summary: findings, signatures, files, sample, what lapses, how to repeat it.

use super::super::{Subject, Verification, criteria, day_words, level, mark, words};
use super::{Beside, badge, both, escaped, heading, number};
use crate::messages::Language;
use crate::verify::judge::SignatureReport;
use crate::verify::{Drawn, Finding};

/// Rows of one table; what is above is counted and said. A browser prints this many in seconds.
const ROWS: usize = 2_000;
/// Signatures told in full.
const SIGNATURES: usize = 200;

/// Every finding, worst first.
pub fn findings(verification: &Verification) -> String {
    let all: Vec<(&str, &Finding)> = {
        let subjects = verification.subjects.iter();
        let mut all: Vec<_> = subjects
            .flat_map(|one| one.findings().iter().map(|finding| (one.path(), finding)))
            .collect();
        all.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
        all
    };
    let mut html = heading("Phát hiện, nặng nhất trước", "findings, worst first");
    if all.is_empty() {
        return html + &format!("<p>{}</p>", both("Không có.", "None."));
    }
    html += "<table>";
    for (path, finding) in all.iter().take(ROWS) {
        html += &finding_row(path, finding);
    }
    let counted = verification
        .subjects
        .iter()
        .map(Subject::findings_left_out)
        .sum::<u64>();
    html + "</table>" + &left_out(all.len().saturating_sub(ROWS) as u64 + counted)
}

fn finding_row(path: &str, finding: &Finding) -> String {
    let vi = words(finding, path, Language::Vi);
    let en = words(finding, path, Language::En);
    format!(
        "<tr><td class=\"mark\">{}</td><td class=\"code\">{}</td><td>{}<br><small lang=\"en\">{}</small><br>→ {}</td></tr>",
        mark(finding.severity),
        finding.code.id(),
        escaped(&vi.what),
        escaped(&en.what),
        escaped(&vi.remedy),
    )
}

/// Says what a table does not show; an answer of the program itself (`--json`) shows all.
fn left_out(more: u64) -> String {
    match more {
        0 => String::new(),
        more => format!(
            "<p>… {}</p>",
            both(
                &format!("và {} dòng nữa; xem hết bằng --json", number(more)),
                &format!("and {more} more; --json shows all")
            )
        ),
    }
}

/// Each signature: the five facts and the eight criteria.
pub fn signatures(verification: &Verification) -> String {
    let mut html = String::new();
    let mut told = 0;
    for (path, signature) in verification.signatures() {
        if told == 0 {
            html += &heading("Từng chữ ký", "each signature");
            let basis = both(
                &format!("Theo {}", criteria::basis()),
                "five facts and eight criteria that the circular asks for",
            );
            html += &format!("<p>{basis}</p>");
        }
        told += 1;
        if told <= SIGNATURES {
            html += &one(&path, signature);
        }
    }
    html + &left_out(told.saturating_sub(SIGNATURES) as u64)
}

fn one(path: &str, signature: &SignatureReport) -> String {
    let level = signature.level.map_or("", |level| level.text());
    let why = signature.sub_indication.map_or("", |why| why.text());
    let mut html = format!(
        "<section><h3>{} · {} {}</h3><p>{} <span class=\"code\">{} {} {}</span></p><table>",
        escaped(path),
        both("chữ ký", "signature"),
        signature.n,
        badge(signature.verdict),
        level,
        signature.indication.text(),
        why,
    );
    for fact in criteria::facts(signature) {
        html += &format!(
            "<tr><th>{}</th><td colspan=\"2\">{}</td></tr>",
            both(&fact.name.vi, &fact.name.en),
            said(&fact.value)
        );
    }
    for criterion in criteria::criteria(signature) {
        let state = criterion.state;
        html += &format!(
            "<tr><th>{} {}</th><td class=\"mark\">{}</td><td>{}: {}</td></tr>",
            criterion.name.id,
            both(&criterion.name.vi, &criterion.name.en),
            state.mark(),
            escaped(&state.said().vi),
            said(&criterion.why),
        );
    }
    html + "</table></section>"
}

/// A value once where both languages say the same, such as a name.
fn said(value: &criteria::Said) -> String {
    match value.vi == value.en {
        true => escaped(&value.vi),
        false => both(&value.vi, &value.en),
    }
}

/// All files, n of m.
pub fn files(verification: &Verification) -> String {
    let mut rows = Vec::new();
    for subject in &verification.subjects {
        match subject {
            Subject::Package { path, report } => rows.extend(report.files.iter().map(|file| {
                let level = file
                    .signature
                    .as_ref()
                    .and_then(|facts| facts.level.clone());
                (
                    format!("{path}/{}", file.path),
                    file.verdict,
                    level.unwrap_or_default(),
                )
            })),
            other => {
                let level = match other {
                    Subject::Pdf(pdf) => level(&pdf.report).map_or("", |level| level.text()),
                    _ => "",
                };
                rows.push((other.path().to_owned(), other.verdict(), level.to_owned()));
            }
        }
    }
    let mut html = heading("Mọi tệp", "all files") + "<table>";
    let all = rows.len();
    for (n, (path, verdict, level)) in rows.iter().take(ROWS).enumerate() {
        html += &format!(
            "<tr><td class=\"n\">{} / {}</td><td>{}</td><td>{}</td><td class=\"code\">{}</td></tr>",
            n + 1,
            all,
            escaped(path),
            badge(*verdict),
            escaped(level),
        );
    }
    html + "</table>" + &left_out(all.saturating_sub(ROWS) as u64)
}

/// The pages drawn for a person's eyes, with a box to tick.
pub fn samples(verification: &Verification) -> String {
    let drawn = verification
        .subjects
        .iter()
        .filter_map(|subject| match subject {
            Subject::Package { path, report } => Some((path, report.sample.as_ref()?)),
            _ => None,
        });
    drawn.map(|(path, drawn)| sample(path, drawn)).collect()
}

fn sample(path: &str, drawn: &Drawn) -> String {
    let mut html = heading(
        "Mẫu ngẫu nhiên để người xem",
        "random sample for a person's eyes",
    );
    html += &format!(
        "<p>{}</p><table><tr><th></th><th>{}</th><th>{}</th><th>{}</th></tr>",
        both(
            &format!(
                "{}: {} trên {} trang, cỡ mẫu {}, số hạt giống {}, cách rút {}. Ai rút lại cũng được đúng các trang này.",
                path,
                number(drawn.pages.len() as u64),
                number(drawn.population),
                drawn.size,
                drawn.seed,
                drawn.method
            ),
            "pages, population, size, seed, method; anyone who draws again gets these pages",
        ),
        both("tệp", "file"),
        both("trang", "page"),
        both("bản quét", "scan"),
    );
    for page in drawn.pages.iter().take(ROWS) {
        html += &format!(
            "<tr><td class=\"mark\">☐</td><td>{}</td><td class=\"n\">{}</td><td>{} ({})</td></tr>",
            escaped(&page.path),
            page.page,
            escaped(&page.source),
            page.source_page,
        );
    }
    html + "</table>" + &left_out(drawn.pages.len().saturating_sub(ROWS) as u64)
}

/// What will lapse, the soonest first.
pub fn lapses(beside: &Beside) -> String {
    let Some((span, lapses)) = &beside.expiring else {
        return String::new();
    };
    let mut html = heading(&format!("Sắp hết hiệu lực trong {span}"), "what will lapse");
    if lapses.is_empty() {
        return html + &format!("<p>{}</p>", both("Không có.", "Nothing."));
    }
    html += "<table>";
    for lapse in lapses.iter().take(ROWS) {
        let (vi, en) = lapse.kind.words();
        html += &format!(
            "<tr><td class=\"n\">{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>",
            day_words(lapse.on),
            both(vi, en),
            escaped(&lapse.whose),
            both(&format!("{} tệp", number(lapse.files)), "files"),
        );
    }
    html + "</table>" + &left_out(lapses.len().saturating_sub(ROWS) as u64)
}

/// How anyone repeats the check without this program.
pub fn again(verification: &Verification) -> String {
    let mut html = heading(
        "Tự kiểm tra lại bằng công cụ khác",
        "repeat it with other tools",
    );
    let mut lines = String::from(
        "pyhanko sign validate --trust GOC.pem --pretty-print TEP.pdf\n\
         pdfsig TEP.pdf\n\
         sha256sum TEP.pdf\n",
    );
    if verification
        .subjects
        .iter()
        .any(|one| matches!(one, Subject::Package { .. }))
    {
        lines += "cut -d. -f2 batch.jws | basenc --base64url -d | cmp - batch.json\n\
                  sha256sum manifest.jsonl dossiers/*/*.pdf\n";
    }
    if let Some(drawn) = verification.subjects.iter().find_map(|one| match one {
        Subject::Package { report, .. } => report.sample.as_ref(),
        _ => None,
    }) {
        lines += &format!(
            "printf '{} {} MA_HO_SO TAI_LIEU TRANG' | sha256sum\n",
            drawn.method, drawn.seed
        );
    }
    html += &format!("<pre>{}</pre>", escaped(&lines));
    html
}
