//! The fields, their evidence, and what must not become a field.

use proptest::prelude::*;

use super::super::RuleDescriber;
use super::setting::Place::*;
use super::setting::{Page, WIDTH_PX};
use crate::model::document::{Field, Fields};
use crate::model::{Describer, PageText};

const DATE: &str = "Yên Thượng, ngày 04 tháng 9 năm 2023";

fn fields(pages: &[&PageText]) -> Fields {
    RuleDescriber::default().describe(pages).fields
}

fn value<'f>(fields: &'f Fields, id: &str) -> Option<&'f str> {
    fields.get(id).map(|field| field.value.as_str())
}

fn paper(heading: &str, number: &str) -> Page {
    Page::of_office("SỞ Y TẾ", number, DATE)
        .gap(1)
        .line(Middle, heading)
}

fn number_field(heading: &str, number: &str) -> Option<Field> {
    let page = paper(heading, number).gap(1).text(4).read();
    fields(&[&page]).remove("so_ky_hieu")
}

#[test]
fn the_number_is_read_through_the_misreadings_that_were_seen() {
    for (printed, value) in [
        ("Số: 2268/QĐ-UBND", "2268/QĐ-UBND"),
        ("SỐ; 511/TB-UBND", "511/TB-UBND"),
        ("Sế: 692/QÐ-UB", "692/QĐ-UB"),
        ("Số:04/QD – UBND", "04/QĐ-UBND"),
        ("Số: O4/CĐÐ-UBND", "04/CĐ-UBND"),
        ("Số: l0 / TTR-STP", "10/TTr-STP"),
        ("Số: 05NQ-HĐND", "05/NQ-HĐND"),
        ("Số: 09/2025/QĐ-TTg", "09/2025/QĐ-TTg"),
        ("Số: 686/STTTT-CNTT&BCVT", "686/STTTT-CNTT&BCVT"),
        ("Số: 1699/BTT-VPĐKĐĐ", "1699/BTT-VPĐKĐĐ"),
    ] {
        let field = number_field("QUYẾT ĐỊNH", printed);
        assert_eq!(field.map(|f| f.value).as_deref(), Some(value), "{printed}");
    }
}

#[test]
fn a_repaired_number_is_less_sure_than_one_read_plainly() {
    let plain = number_field("QUYẾT ĐỊNH", "Số: 04/QĐ-UBND").expect("read");
    let repaired = number_field("QUYẾT ĐỊNH", "Số: O4/QD-UBND").expect("read");
    assert_eq!(plain.confidence.pct(), 95);
    assert_eq!(repaired.confidence.pct(), 75);
    assert_eq!(repaired.evidence.read, "Số: O4/QD-UBND");
}

#[test]
fn the_heading_decides_between_signs_that_fold_alike() {
    let spelled = |heading| number_field(heading, "Số: 08/HD-SNV").map(|f| f.value);
    assert_eq!(spelled("HỢP ĐỒNG").as_deref(), Some("08/HĐ-SNV"));
    assert_eq!(spelled("HƯỚNG DẪN").as_deref(), Some("08/HD-SNV"));
}

#[test]
fn the_heading_proves_a_sign_that_is_one_letter_off() {
    let under = |heading| number_field(heading, "Số: 03/TIr-SNV").map(|f| f.value);
    assert_eq!(under("TỜ TRÌNH").as_deref(), Some("03/TTr-SNV"));
    assert_eq!(under("QUYẾT ĐỊNH").as_deref(), Some("03/TIr-SNV"));
}

#[test]
fn a_number_left_to_be_written_by_hand_is_not_invented() {
    for printed in [
        "Số: /QĐ-UBND",
        "Số: ......./QĐ-UBND",
        "Số: {4T /QĐ-UBND",
        "Số: I/QĐ-UBND",
        "Số: 5S/QĐ-UBND",
    ] {
        let page = paper("QUYẾT ĐỊNH", printed).gap(1).text(4).read();
        let fields = fields(&[&page]);
        assert_eq!(value(&fields, "so_ky_hieu"), None, "{printed}");
        assert_eq!(value(&fields, "ky_hieu"), Some("QĐ-UBND"), "{printed}");
    }
}

#[test]
fn what_is_no_number_gives_no_number() {
    for printed in [
        "Số: 1471/2013",
        "Số: 29A8078749",
        "Số: 5S/QĐ-UBND",
        "Số điện thoại: 0258",
    ] {
        assert_eq!(number_field("GIẤY CHỨNG NHẬN", printed), None, "{printed}");
    }
}

#[test]
fn place_and_date_are_read_with_their_boxes() {
    let page = paper("QUYẾT ĐỊNH", "Số: 04/QĐ-SYT").gap(1).text(4).read();
    let fields = fields(&[&page]);
    assert_eq!(value(&fields, "ngay_ban_hanh"), Some("2023-09-04"));
    assert_eq!(value(&fields, "dia_danh"), Some("Yên Thượng"));
    let evidence = &fields["ngay_ban_hanh"].evidence;
    assert_eq!(evidence.read, "ngày 04 tháng 9 năm 2023");
    assert_eq!(evidence.page, 1);
    assert!(evidence.bounds.x_px > WIDTH_PX / 2);
}

#[test]
fn dates_inside_the_text_are_not_the_papers_date() {
    let page = Page::new()
        .line(Middle, "BIÊN BẢN")
        .line(
            Indented,
            "Hôm nay, ngày 28 tháng 8 năm 2016, tại trụ sở chúng tôi gồm",
        )
        .line(
            Indented,
            "Căn cứ Quyết định số 12/QĐ-UBND ngày 03 tháng 5 năm 2021",
        )
        .text(4)
        .read();
    assert_eq!(value(&fields(&[&page]), "ngay_ban_hanh"), None);
}

#[test]
fn a_citizens_paper_bears_its_date_at_the_foot_of_the_last_page() {
    let first = Page::new()
        .line(Middle, "ĐƠN ĐỀ NGHỊ")
        .gap(1)
        .text(9)
        .read();
    let last = Page::new()
        .text(6)
        .line(RightColumn, "Tân Thủy, ngày 28 tháng 11 năm 2023")
        .read();
    let fields = fields(&[&first, &last]);
    assert_eq!(value(&fields, "ngay_ban_hanh"), Some("2023-11-28"));
    assert_eq!(fields["ngay_ban_hanh"].evidence.page, 2);
}

#[test]
fn a_date_after_the_latest_day_is_not_believed() {
    let table = super::super::TypeTable::embedded();
    let describer = RuleDescriber::new(table, time::macros::date!(2023 - 09 - 03));
    let page = paper("QUYẾT ĐỊNH", "Số: 04/QĐ-SYT").gap(1).text(4).read();
    assert!(
        !describer
            .describe(&[&page])
            .fields
            .contains_key("ngay_ban_hanh")
    );
}

#[test]
fn the_labelled_dossier_code_wins_over_others() {
    let page = Page::new()
        .line(Middle, "GIẤY TIẾP NHẬN HỒ SƠ")
        .line(
            Margin,
            "thu hồi bản giấy và lưu cùng hồ sơ gốc số H32.05-230310-1391.",
        )
        .line(Margin, "Mã hồ sơ: 000.00.05.H36-200516-5691")
        .read();
    let fields = fields(&[&page]);
    assert_eq!(
        value(&fields, "ma_ho_so"),
        Some("000.00.05.H36-200516-5691")
    );
    assert_eq!(fields["ma_ho_so"].rule, "ma_ho_so.nhan");
}

#[test]
fn several_codes_without_a_label_name_no_dossier() {
    let one = Page::new()
        .line(Margin, "hồ sơ gốc mã số H32.05-230310-1391.")
        .read();
    let two = Page::new()
        .line(Margin, "2 H05.22.13-170504-0660 Đinh Thế Khánh")
        .read();
    let alone = fields(&[&one]);
    assert_eq!(value(&alone, "ma_ho_so"), Some("H32.05-230310-1391"));
    assert!(alone["ma_ho_so"].confidence.pct() <= 60);
    assert_eq!(value(&fields(&[&one, &two]), "ma_ho_so"), None);
}

#[test]
fn the_subject_stands_between_heading_and_text() {
    let page = paper("QUYẾT ĐỊNH", "Số: 04/QĐ-SYT")
        .line(Middle, "Về việc giao đất ở cho hộ ông Võ Thanh Nghiệm")
        .line(Middle, "tại xã Long Điền Thượng")
        .line(Middle, "GIÁM ĐỐC SỞ Y TẾ")
        .line(
            Indented,
            "Căn cứ Luật Đất đai và các văn bản hướng dẫn thi hành;",
        )
        .text(4)
        .read();
    let subject = "Về việc giao đất ở cho hộ ông Võ Thanh Nghiệm tại xã Long Điền Thượng";
    assert_eq!(value(&fields(&[&page]), "trich_yeu"), Some(subject));
}

#[test]
fn an_indented_first_line_of_text_is_no_subject() {
    let page = paper("THÔNG BÁO", "Số: 04/TB-SYT")
        .line(Middle, "Kết quả xét duyệt đối tượng hưởng chính sách")
        .line(
            Indented,
            "Trường hợp thành phần hồ sơ bị rách, mờ hoặc thiếu chữ ký, người",
        )
        .text(4)
        .read();
    let subject = "Kết quả xét duyệt đối tượng hưởng chính sách";
    assert_eq!(value(&fields(&[&page]), "trich_yeu"), Some(subject));
}

#[test]
fn the_head_of_a_table_is_no_subject_and_a_stamp_beside_one_ends_none() {
    let subject = "Kết quả xét duyệt đối tượng hưởng chính sách";
    let table = paper("THÔNG BÁO", "Số: 04/TB-SYT")
        .line(Middle, subject)
        .line(Middle, "Tổng diện tích")
        .up(1)
        .cells(&[(300, "Số hồ sơ"), (1900, "Ghi chú")])
        .text(4)
        .read();
    assert_eq!(value(&fields(&[&table]), "trich_yeu"), Some(subject));
    let stamp = paper("THÔNG BÁO", "Số: 04/TB-SYT")
        .line(Middle, subject)
        .line(Middle, "quý ba năm 2025")
        .up(1)
        .cells(&[(260, "ĐẾN Số: 381")])
        .text(4)
        .read();
    let longer = format!("{subject} quý ba năm 2025");
    assert_eq!(value(&fields(&[&stamp]), "trich_yeu"), Some(&*longer));
}

#[test]
fn a_letters_subject_goes_on_under_its_v_v() {
    let page = Page::of_office("SỞ NỘI VỤ", "Số: 03/SNV-TH", DATE)
        .line(LeftColumn, "V/v phối hợp xác minh hồ sơ của")
        .line(LeftColumn, "bà Hoàng Thanh Hạnh")
        .gap(1)
        .line(Middle, "Kính gửi: Ủy ban nhân dân xã Long Điền Thượng.")
        .text(4)
        .read();
    let subject = "V/v phối hợp xác minh hồ sơ của bà Hoàng Thanh Hạnh";
    assert_eq!(value(&fields(&[&page]), "trich_yeu"), Some(subject));
}

#[test]
fn the_issuer_is_the_lower_organ_with_all_its_lines() {
    let page = Page::new()
        .beside("ỦY BAN NHÂN DÂN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
        .beside("TỈNH AN BÌNH", "Độc lập - Tự do - Hạnh phúc")
        .line(LeftColumn, "SỞ NÔNG NGHIỆP")
        .line(LeftColumn, "VÀ MÔI TRƯỜNG")
        .beside("Số: 03/TTr-SNNMT", DATE)
        .line(Middle, "TỜ TRÌNH")
        .text(4)
        .read();
    let issuer = "SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG";
    assert_eq!(value(&fields(&[&page]), "co_quan_ban_hanh"), Some(issuer));
}

#[test]
fn the_signer_stands_under_the_title_on_the_last_page() {
    let first = paper("QUYẾT ĐỊNH", "Số: 04/QĐ-SYT").gap(1).text(4).read();
    let last = Page::new()
        .text(14)
        .beside("Nơi nhận:", "KT. GIÁM ĐỐC")
        .beside("- Như Điều 3;", "PHÓ GIÁM ĐỐC")
        .gap(4)
        .line(RightColumn, "Phan Quốc Tuấn")
        .read();
    let fields = fields(&[&first, &last]);
    assert_eq!(value(&fields, "nguoi_ky"), Some("Phan Quốc Tuấn"));
    assert_eq!(fields["nguoi_ky"].evidence.page, 2);
}

proptest! {
    #[test]
    fn no_page_however_odd_makes_the_rules_stumble(
        lines in proptest::collection::vec(
            ("(QUYẾT|ĐỊNH|Số:|/|V/v|Kính gửi|ngày|tháng|năm|[0-9OlI./-]{1,9}|TM\\.|\\PC{0,6}| ){0,9}", 0u8..5),
            0..14)
    ) {
        let places = [Middle, LeftColumn, RightColumn, Margin, Indented];
        let page = lines.iter().fold(Page::new(), |page, (text, place)| {
            page.line(places[usize::from(*place)], text)
        });
        let page = page.read();
        let describer = RuleDescriber::default();
        let description = describer.describe(&[&page, &page]);
        describer.signs(&page);
        for field in description.fields.values() {
            prop_assert!(!field.value.is_empty());
            prop_assert!((1..=2).contains(&field.evidence.page));
            prop_assert!(field.evidence.bounds.w_px > 0);
        }
    }
}
