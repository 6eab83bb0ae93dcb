//! Fields of forms: the value by its label, what the grammars prove, and what is only flagged.

use super::super::RuleDescriber;
use super::codes;
use super::setting::Page;
use super::setting::Place::*;
use crate::model::document::Description;
use crate::model::{Confidence, Describer, PageText, PxBox, Symbol};

fn described(page: &PageText) -> Description {
    RuleDescriber::default().describe(&[page])
}

/// One line of a form on a page that is none of the known types.
fn read(lines: &[&str]) -> Description {
    let page = lines
        .iter()
        .fold(Page::new().gap(2), |page, line| page.line(Margin, line));
    described(&page.read())
}

fn value(description: &Description, id: &str) -> Option<String> {
    description.fields.get(id).map(|field| field.value.clone())
}

#[test]
fn values_stand_behind_their_labels_however_these_are_read() {
    for (line, id, expected) in [
        (
            "Số định danh cá nhân: 098 081 000 123",
            "so_dinh_danh",
            "098081000123",
        ),
        (
            "1.2. Số căn cước công dân: 098159880130 1.3. Địa chỉ: thôn",
            "so_dinh_danh",
            "098159880130",
        ),
        (
            "CMND số: 285 123 456 do Công an cấp",
            "so_cmnd",
            "285123456",
        ),
        (
            "2. Ngày, tháng, năm sính: 16/07/1981; ghi",
            "ngay_sinh",
            "1981-07-16",
        ),
        ("Sinh ngày O3 tháng 02 năm 1974", "ngay_sinh", "1974-02-03"),
        ("Mã số thuế: 0100109106", "ma_so_thue", "0100109106"),
        (
            "Mã số doanh nghiệp: 01001O91O6-001",
            "ma_so_thue",
            "0100109106-001",
        ),
        ("Thửa đất số: 396; tờ bản đồ số: 16", "so_thua", "396"),
        ("Thửa đất số: 396; tờ bản đồ số: 16", "so_to_ban_do", "16"),
        (
            "theo Giấy chứng nhận số BX 123456 do Ủy ban",
            "so_phat_hanh",
            "BX 123456",
        ),
        (
            "Số chứng thực: 125 Quyển số: 01/2023-SCT/BS",
            "so_chung_thuc",
            "125",
        ),
        (
            "Số chứng thực: 125 Quyển số: 01/2023-SCT/BS",
            "quyen_so",
            "01/2023-SCT/BS",
        ),
        ("(Mã TTHC: 1.002489)", "ma_tthc", "1.002489"),
        (
            "Mã thủ tục: 1.000894.000.00.00.H10",
            "ma_tthc",
            "1.000894.000.00.00.H10",
        ),
        (
            "Thời gian nhận hồ sơ: 08 giờ 15 phút, ngày 13/10/2022.",
            "ngay_tiep_nhan",
            "2022-10-13",
        ),
        (
            "Thời gian trả kết quả: 16 giờ 30, ngày 13⁄11⁄2022.",
            "ngay_hen_tra",
            "2022-11-13",
        ),
        (
            "Tiếp nhận hồ sơ của: Bà TRẦN MỸ HẰNG",
            "chu_ho_so",
            "Trần Mỹ Hằng",
        ),
        (
            "Người nộp hồ sơ: Công ty TNHH Thử Nghiệm, địa chỉ",
            "chu_ho_so",
            "Công ty TNHH Thử Nghiệm",
        ),
    ] {
        assert_eq!(
            value(&read(&[line]), id).as_deref(),
            Some(expected),
            "{line}"
        );
    }
}

#[test]
fn a_value_may_stand_in_the_next_column_or_on_the_next_line() {
    let page = Page::new()
        .gap(2)
        .beside("Mã số thuế:", "0100109106")
        .read();
    assert_eq!(
        value(&described(&page), "ma_so_thue").as_deref(),
        Some("0100109106")
    );
    let below = read(&["Ngày hẹn trả kết quả:", "13/11/2022"]);
    assert_eq!(value(&below, "ngay_hen_tra").as_deref(), Some("2022-11-13"));
    let wrapped = read(&[
        "Bộ phận tiếp nhận và trả kết quả của xã tiếp nhận hồ sơ của: bà Đỗ Kim",
        "Phượng",
    ]);
    assert_eq!(
        value(&wrapped, "chu_ho_so").as_deref(),
        Some("Đỗ Kim Phượng")
    );
}

#[test]
fn what_no_grammar_proves_is_not_guessed() {
    for (line, id) in [
        ("Ngày sinh: 31/02/1990", "ngay_sinh"),
        ("Ngày sinh: …………………", "ngay_sinh"),
        // 15 and 18 are both days.
        ("Ngày sinh: 1S/10/1990", "ngay_sinh"),
        ("Mã TTHC: 4.002489", "ma_tthc"),
        ("Thửa đất số: ……, tờ bản đồ số: ……", "so_thua"),
        ("Quyển số: 5 của bộ sách", "quyen_so"),
        ("Tiếp nhận hồ sơ của: ông (bà) có tên dưới đây", "chu_ho_so"),
    ] {
        assert_eq!(value(&read(&[line]), id), None, "{line}");
    }
}

#[test]
fn a_repair_is_recorded_beside_what_was_read() {
    let field = &read(&["Mã số thuế: 01OO1O91O6"]).fields["ma_so_thue"];
    assert_eq!((field.value.as_str(), field.repaired), ("0100109106", 4));
    assert_eq!(field.evidence.read, "01OO1O91O6");
}

#[test]
fn checks_that_fail_are_flagged_and_change_nothing() {
    for (lines, code) in [
        (&["Mã số thuế: 0100109105"][..], "DSC-037"),
        (&["Mã số thuế: 0100109106", "MST: 0100109006"], "DSC-037"),
        (
            &[
                "Số định danh cá nhân: 098081000123",
                "CCCD số: 098081000128",
            ],
            "DSC-038",
        ),
        (&["Số định danh cá nhân: 09808100012"], "DSC-039"),
        (&["Số định danh cá nhân: 097081000123"], "DSC-040"),
        (
            &[
                "Ngày sinh: 16/07/1982",
                "Số định danh cá nhân: 098081000123",
            ],
            "DSC-041",
        ),
        (
            &["Giới tính: Nữ", "Số định danh cá nhân: 098081000123"],
            "DSC-042",
        ),
        (
            &["Ngày tiếp nhận: 13/10/2022", "Ngày hẹn trả: 12/10/2022"],
            "DSC-036",
        ),
        (&["Ngày hẹn trả kết quả: 39/10/2924"], "DSC-035"),
        (
            &[
                "Ngày sinh: 16/07/1981",
                "Ghi bằng chữ: ngày mười bảy tháng bảy năm một nghìn chín trăm tám mươi mốt",
            ],
            "DSC-044",
        ),
    ] {
        let described = read(lines);
        assert!(
            codes(&described).contains(&code),
            "{lines:?}: {:?}",
            described.flags
        );
    }
    let good = read(&[
        "Ngày sinh: 16/07/1981 Giới tính: Nam",
        "Ghi bằng chữ: ngày mười sáu tháng bảy năm một nghìn chín trăm tám mươi mốt",
        "Số định danh cá nhân: 098081000123",
        "Mã số thuế: 0100109106",
        "Ngày tiếp nhận: 13/10/2022 Ngày hẹn trả: 13/11/2022",
    ]);
    assert_eq!(codes(&good), [""; 0]);
}

#[test]
fn where_a_box_is_ticked_the_sex_is_the_one_beside_it() {
    let is_doubted = |sex: &str| {
        let described = read(&[sex, "Số định danh cá nhân: 091196004375"]);
        codes(&described).contains(&"DSC-042")
    };
    for right in [
        "Giới tính: Nam ☐ Nữ ☒",
        "Giới tính: ☐ Nam ☒ Nữ",
        "Giới tính: Nam ☐ Nữ ☐",
        "Giới tính: Nam ☒ Nữ ☒",
    ] {
        assert!(!is_doubted(right), "{right}");
    }
    for wrong in ["Giới tính: Nam ☒ Nữ ☐", "Giới tính: ☒ Nam ☐ Nữ"] {
        assert!(is_doubted(wrong), "{wrong}");
    }
}

#[test]
fn flags_bear_no_whole_number_of_a_person() {
    let described = read(&[
        "Ngày sinh: 16/07/1982",
        "Số định danh cá nhân: 098081000123",
    ]);
    for flag in &described.flags {
        assert!(
            flag.params.values().all(|value| !value.contains("81000")),
            "{flag:?}"
        );
    }
    assert!(!described.flags.is_empty());
}

#[test]
fn an_office_that_had_ended_is_flagged_and_an_unknown_one_is_not() {
    let of = |organ: &str, date: &str| {
        let page = Page::of_office(organ, "Số: 04/QĐ-UBND", date).line(Middle, "QUYẾT ĐỊNH");
        described(&page.text(4).read())
    };
    let after = "Yên Thượng, ngày 04 tháng 9 năm 2025";
    let before = "Yên Thượng, ngày 04 tháng 6 năm 2025";
    assert!(codes(&of("UBND HUYỆN PHÚ AN", after)).contains(&"DSC-045"));
    assert!(codes(&of("UBND TỈNH BÌNH PHƯỚC", after)).contains(&"DSC-045"));
    assert_eq!(codes(&of("UBND HUYỆN PHÚ AN", before)), [""; 0]);
    assert_eq!(codes(&of("UBND TỈNH AN BÌNH", after)), [""; 0]);
}

#[test]
fn the_qr_of_a_card_is_held_against_its_print() {
    let card = |printed: &str| {
        let line = format!("Số / No.: {printed}");
        let mut page = Page::new().gap(2).line(Middle, "CĂN CƯỚC CÔNG DÂN");
        page = page
            .line(Margin, &line)
            .line(Margin, "Ngày sinh / Date of birth: 16/07/1981");
        let mut page = page.read();
        page.symbols.push(Symbol {
            text: "098181000123||Trần Thị Mẫu|16071981|Nữ|Thôn Thượng Lâm|01052021".to_owned(),
            bounds: PxBox {
                x_px: 1800,
                y_px: 300,
                w_px: 200,
                h_px: 200,
            },
        });
        described(&page)
    };
    assert_eq!(codes(&card("098181000123")), [""; 0]);
    let differing = card("098181000128");
    assert!(codes(&differing).contains(&"DSC-043"));
    let field = &differing.fields["so_dinh_danh"];
    assert_eq!(field.value, "098181000128");
    assert_eq!(field.alternatives, ["098181000123"]);
    let unread = card("……");
    assert_eq!(unread.fields["so_dinh_danh"].rule, "qr.can_cuoc");
    assert_eq!(unread.fields["so_dinh_danh"].evidence.read, "098181000123");
}

#[test]
fn a_lone_digit_of_an_office_is_doubted() {
    let of = |number: &str, date: &str| {
        let page = Page::of_office("SỞ Y TẾ", number, date).line(Middle, "QUYẾT ĐỊNH");
        described(&page.text(4).read())
    };
    let good = "Yên Thượng, ngày 04 tháng 9 năm 2023";
    assert_eq!(codes(&of("Số: 04/QĐ-SYT", good)), [""; 0]);
    assert_eq!(codes(&of("Số: 4/QĐ-SYT", good)), ["DSC-046"]);
    for date in ["ngày 4 tháng 9", "ngày 2# tháng 9", "ngày 04 tháng 1"] {
        let date = format!("Yên Thượng, {date} năm 2023");
        assert_eq!(codes(&of("Số: 04/QĐ-SYT", &date)), ["DSC-046"], "{date}");
    }
    // What a pen wrote was read as a letter: one figure is left, and nothing proves that it is all.
    for date in ["ngày (Ï tháng 9", "ngày Ï tháng 9", "ngày 04 tháng l"] {
        let date = format!("Yên Thượng, {date} năm 2023");
        let doubted = of("Số: 04/QĐ-SYT", &date);
        assert_eq!(codes(&doubted), ["DSC-046"], "{date}");
        assert!(doubted.fields["ngay_ban_hanh"].confidence.pct() < 40);
    }
    let open = of("Số: 04/QĐ-SYT", "Yên Thượng, ngày … tháng … năm 2023");
    assert_eq!(codes(&open), ["DSC-035"]);
}

#[test]
fn a_figure_that_was_a_letter_is_doubted_on_a_form_without_an_office_too() {
    let of = |date: &str| {
        let page = Page::new().gap(2).line(Middle, "ĐƠN ĐỀ NGHỊ").text(12);
        described(&page.line(RightColumn, date).read())
    };
    let lone = of("Tân Lộc, ngày I tháng 9 năm 2023");
    assert_eq!(value(&lone, "ngay_ban_hanh").as_deref(), Some("2023-09-01"));
    assert_eq!(codes(&lone), ["DSC-046"]);
    let whole = of("Tân Lộc, ngày I1 tháng 9 năm 2023");
    assert_eq!(codes(&whole), [""; 0], "a repaired figure beside another");
    let six = of("Tân Lộc, ngày 1ó tháng 9 năm 2023");
    assert_eq!(
        codes(&six),
        ["DSC-046"],
        "a 6 is read so more often than a 0"
    );
    let page = Page::new().gap(2).line(Middle, "ĐƠN ĐỀ NGHỊ").text(12);
    let mut page = page
        .line(RightColumn, "Tân Lộc, ngày 3o tháng 9 năm 2010")
        .read();
    for word in &mut page.words {
        word.confidence = Confidence::from_pct(64);
    }
    assert_eq!(codes(&described(&page)), ["DSC-046"], "read badly, too");
}

#[test]
fn powers_post_and_name_are_read_from_a_signature() {
    let page = Page::of_office(
        "UBND XÃ TÂN LỘC",
        "Số: 04/QĐ-UBND",
        "Tân Lộc, ngày 04 tháng 9 năm 2023",
    )
    .line(Middle, "QUYẾT ĐỊNH")
    .text(10)
    .beside("Nơi nhận:", "TM. ỦY BAN NHÂN DÂN")
    .beside("- Như Điều 3;", "KT. CHỦ TỊCH")
    .line(RightColumn, "PHÓ CHỦ TICH");
    let signed = |name: &str| {
        let page = Page::of_office(
            "UBND XÃ TÂN LỘC",
            "Số: 04/QĐ-UBND",
            "Tân Lộc, ngày 04 tháng 9 năm 2023",
        )
        .text(10)
        .line(RightColumn, "KT. CHỦ TỊCH")
        .line(RightColumn, "PHÓ CHỦ TỊCH")
        .gap(3)
        .line(RightColumn, name);
        value(&described(&page.read()), "nguoi_ky")
    };
    let description = described(&page.read());
    assert_eq!(value(&description, "quyen_han").as_deref(), Some("TM. KT."));
    assert_eq!(
        value(&description, "chuc_vu").as_deref(),
        Some("PHÓ CHỦ TỊCH")
    );
    assert_eq!(
        signed(">> Phan Quốc Tuấn").as_deref(),
        Some("Phan Quốc Tuấn")
    );
    // A seal took the family name, or a part of it.
    assert_eq!(signed("Quốc Tuấn"), None);
    assert_eq!(signed("Phấn Quốc Tuấn"), None);
}
