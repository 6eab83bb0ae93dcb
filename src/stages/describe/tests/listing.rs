//! What a dossier's own list says of its papers.

use super::super::RuleDescriber;
use super::setting::Page;
use super::setting::Place::*;
use crate::model::Describer;

/// A row of a list of papers: ordinal, title and sheets, each in its column.
fn row(page: Page, cells: [&str; 3]) -> Page {
    page.cells(&[(360, cells[0]), (760, cells[1]), (1900, cells[2])])
}

#[test]
fn a_list_names_its_papers_with_their_sheets_over_two_lines_of_a_cell() {
    let page = Page::new().line(Middle, "MỤC LỤC VĂN BẢN, TÀI LIỆU");
    let page = row(page, ["STT", "Tên loại và trích yếu nội dung", "Tờ số"]);
    let page = row(page, ["1", "Đơn đăng ký biến động đất đai, tài sản", "1-2"]);
    let page = row(page, ["", "gắn liền với đất", ""]);
    let page = row(page, ["2", "Quyết định về việc giao đất", "3"]);
    let page = row(page, ["3", "Thiệp chúc mừng", "4"]);
    let page = row(page, ["4", "Giấy ủy quyền", "2"]).read();
    let describer = RuleDescriber::default();
    let listed: Vec<_> = describer
        .listed(&page)
        .iter()
        .map(|paper| {
            let row = paper.kind.map(usize::from);
            (
                row.map(|row| describer.types.rows[row].id.as_str()),
                paper.sheets,
            )
        })
        .collect();
    let expected = [
        (Some("don_bien_dong"), Some((1, 2))),
        (Some("quyet_dinh"), Some((3, 3))),
        // Its name is no heading of the table.
        (None, Some((4, 4))),
        // Sheets go up: this number is misread.
        (Some("giay_uy_quyen"), None),
    ];
    assert_eq!(listed, expected);
    assert!(describer.signs(&page).lists);
}

#[test]
fn a_paper_that_is_no_list_lists_nothing() {
    let page = Page::of_office(
        "UBND XÃ TÂN LỘC",
        "Số: 12/QĐ-UBND",
        "Tân Lộc, ngày 05 tháng 02 năm 2023",
    )
    .line(Middle, "QUYẾT ĐỊNH");
    let page = row(page, ["STT", "Tên loại và trích yếu", "Tờ số"]);
    let page = row(page, ["1", "Đơn đề nghị", "1"]).read();
    let describer = RuleDescriber::default();
    assert!(describer.listed(&page).is_empty());
    assert!(!describer.signs(&page).lists);
}
