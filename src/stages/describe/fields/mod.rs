//! Fields: one rule a file; each says what it found, where, how sure, and what speaks against it.

mod applicant;
mod card;
mod certification;
mod date;
mod digits;
mod labels;
mod land;
mod person;
mod procedure;
mod reception;
mod tax_code;
mod value;

use crate::model::Flag;
use crate::model::document::{Evidence, Field, Fields};

use super::case::Case;
use super::doubt::{Doubt, masked};
use super::notation::Notation;
use super::{dossier_code, issue_date, issuer, notation, signer, stamp, subject};

pub use digits::{may_be_digit, only_reading};
pub use labels::Labels;
use value::Form;

/// What the rules found in a document.
#[derive(Debug, Default)]
pub struct Findings {
    /// The fields.
    pub fields: Fields,
    /// What a person has to look at.
    pub flags: Vec<Flag>,
}

/// Numbers of one kind that differ in so many letters are one number, misread once.
const MISREAD_LETTERS: usize = 2;
/// Fields a dossier is found by: below this sureness a person looks.
const SURE_ENOUGH_PCT: u8 = 40;
const DECIDING: [&str; 3] = ["so_ky_hieu", "ngay_ban_hanh", "ma_ho_so"];

/// Everything the rules find.
pub fn find(case: &Case, labels: &Labels, notation: Option<&Notation>) -> Findings {
    let mut found = Findings::default();
    of_the_head(case, notation, &mut found);
    let form = Form {
        case,
        hits: labels.on(case.pages),
    };
    person::find(&form, &mut found);
    tax_code::find(&form, &mut found);
    applicant::find(&form, &mut found);
    procedure::find(&form, &mut found);
    reception::find(&form, &mut found);
    land::find(&form, &mut found);
    certification::find(&form, &mut found);
    // Last: it is held against what is printed.
    card::find(case, &mut found);
    found.doubt_what_is_unsure();
    found
}

/// The parts of Nghị định 30/2020 and the dossier's code.
fn of_the_head(case: &Case, number: Option<&Notation>, found: &mut Findings) {
    let date_line = issue_date::find_date_line(case);
    let date_line = date_line.as_ref();
    found.add("so_ky_hieu", notation::number(case, number));
    found.add("ky_hieu", notation::signs_only(case, number));
    found.add("ngay_ban_hanh", issue_date::date(case, date_line));
    found.add("dia_danh", issue_date::place(case, date_line));
    found.add("ma_ho_so", dossier_code::dossier_code(case));
    found.add("trich_yeu", subject::subject(case));
    found.add("co_quan_ban_hanh", issuer::issuer(case, number));
    found.add("co_quan_chu_quan", issuer::parent(case, number));
    for (id, field) in signer::signature(case) {
        found.add(id, Some(field));
    }
    found.add("do_mat", stamp::secrecy_field(case));
    found.add("do_khan", stamp::urgency_field(case));
    if number.is_some_and(|number| number.number.is_none()) {
        found.flag(Doubt::NumberUnreadable, found.evidence("ky_hieu"));
    }
    if date_line.is_none()
        && let Some(evidence) = issue_date::open_date(case)
    {
        let field = "ngay_ban_hanh";
        found.flag(Doubt::DateUnreadable { field }, Some(evidence));
    }
}

impl Findings {
    /// Puts a field in, unless nothing was found.
    pub fn add(&mut self, id: &str, field: Option<Field>) {
        if let Some(field) = field {
            self.fields.insert(id.to_owned(), field);
        }
    }

    /// The value of a field.
    pub fn value(&self, id: &str) -> Option<&str> {
        self.fields.get(id).map(|field| field.value.as_str())
    }

    /// Where a field stands.
    pub fn evidence(&self, id: &str) -> Option<Evidence> {
        self.fields.get(id).map(|field| field.evidence.clone())
    }

    /// Puts a doubt down.
    pub fn flag(&mut self, doubt: Doubt, evidence: Option<Evidence>) {
        let flag = doubt.flag(evidence);
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }

    /// Values that decide and are hardly read, and numbers that stand twice but not alike.
    fn doubt_what_is_unsure(&mut self) {
        for field in DECIDING {
            let sure_pct = self.fields.get(field).map(|found| found.confidence.pct());
            if let Some(sure_pct) = sure_pct.filter(|pct| *pct < SURE_ENOUGH_PCT) {
                self.flag(Doubt::Unsure { field, sure_pct }, self.evidence(field));
            }
        }
        for field in ["so_dinh_danh", "so_cmnd", "ma_so_thue"] {
            let Some(found) = self.fields.get(field) else {
                continue;
            };
            let near = |other: &&String| nearly_equal(&found.value, other);
            if let Some(other) = found.alternatives.iter().find(near) {
                let (one, other) = (masked(&found.value), masked(other));
                self.flag(
                    Doubt::NearlyEqual { field, one, other },
                    self.evidence(field),
                );
            }
        }
    }
}

/// True for two that are one value, misread once: as long, apart in a letter or two.
pub fn nearly_equal(one: &str, other: &str) -> bool {
    let differing = one
        .bytes()
        .zip(other.bytes())
        .filter(|(a, b)| a != b)
        .count();
    one.len() == other.len() && (1..=MISREAD_LETTERS).contains(&differing)
}
