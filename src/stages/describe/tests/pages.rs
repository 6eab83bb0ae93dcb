//! The signs of a page's place in a document.

use super::super::RuleDescriber;
use super::setting::Page;
use super::setting::Place::*;
use crate::model::{Confidence, Describer, PageSigns, PageText};

fn signs(page: &PageText) -> PageSigns {
    RuleDescriber::default().signs(page)
}

#[test]
fn a_printed_number_is_read_at_head_and_foot() {
    for (line, number, of_pages) in [
        ("2", 2, None),
        ("- 3 -", 3, None),
        ("Trang 2/5", 2, Some(5)),
        ("Trang: 4", 4, None),
    ] {
        let page = Page::new().line(Middle, line).text(8).read();
        let signs = signs(&page);
        assert_eq!(
            (signs.number, signs.of_pages),
            (Some(number), of_pages),
            "{line}"
        );
    }
    for line in ["Số: 2", "2.1", "Trang 7/5", "0"] {
        let page = Page::new().line(Middle, line).text(8).read();
        assert_eq!(signs(&page).number, None, "{line}");
    }
}

#[test]
fn a_sentence_that_goes_on_opens_no_document() {
    let first = Page::of_office("SỞ Y TẾ", "Số: 04/QĐ-SYT", "").line(Middle, "QUYẾT ĐỊNH");
    let first = signs(&first.text(5).read());
    let later = signs(&Page::new().line(Middle, "2").text(8).read());
    assert!(
        first.opens > 300 && later.opens < -300,
        "{} {}",
        first.opens,
        later.opens
    );
}

#[test]
fn a_signature_closes_a_document_and_text_to_the_foot_does_not() {
    let signed = Page::new()
        .text(8)
        .beside("Nơi nhận:", "KT. GIÁM ĐỐC")
        .beside("- Như Điều 3;", "PHÓ GIÁM ĐỐC")
        .read();
    assert!(signs(&signed).closes > 100);
    assert!(signs(&Page::new().text(44).read()).closes < 0);
}

#[test]
fn a_later_page_names_its_type() {
    let page = Page::new()
        .line(Middle, "NỘI DUNG THAY ĐỔI VÀ CƠ SỞ PHÁP LÝ")
        .text(4)
        .read();
    let signs = signs(&page);
    let table = super::super::TypeTable::embedded();
    assert_eq!(
        signs.continues.map(usize::from),
        table.number_of("gcn_qsdd")
    );
    assert!(signs.opens < 0);
}

#[test]
fn what_was_guessed_opens_nothing() {
    let mut page = Page::new().line(Middle, "TY Gò Ê túy gế").text(5).read();
    let read = signs(&page).opens;
    for word in &mut page.words {
        word.confidence = Confidence::from_pct(20);
    }
    assert!(signs(&page).opens < read);
}

#[test]
fn paper_and_letters_are_measured_in_millimetres() {
    let signs = signs(&Page::new().text(6).read());
    assert_eq!((signs.width_mm, signs.height_mm), (209, 297));
    assert_eq!(signs.letter_um, 44 * 25_400 / 300);
}
