//! Which type, and whether a page opens a document.

use super::super::{RuleDescriber, TypeTable, UNKNOWN};
use super::setting::Page;
use super::setting::Place::*;
use crate::model::{Describer, PageText};

fn kind(page: &PageText) -> (String, u8) {
    let kind = RuleDescriber::default().describe(&[page]).kind;
    (kind.id, kind.confidence.pct())
}

fn opens(page: &PageText) -> bool {
    RuleDescriber::default().signs(page).opens > 0
}

fn decision(heading: &str) -> PageText {
    Page::of_office(
        "SỞ Y TẾ",
        "Số: 04/QĐ-SYT",
        "Hà Nội, ngày 04 tháng 9 năm 2023",
    )
    .gap(1)
    .line(Middle, heading)
    .line(Middle, "Về việc công nhận kết quả thẩm định hồ sơ")
    .gap(1)
    .text(6)
    .read()
}

#[test]
fn every_heading_of_the_table_gives_its_type() {
    let table: toml::Table = include_str!("../type_table/types.toml")
        .parse()
        .expect("TOML");
    for row in table["type"].as_array().expect("rows") {
        for heading in row["headings"].as_array().expect("headings") {
            let heading = heading.as_str().expect("text");
            let page = Page::of_office("SỞ Y TẾ", "", "Hà Nội, ngày 04 tháng 9 năm 2023")
                .gap(1)
                .line(Middle, heading)
                .gap(1)
                .text(4)
                .read();
            assert_eq!(kind(&page).0, row["id"].as_str().expect("id"), "{heading}");
        }
    }
}

#[test]
fn misread_and_letter_spaced_headings_are_still_known() {
    for heading in [
        "QUYÊT ĐINH",
        "Q U Y Ế T Đ Ị N H",
        "QUYẾT ĐỊNK",
        "| QUYẾT ĐỊNH .",
    ] {
        assert_eq!(kind(&decision(heading)).0, "quyet_dinh", "{heading}");
    }
}

#[test]
fn sureness_falls_with_misreadings_and_a_number_that_disagrees() {
    let exact = kind(&decision("QUYẾT ĐỊNH")).1;
    assert!(exact >= 95);
    assert!(kind(&decision("QUYẾT ĐỊNK")).1 < exact);
    let (id, sure) = kind(&decision("THÔNG BÁO"));
    assert_eq!(id, "thong_bao");
    assert!(sure < exact);
}

#[test]
fn a_heading_on_two_lines_is_one_heading() {
    let page = Page::of_office("SỞ Y TẾ", "", "")
        .gap(1)
        .line(Middle, "GIẤY TIẾP NHẬN HỒ SƠ")
        .line(Middle, "VÀ HẸN TRẢ KẾT QUẢ")
        .gap(1)
        .text(3)
        .read();
    let description = RuleDescriber::default().describe(&[&page]);
    assert_eq!(description.kind.id, "giay_tiep_nhan");
    let evidence = description.kind.evidence.expect("a heading");
    assert_eq!(evidence.read, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ");
    assert_eq!(evidence.page, 1);
}

#[test]
fn a_citation_is_no_heading() {
    for citation in [
        "Quyết định này có hiệu lực kể từ ngày ký ban hành và thay thế",
        "Căn cứ Quyết định số 12/QĐ-UBND ngày 03 tháng 5 năm 2021 của",
        "theo Thông báo số 15/TB-UBND; Tờ trình số 3983/TTr-ĐC của",
        "QUYẾT ĐỊNH SỐ 12/QĐ-UBND",
    ] {
        let page = Page::new().text(3).line(Margin, citation).text(6).read();
        assert_eq!(kind(&page), (UNKNOWN.to_owned(), 0), "{citation}");
        assert!(!opens(&page), "{citation}");
    }
}

#[test]
fn the_words_before_the_articles_open_no_document() {
    for operative in ["QUYẾT ĐỊNH:", "QUYẾT ĐỊNH :", "QUYẾT ĐỊNH"] {
        let page = Page::new()
            .line(Middle, operative)
            .line(
                Indented,
                "Điều 1. Công nhận kết quả giải quyết thủ tục hành chính",
            )
            .text(5)
            .read();
        assert!(!opens(&page), "{operative}");
    }
}

#[test]
fn an_annex_and_an_enclosed_text_stay_with_their_paper() {
    let page = |heading: &str, remark: &str| {
        let page = Page::new().line(Middle, heading).line(Middle, remark);
        opens(&page.gap(1).text(5).read())
    };
    assert!(!page("PHỤ LỤC I", "Danh mục hồ sơ đã số hóa"));
    assert!(!page(
        "QUY CHẾ",
        "(Ban hành kèm theo Quyết định số 12/QĐ-UBND)"
    ));
    assert!(!page("DANH SÁCH", "(Kèm theo Báo cáo số 12/BC-UBND)"));
    assert!(page("QUY CHẾ", "Về việc tiếp nhận hồ sơ điện tử"));
}

#[test]
fn the_state_named_in_running_text_opens_no_document() {
    let page = Page::new()
        .line(
            Indented,
            "Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam năm 2013",
        )
        .text(8)
        .read();
    assert!(!opens(&page));
}

#[test]
fn the_header_of_an_office_opens_a_document_even_misread() {
    let misread = Page::new()
        .beside("UBND TỈNH AN BÌNH", "CỌNG HÒA XÃ HỘI CHỦ NGHIA VIỆI NAM")
        .text(5)
        .read();
    assert!(opens(&misread));
    let without_regime = Page::new()
        .line(Margin, "ỦY BAN NHÂN DÂN HUYỆN VĨNH LẠC")
        .line(Margin, "Số: 692/QĐ-UB")
        .text(5)
        .read();
    assert!(opens(&without_regime));
    assert!(!opens(&Page::new().text(8).read()));
}

#[test]
fn a_letter_is_known_by_number_subject_and_addressee() {
    let head = |number: &str, subject: &str| {
        Page::of_office("SỞ NỘI VỤ", number, "Hà Nội, ngày 13 tháng 10 năm 2022")
            .line(LeftColumn, subject)
            .gap(1)
            .line(Middle, "Kính gửi: Ủy ban nhân dân xã Long Điền Thượng.")
            .gap(1)
            .text(5)
            .read()
    };
    let (id, all_three) = kind(&head("Số: 03/SNV-TH", "V/v phối hợp xác minh hồ sơ"));
    assert_eq!(id, "cong_van");
    let (id, two) = kind(&head("Số: 03/SNV-TH", ""));
    assert_eq!(id, "cong_van");
    assert!(two < all_three);
    assert_eq!(kind(&head("", "")).0, "thu_cong");
}

#[test]
fn where_the_heading_is_lost_the_notation_speaks_with_less_weight() {
    let page = Page::of_office("SỞ Y TẾ", "Số: 30/TTr-SYT", "")
        .text(5)
        .read();
    let (id, sure) = kind(&page);
    assert_eq!(id, "to_trinh");
    assert!(sure <= 60);
}

#[test]
fn nothing_read_is_nothing_known() {
    let describer = RuleDescriber::default();
    let empty = PageText::default();
    for pages in [&[][..], &[&empty][..], &[&empty, &empty][..]] {
        let description = describer.describe(pages);
        assert_eq!(description.kind.id, UNKNOWN);
        assert_eq!(description.kind.type_name, "32");
        assert!(description.fields.is_empty());
    }
    assert!(describer.signs(&empty).opens <= 0);
}

#[test]
fn cover_and_list_of_papers_are_known_with_the_code_of_their_dossier() {
    let describer = RuleDescriber::new(TypeTable::embedded(), time::macros::date!(2026 - 11 - 21));
    for (heading, id) in [
        ("HỒ SƠ", "bia_ho_so"),
        ("MỤC LỤC VĂN BẢN, TÀI LIỆU", "muc_luc_ho_so"),
    ] {
        let page = Page::new().gap(4).line(Middle, heading).gap(1);
        let page = page.line(Middle, "Mã hồ sơ: H10.12-221013-0001").read();
        let description = describer.describe(&[&page]);
        assert_eq!(description.kind.id, id);
        assert_eq!(description.fields["ma_ho_so"].value, "H10.12-221013-0001");
    }
}

#[test]
fn a_separator_sheet_is_known_as_such() {
    let describer = RuleDescriber::new(TypeTable::embedded(), time::macros::date!(2026 - 11 - 21));
    let sheet = Page::new().gap(6).line(Middle, "TỜ PHÂN CÁCH HỒ SƠ").read();
    assert!(describer.signs(&sheet).separator);
    assert!(!describer.signs(&decision("QUYẾT ĐỊNH")).separator);
}
