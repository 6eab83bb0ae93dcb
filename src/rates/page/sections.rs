//! The parts of the page, each a heading, a picture with its label, and the table beside it.

use maud::{Markup, PreEscaped, html};

use super::{Page, pictures};
use crate::messages::{self, Language, numbers};
use crate::rates::census::{Census, Reasons};
use crate::rates::forecast::Forecast;
use crate::rates::fraction::vietnamese;
use crate::rates::period::vietnamese_day;
use crate::rates::{Findings, Fraction, Row, Table};

/// Bars of one picture; the table beside it has all rows.
const BARS: usize = 40;
/// Rows of one table; what is above is counted and said.
const ROWS: usize = 5_000;
/// A type less sure than this waits for a person (`[review]` of the plan, as shipped).
const REVIEW_BELOW: usize = 7;
/// Findings shown with their rows.
const FINDINGS: usize = 100;

/// A whole number as people here write it: `1.842`.
pub fn whole(value: u64) -> String {
    numbers::whole(value, Language::Vi)
}

/// A rate as people here read it.
fn percent(rate: Fraction) -> String {
    let shown = rate
        .hundredths()
        .map(|one| format!("{} %", vietnamese(one)));
    shown.unwrap_or_else(|| "không có".to_owned())
}

fn picture(svg: String, caption: &str) -> Markup {
    html! { figure { (PreEscaped(svg)) figcaption { (caption) } } }
}

fn more(all: usize) -> Markup {
    html! {
        @if all > ROWS { p { "… và " (whole((all - ROWS) as u64)) " dòng nữa, có đủ trong tệp CSV và JSON." } }
    }
}

/// Where the campaign stands.
pub fn campaign(table: &Table<'_>) -> Markup {
    html! {
        @if let Some((campaign, standing)) = table.campaign {
            p {
                strong { (campaign.name) }
                @if let Some(one) = standing {
                    ": ngày " (one.day) " / " (one.days) ", còn " (one.left) " ngày"
                }
            }
        }
    }
}

/// Four numbers before all others.
pub fn headlines(page: &Page<'_>) -> Markup {
    let total = &page.tables[0].total;
    let rate = total.counted.rate;
    let finish = match &page.forecast {
        Some(Forecast::Finish { likely, .. }) => vietnamese_day(*likely),
        Some(Forecast::Reached) => "đã đạt".to_owned(),
        Some(Forecast::TooFar) => "trên 10 năm".to_owned(),
        Some(Forecast::Unknown { .. }) | None => "chưa rõ".to_owned(),
    };
    html! {
        ul.heads {
            li { b { (percent(rate)) } (whole(rate.hits)) " / " (whole(rate.of)) " hồ sơ" }
            li { b { (total.needed.map_or("–".to_owned(), whole)) } "hồ sơ còn thiếu so với chỉ tiêu" }
            li { b { (total.needed_per_day.map_or("–".to_owned(), whole)) } "hồ sơ cần thêm mỗi ngày" }
            li { b { (finish) } "dự báo đạt chỉ tiêu" }
        }
    }
}

fn verdict(row: &Row) -> Markup {
    match row.reached {
        Some(true) => html! { span.yes { "✓ Đạt" } },
        Some(false) => html! { span.no { "✗ Chưa đạt" } },
        None => html! { "–" },
    }
}

fn rate_table(table: &Table<'_>, first: &str, caption: &str) -> Markup {
    html! {
        table {
            caption { (caption) }
            thead { tr {
                th scope="col" { (first) }
                th.n scope="col" { "Số hóa" }
                th.n scope="col" { "Tổng" }
                th.n scope="col" { "Tỷ lệ" }
                th.n scope="col" { "Chỉ tiêu" }
                th scope="col" { "Kết quả" }
                th.n scope="col" { "Còn thiếu" }
            } }
            tbody {
                @for row in table.rows.iter().take(ROWS) { (rate_row(row)) }
                (rate_row(&table.total))
            }
        }
        (more(table.rows.len()))
    }
}

fn rate_row(row: &Row) -> Markup {
    let rate = row.counted.rate;
    let target = row
        .target
        .map(|target| vietnamese(target.hundredths().into()) + " %");
    let indent = format!("padding-left:{}em", 0.5 + row.depth.min(6) as f32 * 1.2);
    html! {
        tr {
            th scope="row" style=(indent) {
                (row.name)
                @if row.code != row.name && !row.code.is_empty() { " " span.quiet { (row.code) } }
            }
            td.n { (whole(rate.hits)) }
            td.n { (whole(rate.of)) }
            td.n { (percent(rate)) }
            td.n { (target.unwrap_or("–".to_owned())) }
            td { (verdict(row)) }
            td.n { (row.needed.map_or("–".to_owned(), whole)) }
        }
    }
}

/// Rate against target, unit by unit.
pub fn units(page: &Page<'_>) -> Markup {
    let table = &page.tables[0];
    let rows: Vec<&Row> = table.rows.iter().take(BARS).collect();
    let reached = rows.iter().filter(|row| row.reached == Some(true)).count();
    let label = format!(
        "Tỷ lệ số hóa của {} đơn vị so với chỉ tiêu; {reached} đơn vị đạt. Số liệu ở bảng bên dưới.",
        rows.len()
    );
    html! {
        section {
            h2 { "Tỷ lệ so với chỉ tiêu, theo đơn vị" }
            @if rows.is_empty() { p { "Không có hồ sơ nào trong kỳ." } } @else {
                (picture(pictures::bullets(&rows, &label), "Vạch đậm là chỉ tiêu của từng đơn vị; đơn vị cấp trên gồm cả các đơn vị bên dưới."))
                @if table.rows.len() > BARS { p.quiet { "Hình vẽ " (BARS) " đơn vị đầu." } }
                (rate_table(table, "Đơn vị", "Số hồ sơ đã số hóa trên số hồ sơ phải tính"))
            }
            @if table.total.counted.undated.count > 0 {
                p { (whole(table.total.counted.undated.count)) " hồ sơ không có ngày để tính: liệt kê, không tính." }
            }
        }
    }
}

/// The same by level.
pub fn levels(table: &Table<'_>) -> Markup {
    let rows: Vec<&Row> = table.rows.iter().collect();
    html! {
        @if !rows.is_empty() {
            section {
                h2 { "Theo cấp" }
                (picture(pictures::bullets(&rows, "Tỷ lệ số hóa theo cấp so với chỉ tiêu. Số liệu ở bảng bên dưới."), "Mỗi cấp là tổng hồ sơ của chính các đơn vị cấp ấy."))
                (rate_table(table, "Cấp", "Theo cấp hành chính"))
            }
        }
    }
}

/// Every formula's total.
pub fn formulas(page: &Page<'_>) -> Markup {
    html! {
        section {
            h2 { "Theo từng công thức" }
            table {
                caption { "Toàn bộ hồ sơ trong kỳ, theo từng công thức" }
                thead { tr {
                    th scope="col" { "Công thức" } th.n scope="col" { "Số hóa" } th.n scope="col" { "Tổng" }
                    th.n scope="col" { "Tỷ lệ" } th.n scope="col" { "Điểm" }
                } }
                tbody { @for table in page.tables { (formula_row(table)) } }
            }
        }
    }
}

fn formula_row(table: &Table<'_>) -> Markup {
    let (formula, rate) = (table.formula, table.total.counted.rate);
    let score = formula.points.zip(formula.full).and_then(|(points, full)| {
        let score = rate.score_hundredths(points, full)?;
        Some(format!("{} / {points}", vietnamese(score)))
    });
    html! {
        tr {
            th scope="row" { (formula.vi) " " span.quiet { (formula.id) } }
            td.n { (whole(rate.hits)) } td.n { (whole(rate.of)) } td.n { (percent(rate)) }
            td.n { (score.unwrap_or("–".to_owned())) }
        }
    }
}

/// The rate as it stood with the dossiers up to each day.
pub fn trend(page: &Page<'_>) -> Markup {
    let mut sum = Fraction::default();
    let days: Vec<_> = (page.days.iter())
        .map(|(day, counted)| {
            sum.add(*counted);
            (*day, sum)
        })
        .collect();
    let points: Vec<_> = days
        .iter()
        .filter_map(|(day, sum)| Some((*day, sum.hundredths()?)))
        .collect();
    let target = page.tables[0].total.target;
    html! {
        @if let (Some((first, _)), Some((last, end))) = (days.first(), days.last()) {
            section {
                h2 { "Diễn biến theo ngày" }
                (picture(
                    pictures::line(&points, target, &format!(
                        "Tỷ lệ cộng dồn từ {} đến {}, cuối kỳ {}. Số liệu ở bảng bên dưới.",
                        vietnamese_day(*first), vietnamese_day(*last), percent(*end))),
                    "Tỷ lệ cộng dồn của hồ sơ có ngày tính đến ngày ấy; đường ngang đậm là chỉ tiêu."))
                details {
                    summary { "Số liệu từng ngày" }
                    table {
                        caption { "Cộng dồn đến hết ngày" }
                        thead { tr { th scope="col" { "Ngày" } th.n scope="col" { "Số hóa" } th.n scope="col" { "Tổng" } th.n scope="col" { "Tỷ lệ" } } }
                        tbody { @for (day, sum) in days.iter().take(ROWS) {
                            tr { th scope="row" { (vietnamese_day(*day)) } td.n { (whole(sum.hits)) } td.n { (whole(sum.of)) } td.n { (percent(*sum)) } }
                        } }
                    }
                }
            }
        }
    }
}

/// What the machine did, what is left, and what holds it up.
pub fn throughput(page: &Page<'_>) -> Markup {
    let days: Vec<_> = page
        .runs
        .iter()
        .map(|(day, did)| (*day, did.pages))
        .collect();
    html! {
        section {
            h2 { "Năng suất và thời gian còn lại" }
            @if days.is_empty() { p { "Không có lịch sử chạy trong các gói: chưa đo được năng suất." } } @else {
                (picture(pictures::columns(&days, &format!("Số trang đọc mỗi ngày trong {} ngày. Số liệu ở bảng bên dưới.", days.len())), "Trang đọc mỗi ngày, ngày không chạy tính là không."))
                table {
                    caption { "Từng ngày chạy" }
                    thead { tr { th scope="col" { "Ngày" } th.n scope="col" { "Hồ sơ đóng gói" } th.n scope="col" { "Trang" } th.n scope="col" { "Phút máy chạy" } } }
                    tbody { @for (day, did) in page.runs.iter().filter(|(_, did)| did.ms > 0).take(ROWS) {
                        tr { th scope="row" { (vietnamese_day(*day)) } td.n { (whole(did.dossiers)) } td.n { (whole(did.pages)) } td.n { (whole(did.ms.div_ceil(60_000))) } }
                    } }
                }
            }
            (finish(page.forecast.as_ref()))
            p { "Chỗ nghẽn: " (page.bottleneck.words().0) "." }
        }
    }
}

fn finish(forecast: Option<&Forecast>) -> Markup {
    match forecast {
        Some(Forecast::Finish {
            early,
            likely,
            late,
            dossiers,
            days,
            seed,
        }) => html! {
            p {
                "Dự báo đạt chỉ tiêu: " strong { (vietnamese_day(*likely)) }
                " (8 phần 10 khả năng trong khoảng " (vietnamese_day(*early)) " – " (vietnamese_day(*late)) ")."
                " Còn " (whole(*dossiers)) " hồ sơ phải đóng gói."
            }
            p.quiet { "Cách tính: rút ngẫu nhiên có hoàn lại từ " (days) " ngày đã đo, 2.000 lần, hạt giống " (seed) "; giả định các ngày tới giống các ngày đã qua." }
        },
        Some(Forecast::Reached) => html! { p { "Đã đạt chỉ tiêu." } },
        Some(Forecast::TooFar) => html! { p { "Với nhịp này, mười năm nữa chưa đạt." } },
        Some(Forecast::Unknown { days }) => {
            html! { p { "Chưa dự báo được: mới đo " (days) " ngày chạy." } }
        }
        None => html! {},
    }
}

/// How many documents of which type.
pub fn types(census: &Census) -> Markup {
    let mut types: Vec<(String, u64, bool)> = (census.types.iter())
        .map(|(name, count)| (name.clone(), *count, false))
        .collect();
    types.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let shown = &types[..types.len().min(BARS)];
    html! {
        @if !types.is_empty() {
            section {
                h2 { "Loại giấy tờ" }
                (picture(pictures::bars(shown, &format!("Số tài liệu của {} loại giấy tờ nhiều nhất. Số liệu ở bảng bên dưới.", shown.len())), "Số tài liệu theo loại"))
                details {
                    summary { "Số liệu theo loại" }
                    table {
                        caption { (whole(census.documents)) " tài liệu, " (whole(census.pages)) " trang" }
                        thead { tr { th scope="col" { "Loại" } th.n scope="col" { "Tài liệu" } } }
                        tbody { @for (name, count, _) in types.iter().take(ROWS) { tr { th scope="row" { (name) } td.n { (whole(*count)) } } } }
                    }
                }
            }
        }
    }
}

/// How sure the types are, and which of them wait.
pub fn sureness(census: &Census) -> Markup {
    let steps = census.sureness.iter().enumerate();
    let steps: Vec<(String, u64, bool)> = steps
        .map(|(step, count)| match step {
            10 => ("100 %".to_owned(), *count, false),
            _ => (
                format!("{} – {} %", step * 10, step * 10 + 9),
                *count,
                step < REVIEW_BELOW,
            ),
        })
        .collect();
    html! {
        @if census.documents > 0 {
            section {
                h2 { "Độ tin cậy khi nhận loại" }
                (picture(pictures::bars(&steps, "Số tài liệu theo độ tin cậy của loại; dưới 70 % thì chờ người xem. Số liệu ở bảng bên dưới."), "Màu cam: dưới 70 %, chờ người xem."))
                table {
                    caption { "Độ tin cậy của loại giấy tờ" }
                    thead { tr { th scope="col" { "Độ tin cậy" } th.n scope="col" { "Tài liệu" } th scope="col" { "Việc cần làm" } } }
                    tbody { @for (name, count, waits) in &steps {
                        tr { th scope="row" { (name) } td.n { (whole(*count)) } td { @if *waits { "chờ người xem" } @else { "–" } } }
                    } }
                }
            }
        }
    }
}

/// Why dossiers were set aside, why documents wait; with small pictures where the package keeps the scan.
pub fn reasons(page: &Page<'_>) -> Markup {
    let census = page.census;
    html! {
        section {
            h2 { "Hồ sơ để riêng và chờ xem" }
            p { (whole(census.dossiers - census.packaged)) " hồ sơ để riêng, " (whole(census.packaged)) " hồ sơ trong gói." }
            @if !census.set_aside.is_empty() { h3 { "Để riêng" } }
            @for (code, reasons) in &census.set_aside { (reason(page, code, reasons)) }
            @if !census.review.is_empty() { h3 { "Trong gói, chờ người xem" } }
            @for (code, reasons) in &census.review { (reason(page, code, reasons)) }
        }
    }
}

fn reason(page: &Page<'_>, code: &str, reasons: &Reasons) -> Markup {
    html! {
        p {
            strong { (code) } " · " (whole(reasons.dossiers)) " hồ sơ"
            @if let Some(words) = &reasons.words { " · ví dụ: " (words.what) " → " (words.remedy) }
        }
        ul.thumbs {
            @for example in &reasons.examples {
                li {
                    @match page.thumbnails.get(&example.folder) {
                        Some(jpeg) => img src=(format!("data:image/jpeg;base64,{jpeg}")) alt=(format!("Trang đầu của hồ sơ {}", example.folder));,
                        None => span.none {},
                    }
                    (example.folder)
                }
            }
        }
    }
}

/// What is wrong with the register.
pub fn findings(findings: &Findings) -> Markup {
    html! {
        @if !findings.is_empty() {
            section {
                h2 { "Chỗ cần xem trong sổ theo dõi hồ sơ" }
                p { (whole(findings.rows_left_out)) " dòng không tính." }
                table {
                    caption { "Số lần theo mã" }
                    thead { tr { th scope="col" { "Mã" } th.n scope="col" { "Số lần" } } }
                    tbody { @for (code, count) in &findings.counts { tr { th scope="row" { (code) } td.n { (whole(*count)) } } } }
                }
                table {
                    caption { (FINDINGS) " chỗ đầu" }
                    thead { tr { th.n scope="col" { "Dòng" } th scope="col" { "Mã" } th scope="col" { "Chuyện gì, làm gì" } } }
                    tbody { @for one in findings.kept.iter().take(FINDINGS) {
                        @let words = messages::wording(Language::Vi, one.code, &[("value", &one.value)]);
                        tr { td.n { (one.row.map_or("–".to_owned(), |row| row.to_string())) } th scope="row" { (one.code) } td { (words.what) " → " (words.remedy) } }
                    } }
                }
            }
        }
    }
}

/// What the page was made of, for whoever makes it again.
pub fn made_of(page: &Page<'_>) -> Markup {
    let at = page.at;
    html! {
        p {
            "Lập lúc " (vietnamese_day(at.date())) " " (format!("{:02}:{:02}", at.hour(), at.minute()))
            " bằng " (page.program) ". Tử số chỉ lấy từ gói đã kiểm chứng, mẫu số lấy từ sổ theo dõi hồ sơ."
        }
        p { "Nguồn: " @for (n, source) in page.sources.iter().enumerate() { @if n > 0 { ", " } code { (source) } } }
        p { @for (n, (name, version)) in page.versions.iter().enumerate() { @if n > 0 { " · " } (name) " " (version) } }
    }
}
