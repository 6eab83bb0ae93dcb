//! What only the whole dossier tells: roles, and papers that speak against its code.

use std::collections::BTreeMap;

use super::super::RuleDescriber;
use super::codes;
use super::setting::Page;
use super::setting::Place::*;
use crate::model::document::Description;
use crate::model::{Describer, DossierFacts, PageText, RoleId, RoleReason};

const CODE: &str = "H10.12-221013-0001";

fn slip(code: &str, received: &str) -> PageText {
    let date = "An Bình, ngày 13 tháng 10 năm 2022";
    Page::of_office("SỞ Y TẾ", "Số: 12/TNHS-SYT", date)
        .line(Middle, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ")
        .line(Margin, &format!("Mã hồ sơ: {code}"))
        .line(Margin, &format!("Ngày tiếp nhận: {received}"))
        .read()
}

fn decision(date: &str) -> PageText {
    Page::of_office("SỞ Y TẾ", "Số: 04/QĐ-SYT", &format!("An Bình, {date}"))
        .line(Middle, "QUYẾT ĐỊNH")
        .line(Middle, "Về việc cấp giấy phép hoạt động")
        .text(5)
        .read()
}

fn concluded(pages: &[&PageText], labels: &[(&str, &str)]) -> Vec<Description> {
    let describer = RuleDescriber::default();
    let mut documents: Vec<Description> = pages
        .iter()
        .map(|page| describer.describe(&[page]))
        .collect();
    let labels: BTreeMap<String, String> = labels
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    let code = CODE.parse().expect("a code");
    let facts = DossierFacts {
        code: &code,
        labels: &labels,
    };
    describer.conclude(&facts, &mut documents);
    documents
}

fn role(description: &Description) -> RoleId {
    description.role.as_ref().expect("concluded").id
}

#[test]
fn a_decision_after_the_reception_is_the_result_and_one_before_was_brought_along() {
    let slip = slip(CODE, "13/10/2022");
    let request = Page::new()
        .line(Middle, "ĐƠN ĐỀ NGHỊ")
        .gap(1)
        .text(8)
        .read();
    let pages = [
        &slip,
        &request,
        &decision("ngày 10 tháng 5 năm 2020"),
        &decision("ngày 25 tháng 10 năm 2022"),
    ];
    let documents = concluded(&pages, &[]);
    let roles: Vec<RoleId> = documents.iter().map(role).collect();
    use RoleId::*;
    assert_eq!(roles, [NoiBo, ThanhPhan, ThanhPhan, KetQua]);
    let why = &documents[2].role.as_ref().expect("concluded").why;
    assert!(why.contains(&RoleReason::TruocTiepNhan));
}

#[test]
fn a_slip_that_fits_its_dossier_raises_nothing() {
    for code in [CODE, "000.00.12.H10-221013-0001"] {
        let documents = concluded(&[&slip(code, "13/10/2022")], &[]);
        assert_eq!(codes(&documents[0]), [""; 0], "{code}");
    }
}

#[test]
fn a_slip_of_another_dossier_or_day_is_flagged() {
    let other = concluded(&[&slip("H10.12-221013-0007", "13/10/2022")], &[]);
    assert_eq!(codes(&other[0]), ["DSC-032"]);
    let late = concluded(&[&slip(CODE, "30/10/2022")], &[]);
    assert_eq!(codes(&late[0]), ["DSC-033"]);
    let unreadable = concluded(&[&slip("H10.12-221013-0O0S", "13/10/2022")], &[]);
    assert_eq!(codes(&unreadable[0]), ["DSC-031"]);
}

#[test]
fn a_code_cited_by_another_paper_is_flagged_only_where_it_is_nearly_this_one() {
    let citing = |code: &str| {
        let line = format!("Mã hồ sơ: {code}");
        let page = Page::new()
            .line(Middle, "ĐƠN ĐỀ NGHỊ")
            .line(Margin, &line)
            .text(6);
        let documents = concluded(&[&page.read()], &[]);
        codes(&documents[0]).len()
    };
    assert_eq!(citing(CODE), 0);
    assert_eq!(citing("H10.30-190105-0442"), 0);
    assert_eq!(citing("H10.12-221013-0007"), 1);
}
