//! What is missing: per unit, the dossiers that one component or one result alone keeps from counting.

use maud::{Markup, html};

use super::sections::whole;
use crate::rates::formula::Fact;
use crate::rates::tally::Codes;
use crate::rates::{Row, Table};

/// Units with lists of codes; all units are counted in the table.
const UNITS: usize = 200;
/// Codes shown of one list.
const SHOWN: usize = 20;

/// The section.
pub fn section(table: &Table<'_>) -> Markup {
    let short = |row: &&Row| !row.own.short_of.is_empty();
    let rows: Vec<&Row> = table.rows.iter().filter(short).collect();
    html! {
        section {
            h2 { "Còn thiếu gì: hồ sơ chỉ thiếu một thứ" }
            @if rows.is_empty() { p { "Không có hồ sơ nào chỉ thiếu một thứ." } }
            @for row in rows.iter().take(UNITS) {
                h3 { (row.name) }
                @for (fact, codes) in &row.own.short_of { (list(*fact, codes)) }
            }
            @if rows.len() > UNITS { p { "… và " (rows.len() - UNITS) " đơn vị nữa." } }
        }
    }
}

fn list(fact: Fact, codes: &Codes) -> Markup {
    let shown = codes.first.iter().take(SHOWN);
    html! {
        p {
            (words(fact)) ": " strong { (whole(codes.count)) } " hồ sơ. "
            @for (n, code) in shown.enumerate() { @if n > 0 { ", " } code { (code) } }
            @if codes.count > SHOWN as u64 { " …" }
        }
    }
}

/// What a dossier lacks, in words.
fn words(fact: Fact) -> &'static str {
    match fact {
        Fact::HasComponent => "Thiếu tệp thành phần hồ sơ",
        Fact::HasResult => "Thiếu tệp kết quả",
        Fact::HasReusedComponent => "Không có thành phần tái sử dụng",
        Fact::ReusedFromStore | Fact::ResultSynced => "Chưa kết nối kho dữ liệu quốc gia",
        Fact::Vneid | Fact::FromPopulationDb => "Chưa dùng dữ liệu dân cư",
        Fact::ReturnsPaper | Fact::ReturnsNoPaper => "Thủ tục có hay không trả giấy tờ",
        Fact::ResultInForce => "Kết quả không còn hiệu lực",
    }
}
