//! Marks of copies: SAO Y, TRÍCH SAO, SAO LỤC below the copied paper.

use super::super::RuleDescriber;
use super::setting::Page;
use super::setting::Place::*;
use crate::model::{Describer, Description};

fn paper() -> Page {
    let date = "Tân Lộc, ngày 05 tháng 02 năm 2023";
    Page::of_office("UBND XÃ TÂN LỘC", "Số: 30/QĐ-UBND", date)
        .gap(1)
        .line(Middle, "QUYẾT ĐỊNH")
        .line(Middle, "Về việc khen thưởng")
        .gap(1)
        .text(6)
        .gap(1)
        .beside("Nơi nhận:", "CHỦ TỊCH")
        .gap(3)
        .line(RightColumn, "Nguyễn Văn Mẫu")
}

fn mark(page: Page, form: &str, sign: &str) -> Page {
    page.gap(2)
        .beside("UBND HUYỆN PHÚ AN", form)
        .beside(
            &format!("Số: 15/{sign}-UBND"),
            "Phú An, ngày 20 tháng 3 năm 2024",
        )
        .line(RightColumn, "PHÓ CHỦ TỊCH")
        .gap(3)
        .line(RightColumn, "Trần Thị Thử")
}

fn value<'d>(description: &'d Description, id: &str) -> Option<&'d str> {
    description.fields.get(id).map(|field| field.value.as_str())
}

#[test]
fn the_mark_is_a_field_and_its_number_date_and_signer_are_not_the_papers() {
    for (form, sign) in [("SAO Y", "SY"), ("TRÍCH SAO", "TrS"), ("SAO LỤC", "SL")] {
        let page = mark(paper(), form, sign).read();
        let found = RuleDescriber::default().describe(&[&page]);
        assert_eq!(value(&found, "hinh_thuc_sao"), Some(form));
        assert_eq!(found.kind.id, "quyet_dinh");
        assert_eq!(value(&found, "so_ky_hieu"), Some("30/QĐ-UBND"));
        assert_eq!(value(&found, "ngay_ban_hanh"), Some("2023-02-05"));
        assert_ne!(value(&found, "nguoi_ky"), Some("Trần Thị Thử"));
    }
}

#[test]
fn a_mark_on_a_sheet_of_its_own_opens_no_document() {
    let describer = RuleDescriber::default();
    for (form, sign) in [("SAO Y", "SY"), ("TRÍCH SAO", "TrS"), ("SAO LỤC", "SL")] {
        let (first, last) = (paper().read(), mark(Page::new(), form, sign).read());
        assert!(describer.signs(&first).opens > 0);
        assert!(describer.signs(&last).opens < -200, "{form}");
        let found = describer.describe(&[&first, &last]);
        assert_eq!(value(&found, "hinh_thuc_sao"), Some(form));
        assert_eq!(found.fields["hinh_thuc_sao"].evidence.page, 2);
        assert_eq!(value(&found, "ngay_ban_hanh"), Some("2023-02-05"));
    }
}

/// As an engine gives it that reads column by column: the number comes before the form.
#[test]
fn a_mark_read_by_its_columns_is_one_too() {
    let columns = |left: &[&str], form: &str| {
        let page = left
            .iter()
            .fold(Page::new(), |page, line| page.line(LeftColumn, line));
        page.up(left.len() as u32)
            .line(RightColumn, form)
            .gap(1)
            .line(RightColumn, "Tân Lộc, ngày 20 tháng 6 năm 2024")
            .line(RightColumn, "CHỦ TỊCH")
            .read()
    };
    let office = ["ỦY BAN NHÂN DÂN", "XÃ TÂN LỘC", "Số: 795/SL-UBND"];
    // The form may also be lost under a stamp.
    for form in ["SAO LỤC", "0 LỤ"] {
        let last = columns(&office, form);
        let describer = RuleDescriber::default();
        assert!(describer.signs(&last).opens < -200, "{form}");
    }
    let last = columns(&office, "SAO LỤC");
    let found = RuleDescriber::default().describe(&[&paper().read(), &last]);
    assert_eq!(value(&found, "hinh_thuc_sao"), Some("SAO LỤC"));
    assert_eq!(found.fields["hinh_thuc_sao"].evidence.read, "SAO LỤC");
}

#[test]
fn a_mark_below_the_end_of_the_copied_text_opens_none_either() {
    let ends = Page::new()
        .text(3)
        .line(RightColumn, "CHỦ TỊCH")
        .line(RightColumn, "Nguyễn Văn Mẫu");
    let page = mark(ends, "SAO Y", "SY").read();
    assert!(RuleDescriber::default().signs(&page).opens <= 0);
}

#[test]
fn words_of_copying_in_a_text_are_no_mark() {
    let page = paper()
        .line(
            Margin,
            "Bản này được sao y bản chính và trích sao gửi các phòng",
        )
        .read();
    let found = RuleDescriber::default().describe(&[&page]);
    assert_eq!(value(&found, "hinh_thuc_sao"), None);
    assert_eq!(value(&found, "ngay_ban_hanh"), Some("2023-02-05"));
}
