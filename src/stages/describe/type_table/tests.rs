//! What the embedded table holds, and that every mistake in one is told with its line.

use std::collections::BTreeSet;

use super::*;

#[test]
fn the_embedded_table_has_the_29_administrative_types_and_60_papers_of_procedures() {
    let table = TypeTable::embedded();
    let codes: BTreeSet<&str> = table.rows.iter().map(|r| r.type_name.as_str()).collect();
    for n in 1..=32 {
        assert!(codes.contains(format!("{n:02}").as_str()), "{n:02}");
    }
    let administrative = table.rows.iter().filter(|row| row.origin == "ND30").count();
    assert!(table.rows.len() - administrative >= 60);
    let quyet_dinh = table.by_id("quyet_dinh").expect("there");
    assert_eq!(quyet_dinh.type_name, "02");
    assert_eq!(quyet_dinh.abbreviation.as_deref(), Some("QĐ"));
    assert_eq!(quyet_dinh.role, [RoleId::KetQua]);
    assert_eq!(table.by_folded_abbreviation("HD").count(), 2);
    let birth = table.by_id("giay_khai_sinh").expect("there");
    assert_eq!(birth.result_code.as_deref(), Some("KQ.G15.000031"));
}

#[test]
fn every_embedded_type_says_what_it_can_be_and_where_it_comes_from() {
    for row in TypeTable::embedded().rows {
        assert!(!row.role.is_empty() && !row.origin.is_empty(), "{}", row.id);
        let found = !row.headings.is_empty() || row.broader.is_some() || row.id == "cong_van";
        assert!(found, "{} can never be recognised", row.id);
    }
}

fn table(rows: &str) -> Result<TypeTable, TypeTableFault> {
    TypeTable::parse(&format!("version = \"1\"\n{rows}"))
}

const ROW: &str = "[[type]]\nid = \"a\"\ntype_name = \"01\"\ntitle = \"A\"\n";

fn fault(rest: &str) -> TypeTableFault {
    table(&format!("{ROW}{rest}")).expect_err("a faulty table")
}

#[test]
fn each_mistake_is_told_with_its_line() {
    let twice = fault(&format!("headings = []\n{ROW}headings = []"));
    assert_eq!(
        twice,
        TypeTableFault::RepeatedId {
            line: 8,
            id: "a".into()
        }
    );
    assert!(matches!(
        fault("headings = []\ncolour = 1"),
        TypeTableFault::Shape { line: 7, .. }
    ));
    assert!(matches!(
        fault("headings = [\"…\"]"),
        TypeTableFault::BadText { line: 6, .. }
    ));
    assert!(matches!(
        fault("headings = [\"ĐƠN\",\n\"Đơn \"]"),
        TypeTableFault::SharedHeading { line: 7, .. }
    ));
    assert!(matches!(
        fault("headings = []\nbroader = \"b\""),
        TypeTableFault::UnknownBroader { line: 7, .. }
    ));
    assert!(matches!(
        fault("headings = []\nfields = [\"so_ky_hieu\",\n\"so_nha\"]"),
        TypeTableFault::UnknownField { line: 8, .. }
    ));
    let code = table(&format!("{ROW}headings = []").replace("01", "33"));
    assert!(matches!(
        code.unwrap_err(),
        TypeTableFault::UnknownTypeName { line: 4, .. }
    ));
    let id = table(&format!("{ROW}headings = []").replace("\"a\"", "\"Á\""));
    assert!(matches!(
        id.unwrap_err(),
        TypeTableFault::BadId { line: 3, .. }
    ));
}

#[test]
fn a_cue_must_have_letters_and_a_weight_that_no_heading_outdoes() {
    let cue = |text: &str, weight: i32| {
        fault(&format!(
            "headings = []\ncues = [\n{{ in = \"body\", weight = {weight}, text = \"{text}\" }}]"
        ))
    };
    assert!(matches!(
        cue("Số:", 50),
        TypeTableFault::ShortCue {
            line: 8,
            least: 5,
            ..
        }
    ));
    assert!(matches!(
        cue("Họ và tên", 0),
        TypeTableFault::BadWeight { line: 8, .. }
    ));
    assert!(matches!(
        cue("Họ và tên", -900),
        TypeTableFault::BadWeight { weight: -900, .. }
    ));
    let zone = fault("headings = []\ncues = [{ in = \"left\", weight = 5, text = \"Họ và tên\" }]");
    assert!(matches!(zone, TypeTableFault::Shape { line: 7, .. }));
}

#[test]
fn a_province_adds_types_and_replaces_some() {
    let added = concat!(
        "version = \"tỉnh An Bình 1\"\n",
        "[[type]]\nid = \"phieu_ca\"\ntype_name = \"32\"\ntitle = \"Phiếu cá\"\n",
        "headings = [\"PHIẾU NGUỒN GỐC THỦY SẢN\"]\nbroader = \"to_khai\"\n",
        "[[type]]\nid = \"bao_cao\"\ntype_name = \"14\"\ntitle = \"Báo cáo riêng\"\nheadings = [\"BÁO CÁO\"]\n",
    );
    let (before, own) = (TypeTable::embedded(), TypeTable::embedded());
    let table = own.extended(added).expect("a good extension");
    assert_eq!(table.rows.len(), before.rows.len() + 1);
    assert_eq!(
        table.by_id("bao_cao").map(|row| row.title.as_str()),
        Some("Báo cáo riêng")
    );
    assert_ne!(table.digest, before.digest);
    assert!(table.version.ends_with("+ tỉnh An Bình 1"));
    let taken = added.replace("PHIẾU NGUỒN GỐC THỦY SẢN", "QUYẾT ĐỊNH");
    assert!(matches!(
        before.extended(&taken),
        Err(TypeTableFault::SharedHeading { line: 6, owner, .. }) if owner == "quyet_dinh"
    ));
}
