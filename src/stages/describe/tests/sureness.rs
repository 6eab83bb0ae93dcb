//! How sure a type is whose heading says more than the table knows.

use super::super::{LinearModel, RuleDescriber, TypeTable, UNKNOWN};
use super::setting::Page;
use super::setting::Place::*;
use crate::model::{Confidence, Describer, PageText};
use time::macros::date;

/// From here on nobody looks (`[review] type_below_pct`).
const SURE_PCT: u8 = 70;

fn kind(page: &PageText) -> (String, u8) {
    let kind = RuleDescriber::default().describe(&[page]).kind;
    (kind.id, kind.confidence.pct())
}

/// A paper of an office with these lines of heading, trích yếu and text.
fn paper(number: &str, heading: &[&str]) -> PageText {
    let page = Page::of_office(
        "UBND XÃ TÂN LỘC",
        number,
        "Tân Lộc, ngày 04 tháng 9 năm 2023",
    );
    let page = heading
        .iter()
        .fold(page.gap(1), |page, line| page.line(Middle, line));
    page.gap(1).text(6).read()
}

#[test]
fn a_general_name_over_words_that_no_row_knows_waits() {
    for heading in [
        &["GIẤY CHỨNG NHẬN", "ĐỦ ĐIỀU KIỆN KINH DOANH XĂNG DẦU"][..],
        &["ĐƠN ĐỀ NGHỊ", "HỖ TRỢ CHI PHÍ MAI TÁNG"],
        &["HỢP ĐỒNG MƯỢN NHÀ"],
        &["THÔNG BÁO", "TRẢ LẠI HỒ SƠ KHÔNG ĐỦ ĐIỀU KIỆN"],
    ] {
        let (id, sure_pct) = kind(&paper("", heading));
        assert!(sure_pct < SURE_PCT, "{heading:?}: {id} {sure_pct}");
    }
}

#[test]
fn a_heading_that_is_explained_to_the_last_word_is_sure() {
    for (heading, id) in [
        (&["GIẤY CHỨNG NHẬN"][..], "giay_chung_nhan"),
        (&["GIẤY CHỨNG NHẬN", "ĐĂNG KÝ HỘ KINH DOANH"], "gcn_hkd"),
        (&["GIẤY KHAI SINH", "(BẢN SAO)"], "giay_khai_sinh"),
        (&["THƯ XIN LỖI"], "xin_loi"),
        // Said by another heading of the same row.
        (
            &["GIẤY BIÊN NHẬN HỒ SƠ", "VÀ HẸN TRẢ KẾT QUẢ"],
            "giay_tiep_nhan",
        ),
        (
            &["HỢP ĐỒNG TẶNG CHO", "QUYỀN SỬ DỤNG ĐẤT"],
            "hd_chuyen_nhuong",
        ),
    ] {
        let (found, sure_pct) = kind(&paper("", heading));
        assert_eq!(found, id, "{heading:?}");
        assert!(sure_pct >= SURE_PCT, "{heading:?}: {sure_pct}");
    }
}

#[test]
fn a_subject_in_capitals_is_no_other_kind_of_paper() {
    for (number, heading) in [
        (
            "Số: 12/QĐ-UBND",
            &["QUYẾT ĐỊNH", "VỀ VIỆC THÀNH LẬP TỔ CÔNG TÁC"][..],
        ),
        // The sign in the number says the type.
        (
            "Số: 07/KH-UBND",
            &["KẾ HOẠCH", "CÔNG TÁC CẢI CÁCH HÀNH CHÍNH NĂM 2023"],
        ),
        (
            "Số: 12/NQ-HĐND",
            &["NGHỊ QUYẾT", "HỘI ĐỒNG NHÂN DÂN XÃ TÂN LỘC"],
        ),
    ] {
        let (id, sure_pct) = kind(&paper(number, heading));
        assert!(sure_pct >= SURE_PCT, "{heading:?}: {id} {sure_pct}");
    }
}

#[test]
fn another_heading_over_a_known_one_costs_it_its_sureness() {
    let page = Page::of_office("UBND XÃ TÂN LỘC", "", "Tân Lộc, ngày 04 tháng 9 năm 2023")
        .gap(1)
        .line(Middle, "PHIẾU TRÌNH LÃNH ĐẠO")
        .gap(2)
        .line(Middle, "HỒ SƠ")
        .text(6)
        .read();
    let (id, sure_pct) = kind(&page);
    assert!(sure_pct < SURE_PCT, "{id} {sure_pct}");
}

#[test]
fn letters_that_differ_and_are_surely_read_are_another_heading() {
    let mut page = paper("", &["THÔNG CÁI"]);
    let (_, surely_pct) = kind(&page);
    for word in &mut page.words {
        word.confidence = Confidence::from_pct(60);
    }
    let (id, doubtfully_pct) = kind(&page);
    assert!(["thong_bao", "thong_cao"].contains(&&*id), "{id}");
    assert!(
        surely_pct < SURE_PCT && surely_pct < doubtfully_pct,
        "{surely_pct} {doubtfully_pct}"
    );
}

#[test]
fn a_decision_is_sure_where_its_subject_names_a_kind_and_where_it_names_none() {
    let decision = |subject| kind(&paper("Số: 12/QĐ-UBND", &["QUYẾT ĐỊNH", subject]));
    let (id, sure_pct) = decision("Về việc phê duyệt phương án giao đất, cho thuê đất");
    assert!(["quyet_dinh", "qd_giao_dat"].contains(&&*id));
    let (_, plain_pct) = decision("Về việc khen thưởng");
    assert!(
        sure_pct >= SURE_PCT && plain_pct >= 95,
        "{sure_pct} {plain_pct}"
    );
}

/// An application under a heading that no row has, with these lines of its form.
fn application(heading: &[&str], form: &[&str]) -> PageText {
    let page = Page::new()
        .line(Middle, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
        .line(Middle, "Độc lập - Tự do - Hạnh phúc")
        .gap(1);
    let page = heading
        .iter()
        .fold(page, |page, line| page.line(Middle, line));
    let page = form
        .iter()
        .fold(page.gap(1), |page, line| page.line(Margin, line));
    page.text(3).read()
}

#[test]
fn the_lines_of_a_form_say_its_kind_where_the_heading_is_worded_otherwise() {
    let heading = &["ĐƠN YÊU CẦU", "XÓA GIAO DỊCH ĐÃ GHI SỔ"];
    let form = &[
        "1. Người yêu cầu đăng ký: Bên nhận bảo đảm",
        "2. Bên bảo đảm: bà Trần Thị Mẫu",
        "3. Mô tả tài sản bảo đảm: thửa đất số 12",
    ];
    let (id, _) = kind(&application(heading, form));
    assert_eq!(id, "dkbd");
    let (id, sure_pct) = kind(&application(heading, &["1. Bên vay: bà Trần Thị Mẫu"]));
    assert_ne!(id, "dkbd");
    assert!(sure_pct < SURE_PCT, "{id} {sure_pct}");
}

#[test]
fn the_lines_of_a_form_take_no_heading_from_a_type_that_it_names_to_the_last_word() {
    let form = &[
        "1. Người yêu cầu đăng ký: Bên nhận bảo đảm",
        "2. Bên bảo đảm: bà Trần Thị Mẫu",
    ];
    let (id, _) = kind(&application(&["GIẤY CAM KẾT"], form));
    assert_eq!(id, "cam_ket");
}

#[test]
fn a_decision_whose_articles_grant_land_is_one_on_land_or_waits() {
    let page = Page::of_office(
        "UBND XÃ TÂN LỘC",
        "Số: 12/QĐ-UBND",
        "Tân Lộc, ngày 04 tháng 9 năm 2023",
    )
    .gap(1)
    .line(Middle, "QUYẾT ĐỊNH")
    .line(Middle, "Về việc giải quyết đề nghị của bà Trần Thị Mẫu")
    .text(4)
    .line(Indented, "Thời hạn sử dụng đất: lâu dài.")
    .line(Indented, "Hình thức giao đất: có thu tiền sử dụng đất.")
    .line(
        Indented,
        "Vị trí, ranh giới khu đất theo tờ trích lục số 7.",
    )
    .line(Indented, "Giao đất trên thực địa trong tháng 9.")
    .text(2)
    .read();
    let (id, sure_pct) = kind(&page);
    assert!(
        id == "qd_giao_dat" || sure_pct < SURE_PCT,
        "{id} {sure_pct}"
    );
}

#[test]
fn papers_of_a_type_that_the_table_lacks_are_not_surely_something_else() {
    let table = include_str!("../type_table/types.toml");
    for (id, heading) in [
        ("to_trinh", &["TỜ TRÌNH"][..]),
        ("giay_moi", &["GIẤY MỜI"]),
        ("thong_cao", &["THÔNG CÁO"]),
        (
            "attp",
            &["GIẤY CHỨNG NHẬN", "CƠ SỞ ĐỦ ĐIỀU KIỆN AN TOÀN THỰC PHẨM"],
        ),
        ("ban_ve_trich_luc", &["TRÍCH LỤC BẢN ĐỒ ĐỊA CHÍNH"]),
    ] {
        let blocks = table.split("[[type]]");
        let others: Vec<&str> = blocks
            .filter(|block| !block.contains(&format!("\nid = \"{id}\"")))
            .collect();
        let types = TypeTable::parse(&others.join("[[type]]")).expect("one row less");
        assert!(types.by_id(id).is_none(), "{id}");
        let describer =
            RuleDescriber::with_model(types, LinearModel::embedded(), date!(2099 - 12 - 31));
        let page = paper("Số: 12/ABC-UBND", heading);
        let kind = describer.describe(&[&page]).kind;
        assert!(
            kind.id == UNKNOWN || kind.confidence.pct() < SURE_PCT,
            "{id}: {kind:?}"
        );
    }
}

#[test]
fn what_the_dossier_lists_here_helps_a_paper_whose_heading_is_lost_but_decides_nothing() {
    let describer = RuleDescriber::default();
    let row = |id: &str| describer.types.number_of(id).map(|row| row as u16);
    let headless = Page::new()
        .line(Margin, "Tôi xin cam kết những điều trên là đúng sự thật.")
        .text(5)
        .line(RightColumn, "NGƯỜI CAM KẾT")
        .read();
    let alone = describer.describe(&[&headless]).kind;
    let listed = describer.describe_listed(&[&headless], row("cam_ket")).kind;
    let of_own = |kind: &crate::model::DocumentType| match kind.id.as_str() {
        "cam_ket" => kind.confidence.pct(),
        _ => 0,
    };
    assert!(of_own(&listed) > of_own(&alone), "{alone:?} {listed:?}");
    let decision = paper("Số: 12/QĐ-UBND", &["QUYẾT ĐỊNH", "Về việc khen thưởng"]);
    let wrongly = describer
        .describe_listed(&[&decision], row("giay_khai_sinh"))
        .kind;
    assert_eq!(wrongly.id, "quyet_dinh");
}
