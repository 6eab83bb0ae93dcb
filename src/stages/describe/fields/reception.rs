//! Ngày tiếp nhận and ngày hẹn trả of the receipt slip, and the agency that handles the dossier.

use time::{Date, Duration};

use super::super::doubt::Doubt;
use super::Findings;
use super::date::{date, find_date};
use super::value::{Form, Parsed, Run, as_field};
use crate::formats::vietnamese::compose;

/// The first receipt slips of one-stop offices (Quyết định 181/2003/QĐ-TTg).
const EARLIEST_YEAR: i32 = 2003;
/// No procedure takes longer.
const LONGEST: Duration = Duration::days(3 * 366);
/// Words an office's name takes at most.
const MAX_OFFICE_WORDS: usize = 14;

/// Puts in `ngay_tiep_nhan`, `ngay_hen_tra` and `co_quan_giai_quyet`, and what speaks against them.
pub fn find(form: &Form, found: &mut Findings) {
    let latest = form.case.latest;
    let due = latest.checked_add(LONGEST).unwrap_or(Date::MAX);
    for (id, latest) in [("ngay_tiep_nhan", latest), ("ngay_hen_tra", due)] {
        let earliest = date(EARLIEST_YEAR, 1, 1).expect("a day of the calendar");
        let readings = form.readings(id, |run| find_date(run, earliest, latest));
        if readings.is_empty() && something_stands_there(form, id) {
            found.flag(Doubt::DateUnreadable { field: id }, None);
        }
        found.add(id, as_field(form.case, &readings, id));
    }
    let days = [found.value("ngay_tiep_nhan"), found.value("ngay_hen_tra")];
    if let [Some(received), Some(due)] = days
        && due < received
    {
        let doubt = Doubt::DatesOutOfOrder {
            first: "ngay_tiep_nhan",
            first_day: received.to_owned(),
            then: "ngay_hen_tra",
            then_day: due.to_owned(),
        };
        let evidence = found.evidence("ngay_hen_tra");
        found.flag(doubt, evidence);
    }
    let offices = form.readings("co_quan_giai_quyet", office);
    found.add(
        "co_quan_giai_quyet",
        as_field(form.case, &offices, "co_quan_giai_quyet"),
    );
}

/// True where digits stand behind the label: a date, or what is left of one.
fn something_stands_there(form: &Form, id: &str) -> bool {
    let runs = form
        .hits
        .of(id)
        .filter_map(|hit| form.runs(hit).into_iter().next());
    let digits = |run: &Run| run.text.bytes().filter(u8::is_ascii_digit).count();
    runs.into_iter().any(|run| digits(&run) >= 4)
}

/// The name of an office: words up to the first comma or full stop.
fn office(run: &Run) -> Parsed {
    let start = run.text.find(char::is_alphabetic)?;
    let end = run.text[start..]
        .find([',', ';'])
        .map_or(run.text.len(), |end| start + end);
    let name = run.text[start..end].trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_name =
        name.starts_with(char::is_uppercase) && name.split(' ').count() <= MAX_OFFICE_WORDS;
    is_name.then(|| (compose(name).into_owned(), start..start + name.len(), 0))
}
