//! Số chứng thực and quyển số of a certified copy or signature (Nghị định 23/2015).

use std::sync::LazyLock;

use regex::Regex;

use super::Findings;
use super::value::{Form, Parsed, Run, as_field};

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^0-9\p{L}]{0,8}([0-9]{1,6}(?:/[0-9]{4})?)(?:$|[^0-9])")
        .expect("the pattern is a constant and compiles")
});

/// `01/2023-SCT/BS`, `02 SCT/CK,ĐC`, `05 TP/CC-SCC/HĐGD`.
static BOOK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^[^0-9\p{L}]{0,8}([0-9]{1,4}(?: ?[/-] ?[0-9]{4})?(?: ?[-–/]? ?(?:TP/CC ?- ?)?S[CG][CT] ?[/I|l] ?",
        r"[A-ZĐ]{2,4}(?:, ?[A-ZĐ]{2})?)?)"
    ))
    .expect("the pattern is a constant and compiles")
});

/// Puts in `so_chung_thuc` and `quyen_so`.
pub fn find(form: &Form, found: &mut Findings) {
    let numbers = form.readings("so_chung_thuc", number);
    // `Quyển` is a common word: it counts only beside a certification's number.
    let mut books = form.readings("quyen_so", book);
    books.retain(|book| {
        numbers
            .iter()
            .any(|own| own.page == book.page && own.line.abs_diff(book.line) <= 2)
    });
    found.add(
        "so_chung_thuc",
        as_field(form.case, &numbers, "so_chung_thuc"),
    );
    found.add("quyen_so", as_field(form.case, &books, "quyen_so"));
}

fn number(run: &Run) -> Parsed {
    let number = NUMBER.captures(&run.text)?.get(1)?;
    Some((number.as_str().to_owned(), number.range(), 0))
}

fn book(run: &Run) -> Parsed {
    let book = BOOK.captures(&run.text)?.get(1)?;
    let tight = book
        .as_str()
        .replace(" / ", "/")
        .replace(" - ", "-")
        .replace('–', "-");
    Some((tight, book.range(), 0))
}
